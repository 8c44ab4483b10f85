"""A line of the program's log per event: its name, the proposal's number, who did it, and a few facts.

Never what people wrote, and never a secret: titles, reasons and answers of VOD are in the record.
"""

from collections.abc import Mapping
from typing import TypeAlias

import structlog

from deletion.audit import events
from deletion.audit.events import Event, UnknownEvent
from deletion.terms.ids import PROPOSAL

log = structlog.get_logger()

Facts: TypeAlias = Mapping[str, str | int | None]


def log_event(event: object) -> None:
    """Log an event that was committed; anything else that was published is passed over."""
    if not isinstance(event, Event):
        return
    name = event.named if isinstance(event, UnknownEvent) else event.action
    log.info(name, **_about(event), actor=str(event.by) if event.by else None, **_facts(event))


def _about(event: Event) -> Facts:
    if event.about.kind == PROPOSAL:
        return {"proposal": event.about.number}
    return {"proposal": None, str(event.about.kind): event.about.number}


def _facts(event: Event) -> Facts:
    """Return what a line says besides: counts, codes, ids of ours."""
    match event:
        case events.VoteVoided():
            return {"vote": event.vote, "rule": str(event.refusal.rule)}
        case events.Refused():
            return _facts_of_refusal(event)
        case events.PlanFrozen():
            return {"digest": event.digest, "revision": event.revision, "targets": event.size}
        case events.PlanChanged():
            return {"digest": event.digest, "targets": event.size, "voided": len(event.votes_voided)}
        case events.CollectionFailed():
            return {"code": event.vod.code if event.vod else None}
        case events.VoteCast():
            return {"vote": event.vote}
        case events.VoteCounted():
            return {"vote": event.vote, "counted": event.counted, "needed": event.needed}
        case events.ExecutionFinished():
            return {f"items_{outcome.replace(' ', '_')}": count for outcome, count in event.tally.items()}
        case _:
            return _facts_of_work(event)


def _facts_of_refusal(event: events.Refused) -> Facts:
    rule = str(event.refusal.rule)
    if isinstance(event, events.RefusalsCounted):
        return {"refused": event.refused, "rule": rule, "count": event.count}
    return {"rule": rule}


def _facts_of_work(event: Event) -> Facts:  # noqa: C901, PLR0911, PLR0912 - one case per event
    match event:
        case events.ProposalMade():
            return {"needed": event.needed, "again": event.again}
        case events.QuestionAsked() | events.QuestionAnswered():
            return {"question": event.question}
        case events.RestProposed():
            return {"again": event.proposal, "items": event.count}
        case events.ProposalApproved():
            return {"digest": event.digest, "hold_s": event.hold_s}
        case events.HoldAwaited():
            return {"hold": event.hold_no, "silence": event.silence}
        case events.HoldBegun():
            return {"hold": event.hold_no}
        case events.QuorumLost() | events.QuorumRaised():
            return {"counted": event.counted, "needed": event.needed}
        case events.ExecutionStarted():
            return {"items": event.count, "canary": event.canary}
        case events.ExecutionStopped():
            return {"items": event.count, "why": str(event.because.why)}
        case events.PlanBroken():
            return {"why": str(event.because.why)}
        case events.ItemsHeld() | events.ItemsSettled():
            return {"items": len(event.items)}
        case events.CallIntended():
            return {"call": event.call, "api": event.api, "targets": len(event.targets)}
        case events.CallAnswered() | events.CallAdopted():
            return {"call": event.call, "state": event.state, "code": event.answer.code}
        case events.CallFenced():
            return {"call": event.call}
        case _:
            return {}

"""Stopping a deletion: by a person, by the clock, or because something is not as it should be. It is for good."""

from deletion.approval.proposal import (
    SlackAction,
    close,
    no_such_proposal,
    proposer_of,
    ref,
    refuse,
    refuse_unless_in,
    replayed,
)
from deletion.audit import chain, notices
from deletion.audit.notices import News
from deletion.jobs.config import Config, JobKind
from deletion.policy import decisions
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.outcomes import Outcome
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import items, jobs, proposals
from storage.tables.proposals import ProposalRow


def stop(tx: Tx, config: Config, deed: SlackAction, number: int) -> ProposalRow | Refusal:
    """Let a person stop an approved deletion: wholly during the hold, and whatever was not sent yet after it."""
    row = proposals.lock(tx, number)
    refusal = replayed(tx, deed) or _stoppable(config, deed, row, number)
    if refusal or row is None:
        return refuse(tx, deed, "stop.refused", ref(number), refusal or no_such_proposal(number))
    if row.state == State.APPROVED:
        facts: dict[str, Json] = {"number": number, "actor": deed.actor.user}
        notices.thread(tx, config.channels, number, News.STOPPED, facts)
        notices.direct(tx, row.proposer, number, News.STOPPED, facts)
        close(tx, config, row, Event.STOPPED, str(deed.actor), {"actor": deed.actor.user})
    else:
        halt(tx, config, row, because="a person stopped it", actor=str(deed.actor))
    return row


def halt(tx: Tx, config: Config, row: ProposalRow, *, because: str, actor: str = chain.SYSTEM) -> None:
    """Send nothing more of a deletion that is under way; what was sent is still read back. Once is enough."""
    person = actor.rpartition("/")[2] if "/" in actor else None
    note: dict[str, Json] = {"because": because, "actor": person}
    if not proposals.halt(tx, row.id, note=canonical.dumps(note)):
        return
    stopped = sweep(tx, row.id, because)
    jobs.hasten(tx, JobKind.EXECUTE, row.id)
    notices.card(tx, config.channels, row.id)
    facts: dict[str, Json] = {"number": row.id, "count": stopped, **note}
    notices.thread(tx, config.channels, row.id, News.STOPPED, facts)
    data: dict[str, Json] = {"count": stopped, "because": because}
    chain.record(tx, actor=actor, action="execution.stopped", ref=ref(row.id), data=data)


def sweep(tx: Tx, number: int, because: str) -> int:
    """Give what will not be sent its final word; return how many there were.

    What was sent before was put back on one reading, which may be stale: nobody knows whether it is still there.
    """
    note = canonical.dumps({"because": because})
    return items.settle_pending(tx, number, outcome=Outcome.STOPPED, tried=Outcome.UNKNOWN, note=note)


def why_halted(row: ProposalRow) -> str | None:
    """Return why a deletion was stopped, or None when it was not."""
    return None if row.halted is None else str(canonical.loads(row.halted)["because"])


def _stoppable(config: Config, deed: SlackAction, row: ProposalRow | None, number: int) -> Refusal | None:
    refusal = refuse_unless_in(row, number, State.APPROVED, State.EXECUTING)
    if refusal or row is None:
        return refusal or no_such_proposal(number)
    if row.halted is not None:
        return Refusal(Rule.ALREADY_STOPPED, {"number": number})
    return decisions.may_stop(config.policy, deed.actor, proposer=proposer_of(row), number=number)

"""Stopping a deletion: by a person, by the clock, or because something is not as it should be. It is for good."""

from collections.abc import Iterable

from deletion.approval.ending import Ending
from deletion.approval.proposal import (
    SlackAction,
    close,
    no_such_proposal,
    proposer_of,
    refuse_unless_in,
    replayed,
)
from deletion.approval.refusing import refuse
from deletion.audit import events
from deletion.audit.record import record
from deletion.jobs.config import Config, JobKind
from deletion.policy import decisions
from deletion.policy.decisions import Policy
from deletion.terms.ids import ProposalNumber, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.results.causes import Cause, Halt, Why
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import items, jobs, proposals
from storage.tables.proposals import ProposalRow


def stop(tx: Tx, config: Config, action: SlackAction, number: ProposalNumber) -> ProposalRow | Refusal:
    """Let a person stop an approved deletion: wholly during the hold, and whatever was not sent yet after it."""
    row, about, by = proposals.lock(tx, number), proposal_ref(number), action.actor
    refusal = replayed(tx, action) or _stoppable(row, number)
    if refusal is None and row is not None:
        refusal = decisions.may_stop(config.policy, by, proposer=proposer_of(row), number=number)
    if refusal or row is None:
        no = refusal or no_such_proposal(number)
        return refuse(tx, events.StopRefused(about=about, by=by, refusal=no))
    _stop(tx, row, by)
    return row


def stop_as_operator(tx: Tx, by: Actor, number: ProposalNumber) -> ProposalRow | Refusal:
    """Let whoever has the database stop an approved deletion: a brake asks nobody who they are."""
    row = proposals.lock(tx, number)
    refusal = _stoppable(row, number)
    if refusal or row is None:
        return refusal or no_such_proposal(number)
    _stop(tx, row, by)
    return row


def _stop(tx: Tx, row: ProposalRow, by: Actor) -> None:
    if row.state == State.APPROVED:
        told = events.ProposalStopped(about=proposal_ref(row.id), by=by)
        close(tx, row, Event.STOPPED, ending=Ending(actor=by.user), told=told)
    else:
        halt_and_record(tx, row, Cause(why=Why.STOPPED_BY_PERSON), by=by)


def halt_and_record(tx: Tx, row: ProposalRow, because: Cause, *, by: Actor | None = None) -> None:
    """Send nothing more of a deletion that is under way, and write that in the log."""
    stopped = halt(tx, row, because, by=by)
    if stopped is not None:
        record(tx, stopped)


def halt(tx: Tx, row: ProposalRow, because: Cause, *, by: Actor | None = None) -> events.ExecutionStopped | None:
    """Send nothing more of a deletion that is under way; what was sent is still read back. Once is enough.

    Returns the event, which the caller writes after what else it has to write; None when it was stopped before.
    """
    if not proposals.halt(tx, row.id, note=Halt(because, by.user if by else None).text()):
        return None
    count = stop_pending(tx, ProposalNumber(row.id), because)
    jobs.run_now(tx, JobKind.EXECUTE, row.id)
    return events.ExecutionStopped(about=proposal_ref(row.id), by=by, count=count, because=because)


def halt_if_named(
    tx: Tx, policy: Policy, row: ProposalRow, words: Iterable[Outcome]
) -> events.ExecutionStopped | None:
    """Stop a locked proposal if the rules name one of these final words as a reason to; return the event if so."""
    found = sorted(policy.stop_on.intersection(words))
    if not found or row.halted is not None:
        return None
    return halt(tx, row, Cause(why=Why.STOPPING_OUTCOME, outcome=found[0]))


def are_named(policy: Policy, words: Iterable[Outcome]) -> bool:
    """Say whether the rules name one of these final words as a reason to stop."""
    return not policy.stop_on.isdisjoint(words)


def stop_pending(tx: Tx, number: ProposalNumber, because: Cause) -> int:
    """Give what will not be sent its final word; return how many there were.

    What was sent before was put back on one reading, which may be stale: nobody knows whether it is still there.
    """
    note = ItemNote(because=because).text()
    return items.settle_pending(tx, number, outcome=Outcome.STOPPED, tried=Outcome.UNKNOWN, note=note)


def why_halted(row: ProposalRow) -> Cause | None:
    """Return why a deletion was stopped, or None when it was not."""
    return None if row.halted is None else Halt.parse(row.halted).because


def _stoppable(row: ProposalRow | None, number: ProposalNumber) -> Refusal | None:
    refusal = refuse_unless_in(row, number, State.APPROVED, State.EXECUTING)
    if refusal or row is None:
        return refusal or no_such_proposal(number)
    return Refusal.about(Rule.ALREADY_STOPPED, number) if row.halted is not None else None

"""Looking everybody of a deletion up once more: before it starts, when it goes on after a restart, after a freeze.

Whose vote counted and who may not approve any more, or turns out to be somebody else of these, no longer counts. A
proposer who is no full member any more ends it. While Slack cannot say who somebody is, nothing is started or sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from deletion.approval import recount
from deletion.approval.ending import Ending
from deletion.approval.proposal import close, proposer_of, subject_of
from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.notices import PeopleUnconfirmed
from deletion.audit.record import record
from deletion.execution import stopping
from deletion.jobs.config import Config
from deletion.jobs.context import Again, Context, Step
from deletion.terms.ids import ProposalNumber, proposal_ref
from deletion.terms.people import Actor, LookupFailedError, Person, unfit
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.results.causes import Cause, Why
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import freezes, notice_throttle, proposals, votes
from storage.tables.proposals import ProposalRow
from storage.tables.votes import VoteRow, VoteState

TELL_AFTER = 3
"""Attempts after which people are told that Slack lets a deletion wait."""


@dataclass(frozen=True)
class Found:
    """What a roll call came to: why the proposer may not take part, and why a voter may not, by vote."""

    proposer: Refusal | None
    voters: Mapping[int, Refusal]

    @property
    def is_whole(self) -> bool:
        """Say whether everybody is there."""
        return self.proposer is None and not self.voters


def take(ctx: Context, number: ProposalNumber, *, attempts: int) -> Step | None:
    """Look everybody up and settle what that changes; None when the deletion may go on.

    Else what to do instead: look again, since what was found changed how it stands, or wait for Slack.
    """
    began_ms, row, counted, seen = ctx.monotonic_ms(), *ctx.database.read(lambda tx: _people(tx, number))
    if row is None:
        return Again(0)
    try:
        found = _look(ctx, row, counted)
    except LookupFailedError as exc:
        if attempts >= TELL_AFTER:
            ctx.database.write(lambda tx: _tell_waiting(tx, number))
        pause = max(ctx.timings.pause(ctx.timings.retry, attempts - 1), exc.retry_after_ms)
        return Again(ctx.database.now_ms() + pause, progress=False)
    if not ctx.database.write(lambda tx: _settle(tx, ctx.config, number, found)):
        return Again(0)
    ctx.roll.call(ctx.owner, number, freezes=seen, now_ms=began_ms)
    return None


def _people(tx: Tx, number: ProposalNumber) -> tuple[ProposalRow | None, list[VoteRow], int]:
    counted = votes.of(tx, subject_of(number), VoteState.COUNTED)
    return proposals.get(tx, number), counted, freezes.count(tx)


def _look(ctx: Context, row: ProposalRow, counted: list[VoteRow]) -> Found:
    """Ask Slack about everybody; LookupFailedError while it cannot say."""
    home, met = ctx.config.policy.home_team, dict[str, Rule]()
    proposer = _who(ctx, proposer_of(row))
    proposer_no = proposer if isinstance(proposer, Refusal) else unfit(proposer, home_team=home)
    if isinstance(proposer, Person):
        met[proposer.identity] = Rule.OWN_PROPOSAL
    voters = dict[int, Refusal]()
    for vote in counted:
        person = _who(ctx, Actor(vote.voter_team, vote.voter))
        no = person if isinstance(person, Refusal) else unfit(person, home_team=home)
        if no is None and isinstance(person, Person) and person.identity in met:
            no = Refusal.about(met[person.identity], row.id)
        if no is not None:
            voters[vote.id] = no
        elif isinstance(person, Person):
            met[person.identity] = Rule.ALREADY_APPROVED
    return Found(proposer_no, voters)


def _who(ctx: Context, actor: Actor) -> Person | Refusal:
    try:
        return ctx.directory.read(actor)
    except LookupFailedError as exc:
        if not exc.is_final:
            raise
        return Refusal(Rule.UNKNOWN_PERSON)


def _settle(tx: Tx, config: Config, number: ProposalNumber, found: Found) -> bool:
    """Write down what a roll call found; False when the deletion does not go on as it was."""
    row = proposals.lock(tx, number)
    if row is None or row.state not in {State.APPROVED, State.EXECUTING}:
        return False
    if found.proposer is not None:
        _end(tx, row, found.proposer)
        return False
    stands, told = recount.again(tx, config, row, found.voters)
    stopped = None
    if not stands.is_met and row.state == State.EXECUTING:
        # Before the log: a batch that is just claimed has its items first and the head of the log after them.
        stopped = stopping.halt(tx, row, Cause(why=Why.APPROVALS_MISSING))
    for event in told if stopped is None else (*told, stopped):
        record(tx, event)
    return stands.is_met


def _end(tx: Tx, row: ProposalRow, refusal: Refusal) -> None:
    because = Cause(why=Why.PROPOSER_GONE, rule=refusal.rule)
    if row.state == State.APPROVED:
        told = events.ProposalStopped(about=proposal_ref(row.id), because=because)
        close(tx, row, Event.STOPPED, ending=Ending(because=because), told=told)
    else:
        stopping.halt_and_record(tx, row, because)


def _tell_waiting(tx: Tx, number: ProposalNumber) -> None:
    if notice_throttle.should_notify(tx, number, "people unconfirmed", every_ms=audience.TROUBLE_EVERY_MS):
        audience.thread(tx, PeopleUnconfirmed(number=number))

"""Counting again what was counted: by today's rules, and by who people are now. A quorum that falls opens anew.

A vote of somebody who may not approve any more is void, with the evidence. The approvals needed are those of the
day of the proposal, or today's if those are more. What was approved and lost its quorum waits for approval again.
"""

from collections.abc import Mapping
from dataclasses import replace

from deletion.approval.proposal import proposer_of, subject_of, transition
from deletion.approval.voting import set_void
from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.record import record
from deletion.jobs.config import Config, JobKind
from deletion.policy import decisions, quorum
from deletion.policy.decisions import Policy
from deletion.policy.quorum import Standing
from deletion.terms import states
from deletion.terms.ids import Digest, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal
from deletion.terms.states import State
from storage import Database, Tx
from storage.tables import items, jobs, proposals, votes
from storage.tables.proposals import ProposalRow
from storage.tables.votes import VoteRow, VoteState

MOST = 10_000
"""Open proposals that are looked at when the program begins; caps keep them far below."""

NOBODY: Mapping[int, Refusal] = {}


def everything(database: Database, config: Config) -> None:
    """Count again all that is open or approved, where the settings changed what counts; cards are shown anew."""
    for number in database.read(lambda tx: _changed(tx, config.policy)):
        database.write(lambda tx, number=number: _one(tx, config, number))  # type: ignore[misc] # mypy cannot infer a lambda's default


def _changed(tx: Tx, policy: Policy) -> list[int]:
    rows = proposals.in_states(tx, State.PENDING, State.APPROVED, limit=MOST)
    return [row.id for row in rows if 1 <= row.needed < policy.approvals_needed or _lapsed(tx, policy, row, NOBODY)]


def _one(tx: Tx, config: Config, number: int) -> None:
    row = proposals.lock(tx, number)
    if row is not None and row.state in {State.PENDING, State.APPROVED}:
        apply(tx, config, row, NOBODY)


def apply(tx: Tx, config: Config, row: ProposalRow, unfit: Mapping[int, Refusal]) -> Standing:
    """Count a locked proposal again and return how it stands; as ``again``, and written in the log."""
    stands, told = again(tx, config, row, unfit)
    for event in told:
        record(tx, event)
    return stands


def again(
    tx: Tx, config: Config, row: ProposalRow, unfit: Mapping[int, Refusal]
) -> tuple[Standing, tuple[Event, ...]]:
    """Count a locked proposal again; return how it stands and what the caller writes after what else it changes.

    ``unfit`` says, by vote, why its voter may not. Of an approved one that lost its quorum the hold ends: it is
    open for approval again.
    """
    policy, told = config.policy, list[Event]()
    # A need of nobody was never written by this program: it is not made whole, and never met.
    needed = max(row.needed, policy.approvals_needed) if row.needed >= 1 else row.needed
    lapsed = _lapsed(tx, policy, row, unfit)
    for vote, refusal in lapsed:
        voided = set_void(tx, proposal_ref(row.id), vote, refusal, old=VoteState.COUNTED)
        told.append(replace(voided, was_counted=True))
    stands = _standing(tx, policy, row, needed)
    about = proposal_ref(row.id)
    if needed > row.needed:
        proposals.raise_need(tx, row.id, needed)
        told.append(events.QuorumRaised(about=about, counted=stands.counted, needed=needed))
    if row.state == State.APPROVED and not stands.is_met:
        _reopen(tx, row)
        people = tuple(str(_voter(vote)) for vote, _ in lapsed)
        lost = events.QuorumLost(
            about=about,
            digest=Digest(row.digest or ""),
            counted=stands.counted,
            needed=needed,
            votes_voided=people,
        )
        told.append(lost)
    return stands, tuple(told)


def _reopen(tx: Tx, row: ProposalRow) -> None:
    transition(tx, row, states.Event.QUORUM_LOST)
    proposals.reopen(tx, row.id)
    # They may have been dealt out already, by an instance that did not live to start.
    items.take_back(tx, row.id)
    jobs.cancel(tx, JobKind.EXECUTE, row.id)
    jobs.revive(tx, JobKind.EXPIRE, row.id, due_ms=row.expires_ms)


def _lapsed(
    tx: Tx, policy: Policy, row: ProposalRow, unfit: Mapping[int, Refusal]
) -> list[tuple[VoteRow, Refusal]]:
    """Return the counted votes that do not count any more, and why."""
    found = []
    for vote in votes.of(tx, subject_of(row.id), VoteState.COUNTED):
        entitled = unfit.get(vote.id) or decisions.may_approve(policy, _voter(vote), proposer=proposer_of(row))
        if isinstance(entitled, Refusal):
            found.append((vote, entitled))
    return found


def _standing(tx: Tx, policy: Policy, row: ProposalRow, needed: int) -> Standing:
    live = votes.of(tx, subject_of(row.id), VoteState.COUNTED)
    wanted = decisions.deletion_quorum(policy, proposer=proposer_of(row), needed=needed)
    return quorum.standing(wanted, (_voter(vote) for vote in live if vote.digest == row.digest))


def _voter(vote: VoteRow) -> Actor:
    return Actor(vote.voter_team, vote.voter)

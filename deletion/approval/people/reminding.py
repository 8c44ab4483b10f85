"""Reminding approvers of what waits for them: one direct message for all of it, in their working hours.

One job looks every few minutes, for as long as the program runs. What a person was reminded of is kept, in the
transaction that queues the message: it is sent at most once, whoever is killed.
"""

from collections.abc import Iterator
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deletion.approval.proposal import subject_of
from deletion.audit.messages import audience
from deletion.audit.notices import ApprovalReminded
from deletion.jobs.config import Config, JobKind
from deletion.jobs.context import Again, Context, Done, Step
from deletion.jobs.leases import Keeper
from deletion.policy import reminding
from deletion.policy.decisions import Policy
from deletion.terms.ids import ProposalNumber
from deletion.terms.people import Actor, LookupFailedError, Person, unfit
from deletion.terms.states import State
from storage import Tx
from storage.tables import jobs, notice_throttle, proposals, votes
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow
from storage.tables.votes import VoteState

EVERY_MS = 10 * 60 * 1000
"""How often is looked."""

TOGETHER_MS = 8 * 60 * 60 * 1000
"""What is due so soon is told with what is due now: a working day has one reminder, rarely two."""

MOST = 1_000
"""Proposals that are looked at."""


def begin(tx: Tx, config: Config) -> None:
    """Queue the job that reminds people, unless it is there, or nobody is to be reminded."""
    if config.policy.reminders:
        jobs.add_again(tx, JobKind.REMIND, 0, due_ms=0)


def step(ctx: Context, job: JobRow) -> Step:
    """Remind everybody of what is due, and come back."""
    policy, keep = ctx.config.policy, Keeper(ctx, job)
    if not policy.reminders:
        return Done()
    for user in ctx.database.read(lambda tx: _who_waits(tx, policy)):
        keep()
        zone = _zone(ctx, user)
        if zone is not None and reminding.is_working_time(ctx.database.now_ms(), zone):
            ctx.database.write(lambda tx, user=user, zone=zone: _remind(tx, policy, user, zone))  # type: ignore[misc] # mypy cannot infer a lambda's default
    return Again(ctx.database.now_ms() + EVERY_MS, progress=True)


def _zone(ctx: Context, user: str) -> tzinfo | None:
    """Return the time zone of somebody who may take part as Slack says now; None of anybody else."""
    home = ctx.config.policy.home_team
    try:
        person = ctx.directory.read(Actor(home, user))
    except LookupFailedError:
        return None
    return zone_of(person) if unfit(person, home_team=home) is None else None


def zone_of(person: Person) -> tzinfo:
    """Return somebody's time zone; where this machine does not know it, as far from UTC as Slack says it is now."""
    try:
        return ZoneInfo(person.tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone(timedelta(seconds=person.utc_offset_s))


def _who_waits(tx: Tx, policy: Policy) -> list[str]:
    """Return the people who may have to be reminded of something."""
    rows = [row for row in _waiting(tx) if tx.now_ms() >= row.created_ms + reminding.SOON_MS]
    return sorted({user for row in rows for user in _still_asked(tx, policy, row) if _left(tx, row, user)})


def _waiting(tx: Tx) -> Iterator[ProposalRow]:
    """Yield the proposals that people can decide now."""
    for row in proposals.in_states(tx, State.PENDING, limit=MOST):
        if row.card_ts is not None and tx.now_ms() <= row.expires_ms - reminding.LATEST_MS:
            yield row


def _still_asked(tx: Tx, policy: Policy, row: ProposalRow) -> frozenset[str]:
    """Return the approvers who can act on a proposal and have not."""
    voted = {vote.voter for vote in votes.of(tx, subject_of(row.id), VoteState.CAST, VoteState.COUNTED)}
    return policy.approvers - {row.proposer} - voted


def _left(tx: Tx, row: ProposalRow, user: str) -> list[int]:
    """Return the reminders of a proposal that somebody has not had."""
    every = range(len(reminding.SHARES))
    return [each for each in every if not notice_throttle.was_told(tx, row.id, _what(each, user))]


def _what(reminder: int, user: str) -> str:
    return f"reminder {reminder}: {user}"


def _remind(tx: Tx, policy: Policy, user: str, zone: tzinfo) -> None:
    """Queue one message about all that is due now, and what is soon, unless nothing is due now."""
    rows = [row for row in _waiting(tx) if user in _still_asked(tx, policy, row)]
    left = {row.id: _left(tx, row, user) for row in rows}
    if not any(_due(row, left[row.id], tx.now_ms(), zone) for row in rows):
        return
    soon = {row.id: _due(row, left[row.id], tx.now_ms(), zone, ahead_ms=TOGETHER_MS) for row in rows}
    kept = {number for number, reminders in soon.items() for each in reminders if _keep(tx, number, each, user)}
    audience.direct(tx, user, ApprovalReminded(of=tuple(map(ProposalNumber, sorted(kept)))))


def _keep(tx: Tx, number: int, reminder: int, user: str) -> bool:
    """Note that somebody has a reminder; False when they had it before."""
    return notice_throttle.should_notify(tx, number, _what(reminder, user), every_ms=audience.ONCE_MS)


def _due(row: ProposalRow, left: list[int], now_ms: int, zone: tzinfo, *, ahead_ms: int = 0) -> list[int]:
    """Return those of the reminders left whose moment has come, or comes so soon."""
    begun_ms, expires_ms = row.created_ms, row.expires_ms
    found = reminding.due(now_ms, begun_ms=begun_ms, expires_ms=expires_ms, zone=zone, ahead_ms=ahead_ms)
    return [each for each in left if each in found]

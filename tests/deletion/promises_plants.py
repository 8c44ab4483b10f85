"""Bugs to plant in the program, each at every place that would catch it, or at one of those places alone."""

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from deletion.approval import deletions, recount, voting
from deletion.approval.deletions import Deletion
from deletion.collection.changes import Changes
from deletion.execution import lanes, roll_call, starting
from deletion.execution.calls import batches, checking, preflight, verification
from deletion.policy import decisions, quorum
from deletion.terms import ids
from deletion.terms.results.outcomes import MOST_SENDS, Next, Outcome, Presence, after_look
from deletion.terms.states import State
from storage import Tx
from storage.tables import proposals, votes
from storage.tables.proposals import ProposalRow, Standing
from storage.tables.votes import Subject, VoteRow, VoteState

Plant = Callable[[pytest.MonkeyPatch], None]


def together(*plants: Plant) -> Plant:
    """Return several plants as one."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        for each in plants:
            each(patch)

    return plant


def _instead(module: ModuleType, name: str, value: object) -> Plant:
    """Return a plant: a module has something else under a name."""
    return lambda patch: patch.setattr(module, name, value)


def _in_class(of: type, name: str, value: object) -> Plant:
    """Return a plant: a class has something else under a name."""
    return lambda patch: patch.setattr(of, name, value)


def _sees(module: ModuleType, name: str, **changes: object) -> Plant:
    """Return a plant: one module alone sees another module changed."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(module, name, SimpleNamespace(**{**vars(getattr(module, name)), **changes}))

    return plant


# --- quorum -----------------------------------------------------------------------------------------------


def _one_less(wanted: Any, voters: Any) -> Any:
    users = {voter.user for voter in voters} - wanted.excluded
    return quorum.Standing(len(users), wanted.people, len(users) >= wanted.people - 1)


QUORUM_AT_COUNT = _sees(voting, "quorum", standing=_one_less)
QUORUM_AT_ROLL = _sees(recount, "quorum", standing=_one_less)
QUORUM_AT_BATCH = _sees(batches, "quorum", standing=_one_less)

# --- digest -----------------------------------------------------------------------------------------------

_locked = voting._locked


def _any_digest(tx: Tx, case: Any) -> Any:
    found = _locked(tx, case)
    if found is None or not isinstance(found.subject, Deletion):
        return found
    return replace(found, vote=replace(found.vote, digest=found.subject.row.digest or ""))


def _all_on_current(tx: Tx, subject: Subject, *states: VoteState) -> list[VoteRow]:
    row = proposals.get(tx, subject.id) if subject.kind == ids.PROPOSAL else None
    found = votes.of(tx, subject, *states)
    return [replace(vote, digest=row.digest or "") for vote in found] if row else found


DIGEST_AT_CLICK = _in_class(Deletion, "_stands", lambda *_: None)
DIGEST_AT_COUNT = together(_instead(voting, "_locked", _any_digest), _sees(voting, "votes", of=_all_on_current))
DIGEST_AT_ROLL = _sees(recount, "votes", of=_all_on_current)
DIGEST_AT_BATCH = _sees(batches, "votes", of=_all_on_current)

# --- time -------------------------------------------------------------------------------------------------

EXPIRY_AT_VOTE = _in_class(Deletion, "_in_time", lambda *_: None)

_look = lanes._look


def _never_late(tx: Tx, *args: Any, **options: Any) -> Any:
    seen = _look(tx, *args, **options)
    return seen and replace(seen, out_of_time=False)


def _executing(_: Tx, row: ProposalRow) -> bool:
    return row.state == State.EXECUTING and row.halted is None


def _too_late(tx: Tx, number: int) -> bool:
    row = proposals.get(tx, number)
    return row is None or row.state != State.APPROVED


WINDOW_AT_START = _instead(starting, "_too_late", _too_late)
WINDOW_AT_STEP = _instead(lanes, "_look", _never_late)
WINDOW_AT_SEND = _instead(preflight, "may_send", _executing)


def _no_hold(module: ModuleType) -> Plant:
    return _sees(module, "holding", ends_ms=lambda *_: None, is_over=lambda *_: True)


HOLD_AT_START = _no_hold(starting)
HOLD_AT_STEP = _no_hold(lanes)
HOLD_AT_SEND = _no_hold(preflight)

# --- freeze -----------------------------------------------------------------------------------------------


def _blind(module: ModuleType) -> Plant:
    return _sees(module, "freezes", is_frozen=lambda _: False)


FREEZE_AT_START = _blind(starting)
FREEZE_AT_STEP = _blind(lanes)


def _thawed(tx: Tx, number: int, *, locked: bool = False) -> Standing | None:
    found = proposals.standing(tx, number, locked=locked)
    return found and replace(found, frozen=False)


FREEZE_AT_SEND = together(
    _sees(batches, "proposals", standing=_thawed), _sees(preflight, "proposals", standing=_thawed)
)

# --- drift, people, stops, repetition ---------------------------------------------------------------------

DRIFT_AT_COUNT = _instead(deletions, "found", lambda *_, **__: Changes())
DRIFT_AT_BATCH = _instead(checking, "_changes", lambda *_: ())

_may_approve = decisions.may_approve


def _even_the_proposer(rules: Any, actor: Any, *, proposer: Any) -> Any:
    return _may_approve(rules, actor, proposer=replace(proposer, user="nobody"))


_standing = quorum.standing


def _proposer_too(wanted: Any, voters: Any) -> Any:
    return _standing(replace(wanted, excluded=frozenset()), voters)


ROLL_NOT_CALLED = _instead(roll_call, "_look", lambda *_: roll_call.Found(None, {}))
PROPOSER_AT_CLICK = _instead(decisions, "may_approve", _even_the_proposer)
PROPOSER_IN_QUORUM = _instead(quorum, "standing", _proposer_too)

_unfit_voter = voting._unfit_voter


def _whoever_approves(ctx: Any, case: Any) -> Any:
    return None if isinstance(case.subject, Deletion) else _unfit_voter(ctx, case)


UNFIT_AT_COUNT = _instead(voting, "_unfit_voter", _whoever_approves)


def _in_time(tx: Tx, row: ProposalRow) -> bool:
    return row.execute_by_ms is not None and tx.now_ms() < row.execute_by_ms


STOP_AT_SEND = _instead(preflight, "may_send", _in_time)


def _impatient(said: Outcome, presence: Presence, waiting: Any) -> tuple[Next, Outcome]:
    present = presence is Presence.PRESENT and waiting.sends < MOST_SENDS
    return (Next.SEND_AGAIN, said) if present else after_look(said, presence, waiting)


ACCEPTED_SENT_AGAIN = _instead(verification, "after_look", _impatient)
DELETED_UNSEEN = _sees(verification, "Presence", UNKNOWN=Presence.ABSENT)

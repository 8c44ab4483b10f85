"""The machine is worth what it finds: bugs are planted in the program, and it has to find each, every time."""

from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from tests.deletion import promises_plants as plants
from tests.deletion.promises_machine import Promises
from tests.deletion.promises_plants import Plant, together

SEEDS = range(3)

searching = settings(
    max_examples=250,
    stateful_step_count=50,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)
a_little = settings(searching, max_examples=6)


class OneVote(Promises):
    needed = st.just(1)


class TwoVotes(Promises):
    needed = st.just(2)


class OnHold(Promises):
    hold_s = st.just(60)


FOUND: dict[str, tuple[type[Promises], Plant, str]] = {
    "a quorum of one less": (
        TwoVotes,
        together(plants.QUORUM_AT_COUNT, plants.QUORUM_AT_ROLL, plants.QUORUM_AT_BATCH),
        "1 of 2 approvals",
    ),
    "the digest not compared": (
        OneVote,
        together(plants.DIGEST_AT_CLICK, plants.DIGEST_AT_COUNT, plants.DIGEST_AT_ROLL, plants.DIGEST_AT_BATCH),
        "0 of 1 approvals",
    ),
    "the expiry not checked": (OneVote, plants.EXPIRY_AT_VOTE, "0 of 1 approvals"),
    "the time to execute not checked": (
        Promises,
        together(plants.WINDOW_AT_START, plants.WINDOW_AT_STEP, plants.WINDOW_AT_SEND),
        "its time to execute is over",
    ),
    "the hold not waited for": (
        OnHold,
        together(plants.HOLD_AT_START, plants.HOLD_AT_STEP, plants.HOLD_AT_SEND),
        "hold",
    ),
    "the freeze not checked": (
        Promises,
        together(plants.FREEZE_AT_START, plants.FREEZE_AT_STEP, plants.FREEZE_AT_SEND),
        "everything is frozen",
    ),
    "what changed not compared": (
        Promises,
        together(plants.DRIFT_AT_COUNT, plants.DRIFT_AT_BATCH),
        "is not what was shown",
    ),
    "the proposer not excluded": (
        OneVote,
        together(plants.PROPOSER_AT_CLICK, plants.PROPOSER_IN_QUORUM, plants.ROLL_NOT_CALLED),
        "0 of 1 approvals",
    ),
    "who it is not asked": (OneVote, together(plants.UNFIT_AT_COUNT, plants.ROLL_NOT_CALLED), "0 of 1 approvals"),
    "sent again before it had time": (Promises, plants.ACCEPTED_SENT_AGAIN, "sent again"),
}
"""Name: on which machine, what is planted, and what the machine must say of it."""

CAUGHT: dict[str, tuple[type[Promises], Plant]] = {
    "a quorum of one less when votes are counted": (TwoVotes, plants.QUORUM_AT_COUNT),
    "the digest not compared at the click": (OneVote, plants.DIGEST_AT_CLICK),
    "the digest not compared until the batch": (
        OneVote,
        together(plants.DIGEST_AT_CLICK, plants.DIGEST_AT_COUNT),
    ),
    "what changed not compared when votes are counted": (Promises, plants.DRIFT_AT_COUNT),
    "the freeze not checked at the start": (Promises, plants.FREEZE_AT_START),
    "the time to execute not checked at the start": (Promises, plants.WINDOW_AT_START),
    "the hold not waited for at the start": (OnHold, plants.HOLD_AT_START),
    "the proposer not excluded at the click": (OneVote, plants.PROPOSER_AT_CLICK),
    "the proposer not excluded from the quorum": (OneVote, plants.PROPOSER_IN_QUORUM),
}
"""Bugs at one place that another place makes up for, so that nothing is deleted that should not be.

Found although they are at one place are, with patience: a quorum of one less at the batch (when the rules have
changed since the vote), and the freeze not checked at the call (when somebody freezes between the reading and the
call).
"""


@pytest.fixture
def planting() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def search(machine: type[Promises], seed: int, how: settings) -> str:
    """Let the machine run from a seed; return the violation that it found, '' for none."""
    hypothesis.seed(seed)(machine)
    try:
        run_state_machine_as_test(machine, settings=how)
    except AssertionError as exc:
        return str(exc)
    return ""


@pytest.mark.parametrize("name", FOUND)
def test_a_planted_bug_is_found_every_time(name: str, planting: pytest.MonkeyPatch) -> None:
    machine, plant, violation = FOUND[name]
    plant(planting)
    for seed in SEEDS:
        assert violation in search(machine, seed, searching), seed


@pytest.mark.parametrize("name", CAUGHT)
def test_a_bug_at_one_place_alone_is_caught_at_another(name: str, planting: pytest.MonkeyPatch) -> None:
    machine, plant = CAUGHT[name]
    plant(planting)
    assert search(machine, 0, a_little) == ""

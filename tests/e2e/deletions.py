"""Deletions brought to a certain point, by nothing but what people and the bot do: approved, begun, partly sent."""

from collections.abc import Callable, Container

from deletion import work
from deletion.terms.requests.targets import BATCH
from deletion.terms.states import State
from tests.stage import Stage

MOST_STEPS = 1_000

NO_TRIAL = {"COUNTERSIGN_CANARY_FROM": "100000"}
"""Settings under which no item goes alone first, however many there are."""


def videos(stage: Stage, count: int, *, forbidden: Container[int] = ()) -> list[str]:
    """Put videos into the library, those of some places such as VOD will refuse to delete; return their ids."""
    library = stage.vod.library
    return [
        library.add_video(title=f"take {n}", has_cover=False, forbidden=n in forbidden).video_id
        for n in range(count)
    ]


def propose(stage: Stage, ids: list[str], who: str = "ana") -> int:
    """Let somebody propose videos; return the proposal's number."""
    return stage.propose(who, f"video {' '.join(ids)}")


def step_until(stage: Stage, holds: Callable[[], bool]) -> None:
    """Let the worker take its next step again and again until something is so; nothing is posted meanwhile."""
    for _ in range(MOST_STEPS):
        if holds():
            return
        assert work.run_one(stage.program.context), "at rest before it was so"
    raise AssertionError("running in circles")


def approve(stage: Stage, number: int, who: str = "bo") -> None:
    """Let an approval be counted and the card with the Stop button be shown, and nothing be begun."""
    stage.slack.click(who, "Approve", match=f"#{number}")
    step_until(stage, lambda: stage.state(number) is not State.PENDING)
    stage.settle_messages()


def begin(stage: Stage, number: int) -> None:
    """Let an approval be counted and the deletion begin, and nothing be sent."""
    approve(stage, number)
    step_until(stage, lambda: stage.state(number) is State.EXECUTING)


def send_one_batch(stage: Stage, number: int) -> None:
    """Begin a deletion and let exactly one call of it be made; nothing is read back yet."""
    before = len(stage.vod.ledger.calls())
    begin(stage, number)
    step_until(stage, lambda: len(stage.vod.ledger.calls()) > before)
    assert len(stage.vod.ledger.calls()) == before + 1


def tally(stage: Stage, number: int) -> dict[str, int]:
    """Return how many items ended how."""
    return dict(stage.view(number).tally)


def assert_only_sent(stage: Stage, number: int, word: str, *, batches: int = 1) -> None:
    """Hold that so many whole batches of a deletion were sent, each item once, and that those ended in a word."""
    sent = stage.vod.ledger.ids()
    assert len(sent) == len(set(sent)) == batches * BATCH
    assert {target for target, outcome in stage.outcomes(number).items() if outcome == word} == set(sent)

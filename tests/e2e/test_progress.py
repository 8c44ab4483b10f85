"""Progress: done of how many, how fast, how long still; on the card and in its thread, and not too often."""

import itertools
import json
import re

import pytest

from deletion import work
from deletion.audit.messages.audience import PROGRESS_EVERY_MS, TOLD_EVERY_MS
from deletion.execution.progress import TOLD_FROM
from deletion.terms.progress import STRETCH_MS
from deletion.terms.states import State
from tests.e2e.deletions import NO_TRIAL, begin, propose, step_until, videos
from tests.e2e.evidence import assert_lawful
from tests.stage import Opener, Stage

TOLD = re.compile(r"(\d+) of (\d+) done; about (\d+) a minute, about (\d+) min left")


@pytest.fixture
def stage(open_stage: Opener) -> Stage:
    return open_stage(**NO_TRIAL, COUNTERSIGN_MAX_ITEMS="1000", COUNTERSIGN_MAX_GIGABYTES="100000")


def begun(stage: Stage, count: int) -> int:
    number = propose(stage, videos(stage, count))
    begin(stage, number)
    return number


def moments(stage: Stage, number: int, kind: str, notice: str | None = None) -> list[int]:
    """Return when messages of a kind about a deletion were owed, from its start to its end (bot's clock, ms)."""
    row = stage.view(number).row
    found = stage.database.read(
        lambda tx: tx.rows(
            "SELECT created_ms, message FROM outbox WHERE kind = :k AND proposal_id = :n ORDER BY id",
            k=kind,
            n=number,
        )
    )
    assert row.started_ms is not None
    until = row.finished_ms or 2**60
    return [
        each["created_ms"]
        for each in found
        if row.started_ms < each["created_ms"] < until and json.loads(each["message"]).get("notice") == notice
    ]


def slowly(stage: Stage, number: int, *, seconds: float) -> None:
    """Let a deletion be carried out, with so much time between any two steps."""
    while stage.state(number) is State.EXECUTING:
        stage.clock.advance(seconds)
        work.run_one(stage.program.context)
        stage.settle_messages()


def test_the_card_tells_how_far_how_fast_and_how_long_still(stage: Stage) -> None:
    number = begun(stage, 400)
    stage.settle_messages()
    stage.clock.advance(120)
    step_until(stage, lambda: stage.view(number).progress.done >= 80)
    stage.settle_messages()
    found = TOLD.search(stage.card(number).text)
    assert found is not None, stage.card(number).text
    done, total, rate, left = map(int, found.groups())
    assert (done, total) == (80, 400)
    # Of the two minutes in which nothing was done the measure of the last half minute knows nothing.
    assert rate == pytest.approx(80 / (STRETCH_MS / 60_000), abs=2)
    assert left == pytest.approx(320 / rate, abs=1.01)


def test_there_is_at_most_one_card_in_five_seconds_and_one_reply_in_a_minute(stage: Stage) -> None:
    number = begun(stage, 400)
    slowly(stage, number, seconds=4)
    assert stage.state(number) is State.FINISHED
    cards, replies = moments(stage, number, "card"), moments(stage, number, "thread", "ProgressMade")
    assert len(cards) > 5
    assert len(replies) >= 1
    assert all(later - earlier >= PROGRESS_EVERY_MS for earlier, later in itertools.pairwise(cards))
    assert all(later - earlier >= TOLD_EVERY_MS for earlier, later in itertools.pairwise(replies))
    row = stage.view(number).row
    assert row.started_ms is not None
    assert row.finished_ms is not None
    assert len(cards) <= (row.finished_ms - row.started_ms) / PROGRESS_EVERY_MS + 1
    assert replies[0] - row.started_ms >= TOLD_EVERY_MS
    assert_lawful(stage)


def test_what_is_told_only_ever_grows_and_ends_with_the_result(stage: Stage) -> None:
    number = begun(stage, 200)
    slowly(stage, number, seconds=20)
    told = [TOLD.search(version.text) for version in stage.card(number).history]
    done = [int(found[1]) for found in told if found is not None]
    assert len(done) >= 2
    assert done == sorted(done)
    assert "Finished. 200 videos: 200 deleted." in stage.card(number).text
    replies = [reply.text for reply in stage.thread(number) if " of 200 done" in reply.text]
    assert replies
    assert all(re.fullmatch(r"\d+ of 200 done; about \d+ a minute, about .+ left\.", reply) for reply in replies)


@pytest.mark.parametrize(("count", "is_told"), [(TOLD_FROM - 1, False), (TOLD_FROM, True)])
def test_a_thread_is_told_only_of_what_takes_long_enough_to_be_read(
    stage: Stage, count: int, *, is_told: bool
) -> None:
    number = begun(stage, count)
    slowly(stage, number, seconds=30)
    assert bool(moments(stage, number, "thread", "ProgressMade")) == is_told


def test_the_end_is_shown_at_once_however_recently_the_card_was(stage: Stage) -> None:
    number = begun(stage, 40)
    stage.settle()
    assert "Finished. 40 videos: 40 deleted." in stage.card(number).text
    assert len(moments(stage, number, "card")) <= 1


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_what_settles_right_after_a_card_is_shown_though_nothing_follows(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, **NO_TRIAL, COUNTERSIGN_MAX_ITEMS="1000", COUNTERSIGN_MAX_GIGABYTES="100000")
    number = begun(stage, 100)
    step_until(stage, lambda: stage.view(number).progress.done >= 20)
    stage.settle_messages()
    step_until(stage, lambda: stage.view(number).progress.done >= 40)
    # From now on nothing of it is worked on: what was settled last has no later occasion to be shown.
    far_ms = stage.clock() + 3_600_000
    stage.database.write(lambda tx: tx.run("UPDATE jobs SET due_ms = :far WHERE kind = 'execute'", far=far_ms))
    done = stage.view(number).progress.done
    stage.settle_messages()
    assert f"{done} of 100 done" not in stage.card(number).text, "the card would come too soon"
    stage.advance(PROGRESS_EVERY_MS / 1000)
    assert f"{done} of 100 done" in stage.card(number).text

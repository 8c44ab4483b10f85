"""A flood of what is refused: each time there is an answer, and the log grows by the first ones and a number."""

import pytest

from deletion.approval.refusing import ONE_BY_ONE, WINDOW_MS
from sandbox.vod import seed
from tests.e2e.evidence import assert_nothing_was_deleted, audit_channel
from tests.stage import Opener, Stage

ENGINES = ["sqlite", "postgres"]
TEASER, TOUR = seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id
MANY = 250
WINDOW_S = WINDOW_MS / 1000


def length(stage: Stage) -> int:
    """Return how many events the log has."""
    row = stage.database.read(lambda tx: tx.one("SELECT seq FROM audit_head"))
    assert row is not None
    return int(row["seq"])


def counted(stage: Stage) -> list[tuple[str, int]]:
    return [(event["data"]["rule"], event["data"]["count"]) for event in stage.events("refusals.counted")]


@pytest.mark.parametrize("engine", ENGINES)
def test_hundreds_of_refused_clicks_are_answered_each_and_are_a_dozen_events_that_say_how_many(
    stage_on: Opener, engine: str
) -> None:
    stage = stage_on(engine)
    number = stage.propose("ana", f"video {TEASER}")
    before, answers = length(stage), len(stage.answers("ana"))
    for _ in range(MANY):
        assert stage.slack.click("ana", "Approve", match=f"#{number}").error is None
    stage.settle()

    assert len(stage.answers("ana")) - answers == MANY
    assert "You proposed this" in stage.answers("ana")[-1]
    assert length(stage) - before == ONE_BY_ONE
    stage.advance(WINDOW_S)
    assert counted(stage) == [("own proposal", MANY - ONE_BY_ONE)]
    assert len(stage.events("vote.refused")) + counted(stage)[0][1] == MANY
    assert length(stage) - before == ONE_BY_ONE + 1
    assert "was refused 240 more times until" in audit_channel(stage)
    assert stage.verify().holds
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_others_other_subjects_and_other_rules_are_written_one_by_one_meanwhile(
    stage_on: Opener, engine: str
) -> None:
    stage = stage_on(engine)
    first, second = (stage.propose("ana", f"video {video}") for video in (TEASER, TOUR))
    for _ in range(ONE_BY_ONE + 5):
        stage.click("ana", "Approve", first)
    before = length(stage)
    stage.click("ana", "Approve", second)
    stage.click("ana", "Reject", first)
    stage.say("cy", f"/vod withdraw {first}")
    stage.say("ana", "/vod stop 99")

    assert length(stage) - before == 4
    assert [event["data"]["rule"] for event in stage.events("vote.refused")] == ["own proposal"] * (ONE_BY_ONE + 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_refused_after_the_ten_minutes_is_written_again_and_the_number_before_it(
    stage_on: Opener, engine: str
) -> None:
    stage = stage_on(engine)
    number = stage.propose("ana", f"video {TEASER}")
    for _ in range(ONE_BY_ONE + 3):
        stage.click("ana", "Approve", number)
    stage.clock.advance(WINDOW_S)
    assert stage.slack.click("ana", "Approve", match=f"#{number}").error is None
    assert counted(stage) == [("own proposal", 3)]
    assert len(stage.events("vote.refused")) == ONE_BY_ONE + 1

    stage.advance(WINDOW_S)
    assert counted(stage) == [("own proposal", 3)]
    assert stage.verify().holds


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_that_somebody_makes_up_are_about_one_thing(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    for made_up in range(1_000, 1_000 + 3 * ONE_BY_ONE):
        stage.say("ana", f"/vod withdraw {made_up}")
    assert len(stage.events("withdrawal.refused")) == ONE_BY_ONE
    stage.restart()
    stage.advance(WINDOW_S)
    assert counted(stage) == [("no such proposal", 2 * ONE_BY_ONE)]
    assert stage.verify().holds

"""Ten minutes without Slack, VOD or both, and a PostgreSQL that restarts, in the middle of a deletion."""

from collections import Counter

import pytest

from bot.clients import MESSAGE_LEASE_S
from deletion import work
from deletion.terms.states import State
from sandbox.slack import FaultKind
from sandbox.vod import seed
from storage.engine.sqlite import wall_clock_ms as wall_ms
from tests.e2e.conftest import Starter
from tests.e2e.evidence import assert_lawful, assert_told_as_finished, said
from tests.e2e.running import wait_for
from tests.e2e.test_click_storm import at_once, clicks
from tests.scene import Scene
from tests.stage import Opener, Stage
from tests.storage.postgres import Server

ENGINES = ("sqlite", "postgres")
BATCHES = 2
VIDEOS = 25

AGAIN = ("if it was not, try again", "Do it once more")
"""What a person is asked to do: after a fault, and where the record did not answer in time."""
TEASER = seed.SPRING_TEASER.video_id
TEN_MINUTES_S = 600
STEP_S = 20


def underway(stage: Stage) -> tuple[int, list[str]]:
    """Propose and approve a deletion of two batches, and stop the stage's work when the first has been sent."""
    videos = [video.video_id for video in stage.vod.library.videos() if not video.forbidden][:VIDEOS]
    number = stage.propose("ana", f"video {' '.join(videos)}")
    stage.slack.click("bo", "Approve", match=f"#{number}")
    while stage.state(number) is not State.APPROVED:
        assert work.run_one(stage.program.context)
    stage.settle_messages()
    while not stage.vod.ledger.calls():
        assert work.run_one(stage.program.context)
    assert stage.state(number) is State.EXECUTING
    assert len(stage.vod.ledger.calls()) < BATCHES
    return number, videos


def pass_time(stage: Stage, seconds: float = TEN_MINUTES_S) -> None:
    """Let sandbox time pass for Slack, VOD and the bot alike, with the bot at work all the while."""
    for _ in range(round(seconds / STEP_S)):
        stage.slack.clock.advance(STEP_S)
        stage.vod.clock.advance(STEP_S)
        stage.advance(STEP_S)


def assert_all_went_well(scene: Scene, number: int, videos: list[str]) -> None:
    """Hold that each item was deleted once, and that each message and event was told exactly once."""
    assert scene.outcomes(number) == dict.fromkeys(videos, "deleted")
    removed = Counter(video for call in scene.vod.ledger.calls() for video in call.removed)
    assert {video: removed[video] for video in videos} == dict.fromkeys(videos, 1)
    assert_told_as_finished(scene, number, proposer="ana", tally=f"{VIDEOS} videos: {VIDEOS} deleted")
    named = [m.metadata["event_payload"]["outbox_id"] for m in said(scene) if m.metadata and not m.ephemeral_to]
    assert [nonce for nonce, times in Counter(named).items() if times > 1] == []
    assert_lawful(scene)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", [FaultKind.DOWN, FaultKind.HTTP_503, FaultKind.RATELIMITED, None])
def test_a_deletion_waits_for_slack_unless_it_is_throttled_and_all_of_it_is_told_afterwards(
    engine: str, kind: FaultKind | None, stage_on: Opener
) -> None:
    """Slack resets, answers 503 or 429, or (None) refuses every connection. Nobody could see and stop it."""
    stage = stage_on(engine, COUNTERSIGN_MAX_GIGABYTES="100000")
    number, videos = underway(stage)
    if kind is None:
        stage.slack.leave()
    else:
        stage.slack.faults.add(kind, times=None)
    goes_on = kind is FaultKind.RATELIMITED
    if not goes_on:
        stage.program.context.trust.doubt()  # as after ten seconds: what was seen is too old to stand
    pass_time(stage)
    assert stage.state(number) is (State.FINISHED if goes_on else State.EXECUTING)
    assert len(stage.vod.ledger.calls()) == (BATCHES if goes_on else 1)
    assert "is finished" not in " ".join(message.text for message in said(stage))
    if kind is None:
        stage.slack.come_back()
    stage.slack.faults.clear()
    pass_time(stage, 180)

    assert_all_went_well(stage, number, videos)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["unavailable", "reset_before"])
def test_a_deletion_waits_for_vod_and_then_goes_on_by_itself(engine: str, kind: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_MAX_GIGABYTES="100000")
    number, videos = underway(stage)
    stage.vod.faults.set(kind)
    pass_time(stage)
    assert stage.state(number) is State.EXECUTING
    stage.vod.faults.clear()
    pass_time(stage, 180)

    assert_all_went_well(stage, number, videos)


@pytest.mark.parametrize("engine", ENGINES)
def test_slack_and_vod_away_together_delay_everything_and_lose_nothing(engine: str, stage_on: Opener) -> None:
    """A person who clicks meanwhile cannot be answered by us: Slack itself is away."""
    stage = stage_on(engine, COUNTERSIGN_MAX_GIGABYTES="100000")
    number, videos = underway(stage)
    stage.vod.faults.set("unavailable")
    stage.slack.faults.add(FaultKind.DOWN)
    pass_time(stage)
    assert stage.state(number) is State.EXECUTING
    stage.slack.faults.clear()
    stage.vod.faults.clear()
    pass_time(stage, 180)

    assert_all_went_well(stage, number, videos)


def test_running_programs_answer_clicks_while_postgres_restarts_and_finish_afterwards(
    started: Starter, postgres: Server
) -> None:
    """Stopped at once and started again in the middle of a deletion, while people click on another proposal."""
    running = started("postgres", instances=2, COUNTERSIGN_MAX_GIGABYTES="100000")
    library = [video.video_id for video in running.vod.library.videos() if not video.forbidden]
    videos, others = library[:VIDEOS], library[VIDEOS : VIDEOS + 1]
    number, other = running.propose(f"video {' '.join(videos)}"), running.propose(f"video {others[0]}", who="cy")
    running.slack.click("bo", "Approve", match=f"#{number}")
    wait_for(lambda: bool(running.vod.ledger.calls()), "the first call has reached VOD")

    storm = clicks(running, other, ["bo", "ana", "dee", "gus"] * 4)
    postgres.crash()
    try:
        during = at_once(storm)
        typed = running.slack.say("ana", "/vod list")
        restarted_ms = wall_ms()
    finally:
        postgres.start()
    # Whatever a sender held when it lost the database is free a minute later.
    running.let_leases_run_out("lanes", held_until_ms=restarted_ms + 1000 * MESSAGE_LEASE_S[1])
    assert {(click.status, click.error) for click in during} == {(200, None)}
    assert max(click.elapsed_s for click in [*during, typed]) < 3
    for click in during:
        (answer,) = running.slack.answers(click)
        assert any(words in answer.text for words in AGAIN), answer.text
    assert typed.reply is not None
    assert any(words in typed.reply.text for words in AGAIN), typed.reply.text

    wait_for(lambda: running.state(number) is State.FINISHED, "the deletion is finished", timeout_s=60)
    assert running.slack.click("bo", "Approve", match=f"#{other}").error is None
    wait_for(lambda: running.state(other) is State.FINISHED and running.all_is_told(), "all is told")
    assert running.outcomes(other) == {others[0]: "deleted"}
    assert_all_went_well(running, number, videos)
    assert running.end() == [0, 0]

"""Lists that hang on their way to Slack hold up no card, stop or freeze: they have a sender of their own."""

import pytest

from deletion import work
from deletion.terms.states import State
from handlers.slack.api import files
from sandbox.slack import FaultKind
from tests.e2e.deletions import NO_TRIAL, videos
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted, buttons
from tests.e2e.test_click_storm import at_work
from tests.stage import Opener, Stage
from tests.torture.workers import wait_for

ENGINES = ["sqlite", "postgres"]
LISTS = 8
SOON_S = 2.5
A_LONG_TIME_S = 300.0


def owed(stage: Stage, *, lists: bool) -> list[str]:
    """Return the states of the lists that are owed, or of all other messages."""
    sql = "SELECT state, kind FROM outbox WHERE state IN ('queued', 'sending')"
    found = stage.database.read(lambda tx: tx.rows(sql))
    return [str(row["state"]) for row in found if (row["kind"] == "manifest") is lists]


def is_told(stage: Stage, words: str) -> bool:
    return any(words in each.text for each in stage.slack.messages("vod-deletions"))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method", ["upload", "files.completeUploadExternal"])
def test_hanging_lists_keep_no_card_stop_or_freeze_waiting(stage_on: Opener, engine: str, method: str) -> None:
    stage = stage_on(engine, **NO_TRIAL, COUNTERSIGN_HOLD_SECONDS="600")
    small = stage.propose("ana", f"video {' '.join(videos(stage, 1))}")
    for _ in range(LISTS):
        assert stage.slack.say("ana", f"/vod delete video {' '.join(videos(stage, 25))} --reason x").error is None
    while work.run_one(stage.program.context):
        pass
    stage.slack.faults.add(FaultKind.SLOW, method, times=None, seconds=A_LONG_TIME_S)
    with at_work(stage.program):
        wait_for(lambda: "sending" in owed(stage, lists=True) and not owed(stage, lists=False), "a list that hangs")

        assert stage.slack.click("bo", "Approve", match=f"#{small}").error is None
        wait_for(
            lambda: stage.view(small).row.hold_until_ms is not None,
            "the card that begins the hold",
            timeout_s=SOON_S,
        )
        assert any("Stop" in each for each in buttons(stage.card(small)))

        assert stage.slack.click("cy", "Stop", match=f"#{small}").error is None
        wait_for(lambda: "Stopped" in stage.card(small).text, "the card of what was stopped", timeout_s=SOON_S)

        assert stage.slack.say("gus", "/vod freeze").error is None
        wait_for(lambda: is_told(stage, "froze all deletions"), "the post about the freeze", timeout_s=SOON_S)
        assert len(owed(stage, lists=True)) == LISTS
        stage.slack.faults.clear()
    assert stage.state(small) is State.STOPPED
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_list_whose_upload_takes_longer_than_a_call_and_a_lease_arrives_once_and_is_approved(
    stage_on: Opener, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SLOWEST", 500)
    stage = stage_on(engine, **NO_TRIAL)
    programs = [stage.program, stage._assemble()]
    for program in programs:
        program.announcer._sender._client.timeout = 1
        program.announcer._outbox._lease_ms = 3_000
    assert stage.slack.say("ana", f"/vod delete video {' '.join(videos(stage, 25))} --reason x").error is None
    stage.slack.faults.add(FaultKind.SLOW, "upload", times=None, seconds=4.5)
    with at_work(*programs):
        wait_for(lambda: bool(stage.slack.files) and not owed(stage, lists=True), "the list")
    calls = [call.method for call in stage.slack.calls]
    assert (calls.count("upload"), calls.count("files.completeUploadExternal")) == (1, 1)
    assert len([each for each in stage.thread(1) if each.files]) == 1
    stage.click("bo", "Approve", 1)
    assert stage.state(1) is State.FINISHED
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_lists_go_out_one_after_the_other_beside_everything_else(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, **NO_TRIAL)
    for _ in range(3):
        assert stage.slack.say("ana", f"/vod delete video {' '.join(videos(stage, 25))} --reason x").error is None
    with at_work(stage.program):
        wait_for(lambda: len(stage.slack.files) == 3 and not owed(stage, lists=True), "three lists")
    assert [len([each for each in stage.thread(number) if each.files]) for number in (1, 2, 3)] == [1, 1, 1]
    stage.settle()
    assert_lawful(stage)

"""However slow both channels are, who presses a button is answered: private answers have a sender of their own."""

import pytest

from deletion import work
from deletion.terms.states import State
from sandbox.slack import FaultKind
from tests.e2e.deletions import NO_TRIAL, videos
from tests.e2e.evidence import assert_nothing_was_deleted
from tests.e2e.test_click_storm import at_work
from tests.stage import Opener, Stage
from tests.torture.workers import wait_for

ENGINES = ["sqlite", "postgres"]
SOON_S = 2.5
A_LONG_TIME_S = 300.0


def hanging(stage: Stage) -> set[str]:
    """Return the lanes in which a message is being sent."""
    sql = "SELECT lane FROM outbox WHERE state = 'sending'"
    return {str(row["lane"]) for row in stage.database.read(lambda tx: tx.rows(sql))}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stop_is_answered_while_both_channels_hang(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, **NO_TRIAL, COUNTERSIGN_HOLD_SECONDS="600")
    ids = videos(stage, 2)
    first, second = (stage.propose("ana", f"video {one}") for one in ids)
    stage.click("bo", "Approve", first)
    stage.click("bo", "Approve", second)
    for method in ("chat.postMessage", "chat.update"):
        stage.slack.faults.add(FaultKind.SLOW, method, times=None, seconds=A_LONG_TIME_S)
    assert stage.slack.click("cy", "Stop", match=f"#{first}").error is None
    with at_work(stage.program):
        wait_for(lambda: {"approvals", "audit"} <= hanging(stage), "both channels hang")
        before = len(stage.answers("ana"))

        assert stage.slack.click("ana", "Stop", match=f"#{second}").error is None
        wait_for(lambda: len(stage.answers("ana")) > before, "the private answer", timeout_s=SOON_S)
        stage.slack.faults.clear()
    assert f"#{second}" in stage.answers("ana")[-1]
    assert [stage.state(number) for number in (first, second)] == [State.STOPPED] * 2
    while work.run_one(stage.program.context):
        pass
    assert_nothing_was_deleted(stage)

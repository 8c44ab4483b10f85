"""A clock that is set, on a machine or a database server: no hold is over by it, and nothing waits for it."""

import httpx
import pytest

from deletion.terms.states import State
from tests.e2e.deletions import propose, videos
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted
from tests.stage import Opener, Stage
from tests.storage.postgres import Server

HOLD_S = 60
HOUR_S = 3600


@pytest.fixture(params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, open_stage: Opener) -> Stage:
    url = None
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        url = server.new_record()
    return open_stage(database_url=url, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))


def on_hold(stage: Stage) -> tuple[int, list[str]]:
    ids = videos(stage, 2)
    number = propose(stage, ids)
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.APPROVED
    return number, ids


def tick(stage: Stage) -> None:
    """Let the process look at its clock, and do what is due then."""
    stage.program.timekeeper.step()
    stage.settle()


def clock_health(stage: Stage) -> str:
    answer = httpx.get(f"http://127.0.0.1:{stage.port}/healthz", trust_env=False).json()
    return str(answer["checks"]["clock"])


def test_a_clock_put_forward_ends_no_hold(stage: Stage) -> None:
    number, ids = on_hold(stage)
    stage.clock.set_by(HOUR_S)
    tick(stage)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)
    assert "while a deletion is on hold" in clock_health(stage)

    stage.clock.advance(HOLD_S - 20)
    tick(stage)
    assert_nothing_was_deleted(stage)
    stage.clock.advance(25)
    tick(stage)
    tick(stage)
    assert stage.vod.ledger.ids() == ids
    assert clock_health(stage) == "ok"
    assert_lawful(stage)


def test_a_clock_put_forward_while_the_bot_was_down_ends_no_hold(stage: Stage) -> None:
    number, ids = on_hold(stage)
    stage.close()
    stage.clock.set_by(HOUR_S)
    stage._start()
    stage.let_quota_pass()
    tick(stage)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)

    stage.clock.advance(HOLD_S + 5)
    tick(stage)
    tick(stage)
    assert stage.vod.ledger.ids() == ids
    assert_lawful(stage)


def test_a_clock_put_forward_is_followed_at_once_while_nothing_is_on_hold(stage: Stage) -> None:
    before_ms = stage.database.now_ms()
    stage.clock.set_by(HOUR_S)
    tick(stage)
    assert stage.database.now_ms() - before_ms >= HOUR_S * 1000
    assert clock_health(stage) == "ok"


def test_a_clock_set_back_stops_no_card(stage: Stage) -> None:
    number, ids = on_hold(stage)
    stage.clock.set_by(-HOUR_S)
    tick(stage)
    assert "behind the record's time" in clock_health(stage)
    other = propose(stage, videos(stage, 3)[2:])
    assert stage.state(other) is State.PENDING
    assert any(f"#{other}" in message.text for message in stage.slack.messages("vod-deletions"))

    stage.clock.advance(HOLD_S)
    tick(stage)
    assert_nothing_was_deleted(stage)
    stage.clock.advance(HOLD_S + 10)
    tick(stage)
    assert stage.state(number) is State.FINISHED
    assert stage.vod.ledger.ids() == ids
    assert_lawful(stage)


def test_a_clock_set_back_while_the_bot_was_down_stops_no_card(stage: Stage) -> None:
    on_hold(stage)
    stage.close()
    stage.clock.set_by(-HOUR_S)
    stage._start()
    stage.let_quota_pass()
    other = propose(stage, videos(stage, 3)[2:])
    stage.advance(5)
    assert any(f"#{other}" in message.text for message in stage.slack.messages("vod-deletions"))

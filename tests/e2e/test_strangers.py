"""Strangers crowd the door of a real bot: a stop and a freeze are heard in time, and health is answered."""

import signal
import time

import httpx
import pytest

from benchmarks.strangers import Attack, strangers
from deletion.terms.states import State
from sandbox.slack import Delivery
from tests.e2e.conftest import Starter
from tests.e2e.running import Running, measured, wait_for

STRANGERS = 120
ANSWERED_WITHIN_S = 3


def approved(bot: Running, ids: list[str]) -> int:
    """Return a deletion that is on hold, with its Stop button shown."""
    number = bot.propose(f"video {' '.join(ids)}")
    bot.slack.click("bo", "Approve", match=f"#{number}")
    wait_for(lambda: bot.state(number) is State.APPROVED and bot.all_is_told(), "its approval")
    return number


def assert_heard(what: str, delivery: Delivery) -> None:
    measured(f"{what}: {delivery.elapsed_s:.2f} s")
    assert delivery.error is None, (what, delivery)
    assert delivery.elapsed_s <= ANSWERED_WITHIN_S


@pytest.mark.parametrize("attack", Attack, ids=lambda attack: attack.name.lower())
def test_brakes_are_heard_whatever_strangers_do(started: Starter, attack: Attack) -> None:
    bot = started(COUNTERSIGN_HOLD_SECONDS="60")
    ids = [bot.vod.library.add_video(title=f"take {n}", has_cover=False).video_id for n in range(2)]
    stopped, frozen = approved(bot, ids[:1]), approved(bot, ids[1:])
    base = bot.bot.url.removesuffix("/slack/events")
    with strangers(attack, base, STRANGERS):
        assert_heard("stop", bot.slack.click("ana", "Stop", match=f"#{stopped}"))
        assert_heard("freeze", bot.slack.say("bo", "/vod freeze attacked"))
        assert httpx.get(f"{base}/healthz", timeout=5, trust_env=False).status_code == 200
        wait_for(lambda: bot.state(stopped) is not State.APPROVED, "the stop to take effect")

    assert bot.state(frozen) is State.APPROVED
    assert bot.events("freeze.begun")
    assert bot.vod.ledger.calls() == ()
    assert "Traceback" not in bot.log


def test_a_bot_crowded_by_strangers_ends_when_asked(started: Starter) -> None:
    bot = started()
    base = bot.bot.url.removesuffix("/slack/events")
    with strangers(Attack.HEADERS, base, STRANGERS):
        begun = time.monotonic()
        assert bot.bot.end(signal.SIGTERM) == 0
        took_s = time.monotonic() - begun

    measured(f"ended after {took_s:.1f} s")
    assert took_s < 15

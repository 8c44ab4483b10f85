"""What keeps a bot busy, cut off or crowded while people want to stop it."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from benchmarks import strangers
from benchmarks.stand import wait_for
from sandbox.slack import FaultKind, SlackSandbox
from sandbox.vod import VodSandbox
from storage import Database

WITHIN_S = 3.0
"""For every answer: Slack itself gives up then."""

SLOW_S = (2.0, 10.0)
"""What a call of a slow Slack takes."""

DROP_EVERY_S = 0.1
"""Between two bytes of an answer that drips: one of 500 bytes takes 50 s."""

CALLS = 2_000
"""Of the bot to Slack that are slow; it makes far fewer in one measurement."""

WORKERS = 8
"""Threads of the bot that work: its default."""

UNTIL_FELT_S = 2.0


class Attack(StrEnum):
    """What happens meanwhile."""

    NONE = "nothing"
    SILENT = "strangers connect and say nothing"
    HEADERS = "strangers send headers, a byte in 4 s"
    BODY = "strangers send a body, a byte in 4 s"
    READING = "strangers ask for metrics and read nothing"
    FLOOD = "strangers flood it with unsigned requests"
    SLOW = "each call to Slack takes 2 to 10 s"
    DRIP = "Slack answers a byte in 0.1 s"
    AWAY = "Slack cuts off every call of the bot"
    MANY = "75 deletions of one person, on hold and under way"
    COLLECTING = "16 proposals of 5,000 videos are read by every thread that deletes"
    THAW = "it was unfrozen right before"


FROM_OUTSIDE = {
    Attack.SILENT: strangers.Attack.SILENT,
    Attack.HEADERS: strangers.Attack.HEADERS,
    Attack.BODY: strangers.Attack.BODY,
    Attack.READING: strangers.Attack.READING,
    Attack.FLOOD: strangers.Attack.FLOOD,
}

SLACK_IS_TO_BLAME = frozenset({Attack.SLOW, Attack.DRIP, Attack.AWAY})
"""What keeps a message of the bot from being seen in time, whatever the bot does."""


@dataclass(frozen=True)
class Size:
    """How much of everything there is: stops, deletions, videos in each of them.

    The holds are long enough to approve all of the deletions meanwhile, and to stop some of very many.
    ``seen_within_s``: how long answers are waited for that a slow Slack keeps.
    """

    stops: int = 5
    deletions: int = 6
    videos: int = 600
    hold_s: int = 8
    many: int = 75
    many_hold_s: int = 30
    collected: int = 5_000
    strangers: int = 1_000
    seen_within_s: float = 25.0


SHORT = Size(2, 3, 400, hold_s=4, many=12, many_hold_s=8, collected=2_000, strangers=200, seen_within_s=WITHIN_S)


@dataclass(frozen=True)
class Target:
    """What is attacked: a running bot's address, its Slack, its VOD and its record."""

    url: str
    slack: SlackSandbox
    vod: VodSandbox
    database: Database


def attacked(attack: Attack, target: Target, size: Size) -> AbstractContextManager[object]:
    """Attack until the block ends; it begins once the attack is felt."""
    match attack:
        case Attack.NONE | Attack.MANY | Attack.THAW:
            return nullcontext()
        case Attack.SILENT | Attack.HEADERS | Attack.BODY | Attack.READING | Attack.FLOOD:
            return _crowded(FROM_OUTSIDE[attack], target, size.strangers)
        case Attack.SLOW:
            return _slack_does(target, _is_slow)
        case Attack.DRIP:
            return _slack_does(target, _drips)
        case Attack.AWAY:
            return _slack_does(target, _is_away)
        case Attack.COLLECTING:
            return _collecting(target, size.collected)
        case _:
            assert_never(attack)


@contextmanager
def _crowded(what: strangers.Attack, target: Target, number: int) -> Iterator[None]:
    with strangers.strangers(what, target.url, number):
        time.sleep(UNTIL_FELT_S)
        yield


@contextmanager
def _slack_does(target: Target, what: Callable[[SlackSandbox], None]) -> Iterator[None]:
    with ExitStack() as afterwards:
        afterwards.callback(target.slack.faults.clear)
        what(target.slack)
        time.sleep(UNTIL_FELT_S)
        yield


def _is_slow(slack: SlackSandbox) -> None:
    rng = random.Random(7)  # noqa: S311 - the same delays every time
    for _ in range(CALLS):
        slack.faults.add(FaultKind.SLOW, seconds=rng.uniform(*SLOW_S))


def _drips(slack: SlackSandbox) -> None:
    slack.faults.add(FaultKind.DRIP_AFTER, times=None, seconds=DROP_EVERY_S)


def _is_away(slack: SlackSandbox) -> None:
    slack.faults.add(FaultKind.DOWN)


@contextmanager
def _collecting(target: Target, number: int) -> Iterator[None]:
    """Have twice as many proposals read as the bot has threads that work; return once each of these does that."""
    ids = [target.vod.library.add_video(title=f"Read {n}", has_cover=False).video_id for n in range(number)]
    for _ in range(2 * WORKERS):
        target.slack.say("bo", f"/vod delete video {' '.join(ids)} --reason measured")
    wait_for(lambda: _collected(target.database) >= WORKERS, "every thread reads", timeout_s=60)
    yield


def _collected(database: Database) -> int:
    query = "SELECT count(*) AS n FROM jobs WHERE kind = 'collect' AND owner IS NOT NULL AND state = 'queued'"
    row = database.read(lambda tx: tx.one(query))
    return int(row["n"]) if row else 0

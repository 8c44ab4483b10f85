"""A freeze or a stop, at any moment of a big deletion by several running programs: what still goes."""

import json
import random
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

import vod
from deletion import work
from deletion.execution.calls import batches
from deletion.terms.requests.targets import BATCH
from deletion.terms.states import State
from sandbox.vod import DeleteCall, FaultKind, seed
from tests.e2e.conftest import Starter
from tests.e2e.evidence import assert_lawful
from tests.e2e.running import Running, measured, wait_for
from tests.e2e.test_click_storm import at_once
from tests.scene import Scene
from tests.stage import Opener

ENGINES = ("sqlite", "postgres")
INSTANCES = 2
VIDEOS = 3_000
STOPPED_VIDEOS = 800
"""More than are gone before a stop has come through."""

FREEZES = 12
STOPS = 2
HELD = 12

CLOCK_MS = 5
"""How far apart two connections may read PostgreSQL's clock: by the way back of an answer."""

MANY = {
    "COUNTERSIGN_MAX_ITEMS": "10000",
    "COUNTERSIGN_MAX_GIGABYTES": "100000",
    "COUNTERSIGN_CANARY_FROM": "100000",
}
"""Settings under which thousands of videos go at once."""


def wall_ms() -> float:
    """Return the clock that the record, the bots and the local VOD share: this machine's."""
    return time.time_ns() / 1_000_000


def more_videos(running: Running, count: int) -> list[str]:
    return [running.vod.library.add_video(title=f"take {n}").video_id for n in range(count)]


def approve(running: Running, number: int) -> None:
    delivery = running.slack.click("bo", "Approve", match=f"#{number}")
    assert delivery.error is None


def received_since(running: Running, since_ms: float) -> list[DeleteCall]:
    return [call for call in running.vod.ledger.calls() if call.at.timestamp() * 1000 > since_ms]


def newest_event_ms(running: Scene, action: str) -> int:
    row = running.database.read(
        lambda tx: tx.one("SELECT max(at_ms) AS at FROM audit WHERE action = :action", action=action)
    )
    return int(row["at"]) if row else 0


def is_quiet(running: Running) -> bool:
    """Say whether no call is under way."""
    query = "SELECT count(*) AS n FROM calls WHERE state = 'intent'"
    return running.database.read(lambda tx: tx.one(query)) == {"n": 0}


def is_frozen(running: Running) -> bool:
    query = "SELECT count(*) AS n FROM freezes WHERE thawed_ms IS NULL"
    return running.database.read(lambda tx: tx.one(query)) == {"n": 1}


def sent_at(running: Running) -> list[int]:
    """Return when the newest requests left, by the clock of the record."""
    row = running.database.read(lambda tx: tx.one("SELECT sent FROM quotas WHERE name = 'DeleteVideo'"))
    return [int(ms) for ms in json.loads(row["sent"])] if row else []


class Latecomers:
    """What reached VOD after each command that was to end it: after its event, and after its answer."""

    def __init__(self, running: Running, event: str) -> None:
        self._running = running
        self._event = event
        self._sent_after: list[list[int]] = []
        self._after_event: list[list[DeleteCall]] = []
        self._after_answer: list[list[DeleteCall]] = []
        self._latest_ms = 0.0

    def note(self, command: str, answer: str) -> None:
        """Let Ana type a command; wait until no call is under way, and note what came after it."""
        reply = self._running.slack.say("ana", command).reply
        answered_ms = wall_ms()
        assert reply is not None
        assert answer in reply.text
        wait_for(lambda: is_quiet(self._running), "no call is under way")
        event_ms = newest_event_ms(self._running, self._event)
        self._sent_after.append([ms for ms in sent_at(self._running) if ms > event_ms + CLOCK_MS])
        self._after_event.append(received_since(self._running, event_ms))
        self._after_answer.append(received_since(self._running, answered_ms))
        late = [call.at.timestamp() * 1000 - event_ms for call in self._after_event[-1]]
        self._latest_ms = max([self._latest_ms, *late])

    def assert_all_were_under_way(self, what: str) -> None:
        """Hold that nothing was sent after the event, and that what came was on its way already."""
        under_way = calls_under_way_at(self._running, self._event)
        most = [
            max(sum(len(call.ids) for call in calls) for calls in each)
            for each in (self._after_event, self._after_answer)
        ]
        measured(
            f"{what}: {len(under_way)} times; journalled and unanswered then: at most {max(map(len, under_way))} "
            f"calls; received after the event: at most {most[0]} ids (the last after {self._latest_ms:.0f} ms), "
            f"after the answer: at most {most[1]}"
        )
        for calls, journalled in zip(self._after_event, under_way, strict=True):
            assert {call.ids for call in calls} <= journalled
        # What is received later was handed to its connection before the event, and VOD took a moment to look at it.
        assert self._sent_after == [[]] * len(under_way)


def calls_under_way_at(running: Running, event: str) -> list[set[tuple[str, ...]]]:
    """Return, for each event of a kind, the targets of the calls journalled before it and not answered."""
    query = "SELECT action, payload FROM audit ORDER BY seq"
    under_way: dict[str, tuple[str, ...]] = {}
    found = []
    for row in running.database.read(lambda tx: tx.rows(query)):
        if row["action"] == event:
            found.append(set(under_way.values()))
        elif row["action"].startswith("call."):
            data = json.loads(row["payload"])["data"]
            if row["action"] == "call.intent":
                under_way[data["call"]] = tuple(data["targets"])
            else:
                under_way.pop(data["call"], None)
    return found


def freeze_again_and_again(running: Running, number: int, dice: random.Random) -> Latecomers:
    """Freeze at random moments of a deletion, and thaw it by two people when all is quiet."""
    latecomers = Latecomers(running, "freeze.begun")
    ledger = running.vod.ledger
    for n in range(FREEZES):
        enough = len(ledger.calls()) + dice.randint(1, 2)
        wait_for(lambda enough=enough: len(ledger.calls()) >= enough, "it is under way")  # type: ignore[misc] # mypy cannot infer a lambda's default
        latecomers.note(f"/vod freeze take {n}", "Everything is frozen")
        for who in ("bo", "cy"):
            assert running.slack.say(who, "/vod unfreeze").error is None
        wait_for(lambda: not is_frozen(running), "two people have thawed it")
    assert running.state(number) is State.EXECUTING
    return latecomers


def stop_while_executing(running: Running, latecomers: Latecomers, number: int) -> None:
    """Stop a deletion of which something was sent, and wait until all of it is over and told."""
    enough = len(running.vod.ledger.calls()) + 1
    wait_for(lambda: len(running.vod.ledger.calls()) >= enough, f"#{number} is under way")
    latecomers.note(f"/vod stop {number}", f"#{number}")
    wait_for(lambda: running.state(number) is State.FINISHED and running.all_is_told(), "it is over and told")
    assert set(running.outcomes(number).values()) == {"deleted", "stopped"}


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_follows_a_freeze_or_a_stop_but_the_calls_that_were_under_way(
    engine: str, started: Starter
) -> None:
    running = started(engine, instances=INSTANCES, **MANY)
    dice = random.Random(7)  # noqa: S311 - moments, not secrets
    number = running.propose(f"video {' '.join(more_videos(running, VIDEOS))}")
    approve(running, number)
    frozen = freeze_again_and_again(running, number, dice)
    stopped = Latecomers(running, "execution.stopped")
    stop_while_executing(running, stopped, number)
    for _ in range(STOPS):
        number = running.propose(f"video {' '.join(more_videos(running, STOPPED_VIDEOS))}")
        approve(running, number)
        stop_while_executing(running, stopped, number)

    frozen.assert_all_were_under_way(f"freezes on {engine}")
    stopped.assert_all_were_under_way(f"stops on {engine}")
    ids = running.vod.ledger.ids()
    assert len(ids) == len(set(ids))
    assert_lawful(running)
    assert running.end() == [0] * INSTANCES
    assert "Traceback" not in running.log


@pytest.mark.parametrize("engine", ENGINES)
def test_a_freeze_waits_for_the_request_that_is_being_sent_and_no_other_is_sent_after_it(
    engine: str, stage_on: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_on(engine)
    videos = [stage.vod.library.add_video(title=f"take {n}").video_id for n in range(2 * BATCH)]
    number = stage.propose("ana", f"video {' '.join(videos)}")
    stage.slack.click("bo", "Approve", match=f"#{number}")
    frozen, sent = threading.Event(), list[bool]()

    def freeze() -> None:
        stage.say("cy", "/vod freeze now")
        frozen.set()

    person = threading.Thread(target=freeze)

    def send() -> None:
        person.start()
        sent.append(frozen.wait(0.5))

    def delete(*_: object) -> Callable[[], vod.DeleteAnswer]:
        def call() -> vod.DeleteAnswer:
            vod.pass_gate(send)
            return vod.DeleteAnswer("request", frozenset(), frozenset())

        return call

    monkeypatch.setattr(batches, "_delete", delete)
    stage.settle()
    person.join(10)
    stage.advance(60)

    assert sent == [False]
    assert frozen.is_set()
    assert newest_event_ms(stage, "freeze.begun") > 0
    assert stage.state(number) is State.EXECUTING


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stop_that_races_the_end_of_the_hold_lets_nothing_or_says_that_it_came_too_late(
    engine: str, started: Starter
) -> None:
    running = started(engine, instances=INSTANCES, COUNTERSIGN_HOLD_SECONDS="1")
    dice = random.Random(7)  # noqa: S311 - moments, not secrets
    videos = more_videos(running, HELD)
    numbers = [running.propose(f"video {video}") for video in videos]
    for number in numbers:
        approve(running, number)
    all_on_hold = lambda: all(running.view(n).row.hold_until_ms for n in numbers)  # noqa: E731 - one line
    wait_for(all_on_hold, "all are on hold, their cards shown")
    ends = [running.view(number).row.hold_until_ms or 0 for number in numbers]

    def stop(number: int, moment_ms: float) -> str:
        threading.Event().wait(max(0.0, moment_ms - wall_ms()) / 1000)
        reply = running.slack.say("ana", f"/vod stop {number}").reply
        return reply.text if reply else ""

    deeds: list[Callable[[], str]] = [
        partial(stop, number, end + dice.uniform(-50, 70)) for number, end in zip(numbers, ends, strict=True)
    ]
    at_once(deeds)
    over = {State.STOPPED, State.FINISHED}
    wait_for(lambda: all(running.state(n) in over for n in numbers) and running.all_is_told(), "all are over")

    held = [video for video, n in zip(videos, numbers, strict=True) if running.state(n) is State.STOPPED]
    measured(f"{len(held)} of {HELD} were stopped during the hold on {engine}, the others a moment later")
    assert set(running.vod.ledger.ids()).isdisjoint(held)
    for number in numbers:
        assert set(running.outcomes(number).values()) <= {"deleted", "stopped"}
    assert_lawful(running)
    assert running.end() == [0] * INSTANCES
    assert "Traceback" not in running.log


@pytest.mark.parametrize("engine", ENGINES)
def test_a_long_freeze_does_not_make_a_later_hiccup_look_like_an_outage(engine: str, stage_on: Opener) -> None:
    """What waits for a thaw has failed at nothing: the first refusal after it is answered like any first one."""
    stage = stage_on(engine)
    number = stage.propose("ana", f"video {seed.SPRING_TEASER.video_id}")
    stage.slack.click("bo", "Approve", match=f"#{number}")
    while stage.state(number) is not State.APPROVED:
        assert work.run_one(stage.program.context)
    stage.settle_messages()
    while stage.state(number) is not State.EXECUTING:
        assert work.run_one(stage.program.context)
    stage.say("cy", "/vod freeze wait")
    for _ in range(12):
        stage.advance(6)
    stage.vod.faults.set(FaultKind.THROTTLE, "DeleteVideo", times=1)
    stage.say("bo", "/vod unfreeze")
    stage.say("cy", "/vod unfreeze")
    stage.advance(2)
    stage.advance(2)

    assert stage.state(number) is State.FINISHED
    assert_lawful(stage)

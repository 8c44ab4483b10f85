"""Several instances on one record, and starts anew while something is on hold: a hold lasts as long as promised."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deletion.approval.holds import leaps
from deletion.audit import events
from deletion.audit.record import record
from deletion.terms.ids import ProposalNumber, proposal_ref
from storage import SqliteDatabase, SteadyClock
from storage.tables import proposals, record_time
from tests.storage import samples

START_MS = 1_800_000_000_000
HOUR_MS = 3_600_000


class Clocks:
    """The clock on the wall, and the time that really passes."""

    def __init__(self) -> None:
        self.wall_ms = START_MS
        self.passed_ms = 0


class Instance:
    """One instance of the bot, as far as it keeps time."""

    def __init__(self, folder: Path, clocks: Clocks) -> None:
        self.clock = SteadyClock(lambda: clocks.wall_ms, monotonic_ns=lambda: clocks.passed_ms * 1_000_000)
        self.database = SqliteDatabase(folder / "record.db", now_ms=self.clock)
        self.database.migrate()
        leaps.resume(self.database, self.clock)

    def step(self) -> None:
        leaps.keep(self.database, self.clock)
        leaps.settle(self.database, self.clock)

    def now_s(self) -> int:
        return (self.database.now_ms() - START_MS) // 1000


class World:
    """Instances on one record, all of which look at their clocks once a second."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.clocks = Clocks()
        self.instances: list[Instance] = []

    def start(self) -> Instance:
        self.instances.append(Instance(self._folder, self.clocks))
        return self.instances[-1]

    def end(self, instance: Instance) -> None:
        instance.database.close()
        self.instances.remove(instance)

    def set_by(self, ms: int) -> None:
        self.clocks.wall_ms += ms

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clocks.wall_ms += 1000
            self.clocks.passed_ms += 1000
            for each in self.instances:
                each.step()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    for each in world.instances:
        each.database.close()


def hold(instance: Instance, seconds: int) -> ProposalNumber:
    """Let a hold begin at this instance."""
    number = ProposalNumber(samples.proposal(instance.database, state="approved"))
    now_ms = instance.database.now_ms()
    until_ms = now_ms + seconds * 1000
    begun = events.HoldBegun(
        about=proposal_ref(number), hold_no=1, begun_ms=now_ms, hold_until_ms=until_ms, channel="C1", ts="1.0"
    )
    instance.database.write(lambda tx: proposals.await_hold(tx, number, hold_s=seconds))
    instance.database.write(lambda tx: proposals.begin_hold(tx, number, hold_no=1, until_ms=until_ms))
    instance.database.write(lambda tx: record(tx, begun))
    return number


def until_s(instance: Instance, number: ProposalNumber) -> int:
    row = samples.row_of(instance.database, number)
    assert row.hold_until_ms is not None
    return (row.hold_until_ms - START_MS) // 1000


def test_a_hold_that_begins_at_an_instance_that_was_just_started_is_no_shorter_for_another(world: World) -> None:
    first = world.start()
    hold(first, 900)
    world.run(300)

    second = world.start()
    number = hold(second, 120)

    assert until_s(second, number) - first.now_s() >= 120 - leaps.SHORT_MS // 1000
    world.run(5)
    assert abs(second.now_s() - first.now_s()) <= 1


def test_a_clock_that_was_put_forward_is_followed_by_none_of_several_instances(world: World) -> None:
    first = world.start()
    number = hold(first, 900)
    world.run(300)
    world.set_by(HOUR_MS)
    world.run(10)

    second = world.start()
    world.run(10)

    assert until_s(first, number) - first.now_s() == 580
    assert abs(second.now_s() - first.now_s()) <= leaps.NOTE_EVERY_MS // 1000


def test_a_hold_is_over_in_time_however_often_the_bot_is_started_anew(world: World) -> None:
    number = hold(instance := world.start(), 900)
    for _ in range(6):
        world.run(155)
        world.end(instance)
        instance = world.start()

    assert instance.now_s() >= until_s(instance, number)


def test_time_that_nobody_saw_pass_still_ends_no_hold(world: World) -> None:
    number = hold(instance := world.start(), 900)
    world.run(300)
    world.end(instance)
    world.set_by(HOUR_MS)

    instance = world.start()
    world.run(10)

    left_s = until_s(instance, number) - instance.now_s()
    assert 590 - leaps.NOTE_EVERY_MS // 1000 <= left_s <= 590 + leaps.NOTE_EVERY_MS // 1000


@pytest.mark.parametrize("anew", [False, True])
def test_nobody_goes_by_a_time_that_somebody_wrote_into_the_record(world: World, anew: bool) -> None:  # noqa: FBT001 - a parameter of a test
    number = hold(instance := world.start(), 900)
    world.run(10)
    instance.database.write(lambda tx: record_time.note(tx, START_MS + HOUR_MS))
    if anew:
        world.end(instance)
        instance = world.start()
    world.run(10)

    assert until_s(instance, number) - instance.now_s() == 880

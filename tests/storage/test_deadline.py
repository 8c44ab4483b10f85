import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from storage import BusyError, Tx
from storage.engine import deadline
from storage.tables import audit_log
from tests.storage.engines import Engine

SOON_S = 10


@contextmanager
def held(engine: Engine) -> Iterator[threading.Event]:
    """Let another instance hold the head of the log in a write until the event is set, at the latest at the end."""
    other, holds, go_on = engine.open(), threading.Event(), threading.Event()

    def work(tx: Tx) -> None:
        audit_log.head(tx, locked=True)
        holds.set()
        go_on.wait(SOON_S)

    thread = threading.Thread(target=other.write, args=(work,))
    thread.start()
    try:
        assert holds.wait(SOON_S)
        yield go_on
    finally:
        go_on.set()
        thread.join()


def take_head(tx: Tx) -> int:
    return audit_log.head(tx, locked=True).seq


def test_a_write_with_a_deadline_gives_up_waiting_for_another_in_time(engine: Engine) -> None:
    database = engine.open()
    database.migrate()
    with held(engine):
        began = time.monotonic()
        with pytest.raises(BusyError), deadline.within(0.3):
            database.write(take_head)
        assert 0.2 < time.monotonic() - began < 1.5

    with deadline.within(0.3):
        assert database.write(take_head) == 0


def test_all_writes_of_one_deadline_share_it(engine: Engine) -> None:
    database = engine.open()
    database.migrate()
    with held(engine):
        began = time.monotonic()
        with deadline.within(0.3):
            for _ in range(5):
                with pytest.raises(BusyError):
                    database.write(take_head)
        assert time.monotonic() - began < 1.5


def test_locks_waited_for_one_after_the_other_share_the_deadline_too(engine: Engine) -> None:
    """Whoever gets the first lock just in time does not wait for the second as long again."""
    database = engine.open()
    database.migrate()
    database.write(lambda tx: tx.run("INSERT INTO quotas (name, next_us) VALUES ('q', 0)"))

    def take_both(tx: Tx) -> int:
        tx.one("SELECT name FROM quotas WHERE name = 'q' {lock}")
        return take_head(tx)

    def wait(seconds: float) -> None:
        with pytest.raises(BusyError), deadline.within(seconds):
            database.write(take_both)

    with held(engine):
        waiting = [threading.Thread(target=wait, args=(seconds,)) for seconds in (0.8, 0.9, 0.9)]
        began = time.monotonic()
        for thread in waiting:
            thread.start()
        for thread in waiting:
            thread.join()
        assert time.monotonic() - began < 1.3


def test_who_queues_for_one_lock_gives_up_in_time_wherever_they_stand(engine: Engine) -> None:
    """In PostgreSQL the first in the queue waits for who has the row, the others for their turn: two waits."""
    database = engine.open()
    database.migrate()
    took: list[float] = []

    def wait() -> None:
        began = time.monotonic()
        with pytest.raises(BusyError), deadline.within(0.6):
            database.write(take_head)
        took.append(time.monotonic() - began)

    with held(engine):
        waiting = [threading.Thread(target=wait) for _ in range(4)]
        for thread in waiting:
            thread.start()
        for thread in waiting:
            thread.join()
    assert len(took) == 4
    assert max(took) < 1.0


def test_a_write_without_a_deadline_waits_for_the_other_even_after_one_with_a_deadline(engine: Engine) -> None:
    database = engine.open()
    database.migrate()
    with held(engine) as go_on:
        with pytest.raises(BusyError), deadline.within(0.1):
            database.write(take_head)
        timer = threading.Timer(0.5, go_on.set)
        timer.start()
        assert database.write(take_head) == 0
        timer.join()


def test_a_deadline_ends_with_its_block() -> None:
    with deadline.within(0):
        assert deadline.is_over()
        assert deadline.left_s(5) == 0
    assert not deadline.is_over()
    assert deadline.left_s(5) == 5

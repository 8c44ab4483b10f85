"""The threads that look things up for people: few, bounded, and none of them lost to what breaks."""

import threading
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from deletion.lookup.desk import Desk
from handlers import lookups
from handlers.lookups import Lookups

SOON_S = 10


@pytest.fixture
def queue() -> Iterator[Lookups]:
    made = Lookups(Desk(None, None, None, lambda _: None, lambda: 0.0))  # type: ignore[arg-type] # nothing is read
    yield made
    made.end(SOON_S)


def test_what_is_asked_is_done_and_then_there_is_rest(queue: Lookups) -> None:
    done: list[int] = []
    for n in range(3):
        assert queue.ask(f"U{n}", lambda _, n=n: done.append(n))  # type: ignore[misc] # mypy cannot infer a default
    assert queue.settle(SOON_S)
    assert sorted(done) == [0, 1, 2]


def test_nobody_fills_the_queue_alone_and_it_is_short(queue: Lookups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "WAITING", 4)
    go_on = threading.Event()
    begun = threading.Semaphore(0)

    def wait(_: Desk) -> None:
        begun.release()
        go_on.wait(SOON_S)

    assert [queue.ask("U1", wait) for _ in range(lookups.EACH + 1)] == [True] * lookups.EACH + [False]
    for _ in range(lookups.THREADS):
        assert begun.acquire(timeout=SOON_S)
    assert [queue.ask(f"U{n}", wait) for n in range(2, 6)] == [True, True, True, False]
    go_on.set()
    assert queue.settle(SOON_S)
    assert queue.ask("U1", wait)


def test_what_breaks_is_logged_and_the_next_is_done(queue: Lookups) -> None:
    def broken(_: Desk) -> None:
        raise ZeroDivisionError

    done: list[int] = []
    with capture_logs() as logs:
        for n in range(lookups.THREADS + 1):
            queue.ask(f"U{n}", broken)
        assert queue.settle(SOON_S)
        queue.ask("U9", lambda _: done.append(1))
        assert queue.settle(SOON_S)
    assert done == [1]
    assert [log["event"] for log in logs] == ["lookup.failed"] * (lookups.THREADS + 1)


def test_at_the_end_no_more_is_taken(queue: Lookups) -> None:
    assert queue.ask("U1", lambda _: None)
    assert queue.settle(SOON_S)
    queue.end(SOON_S)
    assert not queue.ask("U1", lambda _: None)


def test_a_request_waits_for_its_own_and_what_nobody_waits_for_is_not_begun(queue: Lookups) -> None:
    done: list[int] = []
    assert queue.ask_and_wait("U1", lambda _: done.append(1), SOON_S)
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def wait(_: Desk) -> None:
        begun.release()
        go_on.wait(SOON_S)

    for n in range(lookups.THREADS):
        assert queue.ask(f"U{n}", wait)
        assert begun.acquire(timeout=SOON_S)
    assert not queue.ask_and_wait("U8", lambda _: done.append(2), 0.0)
    go_on.set()
    assert queue.settle(SOON_S)
    assert done == [1]


def test_few_requests_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "AWAITED", 1)
    queue = Lookups(Desk(None, None, None, lambda _: None, lambda: 0.0))  # type: ignore[arg-type] # nothing is read
    others: list[bool] = []
    assert queue.ask_and_wait("U1", lambda _: others.append(queue.ask_and_wait("U2", print, SOON_S)), SOON_S)
    assert others == [False]
    assert queue.ask_and_wait("U2", lambda _: None, SOON_S)
    queue.end(SOON_S)

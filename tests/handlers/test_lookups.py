"""The threads that look things up for people: few, bounded, and none of them lost to what breaks."""

import threading
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from deletion.lookup.desk import Desk
from handlers import lookups
from handlers.lookups import Lookups

SOON_S = 10


class Client:
    """VOD, of which nothing is read."""

    closed = 0

    def close(self) -> None:
        self.closed += 1


def desk(client: Client | None = None) -> Desk:
    return Desk(client or Client(), None, None, lambda _: None, lambda: 0.0)  # type: ignore[arg-type] # as above


@pytest.fixture
def queue() -> Iterator[Lookups]:
    made = Lookups(desk())
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
    assert queue.ask("U2", wait)
    for _ in range(lookups.THREADS):
        assert begun.acquire(timeout=SOON_S)
    assert [queue.ask(f"U{n}", wait) for n in range(3, 6)] == [True, True, False]
    go_on.set()
    assert queue.settle(SOON_S)
    assert queue.ask("U1", wait)


def test_who_asks_for_much_keeps_nobody_else_waiting(queue: Lookups) -> None:
    go_on, done = threading.Event(), threading.Event()

    def wait(_: Desk) -> None:
        go_on.wait(SOON_S)

    for _ in range(lookups.EACH):
        assert queue.ask("U1", wait)
    assert queue.ask("U2", lambda _: done.set())
    assert done.wait(SOON_S)
    go_on.set()
    assert queue.settle(SOON_S)


def test_who_waits_too_long_is_told_and_nothing_is_looked_up_for_them(
    queue: Lookups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "WAITS_S", 0.0)
    told, done = threading.Event(), list[str]()
    queue._going |= {"U1"}  # as if the only look-up of somebody went on for long
    assert queue.ask("U1", lambda _: done.append("looked"), told.set)
    assert told.wait(SOON_S)
    assert queue.settle(SOON_S)
    assert done == []


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


def test_at_the_end_no_more_is_taken_and_no_connection_is_left() -> None:
    client = Client()
    queue = Lookups(desk(client))
    assert queue.ask("U1", lambda _: None)
    assert queue.settle(SOON_S)
    queue.end(SOON_S)
    assert not queue.ask("U1", lambda _: None)
    assert client.closed == 1


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
    queue = Lookups(desk())
    others: list[bool] = []
    assert queue.ask_and_wait("U1", lambda _: others.append(queue.ask_and_wait("U2", print, SOON_S)), SOON_S)
    assert others == [False]
    assert queue.ask_and_wait("U2", lambda _: None, SOON_S)
    queue.end(SOON_S)

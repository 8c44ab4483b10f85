"""Several announcers on one database: every message once, and each channel's in order."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from handlers.outbox.announcer import Announcer
from storage import Database, Tx
from storage.tables.outbox import OutboxRow
from tests.handlers.wire import Wire

T = TypeVar("T")

MESSAGES = 12


def all_at_once(*work: Callable[[], object]) -> None:
    """Run each piece of work in its own thread, all starting together; a failure in one is a failure."""
    barrier = threading.Barrier(len(work))
    failures: list[BaseException] = []

    def run(one: Callable[[], object]) -> None:
        barrier.wait()
        try:
            one()
        except BaseException as exc:
            failures.append(exc)
            raise

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


def until_nothing_is_owed(wire: Wire, announcer: Announcer) -> Callable[[], None]:
    """Step as the worker does: an idle moment of one is not the end, another may hold the lane."""

    def run() -> None:
        while wire.unsent():
            announcer.step()

    return run


def test_two_announcers_say_everything_once_and_in_order(wire: Wire) -> None:
    number = wire.proposal()
    for count in range(1, MESSAGES + 1):
        wire.reply(number, count)
        wire.direct("ana", count)
        wire.private("bo", count)
    all_at_once(*(until_nothing_is_owed(wire, wire.another(name)) for name in ("one", "two")))
    in_order = [str(count) for count in range(1, MESSAGES + 1)]
    assert len(wire.cards()) == 1
    assert [reply.text.split()[0] for reply in wire.replies(number)] == in_order
    assert [message.text.split()[2].strip("#") for message in wire.slack.dm("ana")] == in_order
    assert [answer.text.split()[3].strip("#") for answer in wire.slack.ephemerals("bo")] == in_order
    assert set(wire.states()) == {"sent"}


def test_two_threads_of_one_announcer_say_everything_once_and_in_order(wire: Wire) -> None:
    number = wire.proposal()
    for count in range(1, MESSAGES + 1):
        wire.reply(number, count)
    all_at_once(*[until_nothing_is_owed(wire, wire.announcer)] * 2)
    assert [reply.text.split()[0] for reply in wire.replies(number)] == [str(n) for n in range(1, MESSAGES + 1)]


@dataclass
class Held:
    """A real call to Slack that stops before or after it is made, until it is let go."""

    call: Callable[..., object]
    before: bool
    arrived: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, **args: object) -> object:
        if not self.before:
            answer = self.call(**args)
        self.arrived.set()
        assert self.let_go.wait(30)
        return self.call(**args) if self.before else answer


def hold_a_post(announcer: Announcer, *, before: bool) -> Held:
    """Let this announcer stop at its next post."""
    client = announcer._sender._client
    held = Held(client.chat_postMessage, before)
    client.chat_postMessage = held  # type: ignore[assignment, method-assign] # the same call, with a pause
    return held


def test_while_one_is_slow_with_a_channel_the_other_serves_everybody_else(wire: Wire) -> None:
    number = wire.proposal()
    wire.reply(number)
    held = hold_a_post(wire.announcer, before=True)
    slow = threading.Thread(target=wire.announcer.step)
    slow.start()
    assert held.arrived.wait(30)
    wire.direct("ana")
    other = wire.another("other")
    assert wire.send(other) == 1
    assert wire.cards() == []
    held.let_go.set()
    slow.join(30)
    wire.send(other)
    assert len(wire.replies(number)) == len(wire.cards()) == 1
    assert set(wire.states()) == {"sent"}


def test_who_lost_its_lane_while_it_was_slow_changes_nothing_any_more(wire: Wire) -> None:
    """The first is overtaken in the middle of a post: the second finds that post instead of repeating it."""
    wire.proposal()
    held = hold_a_post(wire.announcer, before=False)
    slow = threading.Thread(target=wire.announcer.step)
    slow.start()
    assert held.arrived.wait(30)
    wire.clock.advance(61)
    assert wire.send(wire.another("second")) == 1
    held.let_go.set()
    slow.join(30)
    (card,) = wire.cards()
    (row,) = wire.owed()
    assert (row.state, row.ts) == ("sent", card.ts)
    assert wire.send() == 0


@dataclass
class Overtaken:
    """A database behind which a minute passes as soon as something was claimed, and another announcer acts."""

    database: Database
    meanwhile: Callable[[], object]

    def write(self, work: Callable[[Tx], T], /) -> T:
        result = self.database.write(work)
        if isinstance(result, OutboxRow):
            self.meanwhile()
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)


def test_who_stood_still_before_its_post_until_another_took_over_does_not_post_as_well(wire: Wire) -> None:
    wire.direct("ana")

    def meanwhile() -> None:
        wire.clock.advance(61)
        wire.send(wire.another("second"))

    wire.announcer._outbox._record = Overtaken(wire.database, meanwhile)
    assert wire.announcer.step()
    assert len(wire.slack.dm("ana")) == 1
    assert wire.states() == ["sent"]
    assert not wire.announcer.step()


def test_who_stood_still_while_nobody_took_over_goes_on(wire: Wire) -> None:
    wire.proposal()
    wire.announcer._outbox._record = Overtaken(wire.database, lambda: wire.clock.advance(61))
    assert wire.announcer.step()
    assert wire.send(wire.another("second")) == 0
    assert len(wire.cards()) == 1
    assert wire.states() == ["sent"]


def slow_pages(announcer: Announcer, meanwhile: Callable[[], object]) -> None:
    """Let this announcer read the history one message at a time, with something happening after each page."""
    client = announcer._finder._client
    read = client.conversations_history

    def page(**args: Any) -> object:
        answer = read(**{**args, "limit": 1})
        meanwhile()
        return answer

    client.conversations_history = page  # type: ignore[assignment, method-assign] # the same call, slower


def chatter(wire: Wire, count: int) -> None:
    """Let others post to the approvals channel."""
    client = wire.another("chatting")._sender._client
    for n in range(count):
        client.chat_postMessage(channel=wire.places.approvals, text=f"chatter {n}")


def beside_chatter(wire: Wire) -> list[str]:
    return [card.text for card in wire.cards() if not card.text.startswith("chatter")]


@pytest.mark.parametrize("posted", [True, False])
def test_looking_for_a_message_may_take_longer_than_a_lease(wire: Wire, *, posted: bool) -> None:
    """What is looked for was posted before all else there is, or not at all."""
    wire.proposal()
    wire.die_sending(posted=posted)
    chatter(wire, 5)
    wire.clock.advance(61)
    others: list[bool] = []

    def meanwhile() -> None:
        wire.clock.advance(40)
        others.append(wire.another("second").step())

    slow_pages(wire.announcer, meanwhile)
    assert wire.announcer.step()
    assert others == [False] * (6 if posted else 5)
    assert len(beside_chatter(wire)) == 1
    assert wire.states() == ["sent"]


def test_who_loses_its_lane_while_it_looks_leaves_the_message_to_the_other(wire: Wire) -> None:
    wire.proposal()
    wire.die_sending(posted=False)
    chatter(wire, 3)
    wire.clock.advance(61)
    pages: list[int] = []

    def meanwhile() -> None:
        wire.clock.advance(61)
        pages.append(wire.send(wire.another("second")))

    slow_pages(wire.announcer, meanwhile)
    assert wire.announcer.step()
    assert pages == [1]
    assert len(beside_chatter(wire)) == 1
    assert wire.states() == ["sent"]


def test_a_late_thread_does_not_free_the_lane_that_another_of_its_instance_holds(wire: Wire) -> None:
    number = wire.proposal()
    wire.reply(number)
    first = hold_a_post(wire.announcer, before=False)
    slow = threading.Thread(target=wire.announcer.step)
    slow.start()
    assert first.arrived.wait(30)
    wire.clock.advance(61)
    taken = wire.announcer.step()
    second = hold_a_post(wire.announcer, before=True)
    later = threading.Thread(target=wire.announcer.step)
    later.start()
    assert second.arrived.wait(30)
    first.let_go.set()
    slow.join(30)
    assert taken
    assert not wire.another("third").step()
    second.let_go.set()
    later.join(30)
    assert len(wire.replies(number)) == 1

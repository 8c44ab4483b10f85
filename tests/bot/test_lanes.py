"""Brakes have threads of their own, and what many ask at once is asked once."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.runtime.server import web
from bot.runtime.server.front import Front, bind
from bot.runtime.server.lanes import Lane, SharedQuestion
from bot.runtime.server.web import WebApp
from sandbox.slack import SlackSandbox


class Crowded:
    """A bot of which every command but stop waits; `url` takes Slack's requests."""

    def __init__(self) -> None:
        self.go, self.waiting = threading.Event(), threading.Semaphore(0)
        app = App(
            client=WebClient(),
            signing_secret=SlackSandbox.signing_secret,
            authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1"),
            process_before_response=True,
        )
        app.command("/vod")(self._answer)
        self.web = WebApp(
            app,
            signing_secret=SlackSandbox.signing_secret,
            health=lambda: (True, {}),
            metrics=lambda: b"",
        )
        self.front = Front(self.web, bind("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.front.bind_addr[1]}"

    def _answer(self, ack: Ack, body: dict[str, str]) -> None:
        if body["text"] != "stop 1":
            self.waiting.release()
            self.go.wait(60)
        ack("Heard.")

    def say(self, text: str) -> int:
        body = urlencode({"command": "/vod", "text": text, "team_id": "T1", "user_id": "U1"}).encode()
        headers = SlackSandbox.sign(body)
        return httpx.post(f"{self.url}/slack/events", content=body, headers=headers, timeout=60).status_code

    def end(self) -> None:
        self.go.set()
        self.front.end(20)
        self.web.end(5)


@pytest.fixture
def crowded() -> Iterator[Crowded]:
    made = Crowded()
    yield made
    made.end()


def test_a_stop_is_heard_while_every_thread_for_other_commands_is_taken(crowded: Crowded) -> None:
    with ThreadPoolExecutor(web.REQUEST_THREADS + 4) as people:
        others = [people.submit(crowded.say, "list") for _ in range(web.REQUEST_THREADS + 4)]
        for _ in range(web.REQUEST_THREADS):
            assert crowded.waiting.acquire(timeout=30)

        assert crowded.say("stop 1") == 200
        assert httpx.get(f"{crowded.url}/healthz").status_code == 200
        assert not any(other.done() for other in others)
        crowded.go.set()
        assert [other.result() for other in others] == [200] * len(others)


def test_what_hangs_does_not_keep_the_end(crowded: Crowded) -> None:
    with ThreadPoolExecutor(1) as person:
        hung = person.submit(crowded.say, "list")
        assert crowded.waiting.acquire(timeout=30)
        begun = time.monotonic()
        crowded.front.end(20)
        crowded.web.end(0.05)
        took_s = time.monotonic() - begun
        crowded.go.set()
        assert hung.result() == 500

    assert took_s < 15, "the server waits five seconds for what is being carried out"


def test_those_who_ask_at_once_get_one_answer_and_the_next_a_new_one() -> None:
    asked: list[int] = []

    def question() -> int:
        asked.append(1)
        return len(asked)

    async def ask() -> tuple[list[int], int]:
        shared = SharedQuestion(lane, question)
        return await asyncio.gather(*(shared.ask() for _ in range(50))), await shared.ask()

    lane = Lane("question", 2)
    together, later = asyncio.run(ask())
    lane.end(5)

    assert (together, later) == ([1] * 50, 2)


def test_what_work_raises_reaches_who_awaits_it() -> None:
    async def work() -> None:
        await lane.run(lambda: 1 // 0)

    lane = Lane("broken", 1)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(work())
    lane.end(5)


def test_a_lane_that_did_nothing_has_no_threads() -> None:
    before = threading.active_count()
    lane = Lane("idle", 3)

    assert threading.active_count() == before
    lane.end(1)

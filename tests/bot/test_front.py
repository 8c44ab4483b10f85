"""The door itself: what comes slowly, too much or in pieces, who gives way to whom, and how it ends."""

import gzip
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import parse_qsl, urlencode

import pytest

from bot.runtime.server import front
from bot.runtime.server.front import Front, Room, bind
from sandbox.slack import SlackSandbox
from tests.bot.conftest import Logged
from tests.stage import Stage

Open = Callable[..., "Line"]

POST = "POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Type: application/x-www-form-urlencoded\r\n"


class Line:
    """A bare connection; whatever the server says must come within ten seconds."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._answers = self.socket.makefile("rb")

    def send(self, *parts: str | bytes) -> None:
        self.socket.sendall(b"".join(part if isinstance(part, bytes) else part.encode() for part in parts))

    def status(self) -> int | None:
        """Read one answer, its body too; None when the connection ended instead."""
        try:
            first = self._answers.readline()
        except ConnectionError:
            return None
        if not first:
            return None
        length = 0
        for line in iter(self._answers.readline, b"\r\n"):
            name, _, value = line.decode().partition(":")
            length = int(value) if name.lower() == "content-length" else length
        self.body = self._answers.read(length)
        return int(first.split()[1])

    def is_over(self) -> bool:
        """Wait for the end of the connection."""
        try:
            return self._answers.read(1) == b""
        except ConnectionError:
            return True

    def drip(self, bytes_: bytes) -> bool:
        """Send bytes one at a time, twenty a second, until answered or cut off; False when all could be sent."""
        self.socket.settimeout(0.05)
        for each in bytes_:
            try:
                self.socket.sendall(bytes([each]))
                self.socket.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                continue
            except ConnectionError:
                pass
            self.socket.settimeout(10)
            return True
        return False


@pytest.fixture
def dial(served: Stage) -> Iterator[Open]:
    with ExitStack() as opened:

        def connect(port: int = served.port) -> Line:
            line = Line(port)
            opened.callback(line.socket.close)
            opened.callback(line._answers.close)
            return line

        yield connect


@pytest.fixture
def small(served: Stage) -> Iterator[Front]:
    """Another door to the same bot, with room for five."""
    listener = bind("127.0.0.1", 0)
    opened = Front(served.program.web, listener, Room(most_waiting=5, most_held=300_000))
    yield opened
    opened.end(10)


def signed(stage: Stage, **more: str) -> bytes:
    """Return a whole signed command as bytes."""
    sent = stage.slack.say("ana", "/vod help").request
    assert sent is not None
    fields = {**dict(parse_qsl(sent.body.decode(), keep_blank_values=True)), "text": "list", **more}
    body = urlencode(fields).encode()
    headers = "".join(f"{name}: {value}\r\n" for name, value in SlackSandbox.sign(body).items())
    return f"POST /slack/events HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


MADE_UP = f"X-Slack-Request-Timestamp: {int(time.time())}\r\nX-Slack-Signature: v0={'0' * 64}\r\n"


@pytest.mark.parametrize(
    "begin", [POST + "X-Slow: ", POST + MADE_UP + "Content-Length: 900\r\n\r\n"], ids=["headers", "body"]
)
def test_a_request_that_comes_byte_by_byte_has_a_time_for_all_of_it(
    dial: Open, monkeypatch: pytest.MonkeyPatch, begin: str
) -> None:
    monkeypatch.setattr(front, "REQUEST_WITHIN_S", 0.5)
    line = dial()
    line.send(begin)

    assert line.drip(b"x" * 400), "twenty seconds were not too long"
    assert line.status() == 408
    assert line.is_over()


def test_who_connects_and_says_nothing_is_not_waited_for(dial: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(front.KEPT_FOR_S, False, 0.2)

    assert dial().is_over()


def test_a_body_that_goes_on_after_its_answer_is_not_listened_to(dial: Open) -> None:
    line = dial()
    line.send(POST, "Content-Length: 3000000\r\n\r\n", b"x" * 1_100_000)

    assert line.status() == 413
    assert line.is_over()


def test_of_strangers_who_crowd_the_room_the_one_who_waited_longest_gives_way(
    served: Stage, small: Front, dial: Open
) -> None:
    port = small.bind_addr[1]
    waiting = [dial(port) for _ in range(5)]
    for line in waiting:
        line.send("GET /not-there HTTP/1.1\r\nHost: x\r\n")
    first = dial(port)
    first.send(signed(served))
    second = dial(port)
    second.send(signed(served))

    assert (first.status(), second.status()) == (200, 200)
    assert waiting[0].is_over()


def test_a_connection_that_brought_signed_requests_is_kept_before_strangers(
    served: Stage, small: Front, dial: Open
) -> None:
    port = small.bind_addr[1]
    proxy = dial(port)
    proxy.send(signed(served))
    assert proxy.status() == 200
    strangers = [dial(port) for _ in range(12)]

    assert strangers[0].is_over()
    proxy.send(signed(served))
    assert proxy.status() == 200


def test_who_was_told_no_gives_way_before_who_has_not_asked_yet(small: Front, dial: Open) -> None:
    port = small.bind_addr[1]
    fresh, tried = dial(port), dial(port)
    tried.send(POST, "Content-Length: 3\r\n\r\na=b")
    assert tried.status() == 401
    for _ in range(4):
        dial(port)

    assert tried.is_over()
    fresh.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert fresh.status() == 200


def test_of_unfinished_requests_only_so_much_is_kept(served: Stage, small: Front, dial: Open) -> None:
    port = small.bind_addr[1]
    lines = [dial(port) for _ in range(2)]
    for line in lines:
        line.send(POST, MADE_UP, "Content-Length: 900000\r\n\r\n", b"x" * 200_000)

    assert lines[0].is_over()
    last = dial(port)
    last.send(signed(served))
    assert last.status() == 200


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS greeting \r\n\r\n", {400}),
        (b"\x00" * 100 + b"\r\n\r\n", {400}),
        (b"GET\r\n\r\n", {400}),
        (b"POST /slack/events HTTP/9.9\r\nHost: x\r\n\r\n", {401}),
        (b"POST /slack/events HTTP/1.1\r\n\r\n", {400}),
        (POST.encode() + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", {400}),
        (POST.encode() + b"Content-Length: 99999999999999999999999\r\n\r\n", {400}),
        (POST.encode() + b"Transfer-Encoding: gzip\r\n\r\n", {400}),
        (POST.encode() + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", {400}),
        (POST.encode() + b"X: " + b"y" * 100_000 + b"\r\n\r\n", {400, 431}),
        (POST.encode() + b"X-Y: z\r\n" * 150 + b"Content-Length: 0\r\n\r\n", {431}),
        (POST.encode() + b"Content-Length: 0\r\n\r\n", {401}),
        (b"POST /slack/events HTTP/1.0\r\nContent-Length: 3\r\n\r\na=b", {401}),
        (b"GET /healthz HTTP/1.0\r\n\r\n", {200}),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", {200}),
        (POST.encode() + b"Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n", {401}),
    ],
    ids=lambda value: repr(value)[-40:],
)
def test_whatever_comes_without_a_signature_is_answered_plainly(
    dial: Open, caplog: pytest.LogCaptureFixture, sent: bytes, answers: set[int]
) -> None:
    line = dial()
    line.send(sent)

    assert line.status() in answers
    assert not [record for record in caplog.records if record.exc_info or record.name.startswith("uvicorn")]


def test_a_compressed_body_is_not_opened(dial: Open) -> None:
    body = gzip.compress(b"a" * 10_000_000)
    headers = {**SlackSandbox.sign(b""), "Content-Encoding": "gzip", "Content-Length": str(len(body))}
    line = dial()
    line.send(POST, "".join(f"{name}: {value}\r\n" for name, value in headers.items()), "\r\n", body)

    assert line.status() in {400, 413}


def test_signed_commands_in_one_go_are_answered_in_turn(served: Stage, dial: Open) -> None:
    line = dial()
    line.send(*(signed(served, text=text) for text in ("list", "status", "help")))

    assert [line.status() for _ in range(3)] == [200, 200, 200]


def test_a_signed_command_in_chunks_is_taken(served: Stage, dial: Open) -> None:
    head, _, body = signed(served).partition(b"\r\n\r\n")
    kept = [each for each in head.split(b"\r\n") if not each.startswith(b"Content-Length")]
    chunks = b"".join(b"1\r\n" + bytes([each]) + b"\r\n" for each in body) + b"0\r\n\r\n"
    line = dial()
    line.send(b"\r\n".join([*kept, b"Transfer-Encoding: chunked"]), b"\r\n\r\n", chunks)

    assert line.status() == 200


def test_strangers_turned_away_make_one_short_line_in_ten_seconds(served: Stage, logged: Logged) -> None:
    listener = bind("127.0.0.1", 0)
    opened = Front(served.program.web, listener)
    line = Line(opened.bind_addr[1])
    for _ in range(50):
        line.send(POST, "Content-Length: 3\r\n\r\n{ba")
        assert line.status() == 401
    line.socket.close()
    line._answers.close()
    lines = len(logged.named("http.refused"))
    opened.end(10)

    assert lines <= 2, "one at once, and one more if this took ten seconds"
    counted: list[dict[str, int]] = [entry["requests"] for entry in logged.named("http.refused")]
    assert sum(each["unsigned"] for each in counted) == 50


def test_it_ends_in_good_time_whoever_is_connected(served: Stage, dial: Open) -> None:
    opened = Front(served.program.web, bind("127.0.0.1", 0))
    port = opened.bind_addr[1]
    silent, headers, body, idle = (dial(port) for _ in range(4))
    headers.send(POST)
    body.send(POST, MADE_UP, "Content-Length: 900\r\n\r\nx")
    idle.send(signed(served))
    assert idle.status() == 200
    begun = time.monotonic()
    opened.end(20)

    assert time.monotonic() - begun < 4, "a request may take five seconds, and a kept connection 75"
    assert all(line.is_over() for line in (silent, headers, body, idle))

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
from slack_sdk import WebClient

from sandbox.slack import SlackSandbox

Answer = Callable[[dict[str, str]], tuple[int, str]]


@dataclass
class Bot:
    """A tiny receiving app. `answers` maps the form it got to a status and a body (JSON or text)."""

    url: str = ""
    answers: Answer = field(default=lambda _form: (200, ""))
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(body.decode(), keep_blank_values=True)) for _, body in self.requests]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # fifty clicks at once must not queue in the kernel for a second


def _handler(bot: Bot) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with bot.lock:
                bot.requests.append((dict(self.headers), body))
            status, answer = bot.answers(dict(parse_qsl(body.decode(), keep_blank_values=True)))
            content = answer.encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # Slack has hung up, which is what the test is about

        def log_message(self, *_: Any) -> None:
            return

    return Handler


@pytest.fixture
def slack() -> Iterator[SlackSandbox]:
    with SlackSandbox.start(environ={}) as sandbox:
        yield sandbox


@pytest.fixture
def client(slack: SlackSandbox) -> WebClient:
    return WebClient(base_url=slack.api_url, token=slack.bot_token, retry_handlers=[])


@pytest.fixture
def bot(slack: SlackSandbox) -> Iterator[Bot]:
    receiving = Bot()
    server = _Server(("127.0.0.1", 0), _handler(receiving))
    receiving.url = f"http://127.0.0.1:{server.server_address[1]}/slack/events"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    slack.connect(receiving.url)
    yield receiving
    server.shutdown()
    server.server_close()
    thread.join()

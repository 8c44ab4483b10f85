import logging
import threading
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.serving import DroppedConnection, Served, serve, wait_unless_disconnected


async def hello(request: Request) -> Response:
    return PlainTextResponse(f"hello {request.url.port}")


def drop(_request: Request) -> Response:
    return DroppedConnection()


async def linger(request: Request) -> Response:
    await wait_unless_disconnected(request.receive, float(request.query_params["s"]))
    return PlainTextResponse("late")


def application() -> Starlette:
    return Starlette(routes=[Route("/", hello), Route("/drop", drop), Route("/linger", linger)])


@pytest.fixture
def served() -> Iterator[Served]:
    server = serve(application())
    yield server
    server.stop()


def test_a_served_application_answers_at_once(served: Served) -> None:
    assert httpx.get(served.url).text == f"hello {served.port}"
    assert served.url == f"http://127.0.0.1:{served.port}"


def test_a_dropped_connection_is_a_reset_and_the_server_lives_on(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), httpx.Client() as client:
        assert client.get(served.url).status_code == 200
        with pytest.raises(httpx.ReadError, match="reset"):
            client.get(served.url + "/drop")
        assert client.get(served.url).status_code == 200
    assert caplog.records == []


def test_a_wait_ends_in_time(served: Served) -> None:
    assert httpx.get(served.url + "/linger?s=0.01").text == "late"


def test_stopping_cuts_a_request_that_is_still_waiting(caplog: pytest.LogCaptureFixture) -> None:
    arrived = threading.Barrier(2)

    async def announce(request: Request) -> Response:
        arrived.wait(5)
        await wait_unless_disconnected(request.receive, 60)
        return PlainTextResponse("never")

    waiting = serve(Starlette(routes=[Route("/", announce)]))
    failures: list[str] = []

    def ask() -> None:
        try:
            httpx.get(waiting.url, timeout=30)
        except httpx.HTTPError as error:
            failures.append(type(error).__name__)

    asker = threading.Thread(target=ask)
    asker.start()
    arrived.wait(5)
    with caplog.at_level(logging.WARNING):
        waiting.stop()
    asker.join(5)
    assert failures
    assert caplog.records == []


def test_after_stop_nothing_listens_and_the_port_can_be_taken_again() -> None:
    first = serve(application())
    with httpx.Client() as kept_alive:
        kept_alive.get(first.url)
        first.stop()
        first.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(first.url)
    second = serve(application(), port=first.port)
    try:
        assert httpx.get(second.url).status_code == 200
    finally:
        second.stop()


def test_a_port_in_use_is_an_error(served: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(application(), port=served.port)

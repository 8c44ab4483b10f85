"""The server of the local Slack and the local VOD."""

from email.utils import parsedate_to_datetime

import httpx
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from sandbox.serving import serve
from tests.e2e.running import wait_for


def test_the_date_of_an_answer_goes_on() -> None:
    """The bot compares its clock with Slack's by it."""
    served = serve(Starlette(routes=[Route("/", lambda _: Response())]))
    try:
        first = _date(served.url)
        wait_for(lambda: _date(served.url) > first, "a later date", timeout_s=5)
    finally:
        served.stop()


def _date(url: str) -> float:
    return parsedate_to_datetime(httpx.get(url, trust_env=False).headers["date"]).timestamp()

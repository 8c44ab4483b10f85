"""What is said in place of a modal is said within the three seconds that Slack waits for the listener."""

from typing import Any

import pytest
from slack_sdk import WebClient

from handlers.slack import guard
from handlers.slack.looking import modal
from handlers.text.language import ENGLISH


class Slow(WebClient):
    """A Slack that does not answer within any time-out."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_s: list[float] = []

    def views_update(self, **_: Any) -> Any:
        self.waited_s.append(self.timeout)
        raise TimeoutError


BODY = {
    "view": {
        "id": "V1",
        "hash": "1.v",
        "callback_id": "some",
        "private_metadata": "",
        "title": {"text": "Title"},
        "close": {"text": "Close"},
    }
}


def test_nobody_waits_longer_for_what_is_said_than_slack_waits_for_the_answer() -> None:
    client = Slow()
    guard.guard("some", lambda: ENGLISH, lambda _: modal.say_instead(client, BODY, "text"), pytest.fail)
    (waited_s,) = client.waited_s
    assert waited_s <= guard.WITHIN_S

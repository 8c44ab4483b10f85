"""Names are asked for once, remembered for a while, and never waited for twice."""

import pytest
from handlers.slack.names import Names
from slack_sdk import WebClient

from handlers.slack import names
from sandbox.slack import SlackSandbox


class Hand:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def known(local_slack: SlackSandbox, hand: Hand) -> Names:
    client = WebClient(local_slack.bot_token, base_url=local_slack.api_url, timeout=2, retry_handlers=[])
    return Names(client, hand)


def asked(slack: SlackSandbox) -> int:
    return sum(call.method == "users.info" for call in slack.calls)


def test_a_name_is_asked_for_once_until_it_is_old(local_slack: SlackSandbox, known: Names, hand: Hand) -> None:
    bo = local_slack.user("bo").id
    assert [known.name(bo), known.name(bo)] == ["Bo", "Bo"]
    assert asked(local_slack) == 1
    hand.now_s += names.REMEMBERED_S
    assert known.name(bo) == "Bo"
    assert asked(local_slack) == 2


def test_somebody_slack_does_not_know_has_no_name_and_is_not_asked_about_at_once_again(
    local_slack: SlackSandbox, known: Names, hand: Hand
) -> None:
    assert [known.name("U0NOBODY"), known.name("U0NOBODY")] == [None, None]
    assert asked(local_slack) == 1
    hand.now_s += names.RETRY_S
    assert known.name("U0NOBODY") is None
    assert asked(local_slack) == 2


def test_an_old_name_is_better_than_none(local_slack: SlackSandbox, known: Names, hand: Hand) -> None:
    bo = local_slack.user("bo").id
    known.name(bo)
    hand.now_s += names.REMEMBERED_S
    local_slack.faults.add("http_503", "users.info")
    assert known.name(bo) == "Bo"


@pytest.mark.parametrize("fault", ["ratelimited", "http_503", "reset_before", "internal_error"])
def test_a_failed_look_up_is_no_error(local_slack: SlackSandbox, known: Names, fault: str) -> None:
    local_slack.faults.add(fault, "users.info")
    assert known.name(local_slack.user("bo").id) is None


def test_after_a_slow_answer_nobody_is_asked_about_for_a_while(
    local_slack: SlackSandbox, known: Names, hand: Hand
) -> None:
    asking = known.client.users_info

    def slowly(*, user: str) -> object:
        hand.now_s += 2 * names.SLOW_S
        return asking(user=user)

    known.client.users_info = slowly  # type: ignore[assignment, method-assign] # the same call, slower
    assert known.name(local_slack.user("bo").id) == "Bo"
    assert known.name(local_slack.user("cy").id) is None
    hand.now_s += names.RETRY_S
    assert known.name(local_slack.user("cy").id) == "Cy"


def test_only_so_many_are_remembered(
    local_slack: SlackSandbox, known: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MOST", 2)
    everybody = [local_slack.user(name).id for name in ("ana", "bo", "cy")]
    for user in everybody:
        known.name(user)
    known.name(everybody[2])
    assert asked(local_slack) == 3
    known.name(everybody[0])
    assert asked(local_slack) == 4

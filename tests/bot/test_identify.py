import socket
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.runtime.program import PAUSES_S, StartError, Workspace, identify
from sandbox.slack import FaultKind, SlackSandbox
from tests.bot.conftest import Logged
from tests.vod.hostile import HostileServer, Script, Then, http

TOKEN = "xoxb-sandbox"
NIGHT_OF_PAUSES = 1_100


class EnoughError(Exception):
    """Ends a test that would ask for ever."""


class Pauses:
    """Takes the place of sleeping; `then` happens in the pause number `at`."""

    def __init__(self, slack: SlackSandbox | None = None, *, at: int = 1) -> None:
        self.taken: list[float] = []
        self._slack = slack
        self._at = at

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if len(self.taken) == self._at:
            if self._slack is None:
                raise EnoughError
            self._slack.faults.clear()


def client_of(url: str, token: str = TOKEN) -> WebClient:
    return WebClient(token=token, base_url=url, timeout=5, retry_handlers=[])


@pytest.fixture
def nobody() -> Iterator[str]:
    """Return the address of a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/api/"


def test_slack_says_who_the_bot_is(local_slack: SlackSandbox) -> None:
    found = identify(client_of(local_slack.api_url), pause=Pauses())

    assert found == Workspace(local_slack.team_id, local_slack.bot_user_id, "B0COUNTER01", f"{local_slack.url}/")


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.DOWN,
        FaultKind.RESET_BEFORE,
        FaultKind.RESET_AFTER,
        FaultKind.HTTP_503,
        FaultKind.INTERNAL_ERROR,
        FaultKind.FATAL_ERROR_AFTER,
        FaultKind.RATELIMITED,
    ],
)
def test_while_slack_is_down_it_asks_again_and_pauses_longer_each_time(
    local_slack: SlackSandbox, kind: FaultKind, logged: Logged
) -> None:
    local_slack.faults.add(kind, "auth.test", times=99)
    pauses = Pauses(local_slack, at=4)

    assert identify(client_of(local_slack.api_url), pause=pauses).team_id == local_slack.team_id
    assert pauses.taken == list(PAUSES_S[:4])
    assert len(logged.named("slack.not_ready")) == 4


def test_slacks_own_pause_is_kept(local_slack: SlackSandbox) -> None:
    local_slack.faults.add(FaultKind.RATELIMITED, "auth.test", retry_after=77)
    pauses = Pauses()

    with pytest.raises(EnoughError):
        identify(client_of(local_slack.api_url), pause=pauses)
    assert pauses.taken == [77]


def test_a_night_without_slack_is_survived(nobody: str, logged: Logged) -> None:
    pauses = Pauses(at=NIGHT_OF_PAUSES)

    with pytest.raises(EnoughError):
        identify(client_of(nobody), pause=pauses)
    assert set(pauses.taken) == set(PAUSES_S)
    assert sum(pauses.taken) > 9 * 3600
    assert len(logged.entries) == NIGHT_OF_PAUSES


@pytest.mark.parametrize(
    "script",
    [
        http(200, b"<html>log in to this network</html>"),
        http(502, b"Bad Gateway"),
        http(503, b'{"ok": false, "error": "service_unavailable"}'),
        Script(b"SSH-2.0-OpenSSH_9.6\r\n", Then.CLOSE),
        Script(b"", Then.CLOSE),
        Script(b"", Then.RESET),
    ],
    ids=["portal", "gateway", "unavailable", "not http", "closed", "reset"],
)
def test_what_is_not_slacks_own_refusal_is_waited_for(script: Script, logged: Logged) -> None:
    server = HostileServer(script)
    try:
        with pytest.raises(EnoughError):
            identify(client_of(f"{server.url}/api/"), pause=Pauses())
    finally:
        server.stop()
    assert len(logged.named("slack.not_ready")) == 1


@pytest.mark.parametrize(
    "error", ["account_inactive", "token_revoked", "not_allowed_token_type", "org_login_required", "some_new_error"]
)
def test_a_refusal_of_slack_is_told_in_words_and_not_waited_for(local_slack: SlackSandbox, error: str) -> None:
    local_slack.faults.add(FaultKind.ERROR, "auth.test", error=error)

    with pytest.raises(StartError) as caught:
        identify(client_of(local_slack.api_url), pause=Pauses())
    assert str(caught.value).startswith(f"Slack does not accept SLACK_BOT_TOKEN ({error}). Copy the bot token")


def test_a_wrong_token_is_told_without_the_token(local_slack: SlackSandbox) -> None:
    with pytest.raises(StartError, match=r"SLACK_BOT_TOKEN \(invalid_auth\)") as caught:
        identify(client_of(local_slack.api_url, "xoxb-hunter2"), pause=Pauses())
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None

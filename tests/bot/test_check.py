import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from slack_sdk import WebClient

from bot.__main__ import main
from bot.cli import app_manifest, checking
from sandbox.slack import FaultKind, SlackSandbox
from sandbox.vod import VodSandbox
from sandbox.vod.model.faults import FaultKind as VodFault
from storage import SqliteDatabase, parse
from storage.transfer import moving
from tests.bot.front import dated
from tests.stage import environment
from tests.storage.postgres import Server

READS = (
    *("BatchGetMediaInfos", "GetVideoInfos", "GetPlayInfo", "GetMezzanineInfo"),
    *("GetImageInfos", "ListSnapshots", "SearchMedia"),
)


class Installation:
    """A bot that is installed as it should be, until a test spoils something."""

    def __init__(self, slack: SlackSandbox, vod: VodSandbox, folder: Path) -> None:
        self.slack = slack
        self.vod = vod
        self.database = folder / "countersign.db"
        self.settings = environment(slack, vod, self.database)
        database = SqliteDatabase(self.database)
        database.migrate()
        database.close()
        members = slack.channel("vod-deletions").members - {slack.user("eve").id}
        slack.change_channel("vod-deletions", members=members)

    def check(self, **settings: str) -> Result:
        return CliRunner().invoke(main, ["check"], env={**self.settings, **settings}, catch_exceptions=False)

    def leave(self, channel: str) -> None:
        members = self.slack.channel(channel).members - {self.slack.bot_user_id}
        self.slack.change_channel(channel, members=members)


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[tuple[SlackSandbox, VodSandbox]]:
    with SlackSandbox.start(environ={}) as slack, VodSandbox.start() as vod:
        yield slack, vod


@pytest.fixture
def installation(sandboxes: tuple[SlackSandbox, VodSandbox], tmp_path: Path) -> Iterator[Installation]:
    """Return an installation; what a test spoils in the sandboxes is mended after it."""
    slack, vod = sandboxes
    scopes, bo = set(slack.scopes), slack.user("bo")
    channels = [slack.channel(name) for name in ("vod-deletions", "vod-audit")]
    calls = len(slack.calls)
    yield Installation(slack, vod, tmp_path)
    assert len(slack.calls) > calls
    for faults in (slack.faults, vod.faults):
        faults.clear()
    slack.scopes.update(scopes)
    slack.change_person("bo", **{name: value for name, value in vars(bo).items() if name != "key"})
    for channel in channels:
        slack.workspace.change_channel(channel.id, **vars(channel))


def problems(result: Result) -> list[str]:
    """Return the lines that tell a problem, without the word; the exit code has to agree with them."""
    lines = result.output.splitlines()
    found = [line.removeprefix("PROBLEM").strip() for line in lines if not line.startswith(("ok ", "skipped "))]
    assert result.exit_code == (1 if found else 0), result.output
    return found


def test_an_installation_in_order_gets_a_line_for_everything_and_exit_code_0(installation: Installation) -> None:
    result = installation.check()

    assert problems(result) == []
    assert [line[7:].split(":")[0].strip() for line in result.output.splitlines()] == [
        "database",
        "Slack token",
        "Slack scopes",
        "Slack Home tab",
        "clock",
        "approvals channel",
        "audit channel",
        *["approver"] * 3,
        "VOD account",
        *(f"VOD {action}" for action in READS),
        "VOD DescribePlayVideoStatis",
        "VOD GetUploadDetails",
        "VOD delete permissions",
    ]
    assert f"VOD account: {installation.vod.account}, region cn-shanghai, 127.0.0.1:" in result.output
    assert "Bo Lindqvist" in result.output
    # Nothing is deleted to find out.
    untried = [line.split(":")[0] for line in result.output.splitlines() if line.startswith("skipped")]
    assert untried == ["skipped  Slack Home tab", "skipped  VOD delete permissions"]


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("C0PAYLOAD01", None),
        ("U0DEE7H4PVC", None),
        ("C0GENERAL01", "operators' channel: the bot is not in #general. Invite it there."),
        ("U0KIM6X0DSU", "operator: U0KIM6X0DSU reads nothing: deactivated, or a bot. Name another."),
        ("U0NOBODY1", "operator: U0NOBODY1: user_not_found. Check COUNTERSIGN_OPERATORS."),
    ],
)
def test_where_operators_are_told_is_looked_at(installation: Installation, to: str, told: str | None) -> None:
    assert problems(installation.check(COUNTERSIGN_OPERATORS=to)) == ([told] if told else [])


def test_a_user_group_is_not_looked_up_and_that_is_said(installation: Installation) -> None:
    result = installation.check(COUNTERSIGN_MENTION="S0APPROVERS")

    assert problems(result) == []
    assert "skipped  user group to mention: S0APPROVERS not looked up" in result.output


def test_a_database_on_postgresql_is_told_by_host_and_name(installation: Installation, postgres: Server) -> None:
    url = postgres.empty_database().replace("postgres:@", "postgres:hunter2@")
    before = installation.check(DATABASE_URL=url)
    with closing(parse(url).open()) as database:
        database.migrate()
    after = installation.check(DATABASE_URL=url)

    assert any("lacks" in line and "python -m bot migrate" in line for line in problems(before))
    assert problems(after) == []
    assert after.output.startswith("ok       database: the PostgreSQL database postgres at ")
    assert "hunter2" not in f"{before.output}{after.output}"


def test_a_database_server_that_is_away_is_told_beside_everything_else(installation: Installation) -> None:
    result = installation.check(DATABASE_URL="postgresql://user:hunter2@127.0.0.1:1/vod")
    found = problems(result)

    assert len(found) == 1
    assert found[0].startswith("database: Cannot connect to the PostgreSQL database vod at 127.0.0.1:1")
    assert "hunter2" not in result.output


def test_a_record_that_was_moved_is_a_problem_that_says_where_to(
    installation: Installation, postgres: Server
) -> None:
    moving.move(
        parse(installation.settings["DATABASE_URL"]), parse(postgres.empty_database()), fault_of=lambda _: None
    )
    found = problems(installation.check())

    assert len(found) == 1
    assert found[0].startswith("database: This record is kept elsewhere")


def test_checking_posts_nothing_and_deletes_nothing(installation: Installation) -> None:
    before = len(installation.slack.calls)
    installation.check()

    assert {call.method for call in installation.slack.calls[before:]} == {
        "auth.test",
        "conversations.info",
        "users.info",
    }
    assert installation.vod.ledger.calls() == ()
    assert installation.vod.unknown_calls == ()


def test_each_scope_that_is_missing_is_named(installation: Installation) -> None:
    granted = set(installation.slack.scopes)
    for scope in app_manifest.SCOPES.keys() - app_manifest.OPTIONAL:
        installation.slack.scopes.discard(scope)
        cost = app_manifest.SCOPES[scope]
        words = f"Slack scopes: missing {scope} ({cost}). Add them on the app's page and install it again."
        assert words in problems(installation.check(VOD_ENDPOINT="http://127.0.0.1:9"))
        installation.slack.scopes.update(granted)


def test_what_an_optional_scope_costs_that_was_refused_is_told_and_is_no_problem(
    installation: Installation,
) -> None:
    installation.slack.scopes.difference_update(app_manifest.OPTIONAL)
    result = installation.check()
    assert problems(result) == []
    assert "Slack scopes: all that are needed" in result.output
    for scope, cost in app_manifest.OPTIONAL.items():
        told = f"skipped  Slack scopes, optional: {scope} was refused at the installation: {cost}"
        assert told in result.output


CHANNEL_TROUBLE: list[tuple[str, Callable[[Installation], object], str]] = [
    ("approvals", lambda it: it.leave("vod-deletions"), "the bot is not in #vod-deletions. Invite it there."),
    ("audit", lambda it: it.leave("vod-audit"), "the bot is not in #vod-audit. Invite it there."),
    (
        "audit",
        lambda it: it.slack.change_channel("vod-audit", is_archived=True),
        "C0VODAUDIT1 is archived. Unarchive it or name another.",
    ),
    (
        "approvals",
        lambda it: it.slack.change_channel(
            "vod-deletions", members=it.slack.channel("vod-deletions").members | {it.slack.user("eve").id}
        ),
        "#vod-deletions is shared with another organisation. Use one that is not.",
    ),
    (
        "audit",
        lambda it: it.settings.update(COUNTERSIGN_AUDIT_CHANNEL="C0NOWHERE"),
        "C0NOWHERE: channel_not_found. Check the id and invite the bot to it.",
    ),
]


@pytest.mark.parametrize(("name", "spoil", "words"), CHANNEL_TROUBLE)
def test_a_channel_that_cannot_be_used_is_told_with_what_to_do(
    installation: Installation, name: str, spoil: Callable[[Installation], object], words: str
) -> None:
    spoil(installation)

    assert problems(installation.check()) == [f"{name} channel: {words}"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"deleted": True}, "deleted"),
        ({"is_bot": True}, "is_bot"),
        ({"is_restricted": True}, "is_restricted"),
        ({"is_restricted": True, "is_ultra_restricted": True}, "is_ultra_restricted"),
        ({"is_stranger": True}, "is_stranger"),
        ({"team_id": "T0PARTNER01"}, "of another workspace"),
    ],
)
def test_an_approver_who_cannot_approve_is_named_with_the_reason(
    installation: Installation, changes: dict[str, object], word: str
) -> None:
    person = installation.slack.change_person("bo", **changes)
    (found,) = [line for line in problems(installation.check()) if line.startswith("approver")]

    assert found.startswith(f"approver: {person.id} cannot approve (")
    assert word in found


def test_an_approver_whom_slack_does_not_know_is_named(installation: Installation) -> None:
    found = problems(installation.check(COUNTERSIGN_APPROVERS="U0NOBODY1 U0BO93LXT6W"))

    assert found == ["approver: U0NOBODY1: user_not_found. Check COUNTERSIGN_APPROVERS."]


def test_a_wrong_bot_token_ends_the_questions_to_slack_and_is_not_shown(installation: Installation) -> None:
    result = installation.check(SLACK_BOT_TOKEN="xoxb-hunter2")

    assert problems(result) == ["Slack token: invalid_auth. Check SLACK_BOT_TOKEN and SLACK_API_URL."]
    assert "hunter2" not in result.output


@pytest.mark.parametrize("kind", [FaultKind.DOWN, FaultKind.HTTP_503, FaultKind.RATELIMITED])
def test_a_slack_that_does_not_answer_is_told(installation: Installation, kind: FaultKind) -> None:
    installation.slack.faults.add(kind)
    found = problems(installation.check())

    assert len(found) == 1
    assert found[0].startswith("Slack token: ")


def test_each_read_that_the_key_may_not_do_is_named_with_advice(installation: Installation) -> None:
    for action in READS:
        installation.vod.faults.set(VodFault.FORBIDDEN_RAM, action, times=1)
        (found,) = problems(installation.check())
        assert found.startswith(f"VOD {action}: {action}: Forbidden")
        assert found.count(". ") >= 1


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"VOD_ACCESS_KEY_SECRET": "hunter2-hunter2"}, "InvalidAccessKeySecret"),
        ({"VOD_ACCESS_KEY_ID": "LTAInobody"}, "InvalidAccessKeyId.NotFound"),
        ({"VOD_ENDPOINT": "http://127.0.0.1:9", "VOD_STS_ENDPOINT": "http://127.0.0.1:9"}, "NotConnected"),
    ],
)
def test_a_key_or_an_address_that_is_wrong_is_told_for_every_read(
    installation: Installation, settings: dict[str, str], word: str
) -> None:
    result = installation.check(**settings)
    found = problems(result)

    assert [line.split(":")[0] for line in found] == ["VOD account", *(f"VOD {action}" for action in READS)]
    assert all(word in line for line in found)
    assert "hunter2" not in result.output


def test_a_vod_that_is_down_does_not_keep_the_rest_from_being_checked(installation: Installation) -> None:
    installation.vod.faults.set(VodFault.UNAVAILABLE)

    found = [line.split(":")[0] for line in problems(installation.check())]
    assert found == ["VOD account", *(f"VOD {action}" for action in READS)]


def test_where_sts_refuses_or_is_not_there_the_account_is_known_by_its_key(installation: Installation) -> None:
    installation.vod.faults.set(VodFault.FORBIDDEN_RAM, "GetCallerIdentity", times=1)
    for result in (installation.check(), installation.check(VOD_STS_ENDPOINT="none")):
        assert problems(result) == []
        assert "VOD account: not told by STS, known as key-" in result.output
        assert installation.vod.access_key_id not in result.output


def test_a_database_that_was_not_migrated_is_told_with_the_command(
    installation: Installation, tmp_path: Path
) -> None:
    (found,) = problems(installation.check(DATABASE_URL=f"sqlite:///{tmp_path}/new.db"))

    assert found.startswith("database: ")
    assert found.endswith("Run: python -m bot migrate")


def test_a_clock_more_than_a_minute_off_slacks_is_told(installation: Installation) -> None:
    for off_s in (0, 45, -45, 90, -90, 86_400):
        with dated(installation.slack.api_url, off_s=off_s) as address:
            found = problems(installation.check(SLACK_API_URL=address))
        assert len(found) == (abs(off_s) > 60)
        assert all(line.startswith("clock: ") and line.endswith("(NTP).") for line in found)


def test_in_socket_mode_the_app_level_token_is_tried_too(installation: Installation) -> None:
    installation.slack.connect_sockets()
    good = installation.check(SLACK_APP_TOKEN=installation.slack.app_token)
    bad = installation.check(SLACK_APP_TOKEN="xapp-hunter2")

    assert problems(good) == []
    assert "Slack app token: accepted" in good.output
    assert "ok       Slack WebSocket: opened and closed" in good.output
    (found,) = problems(bad)
    assert found.startswith("Slack app token: ")
    assert "connections:write" in found
    assert "hunter2" not in bad.output


def test_several_problems_are_told_in_one_run(installation: Installation) -> None:
    installation.leave("vod-audit")
    installation.slack.change_person("bo", deleted=True)
    installation.vod.faults.set(VodFault.FORBIDDEN_RAM, "ListSnapshots")
    names = [line.split(":")[0] for line in problems(installation.check())]

    assert names == ["audit channel", "approver", "VOD ListSnapshots"]


def test_a_web_socket_that_a_proxy_does_not_let_through_is_a_problem_without_its_address() -> None:
    client = WebClient(token="xoxb-1")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    found = checking._web_socket(f"ws://127.0.0.1:{port}/link/?ticket=hunter2", client)

    assert found.ok is False
    assert found.line().startswith("PROBLEM  Slack WebSocket: not opened. Let WebSockets")
    assert "hunter2" not in found.line()


def test_what_only_looking_needs_is_no_problem_and_says_what_is_missing_without_it(
    installation: Installation,
) -> None:
    installation.vod.faults.set(VodFault.FORBIDDEN_RAM, "DescribePlayVideoStatis")
    result = installation.check()
    (line,) = [line for line in result.output.splitlines() if "DescribePlayVideoStatis" in line]
    assert line.startswith("skipped  VOD DescribePlayVideoStatis")
    assert "/vod show cannot say how often a video was played" in line
    assert result.exit_code == 0, result.output

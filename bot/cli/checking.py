"""``python -m bot check``: is everything in place? A line each, with what to do about it."""

import email.utils
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin.connection import Connection

import vod
from bot import clients, wiring
from bot.cli import app_manifest
from bot.settings import Settings
from deletion.audit.messages.places import PERSON
from deletion.lookup.asset import PLAYS_REGION
from deletion.policy.asking import GROUP
from handlers.slack.api.failures import UNTRUSTED, trouble
from handlers.text.facts.vod_errors import advice
from handlers.text.language import ENGLISH
from storage import StorageError

CLOCK_TOLERANCE_S = 60
"""Slack refuses signatures older than 300 s, VOD requests off by 900 s; a minute is already worth fixing."""

UNANSWERED = (SlackApiError, OSError, HTTPException)

UNTRUSTED_WORDS = (
    "Slack's certificate is not trusted. If a proxy of your company signs it anew, put its CA certificate "
    "into a file and name that in SSL_CERT_FILE; that serves VOD too."
)

_SILENT = logging.getLogger("bot.check.silent")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False

NOWHERE = "0" * 32
"""An id that no media has: reading it needs the permission and finds nothing."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``ok`` None: it was not tried, and nothing is known of it."""

    what: str
    ok: bool | None
    words: str

    def line(self) -> str:
        """Tell it in a line."""
        label = "skipped" if self.ok is None else "ok     " if self.ok else "PROBLEM"
        return f"{label}  {self.what}: {self.words}"


HOME = Finding(
    "Slack Home tab",
    ok=None,
    words="not tried: nothing is published to find out. It needs Home Tab under App Home and the event "
    f"{', '.join(app_manifest.EVENTS)}, as manifest.json has them; an app of before gets both by pasting that",
)


def check(settings: Settings) -> list[Finding]:
    """Try everything that the bot will need; nothing is posted and nothing is deleted."""
    slack = clients.slack_client(settings, timeout_s=clients.WORKER_TIMEOUT_S)
    with closing(clients.vod_client(settings)) as media:
        return [*_database(settings), *_slack(slack, settings), *_socket_mode(slack, settings), *_vod(media)]


def _database(settings: Settings) -> Iterator[Finding]:
    database = wiring.open_database(settings)
    try:
        database.check_schema()
        database.check_not_moved()
        yield Finding("database", ok=True, words=f"the {database.place} is up to date")
    except StorageError as exc:
        yield Finding("database", ok=False, words=str(exc))
    finally:
        database.close()


def _slack(client: WebClient, settings: Settings) -> Iterator[Finding]:
    try:
        answer = client.auth_test()
    except UNANSWERED as exc:
        yield Finding("Slack token", ok=False, words=_told(exc, "Check SLACK_BOT_TOKEN and SLACK_API_URL."))
        yield Finding("scopes, clock, channels and approvers", ok=None, words="Slack has to be reached first")
        return
    headers = {str(name).lower(): value for name, value in answer.headers.items()}
    yield Finding("Slack token", ok=True, words=f"accepted, workspace {answer['team_id']}")
    yield from _scopes(str(headers.get("x-oauth-scopes", "")))
    yield HOME
    yield _clock(str(headers.get("date", "")))
    for name, channel in (
        ("approvals channel", settings.countersign_approvals_channel),
        ("audit channel", settings.countersign_audit_channel),
    ):
        yield _channel(client, name, channel)
    for user in sorted(settings.countersign_approvers):
        yield _approver(client, user, home_team=str(answer["team_id"]))
    if settings.countersign_operators is not None:
        yield _operators(client, settings.countersign_operators)
    for group in sorted(each for each in settings.countersign_mention if each.startswith(GROUP)):
        words = f"{group} not looked up: that takes the scope usergroups:read. See that it holds approvers alone"
        yield Finding("user group to mention", ok=None, words=words)


def _socket_mode(client: WebClient, settings: Settings) -> Iterator[Finding]:
    if settings.slack_app_token is None:
        return
    try:
        answer = client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except UNANSWERED as exc:
        words = _told(exc, "Check SLACK_APP_TOKEN (scope connections:write), and that Socket Mode is on.")
        yield Finding("Slack app token", ok=False, words=words)
        yield Finding("Slack WebSocket", ok=None, words="not tried: Slack has to give an address first")
    else:
        yield Finding("Slack app token", ok=True, words="accepted, Socket Mode is on")
        yield _web_socket(str(answer["url"]), client)


def _web_socket(url: str, client: WebClient) -> Finding:
    """Open a connection as the bot will, and close it: many a proxy lets everything through but that."""
    connection = Connection(url, _SILENT, proxy=client.proxy, ssl_context=client.ssl)
    hint = "Let WebSockets (wss://) out to Slack, by the proxy in HTTPS_PROXY if there is one."
    try:
        connection.connect()
        opened = connection.is_active()
    except Exception as exc:  # noqa: BLE001 - the SDK's client lets whatever comes through, texts with addresses in it
        return Finding("Slack WebSocket", ok=False, words=f"not opened ({type(exc).__name__}). {hint}")
    finally:
        connection.disconnect()
    return Finding("Slack WebSocket", ok=opened, words="opened and closed" if opened else f"not opened. {hint}")


def _scopes(granted: str) -> Iterator[Finding]:
    """Say which scopes are missing: those that are needed, and what it costs to do without the others."""
    missing = sorted(set(app_manifest.SCOPES) - {scope.strip() for scope in granted.split(",")})
    needed = [scope for scope in missing if scope not in app_manifest.OPTIONAL]
    if needed:
        costs = "; ".join(f"{scope} ({app_manifest.SCOPES[scope]})" for scope in needed)
        words = f"missing {costs}. Add them on the app's page and install it again."
        yield Finding("Slack scopes", ok=False, words=words)
    else:
        yield Finding("Slack scopes", ok=True, words="all that are needed" if missing else "all granted")
    for scope in (scope for scope in missing if scope in app_manifest.OPTIONAL):
        words = f"{scope} was refused at the installation: {app_manifest.OPTIONAL[scope]}"
        yield Finding("Slack scopes, optional", ok=None, words=words)


def _clock(date: str) -> Finding:
    try:
        theirs = email.utils.parsedate_to_datetime(date).timestamp()
    except ValueError:
        return Finding("clock", ok=None, words="not compared: Slack's answer carried no date")
    off = abs(time.time() - theirs)
    words = f"{off:.0f} s apart from Slack's"
    if off > CLOCK_TOLERANCE_S:
        return Finding("clock", ok=False, words=f"{words}. Set this machine's clock (NTP).")
    return Finding("clock", ok=True, words=words)


def _channel(client: WebClient, name: str, channel: str) -> Finding:
    try:
        found = client.conversations_info(channel=channel)["channel"]
    except UNANSWERED as exc:
        return Finding(name, ok=False, words=f"{channel}: {_code(exc)}. Check the id and invite the bot to it.")
    if found.get("is_archived"):
        return Finding(name, ok=False, words=f"{channel} is archived. Unarchive it or name another.")
    if not found.get("is_member"):
        return Finding(name, ok=False, words=f"the bot is not in #{found.get('name')}. Invite it there.")
    if found.get("is_ext_shared"):
        return Finding(
            name,
            ok=False,
            words=f"#{found.get('name')} is shared with another organisation. Use one that is not.",
        )
    return Finding(name, ok=True, words=f"#{found.get('name')}, the bot is in it")


def _operators(client: WebClient, to: str) -> Finding:
    """Look whether operators can be told where the settings say."""
    if not to.startswith(PERSON):
        return _channel(client, "operators' channel", to)
    try:
        found = client.users_info(user=to)["user"]
    except UNANSWERED as exc:
        return Finding("operator", ok=False, words=f"{to}: {_code(exc)}. Check COUNTERSIGN_OPERATORS.")
    if found.get("deleted") or found.get("is_bot"):
        return Finding("operator", ok=False, words=f"{to} reads nothing: deactivated, or a bot. Name another.")
    return Finding("operator", ok=True, words=f"{to} ({found.get('real_name') or found.get('name')})")


def _approver(client: WebClient, user: str, *, home_team: str) -> Finding:
    try:
        found = client.users_info(user=user)["user"]
    except UNANSWERED as exc:
        return Finding("approver", ok=False, words=f"{user}: {_code(exc)}. Check COUNTERSIGN_APPROVERS.")
    flags = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_invited_user")
    bad = [flag for flag in flags if found.get(flag)]
    bad += ["of another workspace"] if found.get("team_id") != home_team else []
    if bad:
        return Finding("approver", ok=False, words=f"{user} cannot approve ({', '.join(bad)}). Name another.")
    return Finding("approver", ok=True, words=f"{user} ({found.get('real_name') or found.get('name')})")


def _vod(client: vod.VodClient) -> Iterator[Finding]:
    yield _account(client)
    reads: dict[str, Callable[[], object]] = {
        "BatchGetMediaInfos": lambda: client.get_media([NOWHERE]),
        "GetVideoInfos": lambda: client.get_videos([NOWHERE]),
        "GetPlayInfo": lambda: client.get_streams(NOWHERE),
        "GetMezzanineInfo": lambda: client.get_source(NOWHERE),
        "GetImageInfos": lambda: client.get_images([NOWHERE]),
        "ListSnapshots": lambda: client.list_snapshots(NOWHERE, vod.ImageKind.COVER),
        "SearchMedia": lambda: client.search(vod.SearchKind.VIDEO, f"VideoId = '{NOWHERE}'"),
    }
    for action, read in reads.items():
        exc = _failure(read)
        words = "permitted" if exc is None else f"{exc}. {advice(ENGLISH, exc.advice)}"
        yield Finding(f"VOD {action}", ok=exc is None, words=words)
    yield from _asides(client)
    yield Finding(
        "VOD delete permissions",
        ok=None,
        words="not tried: nothing is deleted to find out. See docs/ram-policy.json",
    )


def _asides(client: vod.VodClient) -> Iterator[Finding]:
    """Try what only looking takes: without it something is missing there, and deleting goes on."""
    until = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    reads: dict[str, tuple[Callable[[], object], str]] = {
        "DescribePlayVideoStatis": (
            lambda: client.get_plays(NOWHERE, until - timedelta(days=1), until),
            "/vod show cannot say how often a video was played",
        ),
        "GetUploadDetails": (lambda: client.get_upload(NOWHERE), "/vod show cannot say how a video was uploaded"),
    }
    if client.endpoint.region != PLAYS_REGION:
        del reads["DescribePlayVideoStatis"]
    for action, (read, cost) in reads.items():
        exc = _failure(read)
        if exc is None:
            yield Finding(f"VOD {action}", ok=True, words="permitted")
        else:
            yield Finding(f"VOD {action}", ok=None, words=f"{exc}. Without it {cost}; nothing else needs it")


def _failure(read: Callable[[], object]) -> vod.VodError | None:
    try:
        read()
    except vod.NotFound:
        return None
    except vod.VodError as exc:
        return exc
    return None


def _account(client: vod.VodClient) -> Finding:
    where = f"region {client.endpoint.region}, {client.endpoint.host}"
    try:
        account = client.get_account()
    except vod.VodError as exc:
        words = (
            f"{exc}. {advice(ENGLISH, exc.advice)} Nothing is deleted while nobody can say whose account this is: "
            "see VOD_STS_ENDPOINT."
        )
        return Finding("VOD account", ok=False, words=words)
    if account.isdecimal():
        return Finding("VOD account", ok=True, words=f"{account}, {where}")
    return Finding("VOD account", ok=True, words=f"not told by STS, known as {account}; {where}")


def _told(exc: Exception, hint: str) -> str:
    found = trouble(exc)
    return UNTRUSTED_WORDS if found.code == UNTRUSTED else f"{found.code}. {hint}"


def _code(exc: Exception) -> str:
    return trouble(exc).code

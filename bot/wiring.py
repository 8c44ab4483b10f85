"""The one place where everything is put together; its arguments are the outside world."""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

import vod
from bot.runtime.web import WebApp
from bot.runtime.worker import Bell, Stop, Worker
from bot.settings import Settings
from deletion.audit.delivery import Outbox
from deletion.jobs.config import Config
from deletion.jobs.context import Context, Timings
from deletion.plan.cache import PlanCache
from deletion.plan.quota import Quota
from deletion.plan.reading import Reader
from deletion.policy.decisions import Policy
from handlers.outbox.announcer import Announcer
from handlers.outbox.places import Places
from handlers.outbox.sender import Wording
from handlers.services import Services
from handlers.slack import listeners
from handlers.slack.names import Names
from handlers.slack.users import SlackDirectory
from handlers.text.language import ENGLISH
from storage import Database, Tx, parse
from storage.tables import jobs
from storage.tables import outbox as outbox_table

LISTENER_TIMEOUT_S = 2
"""A listener has three seconds to answer; what it asks Slack for has to fit."""

WORKER_TIMEOUT_S = 10

MESSAGE_LEASE_S = (30, 60)
"""For how long, at least and at most, a message that is being sent belongs to its sender; between, two leases."""

CALLS_PER_MESSAGE = 6
"""How many time-outs of a call to Slack fit into that: a message takes four calls at the most."""

LANES = 16
"""Calls of one deletion that may be under way at once: enough for VOD's 30 calls a second at half a second each."""

STUCK_S = 120
"""A worker whose threads took no turn for this long is reported as unwell."""


@dataclass(frozen=True)
class Workspace:
    """The workspace the bot is installed in, as ``auth.test`` tells it; ``url`` is ``https://example.slack.com/``."""

    team_id: str
    bot_user_id: str
    bot_id: str
    url: str


@dataclass(frozen=True)
class World:
    """What a test may replace: the clock that decides (otherwise the database's), and how long to wait for VOD.

    ``time_slice_ms`` 0 lets a job do one thing at a time; otherwise it goes on for a quarter of its lease.
    """

    now_ms: Callable[[], int] | None = None
    timings: Timings | None = None
    time_slice_ms: int | None = None


@dataclass(frozen=True)
class Program:
    """Everything, put together."""

    settings: Settings
    database: Database
    config: Config
    context: Context
    announcer: Announcer
    bolt: App
    web: WebApp
    worker: Worker
    bell: Bell
    stop: Stop

    def close(self) -> None:
        """Close the connections to VOD and to the database."""
        self.context.client.close()
        self.database.close()


def open_database(settings: Settings, world: World | None = None) -> Database:
    """Open the record, on the engine that DATABASE_URL names."""
    return settings.database.open((world or World()).now_ms)


def open_existing(url: str) -> Database:
    """Open a record that is already there, with no settings but its URL; StorageError when there is none."""
    return parse(url).open_existing()


def slack_client(settings: Settings, *, timeout_s: int) -> WebClient:
    """Make a client of Slack's Web API that never repeats a call by itself: a repeated post is a second post."""
    return WebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=timeout_s,
        retry_handlers=[],
    )


def vod_client(settings: Settings) -> vod.VodClient:
    """Make the client of VOD; its time-outs together stay below half a lease."""
    half_lease_s = settings.countersign_lease_seconds / 2
    connect_s = min(3.0, half_lease_s / 4)
    return vod.VodClient(
        credentials(settings),
        vod.Endpoint(settings.vod_region, settings.vod_endpoint),
        connect_timeout_s=connect_s,
        read_timeout_s=min(10.0, half_lease_s - connect_s),
    )


def credentials(settings: Settings) -> vod.Credentials:
    """Return the identity that the settings name."""
    if settings.vod_ecs_role:
        return vod.EcsRole(settings.vod_ecs_role)
    key = settings.vod_access_key_id or ""
    secret = settings.vod_access_key_secret.get_secret_value() if settings.vod_access_key_secret else ""
    if settings.vod_role_arn:
        return vod.RamRole(settings.vod_role_arn, "countersign", key, secret)
    if settings.vod_security_token:
        return vod.StsToken(key, secret, settings.vod_security_token.get_secret_value())
    return vod.AccessKey(key, secret)


def policy(settings: Settings, workspace: Workspace) -> Policy:
    """Return the rules that the settings name."""
    return Policy(
        home_team=workspace.team_id,
        approvers=settings.countersign_approvers,
        proposers=settings.proposers,
        approvals_needed=settings.countersign_approvals_needed,
        expires_after_s=round(settings.countersign_expires_hours * 3600),
        execute_within_s=round(settings.countersign_execute_hours * 3600),
        max_items=settings.countersign_max_items,
        max_bytes=settings.countersign_max_gigabytes * 10**9,
        image_domains=settings.countersign_image_domains,
        hold_s=settings.countersign_hold_seconds,
        canary_from=settings.countersign_canary_from,
        stop_on=settings.countersign_stop_on,
    )


def assemble(
    settings: Settings, workspace: Workspace, database: Database, *, world: World | None = None
) -> Program:
    """Put everything together on an open, migrated database; starts nothing."""
    world = world or World()
    bell, stop = Bell(), Stop()
    where = Places(settings.countersign_approvals_channel, settings.countersign_audit_channel)
    config = Config(policy(settings, workspace), settings.vod_region)
    worker_slack = slack_client(settings, timeout_s=message_lease_s(settings) // CALLS_PER_MESSAGE)
    owner = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    quota = Quota(database, stop.sleep)
    lease_ms = round(settings.countersign_lease_seconds * 1000)
    time_slice_ms = world.time_slice_ms if world.time_slice_ms is not None else lease_ms // 4
    client = vod_client(settings)
    context = Context(
        database=database,
        config=config,
        client=client,
        reader=Reader(client, quota, _image_check(settings)),
        quota=quota,
        directory=SlackDirectory(slack_client(settings, timeout_s=_question_timeout_s(settings))),
        owner=owner,
        lease_ms=lease_ms,
        monotonic_ms=lambda: time.monotonic_ns() // 1_000_000,
        new_id=lambda: uuid.uuid4().hex,
        timings=world.timings or Timings(),
        lanes=LANES,
        time_slice_ms=time_slice_ms,
        plans=PlanCache(check_every_ms=time_slice_ms),
    )
    interval_ms = round(settings.countersign_message_seconds * 1000)
    names = Names(slack_client(settings, timeout_s=LISTENER_TIMEOUT_S))
    wording = Wording(ENGLISH, reader=lambda _: ENGLISH, name=names.name, workspace_url=workspace.url)
    outbox = Outbox(database, owner=owner, lease_ms=1000 * message_lease_s(settings))
    announcer = Announcer(outbox, worker_slack, where, wording, interval_ms=interval_ms)
    worker = Worker(context, announcer, bell=bell, stop=stop, threads=settings.countersign_worker_threads)
    bolt = bolt_app(settings, workspace)
    services = Services(
        database,
        config,
        wake=bell.ring,
        approvals_channel=where.approvals,
        language=lambda _: ENGLISH,
        workspace_url=workspace.url,
    )
    listeners.register(bolt, services)
    web = WebApp(bolt if settings.slack_signing_secret else None, lambda: health(database, worker))
    return Program(settings, database, config, context, announcer, bolt, web, worker, bell, stop)


def message_lease_s(settings: Settings) -> int:
    """Return the seconds after which another instance looks for a message that was being sent, and sends it."""
    least, most = MESSAGE_LEASE_S
    return min(most, max(least, round(2 * settings.countersign_lease_seconds)))


def _question_timeout_s(settings: Settings) -> int:
    """Return the time-out of a question to Slack in a job, which is leased for less long than a message."""
    return max(1, min(WORKER_TIMEOUT_S, int(settings.countersign_lease_seconds / 3)))


def bolt_app(settings: Settings, workspace: Workspace) -> App:
    """Make the Bolt app: listeners run in the request's own thread, and no call to Slack precedes them."""
    known = AuthorizeResult(
        enterprise_id=None,
        team_id=workspace.team_id,
        bot_id=workspace.bot_id,
        bot_user_id=workspace.bot_user_id,
        bot_token=settings.slack_bot_token.get_secret_value(),
    )
    secret = settings.slack_signing_secret
    return App(
        # Else Bolt gives its loggers the root's level, and then logs the body of every badly signed request.
        logger=logging.getLogger("slack_bolt"),
        client=slack_client(settings, timeout_s=LISTENER_TIMEOUT_S),
        # Socket Mode has no signatures; Bolt still wants a value it never uses.
        signing_secret=secret.get_secret_value() if secret else "unused in Socket Mode",
        authorize=lambda: known,
        process_before_response=True,
    )


def health(database: Database, worker: Worker) -> tuple[bool, dict[str, object]]:
    """Say whether the program is well, and what is waiting."""
    try:
        database.check_not_moved()
        jobs_due, messages_owed = database.read(_waiting)
    except Exception as exc:  # noqa: BLE001 - whatever is wrong with the database is the answer
        return False, {"status": "unwell", "database": type(exc).__name__}
    well = worker.idle_s < STUCK_S
    facts: dict[str, object] = {
        "status": "ok" if well else "unwell",
        "database": "ok",
        "worker": "in this process" if worker.works else "not in this process",
        "last_turn_s": round(worker.idle_s),
        "jobs_due": jobs_due,
        "messages_owed": messages_owed,
    }
    return well, facts


def _waiting(tx: Tx) -> tuple[int, int]:
    return jobs.waiting(tx), outbox_table.unsent(tx)


def _image_check(settings: Settings) -> Callable[[str], bool | None]:
    domains = settings.countersign_image_domains
    # As with VOD itself: whatever is asked before a call has to fit into half a lease.
    timeout_s = min(5.0, settings.countersign_lease_seconds / 4)
    return lambda url: vod.image_is_served(url, allowed_domains=domains, timeout_s=timeout_s)

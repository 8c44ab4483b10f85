"""The one place where everything is put together; its arguments are the outside world."""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog
from slack_bolt import App, BoltContext
from slack_bolt.authorization import AuthorizeResult

from bot import clients
from bot.runtime.health_checks import health_of
from bot.runtime.metrics import Metrics
from bot.runtime.program import Program, Workspace, identify
from bot.runtime.server.web import WebApp
from bot.runtime.starting import Starting
from bot.runtime.timekeeping import Timekeeper
from bot.runtime.worker import Bell, Stop, Turns, Worker
from bot.settings import Settings
from deletion.approval.holds import anchoring, leaps
from deletion.approval.people.troubles import Heard, Watch
from deletion.audit.log_lines import log_event
from deletion.audit.messages.delivery import Outbox
from deletion.jobs.config import Config
from deletion.jobs.context import Context, Timings
from deletion.jobs.trust import Trust
from deletion.lookup.desk import Desk
from deletion.plan.cache import PlanCache
from deletion.plan.library.quota import Quota
from deletion.plan.library.reading import Reader
from deletion.plan.library.whereabouts import Whereabouts
from deletion.policy import asking
from deletion.policy.decisions import Policy
from deletion.terms import ramp
from handlers.lookups import Lookups
from handlers.outbox.announcer import Announcer
from handlers.outbox.authors import Ourselves
from handlers.outbox.heads import ChannelHeads
from handlers.outbox.places import Places
from handlers.outbox.sender import Wording
from handlers.services import Services
from handlers.slack import listeners
from handlers.slack.api.list_files import SlackListFiles
from handlers.slack.api.profiles import Profiles
from handlers.slack.api.users import SlackDirectory
from handlers.slack.home import Homes, Showing
from handlers.views.home import Around
from storage import Database, Engine, SteadyClock

log = structlog.get_logger()

LANES = 16
"""Calls of one deletion that may be under way at once: enough for VOD's 30 calls a second at half a second each."""

READERS = 3
"""Batches of a list that are read at the same time."""


@dataclass(frozen=True)
class World:
    """What a test may replace: the clock that decides (otherwise the database's), and how long to wait for VOD.

    ``time_slice_ms`` 0 lets a job do one thing at a time; otherwise it goes on for a quarter of its lease.
    """

    now_ms: Callable[[], int] | None = None
    clock: SteadyClock = field(default_factory=SteadyClock)
    timings: Timings | None = None
    time_slice_ms: int | None = None


def start(settings: Settings, starting: Starting | None = None) -> Program:
    """Open and migrate the database, identify the bot, and put everything together.

    Raises StopRequestedError when the end is asked for meanwhile.
    """
    starting = starting or Starting(Stop())
    world = World()
    database = open_database(settings, world)
    try:
        starting.waits_for("the database is opened and brought up to date")
        applied = database.migrate()
        if applied:
            log.info("database.migrated", migrations=applied)
        leaps.resume(database, world.clock)
        starting.go_on()
        starting.waits_for("Slack is asked who the bot is")
        workspace = identify(
            clients.slack_client(settings, timeout_s=clients.START_TIMEOUT_S),
            pause=starting.stop.sleep,
            waits_for=starting.waits_for,
        )
        starting.go_on()
    except BaseException:
        database.close()
        raise
    return assemble(settings, workspace, database, world=world, stop=starting.stop)


def open_database(settings: Settings, world: World | None = None) -> Database:
    """Open the record, on the engine that DATABASE_URL names."""
    world = world or World()
    return settings.database.open(world.now_ms, world.clock)


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
        max_open=settings.countersign_max_open,
        max_hourly=settings.countersign_max_per_hour,
        max_daily=settings.max_daily,
        max_daily_all=settings.max_daily_team,
        hold_s=settings.countersign_hold_seconds,
        canary_from=settings.countersign_canary_from,
        stop_on=settings.countersign_stop_on,
        typed_from=settings.countersign_typed_from,
        ramp=ramp.read(settings.countersign_ramp),
        readers=settings.countersign_readers,
        mention=settings.countersign_mention,
        reminders=settings.countersign_reminders == "yes",
    )


def assemble(
    settings: Settings,
    workspace: Workspace,
    database: Database,
    *,
    world: World | None = None,
    stop: Stop | None = None,
) -> Program:
    """Put everything together on an open, migrated database; starts nothing."""
    bell, stop = Bell(), stop or Stop()
    turns = Turns(stop)
    operators = settings.countersign_operators or ""
    where = Places(settings.countersign_approvals_channel, settings.countersign_audit_channel, operators)
    config = Config(policy(settings, workspace))
    owner = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    profiles = Profiles(clients.slack_client(settings, timeout_s=clients.LISTENER_TIMEOUT_S), settings.language)
    people = SlackDirectory(
        clients.slack_client(settings, timeout_s=clients.question_timeout_s(settings)), profiles.learn
    )
    world = world or World()
    ourselves = Ourselves(workspace.bot_user_id, workspace.bot_id)
    heads = ChannelHeads(
        clients.slack_client(settings, timeout_s=clients.question_timeout_s(settings)), where, ourselves
    )
    listed = SlackListFiles(
        clients.slack_client(settings, timeout_s=clients.question_timeout_s(settings)), turns.go_on
    )
    heard = Heard()
    context = _context(
        settings, config, database, stop, people, heads, listed=listed, owner=owner, world=world, heard=heard
    )
    context = replace(context, alive=turns.go_on)
    announcer = Announcer(
        Outbox(
            database,
            owner=owner,
            lease_ms=1000 * clients.message_lease_s(settings),
            shown=lambda tx, card: anchoring.card_shown(context, tx, card),
            asks=lambda proposer: asking.mentioned(config.policy, proposer=proposer),
        ),
        clients.slack_client(settings, timeout_s=clients.message_timeout_s(settings)),
        where,
        Wording(
            settings.language,
            profiles.language,
            profiles.name,
            workspace.url,
            typed_from=config.policy.typed_from,
            approvers=config.policy.approvers,
        ),
        ourselves=ourselves,
        interval_ms=round(settings.countersign_message_seconds * 1000),
        may_post_head=lambda: anchoring.may_post_head(context),
        go_on=turns.go_on,
    )
    whose = "this machine's clock" if settings.database.engine is Engine.SQLITE else "the database server's clock"
    timekeeper = Timekeeper(database, world.clock, whose)
    worker = Worker(
        context,
        announcer,
        profiles=profiles,
        bell=bell,
        stop=stop,
        turns=turns,
        threads=settings.countersign_worker_threads,
    )
    metrics = Metrics(database, idle_s=lambda: worker.idle_s, monotonic_ms=_monotonic_ms)
    database.subscribe(log_event)
    database.subscribe(metrics.observe)
    worker.also("clock", timekeeper.step)
    watch = Watch(context, heard, operators) if operators else None
    if watch is not None:
        worker.also("operators", watch.step)
    health = health_of(database, worker, context)
    health.watch("clock", timekeeper.trouble)
    homes = Homes(
        database,
        clients.slack_client(settings, timeout_s=clients.question_timeout_s(settings)),
        Showing(config, people, profiles.known_language, Around(workspace.url, where.approvals)),
    )
    worker.also("homes", homes.step)
    bolt = bolt_app(settings, workspace)
    lookups = Lookups(_desk(settings, context))
    services = Services(
        database,
        config,
        wake=bell.ring,
        approvals_channel=where.approvals,
        language=profiles.known_language,
        workspace_url=workspace.url,
        directory=SlackDirectory(
            clients.slack_client(settings, timeout_s=clients.READER_TIMEOUT_S), profiles.learn
        ),
        lookups=lookups,
        lists=listed,
        home=homes.ask,
        reasons=settings.countersign_reasons,
    )
    listeners.register(bolt, services)

    def web(answering: App | None) -> WebApp:
        secret = settings.slack_signing_secret
        return WebApp(
            answering,
            signing_secret=secret.get_secret_value() if secret else "",
            health=health.report,
            metrics=metrics.page,
        )

    return Program(
        settings=settings,
        database=database,
        config=config,
        context=context,
        lookups=lookups,
        announcer=announcer,
        profiles=profiles,
        homes=homes,
        bolt=bolt,
        web=web(bolt if settings.slack_signing_secret else None),
        status=web(None),
        metrics=metrics,
        health=health,
        timekeeper=timekeeper,
        worker=worker,
        watch=watch,
        bell=bell,
        stop=stop,
    )


def _context(  # noqa: PLR0913 - everything that jobs need
    settings: Settings,
    config: Config,
    database: Database,
    stop: Stop,
    people: SlackDirectory,
    heads: ChannelHeads,
    *,
    listed: SlackListFiles,
    owner: str,
    world: World,
    heard: Heard,
) -> Context:
    """Put together what jobs need; ``heard`` is told what came of each call to VOD."""
    quota = Quota(database, stop.sleep)
    client = clients.vod_client(settings, heard)
    lease_ms = round(settings.countersign_lease_seconds * 1000)
    time_slice_ms = world.time_slice_ms if world.time_slice_ms is not None else lease_ms // 4
    return Context(
        database=database,
        config=config,
        client=client,
        reader=Reader(client, quota, clients.image_check(settings)),
        quota=quota,
        where=Whereabouts(client.get_account, client.endpoint, _monotonic_ms),
        directory=people,
        owner=owner,
        lease_ms=lease_ms,
        monotonic_ms=_monotonic_ms,
        new_id=lambda: uuid.uuid4().hex,
        timings=world.timings or Timings(),
        lanes=LANES,
        time_slice_ms=time_slice_ms,
        plans=PlanCache(check_every_ms=time_slice_ms),
        readers=READERS,
        heads=heads,
        trust=Trust(_monotonic_ms),
        lists=listed,
    )


def _desk(settings: Settings, context: Context) -> Desk:
    """Put together what look-ups need: in a process that serves Slack and does no jobs as well."""
    return Desk(
        client=clients.lookup_client(settings),
        database=context.database,
        quota=context.quota,
        image_is_served=clients.image_check(settings),
        monotonic_s=time.monotonic,
    )


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


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
    app = App(
        # Else Bolt gives its loggers the root's level, and then logs the body of every badly signed request.
        logger=logging.getLogger("slack_bolt"),
        client=clients.slack_client(settings, timeout_s=clients.LISTENER_TIMEOUT_S),
        # Socket Mode has no signatures; Bolt still wants a value it never uses.
        signing_secret=secret.get_secret_value() if secret else "unused in Socket Mode",
        authorize=lambda: known,
        process_before_response=True,
    )

    def with_an_end(context: BoltContext, next_: Callable[[], object]) -> None:
        """Give the listener a client whose calls end: Bolt's own copy of the app's client has lost that."""
        context["client"] = clients.slack_client(settings, timeout_s=clients.LISTENER_TIMEOUT_S)
        next_()

    app.use(with_an_end)
    return app

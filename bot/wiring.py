"""The one place where everything is put together; its arguments are the outside world."""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from slack_bolt import App, BoltContext
from slack_bolt.authorization import AuthorizeResult

from bot import clients
from bot.bounded_slack import BoundedClient
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


@dataclass(frozen=True)
class _Basis:
    """What everything else is put together from; ``owner`` is the name of this instance in the record."""

    settings: Settings
    workspace: Workspace
    database: Database
    config: Config
    world: World
    stop: Stop
    turns: Turns
    owner: str
    where: Places
    profiles: Profiles
    ourselves: Ourselves

    def asking(self) -> BoundedClient:
        """Return a client for what a job asks of Slack."""
        return clients.slack_client(self.settings, timeout_s=clients.question_timeout_s(self.settings))


def _basis(settings: Settings, workspace: Workspace, database: Database, world: World, stop: Stop) -> _Basis:
    return _Basis(
        settings=settings,
        workspace=workspace,
        database=database,
        config=Config(policy(settings, workspace)),
        world=world,
        stop=stop,
        turns=Turns(stop),
        owner=f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}",
        where=Places(
            settings.countersign_approvals_channel,
            settings.countersign_audit_channel,
            settings.countersign_operators or "",
        ),
        profiles=Profiles(clients.slack_client(settings, timeout_s=clients.LISTENER_TIMEOUT_S), settings.language),
        ourselves=Ourselves(workspace.bot_user_id, workspace.bot_id),
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
    basis = _basis(settings, workspace, database, world or World(), stop or Stop())
    bell, heard = Bell(), Heard()
    people = SlackDirectory(basis.asking(), basis.profiles.learn)
    listed = SlackListFiles(basis.asking(), basis.turns.go_on)
    context = _context(basis, people, listed=listed, heard=heard)
    announcer = _announcer(basis, context)
    worker = Worker(
        context,
        announcer,
        profiles=basis.profiles,
        bell=bell,
        stop=basis.stop,
        turns=basis.turns,
        threads=settings.countersign_worker_threads,
    )
    metrics = Metrics(database, idle_s=lambda: worker.idle_s, monotonic_ms=_monotonic_ms)
    database.subscribe(log_event)
    database.subscribe(metrics.observe)
    timekeeper = _timekeeper(basis)
    worker.also("clock", timekeeper.step)
    operators = settings.countersign_operators
    watch = Watch(context, heard, operators) if operators else None
    if watch is not None:
        worker.also("operators", watch.step)
    health = health_of(database, worker, context)
    health.watch("clock", timekeeper.trouble)
    homes = _homes(basis, people)
    worker.also("homes", homes.step)
    bolt = bolt_app(settings, workspace)
    lookups = Lookups(_desk(settings, context))
    listeners.register(bolt, _services(basis, bell, lookups, listed, homes))

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
        config=basis.config,
        context=context,
        lookups=lookups,
        announcer=announcer,
        profiles=basis.profiles,
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
        stop=basis.stop,
    )


def _announcer(basis: _Basis, context: Context) -> Announcer:
    """Put together what sends messages."""
    settings, rules, profiles = basis.settings, basis.config.policy, basis.profiles
    return Announcer(
        Outbox(
            basis.database,
            owner=basis.owner,
            lease_ms=1000 * clients.message_lease_s(settings),
            shown=lambda tx, card: anchoring.card_shown(context, tx, card),
            asks=lambda proposer: asking.mentioned(rules, proposer=proposer),
        ),
        clients.slack_client(settings, timeout_s=clients.message_timeout_s(settings)),
        basis.where,
        Wording(
            settings.language,
            profiles.language,
            profiles.name,
            basis.workspace.url,
            typed_from=rules.typed_from,
            approvers=rules.approvers,
        ),
        ourselves=basis.ourselves,
        interval_ms=round(settings.countersign_message_seconds * 1000),
        may_post_head=lambda: anchoring.may_post_head(context),
        go_on=basis.turns.go_on,
    )


def _timekeeper(basis: _Basis) -> Timekeeper:
    is_file = basis.settings.database.engine is Engine.SQLITE
    whose = "this machine's clock" if is_file else "the database server's clock"
    return Timekeeper(basis.database, basis.world.clock, whose)


def _homes(basis: _Basis, people: SlackDirectory) -> Homes:
    around = Around(basis.workspace.url, basis.where.approvals)
    shown = Showing(basis.config, people, basis.profiles.known_language, around)
    return Homes(basis.database, basis.asking(), shown)


def _services(basis: _Basis, bell: Bell, lookups: Lookups, listed: SlackListFiles, homes: Homes) -> Services:
    """Put together what listeners need."""
    reader = clients.slack_client(basis.settings, timeout_s=clients.READER_TIMEOUT_S)
    return Services(
        basis.database,
        basis.config,
        wake=bell.ring,
        approvals_channel=basis.where.approvals,
        language=basis.profiles.known_language,
        workspace_url=basis.workspace.url,
        directory=SlackDirectory(reader, basis.profiles.learn),
        lookups=lookups,
        lists=listed,
        home=homes.ask,
        reasons=basis.settings.countersign_reasons,
    )


def _context(basis: _Basis, people: SlackDirectory, *, listed: SlackListFiles, heard: Heard) -> Context:
    """Put together what jobs need; ``heard`` is told what came of each call to VOD."""
    settings, world = basis.settings, basis.world
    quota = Quota(basis.database, basis.stop.sleep)
    client = clients.vod_client(settings, heard)
    lease_ms = round(settings.countersign_lease_seconds * 1000)
    time_slice_ms = world.time_slice_ms if world.time_slice_ms is not None else lease_ms // 4
    return Context(
        database=basis.database,
        config=basis.config,
        client=client,
        reader=Reader(client, quota, clients.image_check(settings)),
        quota=quota,
        where=Whereabouts(client.get_account, client.endpoint, _monotonic_ms),
        directory=people,
        owner=basis.owner,
        lease_ms=lease_ms,
        monotonic_ms=_monotonic_ms,
        new_id=lambda: uuid.uuid4().hex,
        timings=world.timings or Timings(),
        lanes=LANES,
        time_slice_ms=time_slice_ms,
        plans=PlanCache(check_every_ms=time_slice_ms),
        readers=READERS,
        heads=ChannelHeads(basis.asking(), basis.where, basis.ourselves),
        trust=Trust(_monotonic_ms),
        lists=listed,
        alive=basis.turns.go_on,
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

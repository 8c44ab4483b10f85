"""What ``/metrics`` tells: the record as it stands when somebody asks, and the events since this process began."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from deletion.approval.requests import daily
from deletion.audit.events import Event
from deletion.audit.messages.places import MessageKind
from deletion.jobs.config import JobKind
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from storage import Database, Tx
from storage.tables import audit_log, calls, freezes, items, jobs, outbox, proposal_counts, rate_limits

log = structlog.get_logger()

CONTENT_TYPE = CONTENT_TYPE_LATEST

READ_EVERY_MS = 5_000
"""The record is counted at most this often, however often somebody asks: counting must not slow clicks down."""

WAITING = "waiting"
"""The word of ``items.tally`` for an item without an outcome."""

Backlog = Mapping[str, tuple[int, int]]
"""By kind: how many, and since when (UTC milliseconds)."""


@dataclass(frozen=True)
class Snapshot:
    """What is counted in the record, in one transaction."""

    now_ms: int
    proposals: Mapping[str, int]
    items: Mapping[str, int]
    calls: tuple[int, int]
    jobs: Backlog
    messages: Backlog
    frozen: bool
    ramping: int
    daily_items: int
    audit_events: int
    audit_events_posted: int
    rates: Mapping[str, int]


def snapshot(tx: Tx) -> Snapshot:
    """Count the record; neither the audit log nor the items of finished proposals are read."""
    return Snapshot(
        now_ms=tx.now_ms(),
        proposals=proposal_counts.count_by_state(tx),
        items=items.tally_in_state(tx, State.EXECUTING),
        calls=calls.count_open(tx),
        jobs=jobs.backlog(tx),
        messages=outbox.backlog(tx),
        frozen=freezes.is_frozen(tx),
        ramping=proposal_counts.count_ramping(tx),
        daily_items=daily.used(tx),
        audit_events=audit_log.head(tx).seq,
        audit_events_posted=audit_log.posting(tx).seq,
        rates=rate_limits.percents(tx),
    )


class Metrics:
    """The metrics of one process, in a registry of their own.

    ``idle_s`` tells how long ago the worker's slowest thread began its turn.
    """

    def __init__(self, database: Database, *, idle_s: Callable[[], float], monotonic_ms: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        self._events = Counter(
            "countersign_events",
            "Events written to the audit log by this process since it started, by action.",
            ["action"],
            registry=self._registry,
        )
        self._registry.register(_Record(database, idle_s, monotonic_ms))

    def observe(self, fact: object) -> None:
        """Count an event that was committed; anything else that was published is passed over."""
        if isinstance(fact, Event):
            self._events.labels(fact.action).inc()

    def page(self) -> bytes:
        """Return everything in Prometheus' text format (content type ``CONTENT_TYPE``)."""
        return generate_latest(self._registry)


class _Record(Collector):
    """Reads the record when it is asked, but not more often than every ``READ_EVERY_MS``."""

    def __init__(self, database: Database, idle_s: Callable[[], float], monotonic_ms: Callable[[], int]) -> None:
        self._database = database
        self._idle_s = idle_s
        self._monotonic_ms = monotonic_ms
        self._lock = threading.Lock()
        self._read_ms: int | None = None
        self._snapshot: Snapshot | None = None

    def collect(self) -> Iterable[Metric]:
        """Yield every gauge; of a record that cannot be read only that."""
        found = self._latest()
        yield _gauge("record_readable", "1 when the record could be read for this page, else 0.", int(bool(found)))
        yield _gauge(
            "worker_idle_seconds",
            "Seconds since the slowest thread of this process began its turn, or moved a part of a file.",
            self._idle_s(),
        )
        if found is not None:
            yield from _families(found)

    def _latest(self) -> Snapshot | None:
        with self._lock:
            now_ms = self._monotonic_ms()
            if self._read_ms is None or now_ms - self._read_ms >= READ_EVERY_MS:
                self._snapshot = self._read()
                self._read_ms = now_ms
            return self._snapshot

    def _read(self) -> Snapshot | None:
        try:
            return self._database.read(snapshot)
        except Exception:
            # That the record cannot be read is what the page then says.
            log.exception("metrics.record_unreadable")
            return None


def _families(found: Snapshot) -> Iterable[Metric]:
    yield _labelled("proposals", "Proposals by state.", "state", {**dict.fromkeys(State, 0), **found.proposals})
    yield _labelled(
        "open_items",
        "Items of the deletions under way, by outcome; waiting: none yet.",
        "outcome",
        {WAITING: 0, **dict.fromkeys(Outcome, 0), **found.items},
    )
    in_time, late = found.calls
    yield _labelled(
        "open_delete_calls",
        "Delete calls without a recorded answer; overdue: another instance may take them over.",
        "state",
        {"in time": in_time, "overdue": late},
    )
    yield from _backlog(found, "jobs_due", "Jobs that are due and that nobody works on", found.jobs, JobKind)
    yield from _backlog(found, "unsent_messages", "Slack messages not sent yet", found.messages, MessageKind)
    yield _gauge("frozen", "1 while all deletions are frozen, else 0.", int(found.frozen))
    yield _gauge("deletions_ramping", "Deletions under way that do not use all of VOD's quota yet.", found.ramping)
    yield _gauge(
        "daily_items", "Items of open proposals, and of those carried out in the last 24 hours.", found.daily_items
    )
    yield _gauge("audit_events", "Events in the audit log.", found.audit_events)
    yield _gauge(
        "audit_events_unposted",
        "Events of which no message to the audit channel was queued yet.",
        found.audit_events - found.audit_events_posted,
    )
    yield _labelled(
        "vod_rate_percent",
        "Rate used now in percent of VOD's documented one, of every operation called so far.",
        "operation",
        found.rates,
    )


def _backlog(found: Snapshot, name: str, text: str, backlog: Backlog, kinds: Iterable[str]) -> Iterable[Metric]:
    counts = {kind: count for kind, (count, _) in backlog.items()}
    yield _labelled(name, f"{text}, by kind.", "kind", {**dict.fromkeys(kinds, 0), **counts})
    since = min((since for _, since in backlog.values()), default=found.now_ms)
    age_s = max(0, found.now_ms - since) / 1000
    yield _gauge(f"{name}_oldest_seconds", f"{text}: age of the oldest, 0 when there is none.", age_s)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"countersign_{name}", text, value=value)


def _labelled(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"countersign_{name}", text, labels=[label])
    for value, count in values.items():
        family.add_metric([str(value)], count)
    return family

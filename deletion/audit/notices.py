"""Messages owed to people, as facts: each is queued with the change it reports; handlers finds the words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from deletion.terms import canonical
from deletion.terms.canonical import Json
from storage import Tx
from storage.tables import audit_log, notice_throttle, outbox

PROGRESS_EVERY_MS = 5_000
"""How often a card shows progress: Slack takes about 50 updates a minute of the whole bot (Tier 3)."""

TOLD_EVERY_MS = 60_000
"""How often a thread is told of progress."""

TROUBLE_EVERY_MS = 15 * 60_000
"""How often a thread is told that something still waits or is late."""

AUDIT_LINES = 15
"""Events per audit message: few enough to read, many enough to keep up at one message a second."""


@dataclass(frozen=True)
class Channels:
    """Where proposals are decided and where the log is shown: Slack channel ids."""

    approvals: str
    audit: str


class Notice(StrEnum):
    """The forms a message takes."""

    CARD = "card"
    MANIFEST = "manifest"
    THREAD = "thread"
    CHANNEL = "channel"
    DIRECT = "direct"
    PRIVATE = "private"
    AUDIT = "audit"


class News(StrEnum):
    """What a thread, direct or private message reports."""

    REFUSED = "refused"
    VOTE_CAST = "vote cast"
    VOTE_COUNTED = "vote counted"
    VOTE_VOID = "vote void"
    VOTE_WAITS = "vote waits"
    COLLECTION_WAITS = "collection waits"
    COLLECTION_FAILED = "collection failed"
    PROPOSED = "proposed"
    PLAN_CHANGED = "plan changed"
    STALE = "stale"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    HOLDING = "holding"
    STOPPED = "stopped"
    STARTED = "started"
    CANARY = "canary"
    PROGRESS = "progress"
    WAITING = "waiting"
    LATE = "late"
    FINISHED = "finished"
    FROZEN = "frozen"
    THAW_COUNTED = "thaw counted"
    THAW_VOID = "thaw void"
    THAWED = "thawed"


def card(tx: Tx, channels: Channels, proposal_id: int) -> None:
    """Owe an up-to-date card; one that is already waiting will show this change too."""
    if not outbox.is_waiting(tx, kind=Notice.CARD, proposal_id=proposal_id):
        outbox.add(tx, lane=channels.approvals, kind=Notice.CARD, proposal_id=proposal_id, message="{}")


def progress(tx: Tx, channels: Channels, proposal_id: int) -> bool:
    """Owe a card that shows how far a deletion is, at a pace that people bear; False when it is too soon."""
    if not notice_throttle.may_tell(tx, proposal_id, "progress on the card", every_ms=PROGRESS_EVERY_MS):
        return False
    card(tx, channels, proposal_id)
    return True


def manifest(tx: Tx, channels: Channels, proposal_id: int, *, revision: int) -> None:
    """Owe the full list of a plan as a file in the card's thread.

    A lane of its own: a file that Slack will not take must not hold up the cards.
    """
    outbox.add(
        tx,
        lane=f"file:{channels.approvals}:{proposal_id}",
        kind=Notice.MANIFEST,
        proposal_id=proposal_id,
        message=canonical.dumps({"revision": revision}),
    )


def manifest_was_posted(tx: Tx, proposal_id: int, *, revision: int) -> bool:
    """Say whether people can see the full list of this revision."""
    message = canonical.dumps({"revision": revision})
    return outbox.was_sent(tx, kind=Notice.MANIFEST, proposal_id=proposal_id, message=message)


def thread(tx: Tx, channels: Channels, proposal_id: int, news: News, facts: Mapping[str, Json]) -> None:
    """Owe a reply in the card's thread."""
    outbox.add(
        tx,
        lane=channels.approvals,
        kind=Notice.THREAD,
        proposal_id=proposal_id,
        message=canonical.dumps({"news": news, "facts": facts}),
    )


def channel(tx: Tx, channels: Channels, news: News, facts: Mapping[str, Json]) -> None:
    """Owe the approvals channel news that is about no single proposal."""
    outbox.add(
        tx,
        lane=channels.approvals,
        kind=Notice.CHANNEL,
        proposal_id=None,
        message=canonical.dumps({"news": news, "facts": facts}),
    )


def direct(tx: Tx, user: str, proposal_id: int | None, news: News, facts: Mapping[str, Json]) -> None:
    """Owe a person a direct message."""
    outbox.add(
        tx,
        lane=user,
        kind=Notice.DIRECT,
        proposal_id=proposal_id,
        message=canonical.dumps({"news": news, "facts": facts, "user": user}),
    )


@dataclass(frozen=True)
class Ear:
    """Where a person can be answered privately: the channel they clicked in, and who they are."""

    channel: str
    user: str


def open_private(tx: Tx, ear: Ear) -> None:
    """Make a person's lane before the audit log is locked: a new lane must never be waited for under that lock."""
    outbox.open_lane(tx, _private_lane(ear))


def _private_lane(ear: Ear) -> str:
    return f"private:{ear.user}"


def private(tx: Tx, ear: Ear, proposal_id: int | None, news: News, facts: Mapping[str, Json]) -> None:
    """Owe a person an answer that only they see. Its own lane: nobody waits behind a busy channel."""
    outbox.add(
        tx,
        lane=_private_lane(ear),
        kind=Notice.PRIVATE,
        proposal_id=proposal_id,
        message=canonical.dumps({"news": news, "facts": facts, "user": ear.user, "channel": ear.channel}),
    )


def has_audit_news(tx: Tx) -> bool:
    """Say whether there are events that the audit channel was not told of, and no message that is about to."""
    return audit_log.head(tx).seq > audit_log.last_anchored(tx) and not outbox.is_any_queued(tx, Notice.AUDIT)


def audit_news(tx: Tx, channels: Channels) -> bool:
    """Owe the audit channel the events it has not seen, with the head they lead to; False when there are none."""
    # The lock keeps two instances from owing the same events.
    head = audit_log.head(tx, locked=True)
    first = audit_log.last_anchored(tx) + 1
    if head.seq < first or outbox.is_waiting(tx, kind=Notice.AUDIT, proposal_id=None):
        return False
    last = min(head.seq, first + AUDIT_LINES - 1)
    rows = audit_log.between(tx, last, last)
    message = canonical.dumps({"first": first, "last": last, "hash": rows[0].hash})
    owed = outbox.add(tx, lane=channels.audit, kind=Notice.AUDIT, proposal_id=None, message=message)
    audit_log.add_anchor(tx, audit_log.Anchor(last, rows[0].hash, owed))
    return True

"""Messages that are owed to people: written with the change they report, sent lane by lane.

In a lane the more urgent one goes first, and of equally urgent ones the older one.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from storage.engine.database import Row, Tx


class MessageState(StrEnum):
    """Where a message stands; of one that is SENDING nobody knows yet whether it is in Slack."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Urgency(IntEnum):
    """What goes first: a stop or a freeze, then a card that lets people stop something, then decisions."""

    BRAKE = 0
    HOLD = 1
    DECISION = 2
    USUAL = 3


@dataclass(frozen=True)
class OutboxRow:
    """One message owed. ``lane`` is a place by name; ``message`` is canonical JSON of what it reports.

    ``channel``, ``ts`` and ``thread_ts`` say where in Slack it is; ``file_id`` names the file that goes with it.
    """

    id: int
    lane: str
    kind: str
    proposal_id: int | None
    message: str
    nonce: str
    state: MessageState
    attempts: int
    broken: int
    created_ms: int
    sent_ms: int | None
    ts: str | None
    error: str | None
    channel: str | None
    thread_ts: str | None
    file_id: str | None
    urgency: Urgency = Urgency.USUAL


def add(
    tx: Tx, *, lane: str, kind: str, proposal_id: int | None, message: str, urgency: Urgency = Urgency.USUAL
) -> int:
    """Owe a message. No lane is touched: who writes this has the log, and must wait for nobody's new lane."""
    row = tx.one(
        """
        INSERT INTO outbox (lane, kind, proposal_id, message, nonce, state, created_ms, urgency)
        VALUES (:lane, :kind, :proposal, :message, :nonce, 'queued', :now, :urgency)
        RETURNING id
        """,
        urgency=urgency,
        lane=lane,
        kind=kind,
        proposal=proposal_id,
        message=message,
        nonce=secrets.token_hex(12),
        now=tx.now_ms(),
    )
    return int(row["id"]) if row else 0


def open_lane(tx: Tx, lane: str) -> None:
    """Make sure that a lane exists. Not with the log locked: who makes the same one may be waiting for the log."""
    tx.run("INSERT INTO lanes (lane) VALUES (:lane) ON CONFLICT DO NOTHING", lane=lane)


def lock_lane(tx: Tx, lane: str) -> None:
    """Keep others who lock this lane waiting until this transaction ends; before the log is locked."""
    open_lane(tx, lane)
    tx.one("SELECT 1 AS yes FROM lanes WHERE lane = :lane {lock}", lane=lane)


def is_waiting(tx: Tx, *, kind: str, proposal_id: int | None) -> bool:
    """Say whether a message of this kind is queued; if so, it is not begun before this transaction ends."""
    row = tx.one(
        """
        SELECT 1 AS yes FROM outbox
        WHERE state = 'queued' AND kind = :kind AND COALESCE(proposal_id, 0) = :id
        LIMIT 1 {lock}
        """,
        kind=kind,
        id=proposal_id or 0,
    )
    return row is not None


def is_on_its_way(tx: Tx, *, kind: str, proposal_id: int) -> bool:
    """Say whether a message of this kind is queued or just being sent; if so, it is as it is until this ends."""
    row = tx.one(
        """
        SELECT 1 AS yes FROM outbox
        WHERE state IN ('queued', 'sending') AND kind = :kind AND COALESCE(proposal_id, 0) = :id
        LIMIT 1 {lock}
        """,
        kind=kind,
        id=proposal_id,
    )
    return row is not None


def hasten(tx: Tx, *, kind: str, proposal_id: int, urgency: Urgency) -> None:
    """Let what is owed of this kind about a proposal go as early as this, all of it: its order stays.

    One that is just being settled is left alone: whoever settles it may wait for the log, which the caller has.
    """
    tx.run(
        """
        UPDATE outbox SET urgency = :urgency
        WHERE id IN (SELECT id FROM outbox
                     WHERE state IN ('queued', 'sending') AND kind = :kind AND proposal_id = :id
                       AND urgency > :urgency {skip})
        """,
        kind=kind,
        id=proposal_id,
        urgency=urgency,
    )


_READY = """
    SELECT o.* FROM outbox o
    WHERE o.state IN ('queued', 'sending')
      {kinds}
      AND NOT EXISTS (SELECT 1 FROM lanes l
                      WHERE l.lane = o.lane AND (l.next_allowed_ms > :now OR l.lease_ms > :now))
      AND o.id = (SELECT id FROM outbox i WHERE i.lane = o.lane AND i.state IN ('queued', 'sending')
                  ORDER BY i.urgency, i.id LIMIT 1)
    ORDER BY o.urgency, o.id LIMIT 1
"""


def _ready(only: Sequence[str], besides: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the query for a message to claim, of these kinds or of all but these, and what it names."""
    names = {f"k{n}": kind for n, kind in enumerate(only or besides)}
    among = ", ".join(f":{name}" for name in names)
    kinds = f"AND o.kind {'IN' if only else 'NOT IN'} ({among})" if names else ""
    return _READY.replace("{kinds}", kinds), names


def is_any_ready(tx: Tx, *, only: Sequence[str] = (), besides: Sequence[str] = ()) -> bool:
    """Say whether there is a message to claim; most of the time there is none, and asking keeps nobody waiting."""
    sql, names = _ready(only, besides)
    return tx.one(sql, now=tx.now_ms(), **names) is not None


def is_any_queued(tx: Tx, *kinds: str) -> bool:
    """Say whether a message of one of these kinds is queued at the moment."""
    names = {f"k{n}": kind for n, kind in enumerate(kinds)}
    among = ", ".join(f":{name}" for name in names)
    sql = f"SELECT 1 AS yes FROM outbox WHERE state = 'queued' AND kind IN ({among}) LIMIT 1"  # noqa: S608 - names of ours
    return tx.one(sql, **names) is not None


def claim(
    tx: Tx, *, owner: str, lease_ms: int, only: Sequence[str] = (), besides: Sequence[str] = ()
) -> OutboxRow | None:
    """Take the most urgent message whose lane is free and whose time has come; others wait behind it.

    A lane whose first message is of none of the kinds ``only``, or of one of the kinds ``besides``, is passed by.
    """
    sql, names = _ready(only, besides)
    row = tx.one(sql + "{skip}", now=tx.now_ms(), **names)
    if row is None or not _take_lane(tx, str(row["lane"]), owner, lease_ms):
        return None
    # The row is returned as it was: 'sending' means that an earlier owner may have posted it.
    begun = tx.run(
        """
        UPDATE outbox SET state = 'sending', attempts = attempts + 1
        WHERE id = :id AND state IN ('queued', 'sending')
        """,
        id=row["id"],
    )
    return _row(row) if begun == 1 else None


def settle(tx: Tx, row: OutboxRow, *, owner: str, state: MessageState, error: str | None = None) -> bool:
    """Mark a message sent or failed and free its lane; False when the lane is no longer this owner's."""
    if not _holds_lane(tx, row.lane, owner):
        return False
    tx.run(
        "UPDATE outbox SET state = :state, error = :error, sent_ms = :now WHERE id = :id",
        id=row.id,
        state=state,
        error=error,
        now=tx.now_ms(),
    )
    return True


def put_place(tx: Tx, message_id: int, *, channel: str, ts: str, thread_ts: str) -> None:
    """Remember where in Slack a message is."""
    tx.run(
        "UPDATE outbox SET channel = :channel, ts = :ts, thread_ts = :thread_ts WHERE id = :id",
        id=message_id,
        channel=channel,
        ts=ts,
        thread_ts=thread_ts,
    )


def note_file(tx: Tx, nonce: str, file_id: str) -> None:
    """Remember the file that goes with a message that is being sent."""
    sql = "UPDATE outbox SET file_id = :file_id WHERE nonce = :nonce AND state = 'sending'"
    tx.run(sql, nonce=nonce, file_id=file_id)


def put_back(tx: Tx, row: OutboxRow, *, owner: str, begun: bool, broken: bool, error: str) -> bool:
    """Owe a message again; ``begun``: it may have been posted; ``broken``: something of ours broke on it."""
    if not _holds_lane(tx, row.lane, owner):
        return False
    tx.run(
        "UPDATE outbox SET state = :state, broken = broken + :broken, error = :error WHERE id = :id",
        id=row.id,
        state=MessageState.SENDING if begun else MessageState.QUEUED,
        broken=int(broken),
        error=error,
    )
    return True


def free_lane(tx: Tx, lane: str, *, owner: str, next_allowed_ms: int) -> None:
    """Let others use a lane from ``next_allowed_ms`` on."""
    tx.run(
        """
        UPDATE lanes SET owner = NULL, lease_ms = 0, next_allowed_ms = :next
        WHERE lane = :lane AND owner = :owner
        """,
        lane=lane,
        owner=owner,
        next=next_allowed_ms,
    )


@dataclass(frozen=True)
class SilentLane:
    """A lane that owes what was not taken since ``since_ms`` (UTC ms), and the answer; "" where none was tried."""

    lane: str
    since_ms: int
    code: str


UNTRIED_MS = 30_000
"""How long a message waits in a lane where nothing happens before the lane is silent."""

IS_SILENT = """
    EXISTS (SELECT 1 FROM lanes l
            WHERE l.lane IN ('approvals', 'audit') AND l.silent_ms IS NOT NULL
              AND EXISTS (SELECT 1 FROM outbox o WHERE o.lane = l.lane AND o.state IN ('queued', 'sending')))
"""
"""Whether a channel owes something that was tried in vain: cheap, as the log's head is held meanwhile."""


def silent_channels(tx: Tx) -> list[SilentLane]:
    """Return the channels that take no messages, or in which nobody tries; the approvals channel first."""
    idle_ms = tx.now_ms() - UNTRIED_MS
    suspects = tx.rows(
        """
        SELECT lane, silent_ms, silent_code FROM lanes
        WHERE lane IN ('approvals', 'audit') AND (silent_ms IS NOT NULL OR next_allowed_ms < :idle) ORDER BY lane
        """,
        idle=idle_ms,
    )
    found = []
    for each in suspects:
        owed_ms = _oldest_owed_ms(tx, str(each["lane"]))
        if owed_ms is not None and (each["silent_ms"] is not None or owed_ms < idle_ms):
            since_ms = idle_ms if each["silent_ms"] is None else int(each["silent_ms"])
            found.append(SilentLane(str(each["lane"]), since_ms, str(each["silent_code"] or "")))
    return found


def _oldest_owed_ms(tx: Tx, lane: str) -> int | None:
    sql = "SELECT min(created_ms) AS since FROM outbox WHERE lane = :lane AND state IN ('queued', 'sending')"
    row = tx.one(sql, lane=lane)
    return None if row is None or row["since"] is None else int(row["since"])


def note_silent(tx: Tx, lane: str, *, code: str) -> None:
    """Note that a lane did not take a message, from the first attempt in vain on."""
    tx.run(
        "UPDATE lanes SET silent_ms = COALESCE(silent_ms, :now), silent_code = :code WHERE lane = :lane",
        lane=lane,
        code=code,
        now=tx.now_ms(),
    )


def note_settled(tx: Tx, lane: str) -> None:
    """Note that a message of a lane was settled: its silence is over with the last one that was tried in vain.

    Not with the first that is taken: Slack may take updates of messages and no new ones.
    """
    tx.run(
        """
        UPDATE lanes SET silent_ms = NULL, silent_code = NULL
        WHERE lane = :lane AND silent_ms IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.lane = :lane AND o.state IN ('queued', 'sending')
                            AND o.error = silent_code)
        """,
        lane=lane,
    )


def newest_deeds(tx: Tx, lane: str, *, limit: int) -> list[OutboxRow]:
    """Return the newest messages in a lane about somebody's deeds that are in Slack, the newest first."""
    found = tx.rows(
        """
        SELECT * FROM outbox WHERE kind = 'deeds' AND lane = :lane AND state = 'sent' AND ts <> ''
        ORDER BY id DESC LIMIT :limit
        """,
        lane=lane,
        limit=limit,
    )
    return [_row(row) for row in found]


def is_file_under_card(tx: Tx, *, kind: str, proposal_id: int, message: str) -> bool:
    """Say whether exactly this message, with a file that we uploaded, is in the thread of the proposal's card."""
    row = tx.one(
        """
        SELECT 1 AS yes FROM outbox o JOIN proposals p ON p.id = o.proposal_id
        WHERE o.kind = :kind AND o.proposal_id = :id AND o.message = :message AND o.state = 'sent'
          AND o.file_id IS NOT NULL AND o.channel = p.card_channel AND o.thread_ts = p.card_ts
        LIMIT 1
        """,
        kind=kind,
        id=proposal_id,
        message=message,
    )
    return row is not None


def exists(tx: Tx, *, kind: str, proposal_id: int, message: str) -> bool:
    """Say whether exactly this message was ever owed."""
    sql = "SELECT 1 AS yes FROM outbox WHERE kind = :kind AND proposal_id = :id AND message = :message LIMIT 1"
    return tx.one(sql, kind=kind, id=proposal_id, message=message) is not None


def last_state(tx: Tx, *, kind: str, proposal_id: int, message: str) -> MessageState | None:
    """Return where exactly this message stands, as it was owed last; None when it never was."""
    row = tx.one(
        """
        SELECT state FROM outbox WHERE kind = :kind AND proposal_id = :id AND message = :message
        ORDER BY id DESC LIMIT 1
        """,
        kind=kind,
        id=proposal_id,
        message=message,
    )
    return MessageState(row["state"]) if row else None


def given_up_in_a_row(tx: Tx, *, kind: str, proposal_id: int, message: str) -> int:
    """Return how often exactly this message was given up since it was sent last."""
    row = tx.one(
        """
        SELECT count(*) AS n FROM outbox
        WHERE kind = :kind AND proposal_id = :id AND message = :message AND state = 'failed'
          AND id > (SELECT COALESCE(max(id), 0) FROM outbox
                    WHERE kind = :kind AND proposal_id = :id AND message = :message AND state = 'sent')
        """,
        kind=kind,
        id=proposal_id,
        message=message,
    )
    return int(row["n"]) if row else 0


def trouble_of(tx: Tx, lane: str) -> str | None:
    """Return why what waits for a place was not sent, or was given up last; None when nothing is known."""
    row = tx.one(
        """
        SELECT error FROM outbox WHERE lane = :lane AND state <> 'sent' AND error IS NOT NULL
        ORDER BY id DESC LIMIT 1
        """,
        lane=lane,
    )
    return str(row["error"]) if row else None


def renew(tx: Tx, lane: str, *, owner: str, lease_ms: int) -> bool:
    """Hold a lane until ``lease_ms``, unless another has taken it meanwhile: then False."""
    changed = tx.run(
        "UPDATE lanes SET lease_ms = :lease WHERE lane = :lane AND owner = :owner",
        lane=lane,
        owner=owner,
        lease=lease_ms,
    )
    return changed == 1


def unsent(tx: Tx) -> int:
    """Return how many messages are still owed."""
    row = tx.one("SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending')")
    return int(row["n"]) if row else 0


def late(tx: Tx, *, older_ms: int) -> list[tuple[str, int, str]]:
    """Return the lanes that took nothing for longer while something waited: lane, since when (UTC ms), error or "".

    One that takes message after message is not late, however many wait.
    """
    before_ms = tx.now_ms() - older_ms
    found = tx.rows(
        """
        SELECT w.lane AS lane, min(w.created_ms) AS since,
               (SELECT e.error FROM outbox e
                WHERE e.lane = w.lane AND e.state IN ('queued', 'sending') AND e.error IS NOT NULL
                ORDER BY e.urgency, e.id LIMIT 1) AS error,
               (SELECT max(s.sent_ms) FROM outbox s WHERE s.lane = w.lane AND s.state = 'sent') AS taken
        FROM outbox w WHERE w.state IN ('queued', 'sending')
        GROUP BY w.lane HAVING min(w.created_ms) < :before ORDER BY since LIMIT 20
        """,
        before=before_ms,
    )
    lanes = [(str(row["lane"]), max(int(row["since"]), int(row["taken"] or 0)), row["error"]) for row in found]
    return [(lane, since_ms, str(error or "")) for lane, since_ms, error in lanes if since_ms < before_ms]


def backlog(tx: Tx) -> dict[str, tuple[int, int]]:
    """Return, by kind, how many messages are not sent yet, and when the oldest of them was written (UTC ms)."""
    found = tx.rows(
        """
        SELECT kind, count(*) AS n, min(created_ms) AS since FROM outbox
        WHERE state IN ('queued', 'sending') GROUP BY kind
        """
    )
    return {str(row["kind"]): (int(row["n"]), int(row["since"])) for row in found}


def _take_lane(tx: Tx, lane: str, owner: str, lease_ms: int) -> bool:
    open_lane(tx, lane)
    changed = tx.run(
        """
        UPDATE lanes SET owner = :owner, lease_ms = :lease
        WHERE lane = :lane AND lease_ms <= :now AND next_allowed_ms <= :now
        """,
        lane=lane,
        owner=owner,
        lease=lease_ms,
        now=tx.now_ms(),
    )
    return changed == 1


def _holds_lane(tx: Tx, lane: str, owner: str) -> bool:
    return (
        tx.one("SELECT 1 AS yes FROM lanes WHERE lane = :lane AND owner = :owner", lane=lane, owner=owner)
        is not None
    )


def _row(row: Row) -> OutboxRow:
    return OutboxRow(**{**row, "state": MessageState(row["state"]), "urgency": Urgency(row["urgency"])})

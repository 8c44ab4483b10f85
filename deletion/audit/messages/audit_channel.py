"""What the audit channel is owed: every event once, where it belongs, and heads that cannot be edited away.

A proposal is one message there, a view that is shown anew; each of its events is a line in that message's thread.
What is about no proposal stands by itself. Lines are never edited. A head is a post at the top level, where the
channel's recent history has it: after every decision, and otherwise at most once a minute while there is news.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.messages import places
from deletion.audit.messages.places import MessageKind
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.ids import ProposalNumber, Ref
from deletion.terms.states import State
from storage import Tx
from storage.tables import audit_log, outbox, proposals
from storage.tables.audit_log import Anchor, Entry, Posting

LINES = 6
"""Events per message: few enough to read, many enough to keep up at one message a second."""

MOST_EVENTS = 150
"""Events that are taken up at once; more follow when their messages were sent."""

HEAD_EVERY_MS = 60_000
"""How soon a head follows news that is no decision."""

CARDS = 20
"""Proposals that are shown anew when everything is frozen or unfrozen: the newest ones that it touches."""

_LINES_AND_HEADS = (MessageKind.AUDIT_THREAD, MessageKind.AUDIT_POST, MessageKind.AUDIT_HEAD, MessageKind.AUDIT)

_FREEZES: frozenset[type[Event]] = frozenset(
    {events.FreezeBegun, events.FreezeEnded, events.AnchorLost, events.AnchorRestored}
)

DECISIONS: frozenset[type[Event]] = _FREEZES | {
    events.ProposalApproved,
    events.ProposalRejected,
    events.ProposalWithdrawn,
    events.ProposalStopped,
    events.ProposalExpired,
    events.AssetsGone,
    events.PlanBroken,
    events.QuorumLost,
    events.ExecutionStopped,
    events.ExecutionFinished,
}
"""Events that a head is posted after at once."""

_DECISIONS = frozenset(each.action for each in DECISIONS)
_STANDS_ALONE = frozenset(each.action for each in _FREEZES)


@dataclass(frozen=True)
class Lines:
    """Events that are told in one message: under the message of proposal ``number``, or by themselves."""

    number: ProposalNumber | None
    events: tuple[int, ...]


def lane_of_card(number: int) -> str:
    """Return the place of updates of a proposal's message: they are paced apart, and nobody waits for them."""
    return f"{places.AUDIT}:{number}"


def arranged(entries: Sequence[Entry], exists: Callable[[ProposalNumber], bool]) -> list[Lines]:
    """Put events together that are told together: those of one proposal, and those of none that follow each other.

    A freeze stands by itself, and so does what names a proposal that does not exist.
    """
    threads: dict[ProposalNumber, list[int]] = {}
    alone: list[Entry] = []
    for entry in entries:
        number = Ref.parse(entry.ref).proposal
        if number is not None and (number in threads or exists(number)):
            threads.setdefault(number, []).append(entry.seq)
        else:
            alone.append(entry)
    told = [Lines(number, part) for number, seqs in threads.items() for part in _batched(seqs)]
    told += [Lines(None, part) for run in _runs(alone) for part in _batched(run)]
    return sorted(told, key=lambda each: each.events[0])


def is_head_due(entries: Iterable[Entry], *, since_ms: int) -> bool:
    """Say whether a head is to follow these events, ``since_ms`` after the last one was posted."""
    return since_ms >= HEAD_EVERY_MS or any(entry.action in _DECISIONS for entry in entries)


def has_news(tx: Tx) -> bool:
    """Say whether the audit channel is to be told something now: what is queued for it is sent first.

    Asked at every turn, so it keeps nobody waiting.
    """
    head, posting = audit_log.head(tx), audit_log.posting(tx)
    if head.seq <= posting.seq and not _is_head_owed(tx, posting):
        return False
    return not outbox.is_any_queued(tx, *_LINES_AND_HEADS)


def queue_news(tx: Tx) -> bool:
    """Queue what the audit channel was not told of; False when there is nothing."""
    # The lock keeps two instances from queueing the same events.
    head = audit_log.head(tx, locked=True)
    posting = audit_log.posting(tx)
    last = min(head.seq, posting.seq + MOST_EVENTS)
    entries = audit_log.entries(tx, posting.seq + 1, last)
    if outbox.is_any_queued(tx, *_LINES_AND_HEADS) or not (entries or _is_head_owed(tx, posting)):
        return False
    told = arranged(entries, lambda number: proposals.get(tx, number) is not None)
    for number in _shown_anew(tx, entries, told):
        _queue_card(tx, number)
    for lines in told:
        _queue_lines(tx, lines)
    if is_head_due(entries, since_ms=tx.now_ms() - posting.head_ms):
        _queue_head(tx, *audit_log.entries(tx, last, last))
        posting = Posting(last, tx.now_ms())
    audit_log.put_posting(tx, Posting(last, posting.head_ms))
    return True


def queue_card(tx: Tx, number: int) -> None:
    """Queue a proposal's message as it stands now."""
    _queue_card(tx, ProposalNumber(number))


def _is_head_owed(tx: Tx, posting: Posting) -> bool:
    """Say whether events were shown that no head covers yet, for so long that one is due."""
    if tx.now_ms() - posting.head_ms < HEAD_EVERY_MS:
        return False
    return posting.seq > audit_log.last_anchored(tx)


def _shown_anew(tx: Tx, entries: Sequence[Entry], told: Iterable[Lines]) -> list[ProposalNumber]:
    touched = dict.fromkeys(lines.number for lines in told if lines.number is not None)
    if any(entry.action in _STANDS_ALONE for entry in entries):
        under_way = proposals.in_states(tx, State.APPROVED, State.EXECUTING, limit=CARDS)
        touched |= dict.fromkeys(ProposalNumber(row.id) for row in under_way)
    return list(touched)


def _queue_card(tx: Tx, number: ProposalNumber) -> None:
    """Queue the message of a proposal; one that is already waiting will show this change too.

    The first one goes before its lines, in their place; each update in a place of its own.
    """
    if outbox.is_waiting(tx, kind=MessageKind.AUDIT_CARD, proposal_id=number):
        return
    row = proposals.get(tx, number)
    lane = places.AUDIT if row is None or row.audit_ts is None else lane_of_card(number)
    _add(tx, lane, MessageKind.AUDIT_CARD, number, {})


def _queue_lines(tx: Tx, lines: Lines) -> None:
    kind = MessageKind.AUDIT_POST if lines.number is None else MessageKind.AUDIT_THREAD
    _add(tx, places.AUDIT, kind, lines.number, {"events": lines.events})


def _queue_head(tx: Tx, head: Entry) -> None:
    message: dict[str, Json] = {"seq": head.seq, "hash": head.hash}
    queued = _add(tx, places.AUDIT, MessageKind.AUDIT_HEAD, None, message)
    audit_log.add_anchor(tx, Anchor(head.seq, head.hash, queued))


def _add(tx: Tx, lane: str, kind: MessageKind, number: int | None, message: dict[str, Json]) -> int:
    return outbox.add(tx, lane=lane, kind=kind, proposal_id=number, message=canonical.dumps(message))


def _runs(alone: Iterable[Entry]) -> list[list[int]]:
    """Return the numbers of events that are about no proposal, those apart that stand by themselves."""
    runs = groupby(alone, key=lambda entry: entry.seq if entry.action in _STANDS_ALONE else 0)
    return [[entry.seq for entry in run] for _, run in runs]


def _batched(seqs: Sequence[int]) -> list[tuple[int, ...]]:
    return [tuple(seqs[start : start + LINES]) for start in range(0, len(seqs), LINES)]

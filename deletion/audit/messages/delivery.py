"""Messages on their way out: claimed one at a time and place by place, read as what they report, then settled.

Whoever sends them sees typed messages and places by name, and nothing of how they are stored.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from deletion.audit import codec
from deletion.audit.events import Event
from deletion.audit.messages import audience, audit_channel, legacy
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.messages.places import MessageKind
from deletion.audit.notices import ApprovalAsked, CardPosted, Notice
from deletion.terms import canonical
from deletion.terms.ids import ProposalNumber
from deletion.terms.states import State
from storage import Record, Tx
from storage.tables import audit_log, outbox, proposals, readings
from storage.tables.audit_log import Head
from storage.tables.outbox import MessageState, OutboxRow

T = TypeVar("T")

DEEDS_MS = 12 * 60 * 60 * 1000
"""For how long what somebody does is added to the message that told them of the first of it."""

MOST_DEEDS = 8
"""Deeds that one message tells of."""


@dataclass(frozen=True)
class Posted:
    """Where a message is in Slack; ``ts`` is Slack's name for it, '' where it gives none.

    ``thread_ts`` names the message that it is under; '' for one at the top level.

    ``hold_no`` is the hold that it lets people stop, as a card with the Stop button does; 0 where it does not, or
    where nobody knows which version of it is there.
    """

    channel: str
    ts: str
    thread_ts: str = ""
    hold_no: int = 0


@dataclass(frozen=True)
class CardShown:
    """A proposal's card that Slack has taken, and the hold that its Stop button is about (0: it has none)."""

    number: ProposalNumber
    channel: str
    ts: str
    hold_no: int


@dataclass(frozen=True)
class LogLine:
    """One event of the log, to be shown: its number, and when it was written (UTC ms)."""

    seq: int
    at_ms: int
    event: Event


@dataclass(frozen=True, kw_only=True)
class OutgoingMessage:
    """A message to be sent to ``place``. ``nonce`` is its name in Slack; it was queued at ``created_ms`` (UTC ms).

    ``told`` is what a reply, post or answer reports. ``reply_to`` is the reader of a private or direct message
    (whose channel is '' where it is a direct one), ``revision`` that of the plan whose list is posted. ``lines``
    are events for the audit channel, ``head`` is that of the log of the record with the id ``record``. ``file_id``
    is Slack's name for the file that was begun to be uploaded.
    """

    kind: MessageKind
    place: str
    nonce: str
    created_ms: int
    number: ProposalNumber | None = None
    told: Event | Notice | None = None
    reply_to: ReplyTo | None = None
    revision: int | None = None
    lines: tuple[LogLine, ...] = ()
    head: Head | None = None
    record: str = ""
    file_id: str | None = None


@dataclass(frozen=True)
class Claim:
    """A message in the hands of one sender. ``begun``: it may be in Slack already.

    ``kind`` is None for a kind that this version does not know. ``nonce`` is its name in Slack. ``attempts`` and
    ``broken`` count earlier ones.
    """

    id: int
    kind: MessageKind | None
    place: str
    nonce: str
    number: ProposalNumber | None
    begun: bool
    attempts: int
    broken: int
    row: OutboxRow = field(repr=False)
    holder: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Setback:
    """Why a message was not sent: a code for the log, and the pause before its place is served again.

    ``give_up``: it never will be. ``begun``: it may have arrived. ``broken``: something of ours broke on it.
    ``card_lost``: the card that it belongs under is gone, and is to be posted anew. ``silent``: its place takes
    nothing, whatever it is.
    """

    code: str
    pause_ms: int
    give_up: bool = False
    begun: bool = False
    broken: bool = False
    card_lost: bool = False
    silent: bool = False


class Share(Enum):
    """What one sender takes of what is owed: a file, or a channel, may take so long that others are not to wait."""

    ALL = "everything"
    FILES = "files alone"
    ANSWERS = "private answers alone"
    MESSAGES = "everything but files"


_FILES = (MessageKind.MANIFEST, MessageKind.OUTCOMES, MessageKind.PROBLEMS)

_KINDS: Mapping[Share, tuple[Sequence[str], Sequence[str]]] = {
    Share.ALL: ((), ()),
    Share.FILES: (_FILES, ()),
    Share.ANSWERS: ((MessageKind.PRIVATE,), ()),
    Share.MESSAGES: ((), _FILES),
}
"""Of each share the only kinds of message that are in it, and the kinds that are not."""


class Outbox:
    """The messages that are owed. A claim lasts ``lease_ms``; then another sender may take the message over.

    ``shown`` is told of each card that Slack has taken, last in the transaction that notes it. ``asks`` says whom,
    by id, a proposal of this person is to be decided by: they are mentioned once its card is there.
    """

    def __init__(
        self,
        record: Record,
        *,
        owner: str,
        lease_ms: int,
        shown: Callable[[Tx, CardShown], None],
        asks: Callable[[str], tuple[str, ...]] = lambda _: (),
    ) -> None:
        self._record = record
        self._shown = shown
        self._asks = asks
        self._owner = owner
        self._lease_ms = lease_ms

    def claim(self, share: Share = Share.ALL) -> Claim | None:
        """Take the next message that is due, those for the audit channel queued first; None when there is none."""
        only, besides = _KINDS[share]
        has_news, ready = self._record.read(
            lambda tx: (audit_channel.has_news(tx), outbox.is_any_ready(tx, only=only, besides=besides))
        )
        if has_news:
            self._record.write(audit_channel.queue_news)
        elif not ready:
            return None
        # The holder has a name of its own: two threads of one instance must not free each other's place.
        holder = f"{self._owner}/{secrets.token_hex(4)}"
        row = self._record.write(
            lambda tx: outbox.claim(
                tx, owner=holder, lease_ms=tx.now_ms() + self._lease_ms, only=only, besides=besides
            )
        )
        return _claimed(row, holder) if row else None

    def read(self, claim: Claim) -> OutgoingMessage:
        """Return what is to be sent; raises what comes of a message that cannot be read."""
        return self._record.read(lambda tx: _outgoing(tx, claim.row))

    def look(self, work: Callable[[Tx], T]) -> T:
        """Read what a message is to show, in one snapshot."""
        return self._record.read(work)

    def renew(self, claim: Claim) -> bool:
        """Hold a message for a whole lease from now; False when another has it."""
        lease_ms = self._lease_ms
        return self._record.write(
            lambda tx: outbox.renew(tx, claim.place, owner=claim.holder, lease_ms=tx.now_ms() + lease_ms)
        )

    def note_file(self, message: OutgoingMessage, file_id: str) -> None:
        """Keep what Slack calls the file of a list, before anybody can see it there."""
        self._record.write(lambda tx: outbox.note_file(tx, message.nonce, file_id))

    def sent(self, claim: Claim, posted: Posted, *, pause_ms: int) -> None:
        """Settle a message that is in Slack; nothing changes when another has taken it over."""
        self._record.write(lambda tx: self._settle(tx, claim, posted, pause_ms))

    def not_sent(self, claim: Claim, setback: Setback) -> None:
        """Put a message back, or give it up; nothing changes when another has taken it over."""
        self._record.write(lambda tx: _put_back(tx, claim, setback))

    def card(self, number: int) -> Posted | None:
        """Return where a proposal's card is, once it was posted."""
        row = self._record.read(lambda tx: proposals.get(tx, number))
        return _place(row.card_channel, row.card_ts) if row else None

    def audit_card(self, number: int) -> Posted | None:
        """Return where the audit channel shows a proposal, once it was posted."""
        row = self._record.read(lambda tx: proposals.get(tx, number))
        return _place(row.audit_channel, row.audit_ts) if row else None

    def reading(self, number: int) -> Posted | None:
        """Return where a proposer is told how far the reading is, once that was posted."""
        row = self._record.read(lambda tx: readings.get(tx, number))
        return _place(row.channel, row.ts) if row else None

    def deeds(self, message: OutgoingMessage) -> tuple[Posted | None, tuple[ProposalNumber, ...]]:
        """Return where the reader's latest deeds are told, and which these are; None: nowhere, or long ago.

        What is added to a message makes no sound, so nothing is added to an old one, or a long one.
        """
        now, rows = self._record.read(
            lambda tx: (tx.now_ms(), outbox.newest_deeds(tx, message.place, limit=MOST_DEEDS))
        )
        same = [row for row in rows if row.ts == rows[0].ts]
        if not MOST_DEEDS > len(same) > 0 or (same[-1].sent_ms or 0) < now - DEEDS_MS:
            return None, ()
        numbers = (ProposalNumber(row.proposal_id) for row in reversed(same) if row.proposal_id)
        return _place(same[0].channel, same[0].ts), tuple(numbers)

    def owe_list(self, number: int) -> None:
        """Owe the list of a proposal whose card does not show it whole, before that card is there."""
        self._record.write(lambda tx: audience.asset_list_once(tx, number))

    def show_cards_elsewhere(self, channel: str) -> None:
        """Owe the cards of open proposals that are not in this channel: those that are lost come to it."""
        self._record.write(lambda tx: audience.show_cards_elsewhere(tx, channel))

    def show_in_audit_channel(self, number: int) -> None:
        """Queue a proposal's message in the audit channel: somebody deleted it there."""
        self._record.write(lambda tx: audit_channel.queue_card(tx, number))

    def _settle(self, tx: Tx, claim: Claim, posted: Posted, pause_ms: int) -> None:
        is_card = claim.kind is MessageKind.CARD and claim.number is not None
        if is_card:
            # Before the message: who approves has a proposal first, and its messages after it.
            proposals.lock(tx, claim.number or 0)
        if not outbox.settle(tx, claim.row, owner=claim.holder, state=MessageState.SENT):
            return
        if posted.ts or claim.kind is not MessageKind.CHANNEL:
            # A post that nobody needs any more was not taken: it does not show that the channel takes posts again.
            outbox.note_settled(tx, claim.place)
        outbox.put_place(tx, claim.id, channel=posted.channel, ts=posted.ts, thread_ts=posted.thread_ts)
        if claim.number is not None and is_card:
            _card_is_at(tx, claim.number, posted, self._asks)
        if claim.number is not None and claim.kind is MessageKind.MANIFEST:
            audience.asset_list_follows_card(tx, claim.number)
        if claim.number is not None and claim.kind is MessageKind.OUTCOMES:
            audience.outcomes_follow_card(tx, claim.number)
        if claim.number is not None and claim.kind is MessageKind.AUDIT_CARD:
            proposals.put_audit_card(tx, claim.number, channel=posted.channel, ts=posted.ts)
        if claim.number is not None and claim.kind is MessageKind.READING and posted.ts:
            readings.put_message(tx, claim.number, channel=posted.channel, ts=posted.ts)
        outbox.free_lane(tx, claim.place, owner=claim.holder, next_allowed_ms=tx.now_ms() + pause_ms)
        if claim.number is not None and is_card:
            self._shown(tx, CardShown(claim.number, posted.channel, posted.ts, posted.hold_no))


def _place(channel: str | None, ts: str | None) -> Posted | None:
    return Posted(channel, ts) if channel and ts else None


def _claimed(row: OutboxRow, holder: str) -> Claim:
    return Claim(
        id=row.id,
        kind=MessageKind(row.kind) if row.kind in set(MessageKind) else None,
        place=row.lane,
        nonce=row.nonce,
        number=ProposalNumber(row.proposal_id) if row.proposal_id else None,
        begun=row.state is MessageState.SENDING,
        attempts=row.attempts,
        broken=row.broken,
        row=row,
        holder=holder,
    )


def _outgoing(tx: Tx, row: OutboxRow) -> OutgoingMessage:
    message: Mapping[str, Any] = canonical.loads(row.message)
    kind = MessageKind(row.kind)
    return OutgoingMessage(
        kind=kind,
        place=row.lane,
        nonce=row.nonce,
        created_ms=row.created_ms,
        number=ProposalNumber(row.proposal_id) if row.proposal_id else None,
        told=_told(tx, kind, row.proposal_id, message),
        reply_to=ReplyTo(message.get("channel", ""), message["user"]) if "user" in message else None,
        revision=message.get("revision"),
        lines=_lines(tx, message),
        head=_head(message),
        record=audit_log.record_id(tx) if "hash" in message else "",
        file_id=row.file_id,
    )


def _told(tx: Tx, kind: MessageKind, number: int | None, message: Mapping[str, Any]) -> Event | Notice | None:
    if "event" in message:
        (row,) = audit_log.numbered(tx, [message["event"]])
        return codec.decode(row.payload)
    if "notice" in message:
        return codec.decode_notice(message)
    if "news" in message:
        return legacy.told(kind, number, message)
    return None


def _lines(tx: Tx, message: Mapping[str, Any]) -> tuple[LogLine, ...]:
    if "events" in message:
        rows = audit_log.numbered(tx, message["events"])
    elif "first" in message:
        # A stretch of the log, as earlier versions posted it.
        rows = audit_log.between(tx, message["first"], message["last"])
    else:
        rows = []
    return tuple(LogLine(row.seq, row.at_ms, codec.decode(row.payload)) for row in rows)


def _head(message: Mapping[str, Any]) -> Head | None:
    return Head(message.get("seq") or message["last"], message["hash"]) if "hash" in message else None


def tell_proposer(tx: Tx, proposer: str, number: ProposalNumber) -> None:
    """Queue what a proposer is told once the card is there."""
    audience.direct(tx, proposer, CardPosted(number=number))


def _card_is_at(tx: Tx, number: ProposalNumber, posted: Posted, asks: Callable[[str], tuple[str, ...]]) -> None:
    row = proposals.get(tx, number)
    stays = row is not None and (row.card_channel, row.card_ts) == (posted.channel, posted.ts)
    if row is None or stays:
        return
    proposals.put_card(tx, number, channel=posted.channel, ts=posted.ts)
    if row.card_ts is None and row.state == State.PENDING:
        tell_proposer(tx, row.proposer, number)
        if asked := asks(row.proposer):
            audience.channel(tx, ApprovalAsked(number=number, of=asked))
    if row.card_ts is None:
        audience.reading_ended(tx, number)
    if row.again_of is not None:
        # That one names this one: by now with a link.
        audience.card(tx, row.again_of)
    audience.asset_list_follows_card(tx, number)
    audience.outcomes_follow_card(tx, number)


def _put_back(tx: Tx, claim: Claim, setback: Setback) -> None:
    if setback.give_up:
        owned = outbox.settle(tx, claim.row, owner=claim.holder, state=MessageState.FAILED, error=setback.code)
    else:
        owned = outbox.put_back(
            tx, claim.row, owner=claim.holder, begun=setback.begun, broken=setback.broken, error=setback.code
        )
    no_file = setback.give_up and owned and claim.kind in {MessageKind.MANIFEST, MessageKind.OUTCOMES}
    if (setback.card_lost or no_file) and claim.number is not None:
        audience.card(tx, claim.number)
    if setback.give_up and owned:
        outbox.note_settled(tx, claim.place)
    elif setback.silent and owned:
        outbox.note_silent(tx, claim.place, code=setback.code)
    outbox.free_lane(tx, claim.place, owner=claim.holder, next_allowed_ms=tx.now_ms() + setback.pause_ms)

"""Who is pinged by what the outbox sends, by the rules of Slack: direct messages and mentions that are posted.

An update pings nobody, nor does a private answer, nor a reply in a thread that nobody wrote in. That messages on
real wires ping just these people is shown in ``tests/e2e/test_people_told.py``.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from deletion.approval.holds import holding
from deletion.audit.events import ProposalApproved
from deletion.audit.messages.delivery import Outbox, OutgoingMessage, Posted
from deletion.audit.messages.places import MessageKind
from deletion.audit.notices import ApprovalAsked, ApprovalReminded
from storage import Database

MENTION, REMINDER, OWN_DEED, NEWS = "mention", "reminder", "own deed", "news"


@dataclass(frozen=True)
class Ping:
    """That somebody was pinged, for what, and about which proposal (None: about several)."""

    who: str
    why: str
    number: int | None = None


def of(message: OutgoingMessage, *, is_new: bool) -> Iterator[Ping]:
    """Yield whom a message pings when it is posted, or shown anew."""
    match message.kind, message.told:
        case MessageKind.CHANNEL, ApprovalAsked(of=people):
            yield from (Ping(each, MENTION, message.number) for each in people)
        case MessageKind.DEEDS, _ if message.reply_to is not None and is_new:
            yield Ping(message.reply_to.user, OWN_DEED, message.number)
        case MessageKind.DIRECT, told if message.reply_to is not None:
            why = {ApprovalReminded: REMINDER, ProposalApproved: OWN_DEED}.get(type(told), NEWS)
            yield Ping(message.reply_to.user, why, message.number)
        case MessageKind.PROBLEMS, _ if message.reply_to is not None:
            yield Ping(message.reply_to.user, NEWS)
        case _:
            return


@dataclass
class Mailbox:
    """Takes everything that is owed, as a Slack that is never busy; ``pings`` is whom it notified."""

    database: Database
    asks: Callable[[str], tuple[str, ...]] = lambda _: ()
    pings: list[Ping] = field(default_factory=list)
    _stamps: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def deliver(self) -> None:
        """Take what is owed until there is nothing."""
        outbox = Outbox(self.database, owner="slack", lease_ms=60_000, shown=holding.begin, asks=self.asks)
        while claim := outbox.claim():
            message = outbox.read(claim)
            place = None
            if message.kind is MessageKind.CARD:
                place = outbox.card(message.number or 0)
            elif message.kind is MessageKind.DEEDS:
                place, _ = outbox.deeds(message)
            self.pings += of(message, is_new=place is None)
            posted = place or Posted("C1", f"{next(self._stamps):010}.000001")
            card = outbox.card(message.number or 0)
            if message.kind in {MessageKind.MANIFEST, MessageKind.OUTCOMES} and card is not None:
                outbox.note_file(message, "F1")
                posted = replace(posted, channel=card.channel, thread_ts=card.ts)
            outbox.sent(claim, posted, pause_ms=0)

    def why(self, who: str) -> list[str]:
        """Return for what somebody was pinged."""
        return [each.why for each in self.pings if each.who == who]

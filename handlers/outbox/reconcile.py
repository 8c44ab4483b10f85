"""Finding what was sent: a message whose sending was broken off may be in Slack already, and is looked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from deletion.audit.messages.delivery import Claim, Outbox, OutgoingMessage, Posted
from deletion.audit.messages.places import MessageKind
from handlers.cards import ids
from handlers.outbox.authors import Ourselves
from handlers.outbox.lists import LaneLostError, Lists
from handlers.outbox.places import Places
from handlers.slack.api.failures import CARD_GONE, Failure, trouble

MOST_PAGES = 50
"""Pages of history that are searched for a message whose sending was broken off."""

CLOCKS_DIFFER_S = 3_600
"""How far our clock may be ahead of Slack's when a message is looked for from the time it was owed."""


def metadata(message: OutgoingMessage | Claim, facts: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Name the message, so that it can be recognised, with facts for programs. Nothing trusts this."""
    head = message.head if isinstance(message, OutgoingMessage) else None
    record = message.record if isinstance(message, OutgoingMessage) else ""
    named = {
        "outbox_id": message.nonce,
        **({"proposal_id": message.number} if message.number else {}),
        **({"seq": head.seq, "hash": head.hash, "record": record} if head else {}),
        **(facts or {}),
    }
    return {"event_type": ids.METADATA_EVENT, "event_payload": named}


class Finder:
    """Looks for messages of our own, by the name that their metadata carries, and for lists by their file.

    Anybody can post a file of the same name, and any app the same metadata.
    """

    def __init__(
        self, outbox: Outbox, client: WebClient, places: Places, *, ourselves: Ourselves, lists: Lists
    ) -> None:
        self._outbox = outbox
        self._client = client
        self._places = places
        self._ourselves = ourselves
        self._lists = lists

    def find(self, message: OutgoingMessage, is_ours: Callable[[], bool]) -> Posted | None:
        """Look whether a message whose sending was broken off is in Slack after all.

        ``is_ours`` is asked before each further page; LaneLostError when it says no.
        """
        match message.kind:
            case MessageKind.THREAD | MessageKind.MANIFEST | MessageKind.OUTCOMES:
                card = self._outbox.card(message.number or 0)
                return self._in_thread(message, card, is_ours) if card else None
            case MessageKind.AUDIT_THREAD:
                card = self._outbox.audit_card(message.number or 0)
                return self._in_audit_channel(message, card, is_ours)
            case (
                MessageKind.DIRECT
                | MessageKind.DEEDS
                | MessageKind.PRIVATE
                | MessageKind.PROBLEMS
                | MessageKind.READING
            ):
                channel = self._direct_channel(message)
                return self._in_channel(message, channel, is_ours) if channel else None
            case _:
                return self._in_channel(message, self._places.channel_of(message.place), is_ours)

    def _in_thread(self, message: OutgoingMessage, card: Posted, is_ours: Callable[[], bool]) -> Posted | None:
        pages = self._pages(
            is_ours,
            self._client.conversations_replies,
            channel=card.channel,
            ts=card.ts,
            oldest=_since(message),
        )
        return self._first(message, card, pages, is_ours)

    def _in_channel(self, message: OutgoingMessage, channel: str, is_ours: Callable[[], bool]) -> Posted | None:
        pages = self._pages(is_ours, self._client.conversations_history, channel=channel, oldest=_since(message))
        return self._first(message, Posted(channel, ""), pages, is_ours)

    def _first(
        self, message: OutgoingMessage, where: Posted, pages: Iterable[Any], is_ours: Callable[[], bool]
    ) -> Posted | None:
        """Return the message from the first page that has it; ``where``: the channel, or the head of the thread."""
        for answer in pages:
            for seen in answer.get("messages", ()):
                if self._ourselves.wrote(seen) and self._is_it(message, seen, is_ours):
                    return Posted(where.channel, str(seen["ts"]), where.ts)
        return None

    def _is_it(self, message: OutgoingMessage, seen: Any, is_ours: Callable[[], bool]) -> bool:
        if message.kind in {MessageKind.MANIFEST, MessageKind.OUTCOMES}:
            return self._lists.is_in(message, seen, is_ours)
        if message.kind is MessageKind.PROBLEMS:
            # To the person it is the same: whose it is, is known by the name that Slack gave it.
            return any(file.get("id") == message.file_id for file in seen.get("files") or ())
        named = seen.get("metadata") or {}
        says_so = named.get("event_type") == ids.METADATA_EVENT
        return says_so and (named.get("event_payload") or {}).get("outbox_id") == message.nonce

    def _in_audit_channel(
        self, message: OutgoingMessage, card: Posted | None, is_ours: Callable[[], bool]
    ) -> Posted | None:
        """Look in the thread, and where lines go whose thread is gone."""
        if card is not None:
            try:
                found = self._in_thread(message, card, is_ours)
            except SlackApiError as exc:
                code = trouble(exc).code
                if code not in CARD_GONE and not self._places.is_lost(card, message.place, code):
                    raise
                found = None
            if found is not None:
                return found
        return self._in_channel(message, self._places.channel_of(message.place), is_ours)

    def _pages(self, is_ours: Callable[[], bool], read: Callable[..., Any], **where: str) -> Iterator[Any]:
        """Yield the pages of a channel or thread."""
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = read(include_all_metadata=True, limit=200, cursor=cursor or None, **where)
            yield answer
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
            if not is_ours():
                raise LaneLostError

    def _direct_channel(self, message: OutgoingMessage) -> str | None:
        """Return the direct channel with the person a message is for; None when Slack gives us none.

        A private answer is looked for there too: it may have become a direct message. One that did not cannot
        be seen afterwards, and is sent again.
        """
        if message.reply_to is None:
            return None
        try:
            answer = self._client.conversations_open(users=[message.reply_to.user])
        except SlackApiError as exc:
            if trouble(exc).failure is Failure.BAD_PLACE:
                return None
            raise
        return str(answer["channel"]["id"])


def _since(message: OutgoingMessage) -> str:
    return f"{message.created_ms / 1000 - CLOCKS_DIFFER_S:.6f}"

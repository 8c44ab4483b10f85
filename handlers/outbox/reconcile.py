"""Finding what was sent: a message whose sending was broken off may be in Slack already, and is looked for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from deletion.audit.notices import Notice
from deletion.terms import canonical
from handlers.cards import asset_list, ids
from handlers.slack.failures import Failure, trouble
from storage import Database
from storage.tables import proposals
from storage.tables.outbox import OutboxRow
from storage.tables.proposals import ProposalRow

MOST_PAGES = 50
"""Pages of history that are searched for a message whose sending was broken off."""

CLOCKS_DIFFER_S = 3_600
"""How far our clock may be ahead of Slack's when a message is looked for from the time it was owed."""


@dataclass(frozen=True)
class Sent:
    """Where a message ended up; ``ts`` is Slack's name for it, '' where it gives none."""

    channel: str
    ts: str


def metadata(row: OutboxRow, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """Name the message, so that it can be recognised; anyone may read this and nothing trusts it."""
    named = {
        "outbox_id": row.nonce,
        **({"proposal_id": row.proposal_id} if row.proposal_id else {}),
        **(extra or {}),
    }
    return {"event_type": ids.METADATA_EVENT, "event_payload": named}


class LaneLostError(Exception):
    """While a message was looked for, another has taken its lane: it is the other's to say now."""


class Finder:
    """Looks for messages by the name that their metadata carries, files by what they are called."""

    def __init__(self, database: Database, client: WebClient) -> None:
        self._database = database
        self._client = client

    def find(self, row: OutboxRow, is_ours: Callable[[], bool]) -> Sent | None:
        """Look whether a message whose sending was broken off is in Slack after all.

        ``is_ours`` is asked before each further page; LaneLostError when it says no.
        """
        kind = Notice(row.kind)
        since = f"{row.created_ms / 1000 - CLOCKS_DIFFER_S:.6f}"
        if kind in {Notice.THREAD, Notice.MANIFEST}:
            card = self._proposal(row)
            if card.card_ts is None or card.card_channel is None:
                return None
            match = _match_file if kind is Notice.MANIFEST else _match
            pages = self._pages(
                is_ours,
                self._client.conversations_replies,
                channel=card.card_channel,
                ts=card.card_ts,
                oldest=since,
            )
            return _first(row, card.card_channel, match, pages)
        channel = self._direct_channel(row) if kind in {Notice.DIRECT, Notice.PRIVATE} else row.lane
        if channel is None:
            return None
        pages = self._pages(is_ours, self._client.conversations_history, channel=channel, oldest=since)
        return _first(row, channel, _match, pages)

    def _proposal(self, row: OutboxRow) -> ProposalRow:
        found = self._database.read(lambda tx: proposals.get(tx, row.proposal_id or 0))
        if found is None:
            raise LookupError("a message about a proposal that is not there")
        return found

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

    def _direct_channel(self, row: OutboxRow) -> str | None:
        """Return the direct channel with the person a message is for; None when Slack gives us none.

        A private answer is looked for there too: it may have become a direct message. One that did not cannot
        be seen afterwards, and is sent again.
        """
        try:
            answer = self._client.conversations_open(users=[canonical.loads(row.message)["user"]])
        except SlackApiError as exc:
            if trouble(exc).failure is Failure.BAD_PLACE:
                return None
            raise
        return str(answer["channel"]["id"])


def _first(
    row: OutboxRow, channel: str, match: Callable[[OutboxRow, str, Any], Sent | None], pages: Iterable[Any]
) -> Sent | None:
    """Return the message from the first page that has it."""
    return next((found for answer in pages if (found := match(row, channel, answer))), None)


def _match(row: OutboxRow, channel: str, answer: Any) -> Sent | None:
    for message in answer.get("messages", ()):
        named = message.get("metadata", {}).get("event_payload", {}).get("outbox_id")
        is_ours = message.get("metadata", {}).get("event_type") == ids.METADATA_EVENT
        if is_ours and named == row.nonce:
            return Sent(channel, str(message["ts"]))
    return None


def _match_file(row: OutboxRow, channel: str, answer: Any) -> Sent | None:
    name = asset_list.file_name(row.proposal_id or 0, int(canonical.loads(row.message)["revision"]))
    for message in answer.get("messages", ()):
        if any(file.get("name") == name for file in message.get("files", ())):
            return Sent(channel, str(message["ts"]))
    return None

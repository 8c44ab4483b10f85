"""The heads of the log as the audit channel shows them: read from its history, and only those that we posted.

A look also asks whether the channels take messages: what happens where nobody can be told of it, nobody can stop.
"""

from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from deletion.audit.anchors import ChannelUnreadableError, PostedHead
from deletion.terms.ids import NO_RECORD, RecordId
from handlers.cards import ids
from handlers.outbox.authors import Ourselves
from handlers.outbox.places import Places
from handlers.slack.api.failures import Failure, is_silence, trouble

PAGE = 200
"""Messages per page; Slack gives less where it wants to."""

MOST_PAGES = 20
"""Pages that are looked through for the newest head; one that is further back was buried."""


_FAILURES = (SlackApiError, SlackClientError, OSError, HTTPException)


class ChannelHeads:
    """Reads the heads in the audit channel. Text proves nothing: heads are in the metadata of our own messages."""

    def __init__(self, client: WebClient, where: Places, ourselves: Ourselves) -> None:
        self._client = client
        self._where = where
        self._channel = where.audit
        self._ourselves = ourselves

    def recent(self) -> tuple[PostedHead, ...]:
        """Return the heads on the newest page that has one; none when the channel never had one."""
        try:
            closed = self._closed(self._where.approvals)
        except _FAILURES as exc:
            raise _unreadable(exc, hides=True) from exc
        if closed:
            raise ChannelUnreadableError(f"approvals_{closed}", hides=True)
        try:
            if closed := self._closed(self._where.audit):
                raise ChannelUnreadableError(f"audit_{closed}")
            return next(filter(None, map(self._heads, self._pages())), ())
        except _FAILURES as exc:
            raise _unreadable(exc, hides=False) from exc

    def _closed(self, channel: str) -> str | None:
        """Say why a channel takes no messages of ours, or None."""
        found = self._client.conversations_info(channel=channel).get("channel") or {}
        if found.get("is_archived"):
            return "is_archived"
        return "not_in_channel" if found.get("is_member") is False else None

    def _pages(self) -> Iterator[Any]:
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = self._client.conversations_history(
                channel=self._channel, include_all_metadata=True, limit=PAGE, cursor=cursor or None
            )
            yield answer
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        raise ChannelUnreadableError("head_buried")

    def _heads(self, answer: Any) -> tuple[PostedHead, ...]:
        seen = (_head(message) for message in answer.get("messages", ()) if self._ourselves.wrote(message))
        return tuple(head for head in seen if head is not None)


def _unreadable(exc: Exception, *, hides: bool) -> ChannelUnreadableError:
    """Say what a failed look means; a Slack that is away hides everything, a closed audit channel only itself."""
    found = trouble(exc)
    is_away = found.failure in {Failure.NOT_SENT, Failure.PERHAPS_SENT}
    return ChannelUnreadableError(found.code, hides=(hides or is_away) and is_silence(found))


def _head(message: Any) -> PostedHead | None:
    """Return the head that a message of ours names, if it names one."""
    named = message.get("metadata") or {}
    facts = named.get("event_payload") or {}
    seq, digest = facts.get("seq"), facts.get("hash")
    if named.get("event_type") != ids.METADATA_EVENT or not isinstance(seq, int) or not isinstance(digest, str):
        return None
    return PostedHead(RecordId(str(facts.get("record") or NO_RECORD)), seq, digest, str(message["ts"]))

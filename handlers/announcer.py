"""The outbox, sent: one message a step, in order, paced, and never twice where Slack lets us look."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from deletion import canonical, notices, views
from deletion.notices import Channels, News, Notice
from deletion.views import ProposalView
from handlers import cards, ids, manifest, messages
from handlers.cards import Message
from handlers.delivery import Failure, Trouble, trouble
from storage import Database, Tx, outbox, proposals
from storage.outbox import OutboxRow

log = structlog.get_logger()

LEASE_MS = 60_000
"""How long a lane is held for one message; Slack calls time out well within half of it."""

RETRY_MS = (1_000, 2_000, 5_000, 15_000, 30_000)
"""Pauses after a message could not be sent; the last one repeats."""

PRIVATE_INTERVAL_MS = 0
"""Private answers are not posts to a channel: they wait for nobody."""


@dataclass(frozen=True)
class _Sent:
    """Where a message ended up; ``ts`` is Slack's name for it, '' where it gives none."""

    channel: str
    ts: str


class Announcer:
    """Sends what is owed. ``interval_ms`` is the pause between messages to one channel (Slack: about 1 s)."""

    def __init__(
        self, database: Database, client: WebClient, channels: Channels, *, owner: str, interval_ms: int = 1_000
    ) -> None:
        self._database = database
        self._client = client
        self._channels = channels
        self._owner = owner
        self._interval_ms = interval_ms

    def step(self) -> bool:
        """Send one message; False when nothing can be sent right now."""
        if self._database.read(notices.has_audit_news):
            self._database.write(lambda tx: notices.audit_news(tx, self._channels))
        row = self._database.write(lambda tx: outbox.claim(tx, owner=self._owner, lease_ms=tx.now_ms() + LEASE_MS))
        if row is None:
            return False
        try:
            found = self._find(row) if row.state == "sending" else None
            sent = found or self._send(row)
        except Exception as exc:  # noqa: BLE001 - the loop's outermost edge: nothing owed may be lost to a surprise
            self._not_sent(row, trouble(exc))
            return True
        self._database.write(lambda tx: self._settle(tx, row, sent))
        return True

    def _settle(self, tx: Tx, row: OutboxRow, sent: _Sent) -> None:
        if not outbox.settle(tx, row, owner=self._owner, state="sent", ts=sent.ts, error=None):
            return
        if row.kind == Notice.CARD and row.proposal_id is not None:
            proposals.put_card(tx, row.proposal_id, channel=sent.channel, ts=sent.ts)
        pause = PRIVATE_INTERVAL_MS if row.kind == Notice.PRIVATE else self._interval_ms
        outbox.free_lane(tx, row.lane, owner=self._owner, next_allowed_ms=tx.now_ms() + pause)

    def _not_sent(self, row: OutboxRow, found: Trouble) -> None:
        # A channel that is gone or closed to us is for people to mend: what is owed to it waits. A person who
        # cannot be reached, or a message that Slack will never take, must not hold up the others.
        personal = row.kind in {Notice.DIRECT, Notice.PRIVATE}
        give_up = found.failure is Failure.BAD_MESSAGE or (found.failure is Failure.BAD_PLACE and personal)
        log.warning(
            "message.not_sent",
            outbox=row.id,
            kind=row.kind,
            proposal=row.proposal_id,
            error=found.code,
            given_up=give_up,
            attempts=row.attempts + 1,
        )
        pause = max(found.retry_after_ms, RETRY_MS[min(row.attempts, len(RETRY_MS) - 1)])
        self._database.write(lambda tx: self._put_back(tx, row, found, give_up=give_up, pause_ms=pause))

    def _put_back(self, tx: Tx, row: OutboxRow, found: Trouble, *, give_up: bool, pause_ms: int) -> None:
        if give_up:
            outbox.settle(tx, row, owner=self._owner, state="failed", ts=None, error=found.code)
        else:
            begun = found.failure is Failure.PERHAPS_SENT
            outbox.put_back(tx, row, owner=self._owner, begun=begun, error=found.code)
        outbox.free_lane(tx, row.lane, owner=self._owner, next_allowed_ms=tx.now_ms() + pause_ms)

    def _send(self, row: OutboxRow) -> _Sent:
        facts = canonical.loads(row.message)
        view = self._view(row)
        match Notice(row.kind):
            case Notice.CARD:
                return self._send_card(row, _needed(view))
            case Notice.MANIFEST:
                return self._send_manifest(_needed(view), int(facts["revision"]))
            case Notice.THREAD:
                shown = _needed(view)
                message = messages.thread(News(facts["news"]), facts["facts"], shown)
                return self._post(row, row.lane, message, thread_ts=shown.row.card_ts)
            case Notice.DIRECT:
                return self._post(row, facts["user"], messages.direct(News(facts["news"]), facts["facts"], view))
            case Notice.PRIVATE:
                return self._whisper(row, facts, view)
            case Notice.AUDIT:
                first, last = int(facts["first"]), int(facts["last"])
                rows = self._database.read(lambda tx: views.events(tx, first, last))
                return self._post(row, row.lane, messages.audit(rows), extra={"seq": last, "hash": facts["hash"]})

    def _view(self, row: OutboxRow) -> ProposalView | None:
        number = row.proposal_id
        if number is None:
            return None
        return self._database.read(lambda tx: views.proposal(tx, number))

    def _send_card(self, row: OutboxRow, view: ProposalView) -> _Sent:
        message = cards.card(view)
        if view.row.card_ts is None or view.row.card_channel is None:
            return self._post(row, row.lane, message)
        channel, ts = view.row.card_channel, view.row.card_ts
        try:
            self._with_pictures(
                message,
                lambda shown: self._client.chat_update(
                    channel=channel, ts=ts, text=shown.text, blocks=list(shown.blocks), metadata=_metadata(row)
                ),
            )
        except SlackApiError as exc:
            if exc.response.get("error") != "message_not_found":
                raise
            # Somebody deleted the card: people still have to see, and be able to decide.
            return self._post(row, row.lane, message)
        return _Sent(channel, ts)

    def _post(
        self,
        row: OutboxRow,
        channel: str,
        message: Message,
        *,
        thread_ts: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> _Sent:
        answer = self._with_pictures(
            message,
            lambda shown: self._client.chat_postMessage(
                channel=channel,
                text=shown.text,
                blocks=list(shown.blocks),
                thread_ts=thread_ts,
                metadata=_metadata(row, extra),
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return _Sent(str(answer["channel"]), str(answer["ts"]))

    def _with_pictures(self, message: Message, send: Callable[[Message], Any]) -> Any:
        """Send a message; when Slack cannot fetch a picture, send it without: it never depends on one."""
        try:
            return send(message)
        except SlackApiError as exc:
            details = str(exc.response.get("response_metadata"))
            if exc.response.get("error") != "invalid_blocks" or "image_url" not in details:
                raise
            return send(message.without_images())

    def _whisper(self, row: OutboxRow, facts: dict[str, Any], view: ProposalView | None) -> _Sent:
        """Answer one person where they clicked; by direct message where Slack does not let us."""
        message = messages.private(News(facts["news"]), facts["facts"], view)
        channel, user = facts["channel"], facts["user"]
        try:
            self._client.chat_postEphemeral(
                channel=channel, user=user, text=message.text, blocks=list(message.blocks)
            )
        except SlackApiError as exc:
            if exc.response.get("error") not in {"user_not_in_channel", "channel_not_found", "not_in_channel"}:
                raise
            return self._post(row, user, message)
        return _Sent(channel, "")

    def _send_manifest(self, view: ProposalView, revision: int) -> _Sent:
        number = view.row.id
        plan = self._database.read(lambda tx: views.revision(tx, number, revision))
        if plan is None or view.row.card_ts is None:
            raise LookupError("a manifest without its plan or card")
        name = manifest.file_name(number, revision)
        self._client.files_upload_v2(
            channel=view.row.card_channel,
            thread_ts=view.row.card_ts,
            content=manifest.manifest(plan),
            filename=name,
            title=f"Everything that #{number} would delete ({len(plan.targets):,} items)",
            initial_comment=f"The whole list of #{number}, plan {plan.digest[:8]}.",
        )
        return _Sent(str(view.row.card_channel), "")

    def _find(self, row: OutboxRow) -> _Sent | None:
        """Look whether a message whose sending was broken off is in Slack after all."""
        kind = Notice(row.kind)
        view = self._view(row)
        if kind is Notice.PRIVATE or (kind is Notice.CARD and view is not None and view.row.card_ts is not None):
            return None
        since = f"{row.created_ms / 1000 - 60:.6f}"
        if kind in {Notice.THREAD, Notice.MANIFEST}:
            shown = _needed(view)
            answer = self._client.conversations_replies(
                channel=row.lane, ts=str(shown.row.card_ts), include_all_metadata=True, limit=999
            )
            return _match_file(row, answer) if kind is Notice.MANIFEST else _match(row, row.lane, answer)
        channel = row.lane
        if kind is Notice.DIRECT:
            channel = str(self._client.conversations_open(users=[row.lane])["channel"]["id"])
        answer = self._client.conversations_history(
            channel=channel, oldest=since, include_all_metadata=True, limit=999
        )
        return _match(row, channel, answer)


def _needed(view: ProposalView | None) -> ProposalView:
    if view is None:
        raise LookupError("a message about a proposal that is not there")
    return view


def _metadata(row: OutboxRow, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """Name the message, so that it can be recognised; anyone may read this and nothing trusts it."""
    named = {"outbox_id": row.id, **({"proposal_id": row.proposal_id} if row.proposal_id else {}), **(extra or {})}
    return {"event_type": ids.METADATA_EVENT, "event_payload": named}


def _match(row: OutboxRow, channel: str, answer: Any) -> _Sent | None:
    for message in answer.get("messages", ()):
        metadata = message.get("metadata", {})
        named = metadata.get("event_payload", {}).get("outbox_id")
        if metadata.get("event_type") == ids.METADATA_EVENT and named == row.id:
            return _Sent(channel, str(message["ts"]))
    return None


def _match_file(row: OutboxRow, answer: Any) -> _Sent | None:
    name = manifest.file_name(row.proposal_id or 0, int(canonical.loads(row.message)["revision"]))
    for message in answer.get("messages", ()):
        if any(file.get("name") == name for file in message.get("files", ())):
            return _Sent(row.lane, str(message["ts"]))
    return None

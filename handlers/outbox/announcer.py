"""The outbox, sent: one message a step, in order, paced, and never twice where Slack lets us look."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, assert_never

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from deletion import views
from deletion.audit import notices
from deletion.audit.notices import Channels, News, Notice
from deletion.plan.cache import Shelf
from deletion.terms import canonical
from deletion.views import ProposalView
from handlers.cards import asset_list, proposal_card
from handlers.cards.proposal_card import Message
from handlers.outbox.reconcile import Finder, LaneLostError, Sent, metadata
from handlers.slack.failures import CARD_GONE, Failure, NotYetError, Trouble, trouble
from handlers.text import messages
from storage import Database, Tx
from storage.tables import outbox, proposals
from storage.tables.outbox import OutboxRow

log = structlog.get_logger()

RETRY_MS = (1_000, 2_000, 5_000, 15_000, 30_000)
"""Pauses after a message could not be sent; the last one repeats."""

MOST_BROKEN = 5
"""Attempts at a message that breaks in our own hands; then it must not hold up the others any longer."""

PRIVATE_INTERVAL_MS = 0
"""Private answers are not posts to a channel: they wait for nobody."""


@dataclass(frozen=True)
class _Turn:
    """One message in hand. ``holder`` holds its lane; ``begun`` says that it may be in Slack already."""

    row: OutboxRow
    holder: str
    begun: bool


class Announcer:
    """Sends what is owed. ``interval_ms`` is the pause between messages to one channel (Slack: about 1 s).

    ``lease_ms`` has to be longer than a message can take: then another looks whether it is in Slack, and sends it.
    """

    def __init__(
        self,
        database: Database,
        client: WebClient,
        channels: Channels,
        *,
        owner: str,
        interval_ms: int,
        lease_ms: int,
    ) -> None:
        self._database = database
        self._client = client
        self._channels = channels
        self._finder = Finder(database, client)
        self._owner = owner
        self._interval_ms = interval_ms
        self._lease_ms = lease_ms
        self._shelf = Shelf()

    def step(self) -> bool:
        """Send one message; False when nothing can be sent right now."""
        has_news, ready = self._database.read(lambda tx: (notices.has_audit_news(tx), outbox.is_any_ready(tx)))
        if has_news:
            self._database.write(lambda tx: notices.audit_news(tx, self._channels))
        elif not ready:
            return False
        # The holder has a name of its own: two threads of one instance must not free each other's lane.
        holder = f"{self._owner}/{secrets.token_hex(4)}"
        row = self._database.write(lambda tx: outbox.claim(tx, owner=holder, lease_ms=tx.now_ms() + self._lease_ms))
        if row is None:
            return False
        turn = _Turn(row, holder, begun=row.state == "sending")
        try:
            found = self._finder.find(row, lambda: self._is_ours(turn)) if turn.begun else None
            if not self._is_ours(turn):
                # We stood still, or looked for it, for so long that another has taken it.
                return True
            turn = _Turn(row, holder, begun=False)
            sent = found or self._send(row)
        except LaneLostError:
            return True
        except Exception as exc:  # noqa: BLE001 - the loop's outermost edge: nothing owed may be lost to a surprise
            self._not_sent(turn, exc)
            return True
        self._database.write(lambda tx: self._settle(tx, turn, sent))
        return True

    def _is_ours(self, turn: _Turn) -> bool:
        """Hold the lane for a whole lease from now; False when another has it."""
        lane, owner = turn.row.lane, turn.holder
        return self._database.write(
            lambda tx: outbox.renew(tx, lane, owner=owner, lease_ms=tx.now_ms() + self._lease_ms)
        )

    def _settle(self, tx: Tx, turn: _Turn, sent: Sent) -> None:
        row = turn.row
        if not outbox.settle(tx, row, owner=turn.holder, state="sent", ts=sent.ts, error=None):
            return
        if row.kind == Notice.CARD and row.proposal_id is not None:
            proposals.put_card(tx, row.proposal_id, channel=sent.channel, ts=sent.ts)
        pause = PRIVATE_INTERVAL_MS if row.kind == Notice.PRIVATE else self._interval_ms
        outbox.free_lane(tx, row.lane, owner=turn.holder, next_allowed_ms=tx.now_ms() + pause)

    def _not_sent(self, turn: _Turn, exc: Exception) -> None:
        row, found = turn.row, trouble(exc)
        give_up = _is_hopeless(row, found)
        log.warning(
            "message.not_sent",
            outbox=row.id,
            kind=row.kind,
            proposal=row.proposal_id,
            error=found.code,
            given_up=give_up,
            attempts=row.attempts + 1,
            exc_info=exc if found.failure is Failure.BROKEN else None,
        )
        if give_up and not _lost_its_card(row, found) and self._is_ours(turn):
            self._last_resort(row)
        self._database.write(lambda tx: self._put_back(tx, turn, found, give_up=give_up))

    def _last_resort(self, row: OutboxRow) -> None:
        """Say at least that there was something to say, where everybody waits for it."""
        if row.kind not in {Notice.CARD, Notice.THREAD} or row.proposal_id is None:
            return
        number = row.proposal_id
        text = f"A message about #{number} could not be shown. `/vod status {number}` tells how it stands."
        try:
            self._client.chat_postMessage(channel=row.lane, text=text, metadata=metadata(row))
        except (SlackApiError, SlackClientError, OSError, HTTPException) as exc:
            log.warning("message.last_resort_failed", outbox=row.id, error=trouble(exc).code)

    def _put_back(self, tx: Tx, turn: _Turn, found: Trouble, *, give_up: bool) -> None:
        row = turn.row
        if give_up:
            outbox.settle(tx, row, owner=turn.holder, state="failed", ts=None, error=found.code)
        else:
            # One that was begun stays so until it was looked for: a failed look proves nothing.
            begun = turn.begun or found.failure in {Failure.PERHAPS_SENT, Failure.BROKEN}
            broken = found.failure is Failure.BROKEN
            outbox.put_back(tx, row, owner=turn.holder, begun=begun, broken=broken, error=found.code)
        if _lost_its_card(row, found) and row.proposal_id is not None:
            notices.card(tx, self._channels, row.proposal_id)
        # Waiting for another message is no failure: it is to follow that one at once.
        failures = 0 if found.code == NotYetError.__name__ else row.attempts
        pause = max(found.retry_after_ms, RETRY_MS[min(failures, len(RETRY_MS) - 1)])
        outbox.free_lane(tx, row.lane, owner=turn.holder, next_allowed_ms=tx.now_ms() + pause)

    def _send(self, row: OutboxRow) -> Sent:
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
            case Notice.CHANNEL:
                return self._post(row, row.lane, messages.channel(News(facts["news"]), facts["facts"]))
            case Notice.DIRECT:
                return self._post(row, facts["user"], messages.direct(News(facts["news"]), facts["facts"], view))
            case Notice.PRIVATE:
                return self._whisper(row, facts, view)
            case Notice.AUDIT:
                first, last = int(facts["first"]), int(facts["last"])
                rows = self._database.read(lambda tx: views.events(tx, first, last))
                extra = {"seq": last, "hash": facts["hash"]}
                return self._post_audit(row, messages.audit(rows), messages.bare_head(rows), extra)

    def _view(self, row: OutboxRow) -> ProposalView | None:
        number = row.proposal_id
        if number is None:
            return None
        return self._database.read(lambda tx: views.proposal(tx, number, self._shelf))

    def _send_card(self, row: OutboxRow, view: ProposalView) -> Sent:
        message = proposal_card.card(view)
        # For programs that read along, whatever language the card is in.
        extra = {"state": view.state, "frozen": view.frozen is not None, "outcomes": dict(view.tally)}
        if view.row.card_ts is None or view.row.card_channel is None:
            return self._post(row, row.lane, message, extra=extra)
        channel, ts = view.row.card_channel, view.row.card_ts
        try:
            self._with_pictures(
                message,
                lambda shown: self._client.chat_update(
                    channel=channel,
                    ts=ts,
                    text=shown.text,
                    blocks=list(shown.blocks),
                    metadata=metadata(row, extra),
                ),
            )
        except SlackApiError as exc:
            if exc.response.get("error") != "message_not_found":
                raise
            # Somebody deleted the card: people still have to see, and be able to decide.
            return self._post(row, row.lane, message, extra=extra)
        return Sent(channel, ts)

    def _post(
        self,
        row: OutboxRow,
        channel: str,
        message: Message,
        *,
        thread_ts: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> Sent:
        answer = self._with_pictures(
            message,
            lambda shown: self._client.chat_postMessage(
                channel=channel,
                text=shown.text,
                blocks=list(shown.blocks),
                thread_ts=thread_ts,
                metadata=metadata(row, extra),
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return Sent(str(answer["channel"]), str(answer["ts"]))

    def _post_audit(self, row: OutboxRow, full: Message, bare: Message, extra: dict[str, Any]) -> Sent:
        """Post the events; when Slack will not take them, post the head alone: that one must never be missing."""
        try:
            return self._post(row, row.lane, full, extra=extra)
        except SlackApiError as exc:
            if trouble(exc).failure is not Failure.BAD_MESSAGE:
                raise
            return self._post(row, row.lane, bare, extra=extra)

    def _with_pictures(self, message: Message, send: Callable[[Message], Any]) -> Any:
        """Send a message; when Slack cannot fetch a picture, send it without: it never depends on one."""
        try:
            return send(message)
        except SlackApiError as exc:
            details = str(exc.response.get("response_metadata"))
            if exc.response.get("error") != "invalid_blocks" or "image_url" not in details:
                raise
            return send(message.without_images())

    def _whisper(self, row: OutboxRow, facts: dict[str, Any], view: ProposalView | None) -> Sent:
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
        return Sent(channel, "")

    def _send_manifest(self, view: ProposalView, revision: int) -> Sent:
        number = view.row.id
        plan = self._database.read(lambda tx: views.revision(tx, number, revision))
        if plan is None or view.row.card_ts is None:
            raise NotYetError
        name = asset_list.file_name(number, revision)
        self._client.files_upload_v2(
            channel=view.row.card_channel,
            thread_ts=view.row.card_ts,
            content=asset_list.manifest(plan),
            filename=name,
            title=f"Everything that #{number} would delete ({len(plan.targets):,} items)",
            initial_comment=f"The whole list of #{number}, plan {plan.digest[:8]}.",
        )
        return Sent(str(view.row.card_channel), "")


def _is_hopeless(row: OutboxRow, found: Trouble) -> bool:
    """Say whether a message is given up.

    A channel that is gone or closed to us is for people to mend: what is owed to it waits. A person who cannot be
    reached, or a message that Slack will never take, must not hold up the others.
    """
    match found.failure:
        case Failure.BAD_MESSAGE:
            return not (row.kind == Notice.MANIFEST and _lost_its_card(row, found))
        case Failure.BAD_PLACE:
            return row.kind in {Notice.DIRECT, Notice.PRIVATE}
        case Failure.BROKEN:
            return row.broken + 1 >= MOST_BROKEN
        case Failure.NOT_SENT | Failure.PERHAPS_SENT:
            return False
        case _:
            assert_never(found.failure)


def _lost_its_card(row: OutboxRow, found: Trouble) -> bool:
    """Say whether somebody deleted the card that a message belongs under.

    The card is then posted anew and says where the proposal stands; a list waits for it.
    """
    return row.kind in {Notice.THREAD, Notice.MANIFEST} and found.code in CARD_GONE


def _needed(view: ProposalView | None) -> ProposalView:
    if view is None:
        raise LookupError("a message about a proposal that is not there")
    return view

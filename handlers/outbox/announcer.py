"""The outbox, sent: one message a step, in order, paced, and never twice where Slack lets us look."""

from collections.abc import Callable
from http.client import HTTPException
from typing import assert_never

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from deletion.audit.messages import places
from deletion.audit.messages.delivery import Claim, Outbox, Setback, Share
from deletion.audit.messages.places import MessageKind
from handlers.outbox.authors import Ourselves
from handlers.outbox.lists import LaneLostError, Lists
from handlers.outbox.places import Places
from handlers.outbox.reconcile import Finder
from handlers.outbox.sender import Sender, Wording
from handlers.slack.api.failures import CARD_GONE, TIMED_OUT, Failure, NotYetError, Trouble, is_silence, trouble

log = structlog.get_logger()

RETRY_MS = (1_000, 2_000, 5_000, 15_000, 30_000)
"""Pauses after a message could not be sent; the last one repeats."""

LOOK_AFTER_MS = 10_000
"""Pause after Slack did not answer in time: a post that it is still at cannot be found yet."""

MOST_BROKEN = 5
"""Attempts at a message that breaks in our own hands; then it must not hold up the others any longer."""

PERSONAL = frozenset(
    {MessageKind.DIRECT, MessageKind.DEEDS, MessageKind.PRIVATE, MessageKind.PROBLEMS, MessageKind.READING}
)
"""Messages to one person: one who cannot be reached must not hold up others."""

UPDATE_INTERVALS = 5
"""Pauses between updates of one proposal in the audit channel: Slack takes about 50 a minute of the whole bot."""


class Announcer:
    """Sends what is owed. ``interval_ms`` is the pause between messages to one place (Slack: about 1 s).

    ``may_post_head`` says no while a head could hide those that the record does not lead to. ``go_on`` is told that
    what takes long gets somewhere, and says no when it is to be left to others.
    """

    def __init__(  # noqa: PLR0913 - the outside world of what is sent
        self,
        outbox: Outbox,
        client: WebClient,
        where: Places,
        wording: Wording,
        *,
        ourselves: Ourselves,
        interval_ms: int,
        may_post_head: Callable[[], bool],
        go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._go_on = go_on
        lists = Lists(outbox, client, wording.channels)
        self._outbox = outbox
        self._where = where
        self._has_looked_elsewhere = False
        self._finder = Finder(outbox, client, where, ourselves=ourselves, lists=lists)
        self._sender = Sender(outbox, client, where, wording, lists=lists, may_post_head=may_post_head)
        self._interval_ms = interval_ms

    def step(self, share: Share = Share.ALL) -> bool:
        """Send one message of a share; False when nothing of it can be sent right now."""
        if not self._has_looked_elsewhere:
            self._outbox.show_cards_elsewhere(self._where.approvals)
            self._has_looked_elsewhere = True
        claim = self._outbox.claim(share)
        if claim is None:
            return False
        begun = claim.begun

        def is_ours() -> bool:
            return self._go_on() and self._outbox.renew(claim)

        try:
            message = self._outbox.read(claim)
            found = self._finder.find(message, is_ours) if begun else None
            if not self._outbox.renew(claim):
                # We stood still, or looked for it, for so long that another has taken it.
                return True
            begun = False
            posted = found or self._sender.send(message, is_ours)
        except LaneLostError:
            return True
        except Exception as exc:  # noqa: BLE001 - the loop's outermost edge: nothing owed may be lost to a surprise
            self._not_sent(claim, exc, begun=begun)
            return True
        self._outbox.sent(claim, posted, pause_ms=self._pause_ms(claim))
        return True

    def _pause_ms(self, claim: Claim) -> int:
        match claim.kind:
            case MessageKind.PRIVATE:
                # Answers are not posts to a channel: they wait for nobody.
                return 0
            case MessageKind.AUDIT_CARD if claim.place != places.AUDIT:
                return UPDATE_INTERVALS * self._interval_ms
            case _:
                return self._interval_ms

    def _not_sent(self, claim: Claim, exc: Exception, *, begun: bool) -> None:
        found = trouble(exc)
        card_lost = self._lost_its_card(claim, found)
        give_up = _is_hopeless(claim, found, card_lost=card_lost)
        log.warning(
            "message.not_sent",
            outbox=claim.id,
            kind=claim.kind,
            proposal=claim.number,
            error=found.code,
            given_up=give_up,
            attempts=claim.attempts + 1,
            exc_info=exc if found.failure is Failure.BROKEN else None,
        )
        if give_up and not card_lost and self._outbox.renew(claim):
            self._last_resort(claim)
        # Waiting for another message is no failure: it is to follow that one at once.
        failures = 0 if found.code == NotYetError.__name__ else claim.attempts
        broken = found.failure is Failure.BROKEN
        least_ms = LOOK_AFTER_MS if found.code == TIMED_OUT else 0
        setback = Setback(
            code=found.code,
            pause_ms=max(found.retry_after_ms, RETRY_MS[min(failures, len(RETRY_MS) - 1)], least_ms),
            give_up=give_up,
            # One that was begun stays so until it was looked for: a failed look proves nothing.
            begun=begun or broken or found.failure is Failure.PERHAPS_SENT,
            broken=broken,
            card_lost=card_lost,
            silent=is_silence(found) and not card_lost,
        )
        self._outbox.not_sent(claim, setback)

    def _lost_its_card(self, claim: Claim, found: Trouble) -> bool:
        """Say whether the card that a message belongs under is gone: deleted, or in a channel of earlier settings.

        The card is then posted anew and says where the proposal stands; a list waits for it.
        """
        if claim.kind not in {MessageKind.THREAD, MessageKind.MANIFEST, MessageKind.OUTCOMES}:
            return False
        return found.code in CARD_GONE or self._where.is_lost(
            self._outbox.card(claim.number or 0), claim.place, found.code
        )

    def _last_resort(self, claim: Claim) -> None:
        try:
            self._sender.say_that_something_was_not_shown(claim)
        except (SlackApiError, SlackClientError, OSError, HTTPException) as exc:
            log.warning("message.last_resort_failed", outbox=claim.id, error=trouble(exc).code)


def _is_hopeless(claim: Claim, found: Trouble, *, card_lost: bool) -> bool:
    """Say whether a message is given up.

    A channel that is gone or closed to us is for people to mend: what is owed to it waits. A person who cannot be
    reached, or a message that Slack will never take, must not hold up the others.
    """
    match found.failure:
        case Failure.BAD_MESSAGE:
            return not (claim.kind in {MessageKind.MANIFEST, MessageKind.OUTCOMES} and card_lost)
        case Failure.BAD_PLACE:
            return claim.kind in PERSONAL or (card_lost and claim.kind is MessageKind.THREAD)
        case Failure.BROKEN:
            return claim.broken + 1 >= MOST_BROKEN
        case Failure.NOT_SENT | Failure.PERHAPS_SENT:
            return False
        case _:
            assert_never(found.failure)

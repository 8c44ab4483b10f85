"""The last look: with the connection to VOD open, whether a journalled call may still be sent, and the sending."""

from dataclasses import dataclass

import vod
from deletion.approval.holds import holding
from deletion.jobs.context import Context
from deletion.jobs.trust import TRUST_MS
from deletion.plan.library.quota import StopRequestedError
from deletion.terms.ids import CallId, ProposalNumber
from deletion.terms.results.causes import NotSent
from deletion.terms.states import State
from storage import StorageError, Tx
from storage.tables import calls, proposals, rate_limits
from storage.tables.proposals import ProposalRow, Standing

HELD_MS = 5_000
"""How long after its lock was taken a request may be sent: who stands still for 10 s loses it on PostgreSQL."""


@dataclass(frozen=True)
class Preflight:
    """Looks a last time and sends, while nobody can freeze, stop this deletion, or send something else.

    That is for as long as it takes to hand the request to the connection. ``started_ms``: when the reading began.
    """

    ctx: Context
    number: ProposalNumber
    action: str
    call_id: CallId
    started_ms: int

    def send(self, send: vod.Send) -> None:
        """Send when as many as VOD takes in a second were not sent just now; or raise vod.WithheldError.

        Its text is one of NotSent.
        """
        sending = _Sending(self, send)
        try:
            while not sending.sent:
                self.ctx.quota.rest(sending.wait_ms)
                self.ctx.database.write(sending.look_and_send)
        except StopRequestedError:
            raise vod.WithheldError(NotSent.PROGRAM_ENDING) from None
        except StorageError as exc:
            if not sending.sent:
                raise vod.WithheldError(NotSent.RECORD_UNREACHABLE) from exc
            # All that is lost is the note of when it was sent.

    def why_not_now(self, tx: Tx) -> NotSent | None:
        """Say why the call must not be made after all; None when it may."""
        standing = proposals.standing(tx, self.number, locked=True)
        if not calls.is_open(tx, self.call_id, owner=self.ctx.owner):
            return NotSent.TAKEN_OVER
        if standing is not None and standing.frozen:
            return NotSent.FROZEN
        if standing is not None and not holding.is_over(standing, tx.now_ms()):
            return NotSent.ON_HOLD
        if standing is not None and standing.silent:
            return NotSent.CHANNEL_SILENT
        if not self.ctx.trust.vouches(tx.server(), within_ms=TRUST_MS):
            # What is at the other end of the connection is not what was looked at.
            return NotSent.NOT_ANCHORED
        if standing is None or not may_send(tx, standing):
            return NotSent.STOPPED
        return None if self.ctx.is_fresh(self.started_ms) else NotSent.NOT_FRESH


@dataclass
class _Sending:
    """One request on its way; a role's token that is renewed before it is another one."""

    check: Preflight
    send: vod.Send
    sent: bool = False
    wait_ms: int = 0

    def look_and_send(self, tx: Tx) -> None:
        """Send once, however often the transaction is run."""
        ctx = self.check.ctx
        rate_limits.lock_wire(tx)
        locked_ms = ctx.monotonic_ms()
        window = ctx.quota.check_send_window(tx, self.check.action)
        if not self.sent:
            self.wait_ms = window.wait_ms
            if self.wait_ms:
                return
            why = self.check.why_not_now(tx)
            if why is None and ctx.monotonic_ms() - locked_ms >= HELD_MS:
                why = NotSent.HELD_UP
            if why is not None:
                raise vod.WithheldError(why)
            self.sent = True
            self.send()
        # Not before: what is noted is when the bytes left, and looking took a while.
        rate_limits.note_sent(tx, window)


def may_send(tx: Tx, row: ProposalRow | Standing) -> bool:
    """Say whether this is the time to delete: under way, not stopped, after its hold, in time."""
    now = tx.now_ms()
    in_time = row.execute_by_ms is not None and now < row.execute_by_ms and holding.is_over(row, now)
    return row.state == State.EXECUTING and row.halted is None and in_time

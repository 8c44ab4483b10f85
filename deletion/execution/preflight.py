"""The last look: with the connection to VOD open, whether a journalled call may still be sent, and the sending."""

from dataclasses import dataclass

import vod
from deletion.jobs.context import Context
from deletion.plan.quota import StopRequestedError
from deletion.terms.states import State
from storage import StorageError, Tx
from storage.tables import calls, proposals, rate_limits
from storage.tables.proposals import ProposalRow, Standing

HELD_MS = 5_000
"""How long after its lock was taken a request may be sent: who stands still for 10 s loses it on PostgreSQL."""


@dataclass(frozen=True)
class LastLook:
    """Looks a last time and sends, while nobody can freeze, stop this deletion, or send something else.

    That is for as long as it takes to hand the request to the connection. ``started_ms``: when the reading began.
    """

    ctx: Context
    number: int
    action: str
    call_id: str
    started_ms: int

    def send(self, send: vod.Send) -> None:
        """Send when as many as VOD takes in a second were not sent just now; or raise vod.WithheldError."""
        sending = _Sending(self, send)
        try:
            while not sending.sent:
                self.ctx.quota.rest(sending.wait_ms)
                self.ctx.database.write(sending.look_and_send)
        except StopRequestedError:
            raise vod.WithheldError("the program is ending") from None
        except StorageError as exc:
            if not sending.sent:
                raise vod.WithheldError("the record could not be asked") from exc
            # All that is lost is the note of when it was sent.

    def why_not_now(self, tx: Tx) -> str:
        """Say why the call must not be made after all; '' when it may."""
        standing = proposals.standing(tx, self.number, locked=True)
        if not calls.is_open(tx, self.call_id, owner=self.ctx.owner):
            return "taken over"
        if standing is not None and standing.frozen:
            return "frozen"
        if standing is None or not may_send(tx, standing):
            return "stopped"
        return "" if self.ctx.is_fresh(self.started_ms) else "no longer fresh"


@dataclass
class _Sending:
    """One request on its way; a role's token that is renewed before it is another one."""

    last: LastLook
    send: vod.Send
    sent: bool = False
    wait_ms: int = 0

    def look_and_send(self, tx: Tx) -> None:
        """Send once, however often the transaction is run."""
        ctx = self.last.ctx
        rate_limits.lock_wire(tx)
        locked_ms = ctx.monotonic_ms()
        passage = ctx.quota.look_at_wire(tx, self.last.action)
        if not self.sent:
            self.wait_ms = passage.wait_ms
            if self.wait_ms:
                return
            why = self.last.why_not_now(tx)
            if not why and ctx.monotonic_ms() - locked_ms >= HELD_MS:
                why = "held up"
            if why:
                raise vod.WithheldError(why)
            self.sent = True
            self.send()
        # Not before: what is noted is when the bytes left, and looking took a while.
        rate_limits.note_sent(tx, passage)


def may_send(tx: Tx, row: ProposalRow | Standing) -> bool:
    """Say whether this is the time to delete: under way, not stopped, within its time to execute."""
    in_time = row.execute_by_ms is not None and tx.now_ms() < row.execute_by_ms
    return row.state == State.EXECUTING and row.halted is None and in_time

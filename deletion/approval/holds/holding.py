"""The hold: time in which nothing of an approved deletion is sent, and in which people can see it and stop it.

It begins when the card with the Stop button is in the channel, and not before. It begins anew when that was no
longer so: after a freeze, and after the channels took no messages.
"""

from collections.abc import Sequence

from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.messages.delivery import CardShown
from deletion.audit.messages.silence import Silence
from deletion.audit.record import record
from deletion.jobs.config import JobKind
from deletion.jobs.record import Record
from deletion.policy.decisions import Policy
from deletion.terms.ids import ProposalNumber, proposal_ref
from deletion.terms.states import State
from storage import Tx
from storage.tables import jobs, notice_throttle, proposals
from storage.tables.outbox import Urgency
from storage.tables.proposals import ProposalRow, Standing

LOOK_MS = 5_000
"""How soon work that waits for its card looks again by itself; the card that is shown wakes it."""

SHOW_EVERY_MS = 60_000
"""How often a card that nobody has seen yet is queued once more, where none is on its way."""

_ASKED = "card that begins the hold"


def is_over(row: ProposalRow | Standing, now_ms: int) -> bool:
    """Say whether a deletion's hold began and is over."""
    if row.hold_until_ms is None:
        # Those that an earlier version approved have no number; the oldest of them had no hold either.
        return row.hold_no == 0
    return now_ms >= row.hold_until_ms


def is_awaited(row: ProposalRow) -> bool:
    """Say whether people cannot see yet that they can stop a deletion."""
    return row.hold_no > 0 and row.hold_until_ms is None


def ends_ms(row: ProposalRow, now_ms: int) -> int | None:
    """Return when work that is on hold looks again (UTC ms); None when its hold is over."""
    if is_over(row, now_ms):
        return None
    return now_ms + LOOK_MS if row.hold_until_ms is None else row.hold_until_ms


def begin(tx: Tx, shown: CardShown) -> None:
    """Begin the hold that waits for this card; one that shows an earlier standing is followed by another.

    Call it last: it writes to the log.
    """
    row = proposals.lock(tx, shown.number)
    if row is None or not _waits_for_card(row):
        return
    if shown.hold_no != row.hold_no:
        audience.card(tx, shown.number, Urgency.HOLD)
        return
    begun_ms = tx.now_ms()
    until_ms = begun_ms + (row.hold_s or 0) * 1000
    if not proposals.begin_hold(tx, row.id, hold_no=row.hold_no, until_ms=until_ms):
        return
    jobs.run_now(tx, JobKind.EXECUTE, row.id)
    record(
        tx,
        events.HoldBegun(
            about=proposal_ref(row.id),
            hold_no=row.hold_no,
            begun_ms=begun_ms,
            hold_until_ms=until_ms,
            channel=shown.channel,
            ts=shown.ts,
        ),
    )


def begin_anew(tx: Tx, policy: Policy) -> tuple[int, ...]:
    """Put all that is approved or under way on hold again, from when its card is shown; return its numbers.

    What waits looks again at once. Call it last: it writes to the log.
    """
    return _begin_anew(tx, policy, proposals.under_way(tx, State.APPROVED, State.EXECUTING, locked=True))


def begin_anew_unseen(database: Record, policy: Policy, silence: Silence) -> None:
    """Put all whose hold began before this silence on hold again; what waits for its card stays as it is.

    Where the card was taken meanwhile people see that, whatever else is not taken.
    """
    database.write(lambda tx: _begin_anew_unseen(tx, policy, silence))


def _begin_anew_unseen(tx: Tx, policy: Policy, silence: Silence) -> None:
    rows = proposals.under_way(tx, State.APPROVED, State.EXECUTING, locked=True)
    if hidden := [row for row in rows if _is_hidden(row, silence)]:
        # Not for none: all that waits would look again at once, and find the same.
        _begin_anew(tx, policy, hidden, silence)


def _is_hidden(row: ProposalRow, silence: Silence) -> bool:
    if row.hold_until_ms is None:
        return row.hold_no == 0
    return row.hold_until_ms - (row.hold_s or 0) * 1000 <= silence.since_ms


def _begin_anew(
    tx: Tx, policy: Policy, rows: Sequence[ProposalRow], silence: Silence | None = None
) -> tuple[int, ...]:
    # Between the two: whoever stops one has its row, then its jobs, then the head of the log.
    jobs.run_now(tx, JobKind.EXECUTE)
    lengths = [policy.hold_s if row.hold_s is None else row.hold_s for row in rows]
    for row, hold_s in zip(rows, lengths, strict=True):
        proposals.await_hold(tx, row.id, hold_s=hold_s)
    for row, hold_s in zip(rows, lengths, strict=True):
        record(
            tx,
            events.HoldAwaited(
                about=proposal_ref(row.id),
                hold_no=row.hold_no + 1,
                hold_s=hold_s,
                silence=silence.code if silence else None,
                silent_ms=silence.since_ms if silence else None,
            ),
        )
    return tuple(row.id for row in rows)


def show(tx: Tx, number: ProposalNumber) -> None:
    """Queue the card that a hold waits for once more, unless that was done lately."""
    row = proposals.lock(tx, number)
    if row is None or not _waits_for_card(row):
        return
    if notice_throttle.should_notify(tx, number, _ASKED, every_ms=SHOW_EVERY_MS):
        audience.card(tx, number, Urgency.HOLD)


def show_unseen(tx: Tx) -> None:
    """Queue every card that a hold waits for: people can see them now."""
    for row in proposals.under_way(tx, State.APPROVED, State.EXECUTING, locked=True):
        if _waits_for_card(row):
            audience.card(tx, row.id, Urgency.HOLD)


def _waits_for_card(row: ProposalRow) -> bool:
    """Say whether a card is to begin a hold: once a deletion was stopped no card has the Stop button any more."""
    return row.state in {State.APPROVED, State.EXECUTING} and row.halted is None and is_awaited(row)

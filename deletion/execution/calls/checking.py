"""What of a batch may be sent: every item, read again, compared with what was shown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from deletion.audit.fields import HoldReason
from deletion.execution.calls.results import may_be_removed
from deletion.plan import drift
from deletion.plan.calls import is_sendable
from deletion.plan.facts import Target, Warn
from deletion.plan.library.reading import Reading, unseen_warnings
from deletion.plan.plan import Plan
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.findings import FieldChange
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from storage.tables.items import ItemRow

HIDDEN_TRIES = 4
"""How often an item that VOD does not show is read again before it is held back."""


class Held(NamedTuple):
    """An item that must not be sent, the word for it, and why."""

    item: ItemRow
    outcome: Outcome
    reason: HoldReason


@dataclass(frozen=True)
class Checked:
    """A batch after re-reading: what may be sent, what is held back, and what VOD did not show."""

    send: tuple[ItemRow, ...]
    held: tuple[Held, ...] = ()
    hidden: tuple[ItemRow, ...] = ()


def check(waiting: Sequence[ItemRow], shown: Plan, reading: Reading) -> Checked:
    """Compare each item with what was shown, and warn anew; only what is unchanged and warned of may be sent."""
    now, unseen = reading.now, unseen_warnings(shown, reading)
    every = (stream for found in reading.siblings.values() for stream in found)
    stays = tuple(drift.no_longer_stays(shown, every)) if reading.siblings else ()
    send_these: list[ItemRow] = []
    held: list[Held] = []
    hidden: list[ItemRow] = []
    for item in waiting:
        before, after, note = shown.target(item.target), now.get(item.target), ItemNote.parse(item.note)
        if before is None:
            held.append(Held(item, Outcome.STOPPED, HoldReason(because=Cause(why=Why.NOT_IN_PLAN))))
        elif not is_sendable(shown.request, item.target):
            held.append(Held(item, Outcome.STOPPED, HoldReason(because=Cause(why=Why.UNSENDABLE))))
        elif after is None and reading.is_gone(item.target):
            word = Outcome.DELETED if may_be_removed(item, note) else Outcome.ALREADY_GONE
            held.append(Held(item, word, HoldReason()))
        elif after is None and note.hidden < HIDDEN_TRIES:
            hidden.append(item)
        elif after is None:
            word = Outcome.UNKNOWN if item.attempts else Outcome.STOPPED
            held.append(Held(item, word, HoldReason(because=Cause(why=Why.UNREADABLE))))
        elif changes := (*_changes(shown, before, after), *stays, *_unseen(unseen.get(item.target, ()))):
            # What a call of ours may have begun can change an item too; then nobody knows what will be left of it.
            word = Outcome.UNKNOWN if may_be_removed(item, note) else Outcome.CHANGED
            held.append(Held(item, word, HoldReason(drift=changes)))
        else:
            send_these.append(item)
    return Checked(tuple(send_these), tuple(held), tuple(hidden))


def _changes(shown: Plan, before: Target, after: Target) -> tuple[FieldChange, ...]:
    found = drift.differences(before, after, version=shown.version)
    return tuple(FieldChange(each.field, each.before, each.after) for each in found)


def _unseen(warnings: Sequence[Warn]) -> tuple[FieldChange, ...]:
    """A warning that is true now and that nobody saw is a change as well: of what is around the item."""
    return tuple(FieldChange("warning", "none", warn) for warn in warnings)

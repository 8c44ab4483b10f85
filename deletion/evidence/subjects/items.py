"""The items of one proposal, as the log tells them: what was sent, what came of it, and the final words. Pure.

Some steps are in no event, because nothing was decided by them: an item that was sent may have been put back in the
queue after it was read as still there, and what was put back after a stop gets its final word with the end. So an
item may stand in one of several ways until the log gives it its final word; then in that one only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from deletion.audit import events
from deletion.audit.events import Event
from deletion.evidence.claims import (
    Claim,
    Exactly,
    Finding,
    IsSet,
    Means,
    Mismatch,
    OneOf,
    Row,
    Said,
    compared,
    strays,
)
from deletion.execution.calls import results
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from storage.tables.items import ItemRow, ItemState


@dataclass(slots=True)
class _Item:
    """One item so far. ``note`` None: the log does not say what is noted; ``is_vague``: nor how it was sent."""

    place: int
    state: ItemState = ItemState.PENDING
    outcome: Outcome | None = None
    call: str | None = None
    attempts: int = 0
    note: ItemNote | None = field(default_factory=ItemNote)
    is_vague: bool = False
    is_stopped: bool = False
    settled_ms: int | None = None

    def settle(self, outcome: Outcome | None, note: ItemNote | None, at_ms: int | None = None) -> None:
        """Give it its final word, at a time that the log does not always say."""
        self.state, self.outcome, self.note, self.settled_ms = ItemState.SETTLED, outcome, note, at_ms


@dataclass
class Items:
    """Every item of proposal ``number``, by its target, from the moment in which they were dealt out.

    ``ids`` are the targets of its plans, by digest, as their rows have them: the log names the digest.
    """

    number: int
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    planned: tuple[str, ...] = ()
    found: dict[str, _Item] = field(default_factory=dict)
    may_be_dealt: bool = False
    is_dealt: bool = False
    is_finished: bool = False
    closed: bool = False
    halted: Cause | None = None
    open_calls: dict[str, tuple[str, ...]] = field(default_factory=dict)
    root: str | None = None

    def follow(self, event: Event) -> None:
        """Take up what happened."""
        match event:
            case events.PlanFrozen() | events.PlanChanged():
                self.planned = event.targets or self.ids.get(event.digest, ())
            case events.ProposalApproved():
                self.may_be_dealt = True
                self.found = {target: _Item(place) for place, target in enumerate(self.planned)}
            case events.QuorumLost():
                self.may_be_dealt, self.found = False, {}
            case events.ExecutionStarted():
                self.is_dealt = True
            case events.Closed():
                self._stop(Cause(why=Why.CLOSED))
                self.closed = True
            case events.ExecutionStopped(because=because):
                self._stop(because)
            case events.ExecutionFinished():
                self._finish(event)
            case _ if not self.is_finished:
                self._follow_work(event)
            case _:
                return

    def findings(self, rows: Sequence[Row]) -> Iterator[Finding]:
        """Compare with the rows of the table."""
        if self.root is not None:
            yield from self._take_outcomes(rows)
        stored = {row["target"] for row in rows}
        for row in rows:
            item = self.found.get(row["target"])
            if item is None or not self.may_be_dealt:
                yield from strays("items", [self._name(row["target"])], missing=False)
            else:
                yield from compared("items", self._name(row["target"]), row, list(self._ways(row["target"], item)))
        if self.is_dealt:
            lost = [self._name(target) for target in self.found if target not in stored]
            yield from strays("items", lost, missing=True)

    def _name(self, target: object) -> str:
        return f"{target} of #{self.number}"

    def _follow_work(self, event: Event) -> None:
        match event:
            case events.CallIntended(call=call, targets=targets):
                self.open_calls[call] = targets
                for item in self._each(targets):
                    item.state, item.call, item.outcome = ItemState.INFLIGHT, call, None
                    item.attempts += 1
            case events.CallAnswered(call=call):
                self._answer(event, self.open_calls.pop(call, ()))
            case events.CallAdopted(call=call, answer=answer):
                for item in self._each(self.open_calls.pop(call, ())):
                    item.state, item.outcome = ItemState.SENT, Outcome.UNKNOWN
                    item.note = replace(item.note, because=answer.because) if item.note else None
            case _:
                self._follow_words(event)

    def _follow_words(self, event: Event) -> None:
        match event:
            case events.ItemsHeld(items=held, settled_ms=at_ms):
                for target, outcome, reason in held:
                    for item in self._each((target,)):
                        item.settle(outcome, ItemNote(because=reason.because, drift=reason.drift), at_ms)
            case events.ItemsSettled(items=settled, settled_ms=at_ms):
                for target, word in settled:
                    for item in self._each((target,)):
                        item.settle(word, item.note, at_ms)
            case _:
                return

    def _each(self, targets: Iterable[str]) -> Iterator[_Item]:
        return (self.found[target] for target in targets if target in self.found)

    def _answer(self, event: events.CallAnswered, targets: Sequence[str]) -> None:
        if event.meaning is None:
            # Earlier versions did not write what they took an answer for.
            for item in self._each(targets):
                item.state, item.outcome, item.note, item.is_vague = ItemState.SENT, None, None, True
            return
        result = results.from_log(event.answer, event.meaning, frozenset(targets))
        for target in targets:
            for item in self._each((target,)):
                _apply(target, item, result, event.settled_ms)

    def _stop(self, because: Cause) -> None:
        """Nothing more is sent: what was not sent yet has its final word with that."""
        self.halted = self.halted or because
        for item in self.found.values():
            if item.state is ItemState.PENDING and not item.attempts and not item.is_vague:
                item.settle(Outcome.STOPPED, ItemNote(because=because))
                item.is_stopped = True

    def _finish(self, event: events.ExecutionFinished) -> None:
        self.is_finished, self.root = True, event.root
        for target, word in event.outcomes:
            for item in self._each((target,)):
                if item.state is not ItemState.SETTLED or item.outcome != word:
                    item.is_vague = True
                    item.settle(word, None)

    def _take_outcomes(self, rows: Sequence[Row]) -> Iterator[Finding]:
        """Take the final words from the table, whose root the log has, where no event of their own says them."""
        outcomes = [(row["target"], row["outcome"]) for row in sorted(rows, key=lambda row: row["ord"])]
        found = results.root_of(outcomes)
        if found != self.root:
            said = f"outcomes with the root {self.root}"
            yield Mismatch("items", f"all of #{self.number}", "outcome", said, f"outcomes with the root {found}")
            return
        for target, word in outcomes:
            for item in self._each((target,)):
                if item.state is not ItemState.SETTLED:
                    item.is_vague = True
                    item.settle(Outcome(word) if word else None, None)

    def _ways(self, target: str, item: _Item) -> Iterator[Said]:
        """Yield each way in which an item may stand, the likeliest first."""
        same: dict[str, Claim] = {
            "proposal_id": Exactly(self.number),
            "ord": Exactly(item.place),
            "target": Exactly(target),
        }
        if not item.is_vague:
            same["attempts"] = Exactly(item.attempts)
        match item.state:
            case ItemState.SETTLED if item.is_stopped:
                yield from self._stopped(same, item)
            case ItemState.SETTLED:
                called = {} if item.is_vague else {"call_id": OneOf((item.call, None))}
                at: Claim = IsSet() if item.settled_ms is None else Exactly(item.settled_ms)
                yield {**same, **_stands(item, item.outcome), **_noted(item), **called, "settled_ms": at}
            case ItemState.INFLIGHT:
                yield {**same, **_UNSETTLED, **_stands(item, None), "call_id": Exactly(item.call), **_noted(item)}
            case ItemState.PENDING:
                yield {**same, **_UNSETTLED, **_stands(item, None), "call_id": Exactly(None), **_noted(item)}
                yield from self._stopped_since(same, item)
            case ItemState.SENT:
                yield from self._sent(same, item)

    def _stopped(self, same: Said, item: _Item) -> Iterator[Said]:
        """Yield what was stopped: as it waited, or as part of a batch that was about to be sent."""
        # When is in no event: what a lane was just putting back is stopped a moment after the others.
        without = {name: claim for name, claim in same.items() if name != "attempts"} | {"settled_ms": IsSet()}
        stands = _stands(item, item.outcome)
        yield {**without, **stands, **_noted(item), "attempts": Exactly(item.attempts), "call_id": Exactly(None)}
        batch = _noted(replace(item, note=ItemNote(because=Cause(why=Why.BATCH_STOPPED))))
        yield {**without, **stands, **batch, "attempts": OneOf((item.attempts, item.attempts + 1))}

    def _sent(self, same: Said, item: _Item) -> Iterator[Said]:
        word: Claim = OneOf((Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.ALREADY_GONE))
        outcome = word if item.is_vague else Exactly(item.outcome)
        noted, call = _noted(item), {"call_id": Exactly(item.call)}
        yield {**same, **_UNSETTLED, "state": Exactly(ItemState.SENT), "outcome": outcome, **call, **noted}
        waits = {"state": Exactly(ItemState.PENDING), "outcome": Exactly(None), "call_id": Exactly(None)}
        yield {**same, **_UNSETTLED, **waits, **noted}
        if item.is_vague:
            refused = OneOf((Outcome.REFUSED, Outcome.UNKNOWN))
            yield {**same, "state": Exactly(ItemState.SETTLED), "outcome": refused, "settled_ms": IsSet()}
        yield from self._stopped_since(same, item)

    def _stopped_since(self, same: Said, item: _Item) -> Iterator[Said]:
        """Yield what becomes of an item that was put back after the deletion was stopped: no event says so."""
        if self.halted is None:
            return
        words: tuple[str, ...] = (Outcome.UNKNOWN,) if item.attempts else (Outcome.STOPPED,)
        words = (Outcome.STOPPED, Outcome.UNKNOWN) if item.is_vague else words
        without = {name: claim for name, claim in same.items() if name != "attempts"}
        yield {**without, "state": Exactly(ItemState.SETTLED), "outcome": OneOf(words), "settled_ms": IsSet()}


_UNSETTLED: Said = {"settled_ms": Exactly(None)}


def _stands(item: _Item, outcome: Outcome | None) -> dict[str, Claim]:
    return {"state": Exactly(item.state), "outcome": Exactly(outcome)}


def _noted(item: _Item) -> dict[str, Claim]:
    if item.note is None:
        return {}
    text = item.note.text()
    return {"note": Means(_evidence(text), _evidence, text)}


def _evidence(text: str) -> ItemNote:
    """Return what is noted, but for how often and how long it was looked for: that decides nothing any more."""
    return replace(ItemNote.parse(text), hidden=0, looks=0, sent_ms=None, waited_ms=None)


def _apply(target: str, item: _Item, result: results.CallResult, at_ms: int | None) -> None:
    """Let an answer do to an item what it does to its row; what is not known of it before is not known after."""
    if item.is_vague:
        item.state, item.outcome, item.note = ItemState.SENT, None, None
        return
    before = ItemRow(
        id=0,
        proposal_id=0,
        ord=item.place,
        target=target,
        state=ItemState.INFLIGHT,
        outcome=None,
        note=(item.note or ItemNote()).text(),
        call_id=item.call,
        attempts=item.attempts,
        due_ms=0,
        settled_ms=None,
        batch=0,
    )
    _, after = results.after_call(before, result, now_ms=0, first_look_ms=0)
    item.state, item.call, item.attempts = after.state, after.call_id, after.attempts
    item.settled_ms = at_ms if after.state is ItemState.SETTLED else None
    item.outcome = Outcome(after.outcome) if after.outcome else None
    item.note = None if item.note is None else _evidence(after.note)

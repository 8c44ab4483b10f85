"""What came of a delete call, as a closed set of results, and what each does to an item. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

import vod
from deletion.audit.fields import AnswerMeaning, CallAnswer
from deletion.plan import merkle
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.results.causes import NotSent
from deletion.terms.results.faults import VodFault
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from storage.tables import items
from storage.tables.calls import CallState
from storage.tables.items import Change, ItemRow


@dataclass(frozen=True, kw_only=True)
class Answered:
    """VOD took the call. ``missing`` do not exist, ``refused`` it would not delete; ``fault``: it found none."""

    missing: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    request_id: str | None = None
    fault: VodFault | None = None


@dataclass(frozen=True, kw_only=True)
class NothingDone:
    """It certainly did nothing: it was throttled, did not arrive, or was withheld. Tried again in ``pause_ms``."""

    fault: VodFault | None = None
    not_sent: NotSent | None = None
    pause_ms: int = 0


@dataclass(frozen=True)
class Rejected:
    """VOD says that it did nothing; what is there is read back before anything is said of it."""

    fault: VodFault


@dataclass(frozen=True)
class RefusedAll:
    """VOD refuses this account: no other call would be taken either."""

    fault: VodFault


@dataclass(frozen=True)
class Lost:
    """There is no answer that can be relied on."""

    fault: VodFault


CallResult: TypeAlias = Answered | NothingDone | Rejected | RefusedAll | Lost


def of_answer(answer: vod.DeleteAnswer) -> CallResult:
    """Return what VOD's answer amounts to."""
    return Answered(missing=answer.missing, refused=answer.refused, request_id=answer.request_id)


def of_error(exc: vod.VodError, targets: frozenset[str], *, pause_ms: int) -> CallResult:
    """Return what an error amounts to; a call that did nothing is made again in ``pause_ms``."""
    fault = VodFault(code=exc.code, advice=exc.advice, action=exc.action, request_id=exc.request_id)
    match exc:
        case vod.NotFound():
            return Answered(missing=targets, fault=fault)
        case vod.Throttled() | vod.NotSent():
            return NothingDone(fault=fault, pause_ms=pause_ms)
        case vod.Denied():
            return RefusedAll(fault)
        case vod.Rejected():
            return Rejected(fault)
        case _:
            return Lost(fault)


def state_of(result: CallResult) -> CallState:
    """Return where a call stands with this result."""
    return CallState.UNKNOWN if isinstance(result, Lost) else CallState.DONE


def answer_of(result: CallResult) -> CallAnswer:
    """Return a result as the log has it."""
    match result:
        case Answered(fault=None):
            missing, refused = tuple(sorted(result.missing)), tuple(sorted(result.refused))
            return CallAnswer(request_id=result.request_id, missing=missing, refused=refused)
        case NothingDone(not_sent=NotSent() as why):
            return CallAnswer(not_sent=why)
        case Answered(fault=fault) | NothingDone(fault=fault) | Rejected(fault) | RefusedAll(fault) | Lost(fault):
            if fault is None:
                return CallAnswer()
            return CallAnswer(request_id=fault.request_id, code=fault.code, advice=fault.advice)
        case _:
            assert_never(result)


def meaning_of(result: CallResult) -> AnswerMeaning:
    """Return what a result is called in the log."""
    match result:
        case Answered(fault=None):
            return AnswerMeaning.ANSWERED
        case Answered():
            return AnswerMeaning.NONE_FOUND
        case NothingDone():
            return AnswerMeaning.NOTHING_DONE
        case Rejected():
            return AnswerMeaning.REJECTED
        case RefusedAll():
            return AnswerMeaning.REFUSED_ALL
        case Lost():
            return AnswerMeaning.LOST
        case _:
            assert_never(result)


def from_log(answer: CallAnswer, meaning: AnswerMeaning, targets: frozenset[str]) -> CallResult:
    """Return the result that the log tells of a call for these targets: the other way round."""
    fault = VodFault(code=answer.code or "", advice=answer.advice or "", request_id=answer.request_id)
    match meaning:
        case AnswerMeaning.ANSWERED:
            return Answered(missing=frozenset(answer.missing), refused=frozenset(answer.refused))
        case AnswerMeaning.NONE_FOUND:
            return Answered(missing=targets, fault=fault)
        case AnswerMeaning.NOTHING_DONE:
            return NothingDone()
        case AnswerMeaning.REJECTED:
            return Rejected(fault)
        case AnswerMeaning.REFUSED_ALL:
            return RefusedAll(fault)
        case AnswerMeaning.LOST:
            return Lost(fault)
        case _:
            assert_never(meaning)


def text(answer: CallAnswer) -> str:
    """Return an answer as the journal has it; only an answer without an error says what VOD found."""
    said: dict[str, Json] = {
        "request_id": answer.request_id,
        "code": answer.code,
        "advice": answer.advice,
        "not_sent": answer.not_sent,
        "because": answer.because.to_json() if answer.because else None,
    }
    found = {name: value for name, value in said.items() if value is not None}
    if found.keys() <= {"request_id"}:
        found |= {"missing": answer.missing, "refused": answer.refused}
    return canonical.dumps(found)


def after_call(item: ItemRow, result: CallResult, *, now_ms: int, first_look_ms: int) -> Change:
    """Say what a call did to one item: it has its final word, is to be read back, or waits again."""
    before = ItemNote.parse(item.note)
    note = ItemNote(sent_ms=now_ms, undone=before.undone, called_gone=before.called_gone)
    match result:
        case NothingDone(pause_ms=pause_ms):
            return items.requeued(item, due_ms=now_ms + pause_ms, note=note.text(), was_sent=False)
        case RefusedAll(fault):
            return _refused(item, before, replace(note, fault=fault), now_ms)
        case Answered(refused=refused) if item.target in refused:
            if item.target in result.missing:
                note = replace(note, undone=note.undone + 1, called_gone=True)
            return _refused(item, before, note, now_ms)
        case Answered(missing=missing) if item.target in missing:
            word, note = _did_nothing(item, replace(note, called_gone=True))
        case Answered():
            word = Outcome.ACCEPTED
        case Rejected(fault):
            word, note = _did_nothing(item, replace(note, fault=fault))
        case Lost(fault):
            word, note = Outcome.UNKNOWN, replace(note, fault=fault)
        case _:
            assert_never(result)
    return items.answered(item, outcome=word, note=note.text(), due_ms=now_ms + first_look_ms)


def may_be_removed(item: ItemRow, note: ItemNote) -> bool:
    """Say whether a call of ours may have removed an item: one that VOD did not answer by saying it did nothing."""
    return item.attempts > note.undone


def _did_nothing(item: ItemRow, note: ItemNote) -> tuple[Outcome, ItemNote]:
    """Count one more call that did nothing; what an earlier one may have removed was not gone before it."""
    counted = replace(note, undone=note.undone + 1)
    return Outcome.UNKNOWN if may_be_removed(item, counted) else Outcome.ALREADY_GONE, counted


def _refused(item: ItemRow, before: ItemNote, note: ItemNote, now_ms: int) -> Change:
    """Call an item refused, unless an earlier call, never answered, may have removed it."""
    word = Outcome.UNKNOWN if item.attempts - 1 > before.undone else Outcome.REFUSED
    return items.settled(item, outcome=word, note=note.text(), now_ms=now_ms)


def root_of(outcomes: Iterable[tuple[str, str | None]]) -> str:
    """Return the Merkle root over (target, outcome) of every item of a proposal, in their order."""
    return merkle.root_of(merkle.leaf(canonical.dumps(list(each))) for each in outcomes)

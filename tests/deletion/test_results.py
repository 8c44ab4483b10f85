"""What a call's result does to each item, as one table: the word, and whether it is sent again."""

from typing import NamedTuple

import pytest

import vod
from deletion.audit.fields import CallAnswer
from deletion.execution.calls import results
from deletion.execution.calls.results import Answered, CallResult, Lost, NothingDone, RefusedAll, Rejected
from deletion.terms import canonical
from deletion.terms.results.causes import Cause, NotSent, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.item_note import ItemNote
from storage.tables.calls import CallState
from storage.tables.items import ItemRow, ItemState

NOW_MS = 1_000_000
FAULT = VodFault(code="Some.Code", advice=vod.Advice.TRY_AGAIN, action="DeleteVideo", request_id="R1")
A = frozenset({"a"})


def item(attempts: int, undone: int) -> ItemRow:
    note = ItemNote(undone=undone, hidden=2, looks=3).text()
    return ItemRow(1, 7, 0, "a", ItemState.INFLIGHT, None, note, "call", attempts, 0, None, 0)


class After(NamedTuple):
    state: str
    outcome: str | None
    attempts: int
    undone: int


TABLE: list[tuple[CallResult, int, int, After]] = [
    (Answered(), 1, 0, After("sent", "accepted", 1, 0)),
    (Answered(), 2, 0, After("sent", "accepted", 2, 0)),
    (Answered(missing=A), 1, 0, After("sent", "already gone", 1, 1)),
    (Answered(missing=A), 2, 1, After("sent", "already gone", 2, 2)),
    (Answered(missing=A), 2, 0, After("sent", "unknown", 2, 1)),
    (Answered(missing=A, fault=FAULT), 1, 0, After("sent", "already gone", 1, 1)),
    (Answered(refused=A), 1, 0, After("settled", "refused", 1, 0)),
    (Answered(refused=A), 2, 1, After("settled", "refused", 2, 1)),
    (Answered(refused=A), 2, 0, After("settled", "unknown", 2, 0)),
    (NothingDone(fault=FAULT, pause_ms=50), 1, 0, After("pending", None, 0, 0)),
    (NothingDone(not_sent=NotSent.FROZEN), 3, 1, After("pending", None, 2, 1)),
    (Rejected(FAULT), 1, 0, After("sent", "already gone", 1, 1)),
    (Rejected(FAULT), 2, 0, After("sent", "unknown", 2, 1)),
    (RefusedAll(FAULT), 1, 0, After("settled", "refused", 1, 0)),
    (RefusedAll(FAULT), 2, 1, After("settled", "refused", 2, 1)),
    (RefusedAll(FAULT), 2, 0, After("settled", "unknown", 2, 0)),
    (Lost(FAULT), 1, 0, After("sent", "unknown", 1, 0)),
    (Lost(FAULT), 2, 1, After("sent", "unknown", 2, 1)),
]


@pytest.mark.parametrize(("result", "attempts", "undone", "after"), TABLE)
def test_a_result_says_of_an_item_what_is_certain_and_no_more(
    result: CallResult, attempts: int, undone: int, after: After
) -> None:
    seen = item(attempts, undone)
    before, new = results.after_call(seen, result, now_ms=NOW_MS, first_look_ms=70)

    note = ItemNote.parse(new.note)
    assert before is seen
    assert After(new.state, new.outcome, new.attempts, note.undone) == after
    assert note.sent_ms == NOW_MS
    assert (note.hidden, note.looks) == (0, 0)
    assert note.called_gone == (isinstance(result, Answered) and bool(result.missing))
    assert (note.fault is not None) == isinstance(result, Rejected | RefusedAll | Lost)
    if new.state is not ItemState.SETTLED:
        assert new.due_ms == NOW_MS + (result.pause_ms if isinstance(result, NothingDone) else 70)


def error(kind: type[vod.VodError]) -> vod.VodError:
    return kind("DeleteVideo", "Some.Code", advice=vod.Advice.TRY_AGAIN, request_id="R1")


ERRORS: dict[type[vod.VodError], CallResult] = {
    vod.NotFound: Answered(missing=A, fault=FAULT),
    vod.Throttled: NothingDone(fault=FAULT, pause_ms=9),
    vod.NotSent: NothingDone(fault=FAULT, pause_ms=9),
    vod.Denied: RefusedAll(FAULT),
    vod.Rejected: Rejected(FAULT),
    vod.IllegalStatus: Rejected(FAULT),
    vod.Ambiguous: Lost(FAULT),
    vod.VodError: Lost(FAULT),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_of_vods_has_its_result(kind: type[vod.VodError]) -> None:
    assert results.of_error(error(kind), A, pause_ms=9) == ERRORS[kind]


@pytest.mark.parametrize("result", [result for result, *_ in TABLE])
def test_only_a_call_without_a_usable_answer_is_unknown_in_the_journal(result: CallResult) -> None:
    assert (results.state_of(result) is CallState.UNKNOWN) == isinstance(result, Lost)


JOURNAL: list[tuple[CallResult, dict[str, object]]] = [
    (
        Answered(missing=frozenset({"b", "a"}), request_id="R1"),
        {"request_id": "R1", "missing": ["a", "b"], "refused": []},
    ),
    (Answered(), {"missing": [], "refused": []}),
    (Answered(missing=A, fault=FAULT), {"code": "Some.Code", "advice": "try again", "request_id": "R1"}),
    (NothingDone(not_sent=NotSent.HELD_UP), {"not_sent": "held up"}),
    (Lost(FAULT), {"code": "Some.Code", "advice": "try again", "request_id": "R1"}),
]


@pytest.mark.parametrize(("result", "text"), JOURNAL)
def test_the_journal_says_what_vod_found_only_of_a_call_that_vod_took(
    result: CallResult, text: dict[str, object]
) -> None:
    assert canonical.loads(results.text(results.answer_of(result))) == text


def test_the_journal_says_why_a_call_was_adopted() -> None:
    answer = CallAnswer(because=Cause(why=Why.NO_REPORT))

    assert canonical.loads(results.text(answer)) == {"because": {"why": "no report"}}

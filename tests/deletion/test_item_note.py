import pytest

from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import FieldChange
from deletion.terms.results.item_note import ItemNote

NOTES = [
    ItemNote(),
    ItemNote(undone=1, called_gone=True, hidden=2, looks=3, sent_ms=4, waited_ms=5),
    ItemNote(because=Cause(why=Why.BATCH_STOPPED)),
    ItemNote(drift=(FieldChange("title", "a", "b"),)),
    ItemNote(fault=VodFault(code="Forbidden.RAM", advice="grant it", request_id="7B")),
]


@pytest.mark.parametrize("note", NOTES)
def test_what_was_noted_of_an_item_is_read_back_as_it_was_written(note: ItemNote) -> None:
    assert ItemNote.parse(note.text()) == note

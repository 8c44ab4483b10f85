"""The form for lists is what Slack takes, whatever the files are called, and is read back as it was filled in."""

import pytest

from deletion.terms.targets import Kind
from handlers.text.language import Language, languages
from handlers.views import propose_list
from handlers.views.propose_list import FileNamed
from sandbox.slack.model.block_kit.blocks import VIEW_BYTES, view_problems
from tests.handlers.samples import BIDI, HOSTILE

LANGUAGES = list(languages().values())
VALUES = {
    propose_list.LEVEL_BLOCK: {propose_list.LEVEL_INPUT: {"selected_option": {"value": "mezzanine force"}}},
    propose_list.REASON_BLOCK: {propose_list.REASON_INPUT: {"value": " why "}},
    propose_list.COLUMN_BLOCK: {propose_list.COLUMN_INPUT: {"value": None}},
}


def named(count: int) -> list[FileNamed]:
    texts = [*HOSTILE, BIDI, "x" * 300, "清单.xlsx"]
    return [FileNamed(f"F0{n:09}", texts[n % len(texts)], 10**7) for n in range(count)]


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.name)
def test_every_form_is_what_slack_takes(lang: Language) -> None:
    views = [
        propose_list.for_file(lang, "C0123456789"),
        propose_list.for_file(lang, "C0123456789", level="image", reason="x" * 500),
        *(propose_list.for_message(lang, "C0123456789", named(n), has_ids=True) for n in (1, 2, 10, 200)),
        propose_list.for_ids(lang, "C0123456789", [f"{n:032x}" for n in range(90)]),
    ]
    for view in views:
        made = view.to_dict()
        assert view_problems(made) == []
        assert len(made["private_metadata"]) <= 3_000
        assert len(str(made).encode()) < VIEW_BYTES


def test_how_many_ids_fit_is_what_the_field_takes() -> None:
    assert propose_list.fits([f"{n:032x}" for n in range(90)])
    assert not propose_list.fits([f"{n:032x}" for n in range(91)])


def test_a_form_is_read_back() -> None:
    made = propose_list.for_message(LANGUAGES[0], "C1", named(3), has_ids=False).to_dict()
    chosen = {propose_list.FILE_INPUT: {"selected_option": {"value": "F0000000001"}}}
    state = {"values": {**VALUES, propose_list.FILE_BLOCK: chosen}}
    read = propose_list.parse({**made, "state": state})
    assert (read.level, read.force, read.reason, read.column, read.channel) == (
        Kind.MEZZANINE,
        True,
        "why",
        "",
        "C1",
    )
    assert [(file.id, file.size) for file in read.files] == [("F0000000001", 10**7)]
    assert read.ids is None


def test_a_file_that_is_not_in_the_message_is_none() -> None:
    made = propose_list.for_message(LANGUAGES[0], "C1", named(1), has_ids=False).to_dict()
    chosen = {propose_list.FILE_INPUT: {"selected_option": {"value": "F0OTHER"}}}
    state = {"values": {**VALUES, propose_list.FILE_BLOCK: chosen}}
    assert propose_list.parse({**made, "state": state}).files == ()


def test_an_error_goes_to_a_field_that_the_form_has() -> None:
    made = propose_list.for_file(LANGUAGES[0], "C1").to_dict()
    assert propose_list.errors(made, propose_list.FILE_BLOCK, "`x`") == {propose_list.FILE_BLOCK: "x"}
    assert propose_list.errors(made, propose_list.IDS_BLOCK, "x") == {propose_list.LEVEL_BLOCK: "x"}


def test_files_that_are_gone_are_not_offered() -> None:
    message = {"files": [{"id": "F1", "mode": "tombstone"}, {"id": "F2", "name": "\ud800a.csv", "size": 3}]}
    assert propose_list.files_of(message) == (FileNamed("F2", "\ufffda.csv", 3),)

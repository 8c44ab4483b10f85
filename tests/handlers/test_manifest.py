"""The list of a plan as a file: it opens in a spreadsheet, runs nothing there, and reads back whole."""

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deletion.plan.facts import Warn
from deletion.plan.plan import Plan
from handlers.cards import audit_card, proposal_card
from handlers.cards.asset_list import COLUMNS, cell, file_name, lines, text_of
from handlers.text import words
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import texts
from tests.handlers.samples import BIDI, KINDS, Sample, is_obeyed, patient, plan_of, view
from tests.harness import plans

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def rows(plan: Plan) -> list[dict[str, str]]:
    text = b"".join(lines(ENGLISH, plan, plan.entries)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def listed(sample: Sample) -> bytes:
    plan = plan_of(sample)
    return b"".join(lines(ENGLISH, plan, plan.entries))


def row(**facts: Any) -> dict[str, str]:
    (found,) = rows(plan_of(Sample(facts=facts)))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_plan_has_one_row_per_target_in_its_order(kind: str) -> None:
    plan = plan_of(Sample(kind=kind, count=min(1_000, KINDS[kind].most)))
    found = rows(plan)
    assert [each["id"] for each in found] == plans.ids_of(plan)
    assert [each["number"] for each in found] == [str(number) for number in range(1, plan.count + 1)]


def test_it_begins_with_a_byte_order_mark_and_the_names_of_its_columns() -> None:
    content = listed(Sample())
    assert content.startswith(b"\xef\xbb\xbfnumber,id,title,")
    assert content.count(b"\xef\xbb\xbf") == 1
    assert content.endswith(b"\r\n")
    assert tuple(row()) == COLUMNS


def test_the_facts_of_a_target_stand_in_their_columns() -> None:
    found = row()
    assert found["title"] == "Teaser 1"
    assert found["size_bytes"] == "16582912"
    assert found["duration_seconds"] == "61.250"
    assert found["created_utc"] == "2025-11-05T09:30:00Z"
    assert found["tags"] == "campaign, 2024"
    assert found["source_file"] == "source.mp4"
    assert found["streams"].startswith("HD mp4 ")


def test_the_warnings_of_each_target_stand_in_its_row() -> None:
    found = rows(plan_of(Sample(count=2, warnings=(Warn.RECENT, Warn.SAME_TITLE))))
    assert {each["warnings"] for each in found} == {
        f"{words.WARNINGS[Warn.RECENT]} {words.WARNINGS[Warn.SAME_TITLE]}"
    }


def test_what_is_not_known_is_an_empty_cell() -> None:
    found = row(size=None, source=None, streams=(), duration_ms=None, category=None, created=None)
    assert [found[name] for name in ("size_bytes", "source_file", "streams", "duration_seconds", "category")] == [
        ""
    ] * 5


@pytest.mark.parametrize("start", FORMULA_STARTS)
@pytest.mark.parametrize("before", ["", " ", "   ", "\u00a0", "\u3000", "\t ", "\n", '"', "'"])
def test_no_cell_is_taken_for_a_formula(before: str, start: str) -> None:
    written = row(title=f"{before}{start}cmd|'/c calc'!A1")["title"]
    assert not written.strip().startswith(FORMULA_STARTS)


@pytest.mark.parametrize("column", ["title", "category", "status", "tags", "storage_class"])
def test_every_column_of_outside_text_is_guarded(column: str) -> None:
    value = ("=1+1",) if column == "tags" else "=1+1"
    assert row(**{column: value})[column] == "'=1+1"


@patient
@given(st.text(max_size=60))
@example("")
@example("\u200d=1")
def test_no_cell_begins_as_a_formula_or_hides_anything(text: str) -> None:
    written = cell(text)
    assert not written.lstrip().startswith(FORMULA_STARTS)
    assert not any(is_obeyed(char) or char in "\r\n\t" for char in written)


@patient
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=40), min_size=16, max_size=16))
def test_cells_come_back_from_a_csv_reader_as_they_were_written(texts: list[str]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([cell(text) for text in texts])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [cell(text) for text in texts]


@pytest.mark.parametrize(
    "title", ["春季发布会预告片", 'say "hello", twice', "a;b,c", "it's", "12 345", "naïve 👩\u200d💻"]
)
def test_ordinary_titles_come_back_unchanged(title: str) -> None:
    assert row(title=title)["title"] == title


def test_line_breaks_and_bidirectional_marks_are_shown_on_one_line() -> None:
    assert row(title=BIDI)["title"] == (
        "Invoice \\u202Egpj.fdp\\u202C second\\u0007\\u200B\\u2066line\\u2069\\u0085\\uFEFF\\U000E0041"
    )


def test_the_file_is_named_after_the_proposal_and_the_plan() -> None:
    assert file_name(17, 2) == "proposal-17-plan-2.csv"


SEPARATORS = ";,|\t"
RISKY = st.text(st.sampled_from("=+-@'\"; ,|a1\uff1d\uff20\ufe63\u200d"), max_size=30)


@patient
@given(RISKY)
@example("a;=cmd")
@example('a";"=cmd')
@example("a;'=cmd")
@example("';=1")
@example('x;"=1')
def test_nothing_in_a_cell_becomes_a_formula_whatever_separates_cells(text: str) -> None:
    written = cell(text)
    parts = re.split(f"[{SEPARATORS}]", written)
    assert not any(part.lstrip(' "').startswith(FORMULA_STARTS) for part in parts), written
    assert text_of(written) == text


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_list_opened_with_another_separator_runs_nothing(separator: str) -> None:
    titles = ("a;=cmd|'/c calc'!A1", 'b";"=1+1', "c;+2", "d; -3", "e;\uff1d1", 'f;"@x')
    made = [listed(Sample(count=1, facts={"title": title})) for title in titles]
    for content, title in zip(made, titles, strict=True):
        lines = content.decode("utf-8-sig").splitlines()
        cells = next(csv.reader([lines[1]], delimiter=separator))
        assert not any(each.lstrip(' "').startswith(FORMULA_STARTS) for each in cells), cells
        assert text_of(next(csv.reader([lines[1]]))[2]) == title


@pytest.mark.parametrize("title", ["", "   ", "\u200b", "\u3164\u2800"])
def test_a_blank_title_has_words(title: str) -> None:
    content = listed(Sample(count=1, facts={"title": title}))
    assert next(csv.reader([content.decode("utf-8-sig").splitlines()[1]]))[2] == "(no title)"
    seen = view(Sample(count=1, facts={"title": title}))
    for message in (proposal_card.card(ENGLISH, seen), audit_card.audit_card(ENGLISH, seen, link=None)):
        assert "(no title)" in "\n".join(texts(list(message.blocks)))
        assert "(no title)" in message.text

"""What became of every item as a file: a row for each, in the words people see, and it reads back as the same."""

import csv
import dataclasses
import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from deletion.ended import Ended, Planned
from deletion.terms.requests.list_files import BadList, FoundList
from deletion.terms.requests.targets import Kind, Mezzanines, Request, Streams, Videos, kind_of
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import FieldChange
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from handlers.cards import outcome_list
from handlers.cards.outcome_list import COLUMNS
from handlers.commands.files import reading
from handlers.text import words
from handlers.text.language import ENGLISH, Language, languages
from tests.handlers.commands.corpus import form, ids_of
from tests.handlers.commands.test_file_corpus import names_of
from tests.handlers.samples import HOSTILE, KINDS, NOW_MS, Sample, media_id, plan_of
from tests.handlers.test_manifest import FORMULA_STARTS
from tests.harness import plans

CALL, REQUEST = "c" * 32, "3F9A2C51-0000-4C1D-9D5B-0242AC130002"
LANGUAGES = list(languages().values())
NAMES = list(languages())


def ended(name: str = media_id(1), **facts: Any) -> Ended:
    planned = Planned(name, facts.pop("title", "Teaser"), facts.pop("video_id", name), facts.pop("size", 1_000))
    return Ended(**{"number": 1, "planned": planned, "outcome": Outcome.DELETED, **facts})


def content(each: Sequence[Ended], lang: Language = ENGLISH, request: Request | None = None) -> bytes:
    return b"".join(outcome_list.lines(lang, request or Videos((media_id(1),)), each))


def row(each: Ended, lang: Language = ENGLISH, request: Request | None = None) -> dict[str, str]:
    text = content([each], lang, request).decode("utf-8-sig")
    (found,) = csv.DictReader(io.StringIO(text, newline=""))
    return found


def test_it_begins_with_a_byte_order_mark_and_the_names_of_its_columns() -> None:
    written = content([ended(), ended(media_id(2))])
    assert written.startswith(b"\xef\xbb\xbfnumber,id,title,video_id,outcome,why,")
    assert written.count(b"\xef\xbb\xbf") == 1
    assert written.count(b"\r\n") == 3
    assert tuple(row(ended())) == COLUMNS


def test_a_row_says_all_that_is_known_of_an_item() -> None:
    assert row(ended(number=7, call_id=CALL, request_id=REQUEST, settled_ms=NOW_MS + 1_999)) == {
        "number": "7",
        "id": media_id(1),
        "title": "Teaser",
        "video_id": media_id(1),
        "outcome": "deleted (absence verified)",
        "why": "",
        "size_bytes": "1000",
        "call_id": CALL,
        "vod_request_id": REQUEST,
        "settled_utc": "2026-01-01T00:00:01Z",
    }


def test_what_is_not_known_is_an_empty_cell() -> None:
    found = row(ended(size=None, video_id=None))
    assert [found[name] for name in ("size_bytes", "video_id", "call_id", "vod_request_id", "settled_utc")] == [
        ""
    ] * 5


@pytest.mark.parametrize("lang", LANGUAGES, ids=NAMES)
@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_is_called_what_people_are_told(outcome: Outcome, lang: Language) -> None:
    assert row(ended(outcome=outcome), lang)["outcome"] == lang.say(words.OUTCOMES[outcome])


@pytest.mark.parametrize("lang", LANGUAGES, ids=NAMES)
def test_what_has_no_final_word_is_waiting(lang: Language) -> None:
    assert row(ended(outcome=None), lang)["outcome"] == lang.say("waiting")


def test_why_names_vods_code_and_what_to_do() -> None:
    note = ItemNote(fault=VodFault(code="Forbidden.RAM", advice="permit", request_id=REQUEST))
    assert row(ended(outcome=Outcome.REFUSED, note=note))["why"].startswith("Forbidden.RAM. ")


def test_why_names_what_changed() -> None:
    note = ItemNote(drift=(FieldChange("title", "Old", "New"),))
    assert row(ended(outcome=Outcome.CHANGED, note=note))["why"] == "title was Old, is New"


def test_why_names_who_stopped_it() -> None:
    note = ItemNote(because=Cause(why=Why.STOPPED_BY_PERSON))
    assert row(ended(outcome=Outcome.STOPPED, note=note))["why"] == "a person stopped it"


def test_a_refusal_without_a_reason_is_given_what_is_known_of_such() -> None:
    why = row(ended(outcome=Outcome.REFUSED), request=Mezzanines((media_id(1),), force=False))["why"]
    assert "needs --force" in why
    assert "--force" not in row(ended(outcome=Outcome.REFUSED))["why"]


def test_what_troubled_a_call_on_the_way_is_not_told_of_what_is_deleted() -> None:
    note = ItemNote(fault=VodFault(code="ServiceUnavailable", advice=""))
    assert row(ended(note=note))["why"] == ""


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_nothing_of_outside_is_taken_for_a_formula(start: str) -> None:
    hostile = f"{start}cmd|'/c calc'!A1"
    note = ItemNote(fault=VodFault(code=hostile, advice=hostile, request_id=hostile))
    made = ended(title=hostile, video_id=hostile, outcome=Outcome.REFUSED, note=note, request_id=hostile)
    found = row(made)
    assert not [cell for cell in found.values() if cell.strip().startswith(FORMULA_STARTS)], found


def test_rows_are_made_one_at_a_time() -> None:
    taken: list[int] = []

    def endless() -> Iterator[Ended]:
        for number in range(1, 10**9):
            taken.append(number)
            yield ended(number=number)

    written = outcome_list.lines(ENGLISH, Videos(()), endless())
    assert [next(written) for _ in range(5)]
    assert taken == [1, 2, 3]


LISTED = [name for name in KINDS if kind_of(plan_of(Sample(kind=name)).request) is not Kind.STREAM]


@pytest.mark.parametrize("lang", LANGUAGES, ids=NAMES)
@pytest.mark.parametrize("kind", LISTED)
@pytest.mark.parametrize("title", ["Teaser", "=1+1", '"; x', HOSTILE])
def test_a_list_of_outcomes_proposes_the_same_when_it_comes_in(kind: str, lang: Language, title: str) -> None:
    count = min(30, KINDS[kind].most)
    plan = plan_of(Sample(kind=kind, count=count))
    if "of" in kind.split():
        return  # kinds of images are no names
    names = [
        old.id if "://" in old.id else new for old, new in zip(plans.targets_of(plan), ids_of(count), strict=True)
    ]
    made = [
        ended(
            name, title=title, number=number, outcome=tuple(Outcome)[number % 8], call_id=CALL, request_id=REQUEST
        )
        for number, name in enumerate(names, 1)
    ]
    video = kind_of(plan.request) is not Kind.IMAGE
    made = [each if video else dataclasses.replace(each, planned=_without_video(each.planned)) for each in made]
    found = reading.read(content(made, lang, plan.request), form(kind_of(plan.request)))
    assert isinstance(found, FoundList), found
    assert names_of(found.request) == names


def _without_video(planned: Planned) -> Planned:
    return dataclasses.replace(planned, video_id=None)


def test_outcomes_of_streams_are_not_taken_for_videos() -> None:
    video, *jobs = ids_of(4)
    made = [ended(job, video_id=video) for job in jobs]
    found = reading.read(content(made, request=Streams(video, tuple(jobs))), form())
    assert isinstance(found, BadList)


def test_a_file_is_named_after_its_proposal() -> None:
    assert outcome_list.file_name(12) == "proposal-12-outcomes.csv"
    assert outcome_list.title(ENGLISH, 12, 120) == "What became of #12 (120 items)"

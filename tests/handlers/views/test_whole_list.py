"""The list of a proposal in a modal: what a page says, in both languages, and what a press on it means."""

import dataclasses
import json
from collections.abc import Mapping

import pytest

from deletion.approval.shown import Shown
from deletion.pages import ROWS, ListPage
from deletion.plan.facts import Warn
from deletion.terms.ids import Digest, proposal_ref
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from deletion.views import ItemView
from handlers.cards import ids
from handlers.text.language import ENGLISH, Language, languages
from handlers.views import whole_list
from sandbox.slack.model.block_kit.blocks import VIEW_BYTES, texts, view_problems
from tests.handlers.samples import (
    BIDI,
    HOSTILE,
    KINDS,
    RECORD,
    Sample,
    is_obeyed,
    media_id,
    plan_of,
)
from tests.handlers.test_card_extremes import LARGEST_FACTS, TITLES

CHINESE = languages()["zh_CN"]
LONG = 123


def page_of(
    sample: Sample,
    start: int = 0,
    *,
    revision: int = 2,
    newest: int = 2,
    items: Mapping[str, ItemView] | None = None,
) -> ListPage:
    plan = plan_of(sample)
    held = plan.holding(each for each in plan.entries if start <= each.place < start + ROWS)
    shown = Shown(RECORD, proposal_ref(4), Digest(plan.digest))
    return ListPage(shown, sample.state, held, revision, newest, start, items or {})


def said(page: ListPage, lang: Language = ENGLISH) -> list[str]:
    made = whole_list.build(lang, page).to_dict()
    assert view_problems(made) == []
    assert len(json.dumps(made).encode()) < VIEW_BYTES
    return list(texts(made["blocks"]))


def buttons(page: ListPage, lang: Language = ENGLISH) -> list[tuple[str, str, str]]:
    blocks = whole_list.build(lang, page).to_dict()["blocks"]
    found = [block for block in blocks if block["type"] == "actions"]
    assert len(found) in {0, 2}
    assert found[:1] == found[1:]
    return [
        (each["action_id"], each["text"]["text"], each["value"])
        for block in found[:1]
        for each in block["elements"]
    ]


def test_a_page_says_where_it_is_and_of_which_plan() -> None:
    page = page_of(Sample(count=LONG), start=50)
    digest = page.plan.digest[:8]
    assert said(page)[0] == f"*51\u2013100 of 123* · plan `{digest}`, revision 2 · the current plan"
    assert (
        said(page, CHINESE)[0]
        == f"*第 51\u2013100 项\uff0c共 123 项* · 删除计划 `{digest}`\uff0c版本 2 · 当前删除计划"
    )
    view = whole_list.build(ENGLISH, page).to_dict()
    assert view["title"]["text"] == "All items of #4"
    assert "submit" not in view


@pytest.mark.parametrize(
    ("start", "turns"),
    [
        (0, [(whole_list.NEXT, "Next: 51\u2013100", "50")]),
        (50, [(whole_list.PREVIOUS, "Previous: 1\u201350", "0"), (whole_list.NEXT, "Next: 101\u2013123", "100")]),
        (100, [(whole_list.PREVIOUS, "Previous: 51\u2013100", "50")]),
    ],
)
def test_the_buttons_name_the_rows_that_they_lead_to(start: int, turns: list[tuple[str, str, str]]) -> None:
    assert buttons(page_of(Sample(count=LONG), start)) == turns


def test_a_last_page_of_one_row_is_named_by_its_number() -> None:
    assert buttons(page_of(Sample(count=51)))[0][1] == "Next: 51"
    assert said(page_of(Sample(count=51), 50))[0].startswith("*51 of 51*")


def test_what_fits_on_one_page_has_no_buttons() -> None:
    assert buttons(page_of(Sample(count=ROWS))) == []


def test_a_row_says_number_title_id_size_length_date_and_warnings() -> None:
    page = page_of(Sample(count=LONG, warnings=(Warn.RECENT, Warn.SAME_TITLE)), start=100)
    row = next(text for text in said(page) if text.startswith("101. "))
    assert row.splitlines() == [
        "101. Teaser 101",
        media_id(101),
        "16.6 MB · 1:01 · uploaded 2025-11-05",
        "Warning: recent, same title",
    ]


def test_once_it_has_begun_a_row_says_what_became_of_it() -> None:
    items = {
        media_id(1): ItemView(media_id(1), Outcome.DELETED, ItemNote()),
        media_id(2): ItemView(media_id(2), Outcome.REFUSED, ItemNote()),
        media_id(3): ItemView(media_id(3), None, ItemNote()),
    }
    page = page_of(Sample(State.FINISHED, count=LONG), items=items)
    second = [text.splitlines()[1] for text in said(page) if text[:1].isdigit()]
    assert second[:4] == [
        "Outcome: deleted (absence verified).",
        "Outcome: refused by VOD.",
        "Outcome: waiting.",
        media_id(4),
    ]
    assert [text.splitlines()[1][:3] for text in said(page, CHINESE) if text[:1].isdigit()][:3] == [
        "结果\uff1a"
    ] * 3


def test_a_plan_that_was_shown_anew_is_said_to_be_an_earlier_one() -> None:
    page = page_of(Sample(count=LONG), revision=1, newest=3)
    where, aged = said(page)[:2]
    assert "the current plan" not in where
    assert "*This is not the current plan.*" in aged
    assert "revision 3" in aged
    assert "the updated card of #4" in aged
    assert "这不是当前的删除计划" in said(page, CHINESE)[1]


@pytest.mark.parametrize("lang", languages().values(), ids=languages())
@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("kind", KINDS)
def test_slack_takes_a_page_of_whatever_media_are_called(kind: str, title: str, lang: Language) -> None:
    facts = {**LARGEST_FACTS, "title": title}
    sample = Sample(State.FINISHED, kind, count=min(LONG, KINDS[kind].most), facts=facts, warnings=tuple(Warn))
    page = page_of(sample)
    items = {each.target.id: ItemView(each.target.id, Outcome.REFUSED, ItemNote()) for each in page.plan.entries}
    for text in said(dataclasses.replace(page, items=items), lang):
        assert [char for char in text if is_obeyed(char)] == []


@pytest.mark.parametrize("title", [HOSTILE, BIDI], ids=["markup", "bidirectional"])
def test_outside_words_stand_in_plain_text_alone(title: str) -> None:
    view = whole_list.build(ENGLISH, page_of(Sample(count=LONG, facts={"title": title}))).to_dict()
    formatted = [block["text"]["text"] for block in view["blocks"] if block.get("text", {}).get("type") == "mrkdwn"]
    assert len(formatted) == 1
    assert not any(words in formatted[0] for words in ("channel", "evil", "Invoice"))


def test_a_press_is_read_back_as_it_was_made() -> None:
    page = page_of(Sample(count=LONG))
    view = whole_list.build(ENGLISH, page).to_dict()
    turn = whole_list.parse(view, {"value": "50"})
    assert (turn.shown, turn.start) == (page.shown, 50)


@pytest.mark.parametrize("value", ["", "-50", "1e9", "9" * 30, "x", None, "\uff15\uff10"])
def test_a_press_on_no_button_of_ours_leads_to_the_first_page(value: str | None) -> None:
    view = {"private_metadata": "{}"}
    assert whole_list.parse(view, {"value": value}) == whole_list.Turn(None, 0)


def test_in_place_of_a_page_there_are_words_and_perhaps_the_buttons_once_more() -> None:
    view = whole_list.build(ENGLISH, page_of(Sample(count=LONG))).to_dict()
    bare, again = (whole_list.instead(view, "Busy.", again=each).to_dict() for each in (False, True))
    for made in (bare, again):
        assert view_problems(made) == []
        assert made["private_metadata"] == view["private_metadata"]
    assert [block["type"] for block in bare["blocks"]] == ["section"]
    assert [block["type"] for block in again["blocks"]] == ["section", "actions"]
    assert ids.read_button(again["private_metadata"]) is not None

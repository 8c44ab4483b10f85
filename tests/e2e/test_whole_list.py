"""The whole list of a proposal, page by page in a modal: who may read it, what it says, what a stale one does."""

import json
import re
from collections.abc import Iterator

import pytest

from deletion import pages
from deletion.approval.shown import Shown
from deletion.pages import ROWS, ListPage
from deletion.plan import cache, older
from deletion.plan.facts import fields_of
from deletion.terms import canonical
from deletion.terms.ids import Digest, RecordId, proposal_ref
from deletion.terms.requests.targets import to_json, with_ids
from deletion.terms.states import State
from handlers.cards import ids as names
from handlers.cards import proposal_card
from handlers.text.language import ENGLISH
from handlers.views import whole_list
from sandbox.slack import Delivery, FaultKind
from sandbox.slack.model.modals import View
from storage import Tx
from tests.e2e.deletions import NO_TRIAL, approve, propose, videos
from tests.e2e.evidence import assert_nothing_was_deleted, texts, value_for
from tests.stage import Opener, Stage

MANY = 120
ROOM = {"COUNTERSIGN_MAX_ITEMS": "5000", **NO_TRIAL}
DASH = "\N{EN DASH}"


@pytest.fixture
def stage(open_stage: Opener) -> Stage:
    return open_stage(**ROOM)


def view_all(stage: Stage, number: int, who: str = "bo") -> Delivery:
    return stage.click(who, "View all", number)


def press(stage: Stage, label: str, who: str = "bo", view: View | None = None) -> Delivery:
    delivery = stage.slack.press_in_modal(who, label, view)
    stage.settle()
    return delivery


def said(view: View | None) -> list[str]:
    assert view is not None
    return [text for _, text in texts(view.blocks)]


def rows(view: View | None) -> dict[int, str]:
    """Return the rows of a page by their numbers."""
    found = [text for text in said(view) if re.match(r"\d+\. ", text)]
    return {int(text.split(".")[0]): text for text in found}


def leafed(stage: Stage, first: View | None, who: str = "bo") -> Iterator[View]:
    """Yield every page, from the first one on, as somebody leafs through it."""
    view = first
    while view is not None:
        yield view
        more = any(text.startswith("Next") for text in said(view))
        view = press(stage, "Next", who).modal if more else None


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_plan_of_2345_is_leafed_through_from_its_first_row_to_its_last(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, **ROOM)
    stage.let_quota_pass()
    library = stage.vod.library
    made = [library.add_video(title=f"scene {n}", tags=("autumn",), has_cover=False) for n in range(2_345)]
    library.change_video(made[1_999].video_id, title="scene 1999: legal hold, do not delete")
    number = stage.propose("ana", "--where tag=autumn")
    card = "\n".join(text for _, text in texts(list(stage.card(number).blocks)))
    assert "*The gravest warnings first*" in card
    assert "legal hold, do not delete" in card

    opened = view_all(stage, number)
    assert opened.modal is not None
    assert opened.modal.title == f"All items of #{number}"
    assert f"*1{DASH}50 of 2,345*" in said(opened.modal)[0]
    pages = list(leafed(stage, opened.modal))
    assert len(pages) == 47
    assert f"*2,301{DASH}2,345 of 2,345*" in said(pages[-1])[0]
    shown = {place: text for page in pages for place, text in rows(page).items()}
    assert list(shown) == list(range(1, 2_346))
    sql = "SELECT target FROM plan_rows WHERE part = 0 ORDER BY ord"
    planned = [row["target"] for row in stage.database.read(lambda tx: tx.rows(sql))]
    assert [text.splitlines()[1] for text in shown.values()] == planned
    assert_nothing_was_deleted(stage)


def test_next_and_previous_lead_on_and_back(stage: Stage) -> None:
    number = propose(stage, videos(stage, MANY))
    first = view_all(stage, number).modal
    assert list(rows(first)) == list(range(1, 51))
    second = press(stage, "Next").modal
    assert list(rows(second)) == list(range(51, 101))
    assert list(rows(press(stage, "Next").modal)) == list(range(101, 121))
    assert list(rows(press(stage, "Previous").modal)) == list(range(51, 101))
    assert first is not None
    assert second is not None
    assert second.id == first.id
    assert stage.view(number).votes == ()
    assert stage.events("vote.refused") == []


def test_whoever_may_not_read_is_refused_in_words(stage: Stage) -> None:
    stage.restart(COUNTERSIGN_READERS=stage.slack.user("gus").id)
    number = propose(stage, videos(stage, MANY))
    for who, words in (("dee", "add you to the readers"), ("gus", "Guests cannot take part")):
        assert view_all(stage, number, who).modal is None
        assert words in stage.answers(who)[-1]
    assert [event["data"]["rule"] for event in stage.events("reading.refused")] == ["not a reader", "guest"]
    assert view_all(stage, number, "cy").modal is not None


def test_who_may_read_no_more_sees_no_further_page(stage: Stage) -> None:
    number = propose(stage, videos(stage, MANY))
    view_all(stage, number, "cy")
    stage.slack.change_person("cy", is_restricted=True)
    after = press(stage, "Next", "cy")
    assert rows(after.modal) == {}
    assert "Guests cannot take part" in said(after.modal)[0]


def test_while_slack_cannot_say_who_it_is_nothing_is_shown(stage: Stage) -> None:
    number = propose(stage, videos(stage, MANY))
    stage.slack.faults.add(FaultKind.ERROR, "users.info", error="internal_error")
    assert view_all(stage, number).modal is None
    assert "Slack could not confirm your account just now" in stage.answers("bo")[-1]


@pytest.mark.parametrize("error", ["expired_trigger_id", "internal_error"])
def test_a_list_that_slack_does_not_open_is_said_privately(stage: Stage, error: str) -> None:
    number = propose(stage, videos(stage, MANY))
    stage.slack.faults.add(FaultKind.ERROR, "views.open", error=error)
    assert view_all(stage, number).modal is None
    assert "could not open the list in time. Click the button once more." in stage.answers("bo")[-1]
    assert view_all(stage, number).modal is not None


def test_a_plan_that_was_shown_anew_is_said_to_be_an_earlier_one_on_each_further_page(stage: Stage) -> None:
    wanted = videos(stage, MANY)
    number = propose(stage, wanted)
    opened = view_all(stage, number).modal
    assert "the current plan" in said(opened)[0]
    stage.vod.library.remove_video(wanted[0])
    stage.click("cy", "Approve", number)
    assert stage.view(number).row.revision == 2

    late = press(stage, "Next").modal
    assert "revision 1" in said(late)[0]
    assert "the current plan" not in said(late)[0]
    assert "shown anew since, as revision 2" in said(late)[1]
    assert list(rows(late)) == list(range(51, 101))
    assert rows(late)[120 - 69].splitlines()[1] == wanted[50]

    anew = view_all(stage, number).modal
    assert "revision 2 · the current plan" in said(anew)[0]
    assert rows(anew)[1].splitlines()[1] == wanted[1]


def test_a_press_on_a_page_that_another_press_has_changed_alters_nothing(stage: Stage) -> None:
    number = propose(stage, videos(stage, MANY))
    first = view_all(stage, number).modal
    second = press(stage, "Next").modal
    again = press(stage, "Next", view=first)
    assert again.error is None
    assert again.modal == second


def test_a_press_on_a_page_that_was_closed_is_no_failure(stage: Stage) -> None:
    number = propose(stage, videos(stage, MANY))
    first = view_all(stage, number).modal
    stage.slack.close_modal("bo")
    late = press(stage, "Next", view=first)
    assert (late.error, late.modal) == (None, None)


def test_a_page_that_slack_does_not_take_is_marked_as_failed_by_slack_itself(stage: Stage) -> None:
    number = propose(stage, videos(stage, MANY))
    first = view_all(stage, number).modal
    for _ in range(2):
        stage.slack.faults.add(FaultKind.ERROR, "views.update", error="internal_error")
    failed = press(stage, "Next")
    assert failed.error is not None
    assert failed.modal == first
    assert list(rows(press(stage, "Next").modal)) == list(range(51, 101))


def test_a_busy_record_is_said_on_the_page_and_the_buttons_stay(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = propose(stage, videos(stage, MANY))
    view_all(stage, number)
    with monkeypatch.context() as broken:
        broken.setattr("deletion.pages.page", lambda *_: 1 / 0)
        busy = press(stage, "Next").modal
    assert "Internal error" in said(busy)[0]
    assert rows(busy) == {}
    assert list(rows(press(stage, "Next").modal)) == list(range(51, 101))


def test_what_became_of_each_item_stands_on_the_page(stage: Stage) -> None:
    number = propose(stage, videos(stage, MANY, forbidden={1, 60}))
    approve(stage, number)
    stage.settle()
    assert stage.state(number) is State.FINISHED
    first = rows(view_all(stage, number).modal)
    assert first[1].splitlines()[1] == "Outcome: deleted (absence verified)."
    assert first[2].splitlines()[1] == "Outcome: refused by VOD."
    second = rows(press(stage, "Next").modal)
    assert [place for place, text in second.items() if "refused by VOD" in text] == [61]


@pytest.mark.parametrize("version", [older.REGION_ONLY, older.PLACED])
def test_a_plan_of_an_earlier_format_is_summed_up_and_leafed_through(stage: Stage, version: int) -> None:
    wanted = videos(stage, MANY)
    stage.vod.library.change_video(wanted[99], title="court order: keep")
    number = propose(stage, wanted)
    digest = stage.database.write(lambda tx: as_of_before(tx, number, version))
    view = stage.view(number)
    assert view.plan is not None
    assert view.plan.version == version
    card = proposal_card.card(ENGLISH, view)
    told = "\n".join(text for _, text in texts(list(card.blocks)))
    for words in ("*Items*\n120 videos", "*Playing time*\n2 h 3 min", "100. court order: keep", "View all 120"):
        assert words in told

    value = value_for(stage, number)
    value = value.replace(json.loads(value)["digest"], digest)
    opened = stage.slack.click_message("bo", "vod-deletions", stage.card(number).ts, names.VIEW_ALL, value)
    assert list(rows(opened.modal)) == list(range(1, 51))
    assert "the current plan" in said(opened.modal)[0]
    last = press(stage, "Next").modal
    assert "100. court order: keep" in rows(last)[100]
    assert "to be kept" in rows(last)[100]


def as_of_before(tx: Tx, number: int, version: int) -> str:
    """Write a proposal's plan anew as an earlier version would have; return its digest."""
    shown, entries = cache.stored(tx, number, 1), cache.page(tx, number, 1, start=0, limit=MANY)
    assert shown is not None
    place = {"region": shown.place.region} if version == older.REGION_ONLY else {"place": shown.place.to_json()}
    text = canonical.dumps(
        {
            "version": version,
            **place,
            "request": to_json(with_ids(shown.request, tuple(each.target.id for each in entries))),
            "targets": [fields_of(each.target) for each in entries],
            "warnings": [[warn, each.target.id] for each in entries for warn in each.warnings],
            "left_out": [],
        }
    )
    digest = canonical.sha256(text)
    tx.run("UPDATE plans SET plan = :text, digest = :digest, rows_id = NULL", text=text, digest=digest)
    tx.run("UPDATE proposals SET digest = :digest", digest=digest)
    return digest


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"digest":"', '"digest":"' + "0" * 8), "belongs to no plan"),
        (('"record":"', '"record":"' + "0" * 8), "another record"),
    ],
    ids=["digest", "record"],
)
def test_a_button_that_names_what_was_never_shown_opens_nothing(
    stage: Stage, change: tuple[str, str], words: str
) -> None:
    number = propose(stage, videos(stage, MANY))
    value = value_for(stage, number).replace(*change)
    name = change[0].strip('":')
    forged = re.sub(rf'("{name}":"[0-9a-f]+)[0-9a-f]{{8}}"', r'\1"', value)
    ts = stage.card(number).ts
    delivery = stage.slack.click_message("bo", "vod-deletions", ts, names.VIEW_ALL, forged)
    stage.settle()
    assert delivery.modal is None
    assert words in stage.answers("bo")[-1]


@pytest.mark.parametrize(
    ("start", "first", "most"), [(0, 0, ROWS), (ROWS + 7, ROWS, ROWS), (MANY - 1, 100, 20), (10**9, 100, 20)]
)
def test_of_a_long_list_no_more_than_a_page_is_read(stage: Stage, start: int, first: int, most: int) -> None:
    number = propose(stage, videos(stage, MANY))
    shown = Shown(RecordId(""), proposal_ref(number), Digest(stage.view(number).row.digest or ""))
    page = stage.database.read(lambda tx: pages.page(tx, shown, start))
    assert isinstance(page, ListPage)
    assert (page.start, len(page.plan.entries)) == (first, most)


def test_the_modal_asks_for_nothing_that_could_be_submitted(stage: Stage) -> None:
    number = propose(stage, videos(stage, MANY))
    opened = view_all(stage, number).modal
    assert opened is not None
    assert opened.inputs() == []
    assert opened.content.get("submit") is None
    assert opened.content["callback_id"] == whole_list.CALLBACK_ID

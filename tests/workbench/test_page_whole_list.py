"""A long list on the page: what it amounts to on its card, and all of it in a modal, page by page."""

from datetime import timedelta

from playwright.sync_api import expect

from sandbox.workbench.cards import PENDING, VIEW_ALL
from tests.workbench.visitor import Visitor

COUNT = 120
DASH = "\N{EN DASH}"


def test_a_long_list_is_summed_up_on_its_card_and_leafed_through(visitor: Visitor) -> None:
    library, clock = visitor.vod.library, visitor.slack.clock
    for n in range(COUNT):
        library.add_video(
            title=f"Harbour tour, take {n + 1}" if n != 77 else "Harbour tour, do not delete",
            tags=("harbour",),
            has_cover=False,
            category="Harbour & *more*" if n % 2 else "Boats",
            category_id=n % 2 + 1,
            created=clock.now() - timedelta(days=2 * COUNT - n),
        )
    number = visitor.propose("--where tag=harbour")
    visitor.become("bo")
    card = visitor.card(number)
    expect(card).to_contain_text("120 videos")
    for words in ("Playing time", "2 h 3 min", "By category", "Harbour & *more* 60", "The gravest warnings first"):
        expect(card).to_contain_text(words)
    expect(card).to_contain_text("78. Harbour tour, do not delete")
    expect(card).to_contain_text("5. Harbour tour, take 5")

    visitor.press(number, VIEW_ALL)
    modal = visitor.tab.get_by_role("dialog")
    expect(modal).to_contain_text(f"1{DASH}50 of 120")
    expect(modal).to_contain_text("the current plan")
    expect(modal).to_contain_text("50. Harbour tour, take 50")
    expect(modal.get_by_role("button", name="Previous")).to_have_count(0)
    modal.get_by_role("button", name=f"Next: 51{DASH}100").first.click()
    expect(modal).to_contain_text(f"51{DASH}100 of 120")
    expect(modal).to_contain_text("78. Harbour tour, do not delete")
    expect(modal).not_to_contain_text("50. Harbour tour, take 50")
    modal.get_by_role("button", name=f"Next: 101{DASH}120").last.click()
    expect(modal).to_contain_text("120. Harbour tour, take 120")
    expect(modal.get_by_role("button", name="Next")).to_have_count(0)
    modal.get_by_role("button", name=f"Previous: 51{DASH}100").first.click()
    expect(modal).to_contain_text(f"51{DASH}100 of 120")
    modal.locator("footer").get_by_role("button", name="Close").click()
    expect(modal).to_have_count(0)
    visitor.until(number, PENDING)


def test_who_may_not_read_is_told_so_privately(visitor: Visitor) -> None:
    library = visitor.vod.library
    ids = [library.add_video(title=f"Quay, take {n}", has_cover=False).video_id for n in range(25)]
    number = visitor.propose(f"video {' '.join(ids)}")
    visitor.become("gus")
    visitor.press(number, VIEW_ALL)
    answer = visitor.tab.locator("main .message.ephemeral").last
    expect(answer).to_contain_text("Only those who may propose, approve or read can see what is proposed")
    expect(visitor.tab.get_by_role("dialog")).to_have_count(0)


def test_a_page_that_slack_does_not_take_says_that_the_press_failed(visitor: Visitor) -> None:
    library = visitor.vod.library
    ids = [library.add_video(title=f"Pier, take {n}", has_cover=False).video_id for n in range(60)]
    number = visitor.propose(f"video {' '.join(ids)}")
    visitor.press(number, VIEW_ALL)
    modal = visitor.tab.get_by_role("dialog")
    expect(modal).to_contain_text("1. Pier, take 0")
    for _ in range(2):
        visitor.slack.faults.add("error", "views.update", error="internal_error")
    modal.get_by_role("button", name="Next").first.click()
    expect(modal.get_by_role("alert")).to_contain_text("We had some trouble connecting")
    modal.get_by_role("button", name="Next").first.click()
    expect(modal).to_contain_text("60. Pier, take 59")
    expect(modal.get_by_role("alert")).to_have_count(0)
    visitor.tab.keyboard.press("Escape")
    expect(modal).to_have_count(0)

"""Approving a big deletion on the page: the form that asks for the number of its items."""

from playwright.sync_api import expect

from sandbox.workbench.cards import APPROVE, FINISHED, WITHDRAWN
from tests.workbench.visitor import Visitor

COUNT = 18


def test_a_big_deletion_is_approved_by_typing_its_number_of_items(visitor: Visitor) -> None:
    library = visitor.vod.library
    ids = [library.add_video(title=f"Season 4, take {n}", has_cover=False).video_id for n in range(COUNT)]
    number = visitor.propose(f"video {' '.join(ids)}")
    visitor.become("bo")
    visitor.press(number, APPROVE)
    form = visitor.tab.get_by_role("dialog")
    expect(form).to_contain_text("This deletes 18 items")
    expect(form).to_contain_text("Season 4, take 0")
    expect(form).to_contain_text("there is no recycle bin")
    field = form.locator("input")
    expect(field).to_be_focused()
    for typed, words in (("", "required"), ("nine", "whole number"), ("8", "8 is not the number of items")):
        field.fill(typed)
        form.locator("button[type=submit]").click()
        expect(form.get_by_role("alert")).to_contain_text(words)
        expect(field).to_be_focused()
    field.fill("18")
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)
    visitor.until(number, FINISHED)


def test_what_is_over_meanwhile_is_said_in_the_form(visitor: Visitor) -> None:
    library = visitor.vod.library
    ids = [library.add_video(title=f"Season 5, take {n}", has_cover=False).video_id for n in range(COUNT)]
    number = visitor.propose(f"video {' '.join(ids)}")
    visitor.become("bo")
    visitor.press(number, APPROVE)
    form = visitor.tab.get_by_role("dialog")
    expect(form.locator("input")).to_be_visible()
    visitor.slack.say("ana", f"/vod withdraw {number}", channel="vod-deletions")
    visitor.until(number, WITHDRAWN)
    form.locator("input").fill("18")
    form.locator("button[type=submit]").click()
    expect(form).to_contain_text("was withdrawn")
    expect(form.locator("button[type=submit]")).to_have_count(0)
    form.locator("footer button").click()
    expect(form).to_have_count(0)

"""Looking on the page: found, ticked and proposed; shown, and a stream of it proposed."""

from datetime import timedelta

from playwright.sync_api import Locator, expect

from sandbox.vod.model.media import Stream
from tests.workbench.test_page_care import found_by_axe
from tests.workbench.visitor import Visitor


def _check_and_propose(modal: Locator, first: str, reason: str) -> None:
    """Go from the form, filled in already, over what would go to a proposal."""
    modal.get_by_role("textbox", name="Reason").fill(reason)
    modal.locator("button[type=submit]").last.click()
    expect(modal).to_contain_text(first)
    modal.locator("button[type=submit]").last.click()


def test_videos_are_found_ticked_on_two_pages_and_proposed(visitor: Visitor) -> None:
    library, clock = visitor.vod.library, visitor.slack.clock
    for n in range(12):
        library.add_video(title=f"Lighthouse, take {n + 1}", created=clock.now() - timedelta(days=n + 2))
    before = len(visitor.slack.ephemerals("ana"))
    visitor.type("/vod find lighthouse")
    modal = visitor.tab.get_by_role("dialog")
    first = modal.locator(".field", has_text="1. Lighthouse, take 1").first
    expect(first).to_be_visible()
    expect(modal.get_by_role("img", name="Picture of Lighthouse, take 1", exact=True)).to_be_visible()
    assert found_by_axe(visitor.tab) == []
    first.get_by_role("checkbox").check()
    modal.get_by_role("button", name="Next").click()
    second = modal.locator(".field", has_text="12. Lighthouse, take 12")
    expect(second).to_be_visible()
    expect(modal).to_contain_text("1 is ticked on other pages.")
    second.get_by_role("checkbox").check()
    modal.get_by_role("button", name="Previous").click()
    expect(first.get_by_role("checkbox")).to_be_checked()
    modal.get_by_role("button", name="Propose ticked…").click()

    form = visitor.tab.get_by_role("dialog").last
    expect(form.get_by_role("textbox", name="IDs")).to_have_value(_both(visitor))
    _check_and_propose(visitor.tab.get_by_role("dialog").last, "2 videos", "rights expired")
    number = visitor.told(before)
    expect(visitor.card(number)).to_contain_text("Lighthouse, take 12")


def _both(visitor: Visitor) -> str:
    wanted = ("Lighthouse, take 1", "Lighthouse, take 12")
    (one, other) = (visitor.vod.library.titled(title)[0].video_id for title in wanted)
    return f"{one}\n{other}"


def test_a_stream_is_proposed_from_what_is_shown(visitor: Visitor) -> None:
    library = visitor.vod.library
    video = library.add_video(title="Lightship", streams=(Stream("HD"), Stream("LD")), has_cover=False)
    before = len(visitor.slack.ephemerals("ana"))
    visitor.type(f"/vod show {video.video_id}")
    modal = visitor.tab.get_by_role("dialog")
    expect(modal.get_by_role("heading", name="Lightship")).to_be_visible()
    expect(modal).to_contain_text("Plays in the last 90 days: no data")
    visitor.tab.emulate_media(color_scheme="dark")
    expect(visitor.tab.locator("html")).to_have_attribute("data-theme", "dark")
    assert found_by_axe(visitor.tab) == []
    modal.get_by_role("checkbox", name="LD stream").check()
    modal.get_by_role("button", name="Propose ticked streams").click()
    form = visitor.tab.get_by_role("dialog").last
    expect(form.get_by_role("checkbox", name="LD stream")).to_be_checked()
    _check_and_propose(form, "1 stream", "re-encoded since")
    number = visitor.told(before)
    expect(visitor.card(number)).to_contain_text("LD stream")

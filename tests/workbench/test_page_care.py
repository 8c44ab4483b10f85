import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.bot_process import BotProcess
from sandbox.slack import SlackSandbox
from sandbox.slack.model.directory import BOT_USER_ID
from sandbox.slack.model.messages import Draft
from sandbox.vod import VodSandbox, seed
from sandbox.workbench import Workbench
from sandbox.workbench.cards import APPROVE, FINISHED, PENDING, REJECT
from tests.workbench.visitor import Visitor

AXE = Path("build/page-build/node_modules/axe-core/axe.min.js")
GRAVE = {"serious", "critical"}
PHONE = {"width": 390, "height": 844}


def found_by_axe(tab: Page) -> list[Any]:
    tab.add_script_tag(path=AXE)
    found = tab.evaluate("() => axe.run()")
    return [
        (one["id"], [node["html"][:200] for node in one["nodes"]][:5])
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]


@dataclass(frozen=True)
class Dressed:
    """A visitor of a channel with a proposal that waits."""

    visitor: Visitor
    waiting: int


@pytest.fixture
def dressed(visitor: Visitor) -> Dressed:
    """A channel with a card that waits, one that is finished, and a private answer."""
    first, second = visitor.untouched(2)
    number = visitor.propose(f"video {first.video_id}")
    visitor.become("bo")
    visitor.approve(number)
    visitor.until(number, FINISHED)
    visitor.become("ana")
    return Dressed(visitor, visitor.propose(f"video {second.video_id}"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(dressed: Dressed, scheme: Any) -> None:
    tab = dressed.visitor.tab
    tab.emulate_media(color_scheme=scheme)
    expect(tab.locator("html")).to_have_attribute("data-theme", scheme)
    assert found_by_axe(tab) == []
    tab.get_by_role("button", name="repl").first.click()
    assert found_by_axe(tab) == []
    tab.get_by_role("button", name="Things to try").click()
    assert found_by_axe(tab) == []
    dressed.visitor.composer.fill("/vod d")
    assert found_by_axe(tab) == []
    tab.set_viewport_size(PHONE)  # type: ignore[arg-type] # a literal dict is not seen as ViewportSize
    assert found_by_axe(tab) == []


def test_axe_finds_nothing_grave_in_dialogs(dressed: Dressed) -> None:
    tab = dressed.visitor.tab
    dressed.visitor.become("bo")
    dressed.visitor.press(dressed.waiting, APPROVE)
    assert found_by_axe(tab) == []
    tab.keyboard.press("Escape")
    dressed.visitor.press(dressed.waiting, REJECT)
    modal = tab.get_by_role("dialog")
    modal.locator("button[type=submit]").click()
    expect(modal.locator(".field-error")).to_be_visible()
    assert found_by_axe(tab) == []
    tab.keyboard.press("Escape")
    expect(modal).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave_around_files(visitor: Visitor, scheme: Any) -> None:
    tab, listed = visitor.tab, {"name": "list.csv", "mimeType": "text/csv", "buffer": b"id"}
    tab.emulate_media(color_scheme=scheme)
    expect(tab.locator("html")).to_have_attribute("data-theme", scheme)
    tab.locator("main input[type=file]").set_input_files(listed)  # type: ignore[arg-type] # as above
    expect(tab.locator("main .chosen-file")).to_be_visible()
    assert found_by_axe(tab) == []
    visitor.type("here")
    message = tab.locator("main .message").last
    expect(message).to_contain_text("here")
    message.get_by_role("button", name="More actions").click()
    expect(tab.get_by_role("menuitem").first).to_be_focused()
    assert found_by_axe(tab) == []
    tab.keyboard.press("Escape")
    visitor.type("/vod delete --file")
    form = tab.get_by_role("dialog")
    form.locator("button[type=submit]").click()
    expect(form.locator(".field-error").first).to_be_visible()
    assert found_by_axe(tab) == []
    form.locator("input[type=file]").set_input_files(listed)  # type: ignore[arg-type] # as above
    expect(form.locator(".chosen-file")).to_be_visible()
    assert found_by_axe(tab) == []
    form.get_by_label("What to delete").select_option("stream")
    expect(form.get_by_role("group", name="Streams")).to_be_visible()
    search = form.get_by_role("combobox", name="Videos by title")
    search.fill("spring")
    offered = form.get_by_role("listbox", name="Found")
    expect(offered).to_be_visible()
    assert found_by_axe(tab) == []
    search.press("Escape")
    expect(offered).to_have_count(0)
    search.press("Escape")
    expect(form).to_have_count(0)


def test_the_phone_shows_the_card_and_its_buttons_without_scrolling_sideways(dressed: Dressed) -> None:
    tab, card = dressed.visitor.tab, dressed.visitor.card(dressed.waiting)
    tab.set_viewport_size(PHONE)  # type: ignore[arg-type] # a literal dict is not seen as ViewportSize
    approve = card.get_by_role("button", name=dressed.visitor.label(dressed.waiting, APPROVE), exact=True)
    approve.scroll_into_view_if_needed()
    expect(approve).to_be_in_viewport(ratio=1)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_theme_can_be_switched_and_is_remembered(visitor: Visitor) -> None:
    visitor.tab.get_by_role("button", name="Switch to dark").click()
    visitor.tab.reload()
    expect(visitor.tab.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_hostile_title_is_shown_and_not_obeyed(visitor: Visitor) -> None:
    number = visitor.propose(f"video {seed.MARKUP_TITLE.video_id}")
    card = visitor.card(number)
    expect(card).to_contain_text(seed.MARKUP_TITLE.title)
    # The two are the card's own: no title becomes one.
    expect(card.get_by_role("link")).to_have_text(["Open in the VOD console", "In the audit channel"])
    expect(card.locator(".slack_broadcast")).to_have_count(0)


def test_a_bot_that_does_not_answer_in_time_is_shown_as_slack_does(visitor: Visitor) -> None:
    bot = visitor.workbench.theatre.bot
    assert isinstance(bot, BotProcess)
    bot.suspend()
    try:
        visitor.type("/vod list")
        expect(visitor.tab.locator(".message.ephemeral").last).to_contain_text("operation_timeout")
    finally:
        bot.resume()


def test_somebody_of_another_company_cannot_use_the_command(visitor: Visitor) -> None:
    visitor.become("eve")
    visitor.type("/vod list")
    expect(visitor.tab.locator("main").get_by_role("alert")).to_contain_text("another company")


def test_two_pages_see_the_same_without_reloading(visitor: Visitor, browser: Browser) -> None:
    context = browser.new_context()
    other = Visitor.arrive(context.new_page(), visitor.workbench, "cy")
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    other.until(number, PENDING)
    status = other.tab.locator("main [role=status][aria-live]")
    expect(status).to_contain_text("New message from Countersign: ")
    context.close()


def test_a_click_in_the_library_puts_the_id_before_the_reason(visitor: Visitor) -> None:
    visitor.composer.fill('/vod delete video --reason "old"')
    visitor.tab.get_by_role("searchbox").fill(seed.WAREHOUSE_TOUR.video_id)
    visitor.tab.get_by_role("button", name=seed.WAREHOUSE_TOUR.title, exact=True).click()
    expect(visitor.composer).to_have_value(f'/vod delete video {seed.WAREHOUSE_TOUR.video_id} --reason "old"')


@pytest.fixture(scope="module")
def crowded(page_folder: Path) -> Iterator[Workbench]:
    """A workbench without a bot: 2,000 messages in a channel and 10,000 videos."""
    with VodSandbox.start(seed_library=False) as vod, SlackSandbox.start(environ={}) as slack:
        for number in range(10_000):
            vod.library.add_video(title=f"Video {number}")
        text = json.dumps({"facts": "x" * 300})
        blocks = tuple({"type": "section", "text": {"type": "mrkdwn", "text": f"*{n}* {text}"}} for n in range(8))
        for number in range(2_000):
            slack.workspace.post("C0VODDELETE", Draft(user=BOT_USER_ID, text=f"Message {number}", blocks=blocks))
        with Workbench.start(slack, vod, None, page=page_folder) as running:
            yield running


def test_thousands_of_messages_and_videos_stay_light(tab: Page, crowded: Workbench) -> None:
    tab.goto(crowded.url)
    paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    assert paint < 1000
    visitor = Visitor(tab, crowded)
    expect(tab.locator("main .message").last).to_be_in_viewport()
    expect(tab.get_by_text("10,000 · click")).to_be_visible()
    assert tab.locator("main .message").count() <= 60
    assert tab.locator(".media > li").count() < 60
    tab.get_by_role("region", name="Media", exact=True).evaluate("it => it.scrollTo(0, it.scrollHeight)")
    expect(tab.get_by_role("button", name="Video 0", exact=True)).to_be_visible()
    tab.get_by_role("searchbox").fill("Video 4321")
    expect(tab.get_by_text("1 of 10,000")).to_be_visible()
    tab.get_by_role("button", name="Show earlier messages").click()
    expect(tab.locator("main .message")).to_have_count(180)
    visitor.composer.fill("quick")
    took = tab.evaluate(
        """() => new Promise(done => {
            const it = document.querySelector('.conversation'); let frames = 0; const start = performance.now();
            const step = () => { it.scrollTop -= 200; frames += 1;
              frames < 30 ? requestAnimationFrame(step) : done(performance.now() - start); };
            requestAnimationFrame(step); })"""
    )
    assert took < 3_000


def test_without_a_bot_to_restart_that_scene_cannot_be_played(tab: Page, crowded: Workbench) -> None:
    tab.goto(crowded.url)
    tab.get_by_role("button", name="Things to try").click()
    scene = tab.locator('[data-scene="kill"]')
    expect(scene.get_by_role("button", name="Play")).to_be_disabled()
    expect(scene).to_contain_text("Needs the demo")

"""Looking on the page: found, ticked and proposed; shown, and a stream of it proposed."""

import re
from datetime import timedelta

from playwright.sync_api import Locator, expect

from deletion.terms.requests.targets import Streams, Videos
from handlers.text import words
from handlers.text.language import ENGLISH, Language
from sandbox.vod.model.media import Stream
from tests.workbench.test_page_care import found_by_axe
from tests.workbench.visitor import Visitor


def _check_and_propose(modal: Locator, lang: Language, first: str, reason: str) -> None:
    """Go from the form, filled in already, over what would go to a proposal."""
    modal.get_by_role("textbox", name=lang.say("Reason")).fill(reason)
    modal.locator("button[type=submit]").last.click()
    expect(modal).to_contain_text(first)
    modal.locator("button[type=submit]").last.click()


def test_videos_are_found_ticked_on_two_pages_and_proposed(visitor: Visitor, lang: Language) -> None:
    library, clock = visitor.vod.library, visitor.slack.clock
    word = "lighthouse" if lang is ENGLISH else "灯塔"
    ids = [
        library.add_video(title=f"{word}, take {n}", created=clock.now() - timedelta(days=n)).video_id
        for n in range(2, 14)
    ]
    before = len(visitor.slack.ephemerals("ana"))
    visitor.type(f"/vod find {word}")
    modal = visitor.tab.get_by_role("dialog")
    submit = modal.get_by_role("button", name=lang.say("Propose ticked…"))
    first = modal.locator(".field", has_text=f"1. {word}, take 2").first
    expect(first).to_be_visible()
    picture = lang.say("Picture of {title}", title=f"{word}, take 2")
    expect(modal.get_by_role("img", name=picture, exact=True)).to_be_visible()
    submit.click()
    expect(first.locator(".field-error")).to_have_text(lang.say("Tick at least one video first."))
    assert found_by_axe(visitor.tab) == []
    first.get_by_role("checkbox").check()
    modal.get_by_role("button", name=lang.say("Next")).click()
    second = modal.locator(".field", has_text=f"12. {word}, take 13")
    expect(second).to_be_visible()
    expect(modal).to_contain_text(lang.say_n("{n} is ticked on other pages.", "{n} are ticked on other pages.", 1))
    second.get_by_role("checkbox").check()
    modal.get_by_role("button", name=lang.say("Previous")).click()
    expect(first.get_by_role("checkbox")).to_be_checked()
    submit.click()

    form = visitor.tab.get_by_role("dialog").last
    expect(form.get_by_role("textbox", name=lang.say("Or IDs and addresses"))).to_have_value(f"{ids[0]}\n{ids[-1]}")
    _check_and_propose(form, lang, words.things(lang, Videos(()), 2), "rights expired")
    number = visitor.told(before)
    expect(visitor.card(number)).to_contain_text(f"{word}, take 13")


def test_a_stream_is_proposed_from_what_is_shown_though_vod_was_away_at_first(
    visitor: Visitor, lang: Language
) -> None:
    library, tab = visitor.vod.library, visitor.tab
    video = library.add_video(title="Lightship", streams=(Stream("HD"), Stream("LD")), has_cover=False)
    before = len(visitor.slack.ephemerals("ana"))
    visitor.vod.faults.set("unavailable", "BatchGetMediaInfos", ids=[video.video_id])
    visitor.type(f"/vod show {video.video_id}")
    modal = tab.get_by_role("dialog")
    again = modal.get_by_role("button", name=lang.say("Try again"))
    expect(again).to_be_visible()
    tab.emulate_media(color_scheme="dark")
    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    assert found_by_axe(tab) == []
    visitor.vod.faults.clear()
    again.click()
    expect(modal.get_by_role("heading", name="Lightship")).to_be_visible()
    expect(modal).to_contain_text(lang.say("Plays in the last {n} days: no data", n=90))
    assert found_by_axe(tab) == []
    stream = re.compile(lang.say("{definition} stream, {format}, {size}", definition="LD", format="mp4", size=".*"))
    modal.get_by_role("checkbox", name=stream).check()
    modal.get_by_role("button", name=lang.say("Propose ticked streams")).click()
    form = tab.get_by_role("dialog").last
    expect(form.get_by_role("checkbox", name=stream)).to_be_checked()
    _check_and_propose(form, lang, words.things(lang, Streams("", ()), 1), "re-encoded since")
    number = visitor.told(before)
    expect(visitor.card(number)).to_contain_text("LD stream")

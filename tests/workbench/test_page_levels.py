"""The form on each level, in both languages: what is wrong is said at its field, what would go is shown."""

from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from deletion.terms.requests.targets import Images, ImagesOf, Mezzanines, Request, Streams, VideoImages, Videos
from handlers.cards.parts.targets import IMAGE_SETS
from handlers.text import words
from handlers.text.language import Language
from handlers.views.proposing import form
from handlers.views.proposing.filled import Level
from sandbox.slack import FaultKind
from sandbox.vod.model.media import Stream
from sandbox.workbench.cards import PENDING, number_in
from sandbox.workbench.shortcuts import message_shortcuts, shortcuts
from tests.workbench.test_page_care import found_by_axe
from tests.workbench.visitor import Visitor

REQUIRED = "This is a required field"
"""What Slack says by itself, in the words of the page."""

OWN_FIELD = {
    Level.VIDEO: form.FOUND_BLOCK,
    Level.MEZZANINE: form.FORCE_BLOCK,
    Level.IMAGE: form.PICTURES_BLOCK,
    Level.IMAGES_OF: form.IMAGES_BLOCK,
    Level.STREAM: form.STREAMS_BLOCK,
}
"""A field that the form has on this level, and not on the one that was tried before."""


@dataclass(frozen=True)
class Try:
    """What somebody looks at with this in the form, and what is said to it: ``at`` a field, or of what would go."""

    level: Level
    ids: str
    said: str
    at: str = ""
    tick: str = ""


def tries(lang: Language, visitor: Visitor) -> Iterator[Try]:
    library = visitor.vod.library
    video = library.add_video(title="Slipway", streams=(Stream("HD"), Stream("LD")), has_cover=False).video_id
    other = library.add_video(title="Capstan").video_id
    image = library.add_image(title="Slipway, poster").image_id
    yield Try(Level.VIDEO, video[:-1], "31", at=form.IDS_BLOCK)
    yield Try(Level.VIDEO, video, would_go(lang, Videos((video,))))
    missing = lang.say("Say which: by title, by ID or address, or by a list in a file.")
    yield Try(Level.MEZZANINE, "", missing, at=form.IDS_BLOCK, tick=lang.say("Also those that play (--force)"))
    yield Try(Level.MEZZANINE, video, would_go(lang, Mezzanines((video,), force=True)))
    yield Try(Level.IMAGE, "poster.png", "poster.png", at=form.IDS_BLOCK)
    yield Try(Level.IMAGE, image, would_go(lang, Images((image,))))
    one = lang.say("Name one video, and no more: by its title, its ID or its address.")
    yield Try(Level.IMAGES_OF, other, REQUIRED, at=form.IMAGES_BLOCK)
    cover = lang.say(IMAGE_SETS[VideoImages.COVER])
    yield Try(Level.IMAGES_OF, f"{video}\n{other}", one, at=form.IDS_BLOCK, tick=cover)
    yield Try(Level.IMAGES_OF, other, would_go(lang, ImagesOf(other, (VideoImages.COVER,))))
    yield Try(Level.STREAM, video, lang.say("Choose at least one stream."), at=form.STREAMS_BLOCK)
    yield Try(Level.STREAM, video, would_go(lang, Streams(video, ("LD",))), tick="LD")


def would_go(lang: Language, request: Request) -> str:
    said = lang.say("*This would delete {what}*: {size}.", what=words.things(lang, request, 1), size="")
    return said.split("*")[1]


def submit(modal: Locator) -> None:
    modal.locator("button[type=submit]").click()


def field(modal: Locator, block: str) -> Locator:
    return modal.locator(f'[data-block="{block}"]')


def choose(modal: Locator, lang: Language, level: Level) -> None:
    modal.get_by_label(lang.say("What to delete")).select_option(level)
    expect(field(modal, OWN_FIELD[level])).to_be_visible()


def test_on_every_level_what_is_wrong_is_said_at_its_field(visitor: Visitor, lang: Language) -> None:
    tab, told = visitor.tab, len(visitor.slack.dm("ana"))
    tab.locator("main").get_by_role("button", name="Shortcuts").click()
    tab.get_by_role("menuitem", name=shortcuts("global")[0]["name"]).click()
    modal = tab.get_by_role("dialog", name=lang.say("Propose a deletion"))
    shown = tab.get_by_role("dialog", name=lang.say("Check, then propose"))
    field(modal, form.REASON_BLOCK).locator("textarea").fill("the licence ended")
    level = None
    for each in tries(lang, visitor):
        if each.level is not level:
            choose(modal, lang, each.level)
            level = each.level
        if each.tick:
            modal.get_by_role("checkbox", name=each.tick).check()
        field(modal, form.IDS_BLOCK).locator("textarea").fill(each.ids)
        submit(modal)
        if each.at:
            expect(field(modal, each.at).locator(".field-error")).to_contain_text(each.said)
            assert found_by_axe(tab) == []
            continue
        expect(shown).to_contain_text(each.said)
        expect(shown.get_by_label(lang.say("Reason"))).to_have_value("the licence ended")
        if each.level is not Level.STREAM:
            shown.get_by_role("button", name=lang.say("Back"), exact=True).click()
    assert found_by_axe(tab) == []
    submit(shown)
    expect(tab.get_by_role("dialog")).to_have_count(0)
    assert visitor.slack.wait_until(lambda: len(visitor.slack.dm("ana")) > told)
    number = number_in(visitor.slack.dm("ana")[told].text)
    assert number is not None
    visitor.until(number, PENDING)
    expect(visitor.card(number)).to_contain_text("LD stream")


def test_the_ids_of_a_message_are_proposed_from_its_menu_though_the_form_came_too_late(
    visitor: Visitor, lang: Language
) -> None:
    tab, ids = visitor.tab, [video.video_id for video in visitor.untouched(2)]
    before = len(visitor.slack.ephemerals("ana"))
    visitor.slack.say("bo", f"{ids[0]} and {ids[1]} can go")
    visitor.slack.faults.add(FaultKind.ERROR, "views.open", error="expired_trigger_id")
    message = tab.locator("main .message", has_text=f"{ids[1]} can go")
    message.get_by_role("button", name="More actions").click()
    tab.get_by_role("menuitem", name=message_shortcuts()[0]["name"]).click()
    answer = tab.locator("main .message.ephemeral").last
    late = lang.say("Slack could not open the form in time; nothing was stored. Try once more.")
    expect(answer).to_contain_text(late)
    answer.get_by_role("button", name=lang.say("Propose a deletion…")).click()
    modal = tab.get_by_role("dialog", name=lang.say("Propose a deletion"))
    expect(field(modal, form.IDS_BLOCK).locator("textarea")).to_have_value("\n".join(ids))
    choose(modal, lang, Level.VIDEO)
    field(modal, form.REASON_BLOCK).locator("textarea").fill("the licence ended")
    submit(modal)
    shown = tab.get_by_role("dialog", name=lang.say("Check, then propose"))
    expect(shown).to_contain_text(words.things(lang, Videos(()), 2))
    submit(shown)
    expect(tab.get_by_role("dialog")).to_have_count(0)
    number = visitor.told(before)
    for each in ids:
        expect(visitor.card(number)).to_contain_text(each)

"""Photographs what people touch besides the card: forms, search, one video, Home, questions, notifications."""

from datetime import datetime, timedelta

from playwright.sync_api import Locator, ViewportSize, expect

from sandbox.control_client import ask, tell
from sandbox.photographer import Photographer
from sandbox.vod import seed
from sandbox.workbench.cards import ASK, COMMENT, FINISHED

TALL = ViewportSize(width=1280, height=1500)
PHONE = ViewportSize(width=390, height=844)
LONG = 3000
"""Height of a page on which the longest modal is seen without scrolling."""

LEVELS = {
    "video": "found",
    "mezzanine": "force",
    "image": "pictures",
    "images of": "images",
    "stream": "streams",
}
"""Levels of the form, each with a field that it has and the one before has not."""

HARD_TITLES = (
    "x",
    "片",
    "🎬🎉 Wrap party 👩\N{ZERO WIDTH JOINER}💻",
    "أرشيف الأخبار: نشرة الثامنة مساءً",
    "סרטון ישן, חלק 2 (final).mp4",
    "Spaces  and\ttabs, 100 % <b>bold</b> & _more_",
)
DAY_S = 86_400.0


def photograph(on: Photographer) -> None:
    """Photograph every surface, by day and on a phone by night."""
    on.open("#vod-deletions")
    for name, size, scheme in (("desk", TALL, "light"), ("phone", PHONE, "dark")):
        on.tab.set_viewport_size(size)
        on.tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # a word from a table is not seen as one
        _hard_titles(on, name)
        _form(on, name)
        _looking(on, name)
        _questions(on, name)
        _homes(on, name)
    _reminder(on)


def _form(on: Photographer, where: str) -> None:
    """The form on each level, with nothing but a reason in it."""
    form = _opened(on, "ana", "/vod delete")
    on.field("reason").locator("textarea").fill("the licence ended in June")
    for level, own in LEVELS.items():
        on.field("level").locator("select").select_option(level)
        expect(on.field(own)).to_be_visible()
        form.locator("button[type=submit]").click()
        expect(form.locator(".field-error").first).to_be_visible()
        _take_long(on, f"{where}-form-{level.replace(' ', '-')}")
    _close(on)


def _looking(on: Photographer, where: str) -> None:
    """Hits, what is ticked among them in the form, and everything about one video."""
    modal = _opened(on, "ana", "/vod find 2024")
    expect(modal.get_by_role("checkbox").first).to_be_visible()
    _take_long(on, f"{where}-find")
    modal.get_by_role("checkbox").first.check()
    modal.locator("button[type=submit]").click()
    form = on.dialog
    expect(on.field("reason")).to_be_visible()
    _take_long(on, f"{where}-form-of-the-ticked")
    on.field("reason").locator("textarea").fill("the licence ended in June")
    form.locator("button[type=submit]").click()
    expect(on.dialog).to_contain_text("1. ")
    _take_long(on, f"{where}-form-checked")
    _close(on)
    modal = _opened(on, "ana", f"/vod show {seed.OLD_STREAMS.video_id}")
    expect(modal.get_by_role("checkbox").first).to_be_visible()
    _take_long(on, f"{where}-show")
    _close(on)
    modal = _opened(on, "ana", "/vod find zebra quagga")
    expect(modal.locator("strong")).to_be_visible()
    _take_long(on, f"{where}-find-nothing")
    _close(on)


def _questions(on: Photographer, where: str) -> None:
    """A question, its answer and an approval with a comment, in forms, on the card and in its thread."""
    number = on.propose(f"video {on.fresh(1)[0]}", "the licence ended in June")
    on.press("bo", number, ASK)
    form = on.dialog
    expect(form.locator("textarea")).to_be_visible()
    _take_long(on, f"{where}-ask")
    _fill(on, "Is it still in the *campaign* of <https://example.com|August>?")
    on.become("ana")
    on.card(number).get_by_role("button", name="repl").click()
    thread = on.tab.get_by_role("region", name="Messages of the thread")
    answer = thread.locator(".actions button").last
    expect(answer).to_be_visible()
    on.take(f"{where}-question", on.card(number) if where == "desk" else None)
    answer.click()
    expect(form.locator("textarea")).to_be_visible()
    _take_long(on, f"{where}-answer")
    _fill(on, "No, that ended in May.")
    expect(thread).to_contain_text("ended in May")
    on.take(f"{where}-thread-of-questions")
    on.tab.get_by_role("button", name="Close thread").click()
    on.press("bo", number, COMMENT)
    expect(form.locator("textarea")).to_be_visible()
    _take_long(on, f"{where}-approve-with-a-comment")
    _fill(on, "Agreed with the rights team.")
    on.until(number, FINISHED)
    on.take(f"{where}-card-with-a-comment", on.card(number))


def _homes(on: Photographer, where: str) -> None:
    """The Home tabs of proposer, approver, auditor and guest, and what the first two were told by whom."""
    for person in ("ana", "bo", "dee", "gus"):
        on.become(person)
        on.open("Home")
        expect(on.tab.get_by_role("region", name="Home").locator(".home-row").nth(1)).to_be_visible()
        _take_long(on, f"{where}-home-{person}")
    for person in ("ana", "bo"):
        on.become(person)
        for channel, name in (("Notifications", "notified"), ("Countersign", "told")):
            on.open(channel)
            on.take(f"{where}-{name}-{person}")
    on.open("#vod-deletions")


def _hard_titles(on: Photographer, where: str) -> None:
    """A card, its list and its deletion of titles that are long, short, backwards, hostile or only pictures."""
    ids = [seed.MARKUP_TITLE.video_id, seed.BIDI_TITLE.video_id, seed.LONG_TITLE.video_id]
    for place, title in enumerate(HARD_TITLES):
        name = f"{place + (16 if where == 'desk' else 32):032x}"
        tell(on.vod_url, "videos", video_id=name, title=title)
        ids.append(name)
    number = on.propose(
        f"video {' '.join(ids)}",
        "ערב טוב: \N{RIGHT-TO-LEFT OVERRIDE}evil\N{POP DIRECTIONAL FORMATTING} *bold* <!channel> 🎬 "
        + "very long reason " * 8,
    )
    on.become("bo")
    on.take(f"{where}-card-of-hard-titles", on.card(number))
    modal = _opened(on, "ana", f"/vod show {seed.LONG_TITLE.video_id}")
    expect(modal.get_by_role("checkbox").first).to_be_visible()
    _take_long(on, f"{where}-show-a-long-title")
    _close(on)
    if where == "desk":
        on.type("bo", f"/vod status {number}")
        on.take("status-of-hard-titles", on.tab.locator("main .message.ephemeral").last)
        on.type("bo", "/vod list")
        on.take("list", on.tab.locator("main .message.ephemeral").last)
    on.type("ana", f"/vod withdraw {number}")


def _reminder(on: Photographer) -> None:
    """What approvers are told the next morning."""
    now = datetime.fromisoformat(tell(on.slack_url, "clock", advance_s=0)["now"])
    monday = (now + timedelta(days=14 - now.weekday())).replace(hour=10, minute=0)
    tell(on.slack_url, "clock", advance_s=(monday - now).total_seconds())
    for count in (1, 3):
        on.propose(f"video {' '.join(on.fresh(count))}", "the licence ended in June")
    before = _told(on, "bo")
    tell(on.slack_url, "clock", advance_s=DAY_S - 50 * 60)
    on.wait(lambda: _told(on, "bo") > before)
    on.become("bo")
    on.open("Countersign")
    on.take("reminder")


def _told(on: Photographer, person: str) -> int:
    """How many direct messages somebody has."""
    return len(ask(on.slack_url, "messages", channel="dm", person=person)["messages"])


def _opened(on: Photographer, person: str, command: str) -> Locator:
    """Type a command that opens a modal; return it."""
    on.become(person)
    on.tab.locator("main").get_by_role("combobox").fill(command)
    on.tab.locator("main").get_by_role("button", name="Send").click()
    modal = on.dialog
    expect(modal).to_be_visible()
    return modal


def _fill(on: Photographer, text: str) -> None:
    form = on.dialog
    form.locator("textarea").last.fill(text)
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)


def _close(on: Photographer) -> None:
    """Close every modal."""
    while on.dialog.count():
        on.tab.keyboard.press("Escape")
        on.tab.wait_for_timeout(300)


def _take_long(on: Photographer, name: str) -> None:
    """Save the modal, or else the Home tab, from a screen so high that nothing has to be scrolled."""
    desk, is_modal = on.tab.viewport_size or TALL, on.dialog.count() > 0
    on.tab.set_viewport_size(ViewportSize(width=desk["width"], height=LONG if is_modal else TALL["height"]))
    on.take(name, on.dialog if is_modal else on.tab.locator(".home"))
    on.tab.set_viewport_size(desk)

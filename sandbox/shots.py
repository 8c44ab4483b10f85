"""Makes the screenshots of the README: acts on the workbench's page of a running demo and photographs it."""

import argparse
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, FilePayload, ViewportSize, expect, sync_playwright

from sandbox import surfaces
from sandbox.control_client import SLACK_URL, VOD_URL, tell
from sandbox.json_types import Json
from sandbox.photographer import WAIT_LIMIT_MS, Photographer
from sandbox.vod import seed
from sandbox.workbench.cards import (
    AGAIN,
    APPROVE,
    APPROVED,
    EXECUTING,
    EXPIRED,
    FINISHED,
    PENDING,
    REJECT,
    REJECTED,
    STOP,
    STOPPED,
    VIEW_ALL,
    WITHDRAWN,
    payload_of,
)

WORKBENCH_URL = "http://127.0.0.1:8712"
DESK = ViewportSize(width=1280, height=860)
PHONE = ViewportSize(width=390, height=844)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SLOW_S = 8

HOLD_S = 6
"""How long the demo that is photographed holds a deletion back: time enough for a picture of the hold."""

CANARY_FROM = 30
"""And from how many items on it tries one alone."""

RAMP = "1 for 2s, 20 for 3s, 10% for 5s"
"""And how such a deletion goes on."""

_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def shoot(folder: Path, *, url: str, slack_url: str, vod_url: str) -> None:
    """Make every screenshot; media are deleted and the demo's clock is moved on the way."""
    folder.mkdir(parents=True, exist_ok=True)
    with _browser() as browser:
        context = browser.new_context(viewport=DESK, color_scheme="light", timezone_id="UTC", device_scale_factor=1)
        tab = context.new_page()
        tab.set_default_timeout(WAIT_LIMIT_MS)
        expect.set_options(timeout=WAIT_LIMIT_MS)
        tab.goto(url)
        photographer = Photographer(tab, folder, slack_url, vod_url)
        photographer.open("#vod-deletions")
        _life_of_a_card(photographer)
        _other_ends(photographer)
        _from_a_file(photographer)
        _by_query(photographer)
        _stopped(photographer)
        _proposed_again(photographer)
        _frozen(photographer)
        _around(photographer)
        surfaces.photograph(photographer)
        context.close()


def _life_of_a_card(on: Photographer) -> None:
    """Pending, confirm, executing, finished with a failure, thread."""
    ids = [*on.fresh(2), seed.FORBIDDEN.video_id]
    number = on.propose(f"video {' '.join(ids)}", "rights expired at the end of the month")
    on.become("bo")
    on.card(number).evaluate("it => it.scrollIntoView({block: 'start'})")
    on.take("workbench")
    on.take("card-pending", on.card(number))
    on.press("bo", number, APPROVE)
    on.take("confirm")
    on.tab.keyboard.press("Escape")
    # VOD answers slowly, first to reading and then to deleting: time enough to see the card in between.
    tell(on.vod_url, "faults", kind="timeout", times=1, seconds=SLOW_S)
    tell(on.vod_url, "faults", kind="timeout", action="DeleteVideo", times=1, seconds=SLOW_S)
    unvoted = on.card(number).inner_text()
    on.approve("bo", number)
    # The vote shows on the card while VOD is still being read again.
    on.wait(lambda: on.card(number).inner_text() != unvoted)
    on.take("card-approved", on.card(number))
    on.until(number, APPROVED)
    on.take("card-on-hold", on.card(number))
    on.until(number, EXECUTING)
    on.take("card-executing", on.card(number))
    on.until(number, FINISHED)
    on.take("card-finished-with-a-failure", on.card(number))
    on.card(number).get_by_role("button", name="replies").click()
    on.take("thread")
    on.tab.get_by_role("button", name="Close thread").click()


def _other_ends(on: Photographer) -> None:
    """Rejected, with the form before it, and expired."""
    number = on.propose(f"video {on.fresh(1)[0]}", "nobody watches it")
    on.press("bo", number, REJECT)
    modal = on.tab.get_by_role("dialog")
    modal.locator("button[type=submit]").click()
    expect(modal.locator(".field-error")).to_be_visible()
    on.take("modal-with-an-error")
    modal.get_by_role("textbox").fill("The press office still links to it. Ask them first.")
    modal.locator("button[type=submit]").click()
    on.until(number, REJECTED)
    on.take("card-rejected", on.card(number))
    on.tab.get_by_role("button", name="Things to try").click()
    scene = on.tab.locator('[data-scene="expire"]')
    scene.get_by_role("button", name="Play").click()
    expect(scene).to_have_attribute("data-outcome", re.compile("held|broken"))
    scene.scroll_into_view_if_needed()
    on.take("things-to-try")
    expired = [each for each in on.messages() if payload_of(each.get("metadata")).get("state") == EXPIRED]
    on.take("card-expired", on.shown(expired[-1]))
    on.tab.get_by_role("button", name="Close things to try").click()


def _from_a_file(on: Photographer) -> None:
    """The form with a file, what it shows of it, the answer and its card, and the menu of a message with one."""
    ids = on.fresh(3)
    content = "\r\n".join(["video_id,rights until", *(f"{one},2026-06-30" for one in ids), f"{ids[0]},2026-06-30"])
    listed = FilePayload(name="rights-expired.csv", mimeType="text/csv", buffer=content.encode())
    on.type("ana", "/vod delete --file")
    form = on.dialog
    level, reason = on.field("level").locator("select"), on.field("reason").locator("textarea")
    form.locator("button[type=submit]").click()
    expect(form.locator(".field-error").first).to_be_visible()
    on.take("form-without-a-file")
    form.locator("input[type=file]").set_input_files(listed)
    expect(form.get_by_role("button", name="rights-expired.csv")).to_be_visible()
    level.select_option("video")
    reason.fill("the licence ended in June")
    on.take("form-with-a-file")
    private, cards = on.tab.locator("main .message.ephemeral"), len(on.messages())
    form.locator("button[type=submit]").click()
    expect(on.dialog).to_contain_text("3. ")
    on.take("form-checked")
    on.dialog.locator("button[type=submit]").click()
    expect(on.dialog).to_have_count(0)
    on.wait(lambda: len(on.messages()) > cards)
    number = on.messages()[-1]["metadata"]["event_payload"]["proposal_id"]
    on.until(number, PENDING)
    on.take("answer-to-a-file", private.last)
    on.take("card-from-a-file", on.card(number))
    on.tab.locator("main input[type=file]").set_input_files(listed)
    on.tab.locator("main").get_by_role("combobox").fill("Can these go?")
    on.tab.locator("main").get_by_role("button", name="Send").click()
    message = on.tab.locator("main .message", has_text="Can these go?").last
    message.get_by_role("button", name="More actions").click()
    expect(on.tab.get_by_role("menuitem").first).to_be_visible()
    on.take("message-with-a-file")
    on.tab.keyboard.press("Enter")
    expect(level).to_be_visible()
    on.take("form-of-a-message")
    on.tab.keyboard.press("Escape")
    expect(form).to_have_count(0)
    on.type("ana", f"/vod withdraw {number}")
    on.until(number, WITHDRAWN)


def _by_query(on: Photographer) -> None:
    """A query that is not understood, one that is, and its card when something else matches than before."""
    made = [f"{number:031x}e" for number in range(1, 4)]
    for number, name in enumerate(made, 1):
        tell(on.vod_url, "videos", video_id=name, title=f"Winter sale, spot {number}", tags=["winter-2024"])
    private = on.tab.locator("main .message.ephemeral")
    on.type("ana", "/vod delete --where tga=winter-2024 created<01/02/2025 plays=0 --reason cleanup")
    on.take("query-not-understood", private.last)
    number = on.propose('--where title~"winter sale" tag=winter-2024', "the sale is over")
    on.take("answer-to-a-query", private.last)
    on.become("bo")
    on.take("card-by-query", on.card(number))
    tell(on.vod_url, "videos", video_id=made[0], tags=["keep"])
    on.approve("bo", number)
    on.wait(lambda: on.card(number).get_by_role("button", name=re.compile("2")).count() > 0)
    on.take("card-of-a-query-that-changed", on.card(number))
    tell(on.vod_url, "videos", video_id=f"{9:031x}e", title="Winter sale, late cut", tags=["winter-2024"])
    on.approve("bo", number)
    on.until(number, FINISHED)
    on.take("card-of-a-query-with-newcomers", on.card(number))


def _stopped(on: Photographer) -> None:
    """Stopped during the hold, with the dialog before it, and stopped under way."""
    number = on.propose(f"video {on.fresh(1)[0]}", "nobody watches it")
    on.approve("bo", number)
    on.until(number, APPROVED)
    on.press("cy", number, STOP)
    on.take("confirm-stop")
    on.confirm()
    on.until(number, STOPPED)
    on.take("card-stopped", on.card(number))
    ids = _many(on.vod_url, CANARY_FROM + 60)
    number = on.propose(f"video {' '.join(ids)}", "the whole season has to go")
    # Nobody can approve a long list before it is there.
    expect(on.card(number)).to_contain_text("1 reply")
    _whole_list(on, number)
    # The first one is slow, and VOD lets the last ones wait: time enough to see the card in between.
    tell(on.vod_url, "faults", kind="timeout", action="DeleteVideo", times=1, seconds=SLOW_S)
    tell(on.vod_url, "faults", kind="throttle", action="DeleteVideo", ids=ids[-40:])
    _typed(on, number, len(ids))
    on.until(number, EXECUTING)
    on.take("card-trial", on.card(number))
    on.wait(lambda: on.outcomes(number).get("deleted", 0) > 0)
    alone = on.card(number).inner_text()
    on.wait(lambda: on.card(number).inner_text() != alone)
    on.take("card-progress", on.card(number))
    on.press("cy", number, STOP)
    on.take("confirm-stop-under-way")
    on.confirm()
    on.until(number, FINISHED)
    on.take("card-stopped-under-way", on.card(number))
    httpx.delete(f"{on.vod_url}/control/faults", timeout=5, trust_env=False)


def _whole_list(on: Photographer, number: int) -> None:
    """The card of a long list, and its list in a modal."""
    on.take("card-of-a-long-list", on.card(number))
    on.press("bo", number, VIEW_ALL)
    modal = on.tab.get_by_role("dialog")
    expect(modal).to_contain_text("1. ")
    on.take("whole-list")
    modal.locator(".actions button").first.click()
    expect(modal).to_contain_text("51. ")
    on.take("whole-list-next")
    on.tab.keyboard.press("Escape")
    expect(modal).to_have_count(0)


def _proposed_again(on: Photographer) -> None:
    """A result with more items than it names, the file with all of them, and the rest proposed again."""
    ids = [*_many(on.vod_url, 17, first=1_000), seed.FORBIDDEN.video_id]
    number = on.propose(f"video {' '.join(ids)}", "the season is over")
    on.approve("bo", number)
    on.until(number, FINISHED)
    on.take("card-with-a-rest", on.card(number))
    on.card(number).get_by_role("button", name="replies").click()
    thread = on.tab.get_by_role("region", name="Messages of the thread")
    expect(thread.locator(".file")).not_to_have_count(0)
    on.take("thread-with-outcomes")
    on.tab.get_by_role("button", name="Close thread").click()
    cards = len(on.messages())
    on.press("bo", number, AGAIN)
    on.take("confirm-again")
    on.confirm()
    on.wait(lambda: len(on.messages()) > cards)
    again = on.messages()[-1]["metadata"]["event_payload"]["proposal_id"]
    on.until(again, PENDING)
    on.take("card-of-a-rest", on.card(again))
    on.take("card-whose-rest-is-proposed", on.card(number))
    on.take("answer-to-again", on.tab.locator("main .message.ephemeral").last)
    on.type("bo", f"/vod withdraw {again}")
    on.until(again, WITHDRAWN)


def _typed(on: Photographer, number: int, count: int) -> None:
    """Approve a big deletion: the form that asks for the number of its items, a wrong one first."""
    on.press("bo", number, APPROVE)
    form = on.tab.get_by_role("dialog")
    expect(form.locator("input")).to_be_visible()
    on.take("form-typed-number")
    form.locator("input").fill(str(count - 1))
    form.locator("button[type=submit]").click()
    expect(form.locator(".field-error")).to_be_visible()
    on.take("form-typed-number-wrong")
    form.locator("input").fill(str(count))
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)


def _frozen(on: Photographer) -> None:
    """Everything frozen: a card on hold, and what the channel is told until two people have thawed it."""
    number = on.propose(f"video {on.fresh(1)[0]}", "rights expired")
    on.approve("bo", number)
    on.type("gus", "/vod freeze is this the right season?")
    on.until(number, APPROVED, frozen=True)
    on.take("card-frozen", on.card(number))
    _announced(on, "ana", "/vod thaw")
    on.take("freeze")
    _announced(on, "bo", "/vod thaw")
    on.take("thaw")
    on.until(number, FINISHED)
    on.become("ana")
    on.type("ana", "/vod help")
    on.take("help", on.tab.locator("main .message.ephemeral").last)


def _announced(on: Photographer, person: str, command: str) -> None:
    """Let somebody type a command, and wait until the channel is told of it."""
    before = len(_announcements(on))
    on.type(person, command)
    on.wait(lambda: len(_announcements(on)) > before)
    expect(on.shown(_announcements(on)[-1])).to_be_visible()


def _announcements(on: Photographer) -> list[Json]:
    """What the bot told the channel of no single proposal."""
    payloads = [(each, payload_of(each.get("metadata"))) for each in on.messages()]
    return [each for each, payload in payloads if payload and "proposal_id" not in payload]


def _audited(on: Photographer) -> None:
    """The audit channel as an auditor scrolls it, from its end to its beginning, and threads in it."""
    on.become("dee")
    on.open("#vod-audit")
    on.take("audit-channel")
    feed = on.tab.locator("main .message")
    for back in (8, 16, 24):
        if feed.count() > back:
            feed.nth(feed.count() - back).evaluate("it => it.scrollIntoView({block: 'start'})")
            on.take(f"audit-channel-{back}-back")
    threads = feed.get_by_role("button", name="replies")
    for nth in (0, threads.count() - 2):
        threads.nth(nth).click()
        on.take(f"audit-thread-{nth}")
        on.tab.get_by_role("button", name="Close thread").click()


def _around(on: Photographer) -> None:
    """The audit channel, the library, dark and phone."""
    _audited(on)
    on.open("#vod-deletions")
    on.tab.get_by_role("region", name="Media", exact=True).evaluate("it => it.scrollTo(0, 0)")
    on.take("library", on.tab.get_by_role("region", name="Media library"))
    on.tab.emulate_media(color_scheme="dark")
    waiting = on.propose(f"video {' '.join(on.fresh(2))}", "rights expired")
    on.become("bo")
    on.card(waiting).scroll_into_view_if_needed()
    on.take("dark")
    on.tab.set_viewport_size(PHONE)
    on.button(waiting, APPROVE).scroll_into_view_if_needed()
    on.take("phone-dark")
    on.tab.emulate_media(color_scheme="light")
    on.take("phone")
    on.tab.get_by_role("button", name="Library").click()
    expect(on.tab.locator(".gone").first).to_be_visible()
    on.take("phone-library")


def _many(vod_url: str, count: int, *, first: int = 0) -> list[str]:
    """Add videos to the library, enough of them for a deletion that takes a while."""
    names = [f"{number:032x}" for number in range(first, first + count)]
    for number, name in enumerate(names, 1):
        tell(vod_url, "videos", video_id=name, title=f"Season 3, episode {number}")
    return names


@contextmanager
def _browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise SystemExit(f"There is none of these on this machine: {', '.join(BROWSERS)}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        yield browser
        browser.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and make the screenshots."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.shots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the PNG files go")
    parser.add_argument("--url", default=WORKBENCH_URL, help="the workbench of a running demo (%(default)s)")
    parser.add_argument("--slack", default=SLACK_URL, help="the Slack of the same demo (%(default)s)")
    parser.add_argument("--vod", default=VOD_URL, help="the VOD of the same demo (%(default)s)")
    given = parser.parse_args(arguments)
    try:
        httpx.get(given.url, timeout=5, trust_env=False)
    except httpx.HTTPError:
        raise SystemExit(f"Nothing answers at {given.url}. Start it with: make demo") from None
    shoot(given.folder, url=given.url, slack_url=given.slack, vod_url=given.vod)


if __name__ == "__main__":
    main()

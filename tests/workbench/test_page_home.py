"""The Home tab on the page: what a proposer, an approver and an auditor see and do there, in both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from handlers.text.language import Language
from sandbox.workbench import Workbench
from sandbox.workbench.cards import APPROVED, STOPPED, WITHDRAWN
from tests.workbench.conftest import opened
from tests.workbench.test_page_care import found_by_axe
from tests.workbench.visitor import Visitor


@pytest.fixture(scope="module")
def held(page_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench whose bot holds every deletion back: time enough to stop one."""
    with opened(
        page_folder, tmp_path_factory.mktemp("home"), COUNTERSIGN_HOLD_SECONDS="3600", COUNTERSIGN_READERS="members"
    ) as running:
        yield running


@pytest.fixture
def visitor(tab: Page, held: Workbench) -> Visitor:
    return Visitor.arrive(tab, held)


def at_home(visitor: Visitor, person: str) -> Locator:
    """Be somebody who has opened their Home tab."""
    visitor.become(person)
    visitor.open("Home")
    home = visitor.tab.get_by_role("region", name="Home")
    expect(home.get_by_role("button").first).to_be_visible()
    return home


def row(home: Locator, number: int) -> Locator:
    return home.locator(".home-row", has_text=re.compile(rf"#{number}\b"))


def test_everybody_has_the_home_tab_that_is_theirs(visitor: Visitor, lang: Language) -> None:
    first, second = visitor.untouched(2)
    number, withdrawn = visitor.propose(f"video {first.video_id}"), visitor.propose(f"video {second.video_id}")
    home = at_home(visitor, "ana")
    expect(home).to_contain_text(lang.say("The rules for you"))
    row(home, withdrawn).get_by_role("button", name=lang.say("Withdraw")).click()
    expect(home).to_contain_text(lang.say("You withdrew #{number}. Nothing will be deleted.", number=withdrawn))
    visitor.until(withdrawn, WITHDRAWN)
    home = at_home(visitor, "bo")
    expect(home).to_contain_text(lang.say("Waiting for your approval · {n}", n=1))
    row(home, number).get_by_role("button", name=lang.say("Open the card")).click()
    expect(visitor.tab.locator("main h2").first).to_have_text("#vod-deletions")
    expect(visitor.tab.locator(".message.target")).to_have_attribute("data-ts", visitor.message(number).ts)
    visitor.approve(number)
    visitor.until(number, APPROVED)
    home = at_home(visitor, "cy")
    row(home, number).get_by_role("button", name=lang.say("Stop the deletion")).click()
    visitor.tab.get_by_role("dialog").get_by_role("button", name=lang.say("Stop it")).click()
    stopped = "You stopped #{number} before it started. Nothing was deleted, and nothing will be."
    expect(home).to_contain_text(lang.say(stopped, number=number))
    visitor.until(number, STOPPED)
    home = at_home(visitor, "dee")
    expect(row(home, number)).to_contain_text(lang.say("🛑 Stopped"))
    expect(home.get_by_role("button")).to_have_text([lang.say("Refresh")])
    for scheme in ("light", "dark"):
        visitor.tab.emulate_media(color_scheme=scheme)
        assert found_by_axe(visitor.tab) == []

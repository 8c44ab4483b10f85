"""A long list that is being read: its proposer sees how far it is in the direct message, and withdraws it there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sandbox.slack import Message
from sandbox.workbench import Workbench
from tests.workbench.conftest import opened
from tests.workbench.visitor import Visitor

MANY = 300
HELD_UP_AT = 250
A_WHILE_S = 20
WAIT_S = 20.0


@pytest.fixture(scope="module")
def long_lists(page_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(page_folder, tmp_path_factory.mktemp("long_lists"), COUNTERSIGN_MAX_ITEMS="1000") as running:
        yield running


@pytest.fixture
def visitor(tab: Page, long_lists: Workbench) -> Visitor:
    return Visitor.arrive(tab, long_lists)


def held_up(visitor: Visitor, tag: str) -> Message:
    """Propose many videos of which VOD does not tell the last ones; return what the proposer is told meanwhile."""
    library = visitor.vod.library
    made = [library.add_video(title=f"Season {n}", tags=(tag,), has_cover=False).video_id for n in range(MANY)]
    visitor.vod.faults.set("unavailable", "BatchGetMediaInfos", ids=made[HELD_UP_AT:])
    waiting = len(told(visitor, "could not be read yet"))
    visitor.type(f'/vod delete --where tag={tag} --reason "the contract ended"')
    assert visitor.slack.wait_until(lambda: len(told(visitor, "could not be read yet")) > waiting, WAIT_S)
    visitor.slack.clock.advance(A_WHILE_S)
    assert visitor.slack.wait_until(lambda: bool(told(visitor, "is paused after")), WAIT_S)
    return told(visitor, "is paused after")[-1]


def told(visitor: Visitor, words: str) -> list[Message]:
    return [each for each in visitor.slack.dm("ana") if words in each.text]


def test_the_progress_is_seen_in_the_direct_message_and_ends_with_the_card(visitor: Visitor) -> None:
    message = held_up(visitor, "seasons")
    visitor.open("Countersign")
    shown = visitor.tab.locator(f'main .message[data-ts="{message.ts}"]')
    expect(shown).to_contain_text("Delete 300 videos")
    expect(shown).to_contain_text("paused after 240 of 300")
    expect(shown.get_by_role("button", name="Withdraw")).to_be_visible()
    visitor.vod.faults.clear()
    visitor.slack.clock.advance(A_WHILE_S)
    expect(shown).to_contain_text("was read: 300 videos")
    expect(shown.get_by_role("button", name="Withdraw")).to_have_count(0)
    expect(visitor.tab.locator("main .message", has_text="was read")).to_have_count(1)


def test_who_withdraws_there_is_answered_and_no_card_follows(visitor: Visitor) -> None:
    message = held_up(visitor, "episodes")
    visitor.open("Countersign")
    shown = visitor.tab.locator(f'main .message[data-ts="{message.ts}"]')
    shown.get_by_role("button", name="Withdraw").click()
    expect(shown).to_contain_text("was stopped: you withdrew it. Nothing will be deleted.")
    expect(visitor.tab.locator("main .message.ephemeral").last).to_contain_text("You withdrew")
    visitor.vod.faults.clear()

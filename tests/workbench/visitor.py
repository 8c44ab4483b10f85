"""Somebody at the workbench: acts on the page as a person would, through what it shows and says."""

import re
from typing import Self

from playwright.sync_api import Locator, Page, expect

from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from sandbox.vod.model.media import Video
from sandbox.workbench import Workbench


class Visitor:
    """A browser tab with the workbench open in #vod-deletions."""

    def __init__(self, tab: Page, workbench: Workbench) -> None:
        self.tab = tab
        self.workbench = workbench

    @classmethod
    def arrive(cls, tab: Page, workbench: Workbench, person: str = "ana") -> Self:
        tab.goto(workbench.url)
        visitor = cls(tab, workbench)
        visitor.become(person)
        return visitor

    @property
    def slack(self) -> SlackSandbox:
        return self.workbench.theatre.slack

    @property
    def vod(self) -> VodSandbox:
        return self.workbench.theatre.vod

    @property
    def composer(self) -> Locator:
        return self.tab.locator("main").get_by_role("combobox")

    def become(self, person: str) -> None:
        self.tab.locator(f'.person:has(input[value="{person}"])').click()
        expect(self.tab.locator(f'[data-seen-as="{person}"]')).to_be_visible()

    def open(self, channel: str) -> None:
        entry = self.tab.get_by_role("navigation", name="Channels").get_by_role("button", name=channel)
        entry.click()
        expect(self.tab.locator("main h2").first).to_have_text(channel)

    def type(self, text: str) -> None:
        self.composer.fill(text)
        self.tab.locator("main").get_by_role("button", name="Send").click()

    def propose(self, what: str, reason: str = "rights expired") -> int:
        """Type the command; return the number that the private answer names."""
        before = len(self.slack.ephemerals("ana"))
        self.type(f'/vod delete {what} --reason "{reason}"')
        assert self.slack.wait_until(lambda: len(self.slack.ephemerals("ana")) > before)
        found = re.search(r"Proposal #(\d+) is stored", self.slack.ephemerals("ana")[before].text)
        assert found is not None
        number = int(found[1])
        expect(self.tab.locator(".message.ephemeral").last).to_contain_text(found[0])
        expect(self.card(number)).to_contain_text("Waiting for 1 approval")
        return number

    def card(self, number: int) -> Locator:
        heading = self.tab.get_by_role("heading", name=re.compile(rf"· #{number}$"))
        cards = self.tab.locator("main .message").filter(has=heading)
        return cards.filter(has_not_text="Only visible to you").first

    def press(self, number: int, button: str) -> None:
        self.card(number).get_by_role("button", name=re.compile(rf"^{button}")).click()

    def approve(self, number: int) -> None:
        self.press(number, "Approve")
        self.tab.get_by_role("dialog").get_by_role("button", name="Approve the deletion").click()

    def untouched(self, count: int = 1) -> list[Video]:
        """Ordinary videos that nobody has named yet."""
        said = "\n".join(str(each.blocks) + each.text for each in self.slack.workspace.everything())
        found = [
            video
            for video in self.vod.library.videos()
            if video.status == "Normal"
            and video.source is not None
            and not video.forbidden
            and len(video.streams) > 1
            and video.storage_class == "Standard"
            and video.video_id not in said
        ]
        return found[-count:]

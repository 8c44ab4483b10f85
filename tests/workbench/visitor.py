"""Somebody at the workbench: acts on the page as a person would, through what it shows and says."""

from typing import Self

from playwright.sync_api import Locator, Page, expect

from sandbox.slack import Message, SlackSandbox
from sandbox.vod import VodSandbox
from sandbox.vod.model.media import Video
from sandbox.workbench import Workbench
from sandbox.workbench.cards import (
    AGAIN,
    APPROVE,
    PENDING,
    STOP,
    VIEW_ALL,
    button_of,
    is_card,
    number_in,
    payload_of,
)
from sandbox.workbench.director import APPROVALS

READY_WITHIN_S = 20.0


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

    def speak(self, locale: str, *people: str) -> None:
        """Set people's Slack to a language: the bot learns it when it asks Slack who wants the form."""
        for person in people or ("ana", "bo", "cy", "dee"):
            self.slack.change_person(person, locale=locale)
            self.slack.say(person, "/vod delete")
            if self.slack.modal(person) is not None:
                self.slack.close_modal(person)

    def open(self, channel: str) -> None:
        entry = self.tab.get_by_role("navigation", name="Channels").get_by_role("button", name=channel)
        entry.click()
        expect(self.tab.locator("main h2").first).to_have_text(channel)

    def type(self, text: str) -> None:
        self.composer.fill(text)
        self.tab.locator("main").get_by_role("button", name="Send").click()

    def propose(self, what: str, reason: str = "rights expired") -> int:
        """Type the command; return the number that the private answer names, once the card is on the page."""
        before = len(self.slack.ephemerals("ana"))
        self.type(f'/vod delete {what} --reason "{reason}"')
        assert self.slack.wait_until(lambda: len(self.slack.ephemerals("ana")) > before)
        answer = self.slack.ephemerals("ana")[before]
        number = number_in(answer.text)
        assert number is not None, answer.text
        expect(self.tab.locator(f'main .message.ephemeral[data-ts="{answer.ts}"]')).to_be_visible()
        self.until(number, PENDING)
        return number

    def told(self, before: int) -> int:
        """The number that the next private answer to Ana with one names, once its card is on the page."""
        assert self.slack.wait_until(lambda: bool(self._numbers(before)), READY_WITHIN_S)
        number = self._numbers(before)[0]
        self.until(number, PENDING)
        return number

    def _numbers(self, before: int) -> list[int]:
        answers = self.slack.ephemerals("ana")[before:]
        return [number for each in answers if (number := number_in(each.text)) is not None]

    def message(self, number: int) -> Message:
        """A proposal's card as Slack has it."""
        found = [each for each in self.slack.messages(APPROVALS) if is_card(payload_of(each.metadata), number)]
        assert found
        return found[-1]

    def until(self, number: int, state: str, **outcomes: int) -> None:
        """Wait until a proposal's card says where it stands, and the page shows that."""

        def stands() -> bool:
            payloads = [payload_of(each.metadata) for each in self.slack.messages(APPROVALS)]
            cards = [payload for payload in payloads if is_card(payload, number)]
            return bool(cards) and cards[-1]["state"] == state and outcomes.items() <= cards[-1]["outcomes"].items()

        assert self.slack.wait_until(stands, READY_WITHIN_S)
        buttons = {action: self.label(number, action) for action in (APPROVE, STOP, AGAIN)}
        for label in filter(None, buttons.values()):
            expect(self.card(number).get_by_role("button", name=label)).to_be_visible()
        if not any(buttons.values()) and not self.label(number, VIEW_ALL):
            expect(self.card(number).locator(".actions")).to_have_count(0)

    def card(self, number: int) -> Locator:
        return self.tab.locator(f'main .message[data-ts="{self.message(number).ts}"]').first

    def label(self, number: int, action_id: str) -> str:
        """What a button of a card is called; "" when the card has none of this id."""
        button = button_of(self.message(number).blocks, action_id)
        return str(button["text"]["text"]) if button else ""

    def press(self, number: int, action_id: str) -> None:
        self.card(number).get_by_role("button", name=self.label(number, action_id), exact=True).click()

    def approve(self, number: int) -> None:
        dialog = self.dialog(number, APPROVE)
        self.press(number, APPROVE)
        self.tab.get_by_role("dialog").get_by_role("button", name=dialog["confirm"]["text"], exact=True).click()

    def dialog(self, number: int, action_id: str) -> dict[str, dict[str, str]]:
        """What a button's confirm dialog says: title, text, confirm and deny."""
        button = button_of(self.message(number).blocks, action_id)
        assert button is not None
        return dict(button["confirm"])

    def untouched(self, count: int = 1) -> list[Video]:
        """Ordinary videos that nobody has named yet."""
        said = "\n".join(str(each.blocks) + each.text for each in self.slack.workspace.everything())
        said += str(self.vod.ledger.calls())
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

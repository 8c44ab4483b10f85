"""Somebody who plays the whole team on the workbench's page and photographs what it shows."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, ViewportSize, expect

from sandbox.control_client import ask
from sandbox.json_types import Json
from sandbox.workbench.cards import APPROVE, PENDING, button_of, is_card, number_in, payload_of
from sandbox.workbench.director import APPROVALS

WAIT_LIMIT_MS = 60_000
LOOK_MS = 250
CHROME = 200
"""Height of the page around its messages: what is taller than the rest is taken on a taller page."""


class Photographer:
    """Plays the team on one tab and saves what it sees into a folder."""

    def __init__(self, tab: Page, folder: Path, slack_url: str, vod_url: str) -> None:
        self.tab = tab
        self.folder = folder
        self.slack_url = slack_url
        self.vod_url = vod_url

    def become(self, person: str) -> None:
        """Switch to somebody."""
        self.tab.locator(f'.person:has(input[value="{person}"])').click()
        expect(self.tab.locator(f'[data-seen-as="{person}"]')).to_be_visible()

    @property
    def dialog(self) -> Locator:
        """The dialog on top."""
        return self.tab.locator("dialog[open]")

    def field(self, name: str) -> Locator:
        """A field of the form that proposes, which is on top."""
        return self.dialog.locator(f'[data-block="countersign_propose_{name}"]')

    def fresh(self, count: int) -> list[str]:
        """Ordinary videos with titles that any machine has letters for, the oldest first."""
        videos = [
            video["video_id"]
            for video in reversed(ask(self.vod_url, "library")["videos"])
            if video["status"] == "Normal"
            and video["title"].isascii()
            and video["title"].isprintable()
            and len(video["title"]) < 60
            and video["has_cover"]
            and not video["forbidden"]
            and video["storage_class"] == "Standard"
            and len(video["streams"]) > 1
            and video["source"]
        ]
        return videos[:count]

    def open(self, channel: str) -> None:
        """Open a channel."""
        self.tab.get_by_role("navigation", name="Channels").get_by_role("button", name=channel).click()

    def propose(self, what: str, reason: str) -> int:
        """Let Ana propose; return the number once the card is there."""
        answer = self.type("ana", f'/vod delete {what} --reason "{reason}"')
        number = number_in(answer["text"])
        if number is None:
            raise SystemExit(f"The bot did not take the proposal to delete {what}.")
        self.until(number, PENDING)
        return number

    def type(self, person: str, command: str) -> Json:
        """Let somebody type a command; return the private answer to it once the page shows it."""
        self.become(person)
        before = len(self._private(person))
        self.tab.locator("main").get_by_role("combobox").fill(command)
        self.tab.keyboard.press("Enter")
        self.wait(lambda: len(self._private(person)) > before)
        answer = self._private(person)[before]
        expect(self.shown(answer)).to_be_visible()
        return answer

    def _private(self, person: str) -> list[Json]:
        """Every private answer that somebody got in the channel of the cards, oldest first."""
        return [each for each in self.messages(person) if each["ephemeral_to"]]

    def card(self, number: int) -> Locator:
        """A proposal's card in the channel."""
        return self.shown(self._message(number) or {})

    def shown(self, message: Json) -> Locator:
        """A message as the page shows it."""
        return self.tab.locator(f'main .message[data-ts="{message.get("ts")}"]').first

    def until(self, number: int, state: str, **facts: object) -> None:
        """Wait until a proposal's card says where it stands, and the page has had time to draw it."""

        def stands() -> bool:
            payload = payload_of((self._message(number) or {}).get("metadata"))
            return payload.get("state") == state and facts.items() <= payload.items()

        self.wait(stands)

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something is so. Raises SystemExit when it does not become so."""
        for _ in range(WAIT_LIMIT_MS // LOOK_MS):
            so = holds()
            self.tab.wait_for_timeout(LOOK_MS)
            if so:
                return
        raise SystemExit("What was waited for did not happen: the pictures are incomplete.")

    def messages(self, person: str | None = None) -> list[Json]:
        """What everybody sees at the top of the channel of the cards, or all that one person sees; oldest first."""
        return list(ask(self.slack_url, "messages", channel=APPROVALS, person=person)["messages"])

    def _message(self, number: int) -> Json | None:
        cards = [each for each in self.messages() if is_card(payload_of(each.get("metadata")), number)]
        return cards[-1] if cards else None

    def outcomes(self, number: int) -> dict[str, int]:
        """How many items of a proposal ended in which way, by its card."""
        return dict(payload_of((self._message(number) or {}).get("metadata")).get("outcomes", {}))

    def button(self, number: int, action_id: str) -> Locator:
        """A button of a card. Raises SystemExit when the card has none of this id."""
        found = button_of((self._message(number) or {}).get("blocks", ()), action_id)
        if found is None:
            raise SystemExit(f"The card of #{number} has no button {action_id}.")
        return self.card(number).get_by_role("button", name=found["text"]["text"], exact=True)

    def press(self, person: str, number: int, action_id: str) -> None:
        """Let somebody press a button of a card."""
        self.become(person)
        self.button(number, action_id).click()

    def confirm(self) -> None:
        """Let them confirm what the dialog asks."""
        dialog = self.tab.get_by_role("dialog")
        dialog.locator("footer button").last.click()
        expect(dialog).to_have_count(0)

    def approve(self, person: str, number: int) -> None:
        """Let somebody approve and confirm."""
        self.press(person, number, APPROVE)
        self.confirm()

    def take(self, name: str, what: Locator | None = None) -> None:
        """Save the whole page, or one thing on it, once its pictures are there."""
        desk = self.tab.viewport_size
        if what is not None:
            box = what.bounding_box()
            if desk and box and box["height"] > desk["height"] - CHROME:
                self.tab.set_viewport_size(ViewportSize(width=desk["width"], height=round(box["height"]) + CHROME))
            what.scroll_into_view_if_needed()
        self.tab.wait_for_function("() => [...document.images].every(it => it.complete)")
        self.tab.mouse.move(1, 1)
        (what or self.tab).screenshot(path=self.folder / f"{name}.png", animations="disabled")
        if desk and desk != self.tab.viewport_size:
            self.tab.set_viewport_size(desk)

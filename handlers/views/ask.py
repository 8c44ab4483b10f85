"""The form behind Ask: a question to the proposer. Its ids, how it is made, how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from deletion.approval.shown import Shown
from deletion.terms import canonical
from handlers.cards import ids
from handlers.text.blocks import plain_section, section
from handlers.text.escaping import clip, plain
from handlers.text.language import Language
from handlers.views.approve import as_is

CALLBACK_ID = "countersign_ask_view"
BLOCK_ID = "countersign_ask_text"
INPUT_ID = "question"

LEAST = 3
MOST = 500
"""Characters of a question, and of an answer."""


@dataclass(frozen=True)
class Asked:
    """What was submitted: what was shown (None: the form names no card of ours), and where to answer."""

    shown: Shown | None
    channel: str
    text: str


def build(lang: Language, shown: Shown, channel: str) -> View:
    """Return the form for one proposal, which names what the button named."""
    question = InputBlock(
        block_id=BLOCK_ID,
        label=PlainTextObject(text=lang.say("What do you want to know before you decide?")),
        hint=PlainTextObject(
            text=lang.say(
                "It is posted in the card's thread, and the proposer is told by direct message. The proposal stays "
                "open: others can still decide."
            )
        ),
        element=PlainTextInputElement(action_id=INPUT_ID, multiline=True, min_length=LEAST, max_length=MOST),
    )
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=canonical.dumps({"button": ids.button_value(shown), "channel": channel}),
        title=PlainTextObject(text=title(lang, shown.number)),
        submit=PlainTextObject(text=lang.say("Ask")),
        close=PlainTextObject(text=lang.say("Go back")),
        blocks=[question],
    )


def title(lang: Language, number: int) -> str:
    """Return the form's title."""
    return clip(lang.say("Ask about #{number}", number=number), 24)


def over(lang: Language, title_: str, text: str, typed: str) -> View:
    """Return what takes a form's place where sending it once more could change nothing (``text`` is mrkdwn).

    What was typed is given back, to be copied.
    """
    returned = section(lang.say("*You typed:*")), plain_section(plain(typed, MOST))
    return View(
        type="modal",
        title=PlainTextObject(text=title_),
        close=PlainTextObject(text=lang.say("Close")),
        blocks=[as_is(block) for block in (section(text), *returned)],
    )


def parse(view: Mapping[str, Any]) -> Asked:
    """Read a submitted form, as Slack sends it back."""
    about = canonical.loads(view["private_metadata"])
    text = view["state"]["values"][BLOCK_ID][INPUT_ID]["value"]
    return Asked(ids.read_button(str(about["button"])), str(about["channel"]), str(text or "").strip())


def errors(text: str) -> dict[str, str]:
    """Return what is wrong with what was submitted, as Slack shows it under the field (plain text)."""
    return {BLOCK_ID: clip(text.replace("`", ""), 300)}

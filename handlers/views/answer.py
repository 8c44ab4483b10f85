"""The form behind Answer, for the proposer: its ids, how it is made, how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from deletion.approval.people.questions import Named, Question
from deletion.terms import canonical
from handlers.cards import ids
from handlers.text.blocks import plain_section, section
from handlers.text.escaping import clip, mention, plain
from handlers.text.language import Language
from handlers.views.approve import as_is
from handlers.views.ask import LEAST, MOST

CALLBACK_ID = "countersign_answer_view"
BLOCK_ID = "countersign_answer_text"
INPUT_ID = "answer"


@dataclass(frozen=True)
class Answered:
    """What was submitted: the question (None: the form names none of ours), where to answer, and the text."""

    named: Named | None
    channel: str
    text: str


def build(lang: Language, named: Named, question: Question, channel: str) -> View:
    """Return the form for one question, which names what the button named."""
    answer = InputBlock(
        block_id=BLOCK_ID,
        label=PlainTextObject(text=lang.say("Your answer")),
        hint=PlainTextObject(
            text=lang.say("It is posted in the card's thread, and whoever asked is told by direct message.")
        ),
        element=PlainTextInputElement(action_id=INPUT_ID, multiline=True, min_length=LEAST, max_length=MOST),
    )
    asked = lang.say("{person} asks:", person=mention(question.person))
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=canonical.dumps({"button": ids.answer_value(named), "channel": channel}),
        title=PlainTextObject(text=title(lang, named.number)),
        submit=PlainTextObject(text=lang.say("Answer")),
        close=PlainTextObject(text=lang.say("Go back")),
        blocks=[as_is(section(asked)), as_is(plain_section(plain(question.text, MOST))), answer],
    )


def named_by(action: Mapping[str, Any]) -> Named | None:
    """Read a press on the button under a question; None for one that is not ours."""
    return ids.read_answer(str(action.get("value") or ""))


def title(lang: Language, number: int) -> str:
    """Return the form's title."""
    return clip(lang.say("Answer about #{number}", number=number), 24)


def parse(view: Mapping[str, Any]) -> Answered:
    """Read a submitted form, as Slack sends it back."""
    about = canonical.loads(view["private_metadata"])
    text = view["state"]["values"][BLOCK_ID][INPUT_ID]["value"]
    return Answered(ids.read_answer(str(about["button"])), str(about["channel"]), str(text or "").strip())


def errors(text: str) -> dict[str, str]:
    """Return what is wrong with what was submitted, as Slack shows it under the field (plain text)."""
    return {BLOCK_ID: clip(text.replace("`", ""), 300)}

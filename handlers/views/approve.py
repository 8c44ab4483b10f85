"""The form of an approval: of a big deletion it asks how many items go, and takes a comment with any.

Its ids, how it is made, how it is read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.blocks.block_elements import NumberInputElement
from slack_sdk.models.views import View

from deletion.approval.shown import Shown
from deletion.plan.plan import DIGEST_SHOWN
from deletion.terms import canonical
from deletion.views import ToApprove
from handlers.cards import ids, proposal_card
from handlers.cards.parts import questions
from handlers.text import words
from handlers.text.blocks import Block, plain_section, section
from handlers.text.escaping import clip, plain
from handlers.text.facts import sizes
from handlers.text.language import Language

CALLBACK_ID = "countersign_approve_view"
BLOCK_ID = "countersign_approve_number"
INPUT_ID = "number"
COMMENT_BLOCK = "countersign_approve_comment"
COMMENT_ID = "comment"

COMMENT_MOST = 500
"""Characters of a comment."""

_DIGITS = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class Approval:
    """What was submitted: what was shown, the number typed (None: none), and the channel of the card.

    ``shown`` is None where the form names nothing that a button of ours ever did. ``asks_number``: it has a field
    for the number. ``comment`` is what the approver says with it, '' for nothing.
    """

    shown: Shown | None
    channel: str
    typed: int | None
    asks_number: bool = True
    comment: str = ""


def build(lang: Language, shown: Shown, channel: str, about: ToApprove, *, asks_number: bool) -> View:
    """Return the form for one plan, which names what the button named."""
    fields = [_number(lang)] if asks_number else []
    named = {"button": ids.button_value(shown), "channel": channel}
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=canonical.dumps(named),
        title=PlainTextObject(text=_title(lang, shown)),
        submit=PlainTextObject(text=lang.say("Approve the deletion")),
        close=PlainTextObject(text=lang.say("Go back")),
        blocks=[*map(as_is, _about(lang, shown, about)), *fields, _comment(lang)],
    )


def _number(lang: Language) -> InputBlock:
    return InputBlock(
        block_id=BLOCK_ID,
        label=PlainTextObject(text=lang.say("How many items does this delete?")),
        hint=PlainTextObject(text=lang.say("Type the number that stands above, in digits only.")),
        element=NumberInputElement(action_id=INPUT_ID, is_decimal_allowed=False),
    )


def _comment(lang: Language) -> InputBlock:
    return InputBlock(
        block_id=COMMENT_BLOCK,
        label=PlainTextObject(text=lang.say("Comment")),
        hint=PlainTextObject(text=lang.say("Shown with your approval, on the card and in the audit channel.")),
        element=PlainTextInputElement(action_id=COMMENT_ID, multiline=True, max_length=COMMENT_MOST),
        optional=True,
    )


def _about(lang: Language, shown: Shown, about: ToApprove) -> list[Block]:
    """Say what will be gone: how many, how large, which first, with which warnings, and that it is for good.

    Above that stand the questions that nobody has answered yet.
    """
    plan, unanswered = about.plan, [each for each in about.questions if each.is_open]
    count = plan.count
    questions_open = f"{questions.are_open(lang, unanswered)}\n{questions.each_of(lang, unanswered)}"
    what = lang.say_n(
        "*This deletes {n} item*: {what}, {size}. Plan `{plan}`.",
        "*This deletes {n} items*: {what}, {size}. Plan `{plan}`.",
        count,
        what=words.things(lang, plan.request, count),
        size=sizes.amount(lang, plan),
        plan=shown.digest[:DIGEST_SHOWN],
    )
    return [
        *((section(questions_open),) if unanswered else ()),
        section(what),
        plain_section("\n".join(proposal_card.first_titles(lang, plan))),
        *proposal_card.warnings(lang, plan),
        section(proposal_card.for_good(lang)),
    ]


def as_is(block: Block) -> SlackBlock:
    """Return a block of ours as slack_sdk has it; ValueError for one that it does not know."""
    found = SlackBlock.parse(block)
    if found is None:
        raise ValueError(f"a block that slack_sdk does not know: {block['type']}")
    return found


def over(lang: Language, shown: Shown, text: str, comment: str = "") -> View:
    """Return what takes the form's place when typing once more could change nothing (``text`` is mrkdwn).

    A comment is given back, to be copied.
    """
    returned = (section(lang.say("*You typed:*")), plain_section(plain(comment, COMMENT_MOST))) if comment else ()
    return View(
        type="modal",
        title=PlainTextObject(text=_title(lang, shown)),
        close=PlainTextObject(text=lang.say("Close")),
        blocks=[as_is(block) for block in (section(text), *returned)],
    )


def _title(lang: Language, shown: Shown) -> str:
    return clip(lang.say("Approve #{number}", number=shown.number), 24)


def parse(view: Mapping[str, Any]) -> Approval:
    """Read a submitted form, as Slack sends it back."""
    about = canonical.loads(view["private_metadata"])
    values = view["state"]["values"]
    typed = _value(values, BLOCK_ID, INPUT_ID)
    return Approval(
        shown=ids.read_button(str(about["button"])),
        channel=str(about["channel"]),
        typed=int(typed) if _DIGITS.fullmatch(typed) else None,
        asks_number=BLOCK_ID in values,
        comment=_value(values, COMMENT_BLOCK, COMMENT_ID),
    )


def _value(values: Mapping[str, Any], block: str, field: str) -> str:
    """Return what stands in a field; '' where the form has none, as one of an earlier version."""
    return str(values.get(block, {}).get(field, {}).get("value") or "").strip()


def errors(view: Mapping[str, Any], text: str) -> dict[str, str]:
    """Return what is wrong with what was submitted, as Slack shows it under the field (plain text)."""
    block = BLOCK_ID if BLOCK_ID in view["state"]["values"] else COMMENT_BLOCK
    return {block: clip(text.replace("`", ""), 300)}

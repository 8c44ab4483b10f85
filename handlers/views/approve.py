"""The form behind Approve of a big deletion: it asks how many items go. Its ids, how it is made, how it is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.blocks import InputBlock, PlainTextObject
from slack_sdk.models.blocks.block_elements import NumberInputElement
from slack_sdk.models.views import View

from deletion.approval.shown import Shown
from deletion.plan.plan import DIGEST_SHOWN, Plan
from deletion.terms import canonical
from handlers.cards import ids, proposal_card
from handlers.text import sizes, words
from handlers.text.blocks import Block, plain_section, section
from handlers.text.escaping import clip
from handlers.text.language import Language

CALLBACK_ID = "countersign_approve_view"
BLOCK_ID = "countersign_approve_number"
INPUT_ID = "number"

_DIGITS = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class Approval:
    """What was submitted: what was shown, the number typed (None: none), and the channel of the card.

    ``shown`` is None where the form names nothing that a button of ours ever did.
    """

    shown: Shown | None
    channel: str
    typed: int | None


def build(lang: Language, shown: Shown, channel: str, plan: Plan) -> View:
    """Return the form for one plan, which names what the button named."""
    number = InputBlock(
        block_id=BLOCK_ID,
        label=PlainTextObject(text=lang.say("How many items does this delete?")),
        hint=PlainTextObject(text=lang.say("Type the number that stands above, in digits only.")),
        element=NumberInputElement(action_id=INPUT_ID, is_decimal_allowed=False),
    )
    about = {"button": ids.button_value(shown), "channel": channel}
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=canonical.dumps(about),
        title=PlainTextObject(text=_title(lang, shown)),
        submit=PlainTextObject(text=lang.say("Approve the deletion")),
        close=PlainTextObject(text=lang.say("Go back")),
        blocks=[*map(as_is, _about(lang, shown, plan)), number],
    )


def _about(lang: Language, shown: Shown, plan: Plan) -> list[Block]:
    """Say what will be gone: how many, how large, which first, with which warnings, and that it is for good."""
    count = plan.count
    what = lang.say(
        "*This deletes {n} items*: {what}, {size}. Plan `{plan}`.",
        n=lang.number(count),
        what=words.things(lang, plan.request, count),
        size=sizes.amount(lang, plan),
        plan=shown.digest[:DIGEST_SHOWN],
    )
    return [
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


def over(lang: Language, shown: Shown, text: str) -> View:
    """Return what takes the form's place when typing once more could change nothing (``text`` is mrkdwn)."""
    return View(
        type="modal",
        title=PlainTextObject(text=_title(lang, shown)),
        close=PlainTextObject(text=lang.say("Close")),
        blocks=[as_is(section(text))],
    )


def _title(lang: Language, shown: Shown) -> str:
    return clip(lang.say("Approve #{number}", number=shown.number), 24)


def parse(view: Mapping[str, Any]) -> Approval:
    """Read a submitted form, as Slack sends it back."""
    about = canonical.loads(view["private_metadata"])
    typed = str(view["state"]["values"][BLOCK_ID][INPUT_ID]["value"] or "").strip()
    number = int(typed) if _DIGITS.fullmatch(typed) else None
    return Approval(ids.read_button(str(about["button"])), str(about["channel"]), number)


def errors(text: str) -> dict[str, str]:
    """Return what is wrong with what was submitted, as Slack shows it under the field (plain text)."""
    return {BLOCK_ID: clip(text.replace("`", ""), 300)}

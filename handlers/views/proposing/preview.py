"""What is shown before a deletion is proposed: what would go, as VOD has it now, and the button to propose it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError
from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from deletion.plan.plan import Plan
from deletion.terms import canonical, targets
from deletion.terms.list_files import ListFacts, ListForm
from deletion.terms.targets import Request, ids_of, size_of
from handlers.cards import proposal_card
from handlers.cards import targets as rows
from handlers.text import sizes, words
from handlers.text.blocks import Block, plain_section, section
from handlers.text.escaping import clip, code, packed
from handlers.text.language import Language
from handlers.views.approve import as_is
from handlers.views.proposing import filled
from handlers.views.proposing.filled import REASON_MOST, Level
from handlers.views.proposing.form import LEVELS

CALLBACK_ID = "countersign_propose_check_view"
READ_AGAIN = "countersign_propose_read_again"
REASON_BLOCK, REASON_INPUT = "countersign_propose_check_reason", "reason"

ROWS = 20
"""Items that are shown one by one."""

METADATA_MOST = 3_000

_FORM: TypeAdapter[ListForm] = TypeAdapter(ListForm)
_FACTS: TypeAdapter[ListFacts] = TypeAdapter(ListFacts)


@dataclass(frozen=True)
class Asked:
    """What would be proposed: a request, or the list in a file. ``facts`` are how names were read.

    ``channel`` is where the answer goes, '' for a direct message.
    """

    what: Request | ListForm
    channel: str
    facts: ListFacts = field(default_factory=ListFacts)


def held(asked: Asked) -> str:
    """Return it as a view keeps it; it may be longer than ``METADATA_MOST``."""
    if isinstance(asked.what, ListForm):
        what = {"file": _FORM.dump_python(asked.what, mode="json")}
    else:
        what = {"request": targets.to_json(asked.what)}
    facts = _FACTS.dump_python(asked.facts, mode="json", exclude_defaults=True)
    return filled.packed(canonical.dumps({"channel": asked.channel, "facts": facts, **what}))


def parse(view: Mapping[str, Any]) -> tuple[Asked, str]:
    """Read what would be proposed, and why, as Slack sends it back; ValueError for what is not ours."""
    try:
        about = canonical.loads(filled.unpacked(str(view["private_metadata"])))
        what = _FORM.validate_python(about["file"]) if "file" in about else targets.from_json(about["request"])
        asked = Asked(what, str(about["channel"]), _FACTS.validate_python(about["facts"]))
    except (KeyError, TypeError, ValidationError) as exc:
        raise ValueError("not what a preview holds") from exc
    state = view.get("state", {}).get("values", {}).get(REASON_BLOCK, {}).get(REASON_INPUT) or {}
    return asked, canonical.clean(str(state.get("value") or "")).strip()


def build(
    lang: Language, asked: Asked, reason: str, shown: Sequence[Block], *, external_id: str, in_vain: bool = False
) -> View:
    """Return the view; ``in_vain``: nothing of it could be proposed, so there is no button for it."""
    blocks = [as_is(block) for block in shown]
    if not in_vain:
        blocks.append(_reason(lang, reason))
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        external_id=external_id,
        private_metadata=held(asked),
        title=_plain(clip(lang.say("Check, then propose"), 24)),
        submit=None if in_vain else _plain(lang.say("Propose")),
        close=_plain(lang.say("Back")),
        blocks=blocks,
    )


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)


def _reason(lang: Language, reason: str) -> InputBlock:
    return InputBlock(
        block_id=REASON_BLOCK,
        label=_plain(lang.say("Reason")),
        hint=_plain(lang.say("The approver decides by it.")),
        element=PlainTextInputElement(
            action_id=REASON_INPUT, multiline=True, max_length=REASON_MOST, initial_value=reason or None
        ),
    )


def named(lang: Language, request: Request) -> list[Block]:
    """Say what was named, where VOD is not asked for it first."""
    what = words.things(lang, request, size_of(request))
    return [
        section(lang.say("*You are about to propose deleting {what}.*", what=what)),
        *map(plain_section, packed(ids_of(request) or ())),
        section(lang.say("VOD is read once you propose; the card shows what would go before anybody approves.")),
    ]


def reading(lang: Language, request: Request) -> list[Block]:
    """Say that VOD is being read, and that nobody has to wait for it."""
    what = words.things(lang, request, size_of(request))
    return [
        section(lang.say("*You are about to propose deleting {what}.*", what=what)),
        section(
            lang.say(
                "Reading from VOD what would go: it appears here in a few seconds. You can propose without "
                "waiting; the card shows it before anybody approves."
            )
        ),
    ]


def unread(lang: Language, request: Request, why: str) -> list[Block]:
    """Say that VOD cannot be read now (``why`` is mrkdwn), and that one can go on all the same."""
    what = words.things(lang, request, size_of(request))
    again = {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": READ_AGAIN,
                "text": {"type": "plain_text", "text": lang.say("Read again"), "emoji": False},
            }
        ],
    }
    return [
        section(lang.say("*You are about to propose deleting {what}.*", what=what)),
        section(f"⚠️ {why}"),
        section(
            lang.say(
                "You can propose all the same: it is read from VOD once more, and the card shows what would go "
                "before anybody approves."
            )
        ),
        again,
    ]


def of_file(lang: Language, form: ListForm) -> list[Block]:
    """Say what a file would be read for."""
    what = lang.say(LEVELS[Level(form.level)])
    if form.force:
        what = lang.say("{what}, by force", what=what)
    opening = lang.say(
        "*You are about to propose the list in {file}*: {what}.", file=code(form.name, 80), what=what
    )
    return [
        section(opening),
        section(
            lang.say(
                "It is read once you propose it. What is in it, or what is wrong with it, follows as a private "
                "message; the card shows everything before anybody approves."
            )
        ),
    ]


def shown(lang: Language, plan: Plan, problems: Sequence[str]) -> list[Block]:
    """Show a plan as it would be now; ``problems`` (plain text) spoil it."""
    if problems:
        told_ = [lang.say("*This cannot be proposed as it is:*")]
        return [section(told_[0]), *map(plain_section, packed(f"• {each}" for each in problems))]
    if not plan.count:
        opening = lang.say("*Nothing to propose*: VOD has none of what was named.")
        return [section(opening), *proposal_card.left_out(lang, plan)]
    what = lang.say(
        "*This would delete {what}*: {size}.",
        what=words.things(lang, plan.request, plan.count),
        size=sizes.amount(lang, plan),
    )
    return [
        section(what),
        *map(plain_section, packed("\n".join(rows.row(lang, plan, each)) + "\n" for each in plan.entries[:ROWS])),
        *_rest(lang, plan),
        *proposal_card.left_out(lang, plan),
        *proposal_card.warnings(lang, plan),
        section(proposal_card.for_good(lang)),
    ]


def _rest(lang: Language, plan: Plan) -> Iterator[Block]:
    if plan.count > ROWS:
        yield plain_section(words.and_more(lang, plan.count - ROWS))


def errors(text: str) -> dict[str, str]:
    """Return why nothing was proposed, as Slack shows it under the reason (plain text)."""
    return {REASON_BLOCK: clip(text.replace("`", ""), 300)}

"""What is shown before a deletion is proposed: what would go, as VOD has it now, and the button to propose it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError
from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from deletion.lookup.preview import Preview
from deletion.plan.plan import LEFT_OUT_KEPT, Entry, Plan
from deletion.terms import canonical
from deletion.terms.place import Place
from deletion.terms.requests import targets
from deletion.terms.requests.list_files import ListFacts, ListForm
from deletion.terms.requests.targets import Request, size_of
from handlers.cards import proposal_card
from handlers.cards.parts import targets as rows
from handlers.text import words
from handlers.text.blocks import Block, plain_section, section
from handlers.text.escaping import clip, code, packed
from handlers.text.facts import sizes
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
    """Return it as a view keeps it; it may be longer than ``VIEW_MOST``."""
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
    return [
        section(lang.say("*You are about to propose deleting {what}.*", what=what)),
        section(f"⚠️ {why}"),
        section(
            lang.say(
                "You can propose all the same: it is read from VOD once more, and the card shows what would go "
                "before anybody approves."
            )
        ),
        _read_again(lang),
    ]


def _read_again(lang: Language) -> Block:
    text = {"type": "plain_text", "text": lang.say("Read again"), "emoji": False}
    return {"type": "actions", "elements": [{"type": "button", "action_id": READ_AGAIN, "text": text}]}


def of_file(lang: Language, form: ListForm) -> list[Block]:
    """Say that a file is being read, and that nobody has to wait for it."""
    return [
        section(_file(lang, form)),
        section(
            lang.say(
                "Reading it: what is in it appears here in a few seconds. You can propose without waiting; what is "
                "in it, or what is wrong with it, then follows as a private message."
            )
        ),
    ]


def file_unread(lang: Language, form: ListForm, why: str) -> list[Block]:
    """Say that a file cannot be read now (``why`` is mrkdwn), and that one can go on all the same."""
    return [
        section(_file(lang, form)),
        section(f"⚠️ {why}"),
        section(
            lang.say(
                "You can propose all the same: it is read once more. What is in it, or what is wrong with it, "
                "follows as a private message; the card shows everything before anybody approves."
            )
        ),
        _read_again(lang),
    ]


def _file(lang: Language, form: ListForm) -> str:
    what = lang.say(LEVELS[Level(form.level)])
    if form.force:
        what = lang.say("{what}, by force", what=what)
    return lang.say("*You are about to propose the list in {file}*: {what}.", file=code(form.name, 80), what=what)


def unreadable(lang: Language, form: ListForm, lines: Sequence[str]) -> list[Block]:
    """Say what is wrong with a file (plain text), so that nothing of it could be proposed."""
    opening = lang.say("*Nothing can be proposed* from {file}:", file=code(form.name, 80))
    return [section(opening), *map(plain_section, packed(lines))]


def refused(lang: Language, reasons: Sequence[str]) -> list[Block]:
    """Say why nothing of this could be proposed (mrkdwn)."""
    return [section(lang.say("*This cannot be proposed as it is:*")), *(section(f"• {each}") for each in reasons)]


def is_in_vain(found: Preview) -> bool:
    """Say whether what was found could not be proposed."""
    return bool(found.problems) or found.count == 0


def shown(lang: Language, found: Preview) -> list[Block]:
    """Show what would go, as VOD has it now."""
    if found.problems:
        named = (lang.say(words.PROBLEMS[problem], name=code(name, 60)) for problem, name in found.problems[:ROWS])
        return refused(lang, [*named])
    plan = _plan(found)
    if not plan.count:
        opening = lang.say("*Nothing to propose*: VOD has none of what was named.")
        return [section(opening), *proposal_card.left_out(lang, plan)]
    return [
        section(_amount(lang, found, plan)),
        *proposal_card.warnings(lang, plan),
        *proposal_card.left_out(lang, plan),
        *proposal_card.also_in_others(lang, found.overlaps),
        *map(plain_section, packed("\n".join(rows.row(lang, plan, each)) + "\n" for each in plan.entries[:ROWS])),
        *_rest(lang, plan),
        section(proposal_card.for_good(lang)),
    ]


def _plan(found: Preview) -> Plan:
    """Return what was found as the plan that it might become, to be shown like one."""
    entries = tuple(
        Entry(place, target, found.warnings.get(target.id, ())) for place, target in enumerate(found.targets)
    )
    return Plan(
        Place(""),
        found.request,
        found.count if found.count is not None else len(entries),
        found.totals,
        "",
        entries=entries,
        left_out=found.left_out[:LEFT_OUT_KEPT],
        left_out_count=len(found.left_out),
    )


def _amount(lang: Language, found: Preview, plan: Plan) -> str:
    what, size = words.things(lang, plan.request, plan.count), sizes.amount(lang, plan)
    if found.is_whole:
        return lang.say("*This would delete {what}*: {size}.", what=what, size=size)
    return lang.say(
        "*This would delete {what}*. The first {n} of them, which were read: {size}.",
        what=what,
        n=lang.number(len(found.targets)),
        size=size,
    )


def _rest(lang: Language, plan: Plan) -> Iterator[Block]:
    if plan.count > ROWS:
        yield plain_section(words.and_more(lang, plan.count - ROWS))


def errors(text: str) -> dict[str, str]:
    """Return why nothing was proposed, as Slack shows it under the reason (plain text)."""
    return {REASON_BLOCK: clip(text.replace("`", ""), 300)}

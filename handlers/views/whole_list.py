"""The list of a proposal in a modal, a page at a time: its ids, how a page is made, and how a button is read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import PlainTextObject
from slack_sdk.models.views import View

from deletion.approval.shown import Shown
from deletion.pages import ROWS, ListPage
from deletion.plan.plan import DIGEST_SHOWN, Entry
from deletion.terms.results.outcomes import Outcome
from handlers.cards import ids
from handlers.cards.parts import targets
from handlers.cards.parts.buttons import plain_text
from handlers.text import reasons, words
from handlers.text.blocks import Block, plain_section, section
from handlers.text.escaping import clip
from handlers.text.language import Language
from handlers.views.approve import as_is

CALLBACK_ID = "countersign_list_view"
PREVIOUS = "countersign_list_previous"
NEXT = "countersign_list_next"

WHY_MOST = 300
"""Characters of the reason why an item is not gone."""

_PLACE = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class Turn:
    """A press on a button of a page: what the page is of, and the place (from 0) that is asked for.

    ``shown`` is None where the page names nothing that a button of ours ever did.
    """

    shown: Shown | None
    start: int


def build(lang: Language, page: ListPage) -> View:
    """Return a page."""
    turns = _turns(lang, page)
    blocks = [section(_where(lang, page)), *_aged(lang, page), *turns, {"type": "divider"}]
    blocks += [plain_section(_row(lang, page, each)) for each in page.plan.entries]
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=ids.button_value(page.shown),
        title=PlainTextObject(text=clip(lang.say("All items of #{number}", number=page.number), 24)),
        close=PlainTextObject(text=lang.say("Close")),
        blocks=[as_is(block) for block in (*blocks, *turns)],
    )


def instead(view: Mapping[str, Any], text: str, *, again: bool) -> View:
    """Return what takes a page's place when it cannot be shown (``text`` is mrkdwn).

    With ``again`` the buttons stay, to be pressed once more.
    """
    turns = [block for block in view["blocks"] if block["type"] == "actions"][:1] if again else []
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=view["private_metadata"],
        title=PlainTextObject(text=view["title"]["text"]),
        close=PlainTextObject(text=view["close"]["text"]),
        blocks=[as_is(block) for block in (section(text), *turns)],
    )


def parse(view: Mapping[str, Any], action: Mapping[str, Any]) -> Turn:
    """Read a press on a button of a page, as Slack sends it."""
    place = str(action.get("value") or "")
    start = int(place) if _PLACE.fullmatch(place) else 0
    return Turn(ids.read_button(str(view.get("private_metadata") or "")), start)


def _where(lang: Language, page: ListPage) -> str:
    """Say which rows these are, of which plan."""
    return lang.say(
        "*{rows} of {total}* · plan {plan}, revision {revision}",
        rows=_rows(lang, page.start, page.end),
        total=lang.number(page.plan.count),
        plan=f"`{page.shown.digest[:DIGEST_SHOWN]}`",
        revision=page.revision,
    ) + (f" · {lang.say('the current plan')}" if page.is_current else "")


def _aged(lang: Language, page: ListPage) -> Iterator[Block]:
    """Say that this is not what people vote on any more."""
    if not page.is_current:
        told = lang.say(
            "⚠️ *This is not the current plan.* It was shown anew since, as revision {newest}: close this, look at "
            "the updated card of #{number}, and view its list.",
            newest=page.newest,
            number=page.number,
        )
        yield section(told)


def _turns(lang: Language, page: ListPage) -> list[Block]:
    """Return the buttons that lead on and back; none where everything is on one page."""
    buttons = []
    if page.start:
        rows = _rows(lang, page.start - ROWS, page.start)
        buttons.append(_turn(PREVIOUS, lang.say("Previous: {rows}", rows=rows), page.start - ROWS))
    if page.end < page.plan.count:
        rows = _rows(lang, page.end, min(page.end + ROWS, page.plan.count))
        buttons.append(_turn(NEXT, lang.say("Next: {rows}", rows=rows), page.end))
    return [{"type": "actions", "elements": buttons}] if buttons else []


def _turn(action_id: str, text: str, start: int) -> Block:
    return {"type": "button", "action_id": action_id, "text": plain_text(text, 75), "value": str(start)}


def _rows(lang: Language, start: int, end: int) -> str:
    """Name some rows by the numbers of the first and the last."""
    if end == start + 1:
        return lang.number(end)
    return f"{lang.number(start + 1)}\N{EN DASH}{lang.number(end)}"


def _row(lang: Language, page: ListPage, entry: Entry) -> str:
    name, *facts = targets.row(lang, page.plan, entry)
    return "\n".join([name, *_outcome(lang, page, entry), *facts])


def _outcome(lang: Language, page: ListPage, entry: Entry) -> Iterator[str]:
    """Say what became of an item, and why where it is not gone."""
    item = page.items.get(entry.target.id)
    if item is None:
        return
    if item.outcome is None:
        yield lang.say("Outcome: {outcome}.", outcome=lang.say("waiting"))
        return
    outcome = lang.say(words.OUTCOMES[item.outcome])
    because = "" if item.outcome is Outcome.DELETED else reasons.of_item(lang, item.note)
    told = lang.say("{result}: {because}", result=outcome, because=because) if because else outcome
    yield lang.say("Outcome: {outcome}.", outcome=clip(told.rstrip(".。"), WHY_MOST))

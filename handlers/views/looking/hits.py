"""A page of hits in a modal: its ids, how a page is made, what was ticked on it, and how a button is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.blocks import InputBlock, Option, PlainTextObject
from slack_sdk.models.blocks.block_elements import CheckboxesElement
from slack_sdk.models.views import View

from deletion.lookup import search
from deletion.lookup.desk import Desk
from deletion.lookup.search import Hit, Hits
from deletion.terms import canonical
from deletion.terms.requests.query import Query
from handlers.cards.parts.buttons import plain_text
from handlers.cards.parts.targets import is_picture
from handlers.lookups import LookUp
from handlers.text import words
from handlers.text.blocks import Block, context, plain_section, section
from handlers.text.escaping import clip, code, duration, plain, visible
from handlers.text.language import Language
from handlers.views.approve import as_is
from vod.api.searching import REACHABLE

CALLBACK_ID = "countersign_find_view"
PREVIOUS = "countersign_find_previous"
NEXT = "countersign_find_next"
AGAIN = "countersign_find_again"

TICK = "countersign_find_tick "
"""How the ids of blocks begin that tick a hit; its media id follows."""
INPUT = "tick"

TICKED_MOST = 40
"""Hits that can be ticked: a view keeps no more from page to page, and a proposal from a file takes any number."""

PAGES_MOST = 20
"""Pages that lead back: what a view keeps is 3,000 characters, and the search alone may have a third of them."""

TITLE_MOST = 150


@dataclass(frozen=True)
class Place:
    """Where a page of hits begins: the place in VOD's list, and how many hits there are before it."""

    start: int
    number: int


@dataclass(frozen=True)
class Search:
    """What a view keeps: what is looked for, where its page and those before it begin, and what is ticked.

    ``channel`` is where the answer to a proposal goes; ``by_title`` says that VOD itself finds words of titles.
    """

    channel: str
    query: Query
    by_title: bool = True
    places: tuple[Place, ...] = (Place(0, 0),)
    ticked: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Return where the page begins."""
        return self.places[-1]

    def following(self, place: Place) -> "Search":
        """Return the page that begins there."""
        return replace(self, places=(*self.places, place)[-PAGES_MOST:])

    def previous(self) -> "Search":
        """Return the page before this one."""
        return replace(self, places=self.places[:-1] or self.places)


def look_up(lang: Language, wanted: Search, *, dropped: int = 0) -> LookUp:
    """Return what to look up, and how it is shown; ``dropped`` is how many ticks too many there were."""
    return LookUp(
        waiting=waiting(lang, wanted),
        look=lambda desk: build(lang, wanted, _find(desk, wanted), dropped=dropped),
        instead=lambda text: instead(lang, wanted, text),
    )


def _find(desk: Desk, wanted: Search) -> Hits:
    return search.find(desk, wanted.query, start=wanted.place.start, by_title=wanted.by_title)


def waiting(lang: Language, wanted: Search) -> View:
    """Return what is shown while VOD is asked."""
    return _view(lang, wanted, [section(lang.say("Looking in VOD…")), *_sought(lang, wanted)])


def instead(lang: Language, wanted: Search, text: str) -> View:
    """Return what is shown when nothing could be looked up (``text`` is mrkdwn), with a button to try again."""
    again = {"type": "button", "action_id": AGAIN, "text": plain_text(lang.say("Try again"), 75), "value": "again"}
    return _view(lang, wanted, [section(text), *_sought(lang, wanted), {"type": "actions", "elements": [again]}])


def build(lang: Language, wanted: Search, found: Hits, *, dropped: int = 0) -> View:
    """Return a page of hits."""
    wanted = replace(wanted, by_title=found.by_title)
    turns = _turns(lang, wanted, found)
    if not found.hits:
        return _view(lang, wanted, [section(_nothing(lang, wanted, found)), *_sought(lang, wanted), *turns])
    blocks: list[Block | SlackBlock] = [section(_head(lang, wanted, found)), *_sought(lang, wanted)]
    if dropped:
        blocks.insert(0, section(f"⚠️ {too_many(lang, dropped)}"))
    for number, hit in enumerate(found.hits, start=wanted.place.number + 1):
        blocks += [{"type": "divider"}, _tick(lang, wanted, number, hit), _facts(lang, hit)]
    blocks += [{"type": "divider"}, *_ticked_elsewhere(lang, wanted, found), *turns]
    return _view(lang, wanted, blocks, has_hits=True)


def parse(view: Mapping[str, Any]) -> Search:
    """Read what a view keeps, and what is ticked on its page now; ValueError for what is not ours."""
    try:
        about = canonical.loads(str(view["private_metadata"]))
        wanted = Search(
            channel=str(about["channel"]),
            query=Query.from_json(about["query"]),
            by_title=bool(about["by_title"]),
            places=tuple(Place(int(start), int(number)) for start, number in about["places"]),
            ticked=tuple(map(str, about["ticked"])),
        )
        values = view["state"]["values"]
        here = [block.removeprefix(TICK) for block in _ticking(view)]
        ticked = [each for each in here if _is_ticked(values.get(f"{TICK}{each}", {}).get(INPUT) or {})]
    except (AttributeError, KeyError, TypeError) as exc:
        raise ValueError("not what a page of hits keeps") from exc
    if not wanted.places:
        raise ValueError("a page of hits that begins nowhere")
    kept = [each for each in wanted.ticked if each in ticked or each not in here]
    return replace(wanted, ticked=tuple(dict.fromkeys((*kept, *ticked))))


def within(wanted: Search) -> tuple[Search, int]:
    """Return a search with no more ticked than a view keeps, and how many ticks were left out."""
    return replace(wanted, ticked=wanted.ticked[:TICKED_MOST]), max(0, len(wanted.ticked) - TICKED_MOST)


def too_many(lang: Language, dropped: int) -> str:
    """Say that more is ticked than can be kept, and what to do (plain text)."""
    return lang.say_n(
        "At most {most} videos can be ticked: {n} more was not kept. For more, propose by conditions "
        "(/vod delete --where) or from a file.",
        "At most {most} videos can be ticked: {n} more were not kept. For more, propose by conditions "
        "(/vod delete --where) or from a file.",
        dropped,
        most=lang.number(TICKED_MOST),
    )


def _is_ticked(state: Mapping[str, Any]) -> bool:
    return bool(state.get("selected_options"))


def first_tick(view: Mapping[str, Any]) -> str | None:
    """Return the id of the first block that ticks a hit: where Slack shows what is wrong."""
    return next(iter(_ticking(view)), None)


def _ticking(view: Mapping[str, Any]) -> list[str]:
    """Return the ids of the blocks that tick hits."""
    named = [str(block.get("block_id")) for block in view["blocks"]]
    return [block for block in named if block.startswith(TICK)]


def _view(
    lang: Language, wanted: Search, blocks: list[Block | SlackBlock] | list[Block], *, has_hits: bool = False
) -> View:
    about = {
        "channel": wanted.channel,
        "query": wanted.query.to_json(),
        "by_title": wanted.by_title,
        "places": [[each.start, each.number] for each in wanted.places],
        "ticked": list(wanted.ticked),
    }
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=canonical.dumps(about),
        title=PlainTextObject(text=clip(lang.say("Find in VOD"), 24)),
        submit=PlainTextObject(text=clip(lang.say("Propose ticked…"), 24)) if has_hits else None,
        close=PlainTextObject(text=lang.say("Close")),
        blocks=[block if isinstance(block, SlackBlock) else as_is(block) for block in blocks],
    )


def _sought(lang: Language, wanted: Search) -> Iterator[Block]:
    """Repeat what is looked for as it was understood."""
    text = wanted.query.text()
    if text:
        yield context(lang.say("Understood as: {query} (times in UTC).", query=code(text, 1_000)))


def _head(lang: Language, wanted: Search, found: Hits) -> str:
    first, last = wanted.place.number + 1, wanted.place.number + len(found.hits)
    rows = lang.number(first) if first == last else f"{lang.number(first)}\N{EN DASH}{lang.number(last)}"
    if found.total is None:
        told = lang.say("*Videos {rows}*, the newest first.", rows=rows)
    else:
        told = lang.say("*Videos {rows} of {total}*, the newest first.", rows=rows, total=lang.number(found.total))
    tick = lang.say("Tick what is to go, then press “{button}”.", button=lang.say("Propose ticked…"))
    return lang.sentences(told, tick)


def _nothing(lang: Language, wanted: Search, found: Hits) -> str:
    if found.following is not None:
        return lang.say(
            "*None among the newest {n} videos.* VOD does not find this by itself, so they are looked through one "
            "by one: go on, or look for something more precise.",
            n=lang.number(found.start + found.looked),
        )
    if wanted.place.start:
        return lang.say("*There are no further videos.*")
    if not wanted.query.conditions:
        return lang.say("*There are no videos in this account and region.*")
    return lang.say(
        "*No video meets all of this.* Use fewer or shorter words. A video that was uploaded just now may take "
        "some minutes to be found."
    )


def _tick(lang: Language, wanted: Search, number: int, hit: Hit) -> SlackBlock:
    option = Option(value=hit.id, text=_plain(lang.say("Tick")))
    title = words.title(lang, hit.title, TITLE_MOST)
    return InputBlock(
        block_id=f"{TICK}{hit.id}",
        optional=True,
        label=_plain(f"{lang.number(number)}. {title}"),
        element=CheckboxesElement(
            action_id=INPUT,
            options=[option],
            initial_options=[option] if hit.id in wanted.ticked else None,
        ),
    )


def _facts(lang: Language, hit: Hit) -> Block:
    facts = (
        lang.size(hit.size) or lang.say("size unknown"),
        duration(hit.duration_ms) or lang.say("length unknown"),
        lang.say("uploaded {date}", date=f"{hit.created:%Y-%m-%d}"),
        lang.say("status {status}", status=plain(hit.status, 40)) if hit.status else None,
        plain(hit.category, 60) if hit.category else None,
        lang.say("tags {tags}", tags=plain(lang.series(hit.tags), 100)) if hit.tags else None,
        plain(hit.storage_class, 40) if hit.storage_class not in (None, "Standard") else None,
    )
    told = " · ".join(visible(fact) for fact in facts if fact)
    block = plain_section(f"{told}\n{hit.id}")
    if is_picture(hit.picture):
        alt = clip(lang.say("Picture of {title}", title=words.title(lang, hit.title, 100)), 2000)
        block["accessory"] = {"type": "image", "image_url": hit.picture, "alt_text": alt}
    return block


def _ticked_elsewhere(lang: Language, wanted: Search, found: Hits) -> Iterator[Block]:
    here = {hit.id for hit in found.hits}
    elsewhere = sum(each not in here for each in wanted.ticked)
    if elsewhere:
        yield context(lang.say_n("{n} is ticked on other pages.", "{n} are ticked on other pages.", elsewhere))


def _turns(lang: Language, wanted: Search, found: Hits) -> list[Block]:
    """Return the buttons that lead on and back, and say where there is no way on."""
    buttons = []
    if len(wanted.places) > 1:
        buttons.append(_turn(PREVIOUS, lang.say("Previous"), wanted.places[-2]))
    if found.following is not None:
        following = Place(found.following, wanted.place.number + len(found.hits))
        buttons.append(_turn(NEXT, lang.say("Next") if found.hits else lang.say("Go on"), following))
    turns: list[Block] = [{"type": "actions", "elements": buttons}] if buttons else []
    if not (found.is_cut and found.following is None):
        return turns
    cut = lang.say("VOD shows the newest {n} of a search and no more: look for less.", n=lang.number(REACHABLE))
    return [context(cut), *turns]


def _turn(action_id: str, text: str, place: Place) -> Block:
    value = f"{place.start}/{place.number}"
    return {"type": "button", "action_id": action_id, "text": plain_text(text, 75), "value": value}


def turned(wanted: Search, action: Mapping[str, Any]) -> Search:
    """Return the page that a button asks for; the same one where it asks for none of ours."""
    match str(action.get("action_id")), str(action.get("value") or "").split("/"):
        case str(name), [start, number] if name == NEXT and start.isdecimal() and number.isdecimal():
            return wanted.following(Place(int(start[:6]), int(number[:6])))
        case str(name), _ if name == PREVIOUS:
            return wanted.previous()
        case _:
            return wanted


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)

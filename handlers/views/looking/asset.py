"""Everything about one video or image in a modal: its ids, how it is made, and how its buttons are read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.blocks import InputBlock, Option, PlainTextObject
from slack_sdk.models.blocks.block_elements import CheckboxesElement
from slack_sdk.models.views import View

import vod
from deletion.lookup import asset
from deletion.lookup.asset import Absent, AddressFound, Asset, ImageFound, Plays, VideoFound
from deletion.lookup.failures import Unread
from deletion.lookup.mentions import Mention, Mentions
from deletion.plan.facts import StreamFact, Target
from deletion.terms import canonical
from deletion.terms.requests.targets import VideoImages
from deletion.terms.results.outcomes import Outcome
from handlers.cards.parts.buttons import plain_text
from handlers.cards.parts.targets import IMAGE_SETS, is_picture
from handlers.lookups import LookUp
from handlers.text import links, words
from handlers.text.blocks import Block, context, header, plain_section, section
from handlers.text.escaping import clip, code, duration, mention, plain, visible
from handlers.text.facts import sizes, unread
from handlers.text.language import Language
from handlers.views.approve import as_is

CALLBACK_ID = "countersign_show_view"
AGAIN = "countersign_show_again"
PROPOSE = "countersign_show_propose "
"""How the ids of buttons begin that propose a part; which one follows: ``video``, ``mezzanine``, ``cover`` …"""
CONSOLE = "countersign_show_console"

STREAMS = "countersign_show_streams "
"""How the ids of blocks begin that tick streams; a number follows."""
INPUT = "streams"

PER_BLOCK = 10
"""Options that a block of checkboxes takes."""

STREAMS_MOST = 20
"""Streams that can be ticked: as many as one call of VOD deletes."""

DIVIDER: Block = {"type": "divider"}

WHOLE_VIDEO, SOURCE, IMAGE, ADDRESS = "video", "mezzanine", "image", "address"
PARTS = (WHOLE_VIDEO, SOURCE, IMAGE, ADDRESS, *VideoImages)


@dataclass(frozen=True)
class Shown:
    """What a view keeps: what it is about, and where the answer to a proposal goes."""

    channel: str
    name: str


@dataclass(frozen=True)
class Streams:
    """What was ticked: streams of a video by job id, of those that it has, each with words for it."""

    offered: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...]


def look_up(lang: Language, shown: Shown, workspace_url: str) -> LookUp:
    """Return what to look up, and how it is shown."""
    return LookUp(
        waiting=_view(lang, shown, [section(lang.say("Looking in VOD…")), _named(shown)]),
        look=lambda desk: build(lang, shown, asset.look(desk, shown.name), workspace_url),
        instead=lambda text: instead(lang, shown, text),
    )


def instead(lang: Language, shown: Shown, text: str) -> View:
    """Return what is shown when nothing could be looked up (``text`` is mrkdwn), with a button to try again."""
    again = {"type": "button", "action_id": AGAIN, "text": plain_text(lang.say("Try again"), 75), "value": "again"}
    return _view(lang, shown, [section(text), _named(shown), {"type": "actions", "elements": [again]}])


def build(lang: Language, shown: Shown, found: Asset, workspace_url: str) -> View:
    """Return everything about something."""
    past = list(_mentions(lang, found.mentions, workspace_url))
    match found.found:
        case VideoFound() as video:
            streams = _stream_fields(lang, video)
            blocks: list[Block | SlackBlock] = [*_video(lang, video), DIVIDER, *_streams(lang, video), *streams]
            blocks += [*_parts(lang, video), DIVIDER, *past]
            return _view(lang, shown, blocks, has_fields=bool(streams))
        case ImageFound(image=image):
            return _view(lang, shown, [*_image(lang, image), DIVIDER, *past])
        case AddressFound() as address:
            return _view(lang, shown, [*_address(lang, address), DIVIDER, *past])
        case Absent():
            gone = lang.say(
                "*Nothing with this ID exists in this account and region (any more).* VOD says so of videos and of "
                "images."
            )
            return _view(lang, shown, [section(gone), _named(shown), DIVIDER, *past])


def parse(view: Mapping[str, Any]) -> Shown:
    """Read what a view is about; ValueError for what is not ours."""
    try:
        about = canonical.loads(str(view["private_metadata"]))
        return Shown(str(about["channel"]), str(about["name"]))
    except (AttributeError, KeyError, TypeError) as exc:
        raise ValueError("not what a view of an asset keeps") from exc


def part_of(action: Mapping[str, Any]) -> str:
    """Return which part a button proposes."""
    return str(action.get("action_id") or "").removeprefix(PROPOSE)


def streams_of(view: Mapping[str, Any]) -> Streams:
    """Read which streams were ticked, as Slack sends it back; ValueError for what is not ours."""
    offered: list[tuple[str, str]] = []
    chosen: list[str] = []
    try:
        for block in _ticking(view):
            offered += [(str(each["value"]), str(each["text"]["text"])) for each in block["element"]["options"]]
            state = view["state"]["values"].get(block["block_id"], {}).get(INPUT) or {}
            chosen += [str(option["value"]) for option in state.get("selected_options") or ()]
    except (AttributeError, KeyError, TypeError) as exc:
        raise ValueError("not what a view of an asset sends back") from exc
    return Streams(tuple(offered), tuple(chosen))


def first_streams(view: Mapping[str, Any]) -> str | None:
    """Return the id of the first block that ticks streams: where Slack shows what is wrong."""
    return next((str(block["block_id"]) for block in _ticking(view)), None)


def _ticking(view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the blocks that tick streams."""
    return [block for block in view["blocks"] if str(block.get("block_id")).startswith(STREAMS)]


def _view(lang: Language, shown: Shown, blocks: Sequence[Block | SlackBlock], *, has_fields: bool = False) -> View:
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=canonical.dumps({"channel": shown.channel, "name": shown.name}),
        title=PlainTextObject(text=clip(lang.say("Show from VOD"), 24)),
        submit=PlainTextObject(text=clip(lang.say("Propose ticked streams"), 24)) if has_fields else None,
        close=PlainTextObject(text=lang.say("Close")),
        blocks=[block if isinstance(block, SlackBlock) else as_is(block) for block in blocks],
    )


def _named(shown: Shown) -> Block:
    return context(code(shown.name, 500))


def _heading(lang: Language, target: Target) -> Block:
    return header(words.title(lang, target.title, 150))


def _pictured(lang: Language, target: Target, lines: Sequence[str]) -> Block:
    block = plain_section("\n".join(visible(line) for line in lines if line))
    if is_picture(target.cover):
        alt = clip(lang.say("Picture of {title}", title=words.title(lang, target.title, 100)), 2000)
        block["accessory"] = {"type": "image", "image_url": target.cover, "alt_text": alt}
    return block


def _video(lang: Language, found: VideoFound) -> Iterator[Block]:
    target = found.video
    yield _heading(lang, target)
    yield _pictured(
        lang,
        target,
        (
            lang.say("Video {id}", id=target.id),
            _of_all(lang, target, duration(target.duration_ms) or lang.say("length unknown")),
            *_filed(lang, target),
            lang.say("Storage class: {name}", name=plain(target.storage_class or lang.say("unknown"), 40)),
            _plays(lang, found.plays),
            _upload(lang, found.upload),
        ),
    )
    if not found.is_writable:
        yield section(
            lang.say(
                "⚠️ *Countersign may not delete this*: it belongs to another application of VOD, which shows "
                "neither its source file nor its streams."
            )
        )
    console = {
        "type": "button",
        "action_id": CONSOLE,
        "text": plain_text(lang.say("Open in the VOD console"), 75),
        "url": links.vod_console(target.id),
    }
    whole = _proposes(lang.say("Propose deletion of the whole video…"), WHOLE_VIDEO)
    yield {"type": "actions", "elements": [whole, console]}


def _of_all(lang: Language, target: Target, length: str) -> str:
    """Say length, time of upload and status."""
    return " · ".join(
        (
            length,
            lang.say("uploaded {date}", date=plain(target.created[:10])) if target.created else "",
            lang.say("status {status}", status=plain(target.status or lang.say("unknown"), 40)),
        )
    ).replace(" ·  · ", " · ")


def _filed(lang: Language, target: Target) -> Iterator[str]:
    """Say where somebody put it."""
    category = plain(target.category, 60) if target.category else lang.say("none")
    tags = plain(lang.series(target.tags), 200) if target.tags else lang.say("none")
    yield lang.say("Category: {category} · tags: {tags}", category=category, tags=tags)


def _plays(lang: Language, plays: Plays | Unread) -> str:
    if isinstance(plays, Unread):
        return lang.say("Plays: {unread}", unread=unread.in_short(lang, plays))
    if not plays.days:
        return lang.say("Plays in the last {n} days: no data", n=lang.number(plays.asked))
    counted = lang.say_n("{n} day with data", "{n} days with data", plays.days)
    return lang.say(
        "Plays in the last {n} days: {plays} ({counted}; players of Alibaba Cloud only)",
        n=lang.number(plays.asked),
        plays=lang.number(plays.plays),
        counted=counted,
    )


def _upload(lang: Language, upload: vod.Upload | Unread | None) -> str:
    if isinstance(upload, Unread):
        return lang.say("Uploaded by: {unread}", unread=unread.in_short(lang, upload))
    if upload is None:
        return lang.say("Uploaded by: not known to VOD")
    parts = [plain(each, 60) for each in (upload.source, upload.device, upload.ip) if each]
    return lang.say("Uploaded by: {program} (VOD names no person)", program=lang.series(parts))


def _streams(lang: Language, found: VideoFound) -> Iterator[Block]:
    match found.streams:
        case Unread() as missing:
            yield section(lang.say("*Streams* {unread}.", unread=unread.in_short(lang, missing)))
        case ():
            yield section(lang.say("*Streams*: none"))
        case streams:
            size = lang.size(sum(stream.size or 0 for stream in streams))
            number = lang.say_n("{n} stream", "{n} streams", len(streams))
            told = lang.say("*Streams*: {number}, {size}", number=number, size=size)
            if len(streams) > STREAMS_MOST:
                most = lang.say("the first {n} can be ticked here", n=lang.number(STREAMS_MOST))
                told = f"{told}; {most}"
            yield section(told)


def _stream_fields(lang: Language, found: VideoFound) -> list[SlackBlock]:
    if isinstance(found.streams, Unread) or not found.is_writable:
        return []
    fields: list[SlackBlock] = []
    shown = found.streams[:STREAMS_MOST]
    for start in range(0, len(shown), PER_BLOCK):
        options = [_stream(lang, each) for each in shown[start : start + PER_BLOCK]]
        label = lang.say("Tick streams to propose") if not start else lang.say("Further streams")
        fields.append(
            InputBlock(
                block_id=f"{STREAMS}{start}",
                label=_plain(label),
                optional=True,
                element=CheckboxesElement(action_id=INPUT, options=options),
            )
        )
    return fields


def _stream(lang: Language, one: StreamFact) -> Option:
    text = lang.say(
        "{definition} stream, {format}, {size}",
        definition=plain(one.definition, 12),
        format=plain(one.format, 10),
        size=lang.size(one.size) or lang.say("size unknown"),
    )
    uses = lang.say("what players get now") if one.status == "Normal" else lang.say("an older duplicate")
    facts = [uses, *([lang.say("encrypted")] if one.encrypted else []), one.job_id[:32]]
    return Option(value=one.job_id, text=_plain(clip(text, 75)), description=_plain(clip(" · ".join(facts), 75)))


def _parts(lang: Language, found: VideoFound) -> Iterator[Block]:
    """Show the source file and the images, each with the button that proposes it."""
    yield DIVIDER
    yield _source(lang, found)
    for kind in VideoImages:
        yield _images(lang, found, kind)


def _source(lang: Language, found: VideoFound) -> Block:
    match found.source:
        case Unread() as missing:
            return section(lang.say("*Source file* {unread}.", unread=unread.in_short(lang, missing)))
        case None:
            return section(lang.say("*Source file*: none"))
        case source:
            facts = (
                plain(source.file_name, 100) if source.file_name else lang.say("unnamed"),
                lang.size(source.size) or lang.say("size unknown"),
                lang.say("status {status}", status=plain(source.status, 40)),
            )
            block = plain_section(lang.say("Source file: {facts}", facts=visible(" · ".join(facts))))
            if found.is_writable and source.status != "Deleted":
                block["accessory"] = _proposes(lang.say("Propose: {part}…", part=lang.say("Source file")), SOURCE)
            return block


def _images(lang: Language, found: VideoFound, kind: VideoImages) -> Block:
    name, number = lang.say(IMAGE_SETS[kind]), found.images[kind]
    if isinstance(number, Unread):
        return plain_section(lang.say("{part} {unread}", part=name, unread=unread.in_short(lang, number)))
    if not number:
        return plain_section(lang.say("{part}: none", part=name))
    block = plain_section(lang.say("{part}: {number}", part=name, number=sizes.images(lang, number)))
    if found.is_writable:
        block["accessory"] = _proposes(lang.say("Propose: {part}…", part=name), kind)
    return block


def _image(lang: Language, target: Target) -> Iterator[Block]:
    yield _heading(lang, target)
    yield _pictured(
        lang,
        target,
        (
            lang.say("Image {id}", id=target.id),
            _of_all(lang, target, lang.size(target.size) or lang.say("size unknown")),
            *_filed(lang, target),
            target.url or "",
        ),
    )
    yield {"type": "actions", "elements": [_proposes(lang.say("Propose deletion of the image…"), IMAGE)]}


def _address(lang: Language, found: AddressFound) -> Iterator[Block]:
    yield plain_section(plain(found.url, 2_000))
    match found.is_served:
        case True:
            told = lang.say("An image is served at this address.")
        case False:
            told = lang.say("Nothing is served at this address (any more).")
        case None:
            told = lang.say("Whether an image is served at this address is not known.")
    more = lang.say("VOD tells nothing more of an address: look the image up by its ID.")
    yield section(lang.sentences(told, more))
    yield {"type": "actions", "elements": [_proposes(lang.say("Propose deletion of the image…"), ADDRESS)]}


def _mentions(lang: Language, found: Mentions, workspace_url: str) -> Iterator[Block]:
    if not found.newest:
        yield section(lang.say("*Proposals about it*: none, by this record"))
        return
    yield section(lang.say("*Proposals about it*, by this record, the newest first:"))
    yield section("\n".join(_mention(lang, each, workspace_url) for each in found.newest))
    if found.is_cut:
        yield context(lang.say("There are older ones."))


def _mention(lang: Language, each: Mention, workspace_url: str) -> str:
    facts = [
        f"*{links.to_card(each.number, each.card, workspace_url)}* {words.things(lang, each.request, each.count)}",
        lang.say(words.STATES[each.state]),
        *([_outcome(lang, each.outcome)] if each.outcome else []),
        lang.say(
            "proposed by {proposer}, {time}", proposer=mention(each.proposer), time=lang.moment(each.created_ms)
        ),
    ]
    return "• " + " · ".join(facts)


def _outcome(lang: Language, outcome: Outcome) -> str:
    return lang.say("this one: {outcome}", outcome=lang.say(words.OUTCOME_NAMES[outcome]))


def _proposes(text: str, part: str) -> Block:
    return {"type": "button", "action_id": f"{PROPOSE}{part}", "text": plain_text(text, 75), "value": part}


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)

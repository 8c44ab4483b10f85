"""What a card says of each target, in as many words as there is room for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deletion.audit.messages.audience import LISTED_ON_CARD
from deletion.plan.facts import StreamFact, Target, gravity
from deletion.plan.plan import Entry, Plan
from deletion.terms.requests.targets import Images, ImagesOf, ImageUrls, Mezzanines, Streams, VideoImages, Videos
from deletion.terms.results.outcomes import Outcome
from handlers.cards.parts.fitting import CONTAINER, clip_to_weight, weight
from handlers.text import words
from handlers.text.blocks import Block, plain_section, section
from handlers.text.escaping import clip, duration, plain, visible
from handlers.text.facts import sizes, warned
from handlers.text.language import Language, sentence

SHOWN = 10
"""Targets that a card shows of a longer list, whose rest is in the attached file."""

SHOWN_RISKIEST = 5
"""So many of these at the most are those with the gravest warnings; the others are the first of the list."""

PICTURE_MOST = 3_000
"""Characters of a picture's address that Slack takes."""

IMAGE_SETS: dict[str, str] = {
    VideoImages.COVER: sentence("Cover"),
    VideoImages.SNAPSHOT: sentence("Snapshots"),
    VideoImages.SPRITE: sentence("Sprite sheets"),
    VideoImages.SPRITE_ORIGIN: sentence("Frames of the sprite sheets"),
}


@dataclass(frozen=True)
class Detail:
    """How much is said of a target: the weight of its title and its address, and whether the rest is told."""

    title: int = 200
    address: int = 500
    all_facts: bool = True
    picture: bool = True


DETAILS = (
    Detail(),
    Detail(title=80, address=200, all_facts=False),
    Detail(title=60, address=120, all_facts=False, picture=False),
)
"""From everything to the least: a card has room for one of them, or for the last one cut short."""

ROW = Detail(title=120, address=200, all_facts=False, picture=False)
"""How much is said of a target in a list."""


def is_long(plan: Plan) -> bool:
    """Say whether a card does not show every target of a plan."""
    return plan.count > LISTED_ON_CARD


def chosen(plan: Plan) -> list[Entry]:
    """Return the targets that a card shows: all, or of a long list the riskiest, then the first of the others."""
    if not is_long(plan):
        return list(plan.entries)
    riskiest = _riskiest(plan)
    others = [each for each in plan.entries if each not in riskiest]
    return [*riskiest, *others[: SHOWN - len(riskiest)]]


def _riskiest(plan: Plan) -> list[Entry]:
    found = [each for each in plan.entries if each.warnings]
    return sorted(found, key=lambda each: (gravity(each.warnings), each.place))[:SHOWN_RISKIEST]


def blocks(
    lang: Language,
    plan: Plan,
    outcomes: Mapping[str, Outcome | None],
    *,
    room: int,
) -> list[Block]:
    """Return a block per target that is shown, that weigh at most ``room`` together; none of them is dropped.

    Of a long list it is said which ones these are.
    """
    shown, riskiest = chosen(plan), len(_riskiest(plan)) if is_long(plan) else 0
    heads = _heads(lang, plan, riskiest, len(shown) - riskiest)
    made = _blocks(lang, plan, shown, outcomes, room - weight(heads.values()))
    return [part for at, block in enumerate(made) for part in (heads.get(at), block) if part is not None]


def _heads(lang: Language, plan: Plan, riskiest: int, first: int) -> dict[int, Block]:
    """Return what stands above the targets of a long list, by the place of the first one that it is said of."""
    heads = {}
    if riskiest:
        heads[0] = section(
            lang.say(
                "*The gravest warnings first* ({n} of {total} with warnings):",
                n=lang.number(riskiest),
                total=lang.number(plan.totals.warned),
            )
        )
    if is_long(plan):
        others = (
            lang.say("*Then from the top of the list*:") if riskiest else lang.say("*From the top of the list*:")
        )
        heads |= {riskiest: section(others)} if first else {}
    return heads


def _blocks(
    lang: Language, plan: Plan, shown: Sequence[Entry], outcomes: Mapping[str, Outcome | None], room: int
) -> list[Block]:
    for detail in DETAILS:
        made = [_block(lang, plan, each, outcomes.get(each.target.id), detail) for each in shown]
        if weight(made) <= room:
            return made
    share = room // len(made) - CONTAINER - len("section") - len("plain_text")
    return [plain_section(clip_to_weight(block["text"]["text"], share)) for block in made]


def row(lang: Language, plan: Plan, entry: Entry) -> list[str]:
    """Return what a list says of a target (plain text): its number and title, what it is, its warnings by name."""
    target = entry.target
    facts = " · ".join(fact for fact in _first_facts(lang, plan, target) if fact)
    found = [_name(lang, entry, ROW), _identity(lang, plan, target, ROW), facts]
    return [*(visible(line) for line in found if line), *_warnings(lang, plan, target, ROW)]


def _name(lang: Language, entry: Entry, detail: Detail) -> str:
    """Return the number and the title of a target."""
    title = words.title(lang, entry.target.title, detail.title)
    return f"{entry.number}. {clip_to_weight(title, detail.title)}"


def _block(lang: Language, plan: Plan, entry: Entry, outcome: Outcome | None, detail: Detail) -> Block:
    target = entry.target
    lines = [_name(lang, entry, detail)]
    if outcome is not None:
        lines.append(lang.say("Outcome: {outcome}.", outcome=lang.say(words.OUTCOMES[outcome])))
    lines += [visible(line) for line in _facts(lang, plan, target, detail) if line]
    lines += _warnings(lang, plan, target, detail)
    block = plain_section("\n".join(lines))
    if detail.picture and (shown := picture(lang, target)):
        block["accessory"] = shown
    return block


def picture(lang: Language, target: Target) -> Block | None:
    """Return the picture of a target as an element; None where there is none that Slack could fetch."""
    if not is_picture(target.cover):
        return None
    alt = clip(lang.say("Picture of {title}", title=words.title(lang, target.title, 100)), 2000)
    return {"type": "image", "image_url": target.cover, "alt_text": alt}


def is_picture(address: str | None) -> bool:
    """Say whether Slack can be asked to show what is at this address."""
    return address is not None and address.startswith(("http://", "https://")) and len(address) <= PICTURE_MOST


def _warnings(lang: Language, plan: Plan, target: Target, detail: Detail) -> list[str]:
    found = plan.warnings_of(target.id)
    if detail.all_facts:
        return [lang.say("Warning: {warning}", warning=lang.say(words.WARNINGS[warn])) for warn in found]
    return [lang.say("Warning: {warning}", warning=warned.named(lang, found))] if found else []


def _facts(lang: Language, plan: Plan, target: Target, detail: Detail) -> Iterator[str]:
    """Yield what an approver decides on: what it is, its size, length and date; then what else goes with it."""
    yield _identity(lang, plan, target, detail)
    facts = (_first_facts(lang, plan, target), _further_facts(lang, target) if detail.all_facts else ())
    yield " · ".join(fact for group in facts for fact in group if fact)
    yield _goes_with_it(lang, plan, target)


def _first_facts(lang: Language, plan: Plan, target: Target) -> Sequence[str | None]:
    # The size and number of a stream or a set of images stand in the line that says what it is.
    size = None if isinstance(plan.request, Streams | ImagesOf) else sizes.of_target(lang, plan, target)
    return (
        size,
        duration(target.duration_ms),
        lang.say("uploaded {date}", date=plain(target.created[:10])) if target.created else None,
        lang.say("status {status}", status=plain(target.status, 40))
        if target.status not in (None, "Normal")
        else None,
    )


def _further_facts(lang: Language, target: Target) -> Sequence[str | None]:
    return (
        plain(target.category, 60) if target.category else None,
        lang.say("tags {tags}", tags=plain(lang.series(target.tags), 100)) if target.tags else None,
        plain(target.storage_class, 40) if target.storage_class not in (None, "Standard") else None,
    )


def _identity(lang: Language, plan: Plan, target: Target, detail: Detail) -> str:
    match plan.request:
        case Streams(video_id=video_id):
            return lang.say(
                "{stream} · job {job} of video {video}",
                stream=_stream(lang, target.streams[0]),
                job=target.id,
                video=video_id,
            )
        case ImagesOf(video_id=video_id):
            return lang.say(
                "{images}: {number}, of video {video}",
                images=lang.say(IMAGE_SETS[target.id]),
                number=_number_of_images(lang, plan, target),
                video=video_id,
            )
        case ImageUrls():
            return clip_to_weight(plain(target.id, detail.address), detail.address)
        case Videos() | Mezzanines() | Images():
            return target.id


def _number_of_images(lang: Language, plan: Plan, target: Target) -> str:
    number, size = sizes.images(lang, len(target.images)), sizes.of_target(lang, plan, target)
    return lang.say("{things} ({size})", things=number, size=size) if size else number


def _stream(lang: Language, stream: StreamFact) -> str:
    """Say what a stream is and what it is for: ``HD stream, mp4, 120 MB; what players get now``."""
    size = lang.size(stream.size) or lang.say("size unknown")
    told = lang.say(
        "{definition} stream, {format}, {size}",
        definition=plain(stream.definition, 40),
        format=plain(stream.format, 40),
        size=size,
    )
    if stream.encrypted:
        told = lang.say("{stream}, encrypted", stream=told)
    if stream.status == "Normal":
        return lang.say("{stream}; what players get now", stream=told)
    return lang.say("{stream}; an older duplicate, not what players get", stream=told)


def _goes_with_it(lang: Language, plan: Plan, target: Target) -> str:
    match plan.request:
        case Videos() if sizes.streams_unread(plan, target):
            return lang.say(
                "Goes with it: {source}, streams, cover and snapshots. Its streams could not be read.",
                source=_source(lang, target),
            )
        case Videos():
            return lang.say(
                "Goes with it: {source}, {streams}, cover and snapshots",
                source=_source(lang, target),
                streams=_streams(lang, target),
            )
        case Mezzanines(force=force):
            unnamed = lang.say("unnamed")
            name = plain(target.source.file_name or unnamed, 100) if target.source else unnamed
            if force:
                return lang.say("Only the source file goes: {name}, forced. No transcoding afterwards.", name=name)
            return lang.say("Only the source file goes: {name}. No transcoding afterwards.", name=name)
        case Streams() | ImagesOf() | Images() | ImageUrls():
            return ""


def _source(lang: Language, target: Target) -> str:
    if target.source is None:
        return lang.say("its source file, if there is one")
    size = lang.size(target.source.size)
    return lang.say("source file ({size})", size=size) if size else lang.say("source file")


def _streams(lang: Language, target: Target) -> str:
    names = sorted({plain(stream.definition, 40) for stream in target.streams})
    if not names:
        return lang.say("no streams")
    return lang.say_n(
        "{n} stream ({names})", "{n} streams ({names})", len(target.streams), names=lang.series(names)
    )

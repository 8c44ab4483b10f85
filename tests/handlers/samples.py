"""Hand-made proposals for tests of words: any state, any kind of request, any number of targets."""

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import settings

from deletion import views
from deletion.approval.ending import NO_ENDING, Ending
from deletion.approval.shown import Shown
from deletion.audit.messages.audience import FileStands
from deletion.listed import Listed, Listing
from deletion.plan import plan
from deletion.plan.facts import SourceFact, StreamFact, Target, Warn
from deletion.plan.plan import Plan, Whole
from deletion.terms.ids import Digest, RecordId, proposal_ref
from deletion.terms.place import Place
from deletion.terms.requests import targets
from deletion.terms.requests.targets import (
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
)
from deletion.terms.results.causes import Halt
from deletion.terms.results.findings import Difference, LeftOut, LeftOutItem
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import OPEN, State
from deletion.views import ItemView, OtherProposal, ProposalView
from handlers.text.blocks import Message
from sandbox.slack.model.block_kit.blocks import texts
from storage.tables.freezes import FreezeRow
from storage.tables.proposals import ProposalRow
from storage.tables.votes import VoteRow, VoteState

patient = settings(deadline=None)
"""Examples may take as long as they need: other tests share the machine."""

HOME = "T0COUNTER01"
RECORD = RecordId("0123456789abcdef" * 2)
PROPOSER = "U0ANA4K2M7Q"
APPROVER = "U0BO93LXT6W"
SECOND = "U0CY5R8ZN1D"
NOW_MS = 1_767_225_600_000
"""2026-01-01 00:00 UTC."""

HOSTILE = "<!channel> <!here> <@U0DEE7H4PVC> *bold* _x_ `c` <https://evil.example|click> & &lt;!channel&gt;"
BIDI = "Invoice \u202egpj.fdp\u202c\r\nsecond\x07\u200b\u2066line\u2069\u0085\ufeff\U000e0041"


def media_id(number: int) -> str:
    return f"{number:032x}"


@dataclass(frozen=True)
class Kind:
    """A kind of request: what is asked for, and the target that becomes of one thing asked for."""

    request: Callable[[int], Request]
    target: Callable[[int], Target]
    most: int = 1_000


def _media(number: int) -> Target:
    stream = StreamFact(media_id(10_000 + number), "HD", "mp4", 4_000_000, "Normal", encrypted=False)
    return Target(
        id=media_id(number),
        title=f"Teaser {number}",
        video_id=media_id(number),
        status="Normal",
        size=12_582_912,
        duration_ms=61_250,
        created="2025-11-05T09:30:00Z",
        category="Marketing",
        tags=("campaign", "2024"),
        storage_class="Standard",
        app_id="app-1000000",
        cover="https://img.example/cover.png",
        source=SourceFact("source.mp4", 12_582_912, "Normal"),
        streams=(stream,),
    )


def _stream(number: int) -> Target:
    one = StreamFact(media_id(number), "HD", "mp4", 4_000_000, "Normal", encrypted=False)
    return Target(id=media_id(number), title="Teaser", video_id=media_id(0), streams=(one,))


def _image(number: int) -> Target:
    return Target(id=media_id(number), title=f"Poster {number}", status="Normal", size=204_800)


def _image_url(number: int) -> Target:
    url = f"https://img.example/{number}.png"
    return Target(id=url, title=f"{number}.png", url=url)


def _images_of(number: int) -> Target:
    kind = tuple(VideoImages)[number - 1]
    urls = ("https://img.example/1.png", "https://img.example/2.png")
    return Target(id=kind, title="Teaser", video_id=media_id(0), images=urls)


def _ids(count: int) -> tuple[str, ...]:
    return tuple(media_id(number) for number in range(1, count + 1))


KINDS: dict[str, Kind] = {
    "videos": Kind(lambda n: Videos(_ids(n)), _media),
    "streams": Kind(lambda n: Streams(media_id(0), _ids(n)), _stream),
    "mezzanines": Kind(lambda n: Mezzanines(_ids(n), force=False), _media),
    "forced mezzanines": Kind(lambda n: Mezzanines(_ids(n), force=True), _media),
    "images": Kind(lambda n: Images(_ids(n)), _image),
    "image urls": Kind(
        lambda n: ImageUrls(tuple(f"https://img.example/{i}.png" for i in range(1, n + 1))), _image_url
    ),
    "images of": Kind(lambda n: ImagesOf(media_id(0), tuple(VideoImages)[:n]), _images_of, most=4),
}

ENDINGS: dict[State, Ending] = {
    State.REJECTED: Ending(actor=APPROVER, why="still in use"),
    State.STOPPED: Ending(actor=APPROVER),
    State.FAILED: Ending(left_out=(LeftOutItem(media_id(1), LeftOut.MISSING),)),
}

WITHOUT_PLAN = frozenset({State.COLLECTING, State.FAILED})
WITH_ITEMS = frozenset({State.EXECUTING, State.FINISHED})


NO_NOTE = ItemNote()


@dataclass(frozen=True)
class Sample:
    """What is special about a proposal; everything else is ordinary."""

    state: State = State.PENDING
    kind: str = "videos"
    count: int = 1
    reason: str = "rights expired"
    facts: Mapping[str, Any] | None = None
    left_out: Sequence[tuple[str, LeftOut]] = ()
    warnings: Sequence[Warn] = ()
    drift: Sequence[tuple[str, str, str, str]] = ()
    ending: Ending | None = None
    needed: int = 1
    votes: Sequence[VoteRow] | None = None
    outcomes: Sequence[Outcome] = (Outcome.DELETED,)
    item_note: ItemNote = NO_NOTE
    hold_until_ms: int | None = None
    hold_s: int | None = None
    halted: Halt | None = None
    canary: int = 0
    frozen: FreezeRow | None = None
    lost: bool = False
    again_of: OtherProposal | None = None
    again: OtherProposal | None = None
    file: FileStands | None = None


def shown(number: int) -> Shown:
    """Return what a button of a proposal names."""
    return Shown(RECORD, proposal_ref(number), Digest("d" * 64))


def view(sample: Sample) -> ProposalView:
    """Return the proposal as the announcer would read it."""
    shown_ = None if sample.state in WITHOUT_PLAN else plan_of(sample)
    request = KINDS[sample.kind].request(sample.count)
    decided = sample.state in {State.APPROVED, *WITH_ITEMS}
    votes = (vote(APPROVER),) if decided else ()
    items = tuple(_items(sample, shown_)) if shown_ and sample.state in WITH_ITEMS else ()
    troubled = sorted(items, key=lambda item: item.outcome == Outcome.DELETED)
    return ProposalView(
        row=_row(sample, request, shown_),
        request=request,
        asked=sample.count,
        plan=shown_,
        drift=tuple(Difference(*each) for each in sample.drift),
        votes=votes if sample.votes is None else tuple(sample.votes),
        items=items[: views.SHOWN],
        now_ms=NOW_MS,
        troubled=tuple(troubled[: views.SHOWN]),
        tally=Counter(str(item.outcome) for item in items),
        frozen=sample.frozen,
        record=RECORD,
        lost=sample.lost,
        again_of=sample.again_of,
        again=sample.again,
        file=FileStands.THERE if sample.file is None and sample.state is State.FINISHED else sample.file,
    )


def in_list(sample: Sample, **facts: Any) -> Listed:
    """Return the proposal as a list would read it; ``facts`` replace those of its row."""
    seen = view(sample)
    return Listed(
        row=replace(seen.row, **facts),
        request=seen.request,
        count=seen.asked,
        now_ms=NOW_MS,
        totals=seen.plan.totals if seen.plan else None,
        first_title=seen.plan.entries[0].target.title if seen.plan else "",
        tally=seen.tally,
        frozen=seen.frozen,
        lost=seen.lost,
        shown=shown(seen.row.id) if sample.state in OPEN else None,
    )


def listing(*some: Listed, total: int | None = None, frozen: FreezeRow | None = None) -> Listing:
    """Return a list of these."""
    return Listing(some, len(some) if total is None else total, NOW_MS, frozen)


def freeze(reason: str = "wrong folder") -> FreezeRow:
    """Return a freeze that is open."""
    return FreezeRow(1, HOME, SECOND, "C0VODDELETE", reason, NOW_MS, None, "f" * 64)


def plan_of(sample: Sample) -> Plan:
    """Return the plan of a sample."""
    return whole_of(sample).plan


def whole_of(sample: Sample) -> Whole:
    """Return the plan of a sample with every row of it."""
    kind = KINDS[sample.kind]
    made = tuple(_with(kind.target(number), sample.facts or {}) for number in range(1, sample.count + 1))
    warnings = tuple((warn, target.id) for target in made for warn in sample.warnings)
    return plan.whole(
        Place("cn-shanghai", "1234567890123456", "vod.cn-shanghai.aliyuncs.com"),
        kind.request(sample.count),
        made,
        tuple(LeftOutItem(*each) for each in sample.left_out),
        warnings,
    )


def vote(user: str, state: VoteState = VoteState.COUNTED) -> VoteRow:
    """Return a vote of this person."""
    return VoteRow(1, "proposal", 4, "d" * 64, HOME, user, "C0VODDELETE", state, "{}", NOW_MS, NOW_MS)


def hidden_characters(message: Message) -> list[str]:
    """Return the characters of a message that would be obeyed instead of read."""
    return [char for text in said(message) for char in text if is_obeyed(char)]


def is_obeyed(char: str) -> bool:
    """Say whether a character steers the text instead of being part of it; line breaks of ours are fine."""
    joins = char in "\u200c\u200d"
    return char != "\n" and not joins and unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def said(message: Message) -> Iterator[str]:
    """Return every text of a message."""
    yield message.text
    yield from texts(list(message.blocks))


def mrkdwn_texts(message: Message) -> Iterator[str]:
    """Return every text in the blocks of a message that Slack would format."""
    yield from _mrkdwn(list(message.blocks))


def outside_code(text: str) -> str:
    """Return what is left of a mrkdwn text without its code spans."""
    return re.sub("`[^`]*`", "", text)


def member_of(owner: str, node: ast.expr) -> str | None:
    """Return ``X`` when a piece of code is ``owner.X``."""
    is_one = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner
    return node.attr if is_one and isinstance(node, ast.Attribute) else None


def _mrkdwn(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for entry in node:
            yield from _mrkdwn(entry)
    elif isinstance(node, dict) and node.get("type") == "mrkdwn":
        yield node["text"]
    elif isinstance(node, dict):
        yield from _mrkdwn(list(node.values()))


def _with(target: Target, facts: Mapping[str, Any]) -> Target:
    return Target(**{**target.__dict__, **facts})


def _row(sample: Sample, request: Request, plan: Plan | None) -> ProposalRow:
    ending = ENDINGS.get(sample.state, NO_ENDING) if sample.ending is None else sample.ending
    return ProposalRow(
        id=4,
        team=HOME,
        proposer=PROPOSER,
        kind=targets.kind_of(request),
        reason=sample.reason,
        state=sample.state,
        state_note=ending.text(),
        needed=sample.needed,
        revision=1 if plan else 0,
        digest=plan.digest if plan else None,
        created_ms=NOW_MS,
        collect_by_ms=NOW_MS + 900_000,
        expires_ms=NOW_MS + 86_400_000,
        decided_ms=None,
        execute_by_ms=None,
        finished_ms=None,
        card_channel="C0VODDELETE",
        card_ts="1767225600.000001",
        audit_channel=None,
        audit_ts=None,
        hold_until_ms=sample.hold_until_ms,
        hold_s=sample.hold_s,
        started_ms=NOW_MS - 60_000,
        halted=None if sample.halted is None else sample.halted.text(),
        lanes=1,
        canary=sample.canary,
    )


def _items(sample: Sample, shown_: Plan) -> Iterator[ItemView]:
    for number, target in enumerate(each.target for each in shown_.entries):
        outcome = sample.outcomes[number % len(sample.outcomes)]
        yield ItemView(target.id, outcome, sample.item_note)

"""The proposal card: what would go, who wants it, why, and the buttons; then, in place, what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from deletion.plan.plan import DIGEST_SHOWN, Plan, Target, Warn
from deletion.terms.outcomes import Outcome
from deletion.terms.states import State
from deletion.terms.targets import Images, ImagesOf, ImageUrls, Mezzanines, Streams, Videos
from deletion.views import ProposalView
from handlers.cards import ids
from handlers.text import standing, words
from handlers.text.escaping import clip, counted, duration, mention, plain, safe, size, visible
from storage.tables.items import ItemRow

Block = dict[str, Any]

SHOWN_WHOLE = 19
"""Targets that a card shows one by one; a Slack message holds 50 blocks."""

SHOWN_FIRST = 10
"""Targets that a card shows of a longer list, whose rest is in the attached file."""


@dataclass(frozen=True)
class Message:
    """A Slack message. ``text`` says everything that matters: it is all a screen reader reads."""

    text: str
    blocks: tuple[Block, ...] = ()

    def without_images(self) -> "Message":
        """Return the message with no picture in it, for when Slack cannot fetch one."""
        bare = ({key: value for key, value in block.items() if key != "accessory"} for block in self.blocks)
        return Message(self.text, tuple(bare))


def card(view: ProposalView) -> Message:
    """Render a proposal as it stands."""
    if view.plan is None:
        return Message(f"Proposal #{view.row.id} {words.STATES[view.state]}.")
    blocks = [
        header(f"Proposal #{view.row.id}: {_title(view, view.plan)}"),
        section(standing.status(view)),
        *_frozen(view),
        *_rejection(view),
        section(f"Proposed by {mention(view.row.proposer)}. Why:"),
        plain_section(plain(view.row.reason, 600)),
        *_drift(view),
        *_left_out(view.plan),
        *_targets(view, view.plan),
        *_closing(view, view.plan),
    ]
    message = Message(_summary(view, view.plan), tuple(blocks))
    # Pictures help to decide. Afterwards they go with what they show, and Slack takes no picture that is gone.
    return message if view.state is State.PENDING else message.without_images()


def header(text: str) -> Block:
    """Return a header block."""
    return {"type": "header", "text": {"type": "plain_text", "text": clip(text, 150), "emoji": False}}


def section(mrkdwn: str) -> Block:
    """Return a section of our own words; whatever came from outside was made safe before."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": clip(mrkdwn, 3000), "verbatim": True}}


def plain_section(text: str) -> Block:
    """Return a section of outside words, which nothing in them can format, link or mention out of."""
    return {"type": "section", "text": {"type": "plain_text", "text": clip(text, 3000), "emoji": False}}


def context(mrkdwn: str) -> Block:
    """Return a line of small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": clip(mrkdwn, 2000), "verbatim": True}]}


def _title(view: ProposalView, plan: Plan) -> str:
    return f"delete {words.things(view.request, len(plan.targets))} ({_total(plan)})"


def _total(plan: Plan) -> str:
    return size(plan.bytes_known or None) or "size unknown"


def _summary(view: ProposalView, plan: Plan) -> str:
    titles = ", ".join(safe(target.title, 60) for target in plan.targets[:5])
    more = f" and {len(plan.targets) - 5} more" if len(plan.targets) > 5 else ""
    return clip(
        f"Proposal #{view.row.id}: {_title(view, plan)}: {titles}{more}. "
        f"{_all_told(view).replace('*', '')} {_why_rejected(view)}Proposed by {mention(view.row.proposer)}. "
        f"Why: {safe(view.row.reason)}",
        3900,
    )


def _all_told(view: ProposalView) -> str:
    return " ".join(filter(None, (standing.status(view), standing.frozen(view))))


def _why_rejected(view: ProposalView) -> str:
    if view.state is not State.REJECTED:
        return ""
    return f"Their reason: {safe(str(view.note.get('why', '')), 500)}. "


def _frozen(view: ProposalView) -> Iterable[Block]:
    told = standing.frozen(view)
    if told:
        yield section(told)


def _rejection(view: ProposalView) -> Iterable[Block]:
    if view.state is State.REJECTED:
        yield section("Why it was rejected:")
        yield plain_section(plain(str(view.note.get("why", "")), 600))


def _drift(view: ProposalView) -> Iterable[Block]:
    if not view.drift or view.state is not State.PENDING:
        return
    yield section("*Changed since it was first shown*, so earlier approvals no longer count:")
    yield plain_section("\n".join(plain(line, 200) for line in words.drift(view.drift, view.plan)))


def _left_out(plan: Plan) -> Iterable[Block]:
    if not plan.left_out:
        return
    lines = [f"{plain(what, 100)}: {words.LEFT_OUT[why]}" for what, why in plan.left_out[:10]]
    if len(plan.left_out) > 10:
        lines.append(f"… and {len(plan.left_out) - 10} more")
    yield section(f"*Not in this proposal* ({len(plan.left_out)} of those asked for):")
    yield plain_section("\n".join(lines))


def _targets(view: ProposalView, plan: Plan) -> Iterable[Block]:
    yield {"type": "divider"}
    shown = plan.targets if len(plan.targets) <= SHOWN_WHOLE else plan.targets[:SHOWN_FIRST]
    outcomes = {item.target: item for item in view.items}
    for number, target in enumerate(shown, 1):
        yield _target(number, target, plan, plan.warnings_of(target.id), outcomes.get(target.id))
    rest = len(plan.targets) - len(shown)
    if rest:
        warned = plan.warned - sum(bool(plan.warnings_of(target.id)) for target in shown)
        note = f" {warned:,} of them with warnings." if warned else ""
        yield section(f"*… and {rest:,} more.*{note} The whole list is the CSV file in this card's thread.")


def _target(number: int, target: Target, plan: Plan, warns: Sequence[Warn], item: ItemRow | None) -> Block:
    lines = [f"{number}. {plain(target.title, 600)}"]
    if item is not None and item.outcome and item.state == "settled":
        lines.append(f"Outcome: {words.OUTCOMES[Outcome(item.outcome)]}.")
    lines += _facts(target, plan)
    lines += [f"Warning: {words.WARNINGS[warn]}" for warn in warns]
    block = plain_section("\n".join(lines))
    if target.cover and target.cover.startswith(("http://", "https://")) and len(target.cover) <= 3000:
        alt = clip(f"Picture of {plain(target.title, 200)}", 2000)
        block["accessory"] = {"type": "image", "image_url": target.cover, "alt_text": alt}
    return block


def _facts(target: Target, plan: Plan) -> list[str]:
    """Return what an approver decides on: id, size, length, date; then what else goes with it."""
    first = [
        _id_line(target, plan),
        " · ".join(
            fact
            for fact in (
                size(plan.bytes_of(target) or None),
                duration(target.duration_ms),
                f"uploaded {target.created[:10]}" if target.created else None,
                f"status {plain(target.status, 40)}" if target.status else None,
                plain(target.category, 60) if target.category else None,
                f"tags {plain(', '.join(target.tags), 100)}" if target.tags else None,
                target.storage_class if target.storage_class not in (None, "Standard") else None,
            )
            if fact
        ),
        _goes_with_it(target, plan),
    ]
    return [visible(line) for line in first if line]


def _id_line(target: Target, plan: Plan) -> str:
    match plan.request:
        case Streams(video_id=video_id):
            stream = target.streams[0]
            return f"stream {stream.definition} {stream.format}, job {target.id}, of video {video_id}"
        case ImagesOf(video_id=video_id):
            return f"{target.id} images of video {video_id}"
        case ImageUrls():
            return plain(target.id, 500)
        case _:
            return target.id


def _goes_with_it(target: Target, plan: Plan) -> str:
    match plan.request:
        case Videos():
            names = sorted({stream.definition for stream in target.streams})
            none = "streams that VOD does not list" if target.streams_unread else "no streams"
            streams = f"{counted(len(target.streams), 'stream')} ({', '.join(names)})" if names else none
            source = (
                f"source file ({size(target.source.size) or 'size unknown'})" if target.source else "source file"
            )
            return f"Goes with it: {source}, {streams}, cover and snapshots"
        case Mezzanines(force=force):
            name = plain(target.source.file_name or "unnamed", 100) if target.source else "unnamed"
            return f"Only the source file goes: {name}{', forced' if force else ''}. No transcoding afterwards."
        case Streams():
            stream = target.streams[0]
            return "An older duplicate of its definition" if stream.status != "Normal" else "What players get now"
        case ImagesOf():
            return f"{counted(len(target.images), 'image')} in all"
        case Images() | ImageUrls():
            return ""


def _closing(view: ProposalView, plan: Plan) -> Iterable[Block]:
    if view.state is State.PENDING:
        yield section("*This cannot be undone.* VOD deletes for good: there is no recycle bin.")
        yield _buttons(view, plan)
    elif view.state is State.APPROVED or (view.state is State.EXECUTING and view.row.halted is None):
        yield _stop_button(view)
    what = words.things(view.request, len(plan.targets))
    yield context(
        f"{what}, {_total(plan)} in all · region {safe(plan.region, 40)} · "
        f"plan `{(view.row.digest or '')[:DIGEST_SHOWN]}`, revision {view.row.revision} · "
        f"`/vod status {view.row.id}`"
    )


def _buttons(view: ProposalView, plan: Plan) -> Block:
    value = ids.button_value(view.row.id, view.row.digest or "")
    what = words.things(view.request, len(plan.targets))
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": ids.APPROVE,
                "style": "danger",
                "text": {"type": "plain_text", "text": clip(f"Approve: delete {what}", 75)},
                "value": value,
                "confirm": _confirm(view, plan, what),
            },
            {
                "type": "button",
                "action_id": ids.REJECT,
                "text": {"type": "plain_text", "text": "Reject…"},
                "value": value,
            },
            {
                "type": "button",
                "action_id": ids.WITHDRAW,
                "text": {"type": "plain_text", "text": "Withdraw (proposer)"},
                "value": value,
            },
        ],
    }


def _stop_button(view: ProposalView) -> Block:
    if view.state is State.APPROVED:
        so_far = "Nothing was deleted yet, and once it is stopped, nothing will be."
    else:
        so_far = "What was sent to VOD is gone or going. Once it is stopped, nothing more is sent."
    text = f"{so_far} That is final: whoever still wants it deleted has to propose it again."
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": ids.STOP,
                "text": {"type": "plain_text", "text": "Stop the deletion"},
                "value": ids.button_value(view.row.id, view.row.digest or ""),
                "confirm": {
                    "title": {"type": "plain_text", "text": f"Stop #{view.row.id}?"},
                    "text": {"type": "plain_text", "text": text},
                    "confirm": {"type": "plain_text", "text": "Stop it"},
                    "deny": {"type": "plain_text", "text": "Go back"},
                },
            }
        ],
    }


def _confirm(view: ProposalView, plan: Plan, what: str) -> Block:
    first = plain(plan.targets[0].title, 80)
    more = f" and {len(plan.targets) - 1} more" if len(plan.targets) > 1 else ""
    text = (
        f"“{first}”{more}: {_total(plan)}, gone for good. "
        f"Plan {(view.row.digest or '')[:DIGEST_SHOWN]}. Every item is read again before your approval counts."
    )
    return {
        "title": {"type": "plain_text", "text": clip(f"Delete {what} of #{view.row.id}?", 100)},
        "text": {"type": "plain_text", "text": clip(text, 300)},
        "confirm": {"type": "plain_text", "text": "Approve the deletion"},
        "deny": {"type": "plain_text", "text": "Go back"},
        "style": "danger",
    }

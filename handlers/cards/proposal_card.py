"""The proposal card: what would go, who wants it, why, and the buttons; then, in place, what became of it."""

from collections.abc import Iterable

from deletion.plan.plan import DIGEST_SHOWN, Plan, Target
from deletion.terms.states import State
from deletion.terms.targets import Images, ImagesOf, ImageUrls, Mezzanines, Streams, Videos
from deletion.views import ItemView, ProposalView
from handlers.cards import ids
from handlers.text import standing, words
from handlers.text.blocks import Block, Message, context, header, plain_section, section
from handlers.text.escaping import clip, duration, mention, plain, safe, visible
from handlers.text.language import Language

SHOWN_WHOLE = 19
"""Targets that a card shows one by one; a Slack message holds 50 blocks."""

SHOWN_FIRST = 10
"""Targets that a card shows of a longer list, whose rest is in the attached file."""


def card(lang: Language, view: ProposalView) -> Message:
    """Render a proposal as it stands."""
    if view.plan is None:
        stands = lang.say(words.STATES[view.state])
        return Message(lang.say("Proposal #{number} {stands}.", number=view.row.id, stands=stands))
    title = _title(lang, view, view.plan)
    blocks = [
        header(lang.say("Proposal #{number}: {title}", number=view.row.id, title=title)),
        section(standing.status(lang, view)),
        *_frozen(lang, view),
        *_rejection(lang, view),
        section(lang.say("Proposed by {proposer}. Why:", proposer=mention(view.row.proposer))),
        plain_section(plain(view.row.reason, 600)),
        *_drift(lang, view),
        *_left_out(lang, view.plan),
        *_targets(lang, view, view.plan),
        *_closing(lang, view, view.plan),
    ]
    message = Message(_summary(lang, view, view.plan), tuple(blocks))
    # Pictures help to decide. Afterwards they go with what they show, and Slack takes no picture that is gone.
    return message if view.state is State.PENDING else message.without_images()


def _title(lang: Language, view: ProposalView, plan: Plan) -> str:
    what = words.things(lang, view.request, len(plan.targets))
    return lang.say("delete {what} ({size})", what=what, size=_total(lang, plan))


def _total(lang: Language, plan: Plan) -> str:
    return lang.size(plan.bytes_known or None) or lang.say("size unknown")


def _summary(lang: Language, view: ProposalView, plan: Plan) -> str:
    titles = lang.series(safe(target.title, 60) for target in plan.targets[:5])
    return clip(
        " ".join(
            filter(
                None,
                (
                    lang.say(
                        "Proposal #{number}: {title}: {items}.",
                        number=view.row.id,
                        title=_title(lang, view, plan),
                        items=words.more(lang, titles, len(plan.targets) - 5),
                    ),
                    standing.status(lang, view).replace("*", ""),
                    standing.frozen(lang, view).replace("*", ""),
                    _why_rejected(lang, view),
                    lang.say(
                        "Proposed by {proposer}. Why: {reason}",
                        proposer=mention(view.row.proposer),
                        reason=safe(view.row.reason),
                    ),
                ),
            )
        ),
        3900,
    )


def _why_rejected(lang: Language, view: ProposalView) -> str:
    if view.state is not State.REJECTED:
        return ""
    return lang.say("Their reason: {reason}.", reason=safe(view.ending.why or "", 500))


def _frozen(lang: Language, view: ProposalView) -> Iterable[Block]:
    told = standing.frozen(lang, view)
    if told:
        yield section(told)


def _rejection(lang: Language, view: ProposalView) -> Iterable[Block]:
    if view.state is State.REJECTED:
        yield section(lang.say("Why it was rejected:"))
        yield plain_section(plain(view.ending.why or "", 600))


def _drift(lang: Language, view: ProposalView) -> Iterable[Block]:
    if not view.drift or view.state is not State.PENDING:
        return
    yield section(lang.say("*Changed since it was first shown*, so earlier approvals no longer count:"))
    yield plain_section("\n".join(plain(line, 200) for line in words.drift(lang, view.drift, view.plan)))


def _left_out(lang: Language, plan: Plan) -> Iterable[Block]:
    if not plan.left_out:
        return
    lines = [f"{plain(what, 100)}: {lang.say(words.LEFT_OUT[why])}" for what, why in plan.left_out[:10]]
    if len(plan.left_out) > 10:
        lines.append(words.and_more(lang, len(plan.left_out) - 10))
    left_out = lang.number(len(plan.left_out))
    yield section(lang.say("*Not in this proposal* ({n} of those asked for):", n=left_out))
    yield plain_section("\n".join(lines))


def _targets(lang: Language, view: ProposalView, plan: Plan) -> Iterable[Block]:
    yield {"type": "divider"}
    shown = plan.targets if len(plan.targets) <= SHOWN_WHOLE else plan.targets[:SHOWN_FIRST]
    outcomes = {item.target: item for item in view.items}
    for number, target in enumerate(shown, 1):
        yield _target(lang, number, target, plan, outcomes.get(target.id))
    rest = len(plan.targets) - len(shown)
    if rest:
        warned = plan.warned - sum(bool(plan.warnings_of(target.id)) for target in shown)
        told = (
            lang.say("*… and {n} more.*", n=lang.number(rest)),
            lang.say("{n} of them with warnings.", n=lang.number(warned)) if warned else "",
            lang.say("The whole list is the CSV file in this card's thread."),
        )
        yield section(" ".join(filter(None, told)))


def _target(lang: Language, number: int, target: Target, plan: Plan, item: ItemView | None) -> Block:
    lines = [f"{number}. {plain(target.title, 600)}"]
    if item is not None and item.outcome:
        lines.append(lang.say("Outcome: {outcome}.", outcome=lang.say(words.OUTCOMES[item.outcome])))
    lines += _facts(lang, target, plan)
    warnings = [lang.say(words.WARNINGS[warn]) for warn in plan.warnings_of(target.id)]
    lines += [lang.say("Warning: {warning}", warning=warning) for warning in warnings]
    block = plain_section("\n".join(lines))
    if target.cover and target.cover.startswith(("http://", "https://")) and len(target.cover) <= 3000:
        alt = clip(lang.say("Picture of {title}", title=plain(target.title, 200)), 2000)
        block["accessory"] = {"type": "image", "image_url": target.cover, "alt_text": alt}
    return block


def _facts(lang: Language, target: Target, plan: Plan) -> list[str]:
    """Return what an approver decides on: id, size, length, date; then what else goes with it."""
    first = [
        _id_line(lang, target, plan),
        " · ".join(
            fact
            for fact in (
                lang.size(plan.bytes_of(target) or None),
                duration(target.duration_ms),
                lang.say("uploaded {date}", date=target.created[:10]) if target.created else None,
                lang.say("status {status}", status=plain(target.status, 40)) if target.status else None,
                plain(target.category, 60) if target.category else None,
                lang.say("tags {tags}", tags=plain(lang.series(target.tags), 100)) if target.tags else None,
                target.storage_class if target.storage_class not in (None, "Standard") else None,
            )
            if fact
        ),
        _goes_with_it(lang, target, plan),
    ]
    return [visible(line) for line in first if line]


def _id_line(lang: Language, target: Target, plan: Plan) -> str:
    match plan.request:
        case Streams(video_id=video_id):
            stream = target.streams[0]
            return lang.say(
                "stream {definition} {format}, job {job}, of video {video}",
                definition=stream.definition,
                format=stream.format,
                job=target.id,
                video=video_id,
            )
        case ImagesOf(video_id=video_id):
            return lang.say("{kind} images of video {video}", kind=target.id, video=video_id)
        case ImageUrls():
            return plain(target.id, 500)
        case _:
            return target.id


def _goes_with_it(lang: Language, target: Target, plan: Plan) -> str:
    match plan.request:
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
        case Streams():
            stream = target.streams[0]
            if stream.status != "Normal":
                return lang.say("An older duplicate of its definition")
            return lang.say("What players get now")
        case ImagesOf():
            return lang.say_n("{n} image in all", "{n} images in all", len(target.images))
        case Images() | ImageUrls():
            return ""


def _source(lang: Language, target: Target) -> str:
    if target.source is None:
        return lang.say("source file")
    return lang.say("source file ({size})", size=lang.size(target.source.size) or lang.say("size unknown"))


def _streams(lang: Language, target: Target) -> str:
    names = sorted({stream.definition for stream in target.streams})
    if names:
        streams = len(target.streams)
        return lang.say_n("{n} stream ({names})", "{n} streams ({names})", streams, names=lang.series(names))
    return lang.say("streams that VOD does not list") if target.streams_unread else lang.say("no streams")


def _closing(lang: Language, view: ProposalView, plan: Plan) -> Iterable[Block]:
    if view.state is State.PENDING:
        yield section(lang.say("*This cannot be undone.* VOD deletes for good: there is no recycle bin."))
        yield _buttons(lang, view, plan)
    elif view.state is State.APPROVED or (view.state is State.EXECUTING and view.row.halted is None):
        yield _stop_button(lang, view)
    yield context(
        lang.say(
            "{what}, {size} in all · region {region} · plan {plan}, revision {revision} · {command}",
            what=words.things(lang, view.request, len(plan.targets)),
            size=_total(lang, plan),
            region=safe(plan.region, 40),
            plan=f"`{(view.row.digest or '')[:DIGEST_SHOWN]}`",
            revision=view.row.revision,
            command=f"`/vod status {view.row.id}`",
        )
    )


def _buttons(lang: Language, view: ProposalView, plan: Plan) -> Block:
    value = ids.button_value(view.row.id, view.row.digest or "")
    what = words.things(lang, view.request, len(plan.targets))
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": ids.APPROVE,
                "style": "danger",
                "text": plain_text(lang.say("Approve: delete {what}", what=what), 75),
                "value": value,
                "confirm": _confirm(lang, view, plan, what),
            },
            {
                "type": "button",
                "action_id": ids.REJECT,
                "text": plain_text(lang.say("Reject…"), 75),
                "value": value,
            },
            {
                "type": "button",
                "action_id": ids.WITHDRAW,
                "text": plain_text(lang.say("Withdraw (proposer)"), 75),
                "value": value,
            },
        ],
    }


def _stop_button(lang: Language, view: ProposalView) -> Block:
    if view.state is State.APPROVED:
        so_far = lang.say("Nothing was deleted yet, and once it is stopped, nothing will be.")
    else:
        so_far = lang.say("What was sent to VOD is gone or going. Once it is stopped, nothing more is sent.")
    final = lang.say("That is final: whoever still wants it deleted has to propose it again.")
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": ids.STOP,
                "text": plain_text(lang.say("Stop the deletion"), 75),
                "value": ids.button_value(view.row.id, view.row.digest or ""),
                "confirm": {
                    "title": plain_text(lang.say("Stop #{number}?", number=view.row.id), 100),
                    "text": plain_text(f"{so_far} {final}", 300),
                    "confirm": plain_text(lang.say("Stop it"), 30),
                    "deny": plain_text(lang.say("Go back"), 30),
                },
            }
        ],
    }


def _confirm(lang: Language, view: ProposalView, plan: Plan, what: str) -> Block:
    first = lang.say("“{title}”", title=plain(plan.targets[0].title, 80))
    text = lang.say(
        "{items}: {size}, gone for good. Plan {plan}. Every item is read again before your approval counts.",
        items=words.more(lang, first, len(plan.targets) - 1),
        size=_total(lang, plan),
        plan=(view.row.digest or "")[:DIGEST_SHOWN],
    )
    return {
        "title": plain_text(lang.say("Delete {what} of #{number}?", what=what, number=view.row.id), 100),
        "text": plain_text(text, 300),
        "confirm": plain_text(lang.say("Approve the deletion"), 30),
        "deny": plain_text(lang.say("Go back"), 30),
        "style": "danger",
    }


def plain_text(text: str, most: int) -> Block:
    """Return a text of a button or a dialog, no longer than Slack takes there."""
    return {"type": "plain_text", "text": clip(text, most)}

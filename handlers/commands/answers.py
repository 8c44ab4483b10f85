"""What the command itself answers, at once and only to the person who typed it."""

from deletion.audit.notices import Channels
from deletion.policy.decisions import EVERY_MEMBER, Policy
from deletion.terms.refusals import Refusal
from deletion.terms.states import State
from deletion.terms.targets import Request, size_of
from deletion.views import ProposalView
from handlers.cards import proposal_card
from handlers.cards.proposal_card import Message, context, plain_section, section
from handlers.commands.parsing import Problems
from handlers.text import words
from handlers.text.escaping import clip, code, counted, lasting, mention, moment, packed, plain, safe
from storage.tables.freezes import FreezeRow
from storage.tables.proposals import ProposalRow

USAGE: dict[str, str] = {
    "delete video": '/vod delete video <video-id>… --reason "…"',
    "delete stream": '/vod delete stream <video-id> <definition or job-id>… --reason "…"',
    "delete mezzanine": '/vod delete mezzanine <video-id>… [--force] --reason "…"',
    "delete image": (
        '/vod delete image <image-id or url>… --reason "…"\n'
        '/vod delete image --of <video-id> cover|snapshot|sprite|sprite-origin|all --reason "…"'
    ),
    "status": "/vod status <number>",
    "list": "/vod list",
    "withdraw": "/vod withdraw <number>",
    "stop": "/vod stop <number>",
    "freeze": "/vod freeze [reason]",
    "thaw": "/vod thaw",
    "help": "/vod help",
}

MEANING: dict[str, str] = {
    "delete video": "Whole videos: record, source file, all streams, cover and snapshots.",
    "delete stream": "Chosen streams of one video, by definition (such as HD) or job id.",
    "delete mezzanine": (
        "Only the source files. --force also those that double as the original-quality stream: "
        "such a video may stop playing."
    ),
    "delete image": "Images by id or URL, or images that belong to a video.",
    "status": "How a proposal stands.",
    "list": "The proposals that are open.",
    "withdraw": "Take back your own proposal, until its hold is over.",
    "stop": (
        "Stop an approved deletion: while it is on hold, nothing is deleted; later, what was not sent yet stays. "
        "Its proposer and every approver can."
    ),
    "freeze": "Keep everything from being deleted, at once. Anybody in the approvals channel can.",
    "thaw": "End a freeze. It takes two people, one of them an approver.",
    "help": "This page.",
}

TOLD_APART = 25
"""Problems of one command that are told one by one."""

LISTED = 20
"""Open proposals that ``/vod list`` shows."""


def problems(found: Problems) -> Message:
    """List everything that is wrong with a command, and how it is written."""
    count = counted(len(found.found), "problem")
    lines = [f"• {plain(problem, 400)}" for problem in found.found[:TOLD_APART]]
    if len(found.found) > TOLD_APART:
        lines.append(f"… and {len(found.found) - TOLD_APART:,} more")
    usage = USAGE.get(found.topic or "", "/vod help")
    if found.topic == "delete":
        usage = "\n".join(text for topic, text in USAGE.items() if topic.startswith("delete"))
    opening = f"*Nothing was stored or deleted:* {count} with this command."
    told = [*packed(lines), f"It is written like this:\n{usage}"]
    blocks = (section(opening), *map(plain_section, told))
    text = f"Nothing was stored or deleted: {count} with this command. {safe(' '.join(lines), 2500)}"
    return Message(clip(text, 3900), blocks)


def refused(refusals: tuple[Refusal, ...]) -> Message:
    """Say why nothing was stored, every reason at once."""
    told = [words.refusal(refusal) for refusal in refusals]
    if len(told) == 1:
        return said(told[0])
    text = "\n".join(f"• {reason}" for reason in told)
    return Message(clip(text, 3900), (section(text),))


def accepted(number: int, what: str, channels: Channels) -> Message:
    """Say that a proposal was stored and what happens next."""
    text = (
        f"Proposal #{number} is stored. I am reading {what} from VOD now; "
        f"the card then appears in <#{channels.approvals}> for somebody else to approve. Nothing is deleted before."
    )
    return Message(text, (section(text),))


def said(text: str) -> Message:
    """Answer in a sentence of our own (mrkdwn)."""
    return Message(text, (section(text),))


def status(view: ProposalView) -> Message:
    """Tell how a proposal stands, without buttons: decisions are made on the card.

    And without pictures: an answer that names one which is gone is refused whole, and cannot be sent again.
    """
    message = proposal_card.card(view).without_images()
    blocks = tuple(block for block in message.blocks if block["type"] != "actions")
    if not blocks:
        why = f" {words.failure(view.note)}" if view.note else ""
        return said(f"{message.text}{why}")
    return Message(message.text, blocks)


def listing(rows: list[ProposalRow], freeze: FreezeRow | None = None) -> Message:
    """List what is open, under the freeze that holds it all, if there is one."""
    frozen = f"*Frozen* by {mention(freeze.person)}: no more is deleted. " if freeze else ""
    if not rows:
        return said(f"{frozen}No proposals are open.")
    lines = [
        f"*#{row.id}* {row.kind}, {words.STATES[State(row.state)]}. Proposed by {mention(row.proposer)}"
        f"{_until(row)}: {code(row.reason, 80)}"
        for row in rows[:LISTED]
    ]
    if len(rows) > LISTED:
        lines.append(f"… and more; these are the newest {LISTED}.")
    text = f"{frozen}*{counted(len(rows[:LISTED]), 'open proposal')}*\n" + "\n".join(lines)
    return Message(clip(text, 3900), tuple(section(line) for line in [text.partition("\n")[0], *lines]))


def _until(row: ProposalRow) -> str:
    """Say until when a proposal can be approved, as long as it can."""
    waits = row.state in {State.COLLECTING, State.PENDING}
    return f", expires {moment(row.expires_ms)}" if waits else ""


def help_page(policy: Policy) -> Message:
    """Explain the command and the rules in force."""
    lines = [f"{USAGE[topic]}\n    {MEANING[topic]}" for topic in USAGE]
    proposers = (
        "every full member of this workspace"
        if EVERY_MEMBER in policy.proposers
        else words.who(sorted(policy.proposers))
    )
    rules = (
        f"May propose: {proposers}. May approve: {words.who(sorted(policy.approvers))}, never their own. "
        f"It takes {counted(policy.approvals_needed, 'approval')}; a proposal expires after "
        f"{policy.expires_after_s / 3600:g} hours and names at most {policy.max_items:,} items. "
        f"{_hold(policy)} {_care(policy)}"
    )
    opening = "*Countersign* deletes media from ApsaraVideo VOD, for good, and only after a second person approved."
    text = f"{opening.replace('*', '')} {safe(' '.join(lines), 3000)}"
    return Message(clip(text, 3900), (section(opening), plain_section("\n".join(lines)), context(rules)))


def _hold(policy: Policy) -> str:
    if not policy.hold_s:
        return "A deletion starts as soon as it is approved."
    return (
        f"A deletion is on hold for {lasting(policy.hold_s)} after it is approved; "
        "stopped until then, nothing of it is deleted."
    )


def _care(policy: Policy) -> str:
    trial = f"From {policy.canary_from:,} items on, one goes alone first."
    if not policy.stop_on:
        return trial
    return f"{trial} The first item that ends as {' or '.join(sorted(policy.stop_on))} stops the rest."


def asked(request: Request) -> str:
    """Name what was asked for: ``3 videos``."""
    return words.things(request, size_of(request))

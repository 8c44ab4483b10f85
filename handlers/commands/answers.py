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
from handlers.text.escaping import clip, code, mention, packed, plain, safe
from handlers.text.language import Language, sentence
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
    "delete video": sentence("Whole videos: record, source file, all streams, cover and snapshots."),
    "delete stream": sentence("Chosen streams of one video, by definition (such as HD) or job id."),
    "delete mezzanine": sentence(
        "Only the source files. --force also those that double as the original-quality stream: "
        "such a video may stop playing."
    ),
    "delete image": sentence("Images by id or URL, or images that belong to a video."),
    "status": sentence("How a proposal stands."),
    "list": sentence("The proposals that are open."),
    "withdraw": sentence("Take back your own proposal, until its hold is over."),
    "stop": sentence(
        "Stop an approved deletion: while it is on hold, nothing is deleted; later, what was not sent yet stays. "
        "Its proposer and every approver can."
    ),
    "freeze": sentence("Keep everything from being deleted, at once. Anybody in the approvals channel can."),
    "thaw": sentence("End a freeze. It takes two people, one of them an approver."),
    "help": sentence("This page."),
}

TOLD_APART = 25
"""Problems of one command that are told one by one."""

LISTED = 20
"""Open proposals that ``/vod list`` shows."""


def problems(lang: Language, found: Problems) -> Message:
    """List everything that is wrong with a command, and how it is written."""
    lines = [f"• {plain(problem, 400)}" for problem in found.found[:TOLD_APART]]
    if len(found.found) > TOLD_APART:
        lines.append(words.and_more(lang, len(found.found) - TOLD_APART))
    usage = USAGE.get(found.topic or "", "/vod help")
    if found.topic == "delete":
        usage = "\n".join(text for topic, text in USAGE.items() if topic.startswith("delete"))
    opening = lang.say_n(
        "*Nothing was stored or deleted:* {n} problem with this command.",
        "*Nothing was stored or deleted:* {n} problems with this command.",
        len(found.found),
    )
    written = lang.say("It is written like this:")
    told = [*packed(lines), f"{written}\n{usage}"]
    blocks = (section(opening), *map(plain_section, told))
    text = f"{opening.replace('*', '')} {safe(' '.join(lines), 2500)}"
    return Message(clip(text, 3900), blocks)


def refused(lang: Language, refusals: tuple[Refusal, ...]) -> Message:
    """Say why nothing was stored, every reason at once."""
    told = [words.refusal(lang, refusal) for refusal in refusals]
    if len(told) == 1:
        return said(told[0])
    text = "\n".join(f"• {reason}" for reason in told)
    return Message(clip(text, 3900), (section(text),))


def accepted(lang: Language, number: int, what: str, channels: Channels) -> Message:
    """Say that a proposal was stored and what happens next."""
    return said(
        lang.say(
            "Proposal #{number} is stored. I am reading {what} from VOD now; the card then appears in {channel} "
            "for somebody else to approve. Nothing is deleted before.",
            number=number,
            what=what,
            channel=f"<#{channels.approvals}>",
        )
    )


def said(text: str) -> Message:
    """Answer in a sentence of our own (mrkdwn)."""
    return Message(text, (section(text),))


def status(lang: Language, view: ProposalView) -> Message:
    """Tell how a proposal stands, without buttons: decisions are made on the card.

    And without pictures: an answer that names one which is gone is refused whole, and cannot be sent again.
    """
    message = proposal_card.card(lang, view).without_images()
    blocks = tuple(block for block in message.blocks if block["type"] != "actions")
    if not blocks:
        why = f" {words.failure(lang, view.note)}" if view.note else ""
        return said(f"{message.text}{why}")
    return Message(message.text, blocks)


def listing(lang: Language, rows: list[ProposalRow], freeze: FreezeRow | None = None) -> Message:
    """List what is open, under the freeze that holds it all, if there is one."""
    frozen = ""
    if freeze:
        frozen = f"{lang.say('*Frozen* by {actor}: no more is deleted.', actor=mention(freeze.person))} "
    if not rows:
        return said(f"{frozen}{lang.say('No proposals are open.')}")
    lines = [_listed(lang, row) for row in rows[:LISTED]]
    if len(rows) > LISTED:
        lines.append(lang.say("… and more; these are the newest {n}.", n=lang.number(LISTED)))
    count = lang.say_n("*{n} open proposal*", "*{n} open proposals*", len(rows[:LISTED]))
    head = f"{frozen}{count}"
    return Message(clip("\n".join([head, *lines]), 3900), tuple(section(line) for line in [head, *lines]))


def _listed(lang: Language, row: ProposalRow) -> str:
    """Return the line of an open proposal, with until when it can be approved, as long as it can."""
    facts = {
        "number": row.id,
        "kind": row.kind,
        "stands": lang.say(words.STATES[State(row.state)]),
        "proposer": mention(row.proposer),
        "reason": code(row.reason, 80),
    }
    if row.state in {State.COLLECTING, State.PENDING}:
        return lang.say(
            "*#{number}* {kind}, {stands}. Proposed by {proposer}, expires {time}: {reason}",
            **facts,
            time=lang.moment(row.expires_ms),
        )
    return lang.say("*#{number}* {kind}, {stands}. Proposed by {proposer}: {reason}", **facts)


def help_page(lang: Language, policy: Policy) -> Message:
    """Explain the command and the rules in force."""
    lines = [f"{USAGE[topic]}\n    {lang.say(MEANING[topic])}" for topic in USAGE]
    proposers = (
        lang.say("every full member of this workspace")
        if EVERY_MEMBER in policy.proposers
        else words.who(lang, sorted(policy.proposers))
    )
    rules = [
        lang.say("May propose: {people}.", people=proposers),
        lang.say("May approve: {people}, never their own.", people=words.who(lang, sorted(policy.approvers))),
        lang.say_n(
            "It takes {n} approval; a proposal expires after {hours} hours and names at most {most} items.",
            "It takes {n} approvals; a proposal expires after {hours} hours and names at most {most} items.",
            policy.approvals_needed,
            hours=f"{policy.expires_after_s / 3600:g}",
            most=lang.number(policy.max_items),
        ),
        _hold(lang, policy),
        _care(lang, policy),
    ]
    opening = lang.say(
        "*Countersign* deletes media from ApsaraVideo VOD, for good, and only after a second person approved."
    )
    text = f"{opening.replace('*', '')} {safe(' '.join(lines), 3000)}"
    blocks = (section(opening), plain_section("\n".join(lines)), context(" ".join(rules)))
    return Message(clip(text, 3900), blocks)


def _hold(lang: Language, policy: Policy) -> str:
    if not policy.hold_s:
        return lang.say("A deletion starts as soon as it is approved.")
    return lang.say(
        "A deletion is on hold for {time} after it is approved; stopped until then, nothing of it is deleted.",
        time=lang.lasting(policy.hold_s),
    )


def _care(lang: Language, policy: Policy) -> str:
    trial = lang.say("From {n} items on, one goes alone first.", n=lang.number(policy.canary_from))
    if not policy.stop_on:
        return trial
    outcomes = lang.either([lang.say(words.OUTCOME_NAMES[outcome]) for outcome in sorted(policy.stop_on)])
    stops = lang.say("The first item that ends as {outcomes} stops the rest.", outcomes=outcomes)
    return f"{trial} {stops}"


def asked(lang: Language, request: Request) -> str:
    """Name what was asked for: ``3 videos``."""
    return words.things(lang, request, size_of(request))

"""``/vod delete``: proposes a deletion, which is then read from VOD and shown for approval."""

from deletion.approval import proposing
from deletion.approval.proposing import ProposalDraft
from deletion.policy import decisions
from deletion.terms.refusals import Refusal
from deletion.terms.targets import size_of
from handlers.commands.syntax import media
from handlers.commands.syntax.media import Deletion
from handlers.commands.verb import Form, Invocation, Verb
from handlers.text import words
from handlers.text.blocks import Message, said, section
from handlers.text.escaping import clip
from handlers.text.language import Language, sentence


def run(call: Invocation, wanted: Deletion) -> Message:
    """Store a proposal."""
    draft = ProposalDraft(wanted.request, wanted.reason)
    made = call.write(lambda tx: proposing.propose(tx, call.services.config, call.action, draft))
    if isinstance(made, tuple):
        return refused(call.lang, made)
    return said(
        call.lang.say(
            "Proposal #{number} is stored. Reading {what} from VOD now; the card then appears in {channel} for "
            "another person to approve. Nothing is deleted before that.",
            number=made,
            what=words.things(call.lang, wanted.request, size_of(wanted.request)),
            channel=call.approvals,
        )
    )


def _turn_away(call: Invocation) -> Refusal | None:
    """Turn away whoever may not propose, before what they typed is read."""
    if decisions.may_propose(call.services.config.policy, call.action.actor) is None:
        return None
    return call.write(lambda tx: proposing.turn_away(tx, call.services.config, call.action))


def refused(lang: Language, refusals: tuple[Refusal, ...]) -> Message:
    """Say why nothing was stored, every reason at once."""
    reasons = [words.refusal(lang, refusal) for refusal in refusals]
    if len(reasons) == 1:
        return said(reasons[0])
    text = "\n".join(f"• {reason}" for reason in reasons)
    return Message(clip(text, 3900), (section(text),))


VERB = Verb[Deletion](
    words=("delete",),
    forms=(
        Form(
            "delete video",
            'delete video <video-id>… --reason "…"',
            sentence("Whole videos: record, source file, all streams, cover and snapshots."),
        ),
        Form(
            "delete stream",
            'delete stream <video-id> <definition or job-id>… --reason "…"',
            sentence("Chosen streams of one video, by definition (such as HD) or job ID."),
        ),
        Form(
            "delete mezzanine",
            'delete mezzanine <video-id>… [--force] --reason "…"',
            sentence(
                "Only the source files. --force also those that double as the original-quality stream: "
                "such a video may stop playing."
            ),
        ),
        Form(
            "delete image",
            'delete image <image-id or url>… --reason "…"',
            sentence("Images by ID or URL."),
        ),
        Form(
            "delete image",
            'delete image --of <video-id> cover|snapshot|sprite|sprite-origin|all --reason "…"',
            sentence("Images that belong to a video."),
        ),
    ),
    parse=media.parse,
    run=run,
    only_reads=False,
    turns_away=_turn_away,
    hint='delete video <id>… --reason "…"',
)

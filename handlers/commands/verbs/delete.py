"""``/vod delete``: proposes a deletion, which is then read from VOD and shown for approval."""

from collections.abc import Iterable

from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.policy import decisions
from deletion.terms.refusals import Refusal
from deletion.terms.requests.targets import query_of, size_of
from handlers.commands.files.told import TIDIED
from handlers.commands.syntax import media
from handlers.commands.syntax.media import ByForm, Deletion
from handlers.commands.verb import Form, Invocation, Verb
from handlers.text import words
from handlers.text.blocks import Message, said, section
from handlers.text.escaping import clip, code
from handlers.text.language import Language, sentence

NAMED = 5
"""Names that an answer repeats."""


def run(call: Invocation, wanted: Deletion | ByForm) -> Message:
    """Store a proposal, or open the form."""
    if isinstance(wanted, ByForm):
        is_open = call.lang.say(
            "The form is open. It shows what would go before anything is proposed; until then nothing is stored."
        )
        return call.open_form(wanted.level, wanted.force, wanted.reason) or said(is_open)
    draft = ProposalDraft(wanted.request, wanted.reason)
    made = call.write(lambda tx: proposing.propose(tx, call.services.config, call.action, draft))
    if isinstance(made, tuple):
        return refused(call.lang, made)
    stored = call.lang.say(
        "Proposal #{number} is stored. Reading {what} from VOD now; if it can be proposed, the card then "
        "appears in {channel} for another person to approve. Nothing is deleted before that.",
        number=made,
        what=words.things(call.lang, wanted.request, size_of(wanted.request)),
        channel=call.approvals,
    )
    return said(call.lang.sentences(stored, *_meant(call.lang, wanted), *tidied(call.lang, wanted)))


def _meant(lang: Language, wanted: Deletion) -> Iterable[str]:
    """Repeat a query as it was understood."""
    query = query_of(wanted.request)
    if query is not None:
        yield lang.say("Understood as: {query} (times in UTC).", query=code(query.text(), 1_000))


def tidied(lang: Language, wanted: Deletion) -> Iterable[str]:
    """Say what was done to the names as they were typed."""
    yield from (lang.say(told) for how, told in TIDIED.items() if how in wanted.tidied)
    if wanted.repeated:
        named = lang.series(code(name, 80) for name in wanted.repeated[:NAMED])
        yield lang.say(
            "Named several times, taken once: {names}.", names=words.more(lang, named, len(wanted.repeated) - NAMED)
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


VERB = Verb[Deletion | ByForm](
    words=("delete",),
    forms=(
        Form(
            "delete",
            "delete",
            sentence("Opens a form: say what is to go, see it, then propose it. Also under “Propose a deletion…”."),
        ),
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
        Form(
            "delete --where",
            'delete --where category="Old trailers" tag=2019 created<2024-01-01 --reason "…"',
            sentence(
                "All videos that meet every condition now; what comes later is not part of it. Conditions: title= "
                "title~ category= category-id= tag= status= storage=, and created and size with = < <= > >=. "
                "The same with mezzanine or image before --where."
            ),
        ),
        Form(
            "delete --file",
            "delete --file",
            sentence(
                "The same form, for a list in a file: CSV, TSV, XLSX or text. For a file or IDs in a message: "
                "“Propose deletion…” in the message's menu."
            ),
        ),
    ),
    parse=media.parse,
    run=run,
    only_reads=False,
    turns_away=_turn_away,
    hint="delete",
)

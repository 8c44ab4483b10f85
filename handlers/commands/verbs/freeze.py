"""``/vod freeze``: keeps everything from being deleted, at once."""

from collections.abc import Sequence

from deletion.approval.holds import freezing
from deletion.terms.refusals import Refusal
from handlers.commands.syntax import lexing
from handlers.commands.syntax.media import REASON_MOST
from handlers.commands.verb import Form, Invocation, Verb
from handlers.text import words
from handlers.text.blocks import Message, said
from handlers.text.language import sentence


def parse(tokens: Sequence[str]) -> str:
    """Take everything that follows for the reason; ``--reason`` is neither needed nor in the way."""
    named = bool(tokens) and lexing.option(tokens[0]) == "reason"
    return " ".join(tokens[1:] if named else tokens).strip("\"'")[:REASON_MOST]


def run(call: Invocation, why: str) -> Message:
    """Freeze everything."""
    here, config = call.channel, call.services.config
    in_approvals = here == call.services.approvals_channel
    done = call.write(
        lambda tx: freezing.freeze(tx, config, call.action, channel=here, in_approvals=in_approvals, why=why)
    )
    if isinstance(done, Refusal):
        return said(words.refusal(call.lang, done))
    return said(
        call.lang.say(
            "Everything is frozen: no further calls will be sent, and calls already sent are being verified. "
            "{channel} is notified. To unfreeze, two people, one of them an approver, type `/vod unfreeze`.",
            channel=call.approvals,
        )
    )


VERB = Verb[str](
    words=("freeze",),
    forms=(
        Form(
            "freeze",
            "freeze [reason]",
            sentence(
                "Keep everything from being deleted, at once. "
                "For everybody in the approvals channel, guests included."
            ),
        ),
    ),
    parse=parse,
    run=run,
    only_reads=False,
    hint="freeze",
    # A freeze is understood whatever its reason looks like, a stray quote included.
    split=str.split,
)

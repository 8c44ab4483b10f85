"""``/vod stop``: stops an approved deletion."""

from functools import partial

from deletion.execution import stopping
from deletion.terms.ids import ProposalNumber
from deletion.terms.refusals import Refusal
from handlers.commands.syntax.problems import one_number
from handlers.commands.verb import Form, Invocation, Verb
from handlers.text import words
from handlers.text.blocks import Message, said
from handlers.text.language import sentence


def run(call: Invocation, number: ProposalNumber) -> Message:
    """Stop a deletion."""
    done = call.write(lambda tx: stopping.stop(tx, call.services.config, call.action, number))
    if isinstance(done, Refusal):
        return said(words.refusal(call.lang, done))
    return said(words.stopped(call.lang, number, done.state))


VERB = Verb[ProposalNumber](
    words=("stop",),
    forms=(
        Form(
            "stop",
            "stop <number>",
            sentence(
                "Stop an approved deletion: during the hold nothing is deleted; later, no further calls are sent. "
                "For its proposer and every approver."
            ),
        ),
    ),
    parse=partial(one_number, "stop"),
    run=run,
    only_reads=False,
    hint="stop 4",
)

"""``/vod withdraw``: takes back one's own proposal."""

from functools import partial

from deletion.approval.requests import proposing
from deletion.terms.ids import ProposalNumber
from deletion.terms.refusals import Refusal
from handlers.commands.syntax.problems import one_number
from handlers.commands.verb import Form, Invocation, Verb
from handlers.text import words
from handlers.text.blocks import Message, said
from handlers.text.language import sentence


def run(call: Invocation, number: ProposalNumber) -> Message:
    """Withdraw a proposal of the caller's."""
    done = call.write(lambda tx: proposing.withdraw(tx, call.action, number))
    if isinstance(done, Refusal):
        return said(words.refusal(call.lang, done))
    return said(call.lang.say("You withdrew #{number}. Nothing will be deleted.", number=number))


VERB = Verb[ProposalNumber](
    words=("withdraw",),
    forms=(
        Form(
            "withdraw",
            "withdraw <number>",
            sentence("Withdraw your own proposal, until the hold after its approval is over; after that use stop."),
        ),
    ),
    parse=partial(one_number, "withdraw"),
    run=run,
    only_reads=False,
    hint="withdraw 4",
)

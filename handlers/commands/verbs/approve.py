"""``/vod approve`` and ``/vod reject``: nobody decides by typing; the answer says where the buttons are."""

from functools import partial

from deletion import views
from deletion.terms.ids import ProposalNumber
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.commands.syntax.problems import one_number
from handlers.commands.verb import Form, Invocation, Verb, for_readers
from handlers.commands.verbs import status
from handlers.text import links, words
from handlers.text.blocks import Message, said
from handlers.text.language import sentence


def run(call: Invocation, number: ProposalNumber) -> Message:
    """Say where a proposal is decided on."""
    view = call.read(lambda tx: views.proposal(tx, number, call.services.plans, buttons=False))
    if view is None:
        return status.no_such_proposal(call.lang, number)
    return said(f"{call.lang.say('Nothing was decided by this command.')} {_where(call, view)}")


def _where(call: Invocation, view: ProposalView) -> str:
    number = view.row.id
    if view.state is not State.PENDING:
        return call.lang.say(
            "#{number} {stands}. Details: `/vod status {number}`",
            number=number,
            stands=call.lang.say(words.STATES[view.state]),
        )
    channel = f"<#{view.card.channel}>" if view.card else call.approvals
    return call.lang.say(
        "Approving and rejecting are done with the buttons on the card of {card} in {channel}.",
        card=links.to_card(number, view.card, call.services.workspace_url),
        channel=channel,
    )


VERB = Verb[ProposalNumber](
    words=("approve", "reject"),
    forms=(
        Form(
            "approve",
            "approve <number>",
            sentence("Show where the buttons are: approving and rejecting are done on the card."),
        ),
    ),
    parse=partial(one_number, "approve"),
    run=run,
    only_reads=True,
    turns_away=for_readers,
)

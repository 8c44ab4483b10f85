"""``/vod status``: how one proposal stands."""

from collections.abc import Iterator
from functools import partial

from deletion import views
from deletion.approval import proposal
from deletion.terms.ids import ProposalNumber
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.cards import proposal_card
from handlers.commands.syntax.problems import one_number
from handlers.commands.verb import Form, Invocation, Verb, for_readers
from handlers.text import links, reasons, words
from handlers.text.blocks import Block, Message, context, header, said, section
from handlers.text.language import Language, sentence
from handlers.text.proposals import headline, standing


def run(call: Invocation, number: ProposalNumber) -> Message:
    """Show a proposal."""
    view = call.read(lambda tx: views.proposal(tx, number, call.services.plans, buttons=False))
    home = call.services.workspace_url
    return shown(call.lang, view, home) if view else no_such_proposal(call.lang, number)


def shown(lang: Language, view: ProposalView, home: str = "") -> Message:
    """Return the card without its buttons: decisions are made on the card itself.

    And without pictures: an answer that names one which is gone is refused whole, and cannot be sent again.
    ``home`` is the workspace's address, or '' when it is not known.
    """
    message = proposal_card.card(lang, view, home=home).without_images()
    blocks = tuple(block for block in message.blocks if block["type"] != "actions")
    if view.reading is not None:
        far = standing.reading(lang, view.reading)
        text = lang.sentences(message.text, far.replace("*", ""))
        return Message(text, (header(headline.line(lang, view)), section(far)))
    if not blocks:
        why = f" {reasons.not_collected(lang, view.ending)}" if view.state is State.FAILED else ""
        return said(f"{message.text}{why}")
    blocks = (*blocks, *_leading(lang, view, home))
    cardless = standing.cardless(lang, view)
    if cardless:
        return Message(f"{cardless.replace('*', '')} {message.text}", (section(cardless), *blocks))
    return Message(message.text, blocks)


def _leading(lang: Language, view: ProposalView, home: str) -> Iterator[Block]:
    """Lead to the card, where that can be done; its small print leads to the audit channel."""
    address = links.permalink(home, view.card) if view.card else None
    if address:
        yield context(lang.say("<{link}|The card>", link=address))


def no_such_proposal(lang: Language, number: int) -> Message:
    """Say that nothing has this number."""
    return said(words.refusal(lang, proposal.no_such_proposal(number)))


VERB = Verb[ProposalNumber](
    words=("status",),
    forms=(Form("status", "status <number>", sentence("The state of one proposal.")),),
    parse=partial(one_number, "status"),
    run=run,
    only_reads=True,
    turns_away=for_readers,
    hint="status 4",
)

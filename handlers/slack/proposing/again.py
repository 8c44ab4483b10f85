"""Proposing again what a finished deletion had left: by a button, as the person who clicked."""

from slack_bolt import Ack, Respond

from deletion.approval import proposal, refusing
from deletion.approval.requests import again
from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.notices import AgainProposed, Notice
from deletion.jobs.record import Tx
from deletion.terms.ids import ProposalNumber
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.requests.targets import size_of
from handlers.services import Services
from handlers.slack.buttons import clicks
from handlers.slack.buttons.clicks import Button, Click
from handlers.slack.guard import Body


def on_again(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Propose the rest of the deletion whose card was clicked."""

    def look(click: Click) -> Button:
        number = click.shown.subject.proposal or ProposalNumber(0)
        # A long list is read before the transaction that others wait for.
        rest = services.database.read(lambda tx: again.rest_of(tx, services.config, number))

        def decide(tx: Tx, click: Click) -> Refusal | Notice:
            if not click.shown.record:
                return _old_card(tx, click)
            made = again.propose(tx, services.config, click.action, number, rest)
            if isinstance(made, Refusal) or rest is None:
                return made if isinstance(made, Refusal) else proposal.no_such_proposal(number)
            return AgainProposed(number=made, first=number, count=size_of(rest))

        return Button(events.ProposalRefused, decide, brake=False)

    clicks.on_button(services, ack, body, respond, look)


def _old_card(tx: Tx, click: Click) -> Refusal:
    """Refuse what names no record: no card with this button ever did that."""
    refusal, about = Refusal.about(Rule.OLD_CARD, click.number), click.shown.subject
    if about.proposal is not None:
        audience.card(tx, about.proposal)
    return refusing.refuse(tx, events.ProposalRefused(about=about, by=click.action.actor, refusal=refusal))

"""The buttons of a card and the form behind Reject: recorded in one transaction, answered privately."""

from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException

from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from deletion.approval import proposal, proposing, voting
from deletion.approval.deletions import Deletions
from deletion.approval.proposal import SlackAction
from deletion.approval.voting import Ballot
from deletion.audit import audience, events, places
from deletion.audit.audience import ReplyTo
from deletion.audit.notices import (
    ActionRefused,
    RejectionRecorded,
    StopRecorded,
    VoteRecorded,
    WithdrawalRecorded,
)
from deletion.execution import stopping
from deletion.jobs.record import Tx
from deletion.terms.ids import Digest, ProposalNumber, proposal_ref
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import State
from handlers.cards import ids
from handlers.services import Services
from handlers.slack.guard import Body, clicked_by, guard
from handlers.text import words
from handlers.text.language import Language
from handlers.views import reject

Deciding = Callable[[Tx, SlackAction, ProposalNumber, Digest], Refusal | None]
"""Acts on a click: who clicked, the proposal's number and the digest of its button."""

Following = Callable[[Language, ProposalNumber], None]
"""What follows a click that was not refused, in the clicker's language, for the proposal with this number."""


class UnansweredError(Exception):
    """A person could not even be told that something broke."""


def on_approve(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Cast a vote on the plan whose card was clicked."""

    def decide(tx: Tx, action: SlackAction, number: ProposalNumber, digest: Digest) -> Refusal | None:
        ballot = Ballot(number, digest, _reply_to(body))
        cast = voting.cast(tx, services.config, action, ballot, Deletions())
        if isinstance(cast, Refusal):
            return cast
        audience.answer(tx, _reply_to(body), VoteRecorded(number=number))
        return None

    _on_button(services, ack, body, respond, decide)


def on_withdraw(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Take the clicker's own proposal back."""

    def decide(tx: Tx, action: SlackAction, number: ProposalNumber, _: Digest) -> Refusal | None:
        done = proposing.withdraw(tx, action, number)
        if isinstance(done, Refusal):
            return done
        audience.answer(tx, _reply_to(body), WithdrawalRecorded(number=number))
        return None

    _on_button(services, ack, body, respond, decide)


def on_stop(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Stop an approved deletion, for its proposer and for every approver."""

    def decide(tx: Tx, action: SlackAction, number: ProposalNumber, _: Digest) -> Refusal | None:
        done = stopping.stop(tx, services.config, action, number)
        if isinstance(done, Refusal):
            return done
        audience.answer(tx, _reply_to(body), StopRecorded(number=number, was=State(done.state)))
        return None

    _on_button(services, ack, body, respond, decide)


def on_reject(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Ask why, unless this person may not reject at all. Opening the form changes nothing."""

    def decide(tx: Tx, action: SlackAction, number: ProposalNumber, _: Digest) -> Refusal | None:
        return proposing.may_open_rejection(tx, services.config, action, number)

    def open_form(lang: Language, number: ProposalNumber) -> None:
        form = reject.build(lang, number, _channel(body))
        try:
            client.views_open(trigger_id=body["trigger_id"], view=form)
        except (SlackClientError, OSError, HTTPException):
            text = lang.say("Slack could not open the form in time. Click Reject once more.")
            respond(text=text, response_type="ephemeral", replace_original=False)

    _on_button(services, ack, body, respond, decide, open_form)


def on_reject_form(services: Services, ack: Ack, body: Body) -> None:
    """Reject for the reason given in the form."""

    def work(lang: Language) -> None:
        refusal = _reject(services, body)
        if refusal is None:
            ack()
        else:
            _form_error(ack, words.refusal(lang, refusal))

    guard("reject_form", _language(services, body), work, lambda text: _form_error(ack, text))


def _on_button(
    services: Services, ack: Ack, body: Body, respond: Respond, decide: Deciding, then: Following | None = None
) -> None:
    """Acknowledge a click, decide on it, and answer a refusal privately; ``then`` follows when there was none."""
    ack()

    def work(lang: Language) -> None:
        number = _decide(services, body, decide)
        services.wake()
        if then is not None and number is not None:
            then(lang, number)

    def answer(text: str) -> None:
        said = respond(text=text, response_type="ephemeral", replace_original=False)
        if said.status_code != HTTPStatus.OK:
            # The person must not be left with nothing: without our 200, Slack itself marks the click as failed.
            raise UnansweredError(f"the answer to a click was refused: {said.status_code}")

    guard("click", _language(services, body), work, answer)


def _decide(services: Services, body: Body, decide: Deciding) -> ProposalNumber | None:
    """Decide on a click in one transaction; return the proposal's number, or None when it was refused."""
    action, read = clicked_by(body), _button(body)

    def in_one_transaction(tx: Tx) -> ProposalNumber | None:
        audience.open_lanes(tx, places.private(action.actor.user))
        number = read[0] if read else None
        refusal = decide(tx, action, *read) if read else _no_button_of_ours(tx, action)
        if refusal is None:
            return number
        audience.answer(tx, _reply_to(body), ActionRefused(number=number, refusal=refusal))
        return None

    return services.database.write(in_one_transaction)


def _no_button_of_ours(tx: Tx, action: SlackAction) -> Refusal:
    """Refuse a click on a button with a value that no card ever had."""
    refusal = Refusal(Rule.DIGEST_UNKNOWN)
    return proposal.refuse(tx, events.VoteRefused(about=proposal_ref(None), by=action.actor, refusal=refusal))


def _reject(services: Services, body: Body) -> Refusal | None:
    submitted, action = reject.parse(body["view"]), clicked_by(body)

    def in_one_transaction(tx: Tx) -> Refusal | None:
        reply_to = ReplyTo(submitted.channel, action.actor.user)
        audience.open_lanes(tx, places.private(reply_to.user))
        done = proposing.reject(tx, services.config, action, submitted.number, why=submitted.why)
        if isinstance(done, Refusal):
            return done
        audience.answer(tx, reply_to, RejectionRecorded(number=submitted.number))
        return None

    refusal = services.database.write(in_one_transaction)
    services.wake()
    return refusal


def _form_error(ack: Ack, text: str) -> None:
    ack(response_action="errors", errors=reject.errors(text))


def _language(services: Services, body: Body) -> Callable[[], Language]:
    return lambda: services.language(str(body["user"]["id"]))


def _channel(body: Body) -> str:
    container, channel = body.get("container") or {}, body.get("channel") or {}
    return str(container.get("channel_id") or channel.get("id") or body["user"]["id"])


def _reply_to(body: Body) -> ReplyTo:
    return ReplyTo(_channel(body), str(body["user"]["id"]))


def _button(body: Body) -> tuple[ProposalNumber, Digest] | None:
    return ids.read_button(str(body["actions"][0].get("value") or ""))

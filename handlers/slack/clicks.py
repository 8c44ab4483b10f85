"""The buttons of a card and the form behind Reject: recorded in one transaction, answered privately."""

from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException

from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from deletion.approval import proposal, proposing, voting
from deletion.approval.proposal import SlackAction
from deletion.approval.voting import Ballot
from deletion.audit import notices
from deletion.audit.notices import Ear, News
from deletion.execution import stopping
from deletion.jobs.record import Tx
from deletion.terms.canonical import Json
from deletion.terms.refusals import Refusal, Rule
from handlers.cards import ids
from handlers.services import Services
from handlers.slack.guard import Body, clicked_by, guard
from handlers.text import words
from handlers.text.language import Language
from handlers.views import reject

Deciding = Callable[[Tx, SlackAction, int, str], Refusal | None]
"""Acts on a click: who clicked, the proposal's number and the digest of its button."""

Following = Callable[[Language, int], None]
"""What follows a click that was not refused, in the clicker's language, for the proposal with this number."""


class UnansweredError(Exception):
    """A person could not even be told that something broke."""


def on_approve(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Cast a vote on the plan whose card was clicked."""

    def decide(tx: Tx, action: SlackAction, number: int, digest: str) -> Refusal | None:
        cast = voting.cast(tx, services.config, action, Ballot(number, digest, _channel(body)))
        if isinstance(cast, Refusal):
            return cast
        notices.private(tx, _ear(body), number, News.VOTE_CAST, {"number": number})
        return None

    _on_button(services, ack, body, respond, decide)


def on_withdraw(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Take the clicker's own proposal back."""

    def decide(tx: Tx, action: SlackAction, number: int, _: str) -> Refusal | None:
        done = proposing.withdraw(tx, services.config, action, number)
        if isinstance(done, Refusal):
            return done
        notices.private(tx, _ear(body), number, News.WITHDRAWN, {"number": number})
        return None

    _on_button(services, ack, body, respond, decide)


def on_stop(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Stop an approved deletion, for its proposer and for every approver."""

    def decide(tx: Tx, action: SlackAction, number: int, _: str) -> Refusal | None:
        done = stopping.stop(tx, services.config, action, number)
        if isinstance(done, Refusal):
            return done
        notices.private(tx, _ear(body), number, News.STOPPED, {"number": number, "state": done.state})
        return None

    _on_button(services, ack, body, respond, decide)


def on_reject(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Ask why, unless this person may not reject at all. Opening the form changes nothing."""

    def decide(tx: Tx, action: SlackAction, number: int, _: str) -> Refusal | None:
        return proposing.may_open_rejection(tx, services.config, action, number)

    def open_form(lang: Language, number: int) -> None:
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


def _decide(services: Services, body: Body, decide: Deciding) -> int | None:
    """Decide on a click in one transaction; return the proposal's number, or None when it was refused."""
    action, read = clicked_by(body), _button(body)

    def in_one_transaction(tx: Tx) -> int | None:
        notices.open_private(tx, _ear(body))
        number = read[0] if read else None
        if read is None:
            unknown = Refusal(Rule.DIGEST_UNKNOWN)
            refusal: Refusal | None = proposal.refuse(tx, action, "vote.refused", "proposal/none", unknown)
        else:
            refusal = decide(tx, action, *read)
        if refusal is None:
            return number
        facts: dict[str, Json] = {"refusal": refusal.to_json()}
        notices.private(tx, _ear(body), number, News.REFUSED, facts)
        return None

    return services.database.write(in_one_transaction)


def _reject(services: Services, body: Body) -> Refusal | None:
    submitted, action = reject.parse(body["view"]), clicked_by(body)

    def in_one_transaction(tx: Tx) -> Refusal | None:
        ear = Ear(submitted.channel, action.actor.user)
        notices.open_private(tx, ear)
        done = proposing.reject(tx, services.config, action, submitted.number, why=submitted.why)
        if isinstance(done, Refusal):
            return done
        notices.private(tx, ear, submitted.number, News.REJECTED, {"number": submitted.number})
        return None

    refusal = services.database.write(in_one_transaction)
    services.wake()
    return refusal


def _form_error(ack: Ack, text: str) -> None:
    ack(response_action="errors", errors=reject.errors(text))


def _language(services: Services, body: Body) -> Callable[[], Language]:
    return lambda: services.language(str(body["user"]["id"]))


def _button(body: Body) -> tuple[int, str] | None:
    return ids.read_button(str(body["actions"][0].get("value") or ""))


def _channel(body: Body) -> str:
    container, channel = body.get("container") or {}, body.get("channel") or {}
    return str(container.get("channel_id") or channel.get("id") or body["user"]["id"])


def _ear(body: Body) -> Ear:
    return Ear(_channel(body), str(body["user"]["id"]))

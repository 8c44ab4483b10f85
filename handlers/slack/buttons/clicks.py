"""The buttons of a card and the form behind Reject: recorded in one transaction, answered privately."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from deletion.approval import proposal, refusing, shown, voting
from deletion.approval.holds.anchoring import Anchorings
from deletion.approval.proposal import SlackAction
from deletion.approval.requests import proposing
from deletion.approval.shown import Shown
from deletion.approval.voting import Ballot
from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.notices import (
    ActionRefused,
    Notice,
    RejectionRecorded,
    StopRecorded,
    VoteRecorded,
    WithdrawalRecorded,
)
from deletion.execution import stopping
from deletion.jobs.record import Tx
from deletion.terms import canonical
from deletion.terms.ids import ProposalNumber, proposal_ref
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import State
from handlers.cards import ids
from handlers.services import HomeAsked, Services
from handlers.slack.forms import open_form
from handlers.slack.guard import Body, clicked_by, guard
from handlers.text import words
from handlers.text.language import Language
from handlers.views import reject


@dataclass(frozen=True)
class Click:
    """A click on a card, read once: who clicked, where to answer them, and what the button was about.

    ``at_home``: it was not on a card but in the Home tab, which is where it is answered.
    """

    action: SlackAction
    reply_to: ReplyTo
    shown: Shown
    at_home: bool = False

    @property
    def number(self) -> ProposalNumber:
        """Return the number of what the button was about."""
        return self.shown.number


@dataclass(frozen=True)
class Misclick:
    """A click on a button with a value that no card ever had."""

    action: SlackAction
    reply_to: ReplyTo
    at_home: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a click: one that recorded nothing and is to go on, or what its Home tab is to answer."""

    undecided: Click | None = None
    said: Notice | None = None


Deciding = Callable[[Tx, Click], Refusal | Notice | None]
"""Acts on a click; returns what the person is told, or None when nothing was recorded."""

Following = Callable[[Language, Click], None]
"""What follows a click that was not refused and that recorded nothing, in the clicker's language."""


@dataclass(frozen=True)
class Button:
    """What a button does, and the event that says it was refused. A brake keeps something from being deleted.

    ``in_vain`` refuses, before anything is locked, what cannot be; it has said so in the log.
    """

    refused: type[events.Refused]
    decide: Deciding
    brake: bool = True
    then: Following | None = None
    in_vain: Callable[[Tx, Click], Refusal | None] = lambda _, __: None


class UnansweredError(Exception):
    """A person could not even be told that something broke."""


def on_withdraw(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Take the clicker's own proposal back."""

    def decide(tx: Tx, click: Click) -> Refusal | Notice:
        done = proposing.withdraw(tx, click.action, click.number)
        return done if isinstance(done, Refusal) else WithdrawalRecorded(number=click.number)

    on_button(services, ack, body, respond, Button(events.WithdrawalRefused, decide))


def on_stop(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Stop an approved deletion, for its proposer and for every approver."""

    def decide(tx: Tx, click: Click) -> Refusal | Notice:
        done = stopping.stop(tx, services.config, click.action, click.number)
        return done if isinstance(done, Refusal) else StopRecorded(number=click.number, was=State(done.state))

    on_button(services, ack, body, respond, Button(events.StopRefused, decide))


def on_anchor(services: Services, ack: Ack, body: Body, respond: Respond) -> None:
    """Cast a vote that this record, which does not lead to the audit channel, is the true one."""

    def decide(tx: Tx, click: Click) -> Refusal | Notice:
        ballot = Ballot(click.number, click.shown.digest, click.reply_to)
        cast = voting.cast(tx, services.config, click.action, ballot, Anchorings())
        return cast if isinstance(cast, Refusal) else VoteRecorded()

    on_button(services, ack, body, respond, Button(events.VoteRefused, decide, brake=False))


def on_reject(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Ask why, unless this person may not reject at all. Opening the form changes nothing."""

    def decide(tx: Tx, click: Click) -> Refusal | None:
        return proposing.may_open_rejection(tx, services.config, click.action, click.number)

    def ask(lang: Language, click: Click) -> None:
        form = reject.build(lang, click.shown, click.reply_to.channel)
        if open_form(client, str(body["trigger_id"]), form) is not None:
            text = lang.say("Slack could not open the form in time. Click Reject once more.")
            respond(text=text, response_type="ephemeral", replace_original=False)

    on_button(services, ack, body, respond, Button(events.RejectionRefused, decide, then=ask))


def on_reject_form(services: Services, ack: Ack, body: Body) -> None:
    """Reject for the reason given in the form."""

    def work(lang: Language) -> None:
        refusal = _reject(services, body)
        if refusal is None:
            ack()
        else:
            _form_error(ack, words.refusal(lang, refusal))

    guard("reject_form", language_of(services, body), work, lambda text: _form_error(ack, text))


def on_button(
    services: Services, ack: Ack, body: Body, respond: Respond, button: Button | Callable[[Click], Button]
) -> None:
    """Acknowledge a click, decide on it, and answer a refusal privately; the button may say what follows.

    Some buttons first have to look at what they are about.
    """
    ack()

    def work(lang: Language) -> None:
        outcome = _decide(services, body, button)
        if is_at_home(body):
            services.home(HomeAsked(str(body["user"]["id"]), _hash(body), outcome.said))
        services.wake()
        if isinstance(button, Button) and button.then is not None and outcome.undecided is not None:
            button.then(lang, outcome.undecided)

    answer = in_home(services, body) if is_at_home(body) else privately(respond)
    guard("click", language_of(services, body), work, answer)


def in_home(services: Services, body: Body) -> Callable[[str], None]:
    """Return what answers a click in the Home tab, where there is no place to answer but that."""

    def answer(text: str) -> None:
        services.home(HomeAsked(str(body["user"]["id"]), _hash(body), text))
        services.wake()

    return answer


def privately(respond: Respond) -> Callable[[str], None]:
    """Return what answers a click so that only the clicker sees it (mrkdwn)."""

    def answer(text: str) -> None:
        said = respond(text=text, response_type="ephemeral", replace_original=False)
        if said.status_code != HTTPStatus.OK:
            # The person must not be left with nothing: without our 200, Slack itself marks the click as failed.
            raise UnansweredError(f"the answer to a click was refused: {said.status_code}")

    return answer


def _decide(services: Services, body: Body, button: Button | Callable[[Click], Button]) -> Outcome:
    """Decide on a click and answer it in one transaction, or say what its Home tab is to answer."""
    click = read(body)
    if isinstance(click, Misclick):
        return services.database.write(lambda tx: _answer_misclick(tx, click))
    pressed = button if isinstance(button, Button) else button(click)
    return services.database.write(lambda tx: _decide_and_answer(tx, click, pressed))


def _answer_misclick(tx: Tx, click: Misclick) -> Outcome:
    return _answer(tx, click, ActionRefused(refusal=no_button_of_ours(tx, click.action)))


def _decide_and_answer(tx: Tx, click: Click, button: Button) -> Outcome:
    refused = button.in_vain(tx, click) or refuse_mismatch(
        tx, click.action, click.shown, button.refused, brake=button.brake
    )
    done = refused or button.decide(tx, click)
    if isinstance(done, Refusal):
        return _answer(tx, click, ActionRefused(number=click.shown.subject.proposal, refusal=done))
    return Outcome(click) if done is None else _answer(tx, click, done)


def _answer(tx: Tx, click: Click | Misclick, notice: Notice) -> Outcome:
    """Queue the answer to a click on a card."""
    if click.at_home:
        return Outcome(said=notice)
    audience.answer(tx, click.reply_to, notice)
    return Outcome()


def refuse_mismatch(
    tx: Tx, action: SlackAction, seen: Shown, refused: type[events.Refused], *, brake: bool
) -> Refusal | None:
    """Refuse, and write down, what was done to something that this record does not hold as it was shown."""
    refusal = shown.mismatch(tx, seen, brake=brake)
    if refusal is None:
        return None
    refusal = proposal.replayed(tx, action) or refusal
    return refusing.refuse(tx, refused(about=seen.subject, by=action.actor, refusal=refusal))


def no_button_of_ours(tx: Tx, action: SlackAction) -> Refusal:
    """Write down that a misclick decides nothing."""
    refusal = Refusal(Rule.DIGEST_UNKNOWN)
    return refusing.refuse(tx, events.VoteRefused(about=proposal_ref(None), by=action.actor, refusal=refusal))


def _reject(services: Services, body: Body) -> Refusal | None:
    submitted, action = reject.parse(body["view"]), clicked_by(body)

    def in_one_transaction(tx: Tx) -> Refusal | None:
        reply_to = ReplyTo(submitted.channel, action.actor.user)
        number = submitted.shown.number
        mismatch = refuse_mismatch(tx, action, submitted.shown, events.RejectionRefused, brake=True)
        done = mismatch or proposing.reject(tx, services.config, action, number, why=submitted.why)
        if isinstance(done, Refusal):
            return done
        audience.answer(tx, reply_to, RejectionRecorded(number=number))
        return None

    refusal = services.database.write(in_one_transaction)
    services.wake()
    return refusal


def _form_error(ack: Ack, text: str) -> None:
    ack(response_action="errors", errors=reject.errors(text))


def language_of(services: Services, body: Body) -> Callable[[], Language]:
    """Return what says which language the person reads who clicked or submitted."""
    return lambda: services.language(str(body["user"]["id"]))


def read(body: Body) -> Click | Misclick:
    """Read a click on a button of a card, or on one of the Home tab."""
    action, button = clicked_by(body), ids.read_button(str(body["actions"][0].get("value") or ""))
    reply_to, at_home = reply_to_clicker(body), is_at_home(body)
    return Click(action, reply_to, button, at_home) if button else Misclick(action, reply_to, at_home)


def is_at_home(body: Body) -> bool:
    """Say whether something was pressed in the Home tab."""
    return _view(body).get("type") == "home"


def _hash(body: Body) -> str | None:
    """Return Slack's hash of the view that was pressed, for one that is to take its place."""
    return str(_view(body).get("hash") or "") or None


def _view(body: Body) -> Mapping[str, Any]:
    view = body.get("view")
    return view if isinstance(view, Mapping) else {}


def reply_to_clicker(body: Body) -> ReplyTo:
    """Return where somebody is answered who clicked."""
    return ReplyTo(_channel(body), str(body["user"]["id"]))


def submitted_by(body: Body) -> SlackAction:
    """Return who submitted; the same form with the same in it, because an answer came late, is one request.

    So are two of the same on top of one view: whoever pressed there twice has two.
    """
    view = body["view"]
    filled = canonical.sha256(json.dumps([view["private_metadata"], view["state"]["values"]], sort_keys=True))
    return replace(clicked_by(body), form=f"view:{view.get('root_view_id') or view['id']}:{filled[:32]}")


def _channel(body: Body) -> str:
    container, channel = body.get("container") or {}, body.get("channel") or {}
    return str(container.get("channel_id") or channel.get("id") or body["user"]["id"])

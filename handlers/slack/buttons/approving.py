"""Approving: a click is a vote; of a big deletion it opens the form that asks to type the number of items.

A second button opens the form for whoever wants to say something with it.
"""

from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from deletion import views
from deletion.approval import deletions, voting
from deletion.approval.deletions import Deletions
from deletion.approval.proposal import SlackAction
from deletion.approval.shown import Shown
from deletion.approval.voting import Ballot
from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.notices import Notice, VoteRecorded
from deletion.jobs.record import Tx
from deletion.terms.ids import ProposalNumber
from deletion.terms.refusals import Refusal, Rule
from handlers.services import Services
from handlers.slack.buttons import clicks
from handlers.slack.buttons.clicks import Button, Click, Deciding
from handlers.slack.forms import open_form
from handlers.slack.guard import Body, clicked_by, guard
from handlers.text import words
from handlers.text.language import Language
from handlers.views import approve

MAY_TYPE_AGAIN = frozenset({Rule.WRONG_NUMBER, Rule.NUMBER_NOT_TYPED, Rule.REPLAYED})
"""Refusals after which the form stays: another number, or another submission, may be the right one."""


def on_approve(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Cast a vote on the plan whose card was clicked, or open the form that asks for the number of its items."""

    def decide(tx: Tx, click: Click) -> Refusal | Notice | None:
        if deletions.asks_number(tx, services.config, click.number):
            return deletions.may_open_approval(tx, services.config, click.action, click.shown)
        return _cast(tx, services, click.action, Ballot(click.number, click.shown.digest, click.reply_to))

    clicks.on_button(services, ack, body, respond, _button(services, body, respond, client, decide))


def on_comment(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form in which something can be said with an approval."""

    def decide(tx: Tx, click: Click) -> Refusal | None:
        return deletions.may_open_approval(tx, services.config, click.action, click.shown)

    clicks.on_button(services, ack, body, respond, _button(services, body, respond, client, decide))


def _button(services: Services, body: Body, respond: Respond, client: WebClient, decide: Deciding) -> Button:
    """Return a button that may open the form, where it decides nothing itself."""
    answer = clicks.privately(respond)

    def ask(lang: Language, click: Click) -> None:
        number, digest = click.number, click.shown.digest
        found, asks_number = services.database.read(
            lambda tx: (
                views.to_approve(tx, number, digest, services.plans),
                deletions.asks_number(tx, services.config, number),
            )
        )
        if found is None:
            answer(words.refusal(lang, Refusal.about(Rule.PLAN_CHANGED, number)))
            return
        form = approve.build(lang, click.shown, click.reply_to.channel, found, asks_number=asks_number)
        if open_form(client, str(body["trigger_id"]), form) is not None:
            answer(
                lang.say("Slack could not open the form in time. Nothing was approved. Click Approve once more.")
            )

    def in_vain(tx: Tx, click: Click) -> Refusal | None:
        return deletions.in_vain(tx, services.config, click.action, click.shown)

    return Button(events.VoteRefused, decide, brake=False, then=ask, in_vain=in_vain)


def _cast(tx: Tx, services: Services, action: SlackAction, ballot: Ballot) -> Refusal | Notice:
    cast = voting.cast(tx, services.config, action, ballot, Deletions())
    return cast if isinstance(cast, Refusal) else VoteRecorded(number=ProposalNumber(ballot.number))


def on_form(services: Services, ack: Ack, body: Body) -> None:
    """Cast a vote with the number that was typed; say under the field, or in the form's place, why not."""

    def fail(text: str) -> None:
        ack(response_action="errors", errors=approve.errors(body["view"], text))

    def work(lang: Language) -> None:
        submitted, action = approve.parse(body["view"]), clicked_by(body)
        seen = submitted.shown
        if seen is None:
            refusal = services.database.write(lambda tx: clicks.no_button_of_ours(tx, action))
            fail(words.refusal(lang, refusal))
            return
        if submitted.asks_number and submitted.typed is None:
            fail(lang.say("Type the number of items in digits only, such as 120."))
            return
        ballot = Ballot(
            seen.number,
            seen.digest,
            ReplyTo(submitted.channel, action.actor.user),
            typed=submitted.typed,
            comment=submitted.comment,
        )
        refused = services.database.write(lambda tx: _vote(tx, services, action, seen, ballot))
        services.wake()
        if refused is None:
            ack()
        elif refused.rule in MAY_TYPE_AGAIN:
            fail(words.refusal(lang, refused))
        else:
            over = approve.over(lang, seen, words.refusal(lang, refused), submitted.comment)
            ack(response_action="update", view=over)

    guard("approve_form", lambda: services.language(str(body["user"]["id"])), work, fail)


def _vote(tx: Tx, services: Services, action: SlackAction, seen: Shown, ballot: Ballot) -> Refusal | None:
    refusal = clicks.refuse_mismatch(tx, action, seen, events.VoteRefused, brake=False)
    done = refusal or _cast(tx, services, action, ballot)
    if isinstance(done, Refusal):
        return done
    audience.answer(tx, ballot.reply_to, done)
    return None

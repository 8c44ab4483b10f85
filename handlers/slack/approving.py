"""Approving: a click is a vote; of a big deletion it opens the form that asks to type the number of items."""

from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from deletion import views
from deletion.approval import deletions, voting
from deletion.approval.deletions import Deletions
from deletion.approval.proposal import SlackAction
from deletion.approval.shown import Shown
from deletion.approval.voting import Ballot
from deletion.audit import audience, events
from deletion.audit.audience import ReplyTo
from deletion.audit.notices import Notice, VoteRecorded
from deletion.jobs.record import Tx
from deletion.terms.ids import ProposalNumber
from deletion.terms.refusals import Refusal, Rule
from handlers.services import Services
from handlers.slack import clicks
from handlers.slack.clicks import Button, Click
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

    def ask(lang: Language, click: Click) -> None:
        plan = services.database.read(lambda tx: views.plan_with(tx, click.number, click.shown.digest))
        if plan is None:
            changed = Refusal.about(Rule.PLAN_CHANGED, click.number)
            respond(text=words.refusal(lang, changed), response_type="ephemeral", replace_original=False)
            return
        form = approve.build(lang, click.shown, click.reply_to.channel, plan)
        if open_form(client, str(body["trigger_id"]), form) is not None:
            text = lang.say("Slack could not open the form in time. Nothing was approved. Click Approve once more.")
            respond(text=text, response_type="ephemeral", replace_original=False)

    def in_vain(tx: Tx, click: Click) -> Refusal | None:
        return deletions.in_vain(tx, services.config, click.action, click.shown)

    button = Button(events.VoteRefused, decide, brake=False, then=ask, in_vain=in_vain)
    clicks.on_button(services, ack, body, respond, button)


def _cast(tx: Tx, services: Services, action: SlackAction, ballot: Ballot) -> Refusal | Notice:
    cast = voting.cast(tx, services.config, action, ballot, Deletions())
    return cast if isinstance(cast, Refusal) else VoteRecorded(number=ProposalNumber(ballot.number))


def on_form(services: Services, ack: Ack, body: Body) -> None:
    """Cast a vote with the number that was typed; say under the field, or in the form's place, why not."""

    def fail(text: str) -> None:
        ack(response_action="errors", errors=approve.errors(text))

    def work(lang: Language) -> None:
        submitted, action = approve.parse(body["view"]), clicked_by(body)
        seen = submitted.shown
        if seen is None:
            refusal = services.database.write(lambda tx: clicks.no_button_of_ours(tx, action))
            fail(words.refusal(lang, refusal))
            return
        if submitted.typed is None:
            fail(lang.say("Type the number of items in digits only, such as 120."))
            return
        ballot = Ballot(
            seen.number, seen.digest, ReplyTo(submitted.channel, action.actor.user), typed=submitted.typed
        )
        refused = services.database.write(lambda tx: _vote(tx, services, action, seen, ballot))
        services.wake()
        if refused is None:
            ack()
        elif refused.rule in MAY_TYPE_AGAIN:
            fail(words.refusal(lang, refused))
        else:
            ack(response_action="update", view=approve.over(lang, seen, words.refusal(lang, refused)))

    guard("approve_form", lambda: services.language(str(body["user"]["id"])), work, fail)


def _vote(tx: Tx, services: Services, action: SlackAction, seen: Shown, ballot: Ballot) -> Refusal | None:
    refusal = clicks.refuse_mismatch(tx, action, seen, events.VoteRefused, brake=False)
    done = refusal or _cast(tx, services, action, ballot)
    if isinstance(done, Refusal):
        return done
    audience.answer(tx, ballot.reply_to, done)
    return None

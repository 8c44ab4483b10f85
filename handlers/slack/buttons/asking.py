"""Asking the proposer before one decides, and answering: forms behind buttons of a card and its thread."""

from collections.abc import Callable

from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from deletion.approval import proposal
from deletion.approval.people import questions, readers
from deletion.approval.people.questions import Named
from deletion.approval.proposal import SlackAction
from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.notices import AnswerRecorded, QuestionRecorded
from deletion.jobs.record import Tx
from deletion.terms.refusals import Refusal, Rule
from handlers.services import Services
from handlers.slack.buttons import clicks
from handlers.slack.buttons.clicks import Button, Click
from handlers.slack.forms import open_form
from handlers.slack.guard import Body, clicked_by, guard
from handlers.text import words
from handlers.text.language import Language
from handlers.views import answer as answer_view
from handlers.views import ask as ask_view
from handlers.views.answer import Answered
from handlers.views.ask import Asked

MAY_SEND_AGAIN = frozenset({Rule.BLANK_TEXT, Rule.UNKNOWN_PERSON, Rule.REPLAYED})
"""Refusals after which the form stays: another text, or the same a little later, may be the right one."""


def on_ask(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form, for whoever may read what is proposed and did not propose it."""
    answer = clicks.privately(respond)

    def decide(tx: Tx, click: Click) -> Refusal | None:
        return questions.may_open(tx, services.config, click.action, click.shown)

    def ask(lang: Language, click: Click) -> None:
        refusal = readers.why_not(services.config, services.directory, click.action)
        if refusal is not None:
            services.database.write(lambda tx: questions.refused(tx, click.action, click.shown, refusal))
            services.wake()
            answer(words.refusal(lang, refusal))
            return
        form = ask_view.build(lang, click.shown, click.reply_to.channel)
        if open_form(client, str(body["trigger_id"]), form) is not None:
            answer(lang.say("Slack could not open the form in time. Click Ask once more."))

    button = Button(events.QuestionRefused, decide, brake=False, then=ask)
    clicks.on_button(services, ack, body, respond, button)


def on_ask_form(services: Services, ack: Ack, body: Body) -> None:
    """Store a question; what was typed is given back where it can be asked no more."""

    def fail(text: str) -> None:
        ack(response_action="errors", errors=ask_view.errors(text))

    def work(lang: Language) -> None:
        submitted, action = ask_view.parse(body["view"]), clicks.submitted_by(body)
        not_now = readers.why_not(services.config, services.directory, action)
        refusal = services.database.write(lambda tx: _ask(tx, services, action, submitted, not_now))
        services.wake()
        title = ask_view.title(lang, submitted.shown.number) if submitted.shown else None
        _end(lang, ack, fail, refusal, (title, submitted.text))

    guard("ask_form", clicks.language_of(services, body), work, fail)


def _end(
    lang: Language, ack: Ack, fail: Callable[[str], None], refusal: Refusal | None, form: tuple[str | None, str]
) -> None:
    """Close a form, or say why not; where it is over, what was typed is given back.

    ``form`` is its title (None: it names nothing of ours) and what was typed.
    """
    title, typed = form
    if refusal is None:
        ack()
    elif refusal.rule in MAY_SEND_AGAIN or title is None:
        fail(words.refusal(lang, refusal))
    else:
        ack(response_action="update", view=ask_view.over(lang, title, words.refusal(lang, refusal), typed))


def _ask(
    tx: Tx, services: Services, action: SlackAction, submitted: Asked, not_now: Refusal | None
) -> Refusal | None:
    shown = submitted.shown
    if shown is None:
        return clicks.no_button_of_ours(tx, action)
    if not_now is not None:
        return questions.refused(tx, action, shown, not_now)
    done = questions.ask(tx, services.config, action, shown, submitted.text)
    if isinstance(done, Refusal):
        proposal.leave_open(tx, action, done)
        return done
    audience.answer(tx, ReplyTo(submitted.channel, action.actor.user), QuestionRecorded(number=shown.number))
    return None


def on_answer(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form that answers a question, for the proposer, while they may take part."""
    ack()
    answer = clicks.privately(respond)

    def work(lang: Language) -> None:
        action, reply_to = clicked_by(body), clicks.reply_to_clicker(body)
        named = answer_view.named_by(body["actions"][0])
        not_now = readers.why_not(services.config, services.directory, action)
        found = services.database.write(lambda tx: _question(tx, action, named, not_now))
        services.wake()
        if isinstance(found, Refusal) or named is None:
            answer(words.refusal(lang, found if isinstance(found, Refusal) else Refusal(Rule.DIGEST_UNKNOWN)))
            return
        form = answer_view.build(lang, named, found, reply_to.channel)
        if open_form(client, str(body["trigger_id"]), form) is not None:
            answer(lang.say("Slack could not open the form in time. Click Answer once more."))

    guard("answer", clicks.language_of(services, body), work, answer)


def _question(
    tx: Tx, action: SlackAction, named: Named | None, not_now: Refusal | None
) -> questions.Question | Refusal:
    if named is None:
        return clicks.no_button_of_ours(tx, action)
    if not_now is not None:
        return questions.answer_refused(tx, action, named, not_now)
    return questions.may_open_answer(tx, action, named)


def on_answer_form(services: Services, ack: Ack, body: Body) -> None:
    """Store the proposer's answer; what was typed is given back where it can be answered no more."""

    def fail(text: str) -> None:
        ack(response_action="errors", errors=answer_view.errors(text))

    def work(lang: Language) -> None:
        submitted, action = answer_view.parse(body["view"]), clicks.submitted_by(body)
        not_now = readers.why_not(services.config, services.directory, action)
        refusal = services.database.write(lambda tx: _answer(tx, action, submitted, not_now))
        services.wake()
        title = answer_view.title(lang, submitted.named.number) if submitted.named else None
        _end(lang, ack, fail, refusal, (title, submitted.text))

    guard("answer_form", clicks.language_of(services, body), work, fail)


def _answer(tx: Tx, action: SlackAction, submitted: Answered, not_now: Refusal | None) -> Refusal | None:
    if submitted.named is None:
        return clicks.no_button_of_ours(tx, action)
    if not_now is not None:
        return questions.answer_refused(tx, action, submitted.named, not_now)
    done = questions.answer(tx, action, submitted.named, submitted.text)
    if isinstance(done, Refusal):
        proposal.leave_open(tx, action, done)
        return done
    to = ReplyTo(submitted.channel, action.actor.user)
    audience.answer(tx, to, AnswerRecorded(number=submitted.named.number))
    return None

"""Hits in a modal: leafed through, ticked, and led to the form that proposes."""

from slack_bolt import Ack
from slack_sdk import WebClient

from handlers.services import Services
from handlers.slack.forms import turned_away
from handlers.slack.guard import Body, clicked_by, guard
from handlers.slack.looking import modal
from handlers.text import words
from handlers.text.language import Language
from handlers.views.looking import hits
from handlers.views.proposing import filled, form


def on_turn(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Show another page in place of the one whose button was pressed, or the same one once more."""
    ack()

    def work(lang: Language) -> None:
        wanted, dropped = hits.within(hits.parse(body["view"]))
        wanted = hits.turned(wanted, body["actions"][0])
        modal.look_again(services, lang, client, body, hits.look_up(lang, wanted, dropped=dropped))

    modal.guarded(services, body, client, "find_page", work)


def on_submit(services: Services, ack: Ack, body: Body) -> None:
    """Open the form with what is ticked in it, or say at the first tick why not."""
    view = body["view"]

    def fail(text: str) -> None:
        modal.refuse(ack, view, hits.first_tick(view), text)

    def work(lang: Language) -> None:
        wanted, dropped = hits.within(hits.parse(view))
        if refusal := turned_away(services, clicked_by(body)):
            fail(words.refusal(lang, refusal))
        elif dropped:
            fail(hits.too_many(lang, dropped))
        elif not wanted.ticked:
            fail(lang.say("Tick at least one video first."))
        else:
            held = filled.of_ids(wanted.channel, wanted.ticked, level=filled.Level.VIDEO)
            ack(response_action="push", view=form.build(lang, held, services.reasons).to_dict())

    guard("find_form", lambda: services.language(str(body["user"]["id"])), work, fail)

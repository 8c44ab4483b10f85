"""One asset in a modal: looked up once more, and led to the form that proposes it or a part of it."""

from http.client import HTTPException

from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from deletion.terms.requests.targets import VideoImages
from handlers.services import Services
from handlers.slack.forms import in_time, turned_away
from handlers.slack.guard import Body, clicked_by, guard
from handlers.slack.looking import modal
from handlers.text import words
from handlers.text.language import Language
from handlers.views.looking import asset
from handlers.views.proposing import filled, form
from handlers.views.proposing.filled import Filled, Level


def on_again(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Look up once more what could not be looked up."""
    ack()

    def work(lang: Language) -> None:
        wanted = asset.look_up(lang, asset.parse(body["view"]), services.workspace_url)
        modal.look_again(services, lang, client, body, wanted)

    modal.guarded(services, body, client, "show_again", work)


def on_part(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Open the form for the part whose button was pressed, on top of what is shown."""
    ack()

    def work(lang: Language) -> None:
        shown = asset.parse(body["view"])
        if refusal := turned_away(services, clicked_by(body)):
            why = words.refusal(lang, refusal)
            if not modal.say_on_top(client, body, why):
                modal.say_so(client, body, asset.instead(lang, shown, why))
            return
        view = form.build(lang, _held(shown, asset.part_of(body["actions"][0])), services.reasons)
        try:
            in_time(client).views_push(trigger_id=str(body["trigger_id"]), view=view)
        except (SlackClientError, OSError, HTTPException):
            # What was shown is one press away: it is looked up once more.
            modal.say_so(client, body, asset.instead(lang, shown, modal.not_opened(lang)))

    guard(
        "show_part",
        lambda: services.language(str(body["user"]["id"])),
        work,
        lambda text: modal.say_instead(client, body, text),
    )


def _held(shown: asset.Shown, part: str) -> Filled:
    if part in set(VideoImages):
        return filled.of_images(shown.channel, shown.name, [VideoImages(part)])
    level = Level.IMAGE if part in {asset.IMAGE, asset.ADDRESS} else Level(part)
    return filled.of_ids(shown.channel, [shown.name], level=level)


def on_streams(services: Services, ack: Ack, body: Body) -> None:
    """Open the form for the streams that are ticked, or say at the first tick why not."""
    view = body["view"]

    def fail(text: str) -> None:
        modal.refuse(ack, view, asset.first_streams(view), text)

    def work(lang: Language) -> None:
        shown, streams = asset.parse(view), asset.streams_of(view)
        if refusal := turned_away(services, clicked_by(body)):
            fail(words.refusal(lang, refusal))
        elif not streams.chosen:
            fail(lang.say("Tick at least one stream first."))
        else:
            held = filled.of_streams(shown.channel, shown.name, streams.offered, streams.chosen)
            ack(response_action="push", view=form.build(lang, held, services.reasons).to_dict())

    guard("show_streams", lambda: services.language(str(body["user"]["id"])), work, fail)

"""The slash command as Slack delivers it: answered at once, and only to the person who typed it."""

from slack_bolt import Ack
from slack_sdk import WebClient

from deletion.terms.requests.query import Query
from handlers.commands import dispatch
from handlers.commands.verb import Invocation
from handlers.lookups import LookUp
from handlers.services import Services
from handlers.slack.guard import Body, guard, typed_by
from handlers.slack.looking import modal
from handlers.slack.proposing import opening
from handlers.text.blocks import Message, said
from handlers.text.language import Language
from handlers.views.looking import asset, hits
from handlers.views.proposing import filled


def on_command(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Answer one slash command."""

    def work(lang: Language) -> None:
        channel = str(body["channel_id"])

        def open_form(level: str, force: bool, reason: str) -> Message | None:  # noqa: FBT001 - as it was typed
            held = filled.empty(channel, level=level, force=force, reason=reason)
            return opening.show(services, lang, client, body, held)

        def find(query: Query) -> Message | None:
            return look_up(hits.look_up(lang, hits.Search(channel, query)))

        def show(name: str) -> Message | None:
            return look_up(asset.look_up(lang, asset.Shown(channel, name), services.workspace_url))

        def look_up(wanted: LookUp) -> Message | None:
            why_not = modal.open_and_look(services, lang, client, body, wanted)
            return said(why_not) if why_not else None

        call = Invocation(services, lang, typed_by(body), channel, open_form, find, show)
        message = dispatch.respond(call, str(body.get("text") or ""))
        if message is None:
            ack()
        else:
            ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")

    guard(
        "command",
        lambda: services.language(str(body["user_id"])),
        work,
        lambda text: ack(text=text, response_type="ephemeral"),
    )

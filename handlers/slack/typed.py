"""The slash command as Slack delivers it: answered at once, and only to the person who typed it."""

from slack_bolt import Ack
from slack_sdk import WebClient

from handlers.commands import dispatch
from handlers.commands.verb import Invocation
from handlers.services import Services
from handlers.slack import lists
from handlers.slack.forms import open_form
from handlers.slack.guard import Body, guard, typed_by
from handlers.text.language import Language
from handlers.views import propose_list


def on_command(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Answer one slash command."""

    def work(lang: Language) -> None:
        channel = str(body["channel_id"])

        def open_list_form(level: str, reason: str) -> str | None:
            view = propose_list.for_file(lang, channel, level=level, reason=reason)
            error = open_form(client, str(body["trigger_id"]), view)
            return lists.not_opened(lang, error) if error else None

        call = Invocation(services, lang, typed_by(body), channel, open_list_form)
        message = dispatch.respond(call, str(body.get("text") or ""))
        ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")

    guard(
        "command",
        lambda: services.language(str(body["user_id"])),
        work,
        lambda text: ack(text=text, response_type="ephemeral"),
    )

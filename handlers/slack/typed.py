"""The slash command as Slack delivers it: answered at once, and only to the person who typed it."""

from slack_bolt import Ack

from handlers.commands import dispatch
from handlers.commands.verb import Invocation
from handlers.services import Services
from handlers.slack.guard import Body, guard, typed_by
from handlers.text.language import Language


def on_command(services: Services, ack: Ack, body: Body) -> None:
    """Answer one slash command."""

    def work(lang: Language) -> None:
        call = Invocation(services, lang, typed_by(body), str(body["channel_id"]))
        message = dispatch.respond(call, str(body.get("text") or ""))
        ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")

    guard(
        "command",
        lambda: services.language(str(body["user_id"])),
        work,
        lambda text: ack(text=text, response_type="ephemeral"),
    )

"""Which listener hears what: the one place where handlers meet Bolt."""

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from handlers.cards import ids
from handlers.commands import dispatch
from handlers.slack import clicks
from handlers.slack.guard import Body, Desk


def register(app: App, desk: Desk) -> None:
    """Attach every listener to a Bolt app."""

    def command(ack: Ack, body: Body) -> None:
        dispatch.on_command(desk, ack, body)

    def approve(ack: Ack, body: Body, respond: Respond) -> None:
        clicks.on_approve(desk, ack, body, respond)

    def reject(ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        clicks.on_reject(desk, ack, body, respond, client)

    def withdraw(ack: Ack, body: Body, respond: Respond) -> None:
        clicks.on_withdraw(desk, ack, body, respond)

    def stop(ack: Ack, body: Body, respond: Respond) -> None:
        clicks.on_stop(desk, ack, body, respond)

    def reject_form(ack: Ack, body: Body) -> None:
        clicks.on_reject_form(desk, ack, body)

    app.action(ids.APPROVE)(approve)
    app.action(ids.REJECT)(reject)
    app.action(ids.WITHDRAW)(withdraw)
    app.action(ids.STOP)(stop)
    app.view(ids.REJECT_VIEW)(reject_form)
    app.command(ids.COMMAND)(command)

"""Which listener hears what: the one place where handlers meet Bolt."""

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from handlers.cards import ids
from handlers.services import Services
from handlers.slack import approving, clicks, lists, typed
from handlers.slack.guard import Body
from handlers.views import approve as approve_view
from handlers.views import propose_list
from handlers.views import reject as reject_view


def register(app: App, services: Services) -> None:
    """Attach every listener to a Bolt app."""

    def command(ack: Ack, body: Body, client: WebClient) -> None:
        typed.on_command(services, ack, body, client)

    def approve(ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        approving.on_approve(services, ack, body, respond, client)

    def reject(ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        clicks.on_reject(services, ack, body, respond, client)

    def withdraw(ack: Ack, body: Body, respond: Respond) -> None:
        clicks.on_withdraw(services, ack, body, respond)

    def stop(ack: Ack, body: Body, respond: Respond) -> None:
        clicks.on_stop(services, ack, body, respond)

    def anchor(ack: Ack, body: Body, respond: Respond) -> None:
        clicks.on_anchor(services, ack, body, respond)

    def from_message(ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        lists.on_shortcut(services, ack, body, respond, client)

    app.action(ids.APPROVE)(approve)
    app.action(ids.REJECT)(reject)
    app.action(ids.WITHDRAW)(withdraw)
    app.action(ids.STOP)(stop)
    app.action(ids.ANCHOR)(anchor)
    app.message_shortcut(propose_list.SHORTCUT_ID)(from_message)
    app.command(ids.COMMAND)(command)
    _register_forms(app, services)


def _register_forms(app: App, services: Services) -> None:
    def approve(ack: Ack, body: Body) -> None:
        approving.on_form(services, ack, body)

    def reject(ack: Ack, body: Body) -> None:
        clicks.on_reject_form(services, ack, body)

    def propose(ack: Ack, body: Body) -> None:
        lists.on_form(services, ack, body)

    app.view(approve_view.CALLBACK_ID)(approve)
    app.view(reject_view.CALLBACK_ID)(reject)
    app.view(propose_list.CALLBACK_ID)(propose)

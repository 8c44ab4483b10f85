"""Which listener hears what: the one place where handlers meet Bolt."""

from collections.abc import Callable, Mapping

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from handlers.cards import ids
from handlers.services import Services
from handlers.slack import approving, clicks, lists, paging, proposing_again, typed
from handlers.slack.guard import Body
from handlers.views import approve as approve_view
from handlers.views import propose_list, whole_list
from handlers.views import reject as reject_view

Clicked = Callable[[Services, Ack, Body, Respond], None]
"""Hears a click on a button."""

BUTTONS: Mapping[str, Clicked] = {
    ids.WITHDRAW: clicks.on_withdraw,
    ids.STOP: clicks.on_stop,
    ids.ANCHOR: clicks.on_anchor,
    ids.AGAIN: proposing_again.on_again,
}
"""The buttons that never open a form."""


def register(app: App, services: Services) -> None:
    """Attach every listener to a Bolt app."""

    def command(ack: Ack, body: Body, client: WebClient) -> None:
        typed.on_command(services, ack, body, client)

    def approve(ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        approving.on_approve(services, ack, body, respond, client)

    def reject(ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        clicks.on_reject(services, ack, body, respond, client)

    def from_message(ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        lists.on_shortcut(services, ack, body, respond, client)

    def view_all(ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        paging.on_view_all(services, ack, body, respond, client)

    def turn(ack: Ack, body: Body, client: WebClient) -> None:
        paging.on_turn(services, ack, body, client)

    app.action(ids.APPROVE)(approve)
    app.action(ids.REJECT)(reject)
    app.action(ids.VIEW_ALL)(view_all)
    for action_id in (whole_list.PREVIOUS, whole_list.NEXT):
        app.action(action_id)(turn)
    for action_id, clicked in BUTTONS.items():
        app.action(action_id)(_heard_by(services, clicked))
    app.message_shortcut(propose_list.SHORTCUT_ID)(from_message)
    app.command(ids.COMMAND)(command)
    _register_forms(app, services)


def _heard_by(services: Services, clicked: Clicked) -> Callable[[Ack, Body, Respond], None]:
    def listener(ack: Ack, body: Body, respond: Respond) -> None:
        clicked(services, ack, body, respond)

    return listener


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

"""Which listener hears what: the one place where handlers meet Bolt."""

from collections.abc import Callable, Mapping

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from handlers.cards import ids
from handlers.services import Services
from handlers.slack import home, typed
from handlers.slack.buttons import approving, asking, clicks, paging
from handlers.slack.guard import Body
from handlers.slack.looking import finding, showing
from handlers.slack.proposing import again, checking, filling, opening, searching
from handlers.views import answer as answer_view
from handlers.views import approve as approve_view
from handlers.views import ask as ask_view
from handlers.views import home as home_view
from handlers.views import reject as reject_view
from handlers.views import whole_list
from handlers.views.looking import asset, hits
from handlers.views.proposing import form, preview

Clicked = Callable[[Services, Ack, Body, Respond], None]
"""Hears a click on a button."""

BUTTONS: Mapping[str, Clicked] = {
    ids.WITHDRAW: clicks.on_withdraw,
    ids.STOP: clicks.on_stop,
    ids.ANCHOR: clicks.on_anchor,
    ids.AGAIN: again.on_again,
}
"""The buttons that never open a form."""

Opens = Callable[[Services, Ack, Body, Respond, WebClient], None]
"""Hears a click on a button that may open a form."""

OPENERS: Mapping[str, Opens] = {
    ids.APPROVE: approving.on_approve,
    ids.COMMENT: approving.on_comment,
    ids.REJECT: clicks.on_reject,
    ids.ASK: asking.on_ask,
    ids.ANSWER: asking.on_answer,
    ids.VIEW_ALL: paging.on_view_all,
    ids.PROPOSE: opening.on_button,
}

InView = Callable[[Services, Ack, Body, WebClient], None]
"""Hears of something that may show another view."""

IN_VIEWS: Mapping[str, InView] = {
    whole_list.PREVIOUS: paging.on_turn,
    whole_list.NEXT: paging.on_turn,
    form.LEVEL_INPUT: filling.on_level,
    preview.READ_AGAIN: checking.on_read_again,
    hits.PREVIOUS: finding.on_turn,
    hits.NEXT: finding.on_turn,
    hits.AGAIN: finding.on_turn,
    asset.AGAIN: showing.on_again,
    **{f"{asset.PROPOSE}{part}": showing.on_part for part in asset.PARTS},
}
"""The buttons and menus of views."""

Submitted = Callable[[Services, Ack, Body], None]
"""Hears of what is answered by nothing but its acknowledgement, as a form that was submitted."""

FORMS: Mapping[str, Submitted] = {
    approve_view.CALLBACK_ID: approving.on_form,
    reject_view.CALLBACK_ID: clicks.on_reject_form,
    ask_view.CALLBACK_ID: asking.on_ask_form,
    answer_view.CALLBACK_ID: asking.on_answer_form,
    preview.CALLBACK_ID: checking.on_propose,
    hits.CALLBACK_ID: finding.on_submit,
    asset.CALLBACK_ID: showing.on_streams,
}


def register(app: App, services: Services) -> None:
    """Attach every listener to a Bolt app."""
    for action_id, clicked in BUTTONS.items():
        app.action(action_id)(_heard_by(services, clicked))
    for action_id, opens in OPENERS.items():
        app.action(action_id)(_opened_by(services, opens))
    for action_id, pressed in IN_VIEWS.items():
        app.action(action_id)(_shown_by(services, pressed))
    app.action(home_view.REFRESH)(_sent_to(services, home.on_refresh))
    for action_id in (ids.OPEN_CARD, asset.CONSOLE):
        app.action(action_id)(home.on_link)
    app.event("app_home_opened")(_home_opened(services))
    app.global_shortcut(form.GLOBAL_SHORTCUT)(_shown_by(services, opening.on_global_shortcut))
    app.message_shortcut(form.MESSAGE_SHORTCUT)(_opened_by(services, opening.on_message_shortcut))
    app.command(ids.COMMAND)(_shown_by(services, typed.on_command))
    app.view(form.CALLBACK_ID)(_shown_by(services, filling.on_check))
    for action_id in searching.FIELDS:
        app.options(action_id)(_sent_to(services, searching.on_search))
    for callback_id, submitted in FORMS.items():
        app.view(callback_id)(_sent_to(services, submitted))


def _heard_by(services: Services, clicked: Clicked) -> Callable[[Ack, Body, Respond], None]:
    def listener(ack: Ack, body: Body, respond: Respond) -> None:
        clicked(services, ack, body, respond)

    return listener


def _opened_by(services: Services, opens: Opens) -> Callable[[Ack, Body, Respond, WebClient], None]:
    def listener(ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
        opens(services, ack, body, respond, client)

    return listener


def _shown_by(services: Services, pressed: InView) -> Callable[[Ack, Body, WebClient], None]:
    def listener(ack: Ack, body: Body, client: WebClient) -> None:
        pressed(services, ack, body, client)

    return listener


def _sent_to(services: Services, submitted: Submitted) -> Callable[[Ack, Body], None]:
    def listener(ack: Ack, body: Body) -> None:
        submitted(services, ack, body)

    return listener


def _home_opened(services: Services) -> Callable[[Body], None]:
    def listener(event: Body) -> None:
        home.on_opened(services, event)

    return listener

"""What people do in the sandbox's Slack: talk, type commands, press buttons, fill in modals."""

import json
from dataclasses import dataclass, replace
from typing import Any

from sandbox.slack.control.buttons import (
    ANYWHERE,
    Pressable,
    Where,
    find_button,
    find_choice,
    find_in_view,
    tampered,
)
from sandbox.slack.methods.views import checked_view
from sandbox.slack.model.deliveries import TIMEOUT, Delivery, DeliveryKind, Received, SentRequest
from sandbox.slack.model.directory import TEAM_ID, Channel, Person
from sandbox.slack.model.messages import Draft, File, Message
from sandbox.slack.model.modals import View
from sandbox.slack.model.refusals import RefusedError
from sandbox.slack.model.state import State
from sandbox.slack.model.tickets import Origin
from sandbox.slack.wire import payloads
from sandbox.slack.wire.courier import Courier
from sandbox.slack.wire.responses import post_answer
from sandbox.slack.wire.socket_courier import SocketCourier

SLACKBOT = "USLACKBOT"
NOT_HERE = "not_in_workspace"
UNREADABLE = "invalid_response"
HOME_OPENED = "app_home_opened"


@dataclass(frozen=True)
class Stage:
    """Where people act: the sandbox's state and the couriers to the bot, over HTTP and over its sockets."""

    state: State
    http: Courier
    socket: SocketCourier

    @property
    def courier(self) -> Courier | SocketCourier:
        """The courier in use; Socket Mode ends delivery over HTTP."""
        return self.socket if self.state.sockets.enabled else self.http

    def connect(self, *events_urls: str) -> None:
        """Deliver there over HTTP from now on. Raises ValueError off this machine."""
        self.http.connect(*events_urls)
        self.state.sockets.enabled = False


def say(stage: Stage, person: Person, text: str, *, channel: str, forged: bool = False) -> Delivery:
    """Type into a channel (`dm` for the one with the bot): a command if it starts with a slash."""
    workspace = stage.state.workspace
    place = workspace.direct(person.id) if channel == "dm" else workspace.channel(channel)
    if not text.startswith("/"):
        return talk(stage, person, place, text)
    return command(stage, person, place, text, forged=forged)


def click(
    stage: Stage, person: Person, word: str, *, match: str | None, confirm: bool, value: str | None
) -> Delivery:
    """Press the button whose label starts with `word`. Raises LookupError, listing the buttons there are."""
    button = tampered(find_button(stage.state.workspace, person, word, match), value)
    return press(stage, person, button, confirm=confirm)


def choose(stage: Stage, person: Person, option: str, *, match: str | None, confirm: bool = True) -> Delivery:
    """Pick an option of a menu in a message, by label or value. Raises LookupError."""
    return press(stage, person, find_choice(stage.state.workspace, person, option, match), confirm=confirm)


def talk(stage: Stage, person: Person, channel: Channel, text: str) -> Delivery:
    """A plain message; the bot does not hear of it."""
    stage.state.workspace.post(channel.id, Draft(user=person.id, text=text))
    return Delivery(DeliveryKind.TALK, origin_of(stage, person, channel.id))


def command(stage: Stage, person: Person, channel: Channel, typed: str, *, forged: bool = False) -> Delivery:
    """A slash command. Only members of the installing workspace can use one, unless `forged`."""
    origin = origin_of(stage, person, channel.id)
    if person.team_id != TEAM_ID and not forged:
        return Delivery(DeliveryKind.COMMAND, origin, error=NOT_HERE)
    form = payloads.command_form(person, channel, typed, stage.state, _tickets(stage, origin))
    return deliver(stage, Delivery(DeliveryKind.COMMAND, origin), form)


def press(stage: Stage, person: Person, target: Pressable, *, confirm: bool = True) -> Delivery:
    """A press on a button or a choice from a menu; a confirm dialog is answered with `confirm`."""
    message = target.message
    origin = origin_of(stage, person, message.channel, message.ts)
    delivery = Delivery(DeliveryKind.CLICK, origin, dialog=target.dialog)
    if target.dialog and not confirm:
        return delivery
    channel = stage.state.workspace.channel(message.channel)
    action = {**target.action, "action_ts": f"{stage.state.workspace.clock.now().timestamp():.6f}"}
    payload = payloads.block_actions(person, channel, message, action, _tickets(stage, origin))
    return deliver(stage, delivery, payload)


def global_shortcut(stage: Stage, person: Person, callback_id: str) -> Delivery:
    """Choose a shortcut of the app that is offered everywhere."""
    origin = origin_of(stage, person)
    at = f"{stage.state.workspace.clock.now().timestamp():.6f}"
    trigger = stage.state.tickets.issue_trigger(origin)
    payload = payloads.global_shortcut(person, callback_id, at, trigger)
    return deliver(stage, Delivery(DeliveryKind.SHORTCUT, origin), payload)


def upload(stage: Stage, person: Person, name: str, content: bytes) -> File:
    """Upload a file without showing it to anybody yet: for a form, or for `share`."""
    file_id = f"F0{stage.state.workspace.serial():09d}"
    file = File(file_id, name, name, "", content, len(content), uploaded=True, completed=True, user=person.id)
    return stage.state.workspace.store_file(file)


def share(stage: Stage, channel: Channel, draft: Draft) -> Message:
    """Post a message with files that were uploaded before."""
    shared = tuple(replace(file, channels=(*file.channels, channel.id)) for file in draft.files)
    for file in shared:
        stage.state.workspace.store_file(file)
    return stage.state.workspace.post(channel.id, replace(draft, files=shared))


def shortcut(stage: Stage, person: Person, callback_id: str, message: Message) -> Delivery:
    """Choose a shortcut of the app in a message's menu. Raises LookupError for one that nobody else can see."""
    if message.ephemeral_to:
        raise LookupError("a private answer has no such menu")
    origin = origin_of(stage, person, message.channel, message.ts)
    channel, tickets = stage.state.workspace.channel(message.channel), _tickets(stage, origin)
    now = replace(message, files=tuple(stage.state.workspace.file(file.id) for file in message.files))
    payload = payloads.message_action(person, channel, now, callback_id, stage.state.url, tickets)
    return deliver(stage, Delivery(DeliveryKind.SHORTCUT, origin), payload)


def close(stage: Stage, person: Person, view: View) -> Delivery:
    """Close a modal; the bot hears of it if it asked to (`notify_on_close`)."""
    stage.state.modals.close(view)
    stage.state.workspace.notify()
    delivery = Delivery(DeliveryKind.CLOSE, origin_of(stage, person), view=view)
    if not view.content.get("notify_on_close"):
        return delivery
    return deliver(stage, delivery, payloads.view_closed(person, view))


def open_home(stage: Stage, person: Person, *, tab: str = "home", forged: bool = False) -> Delivery:
    """Open a tab of the app: the bot hears of it if it subscribed. Strangers have none, unless `forged`."""
    delivery = Delivery(DeliveryKind.EVENT, origin_of(stage, person))
    if person.team_id != TEAM_ID and not forged:
        return replace(delivery, error=NOT_HERE)
    if HOME_OPENED not in stage.state.events:
        return delivery
    view = stage.state.homes.of(person.id) if tab == "home" else None
    event = payloads.home_opened(person, stage.state.workspace.direct(person.id), tab, view)
    sent, received = stage.courier.event(payloads.event_callback(event, stage.state.workspace))
    return _reported(delivery, sent, received)


def press_at_home(
    stage: Stage,
    person: Person,
    wanted: str,
    *,
    where: Where = ANYWHERE,
    view: View | None = None,
    confirm: bool = True,
) -> Delivery:
    """Press a button of the Home tab, by action_id or label. Raises LookupError.

    Its confirm dialog is answered with `confirm`.
    """
    shown = view or stage.state.homes.of(person.id)
    if shown is None:
        raise LookupError(f"{person.label} was shown no Home tab")
    origin, (entry, dialog) = origin_of(stage, person), find_in_view(shown, wanted, where)
    delivery = Delivery(DeliveryKind.CLICK, origin, view=shown, dialog=dialog)
    if dialog and not confirm:
        return delivery
    action = {**entry, "action_ts": f"{stage.state.workspace.clock.now().timestamp():.6f}"}
    payload = payloads.view_actions(person, shown, {}, action, stage.state.tickets.issue_trigger(origin))
    return deliver(stage, delivery, payload)


def replay(stage: Stage, delivery: Delivery) -> Delivery:
    """The very same bytes and headers once more. Raises ValueError if nothing was delivered."""
    if delivery.request is None:
        raise ValueError("nothing was delivered, so there is nothing to replay")
    since = stage.state.workspace.last_ts()
    courier = stage.socket if delivery.request.url.startswith("ws:") else stage.http
    sent, received = courier.send(delivery.request.body, delivery.request.headers)
    return _settled(stage, delivery, sent, received, since)


def deliver_raw(stage: Stage, body: bytes, headers: dict[str, str]) -> Delivery:
    """Bytes a test made up; the answer is only reported."""
    sent, received = stage.http.send(body, headers)
    return _reported(Delivery(DeliveryKind.RAW, Origin("raw", "")), sent, received)


def origin_of(stage: Stage, person: Person, channel: str | None = None, ts: str | None = None) -> Origin:
    """Who acts, and where."""
    return Origin(f"d{stage.state.workspace.serial()}", person.id, channel, ts)


def _tickets(stage: Stage, origin: Origin) -> dict[str, str]:
    token = stage.state.tickets.issue_response(origin)
    return {
        "response_url": f"{stage.state.url}/response/{token}",
        "trigger_id": stage.state.tickets.issue_trigger(origin),
    }


def deliver(stage: Stage, delivery: Delivery, content: dict[str, Any]) -> Delivery:
    """Send the bot what somebody did, and see what came back."""
    since = stage.state.workspace.last_ts()
    is_command = delivery.kind is DeliveryKind.COMMAND
    sent, received = (stage.courier.command if is_command else stage.courier.interaction)(content)
    if received.error is None and stage.state.faults.is_late(delivery.kind):
        received = replace(received, error=TIMEOUT)
    return _settled(stage, delivery, sent, received, since)


def _settled(
    stage: Stage, delivery: Delivery, sent: SentRequest | None, received: Received, since: str
) -> Delivery:
    settled = _reported(delivery, sent, received)
    if settled.error is None and delivery.kind is DeliveryKind.COMMAND:
        settled = _command_answered(stage, settled)
    elif settled.error is None and delivery.kind is DeliveryKind.SUBMIT:
        settled = _submission_answered(stage, settled)
    if settled.error and delivery.kind is not DeliveryKind.SUGGEST:
        _show_error(stage, settled)
    reply = _reply(stage, settled.origin, since) if settled.reply is None else settled.reply
    return replace(settled, reply=reply, modal=stage.state.modals.top(settled.origin.person))


def _reported(delivery: Delivery, sent: SentRequest | None, received: Received) -> Delivery:
    return replace(
        delivery,
        request=sent,
        status=received.status,
        error=received.error,
        body=received.body,
        elapsed_s=received.elapsed_s,
    )


def _command_answered(stage: Stage, delivery: Delivery) -> Delivery:
    body = delivery.body.strip()
    if not body:
        return delivery
    try:
        args = json.loads(body) if body.startswith("{") else {"text": body}
        return replace(delivery, reply=post_answer(stage.state, delivery.origin, args))
    except RefusedError as refusal:
        return replace(delivery, error=refusal.code)
    except ValueError:
        return replace(delivery, error=UNREADABLE)


def _submission_answered(stage: Stage, delivery: Delivery) -> Delivery:
    view, modals = delivery.view, stage.state.modals
    if view is None:
        return delivery
    try:
        answer = json.loads(delivery.body) if delivery.body.strip() else {}
        action = answer.get("response_action")
        if action == "errors":
            return _field_errors(view, delivery, answer.get("errors"))
        if action == "update":
            modals.update(view, checked_view(answer.get("view")))
        elif action == "push":
            modals.push(view.person, checked_view(answer.get("view")))
        elif action in {None, "clear"}:
            modals.close(view, everything=action == "clear")
        else:
            return replace(delivery, error=UNREADABLE)
    except RefusedError as refusal:
        return replace(delivery, error=refusal.code)
    except (ValueError, AttributeError, OverflowError, LookupError):
        return replace(delivery, error=UNREADABLE)
    return delivery


def _field_errors(view: View, delivery: Delivery, errors: Any) -> Delivery:
    known = {block["block_id"] for block in view.inputs()}
    if not isinstance(errors, dict) or not errors or not set(errors) <= known:
        return replace(delivery, error=UNREADABLE)
    return replace(delivery, field_errors={name: str(words) for name, words in errors.items()})


def _show_error(stage: Stage, delivery: Delivery) -> None:
    origin, workspace = delivery.origin, stage.state.workspace
    what = "That command" if delivery.kind is DeliveryKind.COMMAND else "That"
    draft = Draft(
        user=SLACKBOT, text=f"{what} failed with the error `{delivery.error}`", ephemeral_to=origin.person
    )
    try:
        workspace.post(origin.channel or workspace.direct(origin.person).id, draft)
    except LookupError:
        return  # a bot has no direct message to be shown it in


def _reply(stage: Stage, origin: Origin, since: str) -> Message | None:
    new = [each for each in stage.state.workspace.everything() if each.ts > since and each.user != SLACKBOT]
    for message in new:
        if message.answers == origin.delivery:
            return message
    return next((message for message in new if message.ephemeral_to == origin.person), None)


def view_of(stage: Stage, person: Person) -> View:
    """The modal a person looks at. Raises LookupError if there is none."""
    view = stage.state.modals.top(person.id)
    if view is None:
        raise LookupError(f"{person.label} has no modal open")
    return view

"""The sandbox's Slack as tests and the demo hold it: start it, act as people, read what the bot wrote."""

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import Clock
from sandbox.guard import refuse_real_credentials
from sandbox.serving import Served, serve
from sandbox.slack.control import acting, filling, reading, uploads
from sandbox.slack.control.acting import Stage
from sandbox.slack.control.buttons import Where, button_by_id, tampered
from sandbox.slack.control.routes import control_routes
from sandbox.slack.model import directory
from sandbox.slack.model.deliveries import Delivery
from sandbox.slack.model.directory import Channel, Person
from sandbox.slack.model.faults import Faults, Rate
from sandbox.slack.model.messages import Draft, File, Message
from sandbox.slack.model.modals import View
from sandbox.slack.model.notifications import Notification
from sandbox.slack.model.sockets import Sockets
from sandbox.slack.model.state import CallRecord, State, new_state
from sandbox.slack.model.workspace import Workspace
from sandbox.slack.wire.courier import Courier, signature_headers
from sandbox.slack.wire.routes import api_routes
from sandbox.slack.wire.socket_courier import SocketCourier
from sandbox.slack.wire.socket_routes import socket_routes


class SlackSandbox:
    """A running local Slack. Every method may be called from any thread; channels go by name or id."""

    bot_token = directory.BOT_TOKEN
    app_token = directory.APP_TOKEN
    signing_secret = directory.SIGNING_SECRET
    team_id = directory.TEAM_ID
    bot_user_id = directory.BOT_USER_ID

    def __init__(self, state: State, courier: Courier, port: int) -> None:
        self.state = state
        self._stage = Stage(state, courier, SocketCourier(state.sockets))
        self._app = Starlette(routes=[*api_routes(state), *socket_routes(state), *control_routes(self._stage)])
        self._served: Served = serve(self._app, port)
        self.url = state.url = self._served.url
        self.api_url = f"{self.url}/api/"

    @classmethod
    def start(
        cls,
        *,
        port: int = 0,
        clock: Clock | None = None,
        deadline_s: float = 3.0,
        environ: Mapping[str, str] | None = None,
    ) -> Self:
        """Serve on 127.0.0.1. Raises RealCredentialsError when the environment holds real secrets."""
        refuse_real_credentials(os.environ if environ is None else environ)
        return cls(new_state(clock or Clock(), deadline_s), Courier(deadline_s), port)

    def stop(self) -> None:
        """Close the port and what is still connected to it."""
        self._served.stop()
        self._stage.http.close()

    def leave(self) -> None:
        """Close the port: every connection is refused until `come_back`. What was said stays."""
        self._served.stop()

    def come_back(self) -> None:
        """Open the same port again. Raises OSError if somebody else has taken it."""
        self._served = serve(self._app, self._served.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def workspace(self) -> Workspace:
        """The model behind the wire."""
        return self.state.workspace

    @property
    def clock(self) -> Clock:
        """What timestamps, trigger ids, response URLs and posting limits go by."""
        return self.workspace.clock

    @property
    def faults(self) -> Faults:
        """Faults to come: `faults.add("reset_after", "chat.postMessage")`."""
        return self.state.faults

    @property
    def rate(self) -> Rate:
        """Posting limits: `rate.enabled`, `rate.burst`, `rate.per_second`, `rate.updates_per_minute`."""
        return self.state.rate

    @property
    def events(self) -> set[str]:
        """The events that the app subscribed to; take one away to see that nothing comes."""
        return self.state.events

    @property
    def scopes(self) -> set[str]:
        """The scopes the token was granted; take one away to see `missing_scope`."""
        return self.state.scopes

    def escape_commands(self) -> None:
        """Name people, channels and links in commands by their ids, as for an app whose manifest says so."""
        self.state.should_escape = True

    def connect(self, events_url: str, *more: str) -> None:
        """Deliver commands and interactions there over HTTP. Raises ValueError off this machine.

        Several addresses take turns, as the instances behind a load balancer do.
        """
        self._stage.connect(events_url, *more)

    def connect_sockets(self) -> None:
        """Deliver by Socket Mode, to whoever connected with `app_token`; nobody: people see dispatch_failed."""
        self.state.sockets.enabled = True

    @property
    def sockets(self) -> Sockets:
        """Socket Mode's connections: `count`, `refresh()`, `drop()`, `resend(delivery)`."""
        return self.state.sockets

    @property
    def people(self) -> dict[str, Person]:
        """Everybody by first name."""
        return self.workspace.people()

    def user(self, name: str) -> Person:
        """A person by first name or id. Raises LookupError."""
        return self.workspace.person(name)

    def change_person(self, name: str, **changes: Any) -> Person:
        """Change an account: `change_person("bo", deleted=True)`."""
        return self.workspace.change_person(name, **changes)

    def channel(self, name: str) -> Channel:
        """A channel by name or id. Raises LookupError."""
        return self.workspace.channel(name)

    def change_channel(self, name: str, **changes: Any) -> Channel:
        """Change a channel: `change_channel("vod-audit", is_archived=True)`."""
        return self.workspace.change_channel(name, **changes)

    def change_user_group(self, handle: str, *names: str) -> None:
        """Set the members of a user group, by first name."""
        self.workspace.change_user_group(handle, tuple(self.user(name).id for name in names))

    def say(self, name: str, text: str, *, channel: str = "vod-deletions", forged: bool = False) -> Delivery:
        """Type into a channel (`dm` for the one with the bot): a command if it starts with a slash."""
        return acting.say(self._stage, self.user(name), text, channel=channel, forged=forged)

    def click(
        self,
        name: str,
        word: str,
        *,
        match: str | None = None,
        confirm: bool = True,
        value: str | None = None,
    ) -> Delivery:
        """Press the button whose label starts with `word`, on the newest message about `match`.

        `confirm=False` cancels its confirm dialog; `value` takes the place of the button's own. Raises
        LookupError, listing the buttons there are.
        """
        person = self.user(name)
        return acting.click(self._stage, person, word, match=match, confirm=confirm, value=value)

    def click_message(self, name: str, channel: str, ts: str, action_id: str, value: str | None = None) -> Delivery:
        """Press a button of one message by action_id, even one an earlier version had: clients lag."""
        message = self.workspace.message(self.channel(channel).id, ts)
        button = tampered(button_by_id(message, action_id), value)
        return acting.press(self._stage, self.user(name), button)

    def choose(self, name: str, option: str, *, match: str | None = None, confirm: bool = True) -> Delivery:
        """Pick an option of a menu in a message, by label or value. Raises LookupError."""
        return acting.choose(self._stage, self.user(name), option, match=match, confirm=confirm)

    def modal(self, name: str) -> View | None:
        """The modal a person looks at."""
        return self.state.modals.top(self.user(name).id)

    def submit(self, name: str, answers: dict[str, str], view: View | None = None) -> Delivery:
        """Fill in (by block_id or action_id) and submit the person's modal. Raises LookupError."""
        person = self.user(name)
        return filling.submit(self._stage, person, view or acting.view_of(self._stage, person), answers)

    def press_in_modal(
        self, name: str, wanted: str, view: View | None = None, answers: dict[str, str] | None = None
    ) -> Delivery:
        """Press a button (by action_id or label) of the person's modal, or of one as it was before: clients lag.

        `answers` are what was filled in before, as for `submit`.
        """
        person = self.user(name)
        shown = view or acting.view_of(self._stage, person)
        return filling.press_in_modal(self._stage, person, shown, wanted, answers or {})

    def choose_in_modal(self, name: str, field: str, answers: dict[str, str]) -> Delivery:
        """Choose in a menu of the person's modal that tells the app at once; `answers` as for `submit`."""
        person = self.user(name)
        view = acting.view_of(self._stage, person)
        return filling.choose_in_modal(self._stage, person, view, field, answers)

    def suggest(self, name: str, field: str, typed: str) -> Delivery:
        """Type into a menu of the person's modal whose options come from the app: `delivery.options`."""
        person = self.user(name)
        return filling.suggest(self._stage, person, acting.view_of(self._stage, person), field, typed)

    def upload(self, name: str, file_name: str, content: bytes) -> File:
        """Upload a file, to be chosen in a form by its id or shared with `share`."""
        return acting.upload(self._stage, self.user(name), file_name, content)

    def share(
        self,
        name: str,
        *files: File,
        text: str = "",
        channel: str = "vod-deletions",
        thread_ts: str | None = None,
    ) -> Message:
        """Post a message with files."""
        draft = Draft(user=self.user(name).id, text=text, thread_ts=thread_ts, files=files)
        return acting.share(self._stage, self.channel(channel), draft)

    async def take_upload(self, request: Request) -> Response:
        """Take a file that a person uploads over HTTP, on whichever server the request came in."""
        return await uploads.upload(self._stage, request)

    def delete_file(self, file_id: str) -> None:
        """Delete a file for everybody. Raises LookupError."""
        self.workspace.delete_file(file_id)

    def shortcut(self, name: str, callback_id: str, message: Message) -> Delivery:
        """Choose a shortcut of the app in a message's menu."""
        return acting.shortcut(self._stage, self.user(name), callback_id, message)

    def global_shortcut(self, name: str, callback_id: str) -> Delivery:
        """Choose a shortcut of the app that is offered everywhere."""
        return acting.global_shortcut(self._stage, self.user(name), callback_id)

    def close_modal(self, name: str) -> Delivery:
        """Close the person's modal. Raises LookupError if there is none."""
        person = self.user(name)
        return acting.close(self._stage, person, acting.view_of(self._stage, person))

    def home(self, name: str) -> View | None:
        """What the app published for a person's Home tab last."""
        return self.state.homes.of(self.user(name).id)

    def open_home(self, name: str, *, tab: str = "home", forged: bool = False) -> Delivery:
        """Open a tab of the app (`home` or `messages`); strangers have none, unless `forged`."""
        return acting.open_home(self._stage, self.user(name), tab=tab, forged=forged)

    def press_at_home(
        self,
        name: str,
        wanted: str,
        *,
        match: str | None = None,
        block: str | None = None,
        view: View | None = None,
        confirm: bool = True,
    ) -> Delivery:
        """Press a button (by action_id or label) of the person's Home tab, or of one as it was before.

        `match` is what its block says, `block` its id. Raises LookupError, listing the buttons there are.
        """
        where = Where(match, block)
        return acting.press_at_home(self._stage, self.user(name), wanted, where=where, view=view, confirm=confirm)

    def replay(self, delivery: Delivery) -> Delivery:
        """Send the very same bytes and headers once more."""
        return acting.replay(self._stage, delivery)

    def deliver_raw(self, body: bytes, headers: dict[str, str]) -> Delivery:
        """Send a body a test made up."""
        return acting.deliver_raw(self._stage, body, headers)

    @staticmethod
    def sign(body: bytes, timestamp: int | None = None) -> dict[str, str]:
        """Headers with a valid signature for `body`, sent at `timestamp` (epoch seconds; default now)."""
        return signature_headers(body, timestamp)

    def messages(self, channel: str) -> list[Message]:
        """What everybody sees at the top level of a channel, oldest first."""
        return reading.messages(self.workspace, channel)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """A thread, its first message included, oldest first."""
        return reading.thread(self.workspace, channel, ts)

    def visible_to(self, name: str, channel: str) -> list[Message]:
        """Everything a person sees in a channel, threads and private answers included, oldest first."""
        return reading.visible_to(self.workspace, name, channel)

    def ephemerals(self, name: str) -> list[Message]:
        """Every private answer a person got, Slackbot's errors included, oldest first."""
        return reading.ephemerals(self.workspace, name)

    def answers(self, delivery: Delivery) -> list[Message]:
        """Every message that came in answer to a delivery, also later through its response URL."""
        return reading.answers(self.workspace, delivery.origin)

    def dm(self, name: str) -> list[Message]:
        """The direct messages between a person and the bot, oldest first."""
        return reading.direct_messages(self.workspace, name)

    def notified(self, name: str) -> list[Notification]:
        """What Slack notified a person of: direct messages, mentions, replies; oldest first."""
        return reading.notified(self.workspace, name)

    def find(self, text: str) -> list[Message]:
        """Every message that says `text` as a whole word, private ones included, oldest first."""
        return reading.find(self.workspace, text)

    @property
    def files(self) -> list[File]:
        """Every file whose upload was completed."""
        return self.workspace.files()

    @property
    def deleted(self) -> list[Message]:
        """Every message that was deleted."""
        return self.workspace.deleted()

    @property
    def calls(self) -> list[CallRecord]:
        """Every call the bot made: Web API methods, `response_url` and `upload`."""
        return self.state.calls()

    @property
    def unknown_calls(self) -> list[CallRecord]:
        """Calls of methods this sandbox does not know; tests assert that there are none."""
        return [call for call in self.calls if not call.is_known]

    def wait_until(self, holds: Callable[[], bool], timeout_s: float = 5.0) -> bool:
        """Wait until something is so; asked again after every change. False if time ran out."""
        return self.workspace.wait_until(holds, timeout_s)

"""Looking something up for a modal: it says so at once, and shows what was found when that is there."""

import secrets
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.models.blocks import PlainTextObject
from slack_sdk.models.views import View

from deletion.approval import readers
from deletion.lookup.desk import Desk
from deletion.lookup.failures import LookupFailedError
from deletion.plan.quota import StopRequestedError
from handlers.lookups import LookUp
from handlers.services import Services
from handlers.slack.failures import trouble
from handlers.slack.forms import LEAST_S, in_time
from handlers.slack.guard import Body, clicked_by, guard, internal_error, left_s
from handlers.text import unread, words
from handlers.text.blocks import section
from handlers.text.language import Language
from handlers.views.approve import as_is

log = structlog.get_logger()

UPDATE_S = 5
"""How long Slack may take to show what was found; nobody waits for an answer to a request then."""

CLOSED = frozenset({"not_found", "hash_conflict"})
"""What Slack says of a view that was closed, or that shows something newer: nothing is missing then."""


def open_and_look(services: Services, lang: Language, client: WebClient, body: Body, wanted: LookUp) -> str | None:
    """Open a modal that says that something is looked up, and look it up; return why not (mrkdwn), or None.

    The ticket for a modal is good for three seconds; a look-up may take longer, and nothing waits for it.
    """
    if left_s() < LEAST_S:
        return not_opened(lang)
    try:
        opened = in_time(client).views_open(trigger_id=str(body["trigger_id"]), view=wanted.waiting)
    except (SlackClientError, OSError, HTTPException):
        return not_opened(lang)
    _ask(services, lang, _person(body), _Shown(client, opened["view"]), wanted)
    return None


def look_again(services: Services, lang: Language, client: WebClient, body: Body, wanted: LookUp) -> None:
    """Look something up for the modal whose button was pressed."""
    _ask(services, lang, _person(body), _Shown(client, body["view"]), wanted)


def guarded(
    services: Services, body: Body, client: WebClient, listener: str, work: Callable[[Language], None]
) -> None:
    """Do what a press in a modal asks for, for whoever may read; whatever goes wrong is said in its place."""

    def say(text: str) -> None:
        say_instead(client, body, text)

    def read(lang: Language) -> None:
        refusal = readers.refuse_unless_reader(
            services.database, services.config, services.directory, clicked_by(body)
        )
        if refusal is None:
            work(lang)
            return
        services.wake()
        say(words.refusal(lang, refusal))

    guard(listener, lambda: services.language(_person(body)), read, say)


def say_instead(client: WebClient, body: Body, text: str) -> None:
    """Say something (mrkdwn) in place of what a modal shows, which can then only be closed."""
    view = body["view"]
    new = View(
        type="modal",
        callback_id=str(view["callback_id"]),
        private_metadata=str(view["private_metadata"]),
        title=PlainTextObject(text=str(view["title"]["text"])),
        close=PlainTextObject(text=str(view["close"]["text"])),
        blocks=[as_is(section(text))],
    )
    _Shown(client, view).update(new)


def not_opened(lang: Language) -> str:
    """Say that Slack did not open a modal (mrkdwn)."""
    return lang.say("Slack could not open the view in time. Nothing was stored or deleted. Try once more.")


def _person(body: Body) -> str:
    return str(body.get("user_id") or body["user"]["id"])


class _Shown:
    """A view that somebody looks at, as long as it is what they look at."""

    def __init__(self, client: WebClient, view: Mapping[str, Any]) -> None:
        self._client = client
        self._id, self._hash = str(view["id"]), str(view["hash"])

    def update(self, new: View) -> None:
        """Show something else; without its pictures where Slack does not take them."""
        self._client.timeout = UPDATE_S
        view = new.to_dict()
        for each in (view, _without_pictures(view)):
            try:
                self._client.views_update(view_id=self._id, hash=self._hash, view=each)
            except (SlackClientError, OSError, HTTPException) as exc:
                code = trouble(exc).code
                if code in CLOSED:
                    return
                log.warning("lookup.not_shown", error=code)
            else:
                return


def _ask(services: Services, lang: Language, person: str, shown: _Shown, wanted: LookUp) -> None:
    def work(desk: Desk) -> None:
        try:
            shown.update(_found(lang, desk, wanted))
        except StopRequestedError:
            shown.update(wanted.instead(lang.say("Countersign is being restarted. Try again in a minute.")))
            raise

    if not services.lookups.ask(person, work):
        full = lang.say(
            "Too many look-ups are under way, yours or everybody's. Wait until they are shown, then try again."
        )
        shown.update(wanted.instead(full))


def _found(lang: Language, desk: Desk, wanted: LookUp) -> View:
    try:
        return wanted.look(desk)
    except LookupFailedError as exc:
        return wanted.instead(unread.sentence_of(lang, exc.unread))
    except StopRequestedError:
        raise
    except Exception:
        # As at the edge of a listener: whoever waits is told, with a reference to the log.
        reference = secrets.token_hex(4)
        log.exception("lookup.broken", reference=reference)
        return wanted.instead(internal_error(lang, reference))


def _without_pictures(view: dict[str, Any]) -> dict[str, Any]:
    return {**view, "blocks": [_without_picture(block) for block in view["blocks"] if block["type"] != "image"]}


def _without_picture(block: dict[str, Any]) -> dict[str, Any]:
    has_picture = block.get("accessory", {}).get("type") == "image"
    return {name: value for name, value in block.items() if not (has_picture and name == "accessory")}

"""Looking something up for a modal: it says so at once, and shows what was found when that is there."""

import secrets
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

import structlog
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.models.blocks import PlainTextObject
from slack_sdk.models.views import View

from deletion.approval.people import readers
from deletion.lookup.desk import Desk
from deletion.lookup.failures import LookupFailedError
from deletion.plan.library.quota import StopRequestedError
from handlers.lookups import LookUp
from handlers.services import Services
from handlers.slack.api.failures import trouble
from handlers.slack.forms import LEAST_S, in_time
from handlers.slack.guard import Body, clicked_by, guard, internal_error, left_s
from handlers.text import words
from handlers.text.blocks import section
from handlers.text.escaping import clip
from handlers.text.facts import unread
from handlers.text.language import Language
from handlers.views.approve import as_is

log = structlog.get_logger()

ERROR_MOST = 300
"""Characters of what is said at a field."""

UPDATE_S = 5
"""How long Slack may take to show what was found; nobody waits for an answer to a request then.

Where somebody does, it is what the listener has left.
"""

PAUSES_S = (0.1, 0.2, 0.4, 0.8, 1.6)
"""How long is waited for a view that Slack shows only once it has the answer to a request."""

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


def refuse(ack: Ack, view: Mapping[str, Any], block: str | None, text: str) -> None:
    """Say (mrkdwn) at a field of a submitted modal what is wrong; in its place, if it has no such field."""
    if block is None:
        ack(response_action="update", view=_instead_of(view, text).to_dict())
    else:
        ack(response_action="errors", errors={block: clip(text.replace("`", ""), ERROR_MOST)})


def say_instead(client: WebClient, body: Body, text: str) -> None:
    """Say something (mrkdwn) in place of what a modal shows, which can then only be closed."""
    say_so(client, body, _instead_of(body["view"], text))


def say_on_top(client: WebClient, body: Body, text: str) -> bool:
    """Say something (mrkdwn) on top of a modal, which is there again once that is closed; False where it is not."""
    try:
        in_time(client).views_push(trigger_id=str(body["trigger_id"]), view=_instead_of(body["view"], text))
    except (SlackClientError, OSError, HTTPException) as exc:
        log.warning("lookup.not_said", code=trouble(exc).code)
        return False
    return True


def say_so(client: WebClient, body: Body, new: View) -> None:
    """Show a view in place of what a modal shows."""
    _Shown(client, body["view"]).update(new, within_s=left_s())


def _instead_of(view: Mapping[str, Any], text: str) -> View:
    return View(
        type="modal",
        callback_id=str(view["callback_id"]),
        private_metadata=str(view["private_metadata"]),
        title=PlainTextObject(text=str(view["title"]["text"])),
        close=PlainTextObject(text=str(view["close"]["text"])),
        blocks=[as_is(section(text))],
    )


def look_with_answer(
    services: Services, lang: Language, client: WebClient, body: Body, external_id: str, wanted: LookUp
) -> View:
    """Look something up for a modal that is the answer to a request, and return that modal.

    Its id is not known before Slack shows it, so ``external_id`` is in both views.
    """
    shown = _Coming(client, external_id)
    full = _queue(services, lang, _person(body), shown.update, wanted)
    return wanted.waiting if full is None else wanted.instead(full)


def not_opened(lang: Language) -> str:
    """Say that Slack did not open a modal (mrkdwn)."""
    return lang.say("Slack could not open the view in time. Nothing was stored or deleted. Try once more.")


def _person(body: Body) -> str:
    return str(body.get("user_id") or body["user"]["id"])


class _Shown:
    """A view that somebody looks at, as long as it is what they look at."""

    def __init__(self, client: WebClient, view: Mapping[str, Any]) -> None:
        self._client = client
        self._which = {"view_id": str(view["id"]), "hash": str(view["hash"])}

    def update(self, new: View, *, within_s: float = UPDATE_S) -> None:
        """Show something else; without its pictures where Slack does not take them."""
        view = new.to_dict()
        bare = _without_pictures(view)
        for each in (view,) if bare == view else (view, bare):
            code = _update(self._client, self._which, each, within_s)
            if code is None or code in CLOSED:
                return
            log.warning("lookup.not_shown", error=code)


class _Coming:
    """A view that Slack shows once it has the answer to a request; unless it does so soon, it was closed."""

    def __init__(self, client: WebClient, external_id: str) -> None:
        self._client = client
        self._which = {"external_id": external_id}

    def update(self, new: View) -> None:
        """Show something else."""
        view, code = new.to_dict(), None
        for pause_s in (*PAUSES_S, None):
            code = _update(self._client, self._which, view, UPDATE_S)
            if code != "not_found" or pause_s is None:
                break
            time.sleep(pause_s)
        if code is not None and code not in CLOSED:
            log.warning("lookup.not_shown", error=code)


def _update(client: WebClient, which: Mapping[str, str], view: dict[str, Any], within_s: float) -> str | None:
    """Update a view; return None, or Slack's code of why not."""
    client.timeout = max(LEAST_S, within_s)  # type: ignore[assignment] # or parts of a second
    try:
        client.views_update(view=view, **which)
    except (SlackClientError, OSError, HTTPException) as exc:
        return trouble(exc).code
    return None


def _ask(services: Services, lang: Language, person: str, shown: _Shown, wanted: LookUp) -> None:
    full = _queue(services, lang, person, shown.update, wanted)
    if full is not None:
        shown.update(wanted.instead(full), within_s=left_s())


def _queue(
    services: Services, lang: Language, person: str, update: Callable[[View], None], wanted: LookUp
) -> str | None:
    """Queue a look-up; return None, or why there is no room for it (mrkdwn)."""

    def work(desk: Desk) -> None:
        try:
            update(_found(lang, desk, wanted))
        except StopRequestedError:
            update(wanted.instead(lang.say("Countersign is being restarted. Try again in a minute.")))
            raise

    busy = lang.say(
        "Too many look-ups are under way, yours or everybody's. Wait until they are shown, then try again."
    )
    return None if services.lookups.ask(person, work, lambda: update(wanted.instead(busy))) else busy


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

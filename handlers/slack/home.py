"""The Home tab as Slack asks for it: noted at once, read and published by a thread of its own, by no listener."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Any, get_args

import structlog
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.models.views import View

from deletion import home
from deletion.approval.people import readers
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.jobs.config import Config
from deletion.jobs.record import Database, StorageError
from deletion.terms.people import Directory
from deletion.terms.refusals import Refusal
from handlers.services import HomeAsked, Services
from handlers.slack.api.failures import Failure, Trouble, trouble
from handlers.slack.guard import Body
from handlers.text.language import Language
from handlers.text.told import private
from handlers.views import home as home_view
from handlers.views.home import Around

log = structlog.get_logger()

MOST = 1_000
"""People whose tab is to be shown at once; of more, those who asked first open it once more."""

TRIES = 3
PAUSE_S = 2.0
"""Between tries, where Slack or the record does not answer."""

OVERTAKEN = "hash_conflict"
"""Slack shows another view by now than the one that was looked at: it is made anew, of what is so now."""


def on_opened(services: Services, event: Body) -> None:
    """Note that somebody opened the Home tab; Slack tells of the Messages tab by the same event."""
    user = event.get("user")
    if isinstance(user, str) and user and event.get("tab", "home") == "home":
        services.home(HomeAsked(user, _hash(event.get("view"))))
        services.wake()


def on_refresh(services: Services, ack: Ack, body: Body) -> None:
    """Note that somebody wants to see how it stands now."""
    ack()
    services.home(HomeAsked(str(body["user"]["id"]), _hash(body.get("view"))))
    services.wake()


def on_link(ack: Ack) -> None:
    """Hear a press on a button that leads somewhere: Slack wants to know that it was heard."""
    ack()


def _hash(view: Any) -> str | None:
    found = view.get("hash") if isinstance(view, dict) else None
    return found if isinstance(found, str) and found else None


@dataclass(frozen=True)
class Showing:
    """How tabs are shown: who may see what, in which language, and what a tab leads to."""

    config: Config
    directory: Directory
    language: Callable[[str], Language]
    around: Around


@dataclass(frozen=True)
class _Waiting:
    asked: HomeAsked
    tried: int = 0


class Homes:
    """Home tabs that are to be shown: of each person the newest, in the order in which they were asked for.

    Kept in memory: a tab that is lost with its process is opened anew. What somebody did in it is in the record.
    """

    def __init__(
        self,
        database: Database,
        client: WebClient,
        showing: Showing,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._client = client
        self._showing = showing
        self._monotonic_s = monotonic_s
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()
        self._not_before_s = 0.0
        self._lock = threading.Lock()

    def ask(self, asked: HomeAsked) -> None:
        """Have somebody's tab shown; an answer that was not shown yet is shown with it."""
        self._put(_Waiting(asked), newer=True)

    def step(self) -> bool:
        """Show one tab; False when none is waited for."""
        with self._lock:
            if not self._waiting or self._monotonic_s() < self._not_before_s:
                return False
            _, waiting = self._waiting.popitem(last=False)
        try:
            self._show(waiting.asked)
        except StorageError as exc:
            self._again(waiting, Trouble(Failure.NOT_SENT, type(exc).__name__))
        except (SlackClientError, OSError, HTTPException) as exc:
            self._again(waiting, trouble(exc))
        return True

    def _put(self, waiting: _Waiting, *, newer: bool) -> None:
        user = waiting.asked.user
        with self._lock:
            other = self._waiting.get(user)
            if other is not None:
                first, last = (other, waiting) if newer else (waiting, other)
                said = last.asked.said if last.asked.said is not None else first.asked.said
                waiting = replace(last, asked=replace(last.asked, said=said))
            self._waiting[user] = waiting
            while len(self._waiting) > MOST:
                self._waiting.popitem(last=False)

    def _again(self, waiting: _Waiting, found: Trouble) -> None:
        """Try once more a little later; an answer that cannot be shown is sent by direct message."""
        may_pass = found.failure in {Failure.NOT_SENT, Failure.PERHAPS_SENT}
        if may_pass and waiting.tried + 1 < TRIES:
            with self._lock:
                self._not_before_s = self._monotonic_s() + max(PAUSE_S, found.retry_after_ms / 1000)
            self._put(replace(waiting, tried=waiting.tried + 1), newer=False)
            return
        asked = waiting.asked
        log.warning("home.not_published", user=asked.user, error=found.code)
        said = asked.said
        if isinstance(said, get_args(private.PrivateTold)):
            # A place that takes no answer meant for one person: then it goes to them directly.
            to = ReplyTo(asked.user, asked.user)
            self._database.write(lambda tx: audience.answer(tx, to, said))

    def _show(self, asked: HomeAsked) -> None:
        view = self._view(asked)
        try:
            self._client.views_publish(user_id=asked.user, view=view, hash=asked.seen)
        except SlackApiError as exc:
            if trouble(exc).code != OVERTAKEN:
                raise
            self._client.views_publish(user_id=asked.user, view=self._view(asked))

    def _view(self, asked: HomeAsked) -> View:
        """Read what there is for this person now, who they are first: nothing of it is for everybody."""
        showing = self._showing
        reader = readers.reader_of(showing.config, showing.directory, asked.user)
        lang = showing.language(asked.user)
        said = self._said(lang, asked)
        if isinstance(reader, Refusal):
            return home_view.turned_away(lang, reader, self._database.now_ms(), said=said)
        policy = showing.config.policy
        found = self._database.read(lambda tx: home.read(tx, policy, reader))
        return home_view.build(lang, found, policy, showing.around, said=said)

    def _said(self, lang: Language, asked: HomeAsked) -> str:
        if asked.said is None or isinstance(asked.said, str):
            return asked.said or ""
        if not isinstance(asked.said, get_args(private.PrivateTold)):
            raise TypeError(f"no words for {type(asked.said).__name__} in a Home tab")
        around = private.Around(f"<#{self._showing.around.approvals}>", self._showing.around.workspace_url)
        return private.message(lang, asked.said, None, around).text

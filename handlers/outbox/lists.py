"""Lists of long plans and of outcomes: put into the threads of their cards, known by author, file and content."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk import WebClient

from deletion import ended, views
from deletion.audit.messages.delivery import Outbox, OutgoingMessage, Posted
from deletion.audit.messages.places import MessageKind
from deletion.audit.notices import ListProblems
from handlers.cards import asset_list, outcome_list
from handlers.commands.files import told
from handlers.slack.api import files
from handlers.slack.api.failures import NotYetError
from handlers.text.language import Language

PROBLEMS_NAME = "problems.csv"

ASK_EVERY = 2_000
"""Lines after which it is asked whether the message is still ours to send: some seconds of a slow machine."""


class LaneLostError(Exception):
    """While a message was looked for or made, another has taken its lane: it is the other's to say now."""


@dataclass(frozen=True)
class _File:
    """A list as it goes out; ``lines`` are its bytes, made when they are asked for."""

    name: str
    title: str
    comment: str
    lines: Iterable[bytes]


class Lists:
    """Uploads lists, and says whether a file in Slack is one: a name proves nothing, anybody can use it."""

    def __init__(self, outbox: Outbox, client: WebClient, lang: Language) -> None:
        self._outbox = outbox
        self._client = client
        self._lang = lang

    def post(self, message: OutgoingMessage, card: Posted | None, is_ours: Callable[[], bool]) -> Posted:
        """Upload a list into the thread of its card; NotYetError while there is none.

        ``is_ours`` is asked again and again while a long one is made; LaneLostError when it says no.
        """
        file = self._file(message)
        if file is None or card is None:
            raise NotYetError
        file = replace(file, lines=_while_ours(file.lines, is_ours))
        self._upload(message, file, is_ours, card.channel, card.ts)
        return Posted(card.channel, "", card.ts)

    def post_problems(
        self, message: OutgoingMessage, reader: Callable[[str], Language], is_ours: Callable[[], bool]
    ) -> Posted:
        """Upload all problems with somebody's list into the direct messages with them."""
        problems, to = message.told, message.reply_to
        if to is None or not isinstance(problems, ListProblems):
            raise TypeError("a file of problems without problems or a reader")
        lang = reader(to.user)
        channel = str(self._client.conversations_open(users=[to.user])["channel"]["id"])
        content, comment = told.problems_file(lang, problems), told.problems_comment(lang, problems)
        self._upload(message, _File(PROBLEMS_NAME, PROBLEMS_NAME, comment, [content]), is_ours, channel)
        return Posted(channel, "")

    def is_in(self, message: OutgoingMessage, seen: Any, is_ours: Callable[[], bool]) -> bool:
        """Say whether a message of ours in Slack has the file of this list, with the list's own content."""
        found = [file for file in seen.get("files") or () if message.file_id and file.get("id") == message.file_id]
        ours = self._file(message) if found else None
        if ours is None:
            return False
        with files.spooled(_while_ours(ours.lines, is_ours)) as content:
            keep = _keeping(is_ours)
            addresses = [str(file.get("url_private") or "") for file in found]
            return any(files.holds(self._client, each, content, keep) for each in addresses)

    def _upload(
        self,
        message: OutgoingMessage,
        file: _File,
        is_ours: Callable[[], bool],
        channel: str,
        thread_ts: str | None = None,
    ) -> None:
        """Upload a file. Slack names it before anybody can see it.

        That name is kept first, so that whatever breaks off afterwards, the file is known by it. Nobody sees the
        file of whoever lost the message while it was on its way.
        """
        keep = _keeping(is_ours)
        with files.spooled(file.lines) as content:
            place = self._client.files_getUploadURLExternal(filename=file.name, length=content.length)
            file_id = str(place["file_id"])
            self._outbox.note_file(message, file_id)
            files.send(self._client, str(place["upload_url"]), content, keep)
        keep()
        self._client.files_completeUploadExternal(
            files=[{"id": file_id, "title": file.title}],
            channel_id=channel,
            thread_ts=thread_ts,
            initial_comment=file.comment,
        )

    def _file(self, message: OutgoingMessage) -> _File | None:
        """Return the file that a message is about; None while there is nothing to list."""
        number, lang = message.number or 0, self._lang
        if message.kind is MessageKind.OUTCOMES:
            return self._outcomes(number)
        plan = self._outbox.look(lambda tx: views.revision(tx, number, message.revision or 0))
        if plan is None:
            return None
        revision = message.revision or 0
        entries = views.entries(self._outbox.look, number, revision)
        return _File(
            name=asset_list.file_name(number, revision),
            title=asset_list.title(lang, number, plan),
            comment=asset_list.comment(lang, number, plan),
            lines=asset_list.lines(lang, plan, entries),
        )

    def _outcomes(self, number: int) -> _File | None:
        asked = self._outbox.look(lambda tx: ended.asked(tx, number))
        if asked is None:
            return None
        request, count = asked
        return _File(
            name=outcome_list.file_name(number),
            title=outcome_list.title(self._lang, number, count),
            comment=outcome_list.comment(self._lang, number),
            lines=outcome_list.lines(self._lang, request, ended.every(self._outbox.look, number)),
        )


def _keeping(is_ours: Callable[[], bool]) -> Callable[[], None]:
    """Return what raises LaneLostError once a message is another's."""

    def keep() -> None:
        if not is_ours():
            raise LaneLostError

    return keep


def _while_ours(lines: Iterable[bytes], is_ours: Callable[[], bool]) -> Iterator[bytes]:
    """Pass lines on as long as the message is ours to send: to make many takes longer than a lease."""
    keep = _keeping(is_ours)
    for number, line in enumerate(lines, 1):
        yield line
        if not number % ASK_EVERY:
            keep()

"""The lists of long plans: put into the threads of their cards, and known there by author, file and content."""

from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient

from deletion import views
from deletion.audit.delivery import Outbox, OutgoingMessage, Posted
from deletion.audit.notices import ListProblems
from deletion.plan.plan import Plan
from handlers.cards import asset_list
from handlers.commands.files import told
from handlers.slack import files
from handlers.slack.failures import NotYetError
from handlers.text.language import Language

PROBLEMS_NAME = "problems.csv"


class Lists:
    """Uploads lists, and says whether a file in Slack is one: a name proves nothing, anybody can use it."""

    def __init__(self, outbox: Outbox, client: WebClient, lang: Language) -> None:
        self._outbox = outbox
        self._client = client
        self._lang = lang

    def post(self, message: OutgoingMessage, card: Posted | None) -> Posted:
        """Upload a list into the thread of its card; NotYetError while there is none.

        Slack names a file before anybody can see it. That name is kept first, so that whatever breaks off
        afterwards, the file is known by it.
        """
        plan, number = self._plan(message), message.number or 0
        if plan is None or card is None:
            raise NotYetError
        content, title = asset_list.manifest(self._lang, plan), asset_list.title(self._lang, number, plan)
        name = asset_list.file_name(number, message.revision or 0)
        place = self._client.files_getUploadURLExternal(filename=name, length=len(content))
        file_id = str(place["file_id"])
        self._outbox.note_file(message, file_id)
        files.send(self._client, str(place["upload_url"]), content)
        self._client.files_completeUploadExternal(
            files=[{"id": file_id, "title": title}],
            channel_id=card.channel,
            thread_ts=card.ts,
            initial_comment=asset_list.comment(self._lang, number, plan),
        )
        return Posted(card.channel, "", card.ts)

    def post_problems(self, message: OutgoingMessage, reader: Callable[[str], Language]) -> Posted:
        """Upload all problems with somebody's list into the direct messages with them."""
        problems, to = message.told, message.reply_to
        if to is None or not isinstance(problems, ListProblems):
            raise TypeError("a file of problems without problems or a reader")
        lang = reader(to.user)
        channel = str(self._client.conversations_open(users=[to.user])["channel"]["id"])
        content = told.problems_file(lang, problems)
        place = self._client.files_getUploadURLExternal(filename=PROBLEMS_NAME, length=len(content))
        file_id = str(place["file_id"])
        self._outbox.note_file(message, file_id)
        files.send(self._client, str(place["upload_url"]), content)
        self._client.files_completeUploadExternal(
            files=[{"id": file_id, "title": PROBLEMS_NAME}],
            channel_id=channel,
            initial_comment=told.problems_comment(lang, problems),
        )
        return Posted(channel, "")

    def is_in(self, message: OutgoingMessage, seen: Any) -> bool:
        """Say whether a message of ours in Slack has the file of this list, with the list's own content."""
        found = [file for file in seen.get("files") or () if message.file_id and file.get("id") == message.file_id]
        plan = self._plan(message) if found else None
        if plan is None:
            return False
        content = asset_list.manifest(self._lang, plan)
        return any(files.holds(self._client, str(file.get("url_private") or ""), content) for file in found)

    def _plan(self, message: OutgoingMessage) -> Plan | None:
        number, revision = message.number or 0, message.revision or 0
        return self._outbox.look(lambda tx: views.revision(tx, number, revision))

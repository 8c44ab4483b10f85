"""The Web API's conversations methods: what a channel is, who is in it, what was said there."""

import base64
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from sandbox.json_types import Json
from sandbox.slack.methods.call import Call
from sandbox.slack.methods.records import channel_record, message_record, thread_record
from sandbox.slack.model.messages import Message
from sandbox.slack.model.refusals import RefusedError

_CURSOR = "next:"
_Row = TypeVar("_Row")


def info(call: Call) -> Json:
    """conversations.info."""
    channel = call.known_channel()
    record = channel_record(channel, is_external=call.workspace.is_external(channel))
    if not call.flag("include_num_members"):
        record.pop("num_members", None)
    return {"channel": record}


def open_direct(call: Call) -> Json:
    """conversations.open: the direct message with one person, by `users` or by its own id."""
    if call.args.get("channel"):
        channel = call.known_channel()
    else:
        person = call.known_user(call.text("users"))
        if person.deleted:
            raise RefusedError("user_disabled")
        if person.is_bot:
            raise RefusedError("cannot_dm_bot")
        channel = call.workspace.direct(person.id)
    record = channel_record(channel, is_external=False) if call.flag("return_im") else {"id": channel.id}
    return {"channel": record, "no_op": True, "already_open": True}


def members(call: Call) -> Json:
    """conversations.members, with cursors."""
    ids = sorted(call.known_channel().members)
    page, cursor = _page(call, ids)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def history(call: Call) -> Json:
    """conversations.history: first messages and broadcast replies, newest first."""
    channel = call.own_channel()
    is_in_span = _span(call)
    found = [
        message
        for message in call.workspace.history(channel.id)
        if not message.ephemeral_to and (not message.is_reply or message.broadcast) and is_in_span(message)
    ]
    page, cursor = _page(call, found[::-1])
    return _messages(call, page, cursor)


def replies(call: Call) -> Json:
    """conversations.replies: a thread, its first message included, oldest first."""
    channel = call.own_channel()
    ts = call.text("ts")
    is_in_span = _span(call)
    thread = [
        message
        for message in call.workspace.history(channel.id)
        if not message.ephemeral_to and ts in {message.ts, message.thread_ts}
    ]
    if not thread:
        raise RefusedError("thread_not_found")
    page, cursor = _page(call, [message for message in thread if message.ts == ts or is_in_span(message)])
    return _messages(call, page, cursor)


def _messages(call: Call, page: list[Message], cursor: str) -> Json:
    with_metadata = call.flag("include_all_metadata")
    threads = call.workspace.threads(page[0].channel) if page else {}
    records = [
        message_record(message, with_metadata=with_metadata, url=call.state.url)
        | thread_record(message, threads.get(message.ts, []))
        for message in page
    ]
    answer: Json = {"messages": records, "has_more": bool(cursor)}
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _span(call: Call) -> Callable[[Message], bool]:
    """Whether a message lies between `oldest` and `latest`, which count only if `inclusive`."""
    oldest, latest = _moment(call, "oldest", "0"), _moment(call, "latest", "Infinity")
    if call.flag("inclusive"):
        return lambda message: oldest <= Decimal(message.ts) <= latest
    return lambda message: oldest < Decimal(message.ts) < latest


def _moment(call: Call, name: str, default: str) -> Decimal:
    try:
        return Decimal(str(call.args.get(name) or default))
    except InvalidOperation:
        raise RefusedError(f"invalid_ts_{name}") from None


def _page(call: Call, rows: list[_Row]) -> tuple[list[_Row], str]:
    limit = call.number("limit", 100, 1000)
    start = _decode(call.args.get("cursor"))
    end = start + limit
    cursor = base64.b64encode(f"{_CURSOR}{end}".encode()).decode() if end < len(rows) else ""
    return rows[start:end], cursor


def _decode(cursor: object) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(str(cursor)).decode().removeprefix(_CURSOR))
    except ValueError:
        raise RefusedError("invalid_cursor") from None

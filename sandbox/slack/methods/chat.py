"""The Web API's chat methods: post, update, post to one person, delete."""

from sandbox.json_types import Json
from sandbox.slack.methods.call import Call, find_channel, require_membership
from sandbox.slack.methods.records import message_record
from sandbox.slack.model.content import LONGEST_UPDATE, checked
from sandbox.slack.model.directory import BOT_USER_ID, Channel
from sandbox.slack.model.messages import Draft, Message
from sandbox.slack.model.refusals import RefusedError


def post_message(call: Call) -> Json:
    """chat.postMessage: to a channel, by id or name, or to a person by user id."""
    channel = _postable(call)
    content = checked(call.args, call.workspace, images_fail=call.images_fail)
    message = call.workspace.post(
        channel.id,
        Draft(
            user=BOT_USER_ID,
            text=content.text,
            blocks=content.blocks,
            metadata=content.metadata,
            thread_ts=thread_of(call, channel),
            broadcast=call.flag("reply_broadcast"),
        ),
    )
    return {"channel": channel.id, "ts": message.ts, "message": message_record(message)}


def _postable(call: Call) -> Channel:
    given = call.args.get("channel")
    if isinstance(given, str) and given.startswith(("U", "W")):
        return _direct(call, given)
    by_name = [
        each for each in call.workspace.channels() if not each.direct_to and given in {each.name, f"#{each.name}"}
    ]
    channel = find_channel(call.workspace, by_name[0].id if by_name else given)
    if channel.is_archived:
        raise RefusedError("is_archived")
    if not ("chat:write.public" in call.state.scopes and not channel.is_private):
        require_membership(channel)
    return channel


def _direct(call: Call, user_id: str) -> Channel:
    person = next((each for each in call.workspace.people().values() if each.id == user_id), None)
    if person is None or person.deleted:
        raise RefusedError("channel_not_found")
    if person.is_bot:
        raise RefusedError("cannot_dm_bot")
    return call.workspace.direct(user_id)


def thread_of(call: Call, channel: Channel) -> str | None:
    """The `thread_ts` argument. Raises RefusedError(thread_not_found) unless it names a first message."""
    thread_ts = call.args.get("thread_ts")
    if not thread_ts:
        return None
    try:
        parent = call.workspace.message(channel.id, thread_ts)
    except LookupError:
        raise RefusedError("thread_not_found") from None
    if parent.ephemeral_to:
        raise RefusedError("thread_not_found")
    return parent.thread_ts or parent.ts


def update(call: Call) -> Json:
    """chat.update: own messages only; without blocks the blocks go; metadata stays unless given."""
    channel = call.own_channel()
    if channel.is_archived:
        raise RefusedError("is_archived")
    message = _present(call, channel)
    if message.user != BOT_USER_ID:
        raise RefusedError("cant_update_message")
    if len(str(call.args.get("text") or "")) > LONGEST_UPDATE:
        raise RefusedError("msg_too_long")
    content = checked(call.args, call.workspace, images_fail=call.images_fail)
    edited = call.workspace.edit(message, content.text, content.blocks, content.metadata)
    return {"channel": channel.id, "ts": edited.ts, "text": edited.text, "message": message_record(edited)}


def _present(call: Call, channel: Channel) -> Message:
    try:
        message = call.workspace.message(channel.id, call.text("ts"))
    except LookupError:
        raise RefusedError("message_not_found") from None
    if message.ephemeral_to:
        raise RefusedError("message_not_found")
    return message


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral: to one member of a channel; it cannot be updated afterwards."""
    channel = call.own_channel()
    if channel.is_archived:
        raise RefusedError("is_archived")
    user = call.known_user(call.text("user"))
    if user.id not in channel.members or user.deleted:
        raise RefusedError("user_not_in_channel")
    content = checked(call.args, call.workspace, images_fail=call.images_fail)
    message = call.workspace.post(
        channel.id,
        Draft(
            user=BOT_USER_ID,
            text=content.text,
            blocks=content.blocks,
            thread_ts=thread_of(call, channel),
            ephemeral_to=user.id,
        ),
    )
    return {"message_ts": message.ts}


def delete(call: Call) -> Json:
    """chat.delete: own messages only."""
    channel = call.own_channel()
    message = _present(call, channel)
    if message.user != BOT_USER_ID:
        raise RefusedError("cant_delete_message")
    call.workspace.remove(message)
    return {"channel": channel.id, "ts": message.ts}

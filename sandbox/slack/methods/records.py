"""The JSON in which Slack describes its things: users, channels, messages, files, user groups."""

import mimetypes
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sandbox.json_types import Json
from sandbox.slack.model import directory
from sandbox.slack.model.directory import Channel, Person, UserGroup
from sandbox.slack.model.messages import File, Message


def user_record(person: Person) -> Json:
    """A user object as `users.info` gives it; deactivated accounts have fewer fields."""
    record: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.key,
        "deleted": person.deleted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 1735689600,
        "profile": {
            "real_name": person.real_name,
            "display_name": person.label,
            "real_name_normalized": person.real_name,
            "display_name_normalized": person.label,
            "team": person.team_id,
        },
    }
    if person.answers_as:
        record["id"] = person.answers_as
    if person.enterprise_id:
        record["enterprise_user"] = {
            "id": person.enterprise_id,
            "enterprise_id": directory.ENTERPRISE_ID,
            "enterprise_name": "Countersign",
            "is_admin": False,
            "is_owner": False,
            "teams": [person.team_id],
        }
    if person.is_stranger:
        record["is_stranger"] = True
    if not person.deleted:
        record |= {
            "real_name": person.real_name,
            "tz": person.tz,
            "tz_label": "Coordinated Universal Time" if person.tz == "Etc/UTC" else person.tz,
            "tz_offset": _offset_s(person.tz),
            "is_admin": person.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": person.is_restricted,
            "is_ultra_restricted": person.is_ultra_restricted,
        }
    return record


def _offset_s(tz: str) -> int:
    offset = datetime.now(ZoneInfo(tz)).utcoffset()
    return round(offset.total_seconds()) if offset else 0


def channel_record(channel: Channel, *, is_external: bool) -> Json:
    """A conversation object as `conversations.info` gives it."""
    if channel.direct_to:
        return {"id": channel.id, "is_im": True, "user": channel.direct_to, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": is_external,
        "is_ext_shared": is_external,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "is_member": directory.BOT_USER_ID in channel.members,
        "context_team_id": directory.TEAM_ID,
        "num_members": len(channel.members),
    }


def message_record(message: Message, *, with_metadata: bool = True, url: str = "") -> Json:
    """A message object as it stands in history and in interaction payloads; `url` is where the sandbox is."""
    record: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    record["team"] = directory.TEAM_ID
    if message.user == directory.BOT_USER_ID:
        record |= {"bot_id": directory.BOT_ID, "app_id": directory.APP_ID, "bot_profile": bot_record()}
    if message.blocks:
        record["blocks"] = list(message.blocks)
    if message.thread_ts:
        record["thread_ts"] = message.thread_ts
    if message.is_marked_edited:
        record["edited"] = {"user": message.user, "ts": f"{message.history[-1].at.timestamp():.6f}"}
    if message.files:
        record["files"] = [file_record(file, url) for file in message.files]
    if message.metadata and with_metadata:
        record["metadata"] = message.metadata
    return record


def thread_record(message: Message, replies: list[Message]) -> Json:
    """What a message tells of the thread below it; nothing where there is none."""
    if not replies:
        return {}
    people = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(people),
        "reply_users": people,
        "latest_reply": replies[-1].ts,
        "is_locked": False,
    }


def bot_record() -> Json:
    """The app's bot as `bots.info` gives it."""
    return {
        "id": directory.BOT_ID,
        "app_id": directory.APP_ID,
        "user_id": directory.BOT_USER_ID,
        "name": directory.BOT_NAME,
        "team_id": directory.TEAM_ID,
        "deleted": False,
        "updated": 1735689600,
        "icons": {},
    }


def file_record(file: File, url: str = "") -> Json:
    """A file object; with the address that its bytes are read from where `url` is given, the sandbox's own."""
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    record: Json = {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "alt_txt": file.alt_text,
        "size": len(file.content),
        "mode": "hosted",
        "mimetype": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        "filetype": file.name.rpartition(".")[2].lower() if "." in file.name else "binary",
        "is_external": False,
        "user": file.user,
        "channels": list(file.channels),
    }
    if url:
        place = f"{url}/files-pri/{directory.TEAM_ID}-{file.id}"
        record["url_private"] = f"{place}/{quote(file.name)}"
        record["url_private_download"] = f"{place}/download/{quote(file.name)}"
    return record


def group_record(group: UserGroup) -> Json:
    """A user group object as `usergroups.list` gives it."""
    return {
        "id": group.id,
        "team_id": directory.TEAM_ID,
        "is_usergroup": True,
        "is_external": False,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "date_delete": 0,
        "user_count": len(group.members),
    }

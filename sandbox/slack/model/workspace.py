"""The workspace itself, free of any wire: people, channels, messages and files, safe between threads."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.clock import Clock
from sandbox.json_types import Json
from sandbox.slack.model import directory, notifications
from sandbox.slack.model.block_kit.elements import identified
from sandbox.slack.model.directory import Channel, Person, UserGroup
from sandbox.slack.model.messages import Draft, File, Message, Version
from sandbox.slack.model.notifications import Audience, Notification


class Workspace:
    """Everything Slack would keep. Public reads return values that do not change afterwards."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        everybody = directory.people()
        self._people = {person.key: person for person in everybody}
        self._channels = {channel.id: channel for channel in directory.channels(everybody)}
        self._groups = {group.id: group for group in directory.user_groups(everybody)}
        self._messages: dict[str, dict[str, Message]] = {id_: {} for id_ in self._channels}
        self._files: dict[str, File] = {}
        self._deleted: list[Message] = []
        self._notified: list[Notification] = []
        self._last_tick = 0
        self._serial = 0

    def people(self) -> dict[str, Person]:
        """Everybody by key, the bot included."""
        with self.changed:
            return dict(self._people)

    def person(self, key_or_id: str) -> Person:
        """By first name or user id. Raises LookupError, naming who there is."""
        with self.changed:
            for person in self._people.values():
                if key_or_id.casefold() == person.key or key_or_id == person.id:
                    return person
            raise LookupError(f"there is no {key_or_id!r} here; there are {', '.join(self._people)}")

    def change_person(self, key: str, **changes: Any) -> Person:
        """Change flags of an account, as an administrator would: `change_person("bo", deleted=True)`."""
        with self.changed:
            person = replace(self.person(key), **changes)
            self._people[person.key] = person
            self.changed.notify_all()
            return person

    def channels(self) -> list[Channel]:
        """Every conversation, direct messages included."""
        with self.changed:
            return list(self._channels.values())

    def channel(self, name_or_id: str) -> Channel:
        """By name (with or without #) or id. Raises LookupError, naming the channels there are."""
        with self.changed:
            wanted = name_or_id.removeprefix("#")
            for channel in self._channels.values():
                if wanted == channel.id or (wanted == channel.name and not channel.direct_to):
                    return channel
            names = ", ".join(each.name for each in self._channels.values() if not each.direct_to)
            raise LookupError(f"there is no channel {name_or_id!r}; there are {names}")

    def change_channel(self, name_or_id: str, **changes: Any) -> Channel:
        """Change a channel: `change_channel("vod-audit", is_archived=True)` or its `members` (user ids)."""
        with self.changed:
            channel = replace(self.channel(name_or_id), **changes)
            self._channels[channel.id] = channel
            self.changed.notify_all()
            return channel

    def direct(self, person_id: str) -> Channel:
        """The direct message between a person and the bot. Raises LookupError if there is none."""
        with self.changed:
            for channel in self._channels.values():
                if channel.direct_to == person_id:
                    return channel
            raise LookupError(f"{person_id} has no direct message with the bot")

    def is_external(self, channel: Channel) -> bool:
        """Shared with another organisation, that is, one of its members comes from elsewhere."""
        with self.changed:
            people = self._people.values()
            return any(person.id in channel.members and person.team_id != directory.TEAM_ID for person in people)

    def user_groups(self) -> list[UserGroup]:
        """Every user group."""
        with self.changed:
            return list(self._groups.values())

    def change_user_group(self, handle: str, members: tuple[str, ...]) -> UserGroup:
        """Replace the members (user ids) of a group. Raises LookupError if there is no such group."""
        with self.changed:
            for group in self._groups.values():
                if handle in {group.handle, group.id}:
                    self._groups[group.id] = replace(group, members=members)
                    return self._groups[group.id]
            raise LookupError(f"there is no user group {handle!r}")

    def notify(self) -> None:
        """Wake who waits in `wait_until`, for a change kept elsewhere (a modal)."""
        with self.changed:
            self.changed.notify_all()

    def serial(self) -> int:
        """The next of a series of numbers, for ids that must be unique."""
        with self.changed:
            self._serial += 1
            return self._serial

    def post(self, channel_id: str, draft: Draft) -> Message:
        """Store a message with a `ts` later than any before. What has no block_id or action_id is given one."""
        with self.changed:
            version = Version(draft.text, self._with_ids(draft.blocks), self.clock.now())
            message = Message(
                channel=channel_id,
                ts=self._timestamp(),
                user=draft.user,
                text=version.text,
                blocks=version.blocks,
                metadata=draft.metadata,
                thread_ts=draft.thread_ts,
                ephemeral_to=draft.ephemeral_to,
                broadcast=draft.broadcast,
                files=draft.files,
                answers=draft.answers,
                history=(version,),
            )
            self._notified += self._notifications_of(message)
            self._messages[channel_id][message.ts] = message
            self.changed.notify_all()
            return message

    def notified(self) -> list[Notification]:
        """Whom Slack notified of what, in the order of the messages."""
        with self.changed:
            return list(self._notified)

    def _notifications_of(self, message: Message) -> list[Notification]:
        root, said = message.thread_ts or message.ts, self._messages[message.channel].values()
        thread = [each for each in said if root in {each.ts, each.thread_ts}] if message.is_reply else []
        people = {person.id: person for person in self._people.values()}
        return notifications.of(message, thread, Audience(people, self._channels[message.channel], self._groups))

    def put_back(self, message: Message) -> None:
        """Store a message that was posted before this workspace was there, under the `ts` it had then."""
        with self.changed:
            self._messages[message.channel][message.ts] = message
            self._last_tick = max(self._last_tick, int(message.ts.replace(".", "")))
            self.changed.notify_all()

    def threads(self, channel_id: str) -> dict[str, list[Message]]:
        """The replies in a channel that everybody sees, oldest first, by the `ts` of what they are below."""
        found: dict[str, list[Message]] = {}
        for message in self.history(channel_id):
            if message.is_reply and message.thread_ts and not message.ephemeral_to:
                found.setdefault(message.thread_ts, []).append(message)
        return found

    def edit(self, message: Message, text: str, blocks: tuple[Json, ...], metadata: Json | None) -> Message:
        """Store a new version. Metadata None leaves it as it was. Raises LookupError if it is gone."""
        with self.changed:
            present = self.message(message.channel, message.ts)
            version = Version(text, self._with_ids(blocks), self.clock.now())
            edited = replace(
                present,
                text=text,
                blocks=version.blocks,
                metadata=present.metadata if metadata is None else metadata,
                history=(*present.history, version),
                is_marked_edited=present.is_marked_edited or not blocks,
            )
            self._messages[message.channel][message.ts] = edited
            self.changed.notify_all()
            return edited

    def remove(self, message: Message) -> None:
        """Delete a message; `deleted()` still knows it."""
        with self.changed:
            self._deleted.append(self._messages[message.channel].pop(message.ts))
            self.changed.notify_all()

    def deleted(self) -> list[Message]:
        """Every message that was deleted, in the order of their deletion."""
        with self.changed:
            return list(self._deleted)

    def message(self, channel_id: str, ts: str) -> Message:
        """One message. Raises LookupError if it is not, or no longer, there."""
        with self.changed:
            try:
                return self._messages[channel_id][ts]
            except KeyError:
                raise LookupError(f"there is no message {ts} in {channel_id}") from None

    def history(self, channel_id: str) -> list[Message]:
        """Everything in a channel, replies and private messages included, oldest first."""
        with self.changed:
            return list(self._messages[channel_id].values())

    def everything(self) -> list[Message]:
        """Every message there is, oldest first."""
        with self.changed:
            found = [message for channel in self._messages.values() for message in channel.values()]
            return sorted(found, key=lambda message: message.ts)

    def last_ts(self) -> str:
        """The newest `ts` so far: what is posted from now on is later."""
        with self.changed:
            return _as_ts(self._last_tick)

    def file(self, file_id: str) -> File:
        """One file. Raises LookupError."""
        with self.changed:
            try:
                return self._files[file_id]
            except KeyError:
                raise LookupError(f"there is no file {file_id}") from None

    def files(self) -> list[File]:
        """Every file whose upload was completed, oldest first."""
        with self.changed:
            return [file for file in self._files.values() if file.completed]

    def store_file(self, file: File) -> File:
        """Add or replace a file."""
        with self.changed:
            self._files[file.id] = file
            self.changed.notify_all()
            return file

    def delete_file(self, file_id: str) -> File:
        """Delete a file for everybody. Raises LookupError."""
        with self.changed:
            return self.store_file(replace(self.file(file_id), content=b"", deleted=True))

    def is_shown_to_bot(self, file: File) -> bool:
        """Whether the bot may see a file: its own, one it was given, or one shared where it is a member."""
        with self.changed:
            joined = {channel.id for channel in self.channels() if directory.BOT_USER_ID in channel.members}
            return file.user == directory.BOT_USER_ID or file.given or bool(joined & set(file.channels))

    def wait_until(self, holds: Callable[[], bool], timeout_s: float = 5.0) -> bool:
        """Wait until something is so; looked at again after every change here. False if time ran out."""
        with self.changed:
            return self.changed.wait_for(holds, timeout_s)

    def _timestamp(self) -> str:
        epoch = self.clock.now().timestamp()
        self._last_tick = max(int(epoch * 1_000_000), self._last_tick + 1)
        return _as_ts(self._last_tick)

    def _with_ids(self, blocks: tuple[Json, ...]) -> tuple[Json, ...]:
        return tuple(identified(block, self.serial) for block in blocks)


def _as_ts(tick: int) -> str:
    seconds, micro = divmod(tick, 1_000_000)
    return f"{seconds:010d}.{micro:06d}"


def may_see(message: Message, person_id: str) -> bool:
    """Whether a member of its channel sees this message: private ones are seen by one person."""
    return message.ephemeral_to in {None, person_id}

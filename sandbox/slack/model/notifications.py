"""Who is notified of a new message, as Slack does it where nobody has changed how they are notified.

By default Slack notifies of direct messages, mentions, and replies in threads that one follows: those one wrote in
or is mentioned in. Edits and private answers notify nobody, nor does anything notify whoever wrote it. Whether a
mention of a user group lets its members follow a thread is not documented: here it does, so that noise is seen.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sandbox.slack.model.directory import Channel, Person, UserGroup
from sandbox.slack.model.messages import Message

_USER = re.compile(r"(?:<@|user:)([UW][A-Z0-9]+)")
_GROUP = re.compile(r"(?:<!subteam\^|usergroup:)(S[A-Z0-9]+)")
_EVERYBODY = re.compile(r"<!(?:channel|here|everyone)|broadcast:")


class Why(StrEnum):
    """For what somebody is notified; of several reasons it is the first."""

    DIRECT = "direct message"
    MENTION = "mention"
    GROUP = "user group"
    EVERYBODY = "everybody"
    REPLY = "reply in a thread"


@dataclass(frozen=True)
class Notification:
    """That a person is notified of a message as it was posted; `text` is what the notification says."""

    person: str
    why: Why
    channel: str
    ts: str
    text: str


@dataclass(frozen=True)
class Audience:
    """Who there is to be notified: everybody by id, the channel, and the user groups by id."""

    people: Mapping[str, Person]
    channel: Channel
    groups: Mapping[str, UserGroup]

    def hears(self, person_id: str) -> bool:
        """Whether a person is notified of anything in the channel: members who can sign in."""
        person = self.people.get(person_id)
        is_there = person is not None and not person.deleted and not person.is_bot
        return is_there and person_id in self.channel.members


def of(message: Message, thread: Iterable[Message], audience: Audience) -> list[Notification]:
    """Everybody who is notified of a new message; `thread` is what was said in its thread before."""
    if message.ephemeral_to:
        return []
    found: dict[str, Why] = {}
    if audience.channel.direct_to:
        found[audience.channel.direct_to] = Why.DIRECT
    for why, people in _mentioned(message, audience).items():
        for each in people:
            found.setdefault(each, why)
    if message.is_reply:
        for each in _followers(thread, audience):
            found.setdefault(each, Why.REPLY)
    return [
        Notification(each, why, message.channel, message.ts, message.text)
        for each, why in found.items()
        if each != message.user and audience.hears(each)
    ]


def _mentioned(message: Message, audience: Audience) -> dict[Why, list[str]]:
    written = message.broadcasts
    groups = [audience.groups[each] for each in _named(_GROUP, written) if each in audience.groups]
    return {
        Why.MENTION: _named(_USER, written),
        Why.GROUP: [member for group in groups for member in group.members],
        Why.EVERYBODY: sorted(audience.channel.members) if any(map(_EVERYBODY.match, written)) else [],
    }


def _named(pattern: re.Pattern[str], written: Iterable[str]) -> list[str]:
    return [found[1] for each in written if (found := pattern.match(each))]


def _followers(thread: Iterable[Message], audience: Audience) -> Iterable[str]:
    """Who follows a thread: whoever wrote in it or is mentioned in it, its first message included."""
    for message in thread:
        if message.ephemeral_to is None:
            yield message.user
            mentioned = _mentioned(message, audience)
            yield from (*mentioned[Why.MENTION], *mentioned[Why.GROUP])

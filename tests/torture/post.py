"""Messages: what the outbox says was sent, against what is in Slack; each once, by the name that it carries."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from deletion.audit.messages.places import MessageKind
from handlers.cards import asset_list, outcome_list
from sandbox.slack import Message
from tests.torture.arena import Arena

POSTED_ONCE = frozenset(MessageKind) - {
    MessageKind.CARD,
    MessageKind.DEEDS,
    MessageKind.AUDIT_CARD,
    MessageKind.MANIFEST,
    MessageKind.OUTCOMES,
    MessageKind.PRIVATE,
    MessageKind.READING,
}
"""The kinds of messages that are each a post of their own, which carries the message's name."""


def doubled_or_lost(arena: Arena) -> list[str]:
    """Find what is not in Slack exactly once; private answers, which nobody can look up, at least once."""
    owed = arena.rows("SELECT * FROM outbox ORDER BY id")
    posted = [message for message in arena.slack.workspace.everything() if message.user == arena.slack.bot_user_id]
    return [
        *_unsent(owed),
        *_by_name(owed, posted),
        *_cards(MessageKind.CARD, owed, posted),
        *_cards(MessageKind.AUDIT_CARD, owed, posted),
        *_cards(MessageKind.READING, owed, posted),
        *_lists(owed, posted),
        *_strangers(owed, posted),
        *_whispers(arena, owed),
    ]


def repeated_whispers(arena: Arena) -> int:
    """Return how many private answers were given once more, as nobody can look whether the first arrived."""
    owed = arena.rows("SELECT id FROM outbox WHERE kind = 'private'")
    return max(0, len(_whispered(arena)) - len(owed))


def _unsent(owed: list[dict[str, Any]]) -> Iterator[str]:
    for row in owed:
        if row["state"] != "sent":
            yield f"message {row['id']} ({row['kind']}) is {row['state']}: {row['error']}"


def _by_name(owed: list[dict[str, Any]], posted: list[Message]) -> Iterator[str]:
    names = Counter(name for message in posted if (name := _name(message)))
    for row in owed:
        if row["kind"] in POSTED_ONCE and names[row["nonce"]] != 1:
            times = [message.ts for message in posted if _name(message) == row["nonce"]]
            yield f"message {row['id']} ({row['kind']}) is in Slack {len(times)} times: {times}, {row}"


def _cards(kind: MessageKind, owed: list[dict[str, Any]], posted: list[Message]) -> Iterator[str]:
    """A proposal has one card of a kind, or one message about its reading, and it shows what was owed last."""
    newest = {row["proposal_id"]: row["nonce"] for row in owed if row["kind"] == kind}
    names = {row["nonce"]: row["proposal_id"] for row in owed if row["kind"] == kind}
    shown = Counter(names[name] for message in posted if (name := _name(message)) in names)
    last = {name for message in posted if (name := _name(message))}
    for number, name in newest.items():
        if shown[number] != 1 or name not in last:
            times = [message.ts for message in posted if names.get(_name(message) or "") == number]
            yield f"#{number} has its {kind} at {times}, the last state {'' if name in last else 'not '}shown"


def _lists(owed: list[dict[str, Any]], posted: list[Message]) -> Iterator[str]:
    files = Counter(file.name for message in posted for file in message.files)
    for row in owed:
        if row["kind"] == "manifest":
            name = asset_list.file_name(row["proposal_id"], int(json.loads(row["message"])["revision"]))
        elif row["kind"] == "outcomes":
            name = outcome_list.file_name(row["proposal_id"])
        else:
            continue
        if files[name] != 1:
            yield f"{name} is attached {files[name]} times"


def _strangers(owed: list[dict[str, Any]], posted: list[Message]) -> Iterator[str]:
    known = {row["nonce"] for row in owed}
    for message in posted:
        if not message.ephemeral_to and not message.files and _name(message) not in known:
            yield f"nobody owed this: {message.text[:60]}"


def _whispers(arena: Arena, owed: list[dict[str, Any]]) -> Iterator[str]:
    wanted = sum(row["kind"] == "private" for row in owed)
    given = len(_whispered(arena))
    if given < wanted:
        yield f"{wanted - given} private answers are lost"


def _whispered(arena: Arena) -> list[Message]:
    """Return the private messages that the worker sent, not those that answered a command at once."""
    everything = arena.slack.workspace.everything()
    bot = arena.slack.bot_user_id
    return [m for m in everything if m.ephemeral_to and m.user == bot and m.answers is None]


def _name(message: Message) -> str | None:
    metadata = message.metadata or {}
    name = metadata.get("event_payload", {}).get("outbox_id")
    return None if name is None else str(name)

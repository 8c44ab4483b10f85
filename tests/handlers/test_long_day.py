"""A long day of the whole bot as people and auditors read it: all is told, arrives, and says what happened."""

import re
from collections.abc import Iterator

from deletion.audit import codec, events
from deletion.audit.events import AUDIENCE, Audience
from deletion.audit.messages.audit_channel import DECISIONS
from deletion.audit.messages.places import MessageKind
from deletion.audit.notices import Notice
from deletion.terms import canonical
from sandbox.slack import Message
from sandbox.slack.model.notifications import Why
from storage.tables import audit_log
from tests.harness import plans
from tests.stage import Stage

AUDIT = "vod-audit"

TOLD_IN = {
    Audience.THREAD: MessageKind.THREAD,
    Audience.PROPOSER: MessageKind.DIRECT,
    Audience.VOTER: MessageKind.PRIVATE,
    Audience.CHANNEL: MessageKind.CHANNEL,
    Audience.APPROVED_BY: MessageKind.DEEDS,
    Audience.ASKER: MessageKind.DIRECT,
}


def expected() -> Iterator[tuple[str, str]]:
    """Return every event with every form in which it is told."""
    for event, audiences in AUDIENCE.items():
        for audience in audiences:
            if audience in TOLD_IN:
                yield TOLD_IN[audience], event.action
    # A vote that has no card, as one to unfreeze.
    yield MessageKind.CHANNEL, events.VoteCounted.action


def actions(story: Stage) -> dict[int, str]:
    return {event.seq: event.action for event in audit_log.every(story.database)}


def posts(story: Stage) -> list[Message]:
    return story.slack.messages(AUDIT)


def in_the_audit_channel(story: Stage) -> list[Message]:
    """Return everything in the audit channel, threads included."""
    return [message for post in posts(story) for message in story.slack.thread(AUDIT, post.ts)]


def numbers(message: Message) -> list[int]:
    """Return the numbers of the events that a message's lines are about."""
    parts = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    lines = [line for part in parts for line in part.split("\n")]
    return [
        int(found[1]) for line in lines if (found := re.match(r"`(\d+)` \d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line))
    ]


def heads(story: Stage) -> list[tuple[int, str, str]]:
    named = [
        (post.metadata["event_payload"], post.text)
        for post in posts(story)
        if post.metadata and "seq" in post.metadata["event_payload"]
    ]
    return [(facts["seq"], facts["hash"], text) for facts, text in named]


def test_whatever_can_be_told_was_told_and_arrived(story: Stage) -> None:
    rows = story.database.read(lambda tx: tx.rows("SELECT kind, state, message FROM outbox"))
    happened = actions(story)
    messages = [(row["kind"], canonical.loads(row["message"])) for row in rows]
    of_events = {(kind, happened[message["event"]]) for kind, message in messages if "event" in message}
    assert of_events == set(expected())
    of_notices = {message["notice"] for _, message in messages if "notice" in message}
    assert of_notices == {notice.__name__ for notice in Notice.__subclasses__()}
    assert {row["state"] for row in rows} == {"sent"}


def test_everything_that_can_be_recorded_happened(story: Stage) -> None:
    assert set(actions(story).values()) == set(codec.by_action())


def test_every_message_is_sound(story: Stage) -> None:
    said = story.slack.workspace.everything()
    assert len(said) > 150
    for message in said:
        assert message.text
        assert "{" not in re.sub(r"\{date_short_pretty\} at \{(time|time_secs)\}", "", message.text)
        assert "None" not in message.text
        assert "(empty)" not in message.text
        assert message.text == message.text.strip()


def test_nobody_is_pinged_in_a_channel_but_who_is_to_decide(story: Stage) -> None:
    direct = {message.ts for person in ("ana", "bo", "cy", "dee", "gus") for message in story.slack.dm(person)}
    in_channels = [
        message
        for message in story.slack.workspace.everything()
        if message.ts not in direct and not message.ephemeral_to and message.user == story.slack.bot_user_id
    ]
    assert len(in_channels) > 100
    pinged = [message for message in in_channels if message.broadcasts]
    assert [" proposes to delete " in message.text for message in pinged] == [True]
    assert {each.why for name in ("dee", "gus") for each in story.slack.notified(name)} <= {Why.DIRECT}


def test_the_audit_channel_shows_every_event_once_and_in_order(story: Stage) -> None:
    shown = [numbers(message) for message in in_the_audit_channel(story)]
    assert sorted(seq for lines in shown for seq in lines) == sorted(actions(story))
    assert all(lines == sorted(lines) for lines in shown)
    for post in posts(story):
        thread = [seq for message in story.slack.thread(AUDIT, post.ts) for seq in numbers(message)]
        assert thread == sorted(thread)


def test_every_proposal_is_one_message_and_its_lines_are_never_edited(story: Stage) -> None:
    rows = story.database.read(lambda tx: tx.rows("SELECT id, audit_ts FROM proposals"))
    views = {post.ts for post in posts(story) if story.slack.thread(AUDIT, post.ts)[1:]}
    assert {row["audit_ts"] for row in rows} == views
    assert all(message.edits == 0 for message in in_the_audit_channel(story) if message.ts not in views)


def test_every_head_is_that_of_the_log_and_one_follows_every_decision(story: Stage) -> None:
    hashes = {event.seq: event.hash for event in audit_log.every(story.database)}
    posted = heads(story)
    assert all(hashes[seq] == digest for seq, digest, _ in posted)
    assert [text for *_, text in posted] == [
        f"Head of the log: event {seq}, `{digest}`" for seq, digest, _ in posted
    ]
    assert [seq for seq, *_ in posted] == sorted({seq for seq, *_ in posted})
    decisions = {event.action for event in DECISIONS}
    last = max(seq for seq, action in actions(story).items() if action in decisions)
    assert posted[-1][0] >= last
    assert [(anchor.seq, anchor.hash) for anchor in story.database.read(audit_log.anchors)] == [
        (seq, digest) for seq, digest, _ in posted
    ]


def test_an_auditor_finds_every_item_that_was_deleted_by_its_title(story: Stage) -> None:
    said = "\n".join(message.text + str(message.blocks) for message in in_the_audit_channel(story))
    finished = story.database.read(lambda tx: tx.rows("SELECT id FROM proposals WHERE state = 'finished'"))
    assert finished
    for row in finished:
        titles = plans.every_title(story.database, story.view(row["id"]))
        assert not [title for title in titles if title not in said]

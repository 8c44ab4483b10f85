"""Records of every earlier version, with everything open in them, are opened, migrated and finished rightly."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import Message
from tests.e2e.evidence import assert_lawful, audit_channel, audit_messages, buttons, in_blocks
from tests.records import laying
from tests.records.conftest import Opener
from tests.records.laying import Kept
from tests.stage import Stage

NAMES = ("0001", "0002", "0003", "0004")
FROZEN = ("0003-frozen", "0004-frozen")
ENGINES = ("sqlite", "postgres")
OPEN = ("collecting", "pending", "approved", "executing")

HOURS_ON_HOLD = 3
"""Longer than the longest hold in the records."""

AUDIT = frozenset({"audit", "audit card", "audit thread", "audit post", "audit head"})
"""Messages for the audit channel: the first as it was until ``0003``, the others since."""

WORDS = {
    "collection failed": "not opened",
    "collection waits": "could not be read yet",
    "expired": "expired",
    "finished": "is finished",
    "frozen": "froze .*wrong folder",
    "holding": "on hold",
    "late": "not .*deleted",
    "plan changed": "changed",
    "proposed": "open for approval",
    "rejected": "rejected",
    "stale": "closed",
    "started": "deleting",
    "stopped": "stopped",
    "thaw counted": "(thaw|unfreeze).*1 of 2",
    "thaw void": "unfreeze was not counted",
    "thawed": "thawed|unfrozen|freeze is over|ended",
    "vote cast": "approval .*saved",
    "vote counted": "approved: 1 of",
    "vote void": "approval .*not counted",
    "vote waits": "approval .*cannot be read",
    "waiting": "wait|retry",
    "withdrawn": "withdrew",
}
"""What a message says, whatever else it says, by what it reports."""

SINCE_0004 = {
    "CallsWait": "waiting",
    "CollectionWaits": "collection waits",
    "DeletionsLate": "late",
    "RejectionRecorded": "rejected",
    "VoteNotCounted": "vote void",
    "VoteRecorded": "vote cast",
    "VoteWaits": "vote waits",
    "WithdrawalRecorded": "withdrawn",
    "execution.finished": "finished",
    "execution.started": "started",
    "execution.stopped": "stopped",
    "freeze.begun": "frozen",
    "freeze.ended": "thawed",
    "plan.changed": "plan changed",
    "plan.frozen": "proposed",
    "proposal.approved": "holding",
    "proposal.assets_gone": "stale",
    "proposal.expired": "expired",
    "proposal.not_collected": "collection failed",
    "proposal.rejected": "rejected",
    "proposal.stopped": "stopped",
    "proposal.withdrawn": "withdrawn",
    "vote.counted": "vote counted",
}
"""What ``0004`` calls what is reported: an event of the log by its action, or a notice."""


def reported(kept: Kept, row: dict[str, Any]) -> str | None:
    """Return which of ``WORDS`` a message owed is about; None where it shows how something stands."""
    facts = json.loads(row["message"])
    if "news" in facts:
        return str(facts["news"])
    if "notice" in facts:
        return SINCE_0004[facts["notice"]]
    if "event" not in facts:
        return None
    event = json.loads(next(each["payload"] for each in kept.rows("audit") if each["seq"] == facts["event"]))
    about_freeze = {"vote.counted": "thaw counted", "vote.voided": "thaw void"}
    if event["ref"].startswith("freeze") and event["action"] in about_freeze:
        return about_freeze[event["action"]]
    return SINCE_0004[event["action"]]


def told_from(kept: Kept) -> int:
    """Return the first event that no message for the audit channel named when a record was kept."""
    [head] = kept.rows("audit_head")
    if "posted_seq" in head:
        return int(head["posted_seq"]) + 1
    return max((int(row["seq"]) for row in kept.rows("anchors")), default=0) + 1


def in_dump(kept: Kept, *states: str) -> dict[str, int]:
    """Return the proposals that were in one of these states."""
    found = {row["id"] for row in kept.rows("proposals") if row["state"] in states}
    return {name: number for name, number in kept.proposals.items() if number in found}


def finish(stage: Stage, kept: Kept) -> None:
    """Let people and the bot do what is left: approve what is open by its card, which was shown anew, and wait."""
    has_card = {row["id"] for row in kept.rows("proposals") if row["card_ts"]}
    voted = voters(kept)
    bo, cy = stage.slack.user("bo").id, stage.slack.user("cy").id
    waiting = [n for n in in_dump(kept, "pending").values() if n in has_card and voted.get(n) != bo]
    one_of_two = kept.proposals["one of two"]
    assert voted[one_of_two] == bo
    for number in waiting:
        approve_by_old_card(stage, kept, number)
    approve_by_old_card(stage, kept, one_of_two, who=cy)
    stage.settle_messages()
    for number in waiting:
        stage.slack.click("bo", "Approve", match=f"#{number}")
    stage.slack.click(cy, "Approve", match=f"#{one_of_two}")
    stage.settle()
    for _ in range(5):
        stage.advance(60)
    assert_a_hold_of_before_still_runs(stage, kept)
    for name, number in in_dump(kept, "collecting", "pending").items():
        if stage.state(number) == "pending":
            assert name in {"changed", "replanned", "collecting", "collection waits", "card unsent"}, name
            stage.click("bo", "Approve", number)
    stage.advance(HOURS_ON_HOLD * 3600)


def assert_a_hold_of_before_still_runs(stage: Stage, kept: Kept) -> None:
    """Hold that what an earlier version put on hold is neither begun nor held for longer."""
    for row in kept.rows("proposals"):
        if row["state"] == "approved" and (row.get("hold_until_ms") or 0) > stage.clock():
            assert stage.state(row["id"]) == "approved"
            assert stage.view(row["id"]).row.hold_until_ms == row["hold_until_ms"]


def voters(kept: Kept) -> dict[int, str]:
    """Return who had approved what, counted or not; what was voted on is named by its kind since ``0004``."""
    live = [row for row in kept.rows("votes") if row["state"] in {"cast", "counted"}]
    live = [row for row in live if row.get("subject_kind", "proposal") == "proposal"]
    return {row["proposal_id" if "proposal_id" in row else "subject_id"]: row["voter"] for row in live}


def approve_by_old_card(stage: Stage, kept: Kept, number: int, who: str = "bo") -> None:
    """Click the button that the earlier version posted, before the bot has done anything: it names no record."""
    card = next(row for row in kept.rows("proposals") if row["id"] == number)
    old = stage.slack.workspace.message(card["card_channel"], card["card_ts"])
    assert old.edits == 0, "the card is not the old one any more"
    live = len(stage.view(number).votes)
    delivery = stage.slack.click(who, "Approve", match=f"#{number}")
    assert delivery.error is None, delivery
    assert stage.events("vote.refused")[-1]["data"]["rule"] in {"old card", "plan changed"}
    assert len(stage.view(number).votes) == live


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_what_was_open_in_an_earlier_record_is_finished_and_what_was_closed_stays(
    go_on_with: Opener, name: str, engine: str
) -> None:
    kept = laying.read(name)
    stage = go_on_with(kept, engine)
    assert stage.verify().holds, stage.verify().text()
    assert hashes(stage)[: len(kept.rows("audit"))] == [row["hash"] for row in kept.rows("audit")]

    finish(stage, kept)

    _assert_all_is_as_wished(stage, kept)
    _assert_only_what_was_approved_was_sent_once(stage, kept)
    _assert_every_message_arrived_once(stage, kept)
    assert_lawful(stage, told_from=told_from(kept))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [*NAMES, *FROZEN])
def test_an_earlier_record_verifies_before_anything_is_done_with_it(
    go_on_with: Opener, name: str, engine: str
) -> None:
    kept = laying.read(name)
    stage = go_on_with(kept, engine)

    report = stage.verify()

    assert report.holds, report.text()
    assert report.events >= len(kept.rows("audit"))
    assert report.calls == len(kept.rows("calls"))
    assert stage.vod.ledger.calls() == ()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", FROZEN)
def test_a_wish_to_thaw_that_was_cast_counts_beside_the_one_that_was_counted(
    go_on_with: Opener, name: str, engine: str
) -> None:
    kept = laying.read(name)
    stage = go_on_with(kept, engine)

    stage.advance(60)
    approve(stage, "bo", kept.proposals["pending"])
    stage.advance(60)

    for number in kept.proposals.values():
        assert stage.state(number) == "finished"
        assert set(stage.outcomes(number).values()) == {"deleted"}
    assert sorted(stage.vod.ledger.ids()) == sorted(_sent(stage, kept))
    assert len(stage.vod.ledger.ids()) == 4
    assert_lawful(stage, told_from=told_from(kept))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", FROZEN)
def test_a_record_that_was_frozen_stays_so_until_a_second_person_counts(
    go_on_with: Opener, name: str, engine: str
) -> None:
    kept = laying.read(name)
    stage = go_on_with(kept, engine)
    stage.slack.change_person("ana", deleted=True)

    for _ in range(5):
        stage.advance(60)

    assert stage.vod.ledger.calls() == ()
    # Reading back goes on: what the killed instance had sent is found to be gone.
    assert stage.state(kept.proposals["under way"]) == "finished"
    assert set(stage.outcomes(kept.proposals["under way"]).values()) == {"deleted"}
    assert stage.state(kept.proposals["due"]) == "approved"
    assert stage.state(kept.proposals["begun"]) == "executing"

    # She proposed them: they would be stopped if she were still gone when they go on.
    stage.slack.change_person("ana", deleted=False)
    stage.say("bo", "/vod thaw")
    stage.advance(60)

    for frozen in ("due", "begun"):
        assert stage.state(kept.proposals[frozen]) == "finished"
    assert len(stage.vod.ledger.ids()) == 3
    assert sorted(stage.vod.ledger.ids()) == sorted(_sent(stage, kept))
    assert_lawful(stage, told_from=told_from(kept))


@pytest.mark.parametrize("engine", ENGINES)
def test_an_open_card_that_was_at_rest_is_shown_anew_so_that_its_button_counts(
    go_on_with: Opener, engine: str
) -> None:
    kept = laying.read("0004-frozen")
    assert {row["state"] for row in kept.rows("outbox")} == {"sent"}
    stage = go_on_with(kept, engine)
    number = kept.proposals["pending"]

    # Nobody has clicked the old one, which would have it shown anew as well.
    stage.settle_messages()
    stage.slack.click("bo", "Approve", match=f"#{number}")

    assert stage.card(number).edits == 1
    assert [vote.state for vote in stage.view(number).votes] == ["cast"]


def approve(stage: Stage, who: str, number: int) -> None:
    assert stage.click(who, "Approve", number).error is None


def hashes(stage: Stage) -> list[str]:
    rows = stage.database.read(lambda tx: tx.rows("SELECT hash FROM audit ORDER BY seq"))
    return [str(row["hash"]) for row in rows]


def _assert_all_is_as_wished(stage: Stage, kept: Kept) -> None:
    was_open = in_dump(kept, *OPEN)
    for name, number in kept.proposals.items():
        if name not in was_open:
            row = next(row for row in kept.rows("proposals") if row["id"] == number)
            assert stage.state(number) == row["state"], name
            assert stage.outcomes(number) == _outcomes(kept, number), name
            continue
        assert stage.state(number) == "finished", name
        words = sorted(str(word) for word in stage.outcomes(number).values())
        is_halted = name == "halted" and _outcomes(kept, number)
        assert words == (["deleted", "stopped", "stopped"] if is_halted else ["deleted"] * len(words)), name
        assert words, name
        assert buttons(stage.card(number)) == (["Propose the rest again: 2 videos"] if is_halted else []), name
    open_calls = stage.database.read(lambda tx: tx.rows("SELECT id FROM calls WHERE state = 'intent'"))
    assert open_calls == []


def _outcomes(kept: Kept, number: int) -> dict[str, Any]:
    return {row["target"]: row["outcome"] for row in kept.rows("items") if row["proposal_id"] == number}


def _assert_only_what_was_approved_was_sent_once(stage: Stage, kept: Kept) -> None:
    sent = stage.vod.ledger.ids()
    assert sorted(sent) == sorted(_sent(stage, kept))
    assert len(sent) == len(set(sent))
    actions = {call.action for call in stage.vod.ledger.calls()}
    assert actions == {"DeleteVideo", "DeleteStream", "DeleteMezzanines", "DeleteImage"}


def _sent(stage: Stage, kept: Kept) -> Iterator[str]:
    """Yield what was still to be sent: whatever is deleted now, and was not sent and taken by VOD before."""
    for number in in_dump(kept, *OPEN).values():
        for target, word in stage.outcomes(number).items():
            if word == "deleted" and target not in kept.sent_before | kept.gone_since:
                yield target


def _assert_every_message_arrived_once(stage: Stage, kept: Kept) -> None:
    owed = [row for row in kept.rows("outbox") if row["state"] != "sent"]
    assert len(owed) > 50
    seen = {"queued", "sending"}
    assert {row["state"] for row in owed} == seen
    news = {row["id"]: reported(kept, row) for row in owed}
    for row in owed:
        facts = json.loads(row["message"])
        about_what = news[row["id"]]
        wanted = re.compile(WORDS[about_what], re.IGNORECASE) if about_what else None
        if row["kind"] in {"thread", "channel", "direct"}:
            assert wanted is not None
            [message] = named(stage, row["nonce"])
            assert wanted.search(message.text), (row, message.text)
            assert place_of(stage, message) == place_for(stage, row), row
        elif row["kind"] == "private":
            assert wanted is not None
            about = re.compile(rf"#{row['proposal_id']}\b" if row["proposal_id"] else "")
            told = [m.text for m in stage.slack.ephemerals(facts["user"])]
            told = [text for text in told if wanted.search(text) and about.search(text)]
            alike = [each for each in owed if is_alike(each, row) and news[each["id"]] == about_what]
            assert len(told) >= len(alike), (row, told)
        elif row["kind"] in AUDIT:
            [message] = named(stage, row["nonce"])
            assert facts.get("hash", "") in message.text
            assert message in audit_messages(stage)
    number = kept.proposals["card unsent"]
    lists = [
        file.name
        for file in stage.slack.files
        if "-plan-" in file.name and str(number) in re.findall(r"\d+", file.name)
    ]
    assert len(lists) == 1
    left = stage.database.read(lambda tx: tx.rows("SELECT id, kind, error FROM outbox WHERE state <> 'sent'"))
    assert left == []


def is_alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Say whether two messages owed go to the same place, about the same proposal."""
    return all(one[name] == other[name] for name in ("kind", "lane", "proposal_id"))


def named(stage: Stage, nonce: str) -> list[Message]:
    """Return the messages in Slack that carry the name of one message owed."""
    return [
        message
        for message in stage.slack.workspace.everything()
        if (message.metadata or {}).get("event_payload", {}).get("outbox_id") == nonce
    ]


def place_of(stage: Stage, message: Message) -> str:
    channel = stage.slack.channel(message.channel)
    return channel.direct_to or f"{channel.name} {message.thread_ts or ''}"


def place_for(stage: Stage, row: dict[str, Any]) -> str:
    if row["kind"] == "direct":
        return str(json.loads(row["message"])["user"])
    card = stage.card(row["proposal_id"]).ts if row["kind"] == "thread" else ""
    return f"vod-deletions {card}"


OLDEST_KINDS = {"card", "manifest", "thread", "channel", "direct", "private"}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("0003", OLDEST_KINDS | {"audit"}),
        ("0004", OLDEST_KINDS | {"audit card", "audit thread", "audit post", "audit head"}),
    ],
)
def test_the_files_hold_every_state_and_every_kind_of_message(name: str, kinds: set[str]) -> None:
    kept = laying.read(name)
    found = {
        table: {row["state"] for row in kept.rows(table)} for table in ("proposals", "items", "calls", "outbox")
    }

    assert found == {
        "proposals": {
            *OPEN,
            *("finished", "rejected", "withdrawn", "stopped", "expired", "stale", "failed to collect"),
        },
        "items": {"pending", "inflight", "sent", "settled"},
        "calls": {"intent", "done", "unknown"},
        "outbox": {"queued", "sending", "sent"},
    }
    assert {row["kind"] for row in kept.rows("outbox")} == kinds
    assert {row["kind"] for row in kept.rows("proposals")} == {"video", "stream", "mezzanine", "image"}
    assert {row["outcome"] for row in kept.rows("items")} >= {
        *("deleted", "already gone", "accepted", "refused", "changed", "stopped", "unknown"),
    }


def test_every_file_holds_votes_and_calls_of_every_kind_and_news_with_known_words() -> None:
    for name in NAMES:
        kept = laying.read(name)
        rows = kept.rows
        assert {row["state"] for row in rows("calls")} >= {"intent", "done"}
        assert {row["state"] for row in rows("votes")} == {"cast", "counted", "void"}
        news = {reported(kept, row) for row in rows("outbox") if row["state"] != "sent"}
        assert news - {None} <= set(WORDS)


UNKNOWN = "moon.risen <!channel>"


@pytest.mark.parametrize("engine", ENGINES)
def test_an_event_that_nobody_knows_is_shown_raw_and_verified(go_on_with: Opener, engine: str) -> None:
    kept = laying.read("0003-frozen")
    stage = go_on_with(kept, engine)
    for actor, ref in (("T0COUNTER01/U0BO93LXT6W", "proposal/1"), ("countersign", "moon/7"), ("?", "")):
        data = {"phase": ["full", None, 1], "why": "<!channel>"}
        append(stage, laying.event(actor=actor, action=UNKNOWN, ref=ref, data=data, at_ms=stage.clock()))

    stage.advance(60)

    assert stage.verify().holds, stage.verify().text()
    assert audit_channel(stage).count("moon.risen") >= 3
    assert stage.verify().events > len(kept.rows("audit")) + 3
    assert_lawful(stage, told_from=told_from(kept))
    assert stage.state(kept.proposals["due"]) == "finished"
    assert "deleted" in in_blocks(stage.card(kept.proposals["due"]))


def append(stage: Stage, event: dict[str, Any]) -> None:
    """Append an event to the log as the program would."""
    head = stage.database.read(lambda tx: tx.rows("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"))[0]
    row = laying.link(event, int(head["seq"]) + 1, str(head["hash"]))
    columns = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    moved = "UPDATE audit_head SET seq = :seq, hash = :hash WHERE id = 1"
    stage.database.write(lambda tx: tx.run(f"INSERT INTO audit ({columns}) VALUES ({marks})", **row))  # noqa: S608 - names of ours
    stage.database.write(lambda tx: tx.run(moved, seq=row["seq"], hash=row["hash"]))

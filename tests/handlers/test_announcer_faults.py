"""Slack misbehaves: nothing owed is lost, nobody is held up, nothing is said twice where Slack lets us look."""

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from deletion.audit.events import ExecutionStarted
from deletion.audit.fields import NO_DIGEST
from deletion.audit.messages import audit_channel
from deletion.audit.messages.delivery import OutgoingMessage, Posted
from deletion.audit.messages.places import MessageKind
from deletion.audit.notices import VoteRecorded
from deletion.terms.ids import ProposalNumber, proposal_ref
from deletion.terms.states import State
from handlers.outbox.announcer import LOOK_AFTER_MS, MOST_BROKEN, RETRY_MS
from sandbox.slack.model.faults import FaultKind
from storage import StorageError
from tests.handlers.samples import Sample
from tests.handlers.wire import APPROVALS, AUDIT, LAST_RESORT, Wire

TRANSIENT = ("ratelimited", "http_503", "internal_error", "fatal_error_after", "reset_before", "reset_after")
STORED_FIRST = ("fatal_error_after", "reset_after")
LONG = Sample(count=20, facts={"cover": None})


@pytest.mark.parametrize("fault", TRANSIENT)
def test_every_kind_of_message_arrives_once_whatever_went_wrong_on_the_way(wire: Wire, fault: str) -> None:
    wire.slack.faults.add(fault, "chat.postMessage")
    number = wire.proposal(LONG)
    wire.send_later(times=2)
    assert len(wire.cards()) == 1

    wire.slack.faults.clear()
    wire.slack.faults.add(fault, "chat.postMessage")
    wire.slack.faults.add(fault, "chat.update")
    wire.slack.faults.add(fault, "files.completeUploadExternal")
    wire.proposal(LONG)
    wire.move(number, State.EXPIRED)
    wire.reply(number)
    wire.direct("ana")
    wire.send_later(times=4)

    assert set(wire.states()) == {"sent"}
    assert wire.slack.faults.pending() == []
    assert len(wire.cards()) == 2
    assert "Expired" in wire.cards()[0].text
    assert [len(wire.replies(number)), len(wire.replies(number + 1))] == [2, 1]
    assert len(wire.slack.files) == 2
    assert len(wire.slack.dm("ana")) == 1


@pytest.mark.parametrize("fault", STORED_FIRST)
def test_what_was_stored_before_it_broke_is_found_and_not_posted_again(wire: Wire, fault: str) -> None:
    wire.slack.faults.add(fault, "chat.postMessage", times=2)
    number = wire.proposal()
    wire.direct("ana")
    wire.send_later(times=2)
    assert wire.calls("chat.postMessage") == 2
    (card,) = wire.cards()
    assert wire.stored(number).card_ts == card.ts


def test_a_post_that_slack_finishes_long_after_we_gave_up_is_waited_for_and_not_posted_again(wire: Wire) -> None:
    """A card whose many pictures Slack fetches first: whoever looks at once does not find it yet."""
    wire.slack.faults.add("slow", "chat.postMessage", seconds=30)
    number = wire.proposal()
    wire.send(wire.another("impatient", timeout_s=1))
    wire.slack.wait_until(lambda: bool(wire.cards()), timeout_s=20)
    (late,) = wire.cards()
    wire.slack.workspace.remove(late)
    wire.clock.advance(LOOK_AFTER_MS / 1000 - 1)
    assert wire.send() == 0
    wire.slack.workspace.put_back(late)
    wire.clock.advance(1)
    wire.send()
    (card,) = wire.cards()
    assert wire.stored(number).card_ts == card.ts
    assert wire.calls("chat.postMessage") == 1


@pytest.mark.parametrize("trouble_looking", ["ratelimited", "http_503", "reset_before", "internal_error"])
def test_a_look_that_fails_proves_nothing(wire: Wire, trouble_looking: str) -> None:
    wire.slack.faults.add("reset_after", "chat.postMessage", times=2)
    wire.slack.faults.add(trouble_looking, "conversations.history", times=2)
    wire.slack.faults.add(trouble_looking, "conversations.open")
    wire.proposal()
    wire.direct("ana")
    wire.send_later(times=5)
    assert wire.slack.faults.pending() == []
    assert wire.calls("chat.postMessage") == 2
    assert set(wire.states()) == {"sent"}


def test_a_bot_put_out_of_the_channel_before_it_could_look_does_not_say_it_twice(wire: Wire) -> None:
    wire.slack.faults.add("reset_after", "chat.postMessage")
    wire.proposal()
    wire.send()
    channel = wire.slack.channel(APPROVALS)
    wire.slack.change_channel(APPROVALS, members=channel.members - {wire.slack.bot_user_id})
    wire.send_later(times=3)
    wire.slack.change_channel(APPROVALS, members=channel.members)
    wire.send_later(times=2)
    assert len(wire.cards()) == 1
    assert wire.states() == ["sent"]


@pytest.mark.parametrize("ahead_s", [-3_000, 3_000])
def test_clocks_that_differ_do_not_double(wire: Wire, ahead_s: int) -> None:
    wire.clock.advance(ahead_s)
    wire.slack.faults.add("reset_after", "chat.postMessage")
    wire.proposal()
    wire.send_later(times=2)
    assert len(wire.cards()) == 1


def test_slack_is_left_alone_for_as_long_as_it_asked(wire: Wire) -> None:
    wire.slack.faults.add("ratelimited", "chat.postMessage", retry_after=30)
    wire.proposal()
    wire.send()
    wire.clock.advance(29)
    assert wire.send() == 0
    wire.clock.advance(2)
    assert wire.send() == 1
    assert wire.states() == ["sent"]


def test_pauses_grow_and_the_last_one_repeats(wire: Wire) -> None:
    wire.slack.faults.add("internal_error", "chat.postMessage", times=9)
    wire.proposal()
    for expected_ms in (*RETRY_MS, RETRY_MS[-1], RETRY_MS[-1]):
        assert wire.send() == 1
        wire.clock.advance(expected_ms / 1000 - 0.5)
        assert wire.send() == 0
        wire.clock.advance(0.5)


def test_a_list_follows_its_card_at_once_however_long_it_waited_for_it(wire: Wire) -> None:
    wire.slack.faults.add("ratelimited", "chat.postMessage", retry_after=60)
    wire.proposal(LONG)
    for _ in range(59):
        wire.send()
        wire.clock.advance(1)
    assert wire.states() == ["queued", "queued"]
    wire.clock.advance(2)
    wire.send()
    wire.clock.advance(1)
    wire.send()
    assert wire.states() == ["sent", "sent"]


def test_one_channels_trouble_is_not_anothers(wire: Wire) -> None:
    wire.slack.faults.add("ratelimited", "chat.postMessage", times=99, retry_after=60, channel=APPROVALS)
    wire.proposal()
    wire.direct("ana")
    wire.private("bo")
    wire.send()
    assert wire.states() == ["queued", "sent", "sent"]


@pytest.mark.parametrize("how", ["archived", "not in it"])
def test_what_a_closed_channel_is_owed_waits_and_then_comes_in_order(wire: Wire, how: str) -> None:
    channel = wire.slack.channel(APPROVALS)
    without_us = channel.members - {wire.slack.bot_user_id}
    number = wire.proposal()
    wire.send()
    changes = {"is_archived": True} if how == "archived" else {"members": without_us}
    wire.slack.change_channel(APPROVALS, **changes)
    wire.reply(number, 1)
    wire.reply(number, 2)
    wire.proposal()
    wire.send_later(times=6)
    assert wire.states() == ["sent", "queued", "queued", "queued"]
    wire.slack.change_channel(APPROVALS, is_archived=False, members=channel.members)
    wire.send_later(times=4)
    assert set(wire.states()) == {"sent"}
    assert [reply.text.split()[0] for reply in wire.replies(number)] == ["1", "2"]
    assert len(wire.cards()) == 2


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "missing_scope", "account_inactive"])
def test_a_bot_that_is_not_admitted_gives_nothing_up(wire: Wire, code: str) -> None:
    for method in ("chat.postMessage", "chat.postEphemeral"):
        wire.slack.faults.add("error", method, error=code, times=9)
    wire.proposal()
    wire.direct("ana")
    wire.private("bo")
    wire.send_later(times=2)
    assert wire.states() == ["queued"] * 3
    wire.slack.faults.clear()
    wire.send_later(times=2)
    assert wire.states() == ["sent"] * 3


def test_a_person_who_cannot_be_reached_holds_nobody_up(wire: Wire) -> None:
    wire.direct("kim")
    wire.private("kim")
    wire.direct("ron")
    wire.direct("ana")
    wire.send_later(times=2)
    assert wire.states() == ["failed", "failed", "failed", "sent"]
    assert [row.error for row in wire.owed()] == ["channel_not_found", "channel_not_found", "cannot_dm_bot", None]


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_a_card_whose_picture_slack_cannot_fetch_comes_without_pictures(wire: Wire, method: str) -> None:
    number = wire.proposal(Sample())
    if method == "chat.update":
        wire.send()
        wire.card_of(number)
    wire.slack.faults.add(FaultKind.IMAGE_UNFETCHABLE, method)
    wire.send()
    (card,) = wire.cards()
    assert not [block for block in card.blocks if "accessory" in block]
    assert wire.calls(method) == 2
    assert set(wire.states()) == {"sent"}


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_too_long", "metadata_too_large"])
def test_a_message_that_slack_will_never_take_holds_nobody_up(wire: Wire, code: str) -> None:
    wire.slack.faults.add("error", "chat.postMessage", error=code, times=2)
    number = wire.proposal()
    wire.proposal()
    wire.send_later(times=2)
    assert wire.states() == ["failed", "sent", "queued"]
    assert wire.owed()[0].error == code
    instead, card = wire.cards()
    assert instead.text == LAST_RESORT.format(number=number)
    assert card.blocks


def test_when_not_even_the_last_words_are_taken_nobody_is_held_up(wire: Wire) -> None:
    wire.slack.faults.add("error", "chat.postMessage", error="invalid_blocks", times=3)
    wire.proposal()
    wire.proposal()
    wire.send_later(times=2)
    assert wire.states() == ["failed", "sent", "queued"]
    assert len(wire.cards()) == 1


def test_a_message_that_breaks_in_our_own_hands_is_given_up_in_the_end(wire: Wire) -> None:
    wire.proposal()
    wire.database.write(lambda tx: tx.run("UPDATE plans SET plan = 'no plan'"))
    wire.direct("ana")
    second = wire.proposal()
    with capture_logs() as logged:
        wire.send_later(times=MOST_BROKEN - 1)
        assert wire.states() == ["sending", "sent", "queued"]
        wire.send_later(times=2)
    assert wire.states() == ["failed", "sent", "sent"]
    assert [entry["given_up"] for entry in logged] == [False] * (MOST_BROKEN - 1) + [True]
    assert all(entry["exc_info"] for entry in logged)
    assert wire.owed()[0].error == "broken JSONDecodeError"
    assert wire.stored(second).card_ts


@pytest.mark.parametrize("fault", ["http_503", "reset_before", "reset_after"])
@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
def test_a_list_whose_upload_broke_off_anywhere_is_there_once(wire: Wire, step: str, fault: str) -> None:
    wire.slack.faults.add(fault, step)
    number = wire.proposal(LONG)
    wire.reply(number)
    wire.send_later(times=3)
    assert sorted(len(reply.files) for reply in wire.replies(number)) == [0, 1]
    assert len(wire.slack.files) == 1


def test_a_direct_message_in_place_of_a_private_answer_is_not_doubled(wire: Wire) -> None:
    wire.private("bo", channel="general")
    wire.slack.faults.add("reset_after", "chat.postMessage")
    wire.send_later(times=2)
    assert len(wire.slack.dm("bo")) == 1
    assert wire.states() == ["sent"]


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_private_answer_is_never_lost(wire: Wire, fault: str) -> None:
    wire.slack.faults.add(fault, "chat.postEphemeral")
    wire.private("bo")
    wire.send_later(times=2)
    # Nobody can look a private answer up: one that may have arrived is said again.
    assert len(wire.slack.ephemerals("bo")) == (2 if fault in STORED_FIRST else 1)
    assert wire.states() == ["sent"]


def test_a_private_answer_to_somebody_without_a_direct_channel_is_said_again(wire: Wire) -> None:
    wire.slack.faults.add("reset_before", "chat.postEphemeral")
    wire.slack.faults.add("error", "conversations.open", error="user_not_visible")
    wire.private("eve")
    wire.send_later(times=2)
    assert len(wire.slack.ephemerals("eve")) == 1
    assert wire.states() == ["sent"]


def test_a_reply_whose_card_could_not_be_posted_is_not_lost(wire: Wire) -> None:
    wire.slack.faults.add("error", "chat.postMessage", error="invalid_blocks", times=3)
    wire.slack.faults.add("reset_before", "chat.postMessage")
    number = wire.proposal()
    wire.reply(number)
    wire.send_later(times=3)
    assert wire.states() == ["failed", "sent", "queued"]
    assert [message.text[:10] for message in wire.cards()] == ["1 of 100 d"]


@pytest.mark.parametrize("posted", [True, False])
def test_a_message_left_by_a_killed_announcer_is_said_once(wire: Wire, *, posted: bool) -> None:
    wire.proposal()
    wire.die_sending(posted=posted)
    assert wire.send() == 0
    wire.clock.advance(61)
    wire.send()
    assert len(wire.cards()) == 1
    assert wire.states() == ["sent"]


def test_an_announcer_holds_a_message_for_as_long_as_it_is_told(wire: Wire) -> None:
    wire.proposal()
    slow, other = wire.another("slow", lease_ms=10_000), wire.another("other")
    held: list[int] = []

    def send(message: OutgoingMessage, is_ours: Callable[[], bool] = lambda: True) -> Posted:
        assert message.kind is MessageKind.CARD
        assert is_ours()
        wire.clock.advance(9)
        held.append(wire.send(other))
        wire.clock.advance(2)
        held.append(wire.send(other))
        raise OSError("the connection was lost")

    slow._sender.send = send  # type: ignore[method-assign]
    slow.step()

    assert held[0] == 0
    assert held[1] > 0
    assert len(wire.cards()) == 1


def test_a_card_deleted_while_its_update_broke_off_is_posted_anew_once(wire: Wire) -> None:
    number = wire.proposal()
    wire.send()
    wire.slack.workspace.remove(wire.cards()[0])
    wire.move(number, State.EXPIRED)
    wire.slack.faults.add("reset_after", "chat.postMessage")
    wire.send_later(times=2)
    (card,) = wire.cards()
    assert wire.stored(number).card_ts == card.ts


def test_lines_whose_audit_card_was_deleted_are_said_once_whatever_fails_beside_them(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = wire.proposal()
    about = proposal_ref(number)
    wire.happen(ExecutionStarted(about=about, digest=NO_DIGEST, count=1))
    wire.send_later(times=2)
    (card,) = [message for message in wire.slack.messages(AUDIT) if message.ts == wire.stored(number).audit_ts]
    wire.slack.workspace.remove(card)
    lane, later_ms = audit_channel.lane_of_card(number), wire.clock() + 20_000
    paced = "INSERT INTO lanes (lane, next_allowed_ms) VALUES (:lane, :ms)"
    wire.database.write(lambda tx: tx.run(paced, lane=lane, ms=later_ms))
    queue_card = audit_channel.queue_card

    def fail_once(*_: object) -> None:
        monkeypatch.setattr(audit_channel, "queue_card", queue_card)
        raise StorageError("The record does not answer.")

    monkeypatch.setattr(audit_channel, "queue_card", fail_once)
    wire.happen(ExecutionStarted(about=about, digest=NO_DIGEST, count=2))
    wire.send_later(times=4)

    assert set(wire.states()) == {"sent"}
    told = [message.text for message in wire.slack.workspace.everything()]
    assert sum("deletion started: 2 items" in text for text in told) == 1
    assert wire.stored(number).audit_ts in {message.ts for message in wire.slack.messages(AUDIT)} - {card.ts}


def test_a_list_waits_for_its_card_and_holds_nobody_up(wire: Wire) -> None:
    wire.slack.faults.add("error", "chat.postMessage", error="invalid_blocks", times=2)
    number = wire.proposal(LONG)
    wire.proposal()
    wire.send_later(times=8)
    assert wire.states() == ["failed", "queued", "sent"]
    wire.card_of(number)
    wire.send_later(times=2)
    assert wire.states() == ["failed", "sent", "sent", "sent"]
    assert len(wire.replies(number)) == len(wire.slack.files) == 1


def test_a_message_is_found_however_much_was_said_since(wire: Wire) -> None:
    wire.slack.faults.add("reset_after", "chat.postMessage")
    wire.proposal()
    wire.send()
    for number in range(450):
        wire.slack.say("bo", f"small talk {number}")
    wire.send_later(times=2)
    assert wire.calls("conversations.history") == 3
    assert len([message for message in wire.cards() if message.blocks]) == 1


def test_a_notice_nobody_wrote_words_for_does_not_block_the_thread(wire: Wire) -> None:
    number = wire.proposal()
    wire.reply(number, notice=VoteRecorded(number=ProposalNumber(number)))
    wire.reply(number, count=2)
    with capture_logs():
        wire.send_later(times=MOST_BROKEN + 1)
    assert wire.states() == ["sent", "failed", "sent"]


@pytest.mark.parametrize("message", ["no json", '{"event":99}', '{"notice":"Nothing","data":{}}', '{"news":"x"}'])
def test_a_message_that_cannot_be_read_is_given_up_and_blocks_nobody(wire: Wire, message: str) -> None:
    number = wire.proposal()
    wire.reply(number)
    wire.database.write(lambda tx: tx.run("UPDATE outbox SET message = :m WHERE kind = 'thread'", m=message))
    wire.reply(number, count=2)
    with capture_logs():
        wire.send_later(times=MOST_BROKEN + 1)
    assert wire.states() == ["sent", "failed", "sent"]
    assert [message.text for message in wire.cards() if not message.blocks] == [LAST_RESORT.format(number=number)]


def test_a_message_of_a_kind_of_a_later_version_is_given_up_and_blocks_nobody(wire: Wire) -> None:
    number = wire.proposal()
    wire.reply(number)
    wire.database.write(lambda tx: tx.run("UPDATE outbox SET kind = 'song' WHERE kind = 'thread'"))
    with capture_logs():
        wire.send_later(times=MOST_BROKEN + 1)
    assert wire.states() == ["sent", "failed"]

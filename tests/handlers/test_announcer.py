"""What is owed is sent: where it belongs, in order, paced, once, and findable again."""

import csv
import io
import re

from deletion.terms.states import State
from handlers.cards import ids
from sandbox.slack import SlackSandbox
from tests.handlers.samples import HOSTILE, Sample, plan_of
from tests.handlers.wire import APPROVALS, Wire
from tests.harness import plans


def test_a_card_is_posted_and_remembered(wire: Wire) -> None:
    number = wire.proposal()
    assert wire.send() == 1
    (card,) = wire.cards()
    assert re.match(rf"⏳ Waiting · Delete 1 video \(.*\) · #{number}\. ", card.text)
    assert (wire.stored(number).card_channel, wire.stored(number).card_ts) == (card.channel, card.ts)


def test_a_card_names_itself_its_proposal_and_how_it_stands_and_nothing_else(wire: Wire) -> None:
    number = wire.proposal()
    wire.send()
    (row,) = wire.owed()
    assert wire.cards()[0].metadata == {
        "event_type": ids.METADATA_EVENT,
        "event_payload": {
            "outbox_id": row.nonce,
            "proposal_id": number,
            "state": "pending",
            "frozen": False,
            "outcomes": {},
        },
    }


def test_a_change_is_shown_in_place(wire: Wire) -> None:
    number = wire.proposal()
    wire.send()
    wire.move(number, State.EXPIRED)
    wire.send()
    (card,) = wire.cards()
    assert "Expired" in card.text
    assert card.edits == 1
    assert not card.is_marked_edited


def test_changes_that_come_together_are_shown_as_one(wire: Wire) -> None:
    number = wire.proposal()
    for _ in range(5):
        wire.card_of(number)
    assert wire.send() == 1
    assert [card.edits for card in wire.cards()] == [0]


def test_a_reply_stands_under_its_own_card(wire: Wire) -> None:
    one, two = wire.proposal(), wire.proposal()
    wire.reply(two, count=22)
    wire.reply(one, count=11)
    wire.send()
    assert [reply.text for reply in wire.replies(one)] == ["11 of 100 done."]
    assert [reply.text for reply in wire.replies(two)] == ["22 of 100 done."]
    assert len(wire.cards()) == 2


def test_a_direct_message_reaches_one_person(wire: Wire) -> None:
    wire.direct("ana")
    wire.send()
    assert [message.text[:16] for message in wire.slack.dm("ana")] == ["Your proposal #4"]
    assert wire.slack.dm("bo") == []


def test_a_private_answer_is_seen_by_one_person_where_they_clicked(wire: Wire) -> None:
    wire.private("bo", channel="payload-alerts")
    wire.send()
    (answer,) = wire.slack.ephemerals("bo")
    assert answer.channel == wire.slack.channel("payload-alerts").id
    assert wire.slack.messages("payload-alerts") == []


def test_a_private_answer_becomes_a_direct_message_where_slack_does_not_let_us(wire: Wire) -> None:
    wire.private("bo", channel="general")
    wire.slack.change_channel(
        "vod-audit", members=wire.slack.channel("vod-audit").members - {wire.slack.user("cy").id}
    )
    wire.private("cy", channel="vod-audit")
    wire.send()
    assert len(wire.slack.dm("bo")) == len(wire.slack.dm("cy")) == 1
    assert wire.slack.ephemerals("bo") == wire.slack.ephemerals("cy") == []
    assert wire.states() == ["sent", "sent"]


def test_a_long_list_is_attached_as_a_file_that_reads_back_whole(wire: Wire) -> None:
    sample = Sample(count=25, facts={"title": f'=1+1, "{HOSTILE}"\n春季', "cover": None})
    number = wire.proposal(sample)
    wire.send()
    (reply,) = wire.replies(number)
    (file,) = reply.files
    assert file.name == f"proposal-{number}-plan-1.csv"
    assert file.title == f"Everything that #{number} would delete (25 items)"
    assert reply.broadcasts == []
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert [row["id"] for row in rows] == plans.ids_of(plan_of(sample))
    assert rows[0]["title"].startswith("'=1+1")


def test_nothing_is_unfurled(wire: Wire) -> None:
    wire.proposal()
    wire.send()
    (call,) = [call for call in wire.slack.calls if call.method == "chat.postMessage"]
    assert not call.args["unfurl_links"]
    assert not call.args["unfurl_media"]


def test_messages_to_one_channel_keep_their_order_and_their_pace(wire: Wire) -> None:
    paced = wire.another("paced", interval_ms=1_000)
    number = wire.proposal()
    for count in range(1, 4):
        wire.reply(number, count)
    sent = []
    for _ in range(4):
        sent.append(wire.send(paced))
        wire.clock.advance(1)
    assert sent == [1, 1, 1, 1]
    assert [reply.text.split()[0] for reply in wire.replies(number)] == ["1", "2", "3"]


def test_one_channels_pace_keeps_nobody_else_waiting(wire: Wire) -> None:
    paced = wire.another("paced", interval_ms=60_000)
    number = wire.proposal()
    wire.reply(number)
    for name in ("ana", "bo", "cy"):
        wire.direct(name)
        wire.private(name)
    assert wire.send(paced) == 1 + 3 + 3
    assert wire.unsent() == 1


def test_private_answers_do_not_wait_for_each_other(wire: Wire) -> None:
    paced = wire.another("paced", interval_ms=60_000)
    for number in range(1, 4):
        wire.private("bo", number)
    assert wire.send(paced) == 3
    assert [answer.text[17:19] for answer in wire.slack.ephemerals("bo")] == ["#1", "#2", "#3"]


def test_a_card_that_somebody_deleted_is_posted_anew_and_remembered(wire: Wire) -> None:
    number = wire.proposal()
    wire.send()
    (old,) = wire.cards()
    wire.slack.workspace.remove(old)
    wire.move(number, State.EXPIRED)
    wire.reply(number)
    wire.send()
    (new,) = wire.cards()
    assert "Expired" in new.text
    assert wire.stored(number).card_ts == new.ts != old.ts
    assert len(wire.replies(number)) == 1


def test_a_reply_to_a_deleted_card_brings_the_card_back(wire: Wire) -> None:
    number = wire.proposal()
    wire.send()
    wire.slack.workspace.remove(wire.cards()[0])
    wire.reply(number)
    wire.send_later(times=2)
    assert wire.states() == ["sent", "failed", "sent"]
    (card,) = wire.cards()
    assert wire.stored(number).card_ts == card.ts


def test_a_list_under_a_deleted_card_follows_the_card_that_is_posted_anew(wire: Wire) -> None:
    number = wire.proposal(Sample(count=20, facts={"cover": None}))
    assert wire.announcer.step()
    wire.slack.workspace.remove(wire.cards()[0])
    wire.send_later(times=3)
    assert wire.states() == ["sent", "sent", "sent"]
    assert len(wire.cards()) == 1
    assert [len(reply.files) for reply in wire.replies(number)] == [1]


def test_a_quiet_announcer_asks_slack_nothing(local_slack: SlackSandbox, wire: Wire) -> None:
    assert wire.send() == 0
    assert local_slack.calls == []


def test_the_approvals_channel_holds_cards_only(wire: Wire) -> None:
    number = wire.proposal(Sample(count=20, facts={"cover": None}))
    wire.reply(number)
    wire.send()
    assert len(wire.slack.messages(APPROVALS)) == 1
    assert len(wire.replies(number)) == 2

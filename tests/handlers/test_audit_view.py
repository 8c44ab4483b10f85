"""The audit channel on real wires: a proposal is one message, its events are under it, heads stand on their own."""

import pytest

from deletion.approval.ending import Ending
from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.fields import ItemOutcome
from deletion.audit.messages import audit_channel, places
from deletion.audit.messages.audit_channel import HEAD_EVERY_MS
from deletion.audit.messages.places import MessageKind
from deletion.terms import canonical
from deletion.terms.ids import Digest, freeze_ref, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from sandbox.slack import Message
from storage import Tx
from storage.tables import audit_log, outbox
from storage.tables.audit_log import Anchor
from tests.handlers.samples import Sample
from tests.handlers.wire import AUDIT, Wire

BO = Actor("T0COUNTER01", "U0BO93LXT6W")


def counted(number: int) -> Event:
    return events.VoteCounted(about=proposal_ref(number), by=BO, digest=Digest("d" * 64), counted=1, needed=1)


def read_back(number: int, count: int = 1) -> list[Event]:
    settled = (ItemOutcome("v1", Outcome.DELETED),)
    return [events.ItemsSettled(about=proposal_ref(number), items=settled)] * count


def rejected(number: int) -> Event:
    return events.ProposalRejected(about=proposal_ref(number), by=BO, why="still in use")


def channel(wire: Wire) -> list[Message]:
    return wire.slack.messages(AUDIT)


def under(wire: Wire, card: Message) -> list[str]:
    return [reply.text for reply in wire.slack.thread(AUDIT, card.ts)[1:]]


def heads(wire: Wire) -> list[int]:
    named = [message.metadata["event_payload"] for message in channel(wire) if message.metadata]
    return [payload["seq"] for payload in named if "seq" in payload]


def test_a_proposal_is_one_message_with_its_events_under_it_and_a_head_beside_it(wire: Wire) -> None:
    number = wire.proposal()
    wire.happen(counted(number), rejected(number))
    wire.send()
    card, head = channel(wire)
    assert f"#{number}" in card.text
    assert "1 video" in card.text
    assert (wire.stored(number).audit_channel, wire.stored(number).audit_ts) == (card.channel, card.ts)
    (lines,) = under(wire, card)
    assert [line.split()[0] for line in lines.split("\n")] == ["`1`", "`2`"]
    stored = wire.database.read(audit_log.head)
    assert head.text == f"Head of the log: event 2, `{stored.hash}`"
    assert head.metadata is not None
    assert head.metadata["event_payload"].items() >= {"seq": 2, "hash": stored.hash}.items()
    (anchor,) = wire.database.read(audit_log.anchors)
    assert (anchor.seq, anchor.hash) == (2, stored.hash)


def test_the_message_of_a_proposal_is_updated_and_what_is_under_it_never_is(wire: Wire) -> None:
    number = wire.proposal()
    wire.happen(counted(number))
    wire.send()
    wire.happen(rejected(number))
    ending = Ending(actor=BO.user, why="still in use")
    wire.move(number, State.REJECTED, ending)
    wire.send()
    card = channel(wire)[0]
    assert card.text.startswith("⛔ Rejected · ")
    assert card.edits > 0
    replies = wire.slack.thread(AUDIT, card.ts)[1:]
    assert len(replies) == 2
    assert [reply.edits for reply in replies] == [0, 0]
    assert all(message.edits == 0 for message in channel(wire)[1:])


def test_an_auditor_finds_what_by_whom_why_and_where(wire: Wire) -> None:
    number = wire.proposal(Sample(count=12, facts={"cover": None}))
    wire.send()
    wire.happen(counted(number))
    wire.send()
    text = channel(wire)[0].text
    blocks = str(channel(wire)[0].blocks)
    for word in ("12 videos", "Teaser 1", "Teaser 10", "rights expired", wire.slack.user("ana").id):
        assert word in text
        assert word in blocks
    ts = str(wire.stored(number).card_ts).replace(".", "")
    assert f"/archives/{wire.places.approvals}/p{ts}|" in blocks


def test_people_are_named_without_being_pinged(wire: Wire) -> None:
    number = wire.proposal()
    wire.happen(counted(number), events.FreezeBegun(about=freeze_ref(1), by=BO, why=""))
    wire.send()
    said = [*channel(wire), *wire.cards(), *wire.replies(number), *wire.slack.thread(AUDIT, channel(wire)[0].ts)]
    assert not [message.text for message in said if "<@" in message.text or "<@" in str(message.blocks)]


def test_updates_are_paced_and_the_last_state_is_shown(wire: Wire) -> None:
    paced = wire.another("paced", interval_ms=1_000)
    number = wire.proposal()
    wire.happen(counted(number))
    wire.send_later(seconds=1, times=6, announcer=paced)
    edits = []
    for _ in range(6):
        wire.happen(*read_back(number))
        wire.send_later(seconds=1, times=1, announcer=paced)
        edits.append(channel(wire)[0].edits)
    assert edits[-1] <= 2
    wire.move(number, State.EXPIRED)
    wire.happen(events.ProposalExpired(about=proposal_ref(number)))
    wire.send_later(seconds=1, times=12, announcer=paced)
    assert channel(wire)[0].text.startswith("⌛ Expired")


def test_what_is_about_no_proposal_stands_by_itself(wire: Wire) -> None:
    refused = events.ProposalRefused(about=proposal_ref(None), by=BO, refusal=Refusal(Rule.NOT_A_PROPOSER))
    unknown = events.StopRefused(about=proposal_ref(999), by=BO, refusal=Refusal.about(Rule.NO_SUCH_PROPOSAL, 999))
    wire.happen(refused, unknown, events.FreezeBegun(about=freeze_ref(1), by=BO, why="wrong folder"))
    wire.send()
    both, freeze, _ = channel(wire)
    assert [line.split()[0] for line in both.text.split("\n")] == ["`1`", "`2`"]
    assert "froze all deletions; reason: `wrong folder`" in freeze.text


def test_without_decisions_a_head_follows_once_a_minute_and_the_newest_is_in_the_history(wire: Wire) -> None:
    number = wire.proposal()
    for _ in range(4):
        wire.happen(*read_back(number))
        wire.send()
    assert heads(wire) == [1]
    wire.clock.advance(HEAD_EVERY_MS / 1000 + 1)
    wire.send()
    assert heads(wire) == [1, 4]
    wire.clock.advance(HEAD_EVERY_MS / 1000 + 1)
    assert wire.send() == 0


STORED_FIRST = ("fatal_error_after", "reset_after")


@pytest.mark.parametrize("fault", [*STORED_FIRST, "ratelimited", "http_503", "internal_error", "reset_before"])
def test_everything_arrives_once_whatever_went_wrong_on_the_way(wire: Wire, fault: str) -> None:
    number = wire.proposal()
    wire.send()
    wire.slack.faults.add(fault, "chat.postMessage", channel=AUDIT, times=1)
    wire.happen(counted(number), rejected(number))
    wire.send_later(times=3)
    card, head = channel(wire)
    assert len(under(wire, card)) == 1
    assert head.text.startswith("Head of the log: event 2")
    assert set(wire.states()) == {"sent"}


@pytest.mark.parametrize("posted", [True, False])
def test_a_killed_announcer_loses_no_event_and_says_none_twice(wire: Wire, *, posted: bool) -> None:
    number = wire.proposal()
    wire.send()
    wire.happen(counted(number), rejected(number), events.FreezeBegun(about=freeze_ref(1), by=BO, why=""))
    for _ in range(8):
        if wire.owed()[-1].state == "sent":
            break
        wire.die_sending(posted=posted)
        wire.clock.advance(61)
        wire.announcer.step()
    wire.send_later(times=3)
    card, *posts = channel(wire)
    assert len(under(wire, card)) == 1
    assert [post.text[:4] for post in posts] == ["`3` ", "Head"]
    assert set(wire.states()) == {"sent"}


def test_events_that_slack_will_not_take_are_named_and_the_head_follows(wire: Wire) -> None:
    number = wire.proposal()
    wire.happen(counted(number))
    wire.send()
    wire.slack.faults.add("error", "chat.postMessage", error="invalid_blocks", channel=AUDIT)
    wire.happen(rejected(number))
    wire.move(number, State.REJECTED)
    wire.send_later(times=2)
    assert under(wire, channel(wire)[0])[-1] == "Events that could not be shown here; they are in the log: `2`."
    assert heads(wire) == [1, 2]
    assert set(wire.states()) == {"sent"}


def test_a_message_that_slack_will_not_take_whole_is_shown_bare(wire: Wire) -> None:
    wire.slack.faults.add("error", "chat.postMessage", error="msg_too_long", channel=AUDIT)
    number = wire.proposal()
    wire.happen(counted(number))
    wire.send()
    card = channel(wire)[0]
    assert card.text.startswith("⏳ Waiting · ")
    assert not card.blocks
    assert len(under(wire, card)) == 1


@pytest.mark.parametrize("first", ["the message", "the events"])
def test_events_whose_message_somebody_deleted_are_shown_once_and_it_comes_back(wire: Wire, first: str) -> None:
    number = wire.proposal()
    wire.happen(counted(number), *read_back(number))
    wire.send()
    wire.slack.workspace.remove(channel(wire)[0])
    if first == "the events":
        wire.hold_lane(audit_channel.lane_of_card(number), seconds=20)
    wire.happen(rejected(number))
    wire.send_later(times=2)
    top = [message for message in channel(wire) if "countersign" in str(message.metadata)]
    said = [message.text for each in top for message in wire.slack.thread(AUDIT, each.ts)]
    assert sum("rejected it" in text for text in said) == 1
    assert sum(text.startswith("⏳ Waiting · ") for text in said) == 1
    assert heads(wire) == [2, 3]


def test_a_stretch_that_an_earlier_version_queued_arrives_with_its_head(wire: Wire) -> None:
    wire.happen(*read_back(1, 3))
    head = wire.database.read(audit_log.head)
    message = canonical.dumps({"first": 1, "last": 3, "hash": head.hash})

    def queue(tx: Tx) -> None:
        owed = outbox.add(tx, lane=places.AUDIT, kind=MessageKind.AUDIT, proposal_id=None, message=message)
        audit_log.add_anchor(tx, Anchor(3, head.hash, owed))
        tx.run("UPDATE audit_head SET posted_seq = 3")

    wire.database.write(queue)
    wire.send()
    (posted,) = channel(wire)
    assert posted.text.endswith(f"\nHead of the log: event 3, `{head.hash}`")
    assert heads(wire) == [3]

"""Who is pinged, as Slack would do it: whoever has to act, once, and whose account may be in other hands."""

import pytest

from deletion import work
from deletion.terms.states import State
from handlers.cards import ids
from sandbox.slack import Message
from tests.e2e.deletions import propose, videos
from tests.stage import Opener, Stage

GROUP = "S0APPROVERS"
HOLD_S = 60


@pytest.fixture
def stage(open_stage: Opener) -> Stage:
    return open_stage(COUNTERSIGN_MENTION="approvers", COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))


def proposed(stage: Stage, who: str = "ana") -> int:
    return propose(stage, videos(stage, 1), who)


def whys(stage: Stage, who: str) -> list[str]:
    """Return for what somebody was notified."""
    return [str(each.why) for each in stage.slack.notified(who)]


def mentions(stage: Stage) -> list[Message]:
    return [each for each in stage.slack.messages("vod-deletions") if each.broadcasts]


def test_approvers_are_mentioned_once_with_a_link_to_the_card_and_the_proposer_is_not(stage: Stage) -> None:
    number = proposed(stage)

    (asked,) = mentions(stage)
    assert set(asked.broadcasts) == {f"<@{stage.slack.people[name].id}>" for name in ("bo", "cy")}
    assert "Ana proposes to delete 1 video (" in asked.text
    assert f"p{stage.card(number).ts.replace('.', '')}|#{number}>" in asked.text
    assert not asked.is_reply
    stage.click("bo", "Approve", number)
    stage.advance(HOLD_S)

    assert stage.state(number) is State.FINISHED
    assert mentions(stage) == [asked]
    assert (whys(stage, "cy"), whys(stage, "dee"), whys(stage, "eve")) == (["mention"], [], [])
    assert whys(stage, "bo") == ["mention", "direct message"]
    assert whys(stage, "ana") == ["direct message"] * 3


def test_a_card_that_is_posted_anew_asks_nobody_again(stage: Stage) -> None:
    number = proposed(stage)
    stage.slack.workspace.remove(stage.card(number))
    stage.say("bo", "/vod freeze")

    assert not stage.card(number).broadcasts
    assert len(mentions(stage)) == 1


def test_what_was_decided_before_the_mention_was_sent_mentions_nobody(stage: Stage) -> None:
    stage.slack.say("ana", f'/vod delete video {videos(stage, 1)[0]} --reason "old"')
    while not stage.slack.messages("vod-deletions"):
        assert work.run_one(stage.program.context) or stage.announcer.step()
    stage.say("ana", "/vod withdraw 1")

    assert stage.state(1) is State.WITHDRAWN
    assert mentions(stage) == []


def test_a_user_group_is_mentioned_where_the_proposer_is_no_approver(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MENTION=GROUP, COUNTERSIGN_PROPOSERS="members")
    proposed(stage, "dee")
    assert whys(stage, "bo") == whys(stage, "cy") == ["user group"]

    proposed(stage, "bo")

    assert whys(stage, "bo") == ["user group", "direct message"], "their own proposal: its card is there"
    assert whys(stage, "cy") == ["user group", "mention"]
    assert whys(stage, "dee") == ["direct message"]


def test_with_nobody_to_mention_nobody_is(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MENTION="nobody")
    proposed(stage)
    assert mentions(stage) == []
    assert whys(stage, "bo") == []


def own_deed(stage: Stage, who: str) -> Message:
    (found,) = [each for each in stage.slack.dm(who) if "Was it not you?" in each.text]
    return found


@pytest.mark.parametrize(("who", "told"), [("bo", "You approved <"), ("ana", "Your proposal <")])
def test_who_approved_and_who_proposed_are_told_what_they_did_and_can_stop_it_there(
    stage: Stage, who: str, told: str
) -> None:
    number = proposed(stage)
    assert not [each for name in ("ana", "bo") for each in stage.slack.dm(name) if "Was it not you?" in each.text]
    stage.click("bo", "Approve", number)

    message = own_deed(stage, who)
    assert told in message.text.replace("*", "")
    assert "on hold until" in message.text
    pressed = stage.slack.click_message(who, message.channel, message.ts, ids.STOP)
    stage.settle()

    assert pressed.error is None
    assert stage.state(number) is State.STOPPED
    assert f"You stopped #{number} before it started" in stage.answers(who)[-1]
    assert stage.vod.ledger.calls() == ()
    assert stage.verify().holds


def test_the_stop_button_of_a_direct_message_is_checked_as_that_of_the_card(stage: Stage) -> None:
    number = proposed(stage)
    stage.click("bo", "Approve", number)
    message = own_deed(stage, "bo")
    value = message.blocks[0]["accessory"]["value"]
    assert value == next(
        element["value"]
        for block in stage.card(number).blocks
        for element in block.get("elements", ())
        if element.get("action_id") == ids.STOP
    )

    stage.slack.click_message("bo", message.channel, message.ts, ids.STOP, value.replace(value[-4:], "0000"))
    stage.settle()
    assert stage.state(number) is State.APPROVED

    stage.restart(COUNTERSIGN_APPROVERS=" ".join(stage.slack.people[name].id for name in ("ana", "cy")))
    stage.slack.click_message("bo", message.channel, message.ts, ids.STOP)
    stage.settle()
    assert any("can stop it" in each for each in stage.answers("bo"))
    assert stage.events("stop.refused")[-1]["data"]["rule"] == "may not stop"


def test_an_approval_that_falls_and_comes_again_is_told_its_people_once(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number = proposed(stage)
    stage.click("bo", "Approve", number)
    stage.restart(COUNTERSIGN_APPROVALS_NEEDED="2")
    stage.settle()
    assert stage.state(number) is State.PENDING
    stage.click("cy", "Approve", number)

    assert stage.state(number) is State.APPROVED
    assert [own_deed(stage, who).text[:4] for who in ("ana", "bo", "cy")] == ["*You"] * 3


@pytest.mark.parametrize("who", ["C0PAYLOAD01", "U0DEE7H4PVC"])
def test_operators_are_told_once_that_vod_refuses_and_once_that_it_does_no_more(
    open_stage: Opener, who: str
) -> None:
    stage = open_stage(COUNTERSIGN_OPERATORS=who)
    watch = stage.program.watch
    assert watch is not None
    stage.vod.faults.set("forbidden_ram", "BatchGetMediaInfos", times=3)
    for _ in range(3):
        proposed(stage)
        watch.look()
        stage.settle()
    stage.vod.faults.clear()
    proposed(stage)
    watch.look()
    stage.settle()

    told = stage.slack.dm("dee") if who.startswith("U") else stage.slack.messages(who)
    assert [each.text.partition("*:")[0] for each in told] == ["*For the operator", "*Over"]
    assert "VOD refused a call of `BatchGetMediaInfos` (`" in told[0].text
    assert "VOD takes `BatchGetMediaInfos` again" in told[1].text
    assert "Grant it this VOD action" in told[0].text
    assert whys(stage, "dee") == (["direct message"] * 2 if who.startswith("U") else [])

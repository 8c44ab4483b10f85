"""Where a card is, and where it goes when Slack does not take it there, or not as it is."""

import pytest

from sandbox.slack import Message
from sandbox.vod import seed
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted, buttons, in_blocks
from tests.e2e.test_long_lists import rows, some_videos
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")
OLD, NEW = "vod-deletions", "general"
VIDEO = seed.SPRING_TEASER.video_id
NEEDED = {"COUNTERSIGN_APPROVALS_NEEDED": "2"}
STAYS_AS_IT_IS = ("message_not_found", "edit_window_closed", "cant_update_message", "is_inactive")


def move(stage: Stage, *, old_channel_goes: str = "") -> None:
    """Restart the bot with another approvals channel; the old one may be archived, or closed to the bot."""
    bot, old = stage.slack.bot_user_id, stage.slack.channel(OLD)
    stage.slack.change_channel(NEW, members=stage.slack.channel(NEW).members | old.members)
    if old_channel_goes == "archived":
        stage.slack.change_channel(OLD, is_archived=True)
    elif old_channel_goes == "closed":
        stage.slack.change_channel(OLD, members=old.members - {bot})
    stage.restart(COUNTERSIGN_APPROVALS_CHANNEL=stage.slack.channel(NEW).id)
    stage.settle()


def card_at(stage: Stage, number: int) -> Message:
    """Return the card of a proposal, in whatever channel it is."""
    row = stage.view(number).row
    return stage.slack.workspace.message(str(row.card_channel), str(row.card_ts))


def owed(stage: Stage) -> list[dict[str, object]]:
    return stage.database.read(lambda tx: tx.rows("SELECT kind, state FROM outbox WHERE state <> 'sent'"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_thread_goes_on_where_its_card_is_whatever_the_settings_name_now(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    number = stage.propose("ana", f"video {VIDEO}")
    move(stage)
    stage.click("bo", "Approve", number)

    assert stage.outcomes(number) == {VIDEO: "deleted"}
    assert "Finished" in in_blocks(stage.card(number))
    assert any("is finished" in reply.text for reply in stage.thread(number))
    assert [message for message in stage.slack.messages(NEW) if message.user == stage.slack.bot_user_id] == []
    assert owed(stage) == []
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("how", ["archived", "closed"])
def test_where_its_channel_is_gone_a_card_comes_to_the_new_one_with_its_votes(
    stage_on: Opener, engine: str, how: str
) -> None:
    stage = stage_on(engine, **NEEDED)
    number = stage.propose("ana", f"video {VIDEO}")
    stage.click("bo", "Approve", number)
    move(stage, old_channel_goes=how)

    (card,) = stage.slack.messages(NEW)
    assert card == card_at(stage, number)
    assert len(buttons(card)) == 3
    assert "Approved so far by Bo" in in_blocks(card)
    assert "takes the place of" in in_blocks(card)
    stage.slack.click_message("cy", NEW, card.ts, "countersign_approve")
    stage.settle()
    assert stage.outcomes(number) == {VIDEO: "deleted"}
    assert any("is finished" in reply.text for reply in stage.slack.thread(NEW, card.ts))
    assert owed(stage) == []
    assert_lawful(stage)


def test_a_reply_that_waits_when_its_channel_goes_holds_nobody_up(stage: Stage) -> None:
    number = stage.propose("ana", f"video {VIDEO}")
    stage.slack.faults.add("down", "chat.postMessage", channel=OLD)
    stage.slack.faults.add("down", "chat.update", channel=OLD)
    stage.click("bo", "Approve", number)
    stage.slack.faults.clear()
    move(stage, old_channel_goes="closed")
    stage.advance(60)
    stage.advance(60)

    assert "Finished" in in_blocks(card_at(stage, number))
    assert [each for each in owed(stage) if each["state"] != "failed"] == []
    other = stage.propose("ana", f"video {some_videos(stage, 1)[0]}")
    assert card_at(stage, other).channel == stage.slack.channel(NEW).id


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("code", STAYS_AS_IT_IS)
def test_what_slack_updates_no_more_is_posted_anew_with_its_buttons(
    stage_on: Opener, engine: str, code: str
) -> None:
    stage = stage_on(engine, **NEEDED)
    number = stage.propose("ana", f"video {VIDEO}")
    first, audit = stage.card(number), stage.view(number).row.audit_ts
    stage.slack.faults.add("error", "chat.update", error=code, channel=OLD)
    stage.slack.faults.add("error", "chat.update", error=code, channel="vod-audit")
    stage.click("bo", "Approve", number)

    card = stage.card(number)
    assert card.ts != first.ts
    assert len(buttons(card)) == 3
    assert f"p{first.ts.replace('.', '')}|an earlier one" in in_blocks(card)
    assert stage.view(number).row.audit_ts != audit
    stage.slack.click_message("cy", OLD, card.ts, "countersign_approve")
    stage.settle()
    assert stage.outcomes(number) == {VIDEO: "deleted"}
    assert owed(stage) == []


@pytest.mark.parametrize("title", ["t" * 128, "&" * 128, "春季发布会预告片" * 16])
def test_nineteen_items_with_the_longest_titles_are_shown_and_decided_on(stage: Stage, title: str) -> None:
    wanted = some_videos(stage, 19)
    for video_id in wanted:
        stage.vod.library.change_video(video_id, title=title)
    number = stage.propose("ana", f"video {' '.join(wanted)}", reason="r" * 500)
    told = in_blocks(stage.card(number))
    assert all(video_id in told for video_id in wanted)
    stage.click("bo", "Approve", number)
    assert stage.outcomes(number) == dict.fromkeys(wanted, "deleted")
    refused = [call for call in stage.slack.calls if call.method.startswith("chat") and not call.answer["ok"]]
    assert refused == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("code", ["msg_blocks_too_long", "invalid_blocks", "metadata_too_large"])
def test_a_card_that_slack_does_not_take_comes_short_with_its_buttons_and_its_list(
    stage_on: Opener, engine: str, code: str
) -> None:
    stage = stage_on(engine)
    # What may be about a picture is sent once more without any.
    times = 2 if code == "invalid_blocks" else 1
    stage.slack.faults.add("error", "chat.postMessage", error=code, channel=OLD, times=times)
    stage.slack.faults.add("down", "files.getUploadURLExternal")
    number = stage.propose("ana", f"video {VIDEO}")
    assert "could not be shown" not in str([message.text for message in stage.slack.messages(OLD)])
    card = stage.card(number)
    assert len(buttons(card)) == 3
    assert VIDEO not in in_blocks(card)
    stage.click("bo", "Approve", number)
    assert "nothing can be approved unseen" in stage.answers("bo")[-1]
    assert_nothing_was_deleted(stage)

    stage.slack.faults.clear()
    stage.advance(60)
    assert [row[1] for row in rows(stage.slack.files[0].content)[1:]] == [VIDEO]
    stage.click("bo", "Approve", number)
    assert stage.outcomes(number) == {VIDEO: "deleted"}
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("how", "why"), [("archived", "is archived"), ("closed", "not in the channel")])
def test_nobody_is_told_of_a_card_before_it_is_there(stage_on: Opener, engine: str, how: str, why: str) -> None:
    stage = stage_on(engine)
    channel = stage.slack.channel(OLD)
    without_us = channel.members - {stage.slack.bot_user_id}
    stage.slack.change_channel(OLD, **({"is_archived": True} if how == "archived" else {"members": without_us}))
    delivery = stage.slack.say("ana", f"/vod delete video {VIDEO} --reason x", channel="general")
    stage.settle()
    assert delivery.reply is not None
    assert stage.slack.dm("ana") == []
    told = stage.slack.say("ana", "/vod status 1", channel="general").reply
    assert told is not None
    assert "Its card is not in the channel yet" in told.text
    assert why in told.text
    listed = stage.slack.say("ana", "/vod list", channel="general").reply
    assert listed is not None
    assert "its card is not posted yet" in listed.text

    stage.slack.change_channel(OLD, is_archived=False, members=channel.members)
    stage.advance(60)
    assert len(buttons(stage.card(1))) == 3
    (opened,) = stage.slack.dm("ana")
    assert "is open for approval in <#C0VODDELETE>" in opened.text
    assert "not in the channel" not in str(stage.say("ana", "/vod status 1").reply)
    assert_lawful(stage)

"""Two languages at once: the channels in the one that is set, each person in the one they read."""

from sandbox.vod import seed
from tests.stage import Opener, Stage

TEASER = seed.SPRING_TEASER.video_id
CHINESE = "zh-CN"
APPROVE = "\u6279\u51c6\uff1a\u5220\u9664 1 \u4e2a\u89c6\u9891"
"""Approve: delete 1 video."""


def test_channels_speak_the_language_that_is_set_and_people_are_answered_in_theirs(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_LANGUAGE=CHINESE)
    stage.slack.change_person("bo", locale="de-DE")
    stage.slack.change_person("ana", locale=CHINESE)
    number = stage.propose("ana", f"video {TEASER}")
    assert "待审批" in stage.card(number).text
    stage.click("ana", APPROVE, number)
    stage.click("bo", APPROVE, number)
    stage.settle()
    assert "该申请由您发起" in stage.answers("ana")[-1]
    assert stage.answers("bo")[0].startswith(f"Your approval of #{number} is saved.")
    assert "已删除" in stage.card(number).text
    assert "已完成" in stage.slack.dm("ana")[-1].text


def test_a_reader_of_chinese_is_answered_so_in_an_english_workspace(stage: Stage) -> None:
    stage.slack.change_person("ana", locale=CHINESE)
    number = stage.propose("ana", f"video {TEASER}")
    assert "Waiting" in stage.card(number).text
    assert f"您的删除申请 #{number} 已在" in stage.slack.dm("ana")[-1].text


def test_a_command_is_answered_at_once_and_in_the_readers_language_from_the_second_time_on(stage: Stage) -> None:
    stage.slack.change_person("cy", locale=CHINESE)
    first, looked_up = stage.say("cy", "/vod list"), stage.program.profiles.look_up_one()
    second = stage.say("cy", "/vod list")
    assert first.reply is not None
    assert second.reply is not None
    assert looked_up
    assert (first.reply.text, second.reply.text) == ("No proposals are open.", "没有未结束的申请。")

"""Reading what is proposed takes the standing of those who propose: on both engines, over real wires."""

import pytest

from sandbox.vod import seed
from tests.stage import Opener, Stage

TEASER = seed.SPRING_TEASER
REASON = "the licence of the music ended"
COMMANDS = ("list", "status 1", "approve 1", "statsu 1", '"status" 1')
OUTSIDERS = {
    "gus": ("guest", "Guests cannot take part"),
    "sol": ("guest", "Guests cannot take part"),
    "kim": ("deactivated", "deactivated"),
    "eve": ("stranger", "another workspace"),
    "ron": ("bot", "Bots cannot take part"),
}


def shown(stage: Stage, who: str, command: str) -> str:
    """Type a command, as somebody whom Slack may not even let type; return all that the answer says."""
    reply = stage.slack.say(who, f"/vod {command}", forged=True).reply
    assert reply is not None
    return f"{reply.text} {reply.blocks}"


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_nobody_from_outside_reads_titles_and_reasons(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, COUNTERSIGN_PROPOSERS="members")
    stage.propose("ana", f"video {TEASER.video_id}", REASON)
    assert REASON in shown(stage, "dee", "status 1")
    for who, (rule, words) in OUTSIDERS.items():
        for command in COMMANDS:
            told = shown(stage, who, command)
            assert words in told
            assert not [secret for secret in (REASON, TEASER.title, "waiting for approval") if secret in told]
            assert stage.events("reading.refused")[-1]["data"]["rule"] == rule
        assert "The rules in force are shown" in shown(stage, who, "help")
    assert len(stage.events("reading.refused")) == len(OUTSIDERS) * len(COMMANDS)
    assert stage.verify().holds


def test_a_member_who_is_nobody_in_the_settings_reads_nothing_unless_named_a_reader(open_stage: Opener) -> None:
    stage = open_stage()
    stage.propose("ana", f"video {TEASER.video_id}", REASON)
    for command in COMMANDS:
        told = shown(stage, "dee", command)
        assert "Ask the operator of Countersign to add you to the readers" in told
        assert REASON not in told
    assert "May approve" in shown(stage, "bo", "help")

    stage.restart(COUNTERSIGN_READERS=stage.slack.user("dee").id)
    assert REASON in shown(stage, "dee", "status 1")
    assert REASON in shown(stage, "dee", "list")
    assert "You may not propose" in shown(stage, "dee", f"delete video {TEASER.video_id} --reason x")


def test_whoever_slack_cannot_confirm_reads_nothing_until_it_can(open_stage: Opener) -> None:
    stage = open_stage()
    stage.propose("ana", f"video {TEASER.video_id}", REASON)
    for fault in ({"kind": "ratelimited"}, {"kind": "http_503"}, {"kind": "error", "error": "user_not_found"}):
        stage.slack.faults.add(**fault, method="users.info")
        told = shown(stage, "bo", "list")
        assert "Slack could not confirm your account just now" in told
        assert REASON not in told
    assert REASON in shown(stage, "bo", "list")


def test_a_reader_who_has_left_reads_nothing_any_more(open_stage: Opener) -> None:
    stage = open_stage()
    stage.propose("ana", f"video {TEASER.video_id}", REASON)
    assert REASON in shown(stage, "cy", "list")
    stage.slack.change_person("cy", is_restricted=True)
    assert "Guests cannot take part" in shown(stage, "cy", "list")


def test_what_a_person_who_may_not_propose_typed_is_not_even_read(open_stage: Opener) -> None:
    stage = open_stage()
    told = shown(stage, "dee", "delete video nothing of this is right --nor this")
    assert "You may not propose" in told
    assert "problem" not in told
    assert stage.events("proposal.refused")[-1]["data"]["rule"] == "not a proposer"

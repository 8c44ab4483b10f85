"""One person's proposals are limited: so many open at a time, so many in an hour, however fast they are made."""

from functools import partial

import pytest

from deletion.terms.states import State
from sandbox.slack import Delivery
from tests.e2e.deletions import propose, videos
from tests.e2e.evidence import assert_lawful
from tests.e2e.test_click_storm import at_once
from tests.stage import Opener, Stage

AN_HOUR_S = 3_600

both_engines = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


def attempt(stage: Stage, who: str, video: str) -> Delivery:
    return stage.slack.say(who, f"/vod delete video {video} --reason x")


def refusals(stage: Stage) -> list[str]:
    return [event["data"]["rule"] for event in stage.events("proposal.refused")]


@both_engines
def test_of_many_proposals_at_the_same_moment_no_more_than_the_limit_are_stored(
    engine: str, stage_on: Opener
) -> None:
    stage = stage_on(engine, COUNTERSIGN_MAX_OPEN="3")
    ids = videos(stage, 12)
    answers = at_once([partial(attempt, stage, "ana", video) for video in ids])
    told = [answer.reply.text for answer in answers if answer.reply is not None]
    assert len(stage.events("proposal.made")) == 3
    assert refusals(stage) == ["too many open"] * 9
    assert sum("3 at a time is the limit" in text for text in told) == 9

    stage.settle()
    assert attempt(stage, "bo", ids[0]).error is None
    assert len(stage.events("proposal.made")) == 4


@both_engines
def test_who_has_too_many_open_may_propose_again_when_one_has_ended(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_MAX_OPEN="1")
    first, second = videos(stage, 2)
    number = propose(stage, [first])
    attempt(stage, "ana", second)
    assert refusals(stage) == ["too many open"]
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.FINISHED
    propose(stage, [second])
    assert_lawful(stage)


@both_engines
def test_proposals_in_an_hour_are_limited_whatever_became_of_them(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_MAX_PER_HOUR="2")
    ids = videos(stage, 3)
    for video in ids[:2]:
        stage.say("ana", f"/vod withdraw {propose(stage, [video])}")
    answer = attempt(stage, "ana", ids[2])
    assert answer.reply is not None
    assert "2 is the limit" in answer.reply.text
    assert refusals(stage) == ["too many lately"]
    stage.advance(AN_HOUR_S)
    propose(stage, [ids[2]])
    assert_lawful(stage)

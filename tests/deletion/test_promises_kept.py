"""What the machine found once, step by step."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from deletion.terms.requests.targets import Videos
from deletion.terms.results.outcomes import Outcome
from tests.deletion import memory_library
from tests.deletion.memory_lies import Lie
from tests.deletion.promises_model import Rules
from tests.deletion.promises_stage import Manners, Stage
from tests.deletion.promises_strategies import ANYBODY, TEAM

ANA, BO, CY, *_ = TEAM


@pytest.fixture
def stage() -> Iterator[Stage]:
    opened = Stage(Rules(ANYBODY, ANYBODY), Manners(stop_on=frozenset({Outcome.CHANGED})))
    yield opened
    opened.close()


def test_an_item_that_was_sent_before_is_not_said_to_be_stopped(stage: Stage) -> None:
    """VOD refused to take the call; when it is made again, the other item of its batch has changed."""
    one = stage.instances[0]
    number = stage.propose(ANA, Videos(("video1", "video2")))
    assert number is not None
    stage.settle(one)
    stage.vote(BO, number, stage.model.cases[number].digest)
    stage.settle(one)
    stage.post()
    stage.library.lies["DeleteVideo"] = [Lie.REJECTED]
    stage.settle(one)
    memory_library.change_video(stage.library, "video2", "title")
    stage.rest()

    found = stage.database.read(lambda tx: tx.rows("SELECT target, outcome FROM items ORDER BY ord"))
    assert [(row["target"], row["outcome"]) for row in found] == [("video1", "unknown"), ("video2", "changed")]
    assert stage.witness.violations == []


def test_an_approval_that_fell_and_was_made_anew_has_the_hold_of_the_rules_in_force_then() -> None:
    """By rules of a later day it took two people, and there was no hold any more when the second agreed."""
    with closing(Stage(Rules(ANYBODY, ANYBODY, hold_s=60, within_s=600), Manners(1, 2))) as stage:
        number = stage.propose(CY, Videos(("video1",)))
        assert number is not None
        stage.settle(stage.instances[1])
        stage.post()
        stage.vote(BO, number, stage.model.cases[number].digest)
        stage.settle(stage.instances[1])
        stage.rule(Rules(ANYBODY, ANYBODY, needed=2, within_s=600))
        stage.settle(stage.instances[0])
        stage.advance(6)
        stage.settle(stage.instances[0])
        stage.vote(ANA, number, stage.model.cases[number].digest)
        stage.settle(stage.instances[0])
        stage.rest()

        found = stage.database.read(lambda tx: tx.rows("SELECT action FROM audit ORDER BY seq"))
        told = [row["action"] for row in found if row["action"].startswith(("quorum.", "call.intent"))]
        assert told == ["quorum.raised", "quorum.lost", "call.intent"]
        assert stage.witness.violations == []

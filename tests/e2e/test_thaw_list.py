"""Before two people end a freeze they see what that lets go on, and afterwards what it was."""

import pytest

from deletion.terms.states import State
from tests.e2e.deletions import NO_TRIAL, propose, send_one_batch, videos
from tests.e2e.evidence import assert_lawful, in_blocks
from tests.stage import Opener, Stage

ENGINES = ["sqlite", "postgres"]


def post(stage: Stage, words: str) -> str:
    """Return the newest post in the approvals channel that says something, its blocks as one text."""
    return in_blocks(next(each for each in stage.slack.messages("vod-deletions")[::-1] if words in each.text))


def link(stage: Stage, number: int) -> str:
    row = stage.view(number).row
    assert row.card_ts
    return f"/archives/{row.card_channel}/p{row.card_ts.replace('.', '')}|#{number}>*"


@pytest.mark.parametrize("engine", ENGINES)
def test_the_first_vote_lists_what_unfreezing_releases_and_the_end_what_was_released(
    stage_on: Opener, engine: str
) -> None:
    stage = stage_on(engine, **NO_TRIAL)
    half, approved, pending = (propose(stage, videos(stage, count)) for count in (40, 3, 2))
    send_one_batch(stage, half)
    stage.say("gus", "/vod freeze")
    stage.click("bo", "Approve", approved)
    assert (stage.state(half), stage.state(approved)) == (State.EXECUTING, State.APPROVED)

    stage.say("bo", "/vod unfreeze")
    vote = post(stage, "Bo voted to unfreeze: 1 of 2 people.")
    assert "*Unfreezing releases 2 deletions.* 23 items are left to delete. Planned size: " in vote
    assert f"{link(stage, half)} 40 videos · " in vote
    assert f"{link(stage, approved)} 3 videos · " in vote
    assert " · under way, 20 of 40 left · proposed by Ana" in vote
    assert " · approved · proposed by Ana" in vote
    assert f"#{pending}>" not in vote

    stage.say("cy", "/vod unfreeze")
    end = post(stage, "*Unfrozen* by Bo and Cy.")
    assert "*Released: 2 deletions.* 23 items are left to delete." in end
    assert link(stage, half) in end
    assert link(stage, approved) in end
    assert {stage.state(half), stage.state(approved)} == {State.FINISHED}
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_stopped_or_withdrawn_meanwhile_is_not_listed_and_nothing_is_said(
    stage_on: Opener, engine: str
) -> None:
    stage = stage_on(engine, **NO_TRIAL)
    half, approved = (propose(stage, videos(stage, count)) for count in (40, 3))
    send_one_batch(stage, half)
    stage.say("gus", "/vod freeze")
    stage.click("bo", "Approve", approved)
    stage.click("cy", "Stop", half)
    stage.click("cy", "Stop", approved)

    stage.say("bo", "/vod unfreeze")
    vote = post(stage, "Bo voted to unfreeze: 1 of 2 people.")
    assert "Unfreezing releases nothing: no approved deletion waits." in vote
    stage.say("cy", "/vod unfreeze")
    assert "Nothing that was approved waits to be deleted." in post(stage, "*Unfrozen* by Bo and Cy.")


@pytest.mark.parametrize("engine", ENGINES)
def test_of_many_deletions_the_ten_largest_are_listed_and_the_rest_is_counted(
    stage_on: Opener, engine: str
) -> None:
    stage = stage_on(engine, **NO_TRIAL)
    largest = [propose(stage, videos(stage, count)) for count in range(12, 2, -1)]
    rest = [propose(stage, videos(stage, 1)) for _ in range(3)]
    stage.say("gus", "/vod freeze")
    for number in (*rest, *largest):
        stage.click("bo", "Approve", number)

    stage.say("bo", "/vod unfreeze")
    for told in ("Bo voted to unfreeze: 1 of 2 people.", "*Unfrozen* by Bo and Cy."):
        if told.startswith("*Unfrozen"):
            stage.say("cy", "/vod unfreeze")
        listed = post(stage, told)
        places = [listed.index(link(stage, number)) for number in largest]
        assert places == sorted(places)
        assert not [number for number in rest if f"|#{number}>" in listed]
        assert " 13 deletions.* 78 items are left to delete." in listed
        assert "… and 3 more: see `/vod list`." in listed

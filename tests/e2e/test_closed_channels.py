"""While the approvals or the audit channel takes no messages nothing is sent: nobody could see it and stop it."""

import pytest

from deletion.terms.states import State
from tests.e2e.deletions import NO_TRIAL, approve, propose, step_until, videos
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")
CHANNELS = ("vod-deletions", "vod-audit")

both_engines = pytest.mark.parametrize("engine", ENGINES)
both_channels = pytest.mark.parametrize("channel", CHANNELS)


def wait_long(stage: Stage) -> None:
    """Let ten minutes pass, in which whatever may go on would go on."""
    for _ in range(20):
        stage.advance(30)


@both_engines
@both_channels
def test_nothing_begins_while_a_channel_is_archived(engine: str, channel: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS="60")
    number = propose(stage, videos(stage, 2))
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.APPROVED
    stage.slack.change_channel(channel, is_archived=True)
    wait_long(stage)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)
    assert f"{'approvals' if channel == CHANNELS[0] else 'audit'}_is_archived" in str(stage.program.health.report())

    stage.slack.change_channel(channel, is_archived=False)
    wait_long(stage)
    assert stage.state(number) is State.FINISHED
    assert_lawful(stage)


@both_engines
@both_channels
def test_what_is_under_way_stops_for_as_long_as_a_channel_has_put_the_bot_out(
    engine: str, channel: str, stage_on: Opener
) -> None:
    stage = stage_on(engine, **NO_TRIAL)
    ids = videos(stage, 65)
    number = propose(stage, ids)
    approve(stage, number)
    step_until(stage, lambda: len(stage.vod.ledger.calls()) == 1)
    members = stage.slack.channel(channel).members
    stage.slack.change_channel(channel, members=members - {stage.slack.bot_user_id})
    stage.program.context.trust.doubt()  # as after ten seconds: what was seen is too old to stand
    wait_long(stage)
    assert len(stage.vod.ledger.calls()) == 1
    assert stage.state(number) is State.EXECUTING

    stage.slack.change_channel(channel, members=members)
    wait_long(stage)
    assert stage.state(number) is State.FINISHED
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    assert_lawful(stage)

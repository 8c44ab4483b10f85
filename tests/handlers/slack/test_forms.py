"""Forms are opened, or not, within the three seconds that Slack waits: waiting for the record is part of them."""

import time
from collections.abc import Callable

import pytest

from handlers.slack import guard
from handlers.views.proposing import form
from sandbox.slack import Delivery, FaultKind
from sandbox.vod import seed
from tests.stage import Opener, Stage

TEASER = seed.SPRING_TEASER.video_id
WITHIN_S = 0.6
SLOW_S = 1.8
"""Less than the time-out of a listener's calls."""


def types_file(stage: Stage) -> Delivery:
    return stage.slack.say("bo", "/vod delete --file")


def chooses_menu(stage: Stage) -> Delivery:
    message = stage.slack.share("bo", stage.slack.upload("bo", "list.csv", b"id\n"))
    return stage.slack.shortcut("bo", form.MESSAGE_SHORTCUT, message)


def rejects(stage: Stage) -> Delivery:
    return stage.slack.click("bo", "Reject", match="#1")


def approves(stage: Stage) -> Delivery:
    return stage.slack.click("bo", "Approve", match="#1")


@pytest.mark.parametrize("how", [FaultKind.SLOW, FaultKind.DRIP_AFTER])
@pytest.mark.parametrize("opens", [types_file, chooses_menu, rejects, approves])
def test_a_form_that_takes_too_long_is_let_go_of_while_slack_still_hears_the_answer(
    open_stage: Opener, monkeypatch: pytest.MonkeyPatch, opens: Callable[[Stage], Delivery], how: FaultKind
) -> None:
    stage = open_stage(COUNTERSIGN_TYPED_FROM="1")
    stage.propose("ana", f"video {TEASER}")
    monkeypatch.setattr(guard, "WITHIN_S", WITHIN_S)
    stage.slack.faults.add(how, "views.open", seconds=SLOW_S if how is FaultKind.SLOW else 0.02)
    began = time.monotonic()
    delivery = opens(stage)
    assert time.monotonic() - began < SLOW_S
    assert (delivery.status, delivery.error) == (200, None)
    told = delivery.reply.text if delivery.reply else stage.answers("bo")[-1]
    assert "Slack could not open the form in time" in told


def test_a_form_for_which_no_time_is_left_is_not_asked_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "WITHIN_S", 0.0)
    reply = types_file(stage).reply
    assert reply is not None
    assert "Slack could not open the form in time; nothing was stored." in reply.text
    assert "views.open" not in [call.method for call in stage.slack.calls]

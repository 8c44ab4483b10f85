"""Buttons and the form over HTTP: every click has an outcome that the person sees."""

import re

import pytest
from structlog.testing import capture_logs

from deletion import work
from deletion.audit.messages.delivery import Share
from deletion.terms.states import State
from handlers.cards import ids
from handlers.views import reject
from sandbox.slack import SlackSandbox
from sandbox.vod import seed
from tests.e2e.evidence import refusals
from tests.handlers.test_ids import GARBAGE
from tests.stage import Stage

TEASER = seed.SPRING_TEASER.video_id
REFERENCE = re.compile(r"\(reference `?([0-9a-f]{8})`?\)")


@pytest.fixture
def number(stage: Stage) -> int:
    """A proposal of ana's that waits for a decision."""
    return stage.propose("ana", f"video {TEASER}")


def lose(stage: Stage, table: str) -> None:
    stage.database.write(lambda tx: tx.run(f"ALTER TABLE {table} RENAME TO lost_{table}"))


def test_no_garbage_in_a_button_breaks_or_decides_anything(stage: Stage, number: int) -> None:
    buttons = (ids.APPROVE, ids.REJECT, ids.WITHDRAW)
    for place, value in enumerate(GARBAGE):
        ts = stage.card(number).ts
        delivery = stage.slack.click_message("bo", "vod-deletions", ts, buttons[place % 3], value)
        assert (delivery.status, delivery.error, delivery.modal) == (200, None, None)
    stage.settle()
    told = stage.answers("bo")
    assert len(told) == len(GARBAGE)
    assert {text.partition(".")[0] for text in told} == {"This button belongs to no plan that was ever shown"}
    assert refusals(stage, "vote.refused").total() == len(told)
    assert stage.state(number) is State.PENDING
    assert stage.view(number).votes == ()


@pytest.mark.parametrize(
    ("who", "button", "table"),
    [("bo", "Approve", "votes"), ("bo", "Reject", "deliveries"), ("ana", "Withdraw", "jobs")],
)
def test_when_the_record_breaks_the_clicker_gets_a_number(
    stage: Stage, number: int, who: str, button: str, table: str
) -> None:
    lose(stage, table)
    with capture_logs() as logged:
        delivery = stage.slack.click(who, button, match=f"#{number}")
    assert (delivery.status, delivery.modal) == (200, None)
    assert delivery.reply is not None
    assert delivery.reply.ephemeral_to == stage.slack.user(who).id
    found = REFERENCE.search(delivery.reply.text)
    assert found
    assert "Check `/vod list` to see whether your action was saved" in delivery.reply.text
    (entry,) = [entry for entry in logged if entry["log_level"] == "error"]
    assert (entry["reference"], entry["listener"]) == (found[1], "click")
    card = stage.card(number) if table != "votes" else None
    assert card is None or card.edits == 0


def test_when_even_the_answer_breaks_slack_is_told_that_the_click_failed(stage: Stage, number: int) -> None:
    lose(stage, "votes")
    stage.slack.faults.add("http_503", "response_url")
    with capture_logs():
        delivery = stage.slack.click("bo", "Approve", match=f"#{number}")
    assert (delivery.status, delivery.error) == (500, "dispatch_failed")


@pytest.mark.parametrize(
    "fault",
    [("error", {"error": "expired_trigger_id"}), ("http_503", {}), ("reset_before", {}), ("ratelimited", {})],
    ids=lambda fault: fault[0],
)
def test_a_form_that_slack_did_not_open_is_asked_for_again(
    stage: Stage, number: int, fault: tuple[str, dict[str, str]]
) -> None:
    stage.slack.faults.add(fault[0], "views.open", **fault[1])
    delivery = stage.slack.click("bo", "Reject", match=f"#{number}")
    assert delivery.modal is None
    assert delivery.reply is not None
    assert delivery.reply.text == "Slack could not open the form in time. Click Reject once more."
    assert stage.slack.click("bo", "Reject", match=f"#{number}").modal is not None


def test_a_rejection_carries_the_reason_to_everybody_it_concerns(stage: Stage, number: int) -> None:
    stage.click("bo", "Reject", number)
    delivery = stage.slack.submit("bo", {reject.INPUT_ID: "  still *in use* <!here>  "})
    assert (delivery.error, delivery.field_errors, delivery.modal) == (None, {}, None)
    stage.settle()
    assert stage.state(number) is State.REJECTED
    safe = "still *in use* &lt;!here&gt;"
    assert safe in stage.card(number).text
    assert f"`{safe}`" in stage.thread(number)[-1].text
    assert f"`{safe}`" in stage.slack.dm("ana")[-1].text
    assert stage.answers("bo") == [f"You rejected #{number}. Nothing will be deleted."]
    assert not [
        name
        for message in stage.slack.workspace.everything()
        for name in message.broadcasts
        if name.startswith("<!")
    ]


def test_a_rejection_that_was_refused_may_be_submitted_again(stage: Stage, number: int) -> None:
    stage.click("bo", "Reject", number)
    for _ in range(2):
        delivery = stage.slack.submit("bo", {reject.INPUT_ID: " \u200b "})
        assert "reason is blank" in delivery.field_errors[reject.BLOCK_ID]
    assert not stage.slack.submit("bo", {reject.INPUT_ID: "still in use"}).field_errors
    assert stage.state(number) is State.REJECTED


def test_a_form_that_comes_too_late_says_so_in_its_field(stage: Stage, number: int) -> None:
    stage.click("bo", "Reject", number)
    stage.click("cy", "Approve", number)
    delivery = stage.slack.submit("bo", {reject.INPUT_ID: "too late"})
    expected = f"#{number} is already finished; nothing changed. See /vod status {number}."
    assert delivery.field_errors == {reject.BLOCK_ID: expected}


def test_when_the_record_breaks_the_form_stays_open_with_a_number(stage: Stage, number: int) -> None:
    stage.click("bo", "Reject", number)
    lose(stage, "votes")
    with capture_logs() as logged:
        delivery = stage.slack.submit("bo", {reject.INPUT_ID: "because"})
    (told,) = delivery.field_errors.values()
    found = REFERENCE.search(told)
    assert found
    assert [entry["reference"] for entry in logged if entry["log_level"] == "error"] == [found[1]]
    assert "`" not in told
    assert len(told) <= 300


def test_cancelling_the_dialog_sends_nothing(local_slack: SlackSandbox, stage: Stage, number: int) -> None:
    delivery = stage.click("bo", "Approve", number, confirm=False)
    assert not delivery.was_delivered
    assert stage.state(number) is State.PENDING
    assert local_slack.ephemerals("bo") == []


def test_who_stopped_is_answered_before_the_answers_to_what_others_clicked_earlier(stage: Stage) -> None:
    numbers = [stage.propose("ana", f"video {one.video_id}") for one in seed.TIDY[:3]]
    stage.restart(COUNTERSIGN_HOLD_SECONDS="600")
    for number in numbers:
        assert stage.slack.click("bo", "Approve", match=f"#{number}").error is None
    while work.run_one(stage.program.context):
        pass
    while stage.announcer.step(Share.MESSAGES):
        pass
    told = len(stage.answers("bo"))
    for _ in range(3):
        assert stage.slack.click("bo", "Stop", match=f"#{numbers[0]}").error is None
    assert stage.slack.click("ana", "Stop", match=f"#{numbers[1]}").error is None

    assert stage.announcer.step(Share.ANSWERS)
    assert stage.announcer.step(Share.ANSWERS)
    assert f"#{numbers[1]}" in stage.answers("ana")[-1]
    assert len(stage.answers("bo")) == told + 1
    assert "already" not in stage.answers("bo")[-1]

"""Buttons and forms name the record, the subject and the digest; one of another record decides nothing."""

import json

import pytest

from deletion.terms.states import State
from handlers.cards import ids
from handlers.views import reject
from sandbox.slack import Delivery
from sandbox.vod import seed
from storage import Tx
from tests.e2e.deletions import approve
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted, button_value, value_for
from tests.stage import Opener, Stage

TEASER, TOUR = seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id
ENGINES = ["sqlite", "postgres"]
HOLD = {"COUNTERSIGN_HOLD_SECONDS": "60"}

BUTTONS = {
    ids.APPROVE: ("bo", "vote.refused"),
    ids.REJECT: ("bo", "rejection.refused"),
    ids.WITHDRAW: ("ana", "withdrawal.refused"),
    ids.STOP: ("ana", "stop.refused"),
}
"""Every button, who may press it, and the event that says that it was refused."""


def press(stage: Stage, who: str, number: int, action_id: str, value: str) -> Delivery:
    delivery = stage.slack.click_message(who, "vod-deletions", stage.card(number).ts, action_id, value)
    assert delivery.error is None
    stage.settle()
    return delivery


def in_state_for(stage: Stage, action_id: str) -> int:
    """Return a proposal whose card shows that button."""
    number = stage.propose("ana", f"video {TEASER}")
    if action_id == ids.STOP:
        approve(stage, number)
        stage.settle()
    return number


def as_before(stage: Stage, number: int, digest: str | None = None) -> str:
    """Return what a button carried before records had ids."""
    return json.dumps(
        {"digest": digest or stage.view(number).row.digest, "proposal": number}, separators=(",", ":")
    )


def change_digit(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("action_id", BUTTONS)
def test_a_button_of_another_record_changes_nothing_and_says_so(
    stage_on: Opener, engine: str, action_id: str
) -> None:
    stage = stage_on(engine, **HOLD)
    number = in_state_for(stage, action_id)
    state, (who, refused) = stage.state(number), BUTTONS[action_id]
    value = json.loads(value_for(stage, number))
    other = json.dumps({**value, "record": change_digit(value["record"])}, separators=(",", ":"))

    delivery = press(stage, who, number, action_id, other)

    assert delivery.modal is None
    assert "This card was posted from another record" in stage.answers(who)[-1]
    (event,) = stage.events(refused)
    assert event["data"]["rule"] == "other record"
    assert event["ref"] == f"proposal/{number}"
    assert stage.state(number) is state
    assert stage.view(number).votes == () or state is State.APPROVED
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("action_id", BUTTONS)
@pytest.mark.parametrize("names_record", [True, False])
def test_a_button_with_another_digest_changes_nothing(
    open_stage: Opener, action_id: str, *, names_record: bool
) -> None:
    """A new record's number 1 is not the number 1 whose card is still in the channel."""
    stage = open_stage(**HOLD)
    number = in_state_for(stage, action_id)
    state, (who, refused) = stage.state(number), BUTTONS[action_id]
    digest = change_digit(str(stage.view(number).row.digest))
    value = value_for(stage, number, digest) if names_record else as_before(stage, number, digest)

    delivery = press(stage, who, number, action_id, value)

    assert delivery.modal is None
    assert "belongs to no plan that was ever shown" in stage.answers(who)[-1]
    assert [event["data"]["rule"] for event in stage.events(refused)] == ["digest unknown"]
    assert stage.state(number) is state
    assert_nothing_was_deleted(stage)


def test_an_earlier_card_lets_nothing_be_deleted_and_is_shown_anew_but_its_brakes_work(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    edits = stage.card(number).edits
    press(stage, "bo", number, ids.APPROVE, as_before(stage, number))
    assert "shown by an earlier version of Countersign" in stage.answers("bo")[-1]
    assert [event["data"]["rule"] for event in stage.events("vote.refused")] == ["old card"]
    assert stage.view(number).votes == ()
    assert stage.card(number).edits > edits

    press(stage, "ana", number, ids.WITHDRAW, as_before(stage, number))
    assert stage.state(number) is State.WITHDRAWN

    other = stage.propose("ana", f"video {TOUR}")
    assert press(stage, "bo", other, ids.REJECT, as_before(stage, other)).modal is not None
    stage.slack.submit("bo", {reject.INPUT_ID: "still in use"})
    assert stage.state(other) is State.REJECTED
    assert_nothing_was_deleted(stage)


def test_the_stop_button_of_an_earlier_card_stops(open_stage: Opener) -> None:
    stage = open_stage(**HOLD)
    number = in_state_for(stage, ids.STOP)
    press(stage, "bo", number, ids.STOP, as_before(stage, number))
    assert stage.state(number) is State.STOPPED


def test_a_form_opened_on_another_record_or_an_earlier_version_rejects_nothing(stage: Stage) -> None:
    """What was open on somebody's screen while the record behind it was exchanged."""
    number = stage.propose("ana", f"video {TEASER}")
    record = stage.view(number).record

    def rename(tx: Tx, name: str) -> None:
        tx.run("UPDATE audit_head SET record_id = :name", name=name)

    stage.click("bo", "Reject", number)
    stage.database.write(lambda tx: rename(tx, "f" * 32))
    delivery = stage.slack.submit("bo", {reject.INPUT_ID: "still in use"})
    stage.database.write(lambda tx: rename(tx, record))

    (told,) = delivery.field_errors.values()
    assert told.startswith("This card was posted from another record")
    assert [event["data"]["rule"] for event in stage.events("rejection.refused")] == ["other record"]
    assert stage.state(number) is State.PENDING


def test_the_card_names_the_record_that_audit_verify_prints(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    record = json.loads(button_value(stage.card(number)))["record"]
    assert f"Record: {record}" in stage.verify().text()
    stage.restart()
    assert f"Record: {record}" in stage.verify().text()
    assert_lawful(stage)

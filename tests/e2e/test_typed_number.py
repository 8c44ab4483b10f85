"""Approving a big deletion takes typing how many items it deletes; a click alone is no vote."""

import dataclasses

import pytest

from deletion.approval import deletions
from deletion.terms.refusals import Rule
from deletion.terms.states import State
from handlers.cards import ids as names
from handlers.views import approve
from sandbox.slack import Delivery, FaultKind
from tests.e2e.conftest import Starter
from tests.e2e.deletions import NO_TRIAL, propose, videos
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted, audit_lines, buttons, texts, value_for
from tests.e2e.running import measured, wait_for
from tests.e2e.test_busy_record import stalled_instance
from tests.e2e.test_click_storm import at_once
from tests.stage import Opener, Stage

TYPED = {"COUNTERSIGN_TYPED_FROM": "3", **NO_TRIAL}


@pytest.fixture(params=["sqlite", "postgres"])
def stage(stage_on: Opener, request: pytest.FixtureRequest) -> Stage:
    opened = stage_on(request.param, **TYPED)
    opened.let_quota_pass()
    return opened


@pytest.fixture
def on_sqlite(open_stage: Opener) -> Stage:
    return open_stage(**TYPED)


def submit(stage: Stage, typed: str, who: str = "bo") -> Delivery:
    delivery = stage.slack.submit(who, {approve.INPUT_ID: typed})
    stage.settle()
    return delivery


def in_form(delivery: Delivery) -> str:
    """Return all texts in the form that a person looks at."""
    assert delivery.modal is not None
    return "\n".join(text for _, text in texts(delivery.modal.blocks))


def rules(stage: Stage) -> list[str]:
    return [event["data"]["rule"] for event in stage.events("vote.refused")]


def test_typing_the_number_is_the_vote_and_the_log_says_so(stage: Stage) -> None:
    number = propose(stage, videos(stage, 3))
    assert buttons(stage.card(number))[0] == "Approve: delete 3 videos…"
    opened = stage.click("bo", "Approve", number)
    assert opened.modal is not None
    shown = in_form(opened)
    for words in ("This deletes 3 items", "3 videos", "take 0", "no recycle bin"):
        assert words in shown
    assert stage.view(number).votes == ()

    done = submit(stage, "3")
    assert (done.error, done.field_errors, done.modal) == (None, {}, None)
    assert stage.state(number) is State.FINISHED
    assert "Your approval" in stage.answers("bo")[-1]
    (cast,) = stage.events("vote.cast")
    assert cast["data"]["typed"] == 3
    assert [vote.typed for vote in stage.view(number).votes] == [3]
    assert "typed its number of items, 3" in audit_lines(stage, number)
    assert_lawful(stage)


@pytest.mark.parametrize("typed", ["2", "4", "999999999", "-3"])
def test_a_wrong_number_is_no_vote_and_can_be_typed_again(on_sqlite: Stage, typed: str) -> None:
    stage = on_sqlite
    number = propose(stage, videos(stage, 3))
    stage.click("bo", "Approve", number)
    wrong = submit(stage, typed)
    assert list(wrong.field_errors) == [approve.BLOCK_ID]
    assert any(words in wrong.field_errors[approve.BLOCK_ID] for words in ("is not the number", "digits only"))
    assert wrong.modal is not None
    assert stage.view(number).votes == ()
    assert_nothing_was_deleted(stage)

    submit(stage, "3")
    assert stage.state(number) is State.FINISHED


def test_a_click_alone_is_never_a_vote_wherever_it_comes_from(on_sqlite: Stage) -> None:
    """The click of a card that an earlier version posted, one that is replayed, and one where nothing asks."""
    stage = on_sqlite
    number = propose(stage, videos(stage, 3))
    value, ts = value_for(stage, number), stage.card(number).ts
    first = stage.slack.click_message("bo", "vod-deletions", ts, names.APPROVE, value)
    stage.slack.replay(first)
    stage.slack.click_message("cy", "vod-deletions", ts, names.APPROVE, value)
    stage.settle()
    assert stage.view(number).votes == ()
    assert_nothing_was_deleted(stage)
    assert rules(stage) == ["replayed"]


def test_where_a_listener_would_not_ask_the_vote_itself_is_refused(
    on_sqlite: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = on_sqlite
    number = propose(stage, videos(stage, 3))
    with monkeypatch.context() as changed:
        changed.setattr(deletions, "asks_number", lambda *_: False)
        stage.click("bo", "Approve", number)
    assert rules(stage) == ["number not typed"]
    assert "Use the Approve button" in stage.answers("bo")[-1]
    assert stage.view(number).votes == ()


def test_a_vote_that_an_earlier_version_took_without_the_number_is_not_counted(open_stage: Opener) -> None:
    stage = open_stage(**NO_TRIAL)
    number = propose(stage, videos(stage, 3))
    stage.slack.click("bo", "Approve", match=f"#{number}")
    stage.restart(COUNTERSIGN_TYPED_FROM="3")
    stage.settle()
    (voided,) = stage.events("vote.voided")
    assert voided["data"]["rule"] == "number not typed"
    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)
    stage.click("bo", "Approve", number)
    submit(stage, "3")
    assert stage.state(number) is State.FINISHED
    assert_lawful(stage)


@pytest.mark.parametrize(
    ("who", "rule"), [("ana", Rule.OWN_PROPOSAL), ("dee", Rule.NOT_AN_APPROVER)], ids=["proposer", "no approver"]
)
def test_who_may_not_approve_gets_no_form(on_sqlite: Stage, who: str, rule: Rule) -> None:
    stage = on_sqlite
    number = propose(stage, videos(stage, 3))
    assert stage.click(who, "Approve", number).modal is None
    assert rules(stage) == [rule]
    assert stage.answers(who)


def test_who_has_approved_gets_no_form_again(open_stage: Opener) -> None:
    stage = open_stage(**TYPED, COUNTERSIGN_APPROVALS_NEEDED="2")
    number = propose(stage, videos(stage, 3))
    stage.click("bo", "Approve", number)
    submit(stage, "3")
    assert stage.click("bo", "Approve", number).modal is None
    assert rules(stage) == ["already approved"]


def test_a_plan_that_changed_while_the_form_was_open_takes_no_vote(on_sqlite: Stage) -> None:
    stage = on_sqlite
    three = videos(stage, 3)
    number = propose(stage, three)
    stage.click("bo", "Approve", number)
    stage.vod.library.remove_video(three[0])
    stage.click("cy", "Approve", number)
    submit(stage, "3", "cy")
    assert stage.view(number).row.revision == 2

    late = submit(stage, "3", "bo")
    assert (late.error, late.field_errors) == (None, {})
    assert late.modal is not None
    assert "has changed since" in in_form(late)
    assert stage.view(number).votes == ()
    assert_nothing_was_deleted(stage)


def test_a_proposal_that_is_over_is_said_in_the_form_s_place(on_sqlite: Stage) -> None:
    stage = on_sqlite
    number = propose(stage, videos(stage, 3))
    stage.click("bo", "Approve", number)
    stage.click("ana", "Withdraw", number)
    late = submit(stage, "3")
    assert late.modal is not None
    assert "was withdrawn" in in_form(late)
    assert late.modal.content.get("submit") is None
    assert_nothing_was_deleted(stage)


def test_who_is_no_approver_any_more_is_told_in_the_form_s_place(on_sqlite: Stage) -> None:
    stage = on_sqlite
    number = propose(stage, videos(stage, 3))
    stage.click("bo", "Approve", number)
    stage.restart(COUNTERSIGN_APPROVERS=",".join(stage.slack.people[who].id for who in ("ana", "cy")))
    late = submit(stage, "3")
    assert late.modal is not None
    assert rules(stage) == ["not an approver"]
    assert_nothing_was_deleted(stage)


def test_a_form_that_names_what_no_button_did_is_no_vote(on_sqlite: Stage) -> None:
    stage = on_sqlite
    number = propose(stage, videos(stage, 3))
    stage.click("bo", "Approve", number)
    modals = stage.slack.state.modals
    top = modals.top(stage.slack.people["bo"].id)
    assert top is not None
    meddled = top.content["private_metadata"].replace("subject", "subjekt")
    modals.update(top, {**dataclasses.asdict(top)["content"], "private_metadata": meddled})
    assert "belongs to no plan" in submit(stage, "3").field_errors[approve.BLOCK_ID]
    assert stage.view(number).votes == ()


@pytest.mark.parametrize("error", ["expired_trigger_id", "internal_error"])
def test_a_form_that_slack_does_not_open_is_said_privately(on_sqlite: Stage, error: str) -> None:
    stage = on_sqlite
    number = propose(stage, videos(stage, 3))
    stage.slack.faults.add(FaultKind.ERROR, "views.open", error=error)
    delivery = stage.click("bo", "Approve", number)
    assert delivery.modal is None
    assert "Nothing was approved. Click Approve once more." in stage.answers("bo")[-1]
    stage.click("bo", "Approve", number)
    submit(stage, "3")
    assert stage.state(number) is State.FINISHED


def test_fifty_submissions_at_once_are_one_vote(stage: Stage) -> None:
    number = propose(stage, videos(stage, 3))
    stage.slack.click("bo", "Approve", match=f"#{number}")
    sent = stage.slack.submit("bo", {approve.INPUT_ID: "3"})
    answered = at_once([lambda: stage.slack.replay(sent)] * 49)
    assert all(each.error is None for each in answered)
    stage.settle()
    assert len(stage.events("vote.cast")) == 1
    assert stage.state(number) is State.FINISHED
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_form_is_answered_in_time_while_an_instance_is_stopped_in_a_write(
    engine: str, started: Starter
) -> None:
    running = started(engine, **TYPED)
    three = [running.vod.library.add_video(title=f"take {n}", has_cover=False).video_id for n in range(3)]
    number = running.propose(f"video {' '.join(three)}")
    opened = running.slack.click("bo", "Approve", match=f"#{number}")
    assert opened.modal is not None
    with stalled_instance(running.database_url):
        submitted = running.slack.submit("bo", {approve.INPUT_ID: "3"})
        clicked = running.slack.click("cy", "Approve", match=f"#{number}")
    for each in (submitted, clicked):
        assert each.error is None
        assert each.elapsed_s < 3
    measured(f"{engine}: a form submitted to a record that is held was answered in {submitted.elapsed_s:.1f} s")
    assert "is busy" in submitted.field_errors[approve.BLOCK_ID]
    running.slack.submit("bo", {approve.INPUT_ID: "3"})
    wait_for(lambda: running.state(number) is State.FINISHED, "it is deleted")

"""Asking before one decides, answering, and approving with a comment: told, written down, and never a vote."""

import json

import pytest

from deletion.policy.decisions import QUESTIONS_OF_ALL, QUESTIONS_OF_ONE
from deletion.terms.states import State
from handlers.cards import ids as names
from handlers.views import answer, approve, ask
from sandbox.slack import Delivery, FaultKind, Message
from tests.deletion.every_event import HOSTILE
from tests.e2e.deletions import NO_TRIAL, propose, videos
from tests.e2e.evidence import (
    assert_lawful,
    assert_nothing_was_deleted,
    audit_lines,
    every_button,
    in_blocks,
    texts,
)
from tests.stage import Opener, Stage


@pytest.fixture(params=["sqlite", "postgres"])
def on_both(stage_on: Opener, request: pytest.FixtureRequest) -> Stage:
    opened = stage_on(request.param, **NO_TRIAL)
    opened.let_quota_pass()
    return opened


def put(stage: Stage, who: str, number: int, text: str) -> Delivery:
    """Let somebody ask, through the form."""
    opened = stage.click(who, "Ask", number)
    assert opened.modal is not None, stage.answers(who)
    return typed(stage, who, ask.INPUT_ID, text)


def typed(stage: Stage, who: str, field: str, text: str) -> Delivery:
    delivery = stage.slack.submit(who, {field: text})
    stage.settle()
    return delivery


def replies(stage: Stage, number: int, words: str) -> list[Message]:
    return [reply for reply in stage.thread(number) if words in reply.text]


def press_answer(stage: Stage, who: str, number: int) -> Delivery:
    asked = replies(stage, number, "asks about")[-1]
    delivery = stage.slack.click_message(who, "vod-deletions", asked.ts, names.ANSWER)
    stage.settle()
    return delivery


def in_form(delivery: Delivery) -> str:
    assert delivery.modal is not None
    return "\n".join(text for _, text in texts(delivery.modal.blocks))


def rules(stage: Stage, action: str) -> list[str]:
    return [event["data"]["rule"] for event in stage.events(action)]


def test_a_question_is_answered_and_what_was_asked_about_is_approved_with_a_comment(on_both: Stage) -> None:
    stage, ana, bo = on_both, on_both.slack.people["ana"].id, on_both.slack.people["bo"].id
    number = propose(stage, videos(stage, 2))
    assert every_button(stage.card(number))[1:4] == ["Approve with a comment…", "Reject…", "Ask…"]

    done = put(stage, "bo", number, "Is the Japanese version among them?")
    assert (done.error, done.field_errors, done.modal) == (None, {}, None)
    (asked,) = replies(stage, number, "asks about")
    assert asked.broadcasts == []
    told = stage.slack.dm("ana")[-1]
    assert f"<@{bo}> asks about your proposal <http" in told.text
    assert "Is the Japanese version among them?" in in_blocks(told)
    assert "Is the Japanese version among them?" in in_blocks(asked)
    assert "saved" in stage.answers("bo")[-1]
    assert "*1 question is open*" in in_blocks(stage.card(number))
    assert stage.card(number).broadcasts == []
    assert (stage.state(number), stage.view(number).votes) == (State.PENDING, ())
    stage.click("cy", "Approve with", number)
    form = stage.slack.modal("cy")
    assert form is not None
    assert "Is the Japanese version" in "\n".join(text for _, text in texts(form.blocks))

    opened = press_answer(stage, "ana", number)
    assert "Is the Japanese version" in in_form(opened)
    typed(stage, "ana", answer.INPUT_ID, "No, that one stays.")
    (answered,) = replies(stage, number, "answers your question")
    assert answered.broadcasts == []
    told = stage.slack.dm("bo")[-1]
    assert f"<@{ana}> answers your question about <http" in told.text
    assert "No, that one stays." in in_blocks(told)
    assert "is open" not in in_blocks(stage.card(number))

    stage.click("bo", "Approve with", number)
    done = typed(stage, "bo", approve.COMMENT_ID, "Checked with the rights team.")
    assert (done.error, done.field_errors, done.modal) == (None, {}, None)
    assert stage.state(number) is State.FINISHED
    (vote,) = stage.view(number).votes
    assert vote.comment == "Checked with the rights team."
    (approved,) = replies(stage, number, "approved: 1 of 1")
    assert "Their comment: `Checked with the rights team.`" in approved.text
    lines = audit_lines(stage, number)
    for words in ("asked question 1", "answered question 1: `No, that one stays.`", "comment: `Checked with"):
        assert words in lines
    assert_lawful(stage)


def test_a_comment_stands_on_the_card_beside_the_approval(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_APPROVALS_NEEDED="2", **NO_TRIAL)
    number = propose(stage, videos(stage, 1))
    stage.click("bo", "Approve with", number)
    typed(stage, "bo", approve.COMMENT_ID, HOSTILE)
    card = stage.card(number)
    assert "says with their approval: `" in in_blocks(card)
    assert card.broadcasts == []
    stage.click("cy", "Approve with", number)
    typed(stage, "cy", approve.COMMENT_ID, "")
    assert [vote.comment for vote in stage.view(number).votes] == [HOSTILE, None]
    assert stage.state(number) is State.FINISHED
    assert_lawful(stage)


def test_who_has_to_act_is_notified_once_of_a_question_and_its_answer_and_nobody_else_at_all(stage: Stage) -> None:
    """And of no reply that follows in the thread."""
    number = propose(stage, videos(stage, 1))
    before = {who: len(stage.slack.notified(who)) for who in stage.slack.people}
    put(stage, "bo", number, HOSTILE * 3)
    stage.slack.click("ana", "Answer", match="asks about your proposal")
    typed(stage, "ana", answer.INPUT_ID, HOSTILE * 3)
    stage.advance(1)

    for who in stage.slack.people:
        whys = [str(each.why) for each in stage.slack.notified(who)[before[who] :]]
        assert whys == (["direct message"] if who in {"ana", "bo"} else []), who
    assert [reply for reply in stage.thread(number) if reply.broadcasts] == []
    assert "Your answer" in stage.answers("ana")[-1]
    assert stage.verify().holds


def test_the_proposer_asks_nothing_and_only_they_answer(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    assert stage.click("ana", "Ask", number).modal is None
    assert "are yours to answer" in stage.answers("ana")[-1]
    put(stage, "bo", number, "Why now?")
    assert press_answer(stage, "bo", number).modal is None
    assert "Only the proposer" in stage.answers("bo")[-1]
    assert (rules(stage, "question.refused"), rules(stage, "answer.refused")) == (
        ["own question"],
        ["may not answer"],
    )


def test_who_may_not_read_asks_nothing(open_stage: Opener) -> None:
    stage = open_stage()
    people = stage.slack.people
    stage.restart(COUNTERSIGN_PROPOSERS=people["ana"].id, COUNTERSIGN_APPROVERS=people["bo"].id)
    number = propose(stage, videos(stage, 1))
    for who in ("dee", "gus"):
        assert stage.click(who, "Ask", number).modal is None
        assert stage.answers(who)
    assert stage.events("question.asked") == []
    assert len(rules(stage, "question.refused")) == 2


def test_what_is_over_takes_no_question_and_what_was_typed_is_given_back(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    stage.click("bo", "Ask", number)
    stage.click("ana", "Withdraw", number)
    late = typed(stage, "bo", ask.INPUT_ID, "Is it still in the campaign?")
    assert late.error is None
    assert "was withdrawn" in in_form(late)
    assert "Is it still in the campaign?" in in_form(late)
    assert late.modal is not None
    assert late.modal.content.get("submit") is None
    assert stage.events("question.asked") == []
    assert rules(stage, "question.refused") == ["not open"]


def test_a_comment_on_what_is_over_is_given_back(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    stage.click("bo", "Approve with", number)
    stage.click("ana", "Withdraw", number)
    late = typed(stage, "bo", approve.COMMENT_ID, "Checked with the rights team.")
    assert "was withdrawn" in in_form(late)
    assert "Checked with the rights team." in in_form(late)


def test_an_answer_after_the_end_is_given_back(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    put(stage, "bo", number, "Why now?")
    press_answer(stage, "ana", number)
    stage.click("bo", "Reject", number)
    stage.slack.submit("bo", {"why": "still in use"})
    stage.settle()
    late = typed(stage, "ana", answer.INPUT_ID, "Because it is over.")
    assert "was rejected" in in_form(late)
    assert "Because it is over." in in_form(late)
    assert stage.events("question.answered") == []
    press_answer(stage, "ana", number)
    assert "was rejected" in stage.answers("ana")[-1]


def test_a_question_has_one_answer(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    put(stage, "bo", number, "Why now?")
    press_answer(stage, "ana", number)
    form = stage.slack.modal("ana")
    typed(stage, "ana", answer.INPUT_ID, "The rights ended.")
    stage.slack.submit("ana", {answer.INPUT_ID: "Something else."}, form)
    press_answer(stage, "ana", number)
    assert "was answered already" in stage.answers("ana")[-1]
    assert len(stage.events("question.answered")) == 1
    assert rules(stage, "answer.refused") == ["already answered"] * 2


def test_a_proposer_who_may_not_take_part_any_more_answers_nothing(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    put(stage, "bo", number, "Why now?")
    press_answer(stage, "ana", number)
    stage.slack.change_person("ana", is_restricted=True)
    late = typed(stage, "ana", answer.INPUT_ID, "The rights ended.")
    assert "The rights ended." in in_form(late)
    press_answer(stage, "ana", number)
    assert "Guests cannot take part" in stage.answers("ana")[-1]
    assert stage.events("question.answered") == []
    assert rules(stage, "answer.refused") == ["guest"] * 2


def test_questions_are_no_flood(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    for n in range(QUESTIONS_OF_ONE):
        put(stage, "bo", number, f"Question {n}?")
    assert stage.click("bo", "Ask", number).modal is None
    assert f"{QUESTIONS_OF_ONE} is the limit" in stage.answers("bo")[-1]
    put(stage, "cy", number, "One of another person's?")
    assert QUESTIONS_OF_ALL > QUESTIONS_OF_ONE
    assert "*6 questions are open*" in in_blocks(stage.card(number))
    assert rules(stage, "question.refused") == ["too many questions"]
    assert stage.verify().holds


def test_a_form_that_is_sent_twice_is_one_question(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    stage.click("bo", "Ask", number)
    form = stage.slack.modal("bo")
    sent = stage.slack.submit("bo", {ask.INPUT_ID: "Why now?"}, form)
    stage.slack.replay(sent)
    stage.slack.submit("bo", {ask.INPUT_ID: "Why now?"}, form)
    stage.settle()
    assert len(stage.events("question.asked")) == 1
    assert len(replies(stage, number, "asks about")) == 1


def test_a_blank_question_and_one_of_who_cannot_be_looked_up_stay_in_the_form(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    stage.click("bo", "Ask", number)
    blank = typed(stage, "bo", ask.INPUT_ID, "\u2800\u3164\u2800\u3164")
    assert "blank" in blank.field_errors[ask.BLOCK_ID]
    stage.slack.faults.add(FaultKind.ERROR, "users.info", error="internal_error")
    unknown = typed(stage, "bo", ask.INPUT_ID, "Why now?")
    assert "could not confirm" in unknown.field_errors[ask.BLOCK_ID]
    stage.slack.faults.clear()
    assert typed(stage, "bo", ask.INPUT_ID, "Why now?").modal is None
    assert len(stage.events("question.asked")) == 1


def test_a_form_that_names_no_card_of_ours_asks_nothing(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    stage.click("bo", "Ask", number)
    modals = stage.slack.state.modals
    top = modals.top(stage.slack.people["bo"].id)
    assert top is not None
    meddled = top.content["private_metadata"].replace("subject", "subjekt")
    modals.update(top, {**top.content, "private_metadata": meddled})
    assert "belongs to no plan" in typed(stage, "bo", ask.INPUT_ID, "Why now?").field_errors[ask.BLOCK_ID]
    card = stage.card(number)
    value = json.dumps({"question": 1, "record": "0" * 32, "subject": f"proposal/{number}"})
    stage.slack.click_message("bo", "vod-deletions", card.ts, names.ASK, value)
    stage.settle()
    assert_nothing_was_deleted(stage)


def test_nothing_that_is_asked_or_answered_is_lost_when_the_program_ends_in_between(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    stage.slack.click("bo", "Ask", match=f"#{number}")
    stage.slack.submit("bo", {ask.INPUT_ID: "Why now?"})
    stage.restart()
    stage.settle()
    press_answer(stage, "ana", number)
    stage.restart()
    stage.slack.submit("ana", {answer.INPUT_ID: "The rights ended."})
    stage.restart()
    stage.settle()
    assert len(replies(stage, number, "asks about")) == 1
    assert len(replies(stage, number, "answers your question")) == 1
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.FINISHED
    assert_lawful(stage)

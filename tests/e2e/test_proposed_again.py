"""What a finished deletion had left is proposed again with one button: a new proposal, decided on anew."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from deletion.terms.people import Actor
from deletion.terms.refusals import Rule
from deletion.terms.requests.targets import Request, Videos
from deletion.terms.states import State
from handlers.cards import ids
from handlers.views import reject
from sandbox.slack import Delivery, Message
from sandbox.vod import FaultKind
from tests.e2e.deletions import propose, send_one_batch, videos
from tests.e2e.evidence import (
    assert_lawful,
    audit_card,
    audit_lines,
    button_value,
    buttons,
    in_blocks,
    value_for,
)
from tests.e2e.test_levels import JOBS
from tests.harness import plans
from tests.stage import Opener, Stage

ENGINES = ["sqlite", "postgres"]


def has_button(card: Message) -> bool:
    return any(label.startswith("Propose the rest again") for label in buttons(card))


def press(stage: Stage, who: str, number: int, value: str | None = None) -> Delivery:
    """Press Propose the rest again on a proposal's card, or what was there before."""
    value = value if value is not None else value_for(stage, number)
    delivery = stage.slack.click_message(who, "vod-deletions", stage.card(number).ts, ids.AGAIN, value)
    assert (delivery.status, delivery.error) == (200, None)
    stage.settle()
    return delivery


def press_for(stage: Stage, who: str, number: int) -> None:
    """Press the button of a deletion that has one, about another that has none, with all that it would name."""
    has_one, _ = one_left(stage)
    press(stage, who, has_one, value_for(stage, number))


def approve(stage: Stage, who: str, number: int) -> None:
    stage.slack.click_message(who, "vod-deletions", stage.card(number).ts, ids.APPROVE)
    stage.settle()


def one_left(stage: Stage, *, of: int = 3) -> tuple[int, list[str]]:
    """Return a finished deletion of ana's of which one video was refused, and the videos."""
    wanted = videos(stage, of, forbidden=(1,))
    number = propose(stage, wanted)
    stage.click("bo", "Approve", number)
    stage.advance(61)
    assert stage.state(number) is State.FINISHED
    return number, wanted


def again_of(stage: Stage, number: int) -> int:
    """Return the number of the one proposal of a proposal's rest."""
    rows = stage.database.read(lambda tx: tx.rows("SELECT id FROM proposals WHERE again_of = :n", n=number))
    (row,) = rows
    return int(row["id"])


def permit(stage: Stage, video_id: str) -> None:
    """Let VOD delete a video that it refused."""
    stage.vod.library.change_video(video_id, forbidden=False)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_rest_is_a_new_proposal_that_others_decide_on(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    first, wanted = one_left(stage)
    assert buttons(stage.card(first)) == ["Propose the rest again: 1 video"]
    sent = len(stage.vod.ledger.calls())
    permit(stage, wanted[1])

    press(stage, "ana", first)

    second = again_of(stage, first)
    made = stage.view(second)
    assert (plans.asked(made), made.row.reason, made.row.proposer) == (
        Videos((wanted[1],)),
        "rights expired",
        stage.slack.user("ana").id,
    )
    assert stage.state(second) is State.PENDING
    assert len(stage.vod.ledger.calls()) == sent
    assert f"Proposal #{second} is stored: 1 video, the rest of #{first}." in stage.answers("ana")[-1]
    # No approval is carried over, and who proposes it cannot approve it.
    assert made.votes == ()
    approve(stage, "ana", second)
    assert stage.events("vote.refused")[-1]["data"]["rule"] == "own proposal"
    assert len(stage.vod.ledger.calls()) == sent
    approve(stage, "bo", second)
    assert stage.outcomes(second) == {wanted[1]: "deleted"}
    assert stage.outcomes(first)[wanted[1]] == "refused"
    assert_lawful(stage)


def test_whoever_presses_the_button_is_the_proposer_and_needs_somebody_else(stage: Stage) -> None:
    first, wanted = one_left(stage)
    permit(stage, wanted[1])
    press(stage, "bo", first)
    second = again_of(stage, first)
    assert stage.view(second).proposer == Actor(stage.view(first).row.team, stage.slack.user("bo").id)
    approve(stage, "bo", second)
    assert stage.state(second) is State.PENDING
    approve(stage, "cy", second)
    assert stage.state(second) is State.FINISHED
    assert_lawful(stage)


def test_each_of_the_two_names_the_other_wherever_it_is_shown(stage: Stage) -> None:
    first, _ = one_left(stage)
    press(stage, "ana", first)
    second = again_of(stage, first)

    def link(number: int) -> str:
        return f"/p{stage.card(number).ts.replace('.', '')}|#{number}>"

    new, old = stage.card(second), stage.card(first)
    assert f"*Again*: the rest of <{stage.slack.url}" in in_blocks(new)
    assert link(first) in in_blocks(new)
    assert f"Again: the rest of #{first}." in new.text
    assert "The rest was *proposed again* as" in in_blocks(old)
    assert link(second) in in_blocks(old)
    assert f"The rest was proposed again as #{second}." in old.text
    assert not has_button(old)
    (told,) = [m for m in stage.thread(first) if "proposed the rest again: 1 video" in m.text]
    assert f"#{second}" in told.text
    assert link(first) in in_blocks(audit_card(stage, second))
    assert link(second) in in_blocks(audit_card(stage, first))
    assert f"proposed the rest again, 1 item, as #{second}" in audit_lines(stage, first)
    assert f"proposed a deletion again, the rest of #{first}" in audit_lines(stage, second)
    for who, number, other in (("ana", second, first), ("bo", first, second)):
        answered = stage.say(who, f"/vod status {number}").reply
        assert answered is not None
        assert link(other) in in_blocks(answered)
    assert stage.events("proposal.made")[-1]["data"]["again"] == first
    assert stage.events("rest.proposed")[-1]["data"] == {"proposal": second, "count": 1}
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("other", ["ana", "bo"])
def test_the_rest_is_proposed_once_and_the_second_is_told_where(stage_on: Opener, engine: str, other: str) -> None:
    stage = stage_on(engine)
    first, _ = one_left(stage)
    value = value_for(stage, first)
    press(stage, "ana", first)
    second = again_of(stage, first)
    press(stage, other, first, value)
    assert again_of(stage, first) == second
    told = stage.answers(other)[-1]
    assert f"The rest of #{first} was proposed again already, as <{stage.slack.url}" in told
    assert f"|#{second}>" in told
    assert stage.events("proposal.refused")[-1]["data"]["rule"] == "proposed again"
    assert stage.events("proposal.refused")[-1]["ref"] == f"proposal/{first}"


def test_what_a_second_one_had_left_is_offered_on_its_own_card(stage: Stage) -> None:
    first, wanted = one_left(stage)
    value = value_for(stage, first)
    press(stage, "ana", first)
    second = again_of(stage, first)
    approve(stage, "bo", second)
    assert stage.outcomes(second) == {wanted[1]: "refused"}
    assert has_button(stage.card(second))
    assert not has_button(stage.card(first))
    press(stage, "bo", first, value)
    assert stage.events("proposal.refused")[-1]["data"]["rule"] == "proposed again"
    press(stage, "bo", second)
    assert stage.view(again_of(stage, second)).again_of == second_of(stage, second)
    assert_lawful(stage)


def second_of(stage: Stage, number: int) -> object:
    """Return a proposal as another one names it."""
    found = stage.view(again_of(stage, number)).again_of
    assert found is not None
    assert found.number == number
    return found


def reject_it(stage: Stage, number: int) -> None:
    stage.slack.click_message("bo", "vod-deletions", stage.card(number).ts, ids.REJECT)
    stage.slack.submit("bo", {reject.BLOCK_ID: "still in use"})
    stage.settle()


def withdraw_it(stage: Stage, number: int) -> None:
    stage.say("ana", f"/vod withdraw {number}")


def let_it_expire(stage: Stage, number: int) -> None:
    assert stage.state(number) is State.PENDING
    stage.advance(25 * 3600)


@pytest.mark.parametrize("end", [reject_it, withdraw_it, let_it_expire])
def test_what_came_to_nothing_can_be_proposed_again_once_more(
    open_stage: Opener, end: Callable[[Stage, int], None]
) -> None:
    stage = open_stage(COUNTERSIGN_EXPIRES_HOURS="24")
    first, wanted = one_left(stage)
    press(stage, "ana", first)
    second = again_of(stage, first)
    end(stage, second)
    assert has_button(stage.card(first))
    press(stage, "ana", first, button_value(stage.card(first), ids.AGAIN))
    third = max(row["id"] for row in stage.database.read(lambda tx: tx.rows("SELECT id FROM proposals")))
    assert third > second
    assert plans.asked(stage.view(third)) == Videos((wanted[1],))
    assert_lawful(stage)


def test_what_is_gone_by_then_is_told_and_the_button_comes_back(stage: Stage) -> None:
    first, wanted = one_left(stage)
    stage.vod.library.remove_video(wanted[1])
    press(stage, "ana", first)
    assert stage.state(again_of(stage, first)) is State.FAILED
    assert "Nothing of it can be deleted" in stage.slack.dm("ana")[-1].text
    assert has_button(stage.card(first))
    assert_lawful(stage)


def test_what_was_stopped_under_way_is_proposed_again_with_what_is_not_known(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_CANARY_FROM="100000")
    wanted = videos(stage, 45)
    number = propose(stage, wanted)
    send_one_batch(stage, number)
    stage.click("cy", "Stop", number)
    left = [name for name, outcome in stage.outcomes(number).items() if outcome == "stopped"]
    assert len(left) == 25
    press(stage, "ana", number)
    assert plans.every_id(stage.database, stage.view(again_of(stage, number))) == left
    assert_lawful(stage)


@pytest.mark.parametrize("name", JOBS)
def test_every_level_and_its_options_stay_what_they_were(stage: Stage, name: str) -> None:
    job = JOBS[name](stage.vod)
    number = stage.propose("ana", job.words)
    stage.vod.faults.set(FaultKind.FORBIDDEN_RAM, job.action)
    stage.click("bo", "Approve", number)
    assert set(stage.outcomes(number).values()) <= {"refused", "stopped"}
    stage.vod.faults.clear()
    stage.vod.ledger.clear()

    press(stage, "bo", number)

    first, second = stage.view(number), stage.view(again_of(stage, number))
    assert first.plan is not None
    assert second.plan is not None
    assert plans.ids_of(second.plan) == plans.ids_of(first.plan)
    assert dataclasses.replace(first.request, **names_of(second.request)) == second.request
    assert stage.vod.ledger.calls() == ()
    approve(stage, "cy", second.row.id)
    assert stage.outcomes(second.row.id) == dict.fromkeys(job.items, "deleted")
    assert job.is_gone(stage.vod)
    assert_lawful(stage)


def names_of(request: Request) -> dict[str, Any]:
    """Return what a request names, without its options."""
    return {name: value for name, value in vars(request).items() if name in {"ids", "wanted", "urls", "which"}}


def rule_of_last_refusal(stage: Stage) -> str:
    return str(stage.events("proposal.refused")[-1]["data"]["rule"])


def test_what_is_not_over_has_no_rest(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    press_for(stage, "ana", number)
    assert rule_of_last_refusal(stage) == Rule.NOTHING_ENDED
    assert f"#{number} is waiting for approval: this button proposes only what" in stage.answers("ana")[-1]
    assert len(stage.events("proposal.made")) == 2


def test_what_is_all_gone_has_no_rest_and_no_button(stage: Stage) -> None:
    number = propose(stage, videos(stage, 1))
    stage.click("bo", "Approve", number)
    assert not has_button(stage.card(number))
    press_for(stage, "ana", number)
    assert rule_of_last_refusal(stage) == Rule.NOTHING_LEFT
    assert f"Nothing of #{number} is left" in stage.answers("ana")[-1]


@pytest.mark.parametrize("state", ["stopped", "expired"])
def test_what_was_never_begun_is_proposed_with_the_command(open_stage: Opener, state: str) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS="60", COUNTERSIGN_EXPIRES_HOURS="24")
    number = propose(stage, videos(stage, 2))
    if state == "stopped":
        stage.click("bo", "Approve", number)
        stage.click("cy", "Stop", number)
    else:
        stage.advance(25 * 3600)
    assert stage.state(number) == state
    assert buttons(stage.card(number)) == []
    press_for(stage, "ana", number)
    assert rule_of_last_refusal(stage) == Rule.NOTHING_ENDED
    assert "Propose it with `/vod delete`" in stage.answers("ana")[-1]
    assert len(stage.events("proposal.made")) == 2


def test_whoever_may_not_propose_is_refused_as_by_the_command(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_PROPOSERS="U0ANA4K2M7Q,U0BO93LXT6W")
    first, _ = one_left(stage)
    press(stage, "gus", first)
    assert rule_of_last_refusal(stage) == Rule.NOT_A_PROPOSER
    assert "You may not propose deletions" in stage.answers("gus")[-1]
    assert has_button(stage.card(first))


def test_the_caps_of_a_person_hold_for_the_button_too(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MAX_OPEN="1")
    first, _ = one_left(stage)
    propose(stage, videos(stage, 1))
    press(stage, "ana", first)
    assert rule_of_last_refusal(stage) == Rule.TOO_MANY_OPEN
    press(stage, "bo", first)
    assert stage.state(again_of(stage, first)) is State.PENDING


def test_a_rest_that_is_more_than_one_proposal_may_delete_now_is_refused_whole(stage: Stage) -> None:
    wanted = videos(stage, 3, forbidden=(0, 1, 2))
    number = propose(stage, wanted)
    stage.click("bo", "Approve", number)
    value = value_for(stage, number)
    stage.restart(COUNTERSIGN_MAX_ITEMS="1")
    press(stage, "ana", number, value)
    assert rule_of_last_refusal(stage) == Rule.TOO_MANY
    assert stage.events("proposal.refused")[-1]["data"]["facts"] == {"asked": 3, "most": 1}


FORGED = {
    "other record": lambda value: {**value, "record": "0" * 32},
    "digest unknown": lambda value: {**value, "digest": "0" * 64},
    "no such proposal": lambda value: {**value, "subject": "proposal/4711"},
}


@pytest.mark.parametrize("rule", FORGED)
def test_a_button_that_is_not_of_this_deletion_proposes_nothing(stage: Stage, rule: str) -> None:
    first, _ = one_left(stage)
    value = FORGED[rule](json.loads(value_for(stage, first)))
    press(stage, "ana", first, json.dumps(value, separators=(",", ":")))
    assert rule_of_last_refusal(stage) == rule
    assert [event["ref"] for event in stage.events("proposal.made")] == [f"proposal/{first}"]
    assert stage.answers("ana")[-1]


@pytest.mark.parametrize("subject", ["freeze", "anchor"])
def test_a_button_about_no_proposal_proposes_nothing(stage: Stage, subject: str) -> None:
    first, _ = one_left(stage)
    value = {**json.loads(value_for(stage, first)), "subject": f"{subject}/{first}"}
    press(stage, "ana", first, json.dumps(value, separators=(",", ":")))
    assert rule_of_last_refusal(stage) == Rule.NO_SUCH_PROPOSAL
    assert len(stage.events("proposal.made")) == 1


def test_a_button_that_names_no_record_proposes_nothing(stage: Stage) -> None:
    first, _ = one_left(stage)
    digest = stage.view(first).row.digest
    press(stage, "ana", first, json.dumps({"digest": digest, "proposal": first}, separators=(",", ":")))
    assert rule_of_last_refusal(stage) == Rule.OLD_CARD
    assert len(stage.events("proposal.made")) == 1
    assert has_button(stage.card(first))


def test_the_same_click_delivered_twice_proposes_once(stage: Stage) -> None:
    first, _ = one_left(stage)
    delivery = press(stage, "ana", first)
    second = again_of(stage, first)
    withdraw_it(stage, second)
    stage.slack.replay(delivery)
    stage.settle()
    assert rule_of_last_refusal(stage) == Rule.REPLAYED
    assert again_of(stage, first) == second

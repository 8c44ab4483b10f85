"""Everything that must not lead to a deletion: told to the person, written in the log, and nothing sent to VOD."""

import json

from deletion.terms.states import State
from handlers.cards import ids
from handlers.views import reject
from sandbox.slack import Delivery
from sandbox.vod import seed
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted, button_value, buttons, value_for
from tests.stage import Opener, Stage

TEASER = seed.SPRING_TEASER.video_id
TOUR = seed.WAREHOUSE_TOUR.video_id


def press(stage: Stage, who: str, number: int, action_id: str = ids.APPROVE, value: str | None = None) -> Delivery:
    """Press a button of a proposal's card, also one that only an earlier version of it had."""
    card = stage.card(number)
    delivery = stage.slack.click_message(who, "vod-deletions", card.ts, action_id, value)
    stage.settle()
    assert delivery.error is None
    return delivery


def assert_refused(stage: Stage, who: str, action: str, rule: str, words: str) -> None:
    """Hold that the newest answer to a person and their newest event of a kind tell the same refusal."""
    assert words in stage.answers(who)[-1]
    assert_written_down(stage, who, action, rule)


def assert_written_down(stage: Stage, who: str, action: str, rule: str) -> None:
    """Hold that a person's newest event of a kind names this rule."""
    user = stage.slack.user(who).id
    rules = [event["data"]["rule"] for event in stage.events(action) if event["actor"].endswith(f"/{user}")]
    assert rules[-1:] == [rule]


def test_nobody_approves_or_rejects_what_they_proposed_themselves(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    press(stage, "ana", number)
    assert_refused(stage, "ana", "vote.refused", "own proposal", "Ask another approver to decide")
    press(stage, "ana", number, ids.REJECT)
    assert_refused(stage, "ana", "rejection.refused", "own proposal", "withdraw it")

    assert stage.slack.modal("ana") is None
    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)


def test_two_approvals_take_two_people_and_a_second_click_of_one_is_not_another(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_APPROVALS_NEEDED="2")
    number = stage.propose("ana", f"video {TEASER}")
    assert "Waiting for 2 approvals" in stage.card(number).text
    press(stage, "bo", number)
    assert stage.state(number) is State.PENDING
    assert "Waiting for 1 approval" in stage.card(number).text

    for who in ("bo", "bo", "ana"):
        press(stage, who, number)
    assert_refused(stage, "bo", "vote.refused", "already approved", "Your approval stands")
    assert_refused(stage, "ana", "vote.refused", "own proposal", "Ask another approver to decide")
    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)

    press(stage, "cy", number)
    assert stage.state(number) is State.FINISHED
    (approved,) = stage.events("proposal.approved")
    assert [who.rpartition("/")[2] for who in approved["data"]["approvals"]] == [
        stage.slack.user("bo").id,
        stage.slack.user("cy").id,
    ]
    assert_lawful(stage)


def test_a_click_after_the_expiry_counts_for_nothing_even_where_buttons_still_show(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_EXPIRES_HOURS="1")
    number = stage.propose("ana", f"video {TEASER}")
    stage.clock.advance(3600)
    assert buttons(stage.card(number))[0] == "Approve: delete 1 video"
    stage.slack.click("bo", "Approve", match=f"#{number}")
    stage.settle()

    assert_refused(stage, "bo", "vote.refused", "time is up", "has expired")
    assert stage.state(number) is State.EXPIRED
    assert_nothing_was_deleted(stage)


def test_time_alone_closes_a_proposal_and_tells_its_proposer(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_EXPIRES_HOURS="1")
    number = stage.propose("ana", f"video {TEASER}")
    stage.advance(3599)
    assert stage.state(number) is State.PENDING
    stage.advance(2)

    assert stage.state(number) is State.EXPIRED
    assert "Expired" in stage.card(number).text
    assert buttons(stage.card(number)) == []
    assert f"Your proposal #{number} expired" in stage.slack.dm("ana")[-1].text
    assert stage.events("proposal.expired") != []
    assert_nothing_was_deleted(stage)


def test_a_vote_that_could_only_be_counted_after_the_expiry_is_void(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_EXPIRES_HOURS="1")
    number = stage.propose("ana", f"video {TEASER}")
    stage.vod.faults.set("unavailable", "BatchGetMediaInfos")
    press(stage, "bo", number)
    assert "is saved, but VOD cannot be read right now" in stage.answers("bo")[-1]
    stage.vod.faults.clear()
    stage.advance(3601)

    assert stage.state(number) is State.EXPIRED
    assert "was not counted" in stage.answers("bo")[-1]
    assert_nothing_was_deleted(stage)


def test_an_approval_that_was_not_carried_out_in_time_deletes_nothing_more(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_EXECUTE_HOURS="1")
    number = stage.propose("ana", f"video {TEASER}")
    stage.vod.faults.set("throttle", "DeleteVideo")
    press(stage, "bo", number)
    stage.clock.advance(3601)
    stage.vod.faults.clear()
    stage.settle()

    assert stage.outcomes(number) == {TEASER: "stopped"}
    assert stage.vod.library.video(TEASER) is not None
    assert "the time to execute it is over" in stage.thread(number)[-1].text
    assert_lawful(stage)


def test_somebody_who_was_not_named_an_approver_neither_approves_nor_rejects(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    press(stage, "dee", number)
    assert_refused(stage, "dee", "vote.refused", "not an approver", "Ask an approver to decide")
    press(stage, "dee", number, ids.REJECT)
    assert_refused(stage, "dee", "rejection.refused", "not an approver", "Ask an approver to decide")

    assert stage.slack.modal("dee") is None
    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)


def test_naming_somebody_an_approver_does_not_make_them_fit_to_approve(open_stage: Opener) -> None:
    """Slack is asked who they are when the vote is counted, whatever the settings say."""
    slack_ids = "U0ANA4K2M7Q U0BO93LXT6W U0GUS2J6BYE U0SOL8Q3FKA U0EVE1W9GRM U0KIM6X0DSU U0RON3C7VTB"
    stage = open_stage(COUNTERSIGN_APPROVERS=slack_ids)
    number = stage.propose("ana", f"video {TEASER}")
    for who, action, rule, words in (
        ("gus", "vote.voided", "guest", "Guests cannot take part"),
        ("sol", "vote.voided", "guest", "Guests cannot take part"),
        ("eve", "vote.refused", "stranger", "another workspace"),
        ("ron", "vote.voided", "bot", "Bots cannot take part"),
    ):
        press(stage, who, number)
        assert_refused(stage, who, action, rule, words)
    # An account that is closed, and one that was closed after the card was posted: Slack lets nobody write to them.
    stage.slack.change_person("bo", deleted=True)
    for who in ("kim", "bo"):
        press(stage, who, number)
        assert_written_down(stage, who, "vote.voided", "deactivated")

    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)


def test_a_voter_whom_slack_cannot_name_counts_for_nothing_and_may_click_again(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.faults.add("error", "users.info", error="user_not_found")
    press(stage, "bo", number)
    assert_refused(stage, "bo", "vote.voided", "unknown person", "Try again in a minute")
    assert_nothing_was_deleted(stage)

    press(stage, "bo", number)
    assert stage.state(number) is State.FINISHED
    assert_lawful(stage)


def test_a_proposer_who_is_not_a_full_member_gets_no_card(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_PROPOSERS="members")
    for who, rule in (
        ("gus", "guest"),
        ("sol", "guest"),
        ("kim", "deactivated"),
        ("ron", "bot"),
        ("eve", "stranger"),
    ):
        stage.slack.say(who, f"/vod delete video {TEASER} --reason x", forged=True)
        stage.settle()
        assert stage.events("proposal.not_collected")[-1]["data"]["refused"]["rule"] == rule
    assert "Guests cannot take part" in stage.slack.dm("gus")[-1].text
    assert len(stage.events("proposal.not_collected")) == 5

    assert stage.slack.messages("vod-deletions") == []
    assert_nothing_was_deleted(stage)


NEVER_OURS = (
    "",
    "{}",
    "[]",
    "null",
    '{"proposal":1}',
    f'{{"digest":"{"0" * 64}","proposal":true}}',
    f'{{"digest":"{"0" * 64}","proposal":"1"}}',
    '{"digest":5,"proposal":1}',
    "not json \u202e",
    "[" * 1500,
    f'{{"digest":"{"0" * 64}","proposal":{"9" * 1500}}}',
)


def test_a_button_with_a_value_that_was_never_ours_changes_nothing(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    for value in NEVER_OURS:
        press(stage, "bo", number, value=value)
        assert_refused(stage, "bo", "vote.refused", "digest unknown", "belongs to no plan")
    for action_id in (ids.REJECT, ids.WITHDRAW):
        press(stage, "bo", number, action_id, "{}")
        assert_refused(stage, "bo", "vote.refused", "digest unknown", "belongs to no plan")

    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)


def test_a_digest_that_was_not_shown_or_belongs_to_another_proposal_is_refused(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    other = stage.propose("ana", f"video {TOUR}")
    mine = json.loads(button_value(stage.card(number)))["digest"]
    for forged in (mine[:-1] + ("0" if mine[-1] != "0" else "1"), mine.upper(), "", mine + " "):
        press(stage, "bo", number, value=value_for(stage, number, forged))
        assert_refused(stage, "bo", "vote.refused", "digest unknown", "belongs to no plan")
    press(stage, "bo", number, value=value_for(stage, other, mine))
    assert_refused(stage, "bo", "vote.refused", "digest unknown", "belongs to no plan")
    press(stage, "bo", number, value=value_for(stage, other, mine).replace(f"/{other}", "/99"))
    assert_refused(stage, "bo", "vote.refused", "no such proposal", "There is no proposal #99")

    assert {stage.state(number), stage.state(other)} == {State.PENDING}
    assert_nothing_was_deleted(stage)


def test_a_replayed_click_is_no_second_click(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_APPROVALS_NEEDED="2")
    number = stage.propose("ana", f"video {TEASER}")
    delivery = press(stage, "bo", number)
    stage.slack.replay(delivery)
    stage.settle()

    assert_refused(stage, "bo", "vote.refused", "replayed", "already handled")
    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)


def test_a_replayed_command_makes_no_second_proposal(stage: Stage) -> None:
    delivery = stage.say("ana", f"/vod delete video {TEASER} --reason twice")
    again = stage.slack.replay(delivery)
    stage.settle()

    assert again.reply is not None
    assert "already handled" in again.reply.text
    assert_refused(stage, "ana", "proposal.refused", "replayed", "already handled")
    assert len(stage.events("proposal.made")) == 1
    assert len(stage.slack.messages("vod-deletions")) == 1


def test_a_replayed_rejection_changes_nothing(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    press(stage, "bo", number, ids.REJECT)
    delivery = stage.slack.submit("bo", {reject.BLOCK_ID: "Still in use"})
    stage.settle()
    stage.slack.replay(delivery)
    stage.settle()

    assert stage.state(number) is State.REJECTED
    assert len(stage.events("proposal.rejected")) == 1
    assert stage.events("rejection.refused")[-1]["data"]["rule"] == "replayed"
    assert_nothing_was_deleted(stage)


def test_only_its_proposer_withdraws_a_proposal(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    press(stage, "bo", number, ids.WITHDRAW)
    assert_refused(stage, "bo", "withdrawal.refused", "not the proposer", "Approvers can reject it instead")
    stage.say("dee", f"/vod withdraw {number}")
    assert_refused(stage, "dee", "withdrawal.refused", "not the proposer", "Only the proposer of")

    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)


def test_what_is_over_stays_as_it_is_whoever_clicks(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_EXPIRES_HOURS="1")
    rejected, withdrawn, finished, expired = (
        stage.propose("ana", f"video {video_id}")
        for video_id in (TEASER, TOUR, seed.HOLIDAY_OUTTAKES.video_id, seed.AUTUMN_KEYNOTE.video_id)
    )
    press(stage, "bo", rejected, ids.REJECT)
    stage.slack.submit("bo", {reject.BLOCK_ID: "Still in use"})
    press(stage, "ana", withdrawn, ids.WITHDRAW)
    press(stage, "bo", finished)
    stage.advance(3601)
    sent = stage.vod.ledger.calls()
    before = {number: stage.state(number) for number in (rejected, withdrawn, finished, expired)}
    assert list(before.values()) == [State.REJECTED, State.WITHDRAWN, State.FINISHED, State.EXPIRED]

    for number, stands in (
        (rejected, "was rejected"),
        (withdrawn, "was withdrawn"),
        (finished, "is already finished"),
        (expired, "has expired"),
    ):
        press(stage, "cy", number)
        assert_refused(stage, "cy", "vote.refused", "not open", f"#{number} {stands}")
        press(stage, "cy", number, ids.REJECT)
        assert_refused(stage, "cy", "rejection.refused", "not open", f"#{number} {stands}")
        press(stage, "ana", number, ids.WITHDRAW)
        assert_refused(stage, "ana", "withdrawal.refused", "not open", f"#{number} {stands}")
    # After refusals the audit channel shows the head once a minute.
    stage.advance(61)
    assert {number: stage.state(number) for number in before} == before
    assert stage.vod.ledger.calls() == sent
    assert_lawful(stage)


def test_a_form_that_was_open_while_the_proposal_was_decided_says_so(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    press(stage, "bo", number, ids.REJECT)
    press(stage, "cy", number)
    delivery = stage.slack.submit("bo", {reject.BLOCK_ID: "Too late"})

    assert "is already finished" in delivery.field_errors[reject.BLOCK_ID]
    assert stage.state(number) is State.FINISHED
    assert stage.events("rejection.refused")[-1]["data"]["rule"] == "not open"


def test_somebody_who_may_not_propose_is_told_and_written_down(stage: Stage) -> None:
    delivery = stage.say("dee", f"/vod delete video {TEASER} --reason x")

    assert delivery.reply is not None
    assert "may not propose" in delivery.reply.text
    assert_refused(stage, "dee", "proposal.refused", "not a proposer", "may not propose")
    assert stage.slack.messages("vod-deletions") == []
    assert_nothing_was_deleted(stage)


TOO_MUCH = {
    f"video {' '.join(f'{n:032x}' for n in range(4))}": "4 items exceed the limit of 3 per proposal",
    "image https://evil.example/x.png": "`https://evil.example/x.png`: not on an image domain",
    "image http://127.0.0.1:1/image/default/x.png": "not on an image domain of this account",
    "image https://127.0.0.1@evil.example/x.png": "not on an image domain of this account",
}


def test_too_much_at_once_and_foreign_addresses_are_refused_and_written_down(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MAX_ITEMS="3")
    for times, (words, told) in enumerate(TOO_MUCH.items(), start=1):
        delivery = stage.say("ana", f"/vod delete {words} --reason x")
        assert delivery.reply is not None
        assert told in delivery.reply.text
        assert len(stage.events("proposal.refused")) == times

    assert stage.events("proposal.made") == []
    assert_nothing_was_deleted(stage)

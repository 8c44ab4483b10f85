"""The card: for every state and kind of request, what it says, what can be pressed, and that Slack takes it."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest

from deletion.approval.ending import Ending
from deletion.approval.shown import Shown
from deletion.plan.facts import Warn
from deletion.terms import canonical, ramp
from deletion.terms.ids import Digest, proposal_ref
from deletion.terms.progress import Stretch
from deletion.terms.ramp import Stage
from deletion.terms.results.causes import Cause, Halt, Why
from deletion.terms.results.outcomes import GONE, Outcome
from deletion.terms.states import OPEN, State
from handlers.cards import ids, proposal_card
from handlers.text import words
from handlers.text.blocks import Block, Message
from handlers.text.facts import sizes
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from storage.tables.freezes import FreezeRow
from storage.tables.votes import VoteState
from tests.handlers.samples import (
    APPROVER,
    KINDS,
    NOW_MS,
    PROPOSER,
    RECORD,
    SECOND,
    WITH_ITEMS,
    WITHOUT_PLAN,
    Sample,
    freeze,
    view,
    vote,
)
from tests.harness import plans

PLANNED = [state for state in State if state not in WITHOUT_PLAN]
EVERY = [Sample(state, kind) for state in State for kind in KINDS]


def card(sample: Sample) -> Message:
    return proposal_card.card(ENGLISH, view(sample))


def elements(message: Message) -> Iterator[Block]:
    for block in message.blocks:
        if block["type"] == "actions":
            yield from block["elements"]


def element(message: Message, action_id: str) -> Any:
    return next(each for each in elements(message) if each["action_id"] == action_id)


def shown(message: Message) -> str:
    return "\n".join(texts(list(message.blocks)))


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: f"{sample.state}, {sample.kind}")
def test_slack_takes_the_card_of_every_state_and_kind(sample: Sample) -> None:
    message = card(sample)
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert bool(message.blocks) == (sample.state not in WITHOUT_PLAN)


BUTTONS = {
    State.PENDING: [ids.APPROVE, ids.COMMENT, ids.REJECT, ids.ASK, ids.WITHDRAW],
    State.APPROVED: [ids.STOP],
    State.EXECUTING: [ids.STOP],
}


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: f"{sample.state}, {sample.kind}")
def test_a_card_has_the_buttons_for_what_can_still_be_decided_and_no_other(sample: Sample) -> None:
    pressable = [each["action_id"] for each in elements(card(sample))]
    assert pressable == BUTTONS.get(sample.state, [])


def test_what_was_stopped_while_it_was_being_deleted_cannot_be_stopped_again() -> None:
    assert list(elements(card(Sample(State.EXECUTING, halted=BY_A_PERSON)))) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", PLANNED)
def test_the_text_alone_says_number_count_size_state_who_and_why(state: State, kind: str) -> None:
    made = view(Sample(state, kind, count=3))
    text = proposal_card.card(ENGLISH, made).text
    assert made.plan is not None
    things, size = words.things(ENGLISH, made.request, 3), sizes.amount(ENGLISH, made.plan)
    assert re.match(rf"\S+ [A-Za-z ]+ · (Delete )?{things} \({size}\) · #4\. ", text)
    assert f"Proposed by <@{PROPOSER}>. Why: “rights expired”." in text
    assert all(target.title in text for target in plans.targets_of(made.plan))
    assert STANDING[state] in text


BY_A_PERSON = Halt(Cause(why=Why.STOPPED_BY_PERSON), SECOND)
BY_ITSELF = Halt(Cause(why=Why.STOPPING_OUTCOME, outcome=Outcome.FAILED))

STANDING = {
    State.PENDING: "Waiting for 1 approval from somebody other than",
    State.APPROVED: f"Approved by <@{APPROVER}>. The deletion starts now.",
    State.STOPPED: f"Stopped by <@{APPROVER}> before it started: nothing was deleted.",
    State.EXECUTING: f"Deleting now: 3 of 3 done. Approved by <@{APPROVER}>.",
    State.FINISHED: "Finished. 3 ",
    State.REJECTED: f"Rejected by <@{APPROVER}>: nothing was deleted. Their reason: “still in use”.",
    State.WITHDRAWN: f"Withdrawn by <@{PROPOSER}>: nothing was deleted.",
    State.EXPIRED: "Expired: it was not approved in time. Nothing was deleted.",
    State.STALE: "Closed: everything in it was gone from VOD before approval. Nothing was deleted here.",
}


def test_every_state_that_has_a_card_is_in_the_table_above() -> None:
    assert set(STANDING) == set(PLANNED)


@pytest.mark.parametrize("state", sorted(WITHOUT_PLAN))
def test_without_a_plan_there_is_one_sentence(state: State) -> None:
    assert card(Sample(state)).text == f"Proposal #4 {words.STATES[state]}."


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("state", "action_id"), [(state, action_id) for state, found in BUTTONS.items() for action_id in found]
)
def test_a_button_carries_the_record_the_proposal_and_the_digest_and_nothing_else(
    kind: str, state: State, action_id: str
) -> None:
    made = view(Sample(state, kind))
    value = element(proposal_card.card(ENGLISH, made), action_id)["value"]
    assert canonical.loads(value) == {"record": RECORD, "subject": "proposal/4", "digest": made.row.digest}
    assert ids.read_button(value) == Shown(RECORD, proposal_ref(4), Digest(str(made.row.digest)))
    assert len(value) <= 2_000


@pytest.mark.parametrize("kind", KINDS)
def test_the_approving_button_says_what_happens_and_asks_once_more(kind: str) -> None:
    made = view(Sample(kind=kind, count=3))
    button = element(proposal_card.card(ENGLISH, made), ids.APPROVE)
    what = words.things(ENGLISH, made.request, 3)
    assert button["text"]["text"] == f"Approve: delete {what}"
    assert button["style"] == "danger"
    dialog = button["confirm"]
    assert dialog["title"]["text"] == f"Delete {what} for good?"
    assert dialog["text"]["text"].startswith("#4, “")
    assert str(made.row.digest)[:8] in dialog["text"]["text"]
    assert "gone for good" in dialog["text"]["text"]
    assert "and 2 more" in dialog["text"]["text"]


@pytest.mark.parametrize("state", PLANNED)
def test_the_small_print_names_the_plan_and_how_to_look_it_up(state: State) -> None:
    made = view(Sample(state))
    assert made.row.digest is not None
    small = proposal_card.card(ENGLISH, made).blocks[-1]["elements"][0]["text"]
    assert f"plan `{made.row.digest[:8]}`, revision 1" in small
    assert "account …3456 in cn-shanghai" in small
    assert "`/vod status 4`" in small


@pytest.mark.parametrize("outcome", Outcome)
def test_a_finished_card_says_the_word_for_every_item(outcome: Outcome) -> None:
    message = card(Sample(State.FINISHED, count=2, outcomes=(outcome,)))
    assert f"Finished. 2 videos: 2 {outcome}." in message.text
    named = 0 if outcome in GONE else 2
    assert shown(message).count(f"): {words.OUTCOMES[outcome]}.") == named


def test_a_finished_card_counts_each_outcome() -> None:
    outcomes = (Outcome.DELETED, Outcome.REFUSED, Outcome.DELETED)
    message = card(Sample(State.FINISHED, count=3, outcomes=outcomes))
    assert "3 videos: 1 refused, 2 deleted. Approved by" in message.text


def test_while_deleting_an_item_that_is_only_accepted_is_not_done() -> None:
    made = view(Sample(State.EXECUTING, count=2))
    waiting = dataclasses.replace(made.items[1], outcome=None)
    tally = {"deleted": 1, "waiting": 1}
    message = proposal_card.card(ENGLISH, dataclasses.replace(made, items=(made.items[0], waiting), tally=tally))
    assert "Deleting now: 1 of 2 done." in message.text
    assert shown(message).count("Outcome:") == 1


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (
            {"deleted": 300, "refused": 20, "waiting": 640},
            "320 of 960 done; about 320 a minute, about 2 min left. Not deleted so far: 20 refused.",
        ),
        ({"deleted": 59, "waiting": 1}, "59 of 60 done; about 59 a minute, about 2 s left"),
        ({"waiting": 60}, "0 of 60 done. "),
        ({"deleted": 60}, "60 of 60 done. "),
    ],
)
def test_while_deleting_the_card_says_how_far_it_is_how_fast_and_how_long_still(
    tally: dict[str, int], told: str
) -> None:
    made = view(Sample(State.EXECUTING, count=60))
    lately = Stretch(sum(tally.values()) - tally.get("waiting", 0), 60_000)
    made = dataclasses.replace(made, tally=tally, lately=lately)
    assert f"Deleting now: {told}" in proposal_card.card(ENGLISH, made).text


STAGES = (Stage(1, 5), Stage(20, 10), Stage(1_800, 30, 10, 333_333))


@pytest.mark.parametrize(
    ("stage", "below", "told"),
    [
        (0, 1, "1 of 60 done; only the first item for now, about 1 a minute."),
        (1, 21, "1 of 60 done; first 1 item, now 20 items, about 1 a minute."),
        (2, 1_821, "1 of 60 done; first 1 item, then 20 items, now 10 % of VOD's quota, about 1 a minute."),
        (3, None, "1 of 60 done; about 1 a minute, about 59 min left."),
    ],
)
def test_the_card_says_in_which_stage_of_its_beginning_a_deletion_is(
    stage: int, below: int | None, told: str
) -> None:
    made = view(Sample(State.EXECUTING, count=60))
    row = dataclasses.replace(made.row, ramp=ramp.dumps(STAGES), ramp_stage=stage, ramp_below=below)
    lately = Stretch(1, 60_000, is_slow=below is not None)
    made = dataclasses.replace(made, row=row, tally={"deleted": 1, "waiting": 59}, lately=lately)
    assert f"Deleting now: {told}" in proposal_card.card(ENGLISH, made).text


def test_a_trial_of_one_item_is_told_as_that() -> None:
    text = card(Sample(State.EXECUTING, count=60, canary=1)).text
    assert "one item goes first, the rest follows once its absence is verified" in text


IN_AN_HOUR = NOW_MS + 3_600_000
ON_HOLD_ANEW = "it is on hold anew, for 60 s; the deletion starts after that."
HOLDS = "It is on hold until <!date^1767229200^{date_short_pretty} at {time_secs}|2026-01-01 01:00:00 UTC>"


def test_during_the_hold_the_card_says_when_the_deletion_starts_and_who_can_stop_it() -> None:
    message = card(Sample(State.APPROVED, hold_until_ms=IN_AN_HOUR))
    assert f"{HOLDS}, then the deletion starts." in message.text
    assert "Until then nothing of it is deleted, and its proposer or any approver can stop it." in message.text
    assert "Nothing was deleted yet" in element(message, ids.STOP)["confirm"]["text"]["text"]


def test_while_deleting_the_stop_does_not_promise_to_bring_anything_back() -> None:
    dialog = element(card(Sample(State.EXECUTING)), ids.STOP)["confirm"]
    assert dialog["title"]["text"] == "Stop this deletion?"
    assert dialog["text"]["text"].startswith("#4: Calls already sent to VOD cannot be taken back.")
    assert "Nothing was deleted" not in dialog["text"]["text"]


@pytest.mark.parametrize(
    ("state", "hold_s", "told"),
    [
        (State.APPROVED, 0, "The deletion starts after the unfreeze."),
        (State.APPROVED, 60, f"After the unfreeze {ON_HOLD_ANEW}"),
        (State.EXECUTING, 60, "Started, and frozen: 1 of 1 done."),
    ],
)
def test_a_frozen_card_says_so_by_whom_why_and_how_it_goes_on(state: State, hold_s: int, told: str) -> None:
    message = card(Sample(state, hold_until_ms=IN_AN_HOUR, hold_s=hold_s, frozen=freeze("*wrong* `folder`")))
    assert told in message.text
    assert f"Frozen by <@{SECOND}>: no further calls will be sent" in message.text
    assert "until two people, one of them an approver, type `/vod unfreeze`." in message.text
    assert "The reason: `*wrong* \u02cbfolder\u02cb`." in shown(message)
    assert "now" not in message.text


@pytest.mark.parametrize(
    ("state", "hold_s", "told"),
    [
        (State.APPROVED, 0, "The deletion starts once two people have taken this record for the true one."),
        (State.APPROVED, 60, f"Once two people have taken this record for the true one {ON_HOLD_ANEW}"),
        (State.EXECUTING, 60, "Started, and held: 1 of 1 done."),
    ],
)
def test_a_card_of_a_record_that_is_held_speaks_of_no_freeze(state: State, hold_s: int, told: str) -> None:
    message = card(Sample(state, hold_until_ms=IN_AN_HOUR, hold_s=hold_s, lost=True))
    assert told in message.text
    assert "Held: this record does not lead to the newest head in the audit channel." in message.text
    assert not re.search("freeze|frozen", message.text, re.IGNORECASE)


def test_a_card_that_waits_during_a_freeze_says_that_an_approval_alone_deletes_nothing() -> None:
    message = card(Sample(frozen=freeze("wrong folder")))
    told = "even once this is approved, nothing is deleted until two people, one of them an approver, type"
    assert f"Frozen by <@{SECOND}>: {told} `/vod unfreeze`. The reason: `wrong folder`." in message.text
    assert [each["action_id"] for each in elements(message)] == BUTTONS[State.PENDING]


@pytest.mark.parametrize("state", [State.APPROVED, State.EXECUTING])
@pytest.mark.parametrize(("frozen", "place"), [(None, 2), (freeze(), 3)])
def test_the_stop_stands_right_below_the_status(state: State, frozen: FreezeRow | None, place: int) -> None:
    blocks = card(Sample(state, count=19, frozen=frozen)).blocks
    assert [block["type"] for block in blocks[: place + 1]] == ["header", *["section"] * (place - 1), "actions"]


def test_a_freeze_without_a_reason_is_told_without_one() -> None:
    text = card(Sample(State.EXECUTING, frozen=freeze(""))).text
    assert "Frozen by" in text
    assert "reason" not in text


@pytest.mark.parametrize("state", [s for s in PLANNED if s not in OPEN])
def test_what_a_freeze_does_not_keep_waiting_says_nothing_of_it(state: State) -> None:
    assert card(Sample(state, frozen=freeze())).text == card(Sample(state)).text


@pytest.mark.parametrize(
    ("halted", "told"),
    [(BY_A_PERSON, f"Stopped by <@{SECOND}>."), (BY_ITSELF, "Stopped: an item ended as: failed.")],
)
@pytest.mark.parametrize("state", [State.EXECUTING, State.FINISHED])
def test_what_was_stopped_under_way_says_by_whom_or_why(state: State, halted: Halt, told: str) -> None:
    text = card(Sample(state, halted=halted)).text
    assert told in text
    assert "Deleting now" not in text


@pytest.mark.parametrize("state", [state for state in PLANNED if state not in WITH_ITEMS])
def test_no_other_card_tells_of_outcomes(state: State) -> None:
    assert "Outcome:" not in shown(card(Sample(state)))


@pytest.mark.parametrize("warn", Warn)
def test_every_warning_stands_with_its_target(warn: Warn) -> None:
    message = card(Sample(count=2, warnings=(warn,)))
    assert shown(message).count(f"Warning: {words.WARNINGS[warn]}") == 2


def test_votes_so_far_and_votes_being_counted_are_named() -> None:
    votes = (vote(APPROVER), vote(SECOND, VoteState.CAST))
    text = card(Sample(needed=2, votes=votes)).text
    assert "Waiting for 1 approval from" in text
    assert f"Approved so far by <@{APPROVER}>." in text
    assert f"<@{SECOND}> approved; every item is being re-read before the vote counts." in text


def test_the_expiry_is_told_in_the_readers_own_time() -> None:
    assert re.search(r"Expires <!date\^1767312000\^\{date_short_pretty\} at \{time\}\|", card(Sample()).text)


def test_what_expired_after_its_approval_is_not_said_to_be_unapproved() -> None:
    made = view(Sample(State.EXPIRED))
    late = dataclasses.replace(made, row=dataclasses.replace(made.row, execute_by_ms=1))
    text = proposal_card.card(ENGLISH, late).text
    assert "Expired: it was approved, but not executed in time. Nothing was deleted." in text
    assert "not approved" not in text


def test_a_broken_plan_is_told_apart_from_assets_that_are_gone() -> None:
    broken = Ending(because=Cause(why=Why.NOT_THE_APPROVED_PLAN))
    text = card(Sample(State.STALE, ending=broken)).text
    assert "Closed: the stored plan is not the one that was approved. Nothing was deleted here." in text
    assert "gone from VOD" not in text


def test_changes_are_shown_while_they_matter() -> None:
    drift = [("0" * 31 + "1", "title", "Teaser 1", "Trailer")]
    assert "title was Teaser 1, is Trailer" in shown(card(Sample(drift=drift)))
    assert "Trailer" not in shown(card(Sample(State.FINISHED, drift=drift)))


def test_a_picture_says_what_it_is_of() -> None:
    pictures = [block["accessory"] for block in card(Sample()).blocks if "accessory" in block]
    assert [picture["alt_text"] for picture in pictures] == ["Picture of Teaser 1"]


@pytest.mark.parametrize("state", PLANNED)
def test_pictures_are_shown_only_as_long_as_they_help_to_decide(state: State) -> None:
    pictures = [block for block in card(Sample(state)).blocks if "accessory" in block]
    assert bool(pictures) == (state is State.PENDING)


def test_without_its_pictures_the_card_is_the_same() -> None:
    message = card(Sample(count=3))
    bare = message.without_images()
    assert message_problems(list(bare.blocks)) == []
    assert "image_url" not in str(bare.blocks)
    assert (bare.text, len(bare.blocks)) == (message.text, len(message.blocks) - 1)


@pytest.mark.parametrize(
    "cover", ["javascript:alert(1)", "/covers/1.png", "", "https://img.example/" + "x" * 3_000]
)
def test_what_cannot_be_a_picture_is_left_out(cover: str) -> None:
    message = card(Sample(facts={"cover": cover}))
    assert not [block for block in message.blocks if "accessory" in block]
    assert message_problems(list(message.blocks)) == []


def test_an_unknown_size_is_not_told_as_nothing() -> None:
    message = card(Sample(kind="image urls"))
    assert "Delete 1 image (size unknown) · #4" in message.text
    assert "0 B" not in message.text + shown(message)

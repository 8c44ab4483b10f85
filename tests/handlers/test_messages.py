"""What is said outside the card: whatever can be told has words, at every length, and outside text stays text."""

from typing import Any, get_args

import pytest

from deletion.audit import codec, events, notices
from deletion.audit.events import AUDIENCE, Audience, Event
from deletion.audit.notices import Notice
from deletion.terms.ids import ANCHOR, FREEZE, PROPOSAL, Digest, ProposalNumber, freeze_ref
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import FieldChange
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from handlers.cards import anchor_card
from handlers.cards.parts import questions
from handlers.commands.files import told as list_answers
from handlers.text import reasons, words
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH
from handlers.text.told import channel, direct, private, results, thread
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from tests.deletion.every_event import ABOUT, BO, CY, EVERY, NOTICES, ON_A_FREEZE
from tests.handlers import people_told
from tests.handlers.samples import (
    APPROVER,
    BIDI,
    HOSTILE,
    KINDS,
    SECOND,
    Sample,
    hidden_characters,
    mrkdwn_texts,
    outside_code,
    view,
)

FOUR = ProposalNumber(4)


def assert_slack_takes(message: Message) -> None:
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []


def shown(message: Message) -> str:
    return "\n".join(texts(list(message.blocks)))


def told_to(audience: Audience) -> set[type[Event]]:
    return {event for event, audiences in AUDIENCE.items() if audience in audiences}


def events_of(union: Any) -> set[type[Event]]:
    return {each for each in get_args(union) if issubclass(each, Event)}


def test_every_event_has_its_audiences() -> None:
    assert set(AUDIENCE) == set(codec.by_action().values())


@pytest.mark.parametrize(
    ("audience", "union", "earlier"),
    [
        # Earlier versions told the thread when a hold began with the quorum; it may still be owed.
        (Audience.THREAD, thread.ThreadTold | questions.Told, {events.ProposalApproved}),
        (
            Audience.PROPOSER,
            direct.DirectTold | events.ProposalApproved | events.QuestionAsked,
            {events.PlanFrozen},
        ),
        (Audience.VOTER, private.PrivateTold, set()),
    ],
)
def test_whoever_is_told_of_an_event_has_words_for_it_and_no_words_are_idle(
    audience: Audience, union: Any, earlier: set[type[Event]]
) -> None:
    assert told_to(audience) | earlier == events_of(union), "what earlier versions queued still has words"


def test_who_asked_is_told_of_the_answer_alone() -> None:
    assert told_to(Audience.ASKER) == {events.QuestionAnswered}


def test_whose_approval_it_was_is_told_of_that_alone() -> None:
    assert told_to(Audience.APPROVED_BY) == {events.ProposalApproved}


def test_the_channel_has_words_for_what_it_is_told_and_for_votes_that_have_no_card() -> None:
    of_one_post = {events.AnchorLost}
    assert told_to(Audience.CHANNEL) | {events.VoteCounted} == events_of(channel.ChannelTold) | of_one_post


def test_every_notice_is_told_somewhere() -> None:
    told = {
        each
        for union in (thread.ThreadTold, direct.DirectTold, private.PrivateTold, list_answers.ListTold)
        for each in get_args(union)
    }
    told |= people_told.NOTICES
    # All problems with a list are told as a file.
    told.add(notices.ListProblems)
    assert {type(notice) for notice in NOTICES} == {each for each in told if issubclass(each, Notice)}
    assert {type(notice) for notice in NOTICES} == set(Notice.__subclasses__())


def rendered(told: Event | Notice) -> list[Message]:
    """Render something everywhere that it can be told."""
    made = view(Sample(State.FINISHED, reason=HOSTILE))
    messages = []
    if isinstance(told, thread.ThreadTold):
        messages.append(thread.message(ENGLISH, told, made))
    if isinstance(told, questions.Told):
        messages += [questions.message(ENGLISH, told, made), questions.direct(ENGLISH, told, made)]
    if isinstance(told, direct.DirectTold):
        messages.append(direct.message(ENGLISH, told, made, approvals="C0VODDELETE"))
    if isinstance(told, private.PrivateTold):
        messages.append(private.message(ENGLISH, told, made))
    if isinstance(told, list_answers.ListTold):
        messages.append(list_answers.message(ENGLISH, told, approvals="<#C0VODDELETE>"))
    if isinstance(told, notices.ListProblems):
        messages.append(Message(list_answers.problems_comment(ENGLISH, told)))
    if isinstance(told, events.AnchorLost):
        messages.append(anchor_card.card(ENGLISH, told))
    if isinstance(told, channel.ChannelTold):
        messages.append(channel.message(ENGLISH, told))
    messages += people_told.messages(ENGLISH, told)
    return messages


@pytest.mark.parametrize("told", [*EVERY, *ON_A_FREEZE, *NOTICES], ids=lambda told: type(told).__name__)
def test_no_outside_text_gets_out_of_anything_that_is_told(told: Event | Notice) -> None:
    for message in rendered(told):
        assert_slack_takes(message)
        formatted = [text.replace("<!subteam^S0APPROVERS>", "") for text in (message.text, *mrkdwn_texts(message))]
        assert not [text for text in formatted if "<!" in text.replace("<!date^", "")]
        assert not [text for text in formatted if "<@U0DEE" in text or "<http" in text]
        assert "None" not in message.text
        assert message.text == message.text.strip()


def test_a_result_names_the_troubled_first() -> None:
    outcomes = [Outcome.DELETED] * 13 + [Outcome.REFUSED, Outcome.CHANGED]
    message = results.message(ENGLISH, view(Sample(State.FINISHED, count=15, outcomes=outcomes)))
    assert message.text.startswith(
        "#4 is finished, NOT ALL DELETED: 2 of 15. 15 videos: 1 refused, 1 changed, 13 deleted. Teaser 14 ("
    )
    lines = "\n".join(texts(list(message.blocks[1:]))).split("\n")
    assert [line.partition(" (")[0] for line in lines[:4]] == ["Teaser 14", "Teaser 15", "Teaser 1", "Teaser 2"]
    assert lines[14].startswith("Teaser 13 (")
    assert "CSV file" not in lines[-1]


def test_a_result_of_many_names_only_the_troubled_and_leads_to_the_file() -> None:
    outcomes = [Outcome.DELETED] * 18 + [Outcome.REFUSED, Outcome.CHANGED]
    told = shown(results.message(ENGLISH, view(Sample(State.FINISHED, count=20, outcomes=outcomes))))
    assert "20 videos: 1 refused, 1 changed, 18 deleted" in told
    assert "Teaser 19 (" in told
    assert "Teaser 20 (" in told
    assert "Teaser 1 (" not in told
    assert told.endswith("What became of every item is in the CSV file in the thread of the card.")


def test_a_result_of_many_counts_the_troubled_that_it_does_not_name() -> None:
    outcomes = [Outcome.DELETED] * 10 + [Outcome.UNKNOWN] * 30
    told = shown(results.message(ENGLISH, view(Sample(State.FINISHED, count=40, outcomes=outcomes))))
    assert told.count("unknown: VOD's answers do not show") == results.NAMED
    assert "… and 15 more" in told


def test_a_result_that_is_the_wished_one_says_no_more() -> None:
    message = results.message(ENGLISH, view(Sample(State.FINISHED)))
    assert message.text.startswith("#4 is finished. 1 video: 1 deleted. Teaser 1 (")


@pytest.mark.parametrize("outcome", Outcome)
def test_the_causes_of_a_refusal_are_told_only_with_one(outcome: Outcome) -> None:
    message = results.message(ENGLISH, view(Sample(State.FINISHED, outcomes=(outcome,))))
    assert ("VOD gives no reason." in shown(message)) == (outcome is Outcome.REFUSED)
    assert words.OUTCOMES[outcome] in shown(message)
    assert ("NOT ALL DELETED" in message.text) == (outcome not in {Outcome.DELETED, Outcome.ALREADY_GONE})


NOTES: list[tuple[ItemNote, str]] = [
    (ItemNote(drift=(FieldChange("title", "Old", "New"),)), ": title was Old, is New."),
    (ItemNote(drift=(FieldChange("category", "", "New"),)), ": category was empty, is New."),
    (
        ItemNote(fault=VodFault(code="Forbidden.RAM", advice="Grant vod:DeleteVideo.")),
        ": Forbidden.RAM. Grant vod:DeleteVideo.",
    ),
    (ItemNote(fault=VodFault(code="X")), ": X."),
    (ItemNote(because=Cause(why=Why.ACCOUNT_REFUSED, vod_code="X")), ": VOD refused this account (X)."),
    (ItemNote(sent_ms=5), "."),
]


@pytest.mark.parametrize(("note", "ending"), NOTES, ids=str)
def test_a_troubled_item_says_why(note: ItemNote, ending: str) -> None:
    sample = Sample(State.FINISHED, outcomes=(Outcome.CHANGED,), item_note=note)
    line = shown(results.message(ENGLISH, view(sample))).split("\n")[1]
    assert line.endswith(f"{words.OUTCOMES[Outcome.CHANGED]}{ending}")


def test_what_was_deleted_after_all_carries_no_trouble_from_the_way() -> None:
    note = ItemNote(fault=VodFault(code="ServiceUnavailable", advice="Wait."), sent_ms=5)
    message = results.message(ENGLISH, view(Sample(State.FINISHED, item_note=note)))
    assert "ServiceUnavailable" not in shown(message) + message.text


@pytest.mark.parametrize(("kind", "count"), [*((kind, 20) for kind in KINDS), ("videos", 1), ("videos", 1_000)])
def test_slack_takes_a_result_at_its_largest_and_no_line_is_lost(kind: str, count: int) -> None:
    note = ItemNote(drift=(FieldChange("title", HOSTILE * 3, BIDI * 5),) * 12)
    facts = {"title": "t" * 500}
    count = min(count, KINDS[kind].most)
    made = view(Sample(State.FINISHED, kind, count, facts=facts, outcomes=(Outcome.CHANGED,), item_note=note))
    message = results.message(ENGLISH, made)
    assert_slack_takes(message)
    assert shown(message).count("changed since approval") == min(count, results.NAMED)


@pytest.mark.parametrize("why", Why)
def test_every_cause_has_words_that_end_a_sentence(why: Why) -> None:
    told = reasons.cause(ENGLISH, Cause(why=why, outcome=Outcome.FAILED, words="the earlier words"))
    assert told
    assert told == told.strip(". ")


def said(told: thread.ThreadTold) -> str:
    return thread.message(ENGLISH, told, view(Sample(State.EXECUTING))).text


def test_who_stopped_a_deletion_or_what_is_told_with_how_much_stays() -> None:
    before = said(events.ProposalStopped(about=ABOUT, by=BO))
    person = Cause(why=Why.STOPPED_BY_PERSON)
    by_a_person = said(events.ExecutionStopped(about=ABOUT, by=BO, because=person, count=1))
    failed = Cause(why=Why.STOPPING_OUTCOME, outcome=Outcome.FAILED)
    by_itself = said(events.ExecutionStopped(about=ABOUT, because=failed, count=40))
    assert before == f"<@{APPROVER}> stopped this before it started. Nothing was deleted."
    assert by_a_person.startswith(
        f"*<@{APPROVER}> stopped this.* No further calls will be sent: 1 item was still waiting. Calls already sent"
    )
    assert by_itself.startswith(
        "*Stopped: an item ended as: failed.* No further calls will be sent: 40 items were still waiting. "
    )


@pytest.mark.parametrize(
    ("per_minute", "left_s", "ending"),
    [
        (None, None, "."),
        (560, 40, "; about 560 a minute, about 40 s left."),
        (1_200, 89, "; about 1,200 a minute, about 89 s left."),
        (1, 90, "; about 1 a minute, about 2 min left."),
        (1, 7_500, "; about 1 a minute, about 2 h 5 min left."),
    ],
)
def test_progress_is_told_with_its_rate_and_the_time_left(
    per_minute: int | None, left_s: int | None, ending: str
) -> None:
    notice = notices.ProgressMade(number=FOUR, done=1_000, total=5_000, per_minute=per_minute, left_s=left_s)
    assert said(notice) == f"1,000 of 5,000 done{ending}"


def test_a_quorum_is_told_with_the_people_who_made_it_and_the_time_to_stop_it() -> None:
    approved = events.ProposalApproved(
        about=ABOUT, digest=Digest(""), approvals=(str(BO), str(CY)), hold_until_ms=1_767_225_600_000, hold_s=60
    )
    assert said(approved).startswith(
        f"Quorum reached: approved by <@{APPROVER}> and <@{SECOND}>. On hold until <!date^1767225600^"
    )


@pytest.mark.parametrize(
    "told",
    [
        events.FreezeBegun(about=freeze_ref(1), by=BO, why=""),
        events.VoteCounted(about=freeze_ref(1), by=BO, counted=1, needed=2),
    ],
)
def test_a_frozen_channel_is_told_how_it_goes_on(told: channel.ChannelTold) -> None:
    text = channel.message(ENGLISH, told).text
    assert "two people, one of them an approver" in text
    assert "`/vod unfreeze`" in text
    assert "reason" not in text


def test_two_people_who_voted_to_unfreeze_and_are_no_approvers_are_told_who_is_missing() -> None:
    told = events.VoteCounted(about=freeze_ref(1), by=BO, counted=2, needed=2)
    assert channel.message(ENGLISH, told).text == (
        f"<@{APPROVER}> voted to unfreeze: 2 of 2 people. None of them is an approver: now an approver has to type "
        "`/vod unfreeze`."
    )


@pytest.mark.parametrize(
    "told",
    [
        events.FreezeBegun(about=freeze_ref(1), by=BO, why="*bold* `tick` _x_"),
        events.ProposalRejected(about=ABOUT, by=BO, why="*bold* `tick` _x_"),
    ],
)
def test_a_reason_stands_as_code(told: Event) -> None:
    messages = rendered(told)
    assert messages
    for message in messages:
        assert not [text for text in mrkdwn_texts(message) if "bold" in outside_code(text)]
        assert "bold" in message.text


def test_a_closed_proposal_is_told_with_its_own_reason() -> None:
    broken = Cause(why=Why.NOT_THE_APPROVED_PLAN)
    gone_text, broken_text = (
        direct.message(ENGLISH, told, None, approvals="C1").text
        for told in (events.AssetsGone(about=ABOUT), events.PlanBroken(about=ABOUT, because=broken))
    )
    assert gone_text == "#4 is closed: nothing of it is in VOD any more. Nothing was deleted here."
    assert broken_text == (
        "*#4 is closed: the stored plan is not the one that was approved.* Nothing was deleted here."
    )


@pytest.mark.parametrize(
    ("told", "opening"),
    [
        (notices.VoterUnconfirmed(number=ProposalNumber(4), on=PROPOSAL), "Your approval of #4 is saved"),
        (notices.VoterUnconfirmed(on=FREEZE), "Your vote to unfreeze is saved"),
        (notices.VoterUnconfirmed(on=ANCHOR), "Your vote for this record is saved"),
    ],
)
def test_a_vote_that_waits_for_slack_says_what_it_is_on(told: notices.VoterUnconfirmed, opening: str) -> None:
    assert private.message(ENGLISH, told, None).text.startswith(opening)


def test_a_vote_that_does_not_count_says_what_it_was_on() -> None:
    refusal = Refusal(Rule.GUEST)
    on_proposal = private.message(ENGLISH, events.VoteVoided(about=ABOUT, by=BO, refusal=refusal), None).text
    on_freeze = private.message(ENGLISH, events.VoteVoided(about=freeze_ref(1), by=BO, refusal=refusal), None).text
    assert on_proposal.startswith("Your approval of #4 was not counted. Guests ")
    assert on_freeze.startswith("Your vote to unfreeze was not counted. Guests ")

"""A proposal in the audit channel: at every state it says what, who, why and what became of it."""

import pytest

from deletion.approval.ending import Ending
from deletion.terms.results.causes import Cause, Halt, Why
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from handlers.cards.audit_card import audit_card, bare
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH
from handlers.text.proposals import headline
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from tests.handlers.samples import (
    APPROVER,
    BIDI,
    HOSTILE,
    KINDS,
    NOW_MS,
    PROPOSER,
    SECOND,
    WITHOUT_PLAN,
    Sample,
    freeze,
    hidden_characters,
    mrkdwn_texts,
    view,
)

LINK = "https://example.slack.com/archives/C0VODDELETE/p1767225600000001"


def card(sample: Sample, *, link: str | None = LINK) -> Message:
    return audit_card(ENGLISH, view(sample), link=link)


def assert_slack_takes(message: Message) -> None:
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []


def everything(message: Message) -> str:
    return "\n".join([message.text, *texts(list(message.blocks))])


@pytest.mark.parametrize("state", State)
def test_a_mark_and_a_word_come_first_and_what_it_is_about(state: State) -> None:
    made = view(Sample(state))
    message = audit_card(ENGLISH, made, link=LINK)
    assert_slack_takes(message)
    first = headline.headline(ENGLISH, made)
    for text in (message.text, next(iter(texts(list(message.blocks)))), bare(ENGLISH, made).text):
        assert text.startswith(first)
        assert "#4" in text
        assert "1 video" in text


def test_a_deletion_that_the_program_stopped_before_it_started_says_why() -> None:
    ending = Ending(because=Cause(why=Why.PROPOSER_GONE))
    shown = everything(card(Sample(State.STOPPED, ending=ending)))
    assert "*Stopped* before it started: its proposer is no longer a full member of this workspace" in shown


@pytest.mark.parametrize("state", State)
def test_who_why_and_which_items_are_told_at_every_state(state: State) -> None:
    told = everything(card(Sample(state)))
    assert f"<@{PROPOSER}>" in told
    assert "rights expired" in told
    assert ("Teaser 1" in told) == (state not in WITHOUT_PLAN)
    assert f"<{LINK}|The card>" in told


@pytest.mark.parametrize("state", State)
def test_no_full_stop_is_doubled(state: State) -> None:
    assert ".." not in everything(card(Sample(state)))


def test_without_a_card_there_is_no_link() -> None:
    assert "The card" not in everything(card(Sample(), link=None))


@pytest.mark.parametrize("outcome", Outcome)
def test_a_deletion_is_told_only_of_what_is_gone(outcome: Outcome) -> None:
    message = card(Sample(State.FINISHED, count=3, outcomes=(Outcome.DELETED, Outcome.DELETED, outcome)))
    head = {Outcome.DELETED: "✅ Deleted", Outcome.ALREADY_GONE: "✅ All gone"}.get(outcome, "⚠️ NOT ALL DELETED")
    assert message.text.startswith(f"{head} · ")
    assert "Outcome: 3 videos: " in message.text


def test_votes_are_told_with_the_people() -> None:
    assert "Approved by nobody yet (0 of 2)" in card(Sample(needed=2)).text
    assert f"Approved by <@{APPROVER}> (1 of 1)" in card(Sample(State.APPROVED)).text


@pytest.mark.parametrize(
    ("sample", "told"),
    [
        (Sample(State.REJECTED), f"Rejected by <@{APPROVER}>: `still in use`"),
        (Sample(State.STOPPED), f"by <@{APPROVER}>"),
        (Sample(State.WITHDRAWN), "Withdrawn by its proposer"),
        (Sample(State.STALE), "Closed: nothing of it is in VOD any more"),
        (
            Sample(State.STALE, ending=Ending(because=Cause(why=Why.NOT_THE_APPROVED_PLAN))),
            "Closed: the stored plan is not the one that was approved",
        ),
        (Sample(State.FAILED), "Not opened: Nothing of it can be deleted"),
        (
            Sample(State.EXECUTING, halted=Halt(Cause(why=Why.STOPPED_BY_PERSON), SECOND)),
            f"Stopped under way by <@{SECOND}>",
        ),
        (
            Sample(State.EXECUTING, halted=Halt(Cause(why=Why.STOPPING_OUTCOME, outcome=Outcome.FAILED))),
            "Stopped under way: an item ended as: failed",
        ),
    ],
)
def test_who_or_what_ended_it_is_told(sample: Sample, told: str) -> None:
    message = card(sample)
    assert told in message.text
    assert told in everything(Message("", message.blocks)).replace("*", "")


def test_a_deletion_that_is_stopped_or_frozen_under_way_says_so_first() -> None:
    halted = Halt(Cause(why=Why.STOPPED_BY_PERSON), SECOND)
    assert card(Sample(State.EXECUTING, halted=halted)).text.startswith("🛑 Stopping")
    assert card(Sample(State.EXECUTING, frozen=freeze())).text.startswith("🧊 Frozen")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", State)
def test_slack_takes_the_largest_and_no_outside_text_gets_out(kind: str, state: State) -> None:
    facts = {"title": HOSTILE * 4 + BIDI * 9}
    ending = Ending(actor=APPROVER, why=HOSTILE * 9, because=Cause(why=Why.EARLIER_WORDS, words=HOSTILE * 9))
    halted = Halt(Cause(why=Why.EARLIER_WORDS, words=HOSTILE * 9)) if state is State.EXECUTING else None
    sample = Sample(
        state,
        kind,
        min(1_000, KINDS[kind].most),
        reason=HOSTILE * 9,
        facts=facts,
        ending=ending,
        halted=halted,
        hold_until_ms=NOW_MS,
    )
    message = card(sample)
    assert_slack_takes(message)
    formatted = [message.text, *mrkdwn_texts(message)]
    assert not [text for text in formatted if "<!" in text.replace("<!date^", "")]
    assert not [text for text in formatted if "<@U0DEE" in text or "<https://evil" in text]

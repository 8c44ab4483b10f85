"""The short card of what is over: the result, who approved and when, what is left and why; not the plan again."""

import dataclasses
import re

import pytest

from deletion.approval.shown import Shown
from deletion.terms.ids import Digest, proposal_ref
from deletion.terms.results.causes import Cause, Halt, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import FieldChange
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import GONE, Outcome
from deletion.terms.states import TERMINAL, State
from deletion.views import CardPlace, ItemView, OtherProposal, ProposalView
from handlers.cards import ids, proposal_card
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH
from handlers.text.told import results
from sandbox.slack.model.block_kit.blocks import texts
from tests.handlers.samples import APPROVER, KINDS, NOW_MS, RECORD, WITHOUT_PLAN, Sample, media_id, said, view

OVER = sorted(TERMINAL - WITHOUT_PLAN)


def card(made: ProposalView) -> Message:
    return proposal_card.card(ENGLISH, made)


def shown(made: ProposalView) -> str:
    return "\n".join(texts(list(card(made).blocks)))


def at(made: ProposalView, *, decided_ms: int, finished_ms: int) -> ProposalView:
    row = dataclasses.replace(made.row, decided_ms=decided_ms, finished_ms=finished_ms)
    return dataclasses.replace(made, row=row)


@pytest.mark.parametrize("state", OVER)
@pytest.mark.parametrize("kind", KINDS)
def test_it_does_not_say_the_whole_plan_again(state: State, kind: str) -> None:
    made = view(Sample(state, kind, count=min(19, KINDS[kind].most)))
    assert len(card(made).blocks) <= 8
    assert not any(block["type"] in {"actions", "divider"} for block in card(made).blocks)
    assert "Goes with it" not in shown(made)


@pytest.mark.parametrize("state", OVER)
def test_it_names_the_first_titles_and_counts_the_rest(state: State) -> None:
    told = shown(view(Sample(state, count=8)))
    assert f"Teaser 5 ({media_id(5)})\n… and 3 more\n" in told
    assert "Teaser 6" not in told


def test_it_says_who_approved_when_and_when_it_ended() -> None:
    made = at(view(Sample(State.FINISHED)), decided_ms=NOW_MS, finished_ms=NOW_MS + 60_000)
    (status,) = [text for text in texts(list(card(made).blocks)) if text.startswith("*Finished.*")]
    approved, ended = (
        f"<!date^{(NOW_MS + after) // 1000}^{{date_short_pretty}} at {{time}}|" for after in (0, 60_000)
    )
    assert re.fullmatch(
        rf"\*Finished\.\* 1 video: 1 deleted\. Approved by <@{APPROVER}>, {re.escape(approved)}.*>\. "
        rf"Ended {re.escape(ended)}.*>\.",
        status,
    )


@pytest.mark.parametrize("state", sorted(set(OVER) - {State.FINISHED}))
def test_what_was_never_begun_says_when_it_ended(state: State) -> None:
    made = at(view(Sample(state)), decided_ms=NOW_MS, finished_ms=NOW_MS)
    assert card(made).text.count("Ended <!date^") == 1


def test_items_in_trouble_are_named_with_the_reason_and_the_others_are_not() -> None:
    made = view(Sample(State.FINISHED, count=3, outcomes=(Outcome.DELETED, Outcome.CHANGED, Outcome.DELETED)))
    note = ItemNote(drift=(FieldChange("title", "Old", "New"),))
    troubled = (ItemView(media_id(2), Outcome.CHANGED, note), *made.items[::2])
    told = shown(dataclasses.replace(made, troubled=troubled))
    assert f"Teaser 2 ({media_id(2)}): changed since approval, not deleted: title was Old, is New.\n" in told
    assert "Teaser 1" not in told
    assert "3 videos: 1 changed, 2 deleted" in told


def test_of_many_in_trouble_the_rest_is_counted_without_those_that_are_gone() -> None:
    outcomes = (*[Outcome.DELETED] * 2, *[Outcome.FAILED] * 3)
    told = shown(view(Sample(State.FINISHED, count=50, outcomes=outcomes)))
    assert told.count("failed: still present when re-checked") == min(results.NAMED, 20)
    assert "… and 15 more" in told


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_refusal_only_advice_that_fits_the_level_is_given(kind: str) -> None:
    told = shown(view(Sample(State.FINISHED, kind, outcomes=(Outcome.REFUSED,))))
    assert "application that owns the media" in told
    assert ("needs --force" in told) == (kind == "mezzanines")


def test_where_vod_named_its_reason_nobody_is_told_that_it_gives_none() -> None:
    forbidden = ItemNote(fault=VodFault(code="Forbidden.RAM", advice="permit"))
    told = shown(view(Sample(State.FINISHED, outcomes=(Outcome.REFUSED,), item_note=forbidden)))
    assert "refused by VOD: Forbidden.RAM." in told
    assert "gives no reason" not in told


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.DELETED}))
def test_an_outcome_that_is_not_deleted_never_sounds_like_it(outcome: Outcome) -> None:
    message = card(view(Sample(State.FINISHED, count=2, outcomes=(outcome,))))
    head = message.text.partition("·")[0]
    assert "✅" not in "".join(said(message))
    assert "Deleted" not in head


LEFT = sorted(set(Outcome) - GONE)


@pytest.mark.parametrize("outcome", LEFT)
def test_whatever_is_or_may_be_left_can_be_proposed_again(outcome: Outcome) -> None:
    made = view(Sample(State.FINISHED, count=3, outcomes=(Outcome.DELETED, Outcome.ALREADY_GONE, outcome)))
    (button,) = [block["elements"][0] for block in card(made).blocks if block["type"] == "actions"]
    assert button["action_id"] == ids.AGAIN
    assert button["text"]["text"] == "Propose the rest again: 1 video"
    assert ids.read_button(button["value"]) == Shown(RECORD, proposal_ref(4), Digest(made.row.digest or ""))
    assert button["confirm"]["text"]["text"].startswith("You propose 1 video of #4 again, for the same reason.")


@pytest.mark.parametrize("outcome", sorted(GONE))
def test_what_is_gone_is_not_offered_again(outcome: Outcome) -> None:
    made = view(Sample(State.FINISHED, count=3, outcomes=(outcome,)))
    assert not any(block["type"] == "actions" for block in card(made).blocks)


def test_the_card_names_the_proposal_of_its_rest_instead_of_offering_it() -> None:
    other = OtherProposal(9, CardPlace("C0VODDELETE", "1700000000.000100"))
    made = view(Sample(State.FINISHED, count=3, outcomes=(Outcome.REFUSED,), again=other))
    message = proposal_card.card(ENGLISH, made, home="https://example.slack.com/")
    link = "<https://example.slack.com/archives/C0VODDELETE/p1700000000000100|#9>"
    assert f"The rest was *proposed again* as {link}." in texts(list(message.blocks))
    assert "The rest was proposed again as #9." in message.text
    assert not any(block["type"] == "actions" for block in message.blocks)


ENDS_WITH_A_STOP = ItemNote(fault=VodFault(code="Forbidden.RAM", advice="Grant vod:DeleteVideo."))
EARLIER = Halt(Cause(why=Why.EARLIER_WORDS, words="VOD refused this account."))


@pytest.mark.parametrize("state", sorted(set(State) - WITHOUT_PLAN))
@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_ends_twice(state: State, kind: str) -> None:
    sample = Sample(
        state,
        kind,
        count=2,
        reason="Rights expired.",
        facts={"title": "Teaser."},
        outcomes=(Outcome.REFUSED,),
        item_note=ENDS_WITH_A_STOP,
        halted=EARLIER,
    )
    assert not [text for text in said(card(view(sample))) if ".." in text]

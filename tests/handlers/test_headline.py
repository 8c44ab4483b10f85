"""The head of a card: one mark and one word first, and a result that is not the wished one before anything else."""

import dataclasses
import re

import pytest

from deletion.plan.facts import Warn
from deletion.terms.results.causes import Cause, Halt, Why
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from handlers.cards import proposal_card
from handlers.text.language import ENGLISH, Language, languages
from handlers.text.proposals import headline
from handlers.text.told import results
from tests.handlers.samples import KINDS, NOW_MS, SECOND, WITHOUT_PLAN, Sample, freeze, view

HALTED = Halt(Cause(why=Why.STOPPED_BY_PERSON), SECOND)
WHAT = "3 videos (49.7 MB) · #4"

HEADS = [
    (Sample(State.COLLECTING, count=3), "🔎 Reading · Delete 3 videos · #4"),
    (Sample(State.FAILED, count=3), "⚠️ Not opened · Delete 3 videos · #4"),
    (Sample(State.PENDING, count=3), f"⏳ Waiting · Delete {WHAT}"),
    (Sample(State.PENDING, count=3, frozen=freeze()), f"⏳ Waiting · Delete {WHAT}"),
    (Sample(State.APPROVED, count=3, hold_until_ms=NOW_MS + 1), f"⏸️ On hold · Delete {WHAT}"),
    (Sample(State.APPROVED, count=3, hold_until_ms=NOW_MS), f"▶️ Starting · Delete {WHAT}"),
    (Sample(State.APPROVED, count=3), f"▶️ Starting · Delete {WHAT}"),
    (Sample(State.APPROVED, count=3, frozen=freeze()), f"🧊 Frozen · Delete {WHAT}"),
    (Sample(State.EXECUTING, count=3), f"🗑️ Deleting · {WHAT}"),
    (Sample(State.EXECUTING, count=3, frozen=freeze()), f"🧊 Frozen · Delete {WHAT}"),
    (Sample(State.EXECUTING, count=3, halted=HALTED), f"🛑 Stopping · Delete {WHAT}"),
    (Sample(State.EXECUTING, count=3, halted=HALTED, frozen=freeze()), f"🛑 Stopping · Delete {WHAT}"),
    (Sample(State.REJECTED, count=3), f"⛔ Rejected · Delete {WHAT}"),
    (Sample(State.WITHDRAWN, count=3), f"↩️ Withdrawn · Delete {WHAT}"),
    (Sample(State.STOPPED, count=3), f"🛑 Stopped · Delete {WHAT}"),
    (Sample(State.EXPIRED, count=3), f"⌛ Expired · Delete {WHAT}"),
    (Sample(State.STALE, count=3), f"⚪ Closed · Delete {WHAT}"),
    (Sample(State.FINISHED, count=3), f"✅ Deleted · {WHAT}"),
]


def test_every_state_is_in_the_table_above() -> None:
    assert {sample.state for sample, _ in HEADS} == set(State)


@pytest.mark.parametrize(("sample", "head"), HEADS)
def test_a_head_is_a_mark_a_word_what_it_is_about_and_the_number(sample: Sample, head: str) -> None:
    assert headline.line(ENGLISH, view(sample)) == head


@pytest.mark.parametrize(("sample", "head"), HEADS)
def test_a_mark_never_stands_without_its_word(sample: Sample, head: str) -> None:
    assert re.match(r"\S+ [A-Z]", headline.headline(ENGLISH, view(sample)))
    assert head.startswith(headline.headline(ENGLISH, view(sample)))


@pytest.mark.parametrize("sample", [sample for sample, _ in HEADS if sample.state not in WITHOUT_PLAN])
def test_it_comes_first_in_the_header_and_in_the_text(sample: Sample) -> None:
    made = view(sample)
    message = proposal_card.card(ENGLISH, made)
    assert message.blocks[0]["type"] == "header"
    assert message.blocks[0]["text"]["text"] == headline.line(ENGLISH, made)
    assert message.text.startswith(f"{headline.line(ENGLISH, made)}. ")


DELETED, GONE, REFUSED, FAILED = Outcome.DELETED, Outcome.ALREADY_GONE, Outcome.REFUSED, Outcome.FAILED
ACCEPTED, CHANGED, STOPPED, UNKNOWN = Outcome.ACCEPTED, Outcome.CHANGED, Outcome.STOPPED, Outcome.UNKNOWN

RESULTS = [
    ((DELETED, DELETED, FAILED), "1 of 3 is still in VOD"),
    ((DELETED, FAILED, FAILED), "2 of 3 are still in VOD"),
    ((DELETED, REFUSED, REFUSED), "2 of 3 refused by VOD"),
    ((GONE, GONE, CHANGED), "1 of 3 changed since approval, not deleted"),
    ((DELETED, STOPPED, STOPPED), "2 of 3 stopped, not deleted"),
    ((DELETED, DELETED, ACCEPTED), "1 of 3 accepted by VOD, absence not verified"),
    ((DELETED, DELETED, UNKNOWN), "1 of 3 not verified as deleted: 1 unknown"),
    ((DELETED, REFUSED, FAILED), "2 of 3 not deleted: 1 failed, 1 refused"),
    ((DELETED, REFUSED, UNKNOWN), "2 of 3 not verified as deleted: 1 refused, 1 unknown"),
    ((ACCEPTED, REFUSED, FAILED), "3 of 3 not verified as deleted: 1 failed, 1 refused, 1 accepted"),
]


@pytest.mark.parametrize(("outcomes", "told"), RESULTS)
def test_a_result_that_is_not_the_wished_one_leads(outcomes: tuple[Outcome, ...], told: str) -> None:
    made = view(Sample(State.FINISHED, count=3, outcomes=outcomes))
    assert headline.line(ENGLISH, made) == f"⚠️ NOT ALL DELETED · {told} · #4"


@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_is_verified_as_gone_is_called_deleted(outcome: Outcome) -> None:
    head = headline.headline(ENGLISH, view(Sample(State.FINISHED, count=2, outcomes=(DELETED, outcome))))
    assert head == {DELETED: "✅ Deleted", GONE: "✅ All gone"}.get(outcome, "⚠️ NOT ALL DELETED")


def test_what_only_in_part_was_deleted_here_is_not_called_deleted() -> None:
    made = view(Sample(State.FINISHED, count=3, outcomes=(DELETED, GONE, GONE)))
    assert headline.line(ENGLISH, made) == "✅ All gone · 1 of 3 deleted, the rest already gone · #4"


def test_what_was_gone_before_was_not_deleted_here() -> None:
    made = view(Sample(State.FINISHED, count=3, outcomes=(GONE,)))
    assert headline.line(ENGLISH, made) == f"⚪ Already gone · {WHAT}"


@pytest.mark.parametrize("tally", [{}, {"waiting": 1}, {"deleted": 2, "waiting": 1}])
def test_a_result_in_which_something_has_no_outcome_is_not_called_deleted(tally: dict[str, int]) -> None:
    made = dataclasses.replace(view(Sample(State.FINISHED, count=3)), tally=tally)
    assert headline.headline(ENGLISH, made) == "⚠️ NOT ALL DELETED"


def test_where_vod_does_not_say_everything_the_size_is_a_minimum() -> None:
    bare = {"source": None, "streams": ()}
    head = headline.line(ENGLISH, view(Sample(count=2, facts=bare, warnings=(Warn.NOT_WRITABLE,))))
    assert "Delete 2 videos (at least 25.2 MB)" in head


def test_of_sets_of_images_their_number_is_told() -> None:
    assert "Delete 2 image sets (4 images)" in headline.line(ENGLISH, view(Sample(kind="images of", count=2)))


@pytest.mark.parametrize("lang", languages().values(), ids=list(languages()))
def test_a_head_that_would_be_too_long_leaves_the_counts_to_what_follows(lang: Language) -> None:
    tally: dict[str, int] = {**dict.fromkeys(Outcome, 12_121), DELETED: 33_334}
    made = dataclasses.replace(view(Sample(State.FINISHED, count=3)), tally=tally)
    head = headline.line(lang, made)
    assert len(head) <= 150
    assert lang.number(72_726) in head
    assert lang.number(118_181) in head
    assert head.endswith("#4")
    assert results.summed_up(lang, made).count(lang.number(12_121)) == 7


def test_a_head_counts_a_hundred_thousand_by_what_became_of_them() -> None:
    tally: dict[str, int] = {REFUSED: 12_345, CHANGED: 23_456, UNKNOWN: 11_111, DELETED: 53_088}
    made = dataclasses.replace(view(Sample(State.FINISHED, count=3)), tally=tally)
    told = "46,912 of 100,000 not verified as deleted: 12,345 refused, 23,456 changed, 11,111 unknown"
    assert headline.line(ENGLISH, made) == f"⚠️ NOT ALL DELETED · {told} · #4"


@pytest.mark.parametrize("kind", KINDS)
def test_slack_takes_the_longest_head(kind: str) -> None:
    count = min(KINDS[kind].most, 1_000)
    made = view(Sample(kind=kind, count=count, facts={"size": 10**15} if kind == "videos" else None))
    assert len(headline.line(ENGLISH, made)) <= 150

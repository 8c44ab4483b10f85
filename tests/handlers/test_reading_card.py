"""The message about a reading: what it says of each state, in both languages."""

from dataclasses import replace

import pytest

from deletion.collection.following import Phase, ReadingProgress
from deletion.terms.ids import Digest
from deletion.terms.progress import Progress
from deletion.terms.requests.query import Condition, Field, Op, Query
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.cards import ids, reading_card
from handlers.text.language import ENGLISH, Language, languages
from handlers.text.told.private import Around
from sandbox.slack.model.block_kit.blocks import message_problems
from tests.handlers.samples import NOW_MS, RECORD, WITHOUT_PLAN, Sample, view

AROUND = Around("<#C0VODDELETE>", "https://home.slack.com/")
ASKED = Digest("a" * 64)


def reading(progress: ReadingProgress, count: int = 300) -> ProposalView:
    return replace(view(Sample(State.COLLECTING, count=count)), reading=progress, asked_digest=ASKED)


def read(done: int, total: int, per_minute: int | None, left_s: int | None) -> ReadingProgress:
    return ReadingProgress(Phase.READ, done, Progress(done, total, per_minute, left_s), NOW_MS)


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (read(0, 20_000, None, None), "Reading from VOD: 0 of 20,000 read."),
        (
            read(4_200, 20_000, 2_400, 395),
            "Reading from VOD: 4,200 of 20,000 read; about 2,400 a minute, about 7 min left.",
        ),
        (
            read(20_000, 20_000, 2_400, 0),
            "Reading from VOD: all 20,000 read; the list is being put together.",
        ),
        (ReadingProgress(Phase.SEARCH, 300, None, NOW_MS), "Looking in VOD for what matches: 300 found so far."),
        (
            ReadingProgress(Phase.SEARCH, 300, Progress(300, 900, 600, 60), NOW_MS),
            "Looking in VOD for what matches: 300 of 900 found; about 600 a minute, about 60 s left.",
        ),
        (
            ReadingProgress(Phase.PAUSE, 300, Progress(300, 900, None, None), NOW_MS),
            "Reading from VOD is paused after 300 of 900; retrying automatically.",
        ),
        (
            ReadingProgress(Phase.PAUSE, 300, None, NOW_MS),
            "Reading from VOD is paused after 300; retrying automatically.",
        ),
    ],
)
def test_it_says_how_far_it_is_and_offers_to_withdraw(progress: ReadingProgress, words: str) -> None:
    message = reading_card.card(ENGLISH, reading(progress), AROUND)
    assert message.text == f"🔎 Reading · Delete 300 videos · #4. {words}"
    (button,) = message.blocks[-1]["elements"]
    assert (button["action_id"], button["text"]["text"]) == (ids.WITHDRAW, "Withdraw")
    found = ids.read_button(button["value"])
    assert found is not None
    assert (found.record, found.digest, found.number) == (RECORD, ASKED, 4)
    assert "confirm" not in button


def test_of_a_query_it_names_what_is_looked_for() -> None:
    query = Query((Condition(Field.CATEGORY, Op.IS, "Old"),))
    asked = replace(reading(ReadingProgress(Phase.SEARCH, 0, None, NOW_MS)), request=Videos((), query), asked=0)
    assert "Delete the videos that match a query" in reading_card.card(ENGLISH, asked, AROUND).text


@pytest.mark.parametrize("state", sorted(set(State) - WITHOUT_PLAN))
def test_once_it_is_read_it_says_what_stays_true_whatever_becomes_of_it(state: State) -> None:
    message = reading_card.card(ENGLISH, view(Sample(state, count=3)), AROUND)
    assert message.text == (
        "*#4 was read*: 3 videos (49.7 MB). "
        "Its card is <https://home.slack.com/archives/C0VODDELETE/p1767225600000001|#4> in <#C0VODDELETE>."
    )


def test_before_the_card_is_there_it_says_that_it_is_on_its_way() -> None:
    found = view(Sample())
    cardless = replace(found, row=replace(found.row, card_channel=None, card_ts=None))
    told = reading_card.card(ENGLISH, cardless, AROUND).text
    assert told == (
        "*#4 was read*: 1 video (16.6 MB). Its card is being posted in <#C0VODDELETE>; it can be approved then."
    )


def test_what_was_not_opened_says_why() -> None:
    told = reading_card.card(ENGLISH, view(Sample(State.FAILED)), AROUND).text
    assert told.startswith("*Reading #4 is over*: it was not opened. Nothing of it can be deleted: ")
    assert "(not found in VOD)" in told


def test_what_was_withdrawn_while_it_was_read_says_so() -> None:
    found = replace(view(Sample(State.WITHDRAWN)), plan=None)
    told = reading_card.card(ENGLISH, found, AROUND).text
    assert told == "*Reading #4 was stopped*: you withdrew it. Nothing will be deleted."


@pytest.mark.parametrize("lang", languages().values(), ids=languages())
@pytest.mark.parametrize("state", State)
def test_slack_takes_it_in_every_language(lang: Language, state: State) -> None:
    found = view(Sample(state, count=300))
    if state is State.COLLECTING:
        found = reading(read(4_200, 20_000, 2_400, 395))
    message = reading_card.card(lang, found, AROUND)
    assert message.blocks
    assert message_problems(list(message.blocks)) == []

"""What a card says of each target, and which ones it shows of many."""

import dataclasses
import re
from typing import Any

import pytest

from deletion.audit.messages.audience import LISTED_ON_CARD
from deletion.plan.facts import GRAVEST_FIRST, StreamFact, Target, Warn, gravity
from deletion.terms.requests.targets import VideoImages
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.cards import proposal_card
from handlers.cards.parts import targets
from handlers.text import words
from handlers.text.facts import warned
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import texts
from tests.handlers.samples import Sample, media_id, view
from tests.harness import plans


def shown(view_: ProposalView) -> list[str]:
    return list(texts(list(proposal_card.card(ENGLISH, view_).blocks)))


def numbered(view_: ProposalView) -> list[str]:
    return [text for text in shown(view_) if re.match(r"\d+\. ", text)]


def only(sample: Sample) -> str:
    (text,) = numbered(view(sample))
    return text


def with_warnings(made: ProposalView, *found: tuple[Warn, int]) -> ProposalView:
    """Return the proposal with warnings about these targets, by their numbers."""
    assert made.plan is not None
    warnings = tuple((warn, media_id(number)) for warn, number in found)
    return dataclasses.replace(made, plan=plans.with_targets(made.plan, plans.targets_of(made.plan), warnings))


def test_a_video_is_told_with_what_goes_with_it() -> None:
    assert only(Sample()).splitlines() == [
        "1. Teaser 1",
        media_id(1),
        "16.6 MB · 1:01 · uploaded 2025-11-05 · Marketing · tags campaign, 2024",
        "Goes with it: source file (12.6 MB), 1 stream (HD), cover and snapshots",
    ]


HIDDEN: list[tuple[dict[str, Any], tuple[Warn, ...]]] = [
    ({"streams": (), "streams_unread": True}, ()),
    ({"streams": (), "source": None}, (Warn.NOT_WRITABLE,)),
]


@pytest.mark.parametrize(("facts", "warnings"), HIDDEN)
def test_of_a_video_that_vod_does_not_show_nobody_says_that_it_has_no_streams(
    facts: dict[str, Any], warnings: tuple[Warn, ...]
) -> None:
    told = only(Sample(facts=facts, warnings=warnings))
    assert "streams could not be read" in told
    assert "no streams" not in told
    assert "at least 12.6 MB" in told


def test_a_video_without_streams_says_so() -> None:
    told = only(Sample(facts={"streams": ()}))
    assert "Goes with it: source file (12.6 MB), no streams, cover and snapshots" in told
    assert "at least" not in told


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("Normal", "HD stream, mp4, 4.0 MB; what players get now"),
        ("Invisible", "HD stream, mp4, 4.0 MB; an older duplicate, not what players get"),
    ],
)
def test_a_stream_is_told_in_plain_words(status: str, told: str) -> None:
    stream = StreamFact(media_id(1), "HD", "mp4", 4_000_000, status, encrypted=False)
    lines = only(Sample(kind="streams", facts={"streams": (stream,)})).splitlines()
    assert lines == ["1. Teaser", f"{told} · job {media_id(1)} of video {media_id(0)}"]


def test_a_stream_that_is_encrypted_or_of_unknown_size_says_so() -> None:
    stream = StreamFact(media_id(1), "HD", "m3u8", None, "Normal", encrypted=True)
    told = only(Sample(kind="streams", facts={"streams": (stream,)}))
    assert "HD stream, m3u8, size unknown, encrypted; what players get now" in told


def test_a_set_of_images_is_told_with_its_number_and_its_size_where_that_is_known() -> None:
    one, two = numbered(view(Sample(kind="images of", count=2)))
    assert f"Cover: 2 images, of video {media_id(0)}" in one
    assert f"Snapshots: 2 images, of video {media_id(0)}" in two
    assert "Cover: 2 images (200 B), of video" in only(Sample(kind="images of", facts={"size": 200}))


def test_every_kind_of_image_set_has_a_name() -> None:
    assert set(targets.IMAGE_SETS) == {str(kind) for kind in VideoImages}


@pytest.mark.parametrize("count", [1, LISTED_ON_CARD, LISTED_ON_CARD + 1, 1_000])
def test_a_card_shows_one_by_one_exactly_what_comes_without_a_list(count: int) -> None:
    expected = count if count <= LISTED_ON_CARD else targets.SHOWN
    assert len(numbered(view(Sample(count=count)))) == expected


def test_of_a_long_list_the_gravest_warnings_come_first_and_then_its_beginning() -> None:
    found = (*((Warn.COLD_STORAGE, n) for n in range(2, 60)), (Warn.RECENT, 40), (Warn.RECENT, 73))
    made = with_warnings(view(Sample(count=100)), *found, (Warn.LEGAL_WORDS, 99))
    assert [int(text.split(".")[0]) for text in numbered(made)] == [99, 40, 73, 2, 3, 1, 4, 5, 6, 7]
    said = shown(made)
    below = {
        text: said[at + 1].split(".")[0] for at, text in enumerate(said) if "list*" in text or "first*" in text
    }
    assert below == {
        "*The gravest warnings first* (5 of 60 with warnings):": "99",
        "*Then from the top of the list*:": "1",
    }


def test_of_a_long_list_without_warnings_the_first_rows_are_said_to_be_the_first() -> None:
    made = view(Sample(count=100))
    assert [int(text.split(".")[0]) for text in numbered(made)] == list(range(1, 11))
    assert "*From the top of the list*:" in shown(made)
    assert not [text for text in shown(made) if "gravest" in text]


def test_nothing_is_graver_than_what_is_to_be_kept_and_every_kind_has_its_rank() -> None:
    assert sorted(GRAVEST_FIRST) == sorted(Warn)
    assert GRAVEST_FIRST[0] is Warn.LEGAL_WORDS
    assert gravity(()) > gravity((GRAVEST_FIRST[-1],))


def test_a_short_list_stays_in_its_order() -> None:
    made = with_warnings(view(Sample(count=LISTED_ON_CARD)), (Warn.RECENT, LISTED_ON_CARD))
    assert [int(text.split(".")[0]) for text in numbered(made)] == list(range(1, LISTED_ON_CARD + 1))


def test_the_kinds_of_warnings_are_counted() -> None:
    found = ((Warn.RECENT, 40), (Warn.RECENT, 73), (Warn.RECENT, 1), (Warn.LAST_STREAM, 73))
    made = with_warnings(view(Sample(count=100)), *found)
    assert "⚠️ *Warnings* about 3 of 100 items: 1 last stream, 3 recent." in shown(made)
    assert "Warnings: 1 last stream, 3 recent." in proposal_card.card(ENGLISH, made).text


def test_what_is_warned_of_beyond_the_card_is_counted() -> None:
    made = view(Sample(count=100, warnings=(Warn.RECENT,)))
    (rest,) = [text for text in shown(made) if " more.*" in text]
    assert (
        rest == "*… and 90 more.* 90 of them with warnings. The whole list is the CSV file in this card's thread."
    )


@pytest.mark.parametrize("warn", Warn)
def test_every_kind_of_warning_has_a_name(warn: Warn) -> None:
    assert ENGLISH.say(warned.NAMES[warn])


def test_of_a_long_list_under_way_no_item_looks_as_if_it_were_waiting_when_it_may_be_gone() -> None:
    assert not any("Outcome:" in text for text in shown(view(Sample(State.EXECUTING, count=LISTED_ON_CARD + 1))))
    told = [text for text in shown(view(Sample(State.EXECUTING, count=LISTED_ON_CARD))) if "Outcome:" in text]
    assert len(told) == LISTED_ON_CARD
    assert all(words.OUTCOMES[Outcome.DELETED] in text for text in told)


def test_a_target_that_nothing_is_known_of_has_no_empty_line() -> None:
    made = view(Sample(kind="images"))
    assert made.plan is not None
    plan = plans.with_targets(made.plan, (Target(id=media_id(1), title="Poster"),))
    assert numbered(dataclasses.replace(made, plan=plan)) == [f"1. Poster\n{media_id(1)}"]

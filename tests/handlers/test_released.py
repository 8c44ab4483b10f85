"""What ending a freeze, or taking a record for the true one, releases: totals first, within Slack's limits."""

from dataclasses import replace

import pytest

from deletion.audit import events
from deletion.releases import SHOWN, Release, Released
from deletion.terms import ids
from deletion.terms.ids import ANCHOR, Digest, Ref, freeze_ref
from deletion.terms.states import State
from deletion.views import CardPlace
from handlers.cards import anchor_card
from handlers.cards.parts.fitting import MOST, weight
from handlers.outbox.naming import NAME_MOST, unpinged
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH, Language, languages
from handlers.text.told import channel
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from tests.deletion.every_event import BO, CY, EVERY
from tests.handlers.samples import KINDS, PROPOSER, hidden_characters

HOME = "https://example.slack.com/"
PEOPLE = (str(BO), str(CY))
APPROVED = Released(
    number=4,
    request=KINDS["videos"].request(1),
    count=3,
    left=3,
    bytes_known=45_200_000,
    state=State.APPROVED,
    proposer=PROPOSER,
    card=CardPlace("C0VODDELETE", "1767225600.000001"),
)
UNDER_WAY = replace(APPROVED, number=7, count=40, left=25, state=State.EXECUTING, bytes_known=0, card=None)
ENDED = replace(APPROVED, number=9, left=0, state=State.STOPPED)

FIRST_VOTE = events.VoteCounted(about=freeze_ref(1), by=BO, counted=1, needed=2)
ENDED_FREEZE = events.FreezeEnded(about=freeze_ref(1), people=PEOPLE, released=(4,))
FIRST_FOR_RECORD = events.VoteCounted(about=Ref(ANCHOR, 1), by=BO, counted=1, needed=2)
RESTORED = events.AnchorRestored(about=Ref(ANCHOR, 1), digest=Digest("d" * 64), people=PEOPLE, released=(4,))
LOST = next(each for each in EVERY if isinstance(each, events.AnchorLost))
TOLD = [FIRST_VOTE, ENDED_FREEZE, FIRST_FOR_RECORD, RESTORED, LOST]


def release(*found: Released, more: int = 0, held_by: ids.SubjectKind | None = None) -> Release:
    left, known = sum(each.left for each in found), sum(each.bytes_known for each in found)
    return Release(found, len(found) + more, left, known, held_by)


def shown(
    told: channel.ChannelTold | events.AnchorLost, found: Release, *, lang: Language = ENGLISH, home: str = HOME
) -> Message:
    if isinstance(told, events.AnchorLost):
        message = anchor_card.card(lang, told, found, home)
    else:
        message = channel.message(lang, told, found, home)
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []
    return message


def paragraphs(message: Message) -> list[str]:
    return list(texts(list(message.blocks)))


def test_a_size_that_vod_does_not_tell_all_of_is_a_minimum() -> None:
    found = replace(release(replace(APPROVED, at_least=True)), at_least=True)
    _, total, approved = paragraphs(shown(FIRST_VOTE, found))
    assert total.endswith("Planned size: at least 45.2 MB.")
    assert " · at least 45.2 MB · approved" in approved


def test_a_first_vote_lists_what_unfreezing_releases_totals_first() -> None:
    _, total, approved, under_way = paragraphs(shown(FIRST_VOTE, release(APPROVED, UNDER_WAY)))
    card = "https://example.slack.com/archives/C0VODDELETE/p1767225600000001"
    assert total == "*Unfreezing releases 2 deletions.* 28 items are left to delete. Planned size: 45.2 MB."
    assert approved == f"*<{card}|#4>* 3 videos · 45.2 MB · approved · proposed by <@{PROPOSER}>"
    assert under_way == f"*#7* 40 videos · under way, 25 of 40 left · proposed by <@{PROPOSER}>"


def test_afterwards_the_post_lists_what_was_released_and_how_it_stands() -> None:
    opening, total, *each = paragraphs(shown(ENDED_FREEZE, release(APPROVED, ENDED)))
    assert opening.startswith("*Unfrozen* by ")
    assert total.startswith("*Released: 2 deletions.* 3 items are left to delete.")
    assert "was stopped before anything was deleted" in each[1]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            FIRST_FOR_RECORD,
            "*Taking this record for the true one releases 1 deletion.*",
        ),
        (LOST, "*Taking this record for the true one releases 1 deletion.*"),
        (RESTORED, "*Released: 1 deletion.*"),
    ],
    ids=["vote", "question", "end"],
)
def test_the_same_is_listed_where_people_say_which_record_is_true(
    told: channel.ChannelTold | events.AnchorLost, words: str
) -> None:
    message = shown(told, release(APPROVED))
    assert f"{words} 3 items are left to delete." in "\n".join(paragraphs(message))
    assert words in message.text
    assert "|#4>* 3 videos · 45.2 MB · approved" in message.text


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (FIRST_VOTE, "Unfreezing releases nothing: no approved deletion waits."),
        (ENDED_FREEZE, "Nothing that was approved waits to be deleted."),
        (FIRST_FOR_RECORD, "Taking this record for the true one releases nothing"),
        (RESTORED, "Nothing that was approved waits to be deleted."),
        (LOST, "Taking this record for the true one releases nothing"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_nothing_to_release_is_said(told: channel.ChannelTold | events.AnchorLost, words: str) -> None:
    assert words in shown(told, release()).text
    assert "goes on" not in shown(ENDED_FREEZE, release()).text


@pytest.mark.parametrize(
    ("told", "held_by", "words"),
    [
        (FIRST_VOTE, ids.ANCHOR, "All of it stays held while this record does not lead to the newest head"),
        (FIRST_FOR_RECORD, ids.FREEZE, "All of it stays frozen until two people"),
    ],
    ids=["freeze", "record"],
)
def test_what_is_held_by_something_else_as_well_is_not_told_as_if_it_went_on(
    told: channel.ChannelTold, held_by: ids.SubjectKind, words: str
) -> None:
    assert words in paragraphs(shown(told, release(APPROVED, held_by=held_by)))[1]
    assert words not in shown(told, release(APPROVED)).text


@pytest.mark.parametrize("lang", languages().values(), ids=list(languages()))
@pytest.mark.parametrize("told", TOLD, ids=lambda each: type(each).__name__)
def test_seventy_five_deletions_fit_with_the_longest_names_and_numbers(
    told: channel.ChannelTold | events.AnchorLost, lang: Language
) -> None:
    home = f"https://{'w' * 60}.enterprise.slack.com/"
    kinds = [KINDS[kind].request(1) for kind in KINDS]
    found = [
        replace(
            APPROVED,
            number=10**9 + n,
            request=kinds[n % len(kinds)],
            count=10**6,
            left=10**6 - 1,
            bytes_known=10**18 - 1,
            state=State.EXECUTING,
            proposer="U" + "W" * 11,
            card=CardPlace("C" + "0" * 11, "1767225600.000001"),
        )
        for n in range(SHOWN)
    ]
    held_by = ids.FREEZE if told.about.kind == ids.ANCHOR else ids.ANCHOR
    message = shown(told, release(*found, more=75 - SHOWN, held_by=held_by), lang=lang, home=home)
    named = unpinged(message, lambda _: "<&>" * NAME_MOST)
    assert message_problems(list(named.blocks)) == []
    assert weight(named.blocks) <= MOST
    assert "65" in paragraphs(message)[-2 if isinstance(told, events.AnchorLost) else -1] or "65" in message.text
    assert "`/vod list`" in "\n".join(paragraphs(message))

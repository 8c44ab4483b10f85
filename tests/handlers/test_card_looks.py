"""What a card shows to decide on: pictures, the console, who may approve, what is asked; and in which order."""

import dataclasses

import pytest

from deletion.approval.people.questions import Question
from deletion.plan.facts import Warn
from deletion.terms.ids import QuestionId
from deletion.terms.states import OPEN, State
from handlers.cards import proposal_card
from handlers.cards.parts.fitting import ROOM, weight
from handlers.text.blocks import Block, Message
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from tests.handlers.samples import (
    APPROVER,
    HOSTILE,
    PROPOSER,
    SECOND,
    WITHOUT_PLAN,
    Sample,
    media_id,
    mrkdwn_texts,
    outside_code,
    view,
    vote,
)

CONSOLE = "https://vod.console.aliyun.com/#/media/video/detail"


def card(sample: Sample) -> Message:
    return proposal_card.card(ENGLISH, view(sample))


def shown(message: Message) -> str:
    return "\n".join(texts(list(message.blocks)))


def has_pictures(block: Block) -> bool:
    return any(each["type"] == "image" for each in block.get("elements", ()))


def test_a_few_items_have_their_pictures_in_a_strip() -> None:
    (strip,) = [block for block in card(Sample(count=3)).blocks if has_pictures(block)]
    assert [each["type"] for each in strip["elements"]] == ["image"] * 3 + ["mrkdwn"]
    assert all(each["alt_text"] for each in strip["elements"][:3])
    assert not [block for block in card(Sample(count=1)).blocks if has_pictures(block)]
    assert not [block for block in card(Sample(State.APPROVED, count=3)).blocks if has_pictures(block)]


def test_of_a_long_list_the_pictures_are_of_what_has_no_row_first() -> None:
    made = view(Sample(count=30))
    assert made.plan is not None
    (strip,) = [block for block in proposal_card.card(ENGLISH, made).blocks if has_pictures(block)]
    *pictures, told = strip["elements"]
    assert [each["alt_text"] for each in pictures] == [f"Picture of Teaser {n}" for n in range(11, 19)]
    assert told["text"] == "Pictures of 8 of 30"


@pytest.mark.parametrize(
    ("sample", "links"),
    [
        (Sample(), f"<{CONSOLE}/{media_id(1)}/video|Open in the VOD console>"),
        (
            Sample(kind="mezzanines", count=2),
            f"<{CONSOLE}/{media_id(1)}/video|1> · <{CONSOLE}/{media_id(2)}/video|2>",
        ),
        (Sample(kind="streams", count=2), f"<{CONSOLE}/{media_id(0)}/video|Open the video in the VOD console>"),
        (Sample(kind="images"), None),
    ],
    ids=lambda each: each.kind if isinstance(each, Sample) else "",
)
def test_a_card_leads_to_the_console(sample: Sample, links: str | None) -> None:
    found = [text for text in mrkdwn_texts(card(sample)) if "console" in text]
    assert [bool(links) and str(links) in text for text in found] == ([True] if links else [])


def test_an_id_that_is_none_of_vods_is_no_link() -> None:
    made = view(Sample(facts={"id": "<!channel>|x>"}))
    assert not [text for text in mrkdwn_texts(proposal_card.card(ENGLISH, made)) if "console" in text]


@pytest.mark.parametrize(("needed", "told"), [(1, "Who may approve: 1 of "), (2, "Who may approve: 2 of ")])
def test_a_card_that_waits_says_who_may_approve_and_why(needed: int, told: str) -> None:
    approvers = frozenset({PROPOSER, APPROVER, SECOND})
    made = dataclasses.replace(view(Sample(needed=needed)), approvers=approvers)
    text = proposal_card.card(ENGLISH, made).blocks[-2]["elements"][0]["text"]
    assert text.startswith(f"{told}<@{APPROVER}> and <@{SECOND}>, the approvers in Countersign's settings")
    over = dataclasses.replace(view(Sample(State.WITHDRAWN)), approvers=approvers)
    assert "Who may approve" not in shown(proposal_card.card(ENGLISH, over))


def test_what_is_decided_on_stands_before_who_wants_it_and_before_the_items() -> None:
    said = shown(card(Sample(count=2, warnings=(Warn.RECENT,))))
    places = [said.index(words) for words in ("*Size*", "*Warnings*", "Proposed by", "1. Teaser 1", "Approve: ")]
    assert places == sorted(places)


def test_questions_and_comments_stand_on_the_card_as_text_and_are_gone_once_it_is_over() -> None:
    asked = tuple(Question(QuestionId(n), APPROVER, HOSTILE * 5, is_open=n > 1) for n in range(1, 21))
    votes = tuple(dataclasses.replace(vote(SECOND), comment=HOSTILE * 5) for _ in range(5))
    for state in sorted(set(State) - WITHOUT_PLAN):
        made = dataclasses.replace(view(Sample(state, votes=votes, count=19)), questions=asked)
        message = proposal_card.card(ENGLISH, made)
        assert message_problems(list(message.blocks)) == []
        assert weight(message.blocks) <= ROOM
        assert ("*19 questions are open*" in shown(message)) == (state in OPEN)
        assert ("says with their approval" in shown(message)) == (state in OPEN)
        assert [text for text in mrkdwn_texts(message) if "*bold*" in outside_code(text)] == []

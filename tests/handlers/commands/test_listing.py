"""`/vod list`: what there is to know of every open proposal, on a line each."""

import dataclasses

import pytest

from deletion.terms.states import State
from deletion.terms.targets import Videos
from deletion.views import CardPlace, OpenFreeze, OpenProposal, OpenProposals
from handlers.commands import listing
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from tests.handlers.samples import (
    APPROVER,
    BIDI,
    HOSTILE,
    NOW_MS,
    PROPOSER,
    hidden_characters,
    mrkdwn_texts,
    outside_code,
)

UNTIL = "no further calls will be sent until two people, one of them an approver, type `/vod unfreeze`."
HOME = "https://example.slack.com/"
ONE = OpenProposal(
    number=4,
    request=Videos(("a1" * 16,)),
    count=3,
    bytes_known=45_200_000,
    first_title="Spring teaser",
    state=State.PENDING,
    proposer=PROPOSER,
    reason="rights expired",
    created_ms=NOW_MS - 2 * 3_600_000,
    expires_ms=NOW_MS + 22 * 3_600_000,
    card=CardPlace("C0VODDELETE", "1767225600.000001"),
)


def listed(*newest: OpenProposal, total: int = 0, frozen: OpenFreeze | None = None, home: str = HOME) -> Message:
    found = OpenProposals(newest, total or len(newest), frozen, NOW_MS)
    message = listing.shown(ENGLISH, found, home)
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []
    assert not [text for text in (message.text, *mrkdwn_texts(message)) if "<!" in text.replace("<!date^", "")]
    return message


def lines(message: Message) -> list[str]:
    return list(texts(list(message.blocks)))


def test_a_line_tells_link_count_size_title_state_age_expiry_and_reason() -> None:
    head, line = lines(listed(ONE))
    assert head == "*1 open proposal*"
    card = "https://example.slack.com/archives/C0VODDELETE/p1767225600000001"
    assert line.startswith(
        f"*<{card}|#4>* 3 videos · 45.2 MB · “Spring teaser” and 2 more · is waiting for approval · "
        f"proposed by <@{PROPOSER}> 2 hours ago · expires <!date^"
    )
    assert line.endswith(" · `rights expired`")


@pytest.mark.parametrize(
    ("facts", "home"), [({}, ""), ({"card": None}, HOME), ({}, "javascript:alert(1)//")], ids=str
)
def test_without_a_card_or_the_workspaces_address_there_is_only_the_number(
    facts: dict[str, CardPlace | None], home: str
) -> None:
    assert lines(listed(dataclasses.replace(ONE, **facts), home=home))[1].startswith("*#4* 3 videos · ")  # type: ignore[arg-type]


def test_what_is_not_read_yet_has_the_count_asked_for_and_no_size_or_title() -> None:
    unread = dataclasses.replace(ONE, count=1, bytes_known=0, first_title="", state=State.COLLECTING, card=None)
    assert lines(listed(unread))[1].startswith("*#4* 1 video · is being read from VOD · proposed by ")


@pytest.mark.parametrize("state", [State.APPROVED, State.EXECUTING])
def test_what_is_approved_does_not_expire_any_more(state: State) -> None:
    assert "expires" not in lines(listed(dataclasses.replace(ONE, state=state)))[1]


def test_an_empty_list_says_so() -> None:
    assert listed().text == "No proposals are open."


def test_a_freeze_stands_above_it_all() -> None:
    freeze = OpenFreeze(APPROVER, "wrong folder", NOW_MS)
    assert lines(listed(ONE, frozen=freeze))[0] == f"*Frozen* by <@{APPROVER}>: {UNTIL} *1 open proposal*"
    assert listed(frozen=freeze).text == f"*Frozen* by <@{APPROVER}>: {UNTIL} No proposals are open."


@pytest.mark.parametrize(
    ("total", "last"), [(20, None), (21, "… and 1 older one."), (1_234, "… and 1,214 older ones.")]
)
def test_a_list_names_the_newest_and_counts_them_all(total: int, last: str | None) -> None:
    newest = [dataclasses.replace(ONE, number=number) for number in range(total, total - 20, -1)]
    head, *told = lines(listed(*newest, total=total))
    assert head == f"*{total:,} open proposals*"
    assert len([line for line in told if line.startswith("*<https://")]) == listing.LISTED
    assert told[20:] == ([last] if last else [])


def test_words_from_outside_stand_as_code_or_escaped() -> None:
    hostile = dataclasses.replace(ONE, reason=f"*bold* {HOSTILE}", first_title=f"{HOSTILE}{BIDI}")
    message = listed(hostile)
    assert "<@U0DEE7H4PVC>" not in message.text
    assert "<https://evil.example" not in message.text
    assert not [text for text in mrkdwn_texts(message) if "`*bold*" not in text and "bold" in outside_code(text)][
        1:
    ]

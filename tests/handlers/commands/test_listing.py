"""`/vod list`: what there is to know of every proposal, on a line each."""

import dataclasses
import re
from typing import Any

import pytest

from deletion.listed import Listed
from deletion.plan.totals import Totals
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import OPEN, State
from handlers.commands.syntax import since
from handlers.commands.verbs import listing
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import LARGEST_BLOCKS, message_problems, texts, weight
from storage.tables.freezes import FreezeRow
from tests.handlers import samples
from tests.handlers.samples import (
    APPROVER,
    BIDI,
    HOSTILE,
    NOW_MS,
    PROPOSER,
    SECOND,
    Sample,
    freeze,
    hidden_characters,
    in_list,
    mrkdwn_texts,
    outside_code,
)

UNTIL = "no further calls will be sent until two people, one of them an approver, type `/vod unfreeze`."
HOME = "https://example.slack.com/"
HOUR_MS = 3_600_000
ONE = dataclasses.replace(
    in_list(Sample(count=3), created_ms=NOW_MS - 2 * HOUR_MS),
    totals=Totals(bytes=45_200_000),
    first_title="Spring teaser",
)


def listed(
    *newest: Listed,
    total: int = 0,
    frozen: FreezeRow | None = None,
    home: str = HOME,
    asked: since.Listed | None = None,
) -> Message:
    found = samples.listing(*newest, total=total or len(newest), frozen=frozen)
    message = listing.shown(ENGLISH, found, home, asked)
    assert message_problems(list(message.blocks)) == []
    assert weight(list(message.blocks)) <= LARGEST_BLOCKS
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []
    assert not [text for text in (message.text, *mrkdwn_texts(message)) if "<!" in text.replace("<!date^", "")]
    return message


def lines(message: Message) -> list[str]:
    return list(texts(list(message.blocks)))


def line(each: Listed) -> str:
    return lines(listed(each))[1]


def with_row(each: Listed, **facts: Any) -> Listed:
    return dataclasses.replace(each, row=dataclasses.replace(each.row, **facts))


def test_a_line_tells_link_state_count_size_title_expiry_age_and_reason() -> None:
    head, told = lines(listed(ONE))
    assert head == "*1 open proposal*"
    card = "https://example.slack.com/archives/C0VODDELETE/p1767225600000001"
    assert told.startswith(
        f"*<{card}|#4>* ⏳ Waiting · 3 videos · 45.2 MB · `Spring teaser` and 2 more · expires <!date^"
    )
    assert told.endswith(f" · proposed by <@{PROPOSER}> 2 hours ago · `rights expired`")


def test_a_total_that_is_a_minimum_says_so() -> None:
    assert " · at least 45.2 MB · " in line(
        dataclasses.replace(ONE, totals=Totals(bytes=45_200_000, sizes_untold=1))
    )


@pytest.mark.parametrize(
    ("facts", "home"), [({}, ""), ({"card_ts": None}, HOME), ({}, "javascript:alert(1)//")], ids=str
)
def test_without_a_card_or_the_workspaces_address_there_is_only_the_number(
    facts: dict[str, Any], home: str
) -> None:
    assert lines(listed(with_row(ONE, **facts), home=home))[1].startswith("*#4* ⏳ Waiting · 3 videos · ")


def test_what_is_not_read_yet_has_the_count_asked_for_and_no_size_or_title() -> None:
    unread = in_list(Sample(State.COLLECTING), card_ts=None)
    assert line(unread).startswith("*#4* 🔎 Reading · 1 video · expires ")


@pytest.mark.parametrize("state", [State.APPROVED, State.EXECUTING])
def test_what_is_approved_does_not_expire_any_more(state: State) -> None:
    assert "expires" not in line(in_list(Sample(state)))


@pytest.mark.parametrize(
    ("each", "told"),
    [
        (in_list(Sample(State.APPROVED, hold_until_ms=NOW_MS + 60_000)), "⏸️ On hold · 1 video · "),
        (in_list(Sample(State.APPROVED), hold_no=1), " · its hold begins once its card is in the channel · "),
        (in_list(Sample(State.APPROVED, hold_until_ms=NOW_MS + 60_000, frozen=freeze())), "🧊 Frozen · 1 video · "),
        (in_list(Sample(State.EXECUTING)), "🗑️ Deleting · 1 video · "),
        (in_list(Sample(), card_ts=None), " · its card is not posted yet · "),
        (in_list(Sample(State.FINISHED), finished_ms=NOW_MS), "✅ Deleted · 1 video · "),
        (in_list(Sample(State.FINISHED, outcomes=(Outcome.REFUSED,))), "⚠️ NOT ALL DELETED · 1 video · "),
        (in_list(Sample(State.FINISHED, outcomes=(Outcome.REFUSED,))), " · 1 refused · "),
        (dataclasses.replace(in_list(Sample(State.FINISHED)), tally={}), " Finished · 1 video · "),
        (
            in_list(Sample(State.REJECTED)),
            f"⛔ Rejected · 1 video · 16.6 MB · `Teaser 1` · by <@{APPROVER}> · `still",
        ),
        (in_list(Sample(State.STOPPED)), f"🛑 Stopped · 1 video · 16.6 MB · `Teaser 1` · by <@{APPROVER}> · "),
        (in_list(Sample(State.WITHDRAWN), finished_ms=NOW_MS), "↩️ Withdrawn · "),
        (in_list(Sample(State.EXPIRED), finished_ms=NOW_MS), " · ended <!date^"),
    ],
)
def test_where_it_stands_is_the_word_of_its_card_and_what_follows(each: Listed, told: str) -> None:
    assert told in line(each)


@pytest.mark.parametrize("state", State)
def test_no_line_says_what_only_a_refusal_means(state: State) -> None:
    assert "already" not in line(in_list(Sample(state)))


def test_an_empty_list_says_so() -> None:
    assert listed().text == "No proposals are open."
    assert listed(asked=since.Listed(done=True)).text == "No proposals have ended."
    assert listed(asked=since.Listed(mine=True)).text == "No proposals of yours are open."


def test_a_freeze_stands_above_it_all() -> None:
    frozen = freeze("wrong folder")
    assert lines(listed(ONE, frozen=frozen))[0] == f"*Frozen* by <@{SECOND}>: {UNTIL} *1 open proposal*"
    assert listed(frozen=frozen).text == f"*Frozen* by <@{SECOND}>: {UNTIL} No proposals are open."


@pytest.mark.parametrize(
    ("total", "last"), [(20, None), (21, "… and 1 older one."), (1_234, "… and 1,214 older ones.")]
)
def test_a_list_names_the_newest_and_counts_them_all(total: int, last: str | None) -> None:
    newest = [with_row(ONE, id=number) for number in range(total, total - 20, -1)]
    head, *told = lines(listed(*newest, total=total))
    assert head == f"*{total:,} open proposals*"
    assert len([line for line in told if line.startswith("*<https://")]) == listing.LISTED
    assert told[20:] == ([f"{last} See fewer with `--mine` or `--since 7d`."] if last else [])


def test_of_what_is_too_long_for_a_message_the_newest_are_shown_and_the_rest_is_counted() -> None:
    long = dataclasses.replace(with_row(ONE, reason="<&>" * 200), first_title="&" * 300)
    *_, last = lines(listed(*[long] * 20))
    assert last.startswith("… and ")


def test_words_from_outside_stand_as_code_or_escaped() -> None:
    marked = "*bold* _italic_ ~gone~ `code`"
    hostile = dataclasses.replace(
        with_row(ONE, reason=f"{marked} {HOSTILE}"), first_title=f"{marked} {HOSTILE}{BIDI}"
    )
    message = listed(hostile)
    assert "<@U0DEE7H4PVC>" not in message.text
    assert "<https://evil.example" not in message.text
    shown = [outside_code(text) for text in mrkdwn_texts(message)]
    assert not [text for text in shown if re.search("bold|italic|gone|code", text)]


@pytest.mark.parametrize("state", sorted(set(State) - OPEN))
def test_a_reason_for_an_end_is_code(state: State) -> None:
    ended = in_list(Sample(state, ending=dataclasses.replace(samples.ENDINGS[State.REJECTED], why=HOSTILE)))
    assert "<@U0DEE7H4PVC>" not in listed(ended, asked=since.Listed(done=True)).text

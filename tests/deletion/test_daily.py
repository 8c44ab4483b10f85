"""What a person, and the team, may delete in a day: counted in items, open proposals with them."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from deletion.approval.proposal import SlackAction
from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.evidence import record_check
from deletion.policy import decisions
from deletion.policy.decisions import Use
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from tests.deletion.bench import ANA, BO, CY, Bench
from tests.rules import rules

DAY_S = 24 * 3_600
TRIGGERS = itertools.count(1)


@pytest.fixture
def ids(bench: Bench) -> list[str]:
    return [bench.vod.library.add_video(title=f"Take {n}", has_cover=False).video_id for n in range(12)]


def under_caps(bench: Bench, **caps: Any) -> None:
    policy = replace(bench.ctx.config.policy, **caps)
    bench.ctx = replace(bench.ctx, config=replace(bench.ctx.config, policy=policy))


def wish(bench: Bench, ids: list[str], who: Actor = ANA) -> int | Refusal:
    """Propose, and read what is asked for; return the number, or why not."""
    deed = SlackAction(who, f"wish.{next(TRIGGERS)}")
    draft = ProposalDraft(Videos(tuple(ids)), "rights expired")
    made = bench.database.write(lambda tx: proposing.propose(tx, bench.ctx.config, deed, draft))
    bench.settle()
    if isinstance(made, tuple):
        (refusal,) = made
        return refusal
    return made


def carry_out(bench: Bench, ids: list[str], who: Actor = ANA) -> int:
    number = wish(bench, ids, who)
    assert isinstance(number, int), number
    bench.approve(number, BO if who == ANA else ANA)
    bench.settle()
    assert bench.state(number) == State.FINISHED
    return number


def test_a_person_s_items_count_while_open_and_for_a_day_from_the_end(bench: Bench, ids: list[str]) -> None:
    under_caps(bench, max_daily=5)
    carry_out(bench, ids[:3])
    assert isinstance(wish(bench, ids[3:5]), int)
    refused = wish(bench, ids[5:6])
    assert isinstance(refused, Refusal)
    assert refused == Refusal(Rule.TOO_MANY_IN_A_DAY, Seen(asked=1, most=5, used=5, wait_s=DAY_S))
    # Somebody else's do not count for Ana.
    assert isinstance(wish(bench, ids[5:10], BO), int)

    bench.clock.advance(DAY_S - 1)
    assert isinstance(wish(bench, ids[5:6]), Refusal)
    bench.clock.advance(2)
    assert isinstance(wish(bench, ids[5:8]), int)
    assert [event["rule"] for event in bench.events("proposal.refused")] == ["too many in a day"] * 2


def test_all_together_have_a_cap_too(bench: Bench, ids: list[str]) -> None:
    under_caps(bench, max_daily=5, max_daily_all=9)
    assert isinstance(wish(bench, ids[:5], ANA), int)
    assert isinstance(wish(bench, ids[5:8], BO), int)
    refused = wish(bench, ids[8:10], CY)
    assert refused == Refusal(Rule.TOO_MANY_OF_ALL, Seen(asked=2, most=9, used=8))
    assert isinstance(wish(bench, ids[8:9], CY), int)
    assert record_check.verify(bench.database).holds


def test_what_ended_with_nothing_deleted_gives_its_room_back(bench: Bench, ids: list[str]) -> None:
    under_caps(bench, max_daily=4)
    ends: tuple[Callable[[int], object], ...] = (
        bench.withdraw,
        bench.reject,
        lambda _: bench.advance(3_700),
    )
    for end in ends:
        number = wish(bench, ids[:4])
        assert isinstance(number, int)
        assert isinstance(wish(bench, ids[4:5]), Refusal)
        end(number)
    missing = wish(bench, ["0" * 32] * 1)
    assert isinstance(missing, int)
    assert bench.state(missing) == State.FAILED
    assert isinstance(wish(bench, ids[:4]), int)


def test_an_open_proposal_counts_however_old_it_is(bench: Bench, ids: list[str]) -> None:
    """Or what was piled up over days could all be deleted in one."""
    under_caps(bench, max_daily=4, expires_after_s=10 * DAY_S)
    assert isinstance(wish(bench, ids[:4]), int)
    bench.advance(3 * DAY_S)
    assert isinstance(wish(bench, ids[4:5]), Refusal)


def test_it_is_counted_again_when_it_is_known_how_many_it_is_about(bench: Bench, ids: list[str]) -> None:
    deed, draft = SlackAction(ANA, "trigger"), ProposalDraft(Videos(tuple(ids[:4])), "rights expired")
    number = bench.database.write(lambda tx: proposing.propose(tx, bench.ctx.config, deed, draft))
    assert isinstance(number, int)
    under_caps(bench, max_daily=3)
    bench.settle()
    assert bench.state(number) == State.FAILED
    (failed,) = bench.events("proposal.not_collected")
    assert failed["refused"] == {"rule": "too many in a day", "facts": {"asked": 4, "most": 3, "used": 0}}
    assert record_check.verify(bench.database).holds


def test_what_an_earlier_version_did_not_count_is_read_from_its_request(bench: Bench, ids: list[str]) -> None:
    under_caps(bench, max_daily=4)
    assert isinstance(wish(bench, ids[:4]), int)
    bench.sql("UPDATE proposals SET asked = NULL")
    bench.sql("UPDATE plans SET targets = NULL")
    assert isinstance(wish(bench, ids[4:5]), Refusal)


@pytest.mark.parametrize(
    ("asked", "uses", "wait_s"),
    [
        (1, [Use(5, 100)], 100),
        (3, [Use(2, 100), Use(3, 50)], 50),
        (4, [Use(2, 100), Use(3, 50)], 100),
        (1, [Use(5, None)], None),
        (3, [Use(3, None), Use(2, 100)], None),
        (6, [], None),
    ],
)
def test_when_there_is_room_again(asked: int, uses: list[Use], wait_s: int | None) -> None:
    refused = decisions.within_day(rules(max_daily=5), asked, mine=uses, everybody=uses)
    assert refused is not None
    assert refused.seen.wait_s == wait_s

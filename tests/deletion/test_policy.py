from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deletion.plan.facts import Target
from deletion.plan.plan import Plan
from deletion.policy import decisions, quorum
from deletion.policy.decisions import EVERY_MEMBER
from deletion.policy.quorum import Entitled, GroupNeed, Quorum
from deletion.terms.people import Actor
from deletion.terms.place import Place
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.requests.targets import Images, ImageUrls, Streams, Videos
from tests.deletion.strategies import unhurried
from tests.harness import plans
from tests.rules import rules

HOME, AWAY = "THOME", "TAWAY"
RULES = rules(
    home_team=HOME,
    approvers=frozenset({"UANA", "UBO"}),
    proposers=frozenset({"UANA", "UBO", "UPIA"}),
    approvals_needed=1,
    expires_after_s=60,
    execute_within_s=60,
    max_items=3,
    max_bytes=1_000,
    image_domains=frozenset({"img.example", "127.0.0.1:8000"}),
)


@pytest.mark.parametrize(
    ("user", "team", "proposers", "refused"),
    [
        ("UPIA", HOME, RULES.proposers, None),
        ("UANA", HOME, RULES.proposers, None),
        ("UZED", HOME, RULES.proposers, Rule.NOT_A_PROPOSER),
        ("UZED", HOME, frozenset({EVERY_MEMBER}), None),
        ("UANA", HOME, frozenset(), Rule.NOT_A_PROPOSER),
        ("UANA", AWAY, RULES.proposers, Rule.STRANGER),
        ("UANA", AWAY, frozenset({EVERY_MEMBER}), Rule.STRANGER),
        ("UZED", AWAY, RULES.proposers, Rule.STRANGER),
    ],
)
def test_who_may_propose(user: str, team: str, proposers: frozenset[str], refused: Rule | None) -> None:
    refusal = decisions.may_propose(replace(RULES, proposers=proposers), Actor(team, user))

    assert (refusal.rule if refusal else None) is refused


@pytest.mark.parametrize(
    ("approvers", "needed", "others", "possible"),
    [
        ({"UANA", "UBO"}, 1, 1, True),
        ({"UANA", "UBO"}, 2, 1, False),
        ({"UANA"}, 1, 0, False),
        ({"UBO", "UCY"}, 2, 2, True),
        (set(), 1, 0, False),
    ],
)
def test_nobody_proposes_what_can_never_be_approved(
    approvers: set[str], needed: int, others: int, *, possible: bool
) -> None:
    rules = replace(RULES, approvers=frozenset(approvers), approvals_needed=needed)

    refusal = decisions.may_propose(rules, Actor(HOME, "UANA"))

    if possible:
        assert refusal is None
    else:
        assert refusal is not None
        assert refusal.rule is Rule.NO_QUORUM_POSSIBLE
        assert refusal.seen == Seen(needed=needed, others=others)


@pytest.mark.parametrize(
    ("is_proposer", "user", "team"), list(product((True, False), ("UANA", "UBO", "UPIA", "UZED"), (HOME, AWAY)))
)
@pytest.mark.parametrize("may", [decisions.may_approve, decisions.may_reject])
def test_only_an_approver_of_this_workspace_who_did_not_propose_it_may_decide(
    may: Callable[..., Entitled | Refusal],
    user: str,
    team: str,
    *,
    is_proposer: bool,
) -> None:
    proposer = Actor(HOME, user if is_proposer else "USOMEBODY")

    found = may(RULES, Actor(team, user), proposer=proposer)

    expected = (
        Rule.OWN_PROPOSAL
        if is_proposer
        else Rule.STRANGER
        if team == AWAY
        else Rule.NOT_AN_APPROVER
        if user not in RULES.approvers
        else None
    )
    if expected is None:
        assert found == Entitled("approver, and not the proposer", "approvers")
    else:
        assert isinstance(found, Refusal)
        assert found.rule is expected


def test_with_no_approvers_nobody_may_approve() -> None:
    rules = replace(RULES, approvers=frozenset())

    for user in ("UANA", "UBO", "UZED"):
        found = decisions.may_approve(rules, Actor(HOME, user), proposer=Actor(HOME, "UPIA"))
        assert isinstance(found, Refusal)


def test_a_request_is_refused_above_the_cap_and_never_trimmed() -> None:
    assert decisions.count_within(RULES, Videos(("a", "b", "c"))) is None
    for request in (Videos(tuple("abcd")), Images(tuple("abcd")), Streams("v", tuple("abcd"))):
        refusal = decisions.count_within(RULES, request)
        assert refusal is not None
        assert refusal.rule is Rule.TOO_MANY
        assert refusal.seen == Seen(asked=4, most=3)


def plan_of(*sizes: int | None) -> Plan:
    targets = tuple(Target(id=f"v{n}", title="t", size=size) for n, size in enumerate(sizes))
    return plans.made(Place("cn-shanghai"), Videos(tuple(target.id for target in targets)), targets)


@pytest.mark.parametrize(
    ("sizes", "refused"),
    [
        ((400, 600), None),
        ((400, 601), Rule.TOO_LARGE),
        ((None, None, 1_000), None),
        ((1, 1, 1, 1), Rule.TOO_MANY),
        ((), None),
    ],
)
def test_a_plan_is_held_to_both_caps(sizes: tuple[int | None, ...], refused: Rule | None) -> None:
    refusal = decisions.bytes_within(RULES, plan_of(*sizes))

    assert (refusal.rule if refusal else None) is refused


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("https://img.example/a.png", True),
        ("https://IMG.example/a.png", True),
        ("http://127.0.0.1:8000/a.png", True),
        ("http://127.0.0.1:8001/a.png", False),
        ("https://img.example.evil/a.png", False),
        ("https://evil/img.example", False),
        ("https://img.example:444/a.png", False),
        ("https://img.example@evil/a.png", False),
        ("https://evil?img.example/", False),
        ("https://img.example?a=b", True),
        ("img.example/a.png", False),
        ("", False),
    ],
)
def test_image_urls_are_taken_only_on_the_domains_named(url: str, *, inside: bool) -> None:
    assert decisions.urls_outside(RULES, ImageUrls((url,))) == (() if inside else (url,))


def test_only_urls_have_domains() -> None:
    assert decisions.urls_outside(RULES, Images(("https://evil/a.png",))) == ()


USERS = ("U1", "U2", "U3", "U4")
ACTORS = st.builds(Actor, st.sampled_from(["T1", "T2"]), st.sampled_from(USERS))


@unhurried
@given(st.frozensets(ACTORS), ACTORS, st.integers(-1, 4))
def test_a_quorum_is_never_met_with_fewer_than_needed_distinct_others(
    voters: frozenset[Actor], proposer: Actor, needed: int
) -> None:
    rules = replace(RULES, approvers=frozenset(USERS))
    wanted = decisions.deletion_quorum(rules, proposer=proposer, needed=needed)

    found = quorum.standing(wanted, voters)

    others = {voter.user for voter in voters} - {proposer.user}
    assert found.is_met == (1 <= needed <= len(others))
    assert found.counted == len(others)
    assert quorum.standing(wanted, voters - {proposer}) == found


def test_nobody_needed_is_nobody_enough() -> None:
    wanted = decisions.deletion_quorum(RULES, proposer=Actor("T1", "U1"), needed=0)

    assert not quorum.standing(wanted, frozenset()).is_met


def test_who_is_no_approver_any_more_does_not_make_a_quorum() -> None:
    wanted = decisions.deletion_quorum(RULES, proposer=Actor(HOME, "UPIA"), needed=1)

    assert not quorum.standing(wanted, {Actor(HOME, "UZED")}).is_met
    assert quorum.standing(wanted, {Actor(HOME, "UBO")}).is_met


@unhurried
@given(st.frozensets(ACTORS), st.frozensets(st.sampled_from(USERS)), st.frozensets(st.sampled_from(USERS)))
def test_a_quorum_of_groups_wants_enough_of_every_one(
    voters: frozenset[Actor], legal: frozenset[str], editors: frozenset[str]
) -> None:
    wanted = Quorum(2, (GroupNeed("legal", legal, 1), GroupNeed("editors", editors, 2)))

    users = {voter.user for voter in voters}
    expected = len(users) >= 2 and len(users & legal) >= 1 and len(users & editors) >= 2
    assert quorum.standing(wanted, voters).is_met == expected


def test_a_freeze_is_ended_by_two_people_one_of_them_an_approver() -> None:
    wanted = decisions.thaw_quorum(RULES)
    pia, bo, zed = (Actor(HOME, user) for user in ("UPIA", "UBO", "UZED"))

    assert not quorum.standing(wanted, {bo}).is_met
    assert not quorum.standing(wanted, {pia, zed}).is_met
    assert quorum.standing(wanted, {pia, bo}).is_met

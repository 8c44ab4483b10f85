"""Who is mentioned for a proposal: never its proposer, and nobody who could not approve it."""

import pytest

from deletion.policy.asking import mentioned
from tests.rules import rules


@pytest.mark.parametrize(
    ("mention", "proposer", "found"),
    [
        ({"approvers"}, "UANA", ("UBO", "UCY")),
        ({"approvers"}, "UDEE", ("UANA", "UBO", "UCY")),
        (set(), "UANA", ()),
        ({"UBO", "UCY"}, "UBO", ("UCY",)),
        ({"UBO"}, "UBO", ()),
        ({"UGONE"}, "UANA", ()),
        ({"SGROUP"}, "UDEE", ("SGROUP",)),
        ({"SGROUP", "UCY"}, "UDEE", ("SGROUP", "UCY")),
        # The group may hold the proposer, whom nothing pings.
        ({"SGROUP"}, "UANA", ("UBO", "UCY")),
    ],
)
def test_who_is_mentioned(mention: set[str], proposer: str, found: tuple[str, ...]) -> None:
    policy = rules(approvers=frozenset({"UANA", "UBO", "UCY"}), mention=frozenset(mention))
    assert mentioned(policy, proposer=proposer) == found


@pytest.mark.parametrize("mention", [{"approvers"}, {"SGROUP"}])
def test_nobody_is_mentioned_where_nobody_could_approve(mention: set[str]) -> None:
    policy = rules(approvers=frozenset({"UANA"}), mention=frozenset(mention))
    assert mentioned(policy, proposer="UANA") == ()

"""How many people it takes, as a value: so many distinct people, and so many of each group. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from deletion.terms.people import Actor


@dataclass(frozen=True)
class Entitled:
    """A yes with its evidence: the rule by which somebody may vote, and the group that they are in."""

    rule: str
    group: str


@dataclass(frozen=True)
class GroupNeed:
    """How many of the voters have to be of a group. ``members`` are Slack user ids of the home workspace."""

    name: str
    members: frozenset[str]
    needed: int


@dataclass(frozen=True)
class Quorum:
    """So many distinct people, and of every group as many as it needs; one person may be of several groups.

    ``excluded`` are people whose vote never counts, such as the proposer.
    """

    people: int
    groups: tuple[GroupNeed, ...] = ()
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Standing:
    """How the votes stand: distinct people who count, how many it takes, and whether every need is met."""

    counted: int
    needed: int
    is_met: bool


def standing(quorum: Quorum, voters: Iterable[Actor]) -> Standing:
    """Count distinct people. A quorum of nobody is never met."""
    users = {voter.user for voter in voters} - quorum.excluded
    enough = quorum.people >= 1 and len(users) >= quorum.people
    groups = all(len(users & group.members) >= group.needed for group in quorum.groups)
    return Standing(len(users), quorum.people, enough and groups)

"""Who a person is, as Slack tells it at this moment, and whether such a person may take part."""

from dataclasses import dataclass
from typing import Protocol

from deletion.terms.refusals import Refusal, Rule


@dataclass(frozen=True, order=True)
class Actor:
    """A person, by Slack's own ids and nothing else."""

    team: str
    user: str

    def __str__(self) -> str:
        return f"{self.team}/{self.user}"

    @classmethod
    def parse(cls, text: str) -> "Actor | None":
        """Read back what ``str`` made; None for what is not a person, as the program itself."""
        team, slash, user = text.partition("/")
        return cls(team, user) if slash else None


@dataclass(frozen=True)
class Person:
    """What ``users.info`` says of a person. ``team`` is the workspace they belong to."""

    actor: Actor
    deleted: bool
    is_bot: bool
    is_guest: bool
    is_stranger: bool


class LookupFailedError(Exception):
    """Slack could not say who this is; which counts as a no."""


class Directory(Protocol):
    """Where people are looked up."""

    def read(self, actor: Actor) -> Person:
        """Return a person, read afresh; LookupFailedError when Slack cannot or will not say."""
        ...


def unfit(person: Person, *, home_team: str) -> Refusal | None:
    """Say why this person may not take part, or None when they may: full members of this workspace only."""
    if person.deleted:
        return Refusal(Rule.DEACTIVATED)
    if person.is_bot:
        return Refusal(Rule.BOT)
    if person.is_stranger or person.actor.team != home_team:
        return Refusal(Rule.STRANGER)
    if person.is_guest:
        return Refusal(Rule.GUEST)
    return None

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
    """What ``users.info`` says of a person. ``actor`` is who was asked about, with the workspace they belong to.

    ``enterprise`` is the one id that an Enterprise Grid has of them, whatever ids its workspaces have; None where
    there is no Grid. ``teams`` are the workspaces of the Grid that they are in besides. ``tz`` is the name of their
    time zone, ``utc_offset_s`` how far it is from UTC now, in seconds: for when to say something, never for rights.
    """

    actor: Actor
    deleted: bool
    is_bot: bool
    is_guest: bool
    is_stranger: bool
    enterprise: str | None = None
    teams: frozenset[str] = frozenset()
    tz: str = ""
    utc_offset_s: int = 0

    @property
    def identity(self) -> str:
        """Return what tells one person from another, by whichever of their ids they act."""
        return self.enterprise or self.actor.user


class LookupFailedError(Exception):
    """Slack could not say who this is; which counts as a no, and as the last word if it ``is_final``.

    Otherwise it may say so later: not before ``retry_after_ms`` have passed, if it named a time.
    """

    def __init__(self, text: str = "", *, is_final: bool = False, retry_after_ms: int = 0) -> None:
        super().__init__(text)
        self.is_final = is_final
        self.retry_after_ms = retry_after_ms


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
    if person.is_stranger or home_team not in {person.actor.team, *person.teams}:
        return Refusal(Rule.STRANGER)
    if person.is_guest:
        return Refusal(Rule.GUEST)
    return None

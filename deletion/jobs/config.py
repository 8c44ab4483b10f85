"""The rules that decisions need, and the kinds of work there are."""

from dataclasses import dataclass
from enum import StrEnum

from deletion.policy.decisions import Policy


class JobKind(StrEnum):
    """The kinds of work in the jobs table: about a proposal, a vote (COUNT), a list (LIST), refusals (REFUSALS).

    REMIND is about all that waits, and there is one.
    """

    COLLECT = "collect"
    COUNT = "count"
    EXECUTE = "execute"
    EXPIRE = "expire"
    LIST = "list"
    PROGRESS = "progress"
    REFUSALS = "refusals"
    REMIND = "remind"


@dataclass(frozen=True)
class Config:
    """The rules."""

    policy: Policy

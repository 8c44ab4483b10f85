"""The rules and places that decisions need, and the kinds of work there are."""

from dataclasses import dataclass
from enum import StrEnum

from deletion.audit.notices import Channels
from deletion.policy.decisions import Policy


class JobKind(StrEnum):
    """The kinds of work in the jobs table: about a proposal, COUNT about a vote, THAW about a wish to thaw."""

    COLLECT = "collect"
    COUNT = "count"
    EXECUTE = "execute"
    EXPIRE = "expire"
    THAW = "thaw"


@dataclass(frozen=True)
class Config:
    """The rules and the places that decisions need."""

    policy: Policy
    channels: Channels
    region: str

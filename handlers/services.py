"""What listeners and commands work with, put together once by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass, field

from deletion.audit.notices import Notice
from deletion.jobs.config import Config
from deletion.jobs.record import Database
from deletion.plan.cache import PlanCache
from deletion.terms.people import Directory
from deletion.terms.requests.list_files import ListFiles
from handlers.lookups import Lookups
from handlers.text.language import Language


@dataclass(frozen=True)
class HomeAsked:
    """A Home tab that is to be shown anew: whose (a Slack user id), and what is answered to what they did there.

    ``seen`` is Slack's hash of the view that they look at, None where there is none yet.
    """

    user: str
    seen: str | None = None
    said: Notice | str | None = None


@dataclass(frozen=True)
class Services:
    """The record, the rules, and ``wake`` to tell the worker that something was written.

    ``approvals_channel`` is the id of the channel with the cards. ``language`` returns the language of a person (a
    Slack user id) as far as it is known: it never asks Slack. ``workspace_url`` is the workspace's address,
    ``https://example.slack.com/``, or "" when Slack did not tell it. ``directory`` looks people up within the time
    that a listener has. ``lookups`` reads VOD for people, beside all this. ``home`` has somebody's Home tab shown
    anew, in a while. ``plans`` keeps what was found of a long plan that is looked at again and again. ``reasons``
    are those that the form suggests, and ``lists`` reads files.
    """

    database: Database
    config: Config
    wake: Callable[[], None]
    approvals_channel: str
    language: Callable[[str], Language]
    workspace_url: str
    directory: Directory
    lookups: Lookups
    lists: ListFiles
    home: Callable[[HomeAsked], None]
    plans: PlanCache = field(default_factory=PlanCache)
    reasons: tuple[str, ...] = ()

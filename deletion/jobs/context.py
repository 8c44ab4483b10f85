"""What the worker's side of deletion needs from outside, gathered once."""

from collections.abc import Callable
from dataclasses import dataclass, field

import vod
from deletion.audit.anchors import AuditHeads
from deletion.jobs.config import Config
from deletion.jobs.roll import Roll
from deletion.jobs.trust import Trust
from deletion.plan.cache import PlanCache
from deletion.plan.library.quota import Quota
from deletion.plan.library.reading import Reader
from deletion.terms.people import Directory
from deletion.terms.place import Place
from deletion.terms.requests.list_files import ListFiles
from storage import Database


@dataclass(frozen=True)
class Timings:
    """How long VOD is waited for, and how often it is asked again, in milliseconds."""

    first_look: int = 0
    look_again: tuple[int, ...] = (500, 1_000, 2_000, 5_000, 10_000, 30_000)
    give_up: int = 10 * 60 * 1000
    give_up_unread: int = 24 * 3600 * 1000
    resend_after: int = 5_000
    retry: tuple[int, ...] = (1_000, 2_000, 5_000, 15_000, 30_000, 60_000)

    def pause(self, steps: tuple[int, ...], attempt: int) -> int:
        """Return the pause before attempt number ``attempt`` (from 0); the last one repeats."""
        return steps[min(attempt, len(steps) - 1)]


@dataclass(frozen=True)
class Context:
    """The outside world of the jobs. ``owner`` names this instance; leases last ``lease_ms``.

    ``where`` says whose account, region and address it works in; vod.VodError while nobody can say.
    ``heads`` are those that the audit channel shows; ``trust`` is what they say of the record, as far as is known.
    ``lists`` are the files that people propose from.
    Of a list ``readers`` batches are read at the same time: one waits for VOD while another is taken in.
    ``alive`` is called all along a long turn: whoever watches over the threads takes it for a hung one otherwise.
    A deletion is dealt out to at most ``lanes`` jobs; each goes on for ``time_slice_ms`` before it is put back.
    """

    database: Database
    config: Config
    client: vod.VodClient
    reader: Reader
    quota: Quota
    where: Callable[[], Place]
    directory: Directory
    owner: str
    lease_ms: int
    monotonic_ms: Callable[[], int]
    new_id: Callable[[], str]
    timings: Timings
    lanes: int
    time_slice_ms: int
    plans: PlanCache
    heads: AuditHeads
    trust: Trust
    lists: ListFiles
    roll: Roll = field(default_factory=Roll)
    readers: int = 1
    alive: Callable[[], object] = lambda: None

    def is_fresh(self, started_ms: int) -> bool:
        """Say whether a reading is young enough: whoever was stopped for longer may have been taken over from."""
        return self.monotonic_ms() - started_ms < self.lease_ms // 2


@dataclass(frozen=True)
class Done:
    """A job has nothing left to do."""


@dataclass(frozen=True)
class Again:
    """A job wants to go on at ``due_ms``; ``progress`` says that it got somewhere this time."""

    due_ms: int
    progress: bool = True


Step = Done | Again

"""One process of the bot on a record in memory: it can be interrupted at every step, or killed, and comes again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from deletion import work
from deletion.jobs.config import Config
from deletion.jobs.context import Context, Timings
from deletion.jobs.trust import Trust
from deletion.plan.cache import PlanCache
from deletion.plan.library.quota import Quota
from deletion.plan.library.reading import Reader
from deletion.terms.people import Directory
from deletion.terms.place import Place
from storage import Database, Tx
from tests.deletion.memory_vod import Call, Client, Library
from tests.harness.channel import Channel
from tests.harness.lists import NoLists

T = TypeVar("T")

LEASE_MS = 30_000
HERE = Place("cn-shanghai", "1234567890123456", "vod.cn-shanghai.aliyuncs.com")
RESEND_AFTER_MS = 5_000


class Killed(BaseException):
    """What no handler in the program catches: the process is gone."""


@dataclass
class Interruption:
    """What happens at the ``nth`` moment of these kinds, counted from the first one of kind ``after`` on."""

    at: frozenset[str]
    nth: int
    act: Callable[[], None]
    after: str = ""

    def is_now(self, kind: str) -> bool:
        """Say whether it happens at this moment."""
        if self.after:
            self.after = "" if kind == self.after else self.after
            return False
        self.nth -= kind in self.at
        return self.nth == 0 and kind in self.at


class Witnessed:
    """A database that lets things happen around each transaction, and shows each commit to the model."""

    def __init__(self, database: Database, moment: Callable[[str], None], look: Callable[[], None]) -> None:
        self._database = database
        self._moment = moment
        self._look = look

    def write(self, work: Callable[[Tx], T], /) -> T:
        self._moment("write")
        result = self._database.write(work)
        self._look()
        self._moment("committed")
        return result

    def read(self, work: Callable[[Tx], T], /) -> T:
        self._moment("read")
        return self._database.read(work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


@dataclass(frozen=True)
class World:
    """What an instance runs in. ``look`` sees each commit, ``judge`` each delete call; waiting is ``advance``."""

    database: Database
    config: Config
    library: Library
    directory: Directory
    lanes: int
    numbers: Iterator[int]
    advance: Callable[[float], None]
    look: Callable[[], None]
    judge: Callable[[Client, Call], None]


class Instance:
    """One process of the bot. After its death another one comes up in its place, under another name."""

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.lives = 1
        self.interruption: Interruption | None = None
        self.intruded = False
        self._world = world
        self.client = Client(world.library, name, moment=self.moment, judge=world.judge)
        self.ctx = self._context(world.config)

    @property
    def owner(self) -> str:
        return f"{self.name}-{self.lives}"

    def moment(self, kind: str) -> None:
        """Let happen what was to happen now."""
        armed = self.interruption
        if armed is not None and armed.is_now(kind):
            self.interruption = None
            self.intruded = True
            armed.act()

    def step(self) -> bool:
        """Do a step of a job; False when none is due. Whoever is killed is followed by another."""
        self.client.forget()
        self.intruded = False
        try:
            return work.run_one(self.ctx)
        except Killed:
            self.lives += 1
            self.ctx = self._context(self.ctx.config)
            return True

    def work(self, steps: int) -> None:
        """Do so many steps, or what is due."""
        for _ in range(steps):
            if not self.step():
                return

    def be_interrupted(self, interruption: Interruption) -> None:
        """Work until interrupted, or nothing is due."""
        self.interruption = interruption
        while self.interruption is interruption and self.step():
            pass
        self.interruption = None

    def _context(self, config: Config) -> Context:
        world = self._world
        database: Any = Witnessed(world.database, self.moment, world.look)
        client: Any = self.client
        quota = Quota(database, world.advance)
        return Context(
            database=database,
            config=config,
            client=client,
            reader=Reader(client, quota, lambda _: None),
            quota=quota,
            where=lambda: HERE,
            directory=world.directory,
            owner=self.owner,
            lease_ms=LEASE_MS,
            monotonic_ms=world.database.now_ms,
            new_id=lambda: f"{self.owner}-{next(world.numbers)}",
            timings=Timings(resend_after=RESEND_AFTER_MS),
            lanes=world.lanes,
            time_slice_ms=0,
            plans=PlanCache(check_every_ms=0),
            heads=Channel(),
            trust=Trust(world.database.now_ms),
            lists=NoLists(),
        )

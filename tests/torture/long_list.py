"""One long list from its file to the file of its outcomes, by bots that are killed all the way."""

import csv
import io
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from deletion.collection import stage
from deletion.terms.requests.targets import BATCH
from deletion.terms.results.outcomes import Outcome
from handlers.cards import asset_list, outcome_list
from handlers.text import words
from sandbox.vod import Fault, FaultKind
from tests.torture import piecemeal
from tests.torture.accounts import Reckoning, reckon
from tests.torture.arena import Arena, FarAway
from tests.torture.table import Result
from tests.torture.workers import Process, running, wait_for

READ = "BatchGetMediaInfos"

AGAIN_S = 3.0
"""How soon people do once more what came to nothing."""

LOOK_S = 0.03

UNDER_WAY = 64
"""Batches in hand of all lanes when their workers are killed, and as many that are read once more after it."""

DOCUMENTED = 30
"""Calls of DeleteVideo in a second."""

STAGES = ("collecting", "asset list", "voting", "executing", "outcome list")


@dataclass(frozen=True)
class Length:
    """How long the list is, and how often bots are killed in each stage of its way.

    ``gap_s``: how long they live on average before that. Of a short list they write few rows at once
    (``written_at_once``), and VOD takes its time for a reading (``reading_s``), so that a kill finds it under way.
    """

    items: int
    workers: int
    kills: int
    gap_s: float
    written_at_once: int
    reading_s: float
    within_s: float


LONG = Length(20_000, 2, 8, 2.5, stage.WRITTEN_AT_ONCE, 0.05, 1_800)
BRIEF = Length(300, 1, 1, 0.6, 40, 0.3, 120)


class Counting(FarAway):
    """A VOD that is far away, and that counts what was read in which stage."""

    def __init__(self, rng: random.Random, reading_s: float) -> None:
        super().__init__(rng)
        self.stage = ""
        self.reads: Counter[str] = Counter()
        self._reading_s = reading_s
        self._count = threading.Lock()

    def take(self, action: str, ids: Iterable[str]) -> Fault | None:
        """Count a reading, and let it take its time."""
        if action != READ:
            return super().take(action, ids)
        with self._count:
            self.reads[self.stage] += 1
        return Fault(FaultKind.TIMEOUT, action, seconds=self._reading_s)


@dataclass
class Way:
    """The list on its way: what people do for it, and what befalls the bots."""

    arena: Arena
    web: Process
    crew: list[Process]
    rng: random.Random
    length: Length
    vod: Counting
    ids: list[str]
    kills: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    _acted: dict[str, float] = field(default_factory=dict)
    _strike_at: float = 0.0

    def go(self) -> None:
        """Go to the end, or for as long as that may take: what is missing then shows in the reckoning."""
        nobody, until = threading.Event(), time.monotonic() + self.length.within_s
        while (now := self.stage()) and time.monotonic() < until:
            self.vod.stage = now
            self._act(now)
            self._befall(now)
            nobody.wait(LOOK_S)

    def stage(self) -> str:
        """Return what the bots are at; '' at the end."""
        rows = self.arena.rows("SELECT state, revision FROM proposals")
        if not rows or rows[0]["state"] == "collecting":
            return "collecting" if rows else "proposing"
        state = rows[0]["state"]
        if state == "pending":
            if not self._is_sent("manifest"):
                return "asset list"
            return "voting" if self.arena.number("SELECT count(*) AS n FROM votes") else "approving"
        if state != "finished":
            return "executing"
        return "" if self._is_sent("outcomes") and self.arena.is_told() else "outcome list"

    def _is_sent(self, kind: str) -> bool:
        return self.arena.number("SELECT count(*) AS n FROM outbox WHERE kind = :k AND state = 'sent'", k=kind) > 0

    def _act(self, now: str) -> None:
        """Let people do what comes next, and once more when nothing came of it."""
        if now not in {"proposing", "approving"} or time.monotonic() - self._acted.get(now, 0.0) < AGAIN_S:
            return
        self._acted[now] = time.monotonic()
        slack = self.arena.slack
        if now == "approving":
            with suppress(LookupError):
                slack.click("bo", "Approve", match="#1")
        elif not self.arena.number("SELECT count(*) AS n FROM lists"):
            slack.say("ana", "/vod delete --file")
            file = slack.upload("ana", "list.txt", "\n".join(self.ids).encode())
            slack.submit("ana", {"file": file.id, "level": "video", "reason": "torture"})
            slack.submit("ana", {})

    def _befall(self, now: str) -> None:
        """Kill one of the bots, or all at once, unless that was done often enough in this stage."""
        if now not in STAGES or self.kills[now] >= self.length.kills or not self._are_at_work():
            self._strike_at = 0.0
            return
        if not self._strike_at:
            self._strike_at = time.monotonic() + self.rng.expovariate(1 / self.length.gap_s)
        if time.monotonic() < self._strike_at:
            return
        self._strike_at = 0.0
        self.kills[now] += 1
        everybody = [self.web, *self.crew]
        # A file is in the hands of any of them.
        all_at_once = "list" in now or self.kills[now] == 1 or self.rng.random() < 0.4
        victims = everybody if all_at_once else [self.rng.choice(everybody)]
        self.deaths += len(victims)
        for victim in victims:
            victim.kill()
        if all_at_once:
            self.arena.let_leases_run_out()
        for victim in victims:
            victim.start()

    def _are_at_work(self) -> bool:
        return all(process.is_up for process in (self.web, *self.crew))


def run(arena: Arena, length: Length, seed: int) -> Result:
    """Let bots go all the way with a long list on one engine, and reckon."""
    began = time.monotonic()
    rng = random.Random(f"{seed} {arena.engine} long")  # noqa: S311 - chaos that can be repeated
    vod = arena.vod._gateway.faults = Counting(random.Random(rng.random()), length.reading_s)  # noqa: S311 - as above
    arena.vod.quotas["DeleteVideo"] = DOCUMENTED
    ids = [arena.vod.library.add_video(title=f"Take {n}", has_cover=False).video_id for n in range(length.items)]
    settings = {"COUNTERSIGN_WORKER_THREADS": "8", piecemeal.ROWS: str(length.written_at_once)}
    with running(arena, length.workers, module=piecemeal.__name__, **settings) as (web, crew):
        way = Way(arena, web, crew, rng, length, vod, ids)
        way.go()
        with suppress(TimeoutError):
            wait_for(arena.is_told, "all is told", timeout_s=90)
        # Who is still beginning ends otherwise.
        wait_for(lambda: all(process.is_up for process in (web, *crew)), "every process is up")
        endings = [process.end() for process in (web, *crew)]
        faults = sum(each.logged('"fault"') + each.logged("turn_failed") for each in (web, *crew))
    done = {
        "assets in the list": length.items,
        **{f"times killed while {name}": way.kills[name] for name in STAGES},
        "processes killed (SIGKILL)": way.deaths,
        "lines of faults in the logs": faults,
    }
    unclean = {"processes that did not end when asked": sum(ending != 0 for ending in endings)}
    return Result(arena.engine, time.monotonic() - began, done, _reckoned(way).also(unclean))


def _reckoned(way: Way) -> Reckoning:
    """Add what the files say, and how much more was read than was in hand when somebody was killed."""
    batches = -(-way.length.items // BATCH)
    in_hand = way.length.written_at_once // BATCH + 5
    most = {
        "collecting": batches + way.kills["collecting"] * in_hand,
        "voting": batches + way.kills["voting"] * in_hand,
        "executing": batches + 1 + way.kills["executing"] * UNDER_WAY,
    }
    found = reckon(way.arena)
    reads = {f"readings while {name}, of at most {n:,}": way.vod.reads[name] for name, n in most.items()}
    others = sum(n for name, n in way.vod.reads.items() if name not in most)
    wrong = _wrong_files(way)
    faults = {
        "readings from the beginning again": sum(max(0, way.vod.reads[name] - n) for name, n in most.items()),
        "files that are not the list": len(wrong),
    }
    facts = {**found.facts, **reads, "readings in other stages": others}
    return Reckoning(facts, {**found.faults, **faults}, (*found.evidence, *wrong))


def _wrong_files(way: Way) -> list[str]:
    """Find which of both files does not say of every asset of the list once what is so."""
    files = {file.name: file.content for file in way.arena.slack.files}
    wrong, deleted = [], {words.OUTCOMES[Outcome.DELETED]}
    for name in (asset_list.file_name(1, 1), outcome_list.file_name(1)):
        rows = list(csv.DictReader(io.StringIO(files.get(name, b"").decode("utf-8-sig"), newline="")))
        if [row["id"] for row in rows] != way.ids:
            wrong.append(f"{name} lists {len(rows)} assets")
        elif name == outcome_list.file_name(1) and {row["outcome"] for row in rows} != deleted:
            wrong.append(f"{name} says {Counter(row['outcome'] for row in rows)}")
    return wrong

"""``python -m benchmarks.walks``: how a value walks through the rooms; method and numbers are in docs/walks.md."""

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from itertools import groupby, pairwise
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import click

from deletion import work
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from storage import Tx
from tests.stage import Stage

ROOT = Path(__file__).parents[1]

FLOORS = {"bot": 3, "handlers": 2, "deletion": 1, "vod": 0, "storage": 0}
"""The product's packages, higher ones above those they import."""

MOST_EVENTS = 400

FIRST_NUMBER = 7_000_001
"""The proposal's number: like no other integer of a journey, so that it can be told by its value."""

VIDEOS = 1
"""One: what a loop does for each video would be counted once per video."""


@dataclass(frozen=True)
class Journey:
    """What is followed: the first argument of a function of ``package`` that ``is_value`` says yes to."""

    name: str
    package: str
    is_value: Callable[[Any], bool]
    before: tuple[str, str, str]
    """What an earlier review, reading the code, counted: stays, rooms, climbs."""


SORTED_OUT_AT = Path("handlers/slack/brakes.py")
"""Where a request is only looked at, to choose the thread that carries it out: no journey begins there."""

JOURNEYS = (
    Journey("command", "handlers", lambda it: isinstance(it, dict) and "command" in it, ("45", "16", "10")),
    Journey("vote", "handlers", lambda it: isinstance(it, dict) and "actions" in it, ("29", "12", "9")),
    Journey("batch", "deletion", lambda it: getattr(it, "kind", None) == "execute", ("56", "18", "16")),
)


@dataclass(frozen=True)
class Visit:
    """A call that was given the value; ``depth`` counts the visits that it is inside of."""

    path: Path
    function: str
    depth: int

    @property
    def package(self) -> str:
        """The top-level package."""
        return self.path.parts[0]

    @property
    def folder(self) -> str:
        """The sub-room, ``deletion/approval``; a package without folders is one."""
        return "/".join(self.path.parts[:-1][:2])


@dataclass(frozen=True)
class Numbers:
    """What is counted of a walk. In ``rooms`` and ``climbs`` a room is a module.

    ``folders`` counts packages and their folders instead of modules; ``passages`` counts steps from package to
    package, and ``layer_climbs`` those of them that go up.
    """

    stays: int
    rooms: int
    climbs: int
    folders: int
    folder_climbs: int
    passages: int
    layer_climbs: int


def numbers(visits: list[Visit]) -> Numbers:
    """Count a walk."""
    packages = [name for name, _ in groupby(visit.package for visit in visits)]
    return Numbers(
        stays=len([path for path, _ in groupby(visit.path for visit in visits)]),
        rooms=len({visit.path for visit in visits}),
        climbs=_climbs(visits, lambda visit: str(visit.path)),
        folders=len({visit.folder for visit in visits}),
        folder_climbs=_climbs(visits, lambda visit: visit.folder),
        passages=max(0, len(packages) - 1),
        layer_climbs=sum(FLOORS[after] > FLOORS[before] for before, after in pairwise(packages)),
    )


def _climbs(visits: list[Visit], room: Callable[[Visit], str]) -> int:
    """Count how often the walk leaves a room for one further up the calls, to go down again from there."""
    return sum(after.depth < before.depth and room(before) != room(after) for before, after in pairwise(visits))


@dataclass
class Walk:
    """Follows one value in the thread that it appears in, from its first function until that one returns."""

    journey: Journey
    visits: list[Visit] = field(default_factory=list)
    _thread: int = 0
    _known: set[object] = field(default_factory=set)
    _kept: list[object] = field(default_factory=list)
    """Everything that was looked at: an identity is one only as long as its object lives."""
    _stack: list[tuple[str, bool]] = field(default_factory=list)

    def hear(self, frame: FrameType, event: str, arg: object) -> None:
        """Look at one call or return: what ``sys.setprofile`` wants."""
        if event not in {"call", "return"}:
            return
        path = _product_path(frame.f_code)
        if path is None:
            return
        begins = path.parts[0] == self.journey.package and path != SORTED_OUT_AT
        if not self._thread and event == "call" and begins:
            self._begin(frame)
        if self._thread == threading.get_ident() and not (event == "return" and not self._stack):
            if event == "call":
                self._call(path, frame)
            else:
                self._return(arg)

    def _begin(self, frame: FrameType) -> None:
        value = next(filter(self.journey.is_value, _arguments(frame)), None)
        if value is not None:
            self._thread = threading.get_ident()
            self._follow(value, 2)

    def _call(self, path: Path, frame: FrameType) -> None:
        package = path.parts[0]
        # The walk ends at the door of the lowest rooms: what these do inside is theirs.
        inside = bool(self._stack) and FLOORS[self._stack[-1][0]] == 0 == FLOORS[package]
        here = not inside and len(self.visits) < MOST_EVENTS and self._carries(_arguments(frame))
        if here:
            depth = sum(visited for _, visited in self._stack)
            self.visits.append(Visit(path, frame.f_code.co_qualname, depth))
        self._stack.append((package, here))

    def _return(self, result: object) -> None:
        _, visited = self._stack.pop()
        if visited:
            # What it made of the value goes on with it; a tuple is several things at once.
            self._follow(result, int(isinstance(result, tuple) or is_dataclass(result)))
        if not self._stack:
            self._thread = -1

    def _follow(self, value: object, depth: int) -> None:
        self._known.update(key for part in self._parts(value, depth) if (key := _key(part)) is not None)

    def _carries(self, arguments: list[object]) -> bool:
        return any(_key(part) in self._known for value in arguments for part in self._parts(value, 1))

    def _parts(self, value: object, depth: int) -> Iterator[object]:
        self._kept.append(value)
        yield value
        if depth:
            for part in _members(value):
                yield from self._parts(part, depth - 1)


def _key(value: object) -> object | None:
    """Return what a value is known by: texts and big numbers by what they are, anything else by identity.

    None for what says nothing about where it came from: a flag, a small number, a member of an enum, an empty text.
    """
    match value:
        case None | bool() | float() | Enum():
            return None
        case str():
            return value if len(value) > 1 else None
        case int():
            return value if value >= FIRST_NUMBER else None
        case tuple() | list() | dict() | frozenset() | set() if not value:
            return None
        case _:
            return ("object", id(value))


def _members(value: object) -> list[Any]:
    match value:
        case Mapping():
            return list(value.values())
        case list() | tuple() | frozenset():
            return list(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return [getattr(value, each.name, None) for each in fields(value)]
        case _:
            return []


def _arguments(frame: FrameType) -> list[object]:
    code, values = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    return [values.get(name) for name in code.co_varnames[:count]]


def _product_path(code: CodeType) -> Path | None:
    path = Path(code.co_filename)
    if not path.is_relative_to(ROOT):
        return None
    inside = path.relative_to(ROOT)
    return inside if inside.parts[0] in FLOORS else None


@contextmanager
def listening() -> Iterator[list[Walk]]:
    """Hear every call of this thread and of those started from now on, for the walks in the list."""
    walks: list[Walk] = []

    def hear(frame: FrameType, event: str, arg: object) -> None:
        for walk in walks:
            walk.hear(frame, event, arg)

    threading.setprofile(hear)
    sys.setprofile(hear)
    try:
        yield walks
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def measure() -> dict[str, list[Visit]]:
    """Let one deletion be proposed, approved and carried out; return the visits of each journey."""
    with (
        tempfile.TemporaryDirectory() as folder,
        SlackSandbox.start(environ={}) as slack,
        VodSandbox.start() as vod,
        listening() as walks,
    ):
        stage = Stage.open(slack, vod, Path(folder), COUNTERSIGN_HOLD_SECONDS="0")
        try:
            return {
                journey.name: walk.visits for journey, walk in zip(JOURNEYS, _deletion(stage, walks), strict=True)
            }
        finally:
            walks.clear()
            stage.close()


def _deletion(stage: Stage, walks: list[Walk]) -> list[Walk]:
    command, vote, batch = JOURNEYS
    ids = [stage.vod.library.add_video(title=f"take {n}", has_cover=False).video_id for n in range(VIDEOS)]
    _count_from(stage, ids[0])
    first, second = Walk(command), Walk(vote)
    walks[:] = [first]
    stage.slack.say("ana", f'/vod delete video {" ".join(ids)} --reason "rights expired"', channel="vod-deletions")
    walks.clear()
    stage.settle()
    walks[:] = [second]
    stage.slack.click("bo", "Approve", match=f"#{FIRST_NUMBER}")
    walks.clear()
    return [first, second, _sending_step(stage, walks, batch, ids)]


def _count_from(stage: Stage, some_id: str) -> None:
    """Let the next proposal be FIRST_NUMBER, by giving a made one, which nobody works at, the number before."""
    stage.slack.say("ana", f"/vod delete video {some_id} --reason first", channel="vod-deletions")

    def renumber(tx: Tx) -> None:
        tx.run("UPDATE proposals SET id = :id", id=FIRST_NUMBER - 1)
        tx.run("DELETE FROM jobs")

    stage.database.write(renumber)
    stage.settle()


def _sending_step(stage: Stage, walks: list[Walk], journey: Journey, ids: list[str]) -> Walk:
    """Let the worker go on until a step has deleted something; return the walk of that step."""
    while True:
        walk = Walk(journey)
        walks[:] = [walk]
        worked = work.run_one(stage.program.context)
        walks.clear()
        if any(stage.vod.library.video(name) is None for name in ids):
            return walk
        if not (stage.announcer.step() or worked):
            raise AssertionError("at rest before anything was deleted")


@click.command()
@click.option("--show", is_flag=True, help="Print every visit, deeper ones further in.")
def main(*, show: bool) -> None:
    """Follow a slash command, a vote and a batch through the calls."""
    walked = measure()
    names = [each.name for each in fields(Numbers)]
    heads = "".join(f"{name.replace('_', ' '):>15}" for name in names)
    click.echo(f"{'':<10}{heads}   the review's count")
    for journey in JOURNEYS:
        counted = numbers(walked[journey.name])
        shown = "".join(f"{getattr(counted, name):>15}" for name in names)
        click.echo(f"{journey.name:<10}{shown}   {' / '.join(journey.before)}")
    if show:
        for name, visits in walked.items():
            click.echo(f"\n{name}")
            for visit in visits:
                click.echo(f"{'  ' * visit.depth}{visit.path.with_suffix('')} {visit.function}")


if __name__ == "__main__":
    main()

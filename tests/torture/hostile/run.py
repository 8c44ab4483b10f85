"""One engine's hostile run: rounds in random order, then the reckoning."""

import logging
import random
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from deletion.evidence import record_check
from sandbox.slack import Message, SlackSandbox
from sandbox.vod import VodSandbox
from storage import parse
from tests.torture.accounts import Reckoning
from tests.torture.arena import ENGINES, Arena
from tests.torture.hostile.evidence import Call, Case, Claim, Evidence, Face
from tests.torture.hostile.hostilities import EVERY, Kind, Round
from tests.torture.hostile.reckoning import ANSWERED_S, CRITERIA
from tests.torture.hostile.records import keeping
from tests.torture.hostile.scene import CHANNEL, PROPOSER, Deletion, Scene, Slow, has_stop, is_card
from tests.torture.hostile.skewed import FILE
from tests.torture.table import Result
from tests.torture.workers import Process, free_port

SKEWED = "tests.torture.hostile.skewed"

DELETED = re.compile(r"(?<![\w#])(\d[\d,]*)(?: of \d[\d,]*)? deleted\b(?! \()")
UNTOUCHED = re.compile(r"nothing (?:of it )?was deleted(?: here)?\b(?! yet)", re.IGNORECASE)
NEVER = re.compile(r"nothing (?:of it )?(?:was deleted, and nothing will be|will be deleted)", re.IGNORECASE)


@dataclass(frozen=True)
class HostileMeasure:
    """How much of it: every round, or one of some kinds; seconds of a hold; workers besides the listener."""

    is_full: bool
    hold_s: int
    workers: int


FULL = HostileMeasure(is_full=True, hold_s=3, workers=1)
SHORT = HostileMeasure(is_full=False, hold_s=3, workers=0)

ON_EITHER = (Kind.STRANGERS, Kind.AWAY, Kind.CLOCKS, Kind.PEOPLE)
"""Kinds of which the short version plays two on one engine and two on the other; the rest it plays on each."""


def run(engine: str, measure: HostileMeasure, seed: int) -> Result:
    """Let everything hostile happen on one engine."""
    began = time.monotonic()
    with set_up(engine, measure) as scene:
        scene.start()
        for each in chosen(engine, measure, seed):
            play(scene, each)
        endings = [bot.end() for bot in scene.bots]
        told = reckon(scene)
        done = {
            "bots": len(scene.bots),
            "hold, in seconds": measure.hold_s,
            **{str(kind): scene.done[kind] for kind in Kind},
            "stops and freezes made": len(scene.brakes),
        }
        unclean = {"processes that did not end when asked": sum(ending != 0 for ending in endings)}
        return Result(engine, time.monotonic() - began, done, told.also(unclean))


def chosen(engine: str, measure: HostileMeasure, seed: int) -> list[Round]:
    """Choose rounds, in an order of chance."""
    rng = random.Random(f"hostile {seed} {engine}")  # noqa: S311 - chances that can be repeated
    if measure.is_full:
        some = [each for varieties in EVERY.values() for each in varieties]
    else:
        split = random.Random(f"hostile {seed}").sample(ON_EITHER, len(ON_EITHER))  # noqa: S311 - as above
        others = split[2:] if engine == ENGINES[0] else split[:2]
        some = [rng.choice(varieties) for kind, varieties in EVERY.items() if kind not in others]
    rng.shuffle(some)
    return some


def play(scene: Scene, each: Round) -> None:
    """Play a round; one that cannot be played to its end is a fault."""
    try:
        each.play(scene)
    except (TimeoutError, LookupError) as exc:
        scene.stuck.append(f"{each.kind}, {each.name}: {exc}")
        scene.recover()
    scene.done[each.kind] += 1


@contextmanager
def set_up(engine: str, measure: HostileMeasure) -> Iterator[Scene]:
    """Start everything but the bots; leave nothing of it behind."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="hostile-")))
        keeper = stack.enter_context(keeping(engine, folder))
        database = parse(keeper.url).open()
        stack.callback(database.close)
        database.migrate()
        slack = stack.enter_context(SlackSandbox.start(environ={}))
        vod = stack.enter_context(VodSandbox.start(seed_library=False))
        vod._gateway.faults = Slow()
        slack.rate.enabled = False
        arena = Arena(engine, slack, vod, keeper.url, folder, database)
        port = free_port()
        settings = {
            "COUNTERSIGN_HOLD_SECONDS": str(measure.hold_s),
            "COUNTERSIGN_CANARY_FROM": "100000",
            "COUNTERSIGN_WORKER_THREADS": "2",
            FILE: str(folder / "clock"),
        }
        bots = [Process(arena, "bot", "run", module=SKEWED, PORT=str(port), **settings)]
        bots += [Process(arena, f"worker{n}", "worker", module=SKEWED, **settings) for n in range(measure.workers)]
        for bot in bots:
            stack.callback(bot.kill)
        slack.connect(f"http://127.0.0.1:{port}/slack/events")
        yield Scene(arena, keeper, bots, port, float(measure.hold_s))


def reckon(scene: Scene) -> Reckoning:
    """Compare what people and sandboxes saw."""
    seen = gathered(scene)
    found = {name: list(criterion(seen)) for name, criterion in CRITERIA.items()}
    chain = record_check.verify(scene.arena.database)
    answered = [brake.took_s for brake in seen.brakes]
    facts: dict[str, int | str] = {
        "proposals": len(seen.cases),
        "of them approved": sum(bool(case.approvals) for case in seen.cases),
        "delete calls received by VOD": len(seen.calls),
        "videos removed": len({name for call in seen.calls for name in call.removed}),
        "words of deletion compared": sum(len(case.claims) for case in seen.cases),
        "slowest answer to a stop or freeze": f"{max(answered, default=0.0):.2f} s of {ANSWERED_S:.0f} s",
        "audit events": chain.events,
    }
    faults = {
        **{name: len(lines) for name, lines in found.items()},
        "rounds that did not come to their end": len(scene.stuck),
        "faults in the chain": len(chain.violations),
        "calls that the sandboxes do not know": len(scene.vod.unknown_calls) + len(scene.slack.unknown_calls),
    }
    told = [line for lines in found.values() for line in lines]
    told += [*scene.stuck, *(violation.problem for violation in chain.violations)]
    return Reckoning(facts, faults, tuple(told[:40]))


def gathered(scene: Scene) -> Evidence:
    """Gather what people and sandboxes saw."""
    calls = tuple(
        Call(call.at.timestamp(), frozenset(call.ids), frozenset(call.removed)) for call in scene.vod.ledger.calls()
    )
    messages = [m for m in scene.slack.workspace.everything() if m.user == scene.slack.bot_user_id]
    present = frozenset(video.video_id for video in scene.vod.library.videos())
    return Evidence(
        scene.hold_s,
        calls,
        tuple(_case(scene, each, messages) for each in scene.deletions),
        tuple(scene.brakes),
        tuple(scene.anew),
        tuple(scene.old),
        tuple(scene.away),
        tuple(scene.gone),
        present,
    )


def _case(scene: Scene, deletion: Deletion, messages: list[Message]) -> Case:
    channel = scene.slack.channel(CHANNEL).id
    ends = min(
        (d.began for d in scene.deletions if d.number == deletion.number and d.began > deletion.began),
        default=float("inf"),
    )
    mine = [
        m for m in messages if deletion.began - 1 <= float(m.ts) < ends - 1 and _is_about(m, deletion, messages)
    ]
    cards = [m for m in mine if m.channel == channel and not m.is_reply and is_card(m, deletion)]
    faces = [Face(v.at.timestamp(), has_stop(v.blocks)) for card in cards for v in card.history]
    claims = [claim for message in mine for claim in _claims(message, len(deletion.ids))]
    proposer = scene.slack.user(PROPOSER).id
    return Case(
        f"{deletion.name} of {deletion.began:.0f}",
        proposer,
        deletion.ids,
        tuple(deletion.approvals),
        tuple(faces),
        tuple(claims),
        _said_deleted(scene, deletion),
    )


def _is_about(message: Message, deletion: Deletion, messages: list[Message]) -> bool:
    names = re.findall(r"#(\d+)\b", message.text)
    if names:
        # Words about several are nobody's.
        return set(names) == {str(deletion.number)}
    if not message.is_reply:
        return False
    top = next((m for m in messages if m.ts == message.thread_ts and m.channel == message.channel), None)
    return top is not None and re.search(rf"{deletion.name}\b", top.text) is not None


def _claims(message: Message, total: int) -> Iterator[Claim]:
    for version in message.history:
        at = version.at.timestamp()
        for number in DELETED.findall(version.text):
            yield Claim(at, int(number.replace(",", "")), version.text[:160])
        if "✅ Deleted" in version.text and not DELETED.search(version.text):
            yield Claim(at, total, version.text[:160])
        if UNTOUCHED.search(version.text):
            yield Claim(at, None, version.text[:160], for_good=NEVER.search(version.text) is not None)


def _said_deleted(scene: Scene, deletion: Deletion) -> frozenset[str]:
    rows = scene.arena.rows("SELECT target FROM items WHERE outcome = 'deleted'")
    return deletion.ids & frozenset(str(row["target"]) for row in rows)

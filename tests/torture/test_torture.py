"""The short version of ``make torture``: a minute of it on each engine."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.background import in_background
from tests.limits import descendants, processes
from tests.torture import long_list, rounds
from tests.torture.arena import ENGINES, opened
from tests.torture.deaths import die_everywhere
from tests.torture.hostile import run as hostile
from tests.torture.hostile.hostilities import Kind
from tests.torture.rounds import SHORT
from tests.torture.table import Result, table
from tests.torture.workers import wait_for

SEED = 20_260


@pytest.mark.parametrize("engine", ENGINES)
def test_bots_that_are_killed_and_stopped_at_random_lose_nothing_and_do_nothing_twice(engine: str) -> None:
    with opened(engine, SEED) as arena:
        result = rounds.run(arena, SHORT, SEED)

    done, facts = result.done, result.reckoning.facts
    assert done["kills (SIGKILL)"] == SHORT.kills > 5
    assert done["stops longer than the lease (SIGSTOP)"] == SHORT.stops > 1
    assert int(facts["assets in them"]) >= SHORT.assets
    assert int(facts["delete calls received by VOD"]) > 0
    assert int(facts["calls adopted"]) > 0
    assert result.holds, table([result])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bot_killed_around_any_commit_leaves_everything_to_the_next_one(engine: str) -> None:
    with opened(engine, SEED, is_far=False) as arena:
        result = die_everywhere(arena, every=SHORT.step_every, offset=SEED % SHORT.step_every)

    assert result.done["deaths right before a commit"] > 1
    assert result.done["deaths right after a commit"] > 1
    assert result.holds, table([result])


def test_a_hostile_world_has_nothing_deleted_that_people_could_not_see_and_stop() -> None:
    with ThreadPoolExecutor(len(ENGINES)) as pool:
        results = list(pool.map(lambda engine: hostile.run(engine, hostile.SHORT, SEED), ENGINES))

    for kind in Kind:
        assert sum(result.done[kind] for result in results) > 0
    assert all(int(result.reckoning.facts["videos removed"]) > 0 for result in results)
    assert all(result.holds for result in results), table(results)


def test_a_long_list_comes_to_its_end_by_bots_that_are_killed_in_every_stage_and_never_begins_anew() -> None:
    def go(engine: str) -> Result:
        with opened(engine, SEED) as arena:
            return long_list.run(arena, long_list.BRIEF, SEED)

    with ThreadPoolExecutor(len(ENGINES)) as pool:
        results = list(pool.map(go, ENGINES))

    for name in long_list.STAGES[:-1]:
        assert sum(result.done[f"times killed while {name}"] for result in results) > 0
    assert all(result.holds for result in results), table(results)


def test_torture_that_a_script_started_in_the_background_ends_at_once_when_asked_to_and_leaves_no_bot() -> None:
    # Twice the engine that leaves no server behind if this fails.
    options = ("--only", "steps", "--engine", "sqlite", "--engine", "sqlite")
    with in_background("-W", "ignore", "-m", "tests.torture", *options, environ=os.environ) as torture:
        wait_for(lambda: len(_bots(torture.pid)) > 1, "bots live")
        bots = _bots(torture.pid)
        torture.send_signal(signal.SIGINT)
        torture.communicate(timeout=60)
        sessions = {session for session in bots.values() if _live_in(session)}

    assert torture.returncode == 128 + signal.SIGINT
    assert sessions == set()


def _bots(torture: int) -> dict[int, int]:
    """Return the ids of the bots that were forked, and of the sessions that they are in."""
    mothers = [pid for pid in descendants(torture) if b"tests.torture.mortal" in _command(pid)]
    return {bot: mother for mother in mothers for bot in descendants(mother)}


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _live_in(session: int) -> bool:
    return any(stat.session == session and stat.state != "Z" for stat in processes())

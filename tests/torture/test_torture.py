"""The short version of ``make torture``: a minute of it on each engine."""

import pytest

from tests.torture import rounds
from tests.torture.arena import ENGINES, opened
from tests.torture.deaths import die_everywhere
from tests.torture.rounds import SHORT
from tests.torture.table import table

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

"""Fifty proposals at once, at two instances: never more than the caps of a day allow."""

from functools import partial

import pytest

from deletion.terms.states import State
from tests.e2e.conftest import Starter
from tests.e2e.running import wait_for
from tests.e2e.test_click_storm import at_once

CAPS = {"COUNTERSIGN_MAX_ITEMS": "2", "COUNTERSIGN_MAX_DAILY": "6", "COUNTERSIGN_MAX_DAILY_TEAM": "10"}


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_fifty_proposals_at_once_stay_within_the_caps_of_a_day(engine: str, started: Starter) -> None:
    running = started(engine, instances=2, **CAPS)
    library = running.vod.library
    ids = [library.add_video(title=f"take {n}", has_cover=False).video_id for n in range(50)]
    wishes = [
        partial(running.slack.say, who, f"/vod delete video {ids[2 * n]} {ids[2 * n + 1]} --reason x")
        for n, who in enumerate(["ana", "bo"] * 12 + ["cy"])
    ]
    deliveries = at_once(wishes * 2)
    assert all(each.error is None and each.elapsed_s < 3 for each in deliveries)

    made = running.events("proposal.made")
    assert sum(each["data"]["asked"] for each in made) == 10
    for person in {each["actor"] for each in made}:
        assert sum(each["data"]["asked"] for each in made if each["actor"] == person) <= 6
    refused = [each.reply.text for each in deliveries if each.reply and "24 hours" in each.reply.text]
    assert len(refused) == 50 - len(made)
    assert all("COUNTERSIGN_MAX_DAILY" in text for text in refused)
    wait_for(lambda: all(running.state(n + 1) is State.PENDING for n in range(len(made))), "all are read")
    assert running.verify().holds

"""Fifty clicks at the same moment on four running programs with one record: one vote or quorum, one execution."""

import itertools
from collections import Counter
from collections.abc import Sequence

import pytest

from deletion.terms.states import State
from sandbox.slack import Delivery
from tests.e2e.conftest import Starter
from tests.e2e.evidence import assert_lawful, assert_told_as_finished, refusals
from tests.e2e.running import Running, measured, wait_for
from tests.e2e.test_click_storm import CLICKS, answers_so_far, assert_everybody_was_answered, at_once, clicks

INSTANCES = 4
DEADLINE_S = 3
ENGINES = ("sqlite", "postgres")


def free_videos(running: Running, count: int) -> list[str]:
    return [video.video_id for video in running.vod.library.videos() if not video.forbidden][:count]


def storm(running: Running, number: int, crowd: Sequence[str]) -> Counter[str]:
    """Let everybody of the crowd click Approve at once; return the private answers of each until all is told."""
    before = answers_so_far(running)
    deliveries = at_once(clicks(running, number, crowd))
    wait_for(lambda: running.state(number) is State.FINISHED and running.all_is_told(), "it is finished and told")
    assert_in_time(running, deliveries)
    assert_everybody_was_answered(running, deliveries, before)
    return answers_so_far(running) - before


def assert_in_time(running: Running, deliveries: Sequence[Delivery]) -> None:
    """Hold that each click was acknowledged within Slack's three seconds, and that every instance had its share."""
    slowest = max(delivery.elapsed_s for delivery in deliveries)
    measured(f"the slowest of {len(deliveries)} clicks was acknowledged after {slowest * 1000:.0f} ms")
    assert slowest < DEADLINE_S
    shares = Counter(delivery.request.url for delivery in deliveries if delivery.request)
    assert set(shares) == {bot.url for bot in running.bots}
    assert max(shares.values()) - min(shares.values()) <= 1


def assert_one_execution(running: Running, number: int, targets: Sequence[str]) -> None:
    """Hold that of all the clicks came one approval, one execution and one call for each batch."""
    for action in ("proposal.approved", "execution.started", "execution.finished"):
        assert len([e for e in running.events(action) if e["ref"] == f"proposal/{number}"]) == 1, action
    calls = [call.ids for call in running.vod.ledger.calls() if not set(call.ids).isdisjoint(targets)]
    assert sorted(len(call) for call in calls) == [5, 20]
    assert sorted(i for call in calls for i in call) == sorted(targets)
    assert running.outcomes(number) == dict.fromkeys(targets, "deleted")
    assert_told_as_finished(running, number, proposer="ana", tally=f"{len(targets)} videos: {len(targets)} deleted")


def refused_of(running: Running, number: int) -> Counter[tuple[str, str]]:
    """Return who was refused by which rule, and how often."""
    found = refusals(running, "vote.refused").items()
    return Counter({(who, rule): count for (ref, who, rule), count in found if ref == f"proposal/{number}"})


@pytest.mark.parametrize("engine", ENGINES)
def test_fifty_clicks_on_four_instances_are_one_execution_and_each_is_answered(
    engine: str, started: Starter
) -> None:
    """First one person clicks fifty times; then fifty times several do, the proposer and strangers among them."""
    running = started(engine, instances=INSTANCES, COUNTERSIGN_MAX_GIGABYTES="100000")
    videos = free_videos(running, 50)
    bo = running.slack.user("bo").id

    number = running.propose(f"video {' '.join(videos[:25])}")
    answered = storm(running, number, ["bo"] * CLICKS)
    refused = refused_of(running, number)
    # Whoever clicks after the vote was counted is told that it is being deleted already.
    assert set(refused) <= {(bo, "already approved"), (bo, "not open")}
    assert sum(refused.values()) == CLICKS - 1
    assert answered == {bo: CLICKS}
    assert len([text for text in running.answers("bo") if "is saved" in text]) == 1
    assert_one_execution(running, number, videos[:25])

    number = running.propose(f"video {' '.join(videos[25:])}")
    crowd = list(itertools.islice(itertools.cycle(["bo", "ana", "dee", "cy", "gus", "eve"]), CLICKS))
    storm(running, number, crowd)
    refused = refused_of(running, number)
    cast = [e["actor"].rpartition("/")[2] for e in running.events("vote.cast") if e["ref"] == f"proposal/{number}"]
    assert set(cast) <= {bo, running.slack.user("cy").id}
    assert len(cast) == len(set(cast))
    assert sum(refused.values()) == CLICKS - len(cast)
    assert {who for who, _ in refused} >= {running.slack.user(who).id for who in ("ana", "dee", "gus", "eve")}
    assert_one_execution(running, number, videos[25:])

    assert_lawful(running)
    assert running.end() == [0] * INSTANCES
    assert "Traceback" not in running.log

"""Everybody clicks at once: one transition, one execution, and an answer for each click."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier
from typing import TypeVar

from bot.runtime.program import Program
from deletion.terms.states import State
from handlers.cards import ids
from handlers.views import reject
from sandbox.slack import Delivery
from sandbox.vod import seed
from tests.e2e.evidence import assert_lawful, assert_told_as_finished, refusals
from tests.harness import plans
from tests.scene import Scene
from tests.stage import Opener, Stage

T = TypeVar("T")
TEASER = seed.SPRING_TEASER.video_id
TOUR = seed.WAREHOUSE_TOUR.video_id
CLICKS = 50


def at_once(deeds: Sequence[Callable[[], T]]) -> list[T]:
    """Do everything at the same moment, each deed in a thread of its own."""
    barrier = Barrier(len(deeds))

    def one(deed: Callable[[], T]) -> T:
        barrier.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def clicks(
    scene: Scene, number: int, who: Sequence[str], action_id: str = ids.APPROVE
) -> list[Callable[[], Delivery]]:
    """Return one click on a proposal's card for each name."""
    card = scene.card(number)
    return [partial(scene.slack.click_message, name, "vod-deletions", card.ts, action_id) for name in who]


def assert_everybody_was_answered(scene: Scene, deliveries: Sequence[Delivery], before: Counter[str]) -> None:
    """Hold that every click was acknowledged in time and answered with words."""
    assert {(delivery.status, delivery.error) for delivery in deliveries} == {(200, None)}
    asked = Counter(delivery.origin.person for delivery in deliveries)
    answered = Counter({scene.slack.user(name).id: len(scene.answers(name)) for name in scene.slack.people})
    assert all(answered[user] - before[user] >= times for user, times in asked.items())


def answers_so_far(scene: Scene) -> Counter[str]:
    return Counter({scene.slack.user(name).id: len(scene.answers(name)) for name in scene.slack.people})


@contextmanager
def at_work(*programs: Program) -> Iterator[None]:
    """Let the workers of these instances run by themselves, in threads of their own."""
    for program in programs:
        program.worker.start(jobs=True)
    try:
        yield
    finally:
        for program in programs:
            program.stop.request()
        assert [program.worker.join(10) for program in programs] == [True] * len(programs)


def test_fifty_clicks_of_one_person_are_one_vote_and_one_execution(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER} {TOUR}")
    before = answers_so_far(stage)
    deliveries = at_once(clicks(stage, number, ["bo"] * CLICKS))
    stage.settle()

    assert_everybody_was_answered(stage, deliveries, before)
    assert len(stage.events("vote.cast")) == 1
    bo = stage.slack.user("bo").id
    assert refusals(stage, "vote.refused") == {(f"proposal/{number}", bo, "already approved"): CLICKS - 1}
    assert len(stage.vod.ledger.calls()) == 1
    assert_told_as_finished(stage, number, proposer="ana", tally="2 videos: 2 deleted")
    assert_lawful(stage)


def test_fifty_clicks_of_several_people_open_one_execution_with_two_instances_at_work(open_stage: Opener) -> None:
    """While both instances count and execute, the clicks go on."""
    stage = open_stage(COUNTERSIGN_APPROVALS_NEEDED="2")
    other = stage._assemble()
    numbers = [stage.propose("ana", f"video {video_id}") for video_id in (TEASER, TOUR)]
    before = answers_so_far(stage)
    crowd = ["bo", "cy", "dee", "ana", "gus"] * (CLICKS // 10)
    storm = [click for number in numbers for click in clicks(stage, number, crowd)]
    with at_work(stage.program, other):
        deliveries = at_once(storm)
        assert stage.slack.wait_until(lambda: all(stage.state(n) is State.FINISHED for n in numbers), 20)
    stage.settle()

    assert_everybody_was_answered(stage, deliveries, before)
    for number in numbers:
        counted = [e["actor"] for e in stage.events("vote.counted") if e["ref"] == f"proposal/{number}"]
        assert sorted(who.rpartition("/")[2] for who in counted) == sorted(
            stage.slack.user(who).id for who in ("bo", "cy")
        )
    assert len(stage.events("proposal.approved")) == len(stage.events("execution.started")) == len(numbers)
    assert sorted(stage.vod.ledger.ids()) == sorted([TEASER, TOUR])
    for number in numbers:
        assert_told_as_finished(stage, number, proposer="ana", tally="1 video: 1 deleted")
    assert_lawful(stage)


def test_approving_rejecting_and_withdrawing_at_once_has_one_winner(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.click("cy", "Reject", match=f"#{number}")
    form = stage.slack.modal("cy")
    before = answers_so_far(stage)
    deeds = [
        *clicks(stage, number, ["bo"] * 3),
        *clicks(stage, number, ["ana"] * 3, ids.WITHDRAW),
        lambda: stage.slack.submit("cy", {reject.BLOCK_ID: "Still in use"}, form),
    ]
    deliveries = at_once(deeds)
    stage.settle()

    assert_everybody_was_answered(stage, deliveries[:-1], before)
    ends = [e for a in ("proposal.rejected", "proposal.withdrawn", "proposal.approved") for e in stage.events(a)]
    assert len(ends) == 1
    assert stage.state(number) in {State.REJECTED, State.WITHDRAWN, State.FINISHED}
    assert stage.vod.ledger.ids() == ([TEASER] if stage.state(number) is State.FINISHED else [])
    assert_lawful(stage)


def test_proposals_made_at_once_get_numbers_of_their_own(stage: Stage) -> None:
    wanted = [video.video_id for video in stage.vod.library.videos() if not video.forbidden][:24]
    said = [
        partial(stage.slack.say, who, f"/vod delete video {video_id} --reason {video_id}")
        for who, video_id in zip(["ana", "bo", "cy"] * 8, wanted, strict=True)
    ]
    deliveries = at_once(said)
    stage.settle()

    assert {delivery.error for delivery in deliveries} == {None}
    told = [delivery.reply.text.split()[1] for delivery in deliveries if delivery.reply is not None]
    assert sorted(told) == sorted(f"#{n}" for n in range(1, 25))
    for number in range(1, 25):
        view = stage.view(number)
        assert view.state is State.PENDING
        assert view.plan is not None
        assert plans.ids_of(view.plan) == [view.row.reason]
    assert len(stage.slack.messages("vod-deletions")) == 24
    assert stage.verify().holds

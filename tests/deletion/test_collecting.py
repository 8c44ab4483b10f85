from collections.abc import Callable, MutableMapping
from typing import Any

import pytest

from deletion.approval.proposal import SlackAction
from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import COLLECT_WITHIN_MS, ProposalDraft
from deletion.audit.messages import audience
from deletion.plan import cache
from deletion.terms.people import Person
from deletion.terms.place import Place
from deletion.terms.refusals import Rule
from deletion.terms.requests.targets import Images, ImagesOf, Mezzanines, Request, Streams, VideoImages, Videos
from deletion.terms.results.findings import LeftOut
from deletion.terms.states import State
from sandbox.vod import seed
from storage.tables import revisions
from tests.deletion.bench import ANA, Bench
from tests.harness import plans

ONE, TWO = seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id
GONE = "0" * 32


def failure(bench: Bench, number: int) -> dict[str, Any]:
    """Return why a proposal could not be collected, as the log says and its proposer is told."""
    assert bench.state(number) == State.FAILED
    assert bench.news("direct")[-1] == "proposal.not_collected"
    found = bench.events("proposal.not_collected")[-1]
    return {name: value for name, value in found.items() if value != []}


def test_a_proposal_is_frozen_as_it_was_read(bench: Bench) -> None:
    number = bench.propose(Videos((ONE, GONE, TWO)))

    row = bench.row(number)
    assert (row.state, row.revision) == (State.PENDING, 1)
    stored = bench.database.read(lambda tx: revisions.plan_of(tx, number, 1))
    frozen = bench.database.read(lambda tx: cache.to_show(tx, number, 1))
    assert stored is not None
    assert frozen is not None
    assert plans.ids_of(frozen) == [ONE, TWO]
    assert frozen.left_out == ((GONE, LeftOut.MISSING),)
    assert frozen.place == Place(bench.vod.region, bench.vod.account, bench.vod.endpoint)
    assert frozen.digest == stored.digest == row.digest
    assert bench.events("plan.frozen")[0]["count"] == 2
    assert bench.news("direct") == [], "nobody can decide before the card is there"


def test_a_long_plan_comes_with_its_full_list(bench: Bench) -> None:
    names = tuple(video.video_id for video in bench.vod.library.videos())
    bench.propose(Videos(names[:19]))
    assert bench.owed("manifest") == []

    bench.propose(Videos(names[:20]))

    assert bench.owed("manifest") == [{"revision": 1}]


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_a_list_that_is_on_its_way_when_its_card_arrives_is_not_queued_once_more(bench: Bench, state: str) -> None:
    number = bench.propose(Videos(tuple(video.video_id for video in bench.vod.library.videos()[:25])))
    bench.sql("UPDATE outbox SET state = :state WHERE kind = 'manifest'", state=state)
    bench.database.write(lambda tx: audience.asset_list_follows_card(tx, number))
    lists = bench.database.read(lambda tx: tx.rows("SELECT id FROM outbox WHERE kind = 'manifest'"))
    assert len(lists) == 1


@pytest.mark.parametrize(
    ("request_", "facts"),
    [
        (Videos((GONE,)), {"left_out": [[GONE, "missing"]], "left_out_count": 1}),
        (Images((GONE,)), {"left_out": [[GONE, "missing"]], "left_out_count": 1}),
        (
            Mezzanines((seed.NO_SOURCE.video_id,), force=True),
            {"left_out": [[seed.NO_SOURCE.video_id, "unreadable"]], "left_out_count": 1},
        ),
        (Streams(GONE, ("HD",)), {"problems": [["no such video", GONE]]}),
        (Streams(ONE, ("HD", "4K")), {"problems": [["no such stream", "4K"]]}),
        (
            Streams(seed.TRANSCODING.video_id, ("HD",)),
            {"problems": [["streams hidden", seed.TRANSCODING.video_id]]},
        ),
        (
            Streams(seed.FORBIDDEN.video_id, ("HD",)),
            {"left_out": [[seed.FORBIDDEN.video_id, "unreadable"]], "left_out_count": 1},
        ),
        (ImagesOf(seed.UPLOADING.video_id, (VideoImages.COVER,)), None),
    ],
)
def test_what_cannot_be_shown_cannot_be_proposed(
    bench: Bench, request_: Request, facts: dict[str, Any] | None
) -> None:
    number = bench.propose(request_)

    if facts is not None:
        assert failure(bench, number) == {**facts, "finished_ms": bench.row(number).finished_ms}
    assert bench.owed("card") == []
    assert bench.vod.ledger.calls() == ()


@pytest.mark.parametrize(("flag", "rule"), list(zip(range(4), Rule, strict=False)))
def test_a_proposer_who_may_not_take_part_is_told_so(bench: Bench, flag: int, rule: Rule) -> None:
    deleted, is_bot, is_stranger, is_guest = (place == flag for place in range(4))
    bench.people.said[ANA] = Person(ANA, deleted, is_bot, is_guest, is_stranger)

    number = bench.propose(Videos((ONE,)))

    assert failure(bench, number)["refused"]["rule"] == rule


def test_a_plan_above_the_cap_of_bytes_is_refused(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(max_bytes=1_000)

    number = bench.propose(Videos((ONE,)))

    assert failure(bench, number)["refused"]["rule"] == Rule.TOO_LARGE


@pytest.mark.parametrize("fault", ["forbidden_ram", "suspended"])
def test_when_vod_does_not_let_the_bot_in_the_proposal_fails_at_once(bench: Bench, fault: str) -> None:
    bench.vod.faults.set(fault)

    number = bench.propose(Videos((ONE,)))

    assert failure(bench, number)["vod"]["code"] in {"Forbidden", "OperationDenied.Suspended"}


@pytest.mark.parametrize("trouble", ["vod", "slack"])
def test_while_it_cannot_be_read_it_waits_and_is_told_once_until_its_time_is_up(bench: Bench, trouble: str) -> None:
    if trouble == "vod":
        bench.vod.faults.set("unavailable")
    else:
        bench.people.silent = True
    number = bench.propose(Videos((ONE,)))
    for _ in range(5):
        bench.advance(60)
    assert bench.state(number) == State.COLLECTING
    assert bench.news("direct") == ["CollectionWaits"]

    bench.clock.advance(COLLECT_WITHIN_MS / 1000)
    bench.settle()

    assert failure(bench, number)["vod"]["code"]
    assert bench.queued() == 0


def test_what_can_be_read_again_in_time_is_collected(bench: Bench) -> None:
    bench.vod.faults.set("throttle", times=2)
    number = bench.propose(Videos((ONE,)))
    assert bench.state(number) == State.COLLECTING

    for _ in range(2):
        bench.advance(60)

    assert bench.state(number) == State.PENDING


def test_a_request_that_always_breaks_the_worker_ends_when_its_time_is_up(
    bench: Bench, logs: list[MutableMapping[str, Any]]
) -> None:
    number = bench.propose(Videos(("not an id!",)))
    assert bench.state(number) == State.COLLECTING
    for _ in range(3):
        bench.advance(60)
    assert bench.state(number) == State.COLLECTING

    bench.advance(COLLECT_WITHIN_MS / 1000)

    told = failure(bench, number)["vod"]
    assert told["code"] == "InternalError"
    assert logs[-1]["fault"] in told["request_id"]
    assert bench.queued() == 0


def test_a_proposal_first_read_late_is_still_read(bench: Bench) -> None:
    deed, wish = bench._deed(ANA), proposing.ProposalDraft(Videos((ONE,)), "reason")
    number = bench.database.write(lambda tx: proposing.propose(tx, bench.ctx.config, deed, wish))
    assert isinstance(number, int)

    bench.advance(COLLECT_WITHIN_MS / 1000 + 1)

    assert bench.state(number) == State.PENDING


def test_a_proposal_withdrawn_before_it_was_read_stays_withdrawn(bench: Bench) -> None:
    bench.vod.faults.set("unavailable")
    number = bench.propose(Videos((ONE,)))
    bench.withdraw(number)
    bench.vod.faults.clear()

    bench.advance(60)

    assert bench.state(number) == State.WITHDRAWN
    assert bench.owed("card") == []


def test_two_instances_freeze_one_plan(bench: Bench) -> None:
    bench.meddled.after["get_media"] = lambda: bench.settle(bench.other_instance())
    bench.clock.advance(0)
    deed, wish = bench._deed(ANA), proposing.ProposalDraft(Videos((ONE,)), "reason")
    number = bench.database.write(lambda tx: proposing.propose(tx, bench.ctx.config, deed, wish))
    assert isinstance(number, int)
    bench.meddled.before["get_media"] = lambda: bench.clock.advance(31)

    bench.settle()

    assert bench.row(number).revision == 1
    assert len(bench.events("plan.frozen")) == 1
    assert bench.news("direct") == [], "nobody can decide before the card is there"


def test_a_proposal_that_is_still_being_read_gets_no_card_for_having_media_in_common(bench: Bench) -> None:
    wish = ProposalDraft(Videos((ONE,)), "rights expired")
    first, second = (
        bench.database.write(lambda tx, deed=deed: proposing.propose(tx, bench.ctx.config, deed, wish))  # type: ignore[misc] # mypy cannot infer a lambda's default
        for deed in (SlackAction(ANA, "trigger.first"), SlackAction(ANA, "trigger.second"))
    )
    assert isinstance(first, int)
    assert isinstance(second, int)
    bench.step()
    assert (bench.state(first), bench.state(second)) == (State.PENDING, State.COLLECTING)

    cards = bench.database.read(lambda tx: tx.rows("SELECT proposal_id AS id FROM outbox WHERE kind = 'card'"))
    assert [row["id"] for row in cards] == [first]
    bench.settle()
    cards = bench.database.read(lambda tx: tx.rows("SELECT proposal_id AS id FROM outbox WHERE kind = 'card'"))
    assert {row["id"] for row in cards} == {first, second}

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from deletion.approval import voting
from deletion.approval.deletions import Deletions
from deletion.approval.proposal import SlackAction
from deletion.audit.messages.audience import LISTED_ON_CARD, ReplyTo
from deletion.audit.notices import VoteWaits
from deletion.collection import changes
from deletion.plan import cache, drift
from deletion.plan.plan import Entry
from deletion.terms.ids import Digest
from deletion.terms.people import Actor, Person
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.requests.targets import Images, Mezzanines, Request, Streams, Videos
from deletion.terms.states import State
from sandbox.vod import Stream, seed
from tests.deletion.bench import ANA, BO, CY, TEAM, Bench
from tests.harness import plans

ONE, TWO = seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id
BOTH = Videos((ONE, TWO))


def vote_states(bench: Bench, number: int) -> list[str]:
    return [vote.state for vote in bench.votes(number)]


def refused(found: int | Refusal) -> Rule:
    assert isinstance(found, Refusal)
    return found.rule


def test_a_vote_is_counted_after_everything_was_read_again(bench: Bench) -> None:
    number = bench.propose(BOTH)
    bench.approve(number)
    assert vote_states(bench, number) == ["cast"]
    assert bench.state(number) == State.PENDING

    bench.step()

    assert vote_states(bench, number) == ["counted"]
    assert bench.state(number) == State.APPROVED
    row = bench.row(number)
    assert bench.events("proposal.approved") == [
        {
            "digest": row.digest,
            "approvals": [str(BO)],
            "execute_by_ms": row.execute_by_ms,
            "hold_s": 0,
            "decided_ms": row.decided_ms,
            "hold_no": 1,
        }
    ]


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        (ANA, Rule.OWN_PROPOSAL),
        (Actor("TELSE", ANA.user), Rule.OWN_PROPOSAL),
        (Actor("TELSE", BO.user), Rule.STRANGER),
        (Actor(TEAM, "UZED"), Rule.NOT_AN_APPROVER),
    ],
)
def test_a_vote_that_may_not_be_cast_is_refused_and_written_down(bench: Bench, who: Actor, rule: Rule) -> None:
    number = bench.propose(BOTH)

    assert refused(bench.approve(number, who)) is rule

    assert bench.votes(number) == []
    assert bench.events("vote.refused")[0]["rule"] == rule


def test_a_second_click_is_told_that_it_is_one(bench: Bench) -> None:
    number = bench.propose(BOTH)
    bench.approve(number)

    assert refused(bench.approve(number)) is Rule.ALREADY_APPROVED
    assert len(bench.votes(number)) == 1


def test_a_vote_on_another_digest_is_refused(bench: Bench) -> None:
    number = bench.propose(BOTH)

    assert refused(bench.approve(number, digest="f" * 64)) is Rule.DIGEST_UNKNOWN


def test_a_vote_at_the_last_moment_counts_only_if_it_is_also_counted_in_time(bench: Bench) -> None:
    number = bench.propose(BOTH)
    bench.clock.ms = bench.row(number).expires_ms - 1
    assert isinstance(bench.approve(number), int)
    bench.clock.ms += 1
    assert refused(bench.approve(number, CY)) is Rule.TIME_IS_UP

    bench.settle()

    assert bench.state(number) == State.EXPIRED
    assert bench.vod.ledger.calls() == ()


@pytest.mark.parametrize(("flag", "rule"), list(zip(range(4), Rule, strict=False)))
def test_who_the_voter_is_is_asked_again_when_the_vote_is_counted(bench: Bench, flag: int, rule: Rule) -> None:
    number = bench.propose(BOTH)
    bench.approve(number)
    deleted, is_bot, is_stranger, is_guest = (place == flag for place in range(4))
    bench.people.said[BO] = Person(BO, deleted, is_bot, is_guest, is_stranger)

    bench.settle()

    assert vote_states(bench, number) == ["void"]
    assert bench.state(number) == State.PENDING
    assert bench.events("vote.voided")[0]["rule"] == rule
    assert bench.news("private") == ["vote.voided"]


def test_a_voter_whom_slack_does_not_know_did_not_vote_and_may_click_again(bench: Bench) -> None:
    number = bench.propose(BOTH)
    bench.approve(number)
    bench.people.unknown.add(BO)
    bench.settle()
    assert vote_states(bench, number) == ["void"]

    bench.people.unknown.clear()
    bench.approve(number)
    bench.settle()

    assert bench.state(number) == State.FINISHED


def test_a_vote_that_slack_cannot_confirm_yet_stays_cast_until_it_can(bench: Bench) -> None:
    number = bench.propose(BOTH)
    bench.approve(number)
    bench.people.silent = True
    bench.advance(1800)
    assert vote_states(bench, number) == ["cast"]
    assert bench.news("private") == ["VoterUnconfirmed"]

    bench.people.silent = False
    bench.advance(60)

    assert bench.state(number) == State.FINISHED


def test_a_vote_that_slack_cannot_confirm_ends_with_what_it_is_on(bench: Bench) -> None:
    number = bench.propose(BOTH)
    bench.approve(number)
    bench.people.silent = True
    bench.advance(3601)

    assert bench.state(number) == State.EXPIRED
    assert vote_states(bench, number) == ["void"]
    assert bench.queued() == 0


def test_a_change_since_it_was_shown_voids_every_vote_and_shows_it_anew(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(approvals_needed=2)
    number = bench.propose(BOTH)
    first = bench.row(number).digest
    bench.approve(number, BO)
    bench.settle()
    bench.vod.library.change_video(ONE, title="Another title")

    bench.approve(number, CY)
    bench.settle()

    assert vote_states(bench, number) == ["void", "void"]
    row = bench.row(number)
    assert (row.state, row.revision) == (State.PENDING, 2)
    assert row.digest != first
    named, moved = bench.events("plan.changed")[0]["drift"]
    assert named == [ONE, "title", seed.SPRING_TEASER.title, "Another title"]
    assert moved[:2] == [ONE, "ModificationTime"]
    assert "plan.changed" in bench.news("thread")
    assert refused(bench.approve(number, BO, digest=first)) is Rule.PLAN_CHANGED
    for voter in (BO, CY):
        bench.approve(number, voter)
    bench.settle()
    assert bench.state(number) == State.FINISHED


@pytest.mark.parametrize("meddled", [False, True])
def test_of_what_is_all_as_it_was_shown_no_row_is_compared(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, *, meddled: bool
) -> None:
    """Its Merkle root says it; of a header that is not the one that people saw, it says nothing."""
    number, compared = bench.propose(BOTH), list[str]()
    bench.approve(number)
    if meddled:
        bench.sql("UPDATE plans SET plan = replace(plan, '\"version\":3', '\"version\": 3')")
    look = changes._shown

    def shown(*about: Any) -> Iterator[Sequence[Entry]]:
        compared.append("once")
        return look(*about)

    monkeypatch.setattr(changes, "_shown", shown)
    bench.step()
    assert vote_states(bench, number) == ["counted"]
    assert bool(compared) is meddled


def test_one_of_two_that_is_gone_is_a_change(bench: Bench) -> None:
    number = bench.propose(BOTH)
    bench.vod.library.remove_video(ONE)

    bench.approve(number)
    bench.settle()

    assert bench.state(number) == State.PENDING
    assert bench.events("plan.changed")[0]["count"] == 1
    shown = bench.database.read(lambda tx: cache.to_show(tx, number, 2))
    assert shown is not None
    assert plans.ids_of(shown) == [TWO]


def test_when_everything_is_gone_the_proposal_is_over(bench: Bench) -> None:
    number = bench.propose(BOTH)
    for name in BOTH.ids:
        bench.vod.library.remove_video(name)

    bench.approve(number)
    bench.settle()

    assert bench.state(number) == State.STALE
    assert bench.news("direct")[-1] == "proposal.assets_gone"


def test_a_long_list_is_voted_on_only_after_all_of_it_was_posted(bench: Bench) -> None:
    names = [video.video_id for video in bench.vod.library.videos() if not video.forbidden][:20]
    number = bench.propose(Videos(tuple(names)))
    ballot = voting.Ballot(number, Digest(bench.row(number).digest or ""), ReplyTo("C1", BO.user))

    def click(delivery: str) -> int | Refusal:
        deed = SlackAction(BO, delivery)
        return bench.database.write(lambda tx: voting.cast(tx, bench.ctx.config, deed, ballot, Deletions()))

    assert refused(click("early")) is Rule.LIST_NOT_SHOWN
    bench.sql("UPDATE outbox SET state = 'sent' WHERE kind = 'card'")
    assert refused(click("still early")) is Rule.LIST_NOT_SHOWN
    bench.sql("UPDATE outbox SET state = 'sent' WHERE kind = 'manifest'")
    assert refused(click("a file whose name is not known")) is Rule.LIST_NOT_SHOWN
    bench.sql("UPDATE outbox SET file_id = 'F1', channel = 'C1', thread_ts = '1.1' WHERE kind = 'manifest'")
    bench.sql("UPDATE proposals SET card_channel = 'C1', card_ts = '2.2'")
    assert refused(click("under a card that was posted anew since")) is Rule.LIST_NOT_SHOWN
    bench.sql("UPDATE proposals SET card_ts = '1.1'")

    assert isinstance(click("now"), int)


def test_a_list_that_the_card_shows_whole_is_voted_on_without_a_file(bench: Bench) -> None:
    names = [video.video_id for video in bench.vod.library.videos() if not video.forbidden][:LISTED_ON_CARD]
    number = bench.propose(Videos(tuple(names)))
    ballot = voting.Ballot(number, Digest(bench.row(number).digest or ""), ReplyTo("C1", BO.user))
    deed = SlackAction(BO, "at once")

    assert len(names) == LISTED_ON_CARD
    assert bench.owed("manifest") == []
    assert isinstance(
        bench.database.write(lambda tx: voting.cast(tx, bench.ctx.config, deed, ballot, Deletions())), int
    )


def test_a_danger_that_arose_since_is_a_change(bench: Bench) -> None:
    video = bench.vod.library.video(ONE)
    assert video is not None
    number = bench.propose(Streams(ONE, (video.streams[0].job_id,)))
    bench.vod.library.change_video(ONE, streams=video.streams[:1])

    bench.approve(number)
    bench.settle()

    assert bench.state(number) == State.PENDING
    *stays, danger = bench.events("plan.changed")[0]["drift"]
    assert {tuple(each[:2]) for each in stays} == {(ONE, "stays")}
    assert danger == [video.streams[0].job_id, "warning", "none", "last stream"]


FULL, LOW, TALL = (Stream(name) for name in ("HD", "LD", "FD"))
HIDDEN = replace(TALL, status="Invisible")


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ((FULL, TALL), [["stays", "LD mp4", "nothing"]]),
        ((FULL, replace(LOW, encrypted=True), TALL), [["stays encrypted", "LD False", "LD True"]]),
        ((FULL, replace(LOW, status="Invisible"), TALL), [["stays status", "LD Normal", "LD Invisible"]]),
        ((FULL, LOW, TALL, Stream("2K")), []),
    ],
)
def test_what_was_to_play_afterwards_and_does_not_any_more_is_a_change(
    bench: Bench, now: tuple[Stream, ...], told: list[list[str]]
) -> None:
    """What was added takes nothing from what people decided on."""
    name = bench.vod.library.add_video(streams=(FULL, LOW, TALL)).video_id
    number = bench.propose(Streams(name, (FULL.job_id,)))
    bench.vod.library.change_video(name, streams=now)

    bench.approve(number)
    bench.step()

    assert [each for event in bench.events("plan.changed") for each in event["drift"]] == [
        [name, *each] for each in told
    ]
    assert bench.state(number) == (State.PENDING if told else State.APPROVED)


def test_what_nobody_was_told_that_it_plays_afterwards_may_go(bench: Bench) -> None:
    name = bench.vod.library.add_video(streams=(FULL, LOW, HIDDEN)).video_id
    number = bench.propose(Streams(name, (FULL.job_id,)))
    bench.vod.library.change_video(name, streams=(FULL, LOW))

    bench.approve(number)
    bench.step()

    assert bench.state(number) == State.APPROVED


def test_a_plan_that_does_not_say_what_stays_does_not_change_by_it(bench: Bench) -> None:
    """As those that were made before it was written down."""
    name = bench.vod.library.add_video(streams=(FULL, LOW, TALL)).video_id
    number = bench.propose(Streams(name, (FULL.job_id,)))
    shown = bench.database.read(lambda tx: cache.stored(tx, number, 1))
    assert shown is not None

    assert len(list(drift.no_longer_stays(shown, ()))) == 2
    assert list(drift.no_longer_stays(replace(shown, stays=None), ())) == []


def test_what_has_grown_above_the_cap_cannot_be_approved(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(max_bytes=10**9)
    number = bench.propose(Videos((ONE,)))
    bench.vod.library.change_video(ONE, size=10**9 + 1)

    bench.approve(number)
    bench.settle()

    assert bench.state(number) == State.PENDING
    assert vote_states(bench, number) == ["void"]
    assert bench.events("vote.voided")[0]["rule"] == Rule.TOO_LARGE


def test_a_counted_vote_of_somebody_who_is_no_approver_any_more_is_void_and_they_are_told(
    open_bench: Callable[..., Bench],
) -> None:
    bench = open_bench(approvals_needed=2)
    number = bench.propose(BOTH)
    bench.approve(number, BO)
    bench.settle()
    config = bench.ctx.config
    without_bo = replace(config.policy, approvers=config.policy.approvers - {BO.user})
    bench.ctx = replace(bench.ctx, config=replace(config, policy=without_bo))

    bench.approve(number, CY)
    bench.settle()

    assert bench.state(number) == State.PENDING
    assert vote_states(bench, number) == ["void", "counted"]
    assert [(each["rule"], each["vote"]) for each in bench.events("vote.voided")] == [(Rule.NOT_AN_APPROVER, 1)]
    assert [each["counted"] for each in bench.events("vote.counted")] == [1, 1]
    assert bench.news("private") == ["vote.voided"]
    bench.ctx = replace(bench.ctx, config=config)
    bench.approve(number, BO)
    bench.settle()
    assert bench.state(number) == State.FINISHED


def test_while_vod_cannot_be_read_the_vote_waits_and_its_voter_is_told_once(bench: Bench) -> None:
    number = bench.propose(BOTH)
    bench.vod.faults.set("unavailable")
    bench.approve(number)

    bench.settle()
    for _ in range(4):
        bench.advance(60)

    assert vote_states(bench, number) == ["cast"]
    (waits,) = bench.reported("private")
    assert isinstance(waits, VoteWaits)
    assert waits.vod.code == "ServiceUnAvailable"
    bench.vod.faults.clear()
    bench.advance(60)
    assert bench.state(number) == State.FINISHED


def hide_streams(bench: Bench) -> Request:
    video = bench.vod.library.video(ONE)
    assert video is not None
    return Streams(ONE, (video.streams[0].job_id,))


@pytest.mark.parametrize("end", ["shown again", "expired"])
def test_a_thing_that_vod_hides_is_not_a_thing_that_is_gone(bench: Bench, end: str) -> None:
    number = bench.propose(hide_streams(bench))
    bench.vod.library.change_video(ONE, status="Transcoding")
    bench.approve(number)

    bench.settle()

    assert bench.state(number) == State.PENDING
    assert vote_states(bench, number) == ["cast"]
    assert bench.news("private") == ["VoteWaits"]
    if end == "shown again":
        bench.vod.library.change_video(ONE, status="Normal")
        bench.advance(60)
        assert bench.state(number) == State.FINISHED
    else:
        bench.advance(3600)
        assert bench.state(number) == State.EXPIRED
        assert bench.vod.ledger.calls() == ()


def test_a_source_that_vod_does_not_show_is_not_said_to_be_gone(bench: Bench) -> None:
    number = bench.propose(Mezzanines((ONE,), force=False))
    video = bench.vod.library.video(ONE)
    assert video is not None
    bench.vod.library.change_video(ONE, source=None)
    bench.approve(number)

    bench.settle()

    assert bench.state(number) == State.PENDING
    assert bench.events("plan.changed") == []


@pytest.mark.parametrize(
    ("order", "request_"), list(product((True, False), (BOTH, Images((seed.SPRING_POSTER.image_id,)))))
)
def test_a_vote_and_a_rejection_at_once_have_one_outcome(bench: Bench, *, order: bool, request_: Request) -> None:
    number = bench.propose(request_)
    if order:
        bench.approve(number)
        bench.reject(number, CY)
    else:
        bench.reject(number, CY)
        assert refused(bench.approve(number)) is Rule.NOT_OPEN

    bench.settle()

    assert bench.state(number) == State.REJECTED
    assert set(vote_states(bench, number)) <= {"void"}
    assert bench.vod.ledger.calls() == ()


def test_no_vote_counts_on_rows_that_people_were_shown_and_that_are_not_those_of_the_digest(bench: Bench) -> None:
    """An edited row that is put back later would be deleted on the word of people who saw another."""
    number = bench.propose(BOTH)
    title = seed.SPRING_TEASER.title
    bench.sql("UPDATE plan_rows SET fields = replace(fields, :title, 'Old junk')", title=title)
    bench.approve(number)
    bench.settle()

    assert bench.state(number) == State.PENDING
    assert bench.events("vote.counted") == []
    (changed,) = bench.events("plan.changed")
    assert [ONE, "title", "Old junk", seed.SPRING_TEASER.title] in changed["drift"]

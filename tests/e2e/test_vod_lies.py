"""A VOD that fails, lies, forgets and delays: whatever it says, the words people read are true."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count

import pytest

from deletion.context import Patience
from deletion.states import State
from sandbox.vod import FaultKind, SnapshotKind, Stream, Video, VodSandbox, seed
from tests.e2e.evidence import assert_lawful, in_blocks
from tests.e2e.meddling import Meddled, nothing
from tests.stage import Opener, Stage

IMPATIENT = Patience(look_again=(5_000,), give_up=15_000, give_up_unread=90_000, resend_after=0, retry=(5_000,))
"""Nothing is tried a second time before a test lets time pass."""

TEASER = seed.SPRING_TEASER.video_id

Things = Sequence[str]


@dataclass(frozen=True)
class Level:
    """One way to delete: puts two new things into a library, says how to ask for them, and whether one is there."""

    make: Callable[[VodSandbox], tuple[str, Things]]
    is_there: Callable[[VodSandbox, str], bool]


@pytest.fixture
def impatient(open_stage: Opener) -> Stage:
    """A bot that gives VOD up after a minute, and whose calls time out after three quarters of a second."""
    return open_stage(patience=IMPATIENT, COUNTERSIGN_LEASE_SECONDS="2")


def finish(stage: Stage, number: int) -> None:
    """Let time pass until a proposal is finished."""
    for _ in range(40):
        if stage.state(number) is State.FINISHED:
            return
        stage.advance(5)
    raise AssertionError(f"#{number} is still {stage.state(number)}")


def two_videos(local_vod: VodSandbox) -> tuple[str, Things]:
    made = [local_vod.library.add_video(title=f"Take {n}", has_cover=False).video_id for n in (1, 2)]
    return f"video {' '.join(made)}", made


def two_streams(local_vod: VodSandbox) -> tuple[str, Things]:
    streams = (Stream("LD"), Stream("HD"), Stream("OD"))
    video = local_vod.library.add_video(title="Three streams", streams=streams, has_cover=False)
    made = [stream.job_id for stream in streams[:2]]
    return f"stream {video.video_id} {' '.join(made)}", made


def two_sources(local_vod: VodSandbox) -> tuple[str, Things]:
    _, made = two_videos(local_vod)
    return f"mezzanine {' '.join(made)}", made


def two_images(local_vod: VodSandbox) -> tuple[str, Things]:
    made = [local_vod.library.add_image(title=f"Still {n}").image_id for n in (1, 2)]
    return f"image {' '.join(made)}", made


def two_addresses(local_vod: VodSandbox) -> tuple[str, Things]:
    made = [f"{local_vod.url}{local_vod.library.add_image(title=f'Still {n}').path}" for n in (1, 2)]
    return f"image {' '.join(made)}", made


def two_sets(local_vod: VodSandbox) -> tuple[str, Things]:
    video = local_vod.library.add_video(
        title="Snapshots", has_cover=False, snapshots={SnapshotKind.COVER: 2, SnapshotKind.SPRITE: 1}
    )
    return f"image --of {video.video_id} cover sprite", ("cover", "sprite")


def newest(local_vod: VodSandbox, title: str) -> Video:
    return local_vod.library.titled(title)[0]


LEVELS = {
    "video": Level(two_videos, lambda after, name: after.library.video(name) is not None),
    "stream": Level(
        two_streams,
        lambda after, name: any(
            name == stream.job_id for video in after.library.titled("Three streams") for stream in video.streams
        ),
    ),
    "mezzanine": Level(
        two_sources,
        lambda after, name: (
            (video := after.library.video(name)) is not None
            and video.source is not None
            and video.source.status != "Deleted"
        ),
    ),
    "image id": Level(two_images, lambda after, name: after.library.image(name) is not None),
    "image url": Level(
        two_addresses, lambda after, name: after.library.image_at(name.removeprefix(after.url)) is not None
    ),
    "images of a video": Level(
        two_sets,
        lambda after, name: bool(
            newest(after, "Snapshots").snapshots.get(
                {"cover": SnapshotKind.COVER, "sprite": SnapshotKind.SPRITE}[name], 0
            )
        ),
    ),
}

ONCE: dict[FaultKind, tuple[tuple[str, str], int]] = {
    FaultKind.THROTTLE: (("deleted", "deleted"), 2),
    FaultKind.UNAVAILABLE: (("deleted", "deleted"), 2),
    FaultKind.INTERNAL: (("deleted", "deleted"), 2),
    FaultKind.RESET_BEFORE: (("deleted", "deleted"), 2),
    FaultKind.RESET_AFTER: (("deleted", "deleted"), 1),
    FaultKind.TIMEOUT: (("deleted", "deleted"), 1),
    FaultKind.KEPT: (("accepted", "accepted"), 1),
    FaultKind.DELETED_BUT_503: (("deleted", "deleted"), 1),
    FaultKind.LATE: (("deleted", "deleted"), 1),
    FaultKind.PARTIAL: (("deleted", "accepted"), 1),
    FaultKind.FORBIDDEN_RAM: (("refused", "refused"), 1),
    FaultKind.SUSPENDED: (("refused", "refused"), 1),
    FaultKind.GARBAGE: (("deleted", "deleted"), 1),
    FaultKind.EMPTY_BODY: (("deleted", "deleted"), 1),
    FaultKind.LIST_AS_STRING: (("deleted", "deleted"), 1),
    FaultKind.LIST_NULL: (("deleted", "deleted"), 1),
    FaultKind.LIST_MISSING: (("deleted", "deleted"), 1),
}
"""What two things end as, and how many calls it takes, when the first delete call goes wrong in this way."""


def test_the_table_knows_every_way_in_which_vod_goes_wrong() -> None:
    assert set(ONCE) == set(FaultKind)


FOR_EVERY_API = {
    FaultKind.THROTTLE,
    FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER,
    FaultKind.KEPT,
    FaultKind.LATE,
    FaultKind.PARTIAL,
    FaultKind.FORBIDDEN_RAM,
}
"""What is tried with the other delete calls too: answers that only read-back, or only the code, can tell apart."""


@pytest.mark.parametrize("name", LEVELS)
def test_one_bad_answer_to_a_delete_call_never_leads_to_an_untrue_word(impatient: Stage, name: str) -> None:
    level = LEVELS[name]
    expected = {kind: end for kind, end in ONCE.items() if name == "video" or kind in FOR_EVERY_API}
    found: dict[FaultKind, tuple[tuple[str | None, ...], int]] = {}
    for kind in expected:
        words, things = level.make(impatient.vod)
        number = impatient.propose("ana", words)
        impatient.vod.ledger.clear()
        impatient.vod.faults.set(kind, times=1, seconds=5, action=action_of(words))
        impatient.click("bo", "Approve", number)
        impatient.vod.clock.advance(6)
        finish(impatient, number)
        outcomes = impatient.outcomes(number)
        assert_true(impatient.vod, level, outcomes)
        found[kind] = tuple(outcomes[thing] for thing in things), len(impatient.vod.ledger.calls())
        assert impatient.vod.faults.pending() == ()
    assert found == expected
    assert_lawful(impatient)


def action_of(words: str) -> str:
    level = words.partition(" ")[0]
    return {"mezzanine": "DeleteMezzanines"}.get(level, f"Delete{level.title()}")


def assert_true(local_vod: VodSandbox, level: Level, outcomes: dict[str, str | None]) -> None:
    """Hold every word against the library itself."""
    for name, word in outcomes.items():
        is_gone = word in {"deleted", "already gone"}
        assert is_gone != level.is_there(local_vod, name), (name, word)


ALWAYS: dict[FaultKind, tuple[str, int]] = {
    FaultKind.UNAVAILABLE: ("failed", 3),
    FaultKind.RESET_BEFORE: ("failed", 3),
    FaultKind.RESET_AFTER: ("deleted", 1),
    FaultKind.DELETED_BUT_503: ("deleted", 1),
    FaultKind.KEPT: ("accepted", 1),
    FaultKind.FORBIDDEN_RAM: ("refused", 1),
}


def test_a_vod_that_never_gets_better_is_given_up_with_a_true_word(impatient: Stage) -> None:
    found = {}
    for kind in ALWAYS:
        words, things = two_videos(impatient.vod)
        number = impatient.propose("ana", words)
        impatient.vod.ledger.clear()
        impatient.vod.faults.set(kind, "DeleteVideo")
        impatient.click("bo", "Approve", number)
        finish(impatient, number)
        impatient.vod.faults.clear()
        outcomes = impatient.outcomes(number)
        assert_true(impatient.vod, LEVELS["video"], outcomes)
        assert len(set(outcomes.values())) == 1
        found[kind] = outcomes[things[0]], len(impatient.vod.ledger.calls())
    assert found == ALWAYS
    assert_lawful(impatient)


def test_throttled_calls_do_not_use_up_the_tries(impatient: Stage) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    impatient.vod.faults.set("throttle", "DeleteVideo", times=5)
    impatient.vod.faults.set("reset_before", "DeleteVideo", times=2)
    impatient.click("bo", "Approve", number)
    finish(impatient, number)

    assert impatient.outcomes(number) == {TEASER: "deleted"}
    assert len(impatient.vod.ledger.calls()) == 8
    assert [news.text for news in impatient.thread(number) if "VOD lets this wait" in news.text] != []


def test_a_refusal_for_the_whole_account_stops_the_batches_that_follow(impatient: Stage) -> None:
    wanted = [video.video_id for video in impatient.vod.library.videos() if not video.forbidden][:25]
    number = impatient.propose("ana", f"video {' '.join(wanted)}")
    impatient.vod.faults.set("forbidden_ram", "DeleteVideo")
    impatient.click("bo", "Approve", number)

    assert impatient.outcomes(number) == dict.fromkeys(wanted[:20], "refused") | dict.fromkeys(
        wanted[20:], "stopped"
    )
    assert len(impatient.vod.ledger.calls()) == 1
    assert "RAM identity may not do this" in in_blocks(impatient.thread(number)[-1])


def test_what_vod_refuses_is_understood_in_every_shape_of_its_list(impatient: Stage) -> None:
    for kind in (FaultKind.LIST_AS_STRING, FaultKind.LIST_NULL, FaultKind.LIST_MISSING):
        made = impatient.vod.library.add_video(title=f"Ours, {kind}").video_id
        theirs = impatient.vod.library.add_video(title=f"Theirs, {kind}", forbidden=True).video_id
        number = impatient.propose("ana", f"video {theirs} {made}")
        impatient.vod.faults.set(kind, "DeleteVideo", times=1)
        impatient.click("bo", "Approve", number)
        finish(impatient, number)
        assert impatient.outcomes(number) == {theirs: "refused", made: "deleted"}


def test_nothing_is_called_deleted_before_its_absence_could_be_read(impatient: Stage) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    impatient.vod.faults.set("unavailable", "GetVideoInfos")
    impatient.click("bo", "Approve", number)
    for _ in range(6):
        impatient.advance(5)
    assert impatient.vod.library.video(TEASER) is None
    assert impatient.state(number) is State.EXECUTING
    assert "deleted" not in set(impatient.outcomes(number).values())
    assert "could not be read back as gone yet" in impatient.thread(number)[-1].text

    impatient.vod.faults.clear()
    finish(impatient, number)
    assert impatient.outcomes(number) == {TEASER: "deleted"}


@pytest.mark.parametrize(("answer", "word"), [(None, "accepted"), (FaultKind.RESET_AFTER, "unknown")])
def test_what_can_never_be_read_back_is_neither_called_deleted_nor_still_there(
    impatient: Stage, answer: FaultKind | None, word: str
) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    impatient.vod.faults.set("unavailable", "GetVideoInfos")
    if answer is not None:
        impatient.vod.faults.set(answer, "DeleteVideo")
    impatient.click("bo", "Approve", number)
    finish(impatient, number)

    assert impatient.outcomes(number) == {TEASER: word}
    assert len(impatient.vod.ledger.calls()) == 1
    assert "still there" not in in_blocks(impatient.thread(number)[-1])


@pytest.mark.parametrize("others", [(), (seed.WAREHOUSE_TOUR.video_id,)])
def test_what_somebody_else_removes_at_the_last_moment_is_already_gone(impatient: Stage, others: Things) -> None:
    number = impatient.propose("ana", f"video {' '.join((TEASER, *others))}")

    def remove(_: int) -> None:
        impatient.vod.library.remove_video(TEASER)

    Meddled(impatient, before=remove, after=nothing)
    impatient.click("bo", "Approve", number)

    assert impatient.outcomes(number) == {TEASER: "already gone"} | dict.fromkeys(others, "deleted")


@pytest.mark.parametrize("others", [(), (seed.WAREHOUSE_TOUR.video_id,)])
def test_what_an_earlier_call_of_ours_removed_is_not_called_already_gone(impatient: Stage, others: Things) -> None:
    """The answer was lost and a stale reading still showed it, so it was sent twice; it was gone by the first."""
    library = impatient.vod.library
    number = impatient.propose("ana", f"video {' '.join((TEASER, *others))}")
    video = library.video(TEASER)
    assert video is not None
    impatient.vod.faults.set("reset_after", "DeleteVideo", times=1)
    shown = {name: getattr(video, name) for name in Video.__dataclass_fields__}

    def remove_again(call: int) -> None:
        if call == 2:
            library.remove_video(TEASER)

    def show_it_still(call: int) -> None:
        if call == 1:
            library.add_video(**shown)

    Meddled(impatient, before=remove_again, after=show_it_still)
    impatient.click("bo", "Approve", number)
    finish(impatient, number)

    assert len(impatient.vod.ledger.calls()) == 2
    assert impatient.outcomes(number) == dict.fromkeys((TEASER, *others), "deleted")


def test_what_others_removed_while_vod_turned_us_away_is_already_gone(impatient: Stage) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    impatient.vod.faults.set("throttle", "DeleteVideo", times=1)
    impatient.click("bo", "Approve", number)
    assert impatient.state(number) is State.EXECUTING
    impatient.vod.library.remove_video(TEASER)
    finish(impatient, number)

    assert impatient.outcomes(number) == {TEASER: "already gone"}


@pytest.mark.parametrize("ticks", [(0, 1_000), (0, 0, 1_000)], ids=["while reading", "after reading"])
def test_a_batch_that_took_too_long_is_read_again_and_not_sent_on_old_facts(
    impatient: Stage, ticks: tuple[int, ...]
) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    readings = chain(ticks, count(2_000))

    def monotonic_ms() -> int:
        now = next(readings)
        if now == 1_000:
            impatient.vod.library.change_video(TEASER, title="Changed meanwhile")
        return now

    slow = replace(impatient.program.context, monotonic_ms=monotonic_ms)
    impatient.program = replace(impatient.program, context=slow)
    impatient.click("bo", "Approve", number)
    finish(impatient, number)

    assert impatient.vod.ledger.calls() == ()
    assert impatient.outcomes(number) == {TEASER: "changed"}
    assert impatient.verify().holds

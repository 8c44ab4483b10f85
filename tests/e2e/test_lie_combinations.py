"""Lies of VOD's that come together: an odd list and a refusal, a lost answer and a stale reading, a late answer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deletion.jobs.context import Context
from deletion.work import run_one
from sandbox.vod import PICTURE, FaultKind, Source, VodSandbox
from tests.e2e.evidence import assert_lawful
from tests.e2e.lying import (
    LEVELS,
    Level,
    Lie,
    Others,
    Things,
    delete_under,
    propose_and_count,
    stage_of_liars,
    tell,
    work_on,
)
from tests.e2e.meddling import Meddled, nothing
from tests.stage import Stage

RE_READ = {
    "video": ("BatchGetMediaInfos", 1),
    "stream": ("GetPlayInfo", 1),
    "source": ("BatchGetMediaInfos", 1),
    "image": ("GetImageInfos", 1),
    "address": (PICTURE, 2),
    "sets": ("ListSnapshots", 2),
}
"""What shows two things before they are deleted, and how many calls it takes."""

READ_BACK = RE_READ | {"video": ("GetVideoInfos", 1), "source": ("GetMezzanineInfo", 2)}
"""The same, for whether they are gone."""

SHAPES = (FaultKind.LIST_AS_STRING, FaultKind.LIST_NULL, FaultKind.LIST_MISSING, FaultKind.LISTS_LOST)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_of_liars(tmp_path) as opened:
        yield opened
        tell(opened)
        assert_lawful(opened)


def remove(local_vod: VodSandbox, level: str, things: Things, number: int) -> None:
    """Remove the first things behind the bot's back, as a stale reading will not show."""
    local_vod.library.remember()
    library, video = local_vod.library, local_vod.library.video(things.video_id)
    for name in things.names[:number]:
        match level:
            case "video":
                library.remove_video(name)
            case "source":
                library.change_video(name, source=Source(status="Deleted"))
            case "image":
                library.remove_image(name)
            case "address":
                image = library.image_at(name.removeprefix(local_vod.url))
                assert image is not None
                library.remove_image(image.image_id)
            case "stream":
                assert video is not None
                kept = [one for one in video.streams if one.job_id not in things.names[:number]]
                library.change_video(video.video_id, streams=tuple(kept))
            case "sets":
                assert video is not None
                kinds = list(video.snapshots)[number:]
                library.change_video(video.video_id, snapshots={kind: video.snapshots[kind] for kind in kinds})
            case _:
                raise ValueError(level)


GONE_BEFORE = {
    "video": ("already gone, deleted / 1", "already gone / 1"),
    "stream": ("deleted / 1", "already gone / 1"),
    "source": ("already gone, deleted / 1", "already gone / 1"),
    "image": ("deleted / 1", "already gone / 1"),
    "address": ("deleted / 1", "already gone / 2"),
    "sets": ("deleted / 1", "already gone / 1"),
}
"""One of two, or both, are gone and a stale reading still shows them. Streams and images are not told apart.

An address is read only after the call: what it shows then is sent once more, and VOD calls it gone once more.
"""


@pytest.mark.parametrize("level", GONE_BEFORE)
def test_what_was_gone_before_is_called_so_where_the_answer_tells(stage: Stage, level: str) -> None:
    action, times = RE_READ[level]
    found = []
    for number in (1, 2):
        ending = delete_under(
            stage,
            LEVELS[level],
            Lie(FaultKind.STALE, action, times),
            others=lambda vod, things, number=number: remove(vod, level, things, number),  # type: ignore[misc] # mypy cannot infer a lambda's default
        )
        assert ending.untrue == ()
        found.append(str(ending))
    assert tuple(found) == GONE_BEFORE[level]


BY_ADDRESS = {
    "done, 503, then nothing readable for two looks": "deleted / 2",
    "done, no answer, and a stale look": "deleted / 2",
    "done, no answer, and a stale look before and after": "deleted / 3",
    "turned away, down, then no answer": "deleted / 4",
}
"""Where nothing but an address tells that something is gone, VOD is asked once more and says so itself."""


@pytest.mark.parametrize("level", RE_READ)
def test_lies_that_follow_each_other_end_in_true_words(stage: Stage, level: str) -> None:
    delete = LEVELS[level].action
    re_read, (read_back, each) = RE_READ[level][0], READ_BACK[level]
    per_look = each if read_back == PICTURE else 1

    def back(kind: FaultKind, looks: int, calls: int) -> Lie:
        return Lie(kind, read_back, looks * calls, after=delete)

    table = {
        "done, 503, then nothing readable for two looks": (
            (Lie(FaultKind.DELETED_BUT_503, delete), back(FaultKind.UNAVAILABLE, 2, per_look)),
            "deleted / 1",
        ),
        "done, no answer, and a stale look": (
            (Lie(FaultKind.RESET_AFTER, delete), back(FaultKind.STALE, 1, each)),
            "deleted / 1",
        ),
        "done, no answer, and a stale look before and after": (
            (
                Lie(FaultKind.RESET_AFTER, delete),
                back(FaultKind.STALE, 2 if re_read == read_back else 1, each),
                *(() if re_read == read_back else (Lie(FaultKind.STALE, re_read, 1, after=delete),)),
            ),
            "deleted / 2",
        ),
        "half done with 503, then yes and nothing done": (
            (Lie(FaultKind.PARTIAL_BUT_503, delete), Lie(FaultKind.KEPT, delete)),
            "deleted, accepted / 2",
        ),
        "yes, and done much later": ((Lie(FaultKind.LATE, delete, seconds=9_999),), "accepted / 1"),
        "turned away, down, then no answer": (
            (
                Lie(FaultKind.THROTTLE, delete),
                Lie(FaultKind.UNAVAILABLE, delete),
                Lie(FaultKind.RESET_AFTER, delete),
            ),
            "deleted / 3",
        ),
        "not done three times, nothing readable": (
            (Lie(FaultKind.RESET_BEFORE, delete, None), Lie(FaultKind.INTERNAL, read_back, None, after=delete)),
            "unknown / 1",
        ),
        "done, no answer, nothing readable": (
            (Lie(FaultKind.RESET_AFTER, delete, None), Lie(FaultKind.GARBAGE, read_back, None, after=delete)),
            "unknown / 1",
        ),
    }
    wanted = {name: end for name, (_, end) in table.items()}
    if level == "address":
        wanted |= BY_ADDRESS
        del table["done, no answer, nothing readable"], wanted["done, no answer, nothing readable"]  # no odd pages
    found = {name: delete_under(stage, LEVELS[level], *lies) for name, (lies, _) in table.items()}
    assert {name: str(ending) for name, ending in found.items()} == wanted
    assert [ending for ending in found.values() if ending.untrue] == []


NOT_SERVED = {
    None: "deleted / 1",
    FaultKind.KEPT: "deleted / 1",
    FaultKind.RESET_BEFORE: "unknown / 3",
    FaultKind.UNAVAILABLE: "unknown / 3",
    FaultKind.REJECTED: "unknown / 3",
    FaultKind.PAGE_404: "unknown / 3",
    FaultKind.FORBIDDEN_RAM: "refused / 1",
}
"""What VOD's answer makes of images whose addresses say 404 from the approval on, though they are there."""


def test_a_404_at_an_address_alone_never_makes_a_thing_gone(stage: Stage) -> None:
    found = {}
    for kind in NOT_SERVED:
        lies = [Lie(FaultKind.PAGE_404, PICTURE, None)] if kind is not FaultKind.FORBIDDEN_RAM else []
        lies += [Lie(kind, "DeleteImage", None)] if kind else []
        ending = delete_under(stage, LEVELS["address"], *lies)
        assert ending.untrue == () or kind is FaultKind.KEPT, kind  # VOD itself says yes, and the address agrees
        found[kind] = str(ending)
    assert found == NOT_SERVED


@pytest.mark.parametrize("times", [1, 3])
def test_what_vod_hides_when_it_is_to_be_sent_again_is_sent_when_it_is_shown(stage: Stage, times: int) -> None:
    ending = delete_under(
        stage,
        LEVELS["video"],
        Lie(FaultKind.UNAVAILABLE, "DeleteVideo"),
        Lie(FaultKind.LISTS_LOST, "BatchGetMediaInfos", times, after="DeleteVideo"),
    )
    assert str(ending) == "deleted / 2"


def test_what_was_done_without_an_answer_is_not_called_failed_when_the_time_to_execute_is_over(
    stage: Stage,
) -> None:
    ending = delete_under(
        stage,
        LEVELS["video"],
        Lie(FaultKind.RESET_AFTER, "DeleteVideo"),
        Lie(FaultKind.STALE, "GetVideoInfos", after="DeleteVideo"),
        Lie(FaultKind.UNAVAILABLE, "BatchGetMediaInfos", None, after="DeleteVideo"),
    )
    assert ending.untrue == ()


@pytest.mark.parametrize("answer", [FaultKind.UNAVAILABLE, FaultKind.NOT_FOUND, FaultKind.REJECTED])
def test_what_was_done_without_an_answer_is_not_called_failed_while_readings_are_stale(
    stage: Stage, answer: FaultKind
) -> None:
    ending = delete_under(
        stage,
        LEVELS["video"],
        Lie(FaultKind.RESET_AFTER, "DeleteVideo"),
        Lie(answer, "DeleteVideo", 2),
        Lie(FaultKind.STALE, "BatchGetMediaInfos", 2, after="DeleteVideo"),
        Lie(FaultKind.STALE, "GetVideoInfos", 3, after="DeleteVideo"),
    )
    assert str(ending) == "deleted / 3"


def test_what_vod_says_is_gone_and_still_shows_is_not_called_failed(stage: Stage) -> None:
    ending = delete_under(
        stage,
        LEVELS["video"],
        Lie(FaultKind.RESET_AFTER, "DeleteVideo"),
        Lie(FaultKind.STALE, "BatchGetMediaInfos", None, after="DeleteVideo"),
        Lie(FaultKind.STALE, "GetVideoInfos", None, after="DeleteVideo"),
    )
    assert (ending.words, ending.untrue) == (("unknown", "unknown"), ())


def mixed_videos(local_vod: VodSandbox) -> Things:
    """Make one that will be gone, one of another application, and one of ours."""
    owners = (False, True, False)
    made = [local_vod.library.add_video(has_cover=False, forbidden=theirs).video_id for theirs in owners]
    return Things(f"video {' '.join(made)}", made)


def mixed_sources(local_vod: VodSandbox) -> Things:
    """Make one that will be gone, one that is played as a stream, and a plain one."""
    sources = (Source(), Source(serves_as_stream=True), Source())
    made = [local_vod.library.add_video(has_cover=False, source=source).video_id for source in sources]
    return Things(f"mezzanine {' '.join(made)}", made)


def mixed_sources_by_force(local_vod: VodSandbox) -> Things:
    things = mixed_sources(local_vod)
    return replace(things, words=f"{things.words} --force")


MIXED = {
    "video": replace(LEVELS["video"], make=mixed_videos),
    "source": replace(LEVELS["source"], make=mixed_sources),
    "source by force": replace(LEVELS["source"], make=mixed_sources_by_force),
}

ANSWERED = {
    ("video", FaultKind.LIST_AS_STRING): "already gone, refused, deleted / 1",
    ("video", FaultKind.LIST_NULL): "already gone, refused, deleted / 1",
    ("video", FaultKind.LIST_MISSING): "already gone, refused, deleted / 1",
    ("video", FaultKind.LISTS_LOST): "deleted, accepted, deleted / 1",
    ("source", FaultKind.LIST_AS_STRING): "already gone, refused, deleted / 1",
    ("source", FaultKind.LIST_NULL): "already gone, refused, deleted / 1",
    ("source", FaultKind.LIST_MISSING): "already gone, refused, deleted / 1",
    ("source", FaultKind.LISTS_LOST): "deleted, accepted, deleted / 1",
    ("source by force", FaultKind.LIST_AS_STRING): "already gone, deleted, deleted / 1",
    ("source by force", FaultKind.LIST_NULL): "already gone, deleted, deleted / 1",
    ("source by force", FaultKind.LIST_MISSING): "already gone, deleted, deleted / 1",
    ("source by force", FaultKind.LISTS_LOST): "deleted / 1",
}
"""A delete answer whose lists are odd, for: gone before (a stale reading shows it), not ours to delete, ours."""


def test_what_an_answer_lists_is_understood_in_every_shape(stage: Stage) -> None:
    found = {}
    for name, shape in ANSWERED:
        level = MIXED[name]
        stale, odd = Lie(FaultKind.STALE, "BatchGetMediaInfos"), Lie(shape, level.action)
        ending = delete_under(stage, level, stale, odd, others=others_of(name))
        assert ending.untrue == (), (name, shape)
        found[name, shape] = str(ending)
    assert found == ANSWERED


def others_of(name: str) -> Others:
    """Return somebody who removes the first thing."""
    return lambda local_vod, things: remove(local_vod, name.partition(" ")[0], things, 1)


READ = {
    ("video", FaultKind.LIST_AS_STRING): "already gone, refused, deleted / 1",
    ("video", FaultKind.LIST_NULL): "already gone, refused, deleted / 1",
    ("video", FaultKind.LIST_MISSING): "already gone, refused, deleted / 1",
    ("video", FaultKind.LISTS_LOST): "already gone, refused, deleted / 1",
}
"""A reading before the batch whose lists are odd."""


def test_what_a_reading_lists_as_gone_or_forbidden_is_understood_in_every_shape(stage: Stage) -> None:
    found = {}
    for name, shape in READ:
        lie = Lie(shape, "BatchGetMediaInfos")
        ending = delete_under(stage, MIXED[name], lie, others=others_of(name))
        found[name, shape] = str(ending)
    assert found == READ


def test_what_a_reading_back_lists_as_gone_is_understood_in_every_shape(stage: Stage) -> None:
    found = {}
    for name in ("video", "image"):
        level: Level = LEVELS[name]
        for shape in SHAPES:
            half = Lie(FaultKind.PARTIAL, level.action)
            odd = Lie(shape, READ_BACK[name][0], None, after=level.action)
            ending = delete_under(stage, level, half, odd)
            assert ending.untrue == (), (name, shape)
            found[name, shape] = str(ending)
    some, none = "deleted, accepted / 1", "accepted / 1"
    assert found == {
        (name, shape): none if shape is FaultKind.LISTS_LOST else some
        for name in ("video", "image")
        for shape in SHAPES
    }


ZOMBIES = {
    FaultKind.LIST_NULL: ("deleted", 1),
    FaultKind.DELETED_BUT_503: ("deleted", 1),
    FaultKind.NONCE_USED: ("deleted", 1),
    FaultKind.KEPT: ("deleted", 2),
    FaultKind.THROTTLE: ("deleted", 2),
    FaultKind.UNAVAILABLE: ("deleted", 2),
    FaultKind.FORBIDDEN_RAM: ("deleted", 2),
    FaultKind.NOT_FOUND: ("deleted", 2),
}
"""What an instance that was given up for dead hears at last; another has read back, and sent again if need be."""


def test_an_answer_that_comes_after_another_has_taken_over_changes_no_word(stage: Stage) -> None:
    found = {}
    for fenced, kind in enumerate(ZOMBIES, start=1):
        living = replace(stage.program.context, owner="the other")
        things = LEVELS["video"].make(stage.vod)
        number = propose_and_count(stage, things.words)
        stage.vod.faults.set(kind, "DeleteVideo", times=1)

        def take_over(call: int, living: Context = living) -> None:
            if call == 1:
                stage.clock.advance(600)
                while run_one(living):
                    pass

        Meddled(stage, before=nothing, after=take_over)
        work_on(stage)
        (word,) = set(stage.outcomes(number).values())
        found[kind] = word, len(stage.vod.ledger.calls())
        assert [LEVELS["video"].is_there(stage.vod, things, name) for name in things.names] == [False, False]
        assert len(stage.events("call.fenced")) == fenced
        stage.program = replace(stage.program, context=replace(living, owner=f"number {fenced}"))
    assert found == ZOMBIES

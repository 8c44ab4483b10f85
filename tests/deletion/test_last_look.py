"""Whatever VOD tells of a thing is compared, but for a short list; and warnings are made anew before a call."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from deletion.plan import drift
from deletion.plan.facts import StreamFact, Target, Warn
from deletion.plan.library import from_vod
from deletion.plan.library.reading import Reading, unseen_warnings
from deletion.plan.older import REGION_ONLY
from deletion.plan.plan import Plan
from deletion.terms.place import Place
from deletion.terms.requests.targets import Streams, VideoImages, Videos
from sandbox.vod import SnapshotKind
from sandbox.vod.model.media import Image, Source, Video
from sandbox.vod.wire import records
from tests.deletion.bench import Bench
from tests.harness import plans
from vod.api import parsing

BASE = "https://media.example"
VIDEO = Video(
    title="Spring",
    description="Spring",
    tags=("spring", "promo"),
    source=Source(),
    category_id=7,
    category="Trailers",
    snapshots={SnapshotKind.COVER: 2},
)
PICTURE = Image("/image/a.png", category_id=7, category="Posters", tags=("a",))

EXCEPT = frozenset(
    {
        # Signed anew.
        *("MediaInfos.MezzanineInfo.FileURL", "MediaInfos.PlayInfoList.PlayURL", "ImageInfo.Mezzanine.FileURL"),
        # Which one it is: another id is another thing.
        *("MediaInfos.MediaInfo.MediaId", "MediaInfos.MezzanineInfo.MediaId"),
        # It may move with the video's.
        "MediaInfos.PlayInfoList.ModificationTime",
        # Of the tracks in a file their codecs and shapes count, not their places and lengths.
        *("MediaInfos.MezzanineInfo.VideoStreamList.Index", "MediaInfos.MezzanineInfo.VideoStreamList.Duration"),
        "MediaInfos.MezzanineInfo.AudioStreamList.Index",
    }
)
"""Fields whose change holds nothing back, by their way through the answer. Every other one does."""


def media_answer() -> dict[str, Any]:
    assert VIDEO.source is not None
    return {
        "MediaInfos": [
            {
                "MediaId": VIDEO.video_id,
                "MediaInfo": records.media_info(VIDEO, BASE),
                "PlayInfoList": [records.play_info(VIDEO, stream, BASE) for stream in VIDEO.streams],
                "MezzanineInfo": records.mezzanine_info(VIDEO, VIDEO.source, BASE),
            }
        ]
    }


def image_answer() -> dict[str, Any]:
    return {"ImageInfo": [records.image_info(PICTURE, BASE)]}


def scalars(node: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the ways to every value of an answer; of a list's members the first stands for all."""
    match node:
        case dict():
            for name, inner in node.items():
                yield from scalars(inner, (*way, name))
        case [first, *_]:
            yield from scalars(first, (*way, 0))
        case []:
            return
        case _:
            yield way


def changed(answer: dict[str, Any], way: tuple[str | int, ...]) -> dict[str, Any]:
    """Return an answer with another value in one place."""
    other = deepcopy(answer)
    node: Any = other
    for step in way[:-1]:
        node = node[step]
    node[way[-1]] = another(node[way[-1]])
    return other


def another(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str() if value.endswith("Z") and value[:2] == "20":
            return "2031-01-01T00:00:00Z"
        case str() if value.replace(".", "").isdigit():
            return str(float(value) + 1)
        case str() if value.startswith("http"):
            return "https://media.example/other.png"
        case _:
            return f"{value}x"


def name_of(way: tuple[str | int, ...]) -> str:
    return ".".join(step for step in way if isinstance(step, str))


IDS = frozenset({"MediaInfos.MediaId", "ImageInfo.ImageId"})
"""What an answer is read by."""

MEDIA = {name_of(way): way for way in scalars(media_answer()) if name_of(way) not in IDS}
IMAGES = {name_of(way): way for way in scalars(image_answer()) if name_of(way) not in IDS}


def video_of(answer: Mapping[str, Any]) -> Target:
    return from_vod.video(parsing.media_answer(answer, [VIDEO.video_id]).found[VIDEO.video_id])


def image_of(answer: Mapping[str, Any]) -> Target:
    return from_vod.image(parsing.image_answer(answer, [PICTURE.image_id]).found[PICTURE.image_id])


@pytest.mark.parametrize("name", sorted(MEDIA.keys() - EXCEPT))
def test_a_change_of_any_field_of_a_video_holds_it_back(name: str) -> None:
    answer = media_answer()

    found = drift.differences(video_of(answer), video_of(changed(answer, MEDIA[name])))

    assert found
    assert all(each.before != each.after for each in found)


@pytest.mark.parametrize("name", sorted(IMAGES.keys() - EXCEPT))
def test_a_change_of_any_field_of_an_image_holds_it_back(name: str) -> None:
    answer = image_answer()

    assert drift.differences(image_of(answer), image_of(changed(answer, IMAGES[name])))


@pytest.mark.parametrize("name", sorted(EXCEPT))
def test_the_exceptions_are_fields_that_there_are_and_that_hold_nothing_back(name: str) -> None:
    if name in MEDIA:
        answer = media_answer()
        assert drift.differences(video_of(answer), video_of(changed(answer, MEDIA[name]))) == ()
    else:
        answer = image_answer()
        assert drift.differences(image_of(answer), image_of(changed(answer, IMAGES[name]))) == ()


def test_a_new_signature_at_an_address_is_no_change() -> None:
    answer = media_answer()
    signed = deepcopy(answer)
    info = signed["MediaInfos"][0]["MediaInfo"]
    info["CoverURL"] += "?auth_key=1-2-3"
    info["Snapshots"] = [f"{url}?auth_key=1-2-3" for url in reversed(info["Snapshots"])]

    assert drift.differences(video_of(answer), video_of(signed)) == ()


def test_what_our_own_deleting_of_a_part_moves_is_not_compared_for_the_other_parts() -> None:
    answer = media_answer()
    other = deepcopy(answer)
    other["MediaInfos"][0]["MediaInfo"] |= {"ModificationTime": "2031-01-01T00:00:00Z", "Snapshots": []}

    def parts(said: Mapping[str, Any]) -> tuple[Target, Target]:
        media = parsing.media_answer(said, [VIDEO.video_id]).found[VIDEO.video_id]
        return (
            from_vod.stream(media.video, media.streams[0]),
            from_vod.images(media.video, VideoImages.SPRITE, ("u",)),
        )

    assert parts(answer) == parts(other)
    other["MediaInfos"][0]["MediaInfo"]["Description"] = "LEGAL HOLD, do not delete"
    assert all(drift.differences(one, now) for one, now in zip(parts(answer), parts(other), strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "LEGAL HOLD, do not delete",
        "legal_hold",
        "Don't remove!",
        "litigation 2026",
        "\u8bf7\u52ff\u5220\u9664",
        "\u8bc9\u8bbc\u4fdd\u5168",
    ],
)
def test_what_reads_as_if_it_had_to_be_kept_is_warned_of(bench: Bench, text: str) -> None:
    name = bench.vod.library.add_video(title="a", description=text).video_id

    plan = _plan_of(bench, name)

    assert Warn.LEGAL_WORDS in plan.warnings_of(name)


def test_an_ordinary_description_is_not_warned_of(bench: Bench) -> None:
    name = bench.vod.library.add_video(title="Legally blonde, deleted scenes", description="Holding hands").video_id

    assert Warn.LEGAL_WORDS not in _plan_of(bench, name).warnings_of(name)


def _plan_of(bench: Bench, name: str) -> Plan:
    number = bench.propose(Videos((name,)))
    row = bench.row(number)
    found = bench.database.read(lambda tx: bench.ctx.plans.shown(tx, row))
    assert found is not None
    return found


STREAM_A, STREAM_B = (StreamFact(name, "HD", "mp4", 1, "Normal", encrypted=False) for name in ("a", "b"))


def test_a_warning_that_nobody_saw_is_found_again_at_the_last_look() -> None:
    target = Target(id="a", title="t", video_id="v", streams=(STREAM_A,))
    shown = plans.made(Place("cn-shanghai"), Streams("v", ("a",)), (target,))

    both = Reading((target,), siblings={"v": (STREAM_A, STREAM_B)})
    alone = Reading((target,), siblings={"v": (STREAM_A,)})

    assert unseen_warnings(shown, both) == {}
    assert unseen_warnings(shown, alone) == {"a": (Warn.LAST_STREAM,)}
    assert unseen_warnings(plans.with_targets(shown, (target,), [(Warn.LAST_STREAM, "a")]), alone) == {}


def test_the_streams_of_one_plan_do_not_make_each_other_the_last() -> None:
    targets = tuple(
        Target(id=each.job_id, title="t", video_id="v", streams=(each,)) for each in (STREAM_A, STREAM_B)
    )
    left = replace(STREAM_A, job_id="c")
    shown = plans.made(Place("cn-shanghai"), Streams("v", ("a", "b")), targets)

    assert unseen_warnings(shown, Reading(targets[1:], siblings={"v": (STREAM_B, left)})) == {}
    assert unseen_warnings(shown, Reading(targets[1:], siblings={"v": (STREAM_B,)})) == {"b": (Warn.LAST_STREAM,)}


def test_a_plan_of_the_first_version_is_not_held_for_what_it_did_not_record() -> None:
    answer = media_answer()
    now = video_of(answer)
    then = replace(
        now,
        told=None,
        source=now.source and replace(now.source, told=None),
        streams=tuple(replace(each, told=None) for each in now.streams),
    )

    assert drift.differences(then, now, version=REGION_ONLY) == ()

"""The whole job for each of the four levels of deletion: what goes, what stays, and who is told what."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

import vod
from sandbox.vod import SnapshotKind, VodSandbox, seed
from tests.e2e.evidence import (
    assert_lawful,
    assert_nothing_was_deleted,
    assert_told_as_finished,
    audit_lines,
    in_blocks,
)
from tests.stage import Stage

TEASER = seed.SPRING_TEASER.video_id
AGAIN = seed.OLD_STREAMS.video_id
UNTRANSCODED = seed.UNREMOVABLE.video_id


@dataclass(frozen=True)
class Job:
    """A proposal: its words, the ids that must reach VOD, with which parameters, and whether they are gone then."""

    words: str
    sent: tuple[str, ...]
    action: str
    parameters: dict[str, str]
    items: tuple[str, ...]
    tally: str
    is_gone: Callable[[VodSandbox], bool]


def streams(local_vod: VodSandbox, video_id: str, *, definition: str = "", status: str = "") -> list[str]:
    """Return the job ids of a video's streams."""
    video = local_vod.library.video(video_id)
    assert video is not None
    return [
        stream.job_id
        for stream in video.streams
        if definition in {"", stream.definition} and status in {"", stream.status}
    ]


def whole_videos(_: VodSandbox) -> Job:
    wanted = (TEASER, seed.BIDI_TITLE.video_id, seed.CHINESE_TEASER.video_id)
    return Job(
        words=f"video {' '.join(wanted)}",
        sent=wanted,
        action="DeleteVideo",
        parameters={},
        items=wanted,
        tally="3 videos: 3 deleted",
        is_gone=lambda after: all(after.library.video(video_id) is None for video_id in wanted),
    )


def streams_by_definition(local_vod: VodSandbox) -> Job:
    """A definition means all its streams: the one played now and the invisible ones of earlier transcodings."""
    wanted = tuple(streams(local_vod, AGAIN, definition="LD"))
    return Job(
        words=f"stream {AGAIN} ld",
        sent=wanted,
        action="DeleteStream",
        parameters={"VideoId": AGAIN},
        items=wanted,
        tally="3 streams: 3 deleted",
        is_gone=lambda after: len(wanted) == 3 and streams(after, AGAIN, definition="LD") == [],
    )


def invisible_streams_by_job(local_vod: VodSandbox) -> Job:
    wanted = tuple(streams(local_vod, AGAIN, status="Invisible")[:2])
    played = streams(local_vod, AGAIN, status="Normal")
    return Job(
        words=f"stream {AGAIN} {' '.join(wanted)}",
        sent=wanted,
        action="DeleteStream",
        parameters={"VideoId": AGAIN},
        items=wanted,
        tally="2 streams: 2 deleted",
        is_gone=lambda after: (
            not set(wanted) & set(streams(after, AGAIN)) and streams(after, AGAIN, status="Normal") == played
        ),
    )


def source_files(_: VodSandbox) -> Job:
    wanted = (TEASER, seed.WAREHOUSE_TOUR.video_id)
    return Job(
        words=f"mezzanine {' '.join(wanted)}",
        sent=wanted,
        action="DeleteMezzanines",
        parameters={"Force": "false"},
        items=wanted,
        tally="2 source files: 2 deleted",
        is_gone=lambda after: all(source_is_gone(after, video_id) for video_id in wanted),
    )


def a_played_source_by_force(_: VodSandbox) -> Job:
    return Job(
        words=f"mezzanine {UNTRANSCODED} --force",
        sent=(UNTRANSCODED,),
        action="DeleteMezzanines",
        parameters={"Force": "true"},
        items=(UNTRANSCODED,),
        tally="1 source file: 1 deleted",
        is_gone=lambda after: source_is_gone(after, UNTRANSCODED),
    )


def images_by_id(_: VodSandbox) -> Job:
    wanted = (seed.SPRING_POSTER.image_id, seed.COMMA_IMAGE.image_id)
    return Job(
        words=f"image {' '.join(wanted)}",
        sent=wanted,
        action="DeleteImage",
        parameters={"DeleteImageType": "ImageId"},
        items=wanted,
        tally="2 images: 2 deleted",
        is_gone=lambda after: all(after.library.image(image_id) is None for image_id in wanted),
    )


def images_by_url(local_vod: VodSandbox) -> Job:
    """Among them an address with a comma, which would split the list it is sent in."""
    wanted = (
        f"{local_vod.url}{seed.SPRING_POSTER.path}",
        f"{local_vod.url}/image/default/press%20photo,cropped%2B50%25.png",
    )
    return Job(
        words=f"image {' '.join(wanted)}",
        sent=wanted,
        action="DeleteImage",
        parameters={"DeleteImageType": "ImageURL"},
        items=wanted,
        tally="2 images: 2 deleted",
        is_gone=lambda after: (
            [
                vod.image_is_served(url, allowed_domains=frozenset({after.image_domain}), timeout_s=5)
                for url in wanted
            ]
            == [False, False]
        ),
    )


def all_images_of_a_video(_: VodSandbox) -> Job:
    def are_gone(after: VodSandbox) -> bool:
        video = after.library.video(TEASER)
        return video is not None and not video.snapshots and not video.has_cover

    return Job(
        words=f"image --of {TEASER} all",
        sent=(TEASER,),
        action="DeleteImage",
        parameters={"DeleteImageType": "VideoId", "ImageType": ",".join(KINDS.values())},
        items=tuple(KINDS),
        tally="4 image sets: 4 deleted",
        is_gone=are_gone,
    )


KINDS = {
    "cover": SnapshotKind.COVER,
    "snapshot": SnapshotKind.NORMAL,
    "sprite": SnapshotKind.SPRITE,
    "sprite-origin": SnapshotKind.SPRITE_ORIGIN,
}

JOBS = {
    "videos": whole_videos,
    "streams by definition": streams_by_definition,
    "invisible streams by job id": invisible_streams_by_job,
    "source files": source_files,
    "a source that is played, by force": a_played_source_by_force,
    "images by id": images_by_id,
    "images by url": images_by_url,
    "all images of a video": all_images_of_a_video,
}


@pytest.mark.parametrize("make", JOBS.values(), ids=JOBS.keys())
def test_exactly_what_was_countersigned_goes_and_everybody_is_told(
    stage: Stage, make: Callable[[VodSandbox], Job]
) -> None:
    job = make(stage.vod)
    number = stage.propose("ana", job.words)
    assert_nothing_was_deleted(stage)
    stage.click("bo", "Approve", number)

    (call,) = stage.vod.ledger.calls()
    assert (call.action, sorted(call.ids), dict(call.extras)) == (job.action, sorted(job.sent), job.parameters)
    assert stage.outcomes(number) == dict.fromkeys(job.items, "deleted")
    assert job.is_gone(stage.vod)
    assert_told_as_finished(stage, number, proposer="ana", tally=job.tally)
    assert f"about to be sent: {job.action} for" in audit_lines(stage, number)
    assert_lawful(stage)


def test_of_a_videos_images_only_the_kind_that_was_named_goes(stage: Stage) -> None:
    left = set(KINDS.values())
    for word, kind in KINDS.items():
        number = stage.propose("ana", f"image --of {TEASER} {word}")
        stage.click("bo", "Approve", number)
        assert stage.outcomes(number) == {word: "deleted"}
        left.discard(kind)
        video = stage.vod.library.video(TEASER)
        assert video is not None
        assert set(video.snapshots) == left
        assert stage.vod.ledger.calls()[-1].extras["ImageType"] == kind
    assert_lawful(stage)


def test_everything_else_in_the_library_stays(stage: Stage) -> None:
    videos = {video.video_id for video in stage.vod.library.videos()}
    images = stage.vod.library.images()
    number = stage.propose("ana", f"video {TEASER}")
    stage.click("bo", "Approve", number)

    assert {video.video_id for video in stage.vod.library.videos()} == videos - {TEASER}
    assert stage.vod.library.images() == images


def test_a_source_that_is_played_is_refused_without_force_and_the_card_said_so_before(stage: Stage) -> None:
    number = stage.propose("ana", f"mezzanine {UNTRANSCODED} {TEASER}")
    assert "VOD will refuse without --force" in in_blocks(stage.card(number))
    stage.click("bo", "Approve", number)

    assert stage.outcomes(number) == {UNTRANSCODED: "refused", TEASER: "deleted"}
    assert not source_is_gone(stage.vod, UNTRANSCODED)
    results = stage.thread(number)[-1]
    assert f"({UNTRANSCODED}): refused by VOD" in in_blocks(results)
    assert "needs --force" in in_blocks(results)
    assert_told_as_finished(stage, number, proposer="ana", tally="2 source files: 1 refused, 1 deleted")
    assert_lawful(stage)


def source_is_gone(local_vod: VodSandbox, video_id: str) -> bool:
    """Say whether a video is there and its source file is not."""
    video = local_vod.library.video(video_id)
    return video is not None and video.source is not None and video.source.status == "Deleted"

import io
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from PIL import Image as Picture

from sandbox.clock import Clock
from sandbox.vod import SnapshotKind, VodSandbox, seed
from sandbox.vod.model.library import Library
from sandbox.vod.model.seed import Known
from tests.sandbox.vod.sdk import Sdk


def test_the_library_is_large_and_various(seeded: VodSandbox) -> None:
    videos = seeded.library.videos()
    assert len(videos) >= 200
    assert len(seeded.library.images()) == 30
    assert all(len(video.video_id) == 32 and int(video.video_id, 16) for video in videos)
    assert len({stream.job_id for video in videos for stream in video.streams}) == sum(
        len(v.streams) for v in videos
    )
    assert {stream.definition for video in videos for stream in video.streams} == {"FD", "LD", "SD", "HD", "OD"}
    assert {stream.format for video in videos for stream in video.streams} == {"mp4", "m3u8"}
    assert any(stream.status == "Invisible" for video in videos for stream in video.streams)
    assert any(stream.encrypted for video in videos for stream in video.streams)
    assert set(Counter(video.storage_class for video in videos)) == {"Standard", "IA", "Archive"}
    assert videos[0].created - videos[-1].created > timedelta(days=900)
    assert len({video.category for video in videos}) == 10


def test_it_is_the_same_every_time_but_for_dates() -> None:
    clock = Clock()
    first, second = Library(clock), Library(clock)
    seed.seed(first, clock)
    seed.seed(second, clock)
    assert first.videos() == second.videos()
    assert first.images() == second.images()


@pytest.mark.parametrize("known", [*seed.TIDY, *seed.TROUBLESOME], ids=lambda known: known.title[:20])
def test_everything_known_is_there_under_its_title(seeded: VodSandbox, known: Known) -> None:
    assert known.video_id in {video.video_id for video in seeded.library.titled(known.title)}


def test_tidy_videos_are_complete(seeded: VodSandbox) -> None:
    sdk = Sdk(seeded)
    answer = sdk.call("BatchGetMediaInfos", MediaIds=",".join(known.video_id for known in seed.TIDY))
    assert len(answer["MediaInfos"]) == len(seed.TIDY)
    assert {len(media["PlayInfoList"]) for media in answer["MediaInfos"]} == {4}
    assert {media["MezzanineInfo"]["Status"] for media in answer["MediaInfos"]} == {"Normal"}


def test_each_troublesome_video_has_its_trouble(seeded: VodSandbox) -> None:
    found = {known: seeded.library.video(known.video_id) for known in seed.TROUBLESOME}
    videos = {known: video for known, video in found.items() if video is not None}
    source = videos[seed.UNREMOVABLE].source
    assert videos[seed.FORBIDDEN].forbidden
    assert source is not None
    assert source.serves_as_stream
    assert videos[seed.HUGE].size == 180_000_000_000
    assert videos[seed.TRANSCODING].status == "Transcoding"
    assert videos[seed.UPLOADING].status == "Uploading"
    assert videos[seed.BLOCKED].status == "Blocked"
    assert videos[seed.NO_STREAMS].streams == ()
    assert videos[seed.NO_SOURCE].source is None
    assert all(stream.encrypted for stream in videos[seed.ENCRYPTED].streams)
    assert Counter(s.status for s in videos[seed.OLD_STREAMS].streams) == {"Normal": 2, "Invisible": 4}
    assert videos[seed.ARCHIVED].storage_class == "Archive"
    assert "<!channel>" in videos[seed.MARKUP_TITLE].title
    assert "\u202e" in videos[seed.BIDI_TITLE].title
    assert "\n" in videos[seed.BIDI_TITLE].title
    assert len(videos[seed.LONG_TITLE].title) == 500
    assert videos[seed.TWIN_A].title == videos[seed.TWIN_B].title


def test_odd_titles_survive_the_wire(seeded: VodSandbox) -> None:
    odd = (seed.MARKUP_TITLE, seed.BIDI_TITLE, seed.LONG_TITLE, seed.CHINESE_TEASER)
    answer = Sdk(seeded).call("GetVideoInfos", VideoIds=",".join(known.video_id for known in odd))
    assert [info["Title"] for info in answer["VideoList"]] == [known.title for known in odd]


def test_covers_snapshots_and_images_are_different_real_pictures(seeded: VodSandbox) -> None:
    video = seeded.library.video(seed.SPRING_TEASER.video_id)
    assert video is not None
    paths = [
        video.cover_path,
        f"/covers/{seed.CHINESE_TEASER.video_id}.png",
        video.snapshot_path(SnapshotKind.NORMAL, 1),
        video.snapshot_path(SnapshotKind.COVER, 1),
        seed.SPRING_POSTER.path,
        seed.SPRING_COVER.path,
    ]
    answers = [httpx.get(seeded.url + path) for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    assert {Picture.open(io.BytesIO(answer.content)).format for answer in answers} == {"PNG"}
    assert len({answer.content for answer in answers}) == len(paths)


@pytest.mark.parametrize(
    "path",
    [
        "/covers/none.png",
        "/covers/{transcoding}.png",
        "/snapshots/{spring}/NormalSnapshot-99999.png",
        "/snapshots/{spring}/NormalSnapshot-00000.png",
        "/snapshots/{spring}/Nothing-00001.png",
        "/snapshots/none/NormalSnapshot-00001.png",
        "/image/default/none.png",
    ],
)
def test_pictures_that_do_not_exist_are_not_served(seeded: VodSandbox, path: str) -> None:
    filled = path.format(transcoding=seed.TRANSCODING.video_id, spring=seed.SPRING_TEASER.video_id)
    assert httpx.get(seeded.url + filled).status_code == 404


def test_the_addresses_of_the_sandbox_agree(seeded: VodSandbox) -> None:
    assert seeded.url == f"http://{seeded.endpoint}"
    assert seeded.image_domain == seeded.endpoint
    assert seeded.endpoint.startswith("127.0.0.1:")
    assert seeded.region == "cn-shanghai"

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import vod
from deletion.plan.facts import Target
from deletion.plan.library.quota import PER_SECOND
from deletion.plan.library.reading import Reader
from deletion.terms.requests.targets import (
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
)
from deletion.terms.results.findings import LeftOut
from deletion.terms.results.outcomes import Presence
from sandbox.vod import seed
from tests.deletion.bench import Bench
from tests.vod.hostile import HostileServer, http_json

TEASER, TOUR = seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id
GONE = "0" * 32
PRESENT, ABSENT, NOT_SERVED, UNKNOWN = Presence


def job_ids(bench: Bench, video_id: str) -> list[str]:
    video = bench.vod.library.video(video_id)
    assert video is not None
    return [stream.job_id for stream in video.streams]


def test_a_video_is_absent_only_when_vod_says_that_it_does_not_exist(bench: Bench) -> None:
    names = (TEASER, seed.FORBIDDEN.video_id, seed.TRANSCODING.video_id, GONE)

    assert list(bench.ctx.reader.presence(Videos(names), names).values()) == [PRESENT, PRESENT, PRESENT, ABSENT]


def test_a_source_is_absent_when_it_or_its_video_is_gone(bench: Bench) -> None:
    request = Mezzanines((TEASER, TOUR, seed.NO_SOURCE.video_id, GONE), force=True)
    bench.client.delete_mezzanines([TOUR], force=True)

    found = bench.ctx.reader.presence(request, request.ids)

    assert list(found.values()) == [PRESENT, ABSENT, ABSENT, ABSENT]


def test_a_stream_is_absent_when_the_video_has_others_none_or_is_gone(bench: Bench) -> None:
    jobs = job_ids(bench, TEASER)
    request = Streams(TEASER, tuple(jobs))
    presence = bench.ctx.reader.presence

    bench.client.delete_streams(TEASER, jobs[:1])
    assert list(presence(request, jobs).values()) == [ABSENT, PRESENT, PRESENT, PRESENT]
    bench.client.delete_streams(TEASER, jobs[1:])
    assert set(presence(request, jobs).values()) == {ABSENT}
    bench.vod.library.remove_video(TEASER)
    assert set(presence(request, jobs).values()) == {ABSENT}


def test_streams_that_vod_hides_are_neither_present_nor_absent(bench: Bench) -> None:
    jobs = job_ids(bench, TEASER)
    bench.vod.library.change_video(TEASER, status="Transcoding")

    assert set(bench.ctx.reader.presence(Streams(TEASER, tuple(jobs)), jobs).values()) == {UNKNOWN}


def test_an_image_is_absent_when_vod_says_that_it_does_not_exist(bench: Bench) -> None:
    names = (seed.SPRING_POSTER.image_id, GONE)

    assert list(bench.ctx.reader.presence(Images(names), names).values()) == [PRESENT, ABSENT]


def test_a_404_at_an_address_says_only_that_nothing_is_served_there(bench: Bench) -> None:
    urls = (
        f"{bench.vod.url}{seed.SPRING_POSTER.path}",
        f"{bench.vod.url}/image/default/gone.png",
        "https://img.example/a.png",
    )

    found = bench.ctx.reader.presence(ImageUrls(urls), urls)

    assert list(found.values()) == [PRESENT, NOT_SERVED, UNKNOWN]


def test_pictures_of_a_video_are_absent_when_there_are_none_of_their_kind(bench: Bench) -> None:
    kinds = tuple(VideoImages)
    request = ImagesOf(TEASER, kinds)
    presence = bench.ctx.reader.presence

    assert set(presence(request, kinds).values()) == {PRESENT}
    bench.client.delete_video_images(TEASER, [vod.ImageKind.NORMAL, vod.ImageKind.SPRITE])
    assert presence(request, kinds) == {
        "cover": PRESENT,
        "snapshot": ABSENT,
        "sprite": ABSENT,
        "sprite-origin": PRESENT,
    }
    bench.vod.library.remove_video(TEASER)
    assert set(presence(request, kinds).values()) == {ABSENT}


@pytest.fixture
def evasive(bench: Bench) -> Iterator[Callable[..., Reader]]:
    """Read from a VOD that answers 200 with whatever a test wants, and passes over ids without a word."""
    servers: list[HostileServer] = []
    clients: list[vod.VodClient] = []

    def reader(**answer: Any) -> Reader:
        servers.append(HostileServer(http_json(200, {"RequestId": "R", **answer})))
        endpoint = vod.Endpoint("cn-shanghai", servers[-1].url)
        clients.append(vod.VodClient(vod.AccessKey("id", "secret"), endpoint, environ={}))
        return Reader(clients[-1], bench.ctx.quota, lambda _url: None)

    yield reader
    for client in clients:
        client.close()
    for server in servers:
        server.stop()


@pytest.mark.parametrize(
    ("request_", "ids", "answer"),
    [
        (Videos((TEASER,)), [TEASER], {"VideoList": [], "NonExistVideoIds": []}),
        (Images((TEASER,)), [TEASER], {"ImageInfo": [], "NonExistImageIds": []}),
    ],
)
def test_what_vod_passes_over_is_neither_present_nor_absent(
    evasive: Callable[..., Reader], request_: Request, ids: list[str], answer: dict[str, Any]
) -> None:
    assert evasive(**answer).presence(request_, ids) == {TEASER: UNKNOWN}


@pytest.mark.parametrize(
    ("request_", "shown", "answer"),
    [
        (Videos((TEASER,)), TEASER, {"MediaInfos": [], "NonExistMediaIds": [], "ForbiddenMediaIds": []}),
        (Mezzanines((TEASER,), force=False), TEASER, {"MediaInfos": [], "NonExistMediaIds": []}),
        (Streams(TEASER, ("HD",)), "job", {"MediaInfos": [], "NonExistMediaIds": []}),
        (Images((TEASER,)), TEASER, {"ImageInfo": [], "NonExistImageIds": []}),
        (ImagesOf(TEASER, (VideoImages.COVER,)), "cover", {"VideoList": [], "NonExistVideoIds": []}),
    ],
)
def test_what_vod_passes_over_is_left_out_as_unreadable_and_not_gone(
    evasive: Callable[..., Reader], request_: Request, shown: str, answer: dict[str, Any]
) -> None:
    reader = evasive(**answer)

    for reading in (reader.read(request_), reader.read_again(request_, [Target(shown, "t")])):
        assert reading.targets == ()
        assert reading.left_out == ((TEASER, LeftOut.UNREADABLE),)
        assert reading.problems == ()
        assert not reading.is_gone(shown)


def test_a_title_that_was_cut_inside_an_emoji_can_be_shown_and_hashed(evasive: Callable[..., Reader]) -> None:
    odd = json.loads('"Party \\ud83d"')
    video = {"VideoId": TEASER, "Title": odd, "Status": "Normal", "Tags": f"{odd},b", "CateName": odd}
    source = {"FileName": "a", "Status": "Normal", "FileSize": 10**17}
    media = {"MediaId": TEASER, "MediaInfo": video, "MezzanineInfo": source, "PlayInfoList": []}

    (target,) = evasive(MediaInfos=[media]).read(Videos((TEASER,))).targets

    assert target.title == target.category == target.tags[0] == "Party \ufffd"


def test_a_turn_is_waited_for_before_every_call_and_only_documented_ones_are_made(bench: Bench) -> None:
    reader = bench.ctx.reader
    turns: list[str] = []
    reader._quota = type("Counting", (), {"turn": staticmethod(turns.append)})()
    every = tuple(VideoImages)

    tidy = [video.video_id for video in bench.vod.library.videos() if not video.forbidden]
    reader.read(Videos(tuple(tidy[:41])))
    assert turns == ["BatchGetMediaInfos"] * 3
    for request, ids in (
        (Videos((seed.FORBIDDEN.video_id,)), (TEASER,)),
        (Mezzanines((TEASER,), force=False), (TEASER,)),
        (Streams(TEASER, ("HD",)), ("job",)),
        (Images((seed.SPRING_POSTER.image_id,)), (seed.SPRING_POSTER.image_id,)),
        (ImagesOf(TEASER, every), every),
    ):
        reader.read(request)
        reader.presence(request, ids)
    assert set(turns) <= PER_SECOND.keys()
    assert turns.count("ListSnapshots") == 2 * len(every)
    assert {"GetVideoInfos", "GetPlayInfo", "GetMezzanineInfo", "GetImageInfos"} <= set(turns)

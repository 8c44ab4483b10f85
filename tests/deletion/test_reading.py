from collections.abc import Sequence
from dataclasses import replace

import pytest

import vod
from deletion.plan.facts import SourceFact
from deletion.plan.library.from_vod import bare_url
from deletion.plan.library.reading import Reader, Reading
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
from deletion.terms.results.findings import LeftOut, Problem
from sandbox.vod import SnapshotKind, Source, seed
from tests.deletion.bench import Bench

TEASER = seed.SPRING_TEASER.video_id
GONE = "0" * 32


@pytest.fixture
def reader(bench: Bench) -> Reader:
    return bench.ctx.reader


def job_ids(bench: Bench, video_id: str) -> list[str]:
    video = bench.vod.library.video(video_id)
    assert video is not None
    return [stream.job_id for stream in video.streams]


def read_both_ways(reader: Reader, request: Request) -> Reading:
    """Read a request, and its targets once more: what did not change must read the same."""
    first = reader.read(request)
    again = reader.read_again(request, first.targets)
    assert again.targets == first.targets
    return first


def test_a_video_is_read_with_everything_that_goes_with_it(bench: Bench, reader: Reader) -> None:
    video = bench.vod.library.video(TEASER)
    assert video is not None
    assert video.source is not None

    (target,) = read_both_ways(reader, Videos((TEASER,))).targets

    assert (target.id, target.video_id, target.title) == (TEASER, TEASER, video.title)
    assert (target.status, target.size, target.tags) == ("Normal", video.size, video.tags)
    assert target.duration_ms == round(video.duration * 1000)
    assert target.created == f"{video.created:%Y-%m-%dT%H:%M:%SZ}"
    assert (target.category, target.storage_class, target.app_id) == (video.category, "Standard", video.app_id)
    assert target.cover == f"{bench.vod.url}{video.cover_path}"
    assert target.source is not None
    assert replace(target.source, told=None) == SourceFact(video.source.file_name, video.size, "Normal")
    assert "Width=1920\nHeight=1080\n" in (target.source.told or "")
    assert f"ModificationTime={video.modified:%Y-%m-%dT%H:%M:%SZ}" in (target.told or "")
    assert [stream.job_id for stream in target.streams] == sorted(job_ids(bench, TEASER))
    assert not target.streams_unread


def test_more_videos_than_fit_a_call_are_read_in_their_order_and_those_not_there_left_out(
    bench: Bench, reader: Reader
) -> None:
    names = [video.video_id for video in bench.vod.library.videos()[:45]]
    names[7] = GONE

    reading = reader.read(Videos(tuple(names)))

    assert [target.id for target in reading.targets] == [name for name in names if name != GONE]
    assert reading.left_out == ((GONE, LeftOut.MISSING),)
    assert reading.is_gone(GONE)
    assert not reading.is_gone(names[0])


def test_a_video_of_another_application_is_read_as_far_as_it_may_be(reader: Reader) -> None:
    name = seed.FORBIDDEN.video_id

    reading = read_both_ways(reader, Videos((name, TEASER)))

    assert reading.not_writable == {name}
    assert [target.id for target in reading.targets] == [name, TEASER]
    assert reading.targets[0].title == seed.FORBIDDEN.title
    assert not reading.is_gone(name)


def test_sources_are_read_unless_they_are_gone(bench: Bench, reader: Reader) -> None:
    spent = bench.vod.library.add_video(source=Source("a.mov", status="Deleted")).video_id
    sourceless = seed.NO_SOURCE.video_id

    reading = reader.read(Mezzanines((TEASER, spent, sourceless, GONE), force=False))

    assert [target.id for target in reading.targets] == [TEASER]
    assert dict(reading.left_out) == {
        spent: LeftOut.ALREADY_DELETED,
        sourceless: LeftOut.UNREADABLE,
        GONE: LeftOut.MISSING,
    }
    assert [reading.is_gone(name) for name in (TEASER, spent, sourceless, GONE)] == [False, True, False, True]
    read_both_ways(reader, Mezzanines((TEASER,), force=True))


@pytest.mark.parametrize("word", ["HD", "hd"])
def test_streams_are_found_by_definition(bench: Bench, reader: Reader, word: str) -> None:
    reading = read_both_ways(reader, Streams(TEASER, (word,)))

    (target,) = reading.targets
    assert target.streams[0].definition == "HD"
    assert target.id in job_ids(bench, TEASER)
    assert (target.video_id, target.title, target.size) == (TEASER, seed.SPRING_TEASER.title, None)
    assert len(reading.siblings[TEASER]) == 4


def test_streams_are_found_by_job_and_named_once(bench: Bench, reader: Reader) -> None:
    jobs = job_ids(bench, TEASER)

    reading = read_both_ways(reader, Streams(TEASER, (jobs[0], jobs[1], "FD")))

    assert [target.id for target in reading.targets] == jobs[:2]


def test_older_and_encrypted_streams_are_found_too(bench: Bench, reader: Reader) -> None:
    for known in (seed.OLD_STREAMS, seed.ENCRYPTED):
        jobs = job_ids(bench, known.video_id)
        reading = read_both_ways(reader, Streams(known.video_id, tuple(jobs)))
        assert [target.id for target in reading.targets] == jobs


def test_a_stream_that_is_not_there_is_a_problem_and_proven_gone(bench: Bench, reader: Reader) -> None:
    job = job_ids(bench, TEASER)[0]

    reading = reader.read(Streams(TEASER, (job, "4K", GONE)))

    assert reading.problems == ((Problem.NO_SUCH_STREAM, "4K"), (Problem.NO_SUCH_STREAM, GONE))
    assert reading.is_gone(GONE)
    assert not reading.is_gone(job)


def test_a_video_without_streams_has_none_of_those_wanted(reader: Reader) -> None:
    reading = reader.read(Streams(seed.NO_STREAMS.video_id, ("HD",)))

    assert reading.problems == ((Problem.NO_SUCH_STREAM, "HD"),)


def test_the_streams_of_a_video_that_is_gone_are_gone(reader: Reader) -> None:
    reading = reader.read(Streams(GONE, ("HD",)))

    assert reading.problems == ((Problem.NO_SUCH_VIDEO, GONE),)
    assert reading.is_gone("HD")


def test_streams_that_vod_hides_are_not_gone(reader: Reader) -> None:
    reading = reader.read(Streams(seed.TRANSCODING.video_id, ("HD",)))

    assert reading.problems == ((Problem.STREAMS_HIDDEN, seed.TRANSCODING.video_id),)
    assert not reading.is_gone("HD")


def test_the_streams_of_a_video_that_may_not_be_read_are_not_gone(bench: Bench, reader: Reader) -> None:
    name = seed.FORBIDDEN.video_id
    job = job_ids(bench, name)[0]

    reading = reader.read(Streams(name, (job,)))

    assert reading.targets == ()
    assert reading.left_out == ((name, LeftOut.UNREADABLE),)
    assert not reading.is_gone(job)


def test_images_are_read_by_id(bench: Bench, reader: Reader) -> None:
    names = [image.image_id for image in bench.vod.library.images()[:25]]

    reading = read_both_ways(reader, Images((*names, GONE)))

    assert [target.id for target in reading.targets] == names
    assert reading.left_out == ((GONE, LeftOut.MISSING),)
    poster = reader.read(Images((seed.SPRING_POSTER.image_id,))).targets[0]
    assert (poster.title, poster.url) == (seed.SPRING_POSTER.title, f"{bench.vod.url}{seed.SPRING_POSTER.path}")


def test_of_an_image_named_by_its_address_only_the_address_is_known(bench: Bench, reader: Reader) -> None:
    url = f"{bench.vod.url}{seed.SPRING_POSTER.path}"

    (target,) = read_both_ways(reader, ImageUrls((url,))).targets

    assert (target.id, target.title, target.url, target.size) == (url, "spring-poster-6-2.png", url, None)


def test_an_image_whose_address_answers_404_is_not_left_out_at_the_second_reading(
    bench: Bench, reader: Reader
) -> None:
    url = f"{bench.vod.url}{seed.SPRING_POSTER.path}"
    request = ImageUrls((url, "https://img.example/a.png"))
    shown = reader.read(request).targets
    bench.vod.library.remove_image(seed.SPRING_POSTER.image_id)

    again = reader.read_again(request, shown)

    assert again.targets == shown
    assert again.left_out == ()
    assert not again.is_gone(url)


def test_the_pictures_of_a_video_are_read_kind_by_kind(bench: Bench, reader: Reader) -> None:
    video = bench.vod.library.add_video(snapshots={SnapshotKind.NORMAL: 3, SnapshotKind.SPRITE: 1})
    every = tuple(VideoImages)

    reading = reader.read(ImagesOf(video.video_id, every))

    assert [target.id for target in reading.targets] == ["cover", "snapshot", "sprite"]
    assert reading.left_out == (("sprite-origin", LeftOut.MISSING),)
    assert reading.is_gone("sprite-origin")
    pictures = reading.targets[1].images
    assert len(pictures) == 3
    assert all(url.startswith(bench.vod.url) and "?" not in url for url in pictures)
    read_both_ways(reader, ImagesOf(video.video_id, (VideoImages.SNAPSHOT,)))


def test_the_pictures_of_a_video_that_is_gone_are_gone(reader: Reader) -> None:
    reading = reader.read(ImagesOf(GONE, (VideoImages.COVER,)))

    assert reading.problems == ((Problem.NO_SUCH_VIDEO, GONE),)
    assert reading.is_gone("cover")


def every_request(bench: Bench) -> Sequence[Request]:
    return (
        Videos((TEASER,)),
        Mezzanines((TEASER,), force=False),
        Streams(TEASER, tuple(job_ids(bench, TEASER))),
        Images((seed.SPRING_POSTER.image_id,)),
        ImagesOf(TEASER, tuple(VideoImages)),
    )


@pytest.mark.parametrize("fault", ["unavailable", "garbage"])
def test_what_vod_does_not_answer_is_never_read_as_gone(bench: Bench, reader: Reader, fault: str) -> None:
    for request in every_request(bench):
        shown = reader.read(request).targets
        bench.vod.faults.set(fault)
        for read in (reader.read, lambda one, shown=shown: reader.read_again(one, shown)):
            with pytest.raises(vod.VodError):
                read(request)
        with pytest.raises(vod.VodError):
            reader.presence(request, [target.id for target in shown])
        bench.vod.faults.clear()


def test_what_a_title_cannot_carry_is_replaced_before_it_is_shown_or_hashed(bench: Bench) -> None:
    first = replace(bench.ctx.reader.read(Videos((TEASER,))).targets[0])
    assert first.title == seed.SPRING_TEASER.title

    bench.vod.library.change_video(TEASER, title="a\0b")

    for reading in (
        bench.ctx.reader.read(Videos((TEASER,))),
        bench.ctx.reader.read_again(Videos((TEASER,)), [first]),
    ):
        assert reading.targets[0].title == "a\ufffdb"


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        (None, None),
        ("", None),
        ("https://a/b.png", "https://a/b.png"),
        ("https://a/b.png?Expires=1&Signature=x", "https://a/b.png"),
        ("https://a/b.png?", "https://a/b.png"),
    ],
)
def test_signatures_and_expiry_times_are_cut_off_addresses(url: str | None, bare: str | None) -> None:
    assert bare_url(url) == bare

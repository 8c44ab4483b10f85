import threading
from datetime import timedelta

import pytest

from sandbox.clock import Clock
from sandbox.vod.model.library import Library
from sandbox.vod.model.media import Level, Removal, Stream


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(clock: Clock) -> Library:
    return Library(clock)


def test_a_video_added_without_facts_is_a_tidy_one(library: Library) -> None:
    video = library.add_video()
    assert (video.status, len(video.streams), video.has_cover) == ("Normal", 2, True)
    assert library.video(video.video_id) == video
    assert library.video("x") is None


def test_an_id_is_taken_once(library: Library) -> None:
    video, image = library.add_video(), library.add_image()
    with pytest.raises(ValueError, match="already"):
        library.add_video(video_id=video.video_id)
    with pytest.raises(ValueError, match="already"):
        library.add_image(image_id=image.image_id)


def test_changing_a_video_moves_its_modification_date(library: Library, clock: Clock) -> None:
    video = library.add_video(title="Before")
    clock.advance(60)
    changed = library.change_video(video.video_id, title="After")
    assert (changed.title, changed.created) == ("After", video.created)
    assert changed.modified >= video.modified + timedelta(seconds=60)
    with pytest.raises(KeyError):
        library.change_video("x", title="Nothing")


def test_changing_an_image_keeps_the_rest(library: Library) -> None:
    image = library.add_image(title="Before")
    library.change_image(image.image_id, title="After")
    changed = library.image(image.image_id)
    assert changed is not None
    assert (changed.title, changed.path) == ("After", image.path)


def test_titles_are_found_exactly_or_in_part(library: Library) -> None:
    twins = {library.add_video(title="Stand-up").video_id for _ in range(2)}
    longer = library.add_video(title="Stand-UP, long").video_id
    assert {video.video_id for video in library.titled("Stand-up")} == twins
    assert {video.video_id for video in library.matching("stand-up")} == {*twins, longer}


def test_what_is_removed_is_remembered_and_counted(library: Library) -> None:
    video = library.add_video(size=1000, streams=(Stream("LD", job_id="j", size=10),))
    image = library.add_image()
    assert library.counts() == {
        "videos": 1,
        "streams": 1,
        "sources": 1,
        "bytes": 1000,
        "images": 1,
        "removed": 0,
    }
    stream = Removal(Level.STREAM, "j", video.video_id, "j")
    assert library.remove(stream)
    assert not library.remove(stream)
    assert library.remove(Removal(Level.MEZZANINE, video.video_id, video.video_id))
    assert library.remove_video(video.video_id)
    assert not library.remove_video(video.video_id)
    assert library.remove_image(image.image_id)
    assert not library.remove_image(image.image_id)
    assert not library.remove(stream)
    assert [(one.level, one.size) for one in library.removed] == [
        (Level.STREAM, 10),
        (Level.MEZZANINE, 1000),
        (Level.VIDEO, 1000),
        (Level.IMAGE, image.size),
    ]
    assert library.counts()["bytes"] == 0


def test_late_removals_fall_due_one_by_one(library: Library, clock: Clock) -> None:
    soon, later = library.add_video(), library.add_video()
    library.remove_later([Removal(Level.VIDEO, later.video_id, later.video_id)], 7200)
    library.remove_later([Removal(Level.VIDEO, soon.video_id, soon.video_id)], 3600)
    clock.advance(3600)
    assert library.videos() == (later,)
    clock.advance(3600)
    assert library.videos() == ()


def test_of_many_threads_removing_one_video_one_succeeds(library: Library) -> None:
    video = library.add_video()
    barrier, results = threading.Barrier(8), []

    def remove() -> None:
        barrier.wait()
        results.append(library.remove_video(video.video_id))

    threads = [threading.Thread(target=remove) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count(True) == 1
    assert len(library.removed) == 1

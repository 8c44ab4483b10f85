from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from sandbox.vod import Image, Video, VodSandbox
from tests.deletion.bench import Bench


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged, instead of printing it."""
    with capture_logs() as captured:
        yield captured


@dataclass(frozen=True)
class Running:
    """A local VOD that serves many tests, and the library each of them begins with."""

    vod: VodSandbox
    videos: dict[str, Video]
    images: dict[str, Image]

    def restore(self) -> None:
        library = self.vod.library
        library.settle()
        for video in library.videos():
            if self.videos.get(video.video_id) != video:
                library.remove_video(video.video_id)
        for image in library.images():
            if self.images.get(image.image_id) != image:
                library.remove_image(image.image_id)
        for video in self.videos.values():
            if library.video(video.video_id) is None:
                library.add_video(**vars(video))
        for image in self.images.values():
            if library.image(image.image_id) is None:
                library.add_image(**vars(image))


@pytest.fixture(scope="session")
def running_vod() -> Iterator[Running]:
    with VodSandbox.start() as vod:
        videos = {video.video_id: video for video in vod.library.videos()}
        images = {image.image_id: image for image in vod.library.images()}
        yield Running(vod, videos, images)


@pytest.fixture
def local_vod(running_vod: Running) -> VodSandbox:
    """The same server for every test, with a library, a ledger and manners as if it were new."""
    running_vod.restore()
    running_vod.vod.faults.clear()
    running_vod.vod.ledger.clear()
    assert running_vod.vod.unknown_calls == ()
    return running_vod.vod


@pytest.fixture
def open_bench(local_vod: VodSandbox, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Open benches with rules of the test's own; they are closed with the test."""
    opened: list[Bench] = []

    def opener(**rules: Any) -> Bench:
        opened.append(Bench(local_vod, tmp_path, **rules))
        return opened[-1]

    yield opener
    for bench in opened:
        bench.close()
    assert local_vod.unknown_calls == ()


@pytest.fixture
def bench(open_bench: Callable[..., Bench]) -> Bench:
    return open_bench()

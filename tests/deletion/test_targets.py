import json
from typing import Any

import pytest
from hypothesis import given

from deletion.terms import canonical
from deletion.terms.requests import targets
from deletion.terms.requests.targets import (
    Images,
    ImagesOf,
    ImageUrls,
    Kind,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
)
from tests.deletion.strategies import REQUESTS, unhurried

COVER, SPRITE = VideoImages.COVER, VideoImages.SPRITE


@pytest.mark.parametrize(
    ("request_", "kind", "action", "size"),
    [
        (Videos(("a", "b")), Kind.VIDEO, "DeleteVideo", 2),
        (Streams("a", ("HD", "LD", "job")), Kind.STREAM, "DeleteStream", 3),
        (Mezzanines(("a",), force=False), Kind.MEZZANINE, "DeleteMezzanines", 1),
        (Mezzanines(("a",), force=True), Kind.MEZZANINE, "DeleteMezzanines", 1),
        (Images(("a", "b")), Kind.IMAGE, "DeleteImage", 2),
        (ImageUrls(("https://a/b",)), Kind.IMAGE, "DeleteImage", 1),
        (ImagesOf("a", (COVER, SPRITE)), Kind.IMAGE, "DeleteImage", 2),
    ],
)
def test_every_request_has_a_level_an_operation_and_a_size(
    request_: Request, kind: Kind, action: str, size: int
) -> None:
    assert targets.kind_of(request_) is kind
    assert targets.action_of(request_) == action
    assert targets.size_of(request_) == size


@pytest.mark.parametrize(
    ("request_", "names", "found"),
    [
        (Videos(("a", "b", "c")), ["c", "a"], Videos(("c", "a"))),
        (Streams("a", ("HD",)), ["job 1", "job 2"], Streams("a", ("job 1", "job 2"))),
        (Mezzanines(("a", "b"), force=True), ["b"], Mezzanines(("b",), force=True)),
        (Mezzanines(("a", "b"), force=False), ["b"], Mezzanines(("b",), force=False)),
        (Images(("a", "b")), ["b"], Images(("b",))),
        (ImageUrls(("https://a/b", "https://a/c")), ["https://a/c"], ImageUrls(("https://a/c",))),
        (ImagesOf("a", (COVER, SPRITE)), ["sprite"], ImagesOf("a", (SPRITE,))),
    ],
)
def test_a_request_for_a_part_keeps_level_and_options(request_: Request, names: list[str], found: Request) -> None:
    assert targets.only(request_, names) == found


@unhurried
@given(REQUESTS)
def test_a_request_survives_being_stored(request_: Request) -> None:
    text = canonical.dumps(targets.to_json(request_))

    assert targets.from_json(json.loads(text)) == request_


def test_no_two_requests_are_stored_alike() -> None:
    same = ("a",)
    every: list[Request] = [
        Videos(same),
        Streams("a", same),
        Mezzanines(same, force=False),
        Mezzanines(same, force=True),
        Images(same),
        ImageUrls(same),
        ImagesOf("a", ()),
    ]

    assert len({canonical.dumps(targets.to_json(each)) for each in every}) == len(every)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        "videos",
        {"by": "videos"},
        {"by": "everything", "ids": []},
        {"ids": ["a"]},
        {"by": "mezzanines"},
    ],
)
def test_what_was_never_stored_is_not_read(value: Any) -> None:
    with pytest.raises(ValueError, match="not a stored request"):
        targets.from_json(value)


def test_an_unknown_kind_of_picture_is_not_read() -> None:
    with pytest.raises(ValueError, match="poster"):
        targets.from_json({"by": "images_of", "video_id": "a", "which": ["poster"]})

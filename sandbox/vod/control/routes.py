"""The control plane: JSON under /control/, to look into the local VOD and meddle with it. No part of VOD's API."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.json_types import Json
from sandbox.vod.model.media import Image, SnapshotKind, Source, Stream, UploadFacts, Video
from sandbox.vod.wire.gateway import Gateway
from sandbox.vod.wire.records import moment


class Control:
    """The endpoints. Errors are 400 with `{"error": why}`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """All paths of the control plane."""
        return [
            Route("/control/library", self._library),
            Route("/control/ledger", self._ledger),
            Route("/control/faults", self._list_faults),
            Route("/control/faults", self._set_fault, methods=["POST"]),
            Route("/control/faults", self._clear_faults, methods=["DELETE"]),
            Route("/control/videos", self._put_video, methods=["POST"]),
            Route("/control/clock", self._advance, methods=["POST"]),
        ]

    def _library(self, _request: Request) -> Response:
        library = self._gateway.library
        with library.locked():
            return JSONResponse(
                {
                    "counts": library.counts(),
                    "videos": [_video(video) for video in library.videos()],
                    "images": [_image(image) for image in library.images()],
                    "removed": [{**asdict(one), "at": moment(one.at)} for one in library.removed],
                }
            )

    def _ledger(self, _request: Request) -> Response:
        calls = [
            {**asdict(call), "at": call.at.isoformat(timespec="milliseconds")}
            for call in self._gateway.ledger.calls()
        ]
        unknown = [asdict(one) for one in self._gateway.unknown_calls]
        return JSONResponse({"calls": calls, "unknown_calls": unknown})

    def _list_faults(self, _request: Request) -> Response:
        pending = self._gateway.faults.pending()
        return JSONResponse({"faults": [{**asdict(fault), "ids": sorted(fault.ids)} for fault in pending]})

    async def _set_fault(self, request: Request) -> Response:
        try:
            self._gateway.faults.set(**await _object(request))
        except (ValueError, TypeError) as error:
            return _refusal(error)
        return self._list_faults(request)

    def _clear_faults(self, request: Request) -> Response:
        self._gateway.faults.clear()
        return self._list_faults(request)

    async def _put_video(self, request: Request) -> Response:
        """Change the video named by `video_id`, or add one if the library does not have it."""
        library = self._gateway.library
        try:
            facts = _facts(await _object(request))
            with library.locked():
                if library.video(str(facts.get("video_id"))) is None:
                    video = library.add_video(**facts)
                else:
                    video = library.change_video(facts.pop("video_id"), **facts)
        except (ValueError, TypeError) as error:
            return _refusal(error)
        return JSONResponse(_video(video))

    async def _advance(self, request: Request) -> Response:
        """`{"advance": seconds}`; what was to be removed by then is removed."""
        try:
            self._gateway.clock.advance(float((await _object(request)).get("advance", 0)))
        except (ValueError, TypeError) as error:
            return _refusal(error)
        with self._gateway.library.locked():
            return JSONResponse({"now": self._gateway.clock.now().isoformat(timespec="milliseconds")})


async def _object(request: Request) -> dict[str, Any]:
    try:
        found = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise ValueError("the body must be JSON") from None
    if not isinstance(found, dict):
        raise TypeError("the body must be a JSON object")
    return found


def _refusal(error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


def _facts(given: Mapping[str, Any]) -> dict[str, Any]:
    readers: dict[str, Callable[[Any], Any]] = {
        "created": _moment,
        "modified": _moment,
        "tags": tuple,
        "streams": lambda streams: tuple(Stream(**stream) for stream in streams),
        "source": lambda source: None if source is None else Source(**source),
        "upload": lambda upload: None if upload is None else UploadFacts(**upload),
        "snapshots": lambda numbers: {SnapshotKind(kind): number for kind, number in numbers.items()},
    }
    return {name: readers[name](value) if name in readers else value for name, value in given.items()}


def _moment(text: str) -> datetime:
    """ISO 8601; UTC where no zone is given."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _video(video: Video) -> Json:
    return {
        **asdict(video),
        "created": moment(video.created),
        "modified": moment(video.modified),
        "cover_path": video.cover_path if video.has_cover else None,
    }


def _image(image: Image) -> Json:
    return {**asdict(image), "created": moment(image.created)}

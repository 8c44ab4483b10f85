"""Where the local VOD is reached: the API root, and the pictures whose addresses it gives."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.vod.model.media import SnapshotKind
from sandbox.vod.model.pictures import clock_time, picture
from sandbox.vod.wire.gateway import Gateway


def api_routes(gateway: Gateway) -> list[Route]:
    """What a caller can reach. Paths that only VOD's own servers would serve (streams, sources) are 404."""
    library = gateway.library

    def cover(request: Request) -> Response:
        video = library.video(request.path_params["name"])
        if video is None or not video.has_cover:
            return _gone()
        return _png(picture(video.video_id, video.title, clock_time(video.duration)))

    def snapshot(request: Request) -> Response:
        video = library.video(request.path_params["video_id"])
        kind, _, number = request.path_params["name"].rpartition("-")
        if video is None or kind not in set(SnapshotKind) or not number.isdecimal():
            return _gone()
        if not 1 <= int(number) <= video.snapshots.get(SnapshotKind(kind), 0):
            return _gone()
        return _png(picture(video.video_id, video.title, f"{kind} {int(number)}"))

    return [
        Route("/", gateway.endpoint, methods=["GET", "POST"]),
        Route("/covers/{name}.png", cover),
        Route("/snapshots/{video_id}/{name}.png", snapshot),
        Route("/image/{path:path}", gateway.image),
    ]


def _png(content: bytes) -> Response:
    return Response(content, media_type="image/png", headers={"Cache-Control": "no-store"})


def _gone() -> Response:
    return PlainTextResponse("gone", 404)

"""The VOD calls the bot makes, typed: reads for previews and proofs of absence, and the four kinds of delete."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from aliyunsdkcore.request import RpcRequest
from aliyunsdkvod.request.v20170321.BatchGetMediaInfosRequest import BatchGetMediaInfosRequest
from aliyunsdkvod.request.v20170321.DeleteImageRequest import DeleteImageRequest
from aliyunsdkvod.request.v20170321.DeleteMezzaninesRequest import DeleteMezzaninesRequest
from aliyunsdkvod.request.v20170321.DeleteStreamRequest import DeleteStreamRequest
from aliyunsdkvod.request.v20170321.DeleteVideoRequest import DeleteVideoRequest
from aliyunsdkvod.request.v20170321.DescribePlayVideoStatisRequest import DescribePlayVideoStatisRequest
from aliyunsdkvod.request.v20170321.GetImageInfosRequest import GetImageInfosRequest
from aliyunsdkvod.request.v20170321.GetMezzanineInfoRequest import GetMezzanineInfoRequest
from aliyunsdkvod.request.v20170321.GetPlayInfoRequest import GetPlayInfoRequest
from aliyunsdkvod.request.v20170321.GetUploadDetailsRequest import GetUploadDetailsRequest
from aliyunsdkvod.request.v20170321.GetVideoInfosRequest import GetVideoInfosRequest
from aliyunsdkvod.request.v20170321.ListSnapshotsRequest import ListSnapshotsRequest
from aliyunsdkvod.request.v20170321.SearchMediaRequest import SearchMediaRequest

from vod.api import deletes, ids, parsing, searching
from vod.api.answers import (
    DayOfPlays,
    DeleteAnswer,
    ImageAnswer,
    ImageKind,
    MediaAnswer,
    Snapshot,
    SnapshotSet,
    Source,
    Stream,
    Upload,
    VideoAnswer,
)
from vod.api.deletes import DeleteCall
from vod.api.searching import SearchKind, SearchPage
from vod.sdk.advice import Advice
from vod.sdk.credentials import Credentials, fingerprint
from vod.sdk.endpoint import Endpoint
from vod.sdk.errors import Denied, NotFound
from vod.sdk.wire import Heard, Wire

__all__ = ["Endpoint", "VodClient"]

SNAPSHOTS_PER_PAGE = 100  # ListSnapshots: PageSize at most 100
MOST_PAGES = 100

STS = "https://sts.aliyuncs.com"
"""Where STS answers for every region; in a VPC without a way out it is sts-vpc.<region>.aliyuncs.com."""

DELETES: Mapping[str, Callable[[], Any]] = {
    "DeleteVideo": DeleteVideoRequest,
    "DeleteStream": DeleteStreamRequest,
    "DeleteMezzanines": DeleteMezzaninesRequest,
    "DeleteImage": DeleteImageRequest,
}


class VodClient:
    """ApsaraVideo VOD, API version 2017-03-21. Safe to share between threads; never retries by itself.

    Lists of ids hold 1 to 20 different, well-formed ids, else ValueError before anything is sent. Every
    method raises VodError. Each call may take `connect_timeout_s` plus `read_timeout_s` (the latter per read
    from the socket), and the same again when a RamRole has to be renewed first. `proxies` None means the
    environment's `HTTP(S)_PROXY` (`NO_PROXY` is not looked at), `{}` none; a loopback endpoint is never
    reached through a proxy. `sts` is the address of STS, which tells the account; None: it is not asked.
    `heard` is told what came of each call to VOD.
    """

    def __init__(  # noqa: PLR0913 - everything about the way to VOD
        self,
        credentials: Credentials,
        endpoint: Endpoint,
        *,
        connect_timeout_s: float = 3,
        read_timeout_s: float = 10,
        proxies: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
        sts: str | None = STS,
        heard: Heard = lambda _action, _error: None,
    ) -> None:
        self.endpoint = endpoint
        self._sts = None if sts is None else Endpoint(endpoint.region, sts)
        self._fingerprint = fingerprint(credentials)
        self._wire = Wire(
            credentials,
            endpoint,
            connect_timeout_s=connect_timeout_s,
            read_timeout_s=read_timeout_s,
            proxies=proxies,
            environ=environ,
            heard=heard,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the pooled connections."""
        self._wire.close()

    def get_account(self) -> str:
        """Whose media these credentials reach: the account's id, or a fingerprint of the identity.

        GetCallerIdentity of STS, which needs no permission. Where it is refused all the same, and where there is
        no STS to be asked, it is the fingerprint. Raises VodError while STS cannot say.
        """
        if self._sts is None:
            return self._fingerprint
        try:
            return self._wire.call(_caller_identity, {}, parsing.account_answer, at=self._sts)
        except Denied as error:
            if error.advice is not Advice.PERMIT:
                raise
            return self._fingerprint

    def get_media(self, video_ids: Sequence[str]) -> MediaAnswer:
        """Records, sources and streams of up to 20 videos, and which of them this identity may not touch.

        BatchGetMediaInfos. Whether it lists Invisible and encrypted streams is not documented; `get_streams`
        does.
        """
        parameters = {"MediaIds": ids.joined(video_ids)}
        read = partial(parsing.media_answer, asked=video_ids)
        try:
            return self._wire.call(BatchGetMediaInfosRequest, parameters, read)
        except NotFound:
            return MediaAnswer(found={}, missing=frozenset(video_ids), forbidden=frozenset())

    def get_videos(self, video_ids: Sequence[str]) -> VideoAnswer:
        """Records of up to 20 videos; `missing` is how the absence of a video is proven. GetVideoInfos."""
        parameters = {"VideoIds": ids.joined(video_ids)}
        read = partial(parsing.video_answer, asked=video_ids)
        try:
            return self._wire.call(GetVideoInfosRequest, parameters, read)
        except NotFound:
            return VideoAnswer(found={}, missing=frozenset(video_ids))

    def get_streams(self, video_id: str) -> tuple[Stream, ...]:
        """Every stream of one video, Invisible and encrypted ones included. GetPlayInfo, ResultType=Multiple.

        Raises IllegalStatus while the video is not Normal; NotFound with code InvalidVideo.NotFound when it
        is gone and with InvalidVideo.NoneStream when it has no stream.
        """
        parameters = {"VideoId": ids.single(video_id), "ResultType": "Multiple"}
        return self._wire.call(GetPlayInfoRequest, parameters, parsing.streams_answer)

    def get_source(self, video_id: str) -> Source:
        """The source file of one video. When it is gone, its status is Deleted or NotFound is raised.

        GetMezzanineInfo. NotFound has code InvalidFile.NotFound for the file and InvalidVideo.NotFound for
        the video.
        """
        parameters = {"VideoId": ids.single(video_id)}
        return self._wire.call(GetMezzanineInfoRequest, parameters, parsing.source_answer)

    def get_images(self, image_ids: Sequence[str]) -> ImageAnswer:
        """Up to 20 images of the library. GetImageInfos."""
        parameters = {"ImageIds": ids.joined(image_ids)}
        read = partial(parsing.image_answer, asked=image_ids)
        try:
            return self._wire.call(GetImageInfosRequest, parameters, read)
        except NotFound:
            return ImageAnswer(found={}, missing=frozenset(image_ids))

    def list_snapshots(self, video_id: str, kind: ImageKind) -> SnapshotSet:
        """Up to 10,000 pictures of one kind, from one video's latest snapshot job. ListSnapshots, page by page.

        Raises NotFound for a video that is gone, and where VOD answers so for one without pictures of this
        kind.
        """
        if kind is ImageKind.ALL:
            raise ValueError("snapshots are listed one kind at a time")
        parameters = {"VideoId": ids.single(video_id), "SnapshotType": kind.value}
        found: tuple[Snapshot, ...] = ()
        total = 0
        for page_number in range(1, MOST_PAGES + 1):
            pages = {"PageNo": str(page_number), "PageSize": str(SNAPSHOTS_PER_PAGE)}
            read = partial(parsing.snapshots, read_before=len(found))
            total, page = self._wire.call(ListSnapshotsRequest, parameters | pages, read)
            found += page
            if not page or len(found) >= total:
                break
        return SnapshotSet(kind=kind, total=max(total, len(found)), snapshots=found)

    def count_snapshots(self, video_id: str, kind: ImageKind) -> int:
        """How many pictures of one kind there are, by VOD's own count. Raises as `list_snapshots`."""
        if kind is ImageKind.ALL:
            raise ValueError("snapshots are counted one kind at a time")
        parameters = {"VideoId": ids.single(video_id), "SnapshotType": kind.value, "PageNo": "1", "PageSize": "1"}
        total, page = self._wire.call(ListSnapshotsRequest, parameters, partial(parsing.snapshots, read_before=0))
        return max(total, len(page))

    def search(self, kind: SearchKind, match: str, *, page: int = 1) -> SearchPage:
        """Up to 100 videos or images that match, oldest first. SearchMedia.

        `match` is an expression in VOD's own search language, "" for everything. Pages 1 to 50 can be reached.
        """
        read = partial(searching.search_page, kind=kind)
        return self._wire.call(SearchMediaRequest, searching.parameters(kind, match, page), read)

    def browse(self, kind: SearchKind, match: str, *, page: int = 1) -> SearchPage:
        """As `search`, but newest first, and with lengths and pictures: for people to look at. SearchMedia."""
        read = partial(searching.search_page, kind=kind, browse=True)
        return self._wire.call(SearchMediaRequest, searching.parameters(kind, match, page, browse=True), read)

    def get_plays(self, video_id: str, since: datetime, until: datetime) -> tuple[DayOfPlays, ...]:
        """The days between two times of which VOD has a number of plays; at most 180 days. DescribePlayVideoStatis.

        Only in the region China (Shanghai), only plays by Alibaba's own players, and only of the thousand videos
        that were played most on a day: no number is not none.
        """
        span = {"StartTime": _stamp(since), "EndTime": _stamp(until)}
        parameters = {"VideoId": ids.single(video_id)} | span
        return self._wire.call(DescribePlayVideoStatisRequest, parameters, parsing.plays_answer)

    def get_upload(self, video_id: str) -> Upload | None:
        """How a video was uploaded; None when VOD does not know, as of many programs. GetUploadDetails."""
        parameters = {"MediaIds": ids.single(video_id), "MediaType": "video"}
        read = partial(parsing.upload_answer, asked=video_id)
        return self._wire.call(GetUploadDetailsRequest, parameters, read)

    def delete_videos(self, video_ids: Sequence[str]) -> DeleteAnswer:
        """Delete videos with everything they have. Raises NotFound when none of them exists. DeleteVideo."""
        return self._delete(deletes.videos(video_ids))

    def delete_streams(self, video_id: str, job_ids: Sequence[str]) -> DeleteAnswer:
        """Delete streams of one video. VOD does not say which of them existed. DeleteStream."""
        return self._delete(deletes.streams(video_id, job_ids))

    def delete_mezzanines(self, video_ids: Sequence[str], *, force: bool) -> DeleteAnswer:
        """Delete source files; without `force` those that double as a stream are refused. DeleteMezzanines."""
        return self._delete(deletes.mezzanines(video_ids, force=force))

    def delete_images(self, image_ids: Sequence[str]) -> DeleteAnswer:
        """Delete images of the library by id. DeleteImage, DeleteImageType=ImageId."""
        return self._delete(deletes.images(image_ids))

    def delete_image_urls(self, urls: Sequence[str]) -> DeleteAnswer:
        """Delete up to 20 images by the address VOD gave for them. DeleteImage, DeleteImageType=ImageURL."""
        return self._delete(deletes.image_urls(urls))

    def delete_video_images(self, video_id: str, kinds: Sequence[ImageKind]) -> DeleteAnswer:
        """Delete a video's images of these kinds; `ALL` stands alone. DeleteImage, DeleteImageType=VideoId."""
        return self._delete(deletes.video_images(video_id, kinds))

    def _delete(self, call: DeleteCall) -> DeleteAnswer:
        read = partial(parsing.delete_answer, sent=call.named)
        return self._wire.call(DELETES[call.action], dict(call.parameters), read)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _caller_identity() -> Any:
    """A request of STS, API version 2015-04-01."""
    request = RpcRequest("Sts", "2015-04-01", "GetCallerIdentity", "sts")
    request.set_accept_format("JSON")
    request.set_method("POST")
    return request

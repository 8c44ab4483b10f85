"""Reading VOD: what is there now, as targets of a plan, and whether something is proven gone."""

from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar, assert_never

import vod
from deletion.plan.calls import KINDS, is_sendable
from deletion.plan.facts import StreamFact, Target, Warn, sound
from deletion.plan.library import from_vod
from deletion.plan.library.matching import matches
from deletion.plan.library.quota import Turns
from deletion.plan.library.searching import Page, Search
from deletion.plan.plan import Plan
from deletion.plan.warnings import NOTHING_IS_RECENT, warnings_for
from deletion.terms.requests.targets import (
    BATCH,
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
    query_of,
)
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import LeftOut, LeftOutItem, Problem, ProblemFound
from deletion.terms.results.outcomes import Presence

T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """What VOD said: the targets, what is not there, what spoils the request, and facts for warnings."""

    targets: tuple[Target, ...]
    left_out: tuple[LeftOutItem, ...] = ()
    problems: tuple[ProblemFound, ...] = ()
    not_writable: frozenset[str] = frozenset()
    siblings: dict[str, tuple[StreamFact, ...]] = field(default_factory=dict)

    @cached_property
    def now(self) -> dict[str, Target]:
        """Return the targets by id."""
        return {target.id: target for target in self.targets}

    @cached_property
    def _gone(self) -> frozenset[str]:
        gone = {what for what, why in self.left_out if why in {LeftOut.MISSING, LeftOut.ALREADY_DELETED}}
        return frozenset(gone | {what for problem, what in self.problems if problem is Problem.NO_SUCH_STREAM})

    def is_gone(self, target_id: str) -> bool:
        """Say whether VOD answered that this is not there: not merely that it could not be read."""
        no_video = any(problem is Problem.NO_SUCH_VIDEO for problem, _ in self.problems)
        return target_id not in self.now and (no_video or target_id in self._gone)

    def hides(self, target_id: str) -> bool:
        """Say whether VOD neither showed this nor answered that it is not there."""
        return target_id not in self.now and not self.is_gone(target_id)


class Reader:
    """Reads VOD within its quotas. Raises vod.VodError when VOD cannot answer."""

    def __init__(
        self,
        client: vod.VodClient,
        quota: Turns,
        image_is_served: Callable[[str], bool | None],
    ) -> None:
        self._client = client
        self._quota = quota
        self._image_is_served = image_is_served

    def read(self, request: Request, between: Callable[[], None] = lambda: None) -> Reading:
        """Read everything a request names; ``between`` is called before each batch of a long list."""
        return _sound(self._read(request, between))

    def read_again(self, request: Request, targets: Sequence[Target]) -> Reading:
        """Read these targets (at most a batch) of a plan once more, and nothing else.

        The caller has waited for ``turns_around`` the request.
        """
        return _sound(self._read_again(request, targets), targets) if targets else Reading(())

    def matches(self, request: Request, between: Callable[[], None] = lambda: None) -> Iterator[Page]:
        """Yield what matches the query of a request now; nothing where there is none."""
        query = query_of(request)
        if query is None:
            return iter(())
        kind = vod.SearchKind.IMAGE if isinstance(request, Images) else vod.SearchKind.VIDEO
        return Search(self._client, self._quota, kind, query, between).pages()

    def _read(self, request: Request, between: Callable[[], None]) -> Reading:
        match request:
            case Videos(ids=ids):
                return self._videos(ids, between)
            case Mezzanines(ids=ids):
                return _sources_in(self._videos(ids, between))
            case Streams(video_id=video_id, wanted=wanted):
                return self._streams(video_id, wanted)
            case Images(ids=ids):
                return self._images(ids, between)
            case ImageUrls(urls=urls):
                return Reading(tuple(Target(id=url, title=url.rpartition("/")[2], url=url) for url in urls))
            case ImagesOf(video_id=video_id, which=which):
                return self._images_of(video_id, which)
            case _:
                assert_never(request)

    def _read_again(self, request: Request, targets: Sequence[Target]) -> Reading:
        ids = tuple(target.id for target in targets)
        match request:
            case Videos():
                return self._videos_in(self._client.get_media(ids), ids)
            case Mezzanines():
                return _sources_in(self._videos_in(self._client.get_media(ids), ids))
            case Streams(video_id=video_id):
                return self._streams(video_id, ids)
            case Images():
                return self._images(ids)
            case ImageUrls():
                # Nothing can be asked of VOD, and a 404 at the address proves nothing: the call itself will tell.
                return Reading(tuple(targets))
            case ImagesOf(video_id=video_id):
                return self._images_of(video_id, tuple(VideoImages(name) for name in ids))
            case _:
                assert_never(request)

    def presence(
        self,
        request: Request,
        ids: Sequence[str],
        is_enough: Callable[[], bool] = lambda: False,
        *,
        turn_taken: bool = False,
    ) -> dict[str, Presence]:
        """Say of at most 20 things whether they are still there. A reading that fails raises.

        Of those that are read one by one, the rest is left unknown once ``is_enough``. ``turn_taken``: the caller
        has waited for ``turns_around`` the request.
        """
        match request:
            case Videos():
                if not turn_taken:
                    self._quota.turn("GetVideoInfos")
                videos = self._client.get_videos(ids)
                return _sorted_out(ids, found=videos.found.keys(), missing=videos.missing)
            case Mezzanines():
                return {name: Presence.UNKNOWN if is_enough() else self._source_presence(name) for name in ids}
            case Streams(video_id=video_id):
                return self._stream_presence(video_id, ids)
            case Images():
                self._quota.turn("GetImageInfos")
                images = self._client.get_images(ids)
                return _sorted_out(ids, found=images.found.keys(), missing=images.missing)
            case ImageUrls():
                return self._served(ids)
            case ImagesOf(video_id=video_id):
                kinds = map(VideoImages, ids)
                return {
                    kind: Presence.UNKNOWN if is_enough() else self._snapshot_presence(video_id, kind)
                    for kind in kinds
                }
            case _:
                assert_never(request)

    def _videos(self, ids: Sequence[str], between: Callable[[], None]) -> Reading:
        readings: list[Reading] = []
        for chunk in _chunks(ids):
            between()
            readings.append(self._videos_in(self._media(chunk), chunk))
        return Reading(
            targets=tuple(target for reading in readings for target in reading.targets),
            left_out=tuple(left_out for reading in readings for left_out in reading.left_out),
            not_writable=frozenset().union(*(reading.not_writable for reading in readings)),
        )

    def _videos_in(self, answer: vod.MediaAnswer, ids: Sequence[str]) -> Reading:
        """Return what one answer says of the ids that were asked for."""
        targets: list[Target] = []
        left_out: list[LeftOutItem] = []
        aside = self._bare(sorted(answer.forbidden))
        for name in ids:
            if name in answer.found:
                targets.append(from_vod.video(answer.found[name]))
            elif name in aside:
                targets.append(from_vod.bare(aside[name]))
            else:
                left_out.append(
                    LeftOutItem(name, LeftOut.MISSING if name in answer.missing else LeftOut.UNREADABLE)
                )
        return Reading(tuple(targets), tuple(left_out), not_writable=answer.forbidden)

    def _streams(self, video_id: str, wanted: Sequence[str]) -> Reading:
        media = self._media((video_id,))
        if video_id not in media.found:
            return _no_video(video_id, media.missing)
        try:
            self._quota.turn("GetPlayInfo")
            streams = self._client.get_streams(video_id)
        except vod.NotFound:
            streams = ()
        except vod.IllegalStatus:
            return Reading((), problems=(ProblemFound(Problem.STREAMS_HIDDEN, video_id),))
        targets: dict[str, Target] = {}
        problems: list[ProblemFound] = []
        for word in wanted:
            named = [s for s in streams if word in {s.job_id, s.definition} or word.upper() == s.definition]
            targets |= {s.job_id: from_vod.stream(media.found[video_id].video, s) for s in named}
            if not named:
                problems.append(ProblemFound(Problem.NO_SUCH_STREAM, word))
        every = tuple(from_vod.stream_fact(stream) for stream in streams)
        return Reading(tuple(targets.values()), problems=tuple(problems), siblings={video_id: every})

    def _images(self, ids: Sequence[str], between: Callable[[], None] = lambda: None) -> Reading:
        targets: list[Target] = []
        left_out: list[LeftOutItem] = []
        for chunk in _chunks(ids):
            between()
            self._quota.turn("GetImageInfos")
            answer = self._client.get_images(chunk)
            for name in chunk:
                if name in answer.found:
                    targets.append(from_vod.image(answer.found[name]))
                else:
                    left_out.append(
                        LeftOutItem(name, LeftOut.MISSING if name in answer.missing else LeftOut.UNREADABLE)
                    )
        return Reading(tuple(targets), tuple(left_out))

    def _images_of(self, video_id: str, which: Sequence[VideoImages]) -> Reading:
        self._quota.turn("GetVideoInfos")
        videos = self._client.get_videos((video_id,))
        if video_id not in videos.found:
            return _no_video(video_id, videos.missing)
        targets: list[Target] = []
        left_out: list[LeftOutItem] = []
        for kind in which:
            found = self._snapshots(video_id, kind)
            if found is None:
                left_out.append(LeftOutItem(kind, LeftOut.UNREADABLE))
            elif found:
                targets.append(from_vod.images(videos.found[video_id], kind, found))
            else:
                left_out.append(LeftOutItem(kind, LeftOut.MISSING))
        return Reading(tuple(targets), tuple(left_out))

    def _snapshots(self, video_id: str, kind: VideoImages) -> tuple[str, ...] | None:
        """Return where the images of one kind are, without query strings; None when VOD lists only some of them."""
        self._quota.turn("ListSnapshots")
        try:
            answer = self._client.list_snapshots(video_id, KINDS[kind])
        except vod.NotFound:
            return ()
        if answer.total != len(answer.snapshots):
            return None
        return tuple(from_vod.bare_url(snapshot.url) or "" for snapshot in answer.snapshots)

    def _media(self, ids: Sequence[str]) -> vod.MediaAnswer:
        self._quota.turn("BatchGetMediaInfos")
        return self._client.get_media(ids)

    def _bare(self, ids: Sequence[str]) -> dict[str, vod.Video]:
        """Read videos that this identity may see but not write to."""
        if not ids:
            return {}
        self._quota.turn("GetVideoInfos")
        return dict(self._client.get_videos(ids).found)

    def _served(self, urls: Sequence[str]) -> dict[str, Presence]:
        """Ask for all of these at once: one after another, slow ones would add up to more than a lease."""
        with ThreadPoolExecutor(max_workers=BATCH) as pool:
            return dict(zip(urls, map(_served, pool.map(self._image_is_served, urls)), strict=True))

    def _source_presence(self, video_id: str) -> Presence:
        self._quota.turn("GetMezzanineInfo")
        try:
            source = self._client.get_source(video_id)
        except vod.NotFound:
            return Presence.ABSENT
        return Presence.ABSENT if source.status == "Deleted" else Presence.PRESENT

    def _stream_presence(self, video_id: str, ids: Sequence[str]) -> dict[str, Presence]:
        self._quota.turn("GetPlayInfo")
        try:
            there = {stream.job_id for stream in self._client.get_streams(video_id)}
        except vod.NotFound:
            there = set()
        except vod.IllegalStatus:
            return dict.fromkeys(ids, Presence.UNKNOWN)
        return {name: Presence.PRESENT if name in there else Presence.ABSENT for name in ids}

    def _snapshot_presence(self, video_id: str, kind: VideoImages) -> Presence:
        match self._snapshots(video_id, kind):
            case None:
                return Presence.UNKNOWN
            case ():
                return Presence.ABSENT
            case _:
                return Presence.PRESENT


def unseen_warnings(shown: Plan, reading: Reading) -> dict[str, tuple[Warn, ...]]:
    """Return the warnings of today, by target, that nobody who approved a plan saw.

    ``shown`` has at hand what was read, and of a video's streams all that go. That two titles are the same is not
    asked again.
    """
    today = warnings_for(
        shown.request,
        reading.targets,
        now=NOTHING_IS_RECENT,
        not_writable=reading.not_writable,
        siblings=reading.siblings,
        going=frozenset(stream.job_id for each in shown.entries for stream in each.target.streams),
    )
    found: dict[str, tuple[Warn, ...]] = {}
    for warn, name in today:
        if warn not in shown.warnings_of(name):
            found[name] = (*found.get(name, ()), warn)
    return found


def sendable(request: Request, reading: Reading, *, shown: Container[str] = frozenset()) -> Reading:
    """Leave out what no call could name, and what does not meet the query that found it.

    What was ``shown`` before is left in though no call can name it: it did not disappear, and what it ends as is
    said when it is its turn. What does not meet the query is not: nobody asked for it.
    """
    unfit = {each.id: why for each in reading.targets if (why := _unfit(request, each, shown)) is not None}
    if not unfit:
        return reading
    return replace(
        reading,
        targets=tuple(target for target in reading.targets if target.id not in unfit),
        left_out=(*reading.left_out, *(LeftOutItem(*each) for each in unfit.items())),
    )


def _unfit(request: Request, target: Target, shown: Container[str]) -> LeftOut | None:
    """Say why a plan is not to hold this, or None."""
    if target.id not in shown and not is_sendable(request, target.id):
        return LeftOut.UNSENDABLE
    query = query_of(request)
    return None if query is None or matches(query, target) else LeftOut.NOT_MATCHING


def turns_around(request: Request) -> tuple[str, ...]:
    """Return the operations whose turns are taken together with that of the delete they come before and after."""
    match request:
        case Videos():
            return ("BatchGetMediaInfos", "GetVideoInfos")
        case Mezzanines():
            return ("BatchGetMediaInfos",)
        case _:
            return ()


def reading_fault(exc: vod.VodError) -> VodFault:
    """Return what people are told of a reading that failed: its advice must not speak of something done."""
    advice = vod.Advice.TRY_AGAIN if isinstance(exc, vod.Ambiguous) else exc.advice
    return VodFault(code=exc.code, advice=advice, action=exc.action, request_id=exc.request_id)


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _sound(reading: Reading, known: Sequence[Target] = ()) -> Reading:
    """Make every target such as a plan can carry; what equals one of a plan is one."""
    planned = {target.id: target for target in known}
    return replace(
        reading,
        targets=tuple(target if target == planned.get(target.id) else sound(target) for target in reading.targets),
    )


def _sources_in(reading: Reading) -> Reading:
    """Keep the videos whose source file is there."""
    kept: list[Target] = []
    left_out = list(reading.left_out)
    for target in reading.targets:
        if target.source is not None and target.source.status == "Deleted":
            left_out.append(LeftOutItem(target.id, LeftOut.ALREADY_DELETED))
        elif target.source is None:
            left_out.append(LeftOutItem(target.id, LeftOut.UNREADABLE))
        else:
            kept.append(target)
    return Reading(tuple(kept), tuple(left_out), not_writable=reading.not_writable)


def _no_video(video_id: str, missing: Container[str]) -> Reading:
    """Read a video that VOD did not show: only where it says that there is none is there none."""
    if video_id in missing:
        return Reading((), problems=(ProblemFound(Problem.NO_SUCH_VIDEO, video_id),))
    return Reading((), (LeftOutItem(video_id, LeftOut.UNREADABLE),))


def _sorted_out(ids: Sequence[str], *, found: Container[str], missing: Container[str]) -> dict[str, Presence]:
    """Tell what VOD named from what it passed over, which proves nothing."""
    there = {name: Presence.PRESENT for name in ids if name in found}
    gone = {name: Presence.ABSENT for name in ids if name in missing}
    return dict.fromkeys(ids, Presence.UNKNOWN) | there | gone


def _served(answer: bool | None) -> Presence:  # noqa: FBT001 - the three answers of vod.image_is_served
    match answer:
        case True:
            return Presence.PRESENT
        case False:
            return Presence.NOT_SERVED
        case None:
            return Presence.UNKNOWN

"""A VOD in memory, typed by the real client's answers: quick, with a ledger, and lies on demand."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import vod
from tests.deletion.memory_lies import DONE_LATER, ERRORS, NOT_DONE, Lie, error
from vod import DeleteAnswer, Image, ImageAnswer, ImageKind, Media, MediaAnswer, Snapshot, SnapshotSet, VideoAnswer

Thing = tuple[str, str, str]
"""Names one thing that can be deleted: what it is, its id, and the video that it belongs to ('' for none)."""

LATE_MS = 20_000
"""How long a late deletion takes to happen."""


@dataclass
class Call:
    """One delete call as it arrived. ``word`` says how it ended: accepted, an error's name, or died.

    ``did`` are the things that disappeared through it, at once or later.
    """

    seq: int
    at_ms: int
    who: str
    things: tuple[Thing, ...]
    force: bool = False
    word: str = "died"
    missing: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    did: set[Thing] = field(default_factory=set)


@dataclass
class Library:
    """What there is, whatever is said about it."""

    now_ms: Callable[[], int]
    videos: dict[str, Media] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    pictures: dict[tuple[str, ImageKind], tuple[Snapshot, ...]] = field(default_factory=dict)
    ledger: list[Call] = field(default_factory=list)
    lies: dict[str, list[Lie | None]] = field(default_factory=dict)
    seen: dict[Thing, int] = field(default_factory=dict)
    """When (a number of ``seq``) a reading last showed a thing."""
    seq: "itertools.count[int]" = field(default_factory=itertools.count)
    later: list[tuple[int, Call, tuple[Thing, ...]]] = field(default_factory=list)

    def media(self, name: str) -> Media | None:
        self.settle()
        return self.videos.get(name)

    def image(self, name: str) -> Image | None:
        self.settle()
        return self.images.get(name)

    def snapshots(self, name: str, kind: ImageKind) -> tuple[Snapshot, ...]:
        self.settle()
        return self.pictures.get((name, kind), ()) if name in self.videos else ()

    def is_there(self, thing: Thing) -> bool:
        """Say whether a thing exists at this moment."""
        kind, name, of = thing
        media = self.media(of or name)
        match kind:
            case "video":
                return media is not None
            case "source":
                return media is not None and media.source is not None and media.source.status != "Deleted"
            case "stream":
                return media is not None and any(stream.job_id == name for stream in media.streams)
            case "picture":
                return bool(self.snapshots(of, ImageKind(name)))
            case _:
                return self.image(name) is not None

    def remove(self, things: Iterable[Thing]) -> None:
        """Make things disappear."""
        for kind, name, of in things:
            media = self.videos.get(of or name)
            match kind:
                case "video":
                    self.videos.pop(name, None)
                case "source" if media is not None and media.source is not None:
                    self.videos[name] = replace(media, source=replace(media.source, status="Deleted"))
                case "stream" if media is not None:
                    left = tuple(stream for stream in media.streams if stream.job_id != name)
                    self.videos[of] = replace(media, streams=left)
                case "picture":
                    self.pictures.pop((of, ImageKind(name)), None)
                case "image":
                    self.images.pop(name, None)
                case _:
                    continue

    def carry_out(self, call: Call, things: Iterable[Thing]) -> None:
        """Do what a call asks for."""
        for thing in [each for each in things if self.is_there(each)]:
            call.did.add(thing)
            self.remove([thing])

    def settle(self) -> None:
        """Let happen what was put off until now."""
        if self.later:
            now, later = self.now_ms(), self.later
            self.later = [each for each in later if each[0] > now]
            for _, call, things in (each for each in later if each[0] <= now):
                self.carry_out(call, things)

    def next_lie(self, action: str) -> Lie | None:
        """Return how to lie about this call, None for not at all; each lie is told once."""
        waiting = self.lies.get(action)
        return waiting.pop(0) if waiting else None

    def tell_the_truth(self) -> None:
        """Forget the lies that were not told yet."""
        self.lies.clear()


class Client:
    """One instance's VOD client: what Reader and batches use of ``vod.VodClient``.

    ``moment`` is called before a reading ("ask") and around a deletion ("delete", "answered"); ``judge`` sees a
    deletion as it arrives, before it has any effect. What was answered since ``forget()`` can be asked again.
    """

    def __init__(
        self,
        library: Library,
        who: str,
        *,
        moment: Callable[[str], None] = lambda _: None,
        judge: Callable[["Client", Call], None] = lambda _, __: None,
    ) -> None:
        self.library = library
        self.who = who
        self._moment = moment
        self._judge = judge
        self.answers = Library(lambda: 0)

    def forget(self) -> None:
        """Begin to remember answers anew."""
        self.answers = Library(lambda: 0)

    def get_media(self, video_ids: Sequence[str]) -> MediaAnswer:
        passed_over = self._ask("BatchGetMediaInfos", video_ids)
        found = {name: media for name in video_ids if (media := self.library.media(name))}
        self._show("video", found, passed_over)
        self._show("source", (n for n in found if self.library.is_there(("source", n, ""))), passed_over)
        shown = {name: media for name, media in found.items() if name != passed_over}
        self.answers.videos |= shown
        return MediaAnswer(shown, frozenset(video_ids) - found.keys(), frozenset())

    def get_videos(self, video_ids: Sequence[str]) -> VideoAnswer:
        passed_over = self._ask("GetVideoInfos", video_ids)
        found = {name: media for name in video_ids if (media := self.library.media(name))}
        self._show("video", found, passed_over)
        shown = {name: media.video for name, media in found.items() if name != passed_over}
        self.answers.videos |= {name: found[name] for name in shown}
        return VideoAnswer(shown, frozenset(video_ids) - found.keys())

    def get_streams(self, video_id: str) -> tuple[vod.Stream, ...]:
        if self._ask("GetPlayInfo", [video_id]):
            raise error(vod.IllegalStatus, "GetPlayInfo")
        media = self._known(video_id, "GetPlayInfo")
        known = self.answers.videos.get(video_id, media)
        self.answers.videos[video_id] = replace(known, streams=media.streams)
        if not media.streams:
            raise error(vod.NotFound, "GetPlayInfo", "InvalidVideo.NoneStream")
        if media.video.status != "Normal":
            raise error(vod.IllegalStatus, "GetPlayInfo")
        self._show("stream", (stream.job_id for stream in media.streams), of=video_id)
        return media.streams

    def get_source(self, video_id: str) -> vod.Source:
        self._ask("GetMezzanineInfo", [video_id])
        source = self._known(video_id, "GetMezzanineInfo").source
        if source is None:
            raise error(vod.NotFound, "GetMezzanineInfo", "InvalidFile.NotFound")
        if source.status != "Deleted":
            self._show("source", [video_id])
        return source

    def get_images(self, image_ids: Sequence[str]) -> ImageAnswer:
        passed_over = self._ask("GetImageInfos", image_ids)
        found = {name: image for name in image_ids if (image := self.library.image(name))}
        self._show("image", found, passed_over)
        shown = {name: image for name, image in found.items() if name != passed_over}
        self.answers.images |= shown
        return ImageAnswer(shown, frozenset(image_ids) - found.keys())

    def list_snapshots(self, video_id: str, kind: ImageKind) -> SnapshotSet:
        hidden = self._ask("ListSnapshots", [video_id])
        self._known(video_id, "ListSnapshots")
        pictures = self.library.snapshots(video_id, kind)
        if hidden and pictures:
            return SnapshotSet(kind, len(pictures), pictures[:-1])
        self.answers.pictures[video_id, kind] = pictures
        if pictures:
            self._show("picture", [kind.value], of=video_id)
        return SnapshotSet(kind, len(pictures), pictures)

    def delete_videos(self, video_ids: Sequence[str]) -> DeleteAnswer:
        return self._delete("DeleteVideo", [("video", name, "") for name in video_ids])

    def delete_streams(self, video_id: str, job_ids: Sequence[str]) -> DeleteAnswer:
        return self._delete("DeleteStream", [("stream", name, video_id) for name in job_ids])

    def delete_mezzanines(self, video_ids: Sequence[str], *, force: bool) -> DeleteAnswer:
        return self._delete("DeleteMezzanines", [("source", name, "") for name in video_ids], force=force)

    def delete_images(self, image_ids: Sequence[str]) -> DeleteAnswer:
        return self._delete("DeleteImage", [("image", name, "") for name in image_ids])

    def delete_video_images(self, video_id: str, kinds: Sequence[ImageKind]) -> DeleteAnswer:
        return self._delete("DeleteImage", [("picture", kind.value, video_id) for kind in kinds])

    def _ask(self, action: str, names: Sequence[str]) -> str:
        """Ask a question; return which of the names VOD passes over in its answer, '' for none."""
        self._moment("ask")
        lie = self.library.next_lie(action)
        if lie is not None and lie in ERRORS:
            raise error(ERRORS[lie], action)
        return names[0] if lie is Lie.HIDES else ""

    def _known(self, video_id: str, action: str) -> Media:
        media = self.library.media(video_id)
        if media is None:
            raise error(vod.NotFound, action, "InvalidVideo.NotFound")
        return media

    def _show(self, kind: str, names: Iterable[str], passed_over: str = "", *, of: str = "") -> None:
        for name in names:
            if name != passed_over:
                self.library.seen[kind, name, of] = next(self.library.seq)

    def _delete(self, action: str, things: list[Thing], *, force: bool = False) -> DeleteAnswer:
        self._moment("delete")
        library = self.library
        call = Call(0, 0, self.who, tuple(things), force)
        tells = action in {"DeleteVideo", "DeleteMezzanines"}
        lie: Lie | None = None
        there: list[Thing] = []

        def arrive() -> None:
            nonlocal lie, there
            call.seq, call.at_ms = next(library.seq), library.now_ms()
            self._judge(self, call)
            library.ledger.append(call)
            there = [thing for thing in things if library.is_there(thing)]
            lie = library.next_lie(action)
            if lie is None and not there:
                lie = Lie.NOT_FOUND
            call.refused = frozenset(thing[1] for thing in there[:1] if lie is Lie.REFUSED and tells)
            going = tuple(thing for thing in there if thing[1] not in call.refused)
            if lie in DONE_LATER:
                library.later.append((library.now_ms() + LATE_MS, call, going))
            elif lie not in NOT_DONE:
                library.carry_out(call, going)

        vod.pass_gate(arrive)
        self._moment("answered")
        if lie is not None and lie in ERRORS:
            call.word = ERRORS[lie].__name__
            raise error(ERRORS[lie], action)
        call.word = "accepted"
        call.missing = frozenset(thing[1] for thing in things if tells and thing not in there)
        return DeleteAnswer(f"request-{call.seq}", call.missing, call.refused)

"""Look-ups of people, on a real wire to the local VOD: what they find, and what they say when they cannot."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import vod
from deletion.lookup import asset, desk, preview, search
from deletion.lookup.asset import Absent, AddressFound, ImageFound, Plays, VideoFound
from deletion.lookup.desk import Desk
from deletion.lookup.failures import LookupFailedError, Unread, Why
from deletion.plan.facts import Warn
from deletion.plan.library.quota import LOOKING_SHARE, PER_SECOND, Quota
from deletion.terms.requests.query import Condition, Field, Op, Query
from deletion.terms.requests.targets import Mezzanines, Streams, VideoImages, Videos
from sandbox.vod import FaultKind, SnapshotKind, Source, Stream, Video, VodSandbox
from sandbox.vod.model.media import UploadFacts
from storage import SqliteDatabase
from tests.storage.engines import Clock

NOBODY = "0" * 32


@pytest.fixture
def local_vod() -> Iterator[VodSandbox]:
    """Return a VOD with nothing in it."""
    with VodSandbox.start(seed_library=False) as started:
        yield started
        assert started.unknown_calls == ()


@pytest.fixture
def clock(local_vod: VodSandbox) -> Clock:
    clock = Clock()
    clock.ms = round(local_vod.library.now().timestamp() * 1000)
    return clock


@pytest.fixture
def look(local_vod: VodSandbox, tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    database = SqliteDatabase(tmp_path / "record.db", now_ms=clock)
    database.migrate()
    credentials = vod.AccessKey(local_vod.access_key_id, local_vod.access_key_secret)
    with vod.VodClient(credentials, vod.Endpoint("cn-shanghai", local_vod.url)) as client:
        local_vod.quotas.update(dict.fromkeys(local_vod.quotas))
        quota = Quota(database, lambda seconds: clock.advance(round(seconds * 1000)))
        yield Desk(client, database, quota, lambda _: None, lambda: clock.ms / 1000)
    database.close()


def _has(*words: str) -> Query:
    return Query(tuple(Condition(Field.TITLE, Op.HAS, word) for word in words))


def _put(local_vod: VodSandbox, title: str, category: str, *, days: int) -> Video:
    created = local_vod.library.now() - timedelta(days=days)
    return local_vod.library.add_video(title=title, category=category, category_id=len(category), created=created)


def _why(work: Callable[[], object]) -> Why:
    with pytest.raises(LookupFailedError) as failed:
        work()
    return failed.value.unread.why


def test_a_search_finds_every_word_newest_first_with_what_people_know_it_by(
    look: Desk, local_vod: VodSandbox
) -> None:
    now = local_vod.library.now()
    old = local_vod.library.add_video(title="Harbour tour 2019", created=now - timedelta(days=9), duration=61.25)
    new = local_vod.library.add_video(title="The TOUR of a harbour", created=now - timedelta(days=3))
    local_vod.library.add_video(title="Harbour only")

    found = search.find(look, _has("harbour", "tour"))

    assert [hit.id for hit in found.hits] == [new.video_id, old.video_id]
    assert found.hits[1].duration_ms == 61_250
    assert found.hits[1].picture == f"{local_vod.url}{old.cover_path}"
    assert (found.total, found.following, found.is_cut) == (2, None, False)


@pytest.mark.parametrize("word", ["课程", "讲", "数学"])
def test_short_chinese_words_are_found(look: Desk, local_vod: VodSandbox, word: str) -> None:
    video = local_vod.library.add_video(title="高等数学课程第1讲")
    local_vod.library.add_video(title="产品视频")

    assert [hit.id for hit in search.find(look, _has(word)).hits] == [video.video_id]


def test_pages_follow_one_another_and_every_hit_is_on_one_of_them(look: Desk, local_vod: VodSandbox) -> None:
    wanted = [_put(local_vod, f"Tour {n}", "Ships" if n % 3 else "Cars", days=n) for n in range(130)]
    query = Query((Condition(Field.CATEGORY, Op.IS, "Cars"), Condition(Field.TITLE, Op.HAS, "Tour")))
    seen: list[str] = []
    start: int | None = 0
    while start is not None:
        page = search.find(look, query, start=start)
        seen += [hit.id for hit in page.hits]
        assert page.total is None or not start
        start = page.following

    assert seen == [video.video_id for video in wanted if video.category == "Cars"]


def test_a_search_that_must_look_through_much_ends_and_goes_on_from_there(
    look: Desk, local_vod: VodSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGES_AT_ONCE", 1)
    for n in range(100):
        _put(local_vod, f"Tour {n}", "Ships", days=n)
    last = _put(local_vod, "Tour", "Cars", days=200)
    query = Query((Condition(Field.CATEGORY, Op.IS, "Cars"),))

    first = search.find(look, query)
    assert (first.hits, first.following, first.looked, first.total) == ((), 100, 100, None)
    second = search.find(look, query, start=100)
    assert [hit.id for hit in second.hits] == [last.video_id]
    assert second.following is None


def test_where_vod_finds_no_word_of_a_title_the_titles_are_looked_through(
    look: Desk, local_vod: VodSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_words = local_vod.library.add_video(title="高等数学课程第1讲")
    browse = vod.VodClient.browse

    def by_words(client: vod.VodClient, kind: vod.SearchKind, match: str, *, page: int = 1) -> vod.SearchPage:
        return vod.SearchPage(0, ()) if "Title" in match else browse(client, kind, match, page=page)

    monkeypatch.setattr(vod.VodClient, "browse", by_words)
    found = search.find(look, _has("课程"))
    assert [hit.id for hit in found.hits] == [whole_words.video_id]
    assert (found.by_title, found.total) == (False, 1)
    assert search.find(look, _has("课程"), start=1, by_title=False).hits == ()


def test_images_are_found_too(look: Desk, local_vod: VodSandbox) -> None:
    image = local_vod.library.add_image(title="Poster")
    (hit,) = search.find(look, _has("poster"), kind=vod.SearchKind.IMAGE).hits
    assert (hit.id, hit.picture) == (image.image_id, f"{local_vod.url}{image.path}")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (FaultKind.THROTTLE, Why.THROTTLED),
        (FaultKind.FORBIDDEN_RAM, Why.DENIED),
        (FaultKind.UNAVAILABLE, Why.NO_ANSWER),
    ],
)
def test_a_search_says_why_it_found_nothing_out(
    look: Desk, local_vod: VodSandbox, fault: FaultKind, why: Why
) -> None:
    local_vod.faults.set(fault, "SearchMedia")
    assert _why(lambda: search.find(look, _has("tour"))) is why


def test_a_look_up_ends_with_its_deadline(look: Desk, local_vod: VodSandbox, clock: Clock) -> None:
    for _ in range(101):
        local_vod.library.add_video(title="Tour", category="Boats", category_id=1)
    take = look.quota.turn_beside

    def slow(action: str, *, within_ms: int) -> bool:
        clock.advance(round(desk.WITHIN_S * 1000))
        return take(action, within_ms=within_ms)

    look.quota.turn_beside = slow  # type: ignore[method-assign] # a slow VOD
    query = Query((Condition(Field.CATEGORY, Op.IS, "Cars"),))
    assert _why(lambda: search.find(look, query)) is Why.TOO_SLOW


def test_looking_has_a_small_share_of_the_turns_and_stands_in_no_long_queue(look: Desk, clock: Clock) -> None:
    began, turns = clock.ms, PER_SECOND["SearchMedia"] // LOOKING_SHARE + 1
    for _ in range(turns):
        assert look.quota.turn_beside("SearchMedia", within_ms=2_000)
    assert clock.ms - began >= 1_000
    before = clock.ms
    look.quota.turn("SearchMedia")
    assert clock.ms - before <= 30

    # A queue of deletions' readings that is three seconds long:
    frozen = Quota(look.database, lambda _: None)
    for _ in range(3 * PER_SECOND["SearchMedia"]):
        frozen.turn("SearchMedia")
    assert not look.quota.turn_beside("SearchMedia", within_ms=2_000)


def test_where_deletions_take_every_turn_a_look_up_says_so_and_takes_none(look: Desk) -> None:
    deletions = Quota(look.database, lambda _: None)
    for _ in range(3 * PER_SECOND["SearchMedia"]):
        deletions.turn("SearchMedia")
    assert _why(lambda: search.find(look, _has("tour"))) is Why.CROWDED


def test_a_vod_that_is_not_reached_is_told_from_one_that_refuses(look: Desk) -> None:
    nowhere = vod.VodClient(
        vod.AccessKey("LTAInobody", "nothing"), vod.Endpoint("cn-shanghai", "http://127.0.0.1:9")
    )
    with nowhere:
        assert _why(lambda: search.find(replace(look, client=nowhere), _has("tour"))) is Why.UNREACHABLE


def test_throttling_of_somebody_who_looks_slows_nobody_else_down(look: Desk, clock: Clock) -> None:
    assert look.quota.turn_beside("SearchMedia", within_ms=2_000)
    clock.advance(10_000)
    for _ in range(3):
        look.quota.throttled_beside("SearchMedia")
        clock.advance(1_500)
    before = clock.ms
    look.quota.turn("SearchMedia")
    assert clock.ms == before


def test_everything_about_a_video(look: Desk, local_vod: VodSandbox) -> None:
    today = f"{local_vod.library.now():%Y-%m-%d}"
    old = Stream("HD", status="Invisible")
    video = local_vod.library.add_video(
        title="Tour",
        streams=(Stream("HD"), old, Stream("LD", encrypted=True)),
        snapshots={SnapshotKind.NORMAL: 3},
        storage_class="IA",
        plays={today: 7},
        upload=UploadFacts("WebSDK", "192.0.2.9", "Chrome"),
    )

    found = asset.look(look, video.video_id).found

    assert isinstance(found, VideoFound)
    assert found.is_writable
    assert isinstance(found.streams, tuple)
    assert {stream.job_id for stream in found.streams} == {stream.job_id for stream in video.streams}
    assert found.images == {
        VideoImages.COVER: 1,
        VideoImages.SNAPSHOT: 3,
        VideoImages.SPRITE: 0,
        VideoImages.SPRITE_ORIGIN: 0,
    }
    assert found.plays == Plays(asked=asset.PLAYS_DAYS, days=1, plays=7)
    assert found.upload == vod.Upload("WebSDK", "Chrome", "192.0.2.9")
    assert found.video.storage_class == "IA"


def test_no_statistics_and_no_known_upload_are_said_as_that(look: Desk, local_vod: VodSandbox) -> None:
    video = local_vod.library.add_video(title="Tour", source=None, streams=())
    found = asset.look(look, video.video_id).found
    assert isinstance(found, VideoFound)
    assert (found.upload, found.source, found.streams) == (None, None, ())
    assert found.plays == Plays(asked=asset.PLAYS_DAYS, days=0, plays=0)


@pytest.mark.parametrize("status", ["Transcoding", "Blocked"])
def test_streams_that_vod_hides_could_not_be_read(look: Desk, local_vod: VodSandbox, status: str) -> None:
    video = local_vod.library.add_video(title="Tour", status=status)
    found = asset.look(look, video.video_id).found
    assert isinstance(found, VideoFound)
    assert isinstance(found.streams, Unread)
    assert found.streams.why is Why.STATUS


def test_of_a_video_of_another_application_only_its_record_is_read(look: Desk, local_vod: VodSandbox) -> None:
    video = local_vod.library.add_video(title="Partner feed", forbidden=True, app_id="app-2")
    found = asset.look(look, video.video_id).found
    assert isinstance(found, VideoFound)
    assert (found.is_writable, found.video.title) == (False, "Partner feed")
    assert found.streams == found.source == Unread(Why.DENIED)


def test_a_part_that_fails_says_why_and_the_rest_is_there(look: Desk, local_vod: VodSandbox) -> None:
    local_vod.faults.set(FaultKind.FORBIDDEN_RAM, "DescribePlayVideoStatis")
    local_vod.faults.set(FaultKind.THROTTLE, "ListSnapshots")
    video = local_vod.library.add_video(title="Tour")
    found = asset.look(look, video.video_id).found
    assert isinstance(found, VideoFound)
    assert isinstance(found.plays, Unread)
    assert found.plays.why is Why.DENIED
    cover = found.images[VideoImages.COVER]
    assert isinstance(cover, Unread)
    assert cover.why is Why.THROTTLED
    assert isinstance(found.streams, tuple)


def test_an_image_an_address_and_nothing(look: Desk, local_vod: VodSandbox) -> None:
    image = local_vod.library.add_image(title="Poster")
    found = asset.look(look, image.image_id).found
    assert isinstance(found, ImageFound)
    assert found.image.title == "Poster"
    url = "https://img.example.com/image/default/a.png"
    assert asset.look(look, url).found == AddressFound(url, None)
    assert asset.look(look, NOBODY).found == Absent()


def test_a_preview_reads_what_would_go_and_stores_nothing(look: Desk, local_vod: VodSandbox) -> None:
    one = local_vod.library.add_video(title="Tour, do not delete", size=10**9)
    other = local_vod.library.add_video(title="Quay", source=Source("quay.mov"), streams=())
    shown = preview.preview(look, Videos((one.video_id, NOBODY, other.video_id)))

    assert [target.title for target in shown.targets] == ["Tour, do not delete", "Quay"]
    assert Warn.LEGAL_WORDS in shown.warnings[one.video_id]
    assert [left.name for left in shown.left_out] == [NOBODY]
    assert (shown.count, shown.is_whole) == (2, True)
    assert shown.totals.bytes > 10**9
    tables = look.database.read(lambda tx: tx.one("SELECT count(*) AS n FROM proposals"))
    assert tables == {"n": 0}


def test_a_preview_of_streams_says_which_there_are_not(look: Desk, local_vod: VodSandbox) -> None:
    video = local_vod.library.add_video(title="Tour")
    shown = preview.preview(look, Streams(video.video_id, ("HD", "4K")))
    assert [target.streams[0].definition for target in shown.targets] == ["HD"]
    assert [problem.name for problem in shown.problems] == ["4K"]


def test_a_preview_of_many_reads_the_first_and_counts_the_rest(
    look: Desk, local_vod: VodSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "READ", 20)
    for n in range(30):
        local_vod.library.add_video(title=f"Tour {n}")
    by_query = preview.preview(look, Mezzanines((), force=False, query=_has("tour")))
    assert (len(by_query.targets), by_query.count, by_query.is_whole) == (20, 30, False)
    monkeypatch.setattr(preview, "FOUND_MOST", 10)
    assert preview.preview(look, Videos((), query=_has("tour"))).count is None


def test_a_preview_of_nothing_is_empty(look: Desk) -> None:
    shown = preview.preview(look, Videos((), query=_has("nowhere")))
    assert (shown.targets, shown.count) == ((), 0)

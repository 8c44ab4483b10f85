from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deletion.plan import warnings
from deletion.plan.facts import StreamFact, Target, Warn
from deletion.plan.warnings import Titles
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

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HD, LD = (StreamFact(f"job-{name}", name, "mp4", 1, "Normal", False) for name in ("HD", "LD"))
OD = replace(HD, job_id="job-OD", definition="OD")
OLD = replace(HD, job_id="job-old", status="Invisible")
PLAIN = Target(
    id="v1", title="Teaser", video_id="v1", status="Normal", created="2026-02-01T00:00:00Z", streams=(HD, LD)
)
VIDEO = Videos(("v1",))


def warned(
    request: Request,
    *targets: Target,
    not_writable: frozenset[str] = frozenset(),
    siblings: dict[str, tuple[StreamFact, ...]] | None = None,
) -> set[tuple[Warn, str]]:
    found = warnings.warnings_for(request, targets, now=NOW, not_writable=not_writable, siblings=siblings or {})
    assert len(set(found)) == len(found)
    return set(found)


def test_a_plain_video_gives_no_cause_for_warning() -> None:
    assert warned(VIDEO, PLAIN) == set()


@pytest.mark.parametrize(
    ("facts", "warning"),
    [
        ({"status": "Transcoding"}, Warn.NOT_NORMAL),
        ({"status": None}, None),
        ({"created": "2026-03-01T11:59:59Z"}, Warn.RECENT),
        ({"created": "2026-02-28T12:00:01Z"}, Warn.RECENT),
        ({"created": "2026-02-28T12:00:00Z"}, None),
        ({"created": "2026-03-02T00:00:00Z"}, Warn.RECENT),
        ({"created": None}, None),
        ({"storage_class": "Standard"}, None),
        *[({"storage_class": name}, Warn.COLD_STORAGE) for name in sorted(warnings.COLD)],
        ({"app_id": "app-1000000"}, None),
        ({"app_id": None}, None),
        ({"app_id": "app-42"}, Warn.OTHER_APPLICATION),
    ],
)
@pytest.mark.parametrize("request_", [VIDEO, Images(("v1",)), Mezzanines(("v1",), force=False)])
def test_facts_of_the_thing_itself_are_warned_of_at_every_level(
    request_: Request, facts: dict[str, str | None], warning: Warn | None
) -> None:
    target = replace(PLAIN, **facts)  # type: ignore[arg-type] # any field

    assert warned(request_, target) == ({(warning, "v1")} if warning else set())


def test_what_may_not_be_written_to_is_said_instead_of_its_application() -> None:
    foreign = replace(PLAIN, app_id="app-42")

    assert warned(VIDEO, foreign, not_writable=frozenset({"v1"})) == {(Warn.NOT_WRITABLE, "v1")}


@pytest.mark.parametrize(
    ("streams", "force", "warning"),
    [
        ((HD, LD), False, None),
        ((HD, LD), True, None),
        ((HD, OD), False, Warn.FORCE_NEEDED),
        ((OD,), True, Warn.UNPLAYABLE),
        ((), False, Warn.FORCE_NEEDED),
        ((), True, Warn.UNPLAYABLE),
    ],
)
def test_a_source_that_is_played_is_warned_of(
    streams: tuple[StreamFact, ...], *, force: bool, warning: Warn | None
) -> None:
    found = warned(Mezzanines(("v1",), force=force), replace(PLAIN, streams=streams))

    assert found == ({(warning, "v1")} if warning else set())


def stream(fact: StreamFact) -> Target:
    return replace(PLAIN, id=fact.job_id, streams=(fact,))


@pytest.mark.parametrize(
    ("wanted", "going", "siblings", "last"),
    [
        (("job-HD",), (HD,), (HD, LD), False),
        (("job-HD", "job-LD"), (HD, LD), (HD, LD), True),
        (("HD", "LD"), (HD, LD), (HD, LD), True),
        (("HD", "job-LD"), (HD, LD), (HD, LD), True),
        (("hd",), (HD,), (HD,), True),
        (("HD",), (HD, OLD), (HD, OLD), True),
        (("job-HD",), (HD,), (HD, OLD), True),
        (("job-old",), (OLD,), (HD, OLD), False),
        (("job-old",), (OLD,), (OLD,), False),
        (("job-HD",), (HD,), (), False),
    ],
)
def test_taking_the_last_playable_streams_is_warned_of_however_they_were_named(
    wanted: tuple[str, ...], going: tuple[StreamFact, ...], siblings: tuple[StreamFact, ...], *, last: bool
) -> None:
    found = warned(Streams("v1", wanted), *map(stream, going), siblings={"v1": siblings})

    assert found == ({(Warn.LAST_STREAM, fact.job_id) for fact in going} if last else set())


def test_a_url_is_all_that_is_known_of_an_image_named_by_it() -> None:
    url = "https://img.example/a.png"

    assert warned(ImageUrls((url,)), Target(id=url, title="a.png", url=url)) == {(Warn.UNSEEN, url)}


def same_title(request: Request, *titles: str) -> list[bool]:
    """Say of each title whether it is warned of as one of several."""
    counted = Titles(request)
    for title in titles:
        counted.add(title)
    return [counted.warn(title) == (Warn.SAME_TITLE,) for title in titles]


def test_two_things_of_one_title_are_pointed_out_where_titles_name_things() -> None:
    assert same_title(VIDEO, "a", "a", "b") == [True, True, False]
    assert same_title(Mezzanines(("v1",), force=False), "a", "b", "a") == [True, False, True]
    assert same_title(ImagesOf("v1", (VideoImages.COVER,)), "a", "a") == [False, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Spring teaser", "Spring\u200b teaser"),
        ("Spring teaser", "\ufeffSpring teaser\u3164"),
        ("Spring teaser", " Spring \u00a0 teaser\t"),
        ("Caf\u00e9", "Cafe\u0301"),
        ("春季预告", "春季\u2060预告\ufe0f"),
        ("", " \u2800"),
    ],
)
def test_titles_that_look_alike_are_the_same_title(one: str, other: str) -> None:
    assert same_title(VIDEO, one, other) == [True, True]


def test_titles_that_look_different_are_different() -> None:
    assert same_title(VIDEO, "Teaser 1", "Teaser1") == [False, False]


def test_warnings_come_in_the_order_of_the_targets() -> None:
    odd = [replace(PLAIN, id=f"v{n}", title=f"t{n}", status="Blocked") for n in (3, 1, 2)]

    found = warnings.warnings_for(VIDEO, tuple(odd), now=NOW, not_writable=frozenset(), siblings={})

    assert [target for _, target in found] == ["v3", "v1", "v2"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOW),
        ("2026-03-01T20:00:00+08:00", NOW),
        ("2026-02-28T12:00:00Z", NOW - timedelta(days=1)),
    ],
)
def test_vods_times_are_read_as_utc(text: str, moment: datetime) -> None:
    assert warnings.parse_time(text) == moment

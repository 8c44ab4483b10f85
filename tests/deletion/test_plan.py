import hashlib
import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deletion.plan import drift, facts, older, plan
from deletion.plan.facts import SourceFact, StreamFact, Target, Warn
from deletion.plan.plan import Plan, Whole
from deletion.terms import canonical
from deletion.terms.place import Place
from deletion.terms.requests.targets import Kind, Mezzanines, Videos
from deletion.terms.results.findings import Difference, LeftOut, LeftOutItem
from tests.deletion.strategies import TARGETS, WHOLES, unhurried
from tests.harness import plans

STREAM = StreamFact("job-1", "HD", "mp4", 10, "Normal", encrypted=False)
SOURCE = SourceFact("a.mov", 100, "Normal")
TARGET = Target(id="v1", title="Teaser", source=SOURCE, streams=(STREAM,), tags=("a", "b"), images=("u",), size=7)
HERE = Place("cn-shanghai", "1234567890123456", "vod.cn-shanghai.aliyuncs.com")
LEFT_OUT = (LeftOutItem("v2", LeftOut.MISSING),)
RECENT = ((Warn.RECENT, "v1"),)
REQUEST = Videos(("v1", "v2"))
PLAN = plans.made(HERE, REQUEST, (TARGET,), LEFT_OUT, RECENT)

OTHER_TARGETS: dict[str, Any] = {
    "id": "v9",
    "title": "Other",
    "video_id": "v9",
    "status": "Blocked",
    "size": 0,
    "duration_ms": 0,
    "created": "2026-01-01T00:00:00Z",
    "category": "Marketing",
    "tags": ("b", "a"),
    "storage_class": "IA",
    "app_id": "app-1",
    "location": "bucket",
    "cover": "https://c",
    "url": "https://u",
    "source": None,
    "streams": (),
    "streams_unread": True,
    "images": (),
    "told": "Description=kept",
}
OTHER_STREAMS: dict[str, Any] = {
    "job_id": "job-2",
    "definition": "LD",
    "format": "m3u8",
    "size": None,
    "status": "Invisible",
    "encrypted": True,
    "told": "CodecName=h265",
}
OTHER_SOURCES: dict[str, Any] = {"file_name": None, "size": 0, "status": "Deleted", "told": "Width=1"}
OTHER_PLACES: dict[str, Any] = {"region": "ap-southeast-1", "account": "key-0123", "endpoint": "vod.example"}


@pytest.mark.parametrize(
    ("kind", "others"),
    [
        (Place, OTHER_PLACES),
        (Target, OTHER_TARGETS),
        (StreamFact, OTHER_STREAMS),
        (SourceFact, OTHER_SOURCES),
    ],
)
def test_these_tables_name_every_field(kind: Any, others: dict[str, Any]) -> None:
    assert [field.name for field in fields(kind)] == list(others)


def every_change() -> list[Plan]:
    targets = [replace(TARGET, **{name: value}) for name, value in OTHER_TARGETS.items() if name != "id"]
    targets += [replace(TARGET, streams=(replace(STREAM, **{n: v}),)) for n, v in OTHER_STREAMS.items()]
    targets += [replace(TARGET, source=replace(SOURCE, **{n: v})) for n, v in OTHER_SOURCES.items()]
    made = [
        plans.made(replace(HERE, **{n: v}), REQUEST, (TARGET,), LEFT_OUT, RECENT) for n, v in OTHER_PLACES.items()
    ]
    others = (
        (Mezzanines(("v1", "v2"), force=False), (TARGET,), LEFT_OUT, RECENT),
        (Mezzanines(("v1", "v2"), force=True), (TARGET,), LEFT_OUT, RECENT),
        (REQUEST, (TARGET, replace(TARGET, id="v3")), LEFT_OUT, RECENT),
        (REQUEST, (replace(TARGET, id="v3"), TARGET), LEFT_OUT, RECENT),
        (REQUEST, (replace(TARGET, id="v9"),), LEFT_OUT, ((Warn.RECENT, "v9"),)),
        (REQUEST, (TARGET,), (LeftOutItem("v2", LeftOut.UNREADABLE),), RECENT),
        (REQUEST, (TARGET,), (), RECENT),
        (REQUEST, (TARGET,), LEFT_OUT, ()),
        (REQUEST, (TARGET,), LEFT_OUT, ((Warn.LEGAL_WORDS, "v1"),)),
    )
    made += [plans.made(HERE, *each) for each in others]
    return made + [plans.made(HERE, REQUEST, (target,), LEFT_OUT, RECENT) for target in targets]


def test_whatever_is_changed_in_a_plan_changes_its_digest() -> None:
    digests = [PLAN.digest, *(changed.digest for changed in every_change())]

    assert len(set(digests)) == len(digests)


@unhurried
@given(WHOLES, WHOLES)
def test_two_plans_have_one_digest_exactly_when_they_are_the_same(one: Whole, other: Whole) -> None:
    rows = [(each.header.text, [row.text for row in each.entries], each.left_out) for each in (one, other)]
    assert (one.plan.digest == other.plan.digest) == (rows[0] == rows[1])


@unhurried
@given(WHOLES)
def test_a_plan_survives_being_stored(made: Whole) -> None:
    assert older.parse(made.header.text) == plan.of_header(made.header)
    assert tuple(plan.entry(each.place, each.text) for each in made.entries) == made.entries
    assert tuple(plan.left_out(plan.left_out_text(each)) for each in made.left_out) == made.left_out
    assert made.plan.digest == canonical.sha256(made.header.text)


def test_the_digest_of_a_known_plan_never_changes() -> None:
    made = plan.whole(HERE, REQUEST, (TARGET,), LEFT_OUT, RECENT)
    (row,) = made.entries
    assert row.text == (
        '{"target":{"id":"v1","images":["u"],"size":7,"source":{"file_name":"a.mov","size":100,"status":"Normal"},'
        '"streams":[{"definition":"HD","encrypted":false,"format":"mp4","job_id":"job-1","size":10,'
        '"status":"Normal"}],"tags":["a","b"],"title":"Teaser"},"warnings":["recent"]}'
    )
    assert made.header.text == (
        '{"left_out":{"count":1,"root":"'
        + hashlib.sha256(b'\0{"left_out":"v2","why":"missing"}').hexdigest()
        + '"},'
        '"place":{"account":"1234567890123456",'
        '"endpoint":"vod.cn-shanghai.aliyuncs.com","region":"cn-shanghai"},"request":{"by":"videos","ids":[]},'
        '"targets":{"count":1,"root":"' + hashlib.sha256(b"\0" + row.text.encode()).hexdigest() + '"},'
        '"totals":{"bytes":110,"categories":[],"duration_ms":0,"durations_untold":1,"images":1,"newest":null,'
        '"oldest":null,"other_categories":0,"sizes_untold":0,"uncategorized":1,"warned":1,"warnings":[["recent",1]]},'
        '"version":3}'
    )


EARLIER = (
    '{{"left_out":[["v2","missing"]],{place},"request":{{"by":"videos","ids":["v1","v2"]}},'
    '"targets":[{{"id":"v1","images":["u"],"size":7,"source":{{"file_name":"a.mov","size":100,"status":"Normal"}},'
    '"streams":[{{"definition":"HD","encrypted":false,"format":"mp4","job_id":"job-1","size":10,'
    '"status":"Normal"}}],"tags":["a","b"],"title":"Teaser"}}],"version":{version},"warnings":[["recent","v1"]]}}'
)


@pytest.mark.parametrize(
    ("version", "place", "stands_for"),
    [
        (1, '"region":"cn-shanghai"', Place("cn-shanghai")),
        (
            2,
            '"place":{"account":"1234567890123456","endpoint":"vod.cn-shanghai.aliyuncs.com","region":"cn-shanghai"}',
            HERE,
        ),
    ],
)
def test_a_plan_of_an_earlier_version_keeps_its_text_and_with_it_its_digest(
    version: int, place: str, stands_for: Place
) -> None:
    text = EARLIER.format(version=version, place=place)

    read = older.parse(text)

    assert (read.place, read.version, read.digest) == (stands_for, version, canonical.sha256(text))
    assert (read.entries, read.left_out, read.totals) == (PLAN.entries, PLAN.left_out, PLAN.totals)
    assert (read.request, read.count, read.left_out_count) == (REQUEST, 1, 1)


def test_a_plan_of_another_format_is_not_guessed_at() -> None:
    header = plan.whole(HERE, REQUEST, (TARGET,)).header
    text = json.dumps({**json.loads(header.text), "version": 4})

    with pytest.raises(ValueError, match="format 4"):
        older.parse(text)


def test_a_plan_knows_its_level_its_targets_its_bytes_and_its_calls() -> None:
    assert PLAN.kind is Kind.VIDEO
    assert plans.made(HERE, Mezzanines(("v1",), force=True), (TARGET,)).kind is Kind.MEZZANINE
    assert PLAN.target("v1") == TARGET
    assert PLAN.target("v2") is None
    assert PLAN.totals.bytes == 110


@pytest.mark.parametrize(
    ("size", "source", "streams", "known"),
    [
        (None, None, (), 0),
        (50, SOURCE, (), 100),
        (150, SOURCE, (), 150),
        (150, replace(SOURCE, size=None), (STREAM, replace(STREAM, size=None)), 160),
        (None, None, (STREAM, STREAM), 20),
    ],
)
def test_the_source_is_counted_once_and_unknown_sizes_not_at_all(
    size: int | None, source: SourceFact | None, streams: tuple[StreamFact, ...], known: int
) -> None:
    assert replace(TARGET, size=size, source=source, streams=streams).bytes_known == known


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (20, 1), (21, 2), (40, 2), (41, 3)])
def test_a_plan_takes_a_call_per_twenty_targets(count: int, calls: int) -> None:
    assert plans.made(HERE, REQUEST, (replace(TARGET, id=f"v{n}") for n in range(count))).calls == calls


@pytest.mark.parametrize("name", [name for name in OTHER_TARGETS if name != "id"])
def test_every_changed_field_is_named_with_what_it_was_and_is(name: str) -> None:
    (found,) = drift.differences(TARGET, replace(TARGET, **{name: OTHER_TARGETS[name]}))

    assert (found.target, found.field) == ("v1", "Description" if name == "told" else name)
    assert found.before != found.after


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"size": None}, {"size": 0}, [("size", "nothing", "0")]),
        ({"title": "a"}, {"title": ""}, [("title", "a", "")]),
        ({"tags": ("a", "b")}, {"tags": ()}, [("tags", "a, b", "nothing")]),
        ({"source": None}, {"source": SOURCE}, [("source", "nothing", "a.mov 100 Normal")]),
        (
            {"title": "a", "status": "Normal"},
            {"title": "b", "status": None},
            [("status", "Normal", "nothing"), ("title", "a", "b")],
        ),
        ({}, {}, []),
    ],
)
def test_differences_read_as_a_person_would_say_them(
    before: dict[str, Any], after: dict[str, Any], found: list[tuple[str, str, str]]
) -> None:
    differences = drift.differences(replace(TARGET, **before), replace(TARGET, **after))

    assert [(each.field, each.before, each.after) for each in differences] == found


def test_what_changed_in_a_stream_or_a_source_is_named_with_both_values() -> None:
    one = replace(TARGET, streams=(replace(STREAM, told="CodecName=h264\nWidth=1280"),))
    other = replace(one, streams=(replace(STREAM, told="CodecName=h265\nWidth=1280", status="Invisible"),))
    other = replace(other, source=replace(SOURCE, told="Width=640"), told="Description=LEGAL HOLD\nUserData=x")

    assert [(each.field, each.before, each.after) for each in drift.differences(one, other)] == [
        ("source Width", "nothing", "640"),
        ("stream status", "HD Normal", "HD Invisible"),
        ("stream CodecName", "HD h264", "HD h265"),
        ("Description", "nothing", "LEGAL HOLD"),
        ("UserData", "nothing", "x"),
    ]


def test_a_plan_of_the_first_version_is_compared_by_what_it_recorded() -> None:
    now = replace(
        TARGET,
        told="Description=any",
        source=replace(SOURCE, told="Width=1"),
        streams=(replace(STREAM, told="CodecName=h264"),),
    )

    assert drift.differences(TARGET, now, version=older.REGION_ONLY) == ()
    assert drift.differences(TARGET, now) != ()
    (found,) = drift.differences(TARGET, replace(now, title="Other"), version=older.REGION_ONLY)
    assert found.field == "title"


def test_a_target_that_is_gone_is_a_difference() -> None:
    assert drift.differences(TARGET, None) == (Difference("v1", "exists", "yes", "no"),)


ANY_TEXT = st.text(st.characters(categories=["L", "Cs", "Cc"]), max_size=6)


@unhurried
@given(ANY_TEXT, ANY_TEXT, st.integers())
def test_whatever_vod_said_can_be_frozen_once_it_is_made_sound(one: str, other: str, number: int) -> None:
    target = replace(
        TARGET,
        title=one,
        tags=(one, other),
        size=number,
        source=replace(SOURCE, file_name=other, size=number),
        streams=(replace(STREAM, status=one),),
    )

    sound = facts.sound(target)

    (frozen,) = plans.made(HERE, REQUEST, (sound,)).entries
    assert plan.entry(0, frozen.text) == frozen
    assert facts.sound(sound) == sound


def test_a_sound_target_is_left_as_it_is() -> None:
    for name, value in OTHER_TARGETS.items():
        target = replace(TARGET, **{name: value})
        assert facts.sound(target) == target


BY_ID = st.lists(TARGETS, max_size=4, unique_by=lambda target: target.id)


@unhurried
@given(BY_ID, BY_ID)
def test_drift_seen_from_the_other_side_is_the_same_turned_around(one: list[Target], other: list[Target]) -> None:
    there = drift.drift(one, {target.id: target for target in other})
    back = drift.drift(other, {target.id: target for target in one})

    assert {(each.target, each.field, each.before, each.after) for each in there} == {
        (each.target, each.field, each.after, each.before) for each in back
    }


@unhurried
@given(BY_ID, BY_ID)
def test_there_is_no_drift_exactly_when_nothing_changed_came_or_went(
    one: list[Target], other: list[Target]
) -> None:
    now = {target.id: target for target in other}

    assert (not drift.drift(one, now)) == ({target.id: target for target in one} == now)


def test_newcomers_are_drift() -> None:
    now = {"v1": TARGET, "v2": replace(TARGET, id="v2")}

    assert drift.drift([TARGET], now) == (Difference("v2", "exists", "no", "yes"),)

"""Deletions proposed by a query, over real wires: what was asked for is shown, signed and looked for again."""

from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest

from deletion.plan.library.reading import Reader, Reading
from deletion.terms.requests.targets import Request, query_of
from deletion.terms.results.findings import LeftOut
from deletion.terms.states import State
from sandbox.vod.model.faults import FaultKind
from tests.harness import plans
from tests.stage import Opener, Stage

WHERE = 'title~takeaway created<2020-01-01 category="Old stock"'
TEXT = 'category="Old stock" created<2020-01-01T00:00:00Z title~takeaway'
THEN = datetime(2019, 5, 1, tzinfo=UTC)


def add(stage: Stage, number: int = 3, **facts: object) -> list[str]:
    facts = {"title": "Takeaway", "created": THEN, "category": "Old stock", "category_id": 77, **facts}
    return [stage.vod.library.add_video(**facts).video_id for _ in range(number)]


def on_card(stage: Stage, number: int) -> str:
    card = stage.card(number)
    return unescape(f"{card.text} {card.blocks}")


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_what_matches_is_frozen_shown_and_deleted(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    made, kept = add(stage), add(stage, 1, category="New stock")
    told = stage.say("ana", f'/vod delete --where {WHERE} --reason "out of date"')
    assert told.reply is not None
    assert "the videos that match a query" in told.reply.text
    assert f"Understood as: `{TEXT}`" in unescape(told.reply.text)
    view = stage.view(1)
    assert view.plan is not None
    assert set(plans.ids_of(view.plan)) == set(made)
    query = query_of(view.plan.request)
    assert query is not None
    assert query.text() == TEXT
    assert stage.events("proposal.made")[0]["data"]["request"]["query"] == query.to_json()
    assert "3 videos" in on_card(stage, 1)
    assert TEXT in on_card(stage, 1)
    for command in ("list", "status 1"):
        shown = stage.say("bo", f"/vod {command}").reply
        assert shown is not None
        assert "Old stock" in f"{shown.text} {shown.blocks}"

    late = add(stage, 2)
    stage.click("bo", "Approve", 1)
    stage.advance(3600)
    assert stage.state(1) is State.FINISHED
    assert set(stage.outcomes(1).values()) == {"deleted"}
    assert set(stage.outcomes(1)) == set(made)
    assert all(stage.vod.library.video(each) for each in (*kept, *late))
    assert stage.events("vote.counted")[0]["data"]["newcomers"] == 2
    assert (
        "2 more items matched the query when the latest approval was counted; they are not part of the proposal."
        in on_card(stage, 1)
    )
    assert any("2 more items matched" in message.text for message in stage.thread(1))
    assert stage.verify().holds


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_what_no_longer_matches_is_left_out_and_shown_anew(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    made = add(stage)
    number = stage.propose("ana", f"--where {WHERE}")
    stage.vod.library.change_video(made[0], category="New stock", category_id=78)
    stage.vod.library.remove_video(made[1])
    stage.click("bo", "Approve", number)

    view = stage.view(number)
    assert view.state is State.PENDING
    assert view.plan is not None
    assert plans.ids_of(view.plan) == [made[2]]
    assert {(each.target, each.field, each.after) for each in view.drift} == {
        (made[0], "query", "no"),
        (made[1], "exists", "no"),
    }
    assert "no longer matches the query, and is left out" in on_card(stage, number)
    assert not view.approved_by

    stage.click("bo", "Approve", number)
    stage.advance(3600)
    assert stage.outcomes(number) == {made[2]: "deleted"}
    assert stage.vod.library.video(made[0])
    assert stage.verify().holds


@pytest.mark.parametrize(
    ("where", "facts"),
    [
        ("title~takeaway", {"title": "Renamed"}),
        ("status=Normal", {"status": "Blocked"}),
        ("size>1GB", {"size": 1_000}),
        ("created<2020-01-01", {"created": datetime(2024, 5, 1, tzinfo=UTC)}),
        ("tag=old", {"tags": ()}),
        ('category="Old stock"', {"category": "", "category_id": 0}),
        ("category-id=77", {"category_id": 78}),
        ("storage=IA", {"storage_class": "Standard"}),
    ],
)
def test_what_a_search_that_is_behind_finds_by_an_old_fact_is_not_proposed(
    stage: Stage, where: str, facts: dict[str, Any]
) -> None:
    made = add(stage, tags=("old", "x"), size=2 * 10**9, storage_class="IA")
    stage.vod.library.hold_index()
    stage.vod.library.change_video(made[0], **facts)
    number = stage.propose("ana", f"--where {where} title=Takeaway")
    view = stage.view(number)
    assert view.plan is not None
    assert set(plans.ids_of(view.plan)) == set(made[1:])
    assert view.plan.left_out == ((made[0], LeftOut.NOT_MATCHING),)
    assert "what VOD says of it does not match the query" in on_card(stage, number)
    stage.click("bo", "Approve", number)
    stage.advance(3600)
    assert set(stage.outcomes(number)) == set(made[1:])
    assert stage.vod.library.video(made[0])
    assert stage.events("vote.counted")[0]["data"].get("newcomers", 0) == 0, "what is left out is no newcomer"
    assert stage.verify().holds


def test_source_files_and_images_of_a_search_that_is_behind_are_left_out_too(stage: Stage) -> None:
    made = add(stage, 2)
    images = [stage.vod.library.add_image(title="Poster", tags=("2019",)).image_id for _ in range(2)]
    stage.vod.library.hold_index()
    stage.vod.library.change_video(made[0], category="New stock", category_id=78)
    stage.vod.library.change_image(images[0], tags=("2020",))
    for where, kept in ((f"mezzanine --force --where {WHERE}", made[1]), ("image --where tag=2019", images[1])):
        view = stage.view(stage.propose("ana", where))
        assert view.plan is not None
        assert plans.ids_of(view.plan) == [kept]


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
@pytest.mark.parametrize("length", [3, 230])
def test_what_matches_by_a_search_that_is_behind_alone_is_lost_at_the_vote(
    stage_on: Opener, engine: str, length: int
) -> None:
    stage = stage_on(engine, COUNTERSIGN_MAX_ITEMS="1000")
    made = add(stage, length)
    number = stage.propose("ana", f"--where {WHERE}")
    stage.vod.library.hold_index()
    changed = made[0], made[-1]
    for each in changed:
        stage.vod.library.change_video(each, category="New stock", category_id=78)
    stage.click("bo", "Approve", number)

    view = stage.view(number)
    assert view.state is State.PENDING
    assert view.plan is not None
    assert view.plan.count == length - 2
    assert {(each.target, each.field, each.after) for each in view.drift} == {
        (each, "query", "no") for each in changed
    }
    assert "no longer matches the query, and is left out" in on_card(stage, number)
    assert not view.approved_by

    stage.click("bo", "Approve", number)
    stage.advance(3600)
    assert set(stage.outcomes(number)) == set(made) - set(changed)
    assert all(stage.vod.library.video(each) for each in changed)
    assert stage.verify().holds


def test_when_a_search_that_is_behind_finds_nothing_that_matches_its_proposer_is_told(stage: Stage) -> None:
    (made,) = add(stage, 1)
    stage.vod.library.hold_index()
    stage.vod.library.change_video(made, category="New stock", category_id=78)
    number = stage.propose("ana", f"--where {WHERE}")
    assert stage.state(number) is State.FAILED
    assert any("VOD's search has not caught up" in unescape(message.text) for message in stage.slack.dm("ana"))


@pytest.mark.parametrize("search", ["up to date", "behind"])
def test_when_the_rest_is_gone_and_what_is_there_does_not_match_nobody_is_told_that_all_is_gone(
    stage: Stage, search: str
) -> None:
    made = add(stage, 2)
    number = stage.propose("ana", f"--where {WHERE}")
    if search == "behind":
        stage.vod.library.hold_index()
    stage.vod.library.remove_video(made[0])
    stage.vod.library.change_video(made[1], category="New stock", category_id=78)
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.PENDING
    assert any("that is still in VOD matches its query any more" in told for told in stage.answers("bo"))
    assert not stage.events("proposal.assets_gone")
    assert "gone from VOD" not in on_card(stage, number)
    assert stage.verify().holds


def test_what_a_query_misses_is_read_a_part_at_a_time(open_stage: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = open_stage(COUNTERSIGN_MAX_ITEMS="1000")
    made = add(stage, 450)
    number = stage.propose("ana", f"--where {WHERE}")
    for each in made:
        stage.vod.library.change_video(each, category="New stock")
    held: list[int] = []
    read = Reader.read

    def counting(reader: Reader, request: Request, between: Callable[[], None] = lambda: None) -> Reading:
        found = read(reader, request, between)
        held.append(len(found.targets))
        return found

    monkeypatch.setattr(Reader, "read", counting)
    stage.click("bo", "Approve", number)
    assert sum(held) == 450
    assert max(held) <= 200
    assert any("matches its query any more" in told for told in stage.answers("bo"))


def test_a_day_before_1970_is_refused_and_one_that_is_stored_is_listed(stage: Stage) -> None:
    add(stage)
    told = stage.say("ana", '/vod delete --where created>=0001-01-01+08:00 --reason "out of date"')
    assert told.reply is not None
    assert "is out of range" in told.reply.text
    stage.say("ana", f'/vod delete --where {WHERE} --reason "out of date"')
    stage.database.write(
        lambda tx: tx.run(
            "UPDATE proposals SET request = replace(request, '1577836800', '-62135625600') WHERE state = 'pending'"
        )
    )
    shown = stage.say("bo", "/vod list").reply
    assert shown is not None
    assert "1970-01-01T00:00:00Z-62135625600s" in unescape(f"{shown.text} {shown.blocks}")


@pytest.mark.parametrize("where", ["size<10000TB", "size<=9007199254740991", "size>99999TiB"])
def test_a_size_beyond_what_the_record_keeps_is_refused_with_words(stage: Stage, where: str) -> None:
    told = stage.say("ana", f"/vod delete --where {where} --reason x")
    assert told.reply is not None
    assert "write at most 9,007 TB" in told.reply.text


def test_when_nothing_matches_any_more_no_vote_counts(stage: Stage) -> None:
    made = add(stage, 2)
    number = stage.propose("ana", f"--where {WHERE}")
    for each in made:
        stage.vod.library.change_video(each, title="Renamed")
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.PENDING
    assert any("matches its query any more" in told for told in stage.answers("bo"))
    assert stage.verify().holds


def test_a_query_without_matches_ends_with_words(stage: Stage) -> None:
    stage.say("ana", "/vod delete --where title=nowhere --reason x")
    assert stage.state(1) is State.FAILED
    assert any("Nothing in VOD matches the query" in message.text for message in stage.slack.dm("ana"))


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("created=2019-05-01", "The query matches 4 items, and 3 per proposal is the limit"),
        ("title=Takeaway", "The query matches more than 3 items, and 3 per proposal is the limit"),
    ],
)
def test_too_many_matches_are_refused_with_what_to_do(open_stage: Opener, where: str, words: str) -> None:
    stage = open_stage(COUNTERSIGN_MAX_ITEMS="3")
    add(stage, 4)
    stage.say("ana", f"/vod delete --where {where} --reason x")
    assert stage.state(1) is State.FAILED
    (told,) = [message.text for message in stage.slack.dm("ana") if "The query matches" in message.text]
    assert words in told
    assert "COUNTERSIGN_MAX_ITEMS" in told


def test_source_files_and_images_are_found_by_a_query_too(stage: Stage) -> None:
    made = add(stage, 2)
    image = stage.vod.library.add_image(title="Takeaway poster", tags=("2019",)).image_id
    sources = stage.propose("ana", f"mezzanine --force --where {WHERE}")
    images = stage.propose("ana", "image --where tag=2019 title~poster")
    for number in (sources, images):
        stage.click("bo", "Approve", number)
    stage.advance(3600)
    assert stage.outcomes(sources) == dict.fromkeys(made, "deleted")
    assert stage.outcomes(images) == {image: "deleted"}
    assert stage.verify().holds


def test_a_search_that_fails_is_tried_again_and_one_that_is_forbidden_ends(stage: Stage) -> None:
    add(stage)
    stage.vod.faults.set(FaultKind.UNAVAILABLE, "SearchMedia", times=1)
    number = stage.propose("ana", f"--where {WHERE}")
    assert stage.state(number) is State.COLLECTING
    stage.advance(60)
    assert stage.state(number) is State.PENDING
    stage.vod.faults.set(FaultKind.FORBIDDEN_RAM, "SearchMedia")
    number = stage.propose("ana", f"--where {WHERE}")
    assert stage.state(number) is State.FAILED


def test_a_flipped_query_in_the_record_is_named(stage: Stage) -> None:
    add(stage)
    number = stage.propose("ana", f"--where {WHERE}")
    assert stage.verify().holds
    stage.database.write(
        lambda tx: tx.run(
            "UPDATE proposals SET request = replace(request, 'takeaway', 'anything') WHERE id = :id", id=number
        )
    )
    assert not stage.verify().holds


def test_what_a_query_found_is_named_where_somebody_else_proposes_it(stage: Stage) -> None:
    made = add(stage, 2)
    by_query = stage.propose("ana", f"--where {WHERE}")
    by_id = stage.propose("cy", f"video {made[0]}")
    assert f"#{by_query} (1 in common)" in on_card(stage, by_id)
    assert f"#{by_id} (1 in common)" in on_card(stage, by_query)

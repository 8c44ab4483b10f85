"""What only a database in another process can do to the bot, and what only PostgreSQL refuses."""

from typing import Any

import pytest

from deletion.terms.states import State
from sandbox.vod import seed
from storage import StorageError, Tx
from storage.engine.postgres import PostgresDatabase
from storage.tables import freezes
from tests.stage import Opener
from tests.storage.postgres import Server

TEASER = seed.SPRING_TEASER.video_id


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
@pytest.mark.parametrize(
    "command",
    [
        f'/vod delete video {TEASER} --reason "a\0b"',
        f'/vod delete video {TEASER}\0 --reason "x"',
        "/vod delete image https://{domain}/a\0b.jpg --reason x",
        "/vod freeze a\0b",
        "/vod status \0",
        "/vod \0",
    ],
)
def test_a_command_with_a_nul_is_answered_on_both_engines(stage_on: Opener, engine: str, command: str) -> None:
    """PostgreSQL takes no NUL in a text; SQLite does."""
    stage = stage_on(engine)
    delivery = stage.say("ana", command.format(domain=stage.vod.image_domain))

    assert delivery.error is None
    assert delivery.reply is not None
    assert "\0" not in delivery.reply.text
    assert stage.verify().holds


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_title_and_a_rejection_with_a_nul_are_stored_on_both_engines(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    video = stage.vod.library.add_video(title="a\0b", has_cover=False)
    number = stage.propose("ana", f"video {video.video_id}")
    opened = stage.slack.click("bo", "Reject", match=f"#{number}")
    assert opened.modal is not None
    stage.slack.submit("bo", {"why": "no\0pe"})
    stage.settle()

    assert stage.state(number) is State.REJECTED
    assert stage.verify().holds


def test_a_database_that_restarts_between_every_step_costs_no_answer_and_no_second_deletion(
    stage_on: Opener, postgres: Server
) -> None:
    stage = stage_on("postgres")
    number = stage.propose("ana", f"video {TEASER}")
    postgres.restart()
    stage.click("bo", "Approve", number)
    postgres.restart()
    other = stage.propose("bo", f"video {seed.WAREHOUSE_TOUR.video_id}")

    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert stage.vod.ledger.ids() == [TEASER]
    assert stage.state(other) is State.PENDING
    assert stage.verify().holds


def test_while_the_database_is_away_a_click_is_answered_in_time_and_counts_when_it_is_made_again(
    stage_on: Opener, postgres: Server
) -> None:
    stage = stage_on("postgres")
    number = stage.propose("ana", f"video {TEASER}")
    postgres.crash()
    try:
        # The local Slack takes no answer after three seconds for one.
        lost = stage.slack.click("bo", "Approve", match=f"#{number}")
        with pytest.raises(StorageError, match="does not answer"):
            stage.settle()
    finally:
        postgres.start()
    stage.settle()

    assert lost.error is None, lost
    assert stage.state(number) is State.PENDING
    stage.click("bo", "Approve", number)
    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert stage.verify().holds


def test_who_freezes_while_the_last_freeze_is_being_thawed_has_frozen_everything(
    stage_on: Opener, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_on("postgres")
    stage.say("gus", "/vod freeze first")
    other = PostgresDatabase(postgres.url)
    begin = freezes.begin

    def begin_then_thaw(tx: Tx, **facts: Any) -> int | None:
        freeze_id = begin(tx, **facts)
        if freeze_id is None:
            other.write(end_the_freeze)
        return freeze_id

    monkeypatch.setattr(freezes, "begin", begin_then_thaw)
    delivery = stage.say("bo", "/vod freeze second")
    other.close()

    assert delivery.reply is not None
    assert "Everything is frozen" in delivery.reply.text
    assert "already frozen" not in delivery.reply.text
    frozen = stage.database.read(freezes.current)
    assert frozen is not None
    assert (frozen.person, frozen.reason) == (stage.slack.user("bo").id, "second")


def end_the_freeze(tx: Tx) -> None:
    frozen = freezes.current(tx)
    assert frozen is not None
    assert freezes.end(tx, frozen.id)

"""Between the approval and the call anything may change: what did is held back, and what changed is shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from deletion.terms.states import State
from sandbox.vod import SnapshotKind, Source, Stream, Video
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted, in_blocks
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")
LATER = datetime(2031, 1, 1, tzinfo=UTC)


def _streams(video: Video, **facts: Any) -> dict[str, Any]:
    return {"streams": tuple(replace(stream, **facts) for stream in video.streams)}


CHANGES: dict[str, tuple[Callable[[Video], dict[str, Any]], str]] = {
    "description": (lambda _: {"description": "LEGAL HOLD, do not delete"}, "is LEGAL HOLD, do not delete"),
    "modified": (lambda _: {"modified": LATER}, "time of the last change was 2026-01-05T09:42:00Z, is 2031-01-01"),
    "snapshots": (lambda _: {"snapshots": {SnapshotKind.COVER: 3}}, "snapshots was"),
    "codec": (lambda video: _streams(video, codec="h265"), "codec of a stream was LD h264, is LD h265"),
    "resolution": (lambda video: _streams(video, width=1920, height=1080), "width of a stream was LD 1280"),
    "source": (lambda _: {"source": Source("other.mov", width=4096)}, "width of the source file was 1920, is 4096"),
}
"""What an editor or a transcoding job may do meanwhile, and what people then read."""


def video(stage: Stage) -> Video:
    long_ago = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    made: Video = stage.vod.library.add_video(
        title="Spring", created=long_ago, modified=long_ago.replace(minute=42), streams=(Stream("LD"), Stream("HD"))
    )
    return made


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_video_that_changed_after_its_approval_is_held_and_the_change_is_shown(
    stage_on: Opener, engine: str, change: str
) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS="60")
    known = video(stage)
    number = stage.propose("ana", f"video {known.video_id}")
    stage.click("bo", "Approve", number)
    facts, words = CHANGES[change]
    stage.vod.library.change_video(known.video_id, **{"modified": known.modified, **facts(known)})
    stage.advance(61)

    assert stage.outcomes(number) == {known.video_id: "changed"}
    assert words in in_blocks(stage.card(number))
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_change_before_the_approval_voids_the_vote_and_the_new_card_warns(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    known = video(stage)
    number = stage.propose("ana", f"video {known.video_id}")
    stage.vod.library.change_video(known.video_id, description="LEGAL HOLD, do not delete")
    stage.click("bo", "Approve", number)

    assert stage.state(number) is State.PENDING
    shown = in_blocks(stage.card(number))
    assert "description was empty, is LEGAL HOLD, do not delete" in shown
    assert "read as if it had to be kept" in shown
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_two_approved_proposals_do_not_take_a_videos_only_two_streams(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS="60")
    known = video(stage)
    first, second = (stage.propose("ana", f"stream {known.video_id} {name}") for name in ("LD", "HD"))
    for number in (first, second):
        stage.click("bo", "Approve", number)
    stage.advance(61)

    left = stage.vod.library.video(known.video_id)
    assert left is not None
    words = sorted(word or "" for number in (first, second) for word in stage.outcomes(number).values())
    assert words == ["changed", "deleted"]
    assert len(left.streams) == 1
    held = next(number for number in (first, second) if "changed" in stage.outcomes(number).values())
    assert "new warning: last stream" in in_blocks(stage.card(held))
    assert_lawful(stage)

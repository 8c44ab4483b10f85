"""The main job, end to end: proposed, shown, countersigned, deleted, recorded, on both engines."""

import pytest

from deletion.terms.states import State
from sandbox.vod import seed
from tests.stage import Opener


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_three_videos_are_deleted_after_somebody_else_approved(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    wanted = [seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id, seed.AUTUMN_KEYNOTE.video_id]
    number = stage.propose("ana", f"video {' '.join(wanted)}")

    assert stage.state(number) is State.PENDING
    assert stage.vod.ledger.calls() == ()
    stage.click("bo", "Approve", number)

    assert stage.state(number) is State.FINISHED
    assert stage.outcomes(number) == dict.fromkeys(wanted, "deleted")
    assert sorted(stage.vod.ledger.ids()) == sorted(wanted)
    assert all(stage.vod.library.video(video_id) is None for video_id in wanted)
    assert "3 deleted" in stage.card(number).text
    assert stage.verify().holds

"""Two open proposals about the same media: both cards say so, before anybody decides."""

import pytest

from deletion.approval.requests import asked, overlaps
from sandbox.vod import seed
from tests.e2e.evidence import assert_lawful, in_blocks
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")
TEASER = seed.SPRING_TEASER.video_id
TOUR = seed.WAREHOUSE_TOUR.video_id


@pytest.mark.parametrize(
    "other", [f"video {TOUR} {TEASER}", f"stream {TEASER} HD", f"mezzanine {TEASER}", f"image --of {TEASER} cover"]
)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_video_in_two_open_proposals_is_named_on_both_cards(stage_on: Opener, engine: str, other: str) -> None:
    stage = stage_on(engine)
    first = stage.propose("ana", f"video {TEASER}")
    assert "Also in other open proposals" not in in_blocks(stage.card(first))
    second = stage.propose("cy", other)

    for number, of in ((first, second), (second, first)):
        assert f"*Also in other open proposals*: #{of} (1 in common)" in in_blocks(stage.card(number))
        assert f"Also in other open proposals: #{of}" in stage.card(number).text
    assert_lawful(stage)


def test_what_is_over_or_about_something_else_is_not_named(stage: Stage) -> None:
    over = stage.propose("ana", f"video {TEASER}")
    stage.say("ana", f"/vod withdraw {over}")
    stage.propose("ana", f"video {TOUR}")
    number = stage.propose("cy", f"video {TEASER}")

    assert "Also in other open proposals" not in in_blocks(stage.card(number))


@pytest.mark.parametrize("few", [0, 1, 2])
@pytest.mark.parametrize("engine", ENGINES)
def test_what_long_lists_have_in_common_is_counted_by_their_rows(
    stage_on: Opener, monkeypatch: pytest.MonkeyPatch, engine: str, few: int
) -> None:
    """Of none, of one and of both of them the ids are compared in memory."""
    monkeypatch.setattr(asked, "FEW", few)
    monkeypatch.setattr(overlaps, "LOOKED_FOR", 1)
    stage = stage_on(engine)
    first = stage.propose("ana", f"video {TEASER}")
    second = stage.propose("cy", f"video {TOUR} {TEASER}")
    third = stage.propose("bo", f"video {TOUR} {TEASER}")

    for number, others in ((first, {second: 1, third: 1}), (second, {first: 1, third: 2})):
        told = in_blocks(stage.card(number))
        assert all(f"#{other} ({common} in common)" in told for other, common in others.items())
    assert_lawful(stage)

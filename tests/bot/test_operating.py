"""An operator at a command line, with the database and no Slack: looks, and brakes."""

import getpass
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from deletion.terms.states import State
from sandbox.vod import seed
from tests.stage import Opener, Stage

TEASER, TOUR = seed.SPRING_TEASER, seed.WAREHOUSE_TOUR


def call(stage: Stage, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--database", stage.url], catch_exceptions=False)


def told(stage: Stage, *words: str) -> list[dict[str, object]]:
    result = call(stage, *words, "--json")
    assert result.exit_code == 0
    return [json.loads(line) for line in result.output.splitlines()]


def test_proposals_are_listed_the_open_ones_or_all(stage: Stage) -> None:
    done = stage.propose("ana", f"video {TEASER.video_id}")
    stage.click("bo", "Approve", done)
    assert call(stage, "list").output == "No proposals are open.\n"
    number = stage.propose("ana", f"video {TOUR.video_id}", reason="rights\u202e expired")

    (line,) = call(stage, "list").output.splitlines()
    assert line.startswith(f"#{number}  pending  video: 1 item")
    assert TOUR.title in line
    assert "rights\\u202e expired" in line
    assert [each["number"] for each in told(stage, "list", "--all")] == [number, done]
    assert [each["number"] for each in told(stage, "list", "--all", "--limit", "1")] == [number]
    (one,) = told(stage, "list")
    assert (one["state"], one["level"], one["items"], one["title"]) == ("pending", "video", 1, TOUR.title)


def test_a_size_that_vod_does_not_tell_all_of_is_a_minimum(stage: Stage) -> None:
    hidden = stage.vod.library.add_video(title="Elsewhere", app_id="app-other", forbidden=True).video_id
    number = stage.propose("ana", f"video {TEASER.video_id} {hidden}")
    (line,) = call(stage, "list").output.splitlines()
    assert "  at least " in line
    assert "Size:         at least " in call(stage, "show", str(number)).output
    (one,) = told(stage, "list")
    assert one["at_least"] is True


def test_one_proposal_is_shown_with_votes_and_outcomes(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER.video_id}")
    stage.click("bo", "Approve", number)

    page = call(stage, "show", str(number)).output
    assert "State:        finished" in page
    assert "Outcomes:     1 deleted" in page
    assert f"/{stage.slack.user('bo').id} counted on" not in page
    assert f"vote: {stage.slack.user('bo').id} counted on" in page
    (one,) = told(stage, "show", str(number))
    assert one["outcomes"] == {"deleted": 1}

    missing = call(stage, "show", "99")
    assert (missing.exit_code, missing.output) == (1, "There is no proposal #99.\n")


def test_the_log_is_shown_whole_or_of_one_proposal(stage: Stage) -> None:
    first = stage.propose("ana", f"video {TEASER.video_id}")
    second = stage.propose("ana", f"video {TOUR.video_id}")

    whole = told(stage, "log")
    assert [each["seq"] for each in whole] == list(range(1, len(whole) + 1))
    assert {each["ref"] for each in whole} >= {f"proposal/{first}", f"proposal/{second}"}
    of_one = told(stage, "log", str(second))
    assert [each["action"] for each in of_one][:2] == ["proposal.made", "plan.frozen"]
    assert {each["ref"] for each in of_one} == {f"proposal/{second}"}
    assert [each["seq"] for each in told(stage, "log", "--last", "2")] == [len(whole) - 1, len(whole)]
    assert [each["seq"] for each in told(stage, "log", "--from", "3")] == list(range(3, len(whole) + 1))
    assert len(call(stage, "log").output.splitlines()) == len(whole)


def test_an_operator_stops_a_deletion_and_is_named_for_it(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS="600")
    number = stage.propose("ana", f"video {TEASER.video_id}")
    too_early = call(stage, "stop", str(number))
    assert too_early.exit_code == 1
    assert "waiting for approval" in too_early.output
    stage.click("bo", "Approve", number)

    stopped = call(stage, "stop", str(number))
    assert stopped.exit_code == 0
    assert stopped.output.startswith(f"#{number} is stopped")
    stage.settle()
    assert stage.state(number) is State.STOPPED
    assert stage.vod.ledger.ids() == []
    (event,) = stage.events("proposal.stopped")
    assert event["actor"] == f"/operator {getpass.getuser()}"
    assert f"operator {getpass.getuser()}" in stage.card(number).text + str(stage.card(number).blocks)
    again = call(stage, "stop", str(number))
    assert again.exit_code == 1


def test_an_operator_freezes_everything_and_two_people_unfreeze_it(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS="600")
    number = stage.propose("ana", f"video {TEASER.video_id}")
    stage.click("bo", "Approve", number)

    assert call(stage, "freeze", " ").exit_code == 2
    assert call(stage, "freeze", "a leak").output.startswith("Frozen")
    assert call(stage, "freeze", "a leak").exit_code == 1
    stage.settle()
    (event,) = stage.events("freeze.begun")
    assert event["actor"] == f"/operator {getpass.getuser()}"
    assert any("operator" in each.text for each in stage.slack.messages("vod-deletions"))
    for who in ("bo", "cy"):
        stage.slack.say(who, "/vod unfreeze", channel="vod-deletions")
        stage.settle()
    assert len(stage.events("freeze.ended")) == 1


def test_a_name_that_cannot_be_written_down_keeps_no_brake_from_being_pulled(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "jos\udce9/" + "x" * 500)
    assert call(stage, "freeze", "a leak").exit_code == 0
    (event,) = stage.events("freeze.begun")
    assert event["actor"].startswith("/operator jos\ufffd_x")
    assert len(event["actor"]) < 100


@pytest.mark.parametrize("words", [("list",), ("show", "1"), ("log",), ("stop", "1"), ("freeze", "why")])
def test_a_database_that_is_not_there_is_said_in_words(words: tuple[str, ...], tmp_path: Path) -> None:
    gone = f"sqlite:///{tmp_path}/nowhere/record.db"
    result = CliRunner().invoke(main, [*words, "--database", gone])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "record.db" in result.output

"""Proposals too long for a card: a summary, the first rows, and every row in a file in the thread."""

import csv
import io

from handlers.cards.parts.targets import SHOWN
from sandbox.slack import FaultKind
from tests.e2e.evidence import (
    assert_lawful,
    assert_nothing_was_deleted,
    assert_told_as_finished,
    every_button,
    in_blocks,
)
from tests.stage import Opener, Stage

MANY = 45


def some_videos(stage: Stage, count: int) -> list[str]:
    """Return ids of videos that nothing speaks against."""
    return [video.video_id for video in stage.vod.library.videos() if not video.forbidden][:count]


def rows(content: bytes) -> list[list[str]]:
    """Read an attached list as a spreadsheet would."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_long_list_is_summed_up_on_the_card_and_attached_in_full(stage: Stage) -> None:
    wanted = some_videos(stage, MANY)
    number = stage.propose("ana", f"video {' '.join(wanted)}")
    card = in_blocks(stage.card(number))
    assert f"Delete {MANY} videos" in card
    assert len([video_id for video_id in wanted if video_id in card]) == SHOWN
    assert f"and {MANY - 10} more" in card
    assert every_button(stage.card(number))[:2] == [f"View all {MANY}", f"Approve: delete {MANY} videos"]

    (attached,) = [message for message in stage.thread(number) if message.files]
    (file,) = attached.files
    assert file.name == f"proposal-{number}-plan-1.csv"
    assert [row[1] for row in rows(stage.slack.files[0].content)[1:]] == wanted

    stage.click("bo", "Approve", number)
    assert stage.outcomes(number) == dict.fromkeys(wanted, "deleted")
    assert sorted(len(call.ids) for call in stage.vod.ledger.calls()) == [5, 20, 20]
    assert sorted(stage.vod.ledger.ids()) == sorted(wanted)
    assert_told_as_finished(stage, number, proposer="ana", tally=f"{MANY} videos: {MANY} deleted")
    assert_lawful(stage)


def test_a_changed_long_list_is_attached_again_under_its_new_number(stage: Stage) -> None:
    wanted = some_videos(stage, 25)
    number = stage.propose("ana", f"video {' '.join(wanted)}")
    stage.vod.library.remove_video(wanted[3])
    stage.click("bo", "Approve", number)

    first, second = stage.slack.files
    assert (first.name, second.name) == (f"proposal-{number}-plan-1.csv", f"proposal-{number}-plan-2.csv")
    assert [row[1] for row in rows(second.content)[1:]] == [*wanted[:3], *wanted[4:]]


def test_nobody_approves_a_list_that_could_not_be_shown_in_full(stage: Stage) -> None:
    wanted = some_videos(stage, 25)
    stage.slack.faults.add(FaultKind.DOWN, "files.getUploadURLExternal")
    number = stage.propose("ana", f"video {' '.join(wanted)}")
    stage.click("bo", "Approve", number)
    assert "nothing can be approved unseen" in stage.answers("bo")[-1]
    assert stage.events("vote.refused")[-1]["data"]["rule"] == "list not shown"
    assert_nothing_was_deleted(stage)

    stage.slack.faults.clear()
    stage.advance(60)
    stage.click("bo", "Approve", number)
    assert stage.outcomes(number) == dict.fromkeys(wanted, "deleted")
    assert_lawful(stage)


def test_an_attachment_whose_answer_is_lost_is_not_attached_twice(stage: Stage) -> None:
    stage.slack.faults.add(FaultKind.RESET_AFTER, "files.completeUploadExternal")
    number = stage.propose("ana", f"video {' '.join(some_videos(stage, 25))}")
    stage.advance(60)

    assert len([message for message in stage.thread(number) if message.files]) == 1
    assert stage.database.read(lambda tx: tx.rows("SELECT id FROM outbox WHERE state <> 'sent'")) == []


def test_more_bytes_than_one_proposal_may_delete_are_refused_with_the_reason(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MAX_GIGABYTES="1")
    delivery = stage.say("ana", f"/vod delete video {' '.join(some_videos(stage, 25))} --reason x")
    assert delivery.reply is not None

    assert stage.slack.messages("vod-deletions") == []
    assert "exceed the limit of 1.0 GB per proposal" in stage.slack.dm("ana")[-1].text
    assert stage.events("proposal.not_collected")[-1]["data"]["refused"]["rule"] == "too large"

"""A library that does not hold still: things forbidden, missing, changed or removed between two steps."""

from collections.abc import Callable

import pytest

from deletion import work
from deletion.terms.states import State
from handlers.cards import ids
from sandbox.vod import SnapshotKind, Stream, VodSandbox, seed
from tests.e2e.evidence import (
    assert_lawful,
    assert_nothing_was_deleted,
    assert_told_as_finished,
    audit_lines,
    button_value,
    buttons,
    in_blocks,
)
from tests.stage import Stage

TEASER = seed.SPRING_TEASER.video_id
TOUR = seed.WAREHOUSE_TOUR.video_id
KEYNOTE = seed.AUTUMN_KEYNOTE.video_id
PARTNERS = seed.FORBIDDEN.video_id
NOBODY = "0" * 32


def approve_and_stop_before_the_batch(stage: Stage, number: int) -> None:
    """Let an approval be counted and the execution begin, but nothing be re-read or sent yet."""
    stage.slack.click("bo", "Approve", match=f"· #{number}")
    for _ in range(10):
        if stage.state(number) is State.EXECUTING:
            return
        assert work.run_one(stage.program.context)
        if stage.state(number) is State.APPROVED:
            # The card that lets people stop it.
            stage.settle_messages()
    raise AssertionError("the execution did not begin")


def test_a_forbidden_video_is_named_as_refused_while_the_others_go(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER} {PARTNERS} {TOUR}")
    assert "VOD will probably refuse" in in_blocks(stage.card(number))
    stage.click("bo", "Approve", number)

    assert stage.outcomes(number) == {TEASER: "deleted", PARTNERS: "refused", TOUR: "deleted"}
    assert stage.vod.library.video(PARTNERS) is not None
    assert len(stage.vod.ledger.calls()) == 1
    results = in_blocks(stage.thread(number)[-1])
    assert f"({PARTNERS}): refused by VOD" in results
    assert "has no write permission for the application" in results
    assert_told_as_finished(stage, number, proposer="ana", tally="3 videos: 1 refused, 2 deleted")
    assert_lawful(stage)


def test_an_id_that_vod_does_not_know_is_left_out_and_the_card_says_so(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER} {NOBODY}")
    card = stage.card(number)
    assert "Not in this proposal" in in_blocks(card)
    assert f"{NOBODY}: not found in VOD" in in_blocks(card)
    assert buttons(card)[0] == "Approve: delete 1 video"
    stage.click("bo", "Approve", number)

    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert stage.vod.ledger.ids() == [TEASER]
    assert_lawful(stage)


HOPELESS = {
    f"video {NOBODY} {'1' * 32}": f"`{NOBODY}` (not found in VOD)",
    f"mezzanine {seed.NO_SOURCE.video_id}": f"`{seed.NO_SOURCE.video_id}`",
    f"stream {TEASER} {NOBODY}": f"the video has no stream `{NOBODY}`",
    f"stream {NOBODY} HD": f"there is no video `{NOBODY}` in VOD",
    f"stream {seed.BLOCKED.video_id} HD": "is not in status Normal",
    f"image {NOBODY}": f"`{NOBODY}` (not found in VOD)",
    f"image --of {NOBODY} all": f"there is no video `{NOBODY}` in VOD",
}


def test_where_nothing_can_be_deleted_nothing_is_posted_and_the_proposer_is_told(stage: Stage) -> None:
    for words, reason in HOPELESS.items():
        number = stage.propose("ana", words)
        assert stage.state(number) is State.FAILED
        told = stage.slack.dm("ana")[-1].text
        assert f"#{number} was not opened" in told
        assert reason in told
        assert f"#{number}: not opened for approval. " in audit_lines(stage, number)

    assert len(stage.slack.dm("ana")) == len(HOPELESS)
    assert stage.slack.messages("vod-deletions") == []
    assert_nothing_was_deleted(stage)


def test_a_video_removed_by_somebody_else_after_the_approval_is_told_as_already_gone(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER} {TOUR}")
    approve_and_stop_before_the_batch(stage, number)
    stage.vod.library.remove_video(TEASER)
    stage.settle()

    assert stage.outcomes(number) == {TEASER: "already gone", TOUR: "deleted"}
    assert stage.vod.ledger.ids() == [TOUR]
    assert f"({TEASER}): already gone, not deleted by this proposal" in in_blocks(stage.thread(number)[-1])
    assert_told_as_finished(stage, number, proposer="ana", tally="2 videos: 1 deleted, 1 already gone")
    assert_lawful(stage)


def test_what_changes_after_the_approval_is_held_back_with_its_change_and_the_rest_goes(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER} {TOUR}")
    approve_and_stop_before_the_batch(stage, number)
    stage.vod.library.change_video(TEASER, title="Spring launch teaser, final cut", tags=("keep",))
    stage.settle()

    assert stage.outcomes(number) == {TEASER: "changed", TOUR: "deleted"}
    assert stage.vod.ledger.ids() == [TOUR]
    assert stage.vod.library.video(TEASER) is not None
    told = in_blocks(stage.thread(number)[-1])
    assert f"({TEASER}): changed since approval, not deleted" in told
    assert "title was Spring launch teaser, is Spring launch teaser, final cut" in told
    (held,) = stage.events("items.held")
    assert held["data"]["items"][0][:2] == [TEASER, "changed"]
    assert_told_as_finished(stage, number, proposer="ana", tally="2 videos: 1 changed, 1 deleted")
    assert_lawful(stage)


def retitle(local_vod: VodSandbox) -> None:
    local_vod.library.change_video(TEASER, title="Spring launch teaser, final cut")


def remove(local_vod: VodSandbox) -> None:
    local_vod.library.remove_video(TEASER)


@pytest.mark.parametrize(
    ("change", "shown", "in_the_end"),
    [
        (retitle, "title was Spring launch teaser, is Spring launch teaser, final cut", {TEASER, TOUR}),
        (remove, f"{TEASER}: no longer in VOD", {TOUR}),
    ],
)
def test_a_click_on_what_has_changed_does_not_count_and_a_new_card_shows_the_change(
    stage: Stage, change: Callable[[VodSandbox], None], shown: str, in_the_end: set[str]
) -> None:
    number = stage.propose("ana", f"video {TEASER} {TOUR}")
    old = button_value(stage.card(number))
    change(stage.vod)
    stage.click("bo", "Approve", number)

    assert stage.state(number) is State.PENDING
    assert stage.view(number).row.revision == 2
    assert_nothing_was_deleted(stage)
    card = stage.card(number)
    assert button_value(card) != old
    assert "Changed since it was first shown" in in_blocks(card)
    for place in (in_blocks(card), stage.thread(number)[-1].text, stage.answers("bo")[-1]):
        assert shown in place
    (changed,) = stage.events("plan.changed")
    assert changed["data"]["digest"] == stage.view(number).row.digest

    # A client that still shows the old card cannot approve by it.
    stage.slack.click_message("cy", "vod-deletions", card.ts, ids.APPROVE, value=old)
    stage.settle()
    assert "has changed since the card you clicked" in stage.answers("cy")[-1]
    assert stage.events("vote.refused")[-1]["data"]["rule"] == "plan changed"
    assert_nothing_was_deleted(stage)

    # The same person may approve again, now that the change was shown.
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.FINISHED
    assert stage.outcomes(number) == dict.fromkeys(in_the_end, "deleted")
    assert set(stage.vod.ledger.ids()) == in_the_end
    assert_lawful(stage)


def test_a_new_stream_is_a_change_of_the_video(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    video = stage.vod.library.video(TEASER)
    other = stage.vod.library.video(TOUR)
    assert video is not None
    assert other is not None
    stage.vod.library.change_video(TEASER, streams=(*video.streams, other.streams[0]))
    stage.click("bo", "Approve", number)

    assert stage.state(number) is State.PENDING
    assert stage.view(number).row.revision == 2
    assert_nothing_was_deleted(stage)


def test_a_stream_that_appears_under_the_same_definition_is_not_deleted_unseen(stage: Stage) -> None:
    def transcode() -> str:
        video = stage.vod.library.video(TEASER)
        assert video is not None
        new = Stream("LD", status="Invisible")
        stage.vod.library.change_video(TEASER, streams=(*video.streams, new))
        return new.job_id

    number = stage.propose("ana", f"stream {TEASER} LD")
    first = transcode()
    stage.click("bo", "Approve", number)
    assert stage.view(number).row.revision == 2
    assert f"({first}): new in VOD" in in_blocks(stage.card(number))
    approve_and_stop_before_the_batch(stage, number)
    second = transcode()
    stage.settle()

    video = stage.vod.library.video(TEASER)
    assert video is not None
    assert first in stage.vod.ledger.ids()
    assert [stream.job_id for stream in video.streams if stream.definition == "LD"] == [second]
    assert_lawful(stage)


def test_images_that_appear_among_those_shown_hold_back_the_whole_kind(stage: Stage) -> None:
    """VOD deletes all images of a kind at once, so one more is more than was countersigned."""
    number = stage.propose("ana", f"image --of {TEASER} cover sprite")
    approve_and_stop_before_the_batch(stage, number)
    video = stage.vod.library.video(TEASER)
    assert video is not None
    more = {**video.snapshots, SnapshotKind.SPRITE: video.snapshots[SnapshotKind.SPRITE] + 1}
    stage.vod.library.change_video(TEASER, snapshots=more)
    stage.settle()

    assert stage.outcomes(number) == {"cover": "deleted", "sprite": "changed"}
    (call,) = stage.vod.ledger.calls()
    assert call.extras["ImageType"] == SnapshotKind.COVER


def test_what_two_approved_proposals_both_name_is_deleted_once(stage: Stage) -> None:
    numbers = [stage.propose("ana", f"video {TEASER}"), stage.propose("cy", f"video {TEASER} {TOUR}")]
    for number in numbers:
        approve_and_stop_before_the_batch(stage, number)
    stage.settle()

    assert stage.outcomes(numbers[0]) == {TEASER: "deleted"}
    assert stage.outcomes(numbers[1]) == {TEASER: "already gone", TOUR: "deleted"}
    assert sorted(stage.vod.ledger.ids()) == sorted([TEASER, TOUR])
    assert_lawful(stage)


def test_what_is_withdrawn_after_the_approval_and_before_the_deletion_is_not_deleted(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.click("bo", "Approve", match=f"#{number}")
    while stage.state(number) is not State.APPROVED:
        assert work.run_one(stage.program.context)
    stage.say("ana", f"/vod withdraw {number}")

    assert stage.state(number) is State.WITHDRAWN
    assert "Withdrawn" in stage.card(number).text
    assert_nothing_was_deleted(stage)


def test_a_proposal_whose_things_all_vanished_is_closed_and_both_people_are_told(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER} {TOUR}")
    stage.vod.library.remove_video(TEASER)
    stage.vod.library.remove_video(TOUR)
    stage.click("bo", "Approve", number)

    assert stage.state(number) is State.STALE
    assert "Nothing was deleted here" in stage.card(number).text
    assert buttons(stage.card(number)) == []
    for told in (stage.thread(number)[-1].text, stage.slack.dm("ana")[-1].text):
        assert f"#{number} is closed" in told
    assert stage.events("proposal.assets_gone") != []
    assert_nothing_was_deleted(stage)


def test_what_was_swapped_in_the_database_after_the_approval_is_not_deleted(stage: Stage) -> None:
    """The stored plan is checked against the digest that people countersigned, right before it is carried out."""
    number = stage.propose("ana", f"video {TEASER}")
    approve_and_stop_before_the_batch(stage, number)
    stage.database.write(
        lambda tx: tx.run("UPDATE plan_rows SET fields = replace(fields, :old, :new)", old=TEASER, new=KEYNOTE)
    )
    stage.settle()

    assert stage.outcomes(number) == {TEASER: "stopped"}
    assert stage.vod.ledger.calls() == ()
    assert "the stored plan is not the one that was approved" in in_blocks(stage.thread(number)[-1])


def test_approvals_erased_from_the_database_stop_the_execution(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    approve_and_stop_before_the_batch(stage, number)
    stage.database.write(
        lambda tx: tx.run("UPDATE votes SET voter = :proposer", proposer=stage.slack.user("ana").id)
    )
    for _ in range(50):
        work.run_one(stage.program.context)

    assert stage.vod.ledger.calls() == ()
    assert stage.outcomes(number) == {TEASER: "stopped"}

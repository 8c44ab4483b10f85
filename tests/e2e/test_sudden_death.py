"""An instance that dies between any two steps, and another that takes over: nothing lost, nothing done twice."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from deletion import work
from deletion.jobs.context import Context, Timings
from deletion.terms.states import State
from handlers.cards import ids
from handlers.views import answer, ask
from sandbox.vod import seed
from storage import Database, Tx
from tests.deletion.posting import nobody_sends
from tests.e2e.deletions import step_until
from tests.e2e.evidence import assert_lawful, assert_told_as_finished, in_blocks, value_for
from tests.e2e.lying import show_card
from tests.e2e.meddling import Meddled, nothing
from tests.harness.delegating import Delegating
from tests.stage import Opener, Stage

T = TypeVar("T")
TEASER = seed.SPRING_TEASER.video_id
A_MINUTE_AND_MORE = 61
"""After this long, whatever a dead instance held is free again."""


class Killed(BaseException):
    """What no handler in the program catches: the process is gone."""


class Mortal(Delegating):
    """A database whose program is killed around a write: just before its transaction, or just after its commit.

    ``dies_at`` is asked with the number of each write whether this is the one.
    """

    def __init__(self, database: Database, dies_at: Callable[[int], bool], *, committed: bool) -> None:
        super().__init__(database)
        self._dies_at = dies_at
        self._committed = committed
        self._writes = 0

    def write(self, work: Callable[[Tx], T], /) -> T:
        self._writes += 1
        dies = self._dies_at(self._writes)
        if dies and not self._committed:
            raise Killed
        result = self._database.write(work)
        if dies:
            raise Killed
        return result


def work_until_killed(ctx: Context) -> bool:
    """Do jobs until none is due; True when the instance was killed before that."""
    try:
        while work.run_one(ctx):
            pass
    except Killed:
        return True
    return False


@pytest.mark.parametrize("committed", [False, True], ids=["before a transaction", "after a transaction"])
def test_a_worker_killed_at_any_step_leaves_everything_to_the_next_one(stage: Stage, committed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    card = stage.card(stage.propose("ana", f"video {TEASER}"))
    stage.database.write(nobody_sends)
    for last in itertools.count(1):
        video = stage.vod.library.add_video(title=f"Take {last}", has_cover=False)
        stage.slack.say("ana", f"/vod delete video {video.video_id} --reason x")
        work_until_killed(stage.program.context)
        number = last + 1
        # For speed nothing is sent to Slack in between: the button is another card's, with this one's value.
        value = value_for(stage, number)
        stage.slack.click_message("bo", "vod-deletions", card.ts, ids.APPROVE, value)
        mortal = Mortal(stage.database, last.__eq__, committed=committed)
        mortal_ctx = replace(stage.program.context, database=mortal, owner=f"instance {last}")
        killed = work_until_killed(mortal_ctx)
        show_card(stage, number)
        killed = killed or work_until_killed(mortal_ctx)
        for _ in range(3):
            stage.clock.advance(A_MINUTE_AND_MORE)
            work_until_killed(stage.program.context)
            show_card(stage, number)
            work_until_killed(stage.program.context)

        assert stage.state(number) is State.FINISHED, last
        assert stage.outcomes(number) == {video.video_id: "deleted"}, last
        assert stage.vod.ledger.ids().count(video.video_id) == 1, last
        assert told_of(stage, number) == [
            "VoteRecorded",
            "vote.counted",
            "proposal.approved",
            "execution.started",
            "execution.finished",
            "execution.finished",
        ], last
        if not killed:
            break
    assert last > 10
    assert stage.verify().holds


def test_an_orphaned_call_is_given_time_to_take_effect_before_it_is_sent_again(open_stage: Opener) -> None:
    """VOD took the call and is slow about it; the instance that made it is gone before it could write that down."""
    stage = open_stage(timings=Timings(resend_after=600_000))
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.click("bo", "Approve", match=f"#{number}")
    stage.vod.faults.set("late", "DeleteVideo", times=1, seconds=3600)
    step_until(stage, lambda: stage.state(number) is State.APPROVED)
    stage.settle_messages()
    mortal = Mortal(stage.database, lambda _: bool(stage.vod.ledger.calls()), committed=False)
    assert work_until_killed(replace(stage.program.context, database=mortal, owner="the first"))
    stage.advance(A_MINUTE_AND_MORE)
    stage.advance(A_MINUTE_AND_MORE)
    assert stage.state(number) is State.EXECUTING
    stage.vod.library.settle()
    stage.advance(A_MINUTE_AND_MORE)

    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert stage.vod.ledger.ids() == [TEASER]
    assert [event["data"]["state"] for event in stage.events("call.adopted")] == ["unknown"]
    assert_lawful(stage)


def test_an_instance_that_comes_back_too_late_with_its_answer_changes_nothing(stage: Stage) -> None:
    """It was only slow: meanwhile another took its call over, read back what was gone, and finished."""
    number = stage.propose("ana", f"video {TEASER}")
    other = replace(stage.program.context, owner="the other")

    def take_over(_: int) -> None:
        stage.clock.advance(A_MINUTE_AND_MORE)
        work_until_killed(other)

    Meddled(stage, before=nothing, after=take_over)
    stage.click("bo", "Approve", number)

    assert len(stage.events("call.adopted")) == len(stage.events("call.fenced")) == 1
    assert stage.vod.ledger.ids() == [TEASER]
    assert_told_as_finished(stage, number, proposer="ana", tally="1 video: 1 deleted")
    assert_lawful(stage)


def told_of(stage: Stage, number: int) -> list[str]:
    """Return the events and notices that people are owed, or were told, of a proposal."""
    told = stage.database.read(
        lambda tx: tx.rows(
            "SELECT message FROM outbox "
            "WHERE proposal_id = :id AND kind IN ('thread', 'direct', 'private') ORDER BY id",
            id=number,
        )
    )
    actions = {
        row["seq"]: str(row["action"])
        for row in stage.database.read(lambda tx: tx.rows("SELECT seq, action FROM audit"))
    }
    messages = [json.loads(row["message"]) for row in told]
    return [each["notice"] if "notice" in each else actions[each["event"]] for each in messages]


def test_a_sender_killed_after_each_post_finds_it_and_does_not_post_again(stage: Stage) -> None:
    stage.slack.say("ana", f"/vod delete video {TEASER} --reason x")
    deaths = send_with_deaths(stage)
    stage.slack.click("bo", "Approve", match="#1")
    deaths += send_with_deaths(stage)

    assert deaths == posts(stage) > 5
    posted = [call for call in stage.slack.calls if call.method == "chat.postMessage"]
    assert len(posted) == len({repr(call.args["metadata"]) for call in posted})
    assert_told_as_finished(stage, 1, proposer="ana", tally="1 video: 1 deleted")
    assert_lawful(stage)


def test_a_question_and_its_answer_are_posted_once_whoever_is_killed_over_them(stage: Stage) -> None:
    """Written down and not posted: the next one posts it. Posted and not written down: it is found."""
    slack, number = stage.slack, stage.propose("ana", f"video {TEASER}")
    for who, button, field, text, told in (
        ("bo", "Ask", ask.INPUT_ID, "Why this one?", "ana"),
        ("ana", "Answer", answer.INPUT_ID, "The rights ended.", "bo"),
    ):
        slack.click(who, button, match=f"#{number}")
        slack.submit(who, {field: text})
        assert not [each for each in stage.thread(number) if text in in_blocks(each)], "it is only written down"
        before = posts(stage)
        assert send_with_deaths(stage) == posts(stage) - before > 0
        for place in (stage.thread(number), slack.dm(told)):
            (posted,) = [each for each in place if text in each.text]
            assert text in in_blocks(posted)

    assert [len(stage.events(action)) for action in ("question.asked", "question.answered")] == [1, 1]
    assert_lawful(stage)


@pytest.mark.parametrize("committed", [False, True], ids=["before a transaction", "after a transaction"])
def test_who_sends_a_question_again_because_the_instance_died_over_it_asks_once(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    committed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.click("bo", "Ask", match=f"#{number}")
    filled = stage.slack.modal("bo")
    write = stage.database.write

    def killed(work: Callable[[Tx], T]) -> T:
        if committed:
            write(work)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(stage.database, "write", killed)
        died = stage.slack.submit("bo", {ask.INPUT_ID: "Why this one?"}, filled)
    assert died.error is not None
    stage.slack.submit("bo", {ask.INPUT_ID: "Why this one?"}, filled)
    stage.settle()

    assert len([each for each in stage.thread(number) if "Why this one?" in each.text]) == 1
    assert len(stage.events("question.asked")) == 1
    assert_lawful(stage)


def send_with_deaths(stage: Stage) -> int:
    """Let each sender be killed right after its first post, and another come a minute later; return the deaths."""
    deaths = 0
    worked = True
    while worked:
        try:
            send_until_killed(stage)
        except Killed:
            deaths += 1
            stage.clock.advance(A_MINUTE_AND_MORE)
        else:
            worked = work.run_one(stage.program.context)
    return deaths


def send_until_killed(stage: Stage) -> None:
    """Send what is owed; Killed as soon as something was posted, before that could be written down."""
    before = posts(stage)
    mortal = Mortal(stage.database, lambda _: posts(stage) > before, committed=False)
    sender = stage.assemble_on(mortal).announcer
    while sender.step():
        pass


def posts(stage: Stage) -> int:
    """Return how many messages were posted so far."""
    return len([call for call in stage.slack.calls if call.method == "chat.postMessage"])

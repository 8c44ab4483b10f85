"""One long day of the whole bot in which everything that is ever told happens once."""

from dataclasses import replace

from deletion import work
from deletion.execution.calls import batches
from deletion.execution.calls.results import Answered
from deletion.terms import canonical, ramp
from deletion.terms.ids import CallId, ProposalNumber
from deletion.terms.states import State
from handlers.cards import ids
from sandbox.slack.model.messages import Draft
from sandbox.vod import seed
from storage import Tx
from storage.tables import calls, items
from storage.tables.calls import Intent
from storage.tables.items import Lane
from tests.stage import Stage

DAY_S = 25 * 3600


def play(stage: Stage) -> None:
    """Let everything happen that somebody is told of."""
    _ordinary(stage)
    _asked(stage)
    _refused(stage)
    _closed_by_people(stage)
    _unreadable(stage)
    _changed(stage)
    _slow(stage)
    _interrupted(stage)
    _stopped(stage)
    _counted_again(stage)
    _frozen(stage)
    _tried_alone(stage)
    _begun_slowly(stage)
    _long(stage)
    _silent(stage)
    _behind(stage)
    _from_files(stage)
    _flooded(stage)
    _refused_by_vod(stage)
    _mentioned(stage)
    _out_of_time(stage)


def propose(stage: Stage, *, title: str = "Story", count: int = 1) -> int:
    """Propose new videos of ana's."""
    ids = [stage.vod.library.add_video(title=f"{title} {n}", has_cover=False).video_id for n in range(count)]
    return stage.propose("ana", f"video {' '.join(ids)}")


def approve_only(stage: Stage, number: int) -> None:
    """Let bo approve, the approval count and the card be shown, but stop before anything is deleted."""
    stage.slack.click("bo", "Approve", match=f"#{number}")
    while stage.state(number) is State.PENDING:
        assert work.run_one(stage.program.context)
    stage.settle_messages()


def _ordinary(stage: Stage) -> None:
    stage.click("bo", "Approve", propose(stage, count=21))
    mixed = [seed.UNREMOVABLE.video_id, seed.SPRING_TEASER.video_id]
    number = stage.propose("ana", f"mezzanine {' '.join(mixed)}")
    stage.click("bo", "Approve", number)
    stage.slack.click_message("cy", "vod-deletions", stage.card(number).ts, ids.AGAIN)
    stage.settle()


def _asked(stage: Stage) -> None:
    number = propose(stage)
    stage.click("ana", "Ask", number)
    stage.click("bo", "Ask", number)
    stage.slack.submit("bo", {"question": "Why now?"})
    stage.settle()
    stage.click("bo", "Answer", number)
    stage.click("ana", "Answer", number)
    stage.slack.submit("ana", {"answer": "The rights ended."})
    stage.settle()
    stage.click("bo", "Approve with", number)
    stage.slack.submit("bo", {"comment": "Checked."})
    stage.settle()


def _refused(stage: Stage) -> None:
    stage.say("dee", f'/vod delete video {seed.SPRING_TEASER.video_id} --reason "tidying"')
    stage.say("dee", "/vod list")
    number = propose(stage)
    stage.click("ana", "Approve", number)
    stage.click("ana", "Reject", number)
    stage.click("bo", "Withdraw", number)
    stage.click("bo", "Approve", number, value="tampered")
    stage.slack.change_person("bo", is_restricted=True)
    stage.click("bo", "Approve", number)
    stage.slack.change_person("bo", is_restricted=False)
    stage.say("gus", "/vod list")


def _closed_by_people(stage: Stage) -> None:
    number = propose(stage)
    stage.click("cy", "Reject", number)
    stage.slack.submit("cy", {"why": "still in use"})
    stage.settle()
    stage.click("ana", "Withdraw", propose(stage))


def _unreadable(stage: Stage) -> None:
    stage.propose("ana", f"video {'0' * 32}")
    stage.vod.faults.set("unavailable", "BatchGetMediaInfos", times=1)
    number = propose(stage)
    stage.advance(60)
    stage.vod.faults.set("unavailable", "BatchGetMediaInfos", times=1)
    stage.click("bo", "Approve", number)
    stage.advance(60)


def _changed(stage: Stage) -> None:
    video = stage.vod.library.add_video(title="Draft")
    number = stage.propose("ana", f"video {video.video_id}")
    stage.vod.library.change_video(video.video_id, title="Final cut")
    stage.click("bo", "Approve", number)
    stage.vod.library.remove_video(video.video_id)
    stage.click("bo", "Approve", number)
    kept = stage.vod.library.add_video(title="Draft")
    number = stage.propose("ana", f"video {kept.video_id}")
    approve_only(stage, number)
    stage.vod.library.change_video(kept.video_id, title="Needed after all")
    stage.settle()


def _slow(stage: Stage) -> None:
    number = propose(stage)
    approve_only(stage, number)
    stage.vod.faults.set("unavailable", "BatchGetMediaInfos", times=3)
    stage.vod.faults.set("late", "DeleteVideo", times=1, seconds=3600)
    for _ in range(9):
        stage.advance(30)
    stage.vod.library.settle()
    stage.advance(60)


def _interrupted(stage: Stage) -> None:
    number = propose(stage)
    approve_only(stage, number)
    work.run_one(stage.program.context)
    stage.database.write(lambda tx: _leave_behind(tx, number))
    stage.settle()
    late = batches.Sending(CallId("b" * 32), ProposalNumber(number), ())
    fenced = Answered(request_id="late")
    stage.database.write(lambda tx: batches.complete(tx, stage.program.context, late, fenced))
    broken = propose(stage)
    approve_only(stage, broken)
    stage.database.write(lambda tx: tx.run("UPDATE plans SET plan = plan || ' ' WHERE proposal_id = :n", n=broken))
    stage.settle()


def _leave_behind(tx: Tx, number: int) -> None:
    """Leave what an instance leaves that was killed in the middle of a call."""
    waiting = items.next_pending(tx, Lane(number), 20)
    targets = canonical.dumps([item.target for item in waiting])
    calls.intend(tx, Intent("a" * 32, number, "DeleteVideo", targets, "killed", tx.now_ms() - 1))
    assert len(items.claim(tx, waiting, "a" * 32)) == len(waiting)


def _stopped(stage: Stage) -> None:
    stage.restart(COUNTERSIGN_HOLD_SECONDS="60", COUNTERSIGN_STOP_ON="changed")
    held = propose(stage)
    stage.click("bo", "Approve", held)
    stage.click("cy", "Stop", held)
    stage.say("dee", f"/vod stop {held}")
    stage.restart(COUNTERSIGN_HOLD_SECONDS="0")
    under_way = propose(stage, count=21)
    start_only(stage, under_way)
    assert work.run_one(stage.program.context)
    stage.say("ana", f"/vod stop {under_way}")
    by_itself = propose(stage, count=2)
    start_only(stage, by_itself)
    stage.vod.library.change_video(stage.view(by_itself).items[0].target, title="Needed after all")
    stage.settle()
    stage.restart(COUNTERSIGN_STOP_ON="none")


def _counted_again(stage: Stage) -> None:
    """Let a voter leave during the hold, Slack not know anybody for a while, and the settings ask for more."""
    stage.restart(COUNTERSIGN_HOLD_SECONDS="60")
    number = propose(stage)
    stage.click("bo", "Approve", number)
    stage.slack.change_person("bo", is_restricted=True)
    stage.slack.faults.add("http_503", "users.info", times=None)
    for _ in range(4):
        stage.advance(61)
    stage.slack.faults.clear()
    stage.advance(61)
    stage.slack.change_person("bo", is_restricted=False)
    stage.slack.faults.add("http_503", "users.info", times=None)
    stage.click("cy", "Approve", number)
    stage.slack.faults.clear()
    stage.advance(30)
    assert stage.state(number) is State.APPROVED
    stage.restart(COUNTERSIGN_APPROVALS_NEEDED="2")
    stage.settle()
    assert stage.state(number) is State.PENDING
    stage.click("ana", "Withdraw", number)
    stage.restart(COUNTERSIGN_APPROVALS_NEEDED="1", COUNTERSIGN_HOLD_SECONDS="0")


def _frozen(stage: Stage) -> None:
    stage.say("dee", "/vod thaw")
    number = propose(stage)
    approve_only(stage, number)
    stage.say("gus", "/vod freeze wrong folder")
    stage.say("dee", "/vod freeze")
    stage.say("ana", "/vod thaw")
    stage.say("ana", "/vod thaw")
    stage.slack.change_person("bo", is_restricted=True)
    stage.say("bo", "/vod thaw")
    stage.slack.change_person("bo", is_restricted=False)
    stage.say("bo", "/vod thaw")
    assert stage.state(number) is State.FINISHED


def _tried_alone(stage: Stage) -> None:
    stage.click("bo", "Approve", propose(stage, count=50))
    stage.vod.faults.set("kept", "DeleteVideo", times=1)
    number = propose(stage, count=50)
    stage.click("bo", "Approve", number)
    for _ in range(12):
        stage.advance(60)
    assert stage.view(number).tally == {"accepted": 1, "stopped": 49}


def _begun_slowly(stage: Stage) -> None:
    context = stage.program.context
    slowly = replace(context.config.policy, ramp=ramp.read("1 for 1s"))
    context = replace(context, config=replace(context.config, policy=slowly))
    number = propose(stage, count=50)
    approve_only(stage, number)
    while stage.state(number) is State.APPROVED:
        assert work.run_one(context)
    for _ in range(6):
        stage.advance(2)
    assert stage.state(number) is State.FINISHED


def _long(stage: Stage) -> None:
    number = propose(stage, count=100)
    start_only(stage, number)
    while not stage.view(number).progress.done:
        assert work.run_one(stage.program.context)
    stage.clock.advance(61)
    stage.settle()
    assert stage.state(number) is State.FINISHED


def _silent(stage: Stage) -> None:
    """Let the audit channel take no posts for a while, and Slack not answer for a moment."""
    for method in ("chat.postMessage", "chat.update"):
        stage.slack.faults.add("error", method, error="restricted_action", times=None, channel="vod-audit")
    number = propose(stage)
    approve_only(stage, number)
    for _ in range(3):
        stage.advance(30)
    assert stage.state(number) is State.APPROVED
    stage.slack.faults.clear()
    for _ in range(2):
        stage.advance(30)
    assert stage.state(number) is State.FINISHED
    number = propose(stage)
    approve_only(stage, number)
    stage.slack.faults.add("http_503", "conversations.info", times=2)
    stage.settle()
    stage.advance(60)
    assert stage.state(number) is State.FINISHED


def _behind(stage: Stage) -> None:
    """Let the audit channel be unreadable for a while, and then show a head that the record does not have."""
    number = propose(stage)
    approve_only(stage, number)
    stage.slack.faults.add("error", "conversations.history", times=4, error="not_in_channel")
    for _ in range(6):
        stage.advance(60)
    assert stage.state(number) is State.FINISHED
    number = propose(stage)
    approve_only(stage, number)
    facts = {"seq": 10**6, "hash": "0" * 64, "record": stage.view(number).record}
    metadata = {"event_type": ids.METADATA_EVENT, "event_payload": facts}
    channel = stage.slack.channel("vod-audit").id
    lost = stage.slack.workspace.post(channel, Draft(user=stage.slack.bot_user_id, text="lost", metadata=metadata))
    stage.settle()
    for who in ("bo", "cy"):
        stage.slack.click(who, "This record is the true one", match="Everything is held")
        stage.settle()
    assert stage.state(number) is State.FINISHED
    stage.slack.workspace.remove(lost)


def _from_files(stage: Stage) -> None:
    """Give a list that is right, one that is none, one with more than ten slips, and one that is too long."""
    video = stage.vod.library.add_video(title="Listed").video_id
    slips = "\n".join(f"{video[:30]}{n:02}x" for n in range(11))
    too_many = "\n".join(f"{n:032x}" for n in range(101))
    for content in (video, "%PDF", slips, too_many):
        stage.say("ana", "/vod delete --file")
        file = stage.slack.upload("ana", "list.csv", content.encode())
        stage.send_form("ana", {"file": file.id, "level": "video", "reason": "tidying"})
        stage.settle()


def _flooded(stage: Stage) -> None:
    """Let somebody be refused so often that it is counted."""
    for _ in range(12):
        stage.slack.say("dee", "/vod delete video")
    stage.settle()
    stage.advance(10 * 60 + 1)


def start_only(stage: Stage, number: int) -> None:
    """Let bo approve and the deletion begin, but nothing be sent yet."""
    approve_only(stage, number)
    while stage.state(number) is State.APPROVED:
        assert work.run_one(stage.program.context)


def _refused_by_vod(stage: Stage) -> None:
    """Tell an operator that VOD refuses an action, and that it does no more."""
    stage.restart(COUNTERSIGN_OPERATORS="U0DEE7H4PVC")
    watch = stage.program.watch
    assert watch is not None
    stage.vod.faults.set("forbidden_ram", "BatchGetMediaInfos", times=1)
    for _ in range(2):
        stage.say("ana", f"/vod withdraw {propose(stage)}")
        watch.look()
        stage.settle()


def _mentioned(stage: Stage) -> None:
    """Mention approvers, and remind them the next morning."""
    stage.until(2, 12)
    stage.restart(COUNTERSIGN_MENTION="approvers", COUNTERSIGN_REMINDERS="yes")
    number = propose(stage)
    stage.until(3, 10)
    stage.click("bo", "Reject", number)
    stage.slack.submit("bo", {"why": "not now"})
    stage.settle()
    stage.restart(COUNTERSIGN_MENTION="nobody", COUNTERSIGN_REMINDERS="no")


def _out_of_time(stage: Stage) -> None:
    unread = propose(stage)
    approve_only(stage, unread)
    stage.vod.faults.set("unavailable", "BatchGetMediaInfos")
    stage.settle()
    stage.advance(DAY_S)
    stage.vod.faults.clear()
    approve_only(stage, propose(stage))
    stage.advance(DAY_S)
    propose(stage)
    stage.advance(DAY_S)

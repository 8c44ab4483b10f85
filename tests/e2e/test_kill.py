"""The running program killed with -9 in the middle of its work, started again, and asked to end."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import verification
from deletion.states import State
from deletion.views import ProposalView, proposal
from sandbox.slack import SlackSandbox
from sandbox.vod import FaultKind, VodSandbox
from tests.e2e.running import RunningBot, wait_for

Starter = Callable[..., RunningBot]


@pytest.fixture
def started(local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path) -> Iterator[Starter]:
    """Start bots with settings of the test's own; none outlives the test."""
    bots: list[RunningBot] = []
    local_slack.rate.enabled = False

    def starter(**settings: str) -> RunningBot:
        bots.append(RunningBot(local_slack, local_vod, tmp_path, **settings))
        bots[-1].start()
        return bots[-1]

    yield starter
    for bot in bots:
        bot.close()


def view(bot: RunningBot, number: int) -> ProposalView:
    found = bot.database.read(lambda tx: proposal(tx, number))
    assert found is not None
    return found


def outcomes(bot: RunningBot, number: int) -> dict[str, str | None]:
    return {item.target: item.outcome for item in view(bot, number).items}


def propose(slack: SlackSandbox, bot: RunningBot, ids: list[str]) -> int:
    """Propose videos and wait for the card, and for the list that may go with it."""
    delivery = slack.say("ana", f"/vod delete video {' '.join(ids)} --reason x")
    assert delivery.reply is not None
    number = int(delivery.reply.text.split()[1].removeprefix("#"))
    wait_for(lambda: view(bot, number).row.card_ts is not None and all_is_told(bot), f"the card of #{number}")
    return number


def all_is_told(bot: RunningBot) -> bool:
    """Say whether no message is owed and the audit channel knows the newest event."""
    owed = bot.database.read(lambda tx: tx.one("SELECT count(*) AS n FROM outbox WHERE state <> 'sent'"))
    news = bot.database.read(
        lambda tx: tx.one(
            "SELECT (SELECT max(seq) FROM anchors) < (SELECT max(seq) FROM audit) AS yes",
        )
    )
    return owed == {"n": 0} and news == {"yes": 0}


def assert_all_was_said_once(slack: SlackSandbox, bot: RunningBot, numbers: list[int]) -> None:
    """Hold that every event and every result is told, in order, and that nothing is told twice."""
    audit = "\n".join(message.text for message in slack.messages("vod-audit"))
    report = verification.verify(bot.database)
    assert report.holds, report.text()
    assert [int(n) for n in re.findall(r"^`(\d+)` ", audit, re.MULTILINE)] == list(range(1, report.events + 1))
    for number in numbers:
        thread = slack.thread("vod-deletions", str(view(bot, number).row.card_ts))[1:]
        told = Counter(message.text for message in thread)
        assert [text for text, times in told.items() if times > 1] == []
        assert len([text for text in told if f"#{number} is finished" in text]) == 1
        assert len([m for m in slack.dm("ana") if f"#{number} is finished" in m.text]) == 1
    assert len(slack.messages("vod-deletions")) == len(numbers)


def test_everything_approved_is_deleted_once_although_the_program_was_killed_at_several_points(
    local_slack: SlackSandbox, local_vod: VodSandbox, started: Starter
) -> None:
    """Killed with one vote uncounted, one call in flight, one call's answer lost, and one call turned away."""
    bot = started(COUNTERSIGN_MAX_GIGABYTES="100000")
    free = [video.video_id for video in local_vod.library.videos() if not video.forbidden]
    uncounted, in_flight, second_batch, turned_away = [free[0]], free[1:3], free[3:28], [free[28]]
    lists = [uncounted, in_flight, second_batch, turned_away]
    numbers = [propose(local_slack, bot, ids) for ids in lists]
    local_vod.faults.set(FaultKind.TIMEOUT, "BatchGetMediaInfos", times=1, ids=uncounted, seconds=30)
    local_vod.faults.set(FaultKind.TIMEOUT, "DeleteVideo", times=1, ids=in_flight, seconds=30)
    local_vod.faults.set(FaultKind.TIMEOUT, "DeleteVideo", times=1, ids=second_batch[20:], seconds=30)
    local_vod.faults.set(FaultKind.RESET_BEFORE, "DeleteVideo", times=1, ids=turned_away)
    for number in numbers:
        local_slack.click("bo", "Approve", match=f"#{number}")
    wait_for(lambda: len(local_vod.ledger.calls()) == 4, "all four calls have reached VOD")
    bot.kill()
    assert {view(bot, number).state for number in numbers} <= {State.PENDING, State.APPROVED, State.EXECUTING}

    bot.let_leases_run_out("jobs", "calls", "lanes")
    bot.start()
    wait_for(lambda: all(view(bot, n).state is State.FINISHED for n in numbers), "all are finished")
    wait_for(lambda: all_is_told(bot), "all is told")
    assert bot.end() == 0

    for number, ids in zip(numbers, lists, strict=True):
        assert outcomes(bot, number) == dict.fromkeys(ids, "deleted")
        assert [video_id for video_id in ids if local_vod.library.video(video_id)] == []
    sent = Counter(local_vod.ledger.ids())
    assert {video_id for video_id, times in sent.items() if times > 1} == set(turned_away)
    assert sent[turned_away[0]] == 2
    assert_all_was_said_once(local_slack, bot, numbers)


def test_a_program_killed_again_and_again_gets_there_and_ends_when_asked(
    local_slack: SlackSandbox, local_vod: VodSandbox, started: Starter
) -> None:
    """Each time another call has reached VOD, whatever else is going on just then."""
    bot = started(COUNTERSIGN_LEASE_SECONDS="2", COUNTERSIGN_MAX_GIGABYTES="100000")
    ids = [video.video_id for video in local_vod.library.videos() if not video.forbidden][:45]
    number = propose(local_slack, bot, ids)
    local_slack.click("bo", "Approve", match=f"#{number}")
    for calls in (1, 2):
        wait_for(lambda calls=calls: len(local_vod.ledger.calls()) >= calls, f"call {calls}")  # type: ignore[misc] # mypy cannot infer a lambda's default
        bot.kill()
        bot.let_leases_run_out("lanes")
        bot.start()
    wait_for(lambda: view(bot, number).state is State.FINISHED, "it is finished")
    wait_for(lambda: all_is_told(bot), "all is told")
    assert bot.end() == 0

    assert outcomes(bot, number) == dict.fromkeys(ids, "deleted")
    assert Counter(local_vod.ledger.ids()) == dict.fromkeys(ids, 1)
    assert_all_was_said_once(local_slack, bot, [number])
    assert "Traceback" not in bot.log


def test_a_program_asked_to_end_in_the_middle_ends_cleanly_and_goes_on_later(
    local_slack: SlackSandbox, local_vod: VodSandbox, started: Starter
) -> None:
    bot = started(LOG_LEVEL="INFO", COUNTERSIGN_MAX_GIGABYTES="100000")
    ids = [video.video_id for video in local_vod.library.videos() if not video.forbidden][:25]
    number = propose(local_slack, bot, ids)
    local_vod.faults.set(FaultKind.TIMEOUT, "DeleteVideo", times=1, seconds=1)
    local_slack.click("bo", "Approve", match=f"#{number}")
    wait_for(lambda: len(local_vod.ledger.calls()) == 1, "the first call has reached VOD")
    assert bot.end() == 0
    assert '"clean": true' in bot.log
    assert "Traceback" not in bot.log
    assert view(bot, number).state is State.EXECUTING
    calls = bot.database.read(lambda tx: tx.rows("SELECT state FROM calls"))
    assert [call["state"] for call in calls] == ["done"]

    bot.start()
    wait_for(lambda: view(bot, number).state is State.FINISHED, "it is finished")
    wait_for(lambda: all_is_told(bot), "all is told")
    assert bot.end() == 0
    assert Counter(local_vod.ledger.ids()) == dict.fromkeys(ids, 1)
    assert_all_was_said_once(local_slack, bot, [number])

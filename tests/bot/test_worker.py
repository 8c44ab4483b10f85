import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bot.runtime.worker import Bell, Stop, Turns, Worker
from deletion import work
from deletion.audit.messages.delivery import Share
from deletion.plan.library.quota import StopRequestedError
from handlers.outbox.announcer import Announcer
from sandbox.vod import seed
from tests.bot.conftest import Logged
from tests.stage import Stage

LONG_S = 3600.0
SOON_S = 10.0


class Aside:
    """Runs something in a thread, and says whether it came to an end."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._thread = threading.Thread(target=act, daemon=True)
        self._thread.start()

    def ended(self, within_s: float = SOON_S) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()


class StuckAnnouncer(Announcer):
    """An announcer whose message never goes out, until it is let go."""

    def __init__(self) -> None:
        # It sends nothing, so it needs nothing of what an announcer sends with.
        self.begun, self.let_go = threading.Event(), threading.Event()

    def step(self, share: Share = Share.ALL) -> bool:  # noqa: ARG002 - as an announcer
        self.begun.set()
        self.let_go.wait(SOON_S)
        return False


@pytest.fixture
def working(stage: Stage) -> Iterator[Worker]:
    """Return the worker of a stage, to be started by the test; it is ended with the test."""
    worker = stage.program.worker
    yield worker
    stage.program.stop.request()
    assert worker.join(SOON_S)


def test_a_ring_while_somebody_is_busy_is_not_missed() -> None:
    bell = Bell()
    heard = bell.heard()
    bell.ring()

    assert Aside(lambda: bell.wait(heard, LONG_S)).ended()


def test_a_ring_that_was_heard_does_not_wake_anybody_again() -> None:
    bell = Bell()
    bell.ring()
    waiting = Aside(lambda: bell.wait(bell.heard(), LONG_S))

    assert not waiting.ended(within_s=0.05)
    bell.ring()
    assert waiting.ended()


def test_a_ring_wakes_everybody() -> None:
    bell, begun = Bell(), threading.Barrier(6)

    def wait() -> None:
        heard = bell.heard()
        begun.wait(SOON_S)
        bell.wait(heard, LONG_S)

    waiting = [Aside(wait) for _ in range(5)]
    begun.wait(SOON_S)
    bell.ring()

    assert all(each.ended() for each in waiting)


def test_without_a_ring_the_wait_ends_with_its_time() -> None:
    bell = Bell()

    assert Aside(lambda: bell.wait(bell.heard(), 0.01)).ended()


def test_a_sleeper_is_told_at_once_that_the_program_ends() -> None:
    stop, begun, told = Stop(), threading.Event(), threading.Event()

    def sleep() -> None:
        begun.set()
        try:
            stop.sleep(LONG_S)
        except StopRequestedError:
            told.set()

    sleeper = Aside(sleep)
    begun.wait(SOON_S)
    stop.request()

    assert sleeper.ended()
    assert told.is_set()


def test_nobody_sleeps_any_more_once_the_end_was_asked_for() -> None:
    stop = Stop()
    stop.sleep(0)
    stop.request()

    assert stop.requested
    with pytest.raises(StopRequestedError):
        stop.sleep(LONG_S)
    assert Aside(stop.wait).ended()


def test_the_threads_do_the_whole_job_without_being_asked(stage: Stage, working: Worker) -> None:
    working.start(jobs=True)
    video = seed.SPRING_TEASER.video_id
    stage.slack.say("ana", f'/vod delete video {video} --reason "rights expired"')
    assert stage.slack.wait_until(lambda: _shows_buttons(stage), SOON_S)
    stage.slack.click("bo", "Approve", match="#1")

    assert stage.slack.wait_until(lambda: bool(stage.slack.find("1 deleted")), SOON_S)
    assert stage.vod.ledger.ids() == [video]
    assert working.works


def test_a_turn_that_fails_is_logged_and_the_next_ones_go_on(stage: Stage, working: Worker, logged: Logged) -> None:
    stage.database.write(lambda tx: tx.run("ALTER TABLE jobs RENAME TO jobs_away"))
    working.start(jobs=True)
    entry = logged.until("worker.turn_failed", times=stage.settings.countersign_worker_threads)
    stage.database.write(lambda tx: tx.run("ALTER TABLE jobs_away RENAME TO jobs"))
    stage.slack.say("ana", f'/vod delete video {seed.SPRING_TEASER.video_id} --reason "rights expired"')

    assert stage.slack.wait_until(lambda: _shows_buttons(stage), SOON_S)
    assert entry["exc_info"]
    assert entry["thread"].startswith("job-")


def test_a_process_that_only_listens_sends_messages_and_leaves_the_jobs(stage: Stage, working: Worker) -> None:
    stage.slack.say("ana", f'/vod delete video {seed.SPRING_TEASER.video_id} --reason "rights expired"')
    stage.slack.say("ana", f'/vod delete video {seed.WAREHOUSE_TOUR.video_id} --reason "rights expired"')
    assert work.run_one(stage.program.context)
    working.start(jobs=False)

    assert stage.slack.wait_until(lambda: _shows_buttons(stage), SOON_S)
    assert not working.works
    assert stage.view(2).row.state == "collecting"


def test_a_thread_that_does_not_end_in_time_is_reported(stage: Stage) -> None:
    stuck, bell, stop = StuckAnnouncer(), Bell(), Stop()
    worker = Worker(
        stage.program.context,
        stuck,
        profiles=stage.program.profiles,
        bell=bell,
        stop=stop,
        turns=Turns(stop),
        threads=1,
    )
    worker.start(jobs=False)
    stuck.begun.wait(SOON_S)
    stop.request()

    assert not worker.join(0.01)
    stuck.let_go.set()
    assert worker.join(SOON_S)


def test_the_end_wakes_threads_that_have_nothing_to_do(stage: Stage, working: Worker) -> None:
    working.start(jobs=True)
    started = time.monotonic()
    stage.program.stop.request()

    assert working.join(SOON_S)
    assert time.monotonic() - started < SOON_S / 2


def _shows_buttons(stage: Stage) -> bool:
    blocks = [block for message in stage.slack.messages("vod-deletions") for block in message.blocks]
    return any(block["type"] == "actions" for block in blocks)


def test_a_thread_whose_turn_gets_somewhere_is_not_stuck_and_hears_of_the_end() -> None:
    stop = Stop()
    turns, me = Turns(stop), threading.current_thread().name
    assert turns.idle_s == 0
    assert turns.go_on()
    assert turns.idle_s == 0
    turns._since_s |= {me: time.monotonic() - 500, "another": time.monotonic() - 100}
    assert turns.go_on()
    assert 100 <= turns.idle_s < 500
    stop.request()
    assert not turns.go_on()

"""Somebody who holds the record and does not go on: people are told in time, and nothing is lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deletion.terms.states import State
from demo.bot_process import surroundings
from sandbox.vod import seed
from tests.e2e.conftest import Starter
from tests.e2e.evidence import assert_lawful, refusals
from tests.e2e.running import measured, wait_for
from tests.e2e.test_click_storm import at_once, clicks

TEASER = seed.SPRING_TEASER.video_id

STALLED = """
import os, signal, sys, storage
from storage.tables import audit_log, proposals

def work(tx):
    if len(sys.argv) > 2:
        proposals.lock(tx, int(sys.argv[2]))
    else:
        audit_log.head(tx, locked=True)
    os.kill(os.getpid(), signal.SIGSTOP)

storage.parse(sys.argv[1]).open().write(work)
"""
"""An instance that is stopped in the middle of a write, as by a machine that is put to sleep.

It holds the head of the log, or the proposal of this number.
"""


@contextmanager
def stalled_instance(url: str, *number: str) -> Iterator[None]:
    """Let another process hold the record, or one proposal, stopped; it is gone at the end."""
    process = subprocess.Popen([sys.executable, "-c", STALLED, url, *number], env=surroundings({}))
    try:
        wait_for(lambda: is_stopped(process.pid), "the instance is stopped in its transaction")
        yield
    finally:
        process.kill()
        process.wait()


def is_stopped(process_id: int) -> bool:
    return os.waitid(os.P_PID, process_id, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_clicks_and_commands_are_answered_in_time_while_an_instance_is_stopped_in_a_write(
    engine: str, started: Starter
) -> None:
    running = started(engine)
    number = running.propose(f"video {TEASER}")
    with stalled_instance(running.database_url):
        pressed = at_once(clicks(running, number, ["bo", "cy", "dee", "ana"] * 2))
        typed = running.slack.say("cy", "/vod freeze now")
        read = running.slack.say("cy", "/vod list")
    deliveries = [*pressed, typed, read]
    measured(f"{engine}: the slowest was answered after {max(each.elapsed_s for each in deliveries):.2f} s")

    assert {(each.status, each.error) for each in deliveries} == {(200, None)}
    for click in pressed:
        (answer,) = running.slack.answers(click)
        assert "Do it once more in a few seconds" in answer.text
    assert typed.reply is not None
    assert "Do it once more in a few seconds" in typed.reply.text
    assert read.reply is not None
    assert f"#{number}" in read.reply.text

    assert running.events("vote.cast") == running.events("vote.refused") == running.events("freeze.begun") == []
    assert running.slack.click("bo", "Approve", match=f"#{number}").error is None
    wait_for(lambda: running.state(number) is State.FINISHED and running.all_is_told(), "it is finished and told")
    assert running.vod.ledger.ids() == [TEASER]
    assert_lawful(running)


def test_who_clicks_in_vain_waits_for_nobody_who_acts_on_the_proposal(started: Starter) -> None:
    running = started("postgres", COUNTERSIGN_APPROVALS_NEEDED="2")
    number = running.propose(f"video {TEASER}")
    running.slack.click("bo", "Approve", match=f"#{number}")
    wait_for(lambda: len(running.events("vote.counted")) == 1, "it is counted")
    rules = {"ana": "own proposal", "bo": "already approved", "gus": "not an approver"}
    with stalled_instance(running.database_url, str(number)):
        pressed = at_once(clicks(running, number, list(rules)))
        wait_for(lambda: len(running.events("vote.refused")) == len(rules), "all of them are refused")
    assert {(click.status, click.error) for click in pressed} == {(200, None)}
    told = {running.slack.user(who).id: rule for who, rule in rules.items()}
    assert {who: rule for _, who, rule in refusals(running, "vote.refused")} == told
    wait_for(running.all_is_told, "all of it is told")
    assert_lawful(running)

"""Stops and freezes under attack are measured, and a limit that was missed is told."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import brakes
from benchmarks.attacks import SHORT, Attack
from benchmarks.braking import Braked, Transport, measure

GOOD = Braked(4, answered_s=0.1, seen_s=0.2, in_effect_s=0.1, left=580)


def test_a_stop_and_a_freeze_take_effect_at_once_however_slow_slack_is(tmp_path: Path) -> None:
    found = measure(Attack.SLOW, Transport.HTTP, f"sqlite:///{tmp_path}/record.db", SHORT)

    assert list(brakes.misses(Attack.SLOW, found)) == []
    assert [bool(each.number) for each in found] == [True, True, False]
    assert all(each.left for each in found[:2])


@pytest.mark.parametrize(
    ("found", "missed"),
    [
        (GOOD, []),
        (replace(GOOD, number=0, left=0), []),
        (replace(GOOD, answered_s=None), ["the stop of #4 was not answered in time"]),
        (replace(GOOD, number=0, answered_s=3.1), ["a freeze was not answered in time"]),
        (replace(GOOD, seen_s=None), ["the answer to the stop of #4 was not seen in time"]),
        (replace(GOOD, in_effect_s=None), ["the stop of #4 did not take effect in time"]),
        (replace(GOOD, left=0), ["nothing was left to stop of #4"]),
        (replace(GOOD, journalled=2), ["2 call(s) were journalled after the stop of #4"]),
        (replace(GOOD, arrived=3, late=1), ["1 call(s) reached VOD after the stop of #4"]),
        (replace(GOOD, arrived=2), []),
    ],
)
def test_each_limit_that_was_missed_is_told(found: Braked, missed: list[str]) -> None:
    assert list(brakes.misses(Attack.NONE, [found])) == missed


def test_an_answer_that_slack_keeps_is_not_held_against_the_bot() -> None:
    kept = replace(GOOD, seen_s=14.0)
    assert [list(brakes.misses(attack, [kept])) for attack in (Attack.SLOW, Attack.AWAY)] == [[], []]
    assert list(brakes.misses(Attack.FLOOD, [kept]))


@pytest.mark.parametrize(("late", "exit_code"), [(0, 0), (1, 1)])
def test_the_table_ends_with_what_was_missed(monkeypatch: pytest.MonkeyPatch, late: int, exit_code: int) -> None:
    monkeypatch.setattr(
        brakes, "measure", lambda *_: [replace(GOOD, arrived=3, late=late), replace(GOOD, number=0)]
    )

    result = CliRunner().invoke(brakes.main, ["--engine", "sqlite", "--over", "HTTP", "--only", "none"])

    assert result.exit_code == exit_code, result.output
    assert "| nothing | HTTP | SQLite | 1 + 1 | 0.10 s | 0.20 s | 0.10 s | 0 |" in result.output
    assert ("MISSED" in result.output) is bool(late)

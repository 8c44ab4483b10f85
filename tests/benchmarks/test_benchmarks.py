"""The measurements can be taken: a small deletion on both engines, and every part of the store for a moment."""

import re

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as bench
from benchmarks import store


def test_everything_is_measured_on_both_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SECONDS", 0.05)

    options = ("--videos", "61", "--script-videos", "5", "--ramp", "1 for 1s, 20 for 1s")
    result = CliRunner().invoke(bench.main, options, catch_exceptions=False)

    assert result.exit_code == 0, result.output
    assert len(re.findall("audit events, 8 writers .*/s", result.output)) == 2
    assert len(re.findall(r"deleted, all of it .* calls 4 \(1\.000 of ceil", result.output)) == 2
    for told in (
        "  read .* of quota",
        "  counted .* of quota",
        "memory at its highest: worker [0-9]+",
        "  Approve .* seen",
    ):
        assert len(re.findall(told, result.output)) == 2, result.output
    assert "script, one by one" in result.output

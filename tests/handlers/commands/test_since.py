"""The options of `/vod list`."""

import pytest

from handlers.commands.syntax import since
from handlers.commands.syntax.problems import Problems, Wrong
from handlers.commands.syntax.since import Listed, Since

DAY_MS = 86_400_000
NEW_YEAR_MS = 1_767_225_600_000


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Listed()),
        ("--mine", Listed(mine=True)),
        ("mine", Listed(mine=True)),
        ("--done --mine", Listed(mine=True, done=True)),
        ("—done", Listed(done=True)),
        ("Done", Listed(done=True)),
        ("--since 7d", Listed(since=Since(ago_ms=7 * DAY_MS))),
        ("--since=12h", Listed(since=Since(ago_ms=DAY_MS // 2))),
        ("--since 2weeks", Listed(since=Since(ago_ms=14 * DAY_MS))),
        ("--since 2026-01-01 --done", Listed(done=True, since=Since(at_ms=NEW_YEAR_MS))),
        ("--since 2026-01-01+08:00", Listed(since=Since(at_ms=NEW_YEAR_MS - 8 * 3_600_000))),
        ("--since 2026-01-01T12:00Z", Listed(since=Since(at_ms=NEW_YEAR_MS + DAY_MS // 2))),
    ],
)
def test_options_are_understood_in_any_order(typed: str, meant: Listed) -> None:
    assert since.parse(typed.split()) == meant


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("--since", Wrong.SINCE),
        ("--since yesterday", Wrong.SINCE),
        ("--since 01/02/2025", Wrong.SINCE),
        ("--since 2026-13-01", Wrong.SINCE),
        ("--since 1d --since 2d", Wrong.OPTION_REPEATED),
        ("--min", Wrong.UNKNOWN_OPTION),
        ("4", Wrong.UNKNOWN_OPTION),
    ],
)
def test_what_is_not_understood_is_named(typed: str, wrong: Wrong) -> None:
    found = since.parse(typed.split())
    assert isinstance(found, Problems)
    assert found.found[0].code is wrong


def test_a_misspelt_option_is_suggested() -> None:
    found = since.parse(["--min"])
    assert isinstance(found, Problems)
    assert found.found[0].nearest == "--mine"


def test_an_age_before_time_began_is_ever() -> None:
    assert Since(ago_ms=99_999 * 7 * DAY_MS).moment_ms(NEW_YEAR_MS) == 0

"""Every operation of VOD's that the bot uses in every way to go wrong: what two things end as, held to be true.

A cell says the words of both things (one stands for both if they are the same) and the number of delete calls.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from sandbox.vod import PICTURE, FaultKind, suits
from sandbox.vod.wire.deletes import DELETES
from sandbox.vod.wire.reads import READS
from tests.e2e.evidence import assert_lawful
from tests.e2e.lying import LEVELS, Ending, Lie, delete_under, stage_of_liars, tell

Cells = dict[FaultKind, tuple[str, str]]
"""What comes of a lie that is told once, and of one that is told for ever ("" where that is the same)."""

DELETE: Cells = {
    FaultKind.THROTTLE: ("deleted / 2", "stopped / 4"),
    FaultKind.UNAVAILABLE: ("deleted / 2", "failed / 3"),
    FaultKind.INTERNAL: ("deleted / 2", "failed / 3"),
    FaultKind.RESET_BEFORE: ("deleted / 2", "failed / 3"),
    FaultKind.RESET_AFTER: ("deleted / 1", ""),
    FaultKind.TIMEOUT: ("deleted / 1", ""),
    FaultKind.KEPT: ("accepted / 1", ""),
    FaultKind.DELETED_BUT_503: ("deleted / 1", ""),
    FaultKind.LATE: ("deleted / 1", ""),
    FaultKind.PARTIAL: ("deleted, accepted / 1", ""),
    FaultKind.PARTIAL_BUT_503: ("deleted / 2", "deleted, failed / 3"),
    FaultKind.NOT_FOUND: ("deleted / 2", "unknown / 3"),
    FaultKind.FORBIDDEN_RAM: ("refused / 1", ""),
    FaultKind.SUSPENDED: ("refused / 1", ""),
    FaultKind.REJECTED: ("deleted / 2", "failed / 3"),
    FaultKind.KEY_UNKNOWN: ("refused / 1", ""),
    FaultKind.CLOCK_OFF: ("refused / 1", ""),
    FaultKind.SIGNATURE_ODD: ("deleted / 2", "failed / 3"),
    FaultKind.NONCE_USED: ("deleted / 1", ""),
    FaultKind.GARBAGE: ("deleted / 1", ""),
    FaultKind.EMPTY_BODY: ("deleted / 1", ""),
    FaultKind.REDIRECT: ("deleted / 2", "failed / 3"),
    FaultKind.PAGE_404: ("deleted / 2", "failed / 3"),
    FaultKind.BAD_GATEWAY: ("deleted / 1", ""),
    FaultKind.NOT_UTF8: ("deleted / 1", ""),
    FaultKind.LIST_AS_STRING: ("deleted / 1", ""),
    FaultKind.LIST_NULL: ("deleted / 1", ""),
    FaultKind.LIST_MISSING: ("deleted / 1", ""),
    FaultKind.LISTS_LOST: ("deleted / 1", ""),
}
"""The delete call itself goes wrong. What VOD calls gone and shows may be either."""

RE_READ: Cells = {
    FaultKind.THROTTLE: ("deleted / 1", "stopped / 0"),
    FaultKind.UNAVAILABLE: ("deleted / 1", "stopped / 0"),
    FaultKind.INTERNAL: ("deleted / 1", "stopped / 0"),
    FaultKind.RESET_BEFORE: ("deleted / 1", "stopped / 0"),
    FaultKind.RESET_AFTER: ("deleted / 1", "stopped / 0"),
    FaultKind.TIMEOUT: ("deleted / 1", "stopped / 0"),
    FaultKind.FORBIDDEN_RAM: ("deleted / 1", "stopped / 0"),
    FaultKind.SUSPENDED: ("deleted / 1", "stopped / 0"),
    FaultKind.REJECTED: ("deleted / 1", "stopped / 0"),
    FaultKind.KEY_UNKNOWN: ("deleted / 1", "stopped / 0"),
    FaultKind.CLOCK_OFF: ("deleted / 1", "stopped / 0"),
    FaultKind.SIGNATURE_ODD: ("deleted / 1", "stopped / 0"),
    FaultKind.NONCE_USED: ("deleted / 1", "stopped / 0"),
    FaultKind.GARBAGE: ("deleted / 1", "stopped / 0"),
    FaultKind.EMPTY_BODY: ("deleted / 1", "stopped / 0"),
    FaultKind.REDIRECT: ("deleted / 1", "stopped / 0"),
    FaultKind.PAGE_404: ("deleted / 1", "stopped / 0"),
    FaultKind.BAD_GATEWAY: ("deleted / 1", "stopped / 0"),
    FaultKind.NOT_UTF8: ("deleted / 1", "stopped / 0"),
    FaultKind.LIST_AS_STRING: ("deleted / 1", ""),
    FaultKind.LIST_NULL: ("deleted / 1", ""),
    FaultKind.LIST_MISSING: ("deleted / 1", ""),
    FaultKind.LISTS_LOST: ("deleted / 1", "stopped / 0"),
    FaultKind.STALE: ("deleted / 1", "deleted / 1"),
}
"""Reading again before the batch goes wrong: nothing is sent on what could not be read."""

READ_BACK: Cells = {
    FaultKind.THROTTLE: ("deleted / 1", "accepted / 1"),
    FaultKind.UNAVAILABLE: ("deleted / 1", "accepted / 1"),
    FaultKind.INTERNAL: ("deleted / 1", "accepted / 1"),
    FaultKind.RESET_BEFORE: ("deleted / 1", "accepted / 1"),
    FaultKind.RESET_AFTER: ("deleted / 1", "accepted / 1"),
    FaultKind.TIMEOUT: ("deleted / 1", "accepted / 1"),
    FaultKind.FORBIDDEN_RAM: ("deleted / 1", "accepted / 1"),
    FaultKind.SUSPENDED: ("deleted / 1", "accepted / 1"),
    FaultKind.REJECTED: ("deleted / 1", "accepted / 1"),
    FaultKind.KEY_UNKNOWN: ("deleted / 1", "accepted / 1"),
    FaultKind.CLOCK_OFF: ("deleted / 1", "accepted / 1"),
    FaultKind.SIGNATURE_ODD: ("deleted / 1", "accepted / 1"),
    FaultKind.NONCE_USED: ("deleted / 1", "accepted / 1"),
    FaultKind.GARBAGE: ("deleted / 1", "accepted / 1"),
    FaultKind.EMPTY_BODY: ("deleted / 1", "accepted / 1"),
    FaultKind.REDIRECT: ("deleted / 1", "accepted / 1"),
    FaultKind.PAGE_404: ("deleted / 1", "accepted / 1"),
    FaultKind.BAD_GATEWAY: ("deleted / 1", "accepted / 1"),
    FaultKind.NOT_UTF8: ("deleted / 1", "accepted / 1"),
    FaultKind.LIST_AS_STRING: ("deleted / 1", ""),
    FaultKind.LIST_NULL: ("deleted / 1", ""),
    FaultKind.LIST_MISSING: ("deleted / 1", ""),
    FaultKind.LISTS_LOST: ("deleted / 1", "accepted / 1"),
    FaultKind.STALE: ("deleted / 1", "accepted / 1"),
}
"""Reading back what was accepted goes wrong: nothing is called deleted that was not seen to be gone."""


class Column(NamedTuple):
    """One operation that is lied in: which level it serves, and when."""

    level: str
    action: str
    when: str

    def __str__(self) -> str:
        return f"{self.level}-{self.action}-{self.when}"


COLUMNS = [
    Column("video", "DeleteVideo", "delete"),
    Column("stream", "DeleteStream", "delete"),
    Column("source", "DeleteMezzanines", "delete"),
    Column("image", "DeleteImage", "delete"),
    Column("address", "DeleteImage", "delete"),
    Column("sets", "DeleteImage", "delete"),
    Column("video", "BatchGetMediaInfos", "re-read"),
    Column("stream", "GetPlayInfo", "re-read"),
    Column("image", "GetImageInfos", "re-read"),
    Column("address", PICTURE, "re-read"),
    Column("sets", "GetVideoInfos", "re-read"),
    Column("sets", "ListSnapshots", "re-read"),
    Column("video", "GetVideoInfos", "read-back"),
    Column("stream", "GetPlayInfo", "read-back"),
    Column("source", "GetMezzanineInfo", "read-back"),
    Column("image", "GetImageInfos", "read-back"),
    Column("address", PICTURE, "read-back"),
    Column("sets", "ListSnapshots", "read-back"),
]

EXPECTED = {"delete": DELETE, "re-read": RE_READ, "read-back": READ_BACK}

UNUSED = frozenset({"DescribePlayVideoStatis", "GetImageInfo", "GetUploadDetails", "GetVideoInfo"})
"""Reads of the local VOD that the bot does without, or that only people who look things up make."""

SEEN_LATER: Cells = dict.fromkeys(set(RE_READ) & set(READ_BACK), ("deleted / 1", "accepted / 1"))
"""An address is not asked before the call: the first time is when it is read back."""

UNANSWERED: Cells = dict.fromkeys(
    [
        FaultKind.RESET_AFTER,
        FaultKind.TIMEOUT,
        FaultKind.DELETED_BUT_503,
        FaultKind.NONCE_USED,
        FaultKind.GARBAGE,
        FaultKind.EMPTY_BODY,
        FaultKind.BAD_GATEWAY,
        FaultKind.NOT_UTF8,
    ],
    ("deleted / 2", ""),
)
"""After a call without an answer a 404 at the address is no proof; VOD is asked again and says that it is gone."""

BUT: dict[Column, Cells] = {
    Column("address", "DeleteImage", "delete"): UNANSWERED
    | {FaultKind.PARTIAL_BUT_503: ("deleted / 2", "unknown, failed / 3")},
    Column("address", PICTURE, "re-read"): SEEN_LATER | {FaultKind.PAGE_404: ("deleted / 1", "deleted / 1")},
    # The answer has a list in which what is there must be: without it the answer is none, and is asked for again.
    Column("stream", "GetPlayInfo", "re-read"): {
        FaultKind.LISTS_LOST: ("deleted / 1", "stopped / 0"),
        FaultKind.STALE: ("deleted / 1", "accepted / 1"),
    },
    Column("sets", "ListSnapshots", "re-read"): {
        FaultKind.LISTS_LOST: ("deleted / 1", "stopped / 0"),
        FaultKind.STALE: ("deleted / 1", "accepted / 1"),
    },
    # Read back by the same operation.
    Column("image", "GetImageInfos", "re-read"): {FaultKind.STALE: ("deleted / 1", "accepted / 1")},
    # Of a video that is gone VOD says so without any list; of a source it never needs one.
    Column("video", "GetVideoInfos", "read-back"): {FaultKind.LISTS_LOST: ("deleted / 1", "deleted / 1")},
    Column("source", "GetMezzanineInfo", "read-back"): {FaultKind.LISTS_LOST: ("deleted / 1", "deleted / 1")},
    Column("sets", "ListSnapshots", "read-back"): {FaultKind.LISTS_LOST: ("deleted / 1", "deleted / 1")},
    # Accepted by VOD and answered with 404 at its address: that is what gone means here.
    Column("address", PICTURE, "read-back"): {FaultKind.PAGE_404: ("deleted / 1", "deleted / 1")},
}
"""Where an operation differs from the table."""

Found = dict[FaultKind, tuple[Ending, Ending | None]]


class Matrix:
    """Runs a column when it is first asked for, on a stage of its own, and keeps what came of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[Column, Found] = {}

    def column(self, column: Column) -> Found:
        if column not in self._found:
            self._found[column] = self._run(column)
        return self._found[column]

    def _run(self, column: Column) -> Found:
        level, found = LEVELS[column.level], Found()
        folder = self._folder / str(column)
        folder.mkdir()
        after = level.action if column.when == "read-back" else ""
        with ExitStack() as stack:
            stage = stack.enter_context(stage_of_liars(folder))
            for kind, (_, always) in expected(column).items():
                once = delete_under(stage, level, Lie(kind, column.action, 1, after))
                ever = delete_under(stage, level, Lie(kind, column.action, None, after)) if always else None
                found[kind] = once, ever
            tell(stage)
            assert_lawful(stage)
        return found

    def endings(self) -> Iterator[Ending]:
        for column in COLUMNS:
            for endings in self.column(column).values():
                yield from filter(None, endings)


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    return Matrix(tmp_path_factory.mktemp("matrix"))


def expected(column: Column) -> Cells:
    """Return a column of the table: what the operation can have at all, with its differences."""
    return {
        kind: BUT.get(column, {}).get(kind, cell)
        for kind, cell in EXPECTED[column.when].items()
        if suits(kind, column.action)
    }


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_word_is_the_expected_one_and_true(matrix: Matrix, column: Column) -> None:
    found = matrix.column(column)

    assert {kind: (str(once), str(ever or "")) for kind, (once, ever) in found.items()} == expected(column)
    assert {kind: cell for kind, cell in found.items() if any(ending and ending.untrue for ending in cell)} == {}


def test_of_all_words_none_is_a_false_deleted_and_none_a_false_failed(matrix: Matrix) -> None:
    endings = list(matrix.endings())
    said = Counter(word for ending in endings for word in ending.words)
    untrue = Counter(word for ending in endings for word in ending.untrue)

    assert (untrue["deleted"], untrue["already gone"], untrue["failed"]) == (0, 0, 0)
    assert untrue.total() == 0
    assert len(endings) > 600
    assert min(said[word] for word in ("deleted", "accepted", "refused", "stopped", "failed")) > 40


@pytest.mark.parametrize("when", EXPECTED)
def test_the_table_has_every_way_in_which_an_operation_goes_wrong(when: str) -> None:
    for column in COLUMNS:
        if column.when == when:
            assert set(expected(column)) == {kind for kind in FaultKind if suits(kind, column.action)}


def test_the_table_has_every_operation_that_deletes_or_that_is_read() -> None:
    lied_in = {column.action for column in COLUMNS}
    assert lied_in == {PICTURE, *DELETES, *READS} - UNUSED
    assert {column.level for column in COLUMNS} == {*LEVELS} - {"played"}  # the same call with one more parameter

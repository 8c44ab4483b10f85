"""Plans of earlier versions are one text: rows beside it are nobody's, and the check says so."""

from pathlib import Path

import pytest

from storage import SqliteDatabase
from tests.evidence.owners import Owned
from tests.records import laying


@pytest.fixture
def record(tmp_path: Path) -> Owned:
    path, kept = tmp_path / "earlier.db", laying.read("0004")
    kept.lay_down("sqlite", str(path))
    database = SqliteDatabase(path)
    database.migrate()
    database.close()
    return Owned(f"sqlite:///{path}", kept.proposals)


def test_rows_that_are_put_beside_the_text_of_an_earlier_plan_are_named(record: Owned) -> None:
    before = record.verify()
    record.run("INSERT INTO row_sets (id, kind, ref, place, created_ms) VALUES (7, 'collect', 99999, '', 0)")
    record.run(
        "INSERT INTO plan_rows (set_id, part, ord, target, title, warned, fields, leaf) "
        "VALUES (7, 0, 0, 'planted', 'planted', 0, '{}', '')"
    )
    beside_a_plan = record.verify()
    number = record.numbers["pending"]
    record.run("UPDATE plans SET rows_id = 7 WHERE proposal_id = :number", number=number)
    report = record.verify()

    assert before.holds, before.text()
    assert beside_a_plan.holds, "nobody is shown the rows of a set that is no plan's"
    assert not report.holds
    assert f"plans revision 1 of #{number}, rows_id: the log says nothing, the table says 7" in report.text()

"""Values can be followed: every journey reaches the record, and what is counted of it is right."""

from pathlib import Path

from benchmarks import walks
from benchmarks.walks import Numbers, Visit


def test_each_journey_reaches_the_record() -> None:
    walked = walks.measure()

    assert walked.keys() == {"command", "vote", "batch"}
    for visits in walked.values():
        assert {"deletion", "storage"} <= {visit.package for visit in visits}
        assert 0 < len(visits) < walks.MOST_EVENTS


def test_a_climb_is_a_step_to_another_room_that_is_called_from_further_up() -> None:
    visits = [
        Visit(Path("handlers/clicks.py"), "on_approve", 0),
        Visit(Path("deletion/approval/votes.py"), "cast", 1),
        Visit(Path("storage/tables/votes.py"), "add", 2),
        Visit(Path("storage/tables/jobs.py"), "add", 2),
        Visit(Path("deletion/audit/record.py"), "record", 1),
    ]

    assert walks.numbers(visits) == Numbers(
        stays=5, rooms=5, climbs=1, folders=4, folder_climbs=1, passages=3, layer_climbs=1
    )

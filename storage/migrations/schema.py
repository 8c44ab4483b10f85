"""The migrations, oldest first; what was released is never edited, only added to."""

from storage.migrations import (
    m0001_first,
    m0002_several_at_work,
    m0003_evenly,
    m0004_one_approval_machine,
    m0005_places_of_messages,
    m0006_a_record_of_its_own,
    m0007_cards_posted_anew,
    m0008_brakes_first,
    m0009_time_seen,
    m0010_refusals_counted,
    m0011_silent_lanes,
    m0012_lists,
    m0013_typed_numbers,
    m0014_proposed_again,
    m0015_ramps,
    m0016_items_asked,
    m0017_plans_in_rows,
    m0018_readings,
    m0019_row_sets_asked,
    m0020_questions,
    m0021_lists_of_proposals,
    m0022_items_counted,
    m0023_own_deeds,
    m0024_troubles,
    m0025_proposals_about,
)
from storage.migrations.statement import Statement, statements_for

SET_NAME = "countersign"

MIGRATIONS: tuple[tuple[str, tuple[Statement, ...]], ...] = (
    ("0001_first", m0001_first.STATEMENTS),
    ("0002_several_at_work", m0002_several_at_work.STATEMENTS),
    ("0003_evenly", m0003_evenly.STATEMENTS),
    ("0004_one_approval_machine", m0004_one_approval_machine.STATEMENTS),
    ("0005_places_of_messages", m0005_places_of_messages.STATEMENTS),
    ("0006_a_record_of_its_own", m0006_a_record_of_its_own.STATEMENTS),
    ("0007_cards_posted_anew", m0007_cards_posted_anew.STATEMENTS),
    ("0008_brakes_first", m0008_brakes_first.STATEMENTS),
    ("0009_time_seen", m0009_time_seen.STATEMENTS),
    ("0010_refusals_counted", m0010_refusals_counted.STATEMENTS),
    ("0011_silent_lanes", m0011_silent_lanes.STATEMENTS),
    ("0012_lists", m0012_lists.STATEMENTS),
    ("0013_typed_numbers", m0013_typed_numbers.STATEMENTS),
    ("0014_proposed_again", m0014_proposed_again.STATEMENTS),
    ("0015_ramps", m0015_ramps.STATEMENTS),
    ("0016_items_asked", m0016_items_asked.STATEMENTS),
    ("0017_plans_in_rows", m0017_plans_in_rows.STATEMENTS),
    ("0018_readings", m0018_readings.STATEMENTS),
    ("0019_row_sets_asked", m0019_row_sets_asked.STATEMENTS),
    ("0020_questions", m0020_questions.STATEMENTS),
    ("0021_lists_of_proposals", m0021_lists_of_proposals.STATEMENTS),
    ("0022_items_counted", m0022_items_counted.STATEMENTS),
    ("0023_own_deeds", m0023_own_deeds.STATEMENTS),
    ("0024_troubles", m0024_troubles.STATEMENTS),
    ("0025_proposals_about", m0025_proposals_about.STATEMENTS),
)
"""(name, statements)."""

__all__ = ["MIGRATIONS", "SET_NAME", "Statement", "statements_for"]

"""Of every event, who is pinged: the proposer, approvers, and nobody else, by a table."""

from dataclasses import replace
from pathlib import Path

import pytest

from deletion.audit import events
from deletion.audit.events import AUDIENCE, Event, UnknownEvent
from deletion.audit.record import record
from deletion.terms.people import Actor
from storage import SqliteDatabase
from storage.tables import proposals, revisions
from tests.deletion.every_event import ABOUT, BO, CY, EVERY, ON_A_FREEZE
from tests.deletion.pings import Mailbox
from tests.storage import samples
from tests.storage.migrated import new_sqlite

PROPOSER = "U0ANA4K2M7Q"
WHO = {PROPOSER: "proposer", BO.user: "approver", CY.user: "approver"}
"""Whoever else is pinged, is pinged in vain: auditors, bystanders, the other approvers."""

PINGED: dict[type[Event], set[str]] = {
    # The end of a proposal, and what comes before it that its proposer has to know.
    events.CollectionFailed: {"proposer"},
    events.ProposalRejected: {"proposer"},
    events.ProposalExpired: {"proposer"},
    events.ProposalStopped: {"proposer"},
    events.AssetsGone: {"proposer"},
    events.PlanBroken: {"proposer"},
    events.QuorumLost: {"proposer"},
    events.ExecutionFinished: {"proposer"},
    # Who has to answer, and who asked: by a direct message.
    events.QuestionAsked: {"proposer"},
    events.QuestionAnswered: {"approver"},
    # Was it you? That of each approver is shown anew where there is one of the same half day.
    events.ProposalApproved: {"proposer", "approver"},
}
"""Who is pinged by what; of what is not here, nobody."""


@pytest.fixture
def database(tmp_path: Path) -> SqliteDatabase:
    return new_sqlite(tmp_path / "record.db")


SAMPLES = [event for event in (*EVERY, *ON_A_FREEZE) if not isinstance(event, UnknownEvent)]


def happens(database: SqliteDatabase, event: Event) -> list[str]:
    """Let something happen to a proposal whose card is in the channel; return who is pinged, by id."""
    new = replace(samples.NEW, proposer=PROPOSER, team=BO.team)
    number = database.write(lambda tx: proposals.add(tx, new))
    database.write(lambda tx: revisions.add_plan(tx, samples.plan(number)))
    database.write(lambda tx: proposals.put_card(tx, number, channel="C1", ts="1.000001"))
    about = replace(event.about, number=number) if event.about.kind == ABOUT.kind else event.about
    database.write(lambda tx: record(tx, replace(event, about=about)))
    mail = Mailbox(database)
    mail.deliver()
    return sorted(each.who for each in mail.pings)


@pytest.mark.parametrize("event", SAMPLES, ids=lambda each: type(each).__name__)
def test_who_is_pinged_by_an_event(database: SqliteDatabase, event: Event) -> None:
    pinged = happens(database, event)
    assert len(set(pinged)) == len(pinged), "each of them once"
    assert {WHO.get(each, each) for each in pinged} == PINGED.get(type(event), set())


def test_every_event_is_in_the_table_or_pings_nobody() -> None:
    assert set(PINGED) <= set(AUDIENCE)
    assert {type(each) for each in SAMPLES} == set(AUDIENCE)


@pytest.mark.parametrize(
    "event",
    [
        events.ProposalWithdrawn(about=ABOUT, by=Actor(BO.team, PROPOSER)),
        events.ProposalStopped(about=ABOUT, by=Actor(BO.team, PROPOSER)),
        events.VoteCounted(about=ABOUT, by=BO, counted=1, needed=2),
        events.FreezeBegun(about=ABOUT, by=BO, why=""),
    ],
    ids=lambda each: type(each).__name__,
)
def test_nobody_is_pinged_by_their_own_deed(database: SqliteDatabase, event: Event) -> None:
    assert happens(database, event) == []

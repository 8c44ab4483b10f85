"""Files that people asked to propose from: kept from the moment they asked until they have their answer."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class ListRow:
    """One file: who asked, in which channel, and what for (``form``, canonical JSON); answered at ``done_ms``.

    Slack has been asked for it since ``created_ms``; time in which it was not asked is no part of that.
    """

    id: int
    team: str
    person: str
    channel: str
    form: str
    created_ms: int
    done_ms: int | None


def add(tx: Tx, *, team: str, person: str, channel: str, form: str) -> int:
    """Keep what somebody asked for; return its number."""
    row = tx.one(
        """
        INSERT INTO lists (team, person, channel, form, created_ms)
        VALUES (:team, :person, :channel, :form, :now)
        RETURNING id
        """,
        team=team,
        person=person,
        channel=channel,
        form=form,
        now=tx.now_ms(),
    )
    return int(row["id"]) if row else 0


def get(tx: Tx, list_id: int) -> ListRow | None:
    """Return what somebody asked for."""
    row = tx.one("SELECT * FROM lists WHERE id = :id", id=list_id)
    return ListRow(**row) if row else None


def unanswered_of(tx: Tx, person: str) -> int:
    """Return how many files of a person wait to be read."""
    row = tx.one("SELECT count(*) AS n FROM lists WHERE person = :person AND done_ms IS NULL", person=person)
    return int(row["n"]) if row else 0


def finish(tx: Tx, list_id: int) -> bool:
    """Note that it is answered; False when it was already."""
    sql = "UPDATE lists SET done_ms = :now WHERE id = :id AND done_ms IS NULL"
    return tx.run(sql, id=list_id, now=tx.now_ms()) == 1


def put_off(tx: Tx, list_id: int, *, by_ms: int) -> None:
    """Leave a time out in which Slack was not asked for a file."""
    tx.run("UPDATE lists SET created_ms = created_ms + :by WHERE id = :id", id=list_id, by=by_ms)

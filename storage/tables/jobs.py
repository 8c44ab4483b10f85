"""Work to be done, now or at a time: rows that any instance may pick up under a lease."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class JobRow:
    """One piece of work on ``ref`` (a proposal's or a vote's number). ``owner`` holds it until ``lease_ms``.

    Work that is done in parallel has a job for each ``lane``.
    """

    id: int
    kind: str
    ref: int
    lane: int
    state: str
    due_ms: int
    attempts: int
    owner: str | None
    lease_ms: int


def add(tx: Tx, kind: str, ref: int, *, due_ms: int = 0, lane: int = 0) -> None:
    """Queue a job once per kind, ref and lane."""
    tx.run(
        """
        INSERT INTO jobs (kind, ref, lane, state, due_ms) VALUES (:kind, :ref, :lane, 'queued', :due)
        ON CONFLICT DO NOTHING
        """,
        kind=kind,
        ref=ref,
        lane=lane,
        due=due_ms,
    )


def add_again(tx: Tx, kind: str, ref: int, *, due_ms: int) -> None:
    """Queue a job also after it was done before; one that is queued stays as it is, and is not written."""
    row = tx.one("SELECT state FROM jobs WHERE kind = :kind AND ref = :ref AND lane = 0", kind=kind, ref=ref)
    if row is not None and row["state"] == "queued":
        return
    tx.run(
        """
        INSERT INTO jobs (kind, ref, lane, state, due_ms) VALUES (:kind, :ref, 0, 'queued', :due)
        ON CONFLICT (kind, ref, lane) DO UPDATE SET state = 'queued', due_ms = excluded.due_ms, attempts = 0
        WHERE jobs.state = 'done'
        """,
        kind=kind,
        ref=ref,
        due=due_ms,
    )


def revive(tx: Tx, kind: str, ref: int, *, due_ms: int) -> None:
    """Queue a job, one that was done or taken back as well; whoever still holds it finishes it no more."""
    tx.run(
        """
        INSERT INTO jobs (kind, ref, lane, state, due_ms) VALUES (:kind, :ref, 0, 'queued', :due)
        ON CONFLICT (kind, ref, lane) DO UPDATE
        SET state = 'queued', due_ms = excluded.due_ms, attempts = 0, owner = NULL, lease_ms = 0
        """,
        kind=kind,
        ref=ref,
        due=due_ms,
    )


def claim(tx: Tx, *, owner: str, lease_ms: int) -> JobRow | None:
    """Take the job that is due longest and that nobody holds."""
    row = tx.one(
        """
        UPDATE jobs SET owner = :owner, lease_ms = :lease, attempts = attempts + 1
        WHERE id = (SELECT id FROM jobs WHERE state = 'queued' AND due_ms <= :now AND lease_ms <= :now
                    ORDER BY due_ms, id LIMIT 1 {skip})
        RETURNING *
        """,
        owner=owner,
        lease=lease_ms,
        now=tx.now_ms(),
    )
    return JobRow(**row) if row else None


def renew(tx: Tx, job: JobRow, *, lease_ms: int) -> bool:
    """Hold a job for longer; False when it is no longer this owner's."""
    changed = tx.run(
        "UPDATE jobs SET lease_ms = :lease WHERE id = :id AND owner = :owner AND state = 'queued'",
        id=job.id,
        owner=job.owner,
        lease=lease_ms,
    )
    return changed == 1


def finish(tx: Tx, job: JobRow) -> bool:
    """Mark a job done; False when it is no longer this owner's."""
    changed = tx.run(
        "UPDATE jobs SET state = 'done', owner = NULL, lease_ms = 0 WHERE id = :id AND owner = :owner",
        id=job.id,
        owner=job.owner,
    )
    return changed == 1


def reschedule(tx: Tx, job: JobRow, *, due_ms: int, progress: bool) -> bool:
    """Queue a job for later; ``progress`` starts its count of attempts anew."""
    changed = tx.run(
        """
        UPDATE jobs SET owner = NULL, lease_ms = 0, due_ms = :due,
                        attempts = CASE WHEN :progress = 1 THEN 0 ELSE attempts END
        WHERE id = :id AND owner = :owner
        """,
        id=job.id,
        owner=job.owner,
        due=due_ms,
        progress=int(progress),
    )
    return changed == 1


def cancel(tx: Tx, kind: str, ref: int) -> None:
    """Take a queued job back."""
    tx.run(
        "UPDATE jobs SET state = 'done' WHERE kind = :kind AND ref = :ref AND state = 'queued'",
        kind=kind,
        ref=ref,
    )


def run_now(tx: Tx, kind: str, ref: int | None = None) -> None:
    """Make queued jobs of a kind due now: of one ref, or of all."""
    tx.run(
        """
        UPDATE jobs SET due_ms = 0
        WHERE kind = :kind AND state = 'queued' AND (CAST(:ref AS BIGINT) IS NULL OR ref = :ref)
        """,
        kind=kind,
        ref=ref,
    )


def waiting(tx: Tx) -> int:
    """Return how many jobs are due and not done."""
    row = tx.one("SELECT count(*) AS n FROM jobs WHERE state = 'queued' AND due_ms <= :now", now=tx.now_ms())
    return int(row["n"]) if row else 0


def backlog(tx: Tx) -> dict[str, tuple[int, int]]:
    """Return, by kind, how many jobs are due that nobody holds, and since when the first of them is (UTC ms).

    A job that was due at once has no time of its own: it is as old as the proposal or vote that it is about.
    """
    found = tx.rows(
        """
        SELECT kind, count(*) AS n, min(since) AS since
        FROM (SELECT j.kind, CASE WHEN j.due_ms > 0 THEN j.due_ms
                                  WHEN j.kind = 'collect' THEN p.created_ms
                                  WHEN j.kind = 'count' THEN v.cast_ms
                                  ELSE :now END AS since
              FROM jobs j LEFT JOIN proposals p ON p.id = j.ref LEFT JOIN votes v ON v.id = j.ref
              WHERE j.state = 'queued' AND j.due_ms <= :now AND j.lease_ms <= :now) AS due
        GROUP BY kind
        """,
        now=tx.now_ms(),
    )
    return {str(row["kind"]): (int(row["n"]), int(row["since"])) for row in found}

"""The revisions of a proposal's plan: the one that people approve is the newest."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class PlanRow:
    """One revision of a plan. ``plan`` and ``drift`` are canonical JSON; ``digest`` is the SHA-256 of ``plan``.

    ``targets``, ``bytes`` and ``first_title`` sum the plan up; they are None where an earlier version did not.
    ``rows_id`` is the set of its rows (``plan_rows``); None where all of it is in ``plan``.
    """

    proposal_id: int
    revision: int
    digest: str
    plan: str
    drift: str
    created_ms: int
    targets: int | None = None
    bytes: int | None = None
    first_title: str | None = None
    rows_id: int | None = None


def add_plan(tx: Tx, plan: PlanRow) -> None:
    """Store a revision of the plan and make it the proposal's current one."""
    tx.run(
        """
        INSERT INTO plans (proposal_id, revision, digest, plan, drift, created_ms, targets, bytes, first_title,
                           rows_id)
        VALUES (:proposal_id, :revision, :digest, :plan, :drift, :created_ms, :targets, :bytes, :first_title,
                :rows_id)
        """,
        **plan.__dict__,
    )
    tx.run(
        "UPDATE proposals SET revision = :revision, digest = :digest WHERE id = :id",
        id=plan.proposal_id,
        revision=plan.revision,
        digest=plan.digest,
    )


def plan_of(tx: Tx, proposal_id: int, revision: int) -> PlanRow | None:
    """Return one revision of a proposal's plan."""
    row = tx.one(
        "SELECT * FROM plans WHERE proposal_id = :id AND revision = :revision",
        id=proposal_id,
        revision=revision,
    )
    return PlanRow(**row) if row else None


def targets_of(tx: Tx, proposal_id: int, revision: int) -> int | None:
    """Return how many targets a revision of a plan has; None where that was not counted."""
    sql = "SELECT targets FROM plans WHERE proposal_id = :id AND revision = :revision"
    row = tx.one(sql, id=proposal_id, revision=revision)
    return None if row is None or row["targets"] is None else int(row["targets"])


def targets_of_current(tx: Tx, proposal_id: int) -> int | None:
    """Return how many targets the plan has that a proposal stands at; None where that was not counted."""
    sql = """
        SELECT q.targets FROM proposals p JOIN plans q ON q.proposal_id = p.id AND q.revision = p.revision
        WHERE p.id = :id
    """
    row = tx.one(sql, id=proposal_id)
    return None if row is None or row["targets"] is None else int(row["targets"])


@dataclass(frozen=True)
class PlanHead:
    """What a list says of a plan; ``header`` is "" where that would be the whole of a long one."""

    targets: int
    bytes: int
    first_title: str
    header: str


FEW_TARGETS = 100
"""Targets of a plan that was stored as one text, up to which all of that is read for a list."""


def head_of_plan(tx: Tx, proposal_id: int, revision: int) -> PlanHead | None:
    """Return the header of a plan, without its rows; None when it was stored without being summed up."""
    row = tx.one(
        """
        SELECT targets, bytes, first_title,
               CASE WHEN rows_id IS NOT NULL OR targets <= :few THEN plan ELSE '' END AS header
        FROM plans WHERE proposal_id = :id AND revision = :revision AND first_title IS NOT NULL
        """,
        id=proposal_id,
        revision=revision,
        few=FEW_TARGETS,
    )
    return PlanHead(**row) if row else None


def drift_of(tx: Tx, proposal_id: int, revision: int) -> str:
    """Return what changed with a revision of a proposal's plan, as canonical JSON."""
    sql = "SELECT drift FROM plans WHERE proposal_id = :id AND revision = :revision"
    row = tx.one(sql, id=proposal_id, revision=revision)
    return str(row["drift"]) if row else "[]"


def digests(tx: Tx, proposal_id: int) -> list[str]:
    """Return the digests of every revision, oldest first."""
    found = tx.rows("SELECT digest FROM plans WHERE proposal_id = :id ORDER BY revision", id=proposal_id)
    return [str(row["digest"]) for row in found]


def revision_with(tx: Tx, proposal_id: int, digest: str) -> int | None:
    """Return the newest revision of a proposal's plan that has this digest."""
    row = tx.one(
        "SELECT max(revision) AS newest FROM plans WHERE proposal_id = :id AND digest = :digest",
        id=proposal_id,
        digest=digest,
    )
    return int(row["newest"]) if row and row["newest"] is not None else None

"""Questions that people ask about a proposal before they decide, and what its proposer answers."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class QuestionRow:
    """One question: who asked (a Slack team and person), about which plan, and the answer, once there is one.

    ``digest`` names the plan whose card they looked at. Times are UTC ms.
    """

    id: int
    proposal_id: int
    digest: str
    team: str
    person: str
    text: str
    asked_ms: int
    answer: str | None = None
    answered_ms: int | None = None


def ask(tx: Tx, proposal_id: int, *, digest: str, by: tuple[str, str], text: str, now_ms: int) -> int:
    """Store a question of (team, person), asked at ``now_ms`` (UTC ms); return its number."""
    row = tx.one(
        """
        INSERT INTO questions (proposal_id, digest, team, person, text, asked_ms)
        VALUES (:proposal, :digest, :team, :person, :text, :now)
        RETURNING id
        """,
        proposal=proposal_id,
        digest=digest,
        team=by[0],
        person=by[1],
        text=text,
        now=now_ms,
    )
    return int(row["id"]) if row else 0


def get(tx: Tx, question_id: int) -> QuestionRow | None:
    """Return a question."""
    row = tx.one("SELECT * FROM questions WHERE id = :id", id=question_id)
    return QuestionRow(**row) if row else None


def answer(tx: Tx, question_id: int, *, text: str, now_ms: int) -> bool:
    """Store the answer to a question, given at ``now_ms`` (UTC ms); False when it has one already."""
    changed = tx.run(
        "UPDATE questions SET answer = :text, answered_ms = :now WHERE id = :id AND answered_ms IS NULL",
        id=question_id,
        text=text,
        now=now_ms,
    )
    return changed == 1


def of(tx: Tx, proposal_id: int) -> list[QuestionRow]:
    """Return the questions about a proposal, oldest first."""
    found = tx.rows("SELECT * FROM questions WHERE proposal_id = :id ORDER BY id", id=proposal_id)
    return [QuestionRow(**row) for row in found]

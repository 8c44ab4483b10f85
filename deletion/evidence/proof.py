"""The proof that one asset was part of what people approved: its row, and the hashes up to the plan's digest.

It can be checked without the record: the SHA-256 of the header is the digest that the card and the audit channel
show, and the header names the Merkle root (RFC 6962) that the row's audit path leads to. Which proposal it was is
told besides, and not proved: the audit channel says which digest was approved.
"""

from dataclasses import dataclass
from typing import Any

from deletion.plan import merkle, plan
from deletion.terms import canonical
from storage import Tx
from storage.tables import plan_rows, proposals

FORMAT = "countersign-proof-1"

FIELDS = ("format", "proposal", "revision", "digest", "header", "row", "place", "size", "path")


class NoProofError(Exception):
    """There is nothing to prove, or a proof does not hold; the text says why."""


@dataclass(frozen=True)
class Proof:
    """That a row is the one at ``place`` (from 0) among the ``size`` rows of a plan; hashes are 64 hex digits."""

    proposal: int
    revision: int
    digest: str
    header: str
    row: str
    place: int
    size: int
    path: tuple[str, ...]

    def text(self) -> str:
        """Return it as canonical JSON."""
        return canonical.dumps({"format": FORMAT, **vars(self)})


def make(tx: Tx, number: int, target: str) -> Proof:
    """Prove that a target is part of the plan that a proposal stands at; NoProofError when it is not."""
    row = proposals.get(tx, number)
    stored = proposals.plan_of(tx, number, row.revision) if row else None
    if row is None or stored is None:
        raise NoProofError(f"There is no plan of proposal {number}.")
    if stored.rows_id is None:
        raise NoProofError(
            f"The plan of proposal {number} is one text, as earlier versions made them: its digest is the SHA-256 "
            "of all of that text, and no part of it can be proved by itself."
        )
    found = plan_rows.named(tx, stored.rows_id, [target])
    if not found:
        raise NoProofError(f"{target} is not in the plan of proposal {number}.")
    leaves = plan_rows.leaves(tx, stored.rows_id, plan_rows.TARGET)
    path = merkle.path(leaves, found[0].ord)
    made = Proof(number, row.revision, stored.digest, stored.plan, found[0].fields, found[0].ord, len(leaves), path)
    check(made.text())
    return made


def check(text: str) -> Proof:
    """Read a proof and check it; NoProofError when it does not hold. It says nothing of whose digest it is."""
    proof = _read(text)
    if canonical.sha256(proof.header) != proof.digest:
        raise NoProofError("The digest is not that of the header.")
    try:
        targets = canonical.loads(proof.header)["targets"]
        count, root = targets["count"], targets["root"]
        plan.entry(proof.place, proof.row)
        leads_to = merkle.root_from(merkle.leaf(proof.row), proof.place, proof.size, proof.path)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NoProofError("The header or the row is not that of a plan.") from None
    if count != proof.size or root != leads_to:
        raise NoProofError("The row is not part of the plan of this header.")
    return proof


def _read(text: str) -> Proof:
    try:
        value: dict[str, Any] = canonical.loads(text)
        if value.pop("format", None) != FORMAT or {"format", *value} != set(FIELDS):
            raise NoProofError(f"This is no proof of the format {FORMAT}.")
        numbers = (value["proposal"], value["revision"], value["place"], value["size"])
        texts = (value["digest"], value["header"], value["row"], *value["path"])
        if not all(type(each) is int for each in numbers) or not all(isinstance(each, str) for each in texts):
            raise NoProofError(f"This is no proof of the format {FORMAT}.")
        return Proof(**{**value, "path": tuple(value["path"])})
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise NoProofError(f"This is no proof of the format {FORMAT}.") from None

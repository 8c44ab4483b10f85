"""The proof that one asset was part of a plan: its row, and the hashes up to the plan's digest.

It can be checked without the record: the SHA-256 of the header is the digest that the audit channel names, and the
header names the Merkle root (RFC 6962) that the row's audit path leads to. Which proposal and revision it was is
told besides, and not proved: the audit channel says which digest was approved. All of it has to be compared:
who makes plans until a part of the digest is the wished one succeeds.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from deletion.plan import merkle, plan
from deletion.terms import canonical
from storage import Tx
from storage.tables import plan_rows, proposals, revisions
from storage.tables.plan_rows import PlanTargetRow
from storage.tables.revisions import PlanRow

FORMAT = "countersign-proof-1"

FIELDS = ("format", "proposal", "revision", "digest", "header", "row", "place", "size", "path")

_HASH = re.compile("[0-9a-f]{64}")


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
        """Return it as one line of JSON in ASCII: whatever a title holds, no terminal obeys it."""
        value = {"format": FORMAT, **vars(self)}
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        return text.replace("\x7f", "\\u007f")


def make(tx: Tx, number: int, target: str) -> Proof:
    """Prove that a target is part of the plan that a proposal stands at; NoProofError when it is not."""
    row = proposals.get(tx, number)
    stored = revisions.plan_of(tx, number, row.revision) if row else None
    if row is None or stored is None:
        raise NoProofError(f"There is no plan of proposal {number}.")
    if _version(stored.plan) in range(1, plan.VERSION):
        raise NoProofError(
            f"The plan of proposal {number} is one text, as earlier versions made them: its digest is the SHA-256 "
            "of all of that text, and no part of it can be proved by itself."
        )
    rows_id = stored.rows_id
    found = plan_rows.named(tx, rows_id, [target]) if rows_id is not None else []
    leaves = plan_rows.leaves(tx, rows_id, plan_rows.TARGET) if rows_id is not None else []
    if not found and leaves:
        raise NoProofError(f"{target} is not in the plan of proposal {number}.")
    for each in found:
        try:
            return _made(stored, each, leaves)
        except NoProofError:
            continue
    raise NoProofError(
        f"The plan of proposal {number} is not stored as it was approved; audit verify says what was edited."
    )


def _made(stored: PlanRow, row: PlanTargetRow, leaves: list[str]) -> Proof:
    try:
        path = merkle.path(leaves, row.ord)
    except canonical.MALFORMED:
        raise NoProofError("What is stored are not the rows of a plan.") from None
    number, revision, header = stored.proposal_id, stored.revision, stored.plan
    made = Proof(number, revision, stored.digest, header, row.fields, row.ord, len(leaves), path)
    check(made.text())
    return made


def check(text: str) -> Proof:
    """Read a proof and check it; NoProofError when it does not hold. It says nothing of whose digest it is."""
    proof = _read(text)
    try:
        if canonical.sha256(proof.header) != proof.digest:
            raise NoProofError("The digest is not that of the header.")
        header = plan.header(proof.header)
        plan.entry(proof.place, proof.row)
        leads_to = merkle.root_from(merkle.leaf(proof.row), proof.place, proof.size, proof.path)
    except canonical.MALFORMED:
        raise NoProofError("The header or the row is not that of a plan of this version.") from None
    if header.count != proof.size or header.root != leads_to:
        raise NoProofError("The row is not part of the plan of this header.")
    return proof


def _read(text: str) -> Proof:
    try:
        value: dict[str, Any] = canonical.loads(text)
        if value.pop("format", None) == FORMAT and {"format", *value} == set(FIELDS) and _is_sound(value):
            return Proof(**{**value, "path": tuple(value["path"])})
    except canonical.MALFORMED:
        pass
    raise NoProofError(f"This is no proof of the format {FORMAT}.")


def _is_sound(value: dict[str, Any]) -> bool:
    """Say whether every field is what it should be by itself."""
    numbers = [value[name] for name in ("proposal", "revision", "place", "size")]
    texts, path = [value["header"], value["row"]], value["path"]
    return (
        all(type(each) is int and 0 <= each <= canonical.LARGEST for each in numbers)
        and all(isinstance(each, str) for each in texts)
        and isinstance(path, list)
        and all(isinstance(each, str) and _HASH.fullmatch(each) for each in (value["digest"], *path))
    )


def _version(text: str) -> object:
    try:
        return canonical.loads(text)["version"]
    except canonical.MALFORMED:
        return None

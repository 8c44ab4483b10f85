"""One asset is proved to have been part of an approval: by our own check, and by a library of somebody else's."""

import json
from pathlib import Path
from typing import Any

import pymerkle
import pytest
from click.testing import CliRunner, Result
from pymerkle.proof import InclusionProof

from bot.__main__ import main
from tests.evidence.owners import Owned


def audit(*args: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["audit", *args], env={}, input=text)


def rows_of(record: Owned, name: str) -> list[dict[str, Any]]:
    rows = record.everything_in(("plan_rows", "plans"))
    (plan,) = [row for row in rows if row.get("proposal_id") == record.numbers[name] and row.get("revision") == 1]
    return [row for row in rows if row.get("set_id") == plan["rows_id"] and row["part"] == 0]


def proof_of(record: Owned, place: int) -> tuple[str, list[dict[str, Any]]]:
    """Return the proof of a row of the proposal with the most targets, and all of its rows."""
    rows = rows_of(record, "big")
    made = audit("proof", str(record.numbers["big"]), rows[place]["target"], "--database", record.url)
    assert made.exit_code == 0, made.output
    return made.output, rows


@pytest.mark.parametrize("place", [0, 7, -1])
def test_an_asset_is_proved_and_the_proof_is_taken_by_another_library(written: Owned, place: int) -> None:
    text, rows = proof_of(written, place)
    proof = json.loads(text)

    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for row in rows:
        tree.append_entry(row["fields"].encode())
    root = json.loads(proof["header"])["targets"]["root"]
    leaf = tree.get_leaf(proof["place"] + 1)
    theirs = tree.prove_inclusion(proof["place"] + 1)
    path = [leaf, *map(bytes.fromhex, proof["path"])]
    ours = InclusionProof("sha256", True, proof["size"], proof["place"] + 1, theirs.rule, path)
    pymerkle.verify_inclusion(leaf, bytes.fromhex(root), ours)

    checked = audit("check-proof", "-", text=text)
    assert checked.exit_code == 0, checked.output
    assert f"row {proof['place'] + 1} of {len(rows)}" in checked.output
    assert proof["digest"] in checked.output


def bent(name: str, value: Any) -> Any:
    """Return another value than this of a proof."""
    if name == "path":
        return [*value[:-1], value[-1][::-1]]
    if name in {"header", "row"}:
        return value.replace("1", "2", 1)
    return value[::-1] if isinstance(value, str) else value + 1


@pytest.mark.parametrize("name", ["digest", "header", "row", "place", "size", "path"])
def test_a_proof_in_which_anything_is_changed_is_refused(on_sqlite: Owned, name: str) -> None:
    text, _ = proof_of(on_sqlite, 3)
    proof = json.loads(text)
    checked = audit("check-proof", "-", text=json.dumps({**proof, name: bent(name, proof[name])}))
    assert checked.exit_code == 1, checked.output
    assert "The proof does NOT hold" in checked.output


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": "countersign-proof-1"}', "\x00", '"a"'])
def test_what_is_no_proof_is_refused_in_words(text: str) -> None:
    checked = audit("check-proof", "-", text=text)
    assert checked.exit_code == 1
    assert "The proof does NOT hold: This is no proof" in checked.output


def test_what_is_not_in_a_plan_has_no_proof(on_sqlite: Owned, tmp_path: Path) -> None:
    number = str(on_sqlite.numbers["big"])
    for args, why in (
        ((number, "f" * 32), "is not in the plan"),
        (("999", "f" * 32), "There is no plan of proposal 999"),
    ):
        made = audit("proof", *args, "--database", on_sqlite.url)
        assert (made.exit_code, why in made.output) == (1, True), made.output
    missing = audit("proof", number, "x", "--database", str(tmp_path / "none.db"))
    assert missing.exit_code == 2

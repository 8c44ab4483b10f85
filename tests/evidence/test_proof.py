"""One asset is proved to have been part of an approval: by our own check, and by a library of somebody else's."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pymerkle
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st
from pymerkle.proof import InclusionProof

from bot.__main__ import main
from deletion.evidence import proof as proofs
from deletion.plan import merkle, plan
from deletion.plan.facts import Target, Warn
from deletion.terms import canonical
from deletion.terms.place import Place
from deletion.terms.requests.query import Condition, Field, Op, Query
from deletion.terms.requests.targets import Mezzanines, Videos
from tests.evidence.owners import Owned


def audit(*args: str, text: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(main, ["audit", *args], env={}, input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


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


TITLE = "片\u202e\x7f\x9b\x1b[2J 'a' \\"


@cache
def made_up() -> proofs.Proof:
    """Return a proof that holds, of a plan that no record holds."""
    targets = [Target(id=f"v{n}", title=TITLE, size=n, duration_ms=n, category="c") for n in range(5)]
    request = Mezzanines((), force=True)
    made = plan.whole(Place("cn-shanghai", "123", "host"), request, targets, warnings=[(Warn.RECENT, "v2")])
    leaves = [merkle.leaf(each.text) for each in made.entries]
    header, row = made.header, made.entries[2].text
    found = proofs.Proof(4, 1, header.digest, header.text, row, 2, 5, merkle.path(leaves, 2))
    assert proofs.check(found.text()) == found
    return found


def with_header(text: str, **other: Any) -> str:
    """Return the proof with another header, and the digest of that."""
    digest = canonical.sha256(text)
    return json.dumps({**json.loads(made_up().text()), "header": text, "digest": digest, **other})


def header_with(change: Callable[[dict[str, Any]], object]) -> str:
    value = json.loads(made_up().header)
    change(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


NO_HEADERS = {
    "a key more": header_with(lambda value: value.update(nonce="1")),
    "a key more in the place": header_with(lambda value: value["place"].update(nonce=1)),
    "a key more in the targets": header_with(lambda value: value["targets"].update(nonce=1)),
    "a key more in the totals": header_with(lambda value: value["totals"].update(nonce=1)),
    "a key more in the request": header_with(lambda value: value["request"].update(nonce=1)),
    "ids in the request": header_with(lambda value: value["request"].update(ids=["v2"])),
    "no totals": header_with(lambda value: value.pop("totals")),
    "an earlier version": header_with(lambda value: value.update(version=2)),
    "a version that is only equal": header_with(lambda value: value.update(version=3.0)),
    "a count that is only equal": header_with(lambda value: value["targets"].update(count=5.0)),
    "a count below nothing": header_with(lambda value: value["left_out"].update(count=-1)),
    "a total without end": header_with(lambda value: value["totals"].update(warnings=[["recent", 1]])).replace(
        '["recent",1]', '["recent",1e999]'
    ),
    "nothing but the root": json.dumps({"targets": json.loads(made_up().header)["targets"]}),
    "a space": made_up().header + " ",
    "a key twice": made_up().header.replace('"version":3', '"version":3,"version":3'),
    "another escape": made_up().header.replace("cn-shanghai", "cn\\u002dshanghai"),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NO_HEADERS.items()])
def test_a_header_that_this_version_does_not_make_is_refused(text: str) -> None:
    checked = audit("check-proof", "-", text=with_header(text))
    assert checked.exit_code == 1, checked.output
    assert "The header or the row is not that of a plan of this version" in checked.output


@pytest.mark.parametrize(
    "request_",
    [
        Videos(("v1",), Query((Condition(Field.TITLE, Op.HAS, "a"),))),
        Mezzanines(("v1",), force=False),
    ],
    ids=["query", "sources"],
)
def test_every_header_that_is_made_is_read_back(request_: Videos | Mezzanines) -> None:
    made = plan.whole(Place("cn-shanghai", "1", "h"), request_, [Target(id="v1", title=TITLE)]).header
    assert plan.header(made.text).text == made.text


def test_what_is_not_proved_is_said(on_sqlite: Owned) -> None:
    text, _ = proof_of(on_sqlite, 3)
    other = {**json.loads(text), "proposal": 4711, "revision": 9}
    checked = audit("check-proof", "-", text=json.dumps(other))
    assert checked.exit_code == 0
    holds, _, unproved = checked.output.partition("NOT proved: ")
    assert "4711" not in holds
    assert "proposal 4711, revision 9" in unproved
    assert "Compare all 64 digits" in unproved


def test_a_proof_is_one_line_that_no_terminal_obeys() -> None:
    text = made_up().text()
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(json.loads(text)["row"])["target"]["title"] == TITLE


EDITS_OF_A_PLAN = (
    "UPDATE plan_rows SET ord = 5000 WHERE ord = 3 AND part = 0",
    "UPDATE plan_rows SET ord = -1 WHERE ord = 3 AND part = 0",
    "UPDATE plan_rows SET leaf = 'none'",
    "UPDATE plan_rows SET leaf = ''",
    "UPDATE plan_rows SET fields = '[' WHERE ord = 3",
    "DELETE FROM plan_rows WHERE part = 0",
    "UPDATE plans SET rows_id = NULL",
    "UPDATE plans SET plan = '['",
    "UPDATE plans SET plan = replace(plan, '\"version\":3', '\"version\":4')",
)


@pytest.mark.parametrize("sql", EDITS_OF_A_PLAN)
def test_of_an_edited_plan_there_is_no_proof_and_it_is_said_why(written: Owned, sql: str) -> None:
    target = rows_of(written, "big")[3]["target"]
    with written.put_back("plan_rows", "plans"):
        written.run(sql)
        made = audit("proof", str(written.numbers["big"]), target, "--database", written.url)
    assert made.exit_code == 1
    assert "is not stored as it was approved" in made.stderr


def test_a_row_that_was_added_has_no_proof(written: Owned) -> None:
    with written.put_back("plan_rows"):
        written.run(
            "INSERT INTO plan_rows SELECT set_id, part, 5000, 'planted', title, 9, fields, leaf FROM plan_rows "
            "WHERE part = 0 AND ord = 3"
        )
        made = audit("proof", str(written.numbers["big"]), "planted", "--database", written.url)
    assert made.exit_code == 1
    assert f"of proposal {written.numbers['big']}" in made.stderr


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from([0, 1, 2, 5, -1, 2**53, 10**400, float("inf"), "", "\ud800", "\0", "a" * 64, "é" * 64]),
    st.text(st.characters(codec=None), max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def bent_proofs(draw: st.DrawFn) -> bytes:
    """Return a proof in which something is another value, in the header or the row as well, digest and all."""
    value = json.loads(made_up().text())
    for _ in range(draw(st.integers(1, 2))):
        where = draw(st.sampled_from(["proof", "header", "row", "text"]))
        if where == "proof":
            value[draw(st.sampled_from([*proofs.FIELDS, "more"]))] = draw(VALUES)
        elif where == "text":
            field = draw(st.sampled_from(["header", "row", "digest"]))
            value[field] = str(value[field]) + draw(st.sampled_from(["\ud800", "\0", " ", "[" * 50_000, "1"]))
        elif isinstance(value[where], str):
            inside = draw(VALUES)
            try:
                parsed = json.loads(value[where])
                outer = draw(st.sampled_from(sorted(parsed)))
                inner = parsed[outer]
                if isinstance(inner, dict) and inner and draw(st.booleans()):
                    inner[draw(st.sampled_from(sorted(inner)))] = inside
                else:
                    parsed[outer] = inside
                inside = parsed
            except (ValueError, TypeError, IndexError):
                pass
            value[where] = json.dumps(inside, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if where == "header" and draw(st.booleans()):
                value["digest"] = canonical.sha256(canonical.clean(value["header"]))
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    return text.encode("utf-8", "surrogatepass")


def with_value(**fields: Any) -> bytes:
    return json.dumps({**json.loads(made_up().text()), **fields}).encode()


@example(with_value(header="\ud800"))
@example(with_value(row="\ud800"))
@example(with_value(digest="\ud800"))
@example(with_value(path=["é"]))
@example(with_value(path={"a" * 64: 1}))
@example(with_header(header_with(lambda value: value["totals"].update(categories=[["c", 10**400]]))).encode())
@example(with_value(place=10**400, size=10**401))
@example(b"[" * 100_000)
@example(b"\xff")
@given(st.one_of(bent_proofs(), st.binary(max_size=60), VALUES.map(lambda value: json.dumps(value).encode())))
def test_whatever_is_checked_it_ends_in_words(content: bytes) -> None:
    checked = audit("check-proof", "-", text=content)
    assert (checked.exit_code, checked.output.split(":")[0]) in {
        (1, "The proof does NOT hold"),
        (0, "The proof holds"),
    }
    if checked.exit_code == 0:
        assert json.loads(content)["row"] == made_up().row

"""The Merkle tree of a plan's rows against the definition in RFC 6962, and against a library of somebody else's."""

import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle.proof import InclusionProof

from deletion.plan import merkle
from tests.deletion.strategies import unhurried

ROWS = st.lists(st.text(max_size=8), min_size=1, max_size=70)


def defined(rows: list[bytes]) -> bytes:
    """Return the tree hash as RFC 6962 defines it in section 2.1."""
    if not rows:
        return hashlib.sha256(b"").digest()
    if len(rows) == 1:
        return hashlib.sha256(b"\0" + rows[0]).digest()
    split = 1 << ((len(rows) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + defined(rows[:split]) + defined(rows[split:])).digest()


def others(rows: list[str]) -> pymerkle.InmemoryTree:
    """Return the tree that somebody else's library makes of these rows."""
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for row in rows:
        tree.append_entry(row.encode())
    return tree


@unhurried
@given(ROWS)
def test_the_root_is_that_of_the_rfc_and_of_another_library(rows: list[str]) -> None:
    root = merkle.root_of(map(merkle.leaf, rows))
    assert root == defined([row.encode() for row in rows]).hex()
    assert root == others(rows).get_root().hex()


def test_a_tree_without_rows_has_the_root_of_nothing() -> None:
    assert merkle.root_of([]) == merkle.EMPTY_ROOT == defined([]).hex()


@unhurried
@given(ROWS, st.data())
def test_a_proof_leads_to_the_root_and_is_taken_by_another_library(rows: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    leaves = [merkle.leaf(row) for row in rows]
    proof, root = merkle.path(leaves, place), merkle.root_of(leaves)

    assert merkle.root_from(leaves[place], place, len(rows), proof) == root
    theirs, path = others(rows).prove_inclusion(place + 1), (leaves[place], *proof)
    ours = InclusionProof("sha256", True, len(rows), place + 1, theirs.rule, [bytes.fromhex(each) for each in path])
    pymerkle.verify_inclusion(bytes.fromhex(leaves[place]), bytes.fromhex(root), ours)


@unhurried
@given(ROWS, st.data())
def test_a_proof_of_anything_else_is_refused(rows: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    leaves = [merkle.leaf(row) for row in rows]
    proof, root = merkle.path(leaves, place), merkle.root_of(leaves)
    assert merkle.root_from(merkle.leaf(rows[place] + "!"), place, len(rows), proof) != root
    for at in range(len(proof)):
        bent = [each if n != at else merkle.leaf(each) for n, each in enumerate(proof)]
        assert merkle.root_from(leaves[place], place, len(rows), bent) != root
    assert merkle.root_from(leaves[place], place, len(rows), [*proof, leaves[0]]) != root
    if proof:
        assert merkle.root_from(leaves[place], place, len(rows), proof[:-1]) != root


@pytest.mark.parametrize(("place", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_place_that_is_not_there_has_no_proof(place: int, size: int) -> None:
    leaves = [merkle.leaf(str(number)) for number in range(size)]
    with pytest.raises(IndexError):
        merkle.path(leaves, place)
    assert merkle.root_from(merkle.leaf("0"), place, size, []) is None

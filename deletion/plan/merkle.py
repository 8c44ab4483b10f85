"""Merkle trees as RFC 6962 has them: one hash over many rows, and the proof that a row is among them. Pure.

Hashes are SHA-256 as 64 hex digits: of a row ``SHA-256(0x00 || row)``, of two nodes ``SHA-256(0x01 || left ||
right)`` (RFC 6962, 2.1). A tree is built a row at a time and keeps one node for each of its levels.
"""

import hashlib
from collections.abc import Iterable, Sequence

_LEAF, _NODE = b"\x00", b"\x01"

_LONG = hashlib.sha256().digest_size

EMPTY_ROOT = hashlib.sha256(b"").hexdigest()
"""The root of a tree without rows."""


def leaf(row: str) -> str:
    """Return the hash of a row (its UTF-8 bytes)."""
    return hashlib.sha256(_LEAF + row.encode("utf-8")).hexdigest()


class Tree:
    """A tree that grows by one row at a time; ``root`` may be asked for at any size."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def add(self, leaf_hash: str) -> None:
        """Add a row by its leaf hash; ValueError for what is none."""
        node, size = bytes.fromhex(leaf_hash), self.size
        if len(node) != _LONG:
            raise ValueError(f"a hash has {_LONG} bytes, and not {len(node)}")
        while size & 1:
            node = _node(self._full.pop(), node)
            size >>= 1
        self._full.append(node)
        self.size += 1

    def root(self) -> str:
        """Return the hash over everything added so far."""
        if not self._full:
            return EMPTY_ROOT
        node = self._full[-1]
        for left in reversed(self._full[:-1]):
            node = _node(left, node)
        return node.hex()


def root_of(leaves: Iterable[str]) -> str:
    """Return the root over these leaf hashes."""
    tree = Tree()
    for each in leaves:
        tree.add(each)
    return tree.root()


def path(leaves: Sequence[str], place: int) -> tuple[str, ...]:
    """Return the audit path of the row at ``place`` (from 0), from the bottom up; IndexError when there is none."""
    if not 0 <= place < len(leaves):
        raise IndexError(f"there is no row {place} among {len(leaves)}")
    return tuple(each.hex() for each in _path([bytes.fromhex(each) for each in leaves], place))


def _path(nodes: Sequence[bytes], place: int) -> list[bytes]:
    """Walk up a level at a time: the last node of an odd level goes up as it is (RFC 6962, 2.1.1)."""
    found: list[bytes] = []
    while len(nodes) > 1:
        sibling = place ^ 1
        if sibling < len(nodes):
            found.append(nodes[sibling])
        nodes = [
            _node(nodes[at], nodes[at + 1]) if at + 1 < len(nodes) else nodes[at] for at in range(0, len(nodes), 2)
        ]
        place >>= 1
    return found


def root_from(leaf_hash: str, place: int, size: int, proof: Sequence[str]) -> str | None:
    """Return the root that an audit path leads to; None when it cannot be of this place (RFC 9162, 2.1.3.2)."""
    if not 0 <= place < size:
        return None
    node, at, last = bytes.fromhex(leaf_hash), place, size - 1
    for each in map(bytes.fromhex, proof):
        if last == 0:
            return None
        if at & 1 or at == last:
            node = _node(each, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = _node(node, each)
        at, last = at >> 1, last >> 1
    return node.hex() if last == 0 else None


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()

"""The tree over the ledger: growing it, and proofs for others (RFC 9162, section 2.1).

A node is named by level and index: node (level, index) is the root over the leaves from
index * 2**level on, 2**level of them. Such *complete subtrees* never change once they exist, so a
database keeps their hashes for ever and reads a few of them for a proof; whatever else a proof
needs is computed. Proofs are checked by `sealkit.rules.merkle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from sealkit.rules.merkle import (
    HASH_BYTES,
    Digest,
    empty_root,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "HASH_BYTES",
    "SIZE_MAX",
    "Frontier",
    "Node",
    "NodeReader",
    "consistency_proof",
    "empty_root",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root_at",
    "verify_consistency",
    "verify_inclusion",
]

SIZE_MAX: Final = (1 << 64) - 1
"""How many leaves a tree can have: sizes are of 64 bits."""

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of a complete subtree by level and index."""


class Node(NamedTuple):
    """A complete subtree: level (0: leaves), its place within the level, hash (32 bytes)."""

    level: int
    place: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that growing a tree needs: the roots of its greatest complete subtrees.

    size: the leaves. hashes: one for each bit set in size, from the left (greatest) to the right.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= SIZE_MAX:
            raise ValueError(f"a tree cannot have {self.size} leaves")
        if len(self.hashes) != self.size.bit_count():
            raise ValueError(f"{len(self.hashes)} hashes do not fit {self.size} leaves")
        if any(len(value) != HASH_BYTES for value in self.hashes):
            raise ValueError(f"a hash has {HASH_BYTES} bytes")

    @classmethod
    def read(cls, size: int, node: NodeReader) -> Frontier:
        """The frontier of a tree whose complete subtrees can be read."""
        return cls(size, tuple(node(*place) for place in _complete_subtrees(0, size)))

    def extend(self, digest: Digest, leaves: Iterable[bytes]) -> tuple[Frontier, list[Node]]:
        """With more leaves, given by their hashes: the new frontier, and the complete subtrees that
        each leaf completes, itself first. Adding n leaves takes 2n hashes at most."""
        hashes, size = list(self.hashes), self.size
        created: list[Node] = []
        for value in leaves:
            level, place = 0, size
            created.append(Node(0, size, value))
            while place & 1:
                value = node_hash(digest, hashes.pop(), value)
                level, place = level + 1, place >> 1
                created.append(Node(level, place, value))
            hashes.append(value)
            size += 1
        return Frontier(size, tuple(hashes)), created

    def root(self, digest: Digest) -> bytes:
        """The root of the whole tree."""
        return _fold(digest, list(self.hashes)) if self.hashes else empty_root(digest)


def root_at(digest: Digest, size: int, node: NodeReader) -> bytes:
    """The root that the tree had when it was of this size."""
    return Frontier.read(size, node).root(digest)


def inclusion_proof(digest: Digest, index: int, size: int, node: NodeReader) -> tuple[bytes, ...]:
    """PATH(index, D[size]) of RFC 9162, 2.1.3.1: that the leaf stands in the tree of that size.

    It reads 2 * log2(size) subtrees at most. Errors: `ValueError` for an index that is not there.
    """
    if not 0 <= index < size <= SIZE_MAX:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    begin, end = 0, size
    path = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range_root(digest, middle, end, node))
            end = middle
        else:
            path.append(_range_root(digest, begin, middle, node))
            begin = middle
    return tuple(reversed(path))


def consistency_proof(
    digest: Digest, first: int, second: int, node: NodeReader
) -> tuple[bytes, ...]:
    """PROOF(first, D[second]) of RFC 9162, 2.1.4.1: that the smaller tree begins the greater.

    Empty for equal sizes and for an empty first tree, as `verify_consistency` takes it. It reads
    2 * log2(second) subtrees at most. Errors: `ValueError` for sizes that cannot be.
    """
    if not 0 <= first <= second <= SIZE_MAX:
        raise ValueError(f"a tree of {first} cannot begin one of {second}")
    if first == 0:
        return ()
    begin, end = 0, second
    path = []
    while end != first:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(_range_root(digest, middle, end, node))
            end = middle
        else:
            path.append(_range_root(digest, begin, middle, node))
            begin = middle
    if begin:  # From 0 on it is the smaller tree itself, whose root the verifier has.
        path.append(_range_root(digest, begin, end, node))
    return tuple(reversed(path))


def _split(count: int) -> int:
    """The greatest power of two below count: where the tree of so many leaves divides."""
    return 1 << ((count - 1).bit_length() - 1)


def _complete_subtrees(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Level and index of those that make up these leaves, from the left. `begin` is a multiple of
    the greatest power of two in their number, as it is wherever a tree divides."""
    for level in reversed(range((end - begin).bit_length())):
        if (end - begin) >> level & 1:
            yield level, begin >> level
            begin += 1 << level


def _range_root(digest: Digest, begin: int, end: int, node: NodeReader) -> bytes:
    return _fold(digest, [node(*place) for place in _complete_subtrees(begin, end)])


def _fold(digest: Digest, hashes: list[bytes]) -> bytes:
    """The root over complete subtrees that grow smaller to the right."""
    root = hashes.pop()
    while hashes:
        root = node_hash(digest, hashes.pop(), root)
    return root

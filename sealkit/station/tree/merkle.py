"""The tree over the ledger: growing it, and proofs for others (RFC 9162, section 2.1).

A node is named by level and index: node (level, index) is the root over the leaves from
index * 2**level on, 2**level of them. Such *complete subtrees* never change once they exist, so a
database may keep their hashes for ever. It keeps those of every fourth level, which is one for
sixteen leaves: a node between is the root over eight of them at most, or over leaves, whose hashes
follow from what they hold. Proofs are checked by `sealkit.rules.merkle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
    "HashReader",
    "Node",
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

KEPT_LEVELS: Final = 4
"""The hashes of each such level are kept."""

HashReader = Callable[[int, int, int], Sequence[bytes]]
"""Gives the hashes of a kept level (0: the leaves) from one index to before another."""


class Node(NamedTuple):
    """A complete subtree: its level, its place within the level, hash (32 bytes)."""

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
    def read(cls, digest: Digest, size: int, hashes: HashReader) -> Frontier:
        """The frontier of a tree whose kept hashes can be read."""
        places = _complete_subtrees(0, size)
        return cls(size, tuple(_node(digest, *place, hashes) for place in places))

    def extend(self, digest: Digest, leaves: Iterable[bytes]) -> tuple[Frontier, list[Node]]:
        """With more leaves, given by their hashes: the new frontier, and the nodes to keep that
        they complete. Adding n leaves takes n hashes at most."""
        hashes, size = list(self.hashes), self.size
        kept: list[Node] = []
        for value in leaves:
            level, place = 0, size
            while place & 1:
                value = node_hash(digest, hashes.pop(), value)
                level, place = level + 1, place >> 1
                if not level % KEPT_LEVELS:
                    kept.append(Node(level, place, value))
            hashes.append(value)
            size += 1
        return Frontier(size, tuple(hashes)), kept

    def root(self, digest: Digest) -> bytes:
        """The root of the whole tree."""
        return _fold(digest, list(self.hashes)) if self.hashes else empty_root(digest)


def root_at(digest: Digest, size: int, hashes: HashReader) -> bytes:
    """The root that the tree had when it was of this size."""
    return Frontier.read(digest, size, hashes).root(digest)


def inclusion_proof(digest: Digest, index: int, size: int, hashes: HashReader) -> tuple[bytes, ...]:
    """PATH(index, D[size]) of RFC 9162, 2.1.3.1: that the leaf stands in the tree of that size.

    It reads 2 * log2(size) times at most. Errors: `ValueError` for an index that is not there.
    """
    if not 0 <= index < size <= SIZE_MAX:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    begin, end = 0, size
    path = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range_root(digest, middle, end, hashes))
            end = middle
        else:
            path.append(_range_root(digest, begin, middle, hashes))
            begin = middle
    return tuple(reversed(path))


def consistency_proof(
    digest: Digest, first: int, second: int, hashes: HashReader
) -> tuple[bytes, ...]:
    """PROOF(first, D[second]) of RFC 9162, 2.1.4.1: that the smaller tree begins the greater.

    Empty for equal sizes and for an empty first tree, as `verify_consistency` takes it. It reads
    2 * log2(second) times at most. Errors: `ValueError` for sizes that cannot be.
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
            path.append(_range_root(digest, middle, end, hashes))
            end = middle
        else:
            path.append(_range_root(digest, begin, middle, hashes))
            begin = middle
    if begin:  # From 0 on it is the smaller tree itself, whose root the verifier has.
        path.append(_range_root(digest, begin, end, hashes))
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


def _range_root(digest: Digest, begin: int, end: int, hashes: HashReader) -> bytes:
    places = _complete_subtrees(begin, end)
    return _fold(digest, [_node(digest, *place, hashes) for place in places])


def _node(digest: Digest, level: int, index: int, hashes: HashReader) -> bytes:
    """The hash of a complete subtree, over those kept below it."""
    above = level % KEPT_LEVELS
    found = hashes(level - above, index << above, (index + 1) << above)
    while len(found) > 1:
        found = [node_hash(digest, *pair) for pair in zip(found[::2], found[1::2], strict=True)]
    return found[0]


def _fold(digest: Digest, hashes: list[bytes]) -> bytes:
    """The root over complete subtrees that grow smaller to the right."""
    root = hashes.pop()
    while hashes:
        root = node_hash(digest, hashes.pop(), root)
    return root

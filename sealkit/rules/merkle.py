"""Merkle trees as RFC 9162 section 2.1 defines them (as RFC 6962 did): hashes, and proofs checked.

What a verifier needs; a ledger grows its tree and makes proofs in `sealkit.station.tree.merkle`.
The digest is the caller's: SHA-256 or SM3, by suite. Hashes have 32 bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hmac import compare_digest
from typing import Final

HASH_BYTES: Final = 32
PATH_MAX: Final = 64
"""How many hashes a proof of inclusion can have, tree sizes being of 64 bits. One of consistency
has one more at most."""

Digest = Callable[[bytes], bytes]


def empty_root(digest: Digest) -> bytes:
    """The root of a tree without leaves."""
    return digest(b"")


def leaf_hash(digest: Digest, leaf: bytes) -> bytes:
    """The hash of a leaf: with another prefix than a node's, lest one pass for the other."""
    return digest(b"\0" + leaf)


def node_hash(digest: Digest, left: bytes, right: bytes) -> bytes:
    """The hash of the node over two subtrees."""
    return digest(b"\1" + left + right)


def verify_inclusion(
    digest: Digest, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether the tree of `size` leaves with this root holds at `index` the leaf with hash `leaf`.

    RFC 9162, 2.1.3.2. Whatever is impossible (index, lengths, a path too long or short) is False.
    """
    if not 0 <= index < size or not _are_hashes(leaf, root, *path):
        return False
    at, last = index, size - 1
    computed = leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            computed = node_hash(digest, sibling, computed)
            at, last = _past_lone_nodes(at, last)
        else:
            computed = node_hash(digest, computed, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and compare_digest(computed, root)


def verify_consistency(
    digest: Digest,
    first: int,
    second: int,
    path: Sequence[bytes],
    first_root: bytes,
    second_root: bytes,
) -> bool:
    """Whether the tree of `second` leaves begins with the tree of `first` leaves.

    RFC 9162, 2.1.4.2. It leaves two cases open, which take an empty path here: a tree is consistent
    with itself, and the empty tree, whose root is known, with any tree.
    """
    if not 0 <= first <= second or not _are_hashes(first_root, second_root, *path):
        return False
    if first == second or first == 0:
        start = second_root if first else empty_root(digest)
        is_empty = second > 0 or compare_digest(second_root, start)
        return not path and is_empty and compare_digest(first_root, start)
    if not path:
        return False
    is_power_of_two = first & (first - 1) == 0
    begin, *rest = (first_root, *path) if is_power_of_two else path
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    of_first = of_second = begin
    for sibling in rest:
        if last == 0:
            return False
        if at & 1 or at == last:
            of_first = node_hash(digest, sibling, of_first)
            of_second = node_hash(digest, sibling, of_second)
            at, last = _past_lone_nodes(at, last)
        else:
            of_second = node_hash(digest, of_second, sibling)
        at, last = at >> 1, last >> 1
    return (
        last == 0
        and compare_digest(of_first, first_root)
        and compare_digest(of_second, second_root)
    )


def _past_lone_nodes(at: int, last: int) -> tuple[int, int]:
    """Up to the level at which the node is a right child: before it, it stands alone at the end of
    its level and goes up as it is."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _are_hashes(*values: bytes) -> bool:
    return len(values) <= PATH_MAX + 3 and all(len(value) == HASH_BYTES for value in values)

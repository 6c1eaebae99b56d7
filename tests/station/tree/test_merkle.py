"""The tree over the ledger against the RFC's own definition, and against public vectors."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tree import KeptTree

from sealkit.station.tree.merkle import (
    KEPT_LEVELS,
    SIZE_MAX,
    Frontier,
    consistency_proof,
    empty_root,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads(
    (Path(__file__).parents[3] / "protocol/vectors/merkle/rfc6962.json").read_text("utf-8")
)


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# What the RFC defines, word for word and slowly: MTH, PATH, PROOF and SUBPROOF.


def _largest_power_below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return digest(b"")
    if len(leaves) == 1:
        return digest(b"\0" + leaves[0])
    k = _largest_power_below(len(leaves))
    return digest(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:]))


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = _largest_power_below(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [naive_root(leaves)]
    k = _largest_power_below(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], known), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def tree_of(leaves: list[bytes]) -> KeptTree:
    return KeptTree(digest, leaves)


def numbered(count: int) -> list[bytes]:
    return [number.to_bytes(4, "big") for number in range(count)]


SIZES = st.integers(0, 70) | st.integers(255, 260)
"""Of one kept level above the leaves, and of two."""


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_roots_are_those_of_the_definition(leaves: list[bytes]) -> None:
    tree = tree_of(leaves)
    assert tree.frontier.size == len(leaves)
    assert tree.frontier.root(digest) == naive_root(leaves)
    for size in range(len(leaves) + 1):
        assert root_at(digest, size, tree.hashes) == naive_root(leaves[:size])
        assert Frontier.read(digest, len(leaves), tree.hashes) == tree.frontier
    levels = range(0, len(leaves).bit_length(), KEPT_LEVELS)
    assert len(tree.kept) == sum(len(leaves) >> level for level in levels)


@given(SIZES.filter(bool), st.data())
def test_inclusion_is_that_of_the_definition_and_verifies(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = numbered(size)
    tree = tree_of(leaves)
    path = inclusion_proof(digest, index, size, tree.hashes)
    assert list(path) == naive_path(index, leaves)
    assert tree.reads <= 2 * size.bit_length()
    leaf, root = leaf_hash(digest, leaves[index]), tree.frontier.root(digest)
    assert verify_inclusion(digest, leaf, index, size, path, root)
    # Nothing else verifies: no other place, no other leaf. (Another size may: the path's shape can
    # be the same in both, which is why a head signs the size together with the root.)
    others = [number for number in range(size + 2) if number != index]
    assert not any(verify_inclusion(digest, leaf, i, size, path, root) for i in others)
    for other in set(leaves) - {leaves[index]}:
        assert not verify_inclusion(digest, leaf_hash(digest, other), index, size, path, root)


@given(SIZES, st.data())
def test_consistency_is_that_of_the_definition_and_verifies(
    second: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, second))
    leaves = numbered(second)
    tree = tree_of(leaves)
    path = consistency_proof(digest, first, second, tree.hashes)
    assert tree.reads <= 2 * second.bit_length()
    assert list(path) == (naive_subproof(first, leaves, True) if first else [])
    before, after = naive_root(leaves[:first]), naive_root(leaves)
    assert verify_consistency(digest, first, second, path, before, after)
    rewritten = naive_root([b"another", *leaves[1:first]])
    if first:
        assert not verify_consistency(digest, first, second, path, rewritten, after)
    if path:
        assert not verify_consistency(digest, first, second, path, after, before)
        assert not verify_consistency(digest, second, first, path, after, before)


@given(SIZES.filter(lambda size: size > 1), st.data())
def test_a_changed_path_never_verifies(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size - 1))
    tree = tree_of(numbered(size))
    leaf, root = tree.kept[0, index], tree.frontier.root(digest)
    before = root_at(digest, first, tree.hashes)
    included = inclusion_proof(digest, index, size, tree.hashes)
    consistent = consistency_proof(digest, first, size, tree.hashes)
    extra = data.draw(st.sampled_from([b"", root, leaf, before, bytes(31), bytes(33)]))
    for path in (included, consistent):
        at = data.draw(st.integers(0, len(path) - 1))
        bit = 1 << data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(path[at], "big") ^ bit).to_bytes(32, "big")
        for changed in (
            (*path[:at], flipped, *path[at + 1 :]),
            (*path[:at], *path[at + 1 :]),
            (*path[:at], extra, *path[at:]),
            (*path, extra),
            path * 40,
        ):
            if path is included:
                assert not verify_inclusion(digest, leaf, index, size, changed, root)
            else:
                assert not verify_consistency(digest, first, size, changed, before, root)


def test_a_tree_of_every_size_that_fits_can_be_proven() -> None:
    by_level = [leaf_hash(digest, b"each the same")]
    for _ in range(63):
        by_level.append(node_hash(digest, by_level[-1], by_level[-1]))

    def hashes(level: int, begin: int, end: int) -> list[bytes]:
        return [by_level[level]] * (end - begin)

    size = SIZE_MAX
    root = root_at(digest, size, hashes)
    path = inclusion_proof(digest, 12345, size, hashes)
    assert len(path) == 64
    assert verify_inclusion(digest, by_level[0], 12345, size, path, root)
    grown = consistency_proof(digest, 1 << 40, size, hashes)
    assert len(grown) <= 65
    assert verify_consistency(digest, 1 << 40, size, grown, by_level[40], root)


def test_what_is_no_tree_is_refused() -> None:
    for size, told in ((1, ()), (0, (bytes(32),)), (-1, ()), (1, (bytes(31),)), (1 << 64, ())):
        with pytest.raises(ValueError, match=r"hash|leaves"):
            Frontier(size, told)
    hashes = tree_of(numbered(3)).hashes
    for index, size in ((3, 3), (-1, 3), (0, 0)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(digest, index, size, hashes)
    for first, second in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="cannot begin"):
            consistency_proof(digest, first, second, hashes)


# The public vectors.

LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
PUBLIC = tree_of(LEAVES)


def test_the_public_roots_and_nodes() -> None:
    assert empty_root(digest).hex() == VECTORS["roots"][0]
    for size, root in enumerate(VECTORS["roots"]):
        assert root_at(digest, size, PUBLIC.hashes).hex() == root
    for level, hashes in enumerate(VECTORS["nodes"]):
        for index, value in enumerate(hashes):
            begin, end = index << level, (index + 1) << level
            assert naive_root(LEAVES[begin:end]).hex() == value
    nodes = VECTORS["nodes"]
    pair = (bytes.fromhex(nodes[0][0]), bytes.fromhex(nodes[0][1]))
    assert node_hash(digest, *pair).hex() == nodes[1][0]


def _unhex(case: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


@pytest.mark.parametrize("case", VECTORS["inclusion"], ids=lambda case: case["name"])
def test_the_public_inclusion_proofs(case: dict[str, Any]) -> None:
    leaf, root = _unhex(case, "leaf", "root")
    path = [bytes.fromhex(text) for text in case["path"]]
    holds = verify_inclusion(digest, leaf, case["index"], case["size"], path, root)
    assert holds is case["holds"]
    if holds:
        made = inclusion_proof(digest, case["index"], case["size"], PUBLIC.hashes)
        assert list(made) == path


@pytest.mark.parametrize("case", VECTORS["consistency"], ids=lambda case: case["name"])
def test_the_public_consistency_proofs(case: dict[str, Any]) -> None:
    first_root, second_root = _unhex(case, "first_root", "second_root")
    path = [bytes.fromhex(text) for text in case["path"]]
    first, second = case["first"], case["second"]
    holds = verify_consistency(digest, first, second, path, first_root, second_root)
    assert holds is case["holds"]
    if holds:
        assert list(consistency_proof(digest, first, second, PUBLIC.hashes)) == path

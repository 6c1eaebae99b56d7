"""A ledger's tree as a database keeps it: the leaves' hashes, and those of some levels above."""

from __future__ import annotations

from collections.abc import Iterable

from sealkit.rules.merkle import Digest, leaf_hash
from sealkit.station.tree.merkle import Frontier


class KeptTree:
    """hashes: what proofs read by; reads: how often they did."""

    def __init__(self, digest: Digest, leaves: Iterable[bytes] = ()) -> None:
        self.digest = digest
        self.frontier = Frontier()
        self.kept: dict[tuple[int, int], bytes] = {}
        self.reads = 0
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> int:
        """Takes the bytes of a leaf; its index."""
        index = self.frontier.size
        hashed = self.kept[0, index] = leaf_hash(self.digest, leaf)
        self.frontier, created = self.frontier.extend(self.digest, [hashed])
        for node in created:
            assert (node.level, node.place) not in self.kept
            self.kept[node.level, node.place] = node.hash
        return index

    def hashes(self, level: int, begin: int, end: int) -> list[bytes]:
        self.reads += 1
        return [self.kept[level, index] for index in range(begin, end)]

"""A random draw of seals for inspection that anybody can repeat (SPEC.md H-10). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sealkit.crypto.suite import Suite
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import TagType
from sealkit.wire.tags import domain_tag


@dataclass(frozen=True, slots=True)
class Drawn:
    """A seal that was drawn, and the 32 bytes that put it in its place."""

    number: SealNumber
    rank: bytes


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw with all that it takes to repeat it: the seed, size and root (32 bytes) of the tree,
    the list drawn from, by number, and what was drawn."""

    seed: str
    size: int
    root: bytes
    numbers: tuple[SealNumber, ...]
    drawn: tuple[Drawn, ...]


def draw(
    suite: Suite, seed: str, root: bytes, numbers: Iterable[SealNumber], sample: int
) -> list[Drawn]:
    """`sample` of the seals, in the order in which they were drawn; all of them if there are fewer.

    seed: told after the tree head with this root (32 bytes) was given out. Everybody who has seed,
    root and list gets the same.
    """
    start = domain_tag(suite.id, TagType.DRAW) + suite.digest(seed.encode()) + root
    ranked = [
        Drawn(
            number,
            suite.digest(
                start + number.maker.to_bytes(4, "big") + number.serial.to_bytes(4, "big")
            ),
        )
        for number in set(numbers)
    ]
    return sorted(ranked, key=lambda drawn: drawn.rank)[:sample]

"""The draw can be repeated with nothing but what SPEC.md says."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from station.fleet import filled, handed_in, people, taxi, visit

from sealkit.station.tree.draw import draw
from sealkit.wire.numbers import SealNumber

ROOT = bytes(range(32))
NUMBERS = [SealNumber(500, serial) for serial in range(1, 200)]


@pytest.mark.requirement("H-10")
def test_anybody_can_repeat_it() -> None:
    seed = "双色球 2026134: 03 08 12 19 27 31 + 05"
    tag = b"SEALKIT\x01\x0c\x01"
    start = tag + sha256(seed.encode()).digest() + ROOT
    ranks = {
        number: sha256(
            start + number.maker.to_bytes(4, "big") + number.serial.to_bytes(4, "big")
        ).digest()
        for number in NUMBERS
    }
    by_hand = sorted(NUMBERS, key=lambda number: ranks[number])[:50]
    drawn = draw(people().suite, seed, ROOT, NUMBERS, 50)
    assert [one.number for one in drawn] == by_hand


@pytest.mark.requirement("H-10")
@given(st.permutations(NUMBERS[:20]), st.integers(1, 25), st.text())
def test_order_and_repeats_of_the_list_do_not_count(
    numbers: list[SealNumber], sample: int, seed: str
) -> None:
    drawn = draw(people().suite, seed, ROOT, numbers + numbers, sample)
    assert drawn == draw(people().suite, seed, ROOT, sorted(numbers), sample)
    assert len(drawn) == min(sample, 20)


@pytest.mark.requirement("H-10")
def test_a_draw_holds_for_the_tree_of_its_size(url: str) -> None:
    with filled(url, *range(1, 9)) as ledger:
        before = ledger.draw("seed", 3)
        ledger.ingest_export(handed_in(taxi(9)), visit())
        assert ledger.draw("seed", 3, size=8) == before
        assert len(ledger.draw("seed", 3).numbers) == 9
        assert before.root == ledger.root(8)

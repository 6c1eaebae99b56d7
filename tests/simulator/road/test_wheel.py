"""Tyres: rolling circumference by size, and wear."""

from __future__ import annotations

import pytest

from sealkit.errors import UsageError
from sealkit_simulator.road.wheel import Wheel, rolling_circumference_um


@pytest.mark.parametrize(
    ("size", "circumference_um"),
    [
        # 15 in x 25.4 mm + 2 x 195 mm x 0.65 = 634.5 mm, times 3.05
        ("195/65R15", 1_935_225),
        # 16 in x 25.4 mm + 2 x 205 mm x 0.55 = 631.9 mm, times 3.05
        ("205/55R16", 1_927_295),
    ],
)
def test_a_new_tyre(size: str, circumference_um: int) -> None:
    assert rolling_circumference_um(size) == circumference_um


@pytest.mark.parametrize("size", ["", "195/65", "195/65R15 ", "195-65R15", "ninety"])
def test_what_is_no_tyre(size: str) -> None:
    with pytest.raises(UsageError) as refused:
        rolling_circumference_um(size)
    assert refused.value.code == "TYRE_SIZE"


def test_wear_is_the_same_in_pieces_and_at_once() -> None:
    pieces, whole = Wheel(1_935_225), Wheel(1_935_225)
    for _ in range(500):
        pieces.wear(100_000_000)
    whole.wear(50_000_000_000)
    # 50,000 km cost a tyre 6 mm of tread, so 38 mm of circumference.
    assert pieces.circumference_um == whole.circumference_um == 1_935_225 - 38_000

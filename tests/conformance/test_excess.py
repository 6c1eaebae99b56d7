"""The model of W-6 against its formula, and the seal's own detector against the model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit_conformance.model.excess import BothWays, Excess
from sealkit_simulator.watching.excess import Excess as Detector

STRETCHES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), max_size=40)


@pytest.mark.requirement("W-6")
@given(STRETCHES, st.integers(0, 200_000))
def test_the_detector_is_never_far_from_the_model(
    stretches: list[tuple[int, int]], ppm: int
) -> None:
    """It divides whole numbers: a unit a stretch at most."""
    model, detector = Excess(ppm), Detector()
    for more, less in stretches:
        model.add(more, less)
        detector.add(more, less, ppm)
        assert abs(model.e - detector.value) <= len(stretches)


@pytest.mark.requirement("W-6")
def test_a_true_excess_is_found_after_the_limit_over_what_is_beyond_the_tolerance() -> None:
    """limit * 1,000,000 / (d - tolerance), both ways."""
    for one, other in ((1_020, 1_000), (1_000, 1_020)):
        both, times = BothWays(10_000, 200), 0
        while both.share <= 1:
            both.add(one, other)
            times += 1
        assert 18 <= times <= 22
        assert both.stretches == (times * one, times * other)

"""K inferred from trips: what is found, within how far, and what never is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealkit.wire.registry import Cause, Rounding
from sealkit_simulator.watching.distance_constant import DistanceConstant
from sealkit_simulator.watching.excess import Excess

K = 1000
TOLERANCE = 7_500
WINDOW = 100_000


class Meter:
    """A meter with a K of its own that tells distances to 0.1 km."""

    def __init__(self, k: int, rounding: Rounding, seed: int, carries: bool = False) -> None:
        self.k = k
        self.rounding = rounding
        self.carries = carries
        self.random = random.Random(seed)
        self.pulses = 0
        self._carried = 0

    def trip(self, mean_m: int = 6_000) -> tuple[int, int, int]:
        """Metered and empty metres as told, and the pulses up to the end."""
        told = []
        for mean in (mean_m, mean_m // 2):
            driven = self.random.randrange(mean // 5, 2 * mean)
            pulses = driven * K // 1000  # as the sensor gives them
            self.pulses += pulses
            told.append(self._told(pulses * 1000 // self.k))
        return told[0], told[1], self.pulses + self.random.randrange(8)

    def _told(self, metres: int) -> int:
        if self.carries:
            metres += self._carried
            self._carried = metres % 100
        elif self.rounding is Rounding.ROUNDS:
            metres += 50
        return metres // 100 * 100


def found_after(meter: Meter, limit_km: int, mean_m: int = 6_000, honest_km: int = 0) -> int | None:
    """After how many metres by the seal's pulses a changed K is found; None: not by the limit."""
    check = DistanceConstant(K, TOLERANCE, WINDOW, meter.rounding)
    changed, meter.k = meter.k, K
    while meter.pulses < honest_km * K:
        check.end_trip(*meter.trip(mean_m))
    assert check.found is None
    meter.k = changed
    began = meter.pulses
    while meter.pulses - began < limit_km * K:
        check.end_trip(*meter.trip(mean_m))
        if check.found is not None:
            return (meter.pulses - began) * 1000 // K
    return None


def test_an_excess_adds_up_and_noise_does_not() -> None:
    excess = Excess()
    excess.add(1_100, 1_000, 20_000)  # 10 % more, of which 2 % are borne
    assert (excess.value, excess.more, excess.less) == (80, 1_100, 1_000)
    excess.add(900, 1_000, 20_000)
    assert (excess.value, excess.more, excess.less) == (0, 0, 0)
    for _ in range(1_000):
        excess.add(1_020, 1_000, 20_000)
    assert excess.value == 0


@pytest.mark.requirement("W-7")
@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("honest_km", [0, 3_000])
@pytest.mark.parametrize(("factor", "limit_km"), [(0.98, 200), (1.02, 200), (0.985, 500)])
def test_a_changed_k_is_found(
    rounding: Rounding, honest_km: int, factor: float, limit_km: int
) -> None:
    for seed in range(100):
        meter = Meter(round(K * factor), rounding, seed)
        assert found_after(meter, limit_km, honest_km=honest_km) is not None


@pytest.mark.requirement("W-8")
@pytest.mark.parametrize("mean_m", [1_500, 6_000, 20_000])
@pytest.mark.parametrize("rounding", Rounding)
def test_an_honest_meter_is_never_found(rounding: Rounding, mean_m: int) -> None:
    for seed in range(20):
        assert found_after(Meter(K, rounding, seed), 5_000, mean_m) is None
        assert found_after(Meter(K, Rounding.ROUNDS, seed, carries=True), 5_000, mean_m) is None


@pytest.mark.requirement("W-8")
def test_a_meter_that_cuts_is_to_be_known_as_one() -> None:
    meter = Meter(K, Rounding.CUTS, 1)
    check = DistanceConstant(K, TOLERANCE, WINDOW, Rounding.ROUNDS)
    while meter.pulses < 500 * K and check.found is None:
        check.end_trip(*meter.trip())
    assert check.found is not None  # 1.1 % are lost


def test_worked_numbers() -> None:
    """10 km a trip told as 10.2 km: 2 % less what is borne, 125 m a trip, against 750 m."""
    check = DistanceConstant(K, TOLERANCE, WINDOW)
    for number in range(8):
        assert check.found is None
        check.end_trip(7_000, 3_200, 10_000 * number)
    assert check.trip_more.value == 7 * (10_200 - 10_000 - 75) * K
    assert check.found is not None
    assert check.found.cause is Cause.K_MISMATCH
    assert check.found.before == (1_000_000).to_bytes(4, "big")
    inferred, basis = 70_000 * 1_000_000 // 71_400, 71_400
    assert check.found.after == inferred.to_bytes(4, "big") + basis.to_bytes(4, "big")
    assert (check.inferred_milli, check.basis_m, check.trips) == (inferred, basis, 8)


def test_what_evidence_tells_is_of_late() -> None:
    check = DistanceConstant(K, 0, 10_000)
    for number in range(200):
        check.end_trip(7_000, 3_000, 10_000 * number)
        assert check.basis_m < 20_000
    assert check.inferred_milli == K * 1000
    assert check.found is None


@pytest.mark.requirement("W-7")
def test_trips_whose_end_is_not_known_are_judged_with_the_next() -> None:
    check = DistanceConstant(K, TOLERANCE, WINDOW)
    check.end_trip(5_000, 0, 1_000)
    check.end_trip(5_000, 1_000, None)
    check.end_trip(3_000, 1_000, 11_000)
    assert (check.basis_m, check.basis_pulses) == (10_000, 10_000)
    check.begin_anew()
    check.end_trip(5_000, 0, 90_000)
    check.end_trip(2_000, 999_900, 95_000)  # the empty distance may be more than its field
    check.end_trip(2_000, 1_000, 98_000)
    assert (check.basis_m, check.basis_pulses) == (13_000, 13_000)


@pytest.mark.requirement("W-9")
def test_k_and_lifetime_distance_of_signing_off() -> None:
    check = DistanceConstant(K, TOLERANCE, WINDOW)
    for shift in range(30):
        for _ in range(2):  # not acknowledged, so sent once more
            check.end_shift(K, 5_000_000 + 200_000 * shift, 200_000 * shift)
    assert check.found is None
    check.end_shift(980, 0, 0)
    assert check.found is not None
    assert check.found.after == (980_000).to_bytes(4, "big") + bytes(4)
    check = DistanceConstant(K, TOLERANCE, WINDOW)
    for shift in range(3):
        check.end_shift(K, 5_000_000 + 100_000 * shift, 102_000 * shift)
    assert check.found is not None
    assert DistanceConstant(0, 0, 0).inferred_milli == 0


def test_k_of_five_digits_is_not_told_by_signing_off() -> None:
    check = DistanceConstant(12_345, TOLERANCE, WINDOW)
    check.end_shift(2_345, 1_000, 0)
    assert check.found is None


@settings(max_examples=50)
@given(
    k=st.integers(500, 65_535),
    trips=st.lists(
        st.tuples(st.integers(0, 99_999_900), st.integers(0, 999_900), st.integers(0, 2**40)),
        max_size=50,
    ),
    rounding=st.sampled_from(Rounding),
)
def test_whatever_is_told_what_is_carried_on_fits_64_bits(
    k: int, trips: list[tuple[int, int, int]], rounding: Rounding
) -> None:
    check = DistanceConstant(k, TOLERANCE, WINDOW, rounding)
    pulses = 0
    for metered, empty, more in trips:
        pulses += more
        check.end_trip(metered, empty, pulses)
        for excess in (check.trip_more, check.trip_less):
            assert 0 <= excess.value < 2**63
            assert min(excess.more, excess.less) >= 0
            assert max(excess.more, excess.less) < 2**64
    if check.found is not None:
        assert len(check.found.before), len(check.found.after) == (4, 8)

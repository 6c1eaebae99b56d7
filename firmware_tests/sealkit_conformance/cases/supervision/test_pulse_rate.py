"""Pulses faster, or quickening more, than a car can drive (W-10)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pytest

from sealkit.wire.registry import Attachment, Cause
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.cases.supervision.watched import ALL, Watched
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = needs(Capability.METER_SCRIPTED, Capability.TIME, Capability.PULSES)
RATE_HZ: Final = 200
ACCELERATION: Final = 4_000
"""mm/s²."""
FINE_K: Final = 20_000
"""A pulse is 5 cm, so that two of them are little."""


def pulses(watched: Watched, rates: Iterable[float]) -> None:
    """A second at each rate, in Hz."""
    left = 0.0
    for rate in rates:
        count, left = divmod(left + rate, 1)
        watched.bench.pulses(int(count), 1_000)


def ramp(k: int, mm_s2: int, seconds: int) -> list[float]:
    """The rates of a vehicle that quickens from standing."""
    return [mm_s2 * (second + 0.5) * k / 1_000_000 for second in range(seconds)]


@clause("W-10", "R57")
def test_up_to_the_sealed_rate_nothing_is_found(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench, pulse_rate_max_hz=RATE_HZ)
    for rate in (50, RATE_HZ * 9 // 10, 0, RATE_HZ * 9 // 10):
        pulses(watched, [rate] * 6)
        watched.calm("W-10", f"{rate} Hz of {RATE_HZ}")
    told = opened.evidence().pulse_rate_max_hz
    expect.true("E-5", 170 <= told <= 185, f"the highest rate told is {told} of 180 Hz")


@clause("W-10", "Z-1", "R57", "R46")
@pytest.mark.parametrize("rate", [RATE_HZ * 23 // 20, 3_000, 60_000])
def test_a_rate_over_the_sealed_one_is_found(
    opened: SealUnderTest, bench: Backend, rate: int
) -> None:
    watched = Watched(opened, bench, pulse_rate_max_hz=RATE_HZ)
    pulses(watched, [100, 100, *[rate] * 3, 100, 100])
    body = watched.alarm("W-10", Cause.PULSE_RATE, f"{rate} Hz of {RATE_HZ}")
    sealed = RATE_HZ.to_bytes(2, "big") + bytes(2)
    expect.equal("W-10", sealed, body.before, "both thresholds in the record")
    expect.equal("W-10", 4, len(body.after), "bytes of what was measured")
    found = int.from_bytes(body.after[:2], "big")
    # The first window over the limit may have begun before.
    expect.true(
        "W-10", RATE_HZ < found <= min(rate * 11 // 10, 65_535), f"{found} Hz in the record"
    )
    told = opened.evidence().pulse_rate_max_hz
    due = min(rate, 65_535)
    expect.true("E-5", due * 9 // 10 <= told <= due * 11 // 10, f"{told} Hz is the highest told")
    expect.true("W-5", Cause.PULSE_RATE in watched.live, "what was found is live no more")


@clause("W-10")
def test_a_short_burst_is_judged_over_a_window(opened: SealUnderTest, bench: Backend) -> None:
    """60 pulses at once are no rate: in a window of a second there are no more than 120."""
    watched = Watched(opened, bench, pulse_rate_max_hz=RATE_HZ)
    for _ in range(5):
        bench.pulses(60)
        bench.pass_time(1_000)
    watched.calm("W-10", "bursts of 60 pulses, one a second")


@clause("W-10", "P-11")
def test_a_rate_of_zero_judges_none(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench)
    pulses(watched, [50_000] * 3)
    watched.calm("P-11", "neither rate nor acceleration is sealed")


@clause("P-11", "W-10")
def test_without_a_pulse_input_no_rate_is_judged(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(
        opened,
        bench,
        attachments=ALL & ~Attachment.PULSE_INPUT,
        pulse_rate_max_hz=RATE_HZ,
        acceleration_max_mm_s2=ACCELERATION,
    )
    pulses(watched, [5_000] * 3)
    watched.calm("P-11", "the set does not rely on the pulse input")


@clause("W-10", "R57")
@pytest.mark.parametrize("k", [FINE_K, 60_000])
def test_quickening_as_a_car_can_finds_nothing(
    opened: SealUnderTest, bench: Backend, k: int
) -> None:
    watched = Watched(opened, bench, k_pulses_per_km=k, acceleration_max_mm_s2=ACCELERATION)
    faster = ramp(k, ACCELERATION * 8 // 10, 9)
    pulses(watched, [0, 0, *faster, *[faster[-1]] * 3])
    watched.calm("W-10", "from 0 to 100 km/h at 80 % of the sealed acceleration")


@clause("W-10", "R57", "R46")
@pytest.mark.parametrize("k", [FINE_K, 60_000])
def test_quickening_more_than_a_car_can_is_found(
    opened: SealUnderTest, bench: Backend, k: int
) -> None:
    watched = Watched(opened, bench, k_pulses_per_km=k, acceleration_max_mm_s2=ACCELERATION)
    faster = ramp(k, ACCELERATION * 3 // 2, 6)
    pulses(watched, [0, 0, *faster, *[faster[-1]] * 3])
    body = watched.alarm("W-10", Cause.PULSE_RATE, "at 150 % of the sealed acceleration")
    expect.equal("W-10", bytes(2) + ACCELERATION.to_bytes(2, "big"), body.before, "the thresholds")
    found = int.from_bytes(body.after[2:], "big")
    expect.true("W-10", ACCELERATION < found <= 2 * ACCELERATION, f"{found} mm/s² in the record")


@clause("W-10")
def test_braking_is_not_judged(opened: SealUnderTest, bench: Backend) -> None:
    """Wheels may lock: from full speed to nothing at once."""
    watched = Watched(opened, bench, k_pulses_per_km=FINE_K, acceleration_max_mm_s2=ACCELERATION)
    pulses(watched, [0, *ramp(FINE_K, 3_000, 9), *[500] * 2, *[0] * 4])
    watched.calm("W-10", "the vehicle brakes")


@clause("W-10")
def test_two_pulses_more_are_no_acceleration(opened: SealUnderTest, bench: Backend) -> None:
    """With a small K the pulses of two windows differ by as much when nothing happens."""
    watched = Watched(opened, bench, k_pulses_per_km=500, acceleration_max_mm_s2=1_000)
    for count in (1, 2, 4, 6, 4, 6, 5, 7, 5, 7, 6, 8, 6, 8):
        bench.pulses(count, 1_000)
    watched.calm("W-10", "two pulses more, of 2 m each")


@clause("W-10")
@needs(Capability.POWER)
def test_the_first_window_after_a_boot_has_none_before_it(
    opened: SealUnderTest, bench: Backend
) -> None:
    """The power comes on at full speed."""
    watched = Watched(opened, bench, k_pulses_per_km=FINE_K, acceleration_max_mm_s2=ACCELERATION)
    for _ in range(3):
        opened.restart(30)
        pulses(watched, [600] * 5)
        watched.calm("W-10", "the power came on at 108 km/h")
        bench.pulses(600)

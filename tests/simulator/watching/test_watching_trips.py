"""Trips by number, the meter's clock, and what of all detectors survives a boot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.meter_talk import raw, trip
from support.people import NOW

from sealkit.wire.parameters import SupervisionGroup
from sealkit.wire.registry import Attachment, Cause
from sealkit_simulator.watching.detectors import Detectors, Trip
from sealkit_simulator.watching.meter_clock import MeterClock
from sealkit_simulator.watching.trips import Seen, Trips

LIMITS = SupervisionGroup(sum(Attachment), 5_000, 0, 70, 8_000, 7_500, 100_000)


def told(number: int, metered_m: int = 5_000) -> bytes:
    return raw(trip(number, NOW + 900 * (number % 1_000), metered_m))


def tapped(*numbers: int) -> Trips:
    trips = Trips()
    for number in numbers:
        trips.hear_trip(told(number))
    return trips


@pytest.mark.requirement("W-15")
def test_a_skipped_number_is_missing() -> None:
    assert tapped(7, 8, 8, 7, 9).missing is None
    missing = tapped(7, 8, 10).missing
    assert missing is not None
    assert missing.cause is Cause.TRIPS_MISSING
    assert (missing.before, missing.after) == (bytes((0, 0, 0, 9)), bytes((0, 0, 0, 10)))


@pytest.mark.requirement("W-15")
def test_what_noise_or_a_boot_hid_is_not_missing() -> None:
    trips = tapped(7, 8)
    trips.lose_bytes()
    trips.hear_trip(told(10))
    assert trips.missing is None
    trips.hear_trip(told(12))  # but from the next trip on it is
    assert trips.missing is not None


@pytest.mark.requirement("W-15")
def test_a_start_without_an_end_is_missing() -> None:
    trips = tapped(7)
    trips.hear_start(100)
    trips.hear_start(100)  # not acknowledged, so told again
    assert trips.hired
    for _ in range(5):
        trips.hear_heartbeat(hired=True)
    trips.hear_trip(told(8))
    trips.hear_heartbeat(hired=True)  # crossed the end
    trips.hear_heartbeat(hired=False)
    trips.hear_start(200)
    assert trips.missing is None
    trips.hear_start(300)
    assert trips.missing is not None
    assert trips.missing.before == bytes((0, 0, 0, 9))
    assert trips.missing.after == bytes(4)


@pytest.mark.requirement("W-15")
def test_a_ride_that_only_heartbeats_tell_is_missing() -> None:
    def ride(trips: Trips, beats: int = 3) -> None:
        for _ in range(beats):
            trips.hear_heartbeat(hired=True)
        trips.hear_heartbeat(hired=False)

    again = tapped(7)
    ride(again)
    assert again.missing is None
    ride(again)
    assert again.missing is not None
    started = tapped(7)
    ride(started)
    started.hear_start(100)
    assert started.missing is not None
    late = tapped(7)
    for _ in range(3):
        late.hear_heartbeat(hired=True)
    late.hear_start(100)  # its frame came late
    late.hear_trip(told(8))
    assert late.missing is None


@pytest.mark.requirement("W-15")
def test_the_own_line_asks_for_each_trip_twice() -> None:
    trips = Trips()
    trips.count(7)
    assert trips.wanted is None
    trips.count(9)
    asked = []
    while trips.wanted is not None:
        asked.append(trips.wanted)
        trips.answer(trips.wanted, told(trips.wanted))
    assert asked == [8, 8, 9]
    trips.count(10)
    assert trips.wanted == 9
    trips.answer(9, told(9, 5_100))
    assert trips.altered is not None
    assert (trips.altered.before, trips.altered.after) == (told(9), told(9, 5_100))
    assert trips.missing is None


@pytest.mark.requirement("W-15")
@pytest.mark.parametrize("answer", [b"", told(12)])
def test_a_trip_that_was_counted_and_is_not_there_is_missing(answer: bytes) -> None:
    trips = Trips()
    trips.count(7)
    trips.count(8)
    assert trips.answer(8, answer) is None
    assert trips.missing is None
    trips.answer(8, answer)
    assert trips.missing is not None
    assert trips.wanted is None


@pytest.mark.requirement("W-15")
def test_a_total_that_falls_is_missing_trips() -> None:
    trips = Trips()
    trips.count(700)
    trips.count(3)
    assert trips.missing is not None
    assert (trips.missing.before, trips.missing.after) == (
        bytes((0, 0, 2, 188)),
        bytes((0, 0, 0, 3)),
    )
    trips.count(4)
    assert trips.wanted == 4


@pytest.mark.requirement("W-16")
def test_lines_that_tell_a_trip_differently() -> None:
    trips = Trips()
    trips.count(7)
    assert trips.hear_trip(told(8)) is Seen.NEXT
    trips.count(8)
    assert trips.answer(8, told(8)) is Seen.KNOWN
    trips.hear_answer(told(8))
    trips.hear_answer(told(3))
    assert trips.altered is None
    trips.hear_answer(told(8, 4_900))
    assert trips.altered is not None


@pytest.mark.requirement("W-16")
def test_a_trip_told_under_two_numbers() -> None:
    record = trip(7, NOW)
    trips = Trips()
    trips.hear_trip(raw(record))
    trips.hear_trip(raw(replace(record, trip_number=8)))
    assert trips.altered is not None
    nothing = replace(record, metered_distance_m=0)  # pressed and released, twice in a minute
    trips = Trips()
    trips.hear_trip(raw(nothing))
    trips.hear_trip(raw(replace(nothing, trip_number=8)))
    assert trips.altered is None


@pytest.mark.requirement("W-14")
def test_the_meter_s_clock() -> None:
    for behind, coarse, age, fits in (
        (180, 0, 0, True),
        (181, 0, 0, False),
        (-180, 0, 0, True),
        (-181, 0, 0, False),
        (240, 60, 0, True),
        (250, 60, 10, True),
        (251, 60, 10, False),
        (-240, 60, 99, True),
        (-241, 60, 99, False),
    ):
        clock = MeterClock(180)
        clock.tell(NOW - behind, NOW, coarse_s=coarse, age_s=age)
        assert (clock.found is None) == fits
    assert clock.found is not None
    assert clock.found.before == NOW.to_bytes(8, "big")
    assert clock.found.after == (NOW + 241).to_bytes(8, "big")
    off = MeterClock(0)
    off.tell(0, NOW)
    assert off.found is None


def _as_trip(number: int, metered_m: int, empty_m: int) -> Trip:
    return Trip(told(number, metered_m), metered_m, empty_m, None)


_STEPS = st.one_of(
    st.tuples(st.just("pulses"), st.integers(0, 2**32)),
    st.tuples(st.just("motion"), st.one_of(st.none(), st.integers(0, 2**16))),
    st.tuples(st.just("trip"), st.integers(0, 2**32 - 1)),
    st.tuples(st.just("count"), st.integers(0, 2**32 - 1)),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("shift"), st.integers(0, 999_999_900)),
    st.tuples(st.just("heartbeat"), st.booleans()),
    st.tuples(st.just("start"), st.integers(0, 2**33)),
)


@pytest.mark.requirement("W-5")
@settings(max_examples=60)
@given(st.integers(500, 65_535), st.lists(_STEPS, max_size=60))
def test_whatever_comes_memory_does_not_grow_and_survives_a_boot(
    k: int, steps: list[tuple[str, int]]
) -> None:
    detectors, pulses, tick = Detectors(k, LIMITS), 0, 0
    size = len(detectors.pack())
    assert size <= 512
    for kind, value in steps:
        tick += 1_000
        match kind:
            case "pulses":
                pulses += value
                detectors.count_pulses(value, tick)
            case "motion":
                detectors.hear_motion(value, tick, pulses)
            case "trip":
                detectors.tell_trip(_as_trip(value, value % 90_000 * 100, 100), pulses, NOW)
            case "count":
                detectors.count_trips(value, signed_off=value % 5 == 0)
            case "answer" if detectors.trips.wanted is not None:
                number = detectors.trips.wanted
                answer = _as_trip(number, 100, 0) if value else None
                detectors.answer_trip(number, answer, None, clock=NOW, age_s=0)
            case "shift":
                detectors.k.end_shift(k % 10_000, value, pulses)
            case "heartbeat":
                detectors.trips.hear_heartbeat(hired=bool(value))
            case "start":
                detectors.start_trip(value, NOW)
    packed = detectors.pack()
    assert len(packed) == size
    assert len(detectors.trips.records) <= 4
    assert len(detectors.stretches._held) <= 6
    again = Detectors(k, LIMITS)
    again.unpack(packed)
    assert again.pack() == packed
    for found in detectors.found():
        assert len(found.before) <= 160
        assert len(found.after) <= 160

"""The seal in a taxi that drives: what it finds of honest and of crooked shifts."""

from __future__ import annotations

from random import Random

import pytest
from support.bench import Bench
from support.meter_talk import trip, trip_end
from support.people import parameters

from sealkit.wire.registry import Cause, Group
from sealkit_simulator.frauds import fraud_named
from sealkit_simulator.road.car import draw_car
from sealkit_simulator.road.outing import Outing
from sealkit_simulator.road.taxi import Taxi

WATCHED = {"pulse_rate_max_hz": 70, "acceleration_max_mm_s2": 8_000}


def drive(fraud: str, seed: int, shifts: int, percent: float | None = None) -> tuple[Outing, Bench]:
    """Drives until something is latched, or all shifts are over."""
    random = Random(seed)
    car = draw_car(random)
    bench = Bench()
    bench.enrol()
    k = car.k_for(random.randint(-3_000, 3_000))
    bench.vehicle.taximeter.set_k(k)
    bench.vehicle.advance(1_000)
    changes = {Group.DISTANCE: {"k_pulses_per_km": k}, Group.SUPERVISION: WATCHED}
    bench.apply(bench.orders().seal(parameters(changes=changes)))
    vehicle = bench.vehicle

    def hear_motion(mm_per_s: int | None) -> None:
        if vehicle.seal is not None:
            vehicle.seal.hear_motion(mm_per_s)

    def hear_tap(data: bytes) -> None:
        if vehicle.seal is not None:
            vehicle.seal.hear_terminal_line(data, from_meter=True)

    taxi = Taxi(
        vehicle,
        car,
        fraud=fraud_named(fraud)(Random(seed), percent),
        hear_motion=hear_motion,
        hear_terminal_line=hear_tap,
    )
    outing = Outing(taxi)
    outing.drive(shifts, random, until=lambda: bool(latched(bench)))
    return outing, bench


def latched(bench: Bench) -> set[Cause]:
    seal = bench.vehicle.seal
    bits = 0 if seal is None else seal.device.history.latched_causes
    return {cause for cause in Cause if bits >> (cause - 1) & 1}


def test_an_honest_shift_is_found_honest_and_told_in_evidence() -> None:
    outing, bench = drive("honest", 1, 1)
    assert latched(bench) == set()
    evidence = bench.evidence()
    driven = outing.travelled_m
    assert evidence.trips_seen > 5
    assert 0.5 * driven < evidence.k_basis_m < driven
    assert abs(evidence.k_inferred_milli / 1_003_000 - 1) < 0.005
    assert abs(evidence.motion_pulses_m / evidence.motion_distance_m - 1) < 0.01


@pytest.mark.parametrize(
    ("fraud", "percent", "cause", "within_km"),
    [
        ("k-changed", 2, Cause.K_MISMATCH, 200),
        ("injector-behind-tap", 3, Cause.K_MISMATCH, 200),
        ("injector-proportional", 3, Cause.MOTION_DISAGREES, 300),
        ("tyres-4", None, Cause.MOTION_DISAGREES, 500),
        ("trips-hidden", None, Cause.TRIPS_MISSING, 200),
        ("trips-doubled", None, Cause.TRIP_ALTERED, 200),
        ("clock-forward", None, Cause.METER_CLOCK, 200),
    ],
)
def test_a_fraud_is_found(fraud: str, percent: float | None, cause: Cause, within_km: int) -> None:
    outing, bench = drive(fraud, 1, 3, percent)
    assert cause in latched(bench)
    assert outing.travelled_m < within_km * 1_000


@pytest.mark.requirement("W-5")
def test_what_was_gathered_survives_a_boot_and_ends_with_seal() -> None:
    bench = Bench()
    bench.enrol()
    bench.vehicle.advance(1_000)
    bench.apply(bench.orders().seal())
    for number in (1, 2):
        bench.seal.device.registers.pulses += 7_600
        record = trip_end(trip(number, bench.status().clock, 4_900 + number * 100))
        bench.seal.hear_terminal_line(record, from_meter=True)
    bench.vehicle.advance(6_000)
    before = bench.evidence()
    assert (before.trips_seen, before.k_basis_m) == (2, 7_700)
    bench.restart()
    after = bench.evidence()
    assert (after.trips_seen, after.k_basis_m) == (2, 7_700)
    bench.apply(bench.orders().seal(parameters(changes={Group.SENSOR: {"sensor_serial": "S"}})))
    assert bench.evidence().trips_seen == 0
    bench.restart()
    assert bench.evidence().trips_seen == 0


@pytest.mark.requirement("W-15")
def test_the_own_line_alone_tells_of_a_trip_that_is_altered_later() -> None:
    bench = Bench()
    bench.seal_it()
    meter = bench.vehicle.taximeter
    bench.vehicle.start_meter_clock()

    def ride() -> int:
        meter.hire()
        for _ in range(40):
            bench.time.advance(1_000)
            meter.advance(10, 1_000)
            bench.vehicle.count_pulses(10)
            bench.vehicle.step()
        number = meter.end_trip().trip_number
        bench.vehicle.advance(20_000)
        return number

    first = ride()
    assert bench.evidence().trips_seen == 1
    stored = meter.trips[first]
    meter.trips[first] = type(stored)(
        **{**{n: getattr(stored, n) for n in stored.__slots__}, "amount_fen": 100}
    )
    ride()
    assert latched(bench) == {Cause.TRIP_ALTERED}

"""The simulated bench: it finds a meter's error from its display alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from support.bench import Bench

from sealkit.errors import TimedOutError
from sealkit_simulator.control import ControlChannel
from sealkit_simulator.road.roller import Roller
from sealkit_simulator.taximeter import SHANGHAI_FARE


def test_the_error_that_the_k_makes() -> None:
    bench = Bench()
    # 985 pulses a real km, and the meter takes 1,000 for one: 3 km on the display are 3.046.
    first, second = Roller(bench.vehicle).distances_mm(2)
    assert first == pytest.approx(3_000_000 / 0.985, abs=8_000)
    assert second == pytest.approx(3_500_000 / 0.985, abs=8_000)
    bench.vehicle.taximeter.set_k(950)
    (changed,) = Roller(bench.vehicle).distances_mm(1)
    assert changed == pytest.approx(3_000_000 * 0.95 / 0.985, abs=8_000)


def test_waiting_is_timed_while_the_vehicle_stands() -> None:
    bench = Bench()
    pulses = bench.seal.device.registers.pulses
    assert Roller(bench.vehicle).waits_ms(2) == [240_000, 480_000]
    assert bench.seal.device.registers.pulses == pulses


def test_runs_differ_a_little_and_a_seed_tells_them_again() -> None:
    bench = Bench()
    readings = [Roller(bench.vehicle, seed=seed).distances_mm(1)[0] for seed in (0, 1, 2, 3, 4)]
    assert len(set(readings)) > 1
    assert max(readings) - min(readings) < 8_000
    assert Roller(bench.vehicle, seed=0).distances_mm(1) == [readings[0]]


def test_the_meter_is_vacant_afterwards_and_the_seal_has_counted() -> None:
    bench = Bench()
    before = bench.seal.device.registers.pulses
    (driven,) = Roller(bench.vehicle).distances_mm(1)
    assert not bench.vehicle.taximeter.hired
    counted = bench.seal.device.registers.pulses - before
    assert counted == pytest.approx(driven * 985 / 1_000_000, abs=1.1)


def test_a_display_that_never_jumps() -> None:
    bench = Bench()
    bench.vehicle.taximeter.fare = replace(SHANGHAI_FARE, price_increment_time_s=0)
    with pytest.raises(TimedOutError) as gave_up:
        Roller(bench.vehicle).waits_ms(1)
    assert gave_up.value.code == "ROLLER_NO_JUMP"
    assert not bench.vehicle.taximeter.hired


def told(bench: Bench, **request: Any) -> dict[str, Any]:
    answer = ControlChannel(bench.vehicle).receive(json.dumps(request).encode() + b"\n")
    heard: dict[str, Any] = json.loads(answer)
    return heard


def test_the_control_channel_puts_a_vehicle_on_the_bench() -> None:
    bench = Bench()
    rolled = told(bench, do="roll_to_jumps", jumps=2, pulses_per_1000_km=1_000_000)
    assert rolled["ok"]
    assert rolled["distances_mm"][0] == pytest.approx(3_000_000, abs=8_000)
    assert told(bench, do="stand_to_jumps")["waits_ms"] == [240_000]


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "roll_to_jumps", "jumps": 0},
        {"do": "roll_to_jumps", "jumps": 11},
        {"do": "roll_to_jumps", "pulses_per_1000_km": 499_999},
        {"do": "roll_to_jumps", "pulses_per_1000_km": "1000"},
        {"do": "stand_to_jumps", "speed": 1},
    ],
)
def test_what_no_bench_does(request_: dict[str, Any]) -> None:
    bench = Bench()
    answer = told(bench, **request_)
    assert answer["error"]["code"] == "CONTROL_BAD_REQUEST"


def test_a_meter_that_is_hired_is_not_checked() -> None:
    bench = Bench()
    bench.vehicle.start_meter_clock()
    bench.vehicle.taximeter.hire()
    assert told(bench, do="roll_to_jumps")["error"]["code"] == "METER_HIRED"
    assert bench.vehicle.taximeter.hired

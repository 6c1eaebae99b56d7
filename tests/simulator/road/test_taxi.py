"""A taxi: meter and seal live through a shift, and frauds sit at every hook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest
from support.bench import Bench

from sealkit.meter import layouts
from sealkit.meter.commands import DONE, ERROR, Command
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder, encode_frame
from sealkit.wire.registry import State
from sealkit_simulator.road.car import draw_car
from sealkit_simulator.road.drive import Step
from sealkit_simulator.road.fraud import Fraud
from sealkit_simulator.road.sensor import NO_PULSES, PulseTrain
from sealkit_simulator.road.shift import Leg, plan_shift
from sealkit_simulator.road.situations import Situation
from sealkit_simulator.road.taxi import Taxi
from sealkit_simulator.road.terminal import InCarTerminal
from sealkit_simulator.taximeter import METER_STATUS, STORED_TRIPS

RIDE = (
    Leg(Situation.PARKED, 5, on_duty=False),
    Leg(Situation.CITY, 60),
    Leg(Situation.CITY, 300, hired=True),
    Leg(Situation.IDLE, 30),
    Leg(Situation.PARKED, 5, on_duty=False),
)


@pytest.fixture(scope="module")
def _sealed() -> Bench:
    made = Bench()
    made.install_credential()
    made.seal_it()
    return made


@pytest.fixture
def sealed(_sealed: Bench) -> Bench:
    return _sealed.copy()


class Heard:
    """What came in at the seal's inputs."""

    def __init__(self) -> None:
        self.motion: list[int | None] = []
        self.terminal_line = b""
        self.pulses = 0

    def hear_terminal_line(self, data: bytes) -> None:
        self.terminal_line += data

    def hear_pulses(self, train: PulseTrain) -> None:
        self.pulses += train.edges


def drive(
    bench: Bench, fraud: Fraud | None = None, legs: Iterable[Leg] = RIDE
) -> tuple[Taxi, Heard, list[Step]]:
    random, heard = Random(6), Heard()
    taxi = Taxi(
        bench.vehicle,
        draw_car(random),
        fraud=fraud or Fraud(),
        hear_pulses=heard.hear_pulses,
        hear_motion=heard.motion.append,
        hear_terminal_line=heard.hear_terminal_line,
    )
    return taxi, heard, list(taxi.drive(legs, random))


def test_meter_and_seal_live_through_an_honest_ride(sealed: Bench) -> None:
    before = sealed.time.ahead_ms
    taxi, heard, steps = drive(sealed)
    assert sealed.time.ahead_ms - before == 400_000
    assert heard.pulses == sum(step.pulses.edges for step in steps)
    assert heard.motion == [step.motion_mm_per_s for step in steps]
    (trip,) = taxi.terminal.trips
    hired_mm = sum(step.travelled_mm for step in steps if step.hired)
    assert abs(trip.metered_distance_m - hired_mm // 1_000) < 150
    (shift,) = taxi.terminal.shifts
    assert shift.trips == 1
    assert sealed.state() is State.SEALED


def test_without_a_listener_the_vehicle_s_seal_counts(sealed: Bench) -> None:
    random = Random(6)
    before = sealed.seal.device.registers.pulses
    steps = list(Taxi(sealed.vehicle, draw_car(random)).drive(RIDE, random))
    counted = sealed.seal.device.registers.pulses - before
    assert counted == sum(step.pulses.edges for step in steps) > 1_000


def test_without_power_nobody_counts_and_the_clock_runs(sealed: Bench) -> None:
    gap = Leg(Situation.BATTERY_CHANGE, 120, on_duty=False)
    boots = sealed.seal.device.registers.boot
    taxi, heard, _ = drive(sealed, legs=[gap, *RIDE])
    assert sealed.seal.device.registers.boot == boots + 1
    assert len(heard.motion) == 400
    assert taxi.terminal.trips


def test_shifts_follow_each_other(sealed: Bench) -> None:
    random = Random(1)
    taxi = Taxi(sealed.vehicle, draw_car(random))
    for _ in range(2):
        for _step in taxi.drive(plan_shift(random, 3, {}), random):
            pass
    assert len(taxi.terminal.shifts) == 2
    assert len(taxi.terminal.trips) == sum(shift.trips for shift in taxi.terminal.shifts) > 2


class AtSensor(Fraud):
    def sensor_line(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        return pulses._replace(edges=2 * pulses.edges)


class AtMeter(Fraud):
    def meter_pulses(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        return pulses._replace(edges=2 * pulses.edges)


class AtSeal(Fraud):
    def seal_pulses(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        return NO_PULSES


@pytest.mark.parametrize(
    ("fraud", "metered", "sealed_count"), [(AtSensor(), 2, 2), (AtMeter(), 2, 1), (AtSeal(), 1, 0)]
)
def test_where_pulses_can_be_added_and_lost(
    sealed: Bench, fraud: Fraud, metered: int, sealed_count: int
) -> None:
    taxi, heard, steps = drive(sealed, fraud)
    made = sum(step.pulses.edges for step in steps)
    assert heard.pulses == sealed_count * made
    lifetime = taxi.meter.engine.totals.distance_mm
    plain, *_ = drive(Bench())
    honest = plain.meter.engine.totals.distance_mm
    assert lifetime - honest == pytest.approx((metered - 1) * made * 1_000, abs=2_000)


class OnTheLines(Fraud):
    """Lets the seal hear nothing of the meter, and hides trips from the terminal alone."""

    def __init__(self) -> None:
        self.begun = 0
        self.seconds = 0

    def begin(self, taxi: Taxi) -> None:
        self.begun += 1

    def before_step(self, taxi: Taxi, step: Step) -> None:
        self.seconds += 1

    def motion(self, mm_per_s: int | None, step: Step) -> int | None:
        return None

    def from_meter(self, answer: bytes) -> bytes:
        return b""

    def to_terminal(self, data: bytes) -> bytes:
        return b""


def test_who_sits_on_the_lines(sealed: Bench) -> None:
    fraud = OnTheLines()
    taxi, heard, _ = drive(sealed, fraud)
    assert (fraud.begun, fraud.seconds) == (1, 400)
    assert set(heard.motion) == {None}
    assert not taxi.terminal.trips
    assert b"\x00\xe8" in heard.terminal_line
    assert sealed.seal.device.watch.silent


class Deaf(Fraud):
    def to_meter(self, question: bytes) -> bytes:
        return b""

    def terminal_line(self, data: bytes) -> bytes:
        return b""


def test_who_sits_before_the_tap(sealed: Bench) -> None:
    taxi, heard, _ = drive(sealed, Deaf())
    assert heard.terminal_line == b""
    assert sealed.seal.device.watch.silent
    assert taxi.meter.unreported


def test_the_terminal_takes_records_and_acknowledges_them() -> None:
    terminal = InCarTerminal(METER_STATUS)
    sent = Frame(TAXIMETER, 1, Command.TRIP_END, layouts.TRIP_RECORD.build(STORED_TRIPS[0]))
    told = b"".join(map(encode_frame, [sent, replace(sent, data=b"\xff" * 66)]))
    answers = FrameDecoder().feed(terminal.receive(told, datetime(2026, 11, 24, 8)))
    assert [frame.data for frame in answers] == [bytes((DONE,)), bytes((ERROR,))]
    assert terminal.trips == [STORED_TRIPS[0]]

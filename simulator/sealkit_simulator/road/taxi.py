"""A taxi: a car drives, its meter charges, its seal counts, and a fraud may sit in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Protocol

from sealkit_simulator.road.car import Car
from sealkit_simulator.road.drive import Drive, Event, Step
from sealkit_simulator.road.fraud import HONEST, Fraud
from sealkit_simulator.road.sensor import PulseTrain
from sealkit_simulator.road.shift import Leg
from sealkit_simulator.vehicle import Vehicle


class Meter(Protocol):
    """What the driver and the road do to a taximeter."""

    def advance(self, pulses: int, elapsed_ms: int) -> object:
        """So many pulses come in within so long."""
        ...

    def hire(self) -> object: ...

    def end_trip(self) -> object: ...

    def sign_on(self) -> object: ...

    def sign_off(self) -> object: ...


class Taxi:
    """The parts of one taxi, which last from shift to shift."""

    def __init__(
        self,
        vehicle: Vehicle,
        car: Car,
        meter: Meter,
        *,
        fraud: Fraud = HONEST,
        hear_pulses: Callable[[PulseTrain], None] | None = None,
        hear_motion: Callable[[int | None], None] = lambda mm_per_s: None,
    ) -> None:
        """vehicle: its source must be virtual time. meter: as a rule the vehicle's taximeter.

        hear_pulses, hear_motion: the seal's pulse input and its second source (mm/s, None: the
        source cannot tell), called once a step; without hear_pulses the vehicle counts them.
        """
        self.vehicle = vehicle
        self.car = car
        self.meter = meter
        self.fraud = fraud
        self._hear_pulses = hear_pulses or (lambda train: vehicle.pulses(train.edges))
        self._hear_motion = hear_motion
        self._begun = False

    def drive(self, legs: Iterable[Leg], random: Random, *, step_ms: int = 1_000) -> Iterator[Step]:
        """Drives the legs as they are iterated; gives each step when it has had its effects."""
        if not self._begun:
            self._begin()
        for step in Drive(legs, self.car, random, step_ms=step_ms):
            self._take(step)
            yield step

    def _begin(self) -> None:
        self._begun = True
        ask, fraud = self.vehicle.ask_meter, self.fraud
        self.vehicle.ask_meter = lambda question: fraud.from_meter(ask(fraud.to_meter(question)))
        fraud.begin(self)

    def _take(self, step: Step) -> None:
        fraud = self.fraud
        fraud.before_step(self, step)
        for event in step.events:
            self._happen(event)
        self.vehicle.source.advance(step.elapsed_ms)
        line = fraud.sensor_line(step.pulses, step)
        # Without power the meter counts nothing; its clock has a battery.
        counted = fraud.meter_pulses(line, step).edges if step.powered else 0
        self.meter.advance(counted, step.elapsed_ms)
        if step.powered:
            self._hear_motion(fraud.motion(step.motion_mm_per_s, step))
            self._hear_pulses(fraud.seal_pulses(line, step))
        self.vehicle.step()

    def _happen(self, event: Event) -> None:
        match event:
            case Event.POWER_LOST:
                self.vehicle.cut_power()
            case Event.POWER_BACK:
                self.vehicle.restore_power()
            case Event.SIGN_ON:
                self.meter.sign_on()
            case Event.SIGN_OFF:
                self.meter.sign_off()
            case Event.HIRE:
                self.meter.hire()
            case Event.TRIP_END:
                self.meter.end_trip()
            case Event.IGNITION_ON | Event.IGNITION_OFF:
                pass  # seal and meter are on the battery, and see the ignition nowhere

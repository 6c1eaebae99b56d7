"""A taxi: a car drives, its meter charges, its seal counts, and a fraud may sit in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random

from sealkit_simulator.road.car import Car
from sealkit_simulator.road.drive import Drive, Event, Step
from sealkit_simulator.road.fraud import HONEST, Fraud
from sealkit_simulator.road.sensor import PulseTrain
from sealkit_simulator.road.shift import Leg
from sealkit_simulator.road.terminal import InCarTerminal
from sealkit_simulator.taximeter import Taximeter
from sealkit_simulator.vehicle import Vehicle


class Taxi:
    """The parts of one taxi, which last from shift to shift."""

    def __init__(
        self,
        vehicle: Vehicle,
        car: Car,
        *,
        fraud: Fraud = HONEST,
        hear_pulses: Callable[[PulseTrain], None] | None = None,
        hear_motion: Callable[[int | None], None] = lambda mm_per_s: None,
        hear_terminal_line: Callable[[bytes], None] = lambda data: None,
    ) -> None:
        """vehicle: in virtual time, and with power.

        What the seal hears beside its own line to the meter: hear_pulses once a step with pulses
        (without it the vehicle counts them), hear_motion once a step (mm/s, None: the source cannot
        tell), hear_terminal_line what the meter says to the terminal.
        """
        self.vehicle = vehicle
        self.car = car
        self.fraud = fraud
        self.terminal = InCarTerminal(vehicle.taximeter.status)
        self._hear_pulses = hear_pulses or (lambda train: vehicle.count_pulses(train.edges))
        self._hear_motion = hear_motion
        self._hear_terminal_line = hear_terminal_line
        self._begun = False

    @property
    def meter(self) -> Taximeter:
        return self.vehicle.taximeter

    def drive(self, legs: Iterable[Leg], random: Random, *, step_ms: int = 1_000) -> Iterator[Step]:
        """Drives the legs as they are iterated; gives each step when it has had its effects."""
        if not self._begun:
            self._begin()
        for step in Drive(legs, self.car, random, step_ms=step_ms):
            self._take(step)
            yield step

    def _begin(self) -> None:
        self._begun = True
        self.vehicle.start_meter_clock()
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
            seen = fraud.seal_pulses(line, step)
            if seen.edges:
                self._hear_pulses(seen)
            self._hear_motion(fraud.motion(step.motion_mm_per_s, step))
            self._report()
        self.vehicle.step()

    def _report(self) -> None:
        """What the meter has to say to the terminal, and the terminal's answer."""
        if told := self.fraud.terminal_line(self.meter.take_terminal_bytes()):
            self._hear_terminal_line(told)
            heard = self.fraud.to_terminal(told)
            answer = self.terminal.receive(heard, self.vehicle.local_time)
            if answer:
                self.meter.terminal_line.receive(answer)

    def _happen(self, event: Event) -> None:
        match event:
            case Event.POWER_LOST:
                self.vehicle.cut_power()
            case Event.POWER_BACK:
                self.vehicle.restore_power()
            case Event.SIGN_ON:
                if not self.meter.signed_on:  # a new meter comes with a shift begun
                    self.meter.sign_on()
            case Event.SIGN_OFF:
                self.meter.sign_off()
            case Event.HIRE:
                self.meter.hire()
            case Event.TRIP_END:
                self.meter.end_trip()
            case Event.IGNITION_ON | Event.IGNITION_OFF:
                pass  # seal and meter are on the battery, and see the ignition nowhere

"""Where a fraud can sit in a taxi. Each is a subclass that overrides one or two of these hooks.

wheel, sensor -- sensor_line --+-- meter_pulses -- meter -- terminal_line --+-- to_terminal
                               |                     | to_meter, from_meter |
                               +-- seal_pulses ---- seal ------ tap --------+
                second source ------ motion --------+
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.road.sensor import PulseTrain

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step
    from sealkit_simulator.road.taxi import Taxi


class Fraud:
    """Every hook lets pass what comes: as it stands, this is an honest taxi."""

    def begin(self, taxi: Taxi) -> None:
        """Before the first step: what was done in the yard, to tyres, meter or cables."""

    def before_step(self, taxi: Taxi, step: Step) -> None:
        """Before a step and its events: what is done while driving, to clocks, power or tariff."""

    def sensor_line(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        """The pulses on the sensor's line, before it forks: meter and seal both count them."""
        return pulses

    def meter_pulses(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        """What the meter counts of the pulses on the line, behind the seal's tap."""
        return pulses

    def seal_pulses(self, pulses: PulseTrain, step: Step) -> PulseTrain:
        """What the seal counts of the pulses on the line."""
        return pulses

    def motion(self, mm_per_s: int | None, step: Step) -> int | None:
        """What the seal hears of the second source."""
        return mm_per_s

    def to_meter(self, question: bytes) -> bytes:
        """What the meter hears of the seal's bytes on their own line."""
        return question

    def from_meter(self, answer: bytes) -> bytes:
        """What the seal hears of the meter's bytes on their own line."""
        return answer

    def terminal_line(self, data: bytes) -> bytes:
        """What the meter says to the terminal, before the seal's tap: both hear this."""
        return data

    def to_terminal(self, data: bytes) -> bytes:
        """What the terminal hears of the meter, behind the seal's tap."""
        return data


HONEST = Fraud()

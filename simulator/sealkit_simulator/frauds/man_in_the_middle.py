"""A small computer in the seal's line to the meter replays the sealed tariff; another one charges.

Nothing on that line is signed: the standard knows no keys.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sealkit.meter.commands import Command
from sealkit.meter.frames import Frame
from sealkit.meter.layouts import FARE_PARAMETERS
from sealkit_simulator.frauds.parts.line import alter_frames
from sealkit_simulator.frauds.parts.price import raise_price
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class ManInTheMiddle(Scheme):
    _sealed_fare = b""

    def begin(self, taxi: Taxi) -> None:
        self._sealed_fare = FARE_PARAMETERS.build(taxi.meter.fare)
        raise_price(taxi.meter)

    def from_meter(self, answer: bytes) -> bytes:
        return alter_frames(answer, self._replay)

    def _replay(self, frame: Frame) -> Frame:
        is_fare = frame.command == Command.READ_FARE
        return replace(frame, data=self._sealed_fare) if is_fare else frame

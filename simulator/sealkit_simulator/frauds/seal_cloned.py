"""The key is read out of the seal's opened chip; a second seal with its number takes its place.

The first goes on elsewhere, and is the one that an inspector has met on the road.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.backup import image_of, solder_in
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi

_READING_MS: Final = 600_000
_OTHER_LIFE_BOOTS: Final = 40
_PULSES: Final = 4_000
_MEANWHILE_MS: Final = 400_000


class ClonedSeal(Scheme):
    _image = b""

    def begin(self, taxi: Taxi) -> None:
        self._image = image_of(taxi.vehicle)
        taxi.vehicle.cut_power()  # nobody reads a chip that runs: the seal's log tells of it
        _pass_time(taxi, _READING_MS)
        taxi.vehicle.restore_power()

    def before_visit(self, taxi: Taxi) -> None:
        """The clone has seen as much of the world as the seal: more boots, more pulses."""
        driven = taxi.vehicle.seal.device.registers.pulses if taxi.vehicle.seal else 0
        solder_in(taxi.vehicle, self._image)
        for _ in range(_OTHER_LIFE_BOOTS):
            taxi.vehicle.cut_power()
            taxi.vehicle.restore_power()
        for _ in range(0, driven, _PULSES):
            taxi.vehicle.count_pulses(_PULSES)
            _pass_time(taxi, _MEANWHILE_MS)
        taxi.vehicle.advance(10_000)


def _pass_time(taxi: Taxi, ms: int) -> None:
    """In one go, for the meter as well."""
    taxi.vehicle.source.advance(ms)
    taxi.meter.advance(0, ms)
    taxi.vehicle.step()

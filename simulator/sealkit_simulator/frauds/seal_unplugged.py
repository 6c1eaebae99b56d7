"""The seal loses power and battery for twenty minutes, and the price is another one meanwhile.

Its clock stands still, so that it does not know for how long it was away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealkit_simulator.frauds.parts.price import put_price_back, raise_price
from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.drive import Step
    from sealkit_simulator.road.taxi import Taxi

_AWAY_MS: Final = 1_200_000


class UnpluggedSeal(Scheme):
    _left_ms = _AWAY_MS

    def begin(self, taxi: Taxi) -> None:
        taxi.vehicle.cut_power()
        taxi.vehicle.source.chip_failed = True
        raise_price(taxi.meter)

    def before_step(self, taxi: Taxi, step: Step) -> None:
        if self._left_ms > 0:
            self._left_ms -= step.elapsed_ms
            if self._left_ms <= 0:
                put_price_back(taxi.meter)
                taxi.vehicle.restore_power()

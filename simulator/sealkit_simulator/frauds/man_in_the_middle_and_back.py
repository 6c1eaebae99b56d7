"""As a man in the middle, who also puts the price back before the visit to the station.

Then the meter, asked directly, tells what is sealed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sealkit_simulator.frauds.man_in_the_middle import ManInTheMiddle
from sealkit_simulator.frauds.parts.price import put_price_back

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class ManInTheMiddleAndBack(ManInTheMiddle):
    undetectable: ClassVar[str] = (
        "Nothing on the meter's line is signed, and at the visit the meter is as it was sealed. The"
        " fares in the trip records are not: the audit of trips shows it."
    )

    def before_visit(self, taxi: Taxi) -> None:
        put_price_back(taxi.meter)

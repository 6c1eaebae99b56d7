"""The meter gets other software, newer or older, with a door that the maker has closed since.

It tells its version, as the standard asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealkit_simulator.frauds.parts.scheme import Scheme

if TYPE_CHECKING:
    from sealkit_simulator.road.taxi import Taxi


class ChangedSoftware(Scheme):
    def begin(self, taxi: Taxi) -> None:
        taxi.meter.set_parameter("software_version", "2.6")

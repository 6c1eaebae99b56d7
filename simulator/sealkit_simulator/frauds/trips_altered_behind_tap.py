"""As altered trips, at the terminal's end of the line: the seal hears what the meter said.

Terminals are easier to reach than meters.
"""

from __future__ import annotations

from typing import ClassVar

from sealkit_simulator.frauds.parts.line import alter_frames, halve_trip
from sealkit_simulator.frauds.parts.scheme import Scheme


class TripsAlteredBehindTap(Scheme):
    undetectable: ClassVar[str] = (
        "It happens where the seal does not listen. The centre has other trips than the meter has"
        " stored: the audit of trips shows it."
    )

    def to_terminal(self, data: bytes) -> bytes:
        return alter_frames(data, halve_trip)

"""A small computer in the terminal's line halves distance and fare of every trip on the way.

It sits at the meter's plug, before the place where the seal listens.
"""

from __future__ import annotations

from sealkit_simulator.frauds.parts.line import alter_frames, halve_trip
from sealkit_simulator.frauds.parts.scheme import Scheme


class AlteredTrips(Scheme):
    def terminal_line(self, data: bytes) -> bytes:
        return alter_frames(data, halve_trip)

"""An outing: a taxi drives its shifts, and it is written down how far it was when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from sealkit_simulator.road.drive import Event
from sealkit_simulator.road.shift import RARE_EVENTS, plan_shift
from sealkit_simulator.road.situations import Situation
from sealkit_simulator.road.taxi import Taxi

SHIFT_HOURS: Final = 10
_SECOND_MS: Final = 1_000


class Outing:
    """started_at: seconds since 1970, by the clock chip before anybody moved it. trip_starts,
    trip_ends: when, in seconds since then."""

    def __init__(self, taxi: Taxi) -> None:
        self.taxi = taxi
        self.started_at = taxi.vehicle.source.chip_ms() // _SECOND_MS
        self._travelled_mm = 0
        self._second_ms = 0
        self._by_second = [0]
        self.trip_starts: list[int] = []
        self.trip_ends: list[int] = []

    def drive(
        self,
        shifts: int,
        random: Random,
        *,
        hours: int = SHIFT_HOURS,
        rare: Mapping[Situation, int] = RARE_EVENTS,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Shift after shift, without a pause; ends earlier when `until` holds.

        rare: in how many of 1,000 shifts each rare event happens.
        """
        for _ in range(shifts):
            for step in self.taxi.drive(plan_shift(random, hours, rare), random):
                self._travelled_mm += step.travelled_mm
                if Event.HIRE in step.events:
                    self.trip_starts.append(self.seconds)
                if Event.TRIP_END in step.events:
                    self.trip_ends.append(self.seconds)
                self._second_ms += step.elapsed_ms
                if self._second_ms >= _SECOND_MS:
                    self._second_ms -= _SECOND_MS
                    self._by_second.append(self._travelled_mm)
                    if until():
                        return

    @property
    def seconds(self) -> int:
        """Driven and stood so far."""
        return len(self._by_second) - 1

    @property
    def travelled_m(self) -> int:
        return self._travelled_mm // 1_000

    def travelled_m_at(self, moment: int) -> int:
        """How far the taxi had come at a moment, in seconds since 1970."""
        second = min(max(0, moment - self.started_at), self.seconds)
        return self._by_second[second] // 1_000

"""All detectors of a seal, fed from its inputs; and what of them survives a boot (W-5)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

from sealkit.wire.parameters import SupervisionGroup
from sealkit.wire.registry import Attachment
from sealkit_simulator.watching.distance_constant import DistanceConstant
from sealkit_simulator.watching.excess import Excess
from sealkit_simulator.watching.findings import Found
from sealkit_simulator.watching.meter_clock import MeterClock
from sealkit_simulator.watching.motion import Motion
from sealkit_simulator.watching.pulse_rate import PulseRate
from sealkit_simulator.watching.standing import Standing
from sealkit_simulator.watching.stretches import Stretches
from sealkit_simulator.watching.trips import RECORD_BYTES, Seen, Trips

_MINUTE_S: Final = 60
_STORED: Final = {
    "k": (
        "trips",
        "basis_pulses",
        "basis_m",
        "trip_known",
        "trip_pulses",
        "trip_m",
        "shift_known",
        "shift_pulses",
        "shift_m",
    ),
    "rate": ("highest_hz",),
    "standing": ("total", "excess"),
    "motion": ("source", "pulses", "still_um"),
    "trips": (
        "total_known",
        "total",
        "asked",
        "asked_again",
        "newest_known",
        "newest",
        "told_known",
        "told",
    ),
}
_SUMS: Final = {
    "k": ("trip_more", "trip_less", "shift_more", "shift_less"),
    "motion": ("more", "less", "fast", "hired"),
}
_EXCESS: Final = tuple(field.name for field in fields(Excess))
_PLACES: Final = (
    *(f"{part}.{name}" for part, names in _STORED.items() for name in names),
    *(f"{part}.{sum_}.{n}" for part, sums in _SUMS.items() for sum_ in sums for n in _EXCESS),
)
_numbers: Final = attrgetter(*_PLACES)
_PACKED: Final = struct.Struct(f">{len(_PLACES)}Q{RECORD_BYTES}s")
_NUMBER_MAX: Final = 0xFFFF_FFFF_FFFF_FFFF


@dataclass(frozen=True, slots=True)
class Trip:
    """A trip's record as far as it matters here. raw: its first 66 bytes.

    ended_at: seconds since 1970 by the meter's clock, to the minute; None: it tells no time.
    """

    raw: bytes
    metered_m: int
    empty_m: int
    ended_at: int | None


class Detectors:
    """What is not attached, or has a threshold of zero, finds nothing.

    pulses, everywhere: the seal's own count, as it is at that moment. clock: the seal's time in
    seconds since 1970; None: it is lost.
    """

    def __init__(self, k: int, limits: SupervisionGroup) -> None:
        """k: the sealed pulses per km; 0: none is sealed."""
        attached = limits.attachments
        self.pulse_input = bool(attached & Attachment.PULSE_INPUT)
        self.second_source = bool(attached & Attachment.SECOND_SOURCE)
        self.own_line = bool(attached & Attachment.OWN_LINE)
        self.tap = bool(attached & Attachment.TERMINAL_TAP)
        judged = k if self.pulse_input else 0
        self.k = DistanceConstant(
            k, limits.k_tolerance_ppm if judged else 0, limits.k_window_m, limits.rounding
        )
        self.rate = PulseRate(judged, limits.pulse_rate_max_hz, limits.acceleration_max_mm_s2)
        self.stretches = Stretches()
        self.standing = Standing(judged, limits.standing_limit_m)
        self.motion = Motion(judged, limits.motion_tolerance_ppm, limits.motion_limit_m)
        self.clock = MeterClock(limits.meter_clock_tolerance_s)
        self.trips = Trips()

    def found(self) -> Iterator[Found]:
        """What the detectors have found since they were started, in the order of causes."""
        for found in (
            self.k.found,
            self.rate.found,
            self.standing.found,
            self.motion.found,
            self.clock.found,
            self.trips.missing,
            self.trips.altered,
        ):
            if found is not None:
                yield found

    # The pulse input and the second source.

    def count_pulses(self, count: int, tick_ms: int) -> None:
        """Pulses of the sensor; 0 to let time pass."""
        if self.pulse_input:
            self.rate.count(count, tick_ms)

    def hear_motion(self, speed_mm_s: int | None, tick_ms: int, pulses: int) -> None:
        """The second source's speed; None: it knows none."""
        if not (self.second_source and self.pulse_input):
            return
        for stretch in self.stretches.hear(speed_mm_s, tick_ms, pulses):
            if stretch.standing:
                self.standing.stand(stretch.pulses, stretch.source_um)
            else:
                self.standing.drive(stretch.source_um)
                self.motion.drive(
                    stretch.pulses,
                    stretch.source_um,
                    stretch.speed_mm_s,
                    hired=self.trips.hired,
                )

    # The seal's own line.

    def count_trips(self, total: int, *, signed_off: bool) -> int | None:
        """The meter's status; gives the number of the trip to be asked for now."""
        if not self.own_line:
            return None
        if signed_off:
            self.k.begin_anew()
        self.trips.count(total)
        return self.trips.wanted

    def answer_trip(
        self, number: int, trip: Trip | None, pulses: int | None, *, clock: int | None, age_s: int
    ) -> None:
        """The answer to the question for a trip; None: it is not there.

        pulses, None: other trips ended since, so its end is not known; age_s: how long ago its
        end may be.
        """
        seen = self.trips.answer(number, b"" if trip is None else trip.raw)
        if trip is not None and seen is not None:
            self._end_trip(seen, trip, pulses)
            if seen is not Seen.KNOWN and pulses is not None:
                self._tell_end(trip, clock, age_s)

    # The terminal's line.

    def start_trip(self, time: int, clock: int | None) -> None:
        """A trip starts, at this time by the meter's clock."""
        self.trips.hear_start(time)
        if clock is not None:
            self.clock.tell(time, clock)

    def tell_trip(self, trip: Trip, pulses: int | None, clock: int | None) -> None:
        """A trip's record; pulses None: it is sent again, so ended some time ago."""
        seen = self.trips.hear_trip(trip.raw)
        self._end_trip(seen, trip, pulses)
        if seen is not Seen.KNOWN and pulses is not None:
            self._tell_end(trip, clock, 0)

    def _end_trip(self, seen: Seen, trip: Trip, pulses: int | None) -> None:
        if seen is Seen.KNOWN:
            return
        if seen is Seen.AFTER_GAP:
            self.k.begin_anew()
        self.k.end_trip(trip.metered_m, trip.empty_m, pulses)

    def _tell_end(self, trip: Trip, clock: int | None, age_s: int) -> None:
        if trip.ended_at is not None and clock is not None:
            self.clock.tell(trip.ended_at, clock, coarse_s=_MINUTE_S, age_s=age_s)

    # What survives a boot.

    def pack(self) -> bytes:
        """A fixed number of bytes."""
        newest = self.trips.records[-1][1] if self.trips.records else b""
        return _PACKED.pack(*[min(number, _NUMBER_MAX) for number in _numbers(self)], newest)

    def unpack(self, packed: bytes) -> None:
        """Goes on from what `pack` gave."""
        *numbers, newest = _PACKED.unpack(packed)
        for place, number in zip(_PLACES, numbers, strict=True):
            owner, _, name = place.rpartition(".")
            setattr(attrgetter(owner)(self), name, number)
        if any(newest):
            self.trips.records = [(self.trips.newest, newest)]

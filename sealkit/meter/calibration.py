"""The calibration check: what a verification bench measured, judged, and written on a result sheet.

An installed meter is read where its display jumps, so that a display of whole tenths costs no
accuracy: the meter says by its fare parameters how far it believes to have come, and the bench how
far it was. Integers only: distances in mm, times in ms, errors in millionths (ppm).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sealkit.errors import UsageError
from sealkit.meter.bodies import FareParameters

SHEET_SCHEMA: Final = "sealkit.meter.result_sheet/1"
POINTS_MAX: Final = 32
RUNS_MAX: Final = 32
MARK_MAX: Final = 1_000_000_000
"""1,000 km in mm, or eleven days in ms: no bench runs longer."""

_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Between which errors, in ppm and both included, a meter passes."""

    low_ppm: int
    high_ppm: int

    def holds(self, shown: int, measured: int) -> bool:
        """Whether the error is within; exact, not by the rounded ppm."""
        error = (shown - measured) * _MILLION
        return self.low_ppm * measured <= error <= self.high_ppm * measured


DISTANCE_TOLERANCE: Final = Tolerance(-40_000, 10_000)
"""Of an installed meter: -4.0 % to +1.0 % (R60, JJG 517)."""

WAITING_TOLERANCE: Final = Tolerance(-10_000, 10_000)
"""1.0 % either way unless the station gives its own; the sheet says which was used."""


@dataclass(frozen=True, slots=True)
class Point:
    """A mark on the meter's display, and what the bench measured up to it in each run.

    Distances in mm or times in ms, each from 1 to MARK_MAX. Raises UsageError CHECK_MALFORMED.
    """

    shown: int
    measured: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.measured) <= RUNS_MAX:
            raise _malformed(f"a point has 1 to {RUNS_MAX} runs, not {len(self.measured)}")
        if not all(1 <= value <= MARK_MAX for value in (self.shown, *self.measured)):
            raise _malformed(f"marks and measured values are from 1 to {MARK_MAX} mm or ms")

    @property
    def errors_ppm(self) -> tuple[int, ...]:
        """Of each run: above 0, the meter shows more than there was. Halves away from zero."""
        return tuple(_rounded((self.shown - m) * _MILLION, m) for m in self.measured)

    @property
    def mean_error_ppm(self) -> int:
        return _rounded(sum(self.errors_ppm), len(self.measured))

    @property
    def spread_ppm(self) -> int:
        """Between the highest and the lowest error of the repeated runs."""
        return max(self.errors_ppm) - min(self.errors_ppm)

    def within(self, tolerance: Tolerance) -> bool:
        """Whether every run is; a good mean does not excuse a bad run."""
        return all(tolerance.holds(self.shown, measured) for measured in self.measured)


@dataclass(frozen=True, slots=True)
class Subject:
    """What was checked, where and when. meter_device: ten digits; time: seconds since 1970."""

    meter_device: str
    plate: str
    k_pulses_per_km: int
    tyre_size: str
    bench: str
    time: int


@dataclass(frozen=True, slots=True)
class ResultSheet:
    """A finished check. waiting may be empty: then the waiting time was not checked.

    Raises UsageError CHECK_INCOMPLETE without a distance, CHECK_MALFORMED for too many points.
    """

    subject: Subject
    distance: tuple[Point, ...]
    waiting: tuple[Point, ...] = ()
    waiting_tolerance: Tolerance = WAITING_TOLERANCE

    def __post_init__(self) -> None:
        if not self.distance:
            raise UsageError(
                "CHECK_INCOMPLETE",
                "No distance was measured.",
                "Drive at least one distance point, and enter it.",
            )
        if max(len(self.distance), len(self.waiting)) > POINTS_MAX:
            raise _malformed(f"a check has at most {POINTS_MAX} points of a kind")

    @property
    def passed(self) -> bool:
        """Whether every run of every point is within its tolerance."""
        return all(point.within(DISTANCE_TOLERANCE) for point in self.distance) and all(
            point.within(self.waiting_tolerance) for point in self.waiting
        )

    def k_for(self, error_ppm: int) -> int:
        """The K (pulses/km) with which this meter, as measured, would err by so many ppm."""
        shown = sum(point.shown * len(point.measured) for point in self.distance)
        measured = sum(sum(point.measured) for point in self.distance)
        return _rounded(
            self.subject.k_pulses_per_km * shown * _MILLION, measured * (_MILLION + error_ppm)
        )

    def to_dict(self) -> dict[str, Any]:
        """The sheet as JSON values: integers and text, nothing that depends on who reads it."""
        subject = self.subject
        return {
            "schema": SHEET_SCHEMA,
            "time": subject.time,
            "bench": subject.bench,
            "meter_device": subject.meter_device,
            "plate": subject.plate,
            "k_pulses_per_km": subject.k_pulses_per_km,
            "tyre_size": subject.tyre_size,
            "distance": _points(self.distance, DISTANCE_TOLERANCE, "mm"),
            "waiting": _points(self.waiting, self.waiting_tolerance, "ms"),
            "passed": self.passed,
        }

    def canonical(self) -> bytes:
        """The bytes whose digest (by the seal's suite) is a calibration group's result_digest:
        JSON in UTF-8 with sorted names and no spaces."""
        told = self.to_dict()
        return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def distance_marks_mm(fare: FareParameters, count: int) -> list[int]:
    """Where the display jumps first, and the next times: after the flag-fall's distance, then after
    each continuation distance. As the basic stage is marked, count should not go beyond it."""
    first, step = fare.flag_fall_distance_m * 1_000, fare.continuation_distance_m * 1_000
    return [first + jump * step for jump in range(count)]


def waiting_marks_ms(fare: FareParameters, count: int) -> list[int]:
    """When the display of a hired vehicle that stands jumps: each completed price increment."""
    free, step = fare.free_waiting_s * 1_000, fare.price_increment_time_s * 1_000
    return [free + jump * step for jump in range(1, count + 1)]


def _points(points: tuple[Point, ...], tolerance: Tolerance, unit: str) -> dict[str, Any]:
    return {
        "tolerance_ppm": [tolerance.low_ppm, tolerance.high_ppm],
        "points": [
            {
                f"shown_{unit}": point.shown,
                f"measured_{unit}": list(point.measured),
                "errors_ppm": list(point.errors_ppm),
                "mean_error_ppm": point.mean_error_ppm,
                "spread_ppm": point.spread_ppm,
                "within": point.within(tolerance),
            }
            for point in points
        ],
    }


def _rounded(value: int, by: int) -> int:
    """value / by (above 0) as a whole number, halves away from zero."""
    quotient = (2 * abs(value) + by) // (2 * by)
    return quotient if value >= 0 else -quotient


def _malformed(what: str) -> UsageError:
    return UsageError(
        "CHECK_MALFORMED",
        f"The measured values cannot be used: {what}.",
        "Compare them with the template: `sealkit meter check --template`.",
    )

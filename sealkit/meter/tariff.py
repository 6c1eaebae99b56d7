"""A tariff to charge by: fare parameters that make sense, and what they leave to the city.

The meaning of every parameter is in protocol/FARES.md. Inside, money is counted in thousandths of
a fen: a price in fen per km times a distance in metres is a whole number of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import Enum
from typing import Final

from sealkit.errors import MalformedError, SealkitError, UsageError
from sealkit.meter.bodies import FareParameters
from sealkit.meter.fields import Bcd

DAY_MS: Final = 86_400_000
MILLIFEN: Final = 1000
"""Thousandths of a fen in a fen."""
_MINUTE_MS: Final = 60_000
_RECORD_STEP_FEN: Final = 10

_SURCHARGE = Bcd(2)


class TripKind(Enum):
    """Whether the taxi is driven back empty, or the passenger returns with it."""

    ONE_WAY = "one_way"
    ROUND_TRIP = "round_trip"


@dataclass(frozen=True, slots=True)
class CityRules:
    """What a city's tariff says and fare parameters (T2) do not.

    waiting_below_m_per_h: below this speed, time is charged as waiting.
    rounding_fen: what the amount is rounded to; a multiple of 10, as trip records tell no less.
    surcharge_fen: of each trip; None: as the first two reserved bytes of T2 tell it.
    """

    waiting_below_m_per_h: int = 12_000
    rounding_fen: int = 10
    surcharge_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """What holds in one period, day or night, in thousandths of a fen.

    steps: one continuation step in each stage of a trip (0 basic, 1 one-way, 2 second-empty).
    """

    flag_fall: int
    steps: tuple[int, int, int]
    waiting: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices, and where and when they hold. Distances in mm, times in ms; one made by `of`.

    one_way_mm, second_empty_mm: where the stages begin; None: they do not exist.
    waiting_step_ms: 0 if waiting costs nothing.
    """

    day: Prices
    night: Prices
    flag_fall_mm: int
    step_mm: int
    one_way_mm: int | None
    second_empty_mm: int | None
    free_waiting_ms: int
    waiting_step_ms: int
    night_start_ms: int
    night_end_ms: int
    waiting_below_m_per_h: int
    rounding_fen: int
    surcharge_fen: int

    @classmethod
    def of(cls, fare: FareParameters, city: CityRules | None = None) -> Tariff:
        """The tariff that fare parameters tell.

        Raises MalformedError FARE_NO_PRICE (a price of zero that would be charged), FARE_NO_STEP
        (a continuation distance of zero), FARE_NO_NIGHT (a night that starts when it ends),
        FARE_BAD_SURCHARGE; UsageError FARE_BAD_CITY_RULES.
        """
        city = city or CityRules()
        _check_city(city)
        _check(fare)
        return cls(
            day=Prices(
                fare.day_flag_fall_fen * MILLIFEN,
                (
                    fare.day_round_trip_price_fen_per_km * fare.continuation_distance_m,
                    fare.day_one_way_price_fen_per_km * fare.continuation_distance_m,
                    fare.day_second_empty_price_fen_per_km * fare.continuation_distance_m,
                ),
                fare.day_waiting_price_fen * MILLIFEN,
            ),
            night=Prices(
                fare.night_flag_fall_fen * MILLIFEN,
                (
                    fare.night_round_trip_price_fen_per_km * fare.continuation_distance_m,
                    fare.night_one_way_price_fen_per_km * fare.continuation_distance_m,
                    fare.night_second_empty_price_fen_per_km * fare.continuation_distance_m,
                ),
                fare.night_waiting_price_fen * MILLIFEN,
            ),
            flag_fall_mm=fare.flag_fall_distance_m * 1000,
            step_mm=fare.continuation_distance_m * 1000,
            one_way_mm=fare.one_way_distance_m * 1000 or None,
            second_empty_mm=fare.second_empty_distance_m * 1000 or None,
            free_waiting_ms=fare.free_waiting_s * 1000,
            waiting_step_ms=fare.price_increment_time_s * 1000,
            night_start_ms=ms_of_day(fare.night_start),
            night_end_ms=ms_of_day(fare.night_end),
            waiting_below_m_per_h=city.waiting_below_m_per_h,
            rounding_fen=city.rounding_fen,
            surcharge_fen=_surcharge(fare) if city.surcharge_fen is None else city.surcharge_fen,
        )

    def is_night(self, at_ms: int) -> bool:
        """at_ms: since a midnight, of this day or an earlier one."""
        at_ms %= DAY_MS
        if self.night_start_ms < self.night_end_ms:
            return self.night_start_ms <= at_ms < self.night_end_ms
        return at_ms >= self.night_start_ms or at_ms < self.night_end_ms

    def prices(self, at_ms: int) -> Prices:
        """What holds at this time since a midnight."""
        return self.night if self.is_night(at_ms) else self.day

    def stage(self, position_mm: int, kind: TripKind) -> int:
        """The stage of a trip that a place so far from its start lies in."""
        if kind is TripKind.ROUND_TRIP:
            return 0
        if self.second_empty_mm is not None and position_mm >= self.second_empty_mm:
            return 2
        return int(self.one_way_mm is not None and position_mm >= self.one_way_mm)

    def steps_begun(self, distance_mm: int) -> int:
        """How many continuation steps a trip of this distance has begun."""
        return max(0, -((self.flag_fall_mm - distance_mm) // self.step_mm))

    def steps_by_stage(self, distance_mm: int, kind: TripKind) -> tuple[int, int, int]:
        """The same, by the stage that each lies in."""
        begun = self.steps_begun(distance_mm)
        if kind is TripKind.ROUND_TRIP:
            return begun, 0, 0
        second_mm = distance_mm if self.second_empty_mm is None else self.second_empty_mm
        one_way_mm = distance_mm if self.one_way_mm is None else self.one_way_mm
        before_second = self.steps_begun(min(distance_mm, second_mm))
        basic = self.steps_begun(min(distance_mm, second_mm, one_way_mm))
        return basic, before_second - basic, begun - before_second

    def waits_completed(self, waiting_ms: int) -> int:
        """How many price increments this much waiting comes to."""
        if not self.waiting_step_ms:
            return 0
        return max(0, waiting_ms - self.free_waiting_ms) // self.waiting_step_ms

    def is_waiting(self, distance_mm: int, elapsed_ms: int) -> bool:
        """Whether this motion is slow enough to be charged as waiting."""
        return distance_mm * 3600 < self.waiting_below_m_per_h * elapsed_ms

    def amount_fen(self, charged_millifen: int) -> int:
        """The amount to pay: with the surcharge, and rounded, halves upwards."""
        unit = self.rounding_fen * MILLIFEN
        exact = charged_millifen + self.surcharge_fen * MILLIFEN
        return (exact + unit // 2) // unit * self.rounding_fen


def ms_of_day(at: time) -> int:
    """Milliseconds since midnight."""
    seconds = (at.hour * 60 + at.minute) * 60 + at.second
    return seconds * 1000 + at.microsecond // 1000


def _check(fare: FareParameters) -> None:
    charged = ["day_flag_fall_fen", "night_flag_fall_fen"]
    charged += ["day_round_trip_price_fen_per_km", "night_round_trip_price_fen_per_km"]
    if fare.one_way_distance_m:
        charged += ["day_one_way_price_fen_per_km", "night_one_way_price_fen_per_km"]
    if fare.second_empty_distance_m:
        charged += ["day_second_empty_price_fen_per_km", "night_second_empty_price_fen_per_km"]
    if fare.price_increment_time_s:
        charged += ["day_waiting_price_fen", "night_waiting_price_fen"]
    for name in charged:
        if getattr(fare, name) <= 0:
            raise _senseless("FARE_NO_PRICE", f"{name} is zero")
    if fare.continuation_distance_m <= 0:
        raise _senseless("FARE_NO_STEP", "continuation_distance_m is zero")
    if fare.night_start == fare.night_end:
        raise _senseless("FARE_NO_NIGHT", f"the night starts when it ends, at {fare.night_start}")


def _surcharge(fare: FareParameters) -> int:
    try:
        value: int = _SURCHARGE.read(fare.reserved[:2])
    except MalformedError as error:
        raise _senseless("FARE_BAD_SURCHARGE", f"the surcharge {error.message}") from None
    return value


def _check_city(city: CityRules) -> None:
    if (
        city.rounding_fen <= 0
        or city.rounding_fen % _RECORD_STEP_FEN
        or city.waiting_below_m_per_h < 0
        or (city.surcharge_fen or 0) < 0
    ):
        raise UsageError(
            "FARE_BAD_CITY_RULES",
            f"No tariff is rounded to {city.rounding_fen} fen, waits below "
            f"{city.waiting_below_m_per_h} m/h and adds {city.surcharge_fen} fen.",
            f"Round to a multiple of {_RECORD_STEP_FEN} fen; speed and surcharge are from zero on.",
        )


def _senseless(code: str, what: str) -> SealkitError:
    return MalformedError(
        code, f"Nobody can be charged by these fare parameters: {what}.", "Give a valid tariff."
    )

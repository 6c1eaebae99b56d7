"""The fares that a trip record allows: the honest one among them, and few others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fares import TARIFF_S, TARIFF_Z, drives, fares, hires

from sealkit.meter.bodies import FareParameters, TripRecord
from sealkit.meter.fare_interval import FareInterval, TripSpans, fare_interval, is_possible
from sealkit.meter.fares import FareComputer, Motion, fare_of_trace
from sealkit.meter.resolution import DistanceRounding, told_minutes
from sealkit.meter.tariff import Tariff, TripKind

DAY = datetime(2025, 6, 3)
CUT, ROUND = DistanceRounding
TRIP = TripRecord(
    plate="AX7319",
    company_licence="310115000482",
    driver_certificate="310227197804123316",
    on_time=None,
    off_time=time(0),
    metered_distance_m=0,
    empty_distance_m=0,
    surcharge_fen=0,
    waiting_minutes=0,
    amount_fen=0,
    trip_number=1,
    payment=0,
)


def spans_of(
    on: datetime, off: time, metered_m: int, waiting_minutes: int, rounding: DistanceRounding = CUT
) -> TripSpans:
    record = replace(
        TRIP,
        on_time=on,
        off_time=off,
        metered_distance_m=metered_m,
        waiting_minutes=waiting_minutes,
    )
    return TripSpans.of(record, on, rounding)


def told(trip: FareComputer, rounding: DistanceRounding = CUT) -> TripSpans:
    """What a record tells of a trip."""
    hired = DAY + timedelta(milliseconds=trip.hired_at_ms)
    vacant = hired + timedelta(milliseconds=trip.elapsed_ms)
    return spans_of(
        hired.replace(second=0, microsecond=0),
        vacant.replace(second=0, microsecond=0).time(),
        rounding.told_m(trip.distance_mm),
        told_minutes(trip.waiting_ms),
        rounding,
    )


@settings(max_examples=300, deadline=None)
@given(
    fares(),
    st.sampled_from(TripKind),
    drives(max_seconds=7200),
    st.sampled_from(DistanceRounding),
    st.data(),
)
def test_the_honest_fare_is_always_allowed(
    fare: FareParameters,
    kind: TripKind,
    drive: list[Motion],
    rounding: DistanceRounding,
    data: st.DataObject,
) -> None:
    tariff = Tariff.of(fare)
    trip = fare_of_trace(tariff, kind, data.draw(hires(fare)), drive)
    spans = told(trip, rounding)
    assert is_possible(spans, tariff)
    assert trip.amount_fen in fare_interval(spans, tariff)


def test_by_day_the_interval_is_what_the_records_resolution_allows() -> None:
    # 8.4 to 8.5 km are 11 steps in any case, no waiting completes an increment.
    short = spans_of(DAY.replace(hour=9, minute=5), time(9, 33), 8400, 0)
    assert fare_interval(short, Tariff.of(TARIFF_S)) == FareInterval(2890, 2890)
    # 8.0 km: the eleventh step begins or not; 12 min of waiting: three increments.
    longer = spans_of(DAY.replace(hour=9, minute=5), time(9, 33), 8000, 12)
    assert fare_interval(longer, Tariff.of(TARIFF_S)) == FareInterval(3560, 3700)
    # 20 km: from 15 km on, nobody knows whether it was a round trip.
    far = spans_of(DAY.replace(hour=9, minute=5), time(9, 35), 19_600, 0)
    assert fare_interval(far, Tariff.of(TARIFF_S)) == FareInterval(5990, 6670)


def test_a_meter_that_may_cut_or_round_is_given_both() -> None:
    tariff, on = Tariff.of(TARIFF_S), DAY.replace(hour=9)
    spans = spans_of(on, time(9, 30), 8500, 0)
    unknown = TripSpans.of(replace(TRIP, off_time=time(9, 30), metered_distance_m=8500), on, None)
    assert fare_interval(spans, tariff).least_fen == 2890
    assert (unknown.distance_mm.least, unknown.distance_mm.most) == (8_450_000, 8_599_999)


# Steps of 10 m, so that a metre on the wrong side of the border shows; waiting costs nothing.
FINE = replace(
    TARIFF_S,
    continuation_distance_m=10,
    flag_fall_distance_m=0,
    price_increment_time_s=0,
    night_round_trip_price_fen_per_km=900,
)
# By night, the first 5 km are cheaper than by day, and the rest dearer.
CROSSED = replace(
    FINE,
    day_round_trip_price_fen_per_km=900,
    night_round_trip_price_fen_per_km=300,
    one_way_distance_m=5000,
    day_one_way_price_fen_per_km=300,
    night_one_way_price_fen_per_km=900,
    second_empty_distance_m=0,
)
ELEVEN = 23 * 3_600_000


@pytest.mark.parametrize(
    ("fare", "hired_at", "drive", "end"),
    [
        # As much as can be after the border: before it, all the waiting and not a metre too fast.
        (
            FINE,
            ELEVEN - 600_001,
            [Motion(0, 59_999), Motion(1_800_007, 540_002), Motion(5_299_992, 600_000)],
            "most",
        ),
        # As much as can be before it.
        (
            FINE,
            ELEVEN - 600_000,
            [Motion(5_199_993, 600_000), Motion(1_800_007, 540_001), Motion(0, 59_999)],
            "least",
        ),
        # Where the stage changes, and neither end, is dearest.
        (
            CROSSED,
            ELEVEN - 1_800_000,
            [Motion(5_000_000, 1_800_000), Motion(5_099_999, 1_800_000)],
            "most",
        ),
    ],
)
def test_who_drives_at_the_edge_of_a_record_pays_the_end_of_its_interval(
    fare: FareParameters, hired_at: int, drive: list[Motion], end: str
) -> None:
    tariff = Tariff.of(fare)
    trip = fare_of_trace(tariff, TripKind.ONE_WAY, hired_at, drive)
    assert trip.amount_fen == getattr(fare_interval(told(trip), tariff), f"{end}_fen")


@pytest.mark.parametrize(
    ("fare", "on", "off", "metered_m", "waiting_minutes"),
    [
        (TARIFF_S, DAY.replace(hour=22, minute=45), time(23, 20), 12_300, 6),
        (TARIFF_S, DAY.replace(hour=22, minute=30), time(23, 30), 9000, 25),
        (TARIFF_S, DAY.replace(hour=4, minute=52), time(5, 9), 5200, 3),
        (TARIFF_Z, DAY.replace(hour=5, minute=40), time(6, 25), 18_000, 12),
    ],
)
def test_across_the_border_nearly_every_fare_in_the_interval_can_be_driven(
    fare: FareParameters, on: datetime, off: time, metered_m: int, waiting_minutes: int
) -> None:
    tariff = Tariff.of(fare)
    spans = spans_of(on, off, metered_m, waiting_minutes)
    found = [trip.amount_fen for trip in attempts(spans, tariff) if told(trip) == spans]
    interval = fare_interval(spans, tariff)
    assert min(found) in interval
    assert max(found) in interval
    # One step by night beside one by day: what a search by hand, a minute at a time, may miss.
    slack = 2 * (tariff.night.steps[0] - tariff.day.steps[0]) // 1000 + 10
    assert interval.least_fen >= min(found) - slack
    assert interval.most_fen <= max(found) + slack


def attempts(spans: TripSpans, tariff: Tariff) -> list[FareComputer]:
    """Drives at the edge of what leaves this record: slow or fast, waiting early or late."""
    border = next(m for m in range(spans.on.least + 60_000, spans.off.most, 60_000)
                  if tariff.is_night(m) != tariff.is_night(spans.on.least))  # fmt: skip
    slow = (tariff.waiting_below_m_per_h + 3599) // 3600  # mm/ms, just not waiting
    trips = []
    for on, off, distance, waiting, kind in product(
        (spans.on.least, spans.on.most), (spans.off.least, spans.off.most),
        (spans.distance_mm.least, spans.distance_mm.most),
        (spans.waiting_ms.least, spans.waiting_ms.most), TripKind,
    ):  # fmt: skip
        first, second = border - on, off - border
        for before in {0, waiting, *range(0, waiting, 60_000)}:
            if before > first or waiting - before > second:
                continue
            moving, later = first - before, second - (waiting - before)
            for crawled in (0, before * tariff.waiting_below_m_per_h // 3600 - 1):
                for fraction in range(51):
                    early = moving * slow + fraction * (distance - slow * (moving + later)) // 50
                    rest = distance - early - max(0, crawled)
                    if rest < slow * later or early < 0:
                        continue
                    trips.append(
                        fare_of_trace(
                            tariff, kind, on,
                            [Motion(max(0, crawled), before), Motion(early, moving),
                             Motion(rest, later), Motion(0, waiting - before)],
                        )
                    )  # fmt: skip
    return trips


def test_how_wide_the_interval_is_stays_as_it_was_measured() -> None:
    """Half a day of trips by tariff S: most records allow at most two amounts."""
    tariff, widths = Tariff.of(TARIFF_S), []
    for number in range(400):
        trip = FareComputer(tariff, TripKind.ONE_WAY, (7 * 3600 + 61 * number) * 1000)
        for part in range(6):
            trip.advance(
                400_000 + 37_000 * (number % 29) * (part % 3), 60_000 + 1000 * (number % 13)
            )
            trip.advance(0, 1000 * (number * (part + 7) % 41))
        interval = fare_interval(told(trip), tariff)
        assert trip.amount_fen in interval
        widths.append(interval.width_fen)
    widths.sort()
    assert widths[200] <= 140
    assert widths[360] <= 280


def test_a_record_that_contradicts_itself_has_an_interval_still() -> None:
    tariff, on = Tariff.of(TARIFF_S), DAY.replace(hour=22, minute=50)
    for metered_m, minutes in ((99_999_900, 0), (3000, 5000), (0, 0)):
        spans = spans_of(on, time(23, 10), metered_m, minutes)
        assert not is_possible(spans, tariff)
        assert fare_interval(spans, tariff).least_fen >= 1400

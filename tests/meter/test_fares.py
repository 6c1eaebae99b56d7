"""The fare rules: the examples of protocol/FARES.md, and what must hold for any tariff."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fares import TARIFF_S, TARIFF_Z, drives, fares, hires

from sealkit.errors import MalformedError, UsageError
from sealkit.meter.bodies import FareParameters
from sealkit.meter.fares import FareComputer, Motion, fare_of_trace
from sealkit.meter.tariff import DAY_MS, CityRules, Tariff, TripKind

FARES_MD = Path(__file__).parents[2] / "protocol" / "FARES.md"

NOON = 12 * 3_600_000
ONE_WAY, ROUND_TRIP = TripKind.ONE_WAY, TripKind.ROUND_TRIP
KINDS = st.sampled_from(TripKind)
TIMES = st.integers(0, DAY_MS - 1)


def at(hour: int, minute: int, second: int = 0) -> int:
    return ((hour * 60 + minute) * 60 + second) * 1000


def town(metres: int) -> Motion:
    """At 36 km/h."""
    return Motion(metres * 1000, metres * 100)


def standing(minutes: int, seconds: int = 0) -> Motion:
    return Motion(0, (minutes * 60 + seconds) * 1000)


# Number of the example, tariff, time of hire, kind, drive.
EXAMPLES = [
    (1, TARIFF_S, NOON, ONE_WAY, [town(3000)]),
    (2, TARIFF_S, NOON, ONE_WAY, [town(3001)]),
    (3, TARIFF_S, NOON, ONE_WAY, [town(8400)]),
    (4, TARIFF_S, NOON, ONE_WAY, [town(20_000)]),
    (5, TARIFF_S, NOON, ROUND_TRIP, [town(20_000)]),
    (6, TARIFF_S, NOON, ONE_WAY, [town(2000), standing(11, 59)]),
    (7, TARIFF_S, NOON, ONE_WAY, [town(2000), standing(12)]),
    (8, TARIFF_S, at(22, 50), ONE_WAY, [town(10_000)]),
    (9, TARIFF_S, at(22, 59, 59), ONE_WAY, [town(4000)]),
    (10, TARIFF_S, at(4, 58), ONE_WAY, [standing(10), town(3000)]),
    (11, TARIFF_Z, NOON, ONE_WAY, [town(2000)]),
    (12, TARIFF_Z, NOON, ONE_WAY, [town(30_000)]),
    (13, TARIFF_Z, NOON, ONE_WAY, [town(1000), standing(5)]),
    (14, TARIFF_Z, NOON, ONE_WAY, [town(1000), standing(9, 31)]),
    (15, TARIFF_Z, at(23, 0), ONE_WAY, [town(2500)]),
    (16, TARIFF_Z, NOON, ONE_WAY, [Motion(1_000_000, 300_000)]),
    (17, TARIFF_Z, NOON, ONE_WAY, [Motion(1_000_000, 600_000)]),
    (18, TARIFF_Z, at(5, 50), ONE_WAY, [town(12_000)]),
]


def amounts_by_hand() -> dict[int, int]:
    """The last column of the table of examples, in fen."""
    rows = FARES_MD.read_text(encoding="utf-8").partition("| # |")[2].splitlines()[2:]
    cells = [row.strip("| ").split(" | ") for row in rows]
    return {int(row[0]): int(row[-1].replace(".", "")) * 10 for row in cells}


@pytest.mark.parametrize(("number", "fare", "hired_at", "kind", "drive"), EXAMPLES)
def test_the_examples_worked_by_hand(
    number: int, fare: FareParameters, hired_at: int, kind: TripKind, drive: list[Motion]
) -> None:
    trip = fare_of_trace(Tariff.of(fare), kind, hired_at, drive)
    assert trip.amount_fen == amounts_by_hand()[number]


def test_every_example_is_tested() -> None:
    assert [example[0] for example in EXAMPLES] == list(amounts_by_hand())


@given(fares(), KINDS, TIMES, drives())
def test_a_fare_never_falls_on_the_way(
    fare: FareParameters, kind: TripKind, hired_at: int, drive: list[Motion]
) -> None:
    trip = FareComputer(Tariff.of(fare), kind, hired_at)
    before = trip.amount_fen
    for motion in drive:
        trip.advance(*motion)
        assert trip.amount_fen >= before
        before = trip.amount_fen


@given(fares(), KINDS, TIMES, drives(), st.data())
def test_who_goes_further_in_the_same_time_never_pays_less(
    fare: FareParameters, kind: TripKind, hired_at: int, drive: list[Motion], data: st.DataObject
) -> None:
    # With day and night at one price: it is the distance that is looked at.
    day = {
        name.replace("day", "night", 1): getattr(fare, name)
        for name in FareParameters.__dataclass_fields__
        if name.startswith("day")
    }
    tariff = Tariff.of(replace(fare, **day), CityRules(waiting_below_m_per_h=0))
    further = [
        Motion(motion.distance_mm + data.draw(st.integers(0, 10_000_000)), motion.elapsed_ms)
        for motion in drive
    ]
    less = fare_of_trace(tariff, kind, hired_at, drive)
    assert fare_of_trace(tariff, kind, hired_at, further).amount_fen >= less.amount_fen


@given(
    fares(),
    KINDS,
    st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 60_000), st.integers(1, 60))),
    st.data(),
)
def test_cutting_a_piece_of_motion_changes_nothing(
    fare: FareParameters, kind: TripKind, stretches: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    tariff, hired_at = Tariff.of(fare), data.draw(hires(fare))
    whole = [Motion(mm * parts, ms * parts) for mm, ms, parts in stretches]
    cut = [Motion(mm, ms) for mm, ms, parts in stretches for _ in range(parts)]
    assert fare_of_trace(tariff, kind, hired_at, whole) == fare_of_trace(
        tariff, kind, hired_at, cut
    )


@given(fares(), KINDS, TIMES, drives(), drives())
def test_a_trip_goes_on_from_what_was_stored_of_it(
    fare: FareParameters, kind: TripKind, hired_at: int, first: list[Motion], then: list[Motion]
) -> None:
    tariff = Tariff.of(fare)
    trip = fare_of_trace(tariff, kind, hired_at, first)
    restored = FareComputer(
        tariff,
        kind,
        hired_at,
        trip.distance_mm,
        trip.elapsed_ms,
        trip.waiting_ms,
        trip.charged_millifen,
    )
    for motion in then:
        trip.advance(*motion)
        restored.advance(*motion)
    assert trip == restored


@pytest.mark.parametrize("motion", [(-1, 0), (0, -1)])
def test_no_motion_goes_backwards(motion: tuple[int, int]) -> None:
    with pytest.raises(UsageError) as refused:
        FareComputer(Tariff.of(TARIFF_S), ONE_WAY, NOON).advance(*motion)
    assert refused.value.code == "FARE_BAD_MOTION"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"day_flag_fall_fen": 0}, "FARE_NO_PRICE"),
        ({"night_round_trip_price_fen_per_km": 0}, "FARE_NO_PRICE"),
        ({"day_one_way_price_fen_per_km": 0}, "FARE_NO_PRICE"),
        ({"night_second_empty_price_fen_per_km": 0}, "FARE_NO_PRICE"),
        ({"day_waiting_price_fen": 0}, "FARE_NO_PRICE"),
        ({"continuation_distance_m": 0}, "FARE_NO_STEP"),
        ({"night_start": time(5), "night_end": time(5)}, "FARE_NO_NIGHT"),
        ({"reserved": b"\x0a\x00" + bytes(20)}, "FARE_BAD_SURCHARGE"),
    ],
)
def test_a_tariff_without_sense_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        Tariff.of(replace(TARIFF_S, **change))  # type: ignore[arg-type]
    assert refused.value.code == code
    assert refused.value.remedy


@pytest.mark.parametrize(
    "change",
    [
        {"one_way_distance_m": 0, "day_one_way_price_fen_per_km": 0},
        {"second_empty_distance_m": 0, "night_second_empty_price_fen_per_km": 0},
        {"price_increment_time_s": 0, "day_waiting_price_fen": 0, "night_waiting_price_fen": 0},
    ],
)
def test_what_does_not_exist_needs_no_price(change: dict[str, int]) -> None:
    tariff = Tariff.of(replace(TARIFF_S, **change))
    assert fare_of_trace(tariff, ONE_WAY, NOON, [town(3000), standing(60)]).amount_fen >= 1400


@pytest.mark.parametrize(
    "city",
    [
        CityRules(rounding_fen=0),
        CityRules(rounding_fen=15),
        CityRules(rounding_fen=-10),
        CityRules(waiting_below_m_per_h=-1),
        CityRules(surcharge_fen=-1),
    ],
)
def test_city_rules_without_sense_are_refused(city: CityRules) -> None:
    with pytest.raises(UsageError) as refused:
        Tariff.of(TARIFF_S, city)
    assert refused.value.code == "FARE_BAD_CITY_RULES"


def test_a_city_may_round_to_whole_yuan_and_name_the_surcharge() -> None:
    tariff = Tariff.of(TARIFF_S, CityRules(rounding_fen=100, surcharge_fen=50))
    assert fare_of_trace(tariff, ONE_WAY, NOON, [town(3000)]).amount_fen == 1500

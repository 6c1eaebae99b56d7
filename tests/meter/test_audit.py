"""What the audit finds in trip records, and what it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time

import pytest
from support.fares import TARIFF_Z

from sealkit.meter.audit import AuditedTrip, TripFinding, audit_trips
from sealkit.meter.bodies import TripRecord
from sealkit.meter.resolution import DistanceRounding
from sealkit.meter.tariff import Tariff
from sealkit_simulator.taximeter import SHANGHAI_FARE, STORED_TRIPS

F = TripFinding
TARIFF = Tariff.of(SHANGHAI_FARE)
# By day, 8.4 km in 28 min, 28.9 yuan.
TRIP = STORED_TRIPS[1]


def audit(*records: TripRecord, tariffs: Iterable[Tariff] = (TARIFF,)) -> list[AuditedTrip]:
    held = tuple(tariffs)
    return list(audit_trips(records, lambda hired_at: held, rounding=DistanceRounding.CUT))


def found(*records: TripRecord) -> list[list[TripFinding]]:
    return [[finding.kind for finding in trip.findings] for trip in audit(*records)]


def test_honest_trips_have_no_findings() -> None:
    assert found(*STORED_TRIPS) == [[], [], []]


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"amount_fen": 2900}, [F.FARE_ABOVE]),
        ({"amount_fen": 2880}, [F.FARE_BELOW]),
        # 18.00 + 11 steps of 1.755 yuan.
        ({"amount_fen": 3730}, [F.NIGHT_RATE_BY_DAY]),
        ({"surcharge_fen": 100}, [F.SURCHARGE_DIFFERS]),
        ({"surcharge_fen": 100, "amount_fen": 2990}, [F.SURCHARGE_DIFFERS, F.FARE_ABOVE]),
        ({"waiting_minutes": 30, "amount_fen": 4780}, [F.WAITING_TOO_LONG]),
        ({"metered_distance_m": 99_900, "amount_fen": 39_070}, [F.SPEED_IMPOSSIBLE]),
        ({"metered_distance_m": 1000, "amount_fen": 1400}, [F.WAITING_TOO_SHORT]),
        ({"on_time": None}, [F.TIME_UNKNOWN]),
    ],
)
def test_what_one_record_can_have(change: dict[str, object], kinds: list[TripFinding]) -> None:
    assert found(replace(TRIP, **change)) == [kinds]  # type: ignore[arg-type]


def test_an_amount_above_is_explained_by_the_distance_or_waiting_it_would_take() -> None:
    [trip] = audit(replace(TRIP, amount_fen=3430))  # four steps, or two increments, more
    assert (trip.explained_by_m, trip.explained_by_minutes) == (10_000, 8)
    [far] = audit(replace(TRIP, amount_fen=99_990))
    assert (far.explained_by_m, far.explained_by_minutes) == (None, None)


AFTER = replace(TRIP, trip_number=18403, on_time=datetime(2025, 6, 3, 9, 40), off_time=time(10, 8))


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({}, []),
        ({"trip_number": 18404}, [F.NUMBER_MISSING]),
        ({"trip_number": 19000}, [F.NUMBER_MISSING]),
        ({"trip_number": 18402}, [F.NUMBER_REPEATED]),
        ({"on_time": datetime(2025, 6, 3, 9, 32), "off_time": time(10)}, [F.TRIPS_OVERLAP]),
        ({"on_time": datetime(2025, 6, 3, 9, 33), "off_time": time(10), "empty_distance_m": 0}, []),
        ({"on_time": datetime(2025, 6, 2, 9, 32), "off_time": time(10)}, [F.TIME_BACKWARDS]),
        ({"empty_distance_m": 80_000}, [F.EMPTY_SPEED_IMPOSSIBLE]),
    ],
)
def test_what_two_records_can_have(change: dict[str, object], kinds: list[TripFinding]) -> None:
    assert found(TRIP, replace(AFTER, **change)) == [[], kinds]  # type: ignore[arg-type]


def test_missing_numbers_are_named() -> None:
    details = [
        audit(TRIP, replace(AFTER, trip_number=n))[1].findings[0].detail for n in (18404, 18409)
    ]
    assert details == ["18403", "18403-18408"]


def test_a_record_told_again_is_told_from_one_that_was_altered() -> None:
    _, again = audit(TRIP, TRIP)
    assert "the same record" in again.findings[0].detail
    _, altered = audit(TRIP, replace(TRIP, amount_fen=5000))
    assert "another record" in altered.findings[-1].detail


def test_either_of_two_tariffs_may_hold() -> None:
    assert not audit(TRIP, tariffs=(Tariff.of(TARIFF_Z), TARIFF))[0].findings


def test_every_finding_has_words() -> None:
    assert all(kind.text.endswith(".") for kind in TripFinding)

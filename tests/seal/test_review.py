"""What a signer reads before signing: old beside new."""

from __future__ import annotations

import pytest

from sealkit.seal.review import ReviewRow, review_order
from sealkit.wire.orders import AdjustClockBody, EnrolBody, GroupItem, ParametersBody, ReasonBody
from sealkit.wire.registry import OrderKind, Reason
from tests.seal.conftest import Bench
from tests.seal.people import FARE, NOW


def row(rows: list[ReviewRow], group: str, field: str) -> ReviewRow:
    return next(row for row in rows if (row.group, row.field) == (group, field))


@pytest.mark.requirement("R13")
def test_a_first_sealing_shows_every_value(bench: Bench) -> None:
    bench.enrol()
    draft = bench.draft(OrderKind.SEAL, bench.sealing(), *bench.people.both)
    rows = review_order(draft, bench.shown.history)
    assert row(rows, "distance", "k_pulses_per_km") == ReviewRow(
        "distance", "k_pulses_per_km", None, "1000"
    )
    assert row(rows, "tariff", "enable_time").new == "2026-01-01 00:00:00"
    assert row(rows, "vehicle", "plate").new == "沪A12345"
    assert row(rows, "calibration", "purpose").new == "activation"
    assert row(rows, "calibration", "time").new.startswith("2026-")
    assert row(rows, "counters", "calibration") == ReviewRow("counters", "calibration", "0", "1")
    assert row(rows, "seal", "state") == ReviewRow("seal", "state", "open", "sealed")
    assert row(rows, "tariff", "watched").new.startswith("104 of 127")


@pytest.mark.requirement("R13")
def test_a_change_shows_old_beside_new(sealed: Bench) -> None:
    fare = FARE[:5] + b"\x02\x50" + FARE[7:]
    body = sealed.sealing(fare=fare, k=1200)  # type: ignore[arg-type]
    rows = review_order(
        sealed.draft(OrderKind.SEAL, body, *sealed.people.both), sealed.shown.history
    )
    changed = [r for r in rows if r.changed and r.group not in ("order", "counters", "seal")]
    assert changed == [
        ReviewRow("distance", "k_pulses_per_km", "1000", "1200"),
        ReviewRow("tariff", "day_round_trip_price_fen_per_km", "0", "250"),
    ]
    assert row(rows, "counters", "configuration") == ReviewRow(
        "counters", "configuration", "1", "2"
    )


def test_a_fare_that_is_no_bcd_is_shown_as_bytes(sealed: Bench) -> None:
    body = sealed.sealing(fare=FARE[:5] + b"\xff\xff" + FARE[7:])  # type: ignore[arg-type]
    draft = sealed.draft(OrderKind.SEAL, body, *sealed.people.both)
    told = row(review_order(draft), "tariff", "day_round_trip_price_fen_per_km")
    assert told == ReviewRow("tariff", "day_round_trip_price_fen_per_km", None, "ffff")


def test_a_group_that_is_not_known_is_shown_as_bytes(sealed: Bench) -> None:
    body = ParametersBody((GroupItem(200, bytes(16) + b"\xab"),))
    draft = sealed.draft(OrderKind.SEAL, body, *sealed.people.both)
    assert row(review_order(draft), "group 200", "bytes").new.endswith("ab")


def test_who_signs_why_and_until_when(sealed: Bench) -> None:
    draft = sealed.draft(
        OrderKind.UNSEAL, ReasonBody(Reason.TYRE_CHANGE, "worn"), *sealed.people.both
    )
    rows = review_order(draft.sign(sealed.people.station.key))
    assert [r.new for r in rows if r.field == "signer"] == [
        "Li Lei (technician), not yet signed",
        "Station 1 (station), signed",
    ]
    assert row(rows, "unseal", "reason").new == "tyre change"
    assert row(rows, "unseal", "text").new == "worn"
    assert row(rows, "order", "seal").new == "500-23"


def test_a_clock_change_is_a_number_of_seconds(sealed: Bench) -> None:
    draft = sealed.draft(OrderKind.ADJUST_CLOCK, AdjustClockBody(-5), sealed.people.inspector.chain)
    assert row(review_order(draft), "adjust_clock", "change_s").new == "-5"


def test_an_enrolment_names_the_authority(bench: Bench) -> None:
    body = EnrolBody(NOW, bench.people.authority.raw)
    rows = review_order(bench.draft(OrderKind.ENROL, body, bench.people.station.chain))
    assert row(rows, "enrol", "authority").new == "Authority"
    assert row(rows, "enrol", "region").new == "310000"

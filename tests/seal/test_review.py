"""What a signer reads before signing: old beside new."""

from __future__ import annotations

import pytest
from support.client_bench import ScriptedBench, new_parameters
from support.people import FARE, NOW

from sealkit.seal.review import ReviewRow, review_order
from sealkit.wire.orders import AdjustClockBody, EnrolBody, GroupItem, ParametersBody, ReasonBody
from sealkit.wire.registry import OrderKind, Reason


def row(rows: list[ReviewRow], group: str, field: str) -> ReviewRow:
    return next(row for row in rows if (row.group, row.field) == (group, field))


@pytest.mark.requirement("R13")
def test_a_first_sealing_shows_every_value(bench: ScriptedBench) -> None:
    bench.enrol()
    draft = bench.draft(OrderKind.SEAL, new_parameters(), *bench.both)
    rows = review_order(draft, bench.shown.history)
    assert row(rows, "distance", "k_pulses_per_km") == ReviewRow(
        "distance", "k_pulses_per_km", None, "1000"
    )
    assert row(rows, "tariff", "enable_time").new == "2024-03-01 00:00:00"
    assert row(rows, "vehicle", "plate").new == "沪AX7319"
    assert row(rows, "calibration", "purpose").new == "installation"
    assert row(rows, "calibration", "time").new.startswith("2026-")
    assert row(rows, "counters", "calibration") == ReviewRow("counters", "calibration", "0", "1")
    assert row(rows, "seal", "state") == ReviewRow("seal", "state", "open", "sealed")
    assert row(rows, "tariff", "watched").new.startswith("41 of 127")


@pytest.mark.requirement("R13")
def test_a_change_shows_old_beside_new(sealed: ScriptedBench) -> None:
    fare = FARE[:5] + b"\x02\x50" + FARE[7:]
    body = new_parameters(fare=fare, k=1200)
    rows = review_order(sealed.draft(OrderKind.SEAL, body, *sealed.both), sealed.shown.history)
    changed = [r for r in rows if r.changed and r.group not in ("order", "counters", "seal")]
    assert changed == [
        ReviewRow("distance", "k_pulses_per_km", "1000", "1200"),
        ReviewRow("tariff", "day_round_trip_price_fen_per_km", "270", "250"),
    ]
    assert row(rows, "counters", "configuration") == ReviewRow(
        "counters", "configuration", "1", "2"
    )


def test_a_fare_that_is_no_bcd_is_shown_as_bytes(sealed: ScriptedBench) -> None:
    body = new_parameters(fare=FARE[:5] + b"\xff\xff" + FARE[7:])
    draft = sealed.draft(OrderKind.SEAL, body, *sealed.both)
    told = row(review_order(draft), "tariff", "day_round_trip_price_fen_per_km")
    assert told == ReviewRow("tariff", "day_round_trip_price_fen_per_km", None, "ffff")


def test_a_group_that_is_not_known_is_shown_as_bytes(sealed: ScriptedBench) -> None:
    body = ParametersBody((GroupItem(200, bytes(16) + b"\xab"),))
    draft = sealed.draft(OrderKind.SEAL, body, *sealed.both)
    assert row(review_order(draft), "group 200", "bytes").new.endswith("ab")


def test_who_signs_why_and_until_when(sealed: ScriptedBench) -> None:
    draft = sealed.draft(OrderKind.UNSEAL, ReasonBody(Reason.TYRE_CHANGE, "worn"), *sealed.both)
    rows = review_order(draft.sign(sealed.people.keys["station"]))
    assert [r.new for r in rows if r.field == "signer"] == [
        "technician (technician), not yet signed",
        "station (station), signed",
    ]
    assert row(rows, "unseal", "reason").new == "tyre change"
    assert row(rows, "unseal", "text").new == "worn"
    assert row(rows, "order", "seal").new == "4711-1001"


def test_a_clock_change_is_a_number_of_seconds(sealed: ScriptedBench) -> None:
    draft = sealed.draft(
        OrderKind.ADJUST_CLOCK, AdjustClockBody(-5), sealed.people.sent(["inspector"])
    )
    assert row(review_order(draft), "adjust_clock", "change_s").new == "-5"


def test_an_enrolment_names_the_authority(bench: ScriptedBench) -> None:
    body = EnrolBody(NOW, bench.people.credentials["authority endorsed"].raw)
    rows = review_order(bench.draft(OrderKind.ENROL, body, bench.people.sent(["station"])))
    assert row(rows, "enrol", "authority").new == "authority endorsed"
    assert row(rows, "enrol", "region").new == "310000"

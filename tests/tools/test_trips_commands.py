"""`sealkit meter trips` and `sealkit audit trips`, through the command's own entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sealkit.crypto import get_suite
from sealkit.meter import layouts
from sealkit.meter.audit import TripFinding
from sealkit.meter.trip_file import csv_text, trip_row
from sealkit.wire.export import build_export
from sealkit.wire.parameters import PendingTariff, SupervisionGroup, TariffGroup, build_group
from sealkit.wire.registry import Group, Rounding
from sealkit_simulator.taximeter import SHANGHAI_FARE, STORED_TRIPS, Taximeter
from sealkit_tools.main import run
from sealkit_tools.words.chinese_texts import TEXTS

Serve = Callable[[Callable[[bytes], bytes]], str]

FARE = layouts.FARE_PARAMETERS.build(SHANGHAI_FARE)
DEARER = layouts.FARE_PARAMETERS.build(replace(SHANGHAI_FARE, day_flag_fall_fen=1600))
JUNE_2, JUNE_4 = (int(datetime(2025, 6, day, tzinfo=UTC).timestamp()) for day in (2, 4))


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    status = run([*arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.fixture
def collected(serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The stored trips of a meter, and one for which it charged by a dearer fare."""
    meter = Taximeter(clock=datetime(2025, 6, 4, 9))
    meter.charge_by(layouts.FARE_PARAMETERS.parse(DEARER))
    meter.hire()
    for _ in range(400):
        meter.advance(10, 1000)
    meter.end_trip()
    file = tmp_path / "trips.json"
    assert run(["meter", "trips", serve(meter.terminal_line.receive), "--out", str(file)]) == 0
    capsys.readouterr()
    return file


def export_of(
    tmp_path: Path,
    *pending: PendingTariff,
    fare: bytes = FARE,
    rounding: Rounding | None = None,
) -> str:
    groups = {
        Group.TARIFF: build_group(
            Group.TARIFF, bytes(16), TariffGroup(fare, b"\xff" * 15 + b"\xfe", pending)
        )
    }
    if rounding is not None:
        limits = SupervisionGroup(0, 5_000, 0, rounding=rounding)
        groups[Group.SUPERVISION] = build_group(Group.SUPERVISION, bytes(16), limits)
    file = tmp_path / "seal.export"
    file.write_bytes(
        build_export(1, get_suite("p256").digest, evidence=b"", groups=tuple(groups.items()))
    )
    return str(file)


def test_trips_are_collected_for_programs(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    meter = Taximeter()
    del meter.trips[18402]
    spec = serve(meter.terminal_line.receive)
    status, found = told(capsys, "meter", "trips", spec)
    assert (status, found["schema"]) == (0, "sealkit.meter.trips/1")
    assert [trip["trip_number"] for trip in found["trips"]] == [18401, 18403]
    assert found["missing"] == [18402]
    _, few = told(capsys, "meter", "trips", spec, "--from", "18402")
    assert ([trip["trip_number"] for trip in few["trips"]], few["missing"]) == ([18403], [18402])


def test_trips_are_collected_for_people_and_spreadsheets(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = serve(Taximeter().terminal_line.receive)
    assert run(["meter", "trips", spec]) == 0
    assert "28.9" in capsys.readouterr().out
    assert run(["meter", "trips", spec, "--csv"]) == 0
    printed = capsys.readouterr().out
    assert printed.replace("\r\n", "\n").startswith("plate,company_licence")
    file = tmp_path / "trips.csv"
    assert run(["meter", "trips", spec, "--csv", "--out", str(file)]) == 0
    assert file.read_bytes().decode() == printed
    capsys.readouterr()
    assert told(capsys, "meter", "trips", spec, "--out", str(file))[0] == 2


def test_a_meter_that_claims_millions_of_trips_is_not_asked_for_all(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    meter = Taximeter()
    meter.set_parameter("total_trips", "4000000000")
    spec = serve(meter.terminal_line.receive)
    assert told(capsys, "meter", "trips", spec)[1]["trips"] == []
    status, refused = told(capsys, "meter", "trips", spec, "--from", "1")
    assert (status, refused["error"]["code"]) == (2, "TRIPS_TOO_MANY")


def test_an_audit_by_the_sealed_tariff_names_what_lies_outside(
    collected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, found = told(capsys, "audit", "trips", str(collected), "--tariff", export_of(tmp_path))
    assert (status, found["verdict"], found["tariff_from"]) == (7, "broken", "given")
    codes = [[finding["code"] for finding in trip["findings"]] for trip in found["trips"]]
    assert codes == [[], [], [], ["fare_above"]]
    # 4.0 km told may be up to 4.1 km, which begin three steps: 18.05 yuan.
    assert found["trips"][3]["allowed_most_fen"] == 1810
    assert found["summary"]["overcharged_fen"] == 60


def test_how_the_meter_rounds_is_taken_from_what_is_sealed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trips.csv"
    # The fare steps up every 0.25 km, in the middle of what a record tells as one.
    fare = FARE[:21] + bytes.fromhex("0025") + FARE[23:]
    trips = [replace(STORED_TRIPS[1], metered_distance_m=m) for m in range(3_000, 6_000, 100)]
    file.write_text(csv_text(map(trip_row, trips)))

    def allowed(*more: str, rounding: Rounding | None = None) -> list[object]:
        export = export_of(tmp_path, fare=fare, rounding=rounding)
        _, found = told(capsys, "audit", "trips", str(file), "--tariff", export, *more)
        return [(trip["allowed_least_fen"], trip["allowed_most_fen"]) for trip in found["trips"]]

    by_hand = {how: allowed("--rounding", how) for how in ("cut", "round")}
    assert by_hand["cut"] != by_hand["round"]
    assert allowed(rounding=Rounding.CUTS) == by_hand["cut"]
    assert allowed(rounding=Rounding.ROUNDS) == by_hand["round"]
    assert allowed("--rounding", "cut", rounding=Rounding.ROUNDS) == by_hand["cut"]
    assert allowed() not in by_hand.values()


def test_an_honest_file_is_intact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "trips.csv"
    file.write_text(csv_text(map(trip_row, STORED_TRIPS)))
    audited = ["audit", "trips", str(file), "--tariff", FARE.hex(), "--rounding", "cut"]
    status, found = told(capsys, *audited)
    assert (status, found["verdict"]) == (0, "intact")
    assert found["summary"]["findings"] == {}
    assert run(audited) == 0
    assert "28.9" in capsys.readouterr().out
    assert run([*audited, "--csv"]) == 0
    assert capsys.readouterr().out.count("\n") == 4


def test_a_tariff_sealed_ahead_is_allowed_from_its_time_on(
    collected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = export_of(tmp_path, PendingTariff(JUNE_2, JUNE_4 + 86_400, DEARER))
    assert told(capsys, "audit", "trips", str(collected), "--tariff", export)[0] == 0
    late = export_of(tmp_path, PendingTariff(JUNE_4 + 86_400, JUNE_4 + 90_000, DEARER))
    assert told(capsys, "audit", "trips", str(collected), "--tariff", late)[0] == 7


def test_the_meters_own_word_on_its_tariff_leaves_honest_trips_undetermined(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trips.json"
    spec = serve(Taximeter().terminal_line.receive)
    assert run(["meter", "trips", spec, "--out", str(file)]) == 0
    capsys.readouterr()
    status, found = told(capsys, "audit", "trips", str(file))
    assert (status, found["verdict"], found["tariff_from"]) == (9, "undetermined", "meter")


@pytest.mark.parametrize(
    ("tariff", "status", "code"),
    [
        ([], 2, "TARIFF_NEEDED"),
        (["--tariff", "no-such-file"], 2, "TARIFF_NOT_FOUND"),
        (["--tariff", "00"], 7, "METER_BAD_LENGTH"),
        (["--tariff", ("0" * 254)], 7, "FARE_NO_PRICE"),
        (["--tariff", __file__], 2, "FILE_FOREIGN"),
    ],
)
def test_a_tariff_that_cannot_be_used(
    tariff: list[str], status: int, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trips.csv"
    file.write_text(csv_text(map(trip_row, STORED_TRIPS)))
    got, refused = told(capsys, "audit", "trips", str(file), *tariff)
    assert (got, refused["error"]["code"]) == (status, code)
    assert refused["error"]["remedy"]


def test_an_export_without_a_tariff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, export = tmp_path / "trips.csv", tmp_path / "seal.export"
    file.write_text(csv_text(map(trip_row, STORED_TRIPS)))
    export.write_bytes(build_export(1, get_suite("p256").digest, evidence=b""))
    status, refused = told(capsys, "audit", "trips", str(file), "--tariff", str(export))
    assert (status, refused["error"]["code"]) == (7, "TARIFF_NOT_SEALED")


def test_every_finding_has_its_chinese() -> None:
    assert all(kind.text in TEXTS for kind in TripFinding)

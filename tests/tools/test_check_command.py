"""`sealkit meter check`: outputs and exit statuses, through the command's own entry."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sealkit.crypto import get_suite
from sealkit.meter.bench_entry import TEMPLATE
from sealkit_simulator.service import Service
from sealkit_tools.main import run


@pytest.fixture
def entered(tmp_path: Path) -> Path:
    path = tmp_path / "bench.toml"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "taxi", tcp=True) as served:
        thread = threading.Thread(target=served.run)
        thread.start()
        yield served
        served.stop()
        thread.join(10)
        assert not thread.is_alive()


def checked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    status = run(["meter", "check", *map(str, arguments), "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return status, told


def test_the_template_is_printed_and_can_be_entered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["meter", "check", "--template"]) == 0
    path = tmp_path / "filled.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    status, told = checked(capsys, "--entered", path)
    assert (status, told["passed"]) == (0, True)
    assert told["schema"] == "sealkit.meter.check/1"


@pytest.mark.requirement("R08")
@pytest.mark.parametrize("suite", ["p256", "sm2"])
def test_the_sheet_that_is_kept_has_the_digest_that_is_told(
    capsys: pytest.CaptureFixture[str], entered: Path, tmp_path: Path, suite: str
) -> None:
    kept = tmp_path / "sheet.json"
    status, told = checked(capsys, "--entered", entered, "--out", kept, "--suite", suite)
    assert status == 0
    assert get_suite(suite).digest(kept.read_bytes()).hex() == told["result_digest"]
    assert json.loads(kept.read_bytes()) == told["sheet"]
    if suite == "p256":
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == told["result_digest"]


@pytest.mark.requirement("R60")
def test_out_of_tolerance_is_exit_7_with_a_sheet_and_a_k(
    capsys: pytest.CaptureFixture[str], entered: Path
) -> None:
    entered.write_text(TEMPLATE.replace("3.046", "2.960"), encoding="utf-8")
    status, told = checked(capsys, "--entered", entered)
    assert (status, told["passed"]) == (7, False)
    assert len(told["result_digest"]) == 64
    # 3 x 3 km and 3 x 5 km on the display, 24.280 km on the roller: 24 / 24.280 / 0.985.
    assert told["suggested_k_pulses_per_km"] == 1_004


def test_the_table_for_people(
    capsys: pytest.CaptureFixture[str], entered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["meter", "check", "--entered", str(entered)]) == 0
    shown = capsys.readouterr().out
    for words in ("3.000 km", "3.046 km", "-1.51 %", "240.100 s", "-0.04 %", "passed", "roller 3"):
        assert words in shown
    monkeypatch.setenv("SEALKIT_LANG", "zh")
    assert run(["meter", "check", "--entered", str(entered)]) == 0
    shown = capsys.readouterr().out
    for words in ("里程", "等候时间", "平均误差", "合格"):
        assert words in shown
    assert "Mean" not in shown


@pytest.mark.parametrize(
    "arguments",
    [[], ["--template", "--roller", "sim:x"], ["--roller", "sim:x", "--entered", "y"]],
)
def test_one_source_of_values(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    status, told = checked(capsys, *arguments)
    assert (status, told["error"]["code"]) == (2, "USAGE")


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, told = checked(capsys, "--entered", tmp_path / "none.toml")
    assert status == 2
    assert told["error"]["remedy"]


def test_a_simulated_taxi_on_the_roller(
    capsys: pytest.CaptureFixture[str], service: Service
) -> None:
    where = f"sim:{service._directory}"
    status, told = checked(capsys, "--roller", where, "--runs", 2, "--jumps", 1)
    assert (status, told["passed"]) == (0, True)
    sheet = told["sheet"]
    assert sheet["meter_device"] == "0102004711"
    (point,) = sheet["distance"]["points"]
    assert point["shown_mm"] == 3_000_000
    assert len(point["measured_mm"]) == 2
    assert point["mean_error_ppm"] == pytest.approx(-15_000, abs=2_000)
    assert sheet["waiting"]["points"][0]["measured_ms"] == [240_000, 240_000]
    service.vehicle.taximeter.set_k(950)
    status, told = checked(capsys, "--roller", where, "--runs", 1, "--jumps", 1)
    assert (status, told["passed"]) == (7, False)
    assert told["suggested_k_pulses_per_km"] == pytest.approx(1_000, abs=3)


def test_no_simulation_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, told = checked(capsys, "--roller", f"sim:{tmp_path}")
    assert status == 3
    assert told["error"]["remedy"]

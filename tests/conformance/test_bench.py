"""The same cases on a bench: a seal on a port, which is only tested if it is there for that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.conformance import conformance, failed
from support.hostile_seal import hostile_seal

from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import TEST_SERIAL_MIN
from sealkit_conformance.bench.lock import lock_port
from sealkit_conformance.bench.processes.starting import FIRST_NUMBER, simulated_bench
from sealkit_conformance.recording import read_recording

FOR_TESTS = SealNumber(500, TEST_SERIAL_MIN + 7)


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    directory = tmp_path_factory.mktemp("bench")
    with simulated_bench(directory, "p256") as specs:
        yield directory, specs


def on_bench(directory: Path, specs: dict[str, str], *more: str) -> list[str]:
    return [
        "run",
        f"--seal={specs['seal']}",
        f"--meter={specs['meter']}",
        f"--meter-port={specs['meter_port']}",
        f"--rig={specs['rig']}",
        f"--keys={directory}",
        *more,
    ]


def test_three_processes_pass_as_the_simulator_does(
    processes: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    directory, specs = processes
    status, report = conformance(
        *on_bench(directory, specs),
        f"--seal-number={FIRST_NUMBER}",
        "--select=info or boot_changes or changed_fare or (by_every_role and tampered)"
        " or over_midnight or counter_is_told or below_14 or was_not_seen_is_not_sealed"
        " or (goes_in_an_order and clear) or (both_answers_are_whole and half)"
        " or after_a_reset_the_cause or reset_goes_back or reset_changes_nothing",
        f"--record={tmp_path / 'run.pcapng'}",
        f"--report-html={tmp_path / 'report.html'}",
        f"--junit={tmp_path / 'report.xml'}",
    )
    assert failed(report) == []
    assert status == 0
    assert report["counts"]["passed"] > 15
    assert report["device"]["bench"] == specs["seal"]
    assert len(read_recording(tmp_path / "run.pcapng")) > 500
    assert "Conformance of seal 500-" in (tmp_path / "report.html").read_text()
    assert "<testsuite" in (tmp_path / "report.xml").read_text()


def test_the_wrong_number_is_left_alone(processes: tuple[Path, dict[str, str]]) -> None:
    directory, specs = processes
    status, report = conformance(*on_bench(directory, specs), "--seal-number=500-23")
    assert (status, report["stopped"]["code"]) == (2, "SEAL_OTHER_NUMBER")
    assert report["counts"]["failed"] == 0


def test_a_seal_has_to_be_named(processes: tuple[Path, dict[str, str]]) -> None:
    directory, specs = processes
    status, report = conformance(*on_bench(directory, specs))
    assert (status, report["stopped"]["code"]) == (2, "SEAL_NUMBER_NEEDED")


def test_one_run_at_a_time(processes: tuple[Path, dict[str, str]]) -> None:
    directory, specs = processes
    with lock_port(specs["seal"]):
        status, report = conformance(*on_bench(directory, specs), f"--seal-number={FIRST_NUMBER}")
    assert (status, report["stopped"]["code"]) == (4, "BENCH_BUSY")


@pytest.mark.requirement("N-6")
def test_a_seal_in_use_is_never_tested(tmp_path: Path) -> None:
    in_use = SealNumber(500, 23)
    with hostile_seal(tmp_path, in_use, "") as spec:
        status, report = conformance(
            "run", f"--seal={spec}", f"--seal-number={in_use}", f"--keys={tmp_path}"
        )
    assert (status, report["stopped"]["code"]) == (2, "SEAL_NOT_FOR_TESTS")


def test_a_seal_of_another_anchor_is_never_tested(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with hostile_seal(tmp_path, FOR_TESTS, "") as spec, hostile_seal(other, FOR_TESTS, ""):
        status, report = conformance(
            "run", f"--seal={spec}", f"--seal-number={FOR_TESTS}", f"--keys={other}"
        )
    assert (status, report["stopped"]["code"]) == (2, "TEST_ANCHOR_WRONG")


@pytest.mark.parametrize("how", ["silent", "slow", "resetting", "flooding", "unplugged"])
def test_a_seal_that_goes_wrong_gives_a_report_and_an_end(tmp_path: Path, how: str) -> None:
    with hostile_seal(tmp_path, FOR_TESTS, how, good=12) as spec:
        file = tmp_path / "report.json"
        status, report = conformance(
            "run",
            f"--seal={spec}",
            f"--seal-number={FOR_TESTS}",
            f"--keys={tmp_path}",
            "--select=info_tells or a_wrong_crc or any_order or repeated",
            "--case-seconds=20",
            f"--report-json={file}",
        )
    assert status == 8
    assert report["device"]["number"] == str(FOR_TESTS)
    assert json.loads(file.read_text())["counts"]["failed"] >= 1
    if how in ("silent", "unplugged"):
        assert report["stopped"]["code"] in ("SEAL_SILENT", "PORT_LOST")


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("silent", "SEAL_SILENT"),
        ("slow", "SEAL_SILENT"),
        ("flooding", "SEAL_SILENT"),
        ("unplugged", "PORT_LOST"),
    ],
)
def test_a_whole_run_ends_soon_after_the_last_answer(tmp_path: Path, how: str, code: str) -> None:
    with hostile_seal(tmp_path, FOR_TESTS, how, good=60) as spec:
        status, report = conformance(
            *("run", f"--seal={spec}", f"--seal-number={FOR_TESTS}", f"--keys={tmp_path}"),
            f"--junit={tmp_path / 'report.xml'}",
            f"--report-html={tmp_path / 'report.html'}",
        )
    assert (status, report["stopped"]["code"]) == (8, code)
    assert 1 <= report["counts"]["failed"] <= 5
    assert report["counts"]["skipped"] > 1_000
    blamed = {case["clause"] for case in report["cases"] if case["outcome"] == "failed"}
    assert blamed <= {"L-10", "L-1", None}
    assert report["stopped"]["message"] in (tmp_path / "report.html").read_text()
    assert (tmp_path / "report.xml").exists()


@pytest.mark.parametrize(
    ("case", "lacking"),
    [
        ("last_answer_is_forgotten_at_a_boot", "cutting and restoring the seal's power"),
        (
            "last_answer_is_forgotten_at_a_reset",
            "restarting the seal's firmware without loss of power",
        ),
    ],
)
def test_what_a_bench_cannot_do_is_skipped_with_its_reason_or_failed(
    tmp_path: Path, case: str, lacking: str
) -> None:
    with hostile_seal(tmp_path, FOR_TESTS, "") as spec:
        options = (f"--seal={spec}", f"--seal-number={FOR_TESTS}", f"--keys={tmp_path}")
        select = f"--select={case}"
        status, report = conformance("run", *options, select)
        assert status == 9
        (skipped,) = report["cases"]
        assert skipped["reason"] == f"this bench lacks {lacking}"
        status, report = conformance("run", *options, select, "--strict")
        assert status == 8

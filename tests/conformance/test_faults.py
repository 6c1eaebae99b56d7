"""Planted faults: each can be planted, and the cases find it and name its clause."""

from __future__ import annotations

import pytest
from support.conformance import conformance

from sealkit.errors import SealkitError, UsageError
from sealkit_conformance.clauses import CLAUSES
from sealkit_conformance.faults import trial
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around
from sealkit_conformance.faults.table import FAULTS
from sealkit_conformance.report.report import Report
from sealkit_conformance.report.results import CaseResult, Outcome
from sealkit_conformance.requirements import REQUIREMENTS

CHAPTERS_OF_A_SEAL = {*range(1, 12), 14}
"""Export files, verdicts, ledgers and bundles (12, 13, 16 to 18) are made by others."""


def faults_of(chapter: int) -> list[str]:
    return [
        fault.name
        for fault in FAULTS.values()
        if fault.clause in CLAUSES and CLAUSES[fault.clause].chapter == chapter
    ]


SOME = sorted({name for n in CHAPTERS_OF_A_SEAL for name in (faults_of(n)[0], faults_of(n)[-1])})
"""Two of each chapter; `sealkit conformance faults` tries them all."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_can_be_planted_and_names_a_clause(name: str) -> None:
    fault = FAULTS[name]
    trial.plant_once(fault)
    assert fault.clause in CLAUSES or fault.clause in REQUIREMENTS
    assert fault.about.endswith(".")


def test_there_are_faults_of_every_chapter_that_binds_a_seal() -> None:
    assert len(FAULTS) >= 60
    assert all(faults_of(chapter) for chapter in CHAPTERS_OF_A_SEAL)


def test_names_are_unique() -> None:
    from sealkit_conformance.faults.table import CHAPTERS

    names = [fault.name for chapter in CHAPTERS for fault in chapter.FAULTS]
    assert len(names) == len(set(names)) == len(FAULTS)


@pytest.mark.parametrize("name", SOME)
def test_some_faults_of_each_chapter_are_caught_by_their_clause(name: str) -> None:
    (found,) = trial.try_faults([name], "p256")
    assert found.caught, found
    assert found.clause in FAULTS[name].clauses
    assert found.case


def failed(clause: str) -> CaseResult:
    return CaseResult(f"test_of[{clause}]", [clause], Outcome.FAILED, clause, "it is wrong")


@pytest.mark.parametrize(
    ("cases", "caught", "clause"),
    [
        ((), False, ""),
        ((failed("Z-1"),), False, "Z-1"),
        ((failed("Z-1"), failed("L-3")), True, "L-3"),
        ((failed("L-1"),), True, "L-1"),
    ],
)
def test_a_fault_is_caught_by_what_it_breaks_and_by_nothing_else(
    cases: tuple[CaseResult, ...], caught: bool, clause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report(None, 0.0, 0.0, None, (CaseResult("test_good", ["L-3"]), *cases))
    monkeypatch.setattr(trial, "run_cases", lambda settings, **named: report)
    fault = Fault("deaf", "L-3", "It is.", lambda patch: None, also=("L-1",))
    found = trial.try_fault(fault, "deaf", "p256")
    assert (found.caught, found.clause) == (caught, clause)


def test_a_fault_whose_parts_are_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    target = "sealkit_simulator.applying:no_such_part"
    broken = Fault("broken", "O-1", "It is.", lambda patch: around(patch, target, print))
    monkeypatch.setitem(FAULTS, "broken", broken)
    with pytest.raises(SealkitError) as raised:
        trial.try_faults(["broken"], "p256")
    assert raised.value.code == "FAULT_BROKEN"


def test_an_unknown_fault_is_an_error() -> None:
    with pytest.raises(UsageError) as raised:
        trial.try_faults(["none-such"], "p256")
    assert raised.value.code == "FAULT_UNKNOWN"


def test_a_trial_that_takes_too_long_is_not_caught() -> None:
    (found,) = trial.try_faults(SOME[:1], "p256", seconds=0.01)
    assert not found.caught
    assert "0.01 s" in found.why


def test_the_command_tells_programs_a_list_of_rows() -> None:
    status, rows = conformance("faults", "--fault=ignores-the-crc")
    assert status == 0
    (row,) = rows
    assert row["schema"] == "sealkit.conformance.fault/1"
    assert (row["suite"], row["fault"], row["caught"]) == ("p256", "ignores-the-crc", True)
    assert row["clause"] in FAULTS["ignores-the-crc"].clauses
    assert row["case"].startswith("test_")


def test_the_command_lists_the_faults_that_there_are() -> None:
    status, rows = conformance("faults", "--list")
    assert status == 0
    assert {row["fault"]: row["clause"] for row in rows} == {
        fault.name: fault.clause for fault in FAULTS.values()
    }
    assert {row["schema"] for row in rows} == {"sealkit.conformance.fault.known/1"}

"""Planted faults: each can be planted, and the cases find it and name its clause."""

from __future__ import annotations

import pytest

from sealkit.errors import SealkitError, UsageError
from sealkit_conformance.clauses import CLAUSES
from sealkit_conformance.faults import trial
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around
from sealkit_conformance.faults.table import FAULTS
from sealkit_conformance.requirements import REQUIREMENTS

QUICK = ("announces-more-than-it-takes", "ignores-the-crc", "accepts-a-stale-head")
LETTERS_OF_CHAPTERS = ("NST", "L", "C", "K", "P", "O", "R", "J", "E", "Z", "W", "M")
"""Those of the chapters that bind a seal; an export file and a verdict are made by others."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_can_be_planted_and_names_a_clause(name: str) -> None:
    fault = FAULTS[name]
    trial.plant_once(fault)
    assert fault.clause in CLAUSES or fault.clause in REQUIREMENTS
    assert fault.about.endswith(".")


def test_there_are_faults_of_every_chapter() -> None:
    assert len(FAULTS) >= 60
    broken = {fault.clause[0] for fault in FAULTS.values()}
    assert all(broken & set(letters) for letters in LETTERS_OF_CHAPTERS)


def test_names_are_unique() -> None:
    from sealkit_conformance.faults.table import CHAPTERS

    names = [fault.name for chapter in CHAPTERS for fault in chapter.FAULTS]
    assert len(names) == len(set(names)) == len(FAULTS)


def test_quick_faults_are_caught_by_their_clause() -> None:
    for found in trial.try_faults(QUICK, "p256"):
        assert found.caught, found
        assert found.clause == found.breaks == FAULTS[found.fault].clause


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
    (found,) = trial.try_faults(QUICK[:1], "p256", seconds=0.01)
    assert not found.caught
    assert "0.01 s" in found.why

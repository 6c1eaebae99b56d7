"""Frauds and honest drives by the command, in short shifts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sealkit_simulator.frauds import known_frauds
from sealkit_tools.sim.commands import sim
from sealkit_tools.sim.drive_outcome import Outcome, Row


def run(*arguments: str) -> Result:
    return CliRunner().invoke(sim, arguments, catch_exceptions=False)


def told(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def test_every_fraud_is_listed_with_its_words() -> None:
    listed = told("drive", "--list")["frauds"]
    assert [row["fraud"] for row in listed] == list(known_frauds())
    assert all(len(row["words"]) > 40 for row in listed)


def test_a_fraud_that_the_seal_records_ends_the_drive() -> None:
    outcome = told("drive", "--fraud", "price-raised", "--shifts", "1", "--seed", "7")
    assert outcome["schema"] == "sealkit.sim.drive/1"
    assert outcome["detected"]
    assert outcome["findings"][0] == "FARE_PARAMETERS_CHANGED"
    assert outcome["after_minutes"] <= 0.2
    assert outcome["driven_minutes"] == 0


def test_a_drive_for_people_tells_how_it_is_done() -> None:
    shown = run("drive", "--fraud", "seal-case-opened", "--shifts", "1").stdout
    assert "case of the seal is opened" in shown
    assert "CASE_OPENED" in shown


def test_the_table_is_a_list_of_rows() -> None:
    rows = told(
        *("frauds", "--shifts", "1", "--seeds", "2"),
        *("--fraud", "log-rolled-back", "--fraud", "meter-replaced"),
    )
    assert [row["fraud"] for row in rows] == ["log-rolled-back", "meter-replaced"]
    assert all(row["detected"] is True and row["caught"] == 2 for row in rows)
    assert rows[0]["findings"] == ["HISTORY_ROLLED_BACK"]
    assert "METER_IDENTITY_CHANGED" in rows[1]["findings"]


def test_the_table_for_people_tells_why_not() -> None:
    shown = run(
        *("frauds", "--shifts", "1", "--seeds", "1"),
        *("--fraud", "man-in-the-middle-and-back", "--fraud", "flag-fall-raised"),
    )
    assert shown.exit_code == 0
    assert "Nothing on the meter's line is signed" in shown.stdout
    assert "fare_above" in shown.stdout


def test_one_in_a_hundred_may_be_missed() -> None:
    def outcome(verdict: str, after_m: int | None) -> Outcome:
        return Outcome("k-changed", 1, verdict, (), after_m, after_m, 1, 1, (), 1, 1)

    caught = [outcome("broken", 1_000 * n) for n in range(99)]
    assert Row("k-changed", [*caught, outcome("intact", None)]).detected
    assert not Row("k-changed", [*caught[1:], *[outcome("intact", None)] * 2]).detected
    assert Row("k-changed", caught).to_dict()["after_km_median"] == 49
    assert Row("k-changed", caught).to_dict()["after_km_most"] == 98


def test_there_is_no_such_fraud() -> None:
    from sealkit.errors import UsageError

    with pytest.raises(UsageError) as error:
        run("drive", "--fraud", "magic")
    assert error.value.code == "NO_SUCH_FRAUD"


def test_honest_taxis_break_no_seal() -> None:
    shown = told("honest", "--vehicles", "2", "--shifts", "1")
    assert shown["false_alarms"] == []
    assert (shown["vehicles"], shown["shifts"]) == (2, 2)
    assert shown["driven_km"] > 200
    assert all(0 <= c["share"] < 1 for c in shown["closest"].values())
    assert shown["closest"]

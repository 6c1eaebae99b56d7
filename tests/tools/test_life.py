"""One whole life of a seal in each suite, by the real command on real lines."""

from __future__ import annotations

import json
import os
import shutil
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.command import PASSPHRASE, Command, Simulation, make_people, simulation, until
from support.terminal import Terminal

BOTH = ("--technician", "zhang", "--station", "pudong")
PRICE = "day_one_way_price_fen_per_km"
EMPTY_TARIFF = '[tariff]\nunwatched = ["vendor_area"]\n'


class Life:
    """A suite's people and seal; each test goes on where the one before it ended."""

    def __init__(self, home: Path, suite: str) -> None:
        self.suite = suite
        self.sealkit = Command(home)
        self.devices: Simulation

    def order(self, *arguments: str) -> dict[str, Any]:
        told = self.sealkit.told(*arguments, "--yes")
        assert told["schema"] == "sealkit.order.applied/1"
        return told

    def verdict(self, where: str = "sim:dev", *options: str) -> dict[str, Any]:
        """The verdict, its fields and exit status as others rely on them."""
        done = self.sealkit.run("verify", where, "--trust", "trust.json", *options, "--json")
        told = done.told
        assert told["schema"] == "sealkit.verify/1"
        assert done.status == {"intact": 0, "broken": 7, "undetermined": 9}[told["verdict"]]
        assert set(told) >= {"verdict", "layers", "findings", "seal", "state", "counters", "head"}
        assert list(told["layers"]) == ["cryptographic", "semantic", "policy"]
        for found in told["findings"]:
            assert set(found) >= {"code", "severity", "message", "remedy"}
        return told

    def codes(self, *arguments: str) -> set[str]:
        return {found["code"] for found in self.verdict(*arguments)["findings"]}

    def sets_meter(self, name: str, value: object) -> None:
        self.sealkit.told("sim", "do", "sim:dev", "set_meter", f"name={name}", f"value={value}")

    def counters(self) -> dict[str, int]:
        counters: dict[str, int] = self.verdict()["counters"]
        return counters


@pytest.mark.requirement("R14")
@pytest.mark.requirement("R40")
@pytest.mark.parametrize("suite", ["p256", "sm2"])
def test_a_whole_life(tmp_path: Path, suite: str) -> None:
    """Each part goes on where the one before it ended."""
    life = Life(tmp_path, suite)
    make_people(life.sealkit, suite)
    options = ("--dir", "dev", "--suite", suite, "--manufacturer", "maker")
    with simulation(life.sealkit, *options) as life.devices:
        the_devices_start(life)
        it_is_provisioned_and_enrolled(life)
        an_order_is_carried_to_the_station(life)
        the_station_alone_seals_a_tariff_ahead(life)
        a_verification_that_changes_nothing_is_confirmed(life)
        a_fraud_is_found_out_cleared_and_sealed_over(life)
        kill_9_loses_nothing(life)
    with simulation(life.sealkit, "--dir", "dev"):
        it_is_opened_and_its_clock_set(life)
        a_revoked_technician_is_refused(life)
        its_log_is_taken_along(life)
        it_is_retired(life)


def the_devices_start(life: Life) -> None:
    started = life.devices.started
    assert list(started) == ["schema", "seal", "meter", "control"]
    assert started["schema"] == "sealkit.sim.start/1"
    error = life.sealkit.refused("sim", "start", "--dir", "dev", status=4, code="SIM_RUNNING")
    assert "sim:" in error["remedy"]
    told = life.sealkit.told("info", started["seal"])
    assert (told["seal"], told["suite"], told["state"]) == ("500-1", life.suite, "factory")
    told = life.sealkit.told("meter", "read", started["meter"])
    assert told["fare_parameters"][PRICE] == 405
    assert life.verdict()["verdict"] == "undetermined"


def it_is_provisioned_and_enrolled(life: Life) -> None:
    life.sealkit.told("provision", "sim:dev", "--manufacturer", "maker")
    enrol = ("enrol", "sim:dev", "--authority", "endorsed.cred", "--station", "pudong", "--yes")
    written = life.sealkit.run(*enrol, "--out", "enrol.json", "--json")
    assert written.told["waiting_for"] == []
    assert "10 minutes" in written.err
    shown = life.sealkit.run("order", "show", "enrol.json")
    assert "10 minutes" in shown.out
    sent = life.order("order", "send", "sim:dev", "enrol.json")
    assert (sent["order"], sent["state"]) == ("enrol", "open")
    assert life.codes() >= {"STATE_OPEN", "NEVER_SEALED"}


def an_order_is_carried_to_the_station(life: Life) -> None:
    sealkit = life.sealkit
    job = sealkit.run("seal", "--template").out
    (sealkit.home / "job.toml").write_text(job)
    # At the taxi there is the station's credential, and its key is at the station.
    (sealkit.home / "taxi").mkdir()
    shutil.copy(sealkit.home / "pudong.cred", sealkit.home / "taxi")
    seal = ("seal", "sim:dev", "--job", "job.toml", "--technician", "zhang")
    seal += ("--station", "taxi/pudong")
    planned = sealkit.told(*seal, "--dry-run")
    assert planned["schema"] == "sealkit.order.draft/1"
    changes = {(row["group"], row["field"]): row["new"] for row in planned["changes"]}
    assert changes["distance", "k_pulses_per_km"] == "1000"
    assert changes["tariff", PRICE] == "405"
    assert changes["sensor", "kind"] == "pulse"
    sealkit.refused(*seal, "--yes", status=2, code="KEY_MISSING")
    sealkit.refused(*seal, "--out", "order.json", status=2, code="NOT_CONFIRMED")
    written = sealkit.told(*seal, "--yes", "--out", "order.json")
    assert (written["file"], written["waiting_for"]) == ("order.json", ["Pudong"])
    send = ("order", "send", "sim:dev", "order.json")
    sealkit.refused(*send, "--yes", status=2, code="SIGNATURES_MISSING")
    sealkit.refused(
        "order", "sign", "order.json", "--key", "auth", "--yes", status=2, code="SIGNER_NOT_NAMED"
    )
    shown = sealkit.told("order", "show", "order.json")
    assert [entry["signed"] for entry in shown["signatures"]] == [True, False]
    signed = sealkit.told("order", "sign", "order.json", "--key", "pudong", "--yes")
    assert signed["complete"]
    first = life.order(*send)
    assert (first["state"], first["already_applied"]) == ("sealed", False)
    again = life.order(*send)
    assert again == {**first, "already_applied": True}
    told = life.verdict("sim:dev", "--meter", "sim:dev")
    assert (told["verdict"], told["findings"]) == ("intact", [])
    assert told["layers"] == dict.fromkeys(told["layers"], "intact")
    assert (told["seal"], told["state"]) == ("500-1", "sealed")
    assert told["counters"] == {"calibration": 1, "configuration": 1}
    assert told["head"]["sequence"] == first["record"]
    assert told["head"]["digest"] == first["digest"]


def the_station_alone_seals_a_tariff_ahead(life: Life) -> None:
    sealkit = life.sealkit
    fare = bytearray.fromhex(sealkit.told("meter", "read", "sim:dev")["fare_raw"])
    fare[9:11] = bytes.fromhex("0415")
    now = datetime.now(UTC).replace(microsecond=0)
    pending = {"from": now - timedelta(hours=1), "until": now + timedelta(days=1)}
    lines = [f"{name} = {moment.isoformat()}" for name, moment in pending.items()]
    job = "\n".join([EMPTY_TARIFF, "[tariff.pending]", *lines, f'fare = "{fare.hex()}"'])
    (sealkit.home / "tariff.toml").write_text(job)
    applied = life.order("seal", "sim:dev", "--job", "tariff.toml", "--station", "pudong")
    assert applied["state"] == "sealed"
    life.sets_meter(PRICE, 415)
    told = life.verdict("sim:dev", "--meter", "sim:dev")
    assert (told["verdict"], told["findings"]) == ("intact", [])
    assert told["counters"] == {"calibration": 1, "configuration": 2}
    # What was pending is now in the meter, and is sealed as the tariff without a job.
    life.order("seal", "sim:dev", "--meter", "sim:dev", "--station", "pudong")
    assert life.counters() == {"calibration": 1, "configuration": 3}


def a_verification_that_changes_nothing_is_confirmed(life: Life) -> None:
    confirmed = life.order("confirm", "sim:dev", "--job", "job.toml", "--station", "pudong")
    assert (confirmed["order"], confirmed["state"]) == ("confirm", "sealed")
    error = life.sealkit.refused(
        "seal", "sim:dev", *BOTH, "--yes", status=6, code="NOTHING_CHANGED"
    )
    assert "sealkit confirm" in error["remedy"]


def a_fraud_is_found_out_cleared_and_sealed_over(life: Life) -> None:
    sealkit = life.sealkit
    life.sets_meter(PRICE, 505)
    until(lambda: life.verdict()["verdict"] == "broken")
    found = {found["code"]: found for found in life.verdict()["findings"]}
    message = found["FARE_PARAMETERS_CHANGED"]["message"]
    assert f"{PRICE} 415 → 505" in message
    told = sealkit.run("verify", "sim:dev", "--trust", "trust.json", "--meter", "sim:dev")
    assert told.status == 7
    for words in ("Seal 500-1: broken", "semantic       broken", message, "METER_DIFFERS", "→"):
        assert words in told.out
    life.sets_meter(PRICE, 415)
    clear = ("clear", "sim:dev", "--kind", "tamper_investigated", "--reason", "Price put back")
    assert life.order(*clear, *BOTH)["state"] == "open"
    sealkit.refused("seal", "sim:dev", *BOTH, "--yes", status=2, code="JOB_INCOMPLETE")
    assert life.order("seal", "sim:dev", "--job", "job.toml", *BOTH)["state"] == "sealed"
    assert life.codes() == {"BROKEN_BEFORE"}


def kill_9_loses_nothing(life: Life) -> None:
    sealkit = life.sealkit
    head = life.verdict()["head"]
    assert life.devices.end(signal.SIGKILL) == -signal.SIGKILL
    assert (sealkit.home / "dev" / "endpoints.json").exists()
    error = sealkit.refused("info", "sim:dev", status=3, code="SIM_NOT_RUNNING")
    assert "sealkit sim start" in error["remedy"]
    with simulation(sealkit, "--dir", "dev") as devices:
        until(lambda: life.verdict()["head"] == head)
        assert devices.end() == 0
        sealkit.refused("info", "sim:dev", status=3, code="SIM_NOT_FOUND")


def it_is_opened_and_its_clock_set(life: Life) -> None:
    sealkit = life.sealkit
    unseal = ("unseal", "sim:dev", "--kind", "repair", "--reason", "Worn display")
    assert life.order(*unseal, *BOTH)["state"] == "open"
    assert abs(sealkit.told("clock", "show", "sim:dev")["difference_s"]) <= 2
    life.order("clock", "adjust", "sim:dev", "--seconds", "-3", "--station", "pudong")
    sealkit.refused("clock", "restore", "sim:dev", *BOTH, "--yes", status=6, code="CLOCK_RUNNING")
    sealkit.told("sim", "do", "sim:dev", "lose_clock")
    assert "CLOCK_LOST" in life.codes()
    life.order("clock", "restore", "sim:dev", *BOTH)
    assert sealkit.told("info", "sim:dev")["clock_quality"] == "restored"


def a_revoked_technician_is_refused(life: Life) -> None:
    revoke = "keys statement st.pem --authority auth --version 1 --revoke zhang.cred"
    life.sealkit.told(*revoke.split())
    life.order("trust", "sim:dev", "--statement", "st.pem", "--station", "pudong")
    seal = ("seal", "sim:dev", "--job", "job.toml", *BOTH, "--yes")
    life.sealkit.refused(*seal, status=6, code="CREDENTIAL_REVOKED")


def its_log_is_taken_along(life: Life) -> None:
    sealkit = life.sealkit
    records = sealkit.told("log", "list", "sim:dev", "--chain", "both")["records"]
    assert [record["sequence"] for record in records] == list(range(1, len(records) + 1))
    assert {record["chain"] for record in records} == {"control", "journal"}
    export = ("log", "export", "sim:dev", "taxi.seal")
    exported = sealkit.told(*export)
    assert exported["control_records"] + exported["journal_records"] == len(records)
    error = sealkit.refused(*export, status=2, code="FILE_EXISTS")
    assert "--force" in error["remedy"]
    sealkit.told(*export, "--force")
    assert sealkit.told("log", "list", "taxi.seal", "--chain", "both")["records"] == records
    assert life.verdict("taxi.seal")["as_of"]
    life.order("ack", "sim:dev", "taxi.seal", "--station", "pudong")


def it_is_retired(life: Life) -> None:
    retire = ("retire", "sim:dev", "--reason", "Replaced", "--kind", "seal_replaced")
    retire += ("--station", "pudong")
    answers = {"n": (2, "NOT_CONFIRMED"), "y": (0, "retired")}
    for answer, (status, seen) in answers.items():
        terminal = Terminal(life.sealkit.home, retire, SEALKIT_PASSPHRASE=PASSPHRASE)
        terminal.sees("Sign and give this order? [y/N]:")
        assert "What will be signed" in terminal.seen
        terminal.types(answer)
        terminal.sees(seen)
        assert terminal.end() == status
    assert life.verdict()["state"] == "retired"
    error = life.sealkit.refused(*retire, "--yes", status=2, code="ORDER_WRONG_STATE")
    assert "retired" in error["message"]


@pytest.mark.parametrize("suite", ["p256", "sm2"])
def test_the_demo(tmp_path: Path, suite: str) -> None:
    told = Command(tmp_path).told("demo", "--suite", suite)
    assert (told["schema"], told["suite"], told["ok"], told["fault"]) == (
        "sealkit.demo/1",
        suite,
        True,
        None,
    )
    assert len(told["steps"]) == 10
    assert all(step["ok"] and step["lines"] for step in told["steps"])
    refusals = "\n".join(told["steps"][6]["lines"])
    for code in ("CREDENTIAL_EXPIRED", "SIGNATURES_MISSING", "ALREADY_APPLIED"):
        assert code in refusals
    assert not os.listdir(tmp_path)


def test_version_and_help(tmp_path: Path) -> None:
    sealkit = Command(tmp_path)
    assert sealkit.run("--version").out.startswith("sealkit, version ")
    for words in ("", "keys", "sim", "order", "log", "clock", "meter", "seal", "verify"):
        shown = sealkit.run(*words.split(), "--help")
        assert shown.status == 0
        assert shown.out.startswith("Usage: sealkit")
    for group in ("", "keys", "station"):
        shown = sealkit.run(*group.split())
        assert shown.status == 2
        assert shown.err.startswith("Usage: sealkit")
    limits = sealkit.told("limits")
    assert sum(limits["buffers"].values()) == limits["total"] < limits["bound"] == 16 * 1024
    assert json.dumps(sealkit.told("ports")["ports"])

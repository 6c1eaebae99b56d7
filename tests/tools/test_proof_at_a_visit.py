"""What a station finds at a visit, and proves to anybody who has a trust file: a memory that was
set back, a clone, and that a seal is intact."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.command import COMMAND, Command, make_people, simulation

SEAL = "500-1"


class City(Command):
    """People, a sealed taxi in `dev`, and a station with a ledger. where: the ledger."""

    def __init__(self, home: Path, suite: str, where: tuple[str, str]) -> None:
        super().__init__(home)
        self.where = where
        make_people(self, suite)
        (home / "job.toml").write_text(self.run("seal", "--template").out)
        with simulation(self, "--dir", "dev", "--suite", suite, "--manufacturer", "maker"):
            self.told("provision", "sim:dev", "--manufacturer", "maker")
            enrol = ("enrol", "sim:dev", "--authority", "endorsed.cred", "--station", "pudong")
            self.told(*enrol, "--yes")
            seal = ("seal", "sim:dev", "--job", "job.toml", "--technician", "zhang")
            self.told(*seal, "--station", "pudong", "--yes")
            assert self.visited("dev") == (0, [])

    @contextmanager
    def running(self, seal: str) -> Iterator[None]:
        with simulation(self, "--dir", seal):
            yield

    def confirmed(self, seal: str) -> None:
        """New records: a verification that changed nothing."""
        self.told("confirm", f"sim:{seal}", "--job", "job.toml", "--station", "pudong", "--yes")

    def visited(self, seal: str) -> tuple[int, list[str]]:
        """The seal's log comes into the ledger, which judges it: exit status and findings."""
        exports = self.home / "exports"
        shutil.rmtree(exports, ignore_errors=True)
        exports.mkdir()
        self.told("log", "export", f"sim:{seal}", "exports/taxi.seal")
        ledger = (*self.where, "--trust", "trust.json")
        assert self.told("station", "import", "exports", *ledger)["failed"] == []
        done = self.run("station", "verify", SEAL, *self.where, "--json")
        return done.status, [found["code"] for found in _deciding(done.told["seals"][0])]

    def proven(self, machine: Path) -> list[str]:
        """The findings on another machine that has the bundle, the trust file, and nothing else."""
        bundle = ("station", "bundle", SEAL, *self.where, "--key", "pudong")
        told = self.told(*bundle, "--out", "proof.sealbundle")
        assert told["schema"] == "sealkit.station.bundle/1"
        machine.mkdir()
        for name in ("proof.sealbundle", "trust.json"):
            shutil.copy(self.home / name, machine)
        other = Command(machine)
        verdict = other.told("verify", "proof.sealbundle", "--trust", "trust.json", status=7)
        assert verdict["verdict"] == "broken"
        assert {one.name for one in machine.iterdir()} == {"proof.sealbundle", "trust.json"}
        return [found["code"] for found in _deciding(verdict)]


def _deciding(verdict: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in verdict["findings"] if one["severity"] in ("broken", "undetermined")]


@pytest.mark.requirement("H-3")
@pytest.mark.requirement("B-5")
def test_a_memory_that_was_set_back(tmp_path: Path, where: tuple[str, str]) -> None:
    (tmp_path / "city").mkdir()
    city = City(tmp_path / "city", "p256", where)
    flash = city.home / "dev" / "flash.bin"
    backup = flash.read_bytes()
    with city.running("dev"):
        city.confirmed("dev")
        assert city.visited("dev") == (0, [])
    flash.write_bytes(backup)
    with city.running("dev"):
        status, found = city.visited("dev")
    assert status == 7
    assert "HISTORY_ROLLED_BACK" in found
    assert set(city.proven(tmp_path / "court")) == set(found)


@pytest.mark.requirement("H-2")
@pytest.mark.requirement("B-5")
def test_a_clone(tmp_path: Path, where: tuple[str, str]) -> None:
    (tmp_path / "city").mkdir()
    city = City(tmp_path / "city", "sm2", where)
    shutil.copytree(city.home / "dev", city.home / "clone", ignore=shutil.ignore_patterns("*.tty"))
    with city.running("dev"):
        city.confirmed("dev")
        assert city.visited("dev") == (0, [])
    with city.running("clone"):
        city.confirmed("clone")
        status, found = city.visited("clone")
    assert status == 7
    assert "HISTORY_FORKED" in found
    assert set(city.proven(tmp_path / "court")) == set(found)


@pytest.mark.requirement("G-6")
@pytest.mark.requirement("G-7")
def test_an_intact_seal_gets_a_certificate_that_anybody_checks(
    tmp_path: Path, where: tuple[str, str]
) -> None:
    (tmp_path / "city").mkdir()
    city = City(tmp_path / "city", "p256", where)
    ledger = (*where, "--key", "pudong")
    certificate = ("station", "certificate", SEAL, *ledger, "--out", "taxi.pdf")
    told = city.told(*certificate, "--language", "zh")
    assert (city.home / "taxi.pdf").read_bytes().startswith(b"%PDF-")
    city.refused(*certificate, status=2, code="FILE_EXISTS")
    machine = tmp_path / "passenger"
    machine.mkdir()
    shutil.copy(city.home / "trust.json", machine)
    (machine / "code.txt").write_text(told["text"] + "\n")
    other = Command(machine)
    trust = ("--trust", "trust.json")
    check = other.told("verify", "code.txt", *trust)
    assert (check["conclusion"], check["seal"], check["station"]) == ("holds", SEAL, "Pudong")
    assert other.told("verify", "--qr", told["text"], "--plate", told["plate"], *trust) == check
    otherwise = f"{told['plate'][:2].lower()}·{told['plate'][2:]}"
    assert other.told("verify", "code.txt", "--plate", otherwise, *trust) == check
    with (machine / "code.txt").open() as code:
        piped = subprocess.run(
            [*COMMAND, "verify", "--qr", "-", *trust, "--json"],
            cwd=machine,
            stdin=code,
            capture_output=True,
            text=True,
            check=True,
        )
    assert json.loads(piped.stdout) == check
    shown = other.run("verify", "code.txt", *trust, environment={"SEALKIT_LANG": "zh"})
    assert "真实有效" in shown.out
    wrong = other.told("verify", "code.txt", "--plate", "沪A99999", *trust, status=7)
    assert [found["code"] for found in wrong["findings"]] == ["ATTESTATION_OTHER_PLATE"]
    another = "1" if told["text"][60] == "0" else "0"
    changed = told["text"][:60] + another + told["text"][61:]
    forged = other.told("verify", "--qr", changed, *trust, status=7)
    assert (forged["conclusion"], forged["plate"]) == ("invalid", None)
    city.told("keys", "new", "authority", "strange", "--name", "Beijing", "--suite", "p256")
    city.told("keys", "trust", "other.json", "--authority", "strange", "--manufacturer", "maker")
    strange = city.told("verify", "--qr", told["text"], "--trust", "other.json", status=9)
    assert strange["conclusion"] == "unknown"

"""A seal whose memory was set back, and one that was cloned: found at the next visit by the
station's ledger, and proven to anybody by one file and a trust file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, make_people, simulation

SEAL = "500-1"


class City(Command):
    """People, a sealed taxi in `dev`, and a station with a ledger."""

    def __init__(self, home: Path, suite: str) -> None:
        super().__init__(home)
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
        ledger = ("--dir", "ledger", "--trust", "trust.json")
        assert self.told("station", "import", "exports", *ledger)["failed"] == []
        done = self.run("station", "verify", SEAL, "--dir", "ledger", "--json")
        return done.status, [found["code"] for found in _deciding(done.told["seals"][0])]

    def proven(self, machine: Path) -> list[str]:
        """The findings on another machine that has the bundle, the trust file, and nothing else."""
        bundle = ("station", "bundle", SEAL, "--dir", "ledger", "--key", "pudong")
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
def test_a_memory_that_was_set_back(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    city = City(tmp_path / "city", "p256")
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
def test_a_clone(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    city = City(tmp_path / "city", "sm2")
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

"""`sealkit sim city`, as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

from support.command import Command


def test_a_city_is_made_and_told(tmp_path: Path, where: tuple[str, str]) -> None:
    sealkit = Command(tmp_path)
    options = ["--seals", "3", "--records", "30", "--planted", "1", "--until", "2026-11-24"]
    told = sealkit.told("sim", "city", "here", *options)
    assert told["schema"] == "sealkit.sim.city/1"
    assert told["until"] == 1_795_478_400
    assert told["submissions"] >= 9
    assert sum(told["planted"].values()) == 1
    lines = (tmp_path / "here" / "visits.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    assert len(lines) == told["submissions"]
    honest = sealkit.run("verify", f"here/{first['file']}", "--trust", "here/trust.json")
    assert honest.status == 0, honest
    trust = ["--trust", "here/trust.json", *where]
    sealkit.told("station", "import", "here", *trust)
    key = ["--key", "here/station"]
    unlocked = {"SEALKIT_PASSPHRASE": "simulated"}
    head = sealkit.told("station", "head", *where, *key, environment=unlocked)
    assert head["size"] > 0


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    sealkit = Command(tmp_path)
    sealkit.refused("sim", "city", "here", "--seals", "0", status=2, code="CITY_PLAN")
    sealkit.refused("sim", "city", "here", "--until", "soon", status=2, code="TIME_MALFORMED")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "letter").write_text("mine")
    sealkit.refused("sim", "city", "there", status=2, code="DIRECTORY_NOT_EMPTY")
    assert not (tmp_path / "here").exists()

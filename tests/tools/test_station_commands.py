"""`sealkit station`: import, verify, draw and leads, as a person and as a program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from station.fleet import NOW, handed_in, people, taxi, vehicle

from sealkit_tools.main import run


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Four taxis: two on one vehicle, one broken."""
    directory = tmp_path / "exports"
    directory.mkdir()
    broken = taxi(3)
    broken.tamper(1)
    for name, log in (
        ("1", taxi(1)),
        ("2", taxi(2, vehicle=vehicle(1))),
        ("3", broken),
        ("4", taxi(4)),
    ):
        (directory / f"{name}.seal").write_bytes(handed_in(log, NOW))
    (tmp_path / "trust.json").write_bytes(people().trust.to_json())
    return directory


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_from_exports_to_verdicts(
    exports: Path, where: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = list(where)
    trust = ["--trust", str(exports.parent / "trust.json")]
    assert run(["station", "import", str(exports), *ledger, *trust, "--json"]) == 0
    report = told(capsys)
    assert (report["schema"], report["new"], report["failed"]) == (
        "sealkit.station.import/1",
        4,
        [],
    )
    (exports / "5.seal").write_bytes(b"SEALKITX")
    assert run(["station", "import", str(exports), *ledger, "--json"]) == 8
    report = told(capsys)
    assert (report["new"], report["again"]) == (0, 4)
    assert report["failed"][0]["code"] == "EXPORT_TRUNCATED"
    assert run(["station", "verify", "--all", *ledger, "--json"]) == 7
    judged = told(capsys)
    # The vehicle's verification, at the time of these exports, ended since.
    assert judged["counts"] == {"intact": 0, "broken": 1, "undetermined": 3}
    found = {row["seal"]: {one["code"] for one in row["findings"]} for row in judged["seals"]}
    assert "VEHICLE_TWO_SEALS" in found["500-1"] & found["500-2"]
    assert "CASE_OPENED" in found["500-3"]
    assert "VERIFICATION_OVERDUE" in found["500-4"]
    assert run(["station", "verify", "500-4", *ledger]) == 9
    assert "VERIFICATION_OVERDUE" in capsys.readouterr().out
    assert run(["station", "draw", "--sample", "2", "--seed", "x", *ledger, "--json"]) == 0
    drawn = told(capsys)
    assert (len(drawn["drawn"]), len(drawn["seals"])) == (2, 4)
    assert run(["station", "leads", *ledger, "--json"]) == 0
    assert told(capsys)["leads"] == []


def test_for_people_in_chinese(
    exports: Path,
    where: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "zh")
    ledger = list(where)
    trust = ["--trust", str(exports.parent / "trust.json")]
    (exports / "5.seal").write_bytes(b"SEALKITX")
    assert run(["station", "import", str(exports), *ledger, *trust]) == 8
    captured = capsys.readouterr()
    assert "已导入" in captured.out
    assert "5.seal" in captured.err
    assert run(["station", "verify", "--all", *ledger]) == 7
    captured = capsys.readouterr()
    assert "已破坏" in captured.out
    assert "station verify 500-23" in captured.err
    assert run(["station", "draw", "--sample", "9", "--seed", "种子", *ledger]) == 0
    captured = capsys.readouterr()
    assert "沪A00004" in captured.out
    assert "树的大小" in captured.out


def test_of_a_seal_that_is_named_every_finding_is_told(
    exports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = ["--dir", str(exports.parent / "ledger")]
    trust = ["--trust", str(exports.parent / "trust.json")]
    assert run(["station", "import", str(exports), *ledger, *trust]) == 0
    capsys.readouterr()
    assert run(["station", "draw", "--sample", "9", "--seed", "x", *ledger, "--json"]) == 0
    plates = {one["seal"]: one["plate"] for one in told(capsys)["drawn"]}
    assert (plates["500-2"], plates["500-4"]) == ("沪A00001", "沪A00004")  # Not judged yet.
    assert run(["station", "verify", "500-4", *ledger]) == 9
    out = capsys.readouterr().out
    assert "The date by which the taximeter had to be verified again has passed." in out
    assert "→ Have the taximeter verified." in out


def test_nothing_to_import_is_said(
    exports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    trust = ["--trust", str(exports.parent / "trust.json")]
    made = ["--dir", str(tmp_path / "ledger")]
    assert run(["station", "import", str(tmp_path / "empty"), *made, *trust]) == 0
    assert "There is no export in" in capsys.readouterr().err
    assert run(["station", "verify", "--all", *made]) == 9
    assert "no seal yet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["verify", "--all"], "LEDGER_NOT_NAMED"),
        (["verify", "--all", "--dir", "x", "--database", "sqlite:///y"], "LEDGER_NOT_NAMED"),
        (["verify", "--dir", "x"], "SEALS_NOT_NAMED"),
        (["verify", "1-1", "--all", "--dir", "x"], "SEALS_NOT_NAMED"),
        (["verify", "one", "--dir", "x"], "SEAL_NUMBER_MALFORMED"),
        (["leads", "--database", "postgresql://u:secret@h/d"], "PASSWORD_ON_COMMAND_LINE"),
        (["leads", "--database", "oracle://h/d"], "DATABASE_URL"),
        (["import", "nowhere", "--dir", "x"], "NO_SUCH_DIRECTORY"),
        (["import", ".", "--dir", "x"], "LEDGER_NOT_THERE"),
        (["leads", "--dir", "x"], "LEDGER_NOT_THERE"),
        (["token", "list", "--dir", "x"], "LEDGER_NOT_THERE"),
        (["draw", "--sample", "0", "--seed", "x", "--dir", "x"], "USAGE"),
    ],
)
def test_bad_use_is_explained(
    words: list[str],
    code: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEALKIT_DATABASE", raising=False)
    assert run(["station", *words, "--json"]) == 2
    error = told(capsys)["error"]
    assert error["code"] == code
    assert "secret" not in json.dumps(error)
    # A misspelt name makes no new ledger.
    assert list(tmp_path.iterdir()) == []


def test_the_database_may_stand_in_the_environment(
    exports: Path,
    new_url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEALKIT_DATABASE", new_url)
    trust = ["--trust", str(exports.parent / "trust.json")]
    assert run(["station", "import", str(exports), *trust, "--json"]) == 0
    assert told(capsys)["new"] == 4
    assert run(["station", "verify", "--all", "--json"]) == 7
    assert run(["station", "migrate"]) == 0

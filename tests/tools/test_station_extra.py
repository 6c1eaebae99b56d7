"""The station's commands where the extra that they need is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sealkit.errors import UsageError
from sealkit_tools.station.commands import station


@pytest.mark.parametrize("module", ["alembic", "sqlalchemy"])
@pytest.mark.parametrize(
    "words",
    [["import", "."], ["verify", "--all"], ["draw", "--sample", "1", "--seed", "x"], ["leads"],
     ["migrate"], ["serve"], ["token", "list"]],
)  # fmt: skip
def test_what_is_not_installed_is_named(
    module: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError) as raised:
        CliRunner().invoke(station, [*words, "--dir", str(tmp_path)], catch_exceptions=False)
    assert raised.value.code == "STATION_MISSING"
    assert "sealkit[station]" in raised.value.remedy
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["fastapi", "uvicorn", "structlog"])
def test_serving_needs_more(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError) as raised:
        CliRunner().invoke(station, ["serve", "--dir", str(tmp_path)], catch_exceptions=False)
    assert raised.value.code == "STATION_MISSING"
    assert list(tmp_path.iterdir()) == []


def test_help_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert CliRunner().invoke(station, ["import", "--help"]).exit_code == 0

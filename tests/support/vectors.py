"""The vectors of protocol/vectors, and values of the library as they are written there."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "protocol" / "vectors"
SUITES = ("p256", "sm2")


@cache
def load(suite: str, name: str) -> Any:
    """One file of a suite, such as `load("sm2", "orders")`."""
    return json.loads((VECTORS / suite / f"{name}.json").read_text("utf-8"))


def each(name: str, table: str, *, title: str = "what") -> pytest.MarkDecorator:
    """Runs a test with `suite_name` and `case` for each entry of a table, in both suites."""
    return pytest.mark.parametrize(
        ("suite_name", "case"),
        [
            pytest.param(suite, case, id=f"{suite}-{case.get('id', index)}-{case.get(title)}")
            for suite in SUITES
            for index, case in enumerate(load(suite, name)[table])
        ],
    )


def told(value: Any) -> Any:
    """A value as the vectors tell it: numbers, hex, text, and objects by their fields."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [told(item) for item in value]
    if is_dataclass(value):
        return {
            field.name: told(getattr(value, field.name))
            for field in fields(value)
            if field.name not in ("suite", "raw")
        }
    return value

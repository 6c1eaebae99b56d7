"""Python values as Lua that can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_WIDTH = 96  # of a line
_KEY = 36  # of what may stand before a table inside another


def assignment(name: str, value: Any) -> str:
    return f"local {name} = {literal(value)}"


def literal(value: Any, depth: int = 0) -> str:
    """A table as one line where that fits, else an entry a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, Mapping):
        entries = [f"{_key(key)} = {literal(item, depth + 1)}" for key, item in value.items()]
    elif isinstance(value, Sequence):
        entries = [literal(item, depth + 1) for item in value]
    else:
        raise TypeError(f"{value!r} has no Lua")
    line = "{" + ", ".join(entries) + "}"
    if "\n" not in line and len(line) + 4 * depth < _WIDTH - (_KEY if depth else 0):
        return line
    indent = "    " * (depth + 1)
    return "{\n" + "".join(f"{indent}{entry},\n" for entry in entries) + "    " * depth + "}"


def _key(key: int | str) -> str:
    if isinstance(key, str) and key.isidentifier():
        return key
    return f"[{literal(key)}]"

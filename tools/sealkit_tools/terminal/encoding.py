"""What stdout can show: not every terminal, and not every pipe, is of UTF-8."""

from __future__ import annotations

import codecs
import io
import json
import sys
from typing import Any


def escape_what_stdout_lacks() -> None:
    """Writes a character that stdout's encoding has not as an escape, instead of failing."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def json_text(value: Any) -> str:
    """JSON that any stdout can show: in ASCII, where it is not of UTF-8."""
    name = codecs.lookup(sys.stdout.encoding or "ascii").name
    return json.dumps(value, ensure_ascii=name != "utf-8")

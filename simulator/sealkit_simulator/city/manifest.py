"""What was submitted: `visits.jsonl`, which `sealkit station import` reads.

JSON lines in UTF-8, the earliest submission first, each of schema `sealkit.submissions/1`:

    {"schema": "sealkit.submissions/1",
     "file": "exports/500-1001-1.seal",   an export, as `sealkit log export` writes it; the path
                                          is relative to the manifest's directory
     "seal": "500-1001",                  the number that the submitter gave
     "received": 1769000000,              when it came, seconds since 1970
     "submitter": "Pudong station",       who authenticated
     "latitude": 31.22, "longitude": 121.54,   where the submitter stood, degrees (WGS 84)
     "plate": "沪A·10023"}                 what was read on the vehicle; null: nobody looked

latitude and longitude are null together where the place is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

SCHEMA: Final = "sealkit.submissions/1"
MANIFEST: Final = "visits.jsonl"


@dataclass(frozen=True, slots=True)
class Submission:
    """One line of the manifest; its fields are told above."""

    file: str
    seal: str
    received: int
    submitter: str
    latitude: float | None
    longitude: float | None
    plate: str | None


def write_manifest(directory: Path, submissions: Iterable[Submission]) -> None:
    """Writes the manifest of a directory. Errors: OSError."""
    ordered = sorted(submissions, key=lambda one: (one.received, one.file))
    lines = ({"schema": SCHEMA, **asdict(one)} for one in ordered)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (directory / MANIFEST).write_text(text, encoding="utf-8")

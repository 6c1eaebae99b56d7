"""Generated files: written, or with --check compared with what is there."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def write_or_check(wanted: dict[Path, str], script: str, told: str) -> int:
    """The exit status: 1 if --check is given and a file is not as told.

    told: by which sources, such as "SPEC.md says". script: the file that writes it.
    """
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what {told}: run {Path(script).name}")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0

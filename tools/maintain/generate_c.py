"""Writes protocol/c: the header from registry.toml, the arrays from protocol/vectors.

python tools/maintain/generate_c.py           writes them
python tools/maintain/generate_c.py --check   says whether they are up to date
"""

from __future__ import annotations

from generate_registry import load
from generators.c_header import header
from generators.c_vectors import SUITES, link_vectors, suite_vectors, vectors_header
from generators.files import ROOT, write_or_check

DIRECTORY = ROOT / "protocol" / "c"


def main() -> int:
    registry = load()
    wanted = {
        DIRECTORY / "sealkit.h": header(registry),
        DIRECTORY / "sealkit_vectors.h": vectors_header(),
        DIRECTORY / "sealkit_vectors_link.c": link_vectors(),
    }
    for suite in SUITES:
        wanted[DIRECTORY / f"sealkit_vectors_{suite}.c"] = suite_vectors(registry, suite)
    return write_or_check(wanted, __file__, "registry.toml and the vectors say")


if __name__ == "__main__":
    raise SystemExit(main())

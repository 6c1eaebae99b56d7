"""The C header and the arrays compile for host and chip, and fit one another."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import needs
from support.vectors import ROOT

SOURCES = ROOT / "protocol" / "c"
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror"]

host = needs.program("gcc", package="gcc")
chip = needs.program("arm-none-eabi-gcc", package="gcc-arm-none-eabi")


def checked(directory: Path, binary: Path) -> subprocess.CompletedProcess[str]:
    """What the check says that was compiled from the sources in a directory."""
    sources = sorted(directory.glob("*.c"))
    subprocess.run(["gcc", *STRICT, "-pedantic", *sources, "-o", binary], check=True, timeout=120)
    return subprocess.run([binary], capture_output=True, text=True, timeout=60, check=False)


def test_header_and_arrays_are_what_registry_and_vectors_say() -> None:
    script = ROOT / "tools" / "maintain" / "generate_c.py"
    told = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout) == (0, "")


@host
def test_the_header_fits_the_vectors(tmp_path: Path) -> None:
    told = checked(SOURCES, tmp_path / "check")
    assert told.returncode == 0, told.stdout
    suites = [line.split(":")[0] for line in told.stdout.splitlines()]
    assert suites == ["link", "p256", "sm2"]


@host
@pytest.mark.parametrize(
    ("line", "instead", "wrong"),
    [
        ("EVIDENCE_AT_BOOT UINT32_C(37)", "EVIDENCE_AT_BOOT UINT32_C(36)", "evidence.boot"),
        ("LINK_PAYLOAD_MAX UINT32_C(2032)", "LINK_PAYLOAD_MAX UINT32_C(2031)", "greatest payload"),
        ("SEALKIT_TAG_TRUST = 0x02", "SEALKIT_TAG_TRUST = 0x09", "trust statement"),
        ("at[0] << 8", "at[0] << 9", "integers"),
    ],
    ids=["offset", "limit", "number", "helper"],
)  # fmt: skip
def test_a_header_that_is_wrong_is_noticed(
    line: str, instead: str, wrong: str, tmp_path: Path
) -> None:
    copy = tmp_path / "c"
    shutil.copytree(SOURCES, copy)
    header = copy / "sealkit.h"
    text = header.read_text("utf-8")
    assert text.count(line) == 1
    header.write_text(text.replace(line, instead), "utf-8")
    told = checked(copy, tmp_path / "check")
    assert told.returncode == 1
    assert wrong in told.stdout


@chip
def test_it_compiles_for_the_chip(tmp_path: Path) -> None:
    sources = [path for path in SOURCES.glob("*.c") if path.name != "check_main.c"]
    assert len(sources) == 4
    for source in sources:
        subprocess.run(
            ["arm-none-eabi-gcc", *STRICT, "-mcpu=cortex-m0", "-c", source,
             "-o", tmp_path / f"{source.stem}.o"],
            check=True, timeout=120,
        )  # fmt: skip

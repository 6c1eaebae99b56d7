"""The files that a new key comes with: none is ever overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sealkit.crypto import Suite, get_suite
from sealkit.errors import UsageError
from sealkit.keys.files import read_bounded, write_whole

_PUBLIC_KEY_FILE_MAX: Final = 4096


def judge_new(*paths: Path) -> None:
    """That none of the files is there, before a passphrase is asked for."""
    for path in paths:
        if path.exists():
            raise UsageError(
                "FILE_EXISTS",
                f"{path} exists already.",
                "Choose another PREFIX; keys and credentials are never overwritten.",
            )


def write_public_key(path: Path, suite: str, public_key: bytes) -> None:
    """Writes what `keys issue --public` reads."""
    write_whole(path, f"{suite} {public_key.hex()}\n".encode(), overwrite=False)


def read_public_key(path: Path) -> tuple[Suite, bytes]:
    """What `keys generate` wrote. Errors: `UsageError` PUBLIC_KEY_MALFORMED; those of reading."""
    words = read_bounded(path, _PUBLIC_KEY_FILE_MAX).decode("ascii", "replace").split()
    try:
        return get_suite(words[0]), bytes.fromhex(words[1])
    except (IndexError, ValueError):
        raise UsageError(
            "PUBLIC_KEY_MALFORMED",
            f"{path} holds no public key.",
            "Make one with `sealkit keys generate`.",
        ) from None

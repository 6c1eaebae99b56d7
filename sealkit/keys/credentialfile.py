"""Credential and statement files: text blocks between marks, so that they survive mail and paste.

A credential file holds a credential and then its issuers, up to but without the anchor.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sealkit.errors import UsageError
from sealkit.keys.files import read_bounded, write_whole

FILE_MAX: Final = 64 * 1024
_BLOCKS_MAX: Final = 8
_CREDENTIAL: Final = "SEALKIT CREDENTIAL"
_STATEMENT: Final = "SEALKIT TRUST STATEMENT"


def write_credentials(path: Path, credentials: Sequence[bytes]) -> None:
    """Writes a credential and its issuers. Errors: those of `write_whole`."""
    blocks = "".join(_block(_CREDENTIAL, raw) for raw in credentials)
    write_whole(path, blocks.encode(), overwrite=False)


def read_credentials(path: Path) -> list[bytes]:
    """A credential and its issuers.

    Errors: those of `read_bounded`; `UsageError` CREDENTIAL_FILE_MALFORMED.
    """
    return _read(path, _CREDENTIAL, "CREDENTIAL_FILE_MALFORMED")


def write_statement(path: Path, statement: bytes) -> None:
    """Writes a trust statement. Errors: those of `write_whole`."""
    write_whole(path, _block(_STATEMENT, statement).encode(), overwrite=False)


def read_statement(path: Path) -> bytes:
    """A trust statement. Errors: those of `read_bounded`; `UsageError`
    STATEMENT_FILE_MALFORMED.
    """
    return _read(path, _STATEMENT, "STATEMENT_FILE_MALFORMED")[0]


def _block(label: str, raw: bytes) -> str:
    text = base64.b64encode(raw).decode("ascii")
    lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def _read(path: Path, label: str, code: str) -> list[bytes]:
    data = read_bounded(path, FILE_MAX)
    begin, end = f"-----BEGIN {label}-----", f"-----END {label}-----"
    blocks: list[bytes] = []
    inside: list[str] | None = None
    try:
        for line in data.decode("ascii").splitlines():
            if line.strip() == begin:
                inside = []
            elif line.strip() == end and inside is not None:
                blocks.append(base64.b64decode("".join(inside), validate=True))
                inside = None
            elif inside is not None:
                inside.append(line.strip())
    except (UnicodeDecodeError, binascii.Error):
        blocks = []
    if not 1 <= len(blocks) <= _BLOCKS_MAX or inside is not None:
        raise UsageError(
            code,
            f"{path} holds no whole {label.lower()}.",
            "Copy the file again from whoever issued it.",
        )
    return blocks

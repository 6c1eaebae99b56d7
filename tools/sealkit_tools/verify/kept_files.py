"""Exports and evidence bundles in files, told from each other and from whatever else is given."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sealkit.errors import UsageError

_MAGIC_BYTES: Final = 8


def is_bundle_file(path: Path) -> bool:
    """Whether a file begins as a bundle; any other begins as an export, however it goes on.

    Errors: `UsageError` FILE_FOREIGN for one that begins as neither: it may be a letter or a
    picture, and says nothing about a seal, good or bad. Those of `read_start`.
    """
    from sealkit.keys.files import read_start
    from sealkit.wire.bundle import is_bundle, may_be_bundle
    from sealkit.wire.export import may_be_export

    start = read_start(path, _MAGIC_BYTES)
    if not start:
        raise _foreign(f"{path} is empty.")
    if not may_be_export(start) and not may_be_bundle(start):
        raise _foreign(f"{path} begins as neither an export nor an evidence bundle.")
    return is_bundle(start)


def read_export_file(path: Path) -> bytes:
    """The bytes of an export, where nothing else will do.

    Errors: `UsageError` EXPORT_NEEDED for a bundle; those of `is_bundle_file` and `read_bounded`.
    """
    from sealkit.keys.files import read_bounded
    from sealkit.wire.export import EXPORT_MAX

    if is_bundle_file(path):
        raise UsageError(
            "EXPORT_NEEDED",
            f"{path} is an evidence bundle.",
            "Give an export, made with `sealkit log export`.",
        )
    return read_bounded(path, EXPORT_MAX)


def file_of(spec_or_file: str) -> Path | None:
    """The file that is meant; None for the spec string of a device.

    Errors: `UsageError` FILE_FOREIGN for a directory.
    """
    path = Path(spec_or_file)
    if path.is_file():
        return path
    if spec_or_file.startswith(("serial:", "tcp:", "sim:")):
        return None
    if path.is_dir():
        raise _foreign(f"{spec_or_file} is a directory; a simulator's is named sim:{spec_or_file}.")
    # A port typed without `serial:` is there, and to read it as a file would wait for ever.
    return None if path.exists() else path


def _foreign(message: str) -> UsageError:
    return UsageError(
        "FILE_FOREIGN",
        message,
        "Give what `sealkit log export` or `sealkit station bundle` wrote, or copy it again.",
    )

"""Files written whole or not at all, and read only up to a limit."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from sealkit.errors import AccessError, UsageError

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def write_whole(path: str | Path, data: bytes, mode: int = 0o644, overwrite: bool = True) -> None:
    """Puts `data` at `path`; whatever fails, what was there before stays whole.

    The bytes go to a temporary file beside it, reach the disk, and take the name in one step.
    mode: permissions of the file, less the umask. A symbolic link is followed.

    Raises UsageError FILE_EXISTS (with overwrite=False only); AccessError DISK_FULL, WRITE_FAILED.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".sealkit-{secrets.token_hex(8)}.tmp")
    try:
        if target.exists() and not target.is_file():
            # Renaming onto a device or pipe would replace it instead of writing to it.
            raise OSError(errno.EINVAL, "it is not a regular file")
        try:
            _write_new(temporary, data, mode)
            if overwrite:
                os.replace(temporary, target)
            else:
                os.link(temporary, target)  # unlike a rename, fails if the name is taken
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    except FileExistsError as error:
        raise UsageError(
            "FILE_EXISTS",
            f"{path} exists already.",
            "Choose another name, or remove the file first.",
        ) from error
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise AccessError(
                "DISK_FULL",
                f"No space left to write {path}; nothing was changed.",
                "Free some space, or write to another disk.",
            ) from error
        raise AccessError(
            "WRITE_FAILED",
            f"{path} cannot be written: {error.strerror or error}; nothing was changed.",
            "Check that the directory exists, and that you may write there.",
        ) from error
    _sync_directory(target.parent)


def read_bounded(path: str | Path, limit: int) -> bytes:
    """The content of a file that may not be longer than `limit` bytes.

    Raises UsageError FILE_NOT_FOUND, FILE_TOO_LARGE; AccessError FILE_NOT_READABLE.
    """
    data = read_start(path, limit + 1)
    if len(data) > limit:
        raise UsageError(
            "FILE_TOO_LARGE",
            f"{path} is longer than {limit} bytes.",
            "Check that this is the file you mean.",
        )
    return data


def read_start(path: str | Path, size: int) -> bytes:
    """The first bytes of a file, as many as there are up to `size`.

    Raises UsageError FILE_NOT_FOUND; AccessError FILE_NOT_READABLE.
    """
    try:
        with open(path, "rb") as file:
            return file.read(size)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            "FILE_NOT_FOUND", f"There is no file {path}.", "Check the name of the file."
        ) from error
    except OSError as error:
        raise AccessError(
            "FILE_NOT_READABLE",
            f"{path} cannot be read: {error.strerror or error}.",
            "Check that it is a file, and that you may read it.",
        ) from error


def _write_new(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    """Makes the new name last through a power cut, where the file system can do that.

    A failure is not told: the file is written, and whole under its old or its new content.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

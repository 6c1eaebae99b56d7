"""Files are written whole or not at all, and read up to a limit."""

from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sealkit.errors import AccessError, UsageError
from sealkit.keys.files import read_bounded, write_whole


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_with_its_mode_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "export"
    write_whole(path, b"one")
    assert path.read_bytes() == b"one"
    write_whole(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert _mode(path) == 0o600
    assert os.listdir(tmp_path) == ["export"]


def test_a_name_that_is_taken_stays_with_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "export"
    write_whole(path, b"one", overwrite=False)
    with pytest.raises(UsageError) as caught:
        write_whole(path, b"two", overwrite=False)
    assert caught.value.code == "FILE_EXISTS"
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["export"]


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_what_is_not_a_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(AccessError) as caught:
            write_whole(path, b"data")
        assert caught.value.code == "WRITE_FAILED"
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_directory_that_is_missing_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "export", tmp_path / ("n" * 300)):
        with pytest.raises(AccessError) as caught:
            write_whole(path, b"data")
        assert caught.value.code == "WRITE_FAILED"
        assert caught.value.remedy


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = tmp_path / "export"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    for overwrite in (True, False):
        with pytest.raises(AccessError) as caught:
            write_whole(path, b"new" * 1000, overwrite=overwrite)
        assert caught.value.code == "DISK_FULL"
        assert "Free some space" in caught.value.remedy
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["export"]


def test_a_write_that_the_system_cuts_short_leaves_the_old_file_whole(tmp_path: Path) -> None:
    """A real one: the process may write no file longer than 4 KiB."""
    path = tmp_path / "export"
    path.write_bytes(b"old")
    program = f"""
from sealkit.errors import AccessError
from sealkit.keys.files import write_whole
try:
    write_whole({str(path)!r}, bytes(100_000))
except AccessError as error:
    print(error.code)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert done.stdout.strip() == "WRITE_FAILED", done.stderr
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["export"]


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "trust"
    path.write_bytes(b"12345")
    assert read_bounded(path, 5) == b"12345"
    for source in (path, Path("/dev/zero")):
        with pytest.raises(UsageError) as caught:
            read_bounded(source, 4)
        assert caught.value.code == "FILE_TOO_LARGE"


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for missing in (tmp_path / "missing", tmp_path / "file" / "below"):
        with pytest.raises(UsageError) as usage:
            read_bounded(missing, 5)
        assert usage.value.code == "FILE_NOT_FOUND"
    with pytest.raises(AccessError) as access:
        read_bounded(tmp_path, 5)
    assert access.value.code == "FILE_NOT_READABLE"

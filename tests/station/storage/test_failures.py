"""A database that is locked, full, gone, or not what it should be: clear errors, nothing lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from appraisal.builder import MAKER
from sqlalchemy import text
from station.fleet import NOW, filled, handed_in, people, taxi, visit
from support import postgresql

from sealkit.errors import AccessError, UsageError
from sealkit.station.bulk import importing
from sealkit.station.bulk.importing import import_all
from sealkit.station.bulk.intake import Source
from sealkit.station.ledger import Ledger
from sealkit.station.storage import database
from sealkit.station.storage.database import FILE_NAME, Database, directory_url
from sealkit.wire.numbers import SealNumber


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short."""
    monkeypatch.setattr(database, "WAIT_S", 1)
    monkeypatch.setattr(database, "PAUSE_S", 0.05)


def test_a_file_that_another_program_holds(tmp_path: Path, impatient: None) -> None:
    with filled(directory_url(tmp_path), 1) as ledger:
        other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
        export = handed_in(taxi(2))
        with pytest.raises(AccessError, match="DATABASE_BUSY"):
            ledger.ingest_export(export, visit())
        assert ledger.tree_size() == 1
        # Given up within the time that a writer waits, it is no error.
        timer = threading.Timer(0.3, other.execute, ["ROLLBACK"])
        timer.start()
        assert ledger.ingest_export(export, visit()).leaf == 1
        timer.join()
        other.close()


def taken_until_full(ledger: Ledger, exports: list[bytes]) -> int:
    """How many the ledger took before it said that it cannot grow."""
    for done, export in enumerate(exports):
        try:
            ledger.ingest_export(export, visit())
        except AccessError as error:
            if error.code != "DATABASE_FULL":
                raise
            return done
    raise AssertionError("the disk never became full")


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    with filled(directory_url(tmp_path), 1) as ledger:
        exports = [handed_in(taxi(serial)) for serial in range(2, 40)]

        def limit(pages: int) -> None:
            ledger.database.read(lambda c: c.execute(text(f"PRAGMA max_page_count = {pages}")))

        before = ledger.database.read(lambda c: c.execute(text("PRAGMA page_count")).scalar())
        limit(before + 4)
        done = taken_until_full(ledger, exports)
        assert ledger.tree_size() == 1 + done
        limit(1 << 30)
        receipts = [ledger.ingest_export(export, visit()) for export in exports]
        assert [receipt.leaf for receipt in receipts] == list(range(1, 39))
        assert [receipt.is_new for receipt in receipts] == [n >= done for n in range(38)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("only root may mount a file system, and not everywhere")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_full(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with filled(directory_url(small_disk), 1) as ledger:
        exports = [handed_in(taxi(serial)) for serial in range(2, 12)]
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        done = taken_until_full(ledger, exports)
        ballast.unlink()
        assert ledger.tree_size() == 1 + done
        receipts = [ledger.ingest_export(export, visit()) for export in exports]
        assert [receipt.leaf for receipt in receipts] == list(range(1, 11))


@postgresql.needed
def test_a_server_that_goes_away_in_the_middle(impatient: None) -> None:
    with postgresql.running() as server, filled(server.create("ledger"), 1) as ledger:
        export = handed_in(taxi(2))
        server.stop()
        with pytest.raises(AccessError, match="DATABASE_LOST"):
            ledger.ingest_export(export, visit())
        server.start()
        assert ledger.ingest_export(export, visit()).leaf == 1
        assert ledger.judge(SealNumber(MAKER, 1), NOW).leaf == 2


@postgresql.needed
def test_an_import_goes_on_when_its_server_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "EVIDENCES_A_BATCH", 4)
    monkeypatch.setattr(importing, "FILES_A_TASK", 4)
    sources = [Source(f"{n}.seal", handed_in(taxi(n)), visit()) for n in range(1, 21)]
    told = []
    with postgresql.running() as server, filled(server.create("ledger")) as ledger:

        def progress(done: int, of: int) -> None:
            told.append((done, ledger.tree_size()))
            if done == 8:
                server.stop()
                server.start()

        report = import_all(ledger, sources, progress)
        assert (report.new, report.again, report.failed) == (20, 0, ())
        assert told == [(n, n) for n in (4, 8, 12, 16, 20, 20)]
        assert ledger.overview(NOW).seals == 20


@postgresql.needed
def test_a_connection_that_is_cut_is_made_again(server: postgresql.Server) -> None:
    with filled(server.create("cut"), 1) as ledger:
        cut = []

        def write(connection: object) -> int:
            if not cut:
                cut.append(1)
                connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))  # type: ignore[attr-defined]
            return 7

        assert ledger.database.write(write) == 7  # type: ignore[arg-type]
        assert cut == [1]


def test_what_is_no_ledger_is_not_touched(tmp_path: Path) -> None:
    strange = tmp_path / FILE_NAME
    strange.write_bytes(b"this is no database, but it is long enough to look at" * 50)
    with pytest.raises(UsageError, match="DATABASE_NOT_A_LEDGER"):
        Ledger(directory_url(tmp_path))
    assert strange.read_bytes().startswith(b"this is no database")
    strange.unlink()
    with sqlite3.connect(strange) as other:
        other.execute("CREATE TABLE people (name TEXT)")
    for attempt in (lambda: Ledger(directory_url(tmp_path)), _database(tmp_path).migrate):
        with pytest.raises(UsageError, match="DATABASE_NOT_A_LEDGER"):
            attempt()
    names = sqlite3.connect(strange).execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("people",)]


def _database(directory: Path) -> Database:
    return Database(directory_url(directory))


def test_a_ledger_of_a_newer_or_older_program(tmp_path: Path) -> None:
    filled(directory_url(tmp_path), 1).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UsageError, match="DATABASE_TOO_NEW"):
        Ledger(directory_url(tmp_path))
    with pytest.raises(UsageError, match="DATABASE_TOO_NEW"):
        _database(tmp_path).migrate()
    old = tmp_path / "old"
    _database(old).migrate("0001")
    with pytest.raises(UsageError, match=r"DATABASE_TOO_OLD.*sealkit station migrate"):
        Ledger(directory_url(old))
    _database(old).migrate()
    filled(directory_url(old), 1).close()


def test_a_directory_where_nobody_may_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(AccessError, match="DATABASE_ACCESS"):
        directory_url(tmp_path / "file" / "ledger")
    with pytest.raises(AccessError, match="DATABASE_ACCESS"):
        Ledger(f"sqlite:///{tmp_path}/nowhere/x.db")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "http://x/y"]
)
def test_urls_that_name_no_ledger(url: str) -> None:
    with pytest.raises(UsageError, match="DATABASE_URL"):
        Database(url)


def test_a_password_is_never_told(impatient: None) -> None:
    url = "postgresql://user:hunter2@127.0.0.1:1/none"
    with pytest.raises(AccessError, match="DATABASE_LOST") as told:
        Ledger(url)
    assert "hunter2" not in str(told.value)
    with pytest.raises(UsageError) as refused:
        Database("mysql://user:hunter2@host/db")
    assert "hunter2" not in str(refused.value)


def test_the_ledger_of_another_suite_is_refused(tmp_path: Path) -> None:
    from sealkit.crypto import get_suite

    with filled(directory_url(tmp_path), 1) as ledger:
        other = type(people())(get_suite("sm2"))
        with pytest.raises(UsageError, match="LEDGER_OTHER_SUITE"):
            ledger.use_trust(other.trust, NOW)

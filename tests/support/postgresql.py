"""A real PostgreSQL server for tests, started and ended by them, that nobody else can reach."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import needs

_INITDB = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=Path("initdb"))
needed: pytest.MarkDecorator = needs.program(str(_INITDB), package="postgresql")
"""The mark of tests that use it."""


class Server:
    """A server in a directory of its own, reached by a socket in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"

    def url(self, database: str) -> str:
        return f"postgresql://sealkit@/{database}?host={self.directory}"

    def name(self, url: str) -> str:
        """Of the database with this URL."""
        return url.removeprefix("postgresql://sealkit@/").partition("?")[0]

    def create(self, database: str, template: str = "template1") -> str:
        """A new database, a copy of another to which nobody is connected; its URL."""
        options = ("-h", str(self.directory), "-U", "sealkit", "-T", template)
        self.run("createdb", *options, database)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Ends a database and whatever is connected to it: each takes 7 MB of the disk."""
        self.run("dropdb", "-h", str(self.directory), "-U", "sealkit", "--force", database)

    def start(self) -> None:
        options = f"-F -c listen_addresses='' -c unix_socket_directories={self.directory}"
        log = self.directory / "log"
        self.run("pg_ctl", "start", "-w", "-D", str(self.data), "-o", options, "-l", str(log))

    def stop(self) -> None:
        """As if it had crashed: connections are cut."""
        self.run("pg_ctl", "stop", "-m", "immediate", "-D", str(self.data))

    def run(self, program: str, *arguments: str) -> None:
        """Runs one of PostgreSQL's programs, which refuse to be run by root."""
        command = [str(_INITDB.with_name(program)), *arguments]
        user = _other_user()
        # Output goes to a file: a server that was started keeps it open.
        with (self.directory / "output").open("ab") as output:
            if user is None:
                subprocess.run(command, check=True, stdout=output, stderr=output, timeout=60)
            else:
                subprocess.run(
                    command,
                    check=True,
                    stdout=output,
                    stderr=output,
                    timeout=60,
                    user=user.pw_uid,
                    group=user.pw_gid,
                    extra_groups=[],
                    cwd=self.directory,
                )


def _other_user() -> pwd.struct_passwd | None:
    """Whom root runs the server as; None for anybody but root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


@contextmanager
def running() -> Iterator[Server]:
    """A server from the beginning to the end of the block."""
    # pytest's own directories are closed to the server's user; a socket's path has to be short.
    directory = Path(tempfile.mkdtemp(prefix="sealkit-pg-"))
    user = _other_user()
    if user is not None:
        os.chown(directory, user.pw_uid, user.pw_gid)
    server = Server(directory)
    try:
        server.run("initdb", "-D", str(server.data), "-U", "sealkit", "-A", "trust", "--no-sync")
        server.start()
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(directory)

"""A device on a pseudo-terminal, which pyserial cannot tell from a port; databases for ledgers."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Callable, Iterator

import pytest

pytest_plugins = ["support.databases"]

# Bytes that arrived in, bytes to send out.
Device = Callable[[bytes], bytes]
Serve = Callable[[Device], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """serve(device) puts the device on a pseudo-terminal and gives its spec string."""
    served = []

    def start(device: Device) -> str:
        master, slave = os.openpty()
        tty.setraw(slave)
        woken, wake = os.pipe()

        def run() -> None:
            while True:
                ready, _, _ = select.select([master, woken], [], [])
                if woken in ready:
                    return
                if answer := device(os.read(master, 4096)):
                    os.write(master, answer)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        served.append((thread, wake, (master, slave, woken, wake)))
        return f"serial:{os.ttyname(slave)}?baud=9600"

    yield start
    for thread, wake, descriptors in served:
        os.write(wake, b"\0")
        thread.join(5)
        assert not thread.is_alive()
        for descriptor in descriptors:
            os.close(descriptor)

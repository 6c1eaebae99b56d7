import os
import tty
from collections.abc import Iterator
from dataclasses import dataclass

import pytest


@dataclass
class Pty:
    """A pseudo-terminal whose far end, the device's, is in the test's hands."""

    device: int
    clients: int
    path: str

    def hang_up(self) -> None:
        os.close(self.device)
        self.device = -1


@pytest.fixture
def pty() -> Iterator[Pty]:
    device, clients = os.openpty()
    tty.setraw(clients)
    made = Pty(device, clients, os.ttyname(clients))
    yield made
    for descriptor in (made.device, made.clients):
        if descriptor >= 0:
            os.close(descriptor)

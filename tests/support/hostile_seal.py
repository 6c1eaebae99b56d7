"""A seal behind a pseudo-terminal that goes wrong after a while, for those who live with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sealkit.crypto import get_suite
from sealkit.wire.numbers import SealNumber
from sealkit_simulator.clock import RealTime
from sealkit_simulator.crypto_core import make_core
from sealkit_simulator.lines import PtyLine, Server
from sealkit_simulator.maker import anchor_in
from sealkit_simulator.storage import FlashPlan
from sealkit_simulator.vehicle import Vehicle

PASSPHRASE = "simulated"  # noqa: S105  (that of sealkit_simulator.maker)
_PLAN = FlashPlan(control_sectors=128, journal_sectors=4)


class HostileSeal:
    """Good for `good` requests; then `silent`, `slow`, `resetting`, `flooding` or `unplugged`."""

    def __init__(self, directory: Path, number: SealNumber, how: str, good: int = 5) -> None:
        suite = get_suite("p256")
        core = make_core(suite.generate(), number, anchor_in(directory, suite, number.maker))
        self._vehicle = Vehicle(_PLAN.flash(), core, RealTime(), plan=_PLAN)
        self._vehicle.restore_power()
        self._how = how
        self._good = good
        self._line = PtyLine(directory / "seal.tty")
        self._server: Server | None = None

    def serve(self, server: Server) -> None:
        self._server = server
        server.add(self._line, self._receive)
        server.add_timer(0.1, self._vehicle.step)
        server.add_timer(0.02, self._misbehave)

    def _receive(self, data: bytes) -> bytes:
        self._good -= 1
        if self._good >= 0 or self._how in ("", "flooding"):
            return self._vehicle.receive(data)
        if self._how == "resetting":
            self._vehicle.cut_power()
            self._vehicle.restore_power()
            return self._vehicle.receive(data) if self._good % 3 else b""
        if self._how == "slow" and self._server is not None:
            answer = self._vehicle.receive(data)
            timer = self._server.add_timer(1.5, lambda: (self._line.send(answer), timer.cancel()))
        return b""

    def _misbehave(self) -> None:
        if self._good >= 0:
            return
        if self._how == "flooding":
            self._line.send(b"\xa5\x00\x01" * 2_000)
        elif self._how == "unplugged":
            self._line.close()


@contextmanager
def hostile_seal(directory: Path, number: SealNumber, how: str, good: int = 5) -> Iterator[str]:
    """The spec string of such a seal, while it is served by a thread."""
    seal = HostileSeal(directory, number, how, good)
    with Server() as server:
        seal.serve(server)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield f"serial:{directory / 'seal.tty'}"
        finally:
            server.stop()
            thread.join()

"""A vehicle as a process: seal, taximeter and control channel on lines, all state in a directory.

It goes on from the directory, whether it was stopped or killed.
"""

from __future__ import annotations

import fcntl
import json
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from sealkit.crypto import get_suite
from sealkit.errors import AccessError, MalformedError, UsageError
from sealkit.keys.files import read_bounded, write_whole
from sealkit.transport.sim import ENDPOINTS_FILE, LOCK_FILE
from sealkit.wire.numbers import SealNumber
from sealkit_simulator.attachments import Attachments
from sealkit_simulator.clock import RealTime
from sealkit_simulator.control import ControlChannel
from sealkit_simulator.crypto_core import CryptoCore, has_core, load_core, make_core
from sealkit_simulator.lines import Line, PtyLine, Server, TcpLine
from sealkit_simulator.maker import anchor_in, install_own_credential
from sealkit_simulator.storage import FlashPlan
from sealkit_simulator.taximeter import Taximeter
from sealkit_simulator.vehicle import Vehicle

DEFAULT_NUMBER: Final = SealNumber(500, 1)
DEFAULT_SUITE: Final = "p256"
STATE_SCHEMA: Final = "sealkit.simulator.vehicle/1"

_FLASH_FILE: Final = "flash.bin"
_STATE_FILE: Final = "vehicle.json"
_STATE_MAX: Final = 1 << 20
_STEP_S: Final = 0.1
_HEARTBEAT_S: Final = 5.0
_LOCK_TRIES: Final = 20
_LOCK_PAUSE_S: Final = 0.01

Started = Callable[[dict[str, str]], None]


def serve(
    directory: Path,
    suite: str | None = None,
    *,
    number: SealNumber | None = None,
    manufacturer: bytes | None = None,
    tcp: bool = False,
    started: Started = lambda endpoints: None,
) -> None:
    """Runs until SIGTERM or SIGINT. To be called on the main thread.

    suite, number, manufacturer (the maker's self-signed credential) are those of a seal that is
    made now; None for a test seal with a maker of its own, kept in the directory. For a seal that
    is there already they must be its own, or None. tcp: lines are TCP ports instead of
    pseudo-terminals. started: called once with the spec strings of the lines, by name.

    Raises UsageError SIM_OTHER_SEAL, SUITE_UNKNOWN; AccessError SIM_RUNNING, SIM_DIRECTORY and what
    files and lines raise; MalformedError, IntegrityError if the directory's state is damaged.
    """
    with Service(directory, suite, number=number, manufacturer=manufacturer, tcp=tcp) as service:
        before = {
            number: signal.signal(number, lambda *_: service.stop())
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            started(service.endpoints)
            service.run()
        finally:
            for signal_number, handler in before.items():
                signal.signal(signal_number, handler)


class Service:
    """The lines and the loop of one vehicle. `stop` may be called from other threads."""

    def __init__(
        self,
        directory: Path,
        suite: str | None = None,
        *,
        number: SealNumber | None = None,
        manufacturer: bytes | None = None,
        tcp: bool = False,
    ) -> None:
        """See `serve`."""
        # Whoever reads the names of the lines may stand in another directory.
        self._directory = directory = directory.absolute()
        with ExitStack() as stack:
            stack.enter_context(_locked(directory))
            (directory / ENDPOINTS_FILE).unlink(missing_ok=True)  # of one that was killed
            core = _core(directory, suite, number, manufacturer)
            self.vehicle = _vehicle(directory, core)
            stack.callback(self.vehicle.flash.close)
            self.vehicle.restore_power()
            install_own_credential(directory, self.vehicle)
            self._saved = ""
            self._save()
            self._server = stack.enter_context(Server())
            self.endpoints = self._open_lines(tcp)
            write_whole(directory / ENDPOINTS_FILE, json.dumps(self.endpoints).encode())
            stack.callback((directory / ENDPOINTS_FILE).unlink, missing_ok=True)
            self._resources = stack.pop_all()

    def run(self) -> None:
        """Serves until `stop`."""
        self._server.run()

    def stop(self) -> None:
        """Makes `run` return."""
        self._server.stop()

    def close(self) -> None:
        """Stores the state and lets go of lines and files; `run` must have returned."""
        self._save()
        self._resources.close()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_lines(self, tcp: bool) -> dict[str, str]:
        vehicle, control = self.vehicle, ControlChannel(self.vehicle, self._save)

        def device_line(name: str) -> Line:
            return TcpLine() if tcp else PtyLine(self._directory / f"{name}.tty")

        meter_line = device_line("meter")
        lines: dict[str, tuple[Line, Callable[[bytes], bytes]]] = {
            "seal": (device_line("seal"), vehicle.receive),
            "meter": (meter_line, self._receive_at_meter),
            "control": (TcpLine(), control.receive),
        }
        for line, handler in lines.values():
            self._server.add(line, handler)
        self._server.add_timer(_STEP_S, vehicle.step)
        self._server.add_timer(_HEARTBEAT_S, lambda: meter_line.send(vehicle.taximeter.heartbeat()))
        return {name: line.spec for name, (line, _) in lines.items()}

    def _receive_at_meter(self, data: bytes) -> bytes:
        answer = self.vehicle.taximeter.terminal_line.receive(data)
        self._save()
        return answer

    def _save(self) -> None:
        """Stores what is not in the flash, if it has changed."""
        state = json.dumps(_snapshot(self.vehicle))
        if state != self._saved:
            write_whole(self._directory / _STATE_FILE, state.encode())
            self._saved = state


def _locked(directory: Path) -> Any:
    """The lock of a directory that only one simulator may use; made if it is not there."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file = (directory / LOCK_FILE).open("wb")
    except OSError as error:
        raise AccessError(
            "SIM_DIRECTORY",
            f"{directory} cannot hold a simulator: {error.strerror or error}.",
            "Choose a directory that you may write to.",
        ) from error
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_LOCK_PAUSE_S)  # it may be somebody who only looks whether it is held
        else:
            return file
    file.close()
    raise AccessError(
        "SIM_RUNNING",
        f"A simulator runs in {directory} already.",
        f"Use it as sim:{directory}, or stop it first.",
    )


def _core(
    directory: Path, suite: str | None, number: SealNumber | None, manufacturer: bytes | None
) -> CryptoCore:
    if not has_core(directory):
        made_with = get_suite(suite or DEFAULT_SUITE)
        number = number or DEFAULT_NUMBER
        anchor = manufacturer or anchor_in(directory, made_with, number.maker)
        return make_core(made_with.generate(), number, anchor, directory)
    core = load_core(directory)
    asked = (suite, number, manufacturer)
    held = (core.suite.name, core.number, core.manufacturer.raw)
    if any(a is not None and a != h for a, h in zip(asked, held, strict=True)):
        raise UsageError(
            "SIM_OTHER_SEAL",
            f"{directory} holds seal {core.number} of suite {core.suite.name} already.",
            "Leave out suite, number and manufacturer to go on with it, or use another directory.",
        )
    return core


def _vehicle(directory: Path, core: CryptoCore) -> Vehicle:
    plan, source, attachments = FlashPlan(), RealTime(), Attachments()
    taximeter, cable_joined = Taximeter(), True
    path = directory / _STATE_FILE
    if path.exists():
        try:
            state = json.loads(read_bounded(path, _STATE_MAX))
            if state["schema"] != STATE_SCHEMA:
                raise ValueError(state["schema"])
            taximeter = Taximeter.from_snapshot(state["taximeter"])
            attachments = Attachments(**state["attachments"])
            source = RealTime(**state["time"])
            cable_joined = bool(state["cable_joined"])
        except (KeyError, TypeError, ValueError) as error:
            raise MalformedError(
                "SIM_BAD_STATE",
                f"The stored state of the simulated vehicle cannot be read: {error}.",
                "Start the simulator with another directory.",
            ) from error
    flash = plan.flash(directory / _FLASH_FILE)
    vehicle = Vehicle(flash, core, source, plan=plan, taximeter=taximeter, attachments=attachments)
    vehicle.cable_joined = cable_joined
    return vehicle


def _snapshot(vehicle: Vehicle) -> dict[str, Any]:
    attachments, source = vehicle.attachments, vehicle.source
    return {
        "schema": STATE_SCHEMA,
        "taximeter": vehicle.taximeter.snapshot(),
        "attachments": {
            "case_open": attachments.case_open,
            "opened": attachments.opened,
            "battery_low": attachments.battery_low,
        },
        "time": {
            "chip_failed": source.chip_failed,
            "moved_ms": source.moved_ms,
            "ahead_ms": source.ahead_ms,
        },
        "cable_joined": vehicle.cable_joined,
    }

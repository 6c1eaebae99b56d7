"""The serial ports of this computer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serial.tools.list_ports import comports
from serial.tools.list_ports_common import ListPortInfo

_BY_ID: Final = Path("/dev/serial/by-id")
_PSEUDO_TERMINALS: Final = ("/dev/pts/", "/dev/pty")


@dataclass(frozen=True, slots=True)
class PortInfo:
    """A serial port. What the system does not tell is None, or "" for the description."""

    device: str  # /dev/ttyUSB0: may be another device tomorrow
    by_id: str | None  # the path in /dev/serial/by-id, which stays with the device
    description: str
    vendor_id: int | None
    product_id: int | None
    serial_number: str | None

    @property
    def spec(self) -> str:
        """The spec string that opens the port, by its lasting name if it has one."""
        return f"serial:{self.by_id or self.device}"


def list_ports() -> tuple[PortInfo, ...]:
    """The ports present, by name, without pseudo-terminals."""
    by_id = lasting_names(_BY_ID)
    ports = (describe(port, by_id) for port in comports())
    return tuple(
        sorted(
            (port for port in ports if not port.device.startswith(_PSEUDO_TERMINALS)),
            key=lambda port: port.device,
        )
    )


def describe(port: ListPortInfo, by_id: dict[str, str]) -> PortInfo:
    """What pyserial found, with "n/a" for what it did not find, in our terms."""
    return PortInfo(
        device=port.device,
        by_id=by_id.get(os.path.realpath(port.device)),
        description="" if port.description in (None, "n/a") else port.description,
        vendor_id=port.vid,
        product_id=port.pid,
        serial_number=port.serial_number or None,
    )


def lasting_names(directory: Path) -> dict[str, str]:
    """Device path to the path of the link in `directory` that leads there."""
    try:
        links = sorted(directory.iterdir())
    except OSError:  # the directory is there only while some port is
        return {}
    return {os.path.realpath(link): str(link) for link in links}

"""A serial port, opened and configured by pyserial."""

from __future__ import annotations

import errno
import termios

import serial

from sealkit.errors import AccessError, DeviceNotFoundError, SealkitError, UsageError
from sealkit.transport.descriptor import DescriptorTransport
from sealkit.transport.failures import port_lost
from sealkit.transport.ports import list_ports
from sealkit.transport.spec import SerialSpec


class SerialTransport(DescriptorTransport):
    """8 data bits, 1 stop bit, no flow control; locked against a second opener."""

    def __init__(self, spec: str, port: serial.Serial) -> None:
        super().__init__(spec, port.fileno())
        self._port = port

    def set_baud(self, rate: int) -> None:
        try:
            self._port.baudrate = rate
        except (ValueError, OverflowError) as error:
            raise UsageError(
                "BAUD_UNSUPPORTED",
                f"{self._spec} cannot run at {rate} baud.",
                "Choose a rate that both sides support; 9600 always is.",
            ) from error
        except (OSError, termios.error) as error:
            raise port_lost(self._spec, error) from error

    def _release(self) -> None:
        self._port.close()


def open_serial(spec: str, parsed: SerialSpec) -> SerialTransport:
    """The port that `parsed` names; what had come before is forgotten.

    Raises DeviceNotFoundError PORT_NOT_FOUND or PORT_UNUSABLE; AccessError PORT_PERMISSION or
    PORT_BUSY; UsageError BAUD_UNSUPPORTED.
    """
    port = serial.Serial(exclusive=True)
    # Set before opening: on many adapters a rising DTR or RTS resets the device or cuts its power.
    port.dtr = False
    port.rts = False
    port.parity = parsed.parity
    port.baudrate = parsed.baud
    port.port = parsed.path
    try:
        port.open()
    except (OSError, ValueError, OverflowError, termios.error) as error:
        raise _open_failure(parsed, error) from error
    return SerialTransport(spec, port)


def _open_failure(parsed: SerialSpec, error: Exception) -> SealkitError:
    path = parsed.path
    match error:
        case ValueError() | OverflowError():
            return UsageError(
                "BAUD_UNSUPPORTED",
                f"{path} cannot run at {parsed.baud} baud.",
                "Choose a usual rate, such as 9600 or 115200.",
            )
        case OSError(errno=errno.ENOENT | errno.ENOTDIR | errno.ENXIO | errno.ENODEV):
            present = ", ".join(port.by_id or port.device for port in list_ports())
            return DeviceNotFoundError(
                "PORT_NOT_FOUND",
                f"There is no port {path}.",
                f"Ports present: {present or 'none'}; names in /dev/serial/by-id stay the same "
                "when a device is plugged in again.",
            )
        case OSError(errno=errno.EACCES | errno.EPERM):
            return AccessError(
                "PORT_PERMISSION",
                f"You may not open {path}.",
                "Add yourself to the group that owns it (often: sudo usermod -aG dialout $USER) "
                "and log in again; if it fails only just after plugging in, ModemManager may be "
                "probing the port.",
            )
        case OSError(errno=errno.EBUSY | errno.EAGAIN):
            return AccessError(
                "PORT_BUSY",
                f"{path} is in use by another program.",
                "Close the other program (ModemManager may be one: wait, or stop it).",
            )
        case _:
            return DeviceNotFoundError(
                "PORT_UNUSABLE",
                f"{path} cannot be used as a serial port: {error}.",
                "Check that it is a serial port and that its device is plugged in.",
            )

"""A TCP connection to a device or simulator."""

from __future__ import annotations

import socket
from typing import Final

from sealkit.errors import DeviceNotFoundError
from sealkit.transport.descriptor import DescriptorTransport
from sealkit.transport.spec import TcpSpec

_CONNECT_S: Final = 5.0


class TcpTransport(DescriptorTransport):
    """A connection that sends each write at once."""

    def __init__(self, spec: str, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        super().__init__(spec, connection.fileno())
        self._connection = connection

    def _release(self) -> None:
        self._connection.close()


def open_tcp(spec: str, parsed: TcpSpec) -> TcpTransport:
    """A connection to the address that `parsed` names, within 5 seconds per address of the host.

    Raises DeviceNotFoundError TCP_HOST_UNKNOWN, TCP_REFUSED or TCP_UNREACHABLE.
    """
    try:
        return TcpTransport(
            spec, socket.create_connection((parsed.host, parsed.port), timeout=_CONNECT_S)
        )
    except (socket.gaierror, UnicodeError) as error:
        raise DeviceNotFoundError(
            "TCP_HOST_UNKNOWN", f"There is no host {parsed.host!r}.", "Check its name."
        ) from error
    except ConnectionRefusedError as error:
        raise DeviceNotFoundError(
            "TCP_REFUSED",
            f"Nobody listens at {parsed.host}, port {parsed.port}.",
            "Check the port number, and that the device or simulator is running.",
        ) from error
    except OSError as error:
        raise DeviceNotFoundError(
            "TCP_UNREACHABLE",
            f"{parsed.host}, port {parsed.port}, cannot be reached: {error.strerror or error}.",
            "Check the address, the network and the device's power.",
        ) from error

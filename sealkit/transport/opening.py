"""From a spec string to an open transport."""

from __future__ import annotations

from sealkit.transport.serial_port import open_serial
from sealkit.transport.sim import find_line
from sealkit.transport.spec import SerialSpec, SimSpec, TcpSpec, parse_spec
from sealkit.transport.tcp import open_tcp
from sealkit.transport.transport import Transport


def open_transport(spec: str, line: str = "seal") -> Transport:
    """The device that `spec` names, opened: `serial:/dev/ttyUSB0?baud=9600`, `tcp:host:port`, or
    `sim:DIR`, of whose lines `line` is taken unless the spec names one (`sim:DIR?line=meter`).

    Raises UsageError SPEC_MALFORMED, and what open_serial, open_tcp and find_line raise.
    """
    match parse_spec(spec):
        case SerialSpec() as serial_spec:
            return open_serial(spec, serial_spec)
        case TcpSpec() as tcp_spec:
            return open_tcp(spec, tcp_spec)
        case SimSpec() as sim_spec:
            return open_transport(find_line(sim_spec, line))

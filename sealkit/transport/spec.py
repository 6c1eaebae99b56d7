"""Spec strings: `serial:/dev/ttyUSB0?baud=9600`, `tcp:host:port`, `sim:DIR`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sealkit.errors import UsageError

_SPEC_MAX: Final = 4096  # characters
_EXAMPLES: Final = (
    "Examples: serial:/dev/ttyUSB0?baud=9600, serial:/dev/ttyACM0?baud=115200&parity=N, "
    "tcp:192.168.0.7:9000, tcp:[::1]:9000, sim:DIR, sim:DIR?line=meter."
)
_BAUD_RANGE: Final = range(50, 4_000_001)
_LINE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class SerialSpec:
    """A serial port with 8 data bits and 1 stop bit. baud: bits per second; parity: N, E or O."""

    path: str
    baud: int = 9600
    parity: str = "N"


@dataclass(frozen=True, slots=True)
class TcpSpec:
    """A TCP address; host: a name or an address, IPv6 without its brackets."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class SimSpec:
    """A simulator's directory. line: the endpoint of that name; None: what the caller needs."""

    directory: str
    line: str | None = None


def parse_spec(spec: str) -> SerialSpec | TcpSpec | SimSpec:
    """What a spec string says. Raises UsageError SPEC_MALFORMED."""
    if len(spec) > _SPEC_MAX or not spec.isprintable():
        raise _malformed(spec, "too long, or with unprintable characters")
    scheme, _, rest = spec.partition(":")
    place, _, query = rest.partition("?")
    parameters = _parameters(spec, query)
    match scheme:
        case "serial":
            parsed: SerialSpec | TcpSpec | SimSpec = _serial(spec, place, parameters)
        case "tcp":
            parsed = _tcp(spec, place)
        case "sim":
            parsed = _sim(spec, place, parameters)
        case _:
            raise _malformed(spec, "it begins with neither serial:, tcp: nor sim:")
    if parameters:
        raise _malformed(spec, f"{scheme}: takes no parameter {next(iter(parameters))!r}")
    return parsed


def _serial(spec: str, path: str, parameters: dict[str, str]) -> SerialSpec:
    if not path:
        raise _malformed(spec, "it names no port")
    baud = _number(spec, "baud", parameters.pop("baud", "9600"), _BAUD_RANGE)
    parity = parameters.pop("parity", "N")
    if parity not in ("N", "E", "O"):
        raise _malformed(spec, f"parity is N, E or O, not {parity!r}")
    return SerialSpec(path, baud, parity)


def _tcp(spec: str, place: str) -> TcpSpec:
    host, colon, port = place.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise _malformed(spec, "an IPv6 address stands in brackets")
    if not colon or not host or " " in host:
        raise _malformed(spec, "it needs a host and a port")
    return TcpSpec(host, _number(spec, "the port", port, range(1, 65536)))


def _sim(spec: str, directory: str, parameters: dict[str, str]) -> SimSpec:
    if not directory:
        raise _malformed(spec, "it names no directory")
    line = parameters.pop("line", None)
    if line is not None and not _LINE_NAME.fullmatch(line):
        raise _malformed(spec, f"{line!r} is no name of a line")
    return SimSpec(directory, line)


def _parameters(spec: str, query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for parameter in query.split("&") if query else []:
        name, equals, value = parameter.partition("=")
        if not equals or name in parameters:
            raise _malformed(spec, f"{parameter!r} is not name=value, or stands twice")
        parameters[name] = value
    return parameters


def _number(spec: str, what: str, text: str, allowed: range) -> int:
    if not re.fullmatch("[0-9]{1,7}", text) or int(text) not in allowed:
        raise _malformed(
            spec, f"{what} is a number from {allowed[0]} to {allowed[-1]}, not {text!r}"
        )
    return int(text)


def _malformed(spec: str, reason: str) -> UsageError:
    shown = spec if len(spec) <= 80 else spec[:80] + "..."
    return UsageError("SPEC_MALFORMED", f"{shown!r} names no device: {reason}.", _EXAMPLES)

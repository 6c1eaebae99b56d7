"""The errors that all transports share."""

from __future__ import annotations

from sealkit.errors import DeviceNotFoundError, TimedOutError


def port_lost(spec: str, reason: object = "") -> DeviceNotFoundError:
    """The line was open and is no more: unplugged, hung up, closed by the other side."""
    return DeviceNotFoundError(
        "PORT_LOST",
        f"The connection to {spec} was lost" + (f": {reason}." if reason else "."),
        "Check the cable and the device's power, then try again.",
    )


def read_timed_out(spec: str) -> TimedOutError:
    return TimedOutError(
        "READ_TIMED_OUT",
        f"Nothing came from {spec} in time.",
        "Check that the device has power, and that port and baud rate are right.",
    )


def write_timed_out(spec: str) -> TimedOutError:
    return TimedOutError(
        "WRITE_TIMED_OUT",
        f"{spec} did not take what was sent in time.",
        "Check that the device has power and is reading its line.",
    )

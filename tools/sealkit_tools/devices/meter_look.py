"""A direct look at the meter, in the form in which the seal's own look is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealkit.rules.supervision import MeterLook


def read_look(spec: str) -> MeterLook:
    """Asks the meter at SPEC for status and fare parameters. Errors: those of `MeterClient`."""
    from sealkit.meter.client import MeterClient
    from sealkit.rules.supervision import MeterLook
    from sealkit.transport import open_transport

    with open_transport(spec, line="meter") as transport:
        meter = MeterClient(transport)
        status = meter.status(datetime.now())  # the meter's time is local and has no zone
        fare = meter.fare_parameters()
    return MeterLook(
        bytes.fromhex(status.device_number),
        status.hardware_version,
        bytes((status.software_main, status.software_minor)),
        status.plate,
        fare.raw,
    )


def ask_meter(spec: str) -> MeterLook | None:
    """A direct look for a verdict; None if the meter does not answer: a finding, not a failure."""
    from sealkit.errors import MalformedError, TimedOutError

    try:
        return read_look(spec)
    except (TimedOutError, MalformedError):
        return None

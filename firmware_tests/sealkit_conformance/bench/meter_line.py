"""What a meter holds, asked on its terminal's line, where the seal has no part in the answer."""

from __future__ import annotations

from time import time

from sealkit.meter.client import MeterClient
from sealkit.transport import open_transport
from sealkit_conformance.bench.backend import MeterFacts
from sealkit_conformance.bench.meter import local


def read_meter(spec: str) -> MeterFacts:
    """Asks it for status and fare. Raises what `MeterClient` and transports raise."""
    with open_transport(spec, line="meter") as transport:
        client = MeterClient(transport)
        status = client.status(local(int(time())))
        return MeterFacts(
            bytes.fromhex(status.device_number),
            status.hardware_version,
            bytes((status.software_main, status.software_minor)),
            status.plate,
            client.fare_parameters().raw,
        )

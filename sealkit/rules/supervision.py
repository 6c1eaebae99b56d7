"""What a look at the meter means: which causes of tamper it makes live (W-3, Z-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sealkit.rules.parameters import meter_of, tariff_of, watched_bytes_differ
from sealkit.wire.parameters import MeterGroup, TariffGroup
from sealkit.wire.registry import Cause


@dataclass(frozen=True, slots=True)
class MeterLook:
    """One look at the meter: device number (5 bytes), versions, fare parameters (127 bytes)."""

    device: bytes
    hardware_version: int
    software: bytes
    plate: str
    fare: bytes


@dataclass(frozen=True, slots=True)
class Difference:
    """A cause that is live, with what was sealed and what is seen."""

    cause: Cause
    before: bytes
    after: bytes


def accepted_fares(tariff: TariffGroup, clock: int) -> list[bytes]:
    """The fare parameters that the meter may show at this time: chapter 5, tariff."""
    fares = [] if any(p.valid_until <= clock for p in tariff.pending) else [tariff.fare]
    return fares + [p.fare for p in tariff.pending if p.valid_from <= clock]


def fare_is_accepted(tariff: TariffGroup, fare: bytes, clock: int) -> bool:
    """Whether the watched bytes of what the meter shows are those of an accepted tariff."""
    return any(
        not watched_bytes_differ(tariff.mask, accepted, fare)
        for accepted in accepted_fares(tariff, clock)
    )


def compare(groups: Mapping[int, bytes], look: MeterLook, clock: int) -> list[Difference]:
    """The differences between a sealed set and a look, in the order of the causes."""
    return compare_with(tariff_of(groups), meter_of(groups), look, clock)


def compare_with(
    tariff: TariffGroup | None, meter: MeterGroup | None, look: MeterLook, clock: int
) -> list[Difference]:
    """`compare` for whoever has parsed the set already; None: it lacks that group."""
    differences = []
    if tariff is not None and not fare_is_accepted(tariff, look.fare, clock):
        due = accepted_fares(tariff, clock)[0]
        differences.append(Difference(Cause.FARE_PARAMETERS_CHANGED, due, look.fare))
    if meter is not None:
        differences += _compare_meter(meter, look)
    return differences


def _compare_meter(meter: MeterGroup, look: MeterLook) -> list[Difference]:
    differences = []
    sealed = meter.device + bytes((meter.hardware_version,))
    seen = look.device + bytes((look.hardware_version,))
    if sealed != seen:
        differences.append(Difference(Cause.METER_IDENTITY_CHANGED, sealed, seen))
    if meter.software != look.software:
        differences.append(Difference(Cause.METER_SOFTWARE_CHANGED, meter.software, look.software))
    return differences

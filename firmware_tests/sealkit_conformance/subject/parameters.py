"""Parameter sets that fit the meter on the bench."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from sealkit.wire.orders import GroupItem, ParametersBody
from sealkit.wire.parameters import (
    CalibrationGroup,
    DistanceGroup,
    GroupContent,
    MeterGroup,
    SensorGroup,
    SupervisionGroup,
    TariffGroup,
    TyreGroup,
    VehicleGroup,
    build_group,
)
from sealkit.wire.registry import Group, KSource, Purpose, Rounding
from sealkit_conformance.bench.backend import MeterFacts

SALT_BYTES: Final = 16
_FARE_BYTES_WATCHED: Final = 41  # behind them are reserved bytes and the vendor's area
_FARE_BYTES: Final = 127


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What can be sealed while a meter is on the line; it is asked for when a set is made.

    now: seconds since 1970.
    """

    meter: Callable[[], MeterFacts]
    now: int

    def contents(self) -> dict[Group, GroupContent]:
        """A whole set, group by group."""
        meter = self.meter()
        return {
            Group.DISTANCE: DistanceGroup(1000, KSource.READ),
            Group.TYRE: TyreGroup("195/65R15", 1_986_000),
            Group.TARIFF: TariffGroup(meter.fare, watched_fare(), ()),
            Group.METER: MeterGroup(
                meter.device, meter.hardware_version, meter.software, bytes(32), "TXM-905"
            ),
            Group.SENSOR: SensorGroup(1, "SN-0042"),
            Group.VEHICLE: VehicleGroup("沪AX7319", meter.plate, "LSVAA49J132047371"),
            Group.SUPERVISION: SupervisionGroup(
                attachments=31,
                look_interval_ms=5_000,
                silence_limit_ms=600_000,
                pulse_rate_max_hz=1_000,  # cases drive hundreds of metres at once
                acceleration_max_mm_s2=0,
                k_tolerance_ppm=7_500,
                k_window_m=100_000,
                rounding=Rounding.CUTS,
                standing_limit_m=5_000,
                motion_tolerance_ppm=25_000,
                motion_limit_m=500,
                meter_clock_tolerance_s=180,
            ),
            Group.CALIBRATION: CalibrationGroup(
                purpose=Purpose.INSTALLATION,
                workshop="计量站 1",
                time=self.now,
                valid_until=self.now + 365 * 86_400,
                odometer_before_m=12_345_600,
                odometer_after_m=12_347_100,
                result_digest=bytes(32),
                predecessor_maker=0,
                predecessor_serial=0,
                predecessor_calibration=0,
                predecessor_configuration=0,
            ),
        }

    def body(
        self, *groups: Group, changes: dict[Group, dict[str, Any]] | None = None
    ) -> ParametersBody:
        """The body of SEAL or CONFIRM: these groups, all if none is named, with changed fields."""
        contents = self.contents()
        changed = changes or {}
        return ParametersBody(
            tuple(
                item(group, replace(contents[group], **changed.get(group, {})))
                for group in sorted(groups or contents)
            )
        )


def item(group: Group, content: GroupContent) -> GroupItem:
    """A group with a fresh salt (P-1)."""
    return GroupItem(group, build_group(group, secrets.token_bytes(SALT_BYTES), content))


def watched_fare() -> bytes:
    """The mask of the fare bytes that mean something in every meter (P-7)."""
    bits = "1" * _FARE_BYTES_WATCHED + "0" * (8 * 16 - _FARE_BYTES_WATCHED)
    return int(bits, 2).to_bytes(16, "big")

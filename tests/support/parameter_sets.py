"""A whole parameter set, and what the meter shows that agrees with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sealkit.rules.supervision import MeterLook
from sealkit.wire import parameters as p
from sealkit.wire.registry import Group, KSource, Purpose, Rounding

FARE = bytes(range(127))
NEW_FARE = bytes(range(1, 128))
WATCHED = 100
"""The mask of the set watches this many bytes, from the first."""
MASK = ((1 << 128) - (1 << (128 - WATCHED))).to_bytes(16, "big")

LOOK = MeterLook(bytes.fromhex("4711000815"), 2, b"\x03\x01", "AX1234", FARE)

CONTENTS: dict[Group, Any] = {
    Group.DISTANCE: p.DistanceGroup(1000, KSource.READ),
    Group.TYRE: p.TyreGroup("195/65R15", 1_986_000),
    Group.TARIFF: p.TariffGroup(FARE, MASK, ()),
    Group.METER: p.MeterGroup(LOOK.device, 2, LOOK.software, bytes(32), "TXM-905"),
    Group.SENSOR: p.SensorGroup(1, "SN-0042"),
    Group.VEHICLE: p.VehicleGroup("沪AX1234", "AX1234", "LSVAA49J132047371"),
    Group.SUPERVISION: p.SupervisionGroup(
        attachments=31,
        look_interval_ms=5_000,
        silence_limit_ms=600_000,
        pulse_rate_max_hz=70,
        acceleration_max_mm_s2=8_000,
        k_tolerance_ppm=7_500,
        k_window_m=100_000,
        rounding=Rounding.ROUNDS,
        standing_limit_m=5_000,
        motion_tolerance_ppm=25_000,
        motion_limit_m=500,
        meter_clock_tolerance_s=180,
    ),
    Group.CALIBRATION: p.CalibrationGroup(
        Purpose.INSTALLATION, "station", 1_774_000_000, 0, 1, 2, bytes(32), 0, 0, 0, 0
    ),
}


def group(number: Group, salt: int = 0, **changes: Any) -> bytes:
    """The bytes of one group of the set, with fields changed."""
    return p.build_group(number, bytes((salt,)) * 16, replace(CONTENTS[number], **changes))


def whole_set() -> dict[int, bytes]:
    return {number: group(number) for number in Group}

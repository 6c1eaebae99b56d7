"""Parameter groups: what is sealed (SPEC.md 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sealkit.errors import MalformedError
from sealkit.wire.codec import Codec
from sealkit.wire.registry import GROUP_MAX, Group, KSource, Purpose, Rounding

SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class DistanceGroup:
    """K, the pulses that the meter takes for 1 km, and where the value comes from (R01)."""

    k_pulses_per_km: int
    source: KSource


@dataclass(frozen=True, slots=True)
class TyreGroup:
    """Size as printed on the tyre; circumference in micrometres (R12)."""

    size: str
    circumference_um: int


@dataclass(frozen=True, slots=True)
class PendingTariff:
    """A tariff sealed ahead: accepted in [valid_from, valid_until), seconds since 1970."""

    valid_from: int
    valid_until: int
    fare: bytes


@dataclass(frozen=True, slots=True)
class TariffGroup:
    """fare: T2 of JT/T 905.2, 127 bytes. mask: 16 bytes, bit i (highest first) watches byte i."""

    fare: bytes
    mask: bytes
    pending: tuple[PendingTariff, ...]


@dataclass(frozen=True, slots=True)
class MeterGroup:
    """Identity and software of the meter as its status (T1) tells them; digest zeros: unknown."""

    device: bytes
    hardware_version: int
    software: bytes
    software_digest: bytes
    model: str


@dataclass(frozen=True, slots=True)
class SensorGroup:
    """kind: 1 pulse sensor, 2 CAN source."""

    kind: int
    sensor_serial: str


@dataclass(frozen=True, slots=True)
class VehicleGroup:
    """Plate with its Chinese character, the meter's form of it, VIN (R07)."""

    plate: str
    meter_plate: str
    vin: str


@dataclass(frozen=True, slots=True)
class SupervisionGroup:
    """What the seal relies on, and the thresholds of what it notices (SPEC.md 5 and 11).

    attachments: bits of `Attachment`; intervals in milliseconds, silence 0: for ever. A threshold
    of zero, as they are by default, switches its check off. Units: pulses/s, mm/s², millionths,
    metres, seconds.
    """

    attachments: int
    look_interval_ms: int
    silence_limit_ms: int
    pulse_rate_max_hz: int = 0
    acceleration_max_mm_s2: int = 0
    k_tolerance_ppm: int = 0
    k_window_m: int = 0
    rounding: Rounding = Rounding.ROUNDS
    standing_limit_m: int = 0
    motion_tolerance_ppm: int = 0
    motion_limit_m: int = 0
    meter_clock_tolerance_s: int = 0


@dataclass(frozen=True, slots=True)
class CalibrationGroup:
    """The verification (R08): times in seconds since 1970, odometer in metres."""

    purpose: Purpose
    workshop: str
    time: int
    valid_until: int
    odometer_before_m: int
    odometer_after_m: int
    result_digest: bytes
    predecessor_maker: int
    predecessor_serial: int
    predecessor_calibration: int
    predecessor_configuration: int


GroupContent = (
    DistanceGroup
    | TyreGroup
    | TariffGroup
    | MeterGroup
    | SensorGroup
    | VehicleGroup
    | SupervisionGroup
    | CalibrationGroup
)

_CODECS: Final[dict[int, Codec[Any]]] = {
    Group.DISTANCE: Codec(DistanceGroup, "distance_group", enums={"source": KSource}),
    Group.TYRE: Codec(TyreGroup, "tyre_group"),
    Group.TARIFF: Codec(
        TariffGroup, "tariff_group", items={"pending": Codec(PendingTariff, "pending_tariff")}
    ),
    Group.METER: Codec(MeterGroup, "meter_group"),
    Group.SENSOR: Codec(SensorGroup, "sensor_group"),
    Group.VEHICLE: Codec(VehicleGroup, "vehicle_group"),
    Group.SUPERVISION: Codec(SupervisionGroup, "supervision_group", enums={"rounding": Rounding}),
    Group.CALIBRATION: Codec(CalibrationGroup, "calibration_group", enums={"purpose": Purpose}),
}


def parse_group(number: int, data: bytes) -> GroupContent | None:
    """The content of a group's bytes (salt first); None for a number that is not known.

    Errors: `MalformedError` MALFORMED, also for a salt that is cut or over 512 bytes in all.
    """
    if not SALT_BYTES <= len(data) <= GROUP_MAX:
        raise MalformedError(
            "MALFORMED",
            f"Group {number} has {len(data)} bytes instead of {SALT_BYTES} to {GROUP_MAX}.",
            "Read the group again.",
        )
    codec = _CODECS.get(number)
    if codec is None:
        return None
    content: GroupContent = codec.parse(data[SALT_BYTES:])
    return content


def build_group(number: Group, salt: bytes, content: GroupContent) -> bytes:
    """The bytes of a group: salt (16 random bytes) and content."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 16 bytes")
    return salt + _CODECS[number].build(content)


def group_content(data: bytes) -> bytes:
    """The content's bytes, without the salt: what decides whether a group changed (P-3)."""
    return data[SALT_BYTES:]

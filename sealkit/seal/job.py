"""The job file: what a technician writes down before sealing, and the parameter groups from it.

TOML, one table a parameter group. Tariff and identity of the meter are not written down but taken
from the meter, as it is read; what is already sealed and not named stays.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from sealkit.errors import SealkitError, UsageError
from sealkit.meter.layouts import FARE_FIELDS
from sealkit.rules.parameters import (
    FARE_BYTES,
    changed_groups,
    judge_groups,
    meter_of,
    missing_groups,
    tariff_of,
    watch_mask,
    watched_bytes_differ,
)
from sealkit.rules.supervision import MeterLook
from sealkit.seal.words import SENSOR_KINDS
from sealkit.wire.numbers import SealNumber
from sealkit.wire.parameters import (
    SALT_BYTES,
    CalibrationGroup,
    DistanceGroup,
    GroupContent,
    MeterGroup,
    PendingTariff,
    SensorGroup,
    SupervisionGroup,
    TariffGroup,
    TyreGroup,
    VehicleGroup,
    build_group,
)
from sealkit.wire.registry import Attachment, Group, KSource, Purpose, Rounding

JOB_MAX: Final = 64 * 1024
_ROUNDINGS: Final = {rounding.name.lower(): rounding for rounding in Rounding}
_NUMBER_MAX: Final = 1 << 32
"""No quantity of a job comes near it, in any of its units."""

TEMPLATE: Final = """\
# What is sealed. Tariff, device number and software version are read from the meter itself.

[distance]
k_pulses_per_km = 1000      # the meter's K, 500 to 65535
source = "measured"         # typed, read or measured

[tyre]
size = "195/65R15"
circumference_mm = 1975.5

[sensor]
kind = "pulse"              # pulse or can
serial = "S-0001"

[vehicle]
plate = "沪A12345"
meter_plate = "A12345"      # as the meter holds it, without the Chinese character
vin = "LSVAA4187E2000001"

[meter]
model = "TX-36"
# software_digest = "..."   # 64 hex digits, where the maker publishes it

[tariff]
unwatched = ["vendor_area"]      # fields of the fare parameters that may change, by name
# [tariff.pending]          # a tariff sealed ahead
# from = 2027-01-01T00:00:00+08:00
# until = 2027-01-15T00:00:00+08:00
# fare = "..."              # 254 hex digits

[supervision]
attachments = ["own_line", "pulse_input", "case_switch"]  # also terminal_tap, second_source
look_interval_ms = 2000
silence_limit_s = 600       # 0: the meter may be silent for ever
rounding = "rounds"         # rounds or cuts: how the meter tells 0.1 km, learnt at calibration
# Thresholds; these are those of a job that does not name them, and 0 switches one off.
pulse_rate_max_hz = 0       # at K = 1000, 70 is 252 km/h
acceleration_max_mm_s2 = 8000
k_tolerance_ppm = 7500      # twice this is found ...
k_window_km = 100           # ... within so far
standing_limit_m = 5000     # more than a verification's roller takes
motion_tolerance_ppm = 20000  # a meter may show 1 % too much itself
motion_limit_m = 500
meter_clock_tolerance_s = 180

[calibration]
purpose = "installation"    # activation, installation, periodic, after_repair, tariff_change
workshop = "Pudong verification station"
valid_until = 2027-11-24    # 0: none
odometer_before_km = 0
odometer_after_km = 0
# result_digest = "..."     # 64 hex digits: digest of the result sheet
# predecessor = "500-23"    # the seal that this one replaces, and its counters
# predecessor_counters = [3, 7]
"""


def read_job(data: bytes) -> dict[str, Any]:
    """The tables of a job file. Errors: `UsageError` JOB_MALFORMED."""
    try:
        job = tomllib.loads(data.decode("utf-8"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:  # also of endless digits and brackets
        raise _bad("the file", f"no TOML: {error}") from None
    known = {group.name.lower() for group in Group}
    for name, table in job.items():
        if name not in known or not isinstance(table, dict):
            raise _bad(name, f"no table of a job; there are {', '.join(sorted(known))}")
    return job


def groups_of_job(
    job: Mapping[str, Any],
    look: MeterLook,
    sealed: Mapping[int, bytes],
    *,
    now: int,
    salt: Callable[[int], bytes],
) -> dict[int, bytes]:
    """The groups that an order has to bring: those whose content is new, and the calibration.

    look: the meter as read. sealed: the last sealed set, empty for a first sealing. now: seconds
    since 1970. salt: gives so many random bytes.
    Errors: `UsageError` JOB_MALFORMED, JOB_INCOMPLETE; `RefusedError` for values out of range.
    """
    given = _Given(look, now, sealed)
    contents: dict[Group, GroupContent] = {}
    for group, make in _MAKERS.items():
        name = group.name.lower()
        if name in job or (group in (Group.TARIFF, Group.METER)):
            table = _Table(name, job.get(name, {}))
            contents[group] = make(table, given)
            table.finish()
    groups = {
        int(group): build_group(group, salt(SALT_BYTES), content)
        for group, content in contents.items()
    }
    judge_groups(groups)
    kept = changed_groups(sealed, groups) | ({Group.CALIBRATION} & set(groups))
    missing = missing_groups({**sealed, **groups})
    if missing:
        names = ", ".join(group.name.lower() for group in missing)
        raise UsageError(
            "JOB_INCOMPLETE",
            f"The job says nothing of {names}, and nothing is sealed yet.",
            "Fill in the template: `sealkit seal --template`.",
        )
    return {number: groups[number] for number in sorted(kept)}


def calibration_of_job(job: Mapping[str, Any], *, now: int, salt: Callable[[int], bytes]) -> bytes:
    """The calibration group alone, for a verification that changed nothing.

    Errors: `UsageError` JOB_MALFORMED, JOB_INCOMPLETE; `RefusedError` for values out of range.
    """
    if "calibration" not in job:
        raise UsageError(
            "JOB_INCOMPLETE",
            "The job has no [calibration] table.",
            "Fill in that part of the template: `sealkit seal --template`.",
        )
    table = _Table("calibration", job["calibration"])
    content = _calibration(table, now)
    table.finish()
    data = build_group(Group.CALIBRATION, salt(SALT_BYTES), content)
    judge_groups({Group.CALIBRATION: data})
    return data


@dataclass(frozen=True, slots=True)
class _Given:
    """What a group is made from beside the job: the meter as read, the time, the sealed set."""

    look: MeterLook
    now: int
    sealed: Mapping[int, bytes]


class _Table:
    """One table of the file: values are taken by name, and what nobody took is a mistake."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self._values = dict(values)

    @property
    def empty(self) -> bool:
        return not self._values

    def take(self, key: str, default: Any = None) -> Any:
        if key in self._values:
            return self._values.pop(key)
        if default is None:
            raise _bad(f"{self.name}.{key}", "missing")
        return default

    def text(self, key: str, default: str | None = None) -> str:
        value = self.take(key, default)
        if not isinstance(value, str):
            raise _bad(f"{self.name}.{key}", f"{value!r} is no text")
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        value = self.take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise _bad(f"{self.name}.{key}", f"{value!r} is no whole number")
        return value

    def scaled(self, key: str, factor: int, default: int | None = None) -> int:
        """A number with decimals in a smaller unit, exactly."""
        value = self.take(key, default)
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            raise _bad(f"{self.name}.{key}", f"{value!r} is no number")
        number = Decimal(value)
        if not number.is_finite() or not 0 <= number <= _NUMBER_MAX:
            raise _bad(f"{self.name}.{key}", f"{value} is negative or too large")
        exact = number * factor
        if exact != exact.to_integral_value():
            raise _bad(f"{self.name}.{key}", f"{value} is finer than is sealed")
        return int(exact)

    def choice(self, key: str, choices: Mapping[str, int], default: str | None = None) -> int:
        value = self.text(key, default)
        if value not in choices:
            raise _bad(f"{self.name}.{key}", f"{value!r} is none of {', '.join(choices)}")
        return choices[value]

    def hexadecimal(self, key: str, size: int, default: bytes | None = None) -> bytes:
        value = self.take(key, default)
        if isinstance(value, bytes):
            return value
        try:
            data = bytes.fromhex(value)
        except (TypeError, ValueError):
            data = b""
        if len(data) != size:
            raise _bad(f"{self.name}.{key}", f"not {2 * size} hex digits")
        return data

    def moment(self, key: str, default: int | None = None) -> int:
        value = self.take(key, default)
        if value == 0:
            return 0
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time(23, 59, 59))
        if not isinstance(value, datetime):
            raise _bad(f"{self.name}.{key}", f"{value!r} is no date")
        return int(value.timestamp())

    def names(self, key: str, default: list[str] | None = None) -> list[str]:
        value = self.take(key, default)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _bad(f"{self.name}.{key}", f"{value!r} is no list of names")
        return value

    def finish(self) -> None:
        if self._values:
            raise _bad(f"{self.name}.{next(iter(self._values))}", "not known")


def _distance(table: _Table, given: _Given) -> DistanceGroup:
    sources = {source.name.lower(): source for source in KSource}
    return DistanceGroup(table.whole("k_pulses_per_km"), KSource(table.choice("source", sources)))


def _tyre(table: _Table, given: _Given) -> TyreGroup:
    return TyreGroup(table.text("size"), table.scaled("circumference_mm", 1000))


def _sensor(table: _Table, given: _Given) -> SensorGroup:
    return SensorGroup(table.choice("kind", SENSOR_KINDS), table.text("serial"))


def _vehicle(table: _Table, given: _Given) -> VehicleGroup:
    return VehicleGroup(
        table.text("plate"), table.text("meter_plate", given.look.plate), table.text("vin")
    )


def _meter(table: _Table, given: _Given) -> MeterGroup:
    look, sealed = given.look, meter_of(given.sealed)
    seen = MeterGroup(look.device, look.hardware_version, look.software, bytes(32), "")
    if table.empty and sealed is not None:
        # Nothing new was written down: what is sealed of the maker's papers stays.
        return replace(seen, software_digest=sealed.software_digest, model=sealed.model)
    return replace(
        seen,
        software_digest=table.hexadecimal("software_digest", 32, bytes(32)),
        model=table.text("model", ""),
    )


def _tariff(table: _Table, given: _Given) -> TariffGroup:
    fare, sealed = given.look.fare, tariff_of(given.sealed)
    if table.empty and sealed is not None:
        # What is watched stays; so does the fare where only unwatched bytes differ.
        if not watched_bytes_differ(sealed.mask, sealed.fare, fare):
            return sealed
        return TariffGroup(fare, sealed.mask, ())
    return TariffGroup(fare, _mask(table.names("unwatched", [])), _pending(table))


def _mask(unwatched: list[str]) -> bytes:
    fields = {field.name: field for field in FARE_FIELDS}
    watched = [True] * FARE_BYTES
    for name in unwatched:
        if name not in fields:
            raise _bad("tariff.unwatched", f"{name!r} is none of {', '.join(fields)}")
        field = fields[name]
        watched[field.offset : field.offset + field.size] = [False] * field.size
    return watch_mask(watched)


def _pending(table: _Table) -> tuple[PendingTariff, ...]:
    values = table.take("pending", {})
    if not values:
        return ()
    ahead = _Table("tariff.pending", values)
    pending = PendingTariff(
        ahead.moment("from"), ahead.moment("until"), ahead.hexadecimal("fare", FARE_BYTES)
    )
    ahead.finish()
    return (pending,)


def _supervision(table: _Table, given: _Given) -> SupervisionGroup:
    attachments = 0
    known = {bit.name.lower(): bit for bit in Attachment if bit.name}
    for name in table.names("attachments"):
        if name not in known:
            raise _bad("supervision.attachments", f"{name!r} is none of {', '.join(known)}")
        attachments |= known[name]
    return SupervisionGroup(
        attachments=attachments,
        look_interval_ms=table.whole("look_interval_ms"),
        silence_limit_ms=table.scaled("silence_limit_s", 1000),
        pulse_rate_max_hz=table.whole("pulse_rate_max_hz", 0),
        acceleration_max_mm_s2=table.whole("acceleration_max_mm_s2", 8_000),
        k_tolerance_ppm=table.whole("k_tolerance_ppm", 7_500),
        k_window_m=table.scaled("k_window_km", 1000, 100),
        rounding=Rounding(table.choice("rounding", _ROUNDINGS, "rounds")),
        standing_limit_m=table.whole("standing_limit_m", 5_000),
        motion_tolerance_ppm=table.whole("motion_tolerance_ppm", 20_000),
        motion_limit_m=table.whole("motion_limit_m", 500),
        meter_clock_tolerance_s=table.whole("meter_clock_tolerance_s", 180),
    )


def _calibration(table: _Table, now: int) -> CalibrationGroup:
    purposes = {purpose.name.lower(): purpose for purpose in Purpose}
    predecessor = SealNumber.from_text(table.text("predecessor", "0-0"))
    counters = table.take("predecessor_counters", [0, 0])
    if not isinstance(counters, list) or len(counters) != 2:
        raise _bad("calibration.predecessor_counters", "not two numbers")
    return CalibrationGroup(
        purpose=Purpose(table.choice("purpose", purposes)),
        workshop=table.text("workshop"),
        time=now,
        valid_until=table.moment("valid_until", 0),
        odometer_before_m=table.scaled("odometer_before_km", 1000, 0),
        odometer_after_m=table.scaled("odometer_after_km", 1000, 0),
        result_digest=table.hexadecimal("result_digest", 32, bytes(32)),
        predecessor_maker=predecessor.maker,
        predecessor_serial=predecessor.serial,
        predecessor_calibration=counters[0],
        predecessor_configuration=counters[1],
    )


_MAKERS: Final[dict[Group, Callable[[_Table, _Given], GroupContent]]] = {
    Group.DISTANCE: _distance,
    Group.TYRE: _tyre,
    Group.TARIFF: _tariff,
    Group.METER: _meter,
    Group.SENSOR: _sensor,
    Group.VEHICLE: _vehicle,
    Group.SUPERVISION: _supervision,
    Group.CALIBRATION: lambda table, given: _calibration(table, given.now),
}


def _bad(where: str, what: str) -> SealkitError:
    return UsageError(
        "JOB_MALFORMED",
        f"In the job, {where}: {what}.",
        "Compare it with the template: `sealkit seal --template`.",
    )

"""A frame explained: every field by name, ready for JSON."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, time
from typing import Any

from sealkit.meter.bodies import FareSetReply, Heartbeat, MeterStatus, TripRecord
from sealkit.meter.commands import DONE, ERROR, EXCHANGES, Command, Direction
from sealkit.meter.frames import DEVICE_NAMES, TAXIMETER, Frame, decode_frame
from sealkit.meter.profiles import Profile, VendorBody, VendorCommand

SCHEMA = "sealkit.meter.frame/1"

# What the numbers and bits of coded fields mean; the results that most answers have.
RESULTS = {DONE: "done", ERROR: "error"}
NUMBERS: dict[tuple[type, str], dict[int, str]] = {
    (MeterStatus, "work_state"): {
        0x00: "signed on",
        0x01: "signed off",
        0x10: "forced on",
        0x11: "forced off",
    },
    (FareSetReply, "result"): {
        0x00: "done",
        0x01: "check failed",
        0x02: "same version",
        0xFF: "unsupported",
    },
    (TripRecord, "payment"): {0x00: "cash", 0x01: "M1 card", 0x03: "CPU card", 0x09: "other"},
}
BITS: dict[tuple[type, str], tuple[str, ...]] = {
    (MeterStatus, "device_state"): (
        "trip count limited",
        "date limited",
        "trip store full",
        "sign-on store full",
    ),
    (Heartbeat, "state"): ("hired", "signed on", "forced on", "forced off"),
}


def describe(data: bytes, profile: Profile | None = None) -> dict[str, Any]:
    """What one whole frame says: {"schema", "frame": {...}, "body": {...}}, all JSON values.

    Times are in ISO 8601, bytes in hex. profile: explains the commands of makers as well. Frames
    of commands that neither it nor the standard has, or whose layout is unknown, have a body
    {"raw": hex}. Raises MalformedError: the codes of `decode_frame`, and METER_BAD_LENGTH,
    METER_NOT_BCD, METER_BAD_TIME or METER_BAD_TEXT for a body that its command cannot have.
    """
    frame = decode_frame(data)
    vendor_command = profile and profile.find(frame.device_type, frame.vendor, frame.command)
    if vendor_command:
        meaning, direction, body = _vendor_body(vendor_command, frame.data)
    else:
        meaning, direction, body = _standard_body(frame)
    return {
        "schema": SCHEMA,
        "frame": {
            "device_type": frame.device_type,
            "device": DEVICE_NAMES.get(frame.device_type, "unknown"),
            "vendor": frame.vendor,
            "command": f"{frame.command:04X}",
            "meaning": meaning,
            "direction": direction,
            "data": frame.data.hex(),
        },
        "body": body,
    }


_Explained = tuple[str | None, str | None, dict[str, Any]]


def _standard_body(frame: Frame) -> _Explained:
    meaning = direction = None
    body: dict[str, Any] = {"raw": frame.data.hex()}
    if frame.device_type == TAXIMETER and frame.command in EXCHANGES:
        exchange = EXCHANGES[Command(frame.command)]
        meaning = exchange.meaning
        if known := exchange.identify(frame.data):
            direction = known[0].value
            body = body_as_json(known[1].parse(frame.data))
    return meaning, direction, body


def _vendor_body(command: VendorCommand, data: bytes) -> _Explained:
    if command.request.layout.fits(len(data)) and command.reply.layout.fits(len(data)):
        # Only their sizes tell the two apart, and these have the same: whoever reads may judge.
        return command.title, None, {"raw": data.hex()}
    if command.request.layout.fits(len(data)):
        side, direction = command.request, Direction.TO_METER
    else:
        side, direction = command.reply, Direction.FROM_METER
    return command.title, direction.value, vendor_body_as_json(side, side.layout.parse(data))


def vendor_body_as_json(side: VendorBody, body: Any) -> dict[str, Any]:
    """The fields of a value of a profile's layout; those with a unit have it beside them."""
    units = dict(side.units)
    named: dict[str, Any] = {}
    for name, value in body_as_json(body).items():
        named[name] = value
        if unit := units.get(name):
            named[f"{name}_unit"] = unit
    return named


def body_as_json(body: Any) -> dict[str, Any]:
    """The fields of a value of `bodies`; coded ones with their meaning beside them."""
    named: dict[str, Any] = {}
    for field in fields(body):
        value = getattr(body, field.name)
        named[field.name] = value_as_json(value)
        meaning = _meaning(type(body), field.name, value)
        if meaning is not None:
            named[f"{field.name}_meaning"] = meaning
    return named


def value_as_json(value: int | str | bytes | datetime | time | None) -> int | str | None:
    """Times in ISO 8601, bytes in hex, everything else as it is."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    return value


def _meaning(body: type, field: str, value: Any) -> str | None:
    if bits := BITS.get((body, field)):
        return _named_bits(value, bits)
    numbers = NUMBERS.get((body, field), RESULTS if field == "result" else {})
    return numbers.get(value, "unknown") if numbers else None


def _named_bits(value: int, names: tuple[str, ...]) -> str:
    named = [name for bit, name in enumerate(names) if value >> bit & 1]
    if value >> len(names):
        named.append("unknown")
    return ", ".join(named) or "none"

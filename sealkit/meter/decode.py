"""A frame explained: every field by name, ready for JSON."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, time
from typing import Any

from sealkit.meter.bodies import FareSetReply, Heartbeat, MeterStatus, TripRecord
from sealkit.meter.commands import DONE, ERROR, EXCHANGES, Command
from sealkit.meter.frames import DEVICE_NAMES, TAXIMETER, decode_frame

SCHEMA = "sealkit.meter.frame/1"

_RESULTS = {DONE: "done", ERROR: "error"}
_NUMBERS: dict[tuple[type, str], dict[int, str]] = {
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
_BITS: dict[tuple[type, str], tuple[str, ...]] = {
    (MeterStatus, "device_state"): (
        "trip count limited",
        "date limited",
        "trip store full",
        "sign-on store full",
    ),
    (Heartbeat, "state"): ("hired", "signed on", "forced on", "forced off"),
}


def describe(data: bytes) -> dict[str, Any]:
    """What one whole frame says: {"schema", "frame": {...}, "body": {...}}, all JSON values.

    Times are in ISO 8601, bytes in hex. Frames of other devices and of commands that the standard
    does not have, or whose layout is unknown, have a body {"raw": hex}. Raises MalformedError:
    the codes of `decode_frame`, and METER_BAD_LENGTH, METER_NOT_BCD, METER_BAD_TIME or
    METER_BAD_TEXT for a body that its command cannot have.
    """
    frame = decode_frame(data)
    meaning = direction = None
    body: dict[str, Any] = {"raw": frame.data.hex()}
    if frame.device_type == TAXIMETER and frame.command in EXCHANGES:
        exchange = EXCHANGES[Command(frame.command)]
        meaning = exchange.meaning
        if known := exchange.identify(frame.data):
            direction = known[0].value
            body = body_as_json(known[1].parse(frame.data))
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
    if bits := _BITS.get((body, field)):
        return _named_bits(value, bits)
    numbers = _NUMBERS.get((body, field), _RESULTS if field == "result" else {})
    return numbers.get(value, "unknown") if numbers else None


def _named_bits(value: int, names: tuple[str, ...]) -> str:
    named = [name for bit, name in enumerate(names) if value >> bit & 1]
    if value >> len(names):
        named.append("unknown")
    return ", ".join(named) or "none"

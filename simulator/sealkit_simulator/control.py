"""The control channel: what happens to the vehicle from outside, as JSON, one object a line.

{"do": "set_meter", "name": "day_flag_fall_fen", "value": "1600"}  ->  {"ok": true, ...}
{"do": "fly"}  ->  {"ok": false, "error": {"code": ..., "message": ..., "remedy": ...}}
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sealkit.errors import SealkitError, UsageError
from sealkit.rules.history import cause_bit
from sealkit.wire.registry import K_MAX, K_MIN, Cause
from sealkit_simulator.road.roller import JUMPS_MAX, TRUE_PULSES_PER_1000_KM, Roller
from sealkit_simulator.vehicle import OrderCut, Vehicle

LINE_MAX: Final = 16_384  # bytes
_YEARS_S: Final = 100 * 365 * 86_400
_ADVANCE_MAX_MS: Final = 3_600_000  # a longer wait keeps the line busy: ask again
_PULSES_MAX: Final = 1 << 32

Value = TypeVar("Value", int, str, bool)
Answer = dict[str, Any]


class ControlChannel:
    """Bytes in, bytes out, of whoever steers the vehicle."""

    def __init__(self, vehicle: Vehicle, changed: Callable[[], None] = lambda: None) -> None:
        """changed: called after every request that was done."""
        self._vehicle = vehicle
        self._changed = changed
        self._partial = bytearray()

    def receive(self, data: bytes) -> bytes:
        """The answers to the lines that `data` completes."""
        *lines, rest = (bytes(self._partial) + data).split(b"\n")
        answers = b"".join(_line(self._answer(line)) for line in lines if line.strip())
        if len(rest) > LINE_MAX:
            answers += _line(_error(_bad_request(f"a line has at most {LINE_MAX} bytes")))
            rest = b""
        self._partial[:] = rest
        return answers

    def _answer(self, line: bytes) -> Answer:
        try:
            request = _parse(line)
            action = _ACTIONS.get(_take(request, "do", str))
            if action is None:
                raise _bad_request(f"do is one of: {', '.join(_ACTIONS)}")
            told = action(self._vehicle, request)
            if request:
                raise _bad_request(f"nobody knows: {', '.join(request)}")
            self._changed()
        except SealkitError as error:
            return _error(error)
        return {"ok": True, **(told or {})}


Request = dict[str, Any]


def _set_meter(vehicle: Vehicle, request: Request) -> None:
    vehicle.taximeter.set_parameter(_take(request, "name", str), _take(request, "value", str))


def _replace_meter(vehicle: Vehicle, request: Request) -> None:
    vehicle.taximeter.replace(_take(request, "device_number", str, "0102009999"))


def _silence_meter(vehicle: Vehicle, request: Request) -> None:
    vehicle.taximeter.set_silent(_take(request, "silent", bool, True))


def _cut_power(vehicle: Vehicle, request: Request) -> None:
    gap_s = _bounded(_take(request, "gap_s", int, 0), 0, _YEARS_S, "gap_s")
    torn = _bounded(_take(request, "torn", int, 0), 0, 1 << 20, "torn")
    if request.get("after_writes") is None:
        request.pop("after_writes", None)
        vehicle.cut_power(gap_s)
    else:
        after = _bounded(_take(request, "after_writes", int), 0, 1 << 20, "after_writes")
        vehicle.cut_power_in_order(OrderCut(after, torn), gap_s)


def _move_clock(vehicle: Vehicle, request: Request) -> None:
    vehicle.move_clock(_bounded(_take(request, "seconds", int), -_YEARS_S, _YEARS_S, "seconds"))


def _advance(vehicle: Vehicle, request: Request) -> None:
    vehicle.advance(_bounded(_take(request, "ms", int), 0, _ADVANCE_MAX_MS, "ms"))


def _pulses(vehicle: Vehicle, request: Request) -> None:
    vehicle.pulses(_bounded(_take(request, "count", int), 1, _PULSES_MAX, "count"))


def _roll(vehicle: Vehicle, request: Request) -> Answer:
    return {"distances_mm": _roller(vehicle, request).distances_mm(_jumps(request))}


def _stand(vehicle: Vehicle, request: Request) -> Answer:
    return {"waits_ms": _roller(vehicle, request).waits_ms(_jumps(request))}


def _roller(vehicle: Vehicle, request: Request) -> Roller:
    pulses = _take(request, "pulses_per_1000_km", int, TRUE_PULSES_PER_1000_KM)
    seed = _take(request, "seed", int, 0)
    least, most = 1_000 * K_MIN, 1_000 * K_MAX
    return Roller(
        vehicle,
        pulses_per_1000_km=_bounded(pulses, least, most, "pulses_per_1000_km"),
        seed=seed,
    )


def _jumps(request: Request) -> int:
    return _bounded(_take(request, "jumps", int, 1), 1, JUMPS_MAX, "jumps")


def _state(vehicle: Vehicle, request: Request) -> Answer:
    told: Answer = {
        "powered": vehicle.seal is not None,
        "case_open": vehicle.attachments.case_open,
        "battery_low": vehicle.attachments.battery_low,
        "line_joined": vehicle.cable_joined,
        "flash_operations": vehicle.flash.operations,
        "meter": {
            "silent": vehicle.taximeter.silent,
            "device_number": vehicle.taximeter.status.device_number,
            "k_pulses_per_km": vehicle.taximeter.k_pulses_per_km,
        },
    }
    if vehicle.seal is not None:
        device = vehicle.seal.device
        told["seal"] = {
            "number": str(device.core.number),
            "state": device.state.name.lower(),
            "boot": device.registers.boot,
            "control_sequence": device.history.head.sequence,
            "records": device.storage.next_sequence - 1,
            "live_causes": [
                cause.name.lower() for cause in Cause if device.live_causes & cause_bit(cause)
            ],
            "meter_seen": device.watch.answers,
            "baud": vehicle.seal.baud,
        }
    return told


_ACTIONS: Final[dict[str, Callable[[Vehicle, Request], Answer | None]]] = {
    "open_case": lambda vehicle, _: vehicle.open_case(),
    "close_case": lambda vehicle, _: vehicle.close_case(),
    "set_meter": _set_meter,
    "replace_meter": _replace_meter,
    "silence_meter": _silence_meter,
    "cut_power": _cut_power,
    "restore_power": lambda vehicle, _: vehicle.restore_power(),
    "reset": lambda vehicle, _: vehicle.reset(),
    "lose_clock": lambda vehicle, _: vehicle.lose_clock(),
    "move_clock": _move_clock,
    "advance": _advance,
    "pulses": _pulses,
    "battery": lambda vehicle, request: vehicle.set_battery_low(_take(request, "low", bool)),
    "cut_line": lambda vehicle, _: vehicle.join_cable(False),
    "join_line": lambda vehicle, _: vehicle.join_cable(True),
    "roll_to_jumps": _roll,
    "stand_to_jumps": _stand,
    "state": _state,
}


def _parse(line: bytes) -> Request:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        raise _bad_request("a request is one JSON object on one line")
    return request


def _take(request: Request, name: str, kind: type[Value], default: Value | None = None) -> Value:
    """Takes a value out of a request, so that what is left over is known to nobody."""
    value = request.pop(name, default)
    if type(value) is not kind:
        raise _bad_request(f"{name} must be given, as {kind.__name__}")
    return value


def _bounded(value: int, least: int, most: int, name: str) -> int:
    if not least <= value <= most:
        raise _bad_request(f"{name} is from {least} to {most}")
    return value


def _bad_request(reason: str) -> UsageError:
    return UsageError(
        "CONTROL_BAD_REQUEST",
        f"The simulator cannot do this: {reason}.",
        'Send one JSON object a line, such as {"do": "state"}.',
    )


def _error(error: SealkitError) -> Answer:
    told = {"code": error.code, "message": error.message, "remedy": error.remedy}
    return {"ok": False, "error": told}


def _line(answer: Answer) -> bytes:
    return json.dumps(answer).encode() + b"\n"

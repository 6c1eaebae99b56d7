"""What a meter answers when it is asked: status, clock, fare parameters, trip records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sealkit.errors import MalformedError
from sealkit.meter import layouts
from sealkit.meter.bodies import FareParameters, FareSetReply, MeterStatus, Result
from sealkit.meter.commands import DONE, ERROR, Command
from sealkit.meter.frames import TAXIMETER, Frame, encode_frame
from sealkit_simulator.taximeter.factory import VENDOR

if TYPE_CHECKING:
    from sealkit_simulator.taximeter.device import Taximeter

_FARE_SET, _FARE_CHECK_FAILED, _FARE_SAME_VERSION = 0x00, 0x01, 0x02
# Of a year, a trip record tells two digits.
_YEARS: Final = range(2000, 2100)


class Answers:
    """The answers of one meter, alike on both its lines."""

    def __init__(self, meter: Taximeter) -> None:
        self._meter = meter
        self._commands: dict[int, Callable[[bytes], bytes | None]] = {
            Command.STATUS: self._tell_status,
            Command.SET_CLOCK: self._set_clock,
            Command.READ_FARE: self._tell_fare,
            Command.SET_FARE: self._set_fare,
            Command.READ_TRIP: self._tell_trip,
        }

    def answer(self, request: Frame) -> bytes:
        """The answer to one frame; empty if it is no request that a meter knows."""
        command = self._commands.get(request.command)
        if self._meter.silent or request.device_type != TAXIMETER or command is None:
            return b""
        reply = command(request.data)
        if reply is None:
            return b""
        return encode_frame(Frame(TAXIMETER, VENDOR, request.command, reply))

    def _tell_status(self, data: bytes) -> bytes | None:
        # The time is the terminal's own; whatever it is, the status stays what it is.
        if not layouts.CLOCK_TIME.fits(len(data)):
            return None
        status, state = self._meter.status, self._meter.device_state
        if state != status.device_state:
            status = replace(status, device_state=state)
        return _status_bytes(status)

    def _set_clock(self, data: bytes) -> bytes:
        try:
            now = layouts.CLOCK_TIME.parse(data).time
        except MalformedError:
            now = None
        # The standard lets only a vacant meter set its clock.
        if now is None or now.year not in _YEARS or self._meter.hired:
            return layouts.RESULT.build(Result(ERROR))
        self._meter.engine.clock.set(now)
        return layouts.RESULT.build(Result(DONE))

    def _tell_fare(self, data: bytes) -> bytes | None:
        if not layouts.EMPTY.fits(len(data)):
            return None
        return _fare_bytes(self._meter.fare)

    def _set_fare(self, data: bytes) -> bytes:
        held = self._meter.fare
        try:
            fare = layouts.FARE_PARAMETERS.parse(data)
        except MalformedError:
            return _fare_set(_FARE_CHECK_FAILED, held)
        self._meter.take_fare(fare)
        return _fare_set(_FARE_SAME_VERSION if fare == held else _FARE_SET, fare)

    def _tell_trip(self, data: bytes) -> bytes | None:
        if not layouts.TRIP_REQUEST.fits(len(data)):
            return None
        trip = self._meter.trips.get(layouts.TRIP_REQUEST.parse(data).trip_number)
        return b"" if trip is None else layouts.TRIP_RECORD.build(trip)


# The seal asks for both every few seconds, and they seldom change.


@lru_cache(maxsize=8)
def _status_bytes(status: MeterStatus) -> bytes:
    return layouts.STATUS.build(status)


@lru_cache(maxsize=8)
def _fare_bytes(fare: FareParameters) -> bytes:
    return layouts.FARE_PARAMETERS.build(fare)


def _fare_set(result: int, fare: FareParameters) -> bytes:
    return layouts.FARE_SET_REPLY.build(FareSetReply(result, fare.enable_time))

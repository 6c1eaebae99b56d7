"""A taximeter: what it holds and what it answers on its two lines.

Device logic only: bytes in, bytes out, no threads, no clock. Whoever serves it carries the bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time
from typing import Any, get_type_hints

from sealkit.errors import MalformedError, SealkitError, UsageError
from sealkit.meter import layouts
from sealkit.meter.bodies import (
    ClockTime,
    FareParameters,
    FareSetReply,
    Heartbeat,
    MeterStatus,
    Result,
    TripRecord,
)
from sealkit.meter.commands import DONE, ERROR, Command
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder, encode_frame

SNAPSHOT_SCHEMA = "sealkit.simulator.taximeter/1"
VENDOR = 0x01
# The longest request, new fare parameters. A meter has no larger receive buffer, and a frame that
# noise has lengthened holds up no more than this.
MAX_REQUEST_BYTES = 127

_FARE_SET, _FARE_CHECK_FAILED, _FARE_SAME_VERSION = 0x00, 0x01, 0x02
_SIGNED_ON = 0b10

# In the manner of Shanghai: 14 yuan for 3 km, 2.70 a km up to 15 km and half as much again
# beyond, 30 % more at night, one km charged for every four minutes of waiting.
SHANGHAI_FARE = FareParameters(
    enable_time=datetime(2024, 3, 1, 0),
    day_round_trip_price_fen_per_km=270,
    night_round_trip_price_fen_per_km=351,
    day_one_way_price_fen_per_km=405,
    night_one_way_price_fen_per_km=527,
    day_second_empty_price_fen_per_km=405,
    night_second_empty_price_fen_per_km=527,
    day_flag_fall_fen=1400,
    night_flag_fall_fen=1800,
    continuation_distance_m=500,
    flag_fall_distance_m=3000,
    one_way_distance_m=15000,
    second_empty_distance_m=15000,
    day_waiting_price_fen=270,
    night_waiting_price_fen=351,
    free_waiting_s=0,
    price_increment_time_s=240,
    night_start=time(23, 0),
    night_end=time(5, 0),
    reserved=bytes(22),
    vendor_area=bytes(64),
)

METER_STATUS = MeterStatus(
    device_number="0102004711",
    hardware_version=3,
    software_main=2,
    software_minor=7,
    device_state=0,
    work_state=0,
    plate="AX7319",
    company_licence="310115000482",
    driver_certificate="310227197804123316",
    total_trips=18403,
)


def _trip(
    number: int, on: datetime, off: time, metered_m: int, empty_m: int, amount_fen: int
) -> TripRecord:
    return TripRecord(
        plate=METER_STATUS.plate,
        company_licence=METER_STATUS.company_licence,
        driver_certificate=METER_STATUS.driver_certificate,
        on_time=on,
        off_time=off,
        metered_distance_m=metered_m,
        empty_distance_m=empty_m,
        surcharge_fen=0,
        waiting_minutes=0,
        amount_fen=amount_fen,
        trip_number=number,
        payment=0,
    )


# Charged by the fare above, in whole yuan.
STORED_TRIPS = (
    _trip(18401, datetime(2025, 6, 3, 8, 12), time(8, 21), 2600, 1300, 1400),
    _trip(18402, datetime(2025, 6, 3, 9, 5), time(9, 33), 8400, 4700, 2900),
    _trip(18403, datetime(2025, 6, 3, 23, 48), time(0, 3), 5000, 900, 2500),
)


class Line:
    """One of the meter's lines: bytes that arrive, the answers to them."""

    def __init__(self, answer: Callable[[Frame], bytes]) -> None:
        self._answer = answer
        self._decoder = FrameDecoder(MAX_REQUEST_BYTES)

    def receive(self, data: bytes) -> bytes:
        """The answers to the requests that `data` completes; empty if there are none."""
        return b"".join(map(self._answer, self._decoder.feed(data)))


class Taximeter:
    """A taximeter with a line to the terminal (where a technician connects) and one to the seal.

    It answers 0000, 0001, 0004, 0005 and 0006 on both. Whatever else arrives, it does not answer.
    """

    def __init__(
        self,
        status: MeterStatus = METER_STATUS,
        fare: FareParameters = SHANGHAI_FARE,
        trips: tuple[TripRecord, ...] = STORED_TRIPS,
        clock: datetime | None = None,
        silent: bool = False,
    ) -> None:
        """clock: the time last set by the terminal; the meter's clock stands still."""
        self.status = status
        self.fare = fare
        self.trips = {trip.trip_number: trip for trip in trips}
        self.clock = clock
        self.silent = silent
        self.terminal_line = Line(self._answer)
        self.seal_line = Line(self._answer)
        self._commands: dict[int, Callable[[bytes], bytes | None]] = {
            Command.STATUS: self._tell_status,
            Command.SET_CLOCK: self._set_clock,
            Command.READ_FARE: self._tell_fare,
            Command.SET_FARE: self._set_fare,
            Command.READ_TRIP: self._tell_trip,
        }

    def heartbeat(self) -> bytes:
        """What a meter sends to the terminal every 5 s, unasked; empty when silent."""
        if self.silent:
            return b""
        beat = Heartbeat(_SIGNED_ON, self.status.company_licence, self.status.driver_certificate)
        return _frame(Command.HEARTBEAT, layouts.HEARTBEAT.build(beat))

    # Tampering, as the control channel asks for it.

    def set_parameter(self, name: str, value: str) -> None:
        """Change what the meter holds, bypassing every order.

        name: a field of `FareParameters` or `MeterStatus`, or "software_version". value: as a
        person types it: whole numbers, 23:00, 2025-07-01T00:00, hex for bytes, 2.8 for a version.
        Raises UsageError.
        """
        if name == "software_version":
            main, dot, minor = value.partition(".")
            if not dot:
                raise _bad_value(name, value)
            self._change({"software_main": main, "software_minor": minor})
        else:
            self._change({name: value})

    def replace(self, device_number: str) -> None:
        """Put another meter, with ten digits of its own, in the place of this one."""
        self._change({"device_number": device_number})

    def set_silent(self, silent: bool) -> None:
        """A silent meter takes requests in and says nothing."""
        self.silent = silent

    # What survives a restart.

    def snapshot(self) -> dict[str, Any]:
        """The whole state, as JSON values."""
        return {
            "schema": SNAPSHOT_SCHEMA,
            "status": layouts.STATUS.build(self.status).hex(),
            "fare": layouts.FARE_PARAMETERS.build(self.fare).hex(),
            "trips": [layouts.TRIP_RECORD.build(trip).hex() for trip in self.trips.values()],
            "clock": layouts.CLOCK_TIME.build(ClockTime(self.clock)).hex(),
            "silent": self.silent,
        }

    @classmethod
    def from_snapshot(cls, snapshot: dict[str, Any]) -> Taximeter:
        """The meter that `snapshot` was taken of. Raises MalformedError METER_BAD_SNAPSHOT."""
        try:
            if snapshot["schema"] != SNAPSHOT_SCHEMA:
                raise ValueError(snapshot["schema"])
            return cls(
                status=layouts.STATUS.parse(bytes.fromhex(snapshot["status"])),
                fare=layouts.FARE_PARAMETERS.parse(bytes.fromhex(snapshot["fare"])),
                trips=tuple(
                    layouts.TRIP_RECORD.parse(bytes.fromhex(trip)) for trip in snapshot["trips"]
                ),
                clock=layouts.CLOCK_TIME.parse(bytes.fromhex(snapshot["clock"])).time,
                silent=bool(snapshot["silent"]),
            )
        except (SealkitError, KeyError, TypeError, ValueError) as error:
            raise MalformedError(
                "METER_BAD_SNAPSHOT",
                f"The stored state of the simulated taximeter cannot be read: {error}.",
                "Start the simulator with another directory.",
            ) from error

    # Answers.

    def _answer(self, request: Frame) -> bytes:
        command = self._commands.get(request.command)
        if self.silent or request.device_type != TAXIMETER or command is None:
            return b""
        reply = command(request.data)
        return b"" if reply is None else _frame(request.command, reply)

    def _tell_status(self, data: bytes) -> bytes | None:
        # The time is the terminal's own; whatever it is, the status stays what it is.
        return layouts.STATUS.build(self.status) if layouts.CLOCK_TIME.fits(len(data)) else None

    def _set_clock(self, data: bytes) -> bytes:
        # This meter never carries a passenger, so it is always vacant and may set its clock.
        try:
            self.clock = layouts.CLOCK_TIME.parse(data).time
        except MalformedError:
            return layouts.RESULT.build(Result(ERROR))
        return layouts.RESULT.build(Result(DONE))

    def _tell_fare(self, data: bytes) -> bytes | None:
        if not layouts.EMPTY.fits(len(data)):
            return None
        return layouts.FARE_PARAMETERS.build(self.fare)

    def _set_fare(self, data: bytes) -> bytes:
        # Without a clock, new parameters hold at once.
        try:
            fare = layouts.FARE_PARAMETERS.parse(data)
        except MalformedError:
            result = _FARE_CHECK_FAILED
        else:
            result = _FARE_SAME_VERSION if fare == self.fare else _FARE_SET
            self.fare = fare
        return layouts.FARE_SET_REPLY.build(FareSetReply(result, self.fare.enable_time))

    def _tell_trip(self, data: bytes) -> bytes | None:
        if not layouts.TRIP_REQUEST.fits(len(data)):
            return None
        trip = self.trips.get(layouts.TRIP_REQUEST.parse(data).trip_number)
        return b"" if trip is None else layouts.TRIP_RECORD.build(trip)

    def _change(self, texts: dict[str, str]) -> None:
        """Set fields of the status or of the fare, only if the whole still builds."""
        if texts.keys() <= _STATUS_TYPES.keys():
            status = replace(self.status, **_typed(_STATUS_TYPES, texts))
            layouts.STATUS.build(status)
            self.status = status
        elif texts.keys() <= _FARE_TYPES.keys():
            fare = replace(self.fare, **_typed(_FARE_TYPES, texts))
            layouts.FARE_PARAMETERS.build(fare)
            self.fare = fare
        else:
            raise UsageError(
                "METER_NO_SUCH_PARAMETER",
                f"The taximeter has no parameter {', '.join(texts)}.",
                f"Use one of: {', '.join([*_FARE_TYPES, *_STATUS_TYPES, 'software_version'])}.",
            )


def _frame(command: int, data: bytes) -> bytes:
    return encode_frame(Frame(TAXIMETER, VENDOR, command, data))


_STATUS_TYPES: dict[str, Any] = get_type_hints(MeterStatus)
_FARE_TYPES: dict[str, Any] = get_type_hints(FareParameters)
_FROM_TEXT: dict[Any, Callable[[str], Any]] = {
    int: int,
    str: str,
    bytes: bytes.fromhex,
    time: time.fromisoformat,
    datetime | None: datetime.fromisoformat,
}


def _typed(types: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    values = {}
    for name, text in texts.items():
        try:
            values[name] = _FROM_TEXT[types[name]](text)
        except ValueError as error:
            raise _bad_value(name, text) from error
    return values


def _bad_value(name: str, text: str) -> UsageError:
    return UsageError(
        "METER_BAD_VALUE",
        f"{name} cannot be {text!r}.",
        "Give a value in the field's unit: a whole number, 23:00, 2025-07-01T00:00, hex, 2.8.",
    )

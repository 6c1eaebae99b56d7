"""The looks at the taximeter on the seal's own line: questions out, answers in, nobody waits (W-1).

A look asks for the status (0000) and the fare parameters (0004); after it, a trip may be asked for
(0006). Nothing is set, and nothing answered that the meter says unasked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from sealkit.errors import MalformedError
from sealkit.meter import layouts
from sealkit.meter.bodies import ClockTime, MeterStatus
from sealkit.meter.commands import Command
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder, encode_frame
from sealkit.rules.supervision import MeterLook

_ANSWER_MS: Final = 1_000
_SILENT_AFTER: Final = 3
_SIGNED_OFF: Final = 0x01  # the bit that work states 01 and 11 share
_ANSWER_BYTES_MAX: Final = 256
_YEAR_9999: Final = 253_370_764_800  # the last year that the meter's layout can tell
_CHINA: Final = timedelta(hours=8)  # meters and terminals speak local time


class MeterChange(Enum):
    """What the last look changed."""

    ANSWERS = auto()
    SILENT = auto()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question under way: its command, when it was asked, the status that is known already, the
    trip's number."""

    command: Command
    at: int
    status: bytes = b""
    trip: int = 0


@dataclass(frozen=True, slots=True)
class TripAnswer:
    """What the meter said when asked for a trip: its record's bytes; none if it is not there."""

    number: int
    data: bytes


class MeterWatch:
    """What the seal knows of the meter. All times are ticks (ms).

    look, looked_at: the last whole look and when it was; none since the boot: None, and the tick of
    the boot. looked_before: the look before that; None: none since the boot. silent: after three
    looks without an answer. total_trips, signed_off: as the last status told.
    """

    def __init__(self, tick_ms: int) -> None:
        self.look: MeterLook | None = None
        self.looked_at = tick_ms
        self.looked_before: int | None = None
        self.silent = False
        self.total_trips = 0
        self.signed_off = False
        self._trip_answer: TripAnswer | None = None
        self._failures = 0
        self._next_look = tick_ms
        self._asked: _Asked | None = None
        self._decoder = FrameDecoder(_ANSWER_BYTES_MAX)
        self._outgoing = bytearray()

    @property
    def answers(self) -> bool:
        """Whether there has been a look and the meter has not fallen silent since."""
        return self.look is not None and not self.silent

    def poll(self, tick_ms: int, clock: int, interval_ms: int) -> MeterChange | None:
        """Asks when a look is due, gives up when no answer came. clock: seconds since 1970."""
        change = None
        if self._asked and tick_ms - self._asked.at >= min(_ANSWER_MS, interval_ms):
            looking = self._asked.command is not Command.READ_TRIP
            self._asked = None
            self._failures += looking
            if self._failures >= _SILENT_AFTER and not self.silent:
                self.silent = True
                change = MeterChange.SILENT
        if self._asked is None and tick_ms >= self._next_look:
            self._next_look = tick_ms + interval_ms
            self._ask(Command.STATUS, layouts.CLOCK_TIME.build(_local(clock)), tick_ms)
        return change

    def receive(self, data: bytes, tick_ms: int) -> MeterChange | None:
        """Takes bytes of the meter; a look that they complete becomes `look`."""
        change = None
        for frame in self._decoder.feed(data):
            asked = self._asked
            if asked is None or (frame.device_type, frame.command) != (TAXIMETER, asked.command):
                continue
            if asked.command is Command.STATUS and layouts.STATUS.fits(len(frame.data)):
                self._ask(Command.READ_FARE, b"", tick_ms, status=frame.data)
            elif asked.command is Command.READ_FARE and len(frame.data) == layouts.FARE_BYTES:
                change = self._complete(asked.status, frame.data, tick_ms) or change
            elif asked.command is Command.READ_TRIP and _may_be_trip(frame.data):
                self._trip_answer = TripAnswer(asked.trip, frame.data)
                self._asked = None
        return change

    def ask_trip(self, number: int, tick_ms: int) -> None:
        """Asks for a trip; not while another question is open."""
        if self._asked is None:
            self._ask(Command.READ_TRIP, number.to_bytes(4, "big"), tick_ms, trip=number)

    def take_trip_answer(self) -> TripAnswer | None:
        """The answer for the trip that was asked for, once."""
        answer, self._trip_answer = self._trip_answer, None
        return answer

    def take_outgoing(self) -> bytes:
        """The bytes for the meter since the last call."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def _ask(
        self, command: Command, data: bytes, tick_ms: int, status: bytes = b"", trip: int = 0
    ) -> None:
        self._asked = _Asked(command, tick_ms, status, trip)
        self._outgoing[:] = encode_frame(Frame(TAXIMETER, 0, command, data))

    def _complete(self, status: bytes, fare: bytes, tick_ms: int) -> MeterChange | None:
        try:
            told = _parse_status(status)
        except MalformedError:
            return None  # the question stays open until it is given up: the look does not count
        began = not self.answers
        self.looked_before = None if self.look is None else self.looked_at
        self.total_trips = told.total_trips
        self.signed_off = bool(told.work_state & _SIGNED_OFF)
        self.look = MeterLook(
            device=bytes.fromhex(told.device_number),
            hardware_version=told.hardware_version,
            software=bytes((told.software_main, told.software_minor)),
            plate=told.plate,
            fare=fare,
        )
        self.looked_at = tick_ms
        self.silent = False
        self._failures = 0
        self._asked = None
        return MeterChange.ANSWERS if began else None


@lru_cache(maxsize=8)
def _parse_status(data: bytes) -> MeterStatus:
    """Every look brings one, and hardly ever another one. Raises MalformedError."""
    return layouts.STATUS.parse(data)


def _may_be_trip(data: bytes) -> bool:
    return layouts.EMPTY.fits(len(data)) or layouts.TRIP_RECORD.fits(len(data))


def _local(clock: int) -> ClockTime:
    moment = datetime.fromtimestamp(min(clock, _YEAR_9999), UTC) + _CHINA
    return ClockTime(moment.replace(tzinfo=None))

"""The in-car terminal at the other end of the meter's line: it takes and acknowledges records."""

from __future__ import annotations

from typing import Final

from sealkit.errors import MalformedError
from sealkit.meter import layouts
from sealkit.meter.bodies import Result, SignedOff, TripRecord
from sealkit.meter.commands import DONE, ERROR, Command
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder, encode_frame

_TRIPS: Final = (Command.TRIP_END, Command.TRIP_AGAIN)
_SHIFTS: Final = (Command.SIGNED_OFF, Command.SIGNED_OFF_AGAIN)
_ANSWERED: Final = (*_TRIPS, *_SHIFTS, Command.TRIP_START)


class Terminal:
    """trips, shifts: the records that it was told, in the order in which they came."""

    def __init__(self) -> None:
        self.trips: list[TripRecord] = []
        self.shifts: list[SignedOff] = []
        self._decoder = FrameDecoder()

    def receive(self, data: bytes) -> bytes:
        """What the terminal says to these bytes of the meter."""
        return b"".join(map(self._answer, self._decoder.feed(data)))

    def _answer(self, frame: Frame) -> bytes:
        if frame.device_type != TAXIMETER or frame.command not in _ANSWERED:
            return b""
        try:
            self._keep(frame)
        except MalformedError:
            result = ERROR  # the meter will send it again
        else:
            result = DONE
        reply = layouts.RESULT.build(Result(result))
        return encode_frame(Frame(TAXIMETER, frame.vendor, frame.command, reply))

    def _keep(self, frame: Frame) -> None:
        if frame.command in _TRIPS:
            self.trips.append(layouts.TRIP_RECORD.parse(frame.data))
        elif frame.command in _SHIFTS:
            self.shifts.append(layouts.SIGNED_OFF.parse(frame.data))

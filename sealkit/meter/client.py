"""Asking a taximeter: status, fare parameters, trip records.

A meter also speaks without being asked (heartbeats, trips). So the client reads frames until its
reply is among them, ends no frame on silence, and gives up only at a deadline. It sets nothing in
the meter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sealkit.errors import MalformedError, SealkitError, TimedOutError
from sealkit.meter import bodies, layouts
from sealkit.meter.commands import Command
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder, encode_frame
from sealkit.transport import Deadline, Transport

# The standard's own time-out and retries are not known. The longest answer asked for, 138 bytes,
# takes 0.15 s at 9600 baud.
TIMEOUT_S = 1.0
RETRIES = 2

_READ_BYTES = 256


@dataclass(frozen=True, slots=True)
class FareReading:
    """The fare parameters and the 127 bytes that said them."""

    parameters: bodies.FareParameters
    raw: bytes


class MeterClient:
    """Asks the taximeter at the other end of a transport; each request up to 1 + retries times.

    Besides what the transport raises, every request raises TimedOutError (METER_SILENT: not a
    byte came; METER_NO_REPLY: frames came, the reply did not) or MalformedError (METER_BABBLES:
    bytes came that hold no frame; the codes of `Layout.parse`: the reply is not what it must be).
    """

    def __init__(
        self, transport: Transport, *, timeout_s: float = TIMEOUT_S, retries: int = RETRIES
    ) -> None:
        """timeout_s: for one attempt, from the request's first byte to the reply's last."""
        self._transport = transport
        self._timeout_s = timeout_s
        self._retries = retries

    def status(self, now: datetime) -> bodies.MeterStatus:
        """Command 0000. now: the asker's local time, which the request carries."""
        asked = bodies.ClockTime(now.replace(microsecond=0, tzinfo=None))
        return layouts.STATUS.parse(self._ask(Command.STATUS, layouts.CLOCK_TIME.build(asked)))

    def fare_parameters(self) -> FareReading:
        """Command 0004."""
        raw = self._ask(Command.READ_FARE, layouts.EMPTY.build(bodies.Empty()))
        return FareReading(layouts.FARE_PARAMETERS.parse(raw), raw)

    def trip_record(self, number: int) -> bodies.TripRecord | None:
        """Command 0006: the trip of that number (32 bits), None if the meter holds none."""
        asked = bodies.TripRequest(number)
        data = self._ask(Command.READ_TRIP, layouts.TRIP_REQUEST.build(asked))
        if layouts.EMPTY.fits(len(data)):
            return None
        trip = layouts.TRIP_RECORD.parse(data)
        if trip.trip_number != number:
            raise MalformedError(
                "METER_WRONG_TRIP",
                f"Asked for trip {number}, the meter gave trip {trip.trip_number}.",
                "Ask again.",
            )
        return trip

    def _ask(self, command: Command, data: bytes) -> bytes:
        """The data of the reply to a request."""
        # A terminal may not know the vendor of the meter, so the request names none.
        request = Frame(TAXIMETER, 0, command, data)
        heard_bytes = heard_frames = 0
        for _ in range(1 + self._retries):
            deadline = Deadline.after(self._timeout_s)
            decoder = FrameDecoder()
            try:
                self._transport.discard_input()
                self._transport.write(encode_frame(request), deadline)
                while not deadline.expired:
                    received = self._transport.read(_READ_BYTES, deadline)
                    heard_bytes += len(received)
                    for frame in decoder.feed(received):
                        # A line with one pair of wires echoes the request.
                        if frame == request:
                            continue
                        heard_frames += 1
                        if frame.device_type == TAXIMETER and frame.command == command:
                            return frame.data
            except TimedOutError:
                continue
        raise self._no_reply(command, heard_bytes, heard_frames)

    def _no_reply(self, command: Command, heard_bytes: int, heard_frames: int) -> SealkitError:
        asked = f"{1 + self._retries} times for {command:04X} on {self._transport.spec}"
        if heard_frames:
            return TimedOutError(
                "METER_NO_REPLY",
                f"Asked {asked}: {heard_frames} other frames came, the reply did not.",
                "Ask again with a longer time-out; a meter may not answer during a trip.",
            )
        if heard_bytes:
            return MalformedError(
                "METER_BABBLES",
                f"Asked {asked}: {heard_bytes} bytes came, no frame of a taximeter among them.",
                "Check the baud rate, and that a taximeter is on this line.",
            )
        return TimedOutError(
            "METER_SILENT",
            f"Asked {asked}: not a byte came.",
            "Check power, cable and baud rate, and that a taximeter is on this line.",
        )

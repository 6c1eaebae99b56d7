"""Asking a taximeter, as a terminal does: status, clock, fare parameters, trip records, upgrade.

A meter also speaks without being asked (heartbeats, trips). So the client reads frames until its
reply is among them, ends no frame on silence, and gives up only at a deadline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final

from sealkit.errors import MalformedError, RefusedError, SealkitError, TimedOutError
from sealkit.meter import bodies, layouts
from sealkit.meter.commands import DONE, Command
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder, encode_frame
from sealkit.meter.profiles import VendorCommand
from sealkit.meter.settings import LineSettings
from sealkit.meter.xmodem import SHORT_BLOCK, Outcome, XmodemSender, XmodemTimes, check_image
from sealkit.transport import Deadline, Transport

_READ_BYTES: Final = 256
# By one source only, new fare parameters have results of their own.
_FARE_TAKEN: Final = (0x00, 0x02, DONE)


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
    What sets something raises RefusedError METER_REFUSED when the meter does not do it.
    """

    def __init__(
        self,
        transport: Transport,
        settings: LineSettings | None = None,
        *,
        unasked: Callable[[Frame], bytes] | None = None,
    ) -> None:
        """unasked: given what the meter says by itself while a reply is awaited; what it returns
        is sent (`Terminal.answer` is made for it). Without it such frames are passed over, and a
        meter sends again what nobody acknowledged."""
        self._transport = transport
        self._settings = settings or LineSettings()
        self._unasked = unasked
        if self._settings.baud is not None:
            transport.set_baud(self._settings.baud)

    def status(self, now: datetime) -> bodies.MeterStatus:
        """Command 0000. now: the asker's local time, which the request carries."""
        return layouts.STATUS.parse(self._ask(Command.STATUS, _clock_time(now)))

    def set_clock(self, clock: Callable[[], datetime]) -> None:
        """Command 0001: the meter checks its clock and sets it, only when vacant.

        clock: tells the local time; asked for each attempt, or a second one would set the meter
        back.
        """
        data = self._ask(Command.SET_CLOCK, lambda: _clock_time(clock()))
        result = layouts.RESULT.parse(data).result
        if result != DONE:
            raise _refused("to set its clock", result, "It sets its clock only when vacant.")

    def fare_parameters(self) -> FareReading:
        """Command 0004."""
        raw = self._ask(Command.READ_FARE, layouts.EMPTY.build(bodies.Empty()))
        return FareReading(layouts.FARE_PARAMETERS.parse(raw), raw)

    def set_fare_parameters(self, parameters: bodies.FareParameters) -> bodies.FareSetReply:
        """Command 0005. A meter that holds these already has not refused (result 02)."""
        data = self._ask(Command.SET_FARE, layouts.FARE_PARAMETERS.build(parameters))
        reply = layouts.FARE_SET_REPLY.parse(data)
        if reply.result not in _FARE_TAKEN:
            raise _refused(
                "the fare parameters",
                reply.result,
                "Read what it holds now; a meter may check them, or not know the command.",
            )
        return reply

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

    def upgrade(
        self,
        version: bodies.UpgradeRequest,
        image: bytes,
        *,
        block_bytes: int = SHORT_BLOCK,
        times: XmodemTimes | None = None,
        sent: Callable[[int], None] = lambda blocks: None,
    ) -> None:
        """Command 00FF, then the image by XMODEM-CRC. The meter may be away for a while
        afterwards; only its status tells that the new software runs.

        image: 1 byte to 16 MiB. sent: told how many blocks have been sent. Raises also UsageError
        XMODEM_BAD_IMAGE and RefusedError METER_UPGRADE_BROKEN_OFF.
        """
        check_image(image, block_bytes)
        result = layouts.RESULT.parse(
            self._ask(Command.UPGRADE, layouts.UPGRADE_REQUEST.build(version))
        ).result
        if result != DONE:
            raise _refused("the upgrade", result, "Check vendor, hardware and version.")
        sender = XmodemSender(image, monotonic(), block_bytes=block_bytes, times=times)
        while sender.outcome is Outcome.RUNNING:
            try:
                came = self._transport.read(_READ_BYTES, Deadline(sender.next_due))
            except TimedOutError:
                came = b""
            if said := sender.advance(came, monotonic()):
                self._transport.write(said, Deadline.after(self._settings.timeout_s))
                sent(sender.blocks_sent)
        if sender.outcome is Outcome.FAILED:
            raise RefusedError(
                "METER_UPGRADE_BROKEN_OFF",
                f"The upgrade was broken off: {sender.reason}",
                "The meter keeps its old software; read its status, then upgrade again.",
            )

    def ask_vendor(self, command: VendorCommand, values: dict[str, str]) -> Any:
        """A command of a profile: the value of its reply, with the profile's fields.

        values: the request's fields as a person types them. Raises also UsageError
        METER_WRONG_FIELDS, METER_BAD_VALUE.
        """
        data = command.request.build(values)
        request = Frame(command.device_type, command.vendor, command.command, data)
        return command.reply.layout.parse(self._exchange(lambda: request))

    def _ask(self, command: Command, data: bytes | Callable[[], bytes]) -> bytes:
        """The data of the reply to a command of the standard. data: may be made anew for each
        attempt."""

        def request() -> Frame:
            # A terminal may not know the vendor of the meter, so the request names none.
            return Frame(TAXIMETER, 0, command, data() if callable(data) else data)

        return self._exchange(request)

    def _exchange(self, make_request: Callable[[], Frame]) -> bytes:
        heard_bytes = heard_frames = 0
        for _ in range(1 + self._settings.retries):
            deadline = Deadline.after(self._settings.timeout_s)
            decoder = FrameDecoder()
            request = make_request()
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
                        if _is_reply(frame, request):
                            return frame.data
                        if self._unasked and (said := self._unasked(frame)):
                            self._transport.write(said, deadline)
            except TimedOutError:
                continue
        raise self._no_reply(request.command, heard_bytes, heard_frames)

    def _no_reply(self, command: int, heard_bytes: int, heard_frames: int) -> SealkitError:
        asked = f"{1 + self._settings.retries} times for {command:04X} on {self._transport.spec}"
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


def _clock_time(now: datetime) -> bytes:
    return layouts.CLOCK_TIME.build(bodies.ClockTime(now.replace(microsecond=0, tzinfo=None)))


def _is_reply(frame: Frame, request: Frame) -> bool:
    """A standard request names no vendor; a maker's command means something only with its own."""
    return (frame.device_type, frame.command) == (request.device_type, request.command) and (
        request.command < 0x100 or frame.vendor == request.vendor
    )


def _refused(what: str, result: int, remedy: str) -> RefusedError:
    return RefusedError(
        "METER_REFUSED", f"The meter refuses {what} with the result {result:02X}.", remedy
    )

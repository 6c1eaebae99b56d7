"""The terminal's side of what a taximeter says by itself: it is told of shifts and trips.

A record is acknowledged only once it is safely taken, and the same record once more is
acknowledged again without being taken twice: a reply may be lost, and the meter then sends the
record again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sealkit.errors import MalformedError, SealkitError
from sealkit.meter import layouts
from sealkit.meter.bodies import (
    HeartbeatReply,
    Record,
    Result,
    SignReply,
    TripRecord,
)
from sealkit.meter.commands import DONE, ERROR, EXCHANGES, Command, Direction
from sealkit.meter.frames import MAX_DATA_BYTES, TAXIMETER, Frame, FrameDecoder, encode_frame

# Far more than a meter holds unacknowledged; only these it may send again.
_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Heard:
    """What the meter said by itself. body: a value of `bodies`, None if it was malformed. taken:
    the record is new and was taken. contradicts: a trip of this number was taken before, and its
    record was another. problem: why it was answered with an error, else empty."""

    command: Command
    body: Any
    taken: bool = False
    contradicts: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Driver:
    """Who drives, and how far: what the terminal tells the meter. plate: 6 characters at most;
    time_limit: until when the meter may work, None for ever; terminal_state: 16 bits."""

    company_licence: str
    driver_certificate: str
    plate: str
    terminal_state: int = 0
    time_limit: datetime | None = None
    count_limit: int = 0


class Terminal:
    """Answers 00E0, 00E1, 00E3, 00E4, 00E7, 00E8, 00E9, 00F1 and 00F2: bytes in, bytes out.

    A trip is known again by its number. If its record is another than before, it is taken as
    well, and told to contradict: a meter that was replaced counts anew, a record may have been
    altered, and nothing may be lost.
    """

    def __init__(
        self,
        driver: Driver,
        take: Callable[[Record], None],
        *,
        heard: Callable[[Heard], None] = lambda heard: None,
        taken: Iterable[Record] = (),
        max_data_bytes: int = MAX_DATA_BYTES,
    ) -> None:
        """take: keeps a record for good; if it raises OSError or a SealkitError the meter is told
        so, and sends the record again. heard: told of everything. taken: what was taken before,
        in its order, so that a restart doubles nothing (the last 4,096 are remembered)."""
        self.driver = driver
        self._take = take
        self._heard = heard
        self._taken: dict[Record, None] = {}
        for record in taken:
            self._remember(record)
        self._decoder = FrameDecoder(max_data_bytes)

    def receive(self, data: bytes, now: datetime) -> bytes:
        """The answers to what `data`, in pieces of any size, completes. now: local time."""
        return b"".join(self.answer(frame, now) for frame in self._decoder.feed(data))

    def answer(self, frame: Frame, now: datetime) -> bytes:
        """The answer to one frame; empty if it is nothing that a meter says by itself."""
        if frame.device_type != TAXIMETER or frame.command not in EXCHANGES:
            return b""
        command = Command(frame.command)
        exchange = EXCHANGES[command]
        if exchange.request_direction is not Direction.FROM_METER:
            return b""
        # Our own answers, echoed by a line of one pair of wires.
        if any(reply.fits(len(frame.data)) for reply in exchange.replies or (layouts.RESULT,)):
            return b""
        try:
            body = exchange.request.parse(frame.data)
        except MalformedError as error:
            self._heard(Heard(command, None, problem=str(error)))
            # Without it a meter would send the same bytes until its store is full.
            reply = layouts.RESULT.build(Result(ERROR)) if _is_told(command) else b""
        else:
            reply = self._answered(command, body, now)
        # The reply names the meter's maker as the meter does.
        return encode_frame(Frame(TAXIMETER, frame.vendor, command, reply)) if reply else b""

    def _answered(self, command: Command, body: Any, now: datetime) -> bytes:
        if isinstance(body, Record):
            return self._kept(command, body)
        self._heard(Heard(command, body))
        if command in (Command.SIGN_ON, Command.SIGN_OFF):
            return layouts.SIGN_REPLY.build(self._sign_reply(now))
        if command is Command.HEARTBEAT:
            driver = self.driver
            return layouts.HEARTBEAT_REPLY.build(
                HeartbeatReply(driver.terminal_state, driver.time_limit, driver.count_limit)
            )
        # The reply to 00E1 is not known; the general result is what all other news get.
        return layouts.RESULT.build(Result(DONE))

    def _kept(self, command: Command, record: Record) -> bytes:
        taken, problem = False, ""
        contradicts = self._contradicts(record)
        if record not in self._taken:
            try:
                self._take(record)
                self._remember(record)
                taken = True
            except (SealkitError, OSError) as error:
                problem = str(error)
        self._heard(Heard(command, record, taken, contradicts, problem))
        return layouts.RESULT.build(Result(ERROR if problem else DONE))

    def _contradicts(self, record: Record) -> bool:
        return isinstance(record, TripRecord) and any(
            isinstance(other, TripRecord)
            and other.trip_number == record.trip_number
            and other != record
            for other in self._taken
        )

    def _remember(self, record: Record) -> None:
        self._taken[record] = None
        if len(self._taken) > _REMEMBERED:
            del self._taken[next(iter(self._taken))]

    def _sign_reply(self, now: datetime) -> SignReply:
        driver = self.driver
        return SignReply(
            driver.company_licence,
            driver.driver_certificate,
            driver.plate,
            now.replace(second=0, microsecond=0, tzinfo=None),
            driver.terminal_state,
            driver.time_limit,
            driver.count_limit,
            DONE,
        )


def _is_told(command: Command) -> bool:
    """Whether the reply is a general result, so that an error can be told."""
    return layouts.RESULT in EXCHANGES[command].replies

"""The meter's side of what it says by itself: news to the terminal, told until acknowledged.

Trip and shift records are sent, one at a time, until the terminal has taken them; other news,
which are soon stale, before them and a few times only; a heartbeat every few seconds. A pure state
machine: whoever runs it sends what `due` returns, calls it again when `next_due` has passed, and
gives `take` the frames that come. Times are in seconds of any clock that only rises.

A reply repeats only the command, it does not say which record it acknowledges. So after each
acknowledgement the line is given time for answers that come late or twice, or they would be taken
for those to the next record, and that one would be lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sealkit.errors import MalformedError
from sealkit.meter import layouts
from sealkit.meter.bodies import (
    ClockTime,
    Heartbeat,
    HeartbeatReply,
    Record,
    SignedOff,
    SignedOn,
    SignReply,
    SignRequest,
    TripRecord,
)
from sealkit.meter.commands import DONE, EXCHANGES, Command
from sealkit.meter.frames import TAXIMETER, Frame, encode_frame

_AGAIN: Final = {
    Command.TRIP_END: Command.TRIP_AGAIN,
    Command.SIGNED_OFF: Command.SIGNED_OFF_AGAIN,
}


@dataclass(frozen=True, slots=True)
class ReportTimes:
    """Seconds. The standard says only that of the heartbeat.

    reply_s: how long an answer may take; also how long nothing new is sent after one.
    news_tries: how often what need not be kept is sent.
    """

    heartbeat_s: float = 5.0
    reply_s: float = 1.0
    news_tries: int = 3


@dataclass(slots=True)
class _Report:
    """What waits to be told; what was told last is the first of its queue until it is answered.
    record: kept until it is acknowledged."""

    command: Command
    data: bytes
    record: Record | None = None
    tries: int = 0


class MeterReporter:
    """Tells the terminal what happens. What is called takes effect at the next `due`."""

    def __init__(
        self,
        heartbeat: Callable[[], Heartbeat],
        *,
        vendor: int = 0,
        times: ReportTimes | None = None,
        unacknowledged: Iterable[Record] = (),
    ) -> None:
        """heartbeat: the meter's state now. unacknowledged: what was kept over a restart; it is
        sent as sent again."""
        self._heartbeat = heartbeat
        self._vendor = vendor
        self._times = times or ReportTimes()
        self._news: deque[_Report] = deque()
        self._records = deque(_report_of(record, tries=1) for record in unacknowledged)
        self._told: _Report | None = None  # whose answer is awaited
        self._told_as: Command | None = None
        self._next_report = float("-inf")
        self._next_heartbeat = float("-inf")

    # What happens in the meter.

    def sign_on(self) -> None:
        """The driver asks to sign on (00E0); the answer comes out of `take`."""
        self._add(Command.SIGN_ON, layouts.SIGN_REQUEST.build(SignRequest(DONE)))

    def signed_on(self, signed_on: SignedOn) -> None:
        """00E1, sent once: what its answer looks like is not known."""
        self._add(Command.SIGNED_ON, layouts.SIGNED_ON.build(signed_on))

    def sign_off(self) -> None:
        """The driver asks to sign off (00E3); the answer comes out of `take`."""
        self._add(Command.SIGN_OFF, layouts.SIGN_REQUEST.build(SignRequest(DONE)))

    def signed_off(self, record: SignedOff) -> None:
        """00E4, then 00F1 until it is acknowledged."""
        self._records.append(_report_of(record))

    def trip_started(self, at: datetime) -> None:
        """00E7."""
        self._add(Command.TRIP_START, layouts.CLOCK_TIME.build(ClockTime(at)))

    def trip_ended(self, record: TripRecord) -> None:
        """00E8, then 00F2 until it is acknowledged."""
        self._records.append(_report_of(record))

    @property
    def unacknowledged(self) -> tuple[Record, ...]:
        """What must be kept over a restart, in the order of sending."""
        return tuple(report.record for report in self._records if report.record is not None)

    # The line.

    @property
    def next_due(self) -> float:
        """When `due` has something to send, or to give up, at the latest."""
        if self._news or self._records:
            return min(self._next_heartbeat, self._next_report)
        return self._next_heartbeat

    def due(self, now: float) -> bytes:
        """The frames to send at `now`; empty if there are none."""
        said = b""
        if now >= self._next_heartbeat:
            self._next_heartbeat = now + self._times.heartbeat_s
            said += self._frame(Command.HEARTBEAT, layouts.HEARTBEAT.build(self._heartbeat()))
        if now >= self._next_report:
            self._told = None
            while self._news and self._is_stale(self._news[0]):
                self._news.popleft()
            if waiting := self._news or self._records:
                self._next_report = now + self._times.reply_s
                said += self._tell(waiting[0])
        return said

    def take(self, frame: Frame, now: float) -> SignReply | HeartbeatReply | None:
        """What the terminal answered, if it is more than a result. Frames that are no answers to
        what was told, or not as they must be, change nothing."""
        if frame.device_type != TAXIMETER:
            return None
        try:
            if frame.command == Command.HEARTBEAT:
                return layouts.HEARTBEAT_REPLY.parse(frame.data)
            if self._told is None or frame.command != self._told_as:
                return None
            reply = EXCHANGES[self._told_as].replies[0].parse(frame.data)
        except MalformedError:
            return None
        told, self._told = self._told, None
        self._next_report = now + self._times.reply_s
        if told.record is None:
            self._news.popleft()
            return reply if isinstance(reply, SignReply) else None
        self._records.popleft()
        if reply.result != DONE:
            # It stays; but what the terminal cannot take must not hold up the rest.
            self._records.append(told)
        return None

    def _add(self, command: Command, data: bytes) -> None:
        self._news.append(_Report(command, data))

    def _tell(self, report: _Report) -> bytes:
        command = report.command
        if report.record is not None and report.tries:
            command = _AGAIN[command]
        report.tries += 1
        if EXCHANGES[command].replies:
            self._told, self._told_as = report, command
        return self._frame(command, report.data)

    def _is_stale(self, news: _Report) -> bool:
        tries = self._times.news_tries if EXCHANGES[news.command].replies else 1
        return news.tries >= tries

    def _frame(self, command: Command, data: bytes) -> bytes:
        return encode_frame(Frame(TAXIMETER, self._vendor, command, data))


def _report_of(record: Record, tries: int = 0) -> _Report:
    if isinstance(record, TripRecord):
        return _Report(Command.TRIP_END, layouts.TRIP_RECORD.build(record), record, tries)
    return _Report(Command.SIGNED_OFF, layouts.SIGNED_OFF.build(record), record, tries)

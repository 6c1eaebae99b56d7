"""A day of a meter and a terminal over a real pseudo-terminal whose line makes faults.

One thread and a virtual clock: what one end sends is carried over the port and heard by the other
before the clock goes on, so the same seed gives the same day.
"""

from __future__ import annotations

import os
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random

import pytest
from support.meter_records import DRIVER, LICENCE, MORNING, PLATE, shift, signed_on, trip

from sealkit.errors import SealkitError
from sealkit.meter.bodies import Heartbeat, HeartbeatReply, Record, SignedOff, SignReply, TripRecord
from sealkit.meter.commands import Command
from sealkit.meter.frames import FrameDecoder
from sealkit.meter.reporter import MeterReporter
from sealkit.meter.terminal import Driver, Heard, Terminal
from sealkit.transport import Deadline, Transport, open_transport

SHIFTS = 3
TRIPS_PER_SHIFT = 130
SHIFT_S = 8 * 3600.0
# The check byte finds every single fault of a frame, but of two every eighth or so may cancel out.
# So the line spoils a byte, then none for as long as the longest frame is.
CLEAN_BYTES = 110


class Faults:
    """Loses, flips or doubles a byte now and then, and at times cuts off all that follows."""

    def __init__(self, seed: int, rate: float) -> None:
        self._random = Random(seed)
        self._rate = rate
        self._clean = 0
        self.made = 0

    def __call__(self, data: bytes) -> bytes:
        passed = bytearray()
        for byte in data:
            if self._clean:
                self._clean -= 1
                passed.append(byte)
                continue
            if self._random.random() >= self._rate:
                passed.append(byte)
                continue
            self.made += 1
            self._clean = CLEAN_BYTES
            match self._random.randrange(4):
                case 0:
                    pass
                case 1:
                    passed.append(byte ^ 1 << self._random.randrange(8))
                case 2:
                    passed += bytes([byte, byte])
                case 3:
                    return bytes(passed)
        return bytes(passed)


@contextmanager
def port() -> Iterator[tuple[int, Transport]]:
    """A pseudo-terminal: the meter's end, and the terminal's, opened by pyserial."""
    meters, terminals = os.openpty()
    try:
        tty.setraw(terminals)
        with open_transport(f"serial:{os.ttyname(terminals)}?baud=9600") as line:
            yield meters, line
    finally:
        os.close(meters)
        os.close(terminals)


def carry_to_terminal(meters: int, line: Transport, data: bytes) -> bytes:
    os.write(meters, data)
    came = b""
    while len(came) < len(data):
        came += line.read(4096, Deadline.after(10))
    return came


def carry_to_meter(line: Transport, meters: int, data: bytes) -> bytes:
    line.write(data, Deadline.after(10))
    came = b""
    while len(came) < len(data):
        came += os.read(meters, 4096)
    return came


class Taxi:
    """A meter's day: what happens when, and what it tells of it."""

    def __init__(self) -> None:
        self.reporter = MeterReporter(lambda: Heartbeat(0b10, LICENCE, DRIVER), vendor=0x11)
        self.decoder = FrameDecoder()
        self.ended: list[Record] = []
        self.answers: list[SignReply | HeartbeatReply] = []

    def happenings(self) -> Iterator[tuple[float, Callable[[], None]]]:
        number = 0
        for start in (SHIFT_S * index for index in range(SHIFTS)):
            on = MORNING + timedelta(seconds=start)
            yield start, self.reporter.sign_on
            yield (
                start + 10,
                lambda on=on, number=number: self.reporter.signed_on(signed_on(number, on)),
            )
            for index in range(TRIPS_PER_SHIFT):
                number += 1
                begins = start + 60 + index * 200.0
                at = MORNING + timedelta(seconds=begins)
                yield begins, lambda at=at: self.reporter.trip_started(at)
                yield begins + 150, lambda at=at, number=number: self._trip_ended(trip(number, at))
            yield start + SHIFT_S - 60, self.reporter.sign_off
            off = on + timedelta(seconds=SHIFT_S - 50)
            yield (
                start + SHIFT_S - 50,
                lambda on=on, off=off, number=number: self._signed_off(shift(number, on, off)),
            )

    def hear(self, data: bytes, now: float) -> None:
        for frame in self.decoder.feed(data):
            if answer := self.reporter.take(frame, now):
                self.answers.append(answer)

    def restart(self) -> None:
        """The power is cut: what was not acknowledged is in its store."""
        self.reporter = MeterReporter(
            lambda: Heartbeat(0b10, LICENCE, DRIVER),
            vendor=0x11,
            unacknowledged=self.reporter.unacknowledged,
        )

    def _trip_ended(self, record: TripRecord) -> None:
        self.ended.append(record)
        self.reporter.trip_ended(record)

    def _signed_off(self, record: SignedOff) -> None:
        self.ended.append(record)
        self.reporter.signed_off(record)


class Desk:
    """A terminal whose store fails now and then, and which is started anew now and then."""

    def __init__(self, seed: int) -> None:
        self.kept: list[Record] = []
        self.heard: list[Heard] = []
        self._random = Random(seed)
        self.restart()

    def restart(self) -> None:
        self.terminal = Terminal(
            Driver(LICENCE, DRIVER, PLATE), self._keep, heard=self.heard.append, taken=self.kept
        )

    def _keep(self, record: Record) -> None:
        if self._random.random() < 0.02:
            raise SealkitError("STORE_BUSY", "The store is busy.")
        self.kept.append(record)


def drive(seed: int, rate: float) -> tuple[Taxi, Desk, int]:
    taxi, desk = Taxi(), Desk(seed)
    forth, back, restarts = Faults(seed, rate), Faults(seed + 1, rate), Random(seed)
    happenings = iter(taxi.happenings())
    following = next(happenings, None)
    now, end = 0.0, SHIFTS * SHIFT_S + 600
    with port() as (meters, line):
        while now < end:
            while following and following[0] <= now:
                following[1]()
                following = next(happenings, None)
            said = forth(taxi.reporter.due(now))
            came = carry_to_terminal(meters, line, said)
            answer = back(desk.terminal.receive(came, MORNING + timedelta(seconds=now)))
            # The answer takes a while; then the meter hears it.
            now += 0.2
            taxi.hear(carry_to_meter(line, meters, answer), now)
            if restarts.random() < 0.002:
                taxi.restart()
                desk.restart()
            due = taxi.reporter.next_due
            now = max(now, min(due, following[0]) if following else due)
    return taxi, desk, forth.made + back.made


@pytest.mark.parametrize(("seed", "rate"), [(1, 0.0), (2, 0.002), (3, 0.004)])
def test_no_trip_and_no_shift_is_lost_or_doubled(seed: int, rate: float) -> None:
    taxi, desk, faults = drive(seed, rate)
    assert len(taxi.ended) == SHIFTS * (TRIPS_PER_SHIFT + 1)
    assert taxi.reporter.unacknowledged == ()
    assert len(desk.kept) == len(set(desk.kept))
    assert set(desk.kept) == set(taxi.ended)
    assert not any(heard.contradicts for heard in desk.heard)
    if rate:
        # The line was bad enough to matter: records came again, and some had been taken already.
        again = [heard for heard in desk.heard if heard.command is Command.TRIP_AGAIN]
        assert faults > 100
        assert again
        assert any(not heard.taken and not heard.problem for heard in again)
    beats = [heard for heard in desk.heard if heard.command is Command.HEARTBEAT]
    assert len(beats) > 0.8 * SHIFTS * SHIFT_S / 5 * (1 if not rate else 0.8)

"""What a meter tells, when, and until when, on a virtual clock."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.meter_records import DRIVER, LICENCE, PLATE, shift, signed_on, trip

from sealkit.meter import layouts
from sealkit.meter.bodies import Heartbeat, HeartbeatReply, SignReply
from sealkit.meter.commands import Command
from sealkit.meter.frames import Frame, FrameDecoder
from sealkit.meter.reporter import MeterReporter, ReportTimes

BEAT = Heartbeat(0b10, LICENCE, DRIVER)
# Heartbeats are tested by themselves.
QUIET = ReportTimes(heartbeat_s=1e9)


def reporter(**settings: object) -> MeterReporter:
    made = MeterReporter(lambda: BEAT, times=QUIET, **settings)  # type: ignore[arg-type]
    made.due(0)
    return made


def told(reporter: MeterReporter, now: float) -> list[tuple[int, bytes]]:
    return [(frame.command, frame.data) for frame in FrameDecoder().feed(reporter.due(now))]


def commands(reporter: MeterReporter, now: float) -> list[int]:
    return [command for command, _ in told(reporter, now)]


def result(command: int, value: int = 0x90) -> Frame:
    return Frame(2, 0, command, bytes([value]))


def test_a_heartbeat_every_five_seconds() -> None:
    meter = MeterReporter(lambda: BEAT, vendor=0x11)
    (frame,) = FrameDecoder().feed(meter.due(100))
    assert frame == Frame(2, 0x11, Command.HEARTBEAT, layouts.HEARTBEAT.build(BEAT))
    assert meter.next_due == 105
    assert meter.due(104.9) == b""
    assert meter.due(105)


@pytest.mark.parametrize("reserved", [b"\0", b"\0\0", b"\0\0\0"])
def test_answers_to_heartbeats_of_every_length_met(reserved: bytes) -> None:
    reply = HeartbeatReply(1, datetime(2025, 7, 1, 6), 9, reserved)
    frame = Frame(2, 0, Command.HEARTBEAT, layouts.HEARTBEAT_REPLY.build(reply))
    assert len(frame.data) in (9, 10, 11)
    assert reporter().take(frame, 1) == reply


def test_a_trip_is_sent_until_it_is_acknowledged() -> None:
    meter = reporter()
    meter.trip_ended(trip(7))
    data = layouts.TRIP_RECORD.build(trip(7))
    assert told(meter, 10) == [(Command.TRIP_END, data)]
    assert told(meter, 10.9) == []
    assert meter.next_due == 11
    assert told(meter, 11) == [(Command.TRIP_AGAIN, data)]
    assert meter.unacknowledged == (trip(7),)
    meter.take(result(Command.TRIP_AGAIN), 11.5)
    assert meter.unacknowledged == ()
    assert told(meter, 100) == []


def test_a_shift_alike() -> None:
    meter = reporter()
    meter.signed_off(shift(100))
    assert commands(meter, 1) == [Command.SIGNED_OFF]
    assert commands(meter, 2) == [Command.SIGNED_OFF_AGAIN]
    meter.take(result(Command.SIGNED_OFF_AGAIN), 2)
    assert meter.unacknowledged == ()


def test_an_answer_that_comes_twice_acknowledges_one_trip() -> None:
    meter = reporter()
    meter.trip_ended(trip(1))
    meter.trip_ended(trip(2))
    meter.due(1)
    for late in (1.1, 1.2, 1.9):
        meter.take(result(Command.TRIP_END), late)
    assert meter.unacknowledged == (trip(2),)
    assert commands(meter, 2.0) == []  # the time after an answer is quiet
    assert commands(meter, 2.1) == [Command.TRIP_END]


def test_an_answer_to_the_first_sending_does_not_count_for_the_second() -> None:
    meter = reporter()
    meter.trip_ended(trip(1))
    meter.due(1)
    meter.due(2)
    meter.take(result(Command.TRIP_END), 2.1)
    assert meter.unacknowledged == (trip(1),)


@pytest.mark.parametrize(
    "frame",
    [
        result(Command.SIGNED_OFF),
        Frame(3, 0, Command.TRIP_END, b"\x90"),
        Frame(2, 0, Command.TRIP_END, b"\x90\x90"),
        Frame(2, 0, Command.TRIP_END, layouts.TRIP_RECORD.build(trip(1))),
        Frame(2, 0, Command.STATUS, bytes(7)),
        Frame(2, 0, 0x1234, b""),
    ],
)
def test_what_is_no_answer_acknowledges_nothing(frame: Frame) -> None:
    meter = reporter()
    meter.take(frame, 0)
    meter.trip_ended(trip(1))
    meter.due(1)
    meter.take(frame, 1)
    assert meter.unacknowledged == (trip(1),)


def test_a_trip_that_the_terminal_cannot_take_lets_the_others_pass() -> None:
    meter = reporter()
    meter.trip_ended(trip(1))
    meter.trip_ended(trip(2))
    meter.due(1)
    meter.take(result(Command.TRIP_END, 0xFF), 1.5)
    assert meter.unacknowledged == (trip(2), trip(1))
    assert told(meter, 3) == [(Command.TRIP_END, layouts.TRIP_RECORD.build(trip(2)))]
    meter.take(result(Command.TRIP_END), 3)
    assert told(meter, 4) == [(Command.TRIP_AGAIN, layouts.TRIP_RECORD.build(trip(1)))]


def test_after_a_restart_all_is_sent_again() -> None:
    meter = reporter(unacknowledged=(trip(1), shift(5)))
    # The first was sent at once, in `reporter`.
    assert commands(meter, 1) == [Command.TRIP_AGAIN]
    meter.take(result(Command.TRIP_AGAIN), 1)
    assert commands(meter, 2) == [Command.SIGNED_OFF_AGAIN]


def test_news_are_told_three_times_and_before_records() -> None:
    meter = reporter()
    meter.trip_ended(trip(1))
    meter.trip_started(datetime(2025, 6, 3, 8, 0))
    meter.signed_on(signed_on(9))
    assert [commands(meter, second) for second in range(1, 7)] == [
        [Command.TRIP_START],
        [Command.TRIP_START],
        [Command.TRIP_START],
        [Command.SIGNED_ON],
        [Command.TRIP_END],
        [Command.TRIP_AGAIN],
    ]


def test_news_are_told_once_if_they_are_heard() -> None:
    meter = reporter()
    meter.trip_started(datetime(2025, 6, 3, 8, 0))
    meter.due(1)
    assert meter.take(result(Command.TRIP_START), 1) is None
    assert commands(meter, 10) == []


@pytest.mark.parametrize("command", [Command.SIGN_ON, Command.SIGN_OFF])
def test_the_answer_to_a_driver_comes_out(command: Command) -> None:
    meter = reporter()
    (meter.sign_on if command is Command.SIGN_ON else meter.sign_off)()
    assert told(meter, 1) == [(command, b"\x90")]
    answer = SignReply(LICENCE, DRIVER, PLATE, datetime(2025, 6, 3, 8), 0, None, 0, 0x90)
    assert meter.take(Frame(2, 0, command, layouts.SIGN_REPLY.build(answer)), 1) == answer
    assert commands(meter, 10) == []


@given(st.lists(st.sampled_from(["trip", "start", "due", "done", "refused"]), max_size=60))
def test_a_record_leaves_only_by_an_acknowledgement(steps: list[str]) -> None:
    meter, ended, acknowledged, last, now = reporter(), 0, 0, None, 0.0
    for step in steps:
        now += 0.6
        if step == "trip":
            ended += 1
            meter.trip_ended(trip(ended))
        elif step == "start":
            meter.trip_started(datetime(2025, 6, 3, 8))
        elif step == "due":
            last = commands(meter, now)[-1:] or last
        elif last:
            before = len(meter.unacknowledged)
            meter.take(result(last[0], 0x90 if step == "done" else 0xFF), now)
            gone = before - len(meter.unacknowledged)
            assert gone in ((0, 1) if step == "done" else (0,))
            acknowledged += gone
            last = None
        assert len(meter.unacknowledged) == ended - acknowledged

"""The terminal's answers, byte by byte, and that no record is acknowledged before it is safe."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.meter_records import DRIVER, LICENCE, PLATE, shift, signed_on, trip

from sealkit.errors import SealkitError
from sealkit.meter import layouts
from sealkit.meter.bodies import Heartbeat, Record
from sealkit.meter.commands import Command
from sealkit.meter.frames import Frame, FrameDecoder, encode_frame
from sealkit.meter.terminal import Driver, Heard, Terminal

NOW = datetime(2025, 6, 3, 12, 34, 56, 789)
LIMIT = datetime(2025, 7, 1, 6)
TRIP = layouts.TRIP_RECORD.build(trip(7))
SHIFT = layouts.SIGNED_OFF.build(shift(100))


class Desk:
    """A terminal, what it took and what it heard."""

    def __init__(self, taken: tuple[Record, ...] = (), failure: Exception | None = None) -> None:
        self.taken: list[Record] = []
        self.heard: list[Heard] = []
        self.failure = failure
        self.terminal = Terminal(
            Driver(LICENCE, DRIVER, PLATE, 0x0102, LIMIT, 45),
            self._take,
            heard=self.heard.append,
            taken=taken,
        )

    def _take(self, record: Record) -> None:
        if self.failure:
            raise self.failure
        self.taken.append(record)

    def tell(self, command: int, data: bytes, vendor: int = 0x11) -> str:
        """The data of the answer, in hex."""
        said = self.terminal.receive(encode_frame(Frame(2, vendor, command, data)), NOW)
        if not said:
            return ""
        (frame,) = FrameDecoder().feed(said)
        assert (frame.device_type, frame.vendor, frame.command) == (2, vendor, command)
        return frame.data.hex()


@pytest.mark.parametrize("command", [Command.SIGN_ON, Command.SIGN_OFF])
def test_a_driver_who_signs_on_or_off_is_answered_with_t4(command: Command) -> None:
    assert (
        Desk().tell(command, b"\x90")
        == (
            LICENCE.encode().ljust(16, b"\0")
            + DRIVER.encode().ljust(19, b"\0")
            + PLATE.encode()
            + bytes.fromhex("202506031234 0102 2025070106 0045 90")
        ).hex()
    )


def test_a_heartbeat_is_answered_with_ten_bytes() -> None:
    desk = Desk()
    beat = Heartbeat(0b11, LICENCE, DRIVER)
    answer = desk.tell(Command.HEARTBEAT, layouts.HEARTBEAT.build(beat))
    assert answer == "0102 2025070106 2D 0000".replace(" ", "").lower()
    assert desk.heard == [Heard(Command.HEARTBEAT, beat)]


@pytest.mark.parametrize(
    ("command", "data"),
    [
        (Command.SIGNED_ON, layouts.SIGNED_ON.build(signed_on(99))),
        (Command.TRIP_START, bytes.fromhex("20250603123400")),
    ],
)
def test_news_are_done(command: Command, data: bytes) -> None:
    desk = Desk()
    assert desk.tell(command, data) == "90"
    assert [heard.command for heard in desk.heard] == [command]


@pytest.mark.parametrize(
    ("commands", "data", "record"),
    [
        ((Command.TRIP_END, Command.TRIP_AGAIN), TRIP, trip(7)),
        ((Command.SIGNED_OFF, Command.SIGNED_OFF_AGAIN), SHIFT, shift(100)),
    ],
)
def test_a_record_is_taken_once_and_acknowledged_each_time(
    commands: tuple[Command, Command], data: bytes, record: Record
) -> None:
    desk = Desk()
    first, again = commands
    assert [desk.tell(command, data) for command in (first, first, again)] == ["90"] * 3
    assert desk.taken == [record]
    assert [heard.taken for heard in desk.heard] == [True, False, False]


def test_what_was_taken_before_a_restart_is_not_taken_twice() -> None:
    desk = Desk(taken=(trip(7), shift(100)))
    assert desk.tell(Command.TRIP_AGAIN, TRIP) == "90"
    assert desk.tell(Command.SIGNED_OFF_AGAIN, SHIFT) == "90"
    assert desk.taken == []


def test_another_record_of_a_known_number_is_kept_too() -> None:
    desk, other = Desk(), replace(trip(7), amount_fen=100)
    desk.tell(Command.TRIP_END, TRIP)
    assert desk.tell(Command.TRIP_END, layouts.TRIP_RECORD.build(other)) == "90"
    assert desk.taken == [trip(7), other]
    assert [heard.contradicts for heard in desk.heard] == [False, True]


@pytest.mark.parametrize("failure", [OSError(28, "disk full"), SealkitError("LEDGER", "closed")])
def test_a_record_that_could_not_be_kept_is_not_acknowledged(failure: Exception) -> None:
    desk = Desk(failure=failure)
    assert desk.tell(Command.TRIP_END, TRIP) == "ff"
    assert desk.heard[0].problem == str(failure)
    desk.failure = None
    assert desk.tell(Command.TRIP_AGAIN, TRIP) == "90"
    assert desk.taken == [trip(7)]


def test_a_mistake_of_the_program_is_not_acknowledged_either() -> None:
    desk = Desk(failure=KeyError("trip"))
    with pytest.raises(KeyError):
        desk.tell(Command.TRIP_END, TRIP)
    desk.failure = None
    assert desk.tell(Command.TRIP_AGAIN, TRIP) == "90"
    assert desk.taken == [trip(7)]


BAD_TIME = bytes.fromhex("2502302500")  # 30 February, hour 25


@pytest.mark.parametrize(
    ("command", "data", "code"),
    [
        (Command.TRIP_END, TRIP[:65], "METER_BAD_LENGTH"),
        (Command.TRIP_END, TRIP[:41] + BAD_TIME + TRIP[46:], "METER_BAD_TIME"),
        (Command.TRIP_END, TRIP[:58] + b"\0\0\xa0" + TRIP[61:], "METER_NOT_BCD"),
        (Command.SIGNED_OFF, SHIFT + b"\0", "METER_BAD_LENGTH"),
        (Command.SIGNED_OFF, SHIFT[:-1], "METER_BAD_LENGTH"),
        (Command.TRIP_START, bytes.fromhex("20250230120000"), "METER_BAD_TIME"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(command: Command, data: bytes, code: str) -> None:
    desk = Desk()
    assert desk.tell(command, data) == "ff"
    assert desk.taken == []
    assert desk.heard[0].body is None
    assert desk.heard[0].problem.startswith(code)


def test_a_heartbeat_that_makes_no_sense_is_not_answered() -> None:
    desk = Desk()
    assert desk.tell(Command.HEARTBEAT, bytes(35)) == ""
    assert desk.heard[0].problem.startswith("METER_BAD_LENGTH")


@pytest.mark.parametrize(
    ("command", "data"),
    [
        (Command.STATUS, bytes(55)),  # an answer to somebody who asks
        (Command.READ_FARE, b""),  # another terminal asks
        (Command.TRIP_END, b"\x90"),  # our own answers, echoed
        (Command.SIGNED_ON, b"\x90"),
        (Command.HEARTBEAT, bytes(10)),
        (Command.SIGN_ON, bytes(57)),
        (0x1001, b"\x01"),
    ],
)
def test_what_no_meter_says_by_itself_is_not_answered(command: int, data: bytes) -> None:
    desk = Desk()
    assert desk.tell(command, data) == ""
    assert desk.heard == []


def test_another_device_is_not_answered() -> None:
    frame = encode_frame(Frame(3, 0x11, Command.TRIP_END, TRIP))
    assert Desk().terminal.receive(frame, NOW) == b""


@given(st.lists(st.integers(1, 200), max_size=8), st.binary(max_size=30))
def test_length_alone_ends_a_frame(cuts: list[int], noise: bytes) -> None:
    """Also where city data hold whole frames, in pieces of any size."""
    city_data = bytes.fromhex("55AA") + encode_frame(Frame(2, 0, 0x00E8, TRIP)) + b"\x55\xaa\x55"
    desk = Desk()
    data = encode_frame(
        Frame(2, 1, Command.TRIP_END, layouts.TRIP_RECORD.build(trip(9, city_data=city_data)))
    )
    said = b""
    for cut in cuts:
        said += desk.terminal.receive(data[:cut], NOW)
        data = data[cut:]
    said += desk.terminal.receive(data + noise, NOW)
    assert [record.trip_number for record in desk.taken] == [9]  # type: ignore[union-attr]
    assert said == encode_frame(Frame(2, 1, Command.TRIP_END, b"\x90"))


@given(st.binary(max_size=400), st.sampled_from(list(Command)))
def test_any_data_is_answered_or_not_and_never_fails(data: bytes, command: Command) -> None:
    Desk().terminal.receive(encode_frame(Frame(2, 0, command, data)), NOW)


def test_it_remembers_no_more_than_it_must() -> None:
    desk = Desk(taken=tuple(trip(number) for number in range(1, 5000)))
    assert desk.tell(Command.TRIP_AGAIN, layouts.TRIP_RECORD.build(trip(4999))) == "90"
    assert desk.taken == []
    desk.tell(Command.TRIP_AGAIN, layouts.TRIP_RECORD.build(trip(1)))
    assert desk.taken == [trip(1)]

"""The standard commands: who asks, with what, and what is answered.

A reply repeats the command of its request, so only the number of data bytes tells the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

from sealkit.errors import MalformedError
from sealkit.meter import layouts
from sealkit.meter.fields import Layout

DONE = 0x90
ERROR = 0xFF


class Command(IntEnum):
    """The commands of the standard."""

    STATUS = 0x0000
    SET_CLOCK = 0x0001
    READ_FARE = 0x0004
    SET_FARE = 0x0005
    READ_TRIP = 0x0006
    SIGN_ON = 0x00E0
    SIGNED_ON = 0x00E1
    SIGN_OFF = 0x00E3
    SIGNED_OFF = 0x00E4
    TRIP_START = 0x00E7
    TRIP_END = 0x00E8
    HEARTBEAT = 0x00E9
    SIGNED_OFF_AGAIN = 0x00F1
    TRIP_AGAIN = 0x00F2
    UPGRADE = 0x00FF


class Direction(Enum):
    """Which way a frame goes."""

    TO_METER = "terminal_to_meter"
    FROM_METER = "meter_to_terminal"

    @property
    def back(self) -> Direction:
        return Direction.FROM_METER if self is Direction.TO_METER else Direction.TO_METER


@dataclass(frozen=True, slots=True)
class Exchange:
    """A command's request and its possible replies (none: nobody could tell us the layout)."""

    meaning: str
    request_direction: Direction
    request: Layout[Any]
    replies: tuple[Layout[Any], ...]

    def identify(self, data: bytes) -> tuple[Direction, Layout[Any]] | None:
        """The direction and layout of a body, by its size; None if the reply's is unknown.

        Raises MalformedError METER_BAD_LENGTH if the command has no body of this size.
        """
        if self.request.fits(len(data)):
            return self.request_direction, self.request
        for reply in self.replies:
            if reply.fits(len(data)):
                return self.request_direction.back, reply
        if not self.replies:
            return None
        raise MalformedError(
            "METER_BAD_LENGTH",
            f"{len(data)} data bytes are neither a request nor a reply of: {self.meaning}.",
            "Record the frame again; if it stays so, the device does not keep to JT/T 905.2.",
        )


def _asked_by_terminal(meaning: str, request: Layout[Any], *replies: Layout[Any]) -> Exchange:
    return Exchange(meaning, Direction.TO_METER, request, replies)


def _told_by_meter(meaning: str, request: Layout[Any], *replies: Layout[Any]) -> Exchange:
    return Exchange(meaning, Direction.FROM_METER, request, replies)


EXCHANGES = {
    Command.STATUS: _asked_by_terminal("status", layouts.CLOCK_TIME, layouts.STATUS),
    Command.SET_CLOCK: _asked_by_terminal(
        "check and set the clock", layouts.CLOCK_TIME, layouts.RESULT
    ),
    Command.READ_FARE: _asked_by_terminal(
        "read the fare parameters", layouts.EMPTY, layouts.FARE_PARAMETERS
    ),
    Command.SET_FARE: _asked_by_terminal(
        "set the fare parameters", layouts.FARE_PARAMETERS, layouts.FARE_SET_REPLY
    ),
    Command.READ_TRIP: _asked_by_terminal(
        "read a trip record", layouts.TRIP_REQUEST, layouts.TRIP_RECORD, layouts.EMPTY
    ),
    Command.SIGN_ON: _told_by_meter(
        "the driver signs on", layouts.SIGN_REQUEST, layouts.SIGN_REPLY
    ),
    Command.SIGNED_ON: _told_by_meter("the driver has signed on", layouts.SIGNED_ON),
    Command.SIGN_OFF: _told_by_meter(
        "the driver signs off", layouts.SIGN_REQUEST, layouts.SIGN_REPLY
    ),
    Command.SIGNED_OFF: _told_by_meter(
        "the driver has signed off", layouts.SIGNED_OFF, layouts.RESULT
    ),
    Command.TRIP_START: _told_by_meter("a trip starts", layouts.CLOCK_TIME, layouts.RESULT),
    Command.TRIP_END: _told_by_meter("a trip ends", layouts.TRIP_RECORD, layouts.RESULT),
    Command.HEARTBEAT: _told_by_meter("heartbeat", layouts.HEARTBEAT, layouts.HEARTBEAT_REPLY),
    Command.SIGNED_OFF_AGAIN: _told_by_meter(
        "sign-off data sent again", layouts.SIGNED_OFF, layouts.RESULT
    ),
    Command.TRIP_AGAIN: _told_by_meter(
        "a trip record sent again", layouts.TRIP_RECORD, layouts.RESULT
    ),
    Command.UPGRADE: _asked_by_terminal(
        "upgrade the firmware", layouts.UPGRADE_REQUEST, layouts.RESULT
    ),
}

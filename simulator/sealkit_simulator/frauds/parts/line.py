"""Somebody on a line of the taximeter who alters what is said there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sealkit.meter.commands import Command
from sealkit.meter.frames import Frame, FrameDecoder, encode_frame
from sealkit.meter.layouts import TRIP_RECORD


def alter_frames(data: bytes, alter: Callable[[Frame], Frame]) -> bytes:
    """The bytes of a line with every whole frame altered; what is no frame is lost."""
    return b"".join(encode_frame(alter(frame)) for frame in FrameDecoder().feed(data))


def halve_trip(frame: Frame) -> Frame:
    """A trip's record with half the distance and half the fare; any other frame as it is."""
    if frame.command not in (Command.TRIP_END, Command.TRIP_AGAIN):
        return frame
    trip = TRIP_RECORD.parse(frame.data)
    told = replace(
        trip,
        amount_fen=trip.amount_fen // 20 * 10,
        metered_distance_m=trip.metered_distance_m // 200 * 100,
    )
    return replace(frame, data=TRIP_RECORD.build(told))

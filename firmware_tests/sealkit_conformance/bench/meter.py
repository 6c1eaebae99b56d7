"""The suite's own meter: what a taximeter says on its lines (JT/T 905.2), and what it must not.

`ConformanceMeter.answer` takes the place of the meter on the seal's own line; the functions below
it make what a meter says to its terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sealkit.meter import layouts
from sealkit.meter.bodies import ClockTime, Heartbeat, MeterStatus, SignedOff, TripRecord
from sealkit.meter.commands import Command
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder, encode_frame
from sealkit_conformance.bench.backend import MeterFacts

SIGNED_ON: Final = 0x00
SIGNED_OFF: Final = 0x01
_VENDOR: Final = 0x01
_CHINA: Final = timedelta(hours=8)  # meters tell local time
_DRIVER: Final[dict[str, Any]] = {
    "company_licence": "conformance",
    "driver_certificate": "310100000001",
}

Twist = Callable[[Frame, bytes], bytes]
"""Takes a question and the good answer to it; gives what is answered, maybe nothing."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A trip as its record (T3) tells it: multiples of 100 m; seconds since 1970, told to the
    minute."""

    number: int
    metered_m: int
    empty_m: int
    began: int
    ended: int
    amount_fen: int = 1_500

    @property
    def record(self) -> bytes:
        """66 bytes."""
        return layouts.TRIP_RECORD.build(
            TripRecord(
                plate="AX7319",
                **_DRIVER,
                on_time=local(self.began).replace(second=0),
                off_time=local(self.ended).time().replace(second=0),
                metered_distance_m=self.metered_m,
                empty_distance_m=self.empty_m,
                surcharge_fen=0,
                waiting_minutes=1,
                amount_fen=self.amount_fen,
                trip_number=self.number,
                payment=0,
            )
        )


@dataclass(slots=True)
class ConformanceMeter:
    """Answers 0000, 0004 and 0006, and keeps what it was asked.

    twist: changes answers. trips: records by number, as 0006 gives them.
    """

    facts: MeterFacts
    total_trips: int = 100
    work_state: int = SIGNED_ON
    device_state: int = 0
    silent: bool = False
    twist: Twist | None = None
    trips: dict[int, bytes] = field(default_factory=dict)
    asked: Counter[int] = field(default_factory=Counter)
    """How often each command was asked."""
    heard: list[Frame] = field(default_factory=list)
    _decoder: FrameDecoder = field(default_factory=FrameDecoder)

    def answer(self, data: bytes) -> bytes:
        """What the meter says to bytes from the seal."""
        answers = b""
        for frame in self._decoder.feed(data):
            self.heard.append(frame)
            self.asked[frame.command] += 1
            told = self._data(frame)
            if self.silent or told is None or frame.device_type != TAXIMETER:
                continue
            good = say(frame.command, told)
            answers += good if self.twist is None else self.twist(frame, good)
        return answers

    @property
    def looks(self) -> int:
        """How often the status was asked for: a look begins with it (W-1)."""
        return self.asked[Command.STATUS]

    def tell(self, trip: Trip) -> None:
        """The trip is over: it is counted, and its record there."""
        self.trips[trip.number] = trip.record
        self.total_trips = trip.number

    def _data(self, frame: Frame) -> bytes | None:
        match frame.command:
            case Command.STATUS:
                return self._status()
            case Command.READ_FARE:
                return self.facts.fare
            case Command.READ_TRIP:
                return self.trips.get(int.from_bytes(frame.data, "big"), b"")
            case _:
                return None

    def _status(self) -> bytes:
        facts = self.facts
        return layouts.STATUS.build(
            MeterStatus(
                device_number=facts.device.hex(),
                hardware_version=facts.hardware_version,
                software_main=facts.software[0],
                software_minor=facts.software[1],
                device_state=self.device_state,
                work_state=self.work_state,
                plate=facts.plate,
                **_DRIVER,
                total_trips=self.total_trips,
            )
        )


def say(command: int, data: bytes) -> bytes:
    """A whole frame of the meter's."""
    return encode_frame(Frame(TAXIMETER, _VENDOR, command, data))


def trip_started(at: int) -> bytes:
    """00E7: a trip begins. at: seconds since 1970 by the meter's clock."""
    return say(Command.TRIP_START, layouts.CLOCK_TIME.build(ClockTime(local(at))))


def trip_ended(trip: Trip, *, again: bool = False) -> bytes:
    """00E8: a trip ends; again: 00F2, its record once more."""
    return say(Command.TRIP_AGAIN if again else Command.TRIP_END, trip.record)


def heartbeat(*, hired: bool) -> bytes:
    """00E9."""
    return say(Command.HEARTBEAT, layouts.HEARTBEAT.build(Heartbeat(int(hired), **_DRIVER)))


def signed_off(k: int, lifetime_m: int, at: int, *, again: bool = False) -> bytes:
    """00E4: a shift ends; again: 00F1. k: as T6 tells it. lifetime_m: of the meter's whole life."""
    off = local(at).replace(second=0)
    told = layouts.SIGNED_OFF.build(
        SignedOff(
            **_DRIVER,
            plate="AX7319",
            k_pulses_per_km=k,
            shift_on_time=off - timedelta(hours=8),
            shift_off_time=off,
            shift_distance_m=100_000,
            hired_distance_m=60_000,
            trips=10,
            timed_s=600,
            total_amount_fen=30_000,
            card_amount_fen=0,
            card_trips=0,
            distance_between_shifts_m=0,
            lifetime_distance_m=lifetime_m,
            lifetime_hired_distance_m=lifetime_m // 200 * 100,
            unit_price_fen_per_km=250,
            lifetime_trips=1_000,
        )
    )
    return say(Command.SIGNED_OFF_AGAIN if again else Command.SIGNED_OFF, told)


def local(at: int) -> datetime:
    """What the meter's clock shows at a time in seconds since 1970."""
    return (datetime.fromtimestamp(at, UTC) + _CHINA).replace(tzinfo=None)

"""What meter and terminal say of trips and shifts, brought to the detectors (W-7 to W-16).

Bytes are parsed here, and what does not parse is not heard.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sealkit.errors import MalformedError
from sealkit.meter import layouts
from sealkit.meter.bodies import TripRecord
from sealkit.meter.commands import Command
from sealkit.meter.frames import TAXIMETER, Frame
from sealkit_simulator.device import Device, TripEnd
from sealkit_simulator.watching.detectors import Trip
from sealkit_simulator.watching.trips import RECORD_BYTES

_EPOCH: Final = datetime(1970, 1, 1)
_CHINA: Final = timedelta(hours=8)  # meters tell local time
_HIRED: Final = 0b1


def hear_status(device: Device) -> None:
    """A look has told how many trips there are; asks for the one that is due."""
    watch, detectors = device.watch, device.detectors
    before = detectors.trips.total
    number = detectors.count_trips(watch.total_trips, signed_off=watch.signed_off)
    if number is None:
        return
    end = device.trip_end
    if watch.total_trips > before and (end is None or end.number <= detectors.trips.asked):
        pulses = device.registers.pulses
        device.trip_end = TripEnd(watch.total_trips, pulses, watch.looked_before)
    watch.ask_trip(number, device.clock.tick_ms)


def hear_trip_answer(device: Device) -> bool:
    """Takes the answer for a trip, if there is one, and asks for the next that is due."""
    answer = device.watch.take_trip_answer()
    if answer is None:
        return False
    try:
        trip = _trip(answer.data) if answer.data else None
    except MalformedError:
        return False
    detectors, tick = device.detectors, device.clock.tick_ms
    again = answer.number == detectors.trips.asked
    end = device.trip_end
    known = end is not None and end.number == answer.number and end.looked_before is not None
    detectors.answer_trip(
        answer.number,
        trip,
        end.pulses if known and end else None,
        clock=_clock(device),
        age_s=(tick - (end.looked_before or 0)) // 1_000 if known and end else 0,
    )
    if again and detectors.trips.wanted is not None:
        device.watch.ask_trip(detectors.trips.wanted, tick)
    return True


def hear_tap(device: Device, data: bytes) -> bool:
    """Bytes that the meter says to the terminal; gives whether the detectors heard anything."""
    dropped = device.tap.dropped
    frames = device.tap.feed(data)
    if device.tap.dropped != dropped:
        device.detectors.trips.lose_bytes()
    for frame in frames:
        if frame.device_type == TAXIMETER:
            _hear_frame(device, frame)
    return bool(frames)


def _hear_frame(device: Device, frame: Frame) -> None:
    detectors, data, pulses = device.detectors, frame.data, device.registers.pulses
    try:
        match frame.command:
            case Command.HEARTBEAT if layouts.HEARTBEAT.fits(len(data)):
                detectors.trips.hear_heartbeat(hired=bool(data[0] & _HIRED))
            case Command.TRIP_START if layouts.CLOCK_TIME.fits(len(data)):
                time = layouts.CLOCK_TIME.parse(data).time
                if time is not None:
                    detectors.start_trip(_seconds(time), _clock(device))
            case Command.TRIP_END if layouts.TRIP_RECORD.fits(len(data)):
                detectors.tell_trip(_trip(data), pulses, _clock(device))
            case Command.TRIP_AGAIN if layouts.TRIP_RECORD.fits(len(data)):
                detectors.tell_trip(_trip(data), None, _clock(device))
            case Command.READ_TRIP if layouts.TRIP_RECORD.fits(len(data)):
                detectors.trips.hear_answer(data[:RECORD_BYTES])
            case Command.SIGNED_OFF if layouts.SIGNED_OFF.fits(len(data)):
                shift = layouts.SIGNED_OFF.parse(data)
                detectors.k.end_shift(shift.k_pulses_per_km, shift.lifetime_distance_m, pulses)
                detectors.k.begin_anew()
            case Command.SIGNED_OFF_AGAIN if layouts.SIGNED_OFF.fits(len(data)):
                detectors.k.tell_k(layouts.SIGNED_OFF.parse(data).k_pulses_per_km)
    except MalformedError:
        return


def _trip(data: bytes) -> Trip:
    """Raises MalformedError."""
    record = layouts.TRIP_RECORD.parse(data)
    return Trip(
        data[:RECORD_BYTES], record.metered_distance_m, record.empty_distance_m, _end(record)
    )


def _end(record: TripRecord) -> int | None:
    """When a trip ended by its record: the first such time of day at or after its beginning."""
    if record.on_time is None:
        return None
    end = datetime.combine(record.on_time.date(), record.off_time)
    return _seconds(end if end >= record.on_time else end + timedelta(days=1))


def _seconds(local: datetime) -> int:
    return max(0, int((local - _CHINA - _EPOCH).total_seconds()))


def _clock(device: Device) -> int | None:
    return None if device.clock.lost else device.clock.now

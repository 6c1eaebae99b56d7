"""What the seal notices, and what it makes of it: causes, records, flags (chapter 11, Z-1)."""

from __future__ import annotations

from typing import Final

from sealkit.rules.history import cause_bit
from sealkit.rules.parameters import watched_bytes_differ
from sealkit.rules.supervision import Difference, accepted_fares, compare_with
from sealkit.wire.records import NO_DIGEST, MeterRecord, TariffRecord
from sealkit.wire.registry import Cause, MeterEvent, RecordKind, State
from sealkit_simulator.device import Device
from sealkit_simulator.hearing import hear_status, hear_tap, hear_trip_answer
from sealkit_simulator.meter_watch import MeterChange
from sealkit_simulator.recording import latch, note, note_flags, tell_coalesced

_EVENTS: Final = {
    MeterChange.ANSWERS: MeterEvent.ANSWERS,
    MeterChange.SILENT: MeterEvent.SILENT,
}


def count_pulses(device: Device, count: int) -> None:
    """Pulses of the sensor."""
    values = device.registers
    tick = device.clock.tick_ms
    values.pulses = min(values.pulses + count, 0xFFFF_FFFF_FFFF_FFFF)
    device.last_pulse_tick = tick
    device.detectors.count_pulses(count, tick)
    if device.state is State.OPEN and not values.driven_while_open:
        values.driven_while_open = 1
        device.store_registers()


def hear_motion(device: Device, speed_mm_s: int | None) -> None:
    """The second source's speed, which comes once a second; None: it knows none."""
    device.detectors.hear_motion(speed_mm_s, device.clock.tick_ms, device.registers.pulses)


def hear_meter(device: Device, data: bytes) -> None:
    """Bytes from the meter. What a look or a trip shows is recorded at once (W-4)."""
    before = device.watch.look
    change = device.watch.receive(data, device.clock.tick_ms)
    looked = device.watch.look is not before
    if looked:
        _note_meter(device, change)
        hear_status(device)
    if hear_trip_answer(device) or looked:
        observe(device)


def hear_terminal_line(device: Device, data: bytes, *, from_meter: bool) -> None:
    """Bytes on the line between terminal and meter, from the one or the other."""
    if from_meter and device.detectors.tap and hear_tap(device, data):
        observe(device)


def look_around(device: Device) -> None:
    """To be called often: asks the meter when it is time, and records what has changed."""
    device.notice_clock_failure()
    device.detectors.count_pulses(0, device.clock.tick_ms)
    interval = device.sealed.limits.look_interval_ms
    _note_meter(device, device.watch.poll(device.clock.tick_ms, device.clock.now, interval))
    observe(device)


def observe(device: Device) -> None:
    """Works out the live causes, latches new ones, notes changes of tariff and flags."""
    differences = see_causes(device)
    if device.state is State.RETIRED:
        return
    tell_coalesced(device)
    note_flags(device)
    for difference in differences:
        latch(device, difference.cause, difference.before, difference.after)
    device.attachments.opened = False
    _note_tariff(device)


def see_causes(device: Device) -> list[Difference]:
    """Works out the live causes, latching none: also after an order, which may end some."""
    found = [] if device.state is State.RETIRED else _differences(device)
    device.live_causes = sum(cause_bit(difference.cause) for difference in found)
    return found


def _differences(device: Device) -> list[Difference]:
    """The causes that are live now."""
    sealed, watch, case = device.sealed, device.watch, device.attachments
    found = []
    if sealed.watches_case and (case.case_open or case.opened):
        found.append(Difference(Cause.CASE_OPENED, b"", b""))
    if sealed.watches_meter:
        if watch.look is not None:
            found += compare_with(sealed.tariff, sealed.meter, watch.look, device.clock.now)
        limit = sealed.limits.silence_limit_ms
        if limit and device.clock.tick_ms - watch.looked_at > limit:
            found.append(Difference(Cause.METER_SILENT, b"", b""))
    found += [Difference(f.cause, f.before, f.after) for f in device.detectors.found()]
    return found


def _note_meter(device: Device, change: MeterChange | None) -> None:
    if change is not None:
        note(device, RecordKind.METER, MeterRecord(_EVENTS[change]))


def _note_tariff(device: Device) -> None:
    """Notes when the meter goes from one accepted tariff to the other; a look is judged once."""
    tariff, look = device.sealed.tariff, device.watch.look
    if look is device.tariff_noted_of or look is None or tariff is None:
        return
    if device.state is not State.SEALED:
        return
    device.tariff_noted_of = look
    digest = device.core.suite.digest
    shown = next(
        (
            digest(fare)
            for fare in accepted_fares(tariff, device.clock.now)
            if not watched_bytes_differ(tariff.mask, fare, look.fare)
        ),
        NO_DIGEST,
    )
    before = device.registers.shown_fare
    if shown in (before, NO_DIGEST):
        return
    sealed = {digest(fare) for fare in (tariff.fare, *(p.fare for p in tariff.pending))}
    if before in sealed:
        note(device, RecordKind.TARIFF, TariffRecord(before, shown))
    device.registers.shown_fare = shown
    device.store_registers()

"""Faults of what lasts: memory, what is kept, the counter at its end, time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Final

import pytest

from sealkit.errors import RefusedError
from sealkit.wire.registry import (
    RECORD_MAX,
    BootCause,
    ClockQuality,
    Flag,
    OrderKind,
    RecordKind,
    Status,
)
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)
_CONTROL: Final = "sealkit_simulator.control_log:ControlLog"
_JOURNAL: Final = "sealkit_simulator.journal:Journal"
_RECORDING: Final = "sealkit_simulator.recording"
_ALL: Final = 1 << 40


def _view(patch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Orders are judged by another view of the seal: functions of device and view."""

    def faulty(original: Any, device: Any) -> Any:
        view = original(device)
        return replace(view, **{name: change(device, view) for name, change in changes.items()})

    around(patch, "sealkit_simulator.applying:_view", faulty)


def _flags(patch: pytest.MonkeyPatch, change: Any) -> None:
    """Flags are told otherwise, wherever they are told: change(device, flags)."""
    for module in ("evidence", "recording"):

        def faulty(original: Any, device: Any, **named: Any) -> int:
            return int(change(device, original(device, **named)))

        around(patch, f"sealkit_simulator.{module}:flags_of", faulty)


# The control chain (J-1).


@fault("J-1", "Orders take the room that is kept for breaks.", also=("O-15", "C-3"))
def keeps_no_room_for_breaks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.control_log._RESERVE", 0)


@fault("J-1", "Room is kept for a single break.", also=("O-15", "C-3"))
def keeps_room_for_one_break(patch: pytest.MonkeyPatch) -> None:
    from sealkit_simulator.entries import entry_bytes

    room = entry_bytes(81 + 361) + entry_bytes(RECORD_MAX)
    patch.setattr("sealkit_simulator.control_log._RESERVE", room)


@fault("J-1", "A break is not recorded when no order fits.")
def records_no_break_in_a_full_log(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        f"{_CONTROL}.has_tamper_room",
        lambda original, log, length: log.order_room > 0,
    )


@fault("J-1", "A full log refuses RETIRE as well.", also=("O-15",))
def does_not_retire_when_full(patch: pytest.MonkeyPatch) -> None:
    _view(patch, retire_room=lambda device, view: view.control_room)


@fault("J-1", "The warning comes with the last order that fits.")
def warns_of_full_memory_too_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.flags.CONTROL_RESERVE_ORDERS", 1)


@fault("J-1", "The warning is there from the beginning.")
def warns_of_full_memory_always(patch: pytest.MonkeyPatch) -> None:
    _flags(patch, lambda device, flags: flags | Flag.STORAGE_NEARLY_FULL)


@fault("C-3", "control_free counts orders of half the greatest size.", also=("J-1",))
def promises_twice_the_room(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        f"{_CONTROL}.orders_left",
        lambda original, log, *appended: 2 * original(log, *appended),
    )


@fault("O-15", "A full log makes room by forgetting the oldest order.", also=("J-1",))
def forgets_the_oldest_order_when_full(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, log: Any) -> Any:
        return list(original(log))[1:] if log.order_room < RECORD_MAX else original(log)

    around(patch, f"{_CONTROL}.records", faulty)
    _view(patch, control_room=lambda device, view: max(view.control_room, RECORD_MAX))


@fault("O-15", "A full log answers with a fault of its memory.")
def calls_a_full_log_a_fault(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, *args: Any) -> Any:
        try:
            return original(*args)
        except RefusedError as error:
            if error.code == "LOG_FULL":
                from sealkit.rules.refusals import refusal

                raise refusal(Status.STORAGE_FAULT) from error
            raise

    around(patch, "sealkit_simulator.applying:judge_order", faulty)


# The journal (J-2, J-3).


@fault("J-2", "An ACKNOWLEDGE deletes at once what it names.")
def prunes_at_once(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> None:
        journal, values = device.storage.journal, device.registers
        acknowledged = device.history.acknowledged.sequence
        gone = [place for place in journal.places if place.sequence <= acknowledged]
        if gone and len(gone) < len(journal.places):
            values.base_sequence = gone[-1].sequence
            values.base_digest = journal._digest(gone[-1])
            for place in gone:
                values.pruned[place.kind - 0x81] += 1
            device.store_registers()
            journal.places = journal.places[len(gone) :]
        original(device)

    around(patch, "sealkit_simulator.supervision:tell_coalesced", faulty)


@fault("J-2", "A record more than was acknowledged may go.")
def prunes_beyond_the_acknowledged(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        f"{_JOURNAL}._may_prune",
        lambda original, journal, sector, acknowledged: original(
            journal, sector, acknowledged + 40 if acknowledged else 0
        ),
    )


@fault("J-2", "What is gone is not counted by kind.")
def counts_nothing_that_is_gone(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, journal: Any, *args: Any) -> None:
        counted = list(journal._registers.values.pruned)
        original(journal, *args)
        journal._registers.values.pruned = counted

    around(patch, f"{_JOURNAL}._enter", faulty)


@fault("J-2", "What is gone is counted as boots, whatever it was.")
def counts_all_that_is_gone_as_boots(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, journal: Any, *args: Any) -> None:
        values = journal._registers.values
        before = sum(values.pruned)
        original(journal, *args)
        more = sum(values.pruned) - before
        values.pruned = [before + more, *[0] * (len(values.pruned) - 1)]

    around(patch, f"{_JOURNAL}._enter", faulty)


@fault("J-2", "The base is the record before the last that was deleted.", also=("R-2", "C-3"))
def tells_another_base(patch: pytest.MonkeyPatch) -> None:
    from sealkit.rules.chain import Head

    def faulty(original: Any, storage: Any) -> Any:
        base = original(storage)
        return Head(base.sequence - 1, base.digest) if base.sequence else base

    around(patch, "sealkit_simulator.storage:Storage.base", faulty)


@fault("J-3", "What a full journal cannot write is forgotten at a boot.")
def forgets_the_counts_at_a_boot(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> None:
        device.registers.coalesced = [0] * len(device.registers.coalesced)
        original(device)

    around(patch, "sealkit_simulator.seal:start", faulty)


@fault("J-3", "The coalesced record counts all as flags.")
def counts_all_as_flags(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> None:
        counts = device.registers.coalesced
        counts[:] = [0, sum(counts), *[0] * (len(counts) - 2)]
        original(device)

    around(patch, "sealkit_simulator.supervision:tell_coalesced", faulty)


@fault("J-3", "What was counted is told again with each boot.")
def tells_its_counts_again(patch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []

    def remembering(original: Any, device: Any) -> None:
        if any(device.registers.coalesced):
            kept[:] = device.registers.coalesced
        original(device)

    def faulty(original: Any, device: Any) -> None:
        if any(kept) and not any(device.registers.coalesced):
            device.registers.coalesced = list(kept)
        original(device)

    around(patch, "sealkit_simulator.supervision:tell_coalesced", remembering)
    around(patch, "sealkit_simulator.seal:start", faulty)


@fault("J-3", "A full journal keeps orders from being applied.", also=("O-15", "O-16"))
def takes_no_order_when_the_journal_is_full(patch: pytest.MonkeyPatch) -> None:
    _view(patch, control_room=lambda device, view: 0 if device.journal_full else view.control_room)


@fault("J-3", "journal_full stays raised for ever.")
def never_takes_journal_full_back(patch: pytest.MonkeyPatch) -> None:
    seen: set[int] = set()

    def change(device: Any, flags: int) -> int:
        if flags & Flag.JOURNAL_FULL:
            seen.add(device.core.number.serial)
        return flags | (Flag.JOURNAL_FULL if device.core.number.serial in seen else 0)

    _flags(patch, change)


@fault("O-32", "A control record may be acknowledged.")
def acknowledges_control_records(patch: pytest.MonkeyPatch) -> None:
    def held(device: Any, view: Any) -> Any:
        def digest(sequence: int) -> Any:
            place = device.storage.find(sequence)
            raw = None if place is None else device.storage.read(place)
            return None if raw is None else device.core.suite.digest(raw)

        return digest

    _view(patch, journal_digest=held)


# The counter's end.


@fault("R-8", "Breaks do not take the numbers that are kept for them.")
def records_no_break_at_the_counters_end(patch: pytest.MonkeyPatch) -> None:
    from sealkit.rules.chain import counter_has_room

    patch.setattr(
        f"{_RECORDING}.counter_has_room",
        lambda following, *, reserved: counter_has_room(following, reserved=False),
    )


@fault("R-8", "The journal takes the last numbers.")
def writes_its_journal_to_the_last_number(patch: pytest.MonkeyPatch) -> None:
    from sealkit.rules.chain import counter_has_room

    patch.setattr(
        f"{_RECORDING}.counter_has_room",
        lambda following, *, reserved: counter_has_room(following, reserved=True),
    )


@fault("R-8", "The warning comes with the last thousand, those that are kept among them.")
def warns_of_the_counters_end_at_the_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        "sealkit_simulator.flags.counter_nearly_ended",
        lambda following: following > 0xFFFFFFFF - 16,
    )


@fault("R-8", "Evidence is signed at the end of the counter.")
def signs_at_the_counters_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.evidence.LAST_SEQUENCE", 1 << 40)


@fault("O-15", "Orders take the numbers that are kept.", also=("R-8",))
def takes_orders_to_the_last_number(patch: pytest.MonkeyPatch) -> None:
    _view(patch, next_sequence=lambda device, view: max(1, view.next_sequence - 10))


@fault("O-15", "RETIRE does not take the numbers that are kept.", also=("R-8",))
def does_not_retire_at_the_counters_end(patch: pytest.MonkeyPatch) -> None:
    from sealkit.rules import orders
    from sealkit.rules.chain import counter_has_room

    patch.setattr(
        orders,
        "counter_has_room",
        lambda following, *, reserved: counter_has_room(following, reserved=False),
    )


@fault("C-2", "Firmware for tests does not say what it is.")
def hides_that_its_firmware_is_for_tests(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.device._FOR_TESTS_ALONE", 0)


@fault("C-7", "Numbers are compared as if they had a sign.", also=("C-8", "R-1"))
def takes_high_numbers_for_negative(patch: pytest.MonkeyPatch) -> None:
    def signed(sequence: int) -> int:
        return sequence - (1 << 32) if sequence >= 1 << 31 else sequence

    def faulty(original: Any, storage: Any, which: Any, sequence: int) -> Any:
        places = original(storage, which, 0)
        return (place for place in places if signed(place.sequence) >= signed(sequence))

    around(patch, "sealkit_simulator.storage:Storage.from_sequence", faulty)


# Time (O-29, O-30, E-3).


def _adjusts(patch: pytest.MonkeyPatch, faulty: Any) -> None:
    around(patch, "sealkit.rules.orders:judge_adjustment", faulty)


@fault("O-29", "Changes to and fro cancel in the sum.")
def sums_up_changes_with_their_sign(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, body: Any) -> None:
        history = SimpleNamespace(adjustments=[(tick, -s) for tick, s in view.history.adjustments])
        moved = history if body.change_s < 0 else view.history
        original(replace(view, history=moved), body)

    _adjusts(patch, faulty)


@fault("O-29", "The seven days are counted by the clock.")
def counts_seven_days_by_the_clock(patch: pytest.MonkeyPatch) -> None:
    at: dict[tuple[int, int], int] = {}

    def faulty(original: Any, view: Any, body: Any) -> None:
        for tick, _ in view.history.adjustments:
            at.setdefault((view.serial, tick), view.clock)
        young = [
            (tick, seconds)
            for tick, seconds in view.history.adjustments
            if view.clock - at[view.serial, tick] < 604_800
        ]
        fresh = [(view.tick_ms, seconds) for _, seconds in young]
        original(replace(view, history=SimpleNamespace(adjustments=fresh)), body)

    _adjusts(patch, faulty)


@fault("O-29", "The limit holds for the whole life.")
def never_lets_the_clock_be_moved_again(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, body: Any) -> None:
        fresh = [(view.tick_ms, seconds) for _, seconds in view.history.adjustments]
        original(replace(view, history=SimpleNamespace(adjustments=fresh)), body)

    _adjusts(patch, faulty)


@fault("O-29", "A boot begins the seven days anew.")
def begins_seven_days_at_a_boot(patch: pytest.MonkeyPatch) -> None:
    booted: dict[int, int] = {}

    def start(original: Any, device: Any) -> None:
        booted[device.core.number.serial] = device.clock.tick_ms
        original(device)

    def faulty(original: Any, view: Any, body: Any) -> None:
        since = booted.get(view.serial, 0)
        young = [(tick, s) for tick, s in view.history.adjustments if tick >= since]
        original(replace(view, history=SimpleNamespace(adjustments=young)), body)

    around(patch, "sealkit_simulator.seal:start", start)
    _adjusts(patch, faulty)


@fault("O-29", "Three seconds after the last pulse are enough.")
def takes_three_seconds_for_standing(patch: pytest.MonkeyPatch) -> None:
    _view(
        patch,
        pulse_age_ms=lambda device, view: (
            None if view.pulse_age_ms is None else view.pulse_age_ms * 10
        ),
    )


@fault("O-29", "The floor does not keep the clock from being set back.")
def sets_the_clock_below_the_floor(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, body: Any) -> None:
        original(replace(view, clock_floor=0), body)

    _adjusts(patch, faulty)


@fault("O-29", "The floor alone bounds the clock, without the 120 s below it.")
def allows_nothing_below_the_floor(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, body: Any) -> None:
        original(replace(view, clock_floor=view.clock_floor + 120), body)

    _adjusts(patch, faulty)


@fault("E-3", "The floor goes down with a clock that is set back.")
def lowers_the_floor_with_the_clock(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, clock: Any, tick_ms: int, floor: int) -> None:
        original(clock, tick_ms, floor)
        clock.floor = floor

    around(patch, "sealkit_simulator.clock:SealClock.not_before", faulty)


@fault("E-3", "The floor does not rise to the time that RESTORE_CLOCK sets.")
def keeps_the_old_floor(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, clock: Any, tick_ms: int, floor: int) -> None:
        kept = clock.floor
        original(clock, tick_ms, floor)
        clock.floor = min(clock.floor, kept + 3_600)

    around(patch, "sealkit_simulator.clock:SealClock.not_before", faulty)


@fault("R-4", "A lost clock goes on running.", also=("E-1",))
def runs_on_with_a_lost_clock(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.clock:SealClock.now",
        lambda original, clock: max(clock.floor, min(clock.now_ms // 1_000, _ALL)),
    )


@fault("N-4", "Ticks are counted by the clock: they jump when it is moved.", also=("C-3",))
def counts_ticks_by_the_clock(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.clock:SealClock.tick_ms",
        lambda original, clock: max(0, clock._source.chip_ms() - 1_700_000_000_000),
    )


@fault("O-30", "A clock that was restored is as good as one that was set.", also=("R-4",))
def calls_a_restored_clock_set(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, clock: Any, offset_ms: int, quality: Any) -> None:
        original(clock, offset_ms, ClockQuality.SET)

    around(patch, "sealkit_simulator.clock:SealClock.set", faulty)


@fault("R-4", "clock_restored falls with any order.")
def forgets_that_the_clock_was_restored(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> bool:
        orders = list(device.history.orders.values())
        return bool(original(device) and orders and orders[-1].kind is OrderKind.RESTORE_CLOCK)

    around(patch, "sealkit_simulator.device:Device.clock_restored", faulty)


@fault("O-20", "ENROL sets a clock that is running.", also=("E-3",))
def sets_a_running_clock_at_enrolment(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, judgement: Any) -> Any:
        body = judgement.body
        if judgement.order.kind is OrderKind.ENROL:
            return body.time, ClockQuality.SET
        return original(device, judgement)

    around(patch, "sealkit_simulator.applying:_clock_after", faulty)


@fault("R56", "The gap of a boot is told in milliseconds.", also=("R-4", "Z-3"))
def tells_the_gap_in_milliseconds(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> int:
        gap: int = original(device)
        return gap if gap == 0xFFFFFFFF else min(gap * 1_000, 0xFFFFFFFE)

    around(patch, "sealkit_simulator.starting:_gap", faulty)


@fault("R-4", "What happens without a clock is not recorded.", also=("J-3",))
def records_nothing_without_a_clock(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, kind: Any, body: Any) -> None:
        if not (device.clock.lost and kind is RecordKind.FLAGS):
            original(device, kind, body)

    around(patch, f"{_RECORDING}:note", faulty)


# What a reset keeps in memory (R56): the power was there.


def _outlives(patch: pytest.MonkeyPatch, keep: Callable[[Any, Any], None]) -> None:
    """A part of the seal outlives a reset, as memory does that nobody clears: keep(old, new)."""

    def faulty(original: Any, vehicle: Any) -> None:
        before = vehicle.seal
        original(vehicle)
        if before is not None and vehicle.seal is not None:
            keep(before, vehicle.seal)

    around(patch, "sealkit_simulator.vehicle:Vehicle.reset", faulty)


@fault("R56", "The register that tells a reset from a power cut is not read.", also=("R-4",))
def takes_a_reset_for_a_power_cut(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> None:
        device.boot_cause = BootCause.POWER
        original(device)

    around(patch, "sealkit_simulator.seal:start", faulty)


@fault("R56", "After a reset every boot is told as one: the register is never cleared.")
def never_clears_the_cause_of_a_reset(patch: pytest.MonkeyPatch) -> None:
    reset: set[int] = set()

    def faulty(original: Any, device: Any) -> None:
        serial = device.core.number.serial
        if device.boot_cause is BootCause.RESET:
            reset.add(serial)
        elif serial in reset:
            device.boot_cause = BootCause.RESET
        original(device)

    around(patch, "sealkit_simulator.seal:start", faulty)


@fault("R56", "A reset tells as its gap what has passed since the seal last stored.", also=("R-4",))
def tells_a_gap_of_a_reset(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> int:
        cause, device.boot_cause = device.boot_cause, BootCause.POWER
        gap: int = original(device)
        device.boot_cause = cause
        return gap

    around(patch, "sealkit_simulator.starting:_gap", faulty)


@fault("R-4", "A reset is not recorded: the power was there.", also=("R56",))
def records_no_reset(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, kind: Any, body: Any) -> None:
        if kind is not RecordKind.BOOT or body.cause is not BootCause.RESET:
            original(device, kind, body)

    around(patch, "sealkit_simulator.starting:note", faulty)


@fault("C-4", "A challenge outlives a reset.", also=("O-8",))
def keeps_a_challenge_over_a_reset(patch: pytest.MonkeyPatch) -> None:
    def keep(old: Any, new: Any) -> None:
        new.device.challenge = old.device.challenge

    _outlives(patch, keep)


@fault("L-12", "A reset leaves the line at the rate that it had.")
def keeps_its_rate_over_a_reset(patch: pytest.MonkeyPatch) -> None:
    def keep(old: Any, new: Any) -> None:
        new.device.baud = old.device.baud

    _outlives(patch, keep)


@fault("L-9", "The last answer outlives a reset.")
def keeps_its_last_answer_over_a_reset(patch: pytest.MonkeyPatch) -> None:
    def keep(old: Any, new: Any) -> None:
        new._last_request, new._last_answer = old._last_request, old._last_answer

    _outlives(patch, keep)


@fault("Z-3", "A reset without a clock latches nothing: the power was there.")
def latches_nothing_at_a_reset(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, cause: Any) -> None:
        if device.boot_cause is not BootCause.RESET:
            original(device, cause)

    around(patch, "sealkit_simulator.starting:latch", faulty)


@fault("E-1", "Pulses count from zero after a reset.", also=("J-4",))
def forgets_its_pulses_at_a_reset(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> None:
        if device.boot_cause is BootCause.RESET:
            device.registers.pulses = 0
        original(device)

    around(patch, "sealkit_simulator.seal:start", faulty)

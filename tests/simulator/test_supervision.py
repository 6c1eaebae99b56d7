"""What the seal notices of meter, case, sensor, clock and battery, and what it records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.bench import Bench, check_chains
from support.meter_talk import trip, trip_end, trip_start
from support.people import DAY, FARE, MASK, NOW, parameters

from sealkit.meter import layouts
from sealkit.rules.history import cause_bit
from sealkit.seal.words import what_words
from sealkit.wire.parameters import PendingTariff
from sealkit.wire.records import (
    BootRecord,
    DrivenRecord,
    FlagsRecord,
    MeterRecord,
    RecordBody,
    TamperRecord,
    TariffRecord,
    parse_record_body,
)
from sealkit.wire.registry import (
    BootCause,
    Cause,
    Chain,
    ClockQuality,
    Flag,
    Group,
    MeterEvent,
    MeterSeen,
    RecordKind,
    State,
    Status,
)
from sealkit_simulator.taximeter import SHANGHAI_FARE


@pytest.fixture(scope="module")
def _sealed() -> Bench:
    made = Bench()
    made.install_credential()
    made.seal_it()
    return made


@pytest.fixture
def sealed(_sealed: Bench) -> Bench:
    return _sealed.copy()


def bodies(bench: Bench, kind: RecordKind) -> list[RecordBody | None]:
    return [parse_record_body(r) for r in bench.log(Chain.BOTH) if r.kind == kind]


def breaks(bench: Bench) -> list[TamperRecord]:
    return [b for b in bodies(bench, RecordKind.TAMPER) if isinstance(b, TamperRecord)]


def _change_fare(bench: Bench) -> None:
    bench.vehicle.taximeter.set_parameter("day_one_way_price_fen_per_km", "450")


def _change_software(bench: Bench) -> None:
    bench.vehicle.taximeter.set_parameter("software_version", "2.8")


def _cut_cable(bench: Bench) -> None:
    bench.vehicle.join_cable(False)
    bench.vehicle.advance(600_000)


def _lose_supervision(bench: Bench) -> None:
    bench.vehicle.cut_power(gap_s=DAY)
    bench.vehicle.lose_clock()
    bench.vehicle.restore_power()


def _hear(bench: Bench, *frames: bytes) -> None:
    for frame in frames:
        bench.seal.hear_terminal_line(frame, from_meter=True)


def _charge_too_much(bench: Bench) -> None:
    """K in the meter is a tenth too small: 5 km driven are told as 5.5 km."""
    for number in range(1, 9):
        bench.seal.device.registers.pulses += 4_500 + 91 * number  # not to be driven at once
        told = trip(number, bench.status().clock, 2_500 + 100 * number, 2_500)
        _hear(bench, trip_end(told))


def _inject_at_once(bench: Bench) -> None:
    for _ in range(3):
        bench.seal.count_pulses(1_200)
        bench.vehicle.advance(1_000)


def _drive(bench: Bench, seconds: int, source_mm_s: int, pulses: int) -> None:
    for second in range(seconds):
        bench.seal.count_pulses(min(pulses, second))
        bench.seal.hear_motion(min(source_mm_s, second * 1_000))
        bench.time.advance(1_000)
        bench.vehicle.step()


def _told_before(bench: Bench) -> None:
    clock = bench.status().clock
    _hear(bench, trip_end(trip(7, clock)), trip_end(trip(7, clock, 5_100), again=True))


def _skip_a_trip(bench: Bench) -> None:
    clock = bench.status().clock
    _hear(bench, trip_end(trip(7, clock)), trip_end(trip(9, clock, 6_000)))


WAYS: dict[Cause, Callable[[Bench], None]] = {
    Cause.CASE_OPENED: lambda bench: bench.vehicle.open_case(),
    Cause.FARE_PARAMETERS_CHANGED: _change_fare,
    Cause.METER_IDENTITY_CHANGED: lambda bench: bench.vehicle.taximeter.replace("0102999999"),
    Cause.METER_SOFTWARE_CHANGED: _change_software,
    Cause.METER_SILENT: _cut_cable,
    Cause.UNSUPERVISED: _lose_supervision,
    Cause.K_MISMATCH: _charge_too_much,
    Cause.PULSE_RATE: _inject_at_once,
    Cause.STANDING_MOTION: lambda bench: _drive(bench, 700, 0, 10),
    Cause.MOTION_DISAGREES: lambda bench: _drive(bench, 800, 10_000, 11),
    Cause.METER_CLOCK: lambda bench: _hear(bench, trip_start(bench.status().clock + 200)),
    Cause.TRIPS_MISSING: _skip_a_trip,
    Cause.TRIP_ALTERED: _told_before,
}


@pytest.mark.requirement("R46")
@pytest.mark.parametrize("cause", Cause)
def test_each_cause_latches_and_is_recorded_once(sealed: Bench, cause: Cause) -> None:
    WAYS[cause](sealed)
    sealed.vehicle.advance(6_000)
    assert sealed.state() is State.TAMPERED
    sealed.vehicle.advance(20_000)
    sealed.restart()
    sealed.vehicle.advance(20_000)
    assert [body.cause for body in breaks(sealed)] == [cause]
    evidence = sealed.evidence()
    assert evidence.state is State.TAMPERED
    assert evidence.latched_causes == cause_bit(cause)
    check_chains(sealed)


@pytest.mark.requirement("Z-1")
def test_in_tampered_each_further_cause_has_its_own_record(sealed: Bench) -> None:
    for cause in (
        Cause.FARE_PARAMETERS_CHANGED,
        Cause.CASE_OPENED,
        Cause.METER_IDENTITY_CHANGED,
        Cause.UNSUPERVISED,
    ):
        WAYS[cause](sealed)
        sealed.vehicle.advance(6_000)
    assert [body.cause for body in breaks(sealed)] == [
        Cause.FARE_PARAMETERS_CHANGED,
        Cause.CASE_OPENED,
        Cause.METER_IDENTITY_CHANGED,
        Cause.UNSUPERVISED,
    ]


@pytest.mark.requirement("R46")
def test_a_tamper_record_tells_before_and_after(sealed: Bench) -> None:
    _change_fare(sealed)
    sealed.vehicle.advance(6_000)
    (body,) = breaks(sealed)
    (difference,) = layouts.fare_differences(body.before, body.after)
    assert difference == ("day_one_way_price_fen_per_km", 405, 450)


@pytest.mark.requirement("Z-1")
@pytest.mark.parametrize("cause", [c for c in Cause if c is not Cause.UNSUPERVISED])
def test_in_open_a_cause_is_live_and_not_latched(sealed: Bench, cause: Cause) -> None:
    sealed.apply(sealed.challenged().unseal())
    WAYS[cause](sealed)
    sealed.vehicle.advance(6_000)
    status = sealed.status()
    assert status.state is State.OPEN
    assert (status.live_causes, status.latched_causes) == (cause_bit(cause), 0)
    sent = sealed.send(sealed.orders().seal(parameters(salt=1)))
    assert sent is not None
    if cause >= Cause.K_MISMATCH:  # SEAL starts the detectors anew
        assert sent[0] is Status.OK
        assert sealed.status().live_causes == 0
    else:
        assert sent[0] in (Status.TAMPER_LIVE, Status.METER_MISMATCH)


@pytest.mark.requirement("W-3")
def test_bytes_that_the_mask_leaves_out_may_change(sealed: Bench) -> None:
    sealed.vehicle.taximeter.set_parameter("vendor_area", "07" * 64)
    sealed.vehicle.advance(6_000)
    assert sealed.state() is State.SEALED
    evidence = sealed.evidence()
    seen = layouts.FARE_PARAMETERS.build(replace(SHANGHAI_FARE, vendor_area=b"\x07" * 64))
    assert evidence.meter_fare_digest == sealed.core.suite.digest(seen)


@pytest.mark.requirement("R55")
def test_a_case_opened_without_power_is_found(sealed: Bench) -> None:
    sealed.vehicle.cut_power()
    sealed.vehicle.open_case()
    sealed.vehicle.close_case()
    sealed.vehicle.restore_power()
    assert [body.cause for body in breaks(sealed)] == [Cause.CASE_OPENED]


@pytest.mark.requirement("Z-2")
def test_tampered_is_left_by_clear_only(sealed: Bench) -> None:
    sealed.tamper()
    sealed.restart()
    for order in (sealed.orders().seal(), sealed.challenged().unseal(), sealed.orders().confirm()):
        assert sealed.send(order) == (Status.WRONG_STATE, None)
    sealed.apply(sealed.challenged().clear())
    assert (sealed.state(), sealed.status().latched_causes) == (State.OPEN, 0)
    sealed.vehicle.advance(1_000)
    sealed.apply(sealed.orders().seal(parameters(Group.CALIBRATION, salt=1)))


@pytest.mark.requirement("W-2")
def test_the_meter_is_silent_after_three_looks(sealed: Bench) -> None:
    meter = sealed.vehicle.taximeter
    meter.set_silent(True)
    sealed.vehicle.advance(9_000)
    assert not sealed.status().flags & Flag.METER_SILENT
    sealed.vehicle.advance(12_000)
    evidence = sealed.evidence()
    assert evidence.flags & Flag.METER_SILENT
    assert evidence.meter_seen is MeterSeen.SILENT
    assert evidence.state is State.SEALED
    meter.set_silent(False)
    sealed.vehicle.advance(6_000)
    assert not sealed.status().flags & Flag.METER_SILENT
    assert bodies(sealed, RecordKind.METER) == [
        MeterRecord(MeterEvent.ANSWERS),
        MeterRecord(MeterEvent.SILENT),
        MeterRecord(MeterEvent.ANSWERS),
    ]
    assert bodies(sealed, RecordKind.FLAGS) == []  # the meter records tell it already


@pytest.mark.requirement("O-25")
def test_a_meter_that_was_not_seen_lately_is_not_sealed() -> None:
    bench = Bench()
    bench.enrol()
    bench.vehicle.join_cable(False)
    bench.vehicle.advance(16_000)
    assert bench.send(bench.orders().seal()) == (Status.METER_NOT_SEEN, None)


@pytest.mark.requirement("R03")
def test_a_pending_tariff_is_taken_for_no_break() -> None:
    bench = Bench()
    bench.enrol()
    bench.vehicle.advance(1_000)
    pending = layouts.FARE_PARAMETERS.build(replace(SHANGHAI_FARE, day_flag_fall_fen=1_600))
    window = PendingTariff(NOW + 3_600, NOW + 7_200, pending)
    changes = {Group.TARIFF: {"fare": FARE, "mask": MASK, "pending": (window,)}}
    bench.apply(bench.orders().seal(parameters(changes=changes)))
    early = bench.copy()
    early.vehicle.taximeter.set_parameter("day_flag_fall_fen", "1600")
    early.vehicle.advance(6_000)
    assert early.state() is State.TAMPERED
    bench.vehicle.advance(3_600_000)
    bench.vehicle.taximeter.set_parameter("day_flag_fall_fen", "1600")
    bench.vehicle.advance(6_000)
    bench.restart(gap_s=3_700)
    bench.vehicle.advance(6_000)
    assert bench.state() is State.SEALED
    digest = bench.core.suite.digest
    assert bodies(bench, RecordKind.TARIFF) == [TariffRecord(digest(FARE), digest(pending))]
    bench.vehicle.taximeter.set_parameter("day_flag_fall_fen", "1400")
    bench.vehicle.advance(6_000)
    assert bench.state() is State.TAMPERED


def test_what_is_driven_while_open_is_told_before_the_next_seal(sealed: Bench) -> None:
    sealed.vehicle.pulses(100)
    sealed.apply(sealed.challenged().unseal())
    sealed.vehicle.pulses(40)
    sealed.vehicle.pulses(2)
    assert sealed.status().flags & Flag.DRIVEN_WHILE_OPEN
    sealed.vehicle.advance(6_000)
    sealed.restart()
    sealed.vehicle.advance(1_000)
    answer = sealed.apply(sealed.orders().seal(parameters(Group.CALIBRATION, salt=1)))
    (record,) = [r for r in sealed.log(Chain.JOURNAL) if r.kind == RecordKind.DRIVEN]
    assert parse_record_body(record) == DrivenRecord(100, 142)
    assert record.sequence == answer.sequence - 1
    evidence = sealed.evidence()
    assert not evidence.flags & Flag.DRIVEN_WHILE_OPEN  # it falls with the order that ends OPEN
    assert evidence.pulses == 142
    sealed.vehicle.advance(6_000)
    assert bodies(sealed, RecordKind.FLAGS) == [FlagsRecord(0, Flag.DRIVEN_WHILE_OPEN)]


@pytest.mark.requirement("O-29")
def test_the_clock_is_not_adjusted_in_a_moving_vehicle(sealed: Bench) -> None:
    sealed.vehicle.pulses(1)
    sealed.time.advance(29_999)
    assert sealed.send(sealed.orders().adjust_clock(1)) == (Status.VEHICLE_MOVING, None)
    sealed.time.advance(1)
    sealed.apply(sealed.orders().adjust_clock(1))


@pytest.mark.requirement("R56")
def test_a_boot_tells_how_long_the_power_was_away(sealed: Bench) -> None:
    sealed.restart(gap_s=7_200)
    sealed.vehicle.cut_power(gap_s=100)
    sealed.vehicle.lose_clock()
    sealed.vehicle.restore_power()
    told = [b.gap_s for b in bodies(sealed, RecordKind.BOOT) if isinstance(b, BootRecord)]
    assert 7_200 <= told[0] <= 7_206  # what was last stored is at most 5 s old
    assert told[1] == 0xFFFFFFFF
    assert sealed.status().boot == 3


@pytest.mark.requirement("R56")
def test_a_reset_is_told_as_one_and_has_no_gap(sealed: Bench) -> None:
    for lost in (False, True):
        if lost:
            sealed.vehicle.lose_clock()
        sealed.vehicle.advance(4_000)
        sealed.vehicle.reset()
        assert bodies(sealed, RecordKind.BOOT)[-1] == BootRecord(BootCause.RESET, 0)
    record = next(r for r in sealed.log(Chain.BOTH) if r.kind == RecordKind.BOOT)
    assert what_words(record) == "boot after a reset"
    assert sealed.status().boot == 3
    check_chains(sealed)


@pytest.mark.requirement("Z-3")
def test_a_lost_clock_while_powered_latches_at_the_next_boot_only(sealed: Bench) -> None:
    sealed.vehicle.lose_clock()
    sealed.vehicle.advance(1_000)
    assert sealed.state() is State.SEALED
    assert sealed.status().clock_quality is ClockQuality.LOST
    sealed.restart()
    assert sealed.state() is State.TAMPERED


@pytest.mark.requirement("Z-3")
def test_the_records_of_a_boot_are_boot_flags_and_tamper(sealed: Bench) -> None:
    before = sealed.status()
    _lose_supervision(sealed)
    records = [r for r in sealed.log(Chain.BOTH) if r.sequence > before.journal_sequence]
    records = [r for r in records if r.sequence > before.control_sequence]
    kinds = [RecordKind.BOOT, RecordKind.FLAGS, RecordKind.TAMPER]
    assert [r.kind for r in records[:3]] == kinds
    assert [r.flags for r in records[:3]] == [Flag.CLOCK_LOST] * 3
    assert sealed.status().live_causes == 0


@pytest.mark.requirement("E-3")
def test_the_floor_rises_with_records_only(sealed: Bench) -> None:
    floor = sealed.status().clock_floor
    sealed.vehicle.advance(60_000)
    assert sealed.status().clock_floor == floor
    sealed.vehicle.set_battery_low(True)
    assert sealed.status().clock_floor == sealed.status().clock == sealed.log(Chain.BOTH)[-1].clock


@pytest.mark.requirement("R24")
def test_flags_that_change_are_recorded(sealed: Bench) -> None:
    sealed.vehicle.set_battery_low(True)
    sealed.vehicle.advance(6_000)
    sealed.vehicle.set_battery_low(False)
    sealed.vehicle.lose_clock()
    assert bodies(sealed, RecordKind.FLAGS) == [
        FlagsRecord(0, Flag.BATTERY_LOW),
        FlagsRecord(Flag.BATTERY_LOW, 0),
        FlagsRecord(0, Flag.CLOCK_LOST),
    ]


@pytest.mark.requirement("W-1")
def test_the_seal_does_not_answer_the_meter_and_survives_its_noise(sealed: Bench) -> None:
    seal = sealed.seal
    for noise in (sealed.vehicle.taximeter.heartbeat(), b"\x55\xaa" * 400, bytes(1_000)):
        seal.hear_meter(noise)
        assert seal.take_meter_bytes() == b""
    sealed.vehicle.advance(12_000)
    assert sealed.evidence().meter_seen is MeterSeen.ANSWERS


@pytest.mark.requirement("W-2")
def test_a_look_counts_only_when_both_answers_are_whole(sealed: Bench) -> None:
    sealed.vehicle.taximeter.status = replace(
        sealed.vehicle.taximeter.status, device_number="0102004711"
    )
    seal, meter = sealed.seal, sealed.vehicle.taximeter
    sealed.vehicle.join_cable(False)
    sealed.time.advance(5_000)
    seal.tick()
    before = seal.device.watch.look
    answer = meter.seal_line.receive(seal.take_meter_bytes())
    seal.hear_meter(answer[:-1] + b"\x00")  # the end mark is wrong
    assert seal.take_meter_bytes() == b""
    seal.hear_meter(answer)
    fare = meter.seal_line.receive(seal.take_meter_bytes())
    seal.hear_meter(fare[:-20])
    assert seal.device.watch.look is before
    seal.hear_meter(fare[-20:])
    assert seal.device.watch.look is not before


def test_a_set_without_the_line_or_the_switch_watches_neither() -> None:
    bench = Bench()
    bench.enrol()
    bench.vehicle.join_cable(False)
    changes = {Group.SUPERVISION: {"attachments": 0}}
    bench.apply(bench.orders().seal(parameters(changes=changes)))
    bench.vehicle.open_case()
    bench.vehicle.join_cable(True)
    bench.vehicle.taximeter.replace("0102999999")
    bench.vehicle.advance(12_000)
    assert bench.state() is State.SEALED
    assert bench.status().flags & Flag.CASE_OPEN

"""Memory nearly full and full: what is refused, what still works, what is told (J-1, J-3, O-15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from sealkit.wire.orders import AdjustClockBody, ReasonBody
from sealkit.wire.records import (
    CoalescedRecord,
    FlagsRecord,
    Record,
    TamperRecord,
    parse_record_body,
)
from sealkit.wire.registry import (
    CONTROL_RESERVE_ORDERS,
    RECORD_MAX,
    TAMPER_RESERVE_RECORDS,
    Cause,
    Chain,
    Flag,
    Group,
    OrderKind,
    Reason,
    RecordKind,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.bench.meter import ConformanceMeter, Trip, trip_ended, trip_started
from sealkit_conformance.marks import clause, destructive, needs
from sealkit_conformance.subject.filling import (
    fill_control,
    fill_journal,
    flip_flag,
    greatest_order,
    stretched,
)
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = [destructive, pytest.mark.seconds(120), needs(Capability.FRESH_DEVICES)]


# The control chain.


@clause("C-3", "J-1", "R-4", "E-1", "R24")
def test_storage_nearly_full_is_told_in_time(opened: SealUnderTest) -> None:
    """When fewer than 16 orders of the greatest size fit; as many fit as are told."""
    fill_control(opened, left=CONTROL_RESERVE_ORDERS + 2)
    free = opened.status().control_free
    while free:
        answer = opened.apply(greatest_order(opened), "C-3")
        status = opened.status()
        length = opened.record(answer.sequence, 0, 1).total
        expect.equal("O-16", RECORD_MAX, length, "bytes of the greatest record")
        expect.equal("C-3", free - 1, status.control_free, "control_free after the greatest order")
        free = status.control_free
        due = free < CONTROL_RESERVE_ORDERS
        told = {
            "status": status.flags,
            "evidence": opened.evidence().flags,
            "record": int.from_bytes(opened.record(answer.sequence, 24, 2).data, "big"),
        }
        for where, flags in told.items():
            raised = bool(flags & Flag.STORAGE_NEARLY_FULL)
            expect.equal("J-1", due, raised, f"storage_nearly_full in the {where}, {free} left")
    opened.refuses(greatest_order(opened), Status.LOG_FULL, "O-15")
    history = check_history(opened)
    changes = [parse_record_body(record) for record in history.journal]
    flips = [body for body in changes if isinstance(body, FlagsRecord)]
    told_again = [b for b in flips if (b.before ^ b.after) & Flag.STORAGE_NEARLY_FULL]
    expect.equal("R-4", [], told_again, "flags records of what an order's record tells")


@clause("O-15", "O-3", "J-1", "R24")
@needs(Capability.POWER)
def test_a_full_control_log_refuses_every_order(sealed: SealUnderTest, bench: Backend) -> None:
    """And changes nothing, before a boot and after it; what was applied is known."""
    last = sealed.good(OrderKind.TRUST)
    sealed.apply(last)
    fill(sealed)
    head = sealed.status().control_digest
    for _ in range(2):
        for kind in (
            OrderKind.CONFIRM,
            OrderKind.UNSEAL,
            OrderKind.SEAL,
            OrderKind.ADJUST_CLOCK,
            OrderKind.TRUST,
            OrderKind.ACKNOWLEDGE,
        ):
            sealed.refuses(sealed.good(kind), Status.LOG_FULL, "O-15")
        expect.status("O-3", Status.ALREADY_APPLIED, sealed.order(last), "an order of before")
        sealed.refuses(
            sealed.good(OrderKind.ADJUST_CLOCK, body=AdjustClockBody(0)),
            Status.NOTHING_CHANGED,
            "O-15",
        )
        expect.equal("O-15", head, sealed.status().control_digest, "a full log changed")
        sealed.restart()
    check_history(sealed)


@clause("O-15", "J-1")
def test_an_order_that_fits_is_taken_to_the_last(opened: SealUnderTest) -> None:
    """Small ones, when the greatest fit no more; then none of that size."""
    fill_control(opened)
    for _ in range(40):
        answer = opened.order(opened.good(OrderKind.ADJUST_CLOCK, body=AdjustClockBody(1)))
        if answer.status == Status.LOG_FULL:
            break
        expect.status("O-15", Status.OK, answer, "a small order that may still fit")
    else:
        expect.fail("O-15", "a full log takes orders without end")
    opened.refuses(
        opened.good(OrderKind.ADJUST_CLOCK, body=AdjustClockBody(1)), Status.LOG_FULL, "O-15"
    )
    expect.true("C-3", opened.status().control_free == 0, "control_free of a full log")
    check_history(opened)


def fill(seal: SealUnderTest) -> None:
    """Until not even the smallest order fits."""
    fill_control(seal)
    for change in (1, -1) * 20:
        request = seal.good(OrderKind.TRUST) if change > 0 else seal.good(OrderKind.CONFIRM)
        if seal.order(request).status == Status.LOG_FULL and change > 0:
            return
    expect.fail("O-15", "a full log takes orders without end")


Break = Callable[[SealUnderTest, Backend, ConformanceMeter], object]


def _look(bench: Backend) -> None:
    bench.pass_time(3_000)


def _other_k(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    for metres in (1_000, 900_000):
        now = bench.now()
        meter.tell(Trip(meter.total_trips + 1, metres, 0, now - 600, now))
        _look(bench)


def _standing(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    for second in range(12):
        bench.pulses(500 if 4 <= second < 9 else 0, 1_000)
        bench.motion(0)


def _drifting(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    for _ in range(10):
        bench.pulses(500, 1_000)
        bench.motion(10_000)


def _changed(**fields: Any) -> Break:
    def change(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
        meter.facts = replace(meter.facts, **fields)
        _look(bench)

    return change


def _fare(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    fare = meter.facts.fare
    _changed(fare=fare[:9] + bytes((fare[9] ^ 1,)) + fare[10:])(seal, bench, meter)


def _two_ways(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    number, now = meter.total_trips + 1, bench.now()
    for metres, again in ((5_000, False), (9_000, True)):
        trip = Trip(number, metres, 0, now - 600, now)
        bench.say_to_terminal(trip_ended(trip, again=again))
    bench.pass_time(500)


def _fewer(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    meter.total_trips -= 2
    _look(bench)


def _silent(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    meter.silent = True
    bench.pass_time(40_000)


def _unsupervised(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    bench.cut_power()
    bench.lose_clock()
    bench.restore_power(100)
    seal.line.forget()


def _case(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    bench.open_case()
    bench.close_case()


def _faster(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    for _ in range(3):
        bench.pulses(90_000, 1_000)
    bench.pulses(0, 1_500)


def _clock(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter) -> None:
    bench.say_to_terminal(trip_started(seal.status().clock + 5_000))
    bench.pass_time(500)


BREAKS: Final[dict[Cause, Break]] = {
    Cause.FARE_PARAMETERS_CHANGED: _fare,
    Cause.METER_IDENTITY_CHANGED: _changed(hardware_version=9),
    Cause.METER_SOFTWARE_CHANGED: _changed(software=b"\x09\x09"),
    Cause.STANDING_MOTION: _standing,
    Cause.MOTION_DISAGREES: _drifting,
    Cause.PULSE_RATE: _faster,
    Cause.K_MISMATCH: _other_k,
    Cause.METER_CLOCK: _clock,
    Cause.TRIP_ALTERED: _two_ways,
    Cause.TRIPS_MISSING: _fewer,
    Cause.CASE_OPENED: _case,
    Cause.METER_SILENT: _silent,
    Cause.UNSUPERVISED: _unsupervised,
}
"""One for each cause there is, in an order in which they do not get in each other's way."""
THRESHOLDS: Final[dict[str, Any]] = {
    "look_interval_ms": 1_000,
    "silence_limit_ms": 30_000,
    "pulse_rate_max_hz": 60_000,
    "k_tolerance_ppm": 10_000,
    "k_window_m": 20_000,
    "standing_limit_m": 1_000,
    "motion_tolerance_ppm": 50_000,
    "motion_limit_m": 1_000,
    "meter_clock_tolerance_s": 3_600,
}
EVERYTHING: Final = needs(
    Capability.CASE,
    Capability.POWER,
    Capability.CLOCK,
    Capability.TIME,
    Capability.PULSES,
    Capability.MOTION,
    Capability.TERMINAL_TAP,
    Capability.METER_SCRIPTED,
)


def break_all(seal: SealUnderTest, bench: Backend, meter: ConformanceMeter, clause_: str) -> None:
    """All causes, one after the other: each gets its record."""
    for number, (cause, happens) in enumerate(BREAKS.items(), start=1):
        happens(seal, bench, meter)
        status = seal.status()
        expect.equal(clause_, State.TAMPERED, status.state, f"the state after {cause.name}")
        bodies = [parse_record_body(record) for record in seal.log(Chain.CONTROL)]
        causes = [body.cause for body in bodies if isinstance(body, TamperRecord)]
        expect.true(clause_, cause in causes, f"{cause.name} is not recorded")
        expect.equal(clause_, number, len(causes), f"tamper records after {cause.name}")


def watched(seal: SealUnderTest, bench: Backend) -> ConformanceMeter:
    """Sealed so that every cause can be brought about."""
    meter = ConformanceMeter(bench.meter())
    bench.script_meter(meter.answer)
    seal.see_meter()
    seal.give(OrderKind.SEAL, body=seal.orders().set_body(k_pulses_per_km=1_000, **THRESHOLDS))
    bench.pass_time(7_000)
    return meter


@clause("J-1", "Z-1", "O-15", "R24", "R46")
@EVERYTHING
def test_in_a_full_log_every_break_is_recorded_and_retire_is_taken(
    opened: SealUnderTest, bench: Backend
) -> None:
    """All causes that there are, in records of the greatest size, then the greatest RETIRE."""
    meter = watched(opened, bench)
    fill(opened)
    break_all(opened, bench, meter, "J-1")
    expect.equal("Z-3", Flag.CLOCK_LOST, opened.status().flags & Flag.CLOCK_LOST, "clock_lost")
    opened.refuses(opened.good(OrderKind.TRUST), Status.LOG_FULL, "O-15")
    check_history(opened)
    body = ReasonBody(Reason.OTHER, "r" * 160)
    station = opened.people.another(Role.STATION, name="s" * 4)
    retire = stretched(opened, OrderKind.RETIRE, body, station)
    opened.apply(retire, "J-1")
    expect.equal("O-34", State.RETIRED, opened.status().state, "the state after RETIRE")
    check_history(opened)
    opened.restart()
    expect.status("O-3", Status.ALREADY_APPLIED, opened.order(retire), "after the boot")


@clause("J-1", "O-15", "R24")
def test_retire_is_taken_by_a_full_log(opened: SealUnderTest) -> None:
    fill(opened)
    opened.apply(opened.good(OrderKind.RETIRE), "O-15")
    expect.equal("O-34", State.RETIRED, opened.status().state, "the state after RETIRE")
    check_history(opened)


@clause("J-1", "R22", "C-5", "C-7")
@needs(Capability.POWER, Capability.BATTERY)
def test_a_seal_with_a_full_control_log_goes_on(sealed: SealUnderTest, bench: Backend) -> None:
    """It is read, signs evidence, and writes its journal."""
    fill(sealed)
    before = len(sealed.log(Chain.JOURNAL))
    sealed.restart()
    flip_flag(sealed)
    flip_flag(sealed)
    after = sealed.log(Chain.JOURNAL)
    expect.true("J-1", len(after) >= before + 3, "the journal of a seal with a full control log")
    expect.equal("C-3", State.SEALED, sealed.state(), "the state of a full seal")
    expect.true("J-1", sealed.evidence().flags & Flag.STORAGE_NEARLY_FULL, "storage_nearly_full")
    expect.equal("C-9", set(Group), set(sealed.groups()), "the groups of a full seal")
    check_history(sealed)


@clause("J-1", "C-3")
@needs(Capability.POWER_IN_ORDER)
def test_power_cuts_do_not_eat_what_is_reserved(opened: SealUnderTest, bench: Backend) -> None:
    """Cut orders leave room behind: RETIRE is taken however often the power went."""
    fill_control(opened, left=4)
    for step in range(12):
        request = greatest_order(opened)
        opened.order_as_power_goes(request, step % 5)
        if not bench.has_power():
            bench.restore_power()
        opened.line.forget()
        bench.pass_time(100)
    opened.apply(opened.good(OrderKind.RETIRE), "J-1")
    check_history(opened)


# The journal.


@clause("C-3", "J-2")
def test_journal_free_counts_what_may_go(sealed: SealUnderTest) -> None:
    """What was received may be deleted for what is to come (J-2), so it is room."""
    capacity = sealed.info().journal_capacity
    empty = sealed.status().journal_free
    fill_journal(sealed)
    full = sealed.status().journal_free
    expect.true("C-3", full < empty, f"journal_free is {full} bytes when the journal is full")
    acknowledge(sealed)
    free = sealed.status().journal_free
    expect.true("C-3", capacity // 2 <= free, f"only {free} bytes when all of it may go")


@clause("C-2", "C-3", "J-1")
def test_as_many_bytes_of_records_fit_as_it_announces(sealed: SealUnderTest) -> None:
    info = sealed.info()
    fill_journal(sealed)
    held = sum(map(len, sealed.raw_log(Chain.JOURNAL)))
    expect.true("C-2", held >= info.journal_capacity, f"the journal is full at {held} bytes")
    fill(sealed)
    held = sum(map(len, sealed.raw_log(Chain.CONTROL)))
    kept = (TAMPER_RESERVE_RECORDS + 4) * RECORD_MAX  # more than J-1 asks to keep
    enough = held + kept >= info.control_capacity
    expect.true("C-2", enough, f"the control log is full at {held} bytes")


@clause("J-3", "J-2", "C-3", "E-1", "R25", "R21")
@needs(Capability.BATTERY)
def test_a_full_journal_deletes_nothing_and_says_so(sealed: SealUnderTest) -> None:
    before = sealed.raw_log(Chain.JOURNAL)
    fill_journal(sealed)
    full = sealed.raw_log(Chain.JOURNAL)
    expect.equal("J-2", before, full[: len(before)], "what nobody acknowledged was deleted")
    for _ in range(5):
        flip_flag(sealed)
    status, evidence = sealed.status(), sealed.evidence()
    expect.equal("J-3", full, sealed.raw_log(Chain.JOURNAL), "a full journal changed")
    expect.true("J-3", status.flags & Flag.JOURNAL_FULL, "journal_full in the status")
    expect.true("J-3", evidence.flags & Flag.JOURNAL_FULL, "journal_full in the evidence")
    expect.equal("J-2", (0, bytes(32)), (evidence.base_sequence, evidence.base_digest), "the base")
    check_history(sealed)


@clause("J-3", "R25")
@needs(Capability.BATTERY, Capability.CASE)
def test_a_full_journal_hinders_neither_orders_nor_breaks(
    sealed: SealUnderTest, bench: Backend
) -> None:
    fill_journal(sealed)
    for kind in (OrderKind.CONFIRM, OrderKind.TRUST, OrderKind.SEAL):
        answer = sealed.give(kind, clause="J-3")
        flags = int.from_bytes(sealed.record(answer.sequence, 24, 2).data, "big")
        expect.true("R-4", flags & Flag.JOURNAL_FULL, f"journal_full in the record of {kind.name}")
    bench.open_case()
    bench.close_case()
    expect.equal("J-3", State.TAMPERED, sealed.state(), "the state after the case was opened")
    check_history(sealed)


def coalesced(records: list[Record]) -> list[Counter[int]]:
    """What coalesced records tell, by kind."""
    bodies = [parse_record_body(record) for record in records]
    return [
        Counter({item.kind: item.count for item in body.items})
        for body in bodies
        if isinstance(body, CoalescedRecord)
    ]


def acknowledge(seal: SealUnderTest) -> None:
    """Everything that is in the journal."""
    seal.give(OrderKind.ACKNOWLEDGE, clause="J-3")
    seal.backend.pass_time(1_000)


@clause("J-3", "R-1", "R25")
@needs(Capability.BATTERY, Capability.POWER, Capability.METER, Capability.TIME)
@pytest.mark.parametrize("boots", [0, 2, 5])
def test_what_a_full_journal_could_not_write_is_told_later(
    sealed: SealUnderTest, bench: Backend, boots: int
) -> None:
    """By kind, also across boots, once there is room again; and once only."""
    fill_journal(sealed)
    last = sealed.log(Chain.JOURNAL)[-1].sequence
    for number in range(6):
        flip_flag(sealed)
        if number < boots:
            sealed.restart(30)
            bench.pass_time(6_000)
    silences = 2
    for silent in (True, False) * silences:
        bench.silence_meter(silent)
        bench.pass_time(30_000)
    expect.equal("J-3", [], coalesced(sealed.log(Chain.JOURNAL)), "counts before there is room")
    acknowledge(sealed)
    after = [record for record in sealed.log(Chain.JOURNAL) if record.sequence > last]
    told = coalesced(after)
    expect.equal("J-3", 1, len(told), "coalesced records once there is room")
    (counts,) = told
    expect.equal("J-3", boots, counts[RecordKind.BOOT], "boots that could not be written")
    # After each boot the meter begins to answer once more.
    meters = 2 * silences + boots
    expect.equal("J-3", meters, counts[RecordKind.METER], "meter records that were not written")
    flags = counts[RecordKind.FLAGS]
    expect.true("J-3", 6 <= flags <= 6 + 2 + boots, f"{flags} flags records that were not written")
    strange = set(counts) - {RecordKind.BOOT, RecordKind.METER, RecordKind.FLAGS}
    expect.equal("J-3", set(), strange, "kinds of which there was none")
    expect.true("J-3", not sealed.status().flags & Flag.JOURNAL_FULL, "journal_full is over")
    flip_flag(sealed)
    sealed.restart()
    after = [record for record in sealed.log(Chain.JOURNAL) if record.sequence > last]
    expect.equal("J-3", told, coalesced(after), "the counts are told once")
    check_history(sealed)


@clause("J-3", "R-4")
@needs(Capability.BATTERY, Capability.POWER)
def test_a_journal_is_full_across_a_boot(sealed: SealUnderTest) -> None:
    fill_journal(sealed)
    sealed.restart()
    expect.true("J-3", sealed.status().flags & Flag.JOURNAL_FULL, "journal_full after a boot")
    check_history(sealed)

"""Ticks, clock, floor: how far a clock may be moved, lost and set again (N-4, E-3, O-29, O-30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from sealkit.wire.orders import AdjustClockBody, EnrolBody, RestoreClockBody
from sealkit.wire.records import BootRecord, FlagsRecord, parse_record_body
from sealkit.wire.registry import (
    CLOCK_ADJUST_MAX_S,
    CLOCK_ADJUST_PERIOD_MS,
    STILL_BEFORE_ADJUST_MS,
    Chain,
    ClockQuality,
    Flag,
    OrderKind,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, destructive, needs
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

DAY_S: Final = 86_400
UNKNOWN_GAP: Final = 0xFFFFFFFF


def adjust(seal: SealUnderTest, change_s: int) -> None:
    """An ADJUST_CLOCK that is applied, and moves the clock by so much and no more."""
    before = seal.status()
    seal.give(OrderKind.ADJUST_CLOCK, clause="O-29", body=AdjustClockBody(change_s))
    after = seal.status()
    passed = (after.tick_ms - before.tick_ms) // 1_000
    moved = after.clock - before.clock - passed
    expect.true("O-29", abs(moved - change_s) <= 1, f"moved by {moved} s, not {change_s} s")
    expect.true("E-3", after.clock_floor >= before.clock_floor, "the floor went down")


def refuses_adjustment(seal: SealUnderTest, change_s: int, status: Status) -> None:
    body = AdjustClockBody(change_s)
    seal.refuses(seal.good(OrderKind.ADJUST_CLOCK, body=body), status, "O-29")


# ADJUST_CLOCK (O-29).

SUMS: Final[dict[str, tuple[tuple[int, ...], int]]] = {
    "at once": ((120,), 1),
    "back at once": ((-120,), -1),
    "to and fro": ((40, -40, 40), -1),
    "bit by bit": ((1,) * 10 + (-1,) * 10 + (100,), 1),
    "nearly": ((60, -59), 2),
}


@clause("O-29", "R36", "R38")
@needs(Capability.FRESH_DEVICES)
@pytest.mark.parametrize("sums", SUMS)
def test_the_sum_of_adjustments_has_a_limit(opened: SealUnderTest, sums: str) -> None:
    """Of the absolute changes: to and fro counts twice."""
    changes, over = SUMS[sums]
    for change in changes:
        adjust(opened, change)
    refuses_adjustment(opened, over, Status.CLOCK_LIMIT)
    refuses_adjustment(opened, -over, Status.CLOCK_LIMIT)
    left = CLOCK_ADJUST_MAX_S - sum(map(abs, changes))
    if left:
        adjust(opened, left)
        refuses_adjustment(opened, 1, Status.CLOCK_LIMIT)
    check_history(opened)


@clause("O-29")
@pytest.mark.parametrize("change", [121, -121, 3_600, 32_767, -32_768])
def test_one_adjustment_alone_has_the_same_limit(sealed: SealUnderTest, change: int) -> None:
    refuses_adjustment(sealed, change, Status.CLOCK_LIMIT)


@clause("O-29", "N-4")
@destructive
@needs(Capability.FRESH_DEVICES, Capability.TIME)
@pytest.mark.seconds(120)
def test_after_seven_days_of_ticks_the_clock_may_be_moved_again(
    opened: SealUnderTest, bench: Backend
) -> None:
    adjust(opened, 100)
    half = CLOCK_ADJUST_PERIOD_MS // 2
    bench.pass_time(half)
    adjust(opened, -20)
    refuses_adjustment(opened, 1, Status.CLOCK_LIMIT)
    bench.pass_time(half - 120_000)
    refuses_adjustment(opened, 1, Status.CLOCK_LIMIT)
    bench.pass_time(240_000)
    adjust(opened, 100)
    refuses_adjustment(opened, 1, Status.CLOCK_LIMIT)


@clause("O-29", "N-4", "R36")
@destructive
@needs(Capability.FRESH_DEVICES, Capability.POWER, Capability.CLOCK)
@pytest.mark.parametrize("how", ["without power", "clock moved"])
def test_only_ticks_make_seven_days(opened: SealUnderTest, bench: Backend, how: str) -> None:
    """Neither time without power nor a clock that jumps."""
    adjust(opened, 120)
    if how == "without power":
        opened.restart(8 * DAY_S)
    else:
        bench.move_clock(8 * DAY_S)
        bench.pass_time(1_000)
    refuses_adjustment(opened, 1, Status.CLOCK_LIMIT)
    opened.restart(60)
    refuses_adjustment(opened, 1, Status.CLOCK_LIMIT)


@clause("O-29")
@needs(Capability.PULSES, Capability.TIME)
def test_a_vehicle_that_moves_keeps_its_clock(sealed: SealUnderTest, bench: Backend) -> None:
    """For 30,000 ticks after the last pulse."""
    bench.pulses(1)
    bench.pass_time(500)
    refuses_adjustment(sealed, 5, Status.VEHICLE_MOVING)
    bench.pass_time(STILL_BEFORE_ADJUST_MS - 3_500)
    refuses_adjustment(sealed, 5, Status.VEHICLE_MOVING)
    bench.pulses(1)
    bench.pass_time(STILL_BEFORE_ADJUST_MS - 3_500)
    refuses_adjustment(sealed, 5, Status.VEHICLE_MOVING)
    bench.pass_time(5_000)
    adjust(sealed, 5)


@clause("O-29", "E-3")
@destructive
@needs(Capability.FRESH_DEVICES, Capability.CLOCK)
def test_a_clock_behind_its_floor_is_not_moved_far_below(
    opened: SealUnderTest, bench: Backend
) -> None:
    """Not below the floor less 120 s; the floor is the highest time that was accepted."""
    opened.give(OrderKind.TRUST)
    floor = opened.status().clock_floor
    bench.move_clock(-300)
    bench.pass_time(500)
    status = opened.status()
    expect.true("E-3", status.clock_floor >= floor, "the floor fell with the clock")
    refuses_adjustment(opened, -5, Status.BELOW_FLOOR)
    refuses_adjustment(opened, 60, Status.BELOW_FLOOR)
    bench.move_clock(120)
    bench.pass_time(500)
    adjust(opened, 100)
    expect.true("E-3", opened.status().clock_floor >= floor, "the floor fell with an order")


@clause("O-29", "O-14")
@needs(Capability.PULSES, Capability.CLOCK, Capability.FRESH_DEVICES)
def test_the_first_rule_of_an_adjustment_decides(opened: SealUnderTest, bench: Backend) -> None:
    bench.move_clock(-1_000)
    bench.pulses(1)
    bench.pass_time(500)
    refuses_adjustment(opened, 0, Status.NOTHING_CHANGED)
    refuses_adjustment(opened, -121, Status.CLOCK_LIMIT)
    refuses_adjustment(opened, -1, Status.VEHICLE_MOVING)
    bench.pass_time(STILL_BEFORE_ADJUST_MS + 1_000)
    refuses_adjustment(opened, -1, Status.BELOW_FLOOR)


@clause("O-29", "E-3", "R-4")
def test_setting_the_clock_back_does_not_lower_the_floor(opened: SealUnderTest) -> None:
    before = opened.status()
    adjust(opened, -100)
    record, after = opened.log(Chain.CONTROL)[-1], opened.status()
    expect.true("E-3", after.clock_floor >= before.clock_floor, "the floor went down")
    expect.true("R-4", record.clock < before.clock, "the record has the time before it")
    opened.restart()
    expect.true("E-3", opened.status().clock_floor >= before.clock_floor, "after a boot")
    check_history(opened)


# How the clock runs.


@clause("N-4", "C-3")
@needs(Capability.TIME)
def test_clock_and_ticks_run_with_time(sealed: SealUnderTest, bench: Backend) -> None:
    before, begun = sealed.status(), bench.running_ms()
    bench.pass_time(600_000)
    after, passed = sealed.status(), bench.running_ms() - begun
    ticks, seconds = after.tick_ms - before.tick_ms, after.clock - before.clock
    expect.true("N-4", abs(ticks - passed) <= passed // 500, f"{ticks} ticks in {passed} ms")
    expect.true("C-3", abs(seconds - passed / 1_000) <= 2, f"{seconds} s in {passed} ms")


@clause("C-3", "R56")
@needs(Capability.TIME, Capability.POWER)
def test_the_clock_runs_without_power(sealed: SealUnderTest) -> None:
    before = sealed.status().clock
    sealed.restart(30 * DAY_S)
    status = sealed.status()
    passed = status.clock - before
    expect.true("C-3", abs(passed - 30 * DAY_S) <= 60, f"{passed} s in 30 days without power")
    expect.equal("C-3", ClockQuality.SET, status.clock_quality, "the clock's quality")
    expect.equal("Z-3", State.SEALED, status.state, "a long time without power alone")


# A lost clock.


def lose(seal: SealUnderTest, bench: Backend) -> None:
    bench.lose_clock()
    bench.pass_time(500)


@clause("E-3", "R-4", "Z-3", "R39")
@needs(Capability.CLOCK, Capability.POWER)
def test_a_clock_that_is_lost_without_power(opened: SealUnderTest, bench: Backend) -> None:
    """It shows the floor, and goes on doing so."""
    bench.cut_power()
    bench.lose_clock()
    bench.restore_power(100 * DAY_S)
    opened.line.forget()
    status = opened.status()
    expect.equal("R-4", ClockQuality.LOST, status.clock_quality, "the clock's quality")
    expect.equal("R-4", status.clock_floor, status.clock, "a lost clock shows the floor")
    boot = [
        b for r in opened.log(Chain.JOURNAL) if isinstance(b := parse_record_body(r), BootRecord)
    ]
    expect.equal("R-4", UNKNOWN_GAP, boot[-1].gap_s, "a gap that nobody knows")
    bench.pass_time(10_000)
    later = opened.status()
    expect.equal("R-4", later.clock_floor, later.clock, "a lost clock runs")
    evidence = opened.evidence()
    due = {
        "clock": later.clock,
        "clock_floor": later.clock_floor,
        "clock_quality": ClockQuality.LOST,
    }
    expect.fields_of("E-1", evidence, due, "the evidence of a seal with a lost clock")
    expect.true("E-1", evidence.flags & Flag.CLOCK_LOST, "the flag clock_lost")
    opened.restart(60)
    expect.equal("R-4", ClockQuality.LOST, opened.status().clock_quality, "after another boot")
    check_history(opened)


@clause("R-4", "O-6", "R39")
@needs(Capability.CLOCK)
def test_a_clock_that_is_lost_with_power(sealed: SealUnderTest, bench: Backend) -> None:
    lose(sealed, bench)
    status = sealed.status()
    expect.equal("R-4", ClockQuality.LOST, status.clock_quality, "the clock's quality")
    expect.equal("Z-3", State.SEALED, status.state, "losing the clock with power latches nothing")
    bodies = [parse_record_body(record) for record in sealed.log(Chain.JOURNAL)]
    flips = [b for b in bodies if isinstance(b, FlagsRecord)]
    expect.true("R-4", flips and flips[-1].after & Flag.CLOCK_LOST, "clock_lost is not recorded")
    sealed.refuses(sealed.good(OrderKind.ADJUST_CLOCK), Status.TIME_NOT_SET, "O-6")
    sealed.give(OrderKind.TRUST, clause="O-33")
    record = sealed.log(Chain.CONTROL)[-1]
    expect.equal("R-4", ClockQuality.LOST, record.clock_quality, "the quality in a record")
    expect.equal("R-4", sealed.status().clock_floor, record.clock, "the time in a record")
    check_history(sealed)


RESTORES: Final[dict[str, Callable[[int], tuple[int, Status | None]]]] = {
    "at the floor": lambda floor: (floor, None),
    "below the floor": lambda floor: (floor - 1, Status.BELOW_FLOOR),
    "far below": lambda floor: (floor - 30 * DAY_S, Status.BELOW_FLOOR),
    "a day later": lambda floor: (floor + DAY_S, None),
    "five years later": lambda floor: (floor + 5 * 365 * DAY_S, None),
}


@clause("O-30", "E-3", "R39")
@needs(Capability.CLOCK)
@destructive
@pytest.mark.parametrize("when", RESTORES)
def test_restore_clock_sets_no_time_below_the_floor(
    opened: SealUnderTest, bench: Backend, when: str
) -> None:
    lose(opened, bench)
    floor = opened.status().clock_floor
    time, status = RESTORES[when](floor)
    request = opened.good(
        OrderKind.RESTORE_CLOCK,
        body=RestoreClockBody(time),
        not_before=max(0, time - 60),
        not_after=time + 3_600,
    )
    if status is not None:
        opened.refuses(request, status, "O-30")
        expect.equal("O-30", ClockQuality.LOST, opened.status().clock_quality, "after a refusal")
        return
    opened.apply(request, "O-30")
    after = opened.status()
    expect.true(
        "O-30", time <= after.clock <= time + 3, f"the clock shows {after.clock - time:+} s"
    )
    expect.equal("O-30", ClockQuality.RESTORED, after.clock_quality, "the clock's quality")
    expect.true("E-3", after.clock_floor >= time, "the floor does not rise to the time set")
    expect.true("O-30", after.flags & Flag.CLOCK_RESTORED, "the flag clock_restored")
    expect.true("O-30", not after.flags & Flag.CLOCK_LOST, "the flag clock_lost")
    opened.restart(100)
    again = opened.status()
    expect.equal("O-30", ClockQuality.RESTORED, again.clock_quality, "after a boot")
    expect.true("O-30", again.clock >= time, "the clock after a boot")
    check_history(opened)


@clause("R-4", "O-30", "R39")
@needs(Capability.CLOCK)
@pytest.mark.parametrize("kind", [OrderKind.CONFIRM, OrderKind.SEAL])
def test_clock_restored_falls_with_the_next_confirm_or_seal(
    sealed: SealUnderTest, bench: Backend, kind: OrderKind
) -> None:
    """And with no other order, nor with a boot. The quality stays *restored*."""
    lose(sealed, bench)
    sealed.give(OrderKind.RESTORE_CLOCK, body=RestoreClockBody(bench.now() + 60))
    for other in (OrderKind.TRUST, OrderKind.ADJUST_CLOCK, OrderKind.ACKNOWLEDGE):
        sealed.give(other)
        raised = sealed.status().flags & Flag.CLOCK_RESTORED
        expect.true("R-4", raised, f"clock_restored falls with {other.name}")
    sealed.restart()
    sealed.see_meter()
    expect.true("R-4", sealed.status().flags & Flag.CLOCK_RESTORED, "clock_restored after a boot")
    answer = sealed.give(kind)
    flags = int.from_bytes(sealed.record(answer.sequence, 24, 2).data, "big")
    expect.true("R-4", not flags & Flag.CLOCK_RESTORED, f"in the record of {kind.name}")
    status = sealed.status()
    expect.true("R-4", not status.flags & Flag.CLOCK_RESTORED, f"after {kind.name}")
    expect.equal("O-30", ClockQuality.RESTORED, status.clock_quality, "the clock's quality")
    check_history(sealed)


@clause("O-30", "O-6")
@needs(Capability.CLOCK)
def test_a_clock_that_was_restored_may_be_lost_again(opened: SealUnderTest, bench: Backend) -> None:
    for _ in range(3):
        lose(opened, bench)
        floor = opened.status().clock_floor
        opened.give(OrderKind.RESTORE_CLOCK, clause="O-30", body=RestoreClockBody(floor + 100))
        body = RestoreClockBody(floor + 200)
        again = opened.good(OrderKind.RESTORE_CLOCK, body=body)
        opened.refuses(again, Status.CLOCK_RUNNING, "O-6")
    check_history(opened)


@clause("O-20", "E-3", "R47")
@destructive
@needs(Capability.CLOCK, Capability.FRESH_DEVICES)
@pytest.mark.parametrize("when", ["below the floor", "at the floor", "a year later"])
def test_enrol_sets_a_lost_clock(
    seal: SealUnderTest, stages: Stages, bench: Backend, when: str
) -> None:
    """Quality *set*: nothing was sealed yet."""
    stages.bring(seal, State.FACTORY)
    lose(seal, bench)
    floor = seal.status().clock_floor
    time = {"below the floor": floor - 1, "at the floor": floor}.get(when, floor + 365 * DAY_S)
    authority = seal.people.endorsed.credential.raw
    request = seal.good(
        OrderKind.ENROL,
        body=EnrolBody(time, authority),
        not_before=time - 60,
        not_after=time + 3_600,
    )
    if time < floor:
        seal.refuses(request, Status.BELOW_FLOOR, "O-20")
        return
    seal.apply(request, "O-20")
    status = seal.status()
    expect.equal("O-20", ClockQuality.SET, status.clock_quality, "the clock's quality")
    expect.true("O-20", time <= status.clock <= time + 3, f"it shows {status.clock - time:+} s")
    expect.true("E-3", status.clock_floor >= time, "the floor does not rise to the time set")
    flags = status.flags & (Flag.CLOCK_LOST | Flag.CLOCK_RESTORED)
    expect.equal("O-20", 0, flags, "flags of a clock that was lost or restored")
    check_history(seal)


@clause("O-20")
@destructive
@needs(Capability.FRESH_DEVICES)
def test_enrol_leaves_a_running_clock_alone(seal: SealUnderTest, stages: Stages) -> None:
    stages.bring(seal, State.FACTORY)
    before = seal.status().clock
    body = EnrolBody(before + 500_000, seal.people.endorsed.credential.raw)
    seal.give(OrderKind.ENROL, clause="O-20", body=body)
    after = seal.status()
    expect.true("O-20", before <= after.clock <= before + 10, "ENROL set a clock that was running")
    expect.true("O-20", after.clock_floor <= before + 10, "the floor rose to a time not used")


@clause("E-3", "R36")
@needs(Capability.CLOCK, Capability.POWER)
def test_a_clock_that_was_set_back_keeps_the_floor(sealed: SealUnderTest, bench: Backend) -> None:
    """Orders are judged by the clock, records raise the floor alone."""
    floor = sealed.status().clock_floor
    bench.move_clock(-100 * DAY_S)
    bench.pass_time(500)
    sealed.give(OrderKind.TRUST)
    status = sealed.status()
    expect.true("E-3", status.clock_floor >= floor, "the floor fell with an order's record")
    sealed.restart(60)
    expect.true("E-3", sealed.status().clock_floor >= floor, "the floor fell with a boot")
    expect.true("E-3", sealed.evidence().clock_floor >= floor, "the floor in the evidence")

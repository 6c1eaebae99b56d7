"""The five states and what latches (chapter 10)."""

from __future__ import annotations

import pytest

from sealkit.wire.records import BootRecord, FlagsRecord, TamperRecord, parse_record_body
from sealkit.wire.registry import Cause, Chain, ClockQuality, Flag, OrderKind, State, Status
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

CASE = 1 << (Cause.CASE_OPENED - 1)


@clause("Z-1", "R46", "R55")
@needs(Capability.CASE)
@pytest.mark.parametrize("state", [State.FACTORY, State.OPEN])
def test_in_other_states_causes_are_live_and_not_latched(
    seal: SealUnderTest, stages: Stages, bench: Backend, state: State
) -> None:
    stages.bring(seal, state)
    head = seal.status().control_digest
    bench.open_case()
    bench.pass_time(500)
    status = seal.status()
    expect.true("Z-1", status.live_causes & CASE, "an open case is not live")
    expect.true("Z-1", seal.evidence().flags & Flag.CASE_OPEN, "the flag case_open")
    expect.equal("Z-1", (state, 0), (status.state, status.latched_causes), "it latched")
    bench.close_case()
    bench.pass_time(500)
    status = seal.status()
    expect.true("Z-1", not status.live_causes & CASE, "a closed case is live")
    expect.equal("Z-1", head, status.control_digest, "a control record was written")


@clause("Z-1", "R46")
@needs(Capability.CASE)
def test_an_opened_case_latches_at_once(sealed: SealUnderTest, bench: Backend) -> None:
    bench.open_case()
    bench.pass_time(300)
    status = sealed.status()
    expect.equal("Z-1", State.TAMPERED, status.state, "the state with an open case")
    expect.equal("Z-1", CASE, status.latched_causes & CASE, "the latched cause")
    expect.equal("Z-1", CASE, status.live_causes & CASE, "the live cause")
    bench.close_case()
    bench.pass_time(300)
    status = sealed.status()
    expect.equal("Z-1", State.TAMPERED, status.state, "the state after the case was closed")
    expect.true("Z-1", not status.live_causes & CASE, "a closed case is live")


@clause("Z-1")
@needs(Capability.CASE)
def test_a_latched_cause_gets_no_second_record(tampered: SealUnderTest, bench: Backend) -> None:
    head = tampered.status().control_digest
    for _ in range(3):
        bench.open_case()
        bench.pass_time(500)
        bench.close_case()
        bench.pass_time(500)
    expect.equal("Z-1", head, tampered.status().control_digest, "it was recorded again")


@clause("Z-1")
@needs(Capability.CASE, Capability.METER)
def test_each_further_cause_gets_a_record(tampered: SealUnderTest, bench: Backend) -> None:
    facts = bench.meter()
    bench.set_identity(bytes.fromhex("0102009999"), facts.hardware_version, facts.software)
    tampered.see_meter()
    history = check_history(tampered)
    bodies = [parse_record_body(record) for record in history.control]
    causes = [body.cause for body in bodies if isinstance(body, TamperRecord)]
    due = [Cause.CASE_OPENED, Cause.METER_IDENTITY_CHANGED]
    expect.equal("Z-1", due, causes, "the causes recorded")


@clause("Z-2", "R40")
@needs(Capability.CASE)
def test_only_clear_and_retire_leave_tampered(tampered: SealUnderTest) -> None:
    for kind in (OrderKind.SEAL, OrderKind.UNSEAL, OrderKind.CONFIRM, OrderKind.ENROL):
        tampered.refuses(tampered.good(kind), Status.WRONG_STATE, "Z-2")
    for kind in (OrderKind.TRUST, OrderKind.ADJUST_CLOCK, OrderKind.ACKNOWLEDGE):
        tampered.give(kind)
        expect.equal("Z-2", State.TAMPERED, tampered.state(), f"{kind.name} left TAMPERED")
    tampered.give(OrderKind.CLEAR, clause="Z-2")
    expect.equal("Z-2", State.OPEN, tampered.state(), "the state after CLEAR")


@clause("Z-3", "R39")
@needs(Capability.CLOCK, Capability.POWER)
def test_a_boot_without_a_clock_latches_unsupervised(sealed: SealUnderTest, bench: Backend) -> None:
    bench.cut_power()
    bench.lose_clock()
    bench.restore_power(100)
    sealed.line.forget()
    status = sealed.status()
    bit = 1 << (Cause.UNSUPERVISED - 1)
    expect.equal("Z-3", State.TAMPERED, status.state, "the state")
    expect.true("Z-3", status.latched_causes & bit, "unsupervised is not latched")
    expect.true("Z-3", not status.live_causes & bit, "unsupervised is live")
    expect.equal("Z-3", ClockQuality.LOST, status.clock_quality, "the clock's quality")
    expect.true("Z-3", status.flags & Flag.CLOCK_LOST, "the flag clock_lost")
    records = [r for r in check_history(sealed).records if r.boot == status.boot][:3]
    bodies = [parse_record_body(record) for record in records]
    due = [BootRecord, FlagsRecord, TamperRecord]
    expect.equal("Z-3", due, [type(body) for body in bodies], "the boot's records")
    expect.equal("Z-3", 1, len({record.flags for record in records}), "their flags differ")
    gap = bodies[0].gap_s if isinstance(bodies[0], BootRecord) else 0
    expect.equal("Z-3", 0xFFFFFFFF, gap, "a gap that nobody knows")


@clause("Z-3", "Z-1")
@needs(Capability.CLOCK, Capability.POWER)
@pytest.mark.parametrize("state", [State.FACTORY, State.OPEN])
def test_elsewhere_a_boot_without_a_clock_latches_nothing(
    seal: SealUnderTest, stages: Stages, bench: Backend, state: State
) -> None:
    stages.bring(seal, state)
    bench.lose_clock()
    seal.restart()
    status = seal.status()
    expect.equal("Z-3", (state, 0), (status.state, status.latched_causes), "it latched")


@clause("O-34", "R49", "Z-1")
@needs(Capability.CASE, Capability.POWER)
def test_a_retired_seal_records_nothing_more(retired: SealUnderTest, bench: Backend) -> None:
    """Its last evidence signs where both chains end."""
    log = retired.raw_log(Chain.BOTH)
    bench.open_case()
    bench.pass_time(1_000)
    bench.close_case()
    retired.restart(100)
    bench.pass_time(20_000)
    expect.equal("O-34", log, retired.raw_log(Chain.BOTH), "the log of a retired seal")
    expect.equal("O-34", State.RETIRED, retired.state(), "the state of a retired seal")


@clause("Z-1", "R-4", "W-4")
@needs(Capability.CASE)
def test_a_short_opening_latches(sealed: SealUnderTest, bench: Backend) -> None:
    """However soon the case is closed again."""
    bench.open_case()
    bench.close_case()
    status = sealed.status()
    told = (status.state, status.latched_causes, status.live_causes & CASE)
    expect.equal("Z-1", (State.TAMPERED, CASE, 0), told, "state, latched causes, live cause")


@clause("Z-1", "O-28")
@needs(Capability.CASE)
def test_after_clear_a_case_that_stays_open_latches_nothing(
    tampered: SealUnderTest, bench: Backend
) -> None:
    """It is live in OPEN, and keeps SEAL away (O-25)."""
    bench.open_case()
    bench.pass_time(500)
    tampered.give(OrderKind.CLEAR, clause="O-28")
    bench.pass_time(2_000)
    status = tampered.status()
    told = (status.state, status.latched_causes, status.live_causes & CASE)
    expect.equal("Z-1", (State.OPEN, 0, CASE), told, "state, latched causes, live cause")
    tampered.see_meter()
    tampered.refuses(tampered.good(OrderKind.SEAL), Status.TAMPER_LIVE, "O-25")


@clause("Z-1", "O-28", "O-16")
@needs(Capability.CASE)
def test_a_cause_latches_anew_after_it_was_cleared(tampered: SealUnderTest, bench: Backend) -> None:
    tampered.give(OrderKind.CLEAR)
    tampered.see_meter()
    tampered.give(OrderKind.SEAL)
    bench.open_case()
    bench.close_case()
    status = tampered.status()
    told = (status.state, status.latched_causes)
    expect.equal("Z-1", (State.TAMPERED, CASE), told, "state and causes of a second break")
    history = check_history(tampered)
    causes = [b for r in history.control if isinstance(b := parse_record_body(r), TamperRecord)]
    expect.equal("Z-1", 2, len(causes), "records of tampering")


@clause("Z-1", "R-4")
@needs(Capability.BATTERY)
def test_flags_that_change_are_recorded(sealed: SealUnderTest, bench: Backend) -> None:
    for low in (True, False):
        before = sealed.status().flags
        bench.set_battery_low(low)
        bench.pass_time(1_000)
        flags = sealed.evidence().flags
        expect.equal("R-4", low, bool(flags & Flag.BATTERY_LOW), "the flag battery_low")
        last = parse_record_body(check_history(sealed).journal[-1])
        due = FlagsRecord(before, before ^ Flag.BATTERY_LOW)
        expect.equal("R-4", due, last, "the record of flags")
    expect.equal("Z-1", State.SEALED, sealed.state(), "a warning changes the state")


@clause("R48", "O-5", "R40")
def test_calibration_is_open_before_activation_and_not_after(
    seal: SealUnderTest, stages: Stages
) -> None:
    """OPEN takes a whole set by two people; SEALED takes the same only as its table says."""
    stages.bring(seal, State.OPEN)
    seal.see_meter()
    seal.give(OrderKind.SEAL)
    seal.refuses(seal.good(OrderKind.RETIRE), Status.WRONG_STATE, "O-5")
    seal.refuses(seal.good(OrderKind.CLEAR), Status.WRONG_STATE, "O-5")

"""The log: both chains, genesis, what each record tells (chapter 7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from sealkit.wire.orders import AdjustClockBody
from sealkit.wire.records import (
    BootRecord,
    GenesisRecord,
    OrderRecord,
    Record,
    TamperRecord,
    parse_record_body,
)
from sealkit.wire.registry import (
    Attachment,
    Cause,
    Chain,
    Group,
    OrderKind,
    Role,
    State,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.history import History, check_history
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

Body = TypeVar("Body")


def last_of(history: History, kind: type[Body]) -> tuple[Record, Body]:
    """The last record whose body is of this kind."""
    for record in reversed(history.records):
        body = parse_record_body(record)
        if isinstance(body, kind):
            return record, body
    return expect.fail("R-1", f"there is no {kind.__name__}")


@clause("R-1", "R-2", "R-3", "R-5", "R29", "R33")
@pytest.mark.parametrize("state", list(State))
def test_the_log_adds_up_to_what_the_seal_says(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    stages.bring(seal, state)
    check_history(seal)


@clause("R-1", "R-2", "R-3", "R-5", "R-7", "T-1", "R28", "R29")
@needs(Capability.POWER, Capability.CASE)
def test_a_whole_life_adds_up(seal: SealUnderTest, stages: Stages, bench: Backend) -> None:
    """After each step of a life the log is whole and longer, and says nothing else of before."""
    stages.bring(seal, State.FACTORY)
    steps: list[Callable[[], object]] = [
        lambda: seal.give(OrderKind.ENROL),
        seal.see_meter,
        lambda: seal.give(OrderKind.SEAL),
        lambda: seal.give(OrderKind.CONFIRM),
        seal.restart,
        lambda: seal.give(OrderKind.TRUST),
        bench.open_case,
        bench.close_case,
        lambda: seal.give(OrderKind.ADJUST_CLOCK),
        lambda: seal.give(OrderKind.ACKNOWLEDGE),
        lambda: seal.give(OrderKind.CLEAR),
        seal.see_meter,
        lambda: seal.give(OrderKind.SEAL),
        lambda: seal.give(OrderKind.UNSEAL),
        lambda: seal.give(OrderKind.RETIRE),
        seal.restart,
    ]
    before: list[bytes] = []
    for step in steps:
        step()
        records = [record.raw for record in check_history(seal).records]
        expect.equal("R-1", before, records[: len(before)], "earlier records have changed")
        before = records


@clause("R-1", "R20", "T-1")
def test_genesis_is_the_first_record(seal: SealUnderTest, stages: Stages, bench: Backend) -> None:
    stages.bring(seal, State.FACTORY)
    info = seal.info()
    record = check_history(seal).records[0]
    body = parse_record_body(record)
    genesis = body if isinstance(body, GenesisRecord) else expect.fail("R-1", "no genesis")
    due = {
        "journal_sequence": 0,
        "journal_digest": bytes(32),
        "public_key": info.public_key,
        "manufacturer": seal.suite.key_id(bench.maker.key.public_key),
        "hardware_version": info.hardware_version,
        "firmware_version": info.firmware_version,
        "firmware_digest": info.firmware_digest,
        "control_capacity": info.control_capacity,
        "journal_capacity": info.journal_capacity,
    }
    expect.fields_of("R-1", genesis, due, "genesis tells another inventory than `info`")
    expect.true("R-1", any(genesis.random), "genesis holds no randomness")
    expect.true("R-1", not genesis.attachments & ~sum(Attachment), "unknown attachments")
    expect.equal("R-4", State.FACTORY, record.state, "the state in genesis")


@clause("R-1", "R20")
@needs(Capability.FRESH_DEVICES)
def test_no_two_seals_have_one_genesis(seal: SealUnderTest, stages: Stages, bench: Backend) -> None:
    seen: set[bytes] = set()
    keys: set[bytes] = set()
    for _ in range(3):
        bench.fresh_device()
        seal.forget_identity()
        seal.line.forget()
        body = parse_record_body(seal.log(Chain.CONTROL)[0])
        if isinstance(body, GenesisRecord):
            seen.add(body.random)
            keys.add(body.public_key)
    expect.equal("R-1", (3, 3), (len(seen), len(keys)), "randomness or key of genesis repeats")


@clause("R-4", "E-3")
def test_a_record_tells_state_and_clock_after_it(opened: SealUnderTest) -> None:
    opened.see_meter()
    opened.give(OrderKind.SEAL)
    status = opened.status()
    record = opened.log(Chain.CONTROL)[-1]
    expect.equal("R-4", State.SEALED, record.state, "the state after SEAL")
    expect.true("R-4", status.clock - 2 <= record.clock <= status.clock, "the record's clock")
    expect.true("R-4", record.tick_ms <= status.tick_ms, "the record's tick")
    expect.equal("R-4", status.boot, record.boot, "the boots")
    expect.equal("R-4", status.clock_quality, record.clock_quality, "the clock's quality")


@clause("O-29", "N-1", "R-4", "E-3", "R38")
@pytest.mark.parametrize("change_s", [30, -30, 1, -1, 120, -120])
def test_the_record_of_an_adjustment_has_the_new_time(opened: SealUnderTest, change_s: int) -> None:
    before = opened.status()
    opened.give(OrderKind.ADJUST_CLOCK, body=AdjustClockBody(change_s), clause="O-29")
    record, after = opened.log(Chain.CONTROL)[-1], opened.status()
    passed = (after.tick_ms - before.tick_ms) // 1_000
    moved = after.clock - before.clock - passed
    expect.true("O-29", change_s - 1 <= moved <= change_s + 1, f"the clock moved by {moved} s")
    expect.true("E-3", after.clock_floor >= before.clock_floor, "the floor went down")
    expect.true("R-4", abs(after.clock - record.clock) <= 2, "the record has the time before")


@clause("O-16", "R40", "R18")
def test_credentials_are_stored_once(sealed: SealUnderTest) -> None:
    """The first record with a signer holds the credential, and no later one."""
    inspector = sealed.people.another(Role.INSPECTOR)
    first = sealed.give(OrderKind.CONFIRM, signers=[inspector])
    expect.equal("C-6", 1, first.stored, "`stored` of the first")
    again = sealed.give(OrderKind.CONFIRM, signers=[inspector])
    expect.equal("C-6", 0, again.stored, "`stored` of the second")
    history = check_history(sealed)
    held = [
        body.credentials
        for record in history.control
        if isinstance(body := parse_record_body(record), OrderRecord)
    ]
    expect.equal("O-16", (inspector.credential.raw,), held[-2], "in the first record")
    expect.equal("O-16", (), held[-1], "in the second record")


@clause("O-16", "C-6")
def test_all_that_are_sent_for_the_first_time_are_stored(sealed: SealUnderTest) -> None:
    people = sealed.people
    extra = [people.another(Role.STATION).credential.raw for _ in range(2)]
    inspector = people.another(Role.INSPECTOR)
    sent = [extra[0], inspector.credential.raw, extra[1], extra[0]]
    answer = sealed.give(OrderKind.CONFIRM, signers=[inspector], credentials=sent)
    expect.equal("C-6", 0b1111, answer.stored, "`stored`")
    body = parse_record_body(check_history(sealed).control[-1])
    stored = body.credentials if isinstance(body, OrderRecord) else ()
    due = (extra[0], inspector.credential.raw, extra[1])
    expect.equal("O-16", due, stored, "the credentials in the record")


@clause("R-4", "R56", "Z-3")
@needs(Capability.POWER)
@pytest.mark.parametrize("gap_s", [0, 7, 3_600])
def test_a_boot_is_recorded_with_its_gap(sealed: SealUnderTest, gap_s: int) -> None:
    before = sealed.status()
    sealed.restart(gap_s)
    after = sealed.status()
    expect.equal("R-4", before.boot + 1, after.boot, "boots are counted")
    record, boot = last_of(check_history(sealed), BootRecord)
    expect.equal("R-4", after.boot, record.boot, "the boot's record counts itself")
    if Capability.TIME in sealed.backend.capabilities:
        # What was last stored may be five seconds old (W-5).
        expect.true("R-4", gap_s <= boot.gap_s <= gap_s + 10, f"gap_s is {boot.gap_s}")


@clause("N-4")
@needs(Capability.POWER)
def test_ticks_never_go_back(sealed: SealUnderTest, bench: Backend) -> None:
    tick = 0
    for wait_ms in (100, 4_000, 7_000, 1_300):
        bench.pass_time(wait_ms)
        sealed.give(OrderKind.CONFIRM)
        told = sealed.status().tick_ms
        expect.true("N-4", told >= tick, "ticks went back")
        sealed.restart(30)
        tick = sealed.log(Chain.CONTROL)[-1].tick_ms
        expect.true("N-4", sealed.status().tick_ms >= tick, "ticks went back behind a record")
    check_history(sealed)


@clause("N-4")
@needs(Capability.POWER, Capability.TIME)
def test_a_tick_counts_only_time_with_power(sealed: SealUnderTest, bench: Backend) -> None:
    before = sealed.status().tick_ms
    bench.pass_time(10_000)
    passed = sealed.status().tick_ms - before
    expect.true("N-4", 9_900 <= passed <= 10_500, f"{passed} ticks in 10,000 ms")
    sealed.restart(100_000)
    passed = sealed.status().tick_ms - before
    expect.true("N-4", passed < 60_000, "ticks were counted without power")


@clause("Z-1", "R-1", "R46")
@needs(Capability.CASE)
def test_a_break_is_a_control_record(sealed: SealUnderTest, bench: Backend) -> None:
    bench.open_case()
    bench.close_case()
    history = check_history(sealed)
    body = parse_record_body(history.control[-1])
    tamper = body if isinstance(body, TamperRecord) else expect.fail("Z-1", "no tamper record")
    expect.equal("Z-1", Cause.CASE_OPENED, tamper.cause, "the cause")
    expect.equal("Z-1", (b"", b""), (tamper.before, tamper.after), "before and after")
    expect.equal("Z-1", State.TAMPERED, history.control[-1].state, "the state after it")


@clause("Z-1", "W-3", "W-4", "R46")
@needs(Capability.METER)
def test_a_changed_fare_is_told_before_and_after(sealed: SealUnderTest, bench: Backend) -> None:
    before = bench.meter().fare
    after = before[:9] + bytes((before[9] ^ 1,)) + before[10:]
    bench.set_fare(after)
    sealed.see_meter()
    expect.equal("Z-1", State.TAMPERED, sealed.state(), "the state after a changed fare")
    _, body = last_of(check_history(sealed), TamperRecord)
    due = {"cause": Cause.FARE_PARAMETERS_CHANGED, "before": before, "after": after}
    expect.fields_of("Z-1", body, due, "the tamper record")


@clause("O-3", "R-5")
def test_the_log_alone_tells_who_did_what(sealed: SealUnderTest) -> None:
    """Each order stands in it whole, with reason, signers and parameters (R18, R45)."""
    orders = sealed.orders(challenge=True)
    request = orders.good(OrderKind.UNSEAL)
    sealed.apply(request)
    history = check_history(sealed)
    body = parse_record_body(history.control[-1])
    stored = body.order if isinstance(body, OrderRecord) else b""
    expect.equal("O-16", request.order, stored, "the order in the record")
    expect.equal("R-5", set(sealed.groups()), set(Group), "the groups that the log leads to")

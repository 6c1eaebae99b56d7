"""The record counter at its end (R-8, O-15), with firmware built for it (C-2)."""

from __future__ import annotations

from typing import Final

import pytest

from sealkit.wire.messages import ReadRecordRequest
from sealkit.wire.orders import AdjustClockBody
from sealkit.wire.records import TamperRecord, parse_record_body
from sealkit.wire.registry import Cause, Chain, Command, Flag, OrderKind, State, Status
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import TEST_FIRMWARE, Backend, CannotDoError, Capability
from sealkit_conformance.bench.meter import ConformanceMeter
from sealkit_conformance.cases.test_memory import EVERYTHING, break_all, watched
from sealkit_conformance.marks import clause, destructive, needs
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = [destructive, needs(Capability.COUNTER_END, Capability.POWER)]
LAST: Final = 4_294_967_295
LAST_OF_ORDERS: Final = 4_294_967_279
"""O-15: below 4,294,967,280."""
WARNING: Final = 1_000
KEPT: Final = 16
SPARE: Final = 4
"""What a boot with other firmware may take."""
RUN_DOWN_MAX: Final = 80


def highest(seal: SealUnderTest) -> int:
    """The number of the last record of either chain."""
    status = seal.status()
    return max(status.control_sequence, status.journal_sequence)


def near_end(seal: SealUnderTest, bench: Backend, left: int) -> None:
    """So many numbers are left, at most, and a few more at least.

    Raises CannotDoError if the firmware begins elsewhere.
    """
    bench.near_counter_end(left + SPARE)
    seal.forget_identity()
    seal.line.forget()
    if LAST - highest(seal) > left + RUN_DOWN_MAX:
        raise CannotDoError(Capability.COUNTER_END)
    for _ in range(RUN_DOWN_MAX + 1):
        if LAST - highest(seal) <= left:
            return
        answer = seal.order(seal.good(OrderKind.TRUST))
        expect.status("O-15", Status.OK, answer, f"{LAST - highest(seal)} numbers are left")
    expect.fail("R-1", "orders take no numbers")


@clause("C-2", "E-1", "R51")
def test_firmware_for_tests_says_so(sealed: SealUnderTest, bench: Backend) -> None:
    near_end(sealed, bench, 2 * WARNING)
    info, evidence = sealed.info(), sealed.evidence()
    expect.true("C-2", info.firmware_version & TEST_FIRMWARE, "bit 31 of the version in `info`")
    expect.equal("C-2", info.firmware_version, evidence.firmware_version, "the evidence's version")


@clause("C-2", "N-6")
def test_other_firmware_does_not(opened: SealUnderTest, bench: Backend) -> None:
    if Capability.FRESH_DEVICES in bench.capabilities:
        bench.fresh_device()
        opened.forget_identity()
        version = opened.info().firmware_version
        expect.true("C-2", not version & TEST_FIRMWARE, f"bit 31 of {version:#010x}")


@clause("R-8", "R29", "R30")
def test_the_end_of_the_counter_is_told_in_time(sealed: SealUnderTest, bench: Backend) -> None:
    """1,000 numbers before those that are kept."""
    near_end(sealed, bench, WARNING + KEPT + 6)
    evidence = sealed.evidence()
    expect.true("R-8", not evidence.flags & Flag.COUNTER_NEARLY_ENDED, "raised too early")
    while LAST - highest(sealed) > WARNING - 2:
        sealed.give(OrderKind.TRUST, clause="R-8")
    for where, flags in (("status", sealed.status().flags), ("evidence", sealed.evidence().flags)):
        raised = flags & Flag.COUNTER_NEARLY_ENDED
        expect.true("R-8", raised, f"counter_nearly_ended in the {where}")
    answer = sealed.give(OrderKind.TRUST, clause="R-8")
    flags = int.from_bytes(sealed.record(answer.sequence, 24, 2).data, "big")
    expect.true("R-4", flags & Flag.COUNTER_NEARLY_ENDED, "counter_nearly_ended in a record")
    expect.equal("R-8", State.SEALED, sealed.state(), "a warning changes nothing")


@clause("O-15", "R-8", "R29", "R30")
def test_the_last_numbers_are_kept_from_orders(sealed: SealUnderTest, bench: Backend) -> None:
    near_end(sealed, bench, KEPT + 6)
    last = None
    for _ in range(RUN_DOWN_MAX):
        request = sealed.good(OrderKind.TRUST)
        answer = sealed.order(request)
        if answer.status == Status.COUNTER_ENDED:
            break
        expect.status("O-15", Status.OK, answer, f"{LAST - highest(sealed)} numbers are left")
        last = request
    number = sealed.status().control_sequence
    due = range(LAST_OF_ORDERS - 2, LAST_OF_ORDERS + 1)  # journal records may take the others
    expect.true("O-15", number in due, f"the last order has number {number}")
    for kind in (OrderKind.CONFIRM, OrderKind.UNSEAL, OrderKind.ADJUST_CLOCK, OrderKind.SEAL):
        sealed.refuses(sealed.good(kind), Status.COUNTER_ENDED, "O-15")
    nothing = sealed.good(OrderKind.ADJUST_CLOCK, body=AdjustClockBody(0))
    sealed.refuses(nothing, Status.NOTHING_CHANGED, "O-15")
    if last is not None:
        expect.status("O-3", Status.ALREADY_APPLIED, sealed.order(last), "an order of before")
    sealed.restart()
    sealed.refuses(sealed.good(OrderKind.CONFIRM), Status.COUNTER_ENDED, "O-15")


@clause("R-8", "R29")
@needs(Capability.BATTERY)
def test_the_journal_does_not_take_the_last_numbers(sealed: SealUnderTest, bench: Backend) -> None:
    near_end(sealed, bench, KEPT + 6)
    for _ in range(6):
        sealed.restart()
        for low in (True, False):
            bench.set_battery_low(low)
            bench.pass_time(500)
    number = sealed.status().journal_sequence
    expect.true("R-8", number <= LAST_OF_ORDERS, f"a journal record has number {number}")
    evidence = sealed.evidence()
    expect.true("R-8", evidence.flags & Flag.COUNTER_NEARLY_ENDED, "counter_nearly_ended")


@clause("R-8", "O-15", "R24", "R46")
@needs(Capability.CASE)
def test_a_break_and_retire_take_numbers_that_are_kept(
    sealed: SealUnderTest, bench: Backend
) -> None:
    near_end(sealed, bench, KEPT)
    bench.open_case()
    bench.close_case()
    expect.equal("R-8", State.TAMPERED, sealed.state(), "the state after a break")
    record = sealed.log(Chain.CONTROL)[-1]
    expect.true("R-8", record.sequence > LAST_OF_ORDERS, f"the break has number {record.sequence}")
    sealed.refuses(sealed.good(OrderKind.CLEAR), Status.COUNTER_ENDED, "O-15")
    sealed.give(OrderKind.RETIRE, clause="O-15")
    evidence = sealed.last_evidence()
    due = {"state": State.RETIRED, "control_sequence": record.sequence + 1}
    expect.fields_of("O-34", evidence, due, "the last evidence")


@clause("R-8", "Z-1", "R24", "R46")
@EVERYTHING
@pytest.mark.seconds(120)
def test_every_break_has_a_number_at_the_end(opened: SealUnderTest, bench: Backend) -> None:
    """All causes that there are, and RETIRE after them, within the last 16."""
    meter: ConformanceMeter = watched(opened, bench)
    near_end(opened, bench, KEPT)
    bench.pass_time(7_000)
    break_all(opened, bench, meter, "R-8")
    opened.give(OrderKind.RETIRE, clause="R-8")
    last = opened.log(Chain.CONTROL)[-1].sequence
    expect.equal("R-8", LAST_OF_ORDERS + len(Cause) + 1, last, "the number of RETIRE's record")


@clause("R-8", "C-5", "R29", "R30")
@needs(Capability.CASE)
def test_at_the_end_nothing_is_recorded_or_signed(sealed: SealUnderTest, bench: Backend) -> None:
    bench.near_counter_end(0)
    sealed.forget_identity()
    sealed.line.forget()
    if LAST - highest(sealed) > 0 and not sealed.info().firmware_version & TEST_FIRMWARE:
        raise CannotDoError(Capability.COUNTER_END)
    log = sealed.raw_log(Chain.BOTH)
    answer = sealed.ask(Command.EVIDENCE, bytes(32))
    expect.status("R-8", Status.COUNTER_ENDED, answer, "evidence at the end of the counter")
    for kind in (OrderKind.CONFIRM, OrderKind.UNSEAL, OrderKind.TRUST):
        answer = sealed.order(sealed.good(kind))
        expect.status("R-8", Status.COUNTER_ENDED, answer, f"{kind.name} at the end")
    bench.open_case()
    bench.close_case()
    sealed.restart()
    bench.pass_time(1_000)
    expect.equal("R-8", log, sealed.raw_log(Chain.BOTH), "something was recorded at the end")
    bodies = [parse_record_body(record) for record in sealed.log(Chain.CONTROL)]
    breaks = [body for body in bodies if isinstance(body, TamperRecord)]
    expect.equal("R-8", [], breaks, "a break was recorded without a number")
    answer = sealed.ask(Command.EVIDENCE, bytes(32))
    expect.status("R-8", Status.COUNTER_ENDED, answer, "evidence after a boot at the end")


@clause("C-7", "C-8", "R-8")
def test_high_numbers_are_read(sealed: SealUnderTest, bench: Backend) -> None:
    """Numbers above 2^31 are plain numbers: asked for, found, in their order."""
    before = sealed.raw_log(Chain.BOTH)
    near_end(sealed, bench, 3 * WARNING)
    sealed.give(OrderKind.TRUST)
    log = sealed.raw_log(Chain.BOTH)
    expect.equal("C-7", before, log[: len(before)], "the records of before")
    records = sealed.log(Chain.BOTH)
    numbers = [record.sequence for record in records]
    expect.equal("C-7", sorted(numbers), numbers, "records do not rise")
    last = records[-1]
    answer = sealed.record(last.sequence, 0, len(last.raw))
    expect.equal("C-8", last.raw, answer.data, "the record with the highest number")
    request = ReadRecordRequest(last.sequence, 0, 4)
    expect.true("C-8", request.sequence > 1 << 31, "a number above 2^31")

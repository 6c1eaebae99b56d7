"""The flash and what lies in it: full, pruned, worn, at its end, and cut by the power."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.bench import Bench, check_chains

from sealkit.errors import AccessError, IntegrityError
from sealkit.rules.chain import LAST_SEQUENCE
from sealkit.wire.records import CoalescedItem, CoalescedRecord, parse_record_body
from sealkit.wire.registry import RECORD_MAX, Chain, Command, Flag, RecordKind, State, Status
from sealkit_simulator.applying import apply_order
from sealkit_simulator.control_log import ControlLog
from sealkit_simulator.entries import entry_bytes, scan, write_entry
from sealkit_simulator.flash import PAGE_BYTES, SECTOR_BYTES, Flash, FlashFault, PowerCut
from sealkit_simulator.registers import RegisterFile
from sealkit_simulator.storage import FlashPlan


def fill_journal(bench: Bench) -> None:
    """Changes flags until the journal is full."""
    for i in range(300):
        bench.vehicle.set_battery_low(i % 2 == 0)
        if bench.status().flags & Flag.JOURNAL_FULL:
            return
    pytest.fail("the journal is never full")


@pytest.fixture(scope="module")
def _full() -> Bench:
    bench = Bench()
    bench.seal_it()
    fill_journal(bench)
    return bench


@pytest.fixture
def full(_full: Bench) -> Bench:
    return _full.copy()


def acknowledge(bench: Bench) -> None:
    status = bench.status()
    bench.apply(bench.orders().acknowledge(status.journal_sequence, status.journal_digest))


@pytest.mark.requirement("R25")
def test_a_full_journal_counts_and_tells_later(full: Bench) -> None:
    head = full.status().journal_sequence
    before = list(full.seal.device.registers.coalesced)
    full.restart()
    full.restart()
    full.vehicle.set_battery_low(not full.vehicle.attachments.battery_low)
    status = full.status()
    assert status.journal_sequence == head
    assert status.flags & Flag.JOURNAL_FULL
    counted = full.seal.device.registers.coalesced
    assert counted[0] == before[0] + 2  # boots
    assert counted[1] > before[1]
    assert counted[2] == before[2] + 2  # the meter began to answer, after each boot
    check_chains(full)
    acknowledge(full)
    full.vehicle.step()
    told = [r for r in full.log(Chain.JOURNAL) if r.kind == RecordKind.COALESCED]
    (record,) = told
    assert parse_record_body(record) == CoalescedRecord(
        tuple(CoalescedItem(0x81 + i, count) for i, count in enumerate(counted) if count)
    )
    assert not full.status().flags & Flag.JOURNAL_FULL
    full.restart()
    assert sum(r.kind == RecordKind.COALESCED for r in full.log(Chain.JOURNAL)) == 1
    check_chains(full)


@pytest.mark.requirement("R21")
def test_journal_records_go_only_when_acknowledged_and_needed(full: Bench) -> None:
    whole = full.log(Chain.JOURNAL)
    control = full.log(Chain.CONTROL)
    suite = full.core.suite
    middle = whole[len(whole) // 2]
    full.apply(full.orders().acknowledge(middle.sequence, suite.digest(middle.raw)))
    for _ in range(100):
        full.restart()
        full.vehicle.set_battery_low(not full.vehicle.attachments.battery_low)
    left = full.log(Chain.JOURNAL)
    evidence = full.evidence()
    gone = [r for r in whole if r.sequence <= evidence.base_sequence]
    assert gone
    assert evidence.base_sequence <= middle.sequence
    assert evidence.base_digest == suite.digest(gone[-1].raw)
    assert evidence.pruned_flags == sum(r.kind == RecordKind.FLAGS for r in gone)
    assert evidence.pruned_meter == sum(r.kind == RecordKind.METER for r in gone)
    assert left[0].previous == evidence.base_digest
    assert full.log(Chain.CONTROL)[: len(control)] == control
    assert evidence.flags & Flag.JOURNAL_FULL
    check_chains(full)


@pytest.mark.requirement("O-32")
def test_an_acknowledgement_of_another_journal_is_refused(full: Bench) -> None:
    status = full.status()
    for sequence, digest in (
        (status.journal_sequence, bytes(32)),
        (status.journal_sequence + 5, status.journal_digest),
        (status.control_sequence, status.control_digest),
        (0, bytes(32)),
    ):
        order = full.orders().acknowledge(sequence, digest)
        assert full.send(order) == (Status.ACKNOWLEDGE_INVALID, None)


@pytest.mark.requirement("J-4")
@pytest.mark.parametrize("torn", [0, 1, 16, 100, 1 << 20])
def test_the_power_may_go_while_the_journal_is_pruned(full: Bench, torn: int) -> None:
    status = full.status()
    order = full.orders().acknowledge(status.journal_sequence, status.journal_digest)
    apply_order(full.seal.device, order.order, order.credentials)
    counted = sum(full.seal.device.registers.coalesced)
    assert counted
    for operation in range(200):
        bench = full.copy()
        bench.vehicle.flash.plan_cut(operation, torn)
        bench.vehicle.step()
        if bench.vehicle.seal is not None:
            break
        bench.vehicle.restore_power()
        check_chains(bench)
        told = [parse_record_body(r) for r in bench.log(Chain.JOURNAL)]
        counts = [b for b in told if isinstance(b, CoalescedRecord)]
        assert len(counts) == 1
        assert sum(item.count for item in counts[0].items) >= counted
    assert operation > 8


@pytest.mark.requirement("R24")
def test_a_full_control_log_takes_breaks_and_retire() -> None:
    bench = Bench(plan=FlashPlan(control_sectors=29, journal_sectors=2))
    bench.enrol()
    bench.vehicle.advance(1_000)
    assert bench.status().flags & Flag.STORAGE_NEARLY_FULL
    bench.apply(bench.orders().seal())
    for version in range(1, 100):
        sent = bench.send(bench.orders().trust(version))
        assert sent is not None
        if sent[0] is Status.LOG_FULL:
            break
        bench.time.advance(1_000)
    assert sent == (Status.LOG_FULL, None)
    assert bench.status().control_free == 0
    bench.vehicle.open_case()
    assert bench.state() is State.TAMPERED
    bench.restart()
    bench.vehicle.taximeter.replace("0102999999")
    bench.vehicle.advance(6_000)
    assert len([r for r in bench.log(Chain.CONTROL) if r.kind == RecordKind.TAMPER]) == 2
    assert bench.send(bench.challenged().clear()) == (Status.LOG_FULL, None)
    bench.apply(bench.challenged().retire())
    assert bench.state() is State.RETIRED
    check_chains(bench)


@pytest.mark.requirement("J-1")
def test_tamper_records_leave_room_for_retire() -> None:
    flash = Flash(8)
    log = ControlLog(flash, 0, flash.size)
    longest = bytes(81 + 361)
    while log.has_tamper_room(len(longest)):
        log.append(longest)
    assert log.retire_room >= RECORD_MAX
    log.append(bytes(RECORD_MAX))


@pytest.mark.requirement("R46")
def test_power_cuts_without_end_cannot_fill_the_log() -> None:
    flash = Flash(4)
    first, record = b"\x01" * 300, b"\x02" * 442
    log = ControlLog(flash, 0, flash.size)
    log.append(first)
    free = log.retire_room
    for attempt in range(300):
        flash.plan_cut(attempt % 3, attempt * 7 % 256)  # before its mark
        with contextlib.suppress(PowerCut):
            log.append(record)
        flash.power_up()
        log = ControlLog(flash, 0, flash.size)
        if attempt % 3 == 0:
            flash.plan_cut(0, attempt * 13 % SECTOR_BYTES)
        with contextlib.suppress(PowerCut):
            log.reclaim()
        flash.power_up()
        log = ControlLog(flash, 0, flash.size)
        log.reclaim()
        assert list(log.records()) == [first]
        assert log.retire_room > free - SECTOR_BYTES - entry_bytes(len(record))
    log.append(record)
    assert list(ControlLog(flash, 0, flash.size).records()) == [first, record]


@pytest.mark.requirement("R46")
def test_a_boot_takes_back_what_cut_records_took_up() -> None:
    bench = Bench()
    bench.seal_it()
    free = bench.seal.device.storage.control.order_room
    for _ in range(100):
        bench.vehicle.flash.plan_cut(3, 0)  # behind header and body, before the mark
        with contextlib.suppress(PowerCut):
            bench.seal.device.storage.control.append(b"\x01" * 442)
        bench.restart()
    assert bench.seal.device.storage.control.order_room > free - SECTOR_BYTES
    bench.vehicle.open_case()
    assert bench.state() is State.TAMPERED
    check_chains(bench)


@pytest.mark.requirement("R-8")
def test_the_counter_comes_to_its_end() -> None:
    bench = Bench()
    bench.seal_it()
    bench.jump_to(LAST_SEQUENCE - 1_020)
    assert not bench.status().flags & Flag.COUNTER_NEARLY_ENDED
    bench.restart()
    bench.restart()
    assert bench.status().flags & Flag.COUNTER_NEARLY_ENDED
    bench.jump_to(LAST_SEQUENCE - 17)
    for change in (1, 2, 3):
        sent = bench.send(bench.orders().adjust_clock(change))
        assert sent is not None
        if sent[0] is Status.COUNTER_ENDED:
            break
    assert sent == (Status.COUNTER_ENDED, None)
    assert bench.status().control_sequence <= LAST_SEQUENCE - 16
    ended = bench.copy()
    bench.restart()
    bench.vehicle.open_case()
    assert bench.state() is State.TAMPERED
    bench.apply(bench.challenged().retire())
    assert bench.state() is State.RETIRED
    check_chains(bench)
    ended.jump_to(LAST_SEQUENCE + 1)
    answer = ended.ask(Command.EVIDENCE, bytes(32))
    assert answer is not None
    assert answer.status == Status.COUNTER_ENDED
    ended.vehicle.open_case()
    assert ended.state() is State.SEALED
    assert ended.send(ended.orders().confirm()) == (Status.COUNTER_ENDED, None)


@pytest.mark.requirement("R-5")
def test_a_seal_does_not_start_from_a_log_that_was_altered(full: Bench) -> None:
    device = full.seal.device
    place = device.storage.control.places[1]
    flash = full.vehicle.flash
    cell = flash._cells[place.address + 60]
    flash._cells[place.address + 60] = cell ^ 1
    full.vehicle.cut_power()
    with pytest.raises(IntegrityError) as caught:
        full.vehicle.restore_power()
    assert caught.value.code == "LOG_DAMAGED"


@pytest.mark.requirement("R-6")
@given(st.lists(st.binary(min_size=81, max_size=700), max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_entries_without_their_mark_never_were(records: list[bytes], data: st.DataObject) -> None:
    """Whatever was cut before, the records that were written whole are found, and only they."""
    flash = Flash(8)
    at, whole = 0, []
    for record in records:
        cut = data.draw(st.none() | st.tuples(st.integers(0, 6), st.integers(0, 300)))
        if cut is not None:
            flash.plan_cut(*cut)
        try:
            whole.append(write_entry(flash, at, record))
        except PowerCut:
            places, at_mark = scan(flash, 0, flash.size)
            # All of the mark's bytes may have come about before the power went.
            assert places in (whole, places[:-1] or whole) or len(places) == len(whole) + 1
            whole, at = places, at_mark
        else:
            at += entry_bytes(len(record))
        flash.power_up()
    assert scan(flash, 0, flash.size) == (whole, at)
    assert all(flash.read(place.address, place.length) in records for place in whole)


@given(st.integers(0, 12), st.integers(0, 2_100))
@settings(max_examples=80, deadline=None)
def test_registers_are_old_or_new(after: int, torn: int) -> None:
    flash = Flash(2)
    registers = RegisterFile(flash)
    for boot in (1, 2, 3):
        registers.values.boot = boot
        registers.store()
    registers.values.boot = 4
    registers.values.attestation = bytes(438)
    flash.plan_cut(after, torn)
    try:
        registers.store()
    except PowerCut:
        assert RegisterFile(flash).values.boot in (3, 4)
    else:
        assert RegisterFile(flash).values.boot == 4


def test_flash_is_written_once_and_within_a_page() -> None:
    flash = Flash(2)
    flash.write(10, b"ab")
    with pytest.raises(FlashFault):
        flash.write(11, b"c")
    with pytest.raises(FlashFault):
        flash.write(PAGE_BYTES - 1, b"cd")
    flash.erase(0)
    assert flash.is_blank(0, SECTOR_BYTES)
    flash.write_pages(PAGE_BYTES - 1, b"cd" * PAGE_BYTES)
    assert flash.operations == 2 + 3


def test_without_power_nothing_is_written() -> None:
    flash = Flash(1)
    flash.plan_cut(0, 1)
    with pytest.raises(PowerCut):
        flash.write(0, b"abc")
    with pytest.raises(PowerCut):
        flash.write(16, b"abc")
    flash.power_up()
    assert flash.read(0, 17) == b"a" + b"\xff" * 16


def test_a_flash_file_keeps_what_was_written_and_nothing_else_is_taken_for_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "flash.bin"
    first = Flash(1, path)
    first.write(0, b"here")
    assert Flash(1, path).read(0, 5) == b"here\xff"  # also while, or after, the first was killed
    first.close()
    with pytest.raises(AccessError) as caught:
        Flash(2, path)
    assert caught.value.code == "FLASH_UNAVAILABLE"
    with pytest.raises(AccessError):
        Flash(1, tmp_path / "missing" / "flash.bin")

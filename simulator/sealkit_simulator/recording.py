"""Writing records: into the control log, and into the journal or its counts (R-1 to R-7, J-3)."""

from __future__ import annotations

from sealkit.rules.chain import LAST_SEQUENCE, counter_has_room
from sealkit.rules.history import cause_bit
from sealkit.wire.records import (
    RECORD,
    RECORD_HEADER,
    CoalescedItem,
    CoalescedRecord,
    FlagsRecord,
    RecordBody,
    TamperRecord,
    build_record_body,
)
from sealkit.wire.registry import Cause, ClockQuality, RecordKind, State, TagType
from sealkit.wire.tags import domain_tag
from sealkit_simulator.device import Device
from sealkit_simulator.flags import TOLD_ELSEWHERE, flags_of
from sealkit_simulator.registers import FIRST_KIND, KINDS

_COUNT_MAX = 0xFFFFFFFF
_FLAGS_RECORD_BYTES = RECORD_HEADER.size + 4


def build_control(
    device: Device,
    kind: RecordKind,
    body: RecordBody,
    *,
    state: State,
    clock: int | None = None,
    quality: ClockQuality | None = None,
    restored: bool | None = None,
    driven: bool | None = None,
) -> bytes:
    """The next control record; what is told of state, clock and flags is what is after it (R-4)."""
    content = build_record_body(kind, body)
    flags = flags_of(
        device,
        clock=clock,
        quality=quality,
        restored=restored,
        driven=driven,
        appended=RECORD_HEADER.size + len(content),
    )
    return _build(
        device,
        kind,
        content,
        state=state,
        flags=flags,
        clock=device.clock.now if clock is None else clock,
        quality=device.clock.quality if quality is None else quality,
        previous=device.history.head.digest,
    )


def commit_control(device: Device, raw: bytes) -> None:
    """Writes a control record; from the mark on it counts. Raises FlashFault, PowerCut."""
    before = flags_of(device)
    device.storage.control.append(raw)
    record = RECORD.parse(raw)
    device.follow(record)
    # What the record itself changed it has told; what had changed before is yet to be told.
    changed = before ^ record.flags
    device.noted_flags = (device.noted_flags & ~changed) | (record.flags & changed)


def attest(device: Device) -> None:
    """Signs a checkpoint of the control chain's head and stores it (R-7)."""
    head = device.history.head
    device.registers.attestation = device.core.sign_checkpoint(
        {"control_sequence": head.sequence, "control_digest": head.digest, "state": device.state}
    )
    device.store_registers()


def latch(device: Device, cause: Cause, before: bytes = b"", after: bytes = b"") -> None:
    """Latches a cause by a tamper record, unless it is latched or nothing is watched (Z-1)."""
    if device.state not in (State.SEALED, State.TAMPERED):
        return
    if device.history.latched_causes & cause_bit(cause):
        return
    if not counter_has_room(device.storage.next_sequence, reserved=True):
        return
    head = device.storage.journal_head
    body = TamperRecord(head.sequence, head.digest, cause, before, after)
    raw = build_control(device, RecordKind.TAMPER, body, state=State.TAMPERED)
    if device.storage.control.has_tamper_room(len(raw)):
        commit_control(device, raw)
        attest(device)


def note(device: Device, kind: RecordKind, body: RecordBody) -> None:
    """Writes a journal record; if the journal may not prune, counts it instead.

    A retired seal notes nothing: its last evidence signs where both chains end.
    """
    if device.state is State.RETIRED:
        return
    if _append(device, kind, body):
        return
    device.journal_full = True
    values = device.registers
    place = kind - FIRST_KIND
    values.coalesced[place] = min(values.coalesced[place] + 1, _COUNT_MAX)
    values.coalesced_before = min(device.storage.next_sequence, LAST_SEQUENCE)
    device.store_registers()


def note_flags(device: Device) -> None:
    """Notes flags that have changed, except those that other records tell."""
    # The record tells the flags after it: when it fits, the journal is not full.
    device.journal_full &= not _has_room(device, _FLAGS_RECORD_BYTES)
    before = device.noted_flags & ~TOLD_ELSEWHERE
    after = flags_of(device) & ~TOLD_ELSEWHERE
    if before != after:
        note(device, RecordKind.FLAGS, FlagsRecord(before, after))
        device.noted_flags = after  # also when a full journal only counted it


def tell_coalesced(device: Device) -> None:
    """Writes what a full journal only counted, once there is room again."""
    counts = device.registers.coalesced
    if device.state is State.RETIRED or not any(counts):
        return
    items = tuple(CoalescedItem(FIRST_KIND + i, n) for i, n in enumerate(counts) if n)
    if _append(device, RecordKind.COALESCED, CoalescedRecord(items)):
        device.registers.coalesced = [0] * KINDS
        device.store_registers()


def _has_room(device: Device, length: int) -> bool:
    """Whether a journal record of so many bytes may be written."""
    storage = device.storage
    # One number more than R-8 asks for is left: an order that is just being applied finds its own.
    return counter_has_room(storage.next_sequence + 1, reserved=False) and storage.journal.has_room(
        length, device.history.acknowledged.sequence
    )


def _append(device: Device, kind: RecordKind, body: RecordBody) -> bool:
    storage = device.storage
    content = build_record_body(kind, body)
    if not _has_room(device, RECORD_HEADER.size + len(content)):
        return False
    device.journal_full = False
    raw = _build(
        device,
        kind,
        content,
        state=device.state,
        flags=flags_of(device),
        clock=device.clock.now,
        quality=device.clock.quality,
        previous=storage.journal_head.digest,
    )
    storage.journal.append(raw, device.history.acknowledged.sequence)
    record = RECORD.parse(raw)
    device.clock.not_before(record.tick_ms, record.clock)
    return True


def _build(
    device: Device,
    kind: RecordKind,
    content: bytes,
    *,
    state: State,
    flags: int,
    clock: int,
    quality: ClockQuality,
    previous: bytes,
) -> bytes:
    suite, number = device.core.suite, device.core.number
    return RECORD.assemble(
        {
            "tag": domain_tag(suite.id, TagType.RECORD),
            "maker": number.maker,
            "serial": number.serial,
            "sequence": device.storage.next_sequence,
            "kind": kind,
            "state": state,
            "flags": flags,
            "boot": device.registers.boot,
            "tick_ms": device.clock.tick_ms,
            "clock": clock,
            "clock_quality": quality,
            "previous": previous,
            "body": content,
        }
    )

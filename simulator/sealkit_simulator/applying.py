"""Orders: the rules judge them, and here their effect comes about (O-15, O-16, O-34)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sealkit.rules.orders import Judgement, SealView, judge_order
from sealkit.wire.messages import OrderAnswer
from sealkit.wire.orders import AdjustClockBody, EnrolBody, RestoreClockBody
from sealkit.wire.records import (
    NO_DIGEST,
    RECORD,
    DrivenRecord,
    OrderRecord,
    parse_record_body,
)
from sealkit.wire.registry import ORDERS, ClockQuality, OrderKind, RecordKind, State, Status
from sealkit_simulator.clock import CLOCK_MAX
from sealkit_simulator.device import Device
from sealkit_simulator.evidence import sign_evidence
from sealkit_simulator.flash import FlashFault
from sealkit_simulator.recording import attest, build_control, commit_control, note
from sealkit_simulator.supervision import see_causes


def apply_order(
    device: Device, order: bytes, credentials: Sequence[bytes]
) -> tuple[Status, OrderAnswer]:
    """Carries an order out, or finds it carried out before.

    Raises RefusedError with the status of the first rule that fails, FlashFault, PowerCut.
    """
    judgement = judge_order(_view(device), order, credentials)
    status = Status.ALREADY_APPLIED
    if judgement.applied is None:
        _carry_out(device, judgement)
        status = Status.OK
    applied = device.history.orders[judgement.order_id]
    stored = sum(
        1 << bit
        for bit, credential in enumerate(credentials)
        if device.core.suite.digest(credential) in applied.stored
    )
    return status, OrderAnswer(applied.head.sequence, applied.head.digest, stored)


def finish_retirement(device: Device) -> None:
    """After RETIRE's record: the last evidence in the checkpoint's place, then no key (O-34)."""
    order_id = next(
        order_id
        for order_id, order in device.history.orders.items()
        if order.kind is OrderKind.RETIRE
    )
    device.registers.attestation = sign_evidence(device, order_id)
    device.store_registers()
    device.core.destroy()


def _view(device: Device) -> SealView:
    clock, storage, challenge = device.clock, device.storage, device.challenge
    tick = clock.tick_ms
    pulse = device.last_pulse_tick
    return SealView(
        suite=device.core.suite,
        maker=device.core.number.maker,
        serial=device.core.number.serial,
        seal_key=device.core.key_id,
        manufacturer=device.core.manufacturer,
        history=device.history,
        clock=clock.now,
        clock_quality=clock.quality,
        clock_floor=clock.floor,
        tick_ms=tick,
        challenge=None if challenge is None else challenge.value,
        challenge_age_ms=0 if challenge is None else tick - challenge.given_at,
        look=device.watch.look,
        look_age_ms=tick - device.watch.looked_at,
        live_causes=device.live_causes,
        pulse_age_ms=None if pulse is None else tick - pulse,
        journal_digest=storage.journal.digest_of,
        next_sequence=storage.next_sequence,
        control_room=storage.control.order_room,
        retire_room=storage.control.retire_room,
    )


def _carry_out(device: Device, judgement: Judgement) -> None:
    rule = ORDERS[judgement.order.kind]
    before = device.state
    after = rule.to_state or before
    opens = after is State.OPEN and before is not State.OPEN
    closes = after is State.SEALED and before is State.OPEN
    if before is State.OPEN and after is not State.OPEN:
        _note_driven(device)
    clock, quality = _clock_after(device, judgement)
    journal = device.storage.journal_head
    raw = build_control(
        device,
        RecordKind.ORDER,
        OrderRecord(journal.sequence, journal.digest, judgement.order.raw, judgement.store),
        state=after,
        clock=clock,
        quality=quality,
        restored=_restored_after(judgement.order.kind),
        driven=False if opens or closes else None,
    )
    if clock is None:
        commit_control(device, raw)
    else:
        _commit_with_clock(device, raw, clock, quality or device.clock.quality)
    if rule.challenge:
        device.challenge = None
    if opens:
        device.registers.opened_by = device.history.head.sequence
        device.registers.opened_pulses = device.registers.pulses
    if opens or closes:
        device.registers.driven_while_open = 0
    if judgement.order.kind in (OrderKind.SEAL, OrderKind.CLEAR):
        device.start_detectors()
    see_causes(device)
    # The order is applied. What flash that wears out just now keeps from being stored follows
    # from the log, and is made up for at the next boot.
    with suppress(FlashFault):
        if after is State.RETIRED:
            finish_retirement(device)
        else:
            attest(device)


def _clock_after(device: Device, judgement: Judgement) -> tuple[int | None, ClockQuality | None]:
    """The clock and its quality that an order leaves; None if it leaves them as they are."""
    match judgement.body:
        case EnrolBody(time=time) if device.clock.lost:
            return time, ClockQuality.SET
        case RestoreClockBody(time=time):
            return time, ClockQuality.RESTORED
        case AdjustClockBody(change_s=change):
            return min(max(0, device.clock.now + change), CLOCK_MAX), device.clock.quality
        case _:
            return None, None


def _restored_after(kind: OrderKind) -> bool | None:
    """Whether clock_restored is raised after an order of this kind; None if it stays as it is."""
    if kind is OrderKind.RESTORE_CLOCK:
        return True
    return False if kind in (OrderKind.CONFIRM, OrderKind.SEAL) else None


def _commit_with_clock(device: Device, raw: bytes, time: int, quality: ClockQuality) -> None:
    """Record and clock change together: the change is stored first, and holds if the record does.

    So a power cut between the two leaves both or none.
    """
    values = device.registers
    values.pending_record = device.core.suite.digest(raw)
    values.pending_offset_ms = device.clock.offset_for(time)
    values.pending_quality = quality
    device.store_registers()
    commit_control(device, raw)
    device.clock.set(values.pending_offset_ms, quality)
    values.pending_record = NO_DIGEST


def _note_driven(device: Device) -> None:
    """Tells the pulses counted while OPEN, just before the order that ends OPEN (chapter 7)."""
    told = device.registers.opened_pulses
    storage = device.storage
    for place in storage.journal.places:
        if place.kind == RecordKind.DRIVEN and place.sequence > device.registers.opened_by:
            # An order that the power cut short had told them already.
            body = parse_record_body(RECORD.parse(storage.read(place)))
            if isinstance(body, DrivenRecord):
                told = max(told, body.to_pulses)
    if device.registers.pulses > told:
        note(device, RecordKind.DRIVEN, DrivenRecord(told, device.registers.pulses))

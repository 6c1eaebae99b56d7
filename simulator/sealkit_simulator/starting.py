"""What a seal does when its firmware starts: it finishes what a power cut left, and tells of it."""

from __future__ import annotations

import secrets
from typing import Final

from sealkit.errors import MalformedError
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE
from sealkit.wire.records import NO_DIGEST, BootRecord, GenesisRecord
from sealkit.wire.registry import Attachment, BootCause, Cause, RecordKind, State
from sealkit_simulator.applying import finish_retirement
from sealkit_simulator.device import HARDWARE_VERSION, Device
from sealkit_simulator.recording import (
    attest,
    build_control,
    commit_control,
    latch,
    note,
    note_flags,
)

GAP_UNKNOWN: Final = 0xFFFFFFFF
_GENESIS_RANDOM_BYTES: Final = 32


def start(device: Device) -> None:
    """Boots a seal: its birth on a blank flash. Raises FlashFault, PowerCut."""
    device.storage.control.reclaim()
    device.notice_clock_failure()
    gap_s = _gap(device)
    device.registers.boot += 1
    device.store_registers()
    if device.history.genesis is None:
        _be_born(device)
        return
    if device.state is State.RETIRED:
        if not device.core.destroyed:
            _finish_retirement(device)
        return
    note(device, RecordKind.BOOT, BootRecord(device.boot_cause, gap_s))
    note_flags(device)
    if device.clock.lost:
        latch(device, Cause.UNSUPERVISED)  # nobody watched for a time that nobody knows (Z-3)
    if not _has_checkpoint(device):
        attest(device)


def _gap(device: Device) -> int:
    """Seconds without power, by the seal's clock (R56)."""
    if device.boot_cause is BootCause.RESET:
        return 0
    if device.clock.lost:
        return GAP_UNKNOWN
    return min(max(0, device.clock.now_ms - device.registers.last_seen_ms) // 1000, GAP_UNKNOWN - 1)


def _be_born(device: Device) -> None:
    core, storage = device.core, device.storage
    body = GenesisRecord(
        journal_sequence=0,
        journal_digest=NO_DIGEST,
        public_key=core.public_key,
        random=secrets.token_bytes(_GENESIS_RANDOM_BYTES),
        manufacturer=core.suite.key_id(core.manufacturer.public_key),
        hardware_version=HARDWARE_VERSION,
        firmware_version=device.firmware_version,
        firmware_digest=device.firmware_digest,
        attachments=sum(Attachment),
        control_capacity=storage.control.capacity,
        journal_capacity=storage.journal.capacity,
    )
    commit_control(device, build_control(device, RecordKind.GENESIS, body, state=State.FACTORY))
    attest(device)


def _has_checkpoint(device: Device) -> bool:
    """Whether the stored checkpoint is of the control chain's head (R-7)."""
    try:
        checkpoint = CHECKPOINT.parse(device.registers.attestation)
    except MalformedError:
        return False
    return checkpoint.control_digest == device.history.head.digest


def _finish_retirement(device: Device) -> None:
    """RETIRE's record stands; the power went before the key was destroyed (O-34)."""
    try:
        EVIDENCE.parse(device.registers.attestation)
    except MalformedError:
        finish_retirement(device)
    else:
        device.core.destroy()

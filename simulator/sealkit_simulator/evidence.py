"""What the seal says about itself, signed and not (chapters 3 and 9)."""

from __future__ import annotations

from typing import Any, Final

from sealkit.rules.chain import LAST_SEQUENCE
from sealkit.rules.parameters import parameter_root
from sealkit.rules.refusals import refusal
from sealkit.wire.messages import Observation, SealStatus
from sealkit.wire.records import NO_DIGEST
from sealkit.wire.registry import MeterSeen, Status
from sealkit_simulator.device import Device
from sealkit_simulator.flags import flags_of
from sealkit_simulator.watching.detectors import Detectors

AGE_MAX: Final = 0xFFFFFFFF


def sign_evidence(device: Device, nonce: bytes) -> bytes:
    """Evidence of this moment (E-1). nonce: 32 bytes.

    Raises RefusedError KEY_DESTROYED, COUNTER_ENDED (R-8).
    """
    if device.storage.next_sequence > LAST_SEQUENCE:
        raise refusal(Status.COUNTER_ENDED)
    return device.core.sign_evidence(_evidence_fields(device, nonce))


def seal_status(device: Device) -> SealStatus:
    """The heads and states that an order is made against (C-3)."""
    storage, history, clock = device.storage, device.history, device.clock
    number, journal_head = device.core.number, storage.journal_head
    return SealStatus(
        maker=number.maker,
        serial=number.serial,
        seal_key=device.core.key_id,
        state=device.state,
        flags=flags_of(device),
        boot=device.registers.boot,
        tick_ms=clock.tick_ms,
        clock=clock.now,
        clock_quality=clock.quality,
        clock_floor=clock.floor,
        control_sequence=history.head.sequence,
        control_digest=history.head.digest,
        journal_sequence=journal_head.sequence,
        journal_digest=journal_head.digest,
        base_sequence=storage.base.sequence,
        trust_version=history.trust_version,
        parameter_root=parameter_root(device.core.suite, history.groups),
        calibration_counter=history.calibration_counter,
        configuration_counter=history.configuration_counter,
        latched_causes=history.latched_causes,
        live_causes=device.live_causes,
        control_free=storage.control.orders_left(),
        journal_free=storage.journal.free(history.acknowledged.sequence),
    )


def observation(device: Device) -> Observation:
    """What the seal last saw of the meter (C-11)."""
    look = device.watch.look
    if look is None:
        return Observation(MeterSeen.NEVER, 0, bytes(5), 0, bytes(2), "", bytes(127))
    return Observation(
        seen=_seen(device),
        age_ms=_age(device),
        device=look.device,
        hardware_version=look.hardware_version,
        software=look.software,
        plate=look.plate,
        fare=look.fare,
    )


def _evidence_fields(device: Device, nonce: bytes) -> dict[str, Any]:
    values, look, suite = device.registers, device.watch.look, device.core.suite
    status = seal_status(device)
    shared = {
        name: getattr(status, name)
        for name in SealStatus.__dataclass_fields__
        if name not in ("maker", "serial", "seal_key", "control_free", "journal_free")
    }
    pruned = ("boot", "flags", "meter", "tariff", "driven", "coalesced")
    refused = ("malformed", "stale", "authority", "state")
    return {
        **shared,
        "base_digest": device.storage.base.digest,
        **{f"pruned_{name}": values.pruned[place] for place, name in enumerate(pruned)},
        **{f"refused_{name}": values.refused[place] for place, name in enumerate(refused)},
        "pulses": values.pulses,
        "meter_seen": _seen(device),
        "meter_age_ms": AGE_MAX if look is None else _age(device),
        "meter_device": bytes(5) if look is None else look.device,
        "meter_software": bytes(2) if look is None else look.software,
        "meter_fare_digest": NO_DIGEST if look is None else suite.digest(look.fare),
        **_gathered(device.detectors),
        "firmware_version": device.firmware_version,
        "firmware_digest": device.firmware_digest,
        "nonce": nonce,
    }


def _gathered(detectors: Detectors) -> dict[str, int]:
    """What the detectors have gathered (E-5)."""
    return {
        "k_inferred_milli": detectors.k.inferred_milli,
        "k_basis_m": detectors.k.basis_m,
        "pulse_rate_max_hz": detectors.rate.highest_hz,
        "standing_m": detectors.standing.total_m,
        "motion_distance_m": detectors.motion.source_m,
        "motion_pulses_m": detectors.motion.pulses_m,
        "trips_seen": detectors.k.trips,
    }


def _seen(device: Device) -> MeterSeen:
    if device.watch.look is None:
        return MeterSeen.NEVER
    return MeterSeen.SILENT if device.watch.silent else MeterSeen.ANSWERS


def _age(device: Device) -> int:
    return min(device.clock.tick_ms - device.watch.looked_at, AGE_MAX)

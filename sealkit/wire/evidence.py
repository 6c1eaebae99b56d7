"""What a seal signs about itself: evidence and checkpoints (SPEC.md 9)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sealkit.wire.codec import Codec
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import ClockQuality, MeterSeen, State, SuiteNumber, TagType
from sealkit.wire.signed import Signed


@dataclass(frozen=True, slots=True)
class Evidence(Signed):
    """One signed answer of a seal about itself, all of one moment (E-1).

    seal_key: key id, 16 bytes; digests and nonce 32 bytes; tick_ms and meter_age_ms in
    milliseconds with power; clock and floor in seconds since 1970; counters never reset.
    k_inferred_milli: thousandths of pulses per km by the trip records of the last k_basis_m, 0:
    not known. motion_distance_m by the second source, motion_pulses_m by pulses meanwhile (E-5).
    """

    suite: SuiteNumber
    maker: int
    serial: int
    seal_key: bytes
    state: State
    flags: int
    boot: int
    tick_ms: int
    clock: int
    clock_quality: ClockQuality
    clock_floor: int
    control_sequence: int
    control_digest: bytes
    journal_sequence: int
    journal_digest: bytes
    base_sequence: int
    base_digest: bytes
    pruned_boot: int
    pruned_flags: int
    pruned_meter: int
    pruned_tariff: int
    pruned_driven: int
    pruned_coalesced: int
    trust_version: int
    parameter_root: bytes
    calibration_counter: int
    configuration_counter: int
    refused_malformed: int
    refused_stale: int
    refused_authority: int
    refused_state: int
    latched_causes: int
    live_causes: int
    pulses: int
    meter_seen: MeterSeen
    meter_age_ms: int
    meter_device: bytes
    meter_software: bytes
    meter_fare_digest: bytes
    k_inferred_milli: int
    k_basis_m: int
    pulse_rate_max_hz: int
    standing_m: int
    motion_distance_m: int
    motion_pulses_m: int
    trips_seen: int
    firmware_version: int
    firmware_digest: bytes
    nonce: bytes
    signature: bytes
    raw: bytes = field(repr=False, compare=False)

    @property
    def number(self) -> SealNumber:
        return SealNumber(self.maker, self.serial)


@dataclass(frozen=True, slots=True)
class Checkpoint(Signed):
    """The seal's own signature over the head of its control chain (R-7)."""

    suite: SuiteNumber
    maker: int
    serial: int
    seal_key: bytes
    control_sequence: int
    control_digest: bytes
    state: State
    signature: bytes
    raw: bytes = field(repr=False, compare=False)


EVIDENCE = Codec(
    Evidence,
    "evidence",
    tag=TagType.EVIDENCE,
    enums={"state": State, "clock_quality": ClockQuality, "meter_seen": MeterSeen},
)
CHECKPOINT = Codec(Checkpoint, "checkpoint", tag=TagType.CHECKPOINT, enums={"state": State})

"""Faults of chapters 9 and 10: evidence, and the states that it tells."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sealkit.rules.history import History
from sealkit.wire.registry import Cause, State
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)


def _in_evidence(patch: pytest.MonkeyPatch, change: Any) -> None:
    """Evidence is signed with fields that `change(device, fields)` gives beside its own."""

    def faulty(original: Any, device: Any, nonce: bytes) -> Any:
        fields = original(device, nonce)
        return {**fields, **change(device, fields)}

    around(patch, "sealkit_simulator.evidence:_evidence_fields", faulty)


@fault("E-1", "Evidence is signed with zeros where the nonce belongs.", also=("C-5",))
def signs_no_nonce(patch: pytest.MonkeyPatch) -> None:
    _in_evidence(patch, lambda device, fields: {"nonce": bytes(32)})


@fault("E-1", "The nonce of the evidence before is signed again.", also=("C-5",))
def reuses_a_nonce(patch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def change(device: Any, fields: Any) -> Any:
        seen.append(fields["nonce"])
        return {"nonce": seen[-2] if len(seen) > 1 else seen[-1]}

    _in_evidence(patch, change)


@fault("E-1", "Evidence tells genesis as the head of the chain.")
def signs_a_stale_head(patch: pytest.MonkeyPatch) -> None:
    def change(device: Any, fields: Any) -> Any:
        return {"control_sequence": 1, "control_digest": bytes(32)}

    _in_evidence(patch, change)


@fault("E-1", "Latched causes are told one bit too high.")
def tells_causes_one_bit_too_high(patch: pytest.MonkeyPatch) -> None:
    _in_evidence(
        patch, lambda device, fields: {"latched_causes": fields["latched_causes"] << 1 & 0xFFFF}
    )


@fault("E-1", "Evidence tells sealed whatever the state is.")
def always_tells_sealed(patch: pytest.MonkeyPatch) -> None:
    _in_evidence(patch, lambda device, fields: {"state": State.SEALED})


@fault("E-2", "The digest of the meter's fare is left at zeros.")
def tells_no_digest_of_the_fare(patch: pytest.MonkeyPatch) -> None:
    _in_evidence(patch, lambda device, fields: {"meter_fare_digest": bytes(32)})


@fault("E-2", "The age of the last look is told in seconds.")
def tells_the_age_in_seconds(patch: pytest.MonkeyPatch) -> None:
    _in_evidence(patch, lambda device, fields: {"meter_age_ms": fields["meter_age_ms"] // 1000})


@fault("E-3", "The floor follows the clock, also down.")
def lets_the_floor_go_down(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, clock: Any, tick_ms: int, floor: int) -> None:
        original(clock, tick_ms, floor)
        clock.floor = floor

    around(patch, "sealkit_simulator.clock:SealClock.not_before", faulty)


@fault("E-4", "The signature of a checkpoint is lost before it is stored.", also=("R-7",))
def stores_an_unsigned_checkpoint(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.crypto_core:CryptoCore.sign_checkpoint",
        lambda original, core, fields: original(core, fields)[:-64] + bytes(63) + b"\1",
    )


@fault("Z-1", "An opened case is noticed, but latches nothing.")
def does_not_latch_an_opened_case(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, cause: Cause, *args: Any) -> None:
        if cause is not Cause.CASE_OPENED:
            original(device, cause, *args)

    around(patch, "sealkit_simulator.supervision:latch", faulty)


@fault("Z-1", "In TAMPERED no further cause is latched.")
def latches_only_the_first_cause(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, *args: Any) -> None:
        if device.state is not State.TAMPERED:
            original(device, *args)

    around(patch, "sealkit_simulator.supervision:latch", faulty)


@fault("Z-2", "A boot brings the seal from TAMPERED back to SEALED.")
def leaves_tampered_at_a_boot(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, *args: Any) -> None:
        original(device, *args)
        if device.state is State.TAMPERED:
            device.history.state = State.SEALED
            device.history.latched_causes = 0

    around(patch, "sealkit_simulator.device:Device.__init__", faulty)


@fault("O-28", "CLEAR leaves the latched causes as they are.")
def keeps_causes_after_clear(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, history: History, record: Any) -> None:
        causes = history.latched_causes
        original(history, record)
        history.latched_causes |= causes

    around(patch, "sealkit.rules.history:History.add", faulty)


@fault("Z-3", "A boot with a lost clock is taken for an ordinary one.")
def forgives_a_boot_with_a_lost_clock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.starting.latch", lambda *args: None)

"""All that a seal shows of itself at one moment, so that two moments can be compared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from sealkit.wire.evidence import Evidence
from sealkit.wire.messages import Answer, SealStatus
from sealkit.wire.registry import Command, CredentialChoice, State, StatusKind
from sealkit_conformance import expect

if TYPE_CHECKING:
    from sealkit_conformance.subject.seal import SealUnderTest

COUNTERS: Final = {
    StatusKind.MALFORMED: "refused_malformed",
    StatusKind.STALE: "refused_stale",
    StatusKind.AUTHORITY: "refused_authority",
    StatusKind.STATE: "refused_state",
}
"""In evidence, the counter of refused orders of each kind (O-1)."""
PASSING: Final = frozenset({"tick_ms", "clock", "meter_age_ms", "nonce", "signature", "raw"})
"""Fields that are others at each moment."""
SHARED: Final = (
    "maker",
    "serial",
    "seal_key",
    "state",
    "flags",
    "boot",
    "clock_quality",
    "clock_floor",
    "control_sequence",
    "control_digest",
    "journal_sequence",
    "journal_digest",
    "base_sequence",
    "trust_version",
    "parameter_root",
    "calibration_counter",
    "configuration_counter",
    "latched_causes",
    "live_causes",
)
"""What evidence and status tell alike, but for what passes between the two."""
_READINGS_MAX: Final = 3
_HELD: Final = {
    "the seal's credential": (Command.READ_CREDENTIAL, bytes((CredentialChoice.SEAL,))),
    "the authority's credential": (Command.READ_CREDENTIAL, bytes((CredentialChoice.AUTHORITY,))),
    "the trust statement": (Command.READ_TRUST, b""),
    "the groups' digests": (Command.READ_PARAMETERS, b""),
    "the checkpoint": (Command.READ_CHECKPOINT, b""),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """held: what other commands of reading answer, status and body, by what it is.

    evidence None: the seal signs none any more, or was not asked for any, nor for what it holds.
    """

    status: SealStatus
    evidence: Evidence | None
    held: dict[str, tuple[int, bytes]]


def look_at(seal: SealUnderTest, *, whole: bool = True) -> Shown:
    """Asks the seal for all that it shows; whole False: for its status alone."""
    status = seal.status()
    if not whole:
        return Shown(status, None, {})
    evidence = None if status.state is State.RETIRED else seal.evidence()
    for _ in range(_READINGS_MAX):
        if evidence is None or evidence.journal_digest == status.journal_digest:
            break
        # A seal writes its journal whenever it likes to: they are of two moments.
        status, evidence = seal.status(), seal.evidence()
    held = {what: _answered(seal.ask(command, body)) for what, (command, body) in _HELD.items()}
    return Shown(status, evidence, held)


def _answered(answer: Answer) -> tuple[int, bytes]:
    return answer.status, answer.body


def lasting(told: SealStatus | Evidence, *, but: Collection[str] = ()) -> dict[str, Any]:
    """The fields that stay while nothing happens."""
    return {
        field.name: getattr(told, field.name)
        for field in fields(told)
        if field.name not in PASSING and field.name not in but
    }


def same(clause: str, before: Shown, after: Shown, what: str, *, refused: str = "") -> None:
    """Nothing has changed, but the counter `refused` (of COUNTERS), which has stepped."""
    expect.fields_of(clause, after.status, lasting(before.status), what)
    if before.evidence is not None and after.evidence is not None:
        counters = COUNTERS.values()
        expect.fields_of(clause, after.evidence, lasting(before.evidence, but=counters), what)
        due = {name: getattr(before.evidence, name) for name in counters}
        if refused:
            due[refused] = min(due[refused] + 1, 0xFFFF)
        expect.fields_of("O-1", after.evidence, due, "the refused orders are not counted by kind")
    for name, held in before.held.items():
        expect.equal(clause, held, after.held[name], f"{what}: {name}")

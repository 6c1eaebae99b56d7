"""The leaves of a ledger's tree, out of what a station holds (SPEC.md 16). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sealkit.crypto import Suite
from sealkit.wire.evidence import EVIDENCE, Evidence
from sealkit.wire.registry import RecordedConclusion, SuiteNumber, TagType
from sealkit.wire.tags import domain_tag
from sealkit.wire.witness import NO_PLACE, NO_VERDICT

PLACE_SALT_BYTES: Final = 16

_TAGS: Final[Mapping[int, bytes]] = {
    suite: domain_tag(suite, TagType.LEDGER_LEAF) for suite in SuiteNumber
}
# A leaf repeats bytes of its evidence, in the same form.
_WHOSE: Final = EVIDENCE.span("maker", "seal_key")
_HEADS: Final = EVIDENCE.span("control_sequence", "base_sequence")
_COUNTERS: Final = EVIDENCE.span("calibration_counter", "configuration_counter")
_ROOT: Final = EVIDENCE.span("parameter_root", "parameter_root")


def leaf_bytes(
    suite: Suite,
    evidence: Evidence,
    evidence_digest: bytes,
    *,
    received_at: int,
    conclusion: RecordedConclusion = RecordedConclusion.NOT_JUDGED,
    verdict: bytes | None = None,
    place_digest: bytes = NO_PLACE,
) -> bytes:
    """The leaf of one evidence taken (G-2). evidence_digest: of its bytes, 32 bytes. received_at:
    seconds since 1970.

    verdict: the bytes of `build_station_verdict`; None, as long as it is not judged.
    """
    if (verdict is None) != (conclusion is RecordedConclusion.NOT_JUDGED):
        raise ValueError("a conclusion goes with its verdict")
    raw = evidence.raw
    return b"".join(
        (
            _TAGS[suite.id],
            received_at.to_bytes(8, "big"),
            raw[_WHOSE],
            evidence_digest,
            raw[_HEADS],
            raw[_COUNTERS],
            raw[_ROOT],
            bytes((conclusion,)),
            NO_VERDICT if verdict is None else suite.digest(verdict),
            place_digest,
        )
    )


def place_digest(suite: Suite, salt: bytes, place: str) -> bytes:
    """What a leaf tells of the submitter's place (G-3): salt has 16 random bytes, kept aside."""
    if len(salt) != PLACE_SALT_BYTES:
        raise ValueError(f"a salt has {PLACE_SALT_BYTES} bytes")
    return suite.digest(salt + place.encode())

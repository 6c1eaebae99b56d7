"""The leaves of a ledger's tree, out of what a station holds (SPEC.md 16). Pure."""

from __future__ import annotations

from typing import Final

from sealkit.crypto import Suite
from sealkit.wire.evidence import Evidence
from sealkit.wire.registry import RecordedConclusion, TagType
from sealkit.wire.tags import domain_tag
from sealkit.wire.witness import LEDGER_LEAF, NO_PLACE, NO_VERDICT, LedgerLeaf

PLACE_SALT_BYTES: Final = 16


def make_leaf(
    suite: Suite,
    evidence: Evidence,
    *,
    received_at: int,
    conclusion: RecordedConclusion = RecordedConclusion.NOT_JUDGED,
    verdict: bytes | None = None,
    place_digest: bytes = NO_PLACE,
) -> LedgerLeaf:
    """The leaf of one evidence taken (G-2). received_at: seconds since 1970.

    verdict: the bytes of `build_station_verdict`; None, as long as it is not judged.
    """
    raw = leaf_bytes(
        suite,
        evidence,
        suite.digest(evidence.raw),
        received_at=received_at,
        conclusion=conclusion,
        verdict=verdict,
        place_digest=place_digest,
    )
    return LEDGER_LEAF.parse(raw)


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
    """The bytes of the same leaf; evidence_digest: of the evidence's bytes, 32 bytes."""
    if (verdict is None) != (conclusion is RecordedConclusion.NOT_JUDGED):
        raise ValueError("a conclusion goes with its verdict")
    values = {
        "tag": domain_tag(suite.id, TagType.LEDGER_LEAF),
        "received_at": received_at,
        "maker": evidence.maker,
        "serial": evidence.serial,
        "seal_key": evidence.seal_key,
        "evidence_digest": evidence_digest,
        "control_sequence": evidence.control_sequence,
        "control_digest": evidence.control_digest,
        "journal_sequence": evidence.journal_sequence,
        "journal_digest": evidence.journal_digest,
        "base_sequence": evidence.base_sequence,
        "calibration_counter": evidence.calibration_counter,
        "configuration_counter": evidence.configuration_counter,
        "parameter_root": evidence.parameter_root,
        "conclusion": conclusion,
        "verdict_digest": NO_VERDICT if verdict is None else suite.digest(verdict),
        "place_digest": place_digest,
    }
    return LEDGER_LEAF.assemble(values)


def place_digest(suite: Suite, salt: bytes, place: str) -> bytes:
    """What a leaf tells of the submitter's place (G-3): salt has 16 random bytes, kept aside."""
    if len(salt) != PLACE_SALT_BYTES:
        raise ValueError(f"a salt has {PLACE_SALT_BYTES} bytes")
    return suite.digest(salt + place.encode())

"""What a station signs: tree heads, attestations (SPEC.md 16). Judged by `appraisal.station`."""

from __future__ import annotations

from sealkit.crypto import Signer
from sealkit.errors import UsageError
from sealkit.rules.merkle import empty_root
from sealkit.wire.credentials import Credential
from sealkit.wire.evidence import Evidence
from sealkit.wire.registry import Role, State
from sealkit.wire.witness import ATTESTATION, TREE_HEAD, Attestation, TreeHead


def sign_tree_head(
    signer: Signer, station: Credential, *, size: int, root: bytes, time: int
) -> TreeHead:
    """The head of a ledger of `size` leaves with this root (32 bytes), at `time` (G-4).

    Errors: `UsageError` ISSUER_KEY_DIFFERS, ISSUING_NOT_ALLOWED, VALUE_OUT_OF_RANGE.
    """
    judge_signer(signer, station)
    suite = signer.suite
    if size == 0 and root != empty_root(suite.digest):
        raise ValueError("an empty tree has another root")
    unsigned = TREE_HEAD.unsigned(
        suite.id, {"station": suite.digest(station.raw), "size": size, "root": root, "time": time}
    )
    return TREE_HEAD.parse(unsigned + signer.sign(unsigned))


def sign_attestation(
    signer: Signer,
    station: Credential,
    evidence: Evidence,
    *,
    plate: str,
    leaf_index: int,
    issued_at: int,
    valid_until: int,
) -> Attestation:
    """That the verification of this evidence passed (G-6). The caller has the verdict: *intact*.

    Times in seconds since 1970. Errors: `UsageError` ATTESTATION_NOT_SEALED, as for
    `sign_tree_head`.
    """
    judge_signer(signer, station)
    if evidence.state is not State.SEALED:
        raise UsageError(
            "ATTESTATION_NOT_SEALED",
            f"Seal {evidence.number} is {evidence.state.name.lower()}; only a sealed one passes.",
            "Seal the taximeter and verify it again.",
        )
    suite = signer.suite
    unsigned = ATTESTATION.unsigned(
        suite.id,
        {
            "maker": evidence.maker,
            "serial": evidence.serial,
            "plate": plate,
            "evidence_time": evidence.clock,
            "evidence_digest": suite.digest(evidence.raw),
            "calibration_counter": evidence.calibration_counter,
            "configuration_counter": evidence.configuration_counter,
            "leaf_index": leaf_index,
            "issued_at": issued_at,
            "valid_until": valid_until,
            "station": suite.digest(station.raw),
        },
    )
    return ATTESTATION.parse(unsigned + signer.sign(unsigned))


def judge_signer(signer: Signer, station: Credential) -> None:
    """That a station signs, with its own key. Errors: `UsageError` ISSUER_KEY_DIFFERS,
    ISSUING_NOT_ALLOWED."""
    if signer.public_key != station.public_key:
        raise UsageError(
            "ISSUER_KEY_DIFFERS",
            "The key that would sign is not the station's.",
            "Sign with the key that belongs to the station's credential.",
        )
    if station.role is not Role.STATION:
        raise UsageError(
            "ISSUING_NOT_ALLOWED",
            f"{station.name} is of role {station.role.name.lower()}; this is signed by a station.",
            "Sign it with the station's key.",
        )

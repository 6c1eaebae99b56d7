"""The text of a scanned QR code becomes a conclusion for whoever scanned it (G-6, G-7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from sealkit.appraisal.station import credential_named, judge_attestation
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Detail, Finding, finding
from sealkit.appraisal.words import refusal_detail
from sealkit.errors import MalformedError
from sealkit.rules.credentials import parse_credential
from sealkit.wire.credentials import Credential
from sealkit.wire.witness import Attestation, attestation_parts


class AttestationConclusion(Enum):
    """What a scanned QR code comes to. holds: a station that is trusted signed it, and it is
    valid now. invalid: a forgery, no attestation, or one for another vehicle. expired: genuine, but
    not valid now. unknown: who signed it is not known here, so that it cannot be told."""

    HOLDS = "holds"
    INVALID = "invalid"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


_MESSAGES: Final = {
    AttestationConclusion.HOLDS: Detail(
        "The statement is genuine and valid. Compare its plate with the vehicle's.",
        "声明真实有效。请将其中的车牌号与车辆核对。",
    ),
    AttestationConclusion.INVALID: Detail(
        "This is no genuine statement of a station about this vehicle.",
        "这不是检定站对该车辆的真实声明。",
    ),
    AttestationConclusion.EXPIRED: Detail(
        "The statement is genuine, but not valid at this time.", "声明真实，但目前不在有效期内。"
    ),
    AttestationConclusion.UNKNOWN: Detail(
        "Who signed the statement is not known or not trusted here, so it proves nothing.",
        "此处不认识或不信任声明的签发者，故不能证明任何事。",
    ),
}
_UNSIGNED: Final = frozenset({"ATTESTATION_INVALID", "STATION_UNTRUSTED", "SUITE_UNKNOWN"})
"""With these findings it is not known that the station signed it."""


@dataclass(frozen=True, slots=True)
class JudgedAttestation:
    """What a QR code says and whether it holds. attestation and station: None unless it is
    known that this station, which is trusted, signed it."""

    conclusion: AttestationConclusion
    findings: tuple[Finding, ...]
    attestation: Attestation | None = None
    station: Credential | None = None

    @property
    def message(self) -> Detail:
        """For whoever scanned it."""
        return _MESSAGES[self.conclusion]


def judge_attestation_text(
    trust: TrustBundle,
    text: str,
    credentials: Sequence[bytes],
    now: int,
    plate: str | None = None,
) -> JudgedAttestation:
    """Judges the text of a QR code at the time `now`, in seconds since 1970; whatever it is.

    credentials: of stations, those at hand beside the one that follows the attestation in the text.
    plate: what stands on the vehicle, to be compared.
    """
    try:
        raw, follows = attestation_parts(text)
    except MalformedError as error:
        return _judged([finding("ATTESTATION_INVALID", refusal_detail(error))])
    at_hand = [*([follows] if follows else []), *credentials]
    attestation, found = judge_attestation(trust, raw, at_hand, now, plate)
    if attestation is None:
        return _judged(found)
    if follows and trust.suite.digest(follows) != attestation.station:
        what = Detail("Another credential follows it.", "其后的证书并非签发者的证书。")
        found.append(finding("ATTESTATION_INVALID", what))
    station = credential_named(trust.suite, attestation.station, at_hand)
    if station is None or any(one.code in _UNSIGNED for one in found):
        return _judged(found)
    return _judged(found, attestation, parse_credential(trust.suite, station))


def _judged(
    findings: Collection[Finding],
    attestation: Attestation | None = None,
    station: Credential | None = None,
) -> JudgedAttestation:
    codes = {found.code for found in findings}
    if codes & {"ATTESTATION_INVALID", "ATTESTATION_OTHER_PLATE"}:
        conclusion = AttestationConclusion.INVALID
    elif codes - {"ATTESTATION_EXPIRED"}:
        conclusion = AttestationConclusion.UNKNOWN
    elif codes:
        conclusion = AttestationConclusion.EXPIRED
    else:
        conclusion = AttestationConclusion.HOLDS
    return JudgedAttestation(conclusion, tuple(findings), attestation, station)

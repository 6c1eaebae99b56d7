"""What a station's ledger commits to and signs: leaf, tree head, attestation (SPEC.md 16)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sealkit.errors import MalformedError
from sealkit.wire.base45 import decode_base45, encode_base45
from sealkit.wire.codec import Codec
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import (
    ATTESTATION_MAX,
    CREDENTIAL_MAX,
    RecordedConclusion,
    SuiteNumber,
    TagType,
)
from sealkit.wire.signed import Signed

NO_PLACE: Final = bytes(32)
"""In place of a digest: the submitter's place was not noted."""

NO_VERDICT: Final = bytes(32)
"""In place of a digest: the evidence had not been judged when it was taken."""

ATTESTATION_PREFIX: Final = "SEALKIT1:"
_ATTESTATION_TEXT_MAX: Final = (
    len(ATTESTATION_PREFIX) + (ATTESTATION_MAX + CREDENTIAL_MAX + 1) // 2 * 3
)
_PLATE_AT: Final = 18
"""Of its length byte, before which all fields are fixed, and after the plate again."""
_SIZE_WITHOUT_PLATE: Final = 187


@dataclass(frozen=True, slots=True)
class LedgerLeaf:
    """What the tree commits to for one evidence taken (G-2).

    received_at: seconds since 1970 by the station's clock. seal_key: key id, 16 bytes. Digests 32
    bytes; place_digest salted or `NO_PLACE`, verdict_digest `NO_VERDICT` where not judged.
    """

    suite: SuiteNumber
    received_at: int
    maker: int
    serial: int
    seal_key: bytes
    evidence_digest: bytes
    control_sequence: int
    control_digest: bytes
    journal_sequence: int
    journal_digest: bytes
    base_sequence: int
    calibration_counter: int
    configuration_counter: int
    parameter_root: bytes
    conclusion: RecordedConclusion
    verdict_digest: bytes
    place_digest: bytes
    raw: bytes = field(repr=False, compare=False)

    @property
    def number(self) -> SealNumber:
        return SealNumber(self.maker, self.serial)


@dataclass(frozen=True, slots=True)
class TreeHead(Signed):
    """A station's signature over its whole ledger (G-4).

    station: digest of its credential, 32 bytes. size: leaves. time: seconds since 1970.
    """

    suite: SuiteNumber
    station: bytes
    size: int
    root: bytes
    time: int
    signature: bytes
    raw: bytes = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Attestation(Signed):
    """That a verification passed, in few bytes, for the QR code of a certificate (G-6).

    Times in seconds since 1970. evidence_digest and station (digest of its credential): 32 bytes.
    leaf_index: where the evidence stands in the station's ledger.
    """

    suite: SuiteNumber
    maker: int
    serial: int
    plate: str
    evidence_time: int
    evidence_digest: bytes
    calibration_counter: int
    configuration_counter: int
    leaf_index: int
    issued_at: int
    valid_until: int
    station: bytes
    signature: bytes
    raw: bytes = field(repr=False, compare=False)

    @property
    def number(self) -> SealNumber:
        return SealNumber(self.maker, self.serial)


LEDGER_LEAF = Codec(
    LedgerLeaf,
    "ledger_leaf",
    tag=TagType.LEDGER_LEAF,
    enums={"conclusion": RecordedConclusion},
)
TREE_HEAD = Codec(TreeHead, "tree_head", tag=TagType.TREE_HEAD)
ATTESTATION = Codec(Attestation, "attestation", tag=TagType.ATTESTATION)


def attestation_text(raw: bytes, credential: bytes = b"") -> str:
    """An attestation as the text of a QR code, with the station's credential behind it (G-7)."""
    return ATTESTATION_PREFIX + encode_base45(raw + credential)


def attestation_parts(text: str) -> tuple[bytes, bytes]:
    """The bytes of an attestation out of the text of a QR code (G-7), and those of the station's
    credential, empty if it does not follow; spaces around the text are left.

    Errors: `MalformedError` MALFORMED.
    """
    stripped = text.strip()
    if len(text) > 2 * _ATTESTATION_TEXT_MAX or not stripped.startswith(ATTESTATION_PREFIX):
        raise MalformedError(
            "MALFORMED",
            "This text is no attestation.",
            f"Scan the code of a certificate: its text begins with {ATTESTATION_PREFIX}",
        )
    data = decode_base45(stripped.removeprefix(ATTESTATION_PREFIX))
    size = _SIZE_WITHOUT_PLATE + data[_PLATE_AT] if len(data) > _PLATE_AT else len(data)
    return data[:size], data[size:]

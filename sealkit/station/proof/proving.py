"""What a station gives out of its ledger, signed: tree heads, evidence bundles, attestations.

A bundle convinces whoever holds a trust file; an attestation is for the QR code of a certificate.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sealkit.appraisal.attestation import (
    AttestationConclusion,
    JudgedAttestation,
    judge_attestation_text,
)
from sealkit.appraisal.verdict import Conclusion, Detail, Finding
from sealkit.crypto import Signer
from sealkit.errors import IntegrityError, UndeterminedError, UsageError
from sealkit.station.history.dossier import Dossier, HeldEvidence
from sealkit.station.ledger import Ledger
from sealkit.station.proof.bundles import make_bundle
from sealkit.station.storage.judgements import Judgement
from sealkit.station.tree.tree_heads import judge_signer, sign_attestation, sign_tree_head
from sealkit.wire.bundle import BUNDLE_MAX, EARLIER_MAX
from sealkit.wire.credentials import Credential
from sealkit.wire.evidence import Evidence
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import Group
from sealkit.wire.witness import (
    LEDGER_LEAF,
    Attestation,
    TreeHead,
    attestation_text,
)

HEAD_AGAIN_AFTER_S: Final = 60
"""A tree head of the same size is signed again only after so many seconds: who asks often does
not fill the ledger."""

ATTESTATION_VALID_S: Final = 366 * 86_400
"""An attestation is believed for a year at most, whatever is sealed: taximeters are verified
every year."""


@dataclass(frozen=True, slots=True)
class StationIdentity:
    """Who signs for a ledger: a station's key, its credential, and that one's issuers up to but
    without the authority's.

    Errors: `UsageError` ISSUER_KEY_DIFFERS, ISSUING_NOT_ALLOWED.
    """

    signer: Signer
    credential: Credential
    issuers: tuple[Credential, ...] = ()

    def __post_init__(self) -> None:
        judge_signer(self.signer, self.credential)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The credentials as bytes, the station's own first."""
        return (self.credential.raw, *(issuer.raw for issuer in self.issuers))


def tree_head(ledger: Ledger, station: StationIdentity, now: int) -> TreeHead:
    """The ledger's tree head, signed (SPEC.md G-4) and kept in the ledger.

    One of the same size that this station signed just before is given again. Errors: those of
    signing, such as TOKEN_GONE, and of the database.
    """
    _judge_suite(ledger, station)
    size = ledger.tree_size()
    digest = ledger.suite.digest(station.credential.raw)
    for kept in ledger.tree_heads(limit=1):
        is_recent = 0 <= now - kept.time < HEAD_AGAIN_AFTER_S
        if is_recent and (kept.size, kept.station) == (size, digest):
            return kept
    head = sign_tree_head(
        station.signer, station.credential, size=size, root=ledger.root(size), time=now
    )
    ledger.keep_tree_head(head)
    return head


def bundle_for(
    ledger: Ledger,
    number: SealNumber,
    station: StationIdentity | None,
    now: int,
    shown: Collection[int] | None = None,
    leaf: int | None = None,
) -> bytes:
    """The evidence bundle (SPEC.md 17) of a seal's latest evidence, or of the one at `leaf`.

    It carries the last verdict that rests on this evidence, if there is one, and every other
    evidence that contradicts it, which proves a copy or a memory that was set back. shown: the
    parameter groups to show, None for all; with any withheld the log stays out as well (B-3).
    station None: without a signed tree head, so that the bundle proves no ledger.

    Errors: `UsageError` SEAL_UNKNOWN, EVIDENCE_UNKNOWN, GROUPS_MISSING, BUNDLE_TOO_LARGE; those of
    signing and of the database.
    """
    dossier = ledger.dossier(number)
    held = dossier.latest if leaf is None else dossier.of_leaf(leaf)
    judged = next((one for one in ledger.judgements(number) if one.evidence == held.leaf), None)
    index = held.leaf if judged is None else judged.leaf
    head = None if station is None else tree_head(ledger, station, now)
    data = make_bundle(
        ledger.suite,
        dossier.material(held),
        credentials=() if station is None else station.chain,
        verdict=None if judged is None else judged.content,
        leaf=LEDGER_LEAF.parse(ledger.leaf(index)),
        index=index,
        path=() if head is None else ledger.inclusion(index, head.size),
        tree_head=head,
        shown=shown,
        earlier=_contradicting(dossier, held),
    )
    if len(data) > BUNDLE_MAX:
        raise UsageError(
            "BUNDLE_TOO_LARGE",
            f"The bundle would have {len(data)} bytes, over the {BUNDLE_MAX} that one may have.",
            "Show some parameter groups alone: such a bundle has no log.",
        )
    return data


def group_numbers(text: str) -> frozenset[int]:
    """The numbers of parameter groups from their names, with commas: what a bundle shows.

    Errors: `UsageError` GROUP_UNKNOWN.
    """
    numbers = {group.name.lower(): int(group) for group in Group}
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in numbers:
            raise UsageError(
                "GROUP_UNKNOWN",
                f"There is no parameter group {name!r:.40}.",
                f"Choose from {', '.join(numbers)}.",
            )
    return frozenset(numbers[name] for name in names)


def _contradicting(dossier: Dossier, held: HeldEvidence) -> tuple[bytes, ...]:
    """The last of them; any one is proof, and a bundle has room for some."""
    return tuple(other.evidence.raw for other in dossier.contradicting(held)[-EARLIER_MAX:])


@dataclass(frozen=True, slots=True)
class Attested:
    """A verification that passed, attested. text: of the QR code, with the station's credential
    (SPEC.md G-7). evidence, judgement, dossier: what it rests on."""

    attestation: Attestation
    station: Credential
    text: str
    evidence: Evidence
    judgement: Judgement
    dossier: Dossier


def attested(ledger: Ledger, number: SealNumber, station: StationIdentity, now: int) -> Attested:
    """Attests that a seal's last verification passed (SPEC.md G-6), and says what that rests on.

    It is valid until the sealed end of the verification, for a year at most. Errors: `UsageError`
    SEAL_UNKNOWN; `IntegrityError` NOT_INTACT if the last verdict is broken; `UndeterminedError`
    NOT_INTACT if it is undetermined, not of the latest evidence or of the trust in use, or past its
    end, or if there is none; those of signing and of the database.
    """
    _judge_suite(ledger, station)
    dossier = ledger.dossier(number)
    judged = next(iter(ledger.judgements(number, limit=1)), None)
    if judged is None or not _is_of_now(ledger, dossier, judged):
        raise UndeterminedError(
            "NOT_INTACT",
            f"The last verdict on seal {number} does not rest on its latest evidence and the trust"
            " in use.",
            "Judge the seal first: `sealkit station verify`.",
        )
    if judged.conclusion is not Conclusion.INTACT:
        error = IntegrityError if judged.conclusion is Conclusion.BROKEN else UndeterminedError
        raise error(
            "NOT_INTACT",
            f"The last verdict on seal {number} is {judged.conclusion.value}; only an intact one"
            " is attested.",
            f"See what was found: `sealkit station verify {number}`.",
        )
    valid_until = min(judged.valid_until or now + ATTESTATION_VALID_S, now + ATTESTATION_VALID_S)
    if valid_until <= now:
        raise UndeterminedError(
            "NOT_INTACT",
            f"The verification of seal {number} has ended.",
            "Have the taximeter verified again.",
        )
    evidence = dossier.of_leaf(judged.evidence).evidence
    attestation = sign_attestation(
        station.signer,
        station.credential,
        evidence,
        plate=dossier.biography().facts.plate,
        leaf_index=judged.leaf,
        issued_at=now,
        valid_until=valid_until,
    )
    text = attestation_text(attestation.raw, station.credential.raw)
    return Attested(attestation, station.credential, text, evidence, judged, dossier)


def _is_of_now(ledger: Ledger, dossier: Dossier, judged: Judgement) -> bool:
    """Whether nothing of this seal came since, so that the verdict is on its latest evidence, and
    the trust is the same."""
    is_all = all(held.leaf <= judged.basis for held in dossier.evidences)
    return is_all and judged.trust == ledger.bench().trust_id


@dataclass(frozen=True, slots=True)
class AttestationCheck:
    """What a QR code says, and whether the ledger still stands by it.

    attestation and station: None unless the signature verifies. in_ledger: its entry is in this
    ledger. later: what this ledger concluded about the seal after it; None if nothing, or if the
    attestation is not of this ledger or does not verify: nobody learns of a seal without one.
    """

    conclusion: AttestationConclusion
    findings: tuple[Finding, ...]
    attestation: Attestation | None = None
    station: Credential | None = None
    in_ledger: bool = False
    later: Conclusion | None = None

    @property
    def message(self) -> Detail:
        """For whoever scanned it, one sentence or two."""
        text = JudgedAttestation(self.conclusion, self.findings).message
        if self.later is None:
            return text
        later = _LATER[self.later]
        return Detail(f"{text.en} {later.en}", text.zh + later.zh)


_LATER: Final = {
    Conclusion.INTACT: Detail(
        "The seal was verified again since, and passed.", "此后该封印再次核验合格。"
    ),
    Conclusion.BROKEN: Detail("The seal was found broken since.", "此后该封印被认定为已破坏。"),
    Conclusion.UNDETERMINED: Detail(
        "Since then it could not be determined that the seal is intact.",
        "此后未能确定该封印完好。",
    ),
}


def check_attestation(ledger: Ledger, text: str, now: int) -> AttestationCheck:
    """Judges the text of a scanned QR code under the ledger's trust, and asks the ledger.

    Whatever the text is, the answer is a check. Errors: `UsageError` LEDGER_WITHOUT_TRUST; those of
    the database.
    """
    judged = judge_attestation_text(ledger.trust, text, ledger.credentials_of_stations(), now)
    attestation = judged.attestation
    in_ledger = attestation is not None and _is_in(ledger, attestation)
    return AttestationCheck(
        judged.conclusion,
        judged.findings,
        attestation,
        judged.station,
        in_ledger,
        _later(ledger, attestation) if attestation is not None and in_ledger else None,
    )


def _is_in(ledger: Ledger, attestation: Attestation) -> bool:
    if attestation.leaf_index >= ledger.tree_size():
        return False
    leaf = LEDGER_LEAF.parse(ledger.leaf(attestation.leaf_index))
    return leaf.evidence_digest == attestation.evidence_digest


def _later(ledger: Ledger, attestation: Attestation) -> Conclusion | None:
    last = next(iter(ledger.judgements(attestation.number, limit=1)), None)
    return last.conclusion if last is not None and last.leaf > attestation.leaf_index else None


def _judge_suite(ledger: Ledger, station: StationIdentity) -> None:
    if station.signer.suite.id != ledger.suite.id:
        raise UsageError(
            "LEDGER_OTHER_SUITE",
            f"The ledger is of the suite {ledger.suite.name}, the station's key of"
            f" {station.signer.suite.name}.",
            "Sign with a key of the ledger's suite.",
        )

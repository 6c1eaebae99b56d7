"""An export that came is taken and judged."""

from __future__ import annotations

from dataclasses import dataclass

from sealkit.appraisal.material import Material, from_export
from sealkit.crypto import Suite
from sealkit.errors import MalformedError
from sealkit.station.history.visits import Place, Visit
from sealkit.station.service.context import Service
from sealkit.station.service.nonces import use_nonce
from sealkit.station.storage.judgements import Judgement
from sealkit.station.storage.storing import Receipt
from sealkit.wire.evidence import EVIDENCE


@dataclass(frozen=True, slots=True)
class Submission:
    """An export file and how it came: from the holder of a token, with the nonce (32 bytes) that
    it is said to answer."""

    data: bytes
    token: int
    submitter: str
    nonce: bytes | None = None
    place: Place | None = None
    plate_seen: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of it. fresh: it answered a nonce that was asked just then."""

    receipt: Receipt
    judgement: Judgement
    fresh: bool


def submit(service: Service, submission: Submission) -> Submitted:
    """Takes it and judges its seal.

    Errors: those of `Ledger.submit` and `use_nonce`.
    """
    now, ledger = service.now(), service.ledger
    material = from_export(submission.data)
    if submission.nonce is not None:
        material = _answering(service, material, submission.nonce, submission.token, now)
    visit = Visit(now, submission.submitter, submission.place, submission.plate_seen)
    receipt, judgement = ledger.submit(material, visit, service.policy)
    kind = "new" if receipt.is_new else "known"
    service.metrics.evidence.labels(kind).inc()
    if receipt.is_new:
        service.metrics.verdicts.labels(judgement.conclusion.value).inc()
    return Submitted(receipt, judgement, material.nonce is not None)


def _answering(
    service: Service, material: Material, nonce: bytes, token: int, now: int
) -> Material:
    """The material with the nonce that it is to answer; without, if it no longer proves anything.

    A nonce is used up only by evidence that names it, so that the wrong file costs nothing.
    """
    ledger = service.ledger
    digest = _digest_of_answer(ledger.suite, material.evidence, nonce)
    if digest is None:
        return material._replace(nonce=nonce)  # Examining it says what is wrong.
    fresh = use_nonce(ledger.database, nonce, token, digest, now)
    return material._replace(nonce=nonce) if fresh else material


def _digest_of_answer(suite: Suite, raw: bytes | None, nonce: bytes) -> bytes | None:
    """The digest of evidence that names this nonce; None for any other."""
    if raw is None:
        return None
    try:
        named = EVIDENCE.parse(raw).nonce
    except MalformedError:
        return None
    return suite.digest(raw) if named == nonce else None

"""What anybody may ask: the tree that the ledger grows, and whether a scanned code holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from sealkit.station.proof.proving import check_attestation, tree_head
from sealkit.station.service.access import anybody
from sealkit.station.service.answers import (
    AttestationAnswer,
    Both,
    Later,
    Proof,
    ScannedText,
    TreeHead,
)
from sealkit.station.service.context import API, Here, signing
from sealkit.station.service.refusals import OPEN, refusals
from sealkit.wire import witness

router = APIRouter(
    prefix=API, tags=["witness"], dependencies=[Depends(anybody)], responses={**OPEN}
)
_HEADS_MAX = 1000
_Size = Annotated[int, Query(ge=0, lt=1 << 53)]


@router.get("/tree/head")
def head(service: Here) -> TreeHead:
    """The tree's head as of now, signed by the station."""
    return _answer(tree_head(service.ledger, signing(service), service.now()))


@router.get("/tree/heads")
def heads(service: Here, limit: Annotated[int, Query(ge=1, le=_HEADS_MAX)] = 100) -> list[TreeHead]:
    """The heads that were given out, the last first."""
    return [_answer(one) for one in service.ledger.tree_heads(limit=limit)]


def _answer(told: witness.TreeHead) -> TreeHead:
    return TreeHead(size=told.size, root=told.root.hex(), time=told.time, head=told.raw.hex())


@router.get("/tree/consistency", responses={**refusals(404)})
def consistency(service: Here, first: _Size, second: _Size) -> Proof:
    """That the tree of the first size begins the one of the second."""
    return Proof(path=[one.hex() for one in service.ledger.consistency(first, second)])


@router.get("/tree/inclusion", responses={**refusals(404)})
def inclusion(service: Here, leaf: _Size, size: _Size) -> Proof:
    """That a leaf stands in the tree of that size."""
    return Proof(path=[one.hex() for one in service.ledger.inclusion(leaf, size)])


@router.post("/attestations/check", responses={**refusals(408, 413)})
def check(scanned: ScannedText, service: Here) -> AttestationAnswer:
    """Whether the statement in a QR code is genuine and holds now.

    Nobody learns more of a seal than the code itself says, and what the ledger concluded since.
    """
    told = check_attestation(service.ledger, scanned.text, service.now())
    message, attestation = told.message, told.attestation
    found: dict[str, object] = {
        "conclusion": told.conclusion.value,
        "message": Both(en=message.en, zh=message.zh),
    }
    if attestation is not None and told.station is not None:
        found |= {
            "seal": str(attestation.number),
            "plate": attestation.plate,
            "evidence_time": attestation.evidence_time,
            "issued_at": attestation.issued_at,
            "valid_until": attestation.valid_until,
            "station_name": told.station.name,
            "in_ledger": told.in_ledger,
            "later": None if told.later is None else Later(conclusion=told.later.value),
        }
    return AttestationAnswer.model_validate(found)

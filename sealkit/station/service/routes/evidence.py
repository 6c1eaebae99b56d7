"""Evidence comes in."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from sealkit.station.history.visits import Place
from sealkit.station.service.access import Caller, Scope, scoped
from sealkit.station.service.answers import SealSummary, Submitted
from sealkit.station.service.context import API, Here
from sealkit.station.service.refusals import CLOSED, refusals
from sealkit.station.service.submitting import Submission, submit

router = APIRouter(prefix=API, tags=["evidence"], responses={**CLOSED})

_EXPORT: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/evidence", responses={**refusals(408, 409, 413)}, openapi_extra=_EXPORT)
async def evidence(
    request: Request,
    caller: Annotated[Caller, scoped(Scope.SUBMIT)],
    service: Here,
    nonce: Annotated[
        str | None, Query(pattern="^[0-9a-f]{64}$", description="The nonce that was asked for.")
    ] = None,
    plate_seen: Annotated[
        str | None, Query(max_length=40, description="What was read on the vehicle.")
    ] = None,
    latitude: Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)] = None,
    longitude: Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False)] = None,
) -> Submitted:
    """Takes an export file, and judges the seal. Scope: submit.

    When this answers, the evidence is on the disk. The same again gives the same receipt.
    """
    submission = Submission(
        data=await request.body(),
        token=caller.token.id,
        submitter=caller.name,
        nonce=None if nonce is None else bytes.fromhex(nonce),
        place=_place(latitude, longitude),
        plate_seen=plate_seen,
    )
    done = await run_in_threadpool(submit, service, submission)
    receipt = done.receipt
    return Submitted(
        seal=str(receipt.number),
        leaf=receipt.leaf,
        receipt=receipt.leaf_hash.hex(),
        known=not receipt.is_new,
        fresh=done.fresh,
        verdict=SealSummary.of(done.judgement),
    )


def _place(latitude: float | None, longitude: float | None) -> Place | None:
    """Where the submitter stands; half a place is none."""
    if latitude is None or longitude is None:
        return None
    return Place(latitude, longitude)

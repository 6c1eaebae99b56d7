"""One seal: its verdicts, its history, and what proves them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from sealkit.station.proof.certificate.pdf import certificate_pdf
from sealkit.station.proof.proving import attested, bundle_for, group_numbers
from sealkit.station.service.access import Caller, Scope, scoped
from sealkit.station.service.answers import (
    Acknowledged,
    History,
    JudgedVerdict,
    SealSummary,
)
from sealkit.station.service.context import API, Here, Language, signing
from sealkit.station.service.history import seal_events
from sealkit.station.service.refusals import CLOSED, refusals
from sealkit.wire.numbers import SealNumber

router = APIRouter(
    prefix=API + "/seals/{number}", tags=["seal"], responses={**CLOSED, **refusals(404)}
)
Named = Annotated[str, Path(description="The seal's number, such as 500-23.")]
_Reader = Annotated[Caller, scoped(Scope.READ)]


def file_answer(media_type: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI of an answer that is a file."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": "The file.", "content": {media_type: {"schema": schema}}}}


def file_response(data: bytes, media_type: str, name: str) -> Response:
    """A file to be kept under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=media_type, headers=headers)


@router.get("")
def seal(number: Named, _: _Reader, service: Here) -> SealSummary:
    """A seal with its last verdict. Scope: read."""
    return SealSummary.of(service.ledger.seal(SealNumber.from_text(number)))


@router.get("/history")
def history(number: Named, _: _Reader, service: Here) -> History:
    """All that happened to a seal, the oldest first. Scope: read."""
    named, ledger = SealNumber.from_text(number), service.ledger
    events = seal_events(
        ledger.dossier(named),
        ledger.judgements(named),
        ledger.acknowledgements(named),
        service.wording.chinese,
    )
    return History(seal=str(named), summary=SealSummary.of(ledger.seal(named)), events=events)


@router.get("/verdicts")
def verdicts(number: Named, _: _Reader, service: Here) -> list[JudgedVerdict]:
    """Every verdict on a seal, the last first. Scope: read."""
    named = SealNumber.from_text(number)
    service.ledger.seal(named)
    return [JudgedVerdict.of(one) for one in service.ledger.judgements(named)]


@router.post("/verdicts", status_code=201)
def judge(number: Named, _: Annotated[Caller, scoped(Scope.JUDGE)], service: Here) -> JudgedVerdict:
    """Judges a seal now, on all that is held about it. Scope: judge."""
    named = SealNumber.from_text(number)
    judged = service.ledger.judge(named, service.now(), service.policy)
    service.metrics.verdicts.labels(judged.conclusion.value).inc()
    return JudgedVerdict.of(judged)


@router.get("/bundle", response_class=Response, responses=file_answer("application/octet-stream"))
def bundle(
    number: Named,
    _: _Reader,
    service: Here,
    groups: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Names of parameter groups to show, with commas; by default all.",
        ),
    ] = None,
    evidence: Annotated[int | None, Query(ge=0, lt=1 << 53, description="Its leaf.")] = None,
) -> Response:
    """The evidence bundle of a seal, which anybody verifies offline. Scope: read."""
    named = SealNumber.from_text(number)
    shown = None if groups is None else group_numbers(groups)
    data = bundle_for(
        service.ledger, named, service.station, service.now(), shown=shown, leaf=evidence
    )
    return file_response(data, "application/octet-stream", f"{named}.sealbundle")


@router.get(
    "/certificate",
    response_class=Response,
    responses={**file_answer("application/pdf"), **refusals(409)},
)
def certificate(number: Named, _: _Reader, service: Here, language: Language = "zh") -> Response:
    """The certificate of a verification that passed, as a PDF. Scope: read."""
    named = SealNumber.from_text(number)
    told = attested(service.ledger, named, signing(service), service.now())
    return file_response(certificate_pdf(told, language), "application/pdf", f"{named}.pdf")


@router.post("/acknowledgements", status_code=201, responses={**refusals(409)})
def acknowledge(
    number: Named, caller: Annotated[Caller, scoped(Scope.ACKNOWLEDGE)], service: Here
) -> Acknowledged:
    """Says, and keeps, up to where the ledger holds the journal. Scope: acknowledge."""
    named = SealNumber.from_text(number)
    told = service.ledger.acknowledge(named, service.now(), caller.name)
    return Acknowledged(
        sequence=told.sequence, digest=told.digest.hex(), receipt=told.receipt.hex()
    )

"""For whoever runs the service: health and metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from sealkit.station.service.access import Caller, Scope, scoped
from sealkit.station.service.answers import Health
from sealkit.station.service.context import Here
from sealkit.station.service.metrics import CONTENT_TYPE
from sealkit.station.service.refusals import CLOSED, refusals

router = APIRouter(tags=["operations"])


@router.get("/health/live", responses={503: refusals()[503]})
def live() -> Health:
    """The service runs."""
    return Health(status="ok")


@router.get("/health/ready", responses={503: refusals()[503]})
def ready(service: Here) -> Health:
    """The service can do its work: the database answers and is of this version."""
    service.ledger.database.prepare()
    return Health(status="ok")


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **CLOSED},
)
def metrics(_: Annotated[Caller, scoped(Scope.METRICS)], service: Here) -> Response:
    """Numbers in Prometheus' text format. Scope: metrics."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)

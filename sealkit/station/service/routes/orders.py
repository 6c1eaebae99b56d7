"""Orders prepared for those who sign them elsewhere."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from sealkit.rules.supervision import MeterLook
from sealkit.station.service.access import Caller, Scope, scoped
from sealkit.station.service.answers import Meter, WantedOrder
from sealkit.station.service.context import API, Here
from sealkit.station.service.ordering import Wanted, prepare_order
from sealkit.station.service.refusals import CLOSED, InsufficientScopeError, refusals
from sealkit.station.service.routes.seals import Named, file_answer, file_response
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import OrderKind, Reason

router = APIRouter(
    prefix=API, tags=["orders"], responses={**CLOSED, **refusals(404, 408, 409, 413)}
)


@router.post(
    "/seals/{number}/orders", response_class=Response, responses=file_answer("application/json")
)
def orders(
    number: Named,
    wanted: WantedOrder,
    caller: Annotated[Caller, scoped(Scope.ORDERS)],
    service: Here,
) -> Response:
    """An order file against the history in the ledger, for `sealkit order sign`. Scope: orders.

    An acknowledge order needs the scope acknowledge as well, since the ledger promises something.
    """
    if wanted.kind == "acknowledge" and Scope.ACKNOWLEDGE not in caller.scopes:
        raise InsufficientScopeError(Scope.ACKNOWLEDGE.value)
    named = SealNumber.from_text(number)
    data = prepare_order(service.ledger, named, _wanted(wanted), service.now(), caller.name)
    return file_response(data, "application/json", f"{named}-{wanted.kind}.json")


def _wanted(told: WantedOrder) -> Wanted:
    return Wanted(
        kind=OrderKind[told.kind.upper()],
        signers=[[bytes.fromhex(raw) for raw in chain] for chain in told.signers],
        challenge=None if told.challenge is None else bytes.fromhex(told.challenge),
        reason=None if told.reason is None else Reason[told.reason.kind.upper()],
        text="" if told.reason is None else told.reason.text,
        job=told.job,
        meter=None if told.meter is None else _look(told.meter),
        change_s=told.change_s,
        valid_s=told.valid_s,
    )


def _look(told: Meter) -> MeterLook:
    return MeterLook(
        bytes.fromhex(told.device),
        told.hardware_version,
        bytes.fromhex(told.software),
        told.plate,
        bytes.fromhex(told.fare),
    )

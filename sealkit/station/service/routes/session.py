"""Who somebody is, and nonces."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from sealkit.station.service.access import Caller, Scope, authenticated, scoped
from sealkit.station.service.answers import Nonce, Session
from sealkit.station.service.context import API, Here
from sealkit.station.service.nonces import ask_nonce
from sealkit.station.service.refusals import CLOSED

router = APIRouter(prefix=API, tags=["access"], responses={**CLOSED})


@router.get("/session")
def session(caller: Annotated[Caller, Depends(authenticated)]) -> Session:
    """Whom the token stands for, and what it allows. Any token will do."""
    token = caller.token
    return Session(
        name=token.name,
        role=token.role.value,
        scopes=[scope.value for scope in caller.scopes],
        expires=token.expires,
    )


@router.post("/nonces", status_code=201)
def nonces(caller: Annotated[Caller, scoped(Scope.NONCE)], service: Here) -> Nonce:
    """A nonce for a seal to answer: its evidence is then known to be of now. Scope: nonce."""
    asked = ask_nonce(service.ledger.database, caller.token.id, service.now())
    return Nonce(nonce=asked.value.hex(), expires=asked.expires)

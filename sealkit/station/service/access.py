"""Who may do what: scopes, the roles that have them, and the caller that a token names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from sealkit.station.service.context import Service, service_of
from sealkit.station.service.refusals import (
    InsufficientScopeError,
    RateError,
    UnauthorizedError,
)
from sealkit.station.service.tokens import AccessRole, Token, find_token


class Scope(Enum):
    """What a token allows."""

    SUBMIT = "submit"
    NONCE = "nonce"
    ORDERS = "orders"
    READ = "read"
    JUDGE = "judge"
    ACKNOWLEDGE = "acknowledge"
    DRAW = "draw"
    METRICS = "metrics"


SCOPES: Final[dict[AccessRole, tuple[Scope, ...]]] = {
    AccessRole.TECHNICIAN: (Scope.SUBMIT, Scope.NONCE, Scope.ORDERS),
    AccessRole.STATION: tuple(Scope),
    AccessRole.INSPECTOR: (Scope.READ, Scope.DRAW),
    AccessRole.MONITOR: (Scope.METRICS,),
}
"""Roles are kept apart: whoever brings evidence does not read the fleet, whoever reads changes
nothing. Tokens are made and withdrawn at the station's own machine, by no role."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever authenticated."""

    token: Token

    @property
    def name(self) -> str:
        return self.token.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        return SCOPES[self.token.role]


_bearer = HTTPBearer(auto_error=False, description="A token of `sealkit station token add`.")
_Given = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def authenticated(
    request: Request, given: _Given, service: Annotated[Service, Depends(service_of)]
) -> Caller:
    """The caller. Errors: `UnauthorizedError`, `RateError`."""
    token = None if given is None else find_token(service.ledger.database, given.credentials)
    if token is None or not token.is_valid(service.now()):
        _count(service.rates.wait_for_address(_address(request)))
        raise UnauthorizedError(given=request.headers.get("authorization") is not None)
    request.state.token = token.id
    _count(service.rates.wait_for_token(token.id))
    return Caller(token)


def anybody(request: Request, service: Annotated[Service, Depends(service_of)]) -> None:
    """Lets everybody in, so often. Errors: `RateError`."""
    _count(service.rates.wait_for_address(_address(request)))


def needs(scope: Scope) -> Callable[[Caller], Caller]:
    """The dependency of an endpoint that needs a scope. Errors: those of `authenticated`;
    `InsufficientScopeError`."""

    def judge(caller: Annotated[Caller, Depends(authenticated)]) -> Caller:
        if scope not in caller.scopes:
            raise InsufficientScopeError(scope.value)
        return caller

    return judge


def scoped(scope: Scope) -> Any:
    """The same, as the parameter's annotation takes it, with the scope in the OpenAPI."""
    return Security(needs(scope), scopes=[scope.value])


def _address(request: Request) -> str:
    return "unknown" if request.client is None else request.client.host


def _count(wait_s: int) -> None:
    if wait_s:
        raise RateError(wait_s)

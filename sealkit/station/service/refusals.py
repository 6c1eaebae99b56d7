"""Errors over HTTP: a status for each, and the body in the caller's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from sealkit.errors import (
    AccessError,
    IntegrityError,
    MalformedError,
    RefusedError,
    SealkitError,
    UndeterminedError,
    UsageError,
)
from sealkit.station.service.answers import Refusal

if TYPE_CHECKING:
    from sealkit.station.service.context import Language, Service

RETRY_S: Final = 5
"""When to come again while the database cannot answer."""

_NOT_FOUND: Final = frozenset(
    {"EVIDENCE_UNKNOWN", "NO_SUCH_ENDPOINT", "SEAL_UNKNOWN", "TREE_TOO_SMALL"}
)
_UNAVAILABLE: Final = frozenset({"LEDGER_ALTERED", "LEDGER_WITHOUT_TRUST", "STATION_WITHOUT_KEY"})
_OF_THE_SERVICE: Final = "DATABASE_", "TOKEN_"
"""How codes begin that tell of its database, or of the token in which its key lives."""
_TOLD_AS_IT_IS: Final = frozenset({"STATION_WITHOUT_KEY", "TOO_MANY_CONNECTIONS"})
_UNAVAILABLE_MESSAGE: Final = "The service's ledger cannot answer now."
_UNAVAILABLE_REMEDY: Final = "Try again soon; if it stays so, tell whoever runs the service."


class ConflictError(UsageError):
    """It was understood, and does not fit what the ledger holds now."""


class UnauthorizedError(SealkitError):
    """No token, or none that opens anything; which of the two is not told to a stranger."""

    def __init__(self, *, given: bool) -> None:
        super().__init__(
            "TOKEN_REFUSED" if given else "TOKEN_MISSING",
            "This token opens nothing: it is unknown, expired or withdrawn."
            if given
            else "This needs a token.",
            "Send `Authorization: Bearer TOKEN`; the station makes one: "
            "`sealkit station token add`.",
        )


class InsufficientScopeError(SealkitError):
    """The token is good, and not for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            "SCOPE_MISSING",
            f"The role of this token does not have the scope {scope}.",
            "Use a token of another role.",
        )


class RateError(SealkitError):
    """Too many calls. wait_s: seconds until the next may come."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            "TOO_MANY_REQUESTS",
            "More requests came than are allowed in a minute.",
            f"Wait {wait_s} seconds.",
        )
        self.wait_s = wait_s


def status_of(error: SealkitError) -> int:
    """The HTTP status of an error."""
    match error:
        case UnauthorizedError():
            return 401
        case InsufficientScopeError():
            return 403
        case RateError():
            return 429
        case SealkitError(code=code) if code in _NOT_FOUND:
            return 404
        case SealkitError(code=code) if code in _UNAVAILABLE or code.startswith(_OF_THE_SERVICE):
            return 503
        case SealkitError(code="METHOD_NOT_ALLOWED"):
            return 405
        case SealkitError(code="BODY_TOO_SLOW"):
            return 408
        case SealkitError(code="BODY_TOO_LARGE"):
            return 413
        case ConflictError() | UndeterminedError() | SealkitError(code="HISTORY_FORKED"):
            return 409
        case UsageError() | MalformedError() | IntegrityError() | RefusedError():
            return 422
        case AccessError():
            return 503
        case _:
            return 500


def _headers_of(error: SealkitError) -> dict[str, str]:
    match error:
        case UnauthorizedError(code="TOKEN_REFUSED"):
            return {"WWW-Authenticate": 'Bearer realm="sealkit", error="invalid_token"'}
        case UnauthorizedError():
            return {"WWW-Authenticate": 'Bearer realm="sealkit"'}
        case InsufficientScopeError():
            return {"WWW-Authenticate": 'Bearer realm="sealkit", error="insufficient_scope"'}
        case RateError(wait_s=wait_s):
            return {"Retry-After": str(wait_s)}
        case AccessError():
            return {"Retry-After": str(RETRY_S)}
        case _:
            return {}


def wanted_language(accepted: str) -> Language:
    """The one of our languages that an Accept-Language header prefers; English without one."""
    best: tuple[float, Language] = (0.0, "en")
    for item in accepted[:1000].split(","):
        tag, _, parameter = item.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if primary in ("zh", "en") and weight > best[0]:
            best = weight, "zh" if primary == "zh" else "en"
    return best[1]


def refuse(request: Request, error: SealkitError) -> JSONResponse:
    """The answer that tells an error."""
    language = wanted_language(request.headers.get("accept-language", ""))
    service: Service = request.app.state.service
    told = error
    if status_of(error) == 503 and error.code not in _TOLD_AS_IT_IS:
        # Where the database stands is for whoever runs the service, not for whoever asks.
        service.log.error("unavailable", code=error.code, message=error.message)
        told = SealkitError(error.code, _UNAVAILABLE_MESSAGE, _UNAVAILABLE_REMEDY)
    message, remedy = service.wording.error(told, language)
    body = {"code": error.code, "message": message, "remedy": remedy}
    request.state.code = error.code
    headers = _headers_of(error) | {"Content-Language": language}
    return JSONResponse(body, status_of(error), headers)


async def refuse_sealkit(request: Request, error: Exception) -> JSONResponse:
    """For errors of the library."""
    if not isinstance(error, SealkitError):
        raise error
    return refuse(request, error)


async def refuse_http(request: Request, error: Exception) -> JSONResponse:
    """For errors of the framework."""
    if not isinstance(error, HTTPException):
        raise error
    answer = refuse(request, _of_http(error))
    answer.headers.update(error.headers or {})
    return answer


def _of_http(error: HTTPException) -> SealkitError:
    match error.status_code:
        case 404:
            return UsageError("NO_SUCH_ENDPOINT", "There is nothing at this address.", "See /docs.")
        case 405:
            return UsageError(
                "METHOD_NOT_ALLOWED", "This address does not take this method.", "See /docs."
            )
        case 408:
            return UsageError(
                "BODY_TOO_SLOW",
                f"The body did not come within {error.detail} seconds.",
                "Send it over a better line, or import the file at the station's own machine.",
            )
        case 413:
            return body_too_large(str(error.detail))
        case _:
            return UsageError(
                "INPUT_INVALID", f"The request cannot be read: {error.detail}.", "See /docs."
            )


def body_too_large(most: str) -> UsageError:
    """The error of a body above what an endpoint takes."""
    return UsageError(
        "BODY_TOO_LARGE",
        f"The body has more than {most} bytes.",
        "Send less at once, or import the file at the station's own machine.",
    )


async def refuse_input(request: Request, error: Exception) -> JSONResponse:
    """For parameters and bodies that are not what the endpoint takes."""
    if not isinstance(error, RequestValidationError):
        raise error
    # Where and what is wrong, never the value: it may be long, and is not ours to repeat.
    told = "; ".join(
        f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5]
    )
    invalid = UsageError(
        "INPUT_INVALID", f"The request cannot be read: {told[:1000]}.", "See /docs."
    )
    return refuse(request, invalid)


_MEANINGS: Final = {
    401: "No token, or one that is unknown, expired or withdrawn.",
    403: "The token's role does not have the scope.",
    404: "The ledger holds nothing like that.",
    408: "The body came too slowly.",
    409: "It does not fit what the ledger holds now.",
    413: "The body is too large.",
    422: "The request or its content cannot be used.",
    429: "Too many requests; Retry-After tells when to come again.",
    503: "The database, the trust or the station's key is not there now, or too many connect.",
}
_TOLD: Final = {
    401: {"WWW-Authenticate": "How to authenticate."},
    403: {"WWW-Authenticate": "How to authenticate."},
    429: {"Retry-After": "Seconds to wait."},
    503: {"Retry-After": "Seconds to wait, where waiting helps."},
}


def refusals(*statuses: int) -> Mapping[int | str, dict[str, Any]]:
    """What the OpenAPI says of these statuses, beside those that any endpoint has."""
    return {
        status: {
            "model": Refusal,
            "description": _MEANINGS[status],
            "headers": {
                name: {"description": told, "schema": {"type": "string"}}
                for name, told in _TOLD.get(status, {}).items()
            },
        }
        for status in sorted({422, 429, 503, *statuses})
    }


CLOSED: Final = refusals(401, 403)
"""The answers of an endpoint that needs a token."""
OPEN: Final = refusals()
"""The answers of an endpoint that needs none."""

"""What a service is made of; every request finds it in `request.app.state.service`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import Depends, Request

from sealkit.errors import SealkitError, UsageError
from sealkit.station.history.findings import LedgerPolicy
from sealkit.station.ledger import Ledger
from sealkit.station.service.limits import Rates
from sealkit.station.service.logs import Log, make_log
from sealkit.station.service.metrics import Metrics

if TYPE_CHECKING:
    from sealkit.station.proof.proving import StationIdentity

Language = Literal["en", "zh"]
API: Final = "/api/v1"
"""Where the endpoints are, but health and metrics."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The Chinese of fixed texts, and errors in either language (message, remedy). By default all
    is English: the texts belong to the command."""

    chinese: Callable[[str], str] = lambda english: english
    error: Callable[[SealkitError, Language], tuple[str, str]] = lambda error, _: (
        error.message,
        error.remedy,
    )


def system_clock() -> int:
    """Seconds since 1970, by this machine: clocks of clients play no role."""
    return int(time.time())


@dataclass(frozen=True)
class Service:
    """station: who signs tree heads and attestations; None: nobody, and those are refused."""

    ledger: Ledger
    station: StationIdentity | None = None
    policy: LedgerPolicy = field(default_factory=LedgerPolicy)
    wording: Wording = field(default_factory=Wording)
    now: Callable[[], int] = system_clock
    rates: Rates = field(default_factory=Rates)
    log: Log = field(default_factory=make_log)
    metrics: Metrics = field(default_factory=Metrics)


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


def signing(service: Service) -> StationIdentity:
    """Who signs. Errors: `UsageError` STATION_WITHOUT_KEY."""
    if service.station is None:
        raise UsageError(
            "STATION_WITHOUT_KEY",
            "This service was started without the station's key, so it signs nothing.",
            "Start it with --key PREFIX.",
        )
    return service.station


Here = Annotated[Service, Depends(service_of)]
"""The parameter of an endpoint that needs the service."""

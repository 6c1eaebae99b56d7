"""A service that runs on a real port, and callers of every role."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any

import httpx
import uvicorn
from station.fleet import NOW, people
from support.command import until

from sealkit.station.ledger import Ledger
from sealkit.station.proof.proving import StationIdentity
from sealkit.station.service.context import Service, Wording
from sealkit.station.service.limits import Rates
from sealkit.station.service.logs import make_log
from sealkit.station.service.serving import open_port, server_config
from sealkit.station.service.tokens import AccessRole, make_token, withdraw_token
from sealkit_tools.words.language import chinese_text, error_text

DAY = 86_400
PATIENCE_S = 30
PLENTY = "1000000/minute"


class Clock:
    """The service's clock, which a test may set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


def identity() -> StationIdentity:
    station = people().station
    return StationIdentity(station.key, station.credential, station.issuers)


@dataclass
class Desk:
    """A running service. log: what it logged."""

    address: str
    service: Service
    clock: Clock
    log: StringIO

    @property
    def ledger(self) -> Ledger:
        return self.service.ledger

    def logged(self, answer: httpx.Response) -> dict[str, Any]:
        """The line in the log of a request, which comes a moment after its answer."""
        named = f'"request": "{answer.headers["X-Request-Id"]}"'

        def lines() -> list[str]:
            told = self.log.getvalue().splitlines()
            return [line for line in told if named in line and '"event": "request"' in line]

        until(lambda: bool(lines()))
        line: dict[str, Any] = json.loads(lines()[0])
        return line

    def token(self, role: AccessRole = AccessRole.STATION, valid_s: int = DAY) -> str:
        return make_token(self.ledger.database, role.value, role, now=NOW, valid_s=valid_s)[1]

    def withdrawn_token(self) -> str:
        token, text = make_token(
            self.ledger.database, "gone", AccessRole.STATION, now=NOW, valid_s=DAY
        )
        withdraw_token(self.ledger.database, token.id, NOW)
        return text

    @contextmanager
    def caller(
        self, role: AccessRole | None = AccessRole.STATION, valid_s: int = DAY
    ) -> Iterator[httpx.Client]:
        """Somebody with a token of a role, or without."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.token(role, valid_s)}"}
        with httpx.Client(
            base_url=self.address, headers=headers, timeout=PATIENCE_S, trust_env=False
        ) as client:
            yield client


@contextmanager
def running(
    ledger: Ledger,
    *,
    signs: bool = True,
    signer: StationIdentity | None = None,
    rates: Rates | None = None,
) -> Iterator[Desk]:
    """Serves the ledger on a free port. signer: who signs if not the station of `people`."""
    clock, log = Clock(), StringIO()
    service = Service(
        ledger,
        (signer or identity()) if signs else None,
        wording=Wording(chinese_text, error_text),
        now=clock,
        rates=rates or Rates(PLENTY, PLENTY),
        log=make_log(log),
    )
    with open_port("127.0.0.1", 0) as listening:
        server = uvicorn.Server(server_config(service))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            port = listening.getsockname()[1]
            yield Desk(f"http://127.0.0.1:{port}", service, clock, log)
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)

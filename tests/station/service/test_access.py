"""Nobody gets in without a good token, and roles are kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
import pytest
from station.fleet import NOW, filled, handed_in, taxi
from station.service.desk import DAY, Desk, running

from sealkit.errors import UsageError
from sealkit.station.ledger import Ledger
from sealkit.station.service.access import SCOPES, Scope
from sealkit.station.service.app import create_app
from sealkit.station.service.context import Service
from sealkit.station.service.limits import Rates
from sealkit.station.service.tokens import (
    AccessRole,
    find_token,
    list_tokens,
    withdraw_token,
)

PUBLIC = {
    "/health/live",
    "/health/ready",
    "/api/v1/tree/head",
    "/api/v1/tree/heads",
    "/api/v1/tree/consistency",
    "/api/v1/tree/inclusion",
    "/api/v1/attestations/check",
}
NEEDS = {
    ("GET", "/api/v1/session"): None,
    ("POST", "/api/v1/nonces"): Scope.NONCE,
    ("POST", "/api/v1/evidence"): Scope.SUBMIT,
    ("GET", "/api/v1/overview"): Scope.READ,
    ("GET", "/api/v1/seals"): Scope.READ,
    ("GET", "/api/v1/plates"): Scope.READ,
    ("GET", "/api/v1/leads"): Scope.READ,
    ("GET", "/api/v1/draw"): Scope.DRAW,
    ("GET", "/api/v1/seals/{number}"): Scope.READ,
    ("GET", "/api/v1/seals/{number}/history"): Scope.READ,
    ("GET", "/api/v1/seals/{number}/verdicts"): Scope.READ,
    ("POST", "/api/v1/seals/{number}/verdicts"): Scope.JUDGE,
    ("GET", "/api/v1/seals/{number}/bundle"): Scope.READ,
    ("GET", "/api/v1/seals/{number}/certificate"): Scope.READ,
    ("POST", "/api/v1/seals/{number}/acknowledgements"): Scope.ACKNOWLEDGE,
    ("POST", "/api/v1/seals/{number}/orders"): Scope.ORDERS,
    ("GET", "/metrics"): Scope.METRICS,
}


def operations(desk: Desk) -> Iterator[tuple[str, str, dict[str, Any]]]:
    api: dict[str, Any] = create_app(desk.service).openapi()
    for path, by_method in api["paths"].items():
        for method, operation in by_method.items():
            yield method.upper(), path, operation


def ask(client: httpx.Client, method: str, path: str, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return client.request(method, path.format(number="500-1"), headers=headers)


def test_every_endpoint_is_either_public_or_named_here_with_its_scope(desk: Desk) -> None:
    closed = {(m, p) for m, p, operation in operations(desk) if "security" in operation}
    open_ = {p for _, p, operation in operations(desk) if "security" not in operation}
    assert closed == set(NEEDS)
    assert open_ == PUBLIC


def test_no_endpoint_opens_without_a_good_token(desk: Desk) -> None:
    good = desk.token()
    bad = {
        "missing": (None, "TOKEN_MISSING"),
        "wrong": ("Bearer sealkit_" + "A" * 43, "TOKEN_REFUSED"),
        "long": ("Bearer " + "A" * 5000, "TOKEN_REFUSED"),
        "altered": (f"Bearer {good[:-1]}{'A' if good[-1] != 'A' else 'B'}", "TOKEN_REFUSED"),
        "another scheme": (f"Basic {good}", "TOKEN_REFUSED"),
        "expired": (f"Bearer {desk.token(valid_s=0)}", "TOKEN_REFUSED"),
        "withdrawn": (f"Bearer {desk.withdrawn_token()}", "TOKEN_REFUSED"),
    }
    with desk.caller(None) as client:
        for (method, path), (what, (authorization, code)) in product(NEEDS, bad.items()):
            answer = ask(client, method, path, authorization)
            assert (answer.status_code, answer.json()["code"]) == (401, code), (path, what)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer"), (path, what)
        assert ask(client, "GET", "/api/v1/session", f"Bearer {good}").status_code == 200


@pytest.mark.parametrize("role", list(AccessRole))
def test_each_role_has_its_scopes_and_no_other(desk: Desk, role: AccessRole) -> None:
    authorization = f"Bearer {desk.token(role)}"
    with desk.caller(None) as client:
        for (method, path), scope in NEEDS.items():
            answer = ask(client, method, path, authorization)
            may = scope is None or scope in SCOPES[role]
            assert (answer.status_code != 403) is may, (method, path, answer.text)
            assert answer.status_code != 401
            if not may:
                assert answer.json()["code"] == "SCOPE_MISSING"
                assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_only_those_who_promise_for_the_ledger_prepare_acknowledgements(desk: Desk) -> None:
    wanted = {"kind": "acknowledge", "signers": [["00"]]}
    with desk.caller(AccessRole.TECHNICIAN) as technician:
        answer = technician.post("/api/v1/seals/500-1/orders", json=wanted)
    assert answer.status_code == 403


def test_a_session_tells_whom_the_token_stands_for(desk: Desk) -> None:
    with desk.caller(AccessRole.INSPECTOR) as inspector:
        told = inspector.get("/api/v1/session").json()
    assert told == {
        "name": "inspector",
        "role": "inspector",
        "scopes": ["read", "draw"],
        "expires": NOW + DAY,
    }


def test_a_token_ends_when_it_expires_by_the_clock_of_the_service(desk: Desk) -> None:
    with desk.caller() as caller:
        desk.clock.now = NOW + DAY - 1
        assert caller.get("/api/v1/session").status_code == 200
        desk.clock.now = NOW + DAY
        assert caller.get("/api/v1/session").status_code == 401


def test_the_database_holds_no_token_and_the_log_neither(desk: Desk) -> None:
    text = desk.token()
    data = handed_in(taxi(3))
    answer = httpx.post(
        f"{desk.address}/api/v1/evidence",
        content=data,
        headers={"Authorization": f"Bearer {text}"},
        trust_env=False,
        timeout=30,
    )
    assert answer.status_code == 200
    line = desk.logged(answer)
    assert line["path"] == "/api/v1/evidence"
    assert line["status"] == 200
    assert text not in desk.log.getvalue()
    assert data.hex()[:64] not in desk.log.getvalue()
    found = find_token(desk.ledger.database, text)
    assert found is not None
    for token in list_tokens(desk.ledger.database):
        assert text not in repr(token)


def test_withdrawing_twice_changes_nothing_and_an_unknown_token_is_told(desk: Desk) -> None:
    database = desk.ledger.database
    desk.token()
    (token,) = list_tokens(database)
    assert withdraw_token(database, token.id, NOW + 1).withdrawn == NOW + 1
    assert withdraw_token(database, token.id, NOW + 2).withdrawn == NOW + 1
    with pytest.raises(UsageError) as raised:
        withdraw_token(database, 99, NOW)
    assert raised.value.code == "TOKEN_UNKNOWN"


def test_who_asks_too_often_has_to_wait(url: str) -> None:
    with (
        filled(url) as ledger,
        running(ledger, rates=Rates("3/minute", "2/minute")) as desk,
        desk.caller() as caller,
        desk.caller() as other,
        desk.caller(None) as nobody,
    ):
        statuses = [caller.get("/api/v1/session").status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = caller.get("/api/v1/session")
        assert refused.json()["code"] == "TOO_MANY_REQUESTS"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert other.get("/api/v1/session").status_code == 200
        assert [nobody.get("/api/v1/tree/heads").status_code for _ in range(3)] == [200, 200, 429]
        assert nobody.get("/api/v1/session").status_code == 429
        assert nobody.get("/health/live").status_code == 200


def test_an_app_can_be_made_twice(ledger: Ledger) -> None:
    assert create_app(Service(ledger)) is not create_app(Service(ledger))

"""What is wrong is refused in our form, in the caller's language, and costs nothing."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import create_engine, text
from station.fleet import NOW, alter_by_force, filled, handed_in, people, taxi
from station.service.desk import Desk, running

from sealkit.station.ledger import Ledger
from sealkit.station.service import watching
from sealkit.station.service.refusals import wanted_language
from sealkit.station.service.routes import fleet

CHECK = "/api/v1/attestations/check"
ORDERS = "/api/v1/seals/500-1/orders"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CHECK, b""),
        (CHECK, b"{"),
        (CHECK, b"[]"),
        (CHECK, b'"text"'),
        (CHECK, b'{"text": 1}'),
        (CHECK, b'{"text": null}'),
        (CHECK, b'{"text": ["x"]}'),
        (CHECK, b'{"text": "x", "more": 1}'),
        (CHECK, b'{"text": "\\ud800"}'),
        (CHECK, b"[" * 100_000),
        (CHECK, b'{"text": "' + b"x" * 4001 + b'"}'),
        (CHECK, b"\xff\xfe"),
        (ORDERS, b'{"kind": "open", "signers": [["00"]]}'),
        (ORDERS, b'{"kind": "unseal", "signers": []}'),
        (ORDERS, b'{"kind": "unseal", "signers": [[]]}'),
        (ORDERS, b'{"kind": "unseal", "signers": [["zz"]]}'),
        (ORDERS, b'{"kind": "unseal", "signers": "00"}'),
        (ORDERS, b'{"kind": "unseal", "signers": [["00"]], "valid_s": 1e300}'),
        (ORDERS, b'{"kind": "unseal", "signers": [["00"]], "reason": "x"}'),
        (ORDERS, b'{"kind": "trust", "signers": [["00"]]}'),
        (ORDERS, b'{"kind": "seal", "signers": [["00"]], "job": "[[[["}'),
        (ORDERS, b'{"kind": "seal", "signers": [["00"]], "job": "\\u0000"}'),
    ],
)
def test_json_of_wrong_types_is_refused(desk: Desk, path: str, body: bytes) -> None:
    with desk.caller() as caller:
        answer = caller.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert set(answer.json()) == {"code", "message", "remedy"}
    assert all(answer.json().values())


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/seals?limit=0",
        "/api/v1/seals?limit=1001",
        "/api/v1/seals?number=5-",
        "/api/v1/seals?after=%00",
        "/api/v1/seals?conclusion=fine",
        "/api/v1/seals?overdue=perhaps",
        "/api/v1/seals?plate=" + "x" * 41,
        "/api/v1/plates",
        "/api/v1/seals/500-99999999999",
        "/api/v1/seals/500-1/bundle?evidence=-1",
        "/api/v1/seals/500-1/bundle?evidence=99999999999999999999",
        "/api/v1/draw?seed=x&sample=0",
        "/api/v1/tree/inclusion?leaf=x&size=1",
        "/api/v1/tree/consistency?first=0&second=9223372036854775808",
    ],
)
def test_parameters_that_are_none_are_refused(desk: Desk, path: str) -> None:
    with desk.caller() as caller:
        answer = caller.get(path)
    assert answer.status_code == 422, answer.text
    assert set(answer.json()) == {"code", "message", "remedy"}


@pytest.mark.parametrize("character", ["%00", "%", "_", "'", "%F0%9F%9A%95"])
def test_any_text_may_be_searched_for(desk: Desk, character: str) -> None:
    with desk.caller() as caller:
        for path in ("/api/v1/plates?text=", "/api/v1/seals?plate=", "/api/v1/seals?code="):
            assert caller.get(path + character).status_code == 200


def test_what_is_not_there_and_what_is_not_taken(desk: Desk) -> None:
    with desk.caller() as caller:
        nothing = caller.get("/api/v1/everything")
        method = caller.delete("/api/v1/overview")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "NO_SUCH_ENDPOINT")
    assert (method.status_code, method.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert method.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.9, zh-Hans;q=0.95", "zh"),
        ("fr, de;q=0.5", "en"),
        ("zh;q=0", "en"),
        ("zh;q=much", "en"),
        ("*" * 5000, "en"),
    ],
)
def test_the_language_is_the_one_that_is_preferred(accepted: str, language: str) -> None:
    assert wanted_language(accepted) == language


def test_errors_are_told_in_chinese_too(desk: Desk) -> None:
    with desk.caller() as caller:
        answer = caller.get("/api/v1/seals/500-9", headers={"Accept-Language": "zh-CN"})
    assert answer.headers["Content-Language"] == "zh"
    assert answer.json()["remedy"].endswith("。")
    assert "500-9" in answer.json()["message"]


def test_an_error_that_nobody_expected_is_told_without_its_insides(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> object:
        raise RuntimeError("the inside")

    monkeypatch.setattr(fleet.SealSummary, "of", fail)
    with desk.caller() as caller:
        caller.post("/api/v1/seals/500-1/verdicts")
        answer = caller.get("/api/v1/seals")
    assert (answer.status_code, answer.json()["code"]) == (500, "UNEXPECTED")
    assert "inside" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.json()["message"]
    assert answer.headers.items() >= {k.lower(): v for k, v in watching.HEADERS.items()}.items()
    lines = [json.loads(line) for line in desk.log.getvalue().splitlines()]
    (told,) = [line for line in lines if line["event"] == "unexpected"]
    assert "the inside" in json.dumps(told)


def test_a_ledger_without_trust_takes_nothing_and_says_why(url: str) -> None:
    with (
        Ledger(url) as ledger,
        running(ledger) as desk,
        desk.caller() as caller,
    ):
        refused = caller.post("/api/v1/evidence", content=handed_in(taxi(1)))
        assert (refused.status_code, refused.json()["code"]) == (503, "LEDGER_WITHOUT_TRUST")
        # Where it stands is for the log, not for whoever asks.
        assert ledger.database.name not in refused.text
        assert ledger.database.name in desk.log.getvalue()
        assert caller.get("/api/v1/overview").json()["seals"] == 0
        ledger.use_trust(people().trust, NOW)
        assert caller.post("/api/v1/evidence", content=handed_in(taxi(1))).status_code == 200


def test_a_ledger_that_was_altered_by_force_proves_nothing_more(url: str) -> None:
    with filled(url, 1) as ledger, running(ledger) as desk, desk.caller() as caller:
        assert caller.get("/api/v1/seals/500-1/bundle").status_code == 200
        alter_by_force(ledger, "evidence", "received = received + 1")
        refused = caller.get("/api/v1/seals/500-1/bundle")
    assert (refused.status_code, refused.json()["code"]) == (503, "LEDGER_ALTERED")
    assert "entry 0" in desk.log.getvalue()


def test_a_database_that_a_newer_version_took_over_is_not_ready(url: str) -> None:
    with filled(url, 1) as ledger, running(ledger) as desk, desk.caller() as caller:
        assert caller.get("/health/ready").status_code == 200
        engine = create_engine(ledger.database.url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        engine.dispose()
        answer = caller.get("/health/ready")
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_TOO_NEW")
        assert caller.get("/health/live").status_code == 200

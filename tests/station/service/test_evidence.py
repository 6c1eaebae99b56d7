"""Evidence comes in: once, whole, judged, and never more than fits."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import func, select
from station.fleet import NOW, cloned, handed_in, people, taxi
from station.service.desk import Desk

from sealkit.station.service.bounds import BODY_MAX, EXPORT_MAX
from sealkit.station.service.nonces import NONCE_LIFE_S
from sealkit.station.service.tokens import AccessRole
from sealkit.station.storage import schema
from sealkit.wire.registry import Cause

EVIDENCE = "/api/v1/evidence"


def test_an_export_is_taken_and_judged_and_again_gives_the_same(desk: Desk) -> None:
    data = handed_in(taxi(3))
    with desk.caller(AccessRole.TECHNICIAN) as caller:
        first = caller.post(EVIDENCE, content=data).json()
        assert (first["seal"], first["known"], first["fresh"]) == ("500-3", False, False)
        assert first["verdict"]["conclusion"] == "intact"
        assert first["verdict"]["plate"] == "沪A00003"
        assert first["receipt"] == _leaf_hash(desk, first["leaf"])
        again = caller.post(EVIDENCE, content=data).json()
    assert again == {**first, "known": True}
    assert desk.ledger.overview(NOW).evidences == 3


def _leaf_hash(desk: Desk, leaf: int) -> str:
    digest = people().suite.digest
    return digest(b"\0" + desk.ledger.leaf(leaf)).hex()


def test_the_same_export_twice_at_once_is_one_evidence_with_one_verdict(desk: Desk) -> None:
    data = handed_in(taxi(3))
    with desk.caller() as caller, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: caller.post(EVIDENCE, content=data), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    told = [answer.json() for answer in answers]
    assert sorted(one.pop("known") for one in told) == [False] + [True] * 7
    assert all(one == told[0] for one in told)
    assert desk.ledger.tree_size() == 2 + 2


def test_what_a_visit_tells_counts(desk: Desk) -> None:
    with desk.caller(AccessRole.TECHNICIAN) as caller:
        query = {"plate_seen": "沪B99999", "latitude": "31.2", "longitude": "121.5"}
        told = caller.post(EVIDENCE, content=handed_in(taxi(3)), params=query).json()
    codes = [finding["code"] for finding in told["verdict"]["findings"]]
    assert "SEAL_TWO_VEHICLES" in codes
    (held,) = desk.ledger.dossier(desk.ledger.find_plate("00003")[0][0]).evidences
    assert (held.submitter, held.plate_seen) == ("technician", "沪B99999")
    assert held.place is not None


def test_a_clone_is_found_at_its_visit(desk: Desk) -> None:
    log = taxi(3)
    other = cloned(log)
    log.tamper(Cause.CASE_OPENED)
    other.tamper(Cause.CASE_OPENED)
    with desk.caller() as caller:
        assert caller.post(EVIDENCE, content=handed_in(log)).status_code == 200
        told = caller.post(EVIDENCE, content=handed_in(other)).json()["verdict"]
        assert told["conclusion"] == "broken"
        assert "HISTORY_FORKED" in [finding["code"] for finding in told["findings"]]
        history = caller.get("/api/v1/seals/500-3/history").json()
        refused = caller.post("/api/v1/seals/500-3/acknowledgements")
    assert [e["kind"] for e in history["events"]].count("evidence") == 2
    others = [event for event in history["events"] if event["branch"]]
    assert {event["kind"] for event in others} == {"tamper", "evidence"}
    [parted] = [event for event in others if event["kind"] == "tamper"]
    first = [e["sequence"] for e in history["events"] if e["sequence"] and not e["branch"]]
    assert parted["parts_after"] == max(n for n in first if n < parted["sequence"])
    assert "another history" in others[0]["what"]["en"]
    assert (refused.status_code, refused.json()["code"]) == (409, "HISTORY_FORKED")


def test_evidence_that_answers_a_nonce_is_fresh_and_a_nonce_is_used_once(desk: Desk) -> None:
    log = taxi(3)
    with desk.caller() as caller, desk.caller() as other:
        asked = caller.post("/api/v1/nonces")
        assert asked.status_code == 201
        nonce, expires = asked.json()["nonce"], asked.json()["expires"]
        assert (len(nonce), expires) == (64, NOW + NONCE_LIFE_S)
        answer = handed_in(log, nonce=bytes.fromhex(nonce))
        query = {"nonce": nonce}
        # Neither another's, nor used up by evidence that does not name it.
        refused = other.post(EVIDENCE, content=answer, params=query)
        assert (refused.status_code, refused.json()["code"]) == (422, "NONCE_UNKNOWN")
        wrong = caller.post(EVIDENCE, content=handed_in(log), params=query)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "EVIDENCE_REFUSED")
        told = caller.post(EVIDENCE, content=answer, params=query).json()
        assert told["fresh"] is True
        again = caller.post(EVIDENCE, content=answer, params=query).json()
        assert again == {**told, "known": True}
        more = handed_in(log, pulses=9, nonce=bytes.fromhex(nonce))
        used = caller.post(EVIDENCE, content=more, params=query)
        assert (used.status_code, used.json()["code"]) == (409, "NONCE_USED")
        late = caller.post("/api/v1/nonces").json()["nonce"]
        desk.clock.now = NOW + NONCE_LIFE_S
        data = handed_in(log, nonce=bytes.fromhex(late))
        expired = caller.post(EVIDENCE, content=data, params={"nonce": late})
        assert (expired.status_code, expired.json()["code"]) == (422, "NONCE_UNKNOWN")
        # The one that was taken stays taken.
        assert caller.post(EVIDENCE, content=answer, params=query).json()["known"] is True
    (held,) = desk.ledger.dossier(desk.ledger.find_plate("00003")[0][0]).evidences
    assert held.fresh
    assert held.moment == NOW


def test_nonces_go_when_they_expire_and_what_answered_one_stays(desk: Desk) -> None:
    def held() -> tuple[int, int]:
        tables = schema.nonces, schema.nonce_answers
        queries = [select(func.count()).select_from(table) for table in tables]
        one, other = desk.ledger.database.read(lambda c: [c.execute(q).scalar() for q in queries])
        return one, other

    with desk.caller() as caller:
        nonces = [caller.post("/api/v1/nonces").json()["nonce"] for _ in range(5)]
        query = {"nonce": nonces[0]}
        answer = handed_in(taxi(3), nonce=bytes.fromhex(nonces[0]))
        assert caller.post(EVIDENCE, content=answer, params=query).json()["fresh"] is True
        desk.clock.now = NOW + NONCE_LIFE_S - 1
        caller.post("/api/v1/nonces")
        assert held() == (6, 1)
        desk.clock.now = NOW + NONCE_LIFE_S
        caller.post("/api/v1/nonces")
        assert held() == (2, 1)
        # What was answered in time is known for ever, and the nonce takes no other.
        again = caller.post(EVIDENCE, content=answer, params=query).json()
        assert (again["known"], again["fresh"]) == (True, False)
        other = handed_in(taxi(3), pulses=9, nonce=bytes.fromhex(nonces[0]))
        assert caller.post(EVIDENCE, content=other, params=query).json()["code"] == "NONCE_USED"
        late = handed_in(taxi(3), pulses=9, nonce=bytes.fromhex(nonces[1]))
        refused = caller.post(EVIDENCE, content=late, params={"nonce": nonces[1]})
        assert refused.json()["code"] == "NONCE_UNKNOWN"


@pytest.mark.parametrize("skew_s", [-50_000, 50_000])
def test_clocks_of_seals_and_callers_do_not_say_when_it_came(desk: Desk, skew_s: int) -> None:
    with desk.caller() as caller:
        headers = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}
        content = handed_in(taxi(3), NOW + skew_s)
        assert caller.post(EVIDENCE, content=content, headers=headers).status_code == 200
    (held,) = desk.ledger.dossier(desk.ledger.find_plate("00003")[0][0]).evidences
    assert held.received == NOW


@pytest.mark.parametrize(
    ("spoil", "codes"),
    [
        (lambda data: b"", {"EXPORT_ALTERED", "EXPORT_TRUNCATED"}),
        (lambda data: data[:-1], {"EXPORT_TRUNCATED"}),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), {"EXPORT_ALTERED"}),
        (lambda data: b"{}" * 1000, {"EXPORT_ALTERED"}),
        (lambda data: data + data, {"EXPORT_ALTERED"}),
    ],
)
def test_what_is_no_export_is_refused(desk: Desk, spoil: object, codes: set[str]) -> None:
    assert callable(spoil)
    with desk.caller() as caller:
        answer = caller.post(EVIDENCE, content=spoil(handed_in(taxi(3))))
    assert answer.status_code == 422
    assert answer.json()["code"] in codes
    assert desk.ledger.overview(NOW).evidences == 2


def test_a_body_that_is_too_long_is_refused_while_it_comes(desk: Desk) -> None:
    sent = 0

    def endless() -> object:
        nonlocal sent
        while True:
            sent += 1
            yield bytes(1 << 20)

    with desk.caller() as caller:
        try:
            answer = caller.post(EVIDENCE, content=endless())  # type: ignore[arg-type]
            assert answer.status_code == 413
            assert answer.json()["code"] == "BODY_TOO_LARGE"
        except httpx.WriteError:
            pass  # It was cut off while it still sent.
        assert sent < 4 * (EXPORT_MAX >> 20)
        longer = {"text": "x" * BODY_MAX}
        assert caller.post("/api/v1/attestations/check", json=longer).status_code == 413


def test_a_body_that_only_says_it_is_too_long_is_refused_at_once(desk: Desk) -> None:
    place = urlsplit(desk.address)
    with socket.create_connection((place.hostname, place.port), timeout=30) as line:
        line.sendall(
            b"POST /api/v1/evidence HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n"
            b"Authorization: Bearer " + desk.token().encode() + b"\r\n\r\n"
        )
        assert line.recv(4096).startswith(b"HTTP/1.1 413")


def test_metrics_count_what_came_and_what_was_concluded(desk: Desk) -> None:
    with desk.caller() as caller:
        for data in (handed_in(taxi(3)), handed_in(taxi(4))):
            caller.post(EVIDENCE, content=data)
            caller.post(EVIDENCE, content=data)
        told = caller.get("/metrics").text
    assert 'sealkit_evidence_total{kind="new"} 2.0' in told
    assert 'sealkit_evidence_total{kind="known"} 2.0' in told
    assert 'sealkit_verdicts_total{conclusion="intact"} 2.0' in told
    route = 'method="POST",route="/api/v1/evidence",status="200"'
    assert f"sealkit_requests_total{{{route}}} 4.0" in told

"""Callers who send slowly, hang up, make up methods, or say more than fits: each costs little, and
the log tells nothing that is theirs or ours."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from station.fleet import handed_in, taxi
from station.service.desk import PATIENCE_S, Desk
from support.command import until

from sealkit.station.service import bounds, serving
from sealkit.station.service.routes import evidence
from sealkit.station.service.tokens import AccessRole


@contextmanager
def line_to(desk: Desk) -> Iterator[socket.socket]:
    place = urlsplit(desk.address)
    with socket.create_connection((place.hostname, place.port), timeout=PATIENCE_S) as line:
        yield line


def all_of(line: socket.socket) -> bytes:
    """What comes until the service closes the line."""
    told = b""
    while part := line.recv(65536):
        told += part
    return told


def post(desk: Desk, body: bytes, length: int) -> bytes:
    """The bytes of a request that says how long its body is."""
    head = f"POST /api/v1/evidence HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
    return f"{head}Authorization: Bearer {desk.token()}\r\n\r\n".encode() + body


def test_a_body_that_comes_too_slowly_is_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "BODY_WAIT_S", 0.5)
    monkeypatch.setattr(serving, "REQUEST_WAIT_S", 0.1)  # It has begun, so this is not for it.
    with line_to(desk) as line:
        line.sendall(post(desk, b"SEALKIT", 100))
        told = all_of(line)
    assert told.startswith(b"HTTP/1.1 408")
    assert json.loads(told.partition(b"\r\n\r\n")[2])["code"] == "BODY_TOO_SLOW"
    with desk.caller() as caller:
        assert caller.post("/api/v1/evidence", content=handed_in(taxi(3))).status_code == 200


@pytest.mark.parametrize(
    "begun", [b"", b"GET /health/live HTT", b"GET /health/live HTTP/1.1\r\nA: "]
)
def test_a_line_on_which_no_request_comes_whole_is_closed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(serving, "REQUEST_WAIT_S", 0.2)
    with line_to(desk) as line:
        line.sendall(begun)
        assert all_of(line) == b""


ASKED = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
FINE = b'{"status":"ok"}'


def asked(line: socket.socket) -> bytes:
    """What comes of a question on a line that stays open."""
    line.sendall(ASKED)
    told = b""
    while not told.endswith(FINE):
        part = line.recv(65536)
        assert part, told
        told += part
    return told


def is_served(desk: Desk) -> bool:
    with desk.caller(None) as caller:
        return caller.get("/health/live").status_code == 200


@pytest.mark.parametrize(("language", "word"), [("en", "open"), ("zh-CN", "连接过多")])
def test_who_comes_on_one_connection_too_many_is_told_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    monkeypatch.setattr(serving, "CONNECTIONS_MAX", 2)
    with line_to(desk) as first:
        asked(first)
        with line_to(desk) as second, desk.caller() as caller:
            asked(second)
            refused = caller.get("/api/v1/overview", headers={"Accept-Language": language})
            assert refused.status_code == 503
            assert refused.headers["Retry-After"] == "5"
            assert refused.headers["Connection"] == "close"
            assert refused.json()["code"] == "TOO_MANY_CONNECTIONS"
            assert word in refused.json()["message"]
            assert refused.json()["remedy"]
            assert desk.logged(refused)["code"] == "TOO_MANY_CONNECTIONS"
            # Whoever was there before is served on.
            asked(second)
        until(lambda: is_served(desk))
        asked(first)


def test_beyond_those_who_are_told_a_connection_is_closed_without_a_word(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "CONNECTIONS_MAX", 1)
    monkeypatch.setattr(serving, "REFUSED_MAX", 1)
    with line_to(desk) as first, line_to(desk) as told:
        asked(first)
        told.sendall(b"GET /")  # It asks nothing, and counts all the same.
        with line_to(desk) as line:
            assert all_of(line) == b""
        told.sendall(ASKED.removeprefix(b"GET /"))
        assert b"TOO_MANY_CONNECTIONS" in all_of(told)
        asked(first)


def test_a_caller_who_takes_no_answer_keeps_no_connection(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "CONNECTIONS_MAX", 1)
    monkeypatch.setattr(serving, "ANSWER_WAIT_S", 0.2)
    with line_to(desk) as line:
        # The answers to these are far more than a system keeps for who takes none.
        line.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        until(lambda: "openapi" in desk.log.getvalue())
        until(lambda: is_served(desk))


def test_an_answer_that_is_taken_slowly_is_given_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "ANSWER_WAIT_S", 1.0)
    asking = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    told = b""
    with line_to(desk) as line, desk.caller(None) as other:
        line.sendall(asking * 299 + asking.replace(b"x\r\n", b"x\r\nConnection: close\r\n"))
        while part := line.recv(1 << 18):
            told += part
            other.get("/health/live")  # So long it does something else.
    assert told.count(b"HTTP/1.1 200 OK") == 300
    assert told.endswith(b"}")


def test_headers_are_bounded(desk: Desk) -> None:
    with line_to(desk) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 3 * serving.HEAD_MAX)
        assert all_of(line).startswith(b"HTTP/1.1 400")


def test_a_caller_who_hangs_up_is_no_error_of_ours(desk: Desk) -> None:
    with line_to(desk) as line:
        line.sendall(post(desk, b"SEALKIT", 100))
    until(lambda: "/api/v1/evidence" in desk.log.getvalue())
    (told,) = [json.loads(line) for line in desk.log.getvalue().splitlines()]
    assert (told["event"], told["status"]) == ("request", 499)


def test_the_log_of_an_error_tells_no_values(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> object:
        raise RuntimeError("the inside")

    monkeypatch.setattr(evidence, "submit", fail)
    data = handed_in(taxi(3))
    with desk.caller() as caller:
        answer = caller.post("/api/v1/evidence", content=data)
        token = caller.headers["Authorization"].removeprefix("Bearer ")
    assert answer.status_code == 500
    desk.logged(answer)
    log = desk.log.getvalue()
    assert "the inside" in log
    assert token not in log
    assert "SEALKITX" not in log


def test_a_head_is_a_get_without_its_body(desk: Desk) -> None:
    with desk.caller() as caller:
        for path in ("/", "/health/live", "/api/v1/overview", "/api/v1/seals/500-1/bundle"):
            asked, told = caller.head(path), caller.get(path)
            assert (asked.status_code, asked.content) == (told.status_code, b"") == (200, b"")
            assert asked.headers["Content-Type"] == told.headers["Content-Type"]
        assert desk.logged(asked)["method"] == "HEAD"
        assert caller.head("/api/v1/nonces").status_code == 405
    with desk.caller(None) as anybody:
        assert anybody.head("/api/v1/overview").status_code == 401


def test_what_callers_make_up_is_not_what_metrics_are_kept_by(desk: Desk) -> None:
    with desk.caller(AccessRole.MONITOR) as caller:
        for number in range(3):
            assert caller.request(f"FOO{number}", f"/nothing{number}").status_code == 404
            assert caller.request(f"FOO{number}", "/health/live").status_code == 405
        told = caller.get("/metrics").text
    assert "FOO" not in told
    assert "/nothing" not in told
    assert 'sealkit_requests_total{method="other",route="none",status="404"} 3.0' in told


def test_requests_of_an_older_version_are_answered(desk: Desk) -> None:
    with line_to(desk) as line:
        line.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
        assert all_of(line).endswith(b'{"status":"ok"}')


def test_pages_are_not_found_by_going_round(desk: Desk) -> None:
    for path in (
        b"/page/..%2f..%2fapp.py",
        b"/page//etc/passwd",
        b"/page/%00",
        b"/page/../../app.py",
    ):
        with line_to(desk) as line:
            line.sendall(b"GET /page/" + path + b" HTTP/1.0\r\n\r\n")
            assert all_of(line).startswith(b"HTTP/1.1 404"), path


@pytest.mark.parametrize(
    "headers",
    [
        b"Host: x\r\nContent-Length: 5\r\nContent-Length: 6",
        b"Host: x\r\nContent-Length: -5",
        b"Host: x\r\nContent-Length: " + b"9" * 5000,
        b"Host: x\r\nTransfer-Encoding: gzip",
        b"Content-Length: 0",
    ],
)
def test_headers_that_contradict_are_refused(desk: Desk, headers: bytes) -> None:
    with line_to(desk) as line:
        line.sendall(b"POST /api/v1/evidence HTTP/1.1\r\n" + headers + b"\r\n\r\nhello")
        assert all_of(line).startswith(b"HTTP/1.1 400")

"""`sealkit station serve` and `token` as they are typed: started, used, stopped."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from station.fleet import filled, handed_in, taxi
from support.command import COMMAND, PATIENCE_S, Command, first_line
from support.softhsm import PIN, SoftHsm, needs_softhsm


@dataclass(frozen=True, slots=True)
class Serving:
    """A running `sealkit station serve`."""

    process: subprocess.Popen[bytes]
    address: str

    def get(self, path: str, token: str | None = None) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.get(self.address + path, headers=headers, trust_env=False, timeout=30)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


def serving(home: Path, *options: str) -> AbstractContextManager[Serving]:
    """Starts it on a free port and waits until it serves; its log is in `log`."""
    return started(home, *COMMAND, "station", "serve", "--port", "0", "--json", *options)


@contextmanager
def started(home: Path, *command: str) -> Iterator[Serving]:
    """The same for any program that tells its address as that command does."""
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=log)
    try:
        yield Serving(process, json.loads(first_line(process))["address"])
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_with_a_directory_alone_and_stops_when_told(
    tmp_path: Path, how: signal.Signals
) -> None:
    with serving(tmp_path, "--dir", "ledger") as service:
        assert service.get("health/ready").json() == {"status": "ok"}
        assert service.get("").status_code == 200
        assert service.end(how) == 0
    log = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["path"] for line in log if line["event"] == "request"] == ["/health/ready", "/"]


def test_a_request_that_has_begun_is_answered_before_it_stops(
    tmp_path: Path, url: str, where: tuple[str, str]
) -> None:
    command = Command(tmp_path)
    filled(url).close()
    with serving(tmp_path, *where) as service:
        add = ("station", "token", "add", "Li", "--role", "technician", *where)
        token = command.told(*add)["token"]
        data = handed_in(taxi(1))

        def slowly() -> Iterator[bytes]:
            yield data[:100]
            service.process.send_signal(signal.SIGTERM)
            yield data[100:]

        answer = httpx.post(
            service.address + "api/v1/evidence",
            content=slowly(),
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            timeout=30,
        )
        assert answer.status_code == 200
        assert service.process.wait(PATIENCE_S) == 0


def test_tokens_are_made_listed_and_withdrawn_while_it_serves(
    tmp_path: Path, where: tuple[str, str]
) -> None:
    command, ledger = Command(tmp_path), where
    with serving(tmp_path, *ledger) as service:
        made = command.run("station", "token", "add", "李", "--role", "inspector", *ledger)
        token = made.out.strip()
        assert token.startswith("sealkit_")
        assert service.get("api/v1/session", token).json()["name"] == "李"
        (listed,) = command.told("station", "token", "list", *ledger)["tokens"]
        assert (listed["name"], listed["role"], listed["withdrawn"]) == ("李", "inspector", None)
        assert token not in command.run("station", "token", "list", *ledger).out
        withdrawn = command.told("station", "token", "withdraw", str(listed["id"]), *ledger)
        assert withdrawn["withdrawn"] is not None
        assert service.get("api/v1/session", token).status_code == 401
    assert token not in (tmp_path / "log").read_text()
    refuse = ("station", "token", "withdraw", "7", *ledger)
    command.refused(*refuse, status=2, code="TOKEN_UNKNOWN")
    no_name = ("station", "token", "add", " ", "--role", "inspector", *ledger)
    command.refused(*no_name, status=2, code="TOKEN_NAME")


def test_what_cannot_be_served_is_said_clearly(tmp_path: Path, where: tuple[str, str]) -> None:
    command, ledger = Command(tmp_path), where
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        serve = ("station", "serve", *ledger, "--port", port)
        command.refused(*serve, status=4, code="ADDRESS_BUSY")
    elsewhere = ("station", "serve", *ledger, "--port", "0", "--host", "203.0.113.7")
    command.refused(*elsewhere, status=2, code="HOST_UNKNOWN")
    command.refused("station", "serve", status=2, code="LEDGER_NOT_NAMED")
    nobody = ("station", "serve", *ledger, "--port", "0", "--key", "nobody")
    command.refused(*nobody, status=2, code="FILE_NOT_FOUND")


def test_a_station_that_signs(tmp_path: Path, where: tuple[str, str]) -> None:
    command = Command(tmp_path)
    for words in (
        "keys new authority auth --name Shanghai --suite p256",
        "keys new manufacturer maker --name Maker --maker 500 --suite p256",
        "keys new station pudong --name Pudong --issuer auth",
        "keys trust trust.json --authority auth --manufacturer maker",
    ):
        command.told(*words.split())
    ledger = (*where, "--trust", "trust.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEALKIT_PASSPHRASE", "correct horse")
        with serving(tmp_path, *ledger, "--key", "pudong") as service:
            head = service.get("api/v1/tree/head")
            assert head.status_code == 200
            assert head.json()["size"] == 0


@needs_softhsm
def test_a_token_that_is_pulled_out_while_it_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What needs no signature is still answered; what does is 503, and the log says why."""
    hsm, command = SoftHsm(tmp_path), Command(tmp_path)
    for name, value in hsm.environment.items():
        monkeypatch.setenv(name, value)
    hsm.add_token("Pudong")
    (tmp_path / "pin").write_text(PIN + "\n")
    uri = f"pkcs11:token=Pudong;object=sign?pin-source={tmp_path / 'pin'}"
    for words in (
        "keys new authority auth --name Shanghai --suite p256",
        "keys new manufacturer maker --name Maker --maker 500 --suite p256",
        "keys trust trust.json --authority auth --manufacturer maker",
    ):
        command.told(*words.split())
    new = ("keys", "new", "station", "pudong", "--name", "Pudong", "--issuer", "auth")
    command.told(*new, "--key", uri, environment=hsm.environment)
    ledger = ("--dir", "ledger", "--trust", "trust.json")
    with serving(tmp_path, *ledger, "--key", "pudong") as service:
        hsm.pull_out()
        answer = service.get("api/v1/tree/head")
        assert answer.status_code == 503
        assert answer.json()["code"] == "TOKEN_GONE"
        assert str(tmp_path) not in answer.text
        assert service.get("api/v1/tree/heads").status_code == 200
        service.end()
    log = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["code"] for line in log if line.get("status") == 503] == ["TOKEN_GONE"]

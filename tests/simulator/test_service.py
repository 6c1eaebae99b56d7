"""A served vehicle: a process on pseudo-terminals or TCP that is killed and goes on."""

from __future__ import annotations

import contextlib
import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.people import NUMBER, Head, Orders, family

from sealkit.errors import AccessError, UsageError
from sealkit.keys.credentialfile import read_credentials
from sealkit.meter.client import MeterClient
from sealkit.rules.credentials import judge_anchor, judge_seal_credential, parse_credential
from sealkit.transport import Deadline, Transport, open_transport
from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.messages import (
    CHALLENGE,
    INFO,
    ORDER_ANSWER,
    ORDER_REQUEST,
    SEAL_STATUS,
    Answer,
    OrderAnswer,
    OrderRequest,
    Request,
    SealStatus,
)
from sealkit.wire.registry import Command, Role, State, Status
from sealkit_simulator.service import Service
from sealkit_simulator.taximeter import SHANGHAI_FARE

_MAIN = """
import json, sys
from pathlib import Path
from sealkit.wire.numbers import SealNumber
from sealkit_simulator.service import serve
options = json.loads(sys.argv[1])
manufacturer = options["manufacturer"] and bytes.fromhex(options["manufacturer"])
number = options["number"] and SealNumber.from_text(options["number"])
serve(Path(options["directory"]), options["suite"], number=number, manufacturer=manufacturer,
      tcp=options["tcp"], started=lambda lines: print(json.dumps(lines), flush=True))
"""
_PATIENCE_S = 20.0


class Running:
    """A simulator process, and somebody at its lines."""

    def __init__(self, directory: Path, **options: Any) -> None:
        defaults = {"suite": None, "number": None, "manufacturer": None, "tcp": False}
        told = json.dumps({"directory": str(directory), **defaults, **options})
        self.process = subprocess.Popen(
            [sys.executable, "-c", _MAIN, told], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.lines: dict[str, str] = json.loads(self.process.stdout.readline())
        self._sequence = secrets.randbelow(1 << 16)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(_PATIENCE_S)

    def ask(self, command: Command, body: bytes = b"") -> Answer:
        self._sequence = (self._sequence + 1) % (1 << 16)
        deadline, decoder = Deadline.after(_PATIENCE_S), FrameDecoder()
        with open_transport(self.lines["seal"]) as line:
            line.write(encode_frame(Request(command, self._sequence, body).build()), deadline)
            while True:
                for payload in decoder.feed(line.read(4096, deadline)):
                    answer = Answer.parse(payload)
                    if answer.sequence == self._sequence:
                        return answer

    def status(self) -> SealStatus:
        return SEAL_STATUS.parse(self.ask(Command.STATUS).body)

    def head(self) -> Head:
        challenge = CHALLENGE.parse(self.ask(Command.CHALLENGE).body).challenge
        status = self.status()
        return Head(
            status.seal_key,
            status.control_sequence,
            status.control_digest,
            status.clock,
            challenge,
            status.number,
        )

    def give(self, request: OrderRequest) -> tuple[Status, OrderAnswer]:
        answer = self.ask(Command.ORDER, ORDER_REQUEST.build(request))
        return Status(answer.status), ORDER_ANSWER.parse(answer.body)

    def do(self, action: str, **values: Any) -> dict[str, Any]:
        with open_transport(self.lines["control"]) as line:
            return control(line, {"do": action, **values})


def control(line: Transport, request: Any) -> dict[str, Any]:
    deadline = Deadline.after(_PATIENCE_S)
    line.write(json.dumps(request).encode() + b"\n", deadline)
    received = b""
    while not received.endswith(b"\n"):
        received += line.read(4096, deadline)
    answer: dict[str, Any] = json.loads(received)
    return answer


@contextlib.contextmanager
def running(directory: Path, **options: Any) -> Iterator[Running]:
    simulator = Running(directory, **options)
    try:
        yield simulator
    finally:
        if simulator.process.poll() is None:
            simulator.end(signal.SIGKILL)


OURS = {
    "number": str(NUMBER),
    "manufacturer": family().credentials["manufacturer"].raw.hex(),
}


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("tcp", [False, True], ids=["pty", "tcp"])
def test_what_was_answered_outlives_kill_minus_9(tmp_path: Path, tcp: bool) -> None:
    with running(tmp_path, tcp=tcp, **OURS) as first:
        assert first.status().state is State.FACTORY
        status, answer = first.give(enrol := Orders(family(), first.head()).enrol())
        assert status is Status.OK
        first.do("set_meter", name="day_flag_fall_fen", value="1600")
        first.end(signal.SIGKILL)
    with running(tmp_path, tcp=tcp) as second:
        after = second.status()
        assert after.state is State.OPEN
        assert (after.control_sequence, after.control_digest) == (answer.sequence, answer.digest)
        assert after.boot == 2
        assert second.give(enrol) == (Status.ALREADY_APPLIED, answer)
        with open_transport(second.lines["meter"]) as line:
            fare = MeterClient(line).fare_parameters().parameters
        assert fare.day_flag_fall_fen == 1600 != SHANGHAI_FARE.day_flag_fall_fen
        assert second.end(signal.SIGTERM) == 0
    assert not (tmp_path / "endpoints.json").exists()


@pytest.mark.requirement("R27")
@pytest.mark.parametrize("suite", ["p256", "sm2"])
def test_a_seal_of_its_own_maker_has_its_credential(tmp_path: Path, suite: str) -> None:
    with Service(tmp_path, suite) as service:
        assert set(service.endpoints) == {"seal", "meter", "control"}
        assert json.loads((tmp_path / "endpoints.json").read_text()) == service.endpoints
        device = service.vehicle.seal and service.vehicle.seal.device
        assert device is not None
        core = device.core
        judge_seal_credential(
            core.suite,
            parse_credential(core.suite, device.registers.credential),
            manufacturer=judge_anchor(
                core.suite, read_credentials(tmp_path / "manufacturer.cred")[0], Role.MANUFACTURER
            ),
            maker=core.number.maker,
            serial=core.number.serial,
            public_key=core.public_key,
        )
        with pytest.raises(AccessError) as caught:
            Service(tmp_path)
        assert caught.value.code == "SIM_RUNNING"
    other = "sm2" if suite == "p256" else "p256"
    with pytest.raises(UsageError) as other_suite:
        Service(tmp_path, other)
    assert other_suite.value.code == "SIM_OTHER_SEAL"


@pytest.mark.requirement("R26")
def test_no_file_holds_the_key_in_the_clear(tmp_path: Path) -> None:
    with Service(tmp_path) as service:
        key = service.vehicle.core._key
        assert key is not None
        scalar = key.scalar
    for path in tmp_path.iterdir():
        if path.is_file():
            content = path.read_bytes()
            assert scalar not in content, path
            assert scalar.hex().encode() not in content, path
    for secret in ("core.key", "fuses", "manufacturer.pem"):
        assert (tmp_path / secret).stat().st_mode & 0o077 == 0


@pytest.mark.requirement("O-16")
def test_power_is_cut_in_an_order_and_restored(tmp_path: Path) -> None:
    with running(tmp_path, **OURS) as simulator:
        enrol = Orders(family(), simulator.head()).enrol()
        assert simulator.do("cut_power", after_writes=2, torn=3, gap_s=90)["ok"]
        with open_transport(simulator.lines["seal"]) as line:
            payload = Request(Command.ORDER, 7, ORDER_REQUEST.build(enrol)).build()
            line.write(encode_frame(payload), Deadline.after(_PATIENCE_S))
        deadline = Deadline.after(_PATIENCE_S)
        while simulator.do("state")["powered"]:
            assert not deadline.expired
        assert simulator.do("restore_power")["ok"]
        status = simulator.status()
        assert (status.state, status.boot) == (State.FACTORY, 2)
        assert simulator.give(Orders(family(), simulator.head()).enrol())[0] is Status.OK


@pytest.mark.requirement("R56")
def test_a_reset_is_a_boot_with_power(tmp_path: Path) -> None:
    with running(tmp_path, **OURS) as simulator:
        assert simulator.do("reset")["ok"]
        assert simulator.status().boot == 2
        assert simulator.do("cut_power")["ok"]
        assert simulator.do("reset")["ok"]
        assert not simulator.do("state")["powered"]


def test_the_seal_watches_its_meter_in_real_time(tmp_path: Path) -> None:
    with running(tmp_path, **OURS) as simulator:
        deadline = Deadline.after(_PATIENCE_S)
        while not simulator.do("state")["seal"]["meter_seen"]:
            assert not deadline.expired
        assert simulator.do("advance", ms=5_000)["ok"]
        answer = simulator.ask(Command.INFO)
        assert INFO.parse(answer.body).number == NUMBER


BAD = [
    (b"\n{}\n", "CONTROL_BAD_REQUEST"),
    (b"[1]\n", "CONTROL_BAD_REQUEST"),
    (b"\xff\xfe\n", "CONTROL_BAD_REQUEST"),
    (b'{"do": "fly"}\n', "CONTROL_BAD_REQUEST"),
    (b'{"do": ["state"]}\n', "CONTROL_BAD_REQUEST"),
    (b'{"do": "open_case", "wide": true}\n', "CONTROL_BAD_REQUEST"),
    (b'{"do": "pulses", "count": true}\n', "CONTROL_BAD_REQUEST"),
    (b'{"do": "pulses", "count": -1}\n', "CONTROL_BAD_REQUEST"),
    (b'{"do": "advance", "ms": 1e300}\n', "CONTROL_BAD_REQUEST"),
    (b"[" * 10_000 + b"\n", "CONTROL_BAD_REQUEST"),
    (b"x" * 20_000, "CONTROL_BAD_REQUEST"),
    (b'{"do": "set_meter", "name": "colour", "value": "red"}\n', "METER_NO_SUCH_PARAMETER"),
]


@pytest.mark.parametrize(("request_line", "code"), BAD, ids=range(len(BAD)))
def test_bad_requests_on_the_control_channel(
    tmp_path: Path, request_line: bytes, code: str
) -> None:
    from support.bench import Bench

    from sealkit_simulator.control import ControlChannel

    answer = json.loads(ControlChannel(Bench().vehicle).receive(request_line))
    assert answer["ok"] is False
    assert answer["error"]["code"] == code
    assert answer["error"]["remedy"]

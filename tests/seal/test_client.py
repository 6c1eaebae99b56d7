"""Every command, and answers that a good seal does not give."""

from __future__ import annotations

import pytest
from support.client_bench import ScriptedBench
from support.lines import DirectLine, answer, device
from support.scripted_seal import ScriptedSeal

from sealkit.errors import IntegrityError, MalformedError, RefusedError
from sealkit.seal.client import SealClient
from sealkit.seal.exchange import Exchange
from sealkit.wire.messages import READ_LOG_ANSWER as LOG
from sealkit.wire.messages import ReadLogAnswer, Request
from sealkit.wire.records import BootRecord
from sealkit.wire.registry import BootCause, Chain, Command, CredentialChoice, RecordKind, Status


def test_what_a_seal_in_the_factory_tells(client: SealClient, seal: ScriptedSeal) -> None:
    client.ping(b"\0\xff" * 512)
    assert client.info().public_key == seal.key.public_key
    assert client.status().control_sequence == 1
    assert client.parameters() == {}
    assert client.trust_statement() is None
    assert client.credential(CredentialChoice.AUTHORITY) is None
    credential = client.credential(CredentialChoice.SEAL)
    assert credential is not None
    assert credential.public_key == seal.key.public_key
    client.install_credential(credential.raw)
    checkpoint = client.checkpoint()
    assert checkpoint is not None
    assert checkpoint.control_digest == client.status().control_digest
    assert client.evidence(b"n" * 32).nonce == b"n" * 32
    assert client.challenge().challenge == seal.challenge
    assert client.observation().fare


def test_info_is_asked_once(client: SealClient) -> None:
    client.info()
    before = client.exchange.traffic
    client.info()
    assert client.suite.id == client.info().suite
    assert client.exchange.traffic == before


def test_parameters_have_the_digests_that_are_listed(sealed: ScriptedBench) -> None:
    held = sealed.client.parameters()
    assert held == sealed.seal.history.groups
    honest = sealed.seal._carry_out

    def lying(command: Command, body: bytes) -> bytes | tuple[Status, bytes]:
        said = honest(command, body)
        return b"x" + bytes(said)[1:] if command is Command.READ_GROUP else said  # type: ignore[arg-type]

    sealed.seal._carry_out = lying  # type: ignore[method-assign]
    with pytest.raises(IntegrityError) as caught:
        sealed.client.parameters()
    assert caught.value.code == "GROUP_DIFFERS"


def test_a_long_log_is_read_whole_and_in_order(bench: ScriptedBench) -> None:
    for _ in range(100):
        bench.seal.append(RecordKind.BOOT, BootRecord(BootCause.POWER, 1))
    bench.enrol()
    told: list[tuple[int, int]] = []
    both = list(
        bench.client.read_log(Chain.BOTH, until=102, progress=lambda *step: told.append(step))
    )
    assert both == [bench.seal.control[0], *bench.seal.journal, bench.seal.control[1]]
    assert told[-1] == (102, 102)
    assert list(bench.client.read_log(Chain.JOURNAL)) == bench.seal.journal
    assert list(bench.client.read_log(Chain.CONTROL, 2)) == bench.seal.control[1:]
    assert list(bench.client.read_log(Chain.JOURNAL, 5, until=6)) == bench.seal.journal[3:5]


@pytest.mark.parametrize("records", [(b"",), (b"\0" * 81,), (b"x" * 80,), (b"x" * 1985,)])
def test_a_log_that_does_not_advance_is_no_endless_loop(records: tuple[bytes, ...]) -> None:
    body = LOG.build(ReadLogAnswer(records))
    client = SealClient(Exchange(DirectLine(device(answer(body=body)))))
    with pytest.raises(MalformedError) as caught:
        list(client.read_log(Chain.BOTH))
    assert caught.value.code == "LOG_MALFORMED"


def test_a_log_without_an_end(bench: ScriptedBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sealkit.seal.client.EXPORT_MAX", 1000)
    for _ in range(20):
        bench.seal.append(RecordKind.BOOT, BootRecord(BootCause.POWER, 1))
    with pytest.raises(MalformedError) as caught:
        list(bench.client.read_log(Chain.BOTH))
    assert caught.value.code == "LOG_MALFORMED"


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 64])
def test_answers_of_every_command_in_small_pieces(sealed: ScriptedBench, cut: int) -> None:
    client = SealClient(Exchange(DirectLine(sealed.seal.receive, cut)))
    assert client.info() == sealed.client.info()
    assert client.status() == sealed.client.status()
    assert client.parameters() == sealed.client.parameters()
    assert list(client.read_log(Chain.BOTH)) == sealed.seal.control
    assert client.evidence(b"n" * 32).nonce == b"n" * 32


def test_a_ping_that_comes_back_changed() -> None:
    client = SealClient(Exchange(DirectLine(device(answer(body=b"pong")))))
    with pytest.raises(IntegrityError):
        client.ping(b"ping")


def test_an_answer_of_the_wrong_length_is_malformed() -> None:
    client = SealClient(Exchange(DirectLine(device(answer(body=b"short")))))
    for ask in (client.info, client.status, client.challenge, client.observation):
        with pytest.raises(MalformedError):
            ask()


def test_no_such_record(client: SealClient) -> None:
    with pytest.raises(RefusedError) as caught:
        client.read_record(99)
    assert caught.value.code == "NOT_FOUND"


class Rated:
    """A seal behind a line with a rate: hears nothing at another than its own (L-12)."""

    def __init__(self, seal: ScriptedSeal, able: bool = True, willing: bool = True) -> None:
        self._seal = seal
        self._able = able
        self._willing = willing
        self.rate = self.fallback = 9600
        self.line = DirectLine(self.receive)

    def receive(self, data: bytes) -> bytes:
        if self.line.rate != self.rate:
            self.rate = self.fallback  # nothing good heard at the new rate: it went back by itself
            return b""
        if not self._willing:
            return device(answer(Status.MALFORMED))(data)
        said = self._seal.receive(data)
        if b"\x10" in data[:4] and self._able:
            self.rate = 115200
        return said


@pytest.mark.requirement("L-12")
def test_the_rate_is_raised_by_agreement(seal: ScriptedSeal) -> None:
    device = Rated(seal)
    client = SealClient(Exchange(device.line))
    assert client.raise_baud(115200)
    assert device.rate == device.line.rate == 115200
    client.status()


@pytest.mark.requirement("L-12")
@pytest.mark.parametrize(("able", "willing"), [(False, True), (True, False), (False, False)])
def test_both_go_back_when_the_new_rate_does_not_work(
    seal: ScriptedSeal, able: bool, willing: bool
) -> None:
    device = Rated(seal, able, willing)
    client = SealClient(Exchange(device.line))
    assert not client.raise_baud(115200)
    assert device.rate == device.line.rate == 9600


@pytest.mark.requirement("L-12")
def test_a_second_raise_goes_back_to_the_first(seal: ScriptedSeal) -> None:
    rated = Rated(seal)
    client = SealClient(Exchange(rated.line))
    assert client.raise_baud(115200)
    rated._able = False
    rated.fallback = 115200
    assert not client.raise_baud(230400)
    assert rated.line.rate == 115200


def test_requests_are_what_spec_says(seal: ScriptedSeal) -> None:
    seen: list[Request] = []

    def note(request: Request) -> bytes:
        seen.append(request)
        return answer(body=LOG.build(ReadLogAnswer(())))(request)

    client = SealClient(Exchange(DirectLine(device(note))))
    list(client.read_log(Chain.BOTH, 7))
    assert seen[0].command == Command.READ_LOG
    assert seen[0].body == bytes.fromhex("03 00000007 07eb")

"""Wireshark shows the line of a seal field by field as our own parser reads it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import pytest
from support import needs
from support.bench import Bench
from support.dissected import Shown, dissect
from support.lines import DirectLine
from support.vectors import ROOT, SUITES, load
from support.wire_fields import answer_fields, request_fields

from sealkit.errors import MalformedError
from sealkit.seal.client import SealClient
from sealkit.seal.collecting import collect
from sealkit.seal.exchange import Exchange
from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.registry import Chain, Command, CredentialChoice
from sealkit_conformance.pcapng import CapturedPacket, Direction, LinkType

AT_US = 1_775_001_600_000_000
needs_tshark = needs.program("tshark", package="tshark")


class Recording:
    """The frames between a client and a seal, as packets."""

    def __init__(self, bench: Bench) -> None:
        self.packets: list[CapturedPacket] = []
        self._receive = bench.vehicle.receive
        bench.vehicle.receive = self.receive  # type: ignore[method-assign]

    def receive(self, data: bytes) -> bytes:
        answer = self._receive(data)
        self._add(Direction.TO_DEVICE, data)
        self._add(Direction.FROM_DEVICE, answer)
        return answer

    def _add(self, direction: Direction, data: bytes) -> None:
        self.packets += packets_of(direction, FrameDecoder().feed(data))


def packets_of(direction: Direction, payloads: Iterable[bytes]) -> list[CapturedPacket]:
    return [
        CapturedPacket(AT_US, LinkType.SEAL, direction, encode_frame(payload))
        for payload in payloads
    ]


def seal_packet(data: bytes) -> CapturedPacket:
    return CapturedPacket(AT_US, LinkType.SEAL, Direction.UNKNOWN, data)


def payload_of(packet: CapturedPacket) -> bytes:
    (payload,) = FrameDecoder().feed(packet.data)
    return payload


def life(bench: Bench) -> list[CapturedPacket]:
    """All that went over the line while a seal was enrolled, sealed, broken, mended, exported."""
    recording = Recording(bench)
    client = SealClient(Exchange(DirectLine(bench.vehicle.receive)))
    client.info()
    client.ping(b"hello")
    bench.install_credential()
    bench.seal_it()
    bench.apply(bench.orders().confirm())
    bench.apply(bench.orders().adjust_clock(-2))
    bench.apply(bench.orders().trust(1, ["inspector"]))
    journal = bench.log(Chain.JOURNAL)[-1]
    head = bench.core.suite.digest(journal.raw)
    bench.apply(bench.orders().acknowledge(journal.sequence, head))
    again = bench.orders().unseal()
    assert bench.send(again) is not None
    bench.tamper()
    bench.restart()
    bench.vehicle.advance(20_000)
    bench.ask(0x70)
    client.trust_statement()
    client.observation()
    client.credential(CredentialChoice.AUTHORITY)
    client.read_record(1)
    collect(client)
    bench.apply(bench.challenged().clear())
    bench.apply(bench.challenged().retire())
    collect(client)
    return recording.packets


def ours(packets: list[CapturedPacket]) -> list[list[Shown]]:
    """The fields that our parser reads in each packet of an exchange."""
    told, asked = [], b""
    for packet in packets:
        payload = payload_of(packet)
        if packet.direction is Direction.TO_DEVICE:
            asked = payload
            known = payload[1] in set(Command)
            told.append(request_fields(payload) if known else None)
        else:
            told.append(answer_fields(payload, asked))
    return told  # type: ignore[return-value]


def test_the_dissectors_are_what_their_sources_say() -> None:
    script = ROOT / "tools" / "maintain" / "generate_dissectors.py"
    told = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout) == (0, "")


@needs_tshark
@pytest.mark.parametrize("suite", SUITES)
def test_a_seals_life_is_shown_as_our_parser_reads_it(suite: str, tmp_path: Path) -> None:
    packets = life(Bench(suite))
    told = dissect(packets, tmp_path)
    assert len(told) > 100
    kinds = set()
    for packet, expected in zip(told, ours(packets), strict=True):
        assert expected is None or packet.seal_fields() == expected
        assert expected is None or packet.experts == []
        kinds |= {name.split(".")[1] for name, _ in packet.fields}
    assert kinds > {
        "evidence", "checkpoint", "genesis_record", "order_record", "tamper_record", "credential",
        "supervision_group", "trust_statement", "adjust_clock_body", "acknowledge_body",
        "reason_body", "observation", "read_record_response",
    }  # fmt: skip


@needs_tshark
@pytest.mark.parametrize("suite", SUITES)
def test_the_messages_of_the_vectors_are_shown_as_our_parser_reads_them(
    suite: str, tmp_path: Path
) -> None:
    cases = load(suite, "messages")["messages"]
    directions = {"request": Direction.TO_DEVICE, "response": Direction.FROM_DEVICE}
    packets = [
        packet
        for case in cases
        for packet in packets_of(directions[case["direction"]], [bytes.fromhex(case["payload"])])
    ]
    for packet, expected in zip(dissect(packets, tmp_path), ours(packets), strict=True):
        assert packet.seal_fields() == expected
        assert not [expert for expert in packet.experts if expert[0] != "note"]


@needs_tshark
def test_the_frames_of_the_vectors_are_taken_and_dropped_as_by_us(tmp_path: Path) -> None:
    vectors = load("", "frames")
    cases = [*vectors["frames"], *vectors["bad_frames"]]
    packets = [seal_packet(bytes.fromhex(case["frame"])) for case in cases]
    for case, told in zip(cases, dissect(packets, tmp_path), strict=True):
        is_dropped = any(name == "sealkit.no_frame" for name, _ in told.fields)
        assert is_dropped == ("payload" not in case), case["what"]
        assert any(name == "sealkit.crc" for name, _ in told.fields) != is_dropped


@needs_tshark
@pytest.mark.parametrize("suite", SUITES)
def test_what_the_vectors_call_malformed_is_marked(suite: str, tmp_path: Path) -> None:
    cases = [case for case in load(suite, "messages")["bad"] if case["expect"] == "malformed"]
    packets = [seal_packet(encode_frame(bytes.fromhex(case["payload"]))) for case in cases]
    unmarked = [
        case["what"]
        for case, told in zip(cases, dissect(packets, tmp_path), strict=True)
        if not told.experts
    ]
    assert unmarked == []


@needs_tshark
def test_no_bytes_stop_the_dissector(tmp_path: Path) -> None:
    random = Random(5)
    packets = [seal_packet(random.randbytes(random.randrange(1, 60))) for _ in range(300)]
    told = dissect(packets, tmp_path)
    assert all(packet.experts for packet in told)


@needs_tshark
def test_spoilt_payloads_are_marked_when_our_parser_refuses_them(tmp_path: Path) -> None:
    random = Random(7)
    packets, refused = [], []
    for packet in life(Bench("p256")):
        payload = payload_of(packet)
        if packet.direction is not Direction.TO_DEVICE or payload[1] not in set(Command):
            continue
        for spoilt in spoil(payload, random):
            packets.append(seal_packet(encode_frame(spoilt)))
            try:
                request_fields(spoilt)
            except MalformedError:
                refused.append(True)
            else:
                refused.append(False)
    assert 50 < refused.count(True) < len(refused) - 50
    for is_refused, told in zip(refused, dissect(packets, tmp_path), strict=True):
        if is_refused:
            assert told.experts
        else:
            assert not any(severity == "warning" for severity, _ in told.experts)


def spoil(payload: bytes, random: Random) -> Iterator[bytes]:
    """The request with a bit flipped, cut off, and with a byte too many; its header stays."""
    flipped = bytearray(payload)
    if len(payload) > 4:
        flipped[random.randrange(4, len(payload))] ^= 1 << random.randrange(8)
    yield bytes(flipped)
    yield payload[: random.randrange(4, len(payload) + 1)]
    yield payload + b"\1"

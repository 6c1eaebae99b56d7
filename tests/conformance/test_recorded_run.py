"""A recorded run of the cases is a capture that tshark shows as our own parser reads it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support import needs
from support.command import Command as Typed
from support.dissected import Dissected, Shown, dissect
from support.wire_fields import answer_fields, request_fields

from sealkit.errors import MalformedError
from sealkit.meter.decode import describe
from sealkit.wire.link import FrameDecoder
from sealkit.wire.registry import Command
from sealkit_conformance.pcapng import CapturedPacket, Direction, LinkType, read_capture

ANSWER_BIT = 0x80


@needs.program("tshark", package="tshark")
@pytest.mark.parametrize(("cases", "suite"), [("frame or read", "p256"), ("evidence", "sm2")])
def test_tshark_shows_a_recorded_run_as_our_parser_reads_it(
    cases: str, suite: str, tmp_path: Path
) -> None:
    file = tmp_path / "run.pcapng"
    done = Typed(tmp_path).run(
        *("conformance", "run", "--suite", suite, "--select", cases, "--record", file.name)
    )
    assert done.status == 0, done.out
    packets = read_capture(file.read_bytes())
    shown = Counter(told(packets, dissect(packets, tmp_path)))
    assert shown["same"] > 300
    # Some cases send what is wrong, and nothing that is wrong is shown as if it were right.
    assert shown.keys() <= {"same", "marked", "unknown", "meter"}


def told(packets: list[CapturedPacket], dissected: list[Dissected]) -> list[str]:
    """For each packet how tshark shows it, beside what our parser says."""
    asked: dict[bytes, bytes] = {}
    found = []
    for packet, shown in zip(packets, dissected, strict=True):
        if packet.link is LinkType.METER:
            found.append("meter" if describe(packet.data) and not shown.experts else "unmarked")
            continue
        if not any(packet.data):
            found.append("differs" if shown.fields else "same")  # empty frames, which say nothing
            continue
        payloads = FrameDecoder().feed(packet.data + b"\0")
        if len(payloads) != 1:
            found.append("marked" if shown.warnings else "unmarked")
            continue
        try:
            expected = read(packet, payloads[0], asked)
        except MalformedError:
            found.append("marked" if shown.experts else "unmarked")
            continue
        if expected is None:
            found.append("unknown")
        else:
            is_same = shown.seal_fields() == expected and not shown.warnings
            found.append("same" if is_same else "differs")
    return found


def read(packet: CapturedPacket, payload: bytes, asked: dict[bytes, bytes]) -> list[Shown] | None:
    """The fields of a message; None for a command or an answer that our parser has no layout of."""
    if packet.direction is Direction.TO_DEVICE:
        asked[payload[1:4]] = payload
        known = payload[1:2] and payload[1] & ~ANSWER_BIT in set(Command)
        return request_fields(payload) if known or len(payload) < 4 else None
    request = asked.get(bytes([payload[1] & ~ANSWER_BIT]) + payload[2:4])
    if request is None or request[1] not in set(Command):
        return None
    return answer_fields(payload, request)

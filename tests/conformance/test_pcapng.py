"""Captures of traffic: what is written is read again, by us and by tshark."""

from __future__ import annotations

import json
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import needs

from sealkit.errors import MalformedError
from sealkit_conformance.pcapng import (
    PACKET_MAX,
    CapturedPacket,
    Direction,
    LinkType,
    capture_head,
    capture_packet,
    read_capture,
)

AT_US = 1_775_001_600_123_456
PACKETS = st.builds(
    CapturedPacket,
    st.integers(0, 2**63 - 1),
    st.sampled_from(LinkType),
    st.sampled_from(Direction),
    st.binary(max_size=300),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)


def written(*packets: CapturedPacket) -> bytes:
    return capture_head("sealkit test") + b"".join(map(capture_packet, packets))


def packet(data: bytes = b"\0\1\2\0", comment: str = "") -> CapturedPacket:
    return CapturedPacket(AT_US, LinkType.SEAL, Direction.TO_DEVICE, data, comment)


@given(st.lists(PACKETS, max_size=6))
def test_what_is_written_is_read_again(packets: list[CapturedPacket]) -> None:
    assert read_capture(written(*packets)) == packets


@given(st.lists(PACKETS, min_size=1, max_size=4), st.data())
def test_a_file_that_was_cut_gives_the_packets_before_the_cut(
    packets: list[CapturedPacket], data: st.DataObject
) -> None:
    head = len(capture_head("sealkit test"))
    whole = written(*packets)
    cut = data.draw(st.integers(head, len(whole) - 1))
    read = read_capture(whole[:cut])
    assert read == packets[: len(read)]
    assert len(read) < len(packets)


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_make_the_reader_fail_in_another_way(noise: bytes, at: int) -> None:
    whole = written(packet(), packet(bytes(99), "a comment"))
    for data in (noise, whole[:at] + noise + whole[at + len(noise) :]):
        try:
            read_capture(data)
        except MalformedError as error:
            code = error.code
        else:
            continue
        assert code == "PCAPNG_MALFORMED"


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 40, b"\x0a\x0d\x0d\x0a" + bytes(40), b'{"schema": "sealkit"}\n'],
    ids=["empty", "zeros", "no byte order", "another file"],
)  # fmt: skip
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        read_capture(data)
    assert caught.value.code == "PCAPNG_MALFORMED"


def test_a_block_that_claims_the_world_takes_no_memory() -> None:
    data = written() + struct.pack("<II", 6, 0xFFFFFFFC) + bytes(40)
    assert read_capture(data) == []


def test_what_does_not_fit_is_not_written() -> None:
    for bad in (
        packet(bytes(PACKET_MAX + 1)),
        packet(comment="x" * 2000),
        CapturedPacket(1 << 64, LinkType.SEAL, Direction.TO_DEVICE, b""),
    ):
        with pytest.raises(ValueError, match=r"too long|does not fit"):
            capture_packet(bad)


def test_a_big_endian_file_in_nanoseconds_with_foreign_blocks() -> None:
    def block(kind: int, body: bytes) -> bytes:
        length = struct.pack(">I", len(body) + 12)
        return struct.pack(">I", kind) + length + body + length

    resolution = struct.pack(">HHB3xHH", 9, 1, 9, 0, 0)
    data = b"".join(
        [
            block(0x0A0D0D0A, struct.pack(">IHHQ", 0x1A2B3C4D, 1, 0, 0xFFFFFFFFFFFFFFFF)),
            block(1, struct.pack(">HHI", 1, 0, 0)),
            block(1, struct.pack(">HHI", 148, 0, 0) + resolution),
            block(5, bytes(8)),
            block(6, struct.pack(">IIIII", 0, 0, 0, 4, 4) + b"ipv4"),
            block(6, struct.pack(">IIIII", 1, 0, 5000, 2, 2) + b"\x55\xaa\0\0"),
        ]
    )
    expected = CapturedPacket(5, LinkType.METER, Direction.UNKNOWN, b"\x55\xaa")
    assert read_capture(data) == [expected]


def tshark(*arguments: str | Path) -> str:
    command = ["tshark", *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()


@needs.program("tshark", package="tshark")
def test_tshark_reads_what_is_written_and_we_read_what_it_writes(tmp_path: Path) -> None:
    packets = [
        CapturedPacket(AT_US, LinkType.SEAL, Direction.TO_DEVICE, b"\0\1\2\0", "ein Fall, 测试"),
        CapturedPacket(AT_US + 1, LinkType.METER, Direction.FROM_DEVICE, b"\x55\xaa\0"),
        CapturedPacket(AT_US + 2, LinkType.SEAL, Direction.UNKNOWN, b"x" * 2048),
    ]
    file, again = tmp_path / "run.pcapng", tmp_path / "again.pcapng"
    file.write_bytes(written(*packets))
    tshark("-r", file, "-w", again)
    told = tshark("-r", file, "-T", "json", "-x")
    assert read_capture(again.read_bytes()) == packets
    for asked, got in zip(packets, json.loads(told), strict=True):
        layers = got["_source"]["layers"]
        frame = layers["frame"]
        assert layers["frame_raw"][0] == asked.data.hex()
        assert frame["frame.interface_id_tree"]["frame.interface_name"] == (asked.link.name.lower())
        assert float(frame["frame.time_epoch"]) == pytest.approx(asked.at_us / 1e6, abs=2e-6)
        flags = int(frame.get("frame.packet_flags", "0"), 0)
        assert flags & 3 == asked.direction
    assert "ein Fall, 测试" in told

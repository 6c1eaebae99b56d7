import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError
from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.registry import LINK_FRAME_MAX, LINK_PAYLOAD_MAX

VECTORS = Path(__file__).parents[2] / "protocol" / "vectors" / "frames.json"

# Zeros and long runs are where COBS can go wrong, so they are frequent.
payloads = st.one_of(
    st.binary(min_size=1, max_size=300),
    st.lists(
        st.one_of(
            st.binary(max_size=4),
            st.integers(250, 258).map(lambda size: b"\x01" * size),
            st.integers(1, 3).map(bytes),
        ),
        min_size=1,
        max_size=7,
    )
    .map(b"".join)
    .filter(bool),
)


def slow_decode(frame: bytes) -> bytes:
    """COBS undone byte by byte, to hold the fast one against."""
    body, data, at = frame[1:-1], bytearray(), 0
    while at < len(body):
        length = body[at]
        data += body[at + 1 : at + length]
        at += length
        if length < 255 and at < len(body):
            data.append(0)
    assert data[-4:] == zlib.crc32(data[:-4]).to_bytes(4)
    return bytes(data[:-4])


def vectors(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(VECTORS.read_text())[kind]
    return found


@pytest.mark.requirement("L-1")
def test_a_frame_worked_out_by_hand() -> None:
    crc = zlib.crc32(b"\x11\x00\x22").to_bytes(4)
    assert 0 not in crc
    assert encode_frame(b"\x11\x00\x22") == b"\x00\x02\x11\x06\x22" + crc + b"\x00"


@pytest.mark.requirement("L-1")
@pytest.mark.parametrize("size", [249, 250, 251, 504, 505])
def test_runs_around_254_without_a_zero(size: int) -> None:
    payload = next(
        payload
        for first in range(1, 256)
        for payload in [bytes((first,)) + b"\x55" * (size - 1)]
        if 0 not in zlib.crc32(payload).to_bytes(4)
    )
    frame = encode_frame(payload)
    # One length byte for each 254 begun: nothing is added after a full run at the very end.
    assert len(frame) == 2 + size + 4 + -(-(size + 4) // 254)
    assert slow_decode(frame) == payload
    assert FrameDecoder().feed(frame) == [payload]


@pytest.mark.requirement("L-1")
@given(payloads)
def test_what_is_encoded_decodes_to_itself(payload: bytes) -> None:
    frame = encode_frame(payload)
    assert frame[0] == frame[-1] == 0
    assert 0 not in frame[1:-1]
    assert slow_decode(frame) == payload
    assert FrameDecoder().feed(frame) == [payload]


@pytest.mark.requirement("L-2")
@pytest.mark.parametrize("fill", [0, 0x55])
def test_the_longest_payload_fits_and_one_more_byte_does_not(fill: int) -> None:
    longest = bytes((fill,)) * LINK_PAYLOAD_MAX
    frame = encode_frame(longest)
    assert len(frame) <= LINK_FRAME_MAX
    assert FrameDecoder().feed(frame) == [longest]
    with pytest.raises(MalformedError) as refused:
        encode_frame(longest + b"\x01")
    assert refused.value.code == "FRAME_TOO_LONG"


@pytest.mark.requirement("L-2")
def test_an_empty_payload_is_refused() -> None:
    with pytest.raises(MalformedError) as refused:
        encode_frame(b"")
    assert refused.value.code == "FRAME_EMPTY"


@pytest.mark.requirement("L-3")
@given(
    st.lists(st.one_of(payloads.map(lambda p: ("good", p)), st.binary().map(lambda g: ("", g)))),
    st.data(),
)
def test_garbage_between_frames_loses_no_frame_however_the_bytes_are_cut(
    pieces: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(encode_frame(piece) if kind else piece for kind, piece in pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    decoder, received = FrameDecoder(), list[bytes]()
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        received += decoder.feed(stream[start:end])
    # Garbage may, by an unlikely chance, hold a good frame; that would be a wonder, not an error.
    assert received == [piece for kind, piece in pieces if kind]
    assert len(decoder._pending) <= LINK_FRAME_MAX


@pytest.mark.requirement("L-3")
@pytest.mark.parametrize(
    ("body", "dropped"),
    [
        (b"\x09\x01\x02\x03", ["bad_cobs"]),
        (b"\x06\x11" + (zlib.crc32(b"\x11") ^ 1).to_bytes(4), ["bad_crc"]),
        (b"\x01", ["too_short"]),
        (b"\x04\x01\x02\x03", ["too_short"]),
        (b"\x01\x01\x01\x01\x01", ["too_short"]),  # the CRC of nothing, and nothing
        (b"\x55" * (LINK_FRAME_MAX - 2), ["bad_cobs"]),
        (b"\x55" * (LINK_FRAME_MAX - 1), ["too_long"]),
        (b"\x55" * 100_000, ["too_long"]),
        (b"", []),
    ],
)
@pytest.mark.parametrize("chunk", [1, 1000, 200_000])
def test_a_bad_frame_is_dropped_counted_and_costs_nothing_else(
    body: bytes, dropped: list[str], chunk: int
) -> None:
    stream = b"\x00" + body + encode_frame(b"next")
    decoder, received = FrameDecoder(), list[bytes]()
    for start in range(0, len(stream), chunk):
        received += decoder.feed(stream[start : start + chunk])
        assert len(decoder._pending) <= LINK_FRAME_MAX
    assert received == [b"next"]
    assert list(decoder.dropped.elements()) == dropped


@pytest.mark.requirement("L-2")
@pytest.mark.parametrize("excess", [1, 4, 5])
def test_a_payload_over_the_limit_is_dropped_even_in_a_frame_that_fits(excess: int) -> None:
    payload = bytes(LINK_PAYLOAD_MAX + excess)
    checked = payload + zlib.crc32(payload).to_bytes(4)
    body = b"".join(bytes((len(run) + 1,)) + run for run in checked.split(b"\0"))
    assert len(body) + 2 <= LINK_FRAME_MAX
    decoder = FrameDecoder()
    assert decoder.feed(b"\0" + body + b"\0") == []
    assert decoder.dropped == {"too_long": 1}


@given(payloads, st.data())
def test_one_flipped_bit_is_never_a_good_frame(payload: bytes, data: st.DataObject) -> None:
    frame = bytearray(encode_frame(payload))
    frame[data.draw(st.integers(1, len(frame) - 2))] ^= 1 << data.draw(st.integers(0, 7))
    assert FrameDecoder().feed(bytes(frame)) == []


@pytest.mark.requirement("L-1")
@pytest.mark.parametrize("vector", vectors("frames"), ids=lambda vector: vector["what"])
def test_good_frames_of_the_vectors(vector: dict[str, str]) -> None:
    payload, frame = bytes.fromhex(vector["payload"]), bytes.fromhex(vector["frame"])
    assert encode_frame(payload) == frame
    assert FrameDecoder().feed(frame) == [payload]


@pytest.mark.requirement("L-3")
@pytest.mark.parametrize("vector", vectors("bad_frames"), ids=lambda vector: vector["what"])
def test_bad_frames_of_the_vectors(vector: dict[str, str]) -> None:
    assert FrameDecoder().feed(bytes.fromhex(vector["frame"])) == []


@pytest.mark.requirement("L-3")
@pytest.mark.parametrize("vector", vectors("streams"), ids=lambda vector: vector["what"])
@pytest.mark.parametrize("chunk", [1, 7, 100_000])
def test_streams_of_the_vectors(vector: dict[str, Any], chunk: int) -> None:
    stream, decoder, received = bytes.fromhex(vector["stream"]), FrameDecoder(), list[bytes]()
    for start in range(0, len(stream), chunk):
        received += decoder.feed(stream[start : start + chunk])
    assert [payload.hex() for payload in received] == vector["payloads"]

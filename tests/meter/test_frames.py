"""Frames: built and decoded, found in any stream, refused by name when they are damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError, UsageError
from sealkit.meter.frames import MAX_DATA_BYTES, Frame, FrameDecoder, decode_frame, encode_frame

CLOCK_REQUEST = bytes.fromhex("55AA000B02000000201111111111112955AA")

frames = st.builds(
    Frame,
    device_type=st.integers(0, 0xFF),
    vendor=st.integers(0, 0xFF),
    command=st.integers(0, 0xFFFF),
    # Start marks inside data are what a scanning decoder would stumble on.
    data=st.lists(
        st.sampled_from([b"\x55\xaa", b"\x00", b"\x55", b"\xaa", b"\x12"]), max_size=40
    ).map(b"".join)
    | st.binary(max_size=MAX_DATA_BYTES),
)
# Without 55 there is no start mark, not even half of one.
garbage = st.binary(max_size=20).map(lambda data: data.replace(b"\x55", b"\x54"))


@given(frames)
def test_a_frame_decodes_to_itself(frame: Frame) -> None:
    assert decode_frame(encode_frame(frame)) == frame


def test_the_published_request() -> None:
    frame = decode_frame(CLOCK_REQUEST)
    assert frame == Frame(0x02, 0x00, 0x0000, bytes.fromhex("20111111111111"))
    assert encode_frame(frame) == CLOCK_REQUEST


@pytest.mark.parametrize(
    ("damaged", "code"),
    [
        (b"", "METER_NO_START"),
        (CLOCK_REQUEST[1:], "METER_NO_START"),
        (b"\x00" + CLOCK_REQUEST, "METER_NO_START"),
        (CLOCK_REQUEST[:3], "METER_BAD_LENGTH"),
        (CLOCK_REQUEST[:-1], "METER_BAD_LENGTH"),
        (CLOCK_REQUEST[:3] + b"\x0a" + CLOCK_REQUEST[4:], "METER_BAD_LENGTH"),
        (CLOCK_REQUEST[:3] + b"\x0c" + CLOCK_REQUEST[4:], "METER_BAD_LENGTH"),
        (CLOCK_REQUEST[:3] + b"\x03" + CLOCK_REQUEST[4:], "METER_BAD_LENGTH"),
        (CLOCK_REQUEST[:2] + b"\x40" + CLOCK_REQUEST[3:], "METER_BAD_LENGTH"),
        (CLOCK_REQUEST[:-1] + b"\xab", "METER_BAD_END"),
        (CLOCK_REQUEST[:-3] + b"\x28" + CLOCK_REQUEST[-2:], "METER_BAD_CHECK"),
        (CLOCK_REQUEST[:9] + b"\x13" + CLOCK_REQUEST[10:], "METER_BAD_CHECK"),
        (CLOCK_REQUEST + b"\x00", "METER_TRAILING_BYTES"),
        (CLOCK_REQUEST + CLOCK_REQUEST, "METER_TRAILING_BYTES"),
    ],
)
def test_damage_has_a_name_and_a_remedy(damaged: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        decode_frame(damaged)
    assert refused.value.code == code
    assert refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize(
    "frame",
    [
        Frame(2, 0, 0, bytes(MAX_DATA_BYTES + 1)),
        Frame(256, 0, 0),
        Frame(2, -1, 0),
        Frame(2, 0, 0x10000),
    ],
)
def test_what_fits_no_frame_is_not_built(frame: Frame) -> None:
    with pytest.raises(UsageError):
        encode_frame(frame)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    try:
        frame = decode_frame(data)
    except MalformedError:
        return
    assert encode_frame(frame) == data


@given(st.lists(st.tuples(garbage, frames), max_size=5), garbage, st.data())
def test_frames_are_found_between_garbage_in_pieces_of_any_size(
    sent: list[tuple[bytes, Frame]], end: bytes, draw: st.DataObject
) -> None:
    stream = b"".join(noise + encode_frame(frame) for noise, frame in sent) + end
    decoder = FrameDecoder()
    found = []
    while stream:
        size = draw.draw(st.integers(1, len(stream)))
        found += decoder.feed(stream[:size])
        stream = stream[size:]
    assert found == [frame for _, frame in sent]


@given(
    st.lists(st.sampled_from([0x55, 0xAA, 0x00, 0x04, 0x02, 0x06]), max_size=60).map(bytes), frames
)
def test_after_any_garbage_the_decoder_is_in_step_again(noise: bytes, frame: Frame) -> None:
    decoder = FrameDecoder()
    # A false start may claim up to one largest frame; zeros hold no start mark and wash it out.
    decoder.feed(noise)
    decoder.feed(bytes(MAX_DATA_BYTES + 11))
    assert decoder.feed(encode_frame(frame)) == [frame]


def test_a_true_frame_inside_what_a_false_one_claimed_is_found() -> None:
    claims_too_much = bytes.fromhex("55AA0020020000")
    stream = claims_too_much + CLOCK_REQUEST + CLOCK_REQUEST
    assert FrameDecoder().feed(stream) == [decode_frame(CLOCK_REQUEST)] * 2


@pytest.mark.parametrize("damaged_at", [2, 3, 15, 16, 17])
def test_a_damaged_frame_does_not_take_the_next_one_with_it(damaged_at: int) -> None:
    damaged = bytearray(CLOCK_REQUEST)
    damaged[damaged_at] ^= 0x81
    stream = bytes(damaged) + CLOCK_REQUEST + bytes(200)
    assert FrameDecoder().feed(stream) == [decode_frame(CLOCK_REQUEST)]


@given(st.lists(st.binary(max_size=3000), max_size=6))
def test_memory_stays_below_one_frame(pieces: list[bytes]) -> None:
    decoder = FrameDecoder(max_data_bytes=100)
    for piece in pieces:
        decoder.feed(piece)
        assert len(decoder._buffer) < 100 + 11


def test_a_frame_above_the_decoders_bound_is_noise() -> None:
    long = encode_frame(Frame(2, 0, 0, bytes(101)))
    assert FrameDecoder(max_data_bytes=100).feed(long + CLOCK_REQUEST) == [
        decode_frame(CLOCK_REQUEST)
    ]

"""XMODEM-CRC: both ends on a virtual clock, over lines that lose, flip, double and break off."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealkit.errors import UsageError
from sealkit.meter.xmodem import (
    ACK,
    CAN,
    EOT,
    MAX_IMAGE_BYTES,
    NAK,
    SOH,
    STX,
    Outcome,
    XmodemReceiver,
    XmodemSender,
    XmodemTimes,
)

Fault = Callable[[bytes], bytes]
IMAGE = bytes(range(256)) * 2
ROOM = 100_000


def clean(data: bytes) -> bytes:
    return data


def transfer(
    sender: XmodemSender, receiver: XmodemReceiver, forth: Fault = clean, back: Fault = clean
) -> None:
    """Lets both run until neither has anything more to do; time passes only when both wait."""
    now = 0.0
    to_receiver = to_sender = b""
    for _ in range(100_000):
        to_receiver = forth(sender.advance(to_sender, now))
        to_sender = back(receiver.advance(to_receiver, now))
        if not to_sender and not to_receiver:
            waiting = [end for end in (sender, receiver) if end.outcome is Outcome.RUNNING]
            if not waiting:
                return
            now = max(now, min(end.next_due for end in waiting))
    raise AssertionError("the transfer does not end")


def padded(image: bytes) -> bytes:
    return image + b"\x1a" * (-len(image) % 128)


@given(image=st.binary(min_size=1, max_size=3000), block_bytes=st.sampled_from([128, 1024]))
def test_an_image_arrives(image: bytes, block_bytes: int) -> None:
    sender = XmodemSender(image, 0, block_bytes=block_bytes)
    receiver = XmodemReceiver(0, max_bytes=ROOM)
    transfer(sender, receiver)
    assert sender.outcome is receiver.outcome is Outcome.DONE
    assert receiver.image == padded(image)


def test_block_numbers_go_round() -> None:
    image = Random(1).randbytes(128 * 600)
    sender, receiver = XmodemSender(image, 0), XmodemReceiver(0, max_bytes=ROOM)
    transfer(sender, receiver)
    assert receiver.image == image
    assert sender.blocks_sent == 600


def test_the_bytes_of_a_block() -> None:
    sender = XmodemSender(b"firmware", 0)
    data = b"firmware".ljust(128, b"\x1a")
    block = bytes([SOH, 1, 254]) + data + crc_hqx(data, 0).to_bytes(2, "big")
    assert sender.advance(b"", 0) == b""
    assert sender.advance(b"C", 1) == block
    assert sender.advance(b"C", 2) == block
    assert sender.advance(bytes([NAK]), 3) == block
    assert sender.advance(bytes([ACK]), 4) == bytes([EOT])
    assert sender.advance(bytes([NAK]), 4) == bytes([EOT])
    assert sender.advance(bytes([ACK]), 5) == b""
    assert sender.outcome is Outcome.DONE
    # What the check value of the standard test text is, by any table of CRCs.
    assert crc_hqx(b"123456789", 0) == 0x31C3


def test_long_blocks_with_a_short_end() -> None:
    sender = XmodemSender(bytes(1024 + 5), 0, block_bytes=1024)
    first = sender.advance(b"C", 0)
    second = sender.advance(bytes([ACK]), 0)
    assert (first[0], len(first), second[0], len(second)) == (STX, 1029, SOH, 133)


class Noise:
    """Spoils about one in `period` pieces: loses a byte, flips a bit, or loses it whole."""

    def __init__(self, seed: int, period: int, doubles: bool) -> None:
        self.random = Random(seed)
        self.period = period
        self.doubles = doubles

    def __call__(self, data: bytes) -> bytes:
        if not data or self.random.randrange(self.period):
            return data
        at = self.random.randrange(len(data))
        flipped = data[at] ^ 1 << self.random.randrange(8)
        return self.random.choice(
            [
                data[:at] + data[at + 1 :],
                data[:at] + bytes([flipped]) + data[at + 1 :],
                b"",
                data[: at + 1] + data[at:] if self.doubles else b"",
            ]
        )


@settings(max_examples=200)
@given(
    seed=st.integers(0, 2**32),
    period=st.integers(2, 20),
    size=st.integers(1, 3000),
    block_bytes=st.sampled_from([128, 1024]),
    doubles=st.booleans(),
)
def test_over_a_bad_line_all_arrives_or_nothing(
    seed: int, period: int, size: int, block_bytes: int, doubles: bool
) -> None:
    image = Random(seed).randbytes(size)
    sender = XmodemSender(image, 0, block_bytes=block_bytes)
    receiver = XmodemReceiver(0, max_bytes=ROOM)
    transfer(sender, receiver, Noise(seed, period, doubles), Noise(seed + 1, period, doubles=False))
    assert receiver.image == (padded(image) if receiver.outcome is Outcome.DONE else None)
    # Only an answer that comes twice could make the sender believe what is not so.
    if sender.outcome is Outcome.DONE:
        assert receiver.outcome is Outcome.DONE


def test_a_line_with_few_faults_carries_it() -> None:
    for seed in range(50):
        sender, receiver = XmodemSender(IMAGE * 8, 0), XmodemReceiver(0, max_bytes=ROOM)
        transfer(sender, receiver, Noise(seed, 8, doubles=True), Noise(seed + 1, 8, doubles=False))
        assert sender.outcome is receiver.outcome is Outcome.DONE
        assert receiver.image == IMAGE * 8


@given(cut=st.integers(0, 5 * 133 + 1))
def test_cut_off_anywhere_the_old_software_stays(cut: int) -> None:
    left = cut

    def forth(data: bytes) -> bytes:
        nonlocal left
        passed, left = data[:left], left - min(left, len(data))
        return passed

    sender, receiver = XmodemSender(IMAGE + b"end", 0), XmodemReceiver(0, max_bytes=ROOM)
    transfer(sender, receiver, forth)
    assert receiver.outcome is Outcome.FAILED
    assert receiver.image is None
    assert receiver.reason
    assert sender.outcome is Outcome.FAILED
    assert sender.reason


@given(noise=st.lists(st.binary(max_size=200), max_size=40))
def test_noise_alone_is_no_image(noise: list[bytes]) -> None:
    receiver = XmodemReceiver(0, max_bytes=ROOM)
    for second, data in enumerate(noise):
        receiver.advance(data, float(second))
        assert receiver.image is None


def test_an_end_before_the_first_block_is_none() -> None:
    receiver = XmodemReceiver(0, max_bytes=ROOM)
    for now in range(0, 20, 2):
        receiver.advance(bytes([EOT]), now)
    assert receiver.outcome is Outcome.RUNNING


def test_one_end_mark_is_not_believed() -> None:
    receiver = XmodemReceiver(0, max_bytes=ROOM)
    block = XmodemSender(b"x", 0).advance(b"C", 0)
    assert receiver.advance(b"", 0) == b"C"
    assert receiver.advance(block, 1) == bytes([ACK])
    assert receiver.advance(bytes([EOT]), 2) == bytes([NAK])
    assert receiver.image is None
    assert receiver.advance(b"\xff", 3) == b""  # noise in between: the first one does not count
    assert receiver.advance(b"", 5) == bytes([NAK])
    assert receiver.advance(bytes([EOT]), 6) == bytes([NAK])
    assert receiver.advance(bytes([EOT]), 7) == bytes([ACK])
    assert receiver.image == padded(b"x")
    assert receiver.advance(bytes([EOT]), 8) == bytes([ACK])


def test_an_image_beyond_the_room_is_refused() -> None:
    sender, receiver = XmodemSender(IMAGE, 0), XmodemReceiver(0, max_bytes=256)
    transfer(sender, receiver)
    assert sender.outcome is receiver.outcome is Outcome.FAILED
    assert receiver.image is None


def test_either_end_may_break_off() -> None:
    sender, receiver = XmodemSender(IMAGE, 0), XmodemReceiver(0, max_bytes=ROOM)
    sender.advance(b"C", 0)
    sender.advance(bytes([CAN]), 1)
    assert sender.outcome is Outcome.RUNNING
    sender.advance(bytes([CAN]), 1)
    receiver.advance(bytes([CAN, CAN]), 1)
    assert sender.outcome is receiver.outcome is Outcome.FAILED


def test_a_line_that_never_falls_silent_ends_too() -> None:
    receiver = XmodemReceiver(0, max_bytes=ROOM)
    now = 0.0
    while receiver.outcome is Outcome.RUNNING and now < 100:
        receiver.advance(b"\xff", now)
        now += 0.1
    assert receiver.outcome is Outcome.FAILED


def test_a_sender_whom_nobody_asks_gives_up() -> None:
    sender = XmodemSender(IMAGE, 0, times=XmodemTimes(start_s=5))
    assert sender.advance(b"", 4.9) == b""
    assert sender.advance(b"", 5) == bytes([CAN, CAN])
    assert sender.outcome is Outcome.FAILED


@pytest.mark.parametrize(("size", "block_bytes"), [(0, 128), (MAX_IMAGE_BYTES + 1, 128), (10, 256)])
def test_what_cannot_be_sent(size: int, block_bytes: int) -> None:
    with pytest.raises(UsageError) as refused:
        XmodemSender(bytes(size), 0, block_bytes=block_bytes)
    assert refused.value.code == "XMODEM_BAD_IMAGE"

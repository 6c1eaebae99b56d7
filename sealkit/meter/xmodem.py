"""Both ends of an XMODEM-CRC transfer, as the firmware upgrade 00FF uses it.

    SOH | number u8 | 255 - number u8 | 128 data bytes   | CRC u16
    STX | number u8 | 255 - number u8 | 1,024 data bytes | CRC u16

The receiver asks for the first block with C, then answers each block with ACK or NAK; EOT ends
the transfer. The CRC is that of XMODEM (0x1021, from 0, big-endian). The protocol does not tell
how long the file is: the last block is filled up with 1A, and the receiver gives it with that.

Pure state machines. Whoever runs one calls `advance(data, now)` whenever bytes come and whenever
`next_due` has passed, and sends what it returns; times are in seconds of any clock that only
rises.
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from sealkit.errors import UsageError

SOH, STX, EOT, ACK, NAK, CAN, START = 0x01, 0x02, 0x04, 0x06, 0x15, 0x18, ord("C")
FILLER: Final = b"\x1a"
SHORT_BLOCK: Final = 128
LONG_BLOCK: Final = 1024
MAX_IMAGE_BYTES: Final = 16 * 1024 * 1024

_SIZES: Final = {SOH: SHORT_BLOCK, STX: LONG_BLOCK}
# Mark, number and its complement, CRC: what a block has beside its data.
_AROUND_DATA: Final = 5
_CANCEL: Final = bytes([CAN, CAN])


class Outcome(Enum):
    """How a transfer stands; it never leaves DONE or FAILED."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class XmodemTimes:
    """Seconds, and how often one thing is tried.

    start_s: the sender waits so long for the receiver's first C. reply_s: it waits so long for an
    answer to a block, longer than the receiver is ever silent, or a late answer would be taken
    for the next block's. block_s: the receiver waits so long for a block to begin before it asks
    again. byte_s: the longest pause inside a block.
    """

    start_s: float = 60.0
    reply_s: float = 10.0
    block_s: float = 3.0
    byte_s: float = 1.0
    tries: int = 10


def check_image(image: bytes, block_bytes: int) -> None:
    """Raises UsageError XMODEM_BAD_IMAGE if `XmodemSender` would not send it."""
    if not 0 < len(image) <= MAX_IMAGE_BYTES or block_bytes not in _SIZES.values():
        raise UsageError(
            "XMODEM_BAD_IMAGE",
            f"{len(image)} bytes in blocks of {block_bytes} cannot be sent.",
            f"Give 1 to {MAX_IMAGE_BYTES} bytes, and blocks of {SHORT_BLOCK} or {LONG_BLOCK}.",
        )


class XmodemSender:
    """Sends an image of 1 byte to 16 MiB. `outcome` DONE: the receiver said it has all."""

    def __init__(
        self,
        image: bytes,
        now: float,
        *,
        block_bytes: int = SHORT_BLOCK,
        times: XmodemTimes | None = None,
    ) -> None:
        """block_bytes: 128, or 1,024 for receivers that know long blocks.

        Raises UsageError XMODEM_BAD_IMAGE.
        """
        check_image(image, block_bytes)
        self.outcome = Outcome.RUNNING
        self.reason = ""
        self.blocks_sent = 0
        self._times = times or XmodemTimes()
        self._rest = _blocks(image, block_bytes)
        self._sending = b""  # what was sent last: nothing yet, a block, or EOT
        self._tries = 0
        self._cancelled = False
        self.next_due = now + self._times.start_s

    def advance(self, data: bytes, now: float) -> bytes:
        """What to send after `data` (maybe none) came at `now`."""
        for answer in data:
            if self.outcome is not Outcome.RUNNING:
                return b""
            # One CAN may be noise.
            if answer == CAN and self._cancelled:
                return self._fail("The receiver broke the transfer off.")
            self._cancelled = answer == CAN
            said = self._answered(answer, now)
            if said:
                # What came with it answers what was sent before: an answer that the line doubled
                # must not count for the next block too.
                return said
        if self.outcome is Outcome.RUNNING and now >= self.next_due:
            if not self._sending:
                return self._fail("The receiver did not ask for the first block.") + _CANCEL
            return self._again(now)
        return b""

    def _answered(self, answer: int, now: float) -> bytes:
        if not self._sending:
            return self._next(now) if answer == START else b""
        if answer == ACK:
            return self._next(now)
        # The receiver asks for the first block with C until it has it.
        if answer == NAK or (answer == START and self.blocks_sent == 1):
            return self._again(now)
        return b""

    def _next(self, now: float) -> bytes:
        if self._sending == bytes([EOT]):
            self.outcome = Outcome.DONE
            return b""
        block = next(self._rest, None)
        self.blocks_sent += block is not None
        self._sending = bytes([EOT]) if block is None else block
        self._tries = 0
        return self._again(now)

    def _again(self, now: float) -> bytes:
        if self._tries == self._times.tries:
            return self._fail(f"A block was not taken in {self._tries} tries.") + _CANCEL
        self._tries += 1
        self.next_due = now + self._times.reply_s
        return self._sending

    def _fail(self, reason: str) -> bytes:
        self.outcome = Outcome.FAILED
        self.reason = reason
        return b""


class XmodemReceiver:
    """Takes an image, all or nothing: `image` is None until the sender has ended the transfer and
    every block was whole, in order and within `max_bytes`. So a device keeps its old software
    whatever happens on the way."""

    def __init__(self, now: float, *, max_bytes: int, times: XmodemTimes | None = None) -> None:
        """max_bytes: the room for the image, fillers included."""
        self.outcome = Outcome.RUNNING
        self.reason = ""
        self.image: bytes | None = None
        self._max_bytes = max_bytes
        self._times = times or XmodemTimes()
        self._taken = bytearray()
        self._blocks = 0
        self._incoming = bytearray()
        # After an error everything is thrown away until the line is quiet, at the latest by then.
        self._purge_end: float | None = None
        self._ending = False
        self._tries = 0
        self.next_due = now  # to ask for the first block at once

    def advance(self, data: bytes, now: float) -> bytes:
        """What to send after `data` (maybe none) came at `now`."""
        if self.outcome is not Outcome.RUNNING:
            # The sender has missed that its end was heard.
            ended = self.outcome is Outcome.DONE and data == bytes([EOT])
            return bytes([ACK]) if ended else b""
        if data:
            self.next_due = now + self._times.byte_s
            if self._purge_end is not None:
                self.next_due = min(self.next_due, self._purge_end)
            else:
                self._incoming += data
                return self._received(now)
        if now >= self.next_due:
            return self._ask_again(now)
        return b""

    def _received(self, now: float) -> bytes:
        mark = self._incoming[0]
        if mark in _SIZES:
            size = _SIZES[mark] + _AROUND_DATA
            if len(self._incoming) < size:
                return b""
            # The sender waits for an answer, so nothing follows a block but noise.
            block = bytes(self._incoming[:size])
            self._incoming.clear()
            return self._take(block, now)
        if mark == EOT and len(self._incoming) == 1 and self._blocks:
            self._incoming.clear()
            if self._ending:
                self.outcome = Outcome.DONE
                self.image = bytes(self._taken)
                return bytes([ACK])
            # One EOT may be noise, and would cut the image short; a true one comes again.
            self._ending = True
            return self._ask_again(now)
        if self._incoming.startswith(_CANCEL):
            return self._fail("The sender broke the transfer off.")
        if mark != CAN or len(self._incoming) > 1:
            self._purge(now)
        return b""

    def _take(self, block: bytes, now: float) -> bytes:
        number, complement, data = block[1], block[2], block[3:-2]
        self._ending = False
        if number ^ complement != 0xFF or crc_hqx(block[3:], 0):
            self._purge(now)
            return b""
        if number == self._blocks % 256 and self._blocks:
            return self._acknowledge(now)  # sent again, since our ACK was lost
        if number != (self._blocks + 1) % 256:
            return self._fail("A block is missing.") + _CANCEL
        if len(self._taken) + len(data) > self._max_bytes:
            return self._fail(f"The image has more than {self._max_bytes} bytes.") + _CANCEL
        self._taken += data
        self._blocks += 1
        return self._acknowledge(now)

    def _acknowledge(self, now: float) -> bytes:
        self._tries = 0
        self.next_due = now + self._times.block_s
        return bytes([ACK])

    def _purge(self, now: float) -> None:
        self._incoming.clear()
        self._ending = False
        self._purge_end = now + self._times.block_s

    def _ask_again(self, now: float) -> bytes:
        self._incoming.clear()
        self._purge_end = None
        if self._tries == self._times.tries:
            return self._fail(f"No whole block came in {self._tries} tries.") + _CANCEL
        self._tries += 1
        self.next_due = now + self._times.block_s
        return bytes([NAK if self._blocks else START])

    def _fail(self, reason: str) -> bytes:
        self.outcome = Outcome.FAILED
        self.reason = reason
        return b""


def _blocks(image: bytes, block_bytes: int) -> Iterator[bytes]:
    """The image's blocks, whole. The end goes in short ones, so that less is filled up."""
    at = number = 0
    while at < len(image):
        size = block_bytes if len(image) - at >= block_bytes else SHORT_BLOCK
        data = image[at : at + size].ljust(size, FILLER)
        at += size
        number = (number + 1) % 256
        mark = STX if size == LONG_BLOCK else SOH
        crc = crc_hqx(data, 0).to_bytes(2, "big")
        yield bytes([mark, number, 0xFF - number]) + data + crc

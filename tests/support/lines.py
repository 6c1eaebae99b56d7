"""Transports that need no waiting: when nothing more can come, the deadline is over at once.

So a thousand exchanges with lost bytes take seconds, and the same seed gives the same faults.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from types import TracebackType
from typing import Self

from sealkit.errors import DeviceNotFoundError, TimedOutError
from sealkit.transport import Deadline
from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.messages import Answer, Request

Device = Callable[[bytes], bytes]
Serve = Callable[[Device], str]
"""Puts a device on a pseudo-terminal and gives its spec string: the fixture `serve`."""


class DirectLine:
    """A perfect line to a device; `cut` says in pieces of how many bytes answers come."""

    spec = "memory:test"

    def __init__(self, device: Device, cut: int = 4096) -> None:
        self._device = device
        self._cut = cut
        self.coming = b""
        self.rate = 9600

    def write(self, data: bytes, deadline: Deadline) -> None:
        self.coming += self._device(data)

    def read(self, limit: int, deadline: Deadline) -> bytes:
        if not self.coming:
            raise TimedOutError("READ_TIMED_OUT", "nothing came in time")
        size = min(limit, self._cut)
        data, self.coming = self.coming[:size], self.coming[size:]
        return data

    def discard_input(self) -> None:
        self.coming = b""

    def set_baud(self, rate: int) -> None:
        self.rate = rate

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class FaultyLine(DirectLine):
    """Loses, flips, doubles and delays bytes in both directions, and is unplugged at times.

    rate: how probable a fault is in each direction of each exchange.
    """

    def __init__(self, device: Device, random: Random, rate: float) -> None:
        super().__init__(device)
        self._random = random
        self._rate = rate
        self._late = b""
        self.unplugged = False

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._lose_port()
        self.coming, self._late = self.coming + self._late, b""
        answer = self._spoil(self._device(self._spoil(data)))
        if self._random.random() < self._rate:
            self._late = answer
        else:
            self.coming += answer
        self._lose_port()

    def read(self, limit: int, deadline: Deadline) -> bytes:
        self._lose_port()
        self._cut = self._random.randint(1, 300)
        return super().read(limit, deadline)

    def _lose_port(self) -> None:
        if self.unplugged or self._random.random() < self._rate / 20:
            self.unplugged = True
            raise DeviceNotFoundError("PORT_LOST", "unplugged", "plug it in")

    def _spoil(self, data: bytes) -> bytes:
        if not data or self._random.random() >= self._rate:
            return data
        at = self._random.randrange(len(data))
        size = self._random.randint(1, 20)
        part = data[at : at + size]
        noise = self._random.randbytes(size)
        return self._random.choice(
            [
                data[:at] + data[at + size :],
                data[:at] + bytes((data[at] ^ 1 << self._random.randrange(8),)) + data[at + 1 :],
                data[:at] + part + part + data[at + size :],
                data[:at] + noise + data[at:],
                data + data,
                b"",
            ]
        )


def device(*answers: Callable[[Request], bytes]) -> Callable[[bytes], bytes]:
    """Gives these answers to the frames that come, in turn; the last one ever after."""
    decoder, left = FrameDecoder(), list(answers)

    def receive(data: bytes) -> bytes:
        said = b""
        for payload in decoder.feed(data):
            said += left[0](Request.parse(payload))
            if len(left) > 1:
                left.pop(0)
        return said

    return receive


def answer(
    status: int = 0, body: bytes = b"", *, sequence: int = 0, command: int = 0, version: int = 1
) -> Callable[[Request], bytes]:
    """An answer whose sequence number and command are off by so much."""

    def build(request: Request) -> bytes:
        number = (request.sequence + sequence) & 0xFFFF
        return encode_frame(
            Answer(request.command + command, number, status, body, version).build()
        )

    return build


def silence(request: Request) -> bytes:
    return b""

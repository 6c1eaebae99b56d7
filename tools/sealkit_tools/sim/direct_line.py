"""A line to a simulated device in this process: it answers at once or not at all."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from sealkit.transport import Deadline
from sealkit.transport.failures import read_timed_out


class DirectLine:
    """A transport. ask: gives the device bytes and takes its answers."""

    spec = "direct"

    def __init__(self, ask: Callable[[bytes], bytes]) -> None:
        self._ask = ask
        self._unread = bytearray()

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._unread += self._ask(data)

    def read(self, limit: int, deadline: Deadline) -> bytes:
        """Nothing more comes by waiting. Raises TimedOutError READ_TIMED_OUT."""
        if not self._unread:
            raise read_timed_out(self.spec)
        data = bytes(self._unread[:limit])
        del self._unread[:limit]
        return data

    def discard_input(self) -> None:
        self._unread.clear()

    def set_baud(self, rate: int) -> None:
        """Nothing: there is no rate."""

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

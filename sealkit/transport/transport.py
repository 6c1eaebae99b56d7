"""What every transport does, whatever it runs over."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from sealkit.transport.deadline import Deadline


class Transport(Protocol):
    """A line to one device, as a stream of bytes. Reads and writes block, up to a deadline; one
    thread uses a transport at a time. After an error with code PORT_LOST it can only be closed.
    """

    @property
    def spec(self) -> str:
        """The spec string that opens this line, for messages."""
        ...

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hands all of `data` to the line.

        Raises TimedOutError WRITE_TIMED_OUT (part of it may have been sent); DeviceNotFoundError
        PORT_LOST.
        """
        ...

    def read(self, limit: int, deadline: Deadline) -> bytes:
        """What has come, 1 to `limit` bytes; waits for the first. A deadline that has passed
        still gives what is there already.

        Raises TimedOutError READ_TIMED_OUT; DeviceNotFoundError PORT_LOST.
        """
        ...

    def discard_input(self) -> None:
        """Forgets what has come and was not read. Raises DeviceNotFoundError PORT_LOST."""
        ...

    def set_baud(self, rate: int) -> None:
        """Changes the rate, in bits per second, of both directions at once; to be called while
        nothing is under way. Without effect where a line has no rate.

        Raises UsageError BAUD_UNSUPPORTED; DeviceNotFoundError PORT_LOST.
        """
        ...

    def close(self) -> None:
        """Gives the line back. Closing twice is allowed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

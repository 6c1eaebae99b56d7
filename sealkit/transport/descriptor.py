"""Reading and writing a non-blocking file descriptor up to a deadline: what a serial port and a
TCP connection have in common.

An exchange costs one system call to write, one to wait and one to read. pyserial's own read and
write would do, but setting their timeout configures the port anew for each exchange.
"""

from __future__ import annotations

import os
import select
from types import TracebackType
from typing import Final, Self

from sealkit.transport.deadline import Deadline
from sealkit.transport.failures import port_lost, read_timed_out, write_timed_out

_LONGEST_WAIT_MS: Final = 3_600_000  # poll takes no more than 31 bits; the loop waits again
_DISCARD_BYTES: Final = 4096
_DISCARD_READS: Final = 64  # so that a device that babbles cannot hold us for ever


class DescriptorTransport:
    """A transport over a descriptor that someone else opened and, in `_release`, closes."""

    def __init__(self, spec: str, descriptor: int) -> None:
        self._spec = spec
        self._descriptor = descriptor
        self._input = select.poll()
        self._input.register(descriptor, select.POLLIN)
        self._output = select.poll()
        self._output.register(descriptor, select.POLLOUT)

    @property
    def spec(self) -> str:
        return self._spec

    def write(self, data: bytes, deadline: Deadline) -> None:
        unsent: bytes | memoryview = data
        while unsent:
            try:
                sent = os.write(self._descriptor, unsent)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                raise port_lost(self._spec, error.strerror) from error
            if sent == len(unsent):
                return
            unsent = memoryview(unsent)[sent:]
            if not self._wait(self._output, deadline):
                raise write_timed_out(self._spec)

    def read(self, limit: int, deadline: Deadline) -> bytes:
        while True:
            if not self._wait(self._input, deadline):
                raise read_timed_out(self._spec)
            try:
                data = os.read(self._descriptor, limit)
            except BlockingIOError:
                continue
            except OSError as error:
                raise port_lost(self._spec, error.strerror) from error
            if data:
                return data
            # Said to be readable, and nothing to read: that is how a line ends.
            raise port_lost(self._spec)

    def discard_input(self) -> None:
        try:
            for _ in range(_DISCARD_READS):
                # Nothing is no end here: a port without input gives it too. A later read tells.
                if not os.read(self._descriptor, _DISCARD_BYTES):
                    return
        except BlockingIOError:
            return
        except OSError as error:
            raise port_lost(self._spec, error.strerror) from error

    def set_baud(self, rate: int) -> None:
        """Nothing, unless the line has a rate."""

    def close(self) -> None:
        if self._descriptor >= 0:
            # The number may soon be another file's, so it must be forgotten.
            self._descriptor = -1
            self._release()

    def _release(self) -> None:
        raise NotImplementedError

    def _wait(self, events: select.poll, deadline: Deadline) -> bool:
        """Whether the descriptor got ready, or broke, before the deadline."""
        if self._descriptor < 0:
            raise port_lost(self._spec, "it was closed")
        while not events.poll(min(deadline.remaining() * 1000, _LONGEST_WAIT_MS)):
            if deadline.expired:
                return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

"""Two transports joined in memory: what one writes, the other reads."""

from __future__ import annotations

from threading import Condition
from types import TracebackType
from typing import Final, Self

from sealkit.transport.deadline import Deadline
from sealkit.transport.failures import port_lost, read_timed_out, write_timed_out
from sealkit.transport.transport import Transport

_BUFFER_MAX: Final = 65_536  # bytes under way in one direction


class _Pipe:
    """One direction: bytes written and not yet read, and whether an end has closed."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.unread = bytearray()
        self.closed = False


class MemoryTransport:
    """One end of a pair. Its two ends may be used by two threads."""

    def __init__(self, spec: str, incoming: _Pipe, outgoing: _Pipe) -> None:
        self._spec = spec
        self._incoming = incoming
        self._outgoing = outgoing
        self._closed = False

    @property
    def spec(self) -> str:
        return self._spec

    def write(self, data: bytes, deadline: Deadline) -> None:
        pipe = self._outgoing
        unsent = memoryview(data)
        with pipe.changed:
            while unsent:
                if pipe.closed:
                    raise port_lost(self._spec)
                room = _BUFFER_MAX - len(pipe.unread)
                if room:
                    pipe.unread += unsent[:room]
                    unsent = unsent[room:]
                    pipe.changed.notify_all()
                elif not pipe.changed.wait(deadline.remaining()) and deadline.expired:
                    raise write_timed_out(self._spec)

    def read(self, limit: int, deadline: Deadline) -> bytes:
        pipe = self._incoming
        with pipe.changed:
            while self._closed or not pipe.unread:
                if pipe.closed:
                    raise port_lost(self._spec)
                if not pipe.changed.wait(deadline.remaining()) and deadline.expired:
                    raise read_timed_out(self._spec)
            data = bytes(pipe.unread[:limit])
            del pipe.unread[:limit]
            pipe.changed.notify_all()
            return data

    def discard_input(self) -> None:
        with self._incoming.changed:
            self._incoming.unread.clear()
            self._incoming.changed.notify_all()

    def set_baud(self, rate: int) -> None:
        """Nothing: memory has no rate."""

    def close(self) -> None:
        self._closed = True
        for pipe in (self._incoming, self._outgoing):
            with pipe.changed:
                pipe.closed = True
                pipe.changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def memory_pair() -> tuple[Transport, Transport]:
    """Two joined ends. What one end wrote before it closed can still be read at the other."""
    there, back = _Pipe(), _Pipe()
    return MemoryTransport("memory:0", back, there), MemoryTransport("memory:1", there, back)

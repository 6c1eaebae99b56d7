"""The one loop in which all simulated devices of a process live."""

from __future__ import annotations

import contextlib
import heapq
import os
import selectors
from collections.abc import Callable
from itertools import count
from queue import SimpleQueue
from time import monotonic
from types import TracebackType
from typing import Protocol, Self

Handler = Callable[[bytes], bytes]
"""What a device does with bytes from its line, cut anywhere: gives the bytes to send, maybe none.
An exception from it is a fault of the device and ends `Server.run`."""


class ServedLine(Protocol):
    """A line as the loop sees it."""

    def attach(self, server: Server, handler: Handler) -> None:
        """Puts what the line listens to under the server's watch."""
        ...

    def close(self) -> None: ...


class Timer:
    """A callback that the loop calls every `period_s` seconds until it is cancelled."""

    def __init__(self, period_s: float, callback: Callable[[], None]) -> None:
        self.period_s = period_s
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Server:
    """A single-threaded loop: handlers, timers and calls all run on the thread that is in `run`,
    so devices need no locks. It sleeps while nothing happens. Only `stop` and `call` may be used
    from other threads (and from signal handlers)."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lines: list[ServedLine] = []
        self._timers: list[tuple[float, int, Timer]] = []
        self._timer_numbers = count()  # timers due at the same moment go in the order of adding
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._stopping = False
        self._wake_out, self._wake_in = os.pipe()
        for end in (self._wake_out, self._wake_in):
            os.set_blocking(end, False)
        self.watch(self._wake_out, selectors.EVENT_READ, self._run_calls)

    def add(self, line: ServedLine, handler: Handler) -> None:
        """Serves `line`: whatever comes on it goes to `handler`, whose answer goes back."""
        line.attach(self, handler)
        self._lines.append(line)

    def add_timer(self, period_s: float, callback: Callable[[], None]) -> Timer:
        """Calls `callback` every `period_s` (above 0) seconds; missed periods stay missed."""
        timer = Timer(period_s, callback)
        self._schedule(monotonic() + period_s, timer)
        return timer

    def run(self) -> None:
        """Serves until `stop`; a server that was stopped stays so."""
        while not self._stopping:
            for key, events in self._selector.select(self._until_next_timer()):
                key.data(events)
            self._run_timers()

    def stop(self) -> None:
        """Makes `run` return, from whatever thread."""
        self._stopping = True
        self._wake()

    def call(self, callback: Callable[[], None]) -> None:
        """Has `callback` run soon on the loop's thread."""
        self._calls.put(callback)
        self._wake()

    def close(self) -> None:
        """Closes the lines and what the loop itself holds; `run` must have returned."""
        for line in self._lines:
            line.close()
        self._selector.close()
        os.close(self._wake_out)
        os.close(self._wake_in)

    def watch(self, descriptor: int, events: int, ready: Callable[[int], None]) -> None:
        """For lines: calls `ready` with the selectors events that happen, or changes which."""
        if descriptor in self._selector.get_map():
            self._selector.modify(descriptor, events, ready)
        else:
            self._selector.register(descriptor, events, ready)

    def unwatch(self, descriptor: int) -> None:
        """For lines: forgets a descriptor, which is still open."""
        self._selector.unregister(descriptor)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full: it will wake anyway
            os.write(self._wake_in, b"\0")

    def _run_calls(self, events: int) -> None:
        os.read(self._wake_out, 4096)
        while not self._calls.empty():
            self._calls.get()()

    def _schedule(self, due: float, timer: Timer) -> None:
        heapq.heappush(self._timers, (due, next(self._timer_numbers), timer))

    def _until_next_timer(self) -> float | None:
        return max(0.0, self._timers[0][0] - monotonic()) if self._timers else None

    def _run_timers(self) -> None:
        if not self._timers:
            return
        now = monotonic()
        while self._timers and self._timers[0][0] <= now:
            due, _, timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                timer.callback()
                following = due + timer.period_s
                self._schedule(following if following > now else now + timer.period_s, timer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

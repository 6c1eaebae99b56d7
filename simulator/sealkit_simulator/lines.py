"""The lines on which simulated devices are served: pseudo-terminals and TCP.

Like a wire, a line takes what the device says whether anybody listens or not: output that its
peer does not read is kept up to a bound, then lost.
"""

from __future__ import annotations

import contextlib
import os
import socket
import termios
import tty
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE
from typing import Final

from sealkit.errors import AccessError
from sealkit_simulator.loop import Handler, Server, Timer

__all__ = ["Handler", "Line", "PtyLine", "Server", "TcpLine", "Timer"]

_READ_BYTES: Final = 4096
_UNSENT_MAX: Final = 65_536  # bytes that wait for a peer which does not read
_RATES: Final = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if name[0] == "B" and name[1:].isdigit()
}


class _Stream:
    """The bytes of one peer over a non-blocking descriptor, both ways; never waits for it."""

    def __init__(
        self, server: Server, descriptor: int, handler: Handler, lost: Callable[[], None]
    ) -> None:
        self._server = server
        self._descriptor = descriptor
        self._handler = handler
        self._lost = lost
        self._unsent = bytearray()
        self._closed = False
        server.watch(descriptor, EVENT_READ, self._ready)

    def send(self, data: bytes) -> None:
        """Sends what the peer takes now and keeps the rest; drops what would be too much."""
        if self._closed or not data or len(self._unsent) + len(data) > _UNSENT_MAX:
            return
        waiting = bool(self._unsent)
        self._unsent += data
        if not waiting:
            self._send_unsent()
            if self._unsent:
                self._server.watch(self._descriptor, EVENT_READ | EVENT_WRITE, self._ready)

    def close(self) -> None:
        """Stops; the descriptor is the owner's to close."""
        if not self._closed:
            self._closed = True
            self._unsent.clear()
            self._server.unwatch(self._descriptor)

    def _ready(self, events: int) -> None:
        if self._closed:  # by another handler, between the event and now
            return
        if events & EVENT_WRITE:
            self._send_unsent()
            if not self._unsent:
                self._server.watch(self._descriptor, EVENT_READ, self._ready)
        if events & EVENT_READ:
            try:
                data = os.read(self._descriptor, _READ_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if data:
                self.send(self._handler(data))
            else:
                self._lost()

    def _send_unsent(self) -> None:
        try:
            del self._unsent[: os.write(self._descriptor, self._unsent)]
        except BlockingIOError:
            pass
        except OSError:  # the peer is gone, which the next read tells
            self._unsent.clear()


class Line(ABC):
    """A line of a device. It is open from the start; `close` and `open` cut and mend it, on the
    loop's thread once it is served."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._handler: Handler = lambda data: b""
        self._stream: _Stream | None = None
        self.open()

    def attach(self, server: Server, handler: Handler) -> None:
        self._server = server
        self._handler = handler
        if self.is_open:
            self._listen(server)

    def open(self) -> None:
        """Does nothing if it is open. Raises AccessError LINE_UNAVAILABLE."""
        if not self.is_open:
            self._acquire()
            if self._server is not None:
                self._listen(self._server)

    def close(self) -> None:
        """Peers see the line vanish; what was under way is lost."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        if self.is_open:
            self._release()

    def send(self, data: bytes) -> None:
        """Sends what no request asked for; lost if the line is closed or nobody is there."""
        if self._stream is not None:
            self._stream.send(data)

    @property
    @abstractmethod
    def spec(self) -> str:
        """The spec string that opens the other end."""

    @property
    @abstractmethod
    def is_open(self) -> bool: ...

    @abstractmethod
    def _acquire(self) -> None: ...

    @abstractmethod
    def _release(self) -> None: ...

    @abstractmethod
    def _listen(self, server: Server) -> None: ...


class PtyLine(Line):
    """A pseudo-terminal, which a client cannot tell from a serial port.

    link: a path that shall always lead to the terminal, so that the spec string outlives a cut
    and a restart (the terminal's own number does not). A link that is there is replaced.
    """

    def __init__(self, link: Path | None = None) -> None:
        self._link = link
        self._ends: tuple[int, int] | None = None
        self._terminal = ""
        super().__init__()

    @property
    def spec(self) -> str:
        return f"serial:{self._link or self._terminal}"

    @property
    def is_open(self) -> bool:
        return self._ends is not None

    @property
    def baud(self) -> int | None:
        """The rate that the client has set; None if closed, or if the rate is not a usual one."""
        if self._ends is None:
            return None
        return _RATES.get(termios.tcgetattr(self._ends[0])[4])

    def _acquire(self) -> None:
        try:
            # The client's end stays open here too: clients may come and go without a hang-up.
            ours, clients = self._ends = os.openpty()
            tty.setraw(clients)  # above all no echo, or the device would hear itself
            os.set_blocking(ours, False)
            self._terminal = os.ttyname(clients)
            if self._link is not None:
                _point(self._link, self._terminal)
        except OSError as error:
            if self._ends is not None:
                self._release()
            raise AccessError(
                "LINE_UNAVAILABLE",
                f"No pseudo-terminal could be made: {error.strerror or error}.",
                "Check the limits of the system, and that the directory may be written.",
            ) from error

    def _release(self) -> None:
        assert self._ends is not None
        for end in self._ends:
            os.close(end)
        self._ends = None
        if self._link is not None:  # the number it leads to may soon be another's terminal
            self._link.unlink(missing_ok=True)

    def _listen(self, server: Server) -> None:
        assert self._ends is not None
        self._stream = _Stream(server, self._ends[0], self._handler, self.close)


class TcpLine(Line):
    """A TCP port of this computer, with one client at a time, as on a wire: the next one's bytes
    wait until the client before it has closed. port 0: any free one, kept when opened again."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None
        super().__init__()

    @property
    def spec(self) -> str:
        return f"tcp:127.0.0.1:{self._port}"

    @property
    def is_open(self) -> bool:
        return self._listener is not None

    def _acquire(self) -> None:
        try:
            self._listener = socket.create_server(("127.0.0.1", self._port))
        except OSError as error:
            raise AccessError(
                "LINE_UNAVAILABLE",
                f"TCP port {self._port} cannot be had: {error.strerror or error}.",
                "Choose another port, or 0 for any free one.",
            ) from error
        self._listener.setblocking(False)
        self._port = self._listener.getsockname()[1]

    def _release(self) -> None:
        assert self._listener is not None
        if self._client is not None:
            self._client.close()
            self._client = None
        elif self._server is not None:
            self._server.unwatch(self._listener.fileno())
        self._listener.close()
        self._listener = None

    def _listen(self, server: Server) -> None:
        assert self._listener is not None
        server.watch(self._listener.fileno(), EVENT_READ, self._accept)

    def _accept(self, events: int) -> None:
        if self._listener is None or self._server is None:
            return
        try:
            self._client, _ = self._listener.accept()
        except OSError:  # it was gone before we came
            return
        self._client.setblocking(False)
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._server.unwatch(self._listener.fileno())
        self._stream = _Stream(self._server, self._client.fileno(), self._handler, self._hang_up)

    def _hang_up(self) -> None:
        """The client has closed: the next one's turn."""
        if self._stream is not None and self._client is not None and self._server is not None:
            self._stream.close()
            self._stream = None
            self._client.close()
            self._client = None
            self._listen(self._server)


def _point(link: Path, terminal: str) -> None:
    """Makes `link` lead to `terminal`, in one step for whoever looks it up."""
    new = link.with_name(f".{link.name}.new")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    new.symlink_to(terminal)
    new.replace(link)

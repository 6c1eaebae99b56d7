"""Runs the service on a port, until the process is told to stop."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sealkit.errors import AccessError, UsageError
from sealkit.station.service.app import create_app
from sealkit.station.service.context import Service
from sealkit.station.service.crowding import CONNECTIONS_MAX, CROWDED, REFUSED_MAX
from sealkit.station.service.logs import LogHandler

GRACE_S: Final = 20
"""How long requests that have begun may take after the service was told to stop."""
REQUEST_WAIT_S: Final = 30
"""How long a connection may be open without a request, up to the end of its headers."""
ANSWER_WAIT_S: Final = 120
"""How long a caller may take nothing of an answer. A slow line takes some of it now and then, since
the system sends on in large parts."""
HEAD_MAX: Final = 16 << 10
"""Bytes of a request's first line and headers."""
_BACKLOG: Final = 128


def open_port(host: str, port: int) -> socket.socket:
    """A socket that listens. port: 0 takes a free one.

    Errors: `AccessError` ADDRESS_BUSY, PORT_NOT_ALLOWED; `UsageError` HOST_UNKNOWN.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise _unknown(host) from None
    try:
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AccessError(
                "ADDRESS_BUSY",
                f"Another program listens on port {port} of {host}.",
                "Name another --port, or stop the other program.",
            ) from error
        if error.errno == errno.EACCES:
            raise AccessError(
                "PORT_NOT_ALLOWED",
                f"Port {port} is not for this user.",
                "Name a --port from 1024 on.",
            ) from error
        raise _unknown(host) from error


def _unknown(host: str) -> UsageError:
    return UsageError(
        "HOST_UNKNOWN",
        f"{host} is no address of this machine.",
        "Name one of its own addresses with --host; 127.0.0.1 is for this machine alone.",
    )


class _Impatient(H11Protocol):
    """Ends a connection on which no request comes whole, or no answer is taken, or that is one too
    many: each is one fewer for others.

    uvicorn's own limit refuses callers who came before, too, and never those who ask nothing.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._look_after(None)
        self._look_after_answer(0)
        too_many = len(self.connections) - CONNECTIONS_MAX
        if too_many > REFUSED_MAX:
            transport.abort()
        elif too_many > 0:
            self.app_state = {**self.app_state, CROWDED: True}

    def connection_lost(self, exc: Exception | None) -> None:
        self._looking.cancel()
        self._looking_at_answer.cancel()
        super().connection_lost(exc)

    def _look_after(self, request: object) -> None:
        self._looking = self.loop.call_later(REQUEST_WAIT_S, self._look, request)

    def _look(self, before: object) -> None:
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self.cycle is before:
            self.transport.close()
        else:
            self._look_after(self.cycle)

    def _look_after_answer(self, waiting: int) -> None:
        look = self._look_at_answer
        self._looking_at_answer = self.loop.call_later(ANSWER_WAIT_S, look, waiting)

    def _look_at_answer(self, before: int) -> None:
        """before: how many bytes waited to be taken."""
        waiting = self.transport.get_write_buffer_size()
        if waiting and waiting == before:
            self.transport.abort()
        else:
            self._look_after_answer(waiting)


def server_config(service: Service) -> uvicorn.Config:
    """How the service is served."""
    return uvicorn.Config(
        create_app(service),
        # Named, since what else may be installed bounds no headers.
        http=_Impatient,
        h11_max_incomplete_event_size=HEAD_MAX,
        backlog=_BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=GRACE_S,
    )


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve(service: Service, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serves until SIGTERM or SIGINT; what has begun is finished first.

    ready: called when it serves.
    """
    log = logging.getLogger("uvicorn")
    log.addHandler(LogHandler(service.log))
    log.propagate = False
    # uvicorn ends well, then raises the signal again that ended it: nothing is left to end.
    before = {number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        _Server(server_config(service), ready).run(sockets=[listening])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    pass

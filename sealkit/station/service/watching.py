"""Watches over every request: its id, its line in the log, its numbers, its headers, and that
nobody is shown an error which nobody expected. A HEAD is a GET whose body the server keeps back."""

from __future__ import annotations

import secrets
import time
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sealkit.errors import SealkitError
from sealkit.station.service.context import Service
from sealkit.station.service.refusals import refuse

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

HUNG_UP: Final = 499
"""The status in log and metrics of a request whose caller did not wait for an answer; nobody gets
it."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
_PATH_MAX: Final = 500


class Watching:
    """The outermost layer of the service."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began, status = secrets.token_hex(8), time.perf_counter(), 0
        method = scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers["X-Request-Id"] = request_id
                # The page's files are asked for again after an update, and belong together.
                is_api = scope["path"].startswith("/api/")
                headers["Cache-Control"] = "no-store" if is_api else "no-cache"
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        except ClientDisconnect:
            status = status or HUNG_UP
        except Exception as error:
            self._service.log.error("unexpected", request=request_id, exc_info=error)
            if status:
                raise  # Too late to answer anything else.
            unexpected = SealkitError(
                "UNEXPECTED",
                f"The service failed; its log tells more under {request_id}.",
                "Try again; if it happens again, report it.",
            )
            await refuse(Request(scope), unexpected)(scope, receive, with_headers)
        finally:
            self._note(scope, method, request_id, status, time.perf_counter() - began)

    def _note(
        self, scope: Scope, method: str, request_id: str, status: int, seconds: float
    ) -> None:
        # The path as it is declared, and methods that there are: what callers make up is not what
        # metrics are kept by.
        route = getattr(scope.get("route"), "path", "none")
        known = method if method in _METHODS and status != 405 else "other"
        self._service.metrics.requests.labels(known, route, str(status)).inc()
        self._service.metrics.seconds.labels(route).observe(seconds)
        state = scope.get("state", {})
        self._service.log.info(
            "request",
            request=request_id,
            method=method,
            path=scope["path"][:_PATH_MAX],
            status=status,
            milliseconds=round(seconds * 1000, 1),
            client=scope["client"][0] if scope.get("client") else None,
            token=state.get("token"),
            code=state.get("code"),
        )

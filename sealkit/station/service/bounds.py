"""How much may come in one request: judged while it comes, before memory is taken."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sealkit.station.service.context import API

EXPORT_MAX: Final = 32 << 20
"""Bytes of an export over HTTP; a seal's whole memory is far below. Larger ones are imported."""
BODY_MAX: Final = 256 << 10
"""Bytes of any other body."""
EXPORTS_AT: Final = f"{API}/evidence"


class BoundedBodies:
    """Ends a request with 413 as soon as its body is, or says it is, longer than it may be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = EXPORT_MAX if scope["path"] == EXPORTS_AT else BODY_MAX
        told = dict(scope["headers"]).get(b"content-length", b"0")
        # h11 has seen to it that the header is a number.
        says_too_long = int(told) > most
        came = 0

        # Closing ends what would come otherwise until the caller has sent it all.
        too_long = HTTPException(413, str(most), headers={"Connection": "close"})

        async def bounded() -> Message:
            nonlocal came
            if says_too_long:
                raise too_long
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise too_long
            return message

        await self._app(scope, bounded, send)

"""How much may come in one request, and for how long: judged while it comes."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sealkit.station.service.context import API

EXPORT_MAX: Final = 32 << 20
"""Bytes of an export over HTTP; a seal's whole memory is far below. Larger ones are imported."""
BODY_MAX: Final = 256 << 10
"""Bytes of any other body."""
BODY_WAIT_S: Final = 120
"""How long a whole body may take: each that is waited for holds memory and a connection."""
EXPORTS_AT: Final = f"{API}/evidence"


class BoundedBodies:
    """Ends a request with 413 as soon as its body is, or says it is, longer than it may be, before
    memory is taken; with 408 when it has taken too long."""

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
        came, is_whole = 0, False
        ends = asyncio.get_running_loop().time() + BODY_WAIT_S

        # Closing ends what would come otherwise until the caller has sent it all.
        close = {"Connection": "close"}
        too_long = HTTPException(413, str(most), headers=close)

        async def bounded() -> Message:
            nonlocal came, is_whole
            if says_too_long:
                raise too_long
            try:
                # What comes after a body is only that the caller hung up.
                async with asyncio.timeout_at(None if is_whole else ends):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, str(BODY_WAIT_S), headers=close) from None
            came += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if came > most:
                raise too_long
            return message

        await self._app(scope, bounded, send)

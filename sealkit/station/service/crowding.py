"""How many connections are served at once; whoever comes on one more is told to come again."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sealkit.errors import AccessError
from sealkit.station.service.refusals import RETRY_S, refuse

CONNECTIONS_MAX: Final = 256
"""Each may hold a body in memory, and all of them fit into the files that a process may open."""
REFUSED_MAX: Final = 64
"""So many more are answered, with 503; any further is closed without a word."""
CROWDED: Final = "crowded"
"""In the state of a request that came on a connection above CONNECTIONS_MAX."""


class NotTooMany:
    """Refuses what comes on a connection above CONNECTIONS_MAX, and closes it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope.get("state", {}).get(CROWDED):
            await self._app(scope, receive, send)
            return
        error = AccessError(
            "TOO_MANY_CONNECTIONS",
            f"More than {CONNECTIONS_MAX} connections are open.",
            f"Wait {RETRY_S} seconds, and close connections that are not used.",
        )
        answer = refuse(Request(scope), error)
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)

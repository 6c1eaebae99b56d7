"""The service as an ASGI application."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from sealkit import __version__
from sealkit.errors import SealkitError
from sealkit.station.service.bounds import BoundedBodies
from sealkit.station.service.context import Service
from sealkit.station.service.crowding import NotTooMany
from sealkit.station.service.refusals import refuse_http, refuse_input, refuse_sealkit
from sealkit.station.service.routes import (
    docs,
    evidence,
    fleet,
    operations,
    orders,
    pages,
    seals,
    session,
    witness,
)
from sealkit.station.service.watching import Watching

_ABOUT: Final = """\
A station's ledger of electronic seals. Errors are `{code, message, remedy}` in the language of
`Accept-Language` (en or zh). Times are seconds since 1970, numbers of seals texts such as
`500-23`, bytes hexadecimal.
"""


def create_app(service: Service) -> FastAPI:
    """The service's endpoints and page."""
    app = FastAPI(
        title="sealkit station",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    for routes in (session, evidence, fleet, seals, orders, witness, operations):
        app.include_router(routes.router)
    docs.mount(app)
    pages.mount(app)
    app.add_exception_handler(SealkitError, refuse_sealkit)
    app.add_exception_handler(HTTPException, refuse_http)
    app.add_exception_handler(RequestValidationError, refuse_input)
    app.add_middleware(BoundedBodies)
    app.add_middleware(NotTooMany)
    app.add_middleware(Watching, service=service)
    return app

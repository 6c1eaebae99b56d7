"""The web page and the public page, out of the directory page/."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles


def mount(app: FastAPI) -> None:
    """Gives out page/index.html at /, page/check.html at /check, all of page/ below /page/."""
    directory = Path(str(files("sealkit.station.service") / "page"))

    def index() -> FileResponse:
        return FileResponse(directory / "index.html")

    def check() -> FileResponse:
        return FileResponse(directory / "check.html")

    app.get("/", include_in_schema=False)(index)
    app.get("/check", include_in_schema=False)(check)
    app.mount("/page", StaticFiles(directory=directory, check_dir=False), name="page")

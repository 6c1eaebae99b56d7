"""A real browser without a window, for tests of a web page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from support import needs

needed: pytest.MarkDecorator = needs.program("chromium", package="chromium")
"""The mark of tests that use it."""
WAIT_MS: Final = 10_000
_ARGUMENTS: Final = [
    "--no-sandbox",  # It gets one neither as root nor in most containers.
    "--use-fake-device-for-media-stream",  # A camera that shows a test picture.
]
_REFUSED: Final = re.compile(r"status of 4\d\d")


@contextmanager
def running() -> Iterator[Browser]:
    """A browser from the beginning to the end of the block."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=_ARGUMENTS
        )
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser, *, refusals: bool = False, lost: bool = False, **context: Any
) -> Iterator[Page]:
    """A page in a profile of its own, which must have nothing to complain of.

    What a browser complains of: faults of scripts, violations of the Content-Security-Policy, what
    cannot be loaded. refusals: answers of 400 to 499 are expected; lost: so is no answer. context:
    as of playwright's `new_context`.
    """
    options = {"locale": "en-GB", "timezone_id": "Asia/Shanghai", **context}
    profile = browser.new_context(**options)
    page = profile.new_page()
    page.set_default_timeout(WAIT_MS)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        expected = (refusals and _REFUSED.search(message.text)) or (
            lost and "net::ERR_" in message.text
        )
        if message.type in ("error", "warning") and not expected:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    yield page
    profile.close()
    assert complaints == []

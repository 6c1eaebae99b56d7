"""Pictures of the station's page, for README.

    python tools/maintain/screenshots.py [--dir docs/station]

Makes a city, keeps it in a ledger, serves that, and looks at it with Debian's `chromium` (and the
fonts of `fonts-wqy-microhei`). The pictures are as of today, so no test compares them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from sealkit.appraisal import Conclusion, TrustBundle
from sealkit.crypto import get_suite
from sealkit.station.bulk.importing import import_all
from sealkit.station.bulk.submissions import sources_in
from sealkit.station.bulk.verifying import verify_all
from sealkit.station.ledger import Ledger
from sealkit.station.proof.proving import StationIdentity, attested
from sealkit.station.service.tokens import AccessRole, make_token
from sealkit.station.storage.fleet import FleetQuery
from sealkit_simulator.city.plan import CityPlan
from sealkit_tools.sim.city_command import TRUST_FILE, make

DIRECTORY: Final = Path(__file__).parents[2] / "docs" / "station"
SEALKIT: Final = Path(sys.executable).with_name("sealkit")
COLOURS: Final = 128
DESK: Final = {"viewport": {"width": 1120, "height": 740}}
PHONE: Final = {"viewport": {"width": 390, "height": 740}, "is_mobile": True, "has_touch": True}


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """The service on a ledger, in a process of its own; its address."""
    command = [str(SEALKIT), "station", "serve", "--dir", str(directory), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["address"]
        finally:
            process.terminate()


@contextmanager
def opened(browser: Browser, address: str, language: str, **context: Any) -> Iterator[Page]:
    """A page in a profile of its own."""
    profile = browser.new_context(locale=language, timezone_id="Asia/Shanghai", **context)
    page = profile.new_page()
    page.goto(address)
    yield page
    profile.close()


def sign_in(page: Page, token: str) -> None:
    """Signs in, and waits for the fleet."""
    page.locator("#token").fill(token)
    page.locator("#token").press("Enter")
    page.locator(".tiles").wait_for()


def keep(page: Page, path: Path, height: int, top: str = "body") -> None:
    """Keeps the page from an element on, with few colours: it is text on flat ground."""
    width = page.evaluate("innerWidth")
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("document.activeElement.blur()")
    page.locator(top).evaluate("it => scrollTo(0, it.getBoundingClientRect().top + scrollY)")
    picture = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"wrote {path} ({path.stat().st_size // 1000} kB)")


def take(directory: Path, work: Path) -> None:
    """Makes the city and the pictures. directory: of the pictures."""
    now = int(time.time())
    plan = CityPlan(seals=320, seed=1, until=now, records=60, planted=18)
    city = make(work / "city", plan)
    station = city.people.workshops[0].station
    key = get_suite(plan.suite).private_key(station.scalar)
    with Ledger.in_directory(work / "ledger") as ledger:
        ledger.use_trust(TrustBundle.from_json((work / "city" / TRUST_FILE).read_bytes()), now)
        import_all(ledger, sources_in(work / "city", received=now, submitter="-"))
        for _ in verify_all(ledger, ledger.bench(), now):
            pass
        token = make_token(
            ledger.database, station.name, AccessRole.STATION, now=now, valid_s=3_600
        )[1]
        intact = ledger.seals(FleetQuery(conclusion=Conclusion.INTACT))[0]
        identity = StationIdentity(key, station.credential, station.issuers)
        statement = attested(ledger, intact.number, identity, now).text
        cleared = ledger.seals(FleetQuery(code="BROKEN_BEFORE"))[0].number
        copied = ledger.seals(FleetQuery(code="HISTORY_FORKED"))[0].number

    with served(work / "ledger") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        with opened(browser, address, "en-GB", **DESK) as page:
            sign_in(page, token)
            keep(page, directory / "fleet.png", 740)
        with opened(browser, address, "zh-CN", **DESK) as page:
            sign_in(page, token)
            page.goto(f"{address}#/seal/{cleared}")
            page.locator("input[value=chain]").check()
            keep(page, directory / "history.png", 1540)
        with opened(browser, address, "en-GB", **DESK) as page:
            sign_in(page, token)
            page.goto(f"{address}#/seal/{copied}")
            page.locator("input[value=chain]").check()
            fold = "all => all.forEach((details) => { details.open = false; })"
            page.locator(".event details").evaluate_all(fold)
            keep(page, directory / "fork.png", 1100, ".history")
        with opened(browser, f"{address}check", "zh-CN", **PHONE) as page:
            page.locator("#text").fill(statement)
            page.locator("#text").press("Enter")
            page.locator(".banner").wait_for()
            keep(page, directory / "check.png", 980)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", type=Path, default=DIRECTORY, help="where the pictures go")
    directory = parser.parse_args().dir
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        take(directory, Path(work))


if __name__ == "__main__":
    main()

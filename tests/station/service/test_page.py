"""The station's page in a browser, on a service with a small city in its ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from station.service import desk
from support import browser as browsing

from sealkit.appraisal import Conclusion, TrustBundle
from sealkit.crypto import get_suite
from sealkit.keys.credentialfile import write_credentials
from sealkit.seal.orderfile import parse_order_file
from sealkit.station.bulk.submissions import sources_in
from sealkit.station.ledger import Ledger
from sealkit.station.proof.proving import StationIdentity, attested
from sealkit.station.service.tokens import AccessRole, make_token
from sealkit.station.storage.fleet import FleetQuery, SealSummary
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import OrderKind
from sealkit_simulator.city.plan import CityPlan
from sealkit_tools.sim.city_command import TRUST_FILE, make

pytestmark = browsing.needed

NOW = 1_795_500_000  # 2026-11-24
DAY = 86_400
PLAN = CityPlan(seals=20, seed=3, until=NOW, records=30, planted=9)
HOSTILE = "<script>alert(1)</script>"
HOSTILE_PLATE = "<img src=x onerror=alert(2)>"
PHONE = {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True}
TIMES = "all => all.map((one) => one.dateTime)"
DETECTOR = """
globalThis.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect(video) {
    return video.videoWidth > 0 && globalThis.shown ? [{ rawValue: globalThis.shown }] : [];
  }
};
"""
"""What reads QR codes where a browser has it: sees `shown` once the camera gives a picture."""
PAGE = Path(str(files("sealkit.station.service"))) / "page"


@dataclass
class Station:
    """A service that runs. hostile: the seal whose last evidence came from somebody with a hostile
    name, who saw a hostile plate. clock: the service's, which a test may set."""

    address: str
    ledger: Ledger
    identity: StationIdentity
    hostile: SealNumber
    tokens: dict[AccessRole, str]
    clock: desk.Clock

    def first(self, conclusion: Conclusion) -> SealSummary:
        """The first seal of which this was concluded."""
        return self.ledger.seals(FleetQuery(conclusion=conclusion))[0]

    def moved(self) -> SealSummary:
        """The seal that went to another vehicle."""
        found = self.ledger.seals(FleetQuery(code="SEAL_TWO_VEHICLES"))
        return next(seal for seal in found if seal.number != self.hostile)

    def past_plate(self, seal: SealSummary) -> str:
        """The plate that it was sealed to before."""
        plates = self.ledger.find_plate("沪")
        return next(p for number, p in plates if number == seal.number and p != seal.plate)

    def statement(self) -> tuple[SealSummary, str]:
        """An intact seal, and the text of its QR code."""
        seal = self.first(Conclusion.INTACT)
        return seal, attested(self.ledger, seal.number, self.identity, NOW).text


def fill(directory: Path, ledger: Ledger) -> tuple[StationIdentity, SealNumber]:
    """A city into a ledger; a station of it, and the seal with the hostile visit."""
    city = make(directory, PLAN)
    ledger.use_trust(TrustBundle.from_json((directory / TRUST_FILE).read_bytes()), NOW)
    odd = {number for one in (*city.faults, *city.decoys) for number in one.seals}
    sources = sources_in(directory, received=NOW, submitter="-")
    hostile = next(one for one in reversed(sources) if _number(one.name) not in odd)
    for source in sources:
        visit = source.visit
        if source is hostile:
            visit = visit._replace(submitter=HOSTILE, plate_seen=HOSTILE_PLATE)
        assert isinstance(source.data, Path)
        ledger.ingest_export(source.data.read_bytes(), visit)
    for seal in ledger.seals():
        ledger.judge(seal.number, NOW)
    station = city.people.workshops[0].station
    key = get_suite(PLAN.suite).private_key(station.scalar)
    identity = StationIdentity(key, station.credential, station.issuers)
    return identity, SealNumber.from_text(_number(hostile.name))


def _number(name: str) -> str:
    """exports/500-1001-3.seal is of 500-1001."""
    return "-".join(Path(name).stem.split("-")[:2])


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory, shared_url: str) -> Iterator[Station]:
    with Ledger(shared_url) as ledger:
        identity, hostile = fill(tmp_path_factory.mktemp("city") / "city", ledger)
        tokens = {
            role: make_token(ledger.database, f"The {role.value}", role, now=NOW, valid_s=DAY)[1]
            for role in AccessRole
        }
        with desk.running(ledger, signer=identity) as running:
            running.clock.now = NOW
            yield Station(f"{running.address}/", ledger, identity, hostile, tokens, running.clock)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.running() as running:
        yield running


@contextmanager
def signed_in(
    browser: Browser, station: Station, role: AccessRole = AccessRole.STATION, **options: Any
) -> Iterator[Page]:
    """The page after signing in."""
    with browsing.opened(browser, **options) as page:
        page.goto(station.address)
        sign_in(page, station.tokens[role])
        yield page


def sign_in(page: Page, token: str) -> None:
    page.locator("#token").fill(token)
    page.locator("#token").press("Enter")
    expect(page.locator("header .who")).to_have_count(1)


def find(page: Page, text: str) -> None:
    page.get_by_role("search").get_by_role("searchbox").fill(text)
    page.get_by_role("search").get_by_role("button").click()


def open_seal(page: Page, station: Station, number: SealNumber) -> None:
    page.goto(f"{station.address}#/seal/{number}")
    expect(page.locator("h1")).to_contain_text(str(number))


def test_signing_in_keeps_the_token_in_this_tab_alone(browser: Browser, station: Station) -> None:
    with browsing.opened(browser, refusals=True) as page:
        addresses: list[str] = []
        page.on("request", lambda request: addresses.append(request.url))
        page.goto(station.address)
        page.get_by_label("Access token").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("ask the station for a new one")
        token = station.tokens[AccessRole.INSPECTOR]
        sign_in(page, token)
        expect(page.locator("h1")).to_have_text("The fleet at a glance")
        page.reload()
        expect(page.locator("h1")).to_have_text("The fleet at a glance")
        kept = page.evaluate("[sessionStorage, localStorage, document.cookie].map(JSON.stringify)")
        assert token in kept[0]
        assert token not in kept[1] + kept[2]
        assert not any(token in address for address in (*addresses, page.url))
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Access token")).to_be_visible()
        assert page.evaluate("sessionStorage.length") == 0


def test_the_fleet_at_a_glance_leads_to_lists(browser: Browser, station: Station) -> None:
    told = station.ledger.overview(NOW)
    with signed_in(browser, station) as page:
        for conclusion, name in (
            (Conclusion.INTACT, "Intact"),
            (Conclusion.BROKEN, "Broken"),
            (Conclusion.UNDETERMINED, "Undetermined"),
        ):
            count = told.counts[conclusion]
            tile = page.locator(".tile", has_text=name)
            expect(tile.locator(".figure")).to_have_text(str(count))
            tile.click()
            expect(page.locator("tbody tr")).to_have_count(count)
            expect(page.locator("tbody .badge", has_text=name)).to_have_count(count)
            page.go_back()
        page.locator(".tile", has_text="Not judged").click()
        expect(page.locator("main")).to_contain_text("No seal fits.")
        page.go_back()
        page.locator(".tile", has_text="Overdue").click()
        expect(page.locator("tbody tr")).to_have_count(told.overdue)
        expect(page.locator("tbody .late")).to_have_count(told.overdue)


def test_a_long_list_comes_page_by_page(browser: Browser, station: Station) -> None:
    def in_small_pages(route: Route) -> None:
        route.continue_(url=route.request.url.replace("limit=50", "limit=8"))

    with signed_in(browser, station) as page:
        page.route("**/api/v1/seals?*", in_small_pages)
        page.goto(f"{station.address}#/seals")
        expect(page.locator("tbody tr")).to_have_count(8)
        seen = page.locator("tbody .number").all_inner_texts()
        for more in (8, PLAN.seals - 16):
            page.get_by_role("link", name="Next page").click()
            expect(page.locator("tbody .number").first).not_to_have_text(seen[-8])
            expect(page.locator("tbody tr")).to_have_count(more)
            seen += page.locator("tbody .number").all_inner_texts()
        expect(page.get_by_role("link", name="Next page")).to_have_count(0)
        assert seen == [str(seal.number) for seal in station.ledger.seals()]


def test_a_plate_leads_to_the_history_in_both_languages(browser: Browser, station: Station) -> None:
    seal = station.moved()
    assert seal.plate is not None
    with signed_in(browser, station) as page:
        find(page, seal.plate[-5:])
        page.get_by_role("link", name=str(seal.number)).first.click()
        expect(page.locator(".banner")).to_contain_text("Broken")
        expect(page.locator(".finding").first).to_contain_text(seal.findings[0].message("en"))
        expect(page.locator(".finding").first).to_contain_text(seal.findings[0].remedy("en"))
        sealing = page.locator(".event.order").filter(has_text=station.past_plate(seal)).first
        expect(sealing.locator(".who")).to_contain_text("technician")
        expect(page.locator(".event.verdict").first).to_contain_text("Broken")
        changes = page.locator(".changes").filter(has_text=station.past_plate(seal)).first
        expect(changes.get_by_role("columnheader")).to_have_text(["Parameter", "Before", "After"])
        plates = ["plate", station.past_plate(seal), seal.plate]
        expect(changes.get_by_role("row").filter(has_text=seal.plate)).to_have_text("".join(plates))

        page.get_by_role("button", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        expect(page.locator(".banner")).to_contain_text("已破坏")
        expect(page.locator(".finding").first).to_contain_text(seal.findings[0].message("zh"))
        expect(sealing.locator(".who")).to_contain_text("技术员")
        page.reload()
        expect(page.locator(".banner")).to_contain_text("已破坏")
        page.get_by_role("button", name="English").click()
        expect(page.locator(".banner")).to_contain_text("Broken")


def test_the_language_is_at_first_the_browsers(browser: Browser, station: Station) -> None:
    with browsing.opened(browser, locale="zh-TW") as page:
        page.goto(station.address)
        expect(page.get_by_role("heading", level=1)).to_have_text("登录")


def test_the_line_of_time_shows_what_is_asked_for(browser: Browser, station: Station) -> None:
    with signed_in(browser, station) as page:
        open_seal(page, station, station.first(Conclusion.INTACT).number)
        events = page.locator(".event")
        expect(events.first).to_be_visible()
        times = page.locator(".when time").evaluate_all(TIMES)
        assert times == sorted(times, reverse=True)
        page.get_by_label("newest first").uncheck()
        turned = page.locator(".when time").evaluate_all(TIMES)
        assert turned == sorted(times)
        whole = events.count()
        page.get_by_label("orders and tampering").check()
        expect(page.locator(".event.evidence, .event.verdict")).to_have_count(0)
        chain = events.count()
        page.get_by_label("evidence and verdicts").check()
        expect(page.locator(".event.order, .event.record")).to_have_count(0)
        assert events.count() + chain == whole


def test_a_copys_history_is_drawn_as_a_line_that_branches(
    browser: Browser, station: Station
) -> None:
    [seal, *_] = station.ledger.seals(FleetQuery(code="HISTORY_FORKED"))
    with signed_in(browser, station) as page:
        open_seal(page, station, seal.number)
        fork = page.locator(".event.fork")
        expect(fork.first).to_contain_text("The history parts after record")
        # What follows stands beside the first line, on one that is drawn from there on.
        other = page.locator(".event.order.other, .event.record.other, .event.tamper.other")
        expect(other.first.locator(".lane.other")).not_to_have_count(0)
        here = page.locator(".event:not(.other) .mark").first.bounding_box()
        there = other.first.locator(".mark").bounding_box()
        assert here is not None
        assert there is not None
        assert there["x"] > here["x"] + here["width"] / 2
        page.get_by_label("newest first").uncheck()
        below = page.locator(".event.fork:first-of-type ~ .event.other, .event.fork ~ .event.other")
        expect(below.first).to_be_visible()
        page.get_by_label("evidence and verdicts").check()
        expect(fork.first).to_be_visible()
        open_seal(page, station, station.first(Conclusion.INTACT).number)
        expect(page.locator(".event").first).to_be_visible()
        expect(page.locator(".event.fork, .lane.other")).to_have_count(0)


def test_the_lines_of_two_histories_fit_a_phone(browser: Browser, station: Station) -> None:
    [seal, *_] = station.ledger.seals(FleetQuery(code="HISTORY_FORKED"))
    with signed_in(browser, station, **PHONE) as page:
        open_seal(page, station, seal.number)
        for event in page.locator(".event.other").all():
            mark = event.locator(".mark").first.bounding_box()
            body = event.locator(".body").first.bounding_box()
            assert mark is not None
            assert body is not None
            assert mark["x"] + mark["width"] <= body["x"] + 1


def test_only_a_fleet_that_was_judged_is_well(browser: Browser, station: Station) -> None:
    told = {"seals": 0, "not_judged": 0}

    def other_fleet(route: Route) -> None:
        counts = {"intact": 0, "broken": 0, "undetermined": 0, "not_judged": told["not_judged"]}
        answer = {**route.fetch().json(), "seals": told["seals"], "counts": counts, "newest": []}
        route.fulfill(json=answer)

    with signed_in(browser, station) as page:
        page.route("**/api/v1/overview", other_fleet)
        page.goto(f"{station.address}#/leads")
        page.get_by_role("link", name="Fleet", exact=True).click()
        expect(page.locator(".empty")).to_contain_text("no seal yet")
        told.update(seals=3, not_judged=3)
        page.goto(f"{station.address}#/leads")
        page.get_by_role("link", name="Fleet", exact=True).click()
        expect(page.locator(".empty")).to_contain_text("not judged yet")
        expect(page.locator(".empty .icon.intact")).to_have_count(0)


def test_a_finding_leads_to_its_record(browser: Browser, station: Station) -> None:
    [seal] = station.ledger.seals(FleetQuery(code="ORDER_CREDENTIAL"))
    record = next(one.record for one in seal.findings if one.code == "ORDER_CREDENTIAL")
    with signed_in(browser, station) as page:
        open_seal(page, station, seal.number)
        page.get_by_label("evidence and verdicts").check()
        page.get_by_role("button", name=f"see record {record}").first.click()
        expect(page.locator(f'[data-record="{record}"]').first).to_be_focused()
        page.get_by_role("link", name="ORDER_CREDENTIAL").first.click()
        expect(page.locator("tbody .number")).to_have_text([str(seal.number)])


def test_search_finds_numbers_and_plates_of_the_past(browser: Browser, station: Station) -> None:
    moved = station.moved()
    past = station.past_plate(moved)
    with signed_in(browser, station) as page:
        find(page, past)
        row = page.get_by_role("row").filter(has_text=str(moved.number))
        expect(row.filter(has_text=past)).to_contain_text("formerly")
        find(page, str(moved.number))
        expect(page.locator("tbody tr")).to_have_count(1)
        page.goto(f"{station.address}#/search")
        expect(page.locator("h1")).to_have_text("Find a seal")
        find(page, "no such plate")
        expect(page.locator(".empty")).to_contain_text("none was ever sealed")


def test_bundle_and_certificate_are_loaded(
    browser: Browser, station: Station, tmp_path: Path
) -> None:
    seal = station.first(Conclusion.INTACT)
    with signed_in(browser, station) as page:
        open_seal(page, station, seal.number)
        for button, ending, start in (
            ("Evidence bundle", ".sealbundle", b""),
            ("Certificate (PDF)", ".pdf", b"%PDF-"),
        ):
            with page.expect_download() as download:
                page.get_by_role("button", name=button).click()
            name = download.value.suggested_filename
            assert name.startswith(str(seal.number))
            assert name.endswith(ending)
            download.value.save_as(tmp_path / name)
            assert (tmp_path / name).read_bytes().startswith(start)
            expect(page.get_by_role("status")).to_contain_text(name)
        open_seal(page, station, station.first(Conclusion.BROKEN).number)
        expect(page.get_by_role("button", name="Evidence bundle")).to_be_visible()
        expect(page.get_by_role("button", name="Certificate (PDF)")).to_have_count(0)


def test_a_seal_is_judged_now(browser: Browser, station: Station) -> None:
    seal = station.first(Conclusion.UNDETERMINED)
    before = len(station.ledger.judgements(seal.number))
    with signed_in(browser, station) as page:
        open_seal(page, station, seal.number)
        expect(page.locator(".event.verdict")).to_have_count(before)
        page.get_by_role("button", name="Judge now").click()
        expect(page.locator(".event.verdict")).to_have_count(before + 1)
    assert len(station.ledger.judgements(seal.number)) == before + 1


def test_a_draw_is_made_in_two_steps_and_can_be_repeated(
    browser: Browser, station: Station
) -> None:
    with signed_in(browser, station, AccessRole.INSPECTOR) as page:
        page.get_by_role("link", name="Draw", exact=True).click()
        page.get_by_role("button", name="Sign and show it").click()
        size = station.ledger.tree_size()
        expect(page.get_by_role("status")).to_contain_text(station.ledger.root(size).hex())
        expect(page.get_by_label("Size of the tree")).to_have_value(str(size))
        page.get_by_label("How many").fill("4")
        page.get_by_label("Seed").fill("o'clock 7 13")
        page.get_by_role("button", name="Draw", exact=True).click()
        drawn = station.ledger.draw("o'clock 7 13", 4, size)
        numbers = [str(one.number) for one in drawn.drawn]
        expect(page.locator("tbody .number")).to_have_text(numbers)
        plates = {str(seal.number): seal.plate or "no plate" for seal in station.ledger.seals()}
        for row, number in enumerate(numbers):
            expect(page.locator("tbody tr").nth(row)).to_contain_text(plates[number])
        expect(page.locator(".repeat")).to_contain_text(f"'o'\\''clock 7 13' --size {size}")
        page.reload()
        expect(page.locator("tbody .number")).to_have_text(numbers)


def test_an_order_is_prepared_for_those_who_sign_it(
    browser: Browser, station: Station, tmp_path: Path
) -> None:
    seal = station.first(Conclusion.INTACT)
    credential = tmp_path / "station.cred"
    write_credentials(credential, station.identity.chain)
    with signed_in(browser, station, refusals=True) as page:
        open_seal(page, station, seal.number)
        page.get_by_text("Prepare an order…").click()
        form = page.locator(".order-form")
        form.locator("select[name=kind]").select_option("adjust_clock")
        form.get_by_role("button", name="Prepare").click()
        expect(form.get_by_role("alert")).to_contain_text("No credential is given")
        form.get_by_label("Station's credential").set_input_files(credential)
        form.get_by_label("Change in seconds").fill("7")
        with page.expect_download() as download:
            form.get_by_role("button", name="Prepare").click()
        download.value.save_as(tmp_path / "order.json")
        order = parse_order_file((tmp_path / "order.json").read_bytes()).draft.order
        number = SealNumber(order.maker, order.serial)
        assert (order.kind, number) == (OrderKind.ADJUST_CLOCK, seal.number)
        expect(form.get_by_role("status")).to_contain_text("sealkit order sign")
        # What an order of another kind needs is asked for, and nothing else.
        form.locator("select[name=kind]").select_option("unseal")
        expect(form.get_by_label("Challenge of the seal")).to_be_visible()
        expect(form.get_by_label("Change in seconds")).to_be_hidden()
        form.locator("select[name=kind]").select_option("acknowledge")
        expect(form.get_by_label("Challenge of the seal")).to_be_hidden()


def test_the_journal_is_acknowledged(browser: Browser, station: Station) -> None:
    seal = station.first(Conclusion.INTACT)
    before = len(station.ledger.acknowledgements(seal.number))
    with signed_in(browser, station) as page:
        open_seal(page, station, seal.number)
        page.get_by_role("button", name="Acknowledge journal").click()
        expect(page.locator(".event.acknowledgement")).to_have_count(before + 1)
    assert len(station.ledger.acknowledgements(seal.number)) == before + 1


def test_leads_are_kept_apart(browser: Browser, station: Station) -> None:
    lead = {
        "kind": "k_unusual",
        "subject": "500-1001",
        "detail": {"en": "K 1104", "zh": "K 1104"},
        "score": 1.0,
    }
    with signed_in(browser, station) as page:
        page.route("**/api/v1/leads", lambda route: route.fulfill(json=[lead]))
        page.get_by_role("link", name="Leads").click()
        expect(page.locator("main")).to_contain_text("These are leads, not verdicts.")
        expect(page.locator(".lead-item")).to_contain_text("lead, no verdict")
        expect(page.locator("main .badge, main .broken")).to_have_count(0)


def test_an_account_without_the_right_sees_nothing(browser: Browser, station: Station) -> None:
    for role in (AccessRole.TECHNICIAN, AccessRole.MONITOR):
        with browsing.opened(browser) as page:
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))  # noqa: B023
            page.goto(station.address)
            sign_in(page, station.tokens[role])
            for place in ("", "seals", f"seal/{station.hostile}", "search?text=A", "leads", "draw"):
                page.goto(f"{station.address}#/{place}")
                expect(page.get_by_role("alert")).to_contain_text("no right to look at this")
            expect(page.get_by_role("search")).to_have_count(0)
            expect(page.locator("nav, main button, table")).to_have_count(0)
            assert {url for url in asked if "/api/" in url} == {f"{station.address}api/v1/session"}


def test_an_inspector_looks_and_changes_nothing(browser: Browser, station: Station) -> None:
    with signed_in(browser, station, AccessRole.INSPECTOR) as page:
        open_seal(page, station, station.first(Conclusion.INTACT).number)
        expect(page.get_by_role("button", name="Evidence bundle")).to_be_visible()
        expect(page.get_by_role("button", name="Judge now")).to_have_count(0)
        expect(page.get_by_role("button", name="Acknowledge journal")).to_have_count(0)
        expect(page.locator(".order-form")).to_have_count(0)


def test_a_withdrawn_token_ends_at_signing_in(browser: Browser, station: Station) -> None:
    with signed_in(browser, station, refusals=True) as page:
        station.clock.now = NOW + 2 * DAY
        try:
            page.goto(f"{station.address}#/leads")
            expect(page.get_by_label("Access token")).to_be_visible()
            expect(page.get_by_role("alert")).to_contain_text("What to do:")
        finally:
            station.clock.now = NOW
        assert page.evaluate("sessionStorage.length") == 0


def test_errors_are_told_with_a_remedy(browser: Browser, station: Station) -> None:
    with signed_in(browser, station, refusals=True, lost=True) as page:
        page.goto(f"{station.address}#/seal/500-99")
        expect(page.get_by_role("alert")).to_contain_text("SEAL_UNKNOWN")
        expect(page.get_by_role("alert")).to_contain_text("What to do:")
        page.context.set_offline(True)
        page.get_by_role("link", name="Fleet").click()
        expect(page.get_by_role("alert")).to_contain_text("The service does not answer.")
        page.get_by_role("button", name="中文").click()
        expect(page.get_by_role("alert")).to_contain_text("服务没有应答")
        page.context.set_offline(False)
        page.get_by_role("button", name="重试").click()
        expect(page.locator(".tile")).to_have_count(5)


def test_what_data_says_is_never_markup(browser: Browser, station: Station) -> None:
    def hostile_plates(route: Route) -> None:
        answer = route.fetch().json()
        for seal in answer["newest"]:
            seal["plate"] = HOSTILE_PLATE
        route.fulfill(json=answer)

    with signed_in(browser, station) as page:
        open_seal(page, station, station.hostile)
        expect(page.locator(".finding").first).to_contain_text(HOSTILE_PLATE)
        expect(page.locator(".event", has_text=HOSTILE).first).to_be_attached()
        page.route("**/api/v1/overview", hostile_plates)
        page.get_by_role("link", name="Fleet").click()
        expect(page.locator(".plate").first).to_have_text(HOSTILE_PLATE)
        page.unroute("**/api/v1/overview")
        find(page, HOSTILE)
        expect(page.locator("h1")).to_contain_text(HOSTILE)
        assert page.locator("body script, body img").count() == 0


def test_a_statement_is_checked_by_anybody(browser: Browser, station: Station) -> None:
    seal, text = station.statement()
    middle = len(text) // 2
    altered = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
    with browsing.opened(browser) as page:
        page.goto(f"{station.address}check")
        result = page.get_by_role("status")
        # As a handheld scanner does: into the field that has the focus, with Enter at the end.
        page.keyboard.insert_text(text)
        page.keyboard.press("Enter")
        expect(result.locator(".banner.intact .word")).to_have_text("It holds")
        expect(result).to_contain_text(seal.plate or "-")
        expect(result).to_contain_text(str(seal.number))
        page.get_by_role("button", name="中文").click()
        expect(result.locator(".word")).to_have_text("确认有效")
        expect(page.locator("#text")).to_have_value(text)
        page.get_by_role("button", name="English").click()

        page.get_by_label("Text of the code").fill(altered)
        page.get_by_role("button", name="Check").click()
        expect(result.locator(".banner.broken .word")).to_have_text("Not genuine")
        expect(result).not_to_contain_text(str(seal.number))

        station.clock.now = NOW + 2 * 366 * DAY
        try:
            page.get_by_label("Text of the code").fill(text)
            page.get_by_role("button", name="Check").click()
            expect(result.locator(".banner.undetermined .word")).to_have_text("Expired")
        finally:
            station.clock.now = NOW


def test_a_code_is_scanned_where_the_browser_can(browser: Browser, station: Station) -> None:
    with browsing.opened(browser) as page:
        page.goto(f"{station.address}check")
        expect(page.get_by_role("button", name="Scan with the camera")).to_be_hidden()
        page.add_init_script(DETECTOR)
        page.reload()
        page.get_by_role("button", name="Scan with the camera").click()
        expect(page.get_by_role("status")).to_contain_text("The camera cannot be used.")
        page.context.grant_permissions(["camera"])
        page.get_by_role("button", name="Scan with the camera").click()
        expect(page.locator("video")).to_be_visible()
        page.get_by_role("button", name="Stop the camera").click()
        expect(page.locator("video")).to_be_hidden()
        page.get_by_role("button", name="Scan with the camera").click()
        page.evaluate("text => { globalThis.shown = text; }", station.statement()[1])
        expect(page.locator(".banner.intact .word")).to_have_text("It holds")
        expect(page.locator("video")).to_be_hidden()


def test_a_statement_holds_no_longer_once_the_seal_was_found_broken(
    browser: Browser, station: Station
) -> None:
    def found_broken(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), "later": {"conclusion": "broken"}})

    with browsing.opened(browser) as page:
        page.route("**/api/v1/attestations/check", found_broken)
        page.goto(f"{station.address}check")
        page.get_by_label("Text of the code").fill(station.statement()[1])
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".banner.broken .word")).to_have_text("No longer holds")


def test_on_paper_is_only_what_can_be_read_there(browser: Browser, station: Station) -> None:
    with signed_in(browser, station) as page:
        open_seal(page, station, station.first(Conclusion.INTACT).number)
        folded = page.locator(".changes").last
        expect(folded).to_be_hidden()
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(folded).to_be_visible()
        expect(page.locator("nav:visible, form:visible, button:visible")).to_have_count(0)
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(folded).to_be_hidden()


def test_it_fits_a_phone(browser: Browser, station: Station) -> None:
    with signed_in(browser, station, locale="zh-CN", **PHONE) as page:
        number = station.first(Conclusion.BROKEN).number
        for place in ("", "seals", f"seal/{number}", "search?text=A", "leads", "draw?seed=a"):
            page.goto(f"{station.address}#/{place}")
            expect(page.locator("main")).not_to_have_attribute("aria-busy", re.compile(".*"))
            expect(page.locator("h1")).to_be_visible()
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, place


def test_the_keyboard_is_enough(browser: Browser, station: Station) -> None:
    with signed_in(browser, station) as page:
        page.keyboard.press("Tab")
        page.reload()
        expect(page.locator(".tile")).to_have_count(5)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator(".tile.intact")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_be_focused()
        expect(page.locator("h1")).to_have_text("Seals")


def test_every_word_is_there() -> None:
    words = (PAGE / "words.js").read_text("utf-8")
    known = re.findall(r'^  "?([\w. ]+)"?: {', words, re.MULTILINE)
    assert len(known) == len(set(known))
    for script in PAGE.rglob("*.js"):
        for key in re.findall(r'\bsay\("(\w+)"', script.read_text("utf-8")):
            assert key in known, script.name
    assert words.count(" en: ") == words.count(" zh: ") == len(known)


def test_the_files_name_nothing_outside() -> None:
    for file in PAGE.rglob("*.*"):
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//\w+\.\w+/", text), file.name

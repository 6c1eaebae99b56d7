"""What the service tells of the fleet, of a seal, and of the tree."""

from __future__ import annotations

from station.fleet import NOW, YEAR, filled, handed_in, people, plate, taxi
from station.service.desk import Desk, running

from sealkit.appraisal.bundle import from_bundle
from sealkit.rules.merkle import verify_consistency, verify_inclusion
from sealkit.station.proof.proving import attested
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import Cause
from sealkit.wire.witness import TREE_HEAD

SEAL = "/api/v1/seals/500-3"


def test_the_fleet_at_a_glance_and_in_pages(desk: Desk) -> None:
    with desk.caller(valid_s=3 * YEAR) as caller:
        broken = taxi(3)
        broken.tamper(Cause.CASE_OPENED)
        for log in (taxi(1), broken, taxi(4)):
            assert caller.post("/api/v1/evidence", content=handed_in(log)).status_code == 200
        told = caller.get("/api/v1/overview").json()
        assert told["counts"]["not_judged"] == 1  # What was imported waits for its verdict.
        assert told["counts"]["broken"] >= 1
        assert told["seals"] == sum(told["counts"].values()) == 4
        assert "500-3" in [seal["number"] for seal in told["newest"]]
        assert (told["overdue"], told["time"]) == (0, NOW)
        numbers, after = [], None
        while True:
            query = {"limit": 2} | ({} if after is None else {"after": after})
            page = caller.get("/api/v1/seals", params=query).json()
            numbers += [seal["number"] for seal in page["seals"]]
            after = page["next"]
            if after is None:
                break
        assert numbers == ["500-1", "500-2", "500-3", "500-4"]
        assert page["seals"]  # No page is empty but that of no seals.
        past = caller.get("/api/v1/seals", params={"after": "500-4"}).json()
        assert past == {"seals": [], "next": None}

        def listed(**query: str) -> list[str]:
            page = caller.get("/api/v1/seals", params=query).json()
            return [seal["number"] for seal in page["seals"]]

        assert listed(number="500-4") == ["500-4"]
        assert listed(state="tampered") == listed(code="CASE_OPENED") == ["500-3"]
        assert listed(plate="A00004") == ["500-4"]
        assert listed(conclusion="intact", overdue="true") == []
        assert caller.get("/api/v1/plates", params={"text": "A00003"}).json() == [
            {"seal": "500-3", "plate": "沪A00003"}
        ]
        desk.clock.now = NOW + 2 * YEAR
        assert "500-4" in listed(overdue="true")
        assert caller.get("/api/v1/leads").json() == []


def test_a_draw_can_be_repeated(desk: Desk) -> None:
    with desk.caller() as caller:
        query = {"seed": "the words", "sample": "1"}
        told = caller.get("/api/v1/draw", params=query).json()
        again = caller.get("/api/v1/draw", params={**query, "size": str(told["size"])}).json()
        assert caller.get("/api/v1/draw", params={**query, "size": "999"}).status_code == 404
    assert told == again
    assert told["numbers"] == ["500-1", "500-2"]
    [drawn] = told["drawn"]
    # It was not judged yet, and its orders tell the plate.
    assert drawn["plate"] == plate(int(drawn["number"].removeprefix("500-")))


def test_a_history_tells_who_did_what_with_the_parameters_before_and_after(desk: Desk) -> None:
    log = taxi(3)
    log.tamper(Cause.CASE_OPENED)
    log.clear()
    with desk.caller() as caller:
        caller.post("/api/v1/evidence", content=handed_in(log))
        caller.post(f"{SEAL}/acknowledgements")
        told = caller.get(f"{SEAL}/history").json()
    assert told["seal"] == told["summary"]["number"] == "500-3"
    events = told["events"]
    assert [event["kind"] for event in events] == [
        "record", "order", "order", "tamper", "order", "evidence", "acknowledgement", "verdict",
    ]  # fmt: skip
    sealing = events[2]
    assert sealing["what"] == {"en": "order seal", "zh": "指令：加封"}
    assert [signer["role"] for signer in sealing["signers"]] == ["technician", "station"]
    k = next(one for one in sealing["changes"] if one["field"] == "k_pulses_per_km")
    assert (k["group"], k["before"], k["after"]) == ("distance", None, "1000")
    assert k["name"]["zh"] == "K值（脉冲/km）"
    clearing = events[4]
    assert clearing["reason"] == {
        "en": "tamper investigated: investigated",
        "zh": "已查明破封原因：investigated",
    }
    assert clearing["state"] == "open"
    assert events[5]["submitter"] == "station"
    assert events[-1]["conclusion"] == told["summary"]["conclusion"]


def test_a_seal_is_judged_when_asked_and_every_verdict_is_kept(desk: Desk) -> None:
    with desk.caller() as caller:
        assert caller.get("/api/v1/seals/500-1").json()["conclusion"] is None
        judged = caller.post("/api/v1/seals/500-1/verdicts")
        assert judged.status_code == 201
        assert caller.get("/api/v1/seals/500-1/verdicts").json() == [judged.json()]
        assert caller.get("/api/v1/seals/500-1").json()["conclusion"] == judged.json()["conclusion"]
        unknown = caller.get("/api/v1/seals/500-99/history")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "SEAL_UNKNOWN")


def test_a_bundle_shows_the_groups_that_were_asked_for(desk: Desk) -> None:
    with desk.caller() as caller:
        caller.post("/api/v1/evidence", content=handed_in(taxi(3)))
        whole = caller.get(f"{SEAL}/bundle")
        some = caller.get(f"{SEAL}/bundle", params={"groups": "vehicle, tariff"})
        wrong = caller.get(f"{SEAL}/bundle", params={"groups": "engine"})
        none = caller.get(f"{SEAL}/bundle", params={"evidence": "0"})
    assert whole.headers["Content-Disposition"] == 'attachment; filename="500-3.sealbundle"'
    assert len(from_bundle(whole.content).groups) == 8
    assert from_bundle(whole.content).vouched is not None
    material = from_bundle(some.content)
    assert (len(material.groups), len(material.group_digests)) == (2, 6)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "GROUP_UNKNOWN")
    assert (none.status_code, none.json()["code"]) == (404, "EVIDENCE_UNKNOWN")


def test_a_certificate_is_for_those_that_are_intact_and_its_code_is_checked_by_anybody(
    desk: Desk,
) -> None:
    with desk.caller() as caller, desk.caller(None) as passer_by:
        refused = caller.get("/api/v1/seals/500-1/certificate")
        assert (refused.status_code, refused.json()["code"]) == (409, "NOT_INTACT")
        caller.post("/api/v1/evidence", content=handed_in(taxi(3)))
        sheet = caller.get(f"{SEAL}/certificate", params={"language": "en"})
        assert sheet.headers["Content-Type"] == "application/pdf"
        assert sheet.content.startswith(b"%PDF-")
        station = desk.service.station
        assert station is not None
        text = attested(desk.ledger, SealNumber(500, 3), station, NOW).text

        def check(text: str) -> dict[str, object]:
            address = "/api/v1/attestations/check"
            told: dict[str, object] = passer_by.post(address, json={"text": text}).json()
            return told

        told = check(text)
        assert (told["conclusion"], told["seal"], told["plate"]) == ("holds", "500-3", "沪A00003")
        assert (told["station_name"], told["in_ledger"], told["later"]) == ("Wang", True, None)
        forged = check(text[:-8] + "AAAAAAAA")
        assert forged["conclusion"] == "invalid"
        assert [forged[name] for name in ("seal", "plate", "later")] == [None] * 3
        broken = taxi(3)
        broken.tamper(Cause.CASE_OPENED)
        caller.post("/api/v1/evidence", content=handed_in(broken, NOW + 5))
        later = check(text)["later"]
        assert later == {"conclusion": "broken"}


def test_anybody_can_prove_that_the_tree_only_grows(desk: Desk) -> None:
    digest = people().suite.digest
    with desk.caller() as caller, desk.caller(None) as anybody:
        first = anybody.get("/api/v1/tree/head").json()
        told = caller.post("/api/v1/evidence", content=handed_in(taxi(3))).json()
        second = anybody.get("/api/v1/tree/head").json()
        heads = anybody.get("/api/v1/tree/heads").json()
        sizes = {"first": first["size"], "second": second["size"]}
        grown = anybody.get("/api/v1/tree/consistency", params=sizes).json()["path"]
        query = {"leaf": told["leaf"], "size": second["size"]}
        proof = anybody.get("/api/v1/tree/inclusion", params=query).json()["path"]
        missing = anybody.get("/api/v1/tree/inclusion", params={"leaf": 9, "size": 9})
    assert heads == [second, first]
    assert TREE_HEAD.parse(bytes.fromhex(second["head"])).root.hex() == second["root"]
    roots = [bytes.fromhex(head["root"]) for head in (first, second)]
    path = [bytes.fromhex(one) for one in grown]
    assert verify_consistency(digest, first["size"], second["size"], path, *roots)
    path = [bytes.fromhex(one) for one in proof]
    receipt = bytes.fromhex(told["receipt"])
    assert verify_inclusion(digest, receipt, told["leaf"], second["size"], path, roots[1])
    assert missing.status_code == 404


def test_a_service_without_a_key_signs_nothing(url: str) -> None:
    with (
        filled(url, 1) as ledger,
        running(ledger, signs=False) as desk,
        desk.caller() as caller,
    ):
        for path in ("/api/v1/tree/head", "/api/v1/seals/500-1/certificate"):
            answer = caller.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "STATION_WITHOUT_KEY")
        assert caller.get("/api/v1/seals/500-1/bundle").status_code == 200


def test_the_page_and_the_reference_come_from_here_alone(desk: Desk) -> None:
    with desk.caller(None) as anybody:
        for path in ("/", "/check", "/page/app.js", "/docs", "/openapi.json"):
            answer = anybody.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "Access-Control-Allow-Origin" not in answer.headers
        for path in ("/page/../app.py", "/page/%2e%2e/app.py", "/page/", "/page/nothing"):
            assert anybody.get(path).status_code == 404, path

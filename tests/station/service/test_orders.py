"""An order prepared by the service, signed offline with `sealkit order sign`, taken by a seal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from station.fleet import World, cloned, handed_in, people, taxi
from station.service.desk import Desk, running
from support.command import Command, make_people, simulation

from sealkit.appraisal import TrustBundle
from sealkit.crypto import get_suite
from sealkit.keys.credentialfile import read_credentials
from sealkit.station.ledger import Ledger
from sealkit.station.service.tokens import AccessRole
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import Cause

ORDERS = "/api/v1/seals/500-1/orders"


class Visit:
    """A sealed taxi, people with their keys, and a technician at the service."""

    def __init__(self, command: Command, technician: httpx.Client) -> None:
        self.command, self.technician = command, technician
        self.zhang, self.pudong = (self.chain(name) for name in ("zhang", "pudong"))

    def chain(self, name: str) -> list[str]:
        credentials = read_credentials(self.command.home / f"{name}.cred")
        return [raw.hex() for raw in credentials]

    def submit(self) -> dict[str, Any]:
        (self.command.home / "taxi.seal").unlink(missing_ok=True)
        self.command.told("log", "export", "sim:dev", "taxi.seal")
        data = (self.command.home / "taxi.seal").read_bytes()
        told: dict[str, Any] = self.technician.post("/api/v1/evidence", content=data).json()
        return told

    def prepared(self, **wanted: Any) -> httpx.Response:
        return self.technician.post(ORDERS, json=wanted)

    def given(self, answer: httpx.Response, *signers: str) -> dict[str, Any]:
        """Signs the file by these and gives it to the seal."""
        assert answer.status_code == 200, answer.text
        (self.command.home / "order.json").write_bytes(answer.content)
        assert not self.command.told("order", "show", "order.json")["complete"]
        for signer in signers:
            self.command.told("order", "sign", "order.json", "--key", signer, "--yes")
        return self.command.told("order", "send", "sim:dev", "order.json", "--yes")

    def challenge(self) -> str:
        told: str = self.command.told("order", "challenge", "sim:dev")["challenge"]
        return told


@pytest.fixture
def visit(tmp_path: Path, url: str) -> Iterator[Visit]:
    with visiting(Command(tmp_path), url) as visit:
        yield visit


@contextmanager
def visiting(command: Command, url: str) -> Iterator[Visit]:
    make_people(command, "p256")
    home = command.home
    (home / "job.toml").write_text(command.run("seal", "--template").out)
    with (
        simulation(command, "--dir", "dev", "--suite", "p256", "--manufacturer", "maker"),
        Ledger(url) as ledger,
        running(ledger, signs=False) as desk,
    ):
        desk.clock.now = int(time.time())
        trust = TrustBundle.from_json((home / "trust.json").read_bytes())
        ledger.use_trust(trust, desk.clock.now)
        command.told("provision", "sim:dev", "--manufacturer", "maker")
        enrol = ("enrol", "sim:dev", "--authority", "endorsed.cred", "--station", "pudong")
        command.told(*enrol, "--yes")
        seal = ("seal", "sim:dev", "--job", "job.toml", "--technician", "zhang")
        command.told(*seal, "--station", "pudong", "--yes")
        with desk.caller(AccessRole.STATION, valid_s=10 * 365 * 86_400) as technician:
            yield Visit(command, technician)


def test_orders_are_prepared_signed_and_taken(visit: Visit) -> None:
    assert visit.submit()["verdict"]["state"] == "sealed"
    both = [visit.zhang, visit.pudong]
    job = '[tyre]\nsize = "205/55R16"\ncircumference_mm = 1975.5\n'
    job += '[calibration]\npurpose = "after_repair"\nworkshop = "Pudong"\nvalid_until = 0\n'
    job += "odometer_before_km = 1\nodometer_after_km = 2\n"
    sealed = visit.prepared(kind="seal", signers=both, job=job)
    assert sealed.headers["Content-Disposition"] == 'attachment; filename="500-1-seal.json"'
    assert visit.given(sealed, "zhang", "pudong")["state"] == "sealed"
    visit.submit()
    pruned = visit.prepared(kind="acknowledge", signers=[visit.pudong])
    visit.given(pruned, "pudong")
    visit.submit()
    reason = {"kind": "repair", "text": "new sensor"}
    lacking = visit.prepared(kind="unseal", signers=both, reason=reason)
    assert (lacking.status_code, lacking.json()["code"]) == (422, "ORDER_CHALLENGE")
    opened = visit.prepared(kind="unseal", signers=both, reason=reason, challenge=visit.challenge())
    assert visit.given(opened, "zhang", "pudong")["state"] == "open"
    assert visit.submit()["verdict"]["state"] == "open"
    wrong = visit.prepared(kind="clear", signers=both, reason=reason, challenge="00" * 16)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "ORDER_WRONG_STATE")
    history = visit.technician.get("/api/v1/seals/500-1/history").json()["events"]
    orders = [event["what"]["en"] for event in history if event["kind"] == "order"]
    assert orders == [
        "order enrol",
        "order seal",
        "order seal",
        "order acknowledge",
        "order unseal",
    ]
    tyre = next(
        change
        for event in history
        for change in event["changes"]
        if change["field"] == "size" and change["before"]
    )
    assert (tyre["before"], tyre["after"]) == ("195/65R15", "205/55R16")


def test_no_order_continues_a_history_that_parts(desk: Desk) -> None:
    log = taxi(1)
    other = cloned(log)
    other.tamper(Cause.CASE_OPENED)
    log.tamper(Cause.CASE_OPENED)
    with desk.caller() as caller:
        for one in (log, other):
            caller.post("/api/v1/evidence", content=handed_in(one))
        answer = caller.post(ORDERS, json={"kind": "trust", "signers": [["00"]]})
    assert (answer.status_code, answer.json()["code"]) == (409, "HISTORY_FORKED")


def station_chain(world: World) -> list[str]:
    return [raw.hex() for raw in (world.station.credential.raw, *world.station.issuers)]


@pytest.mark.parametrize(
    ("signers", "code"),
    [
        (lambda: [["00"]], "MALFORMED"),
        (lambda: [[people().technician.credential.raw.hex()]], "ORDER_ROLE"),
        (lambda: [station_chain(people())] * 2, "ORDER_SAME_SIGNER"),
        (lambda: [station_chain(World(get_suite("sm2")))], "ORDER_CREDENTIALS"),
    ],
    ids=["malformed", "of a technician", "twice", "of another suite"],
)
def test_nothing_is_acknowledged_by_an_order_that_is_not_made(
    desk: Desk, signers: Callable[[], list[list[str]]], code: str
) -> None:
    """The credentials are looked at before the ledger promises anything."""
    named = SealNumber(500, 1)
    with desk.caller() as caller:
        refused = caller.post(ORDERS, json={"kind": "acknowledge", "signers": signers()})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert desk.ledger.acknowledgements(named) == []
        good = {"kind": "acknowledge", "signers": [station_chain(people())]}
        made = caller.post(ORDERS, json=good)
    assert made.status_code == 200, made.text
    [kept] = desk.ledger.acknowledgements(named)
    latest = desk.ledger.dossier(named).latest
    assert (kept.sequence, kept.evidence) == (latest.evidence.journal_sequence, latest.leaf)
    assert kept.submitter == "station"

"""Two services on one database that get the same stream at once are as good as one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from station.fleet import NOW, cloned, handed_in, people, taxi
from station.service.test_serve import serving

from sealkit.station.ledger import Ledger
from sealkit.station.service.tokens import AccessRole, make_token
from sealkit.station.storage.database import directory_url
from sealkit.wire.registry import Cause
from sealkit.wire.witness import LEDGER_LEAF

VISITS = 60
LONG_S = 100 * 365 * 86_400


def stream() -> list[bytes]:
    """Visits of five seals, one of which is cloned on the way."""
    logs = [taxi(serial) for serial in range(1, 6)]
    exports = []
    for place in range(VISITS):
        if place == VISITS // 2:
            logs.append(cloned(logs[0]))
            logs[0].tamper(Cause.CASE_OPENED)
            logs[-1].tamper(Cause.CASE_OPENED)
        log = logs[place % len(logs)]
        exports.append(handed_in(log, NOW + place, pulses=place))
    return exports


def send(address: str, token: str, exports: Sequence[bytes]) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
        answers = [client.post("api/v1/evidence", content=data) for data in exports]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json() for answer in answers]


def begun(url: str) -> str:
    """A ledger with trust; a token for it."""
    with Ledger(url) as ledger:
        ledger.use_trust(people().trust, NOW)
        role = AccessRole.TECHNICIAN
        return make_token(ledger.database, "Li", role, now=NOW, valid_s=LONG_S)[1]


def told(ledger: Ledger) -> list[object]:
    """All that the ledger holds but the times at which things came: leaves and what they mean."""
    leaves = [LEDGER_LEAF.parse(ledger.leaf(index)) for index in range(ledger.tree_size())]
    tree = [
        (leaf.evidence_digest, leaf.maker, leaf.serial, leaf.conclusion, leaf.control_digest)
        for leaf in leaves
    ]
    seals = []
    for seal in ledger.seals():
        dossier = ledger.dossier(seal.number)
        judged = [
            (one.leaf, one.evidence, one.conclusion) for one in ledger.judgements(seal.number)
        ]
        held = [(one.leaf, one.evidence.raw) for one in dossier.evidences]
        codes = sorted(finding.code for finding in seal.findings)
        seals.append((seal.number, codes, judged, held, sorted(dossier.contents)))
    return [tree, seals]


def test_the_ledger_and_the_tree_are_those_of_one_service(url: str, tmp_path: Path) -> None:
    exports = stream()
    alone_url = directory_url(tmp_path / "alone")
    tokens = begun(url), begun(alone_url)
    with ExitStack() as stack:
        where = ("--database", url)
        both = [stack.enter_context(serving(tmp_path, *where)) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            one, other = pool.map(lambda s: send(s.address, tokens[0], exports), both)
        assert [both[0].end(15), both[1].end(15)] == [0, 0]
        service = stack.enter_context(serving(tmp_path, "--dir", "alone"))
        single = send(service.address, tokens[1], exports)
    known = [(mine["known"], theirs["known"]) for mine, theirs in zip(one, other, strict=True)]
    assert set(known) <= {(True, False), (False, True)}
    places = [[answer["leaf"] for answer in answers] for answers in (one, other, single)]
    assert places[0] == places[1] == places[2]
    receipts = [[answer["receipt"] for answer in answers] for answers in (one, other)]
    assert receipts[0] == receipts[1]
    with Ledger(url) as ledger, Ledger(alone_url) as alone:
        assert ledger.overview(NOW).evidences == VISITS
        assert told(ledger) == told(alone)

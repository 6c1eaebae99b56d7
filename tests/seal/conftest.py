"""A scripted seal and a client of it, in both suites."""

from __future__ import annotations

import pytest

from sealkit.crypto import get_suite
from sealkit.seal.client import SealClient
from sealkit.seal.drafting import Draft, draft_order
from sealkit.seal.exchange import Exchange
from sealkit.seal.history import Shown, read_history
from sealkit.seal.ordering import give_order
from sealkit.wire.orders import EnrolBody, GroupItem, OrderBody, ParametersBody
from sealkit.wire.registry import OrderKind
from tests.seal.lines import DirectLine
from tests.seal.people import NOW, People, groups
from tests.seal.scripted import ScriptedSeal


@pytest.fixture(scope="session", params=["p256", "sm2"])
def people(request: pytest.FixtureRequest) -> People:
    return People(get_suite(request.param))


@pytest.fixture
def seal(people: People) -> ScriptedSeal:
    return ScriptedSeal(people)


@pytest.fixture
def client(seal: ScriptedSeal) -> SealClient:
    return SealClient(Exchange(DirectLine(seal.receive)))


class Bench:
    """A seal, its client and the people around it; `shown` is what the operator has seen."""

    def __init__(self, seal: ScriptedSeal, client: SealClient) -> None:
        self.seal = seal
        self.client = client
        self.people = seal.people
        self.shown: Shown = read_history(client)

    def draft(self, kind: OrderKind, body: OrderBody, *chains: tuple[bytes, ...]) -> Draft:
        return draft_order(self.client, self.shown, kind, body, chains)

    def signed(self, kind: OrderKind, body: OrderBody, *chains: tuple[bytes, ...]) -> Draft:
        draft = self.draft(kind, body, *chains)
        for person in (self.people.technician, self.people.station, self.people.inspector):
            if person.credential in draft.signers:
                draft = draft.sign(person.key)
        return draft

    def give(self, kind: OrderKind, body: OrderBody, *chains: tuple[bytes, ...]) -> None:
        draft = self.signed(kind, body, *chains)
        self.shown = give_order(self.client, self.shown, draft).shown

    def enrol(self) -> None:
        body = EnrolBody(NOW, self.people.authority.raw)
        self.give(OrderKind.ENROL, body, self.people.station.chain)

    def sealing(self, **changes: int) -> ParametersBody:
        items = sorted(groups(**changes).items())  # type: ignore[arg-type]
        return ParametersBody(tuple(GroupItem(number, data) for number, data in items))

    def seal_it(self) -> None:
        self.give(OrderKind.SEAL, self.sealing(), *self.people.both)


@pytest.fixture
def bench(seal: ScriptedSeal, client: SealClient) -> Bench:
    return Bench(seal, client)


@pytest.fixture
def sealed(bench: Bench) -> Bench:
    """Enrolled and sealed."""
    bench.enrol()
    bench.seal_it()
    return bench

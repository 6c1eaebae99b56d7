"""A seal, a client of it and the people around it, for tests that draft, sign and give orders."""

from __future__ import annotations

from collections.abc import Sequence

from sealkit.seal.client import SealClient
from sealkit.seal.drafting import Draft, draft_order
from sealkit.seal.history import Shown, read_history
from sealkit.seal.ordering import give_order
from sealkit.wire.orders import EnrolBody, OrderBody, ParametersBody
from sealkit.wire.registry import Group, OrderKind
from support.people import FARE, NOW, Family, parameters
from support.scripted_seal import ScriptedSeal

Chain = tuple[bytes, ...]


def new_parameters(*groups: Group, fare: bytes = FARE, k: int = 1000) -> ParametersBody:
    """The body of SEAL with a fare (127 bytes) and a K; all groups if none is named."""
    changes = {Group.DISTANCE: {"k_pulses_per_km": k}, Group.TARIFF: {"fare": fare}}
    return parameters(*groups, changes=changes)


class ClientBench:
    """`shown` is what the operator has seen of the seal's history."""

    def __init__(self, people: Family, client: SealClient) -> None:
        self.people = people
        self.client = client
        self.shown: Shown = read_history(client)

    @property
    def both(self) -> tuple[Chain, Chain]:
        """The credentials of the two who seal and open."""
        return self.people.sent(["technician"]), self.people.sent(["station"])

    def draft(self, kind: OrderKind, body: OrderBody, *chains: Chain) -> Draft:
        return draft_order(self.client, self.shown, kind, body, chains)

    def sign(self, draft: Draft, names: Sequence[str] = ()) -> Draft:
        """Signed by these people, or by all whom it names."""
        for name in names or self.people.keys:
            if self.people.credentials[name] in draft.signers:
                draft = draft.sign(self.people.keys[name])
        return draft

    def signed(self, kind: OrderKind, body: OrderBody, *chains: Chain) -> Draft:
        return self.sign(self.draft(kind, body, *chains))

    def give(self, kind: OrderKind, body: OrderBody, *chains: Chain) -> None:
        draft = self.signed(kind, body, *chains)
        self.shown = give_order(self.client, self.shown, draft).shown

    def enrol(self) -> None:
        body = EnrolBody(NOW, self.people.credentials["authority endorsed"].raw)
        self.give(OrderKind.ENROL, body, self.people.sent(["station"]))

    def seal_it(self, k: int = 1000) -> None:
        self.give(OrderKind.SEAL, new_parameters(k=k), *self.both)


class ScriptedBench(ClientBench):
    """A bench whose seal can be made to lie."""

    def __init__(self, seal: ScriptedSeal, client: SealClient) -> None:
        super().__init__(seal.people, client)
        self.seal = seal

"""The client and the simulated seal, which were written apart from each other."""

from __future__ import annotations

from random import Random

import pytest

from sealkit.errors import DeviceNotFoundError, TimedOutError
from sealkit.seal.client import SealClient, open_seal
from sealkit.seal.collecting import collect, export_bytes
from sealkit.seal.drafting import Draft, draft_order
from sealkit.seal.exchange import Exchange
from sealkit.seal.history import Shown, read_history
from sealkit.seal.ordering import give_order
from sealkit.wire.export import parse_export
from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import EnrolBody, GroupItem, OrderBody, ParametersBody, ReasonBody
from sealkit.wire.registry import CredentialChoice, OrderKind, Reason, State
from sealkit_simulator.clock import VirtualTime
from sealkit_simulator.factory import make_seal
from sealkit_simulator.flash import PowerCut
from sealkit_simulator.seal import SimulatedSeal
from tests.conftest import Serve
from tests.seal.lines import DirectLine, FaultyLine
from tests.seal.people import MAKER, NOW, People, groups

WHY = ReasonBody(Reason.SEAL_REPLACED, "end of the test")


class Vehicle:
    """A simulated seal without a meter line, that starts again after its power was cut."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.time = VirtualTime(NOW * 1000)
        number = SealNumber(MAKER, 23)
        anchor = people.manufacturer.credential.raw
        self.seal = make_seal(people.suite, number, anchor, self.time)
        key = self.seal.device.core.public_key
        self.client.install_credential(people.seal_credential(23, key).raw)

    @property
    def client(self) -> SealClient:
        return SealClient(Exchange(DirectLine(self.receive)))

    def receive(self, data: bytes) -> bytes:
        self.time.advance(10)
        try:
            return self.seal.receive(data)
        except PowerCut:
            self.boot()
            return b""

    def boot(self) -> None:
        device = self.seal.device
        device.storage.flash.power_up()
        self.seal = SimulatedSeal.boot(device.storage.flash, device.core, self.time)

    def sealing(self, k: int = 1000) -> ParametersBody:
        held = sorted(groups(k=k, attachments=0).items())
        return ParametersBody(tuple(GroupItem(number, data) for number, data in held))

    def signed(self, client: SealClient, shown: Shown, kind: OrderKind, body: OrderBody) -> Draft:
        people = self.people
        alone = kind in (OrderKind.ENROL, OrderKind.RETIRE)
        chains = (people.station.chain,) if alone else people.both
        draft = draft_order(client, shown, kind, body, chains).sign(people.station.key)
        return draft if alone else draft.sign(people.technician.key)

    def live(self, client: SealClient, *kinds: OrderKind) -> Shown:
        """Gives these orders one after the other."""
        shown = read_history(client)
        bodies: dict[OrderKind, OrderBody] = {
            OrderKind.ENROL: EnrolBody(NOW, self.people.authority.raw),
            OrderKind.SEAL: self.sealing(),
        }
        for kind in kinds:
            draft = self.signed(client, shown, kind, bodies.get(kind, WHY))
            shown = give_order(client, shown, draft).shown
        return shown


@pytest.fixture
def vehicle(people: People) -> Vehicle:
    return Vehicle(people)


def test_a_life_over_a_pseudo_terminal(serve: Serve, vehicle: Vehicle) -> None:
    with open_seal(serve(vehicle.receive)) as client:
        vehicle.live(client, OrderKind.ENROL, OrderKind.SEAL, OrderKind.UNSEAL)
        assert client.status().state is State.OPEN
        assert client.credential(CredentialChoice.AUTHORITY) == vehicle.people.authority
        assert len(client.parameters()) == 8
        assert client.checkpoint() is not None
        assert client.raise_baud(115200)
        shown = vehicle.live(client, OrderKind.RETIRE)
        collected = collect(client)
        assert collected.evidence.nonce in shown.history.orders
        read = parse_export(export_bytes(collected))
        assert len(read.control) == 5
        assert read.seal_credential is not None


def test_a_rate_that_the_seal_cannot_do(vehicle: Vehicle) -> None:
    assert not vehicle.client.raise_baud(1_000_000)


def test_sealing_takes_four_round_trips_and_under_3000_bytes(vehicle: Vehicle) -> None:
    client = vehicle.client
    vehicle.live(client, OrderKind.ENROL)
    shown = read_history(client)
    before = client.exchange.traffic
    give_order(client, shown, vehicle.signed(client, shown, OrderKind.SEAL, vehicle.sealing()))
    used = client.exchange.traffic - before
    assert used.round_trips == 4
    assert used.sent + used.received < 3000


@pytest.mark.requirement("O-3")
def test_no_order_is_applied_twice_over_a_bad_line(vehicle: Vehicle) -> None:
    random = Random(5)
    client = vehicle.client
    shown = vehicle.live(client, OrderKind.ENROL, OrderKind.SEAL)
    for step in range(20):
        body = vehicle.sealing(k=700 + step)
        draft = vehicle.signed(client, shown, OrderKind.SEAL, body)
        for _ in range(100):
            bad = SealClient(Exchange(FaultyLine(vehicle.receive, random, 0.4)))
            try:
                applied = give_order(bad, shown, draft)
                break
            except (TimedOutError, DeviceNotFoundError):
                if random.random() < 0.3:
                    vehicle.boot()
        shown = applied.shown
        assert shown.history.calibration_counter == 2 + step
        assert shown.head == vehicle.seal.device.history.head


@pytest.mark.requirement("R23")
def test_the_power_is_cut_at_every_write_of_an_order(vehicle: Vehicle) -> None:
    client = vehicle.client
    shown = vehicle.live(client, OrderKind.ENROL, OrderKind.SEAL)
    cuts = 0
    while True:
        draft = vehicle.signed(client, shown, OrderKind.SEAL, vehicle.sealing(k=700 + cuts))
        boots = vehicle.seal.device.registers.boot
        vehicle.seal.device.storage.flash.plan_cut(after=cuts, torn_bytes=cuts % 5)
        shown = give_order(client, shown, draft).shown
        vehicle.seal.device.storage.flash.cancel_cut()
        assert shown.history.calibration_counter == 2 + cuts
        if vehicle.seal.device.registers.boot == boots:
            break
        cuts += 1
    assert cuts > 3

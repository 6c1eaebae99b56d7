"""The client and the simulated seal, which were written apart from each other."""

from __future__ import annotations

from random import Random

import pytest
from support.bench import Bench
from support.client_bench import ClientBench, new_parameters
from support.lines import DirectLine, FaultyLine, Serve
from support.people import Family

from sealkit.errors import DeviceNotFoundError, TimedOutError
from sealkit.seal.client import SealClient, open_seal
from sealkit.seal.collecting import collect, export_bytes
from sealkit.seal.exchange import Exchange
from sealkit.seal.history import read_history
from sealkit.seal.ordering import give_order
from sealkit.wire.export import parse_export
from sealkit.wire.orders import ReasonBody
from sealkit.wire.registry import Cause, CredentialChoice, OrderKind, Reason, State
from sealkit_simulator.storage import FlashPlan
from sealkit_simulator.vehicle import OrderCut

WHY = ReasonBody(Reason.SEAL_REPLACED, "end of the test")


class Simulated(ClientBench):
    """A vehicle whose power comes back at once when it was cut."""

    def __init__(self, people: Family) -> None:
        bench = Bench(people.suite.name, FlashPlan())
        bench.install_credential()
        bench.vehicle.advance(1_000)
        self.vehicle = bench.vehicle
        super().__init__(people, SealClient(Exchange(DirectLine(self.receive))))

    def receive(self, data: bytes) -> bytes:
        answer = self.vehicle.receive(data)
        self.vehicle.restore_power()
        return answer

    @property
    def boots(self) -> int:
        return self.client.status().boot


@pytest.fixture
def simulated(people: Family) -> Simulated:
    return Simulated(people)


@pytest.fixture
def sealed_vehicle(simulated: Simulated) -> Simulated:
    simulated.enrol()
    simulated.seal_it()
    return simulated


def test_a_life_over_a_pseudo_terminal(serve: Serve, simulated: Simulated) -> None:
    with open_seal(serve(simulated.receive)) as client:
        simulated.client = client
        simulated.enrol()
        simulated.seal_it()
        assert client.credential(CredentialChoice.AUTHORITY) is not None
        assert len(client.parameters()) == 8
        assert client.checkpoint() is not None
        assert client.raise_baud(115_200)
        simulated.give(OrderKind.UNSEAL, WHY, *simulated.both)
        assert client.status().state is State.OPEN
        simulated.give(OrderKind.RETIRE, WHY, simulated.people.sent(["station"]))
        collected = collect(client)
        assert collected.evidence.nonce in simulated.shown.history.orders
        read = parse_export(export_bytes(collected))
        assert len(read.control) == 5
        assert read.seal_credential is not None


def test_a_break_is_shown_before_it_is_cleared(sealed_vehicle: Simulated) -> None:
    sealed_vehicle.vehicle.open_case()
    sealed_vehicle.vehicle.close_case()
    sealed_vehicle.shown = read_history(sealed_vehicle.client)
    assert sealed_vehicle.shown.history.latched_causes == 1 << (Cause.CASE_OPENED - 1)
    sealed_vehicle.give(OrderKind.CLEAR, WHY, *sealed_vehicle.both)
    sealed_vehicle.seal_it(k=1200)
    assert sealed_vehicle.shown.history.calibration_counter == 2


def test_a_rate_that_the_seal_cannot_do(simulated: Simulated) -> None:
    assert not simulated.client.raise_baud(1_000_000)


def test_sealing_takes_four_round_trips_and_under_3000_bytes(simulated: Simulated) -> None:
    simulated.enrol()
    before = simulated.client.exchange.traffic
    simulated.seal_it()
    used = simulated.client.exchange.traffic - before
    assert used.round_trips == 4
    assert used.sent + used.received < 3000


@pytest.mark.requirement("O-3")
def test_no_order_is_applied_twice_over_a_bad_line(sealed_vehicle: Simulated) -> None:
    random = Random(5)
    for step in range(20):
        draft = sealed_vehicle.signed(
            OrderKind.SEAL, new_parameters(k=700 + step), *sealed_vehicle.both
        )
        for _ in range(100):
            bad = SealClient(Exchange(FaultyLine(sealed_vehicle.receive, random, 0.4)))
            try:
                applied = give_order(bad, sealed_vehicle.shown, draft)
                break
            except (TimedOutError, DeviceNotFoundError):
                if random.random() < 0.3:
                    sealed_vehicle.vehicle.cut_power()
                    sealed_vehicle.vehicle.restore_power()
                    sealed_vehicle.vehicle.advance(1_000)
        sealed_vehicle.shown = applied.shown
        assert applied.shown.history.calibration_counter == 2 + step
        assert applied.shown.head == read_history(sealed_vehicle.client).head


@pytest.mark.requirement("R23")
def test_the_power_is_cut_at_every_write_of_an_order(sealed_vehicle: Simulated) -> None:
    cuts, booted = 0, True
    while booted:
        draft = sealed_vehicle.signed(
            OrderKind.SEAL, new_parameters(k=700 + cuts), *sealed_vehicle.both
        )
        boots = sealed_vehicle.boots
        sealed_vehicle.vehicle.cut_power_in_order(OrderCut(cuts, torn_bytes=cuts % 5))
        applied = give_order(sealed_vehicle.client, sealed_vehicle.shown, draft)
        sealed_vehicle.shown = applied.shown
        assert applied.shown.history.calibration_counter == 2 + cuts
        booted = sealed_vehicle.boots > boots
        cuts += booted
    assert cuts > 3

"""The power is cut at every operation of the flash: the seal is before what it did, or after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from support.bench import Bench, check_chains
from support.people import DAY, NOW, parameters

from sealkit.rules.history import cause_bit
from sealkit.wire.messages import OrderRequest, SealStatus
from sealkit.wire.records import DrivenRecord, TamperRecord, parse_record_body
from sealkit.wire.registry import (
    ORDERS,
    Cause,
    Chain,
    ClockQuality,
    Group,
    OrderKind,
    RecordKind,
    State,
    Status,
)
from sealkit_simulator.flash import PowerCut
from sealkit_simulator.vehicle import OrderCut

TORN = (0, 1, 16, 40, 1 << 20)
"""Bytes of the last operation that come about: none, within a unit, a unit, past it, all."""
BOUND = 500


@dataclass(frozen=True)
class Act:
    """An order in the situation in which it is given."""

    kind: OrderKind
    prepare: Callable[[Bench], None]
    make: Callable[[Bench], OrderRequest]


def _nothing(bench: Bench) -> None:
    bench.vehicle.advance(1_000)


def _enrolled(bench: Bench) -> None:
    bench.enrol()
    bench.vehicle.advance(1_000)
    bench.vehicle.pulses(700)


def _sealed(bench: Bench) -> None:
    bench.seal_it()
    bench.vehicle.pulses(100)
    bench.vehicle.advance(60_000)


def _tampered(bench: Bench) -> None:
    bench.seal_it()
    bench.tamper()


def _lost(bench: Bench) -> None:
    """The clock is lost in SEALED; the boot after that latches *unsupervised* (Z-3)."""
    bench.seal_it()
    bench.vehicle.lose_clock()
    bench.vehicle.cut_power()
    bench.vehicle.restore_power()


def _lost_in_factory(bench: Bench) -> None:
    bench.vehicle.lose_clock()


def _acknowledge(bench: Bench) -> OrderRequest:
    status = bench.status()
    return bench.orders().acknowledge(status.journal_sequence, status.journal_digest)


ACTS = {
    "enrol": Act(OrderKind.ENROL, _nothing, lambda b: b.challenged().enrol()),
    "enrol, clock lost": Act(OrderKind.ENROL, _lost_in_factory, lambda b: b.challenged().enrol()),
    "seal": Act(OrderKind.SEAL, _enrolled, lambda b: b.orders().seal()),
    "seal the tariff": Act(
        OrderKind.SEAL,
        _sealed,
        lambda b: b.orders().seal(
            parameters(Group.TARIFF, changes={Group.TARIFF: {"mask": bytes(15) + b"\x02"}}),
            ["station"],
        ),
    ),
    "confirm": Act(OrderKind.CONFIRM, _sealed, lambda b: b.orders().confirm()),
    "unseal": Act(OrderKind.UNSEAL, _sealed, lambda b: b.challenged().unseal()),
    "clear": Act(OrderKind.CLEAR, _tampered, lambda b: b.challenged().clear()),
    "adjust_clock": Act(OrderKind.ADJUST_CLOCK, _sealed, lambda b: b.orders().adjust_clock(-60)),
    "restore_clock": Act(
        OrderKind.RESTORE_CLOCK, _lost, lambda b: b.challenged().restore_clock(NOW + DAY // 2)
    ),
    "trust": Act(OrderKind.TRUST, _sealed, lambda b: b.orders().trust()),
    "acknowledge": Act(OrderKind.ACKNOWLEDGE, _sealed, _acknowledge),
    "retire": Act(OrderKind.RETIRE, _enrolled, lambda b: b.challenged().retire()),
}


@cache
def _prepared(suite: str, name: str) -> tuple[Bench, OrderRequest, SealStatus, SealStatus]:
    """The bench just before the order, the order, and the seal's status before and after it."""
    bench = Bench(suite)
    ACTS[name].prepare(bench)
    order = ACTS[name].make(bench)
    applied = bench.copy()
    applied.apply(order)
    check_chains(applied)
    return bench, order, bench.status(), applied.status()


def _cuts(suite: str, name: str, torn: int) -> Iterator[Bench]:
    """A dark bench for each operation of the order at which the power went."""
    prepared, order, _, _ = _prepared(suite, name)
    for operation in range(BOUND):
        bench = prepared.copy()
        bench.vehicle.cut_power_in_order(OrderCut(operation, torn), gap_s=60)
        answered = bench.send(order) is not None
        if answered:
            assert operation >= 7, "an order takes more operations than these"
            return
        assert bench.vehicle.seal is None
        yield bench
    pytest.fail("the order never comes to its end")


def _is_before_or_after(bench: Bench, before: SealStatus, after: SealStatus) -> bool:
    """Whether the order was applied; nothing in between may be."""
    history = check_chains(bench)
    status = bench.status()

    def control(of: SealStatus) -> tuple[object, ...]:
        return (
            of.state,
            of.trust_version,
            of.parameter_root,
            of.calibration_counter,
            of.configuration_counter,
            of.clock_quality,
        )

    applied = len(history.orders) > len(bench_orders(before, bench))
    assert control(status) == control(after if applied else before)
    if not applied and before.state is not State.FACTORY:
        assert status.control_sequence == before.control_sequence
        assert status.control_digest == before.control_digest
    assert bench.core.destroyed is (status.state is State.RETIRED)
    return applied


def bench_orders(before: SealStatus, bench: Bench) -> list[bytes]:
    """The orders that stood in the log before."""
    orders = bench.seal.device.history.orders
    return [key for key, order in orders.items() if order.head.sequence <= before.control_sequence]


def _retry(bench: Bench, name: str, order: OrderRequest, applied: bool) -> None:
    """The same order again, or a new one, ends well."""
    sent = bench.send(order)
    assert sent is not None
    if applied:
        assert sent[0] is Status.ALREADY_APPLIED
        return
    if ORDERS[ACTS[name].kind].challenge:
        assert sent[0] is Status.CHALLENGE_MISSING
        bench.vehicle.advance(1_000)
        bench.apply(ACTS[name].make(bench))
    elif sent[0] is Status.METER_NOT_SEEN:
        pytest.fail("the seal looks at the meter when it boots")
    else:
        assert sent[0] is Status.OK
    check_chains(bench)


def _check(bench: Bench, suite: str, name: str) -> None:
    _, order, before, after = _prepared(suite, name)
    applied = _is_before_or_after(bench, before, after)
    _retry(bench, name, order, applied)


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("torn", TORN)
@pytest.mark.parametrize("name", ACTS)
def test_every_order_comes_about_whole_or_not_at_all(name: str, torn: int) -> None:
    outcomes = set()
    for bench in _cuts("p256", name, torn):
        bench.vehicle.restore_power()
        _, _, before, after = _prepared("p256", name)
        outcomes.add(_is_before_or_after(bench, before, after))
        _check(bench, "p256", name)
    assert outcomes == {False, True}


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("name", ["seal", "retire"])
def test_every_order_comes_about_whole_or_not_at_all_in_sm2(name: str) -> None:
    for bench in _cuts("sm2", name, 9):
        bench.vehicle.restore_power()
        _check(bench, "sm2", name)


@pytest.mark.requirement("J-4")
@pytest.mark.parametrize("name", ["adjust_clock", "retire", "seal"])
def test_the_power_may_go_again_while_the_seal_boots(name: str) -> None:
    for dark in list(_cuts("p256", name, 9))[::4]:
        for operation in range(BOUND):
            bench = dark.copy()
            bench.vehicle.flash.power_up()
            if not _boot_with_cut(bench, operation):
                break
            bench.vehicle.restore_power()
            _check(bench, "p256", name)
        else:
            pytest.fail("the boot never comes to its end")


def _boot_with_cut(bench: Bench, operation: int) -> bool:
    """Boots a dark seal; whether the power went again before the boot was done."""
    vehicle = bench.vehicle
    vehicle.flash.plan_cut(operation, 5)
    try:
        vehicle._boot()
    except PowerCut:
        vehicle.seal = None
        return True
    return False


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("torn", TORN)
def test_a_seal_is_born_whole_or_not_at_all(torn: int) -> None:
    for operation in range(BOUND):
        bench = Bench()
        vehicle = bench.vehicle
        vehicle.seal = None
        vehicle.flash = bench.plan.flash()
        if not _boot_with_cut(bench, operation):
            break
        vehicle.restore_power()
        check_chains(bench)
        genesis = bench.log(Chain.CONTROL)[0]
        assert (genesis.sequence, genesis.kind) == (1, RecordKind.GENESIS)
        bench.enrol()
    assert operation >= 7


@pytest.mark.requirement("R46")
@pytest.mark.parametrize("torn", TORN)
def test_a_break_is_recorded_once_though_the_power_goes(torn: int) -> None:
    prepared = Bench()
    prepared.seal_it()
    for operation in range(BOUND):
        bench = prepared.copy()
        bench.vehicle.flash.plan_cut(operation, torn)
        bench.vehicle.open_case()
        if bench.vehicle.seal is not None:
            break
        bench.vehicle.close_case()
        bench.vehicle.restore_power()
        check_chains(bench)
        breaks = [r for r in bench.log(Chain.CONTROL) if r.kind == RecordKind.TAMPER]
        assert len(breaks) == 1
        body = parse_record_body(breaks[0])
        assert isinstance(body, TamperRecord)
        assert body.cause is Cause.CASE_OPENED
        assert bench.status().latched_causes == cause_bit(Cause.CASE_OPENED)
    assert operation >= 7


@pytest.mark.requirement("O-16")
def test_a_clock_order_moves_the_clock_if_and_only_if_it_is_recorded() -> None:
    before = _prepared("p256", "adjust_clock")[2]
    for bench in _cuts("p256", "adjust_clock", 9):
        bench.vehicle.restore_power()
        moved = bench.status().clock - (before.clock + 60)  # the power was away for 60 s
        assert moved == (-60 if bench.seal.device.history.adjustments else 0)
        assert bench.status().clock_quality is ClockQuality.SET


def test_what_is_driven_counts_from_the_order_that_opened_the_seal() -> None:
    for bench in _cuts("p256", "unseal", 8):
        bench.vehicle.restore_power()
        if bench.state() is not State.OPEN:
            bench.apply(bench.challenged().unseal())
        bench.vehicle.pulses(5)
        bench.apply(bench.orders().seal(parameters(Group.CALIBRATION, salt=1)))
        (told,) = [r for r in bench.log(Chain.JOURNAL) if r.kind == RecordKind.DRIVEN]
        assert parse_record_body(told) == DrivenRecord(100, 105)


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("name", ACTS)
def test_what_was_answered_stays(name: str) -> None:
    prepared, order, _, after = _prepared("p256", name)
    bench = prepared.copy()
    answer = bench.apply(order)
    bench.restart()
    assert bench.send(order) == (Status.ALREADY_APPLIED, answer)
    assert bench.status().clock_quality is after.clock_quality
    check_chains(bench)

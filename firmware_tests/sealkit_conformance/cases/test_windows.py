"""The clock by which an order is judged: windows to the second, a lost clock (O-9, O-20, O-30)."""

from __future__ import annotations

from typing import Final

import pytest

from sealkit.wire.messages import OrderRequest
from sealkit.wire.orders import EnrolBody, RestoreClockBody
from sealkit.wire.registry import (
    ORDER_WINDOW_MAX_S,
    ORDERS,
    ClockQuality,
    Flag,
    OrderKind,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, every_order, needs
from sealkit_conformance.subject.people import DAY
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

LONGEST: Final = ORDER_WINDOW_MAX_S
EDGES: Final = {
    "from this second on": (0, DAY, Status.OK),
    "from the next second on": (1, DAY, Status.NOT_YET_VALID),
    "until this second": (-DAY, 0, Status.OK),
    "until the second before": (-DAY, -1, Status.EXPIRED),
    "for the shortest time, from now": (0, 1, Status.OK),
    "for the shortest time, until now": (-1, 0, Status.OK),
    "for no time": (0, 0, Status.WINDOW_TOO_LONG),
    "for the longest time, from now": (0, LONGEST, Status.OK),
    "for the longest time, until now": (-LONGEST, 0, Status.OK),
    "for a second more, from now": (0, LONGEST + 1, Status.WINDOW_TOO_LONG),
    "for a second more, until now": (-LONGEST - 1, 0, Status.WINDOW_TOO_LONG),
    "backwards by a second": (1, 0, Status.WINDOW_TOO_LONG),
}


@clause("O-9")
@pytest.mark.parametrize("edge", EDGES)
def test_a_window_holds_from_its_first_second_to_its_last(opened: SealUnderTest, edge: str) -> None:
    begin, end, status = EDGES[edge]

    def make(clock: int) -> OrderRequest:
        return opened.good(OrderKind.TRUST, not_before=clock + begin, not_after=clock + end)

    expect.status("O-9", status, opened.judged_within(make), f"an order that holds {edge}")


@clause("O-9")
def test_windows_at_the_ends_of_time(opened: SealUnderTest) -> None:
    """Numbers of 64 bits: nothing may overflow."""
    end = 0xFFFF_FFFF_FFFF_FFFF
    for begin, until, status in (
        (0, end, Status.WINDOW_TOO_LONG),
        (end - 1, end, Status.NOT_YET_VALID),
        (end, 0, Status.WINDOW_TOO_LONG),
        (end, DAY, Status.WINDOW_TOO_LONG),
        (end - DAY, DAY, Status.WINDOW_TOO_LONG),
        (0, 1, Status.EXPIRED),
        (0, 1 << 32, Status.WINDOW_TOO_LONG),
        (1 << 63, (1 << 63) + 9, Status.NOT_YET_VALID),
    ):
        request = opened.good(OrderKind.TRUST, not_before=begin, not_after=until)
        opened.refuses(request, status, "O-9")


# A lost clock.


def lose(seal: SealUnderTest, bench: Backend) -> int:
    """The clock is lost; gives the floor."""
    bench.lose_clock()
    bench.pass_time(500)
    status = seal.status()
    expect.equal("E-1", ClockQuality.LOST, status.clock_quality, "the quality of a lost clock")
    expect.equal("R-4", status.clock_floor, status.clock, "a lost clock is the floor")
    expect.true("E-1", status.flags & Flag.CLOCK_LOST, "clock_lost is not raised")
    return status.clock_floor


@clause("O-9", "O-33")
@needs(Capability.CLOCK)
@pytest.mark.parametrize("kind", [OrderKind.TRUST, OrderKind.ACKNOWLEDGE])
@pytest.mark.parametrize(
    ("begin", "end", "status"),
    [
        (5 * DAY, 6 * DAY, Status.OK),
        (400 * DAY, 401 * DAY, Status.OK),
        (-DAY, 0, Status.OK),
        (-DAY, -1, Status.EXPIRED),
        (0, LONGEST + 1, Status.WINDOW_TOO_LONG),
        (1, 1, Status.WINDOW_TOO_LONG),
    ],
)
def test_by_the_floor_only_the_end_is_judged(
    opened: SealUnderTest, bench: Backend, kind: OrderKind, begin: int, end: int, status: Status
) -> None:
    floor = lose(opened, bench)
    request = opened.good(kind, not_before=floor + begin, not_after=floor + end)
    if status is Status.OK:
        opened.apply(request, "O-9")
    else:
        opened.refuses(request, status, "O-9")


@clause("O-9", "O-10", "O-33", "R39")
@needs(Capability.CLOCK)
def test_by_the_floor_an_expired_signer_is_found(opened: SealUnderTest, bench: Backend) -> None:
    floor = lose(opened, bench)
    expired = opened.people.another(Role.STATION, not_after=floor - 1)
    request = opened.good(OrderKind.ACKNOWLEDGE, signers=[expired])
    opened.refuses(request, Status.CREDENTIAL_EXPIRED, "O-9")
    just = opened.people.another(Role.STATION, not_after=floor)
    opened.apply(opened.good(OrderKind.ACKNOWLEDGE, signers=[just]), "O-9")


@clause("O-9", "O-30")
@needs(Capability.CLOCK)
@pytest.mark.parametrize("edge", EDGES)
def test_restore_clock_is_judged_by_the_time_that_it_brings(
    opened: SealUnderTest, bench: Backend, edge: str
) -> None:
    begin, end, status = EDGES[edge]
    time = lose(opened, bench) + 100 * DAY
    request = opened.good(
        OrderKind.RESTORE_CLOCK,
        body=RestoreClockBody(time),
        not_before=time + begin,
        not_after=time + end,
    )
    if status is Status.OK:
        opened.apply(request, "O-9")
    else:
        opened.refuses(request, status, "O-9")


@clause("O-9", "O-10", "O-30")
@needs(Capability.CLOCK)
def test_signers_of_restore_clock_hold_at_the_time_that_it_brings(
    opened: SealUnderTest, bench: Backend
) -> None:
    time = lose(opened, bench) + 100 * DAY
    people, window = opened.people, {"not_before": time - DAY, "not_after": time + DAY}
    body = RestoreClockBody(time)
    technician = people["technician"]
    for times, status in (
        ({"not_after": time - 1}, Status.CREDENTIAL_EXPIRED),
        ({"not_before": time + 1}, Status.CREDENTIAL_NOT_YET_VALID),
    ):
        station = people.another(Role.STATION, **times)
        signers = [technician, station]
        request = opened.good(OrderKind.RESTORE_CLOCK, body=body, signers=signers, **window)
        opened.refuses(request, status, "O-9")
    station = people.another(Role.STATION, not_before=time, not_after=time)
    signers = [technician, station]
    opened.give(OrderKind.RESTORE_CLOCK, body=body, signers=signers, clause="O-9", **window)


@clause("O-30", "E-3", "R39", "R36")
@needs(Capability.CLOCK)
@pytest.mark.parametrize("state", ORDERS[OrderKind.RESTORE_CLOCK].from_states)
def test_a_clock_is_restored_from_the_floor_on(
    seal: SealUnderTest, stages: Stages, bench: Backend, state: State
) -> None:
    """Not to a second before it; then it runs, is called *restored*, and says so by a flag."""
    stages.bring(seal, state)
    floor = lose(seal, bench)
    for time in (floor - 1, floor - 1_000, floor // 2):
        window = {"not_before": time - DAY, "not_after": time + DAY}
        people = seal.people
        old = [
            people.issue(
                people.another(Role.REGISTRY, not_before=0), Role.TECHNICIAN, not_before=0
            ),
            people.another(Role.STATION, not_before=0),
        ]
        body = RestoreClockBody(time)
        request = seal.good(OrderKind.RESTORE_CLOCK, body=body, signers=old, **window)
        seal.refuses(request, Status.BELOW_FLOOR, "O-30")
    window = {"not_before": floor - DAY, "not_after": floor + DAY}
    seal.give(OrderKind.RESTORE_CLOCK, body=RestoreClockBody(floor), clause="O-30", **window)
    status = seal.status()
    expect.equal("O-30", ClockQuality.RESTORED, status.clock_quality, "the quality")
    expect.true("R-4", status.flags & Flag.CLOCK_RESTORED, "clock_restored is not raised")
    expect.true("R-4", not status.flags & Flag.CLOCK_LOST, "clock_lost stays raised")
    bench.pass_time(5_000)
    passed = seal.status().clock - status.clock
    expect.true("O-30", 4 <= passed <= 7, f"a restored clock went on by {passed} s in 5 s")
    seal.refuses(seal.good(OrderKind.RESTORE_CLOCK), Status.CLOCK_RUNNING, "O-6")


@clause("O-30", "E-3")
@needs(Capability.CLOCK, Capability.POWER)
def test_a_restored_clock_runs_on_across_a_boot(opened: SealUnderTest, bench: Backend) -> None:
    floor = lose(opened, bench)
    time = floor + 3 * DAY
    window = {"not_before": time - DAY, "not_after": time + DAY}
    body = RestoreClockBody(time)
    opened.give(OrderKind.RESTORE_CLOCK, "O-30", body=body, **window)
    opened.restart(60)
    status = opened.status()
    expect.equal("O-30", ClockQuality.RESTORED, status.clock_quality, "the quality after a boot")
    expect.true("O-30", status.flags & Flag.CLOCK_RESTORED, "clock_restored after a boot")
    if Capability.TIME in bench.capabilities:
        due = time + 60
        expect.true("O-30", due - 2 <= status.clock <= due + 10, "the clock after a boot")


@clause("R-4", "O-30")
@needs(Capability.CLOCK)
@pytest.mark.parametrize("kind", [OrderKind.CONFIRM, OrderKind.SEAL])
def test_clock_restored_falls_with_the_next_verification(
    sealed: SealUnderTest, bench: Backend, kind: OrderKind
) -> None:
    """And with no other order (chapter 7, *flags*)."""
    lose(sealed, bench)
    sealed.give(OrderKind.RESTORE_CLOCK)
    for other in (OrderKind.TRUST, OrderKind.ACKNOWLEDGE, OrderKind.ADJUST_CLOCK):
        sealed.give(other)
        flags = sealed.evidence().flags
        expect.true("R-4", flags & Flag.CLOCK_RESTORED, f"clock_restored fell with {other.name}")
    sealed.see_meter()
    sealed.give(kind)
    flags = sealed.evidence().flags
    expect.true("R-4", not flags & Flag.CLOCK_RESTORED, f"clock_restored after {kind.name}")


# ENROL (O-20).


@clause("O-20", "O-9")
@needs(Capability.FRESH_DEVICES)
@pytest.mark.destructive
@pytest.mark.parametrize("time", [0, 1, 0xFFFF_FFFF_FFFF_FFFF])
def test_a_running_clock_minds_no_time_in_enrol(
    seal: SealUnderTest, stages: Stages, time: int
) -> None:
    stages.bring(seal, State.FACTORY)
    body = EnrolBody(time, seal.people.endorsed.credential.raw)
    seal.give(OrderKind.ENROL, body=body, clause="O-20")


@clause("O-20", "O-9", "O-33")
@needs(Capability.CLOCK, Capability.FRESH_DEVICES)
@pytest.mark.destructive
@pytest.mark.parametrize("edge", EDGES)
def test_enrol_sets_a_lost_clock(
    seal: SealUnderTest, stages: Stages, bench: Backend, edge: str
) -> None:
    """It is judged by the time that it brings, and sets it."""
    begin, end, status = EDGES[edge]
    stages.bring(seal, State.FACTORY)
    time = lose(seal, bench) + 50 * DAY
    body = EnrolBody(time, seal.people.endorsed.credential.raw)
    request = seal.good(OrderKind.ENROL, body=body, not_before=time + begin, not_after=time + end)
    if status is Status.OK:
        seal.apply(request, "O-20")
        expect.equal("O-20", ClockQuality.SET, seal.status().clock_quality, "the quality")
    else:
        seal.refuses(request, status, "O-9")


@clause("O-20", "E-3")
@needs(Capability.CLOCK, Capability.FRESH_DEVICES)
@pytest.mark.destructive
def test_enrol_sets_no_time_below_the_floor(
    seal: SealUnderTest, stages: Stages, bench: Backend
) -> None:
    stages.bring(seal, State.FACTORY)
    floor = lose(seal, bench)
    raw = seal.people.endorsed.credential.raw
    window = {"not_before": floor - DAY, "not_after": floor + DAY}
    below = seal.good(OrderKind.ENROL, body=EnrolBody(floor - 1, raw), **window)
    seal.refuses(below, Status.BELOW_FLOOR, "O-20")
    seal.give(OrderKind.ENROL, body=EnrolBody(floor, raw), clause="O-20", **window)


# Without a clock some orders are taken (O-33).


@clause("O-33", "O-6")
@needs(Capability.CLOCK)
@pytest.mark.parametrize("kind", every_order())
def test_with_a_lost_clock_only_some_orders_are_taken(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    for state in ORDERS[kind].from_states:
        stages.bring(seal, state)
        lose(seal, bench)
        if ORDERS[kind].lost_clock:
            seal.give(kind, clause="O-33")
        else:
            seal.refuses(seal.good(kind), Status.TIME_NOT_SET, "O-6")

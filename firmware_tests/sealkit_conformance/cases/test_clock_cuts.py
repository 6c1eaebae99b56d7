"""Power that goes while an order sets the clock: the clock goes with its record (O-16)."""

from __future__ import annotations

import pytest

from sealkit.wire.orders import AdjustClockBody, EnrolBody, OrderBody, RestoreClockBody
from sealkit.wire.registry import Chain, ClockQuality, OrderKind, State
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.cases.test_power import STEPS_MAX
from sealkit_conformance.marks import clause, destructive, needs
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

DAY = 86_400
MOVE_S = 100
GAP_S = 5
MARGIN_S = 30
QUALITIES = {
    OrderKind.ADJUST_CLOCK: ClockQuality.SET,
    OrderKind.RESTORE_CLOCK: ClockQuality.RESTORED,
    OrderKind.ENROL: ClockQuality.SET,
}


@clause("O-16", "O-29", "O-30", "O-20", "J-4", "R23")
@destructive
@needs(Capability.POWER, Capability.POWER_IN_ORDER, Capability.CLOCK, Capability.FRESH_DEVICES)
@pytest.mark.seconds(240)
@pytest.mark.parametrize("kind", QUALITIES)
def test_power_that_goes_while_the_clock_is_set(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    """With the record the clock is the new one, without it the old one, at every moment."""
    for step in range(STEPS_MAX):
        stages.bring(seal, State.FACTORY if kind is OrderKind.ENROL else State.OPEN)
        if kind is not OrderKind.ADJUST_CLOCK:
            bench.lose_clock()
            bench.pass_time(500)
        before, count = seal.status(), len(seal.raw_log(Chain.CONTROL))
        time = before.clock + (MOVE_S if kind is OrderKind.ADJUST_CLOCK else 40 * DAY)
        bodies: dict[OrderKind, OrderBody] = {
            OrderKind.ADJUST_CLOCK: AdjustClockBody(MOVE_S),
            OrderKind.RESTORE_CLOCK: RestoreClockBody(time),
            OrderKind.ENROL: EnrolBody(time, seal.people.endorsed.credential.raw),
        }
        window = {"not_before": time - DAY, "not_after": time + DAY}
        seal.order_as_power_goes(seal.good(kind, body=bodies[kind], **window), step)
        whole = bench.has_power()
        if not whole:
            bench.restore_power(GAP_S)
            seal.line.forget()
        status = seal.status()
        applied = len(seal.raw_log(Chain.CONTROL)) > count
        quality = QUALITIES[kind] if applied else before.clock_quality
        expect.equal("O-16", quality, status.clock_quality, "the clock's quality after the cut")
        due = time if applied else before.clock
        off = status.clock - due
        expect.true("O-16", -1 <= off <= MARGIN_S, f"the clock is off by {off} s after the cut")
        check_history(seal)
        if not whole:
            seal.restart(GAP_S)
            again = seal.status()
            expect.equal("O-16", quality, again.clock_quality, "its quality after another boot")
            off = again.clock - due
            expect.true("O-16", -1 <= off <= 2 * MARGIN_S, f"off by {off} s after another boot")
        else:
            return


@clause("Z-3", "R46")
@destructive
@needs(Capability.POWER, Capability.CLOCK)
def test_a_clock_may_be_lost_at_any_boot(sealed: SealUnderTest, bench: Backend) -> None:
    """After many that were nothing."""
    for _ in range(4):
        sealed.restart(60)
    expect.equal("Z-3", State.SEALED, sealed.state(), "after boots with a clock")
    bench.cut_power()
    bench.lose_clock()
    bench.restore_power(60)
    sealed.line.forget()
    expect.equal("Z-3", State.TAMPERED, sealed.state(), "after a boot without one")

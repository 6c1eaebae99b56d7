"""Any sequence of orders and events: the seal goes the way of a small model of it, step by step.

A run that fails tells the shortest sequence that was found, and the clause that it breaks.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar, Final

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sealkit.wire.messages import OrderRequest
from sealkit.wire.orders import ORDER, AdjustClockBody
from sealkit.wire.records import OrderRecord, TamperRecord, parse_record_body
from sealkit.wire.registry import (
    ORDERS,
    STILL_BEFORE_ADJUST_MS,
    Cause,
    Chain,
    ClockQuality,
    OrderKind,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.expect import NotConformingError
from sealkit_conformance.marks import clause, destructive
from sealkit_conformance.model.seal import ADJUSTMENT_S, Flaw, ModelSeal, known_flags
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.orders import Orders
from sealkit_conformance.subject.people import Person
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

WRONG_ROLES: Final = {
    Role.TECHNICIAN: Role.INSPECTOR,
    Role.STATION: Role.TECHNICIAN,
    Role.INSPECTOR: Role.REGISTRY,
}
"""Who may not sign where the plainest order has this role first."""
_CHALLENGES: Final = {Flaw.NO_CHALLENGE, Flaw.WRONG_CHALLENGE}
FLAWS: Final = st.frozensets(st.sampled_from(Flaw), max_size=2)
KINDS: Final = st.sampled_from(OrderKind)
BEGINNINGS: Final = {
    State.FACTORY: (),
    State.OPEN: (OrderKind.ENROL,),
    State.SEALED: (OrderKind.ENROL, OrderKind.SEAL),
}
"""States to begin with, and the orders that led there."""
EXAMPLES: Final = 40
EXAMPLES_SLOW: Final = 4
"""On a bench that cannot keep a seal and go back to it."""
SHORTEN_S: Final = 10.0
"""For so long a shorter sequence is looked for."""
OTHER_SOFTWARE: Final = b"\x09\x09"


class _Enough(BaseException):
    """Looking for a shorter sequence has taken long enough."""


@dataclass(slots=True)
class Found:
    """The shortest sequence so far after which the seal was not as the model."""

    error: NotConformingError | None = None
    steps: tuple[str, ...] = ()
    since: float = 0.0

    def take(self, error: NotConformingError, steps: list[str]) -> None:
        """A sequence that failed."""
        if self.error is None:
            self.since = monotonic()
        if self.error is None or len(steps) < len(self.steps):
            self.error, self.steps = error, tuple(steps)

    def go_on(self) -> None:
        """Raises _Enough when it is time to tell what was found."""
        if self.error is not None and monotonic() - self.since > SHORTEN_S:
            raise _Enough


class AnySequence(RuleBasedStateMachine):
    """One seal and its model."""

    seal: ClassVar[SealUnderTest]
    bench: ClassVar[Backend]
    stages: ClassVar[Stages]
    steps: ClassVar[list[str]]
    found: ClassVar[Found]

    @initialize(begin=st.sampled_from(sorted(BEGINNINGS)))
    def begin(self, begin: State) -> None:
        self.found.go_on()
        self.steps[:] = [f"a seal in {begin.name}"]
        self.stages.bring(self.seal, begin)
        self.facts = self.bench.meter()
        self.model = ModelSeal(self._meter())
        for kind in BEGINNINGS[begin]:
            self.model.apply(kind)
        self.last: OrderRequest | None = None
        self.asked = False
        self._compare("Z-1")

    # Orders.

    @property
    def _full(self) -> bool:
        """The model's log has no end: what comes then, test_memory judges."""
        return self.seal.status().control_free == 0

    @rule(kind=KINDS)
    def give(self, kind: OrderKind) -> None:
        """A good order, which the state may forbid all the same."""
        self._order(kind, frozenset())

    @rule(data=st.data(), flaws=FLAWS)
    def give_one_that_is_allowed(self, data: st.DataObject, flaws: frozenset[Flaw]) -> None:
        """One that the state allows, with or without flaws."""
        allowed = [kind for kind in OrderKind if self.model.state in ORDERS[kind].from_states]
        if allowed:
            self._order(data.draw(st.sampled_from(allowed), label="kind"), flaws)

    @precondition(lambda self: self.last is not None)
    @rule()
    def give_the_last_again(self) -> None:
        """An order that was applied."""
        self.steps.append("the order that was applied last, again")
        if self.last is not None:
            expect.status("O-3", Status.ALREADY_APPLIED, self.seal.order(self.last))
            self._compare("O-3")

    @precondition(lambda self: Capability.POWER_IN_ORDER in self.bench.capabilities)
    @rule(kind=KINDS, step=st.integers(0, 12))
    def give_and_cut_the_power(self, kind: OrderKind, step: int) -> None:
        """The order is applied whole, or never was (O-16)."""
        if self._full:
            return
        self.steps.append(f"{kind.name}, and the power goes at moment {step}")
        request = self._make(kind, frozenset())
        judged = self.model.judge(kind, frozenset(), self.bench.running_ms())
        answered = self.seal.order_as_power_goes(request, step)
        cut = not self.bench.has_power()
        applied = judged.status is Status.OK
        if cut:
            self.bench.restore_power(5)
            self.seal.line.forget()
            applied = self._stands(request)
            expect.true("O-16", judged.status is Status.OK or not applied, "it had to be refused")
            expect.true("O-16", applied or answered is None, "an order that was answered is gone")
        else:
            expect.true("L-10", answered, "the seal does not answer an order")
        if applied:
            self.model.apply(kind)
            self.last = request
            self.asked &= not ORDERS[kind].challenge
        if cut:
            self._restarted()
        self._compare("O-16")

    # What happens.

    @precondition(lambda self: Capability.CASE in self.bench.capabilities)
    @rule(opened=st.booleans())
    def move_case(self, opened: bool) -> None:
        """The case is opened, or closed."""
        self.steps.append("the case is opened" if opened else "the case is closed")
        if opened is not self.model.case_open:
            (self.bench.open_case if opened else self.bench.close_case)()
        self.model.case_open = opened
        self._happened()

    @precondition(lambda self: Capability.METER in self.bench.capabilities)
    @rule(fare=st.integers(0, 2))
    def change_fare(self, fare: int) -> None:
        """The meter holds one of three fares."""
        self.steps.append(f"the meter holds fare {fare}")
        held = self.facts.fare
        self.bench.set_fare(held[:9] + bytes((held[9] ^ fare,)) + held[10:])
        self._met()

    @precondition(lambda self: Capability.METER in self.bench.capabilities)
    @rule(other=st.booleans())
    def change_software(self, other: bool) -> None:
        """The meter's software is another, or that of before."""
        self.steps.append("other software" if other else "the software of before")
        software = OTHER_SOFTWARE if other else self.facts.software
        self.bench.set_identity(self.facts.device, self.facts.hardware_version, software)
        self._met()

    @precondition(lambda self: Capability.POWER in self.bench.capabilities)
    @rule(gap_s=st.sampled_from([0, 60, 86_400]))
    def restart(self, gap_s: int) -> None:
        """The power goes and comes back."""
        self.steps.append(f"{gap_s} s without power")
        self.seal.restart(gap_s)
        self._restarted()
        self._happened()

    @precondition(lambda self: Capability.CLOCK in self.bench.capabilities)
    @rule()
    def lose_clock(self) -> None:
        """The clock is lost."""
        self.steps.append("the clock is lost")
        self.bench.lose_clock()
        self.model.lose_clock()
        self._happened()

    @precondition(lambda self: Capability.BATTERY in self.bench.capabilities)
    @rule(low=st.booleans())
    def change_battery(self, low: bool) -> None:
        """The battery runs low, or is good again."""
        self.steps.append("the battery is low" if low else "the battery is good")
        self.bench.set_battery_low(low)
        self.model.battery_low = low
        self._happened()

    @precondition(lambda self: Capability.PULSES in self.bench.capabilities)
    @rule()
    def drive(self) -> None:
        """A few pulses."""
        self.steps.append("the vehicle drives")
        self.bench.pulses(5)
        self.model.drive(self.bench.running_ms())
        self._happened()

    @precondition(lambda self: Capability.TIME in self.bench.capabilities)
    @rule()
    def wait(self) -> None:
        """Long enough to stand."""
        self.steps.append("time passes")
        self.bench.pass_time(STILL_BEFORE_ADJUST_MS + 5_000)
        self._happened()

    def teardown(self) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, NotConformingError):
            self.found.take(error, self.steps)
        elif error is None:
            try:
                self._check_log()
            except NotConformingError as late:
                self.found.take(late, self.steps)
                raise

    # How the two are compared.

    def _order(self, kind: OrderKind, flaws: frozenset[Flaw]) -> None:
        if self._full:
            return
        flaws = self._possible(kind, flaws)
        words = " and ".join(sorted(flaw.value for flaw in flaws))
        self.steps.append(f"{kind.name} {words}".rstrip())
        request = self._make(kind, flaws)
        judged = self.model.judge(kind, flaws, self.bench.running_ms())
        head = self.seal.status().control_digest
        expect.status(judged.clause, judged.status, self.seal.order(request))
        if judged.status is Status.OK:
            self.model.apply(kind)
            self.last = request
            self.asked &= not ORDERS[kind].challenge
        else:
            after = self.seal.status().control_digest
            expect.equal(judged.clause, head, after, "a refused order moved the control chain")
        self._compare(judged.clause)

    def _possible(self, kind: OrderKind, flaws: frozenset[Flaw]) -> frozenset[Flaw]:
        """Without those that an order of this kind cannot have now."""
        impossible: set[Flaw] = set()
        if not ORDERS[kind].challenge or self.model.state is State.RETIRED:
            impossible |= _CHALLENGES
        if self.asked or Flaw.WRONG_CHALLENGE in flaws:
            impossible.add(Flaw.NO_CHALLENGE)
        if kind is OrderKind.TRUST:
            impossible.add(Flaw.WRONG_ROLE)
        return flaws - impossible

    def _make(self, kind: OrderKind, flaws: frozenset[Flaw]) -> OrderRequest:
        challenged = ORDERS[kind].challenge and self.model.state is not State.RETIRED
        if kind is OrderKind.SEAL:
            self.seal.see_meter()
        orders = self.seal.orders(challenge=challenged and Flaw.NO_CHALLENGE not in flaws)
        self.asked |= challenged and Flaw.NO_CHALLENGE not in flaws
        return orders.good(kind, **self._changes(orders, kind, flaws))

    def _changes(self, orders: Orders, kind: OrderKind, flaws: frozenset[Flaw]) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        signers: list[Person] = orders.signers(kind)
        if kind is OrderKind.ADJUST_CLOCK:
            changes["body"] = AdjustClockBody(ADJUSTMENT_S)
        if Flaw.STALE in flaws:
            changes["head_sequence"] = orders.standing.head_sequence + 1
        if Flaw.WRONG_CHALLENGE in flaws:
            given = orders.standing.challenge
            changes["challenge"] = given[:-1] + bytes((given[-1] ^ 1,))
        if Flaw.OVER in flaws:
            changes |= {"not_before": 1, "not_after": 2}
        if Flaw.WRONG_ROLE in flaws:
            role = WRONG_ROLES[ORDERS[kind].signers[0][0]]
            if role in ORDERS[kind].signers[0]:
                role = Role.REGISTRY
            signers = [orders.people.of(role), *signers[1:]]
            changes["signers"] = signers
        if Flaw.BAD_SIGNATURE in flaws:
            changes["sign_with"] = [orders.people.maker.key] * len(signers)
        return changes

    def _stands(self, request: OrderRequest) -> bool:
        bodies = [parse_record_body(record) for record in self.seal.log(Chain.CONTROL)]
        return any(isinstance(b, OrderRecord) and b.order == request.order for b in bodies)

    def _meter(self) -> dict[Cause, object]:
        facts = self.bench.meter()
        return {
            Cause.FARE_PARAMETERS_CHANGED: facts.fare,
            Cause.METER_SOFTWARE_CHANGED: facts.software,
        }

    def _met(self) -> None:
        """The meter has changed."""
        self.model.meter = self._meter()
        self._happened()

    def _restarted(self) -> None:
        """The challenge is gone."""
        self.asked = False
        self.model.boot()
        bit = 1 << (Cause.UNSUPERVISED - 1)
        if self.model.quality is ClockQuality.LOST and self.seal.status().latched_causes & bit:
            self.model.observe(Cause.UNSUPERVISED)  # Z-3 leaves open whether in TAMPERED as well

    def _happened(self) -> None:
        """The seal has had the time to notice."""
        self.bench.pass_time(300)
        self.seal.see_meter()
        self.model.observe()
        self._compare("Z-1")

    def _compare(self, blamed: str) -> None:
        """blamed: the clause of the last step, which a wrong state is about."""
        status = self.seal.status()
        for name, (clause_, due) in self.model.told.items():
            told = getattr(status, name)
            told = known_flags(told) if name == "flags" else told
            about = blamed if name == "state" else clause_
            expect.equal(about, due, told, f"{name} after: {self.steps[-1]}")

    def _check_log(self) -> None:
        """The control chain holds what the model has recorded, and all adds up."""
        recorded: list[OrderKind | Cause] = []
        for record in check_history(self.seal).control:
            body = parse_record_body(record)
            if isinstance(body, OrderRecord):
                recorded.append(ORDER.parse(body.order).kind)
            elif isinstance(body, TamperRecord):
                recorded.append(body.cause)
        expect.equal("R-5", self.model.control, recorded, "the control chain")


@clause("Z-1", "Z-2", "Z-3", "O-5", "O-6", "O-16", "R-5")
@destructive
@pytest.mark.seconds(280)
def test_any_sequence_goes_the_way_of_the_model(
    seal: SealUnderTest, stages: Stages, bench: Backend, request: pytest.FixtureRequest
) -> None:
    option = request.config.option
    stages.bring(seal, State.OPEN)
    found = Found()
    parts = {"seal": seal, "bench": bench, "stages": stages, "steps": [], "found": found}
    machine = type("AnySequence", (AnySequence,), parts)
    if option.explore_seed is not None:
        machine = seed(option.explore_seed)(machine)
    chosen = settings(
        max_examples=EXAMPLES if bench.keep() is not None else EXAMPLES_SLOW,
        stateful_step_count=option.explore_steps,
        derandomize=option.explore_seed is None,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    with suppress(NotConformingError, Flaky, _Enough):
        run_state_machine_as_test(machine, settings=chosen)
    if found.error is not None:
        way = "".join(f"\n    {number}. {step}" for number, step in enumerate(found.steps))
        what = f"{found.error.what}; the steps were:{way}"
        raise NotConformingError(found.error.clause, what, found.error.differences)

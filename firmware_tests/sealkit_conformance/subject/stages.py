"""Brings a seal to the state that a case begins with: by a copy where the backend can keep one,
else by the orders that lead there from where the seal is."""

from __future__ import annotations

from typing import Any, Final

from sealkit.wire.orders import RestoreClockBody
from sealkit.wire.registry import ORDERS, ClockQuality, Command, OrderKind, State
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.subject.seal import SealUnderTest

_WAYS: Final[dict[State, dict[State, OrderKind]]] = {
    State.OPEN: {
        State.FACTORY: OrderKind.ENROL,
        State.SEALED: OrderKind.UNSEAL,
        State.TAMPERED: OrderKind.CLEAR,
    },
    State.SEALED: {State.OPEN: OrderKind.SEAL},
    State.RETIRED: {State.OPEN: OrderKind.RETIRE, State.TAMPERED: OrderKind.RETIRE},
}
"""The order that leads to a state from another."""
_STEPS_MAX: Final = 4
ORDERS_FOR_A_CASE: Final = 10
"""With room for fewer a seal is as good as full: its control log is never emptied (J-1)."""


class Stages:
    """For one backend; remembers the states that it could keep."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._kept: dict[State, Any] = {}

    def bring(self, seal: SealUnderTest, state: State) -> SealUnderTest:
        """The seal in this state, its meter seen, nothing the matter with it.

        Raises CannotDoError if it takes another device, or a tampering, than there is.
        """
        seal.forget_identity()
        seal.line.forget()
        if state in self._kept:
            self._backend.go_back(self._kept[state])
            return seal
        if Capability.FRESH_DEVICES in self._backend.capabilities:
            self._from_before(seal, state)
        else:
            self._from_anywhere(seal, state)
        kept = self._backend.keep()
        if kept is not None:
            self._kept[state] = kept
        return seal

    def bring_for(self, seal: SealUnderTest, kind: OrderKind) -> SealUnderTest:
        """The seal in a state in which it takes an order of this kind; its clock is lost if it is
        to be restored. Errors: as `bring`."""
        self.bring(seal, ORDERS[kind].from_states[-1])
        if kind is OrderKind.RESTORE_CLOCK:
            self._backend.lose_clock()
            self._backend.pass_time(500)
        return seal

    def _from_before(self, seal: SealUnderTest, state: State) -> None:
        """From the state that comes before it in a seal's life."""
        before = {
            State.OPEN: State.FACTORY,
            State.SEALED: State.OPEN,
            State.TAMPERED: State.SEALED,
            State.RETIRED: State.OPEN,
        }
        if state is State.FACTORY:
            self._backend.fresh_device()
            self._provision(seal)
        else:
            self.bring(seal, before[state])
            self._step(seal, before[state], state)

    def _from_anywhere(self, seal: SealUnderTest, state: State) -> None:
        """From the state that the only seal is in."""
        for _ in range(_STEPS_MAX):
            status = seal.status()
            now = status.state
            if now is State.FACTORY:
                self._provision(seal)
            elif now is not State.RETIRED and status.clock_quality is ClockQuality.LOST:
                body = RestoreClockBody(self._backend.now())
                seal.take(seal.good(OrderKind.RESTORE_CLOCK, body=body))
            if now is state and (now is State.RETIRED or status.control_free >= ORDERS_FOR_A_CASE):
                return
            worn = status.control_free < ORDERS_FOR_A_CASE and state is not State.RETIRED
            if state is State.FACTORY or now is State.RETIRED or worn:
                self._backend.fresh_device()
                seal.forget_identity()
                self._provision(seal)
            else:
                self._step(seal, now, _next(now, state))
        expect.fail("Z-1", f"the seal does not come to the state {state.name.lower()}")

    def _provision(self, seal: SealUnderTest) -> None:
        info = seal.identity
        person = seal.people.seal(info.serial, info.public_key)
        seal.done(Command.INSTALL_CREDENTIAL, person.credential.raw)

    def _step(self, seal: SealUnderTest, now: State, then: State) -> None:
        if then is State.TAMPERED:
            self._backend.open_case()
            self._backend.close_case()
        else:
            if then is State.SEALED:
                seal.see_meter()
            seal.take(seal.good(_WAYS[then][now]))
        expect.equal("Z-1", then, seal.state(), "the seal is in another state than its orders say")


def _next(now: State, goal: State) -> State:
    """The state on the way from one to the other."""
    if now in _WAYS.get(goal, {}) or (now, goal) == (State.SEALED, State.TAMPERED):
        return goal
    if goal in (State.SEALED, State.RETIRED) and now is not State.OPEN:
        return State.OPEN
    return State.OPEN if now is State.FACTORY else State.SEALED

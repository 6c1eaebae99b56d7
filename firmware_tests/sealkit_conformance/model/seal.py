"""A small seal: states, causes, counters and clock by SPEC.md, without a byte of its formats.

It says what becomes of an order and of whatever happens to a seal; the exploration compares it
with the seal under test after each step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from sealkit.wire.registry import (
    CLOCK_ADJUST_MAX_S,
    ORDERS,
    STILL_BEFORE_ADJUST_MS,
    Cause,
    ClockQuality,
    Flag,
    OrderKind,
    State,
    Status,
)

ADJUSTMENT_S: Final = 7
"""What each ADJUST_CLOCK of the exploration changes."""


class Flaw(Enum):
    """What may be wrong with an order; the value says it in words."""

    STALE = "for another head"
    NO_CHALLENGE = "without a challenge outstanding"
    WRONG_CHALLENGE = "with another challenge"
    OVER = "whose window is over"
    WRONG_ROLE = "by a role that may not give it"
    BAD_SIGNATURE = "signed with another key"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the seal is to answer, and the rule that says so."""

    status: Status
    clause: str


_RULES: Final = {
    Flaw.STALE: Judgement(Status.STALE_HEAD, "O-7"),
    Flaw.NO_CHALLENGE: Judgement(Status.CHALLENGE_MISSING, "O-8"),
    Flaw.WRONG_CHALLENGE: Judgement(Status.CHALLENGE_WRONG, "O-8"),
    Flaw.OVER: Judgement(Status.EXPIRED, "O-9"),
    Flaw.WRONG_ROLE: Judgement(Status.ROLE_NOT_ALLOWED, "O-11"),
    Flaw.BAD_SIGNATURE: Judgement(Status.SIGNATURE_INVALID, "O-13"),
}
"""In the order in which a seal judges."""
_FLAGS: Final = (
    Flag.CLOCK_LOST
    | Flag.CLOCK_RESTORED
    | Flag.BATTERY_LOW
    | Flag.DRIVEN_WHILE_OPEN
    | Flag.CASE_OPEN
)
"""Those that the model knows of."""


@dataclass(slots=True)
class ModelSeal:
    """A seal that was just made. meter: what its meter holds, in any words; sealed: what of that
    was sealed last."""

    meter: dict[Cause, object]
    state: State = State.FACTORY
    sealed: dict[Cause, object] | None = None
    latched: set[Cause] = field(default_factory=set)
    case_open: bool = False
    battery_low: bool = False
    quality: ClockQuality = ClockQuality.SET
    restored: bool = False
    driven: bool = False
    calibration_counter: int = 0
    configuration_counter: int = 0
    trust_version: int = 0
    adjusted_s: int = 0
    last_pulse_ms: int | None = None
    control: list[OrderKind | Cause] = field(default_factory=list)
    """What was recorded in the control chain, after genesis."""

    # Orders.

    def judge(self, kind: OrderKind, flaws: frozenset[Flaw], now_ms: int) -> Judgement:
        """What becomes of an order with these flaws, the first rule that fails deciding."""
        rule = ORDERS[kind]
        lost = self.quality is ClockQuality.LOST
        if self.state is State.RETIRED:
            return Judgement(Status.KEY_DESTROYED, "O-2")
        if self.state not in rule.from_states:
            return Judgement(Status.WRONG_STATE, "O-5")
        if lost and not rule.lost_clock:
            return Judgement(Status.TIME_NOT_SET, "O-6")
        if kind is OrderKind.RESTORE_CLOCK and not lost:
            return Judgement(Status.CLOCK_RUNNING, "O-6")
        for flaw, judgement in _RULES.items():
            if flaw in flaws:
                return judgement
        return self._judge_circumstances(kind, now_ms)

    def _judge_circumstances(self, kind: OrderKind, now_ms: int) -> Judgement:
        if kind is OrderKind.SEAL and self.case_open:
            return Judgement(Status.TAMPER_LIVE, "O-25")
        if kind is OrderKind.ADJUST_CLOCK:
            if self.adjusted_s + ADJUSTMENT_S > CLOCK_ADJUST_MAX_S:
                return Judgement(Status.CLOCK_LIMIT, "O-29")
            pulse = self.last_pulse_ms
            if pulse is not None and now_ms - pulse < STILL_BEFORE_ADJUST_MS:
                return Judgement(Status.VEHICLE_MOVING, "O-29")
        return Judgement(Status.OK, "O-16")

    def apply(self, kind: OrderKind) -> None:
        """An order was applied."""
        self.control.append(kind)
        match kind:
            case OrderKind.SEAL:
                self._seal()
            case OrderKind.CONFIRM:
                self.restored = False
            case OrderKind.CLEAR:
                self.latched = set()
            case OrderKind.ENROL if self.quality is ClockQuality.LOST:
                self.quality = ClockQuality.SET
            case OrderKind.RESTORE_CLOCK:
                self.quality, self.restored = ClockQuality.RESTORED, True
            case OrderKind.ADJUST_CLOCK:
                self.adjusted_s += ADJUSTMENT_S
            case OrderKind.TRUST:
                self.trust_version += 1
        self.state = ORDERS[kind].to_state or self.state

    def _seal(self) -> None:
        """Each set has another tyre, and whatever the meter holds now."""
        self.calibration_counter += 1
        self.configuration_counter += self.sealed != self.meter
        self.sealed = dict(self.meter)
        self.restored = self.driven = False

    # What happens.

    @property
    def live(self) -> set[Cause]:
        """The causes that are met now (Z-1)."""
        found = {Cause.CASE_OPENED} if self.case_open else set()
        if self.sealed is not None:
            found |= {cause for cause, held in self.meter.items() if held != self.sealed[cause]}
        return found

    def observe(self, *more: Cause) -> None:
        """Latches what is live, and `more` (Z-1)."""
        if self.state not in (State.SEALED, State.TAMPERED):
            return
        for cause in sorted((self.live | set(more)) - self.latched):
            self.control.append(cause)
            self.latched.add(cause)
            self.state = State.TAMPERED

    def boot(self) -> None:
        """The power went and came back (Z-3)."""
        self.last_pulse_ms = None
        lost = self.quality is ClockQuality.LOST and self.state is State.SEALED
        self.observe(*([Cause.UNSUPERVISED] if lost else []))

    def lose_clock(self) -> None:
        self.quality, self.restored = ClockQuality.LOST, False

    def drive(self, now_ms: int) -> None:
        """Pulses came."""
        self.last_pulse_ms = now_ms
        self.driven |= self.state is State.OPEN

    # How it is.

    @property
    def told(self) -> dict[str, tuple[str, object]]:
        """What the status tells of it: field by field, the clause and the value."""
        if self.state is State.RETIRED:
            return {"state": ("Z-1", self.state)}  # nobody relies on the rest
        flags = {
            Flag.CLOCK_LOST: self.quality is ClockQuality.LOST,
            Flag.CLOCK_RESTORED: self.restored,
            Flag.BATTERY_LOW: self.battery_low,
            Flag.DRIVEN_WHILE_OPEN: self.driven,
            Flag.CASE_OPEN: self.case_open,
        }
        return {
            "state": ("Z-1", self.state),
            "latched_causes": ("Z-1", bits(self.latched)),
            "live_causes": ("Z-1", bits(self.live)),
            "calibration_counter": ("P-4", self.calibration_counter),
            "configuration_counter": ("P-4", self.configuration_counter),
            "trust_version": ("K-7", self.trust_version),
            "clock_quality": ("R-4", self.quality),
            "flags": ("R-4", sum(flag for flag, raised in flags.items() if raised)),
        }


def bits(causes: set[Cause]) -> int:
    """Causes as a number (E-1)."""
    return sum(1 << (cause - 1) for cause in causes)


def known_flags(flags: int) -> int:
    """Those of the flags that the model knows of."""
    return flags & _FLAGS

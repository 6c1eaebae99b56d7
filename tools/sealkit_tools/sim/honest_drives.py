"""Honest taxis with all that honest taxis meet, and how near their seals came to an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from sealkit.rules.parameters import supervision_of
from sealkit_simulator.frauds import HONEST, fraud_named
from sealkit_simulator.road.car import Car, draw_car
from sealkit_simulator.road.motion import MotionKind
from sealkit_simulator.road.shift import RARE_EVENTS
from sealkit_tools.sim.sealed_taxi import SealedTaxi

_CHANGED_PPM: Final = (-7_000, 8_000)
"""How far the wheel's circumference has moved since the verification: worn within what a meter may
err (+1.0 %), or new tyres instead of the worn ones of that day."""
_OFTEN: Final = {event: min(1_000, 4 * permille) for event, permille in RARE_EVENTS.items()}
_LOOK_S: Final = 20


@dataclass(slots=True)
class HonestRun:
    """findings: codes, empty as they ought to be. closest: by check, the largest share of its limit
    that was reached; 1 would be an alarm."""

    vehicle: int
    shifts: int
    findings: tuple[str, ...] = ()
    audit: tuple[str, ...] = ()
    travelled_m: int = 0
    closest: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "vehicle": self.vehicle,
            "shifts": self.shifts,
            "false_alarm": bool(self.findings),
            "findings": list(self.findings),
            "audit": list(self.audit),
            "driven_km": self.travelled_m / 1000,
            "closest": {name: round(share, 3) for name, share in self.closest.items()},
        }


def drive_honestly(vehicle: int, shifts: int) -> HonestRun:
    """One vehicle through its shifts, and then to the station. vehicle: its seed.

    Every third has its second source on the vehicle's bus, the others have satellites. Rare events
    happen four times as often as in an ordinary year.
    """
    random = Random(vehicle)
    motion = MotionKind.CAN if vehicle % 3 == 0 else MotionKind.GNSS
    car = draw_car(random, motion=motion)
    taxi = SealedTaxi(car, fraud_named(HONEST)(random), random)
    _age(car, random)
    run = HonestRun(vehicle, shifts)
    seconds = 0

    def watch() -> bool:
        nonlocal seconds
        seconds += 1
        if seconds % _LOOK_S == 0:
            _note(run.closest, shares(taxi))
        return False

    taxi.outing.drive(shifts, random, rare=_OFTEN, until=watch)
    verdict, _ = taxi.verify([taxi.evidence()])
    run.findings = tuple(f.code for f in verdict.findings if f.severity.value in _BAD)
    run.audit = taxi.audit()
    run.travelled_m = taxi.outing.travelled_m
    return run


_BAD: Final = ("broken", "undetermined")


def _age(car: Car, random: Random) -> None:
    wheel = car.wheel
    wheel.circumference_um += wheel.circumference_um * random.randint(*_CHANGED_PPM) // 1_000_000


def _note(closest: dict[str, float], now: Mapping[str, float]) -> None:
    for name, share in now.items():
        closest[name] = max(share, closest.get(name, 0.0))


def shares(taxi: SealedTaxi) -> dict[str, float]:
    """How much of each check's limit is used up now, as a simulated seal alone can be asked."""
    seal = taxi.vehicle.seal
    if seal is None:
        return {}
    limits, found = supervision_of(seal.device.history.groups), seal.device.detectors
    if limits is None:
        return {}
    k, motion = found.k, found.motion
    metre = 1_000_000 * k.k
    of_trips = limits.k_window_m * k.k * limits.k_tolerance_ppm // 1_000_000
    values = {
        "k_trips": (max(k.trip_more.value, k.trip_less.value), of_trips),
        "k_shifts": (max(k.shift_more.value, k.shift_less.value), of_trips),
        "pulse_rate": (found.rate.highest_hz, limits.pulse_rate_max_hz),
        "standing": (found.standing.excess, limits.standing_limit_m * metre),
        "motion_too_many": (motion.more.value, limits.motion_limit_m * metre),
        "motion_too_few": (motion.less.value, limits.motion_limit_m * metre),
        "motion_fast": (motion.fast.value, limits.motion_limit_m * metre),
        "motion_hired": (motion.hired.value, limits.motion_limit_m * metre),
    }
    return {name: value / limit for name, (value, limit) in values.items() if limit}

"""The steps of an honest year; the days are drawn, within spans that hold for the whole city."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from sealkit.wire.registry import Cause
from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Life, Step, Year
from sealkit_simulator.city.plan import AUTUMN_DAY, REVOKED_DAY, SPRING_DAY, CityPlan

SPANS: Final[dict[str, tuple[float, float]]] = {
    "install": (0.3, 0.9),
    "trust": (5, 25),
    "spring_ahead": (45, 70),
    "spring": (SPRING_DAY, SPRING_DAY + 0.5),
    "spring_settled": (SPRING_DAY + 1, SPRING_DAY + 12),
    "first_visit": (100, 120),
    "first_break": (125, 140),
    "tyres": (150, 195),
    "verification": (205, 229),
    "second_visit": (230, 231),
    "repair": (245, 256),
    "autumn_ahead": (262, 276),
    "autumn": (AUTUMN_DAY, AUTUMN_DAY + 0.5),
    "autumn_settled": (AUTUMN_DAY + 1, AUTUMN_DAY + 9),
    "second_trust": (REVOKED_DAY + 5, REVOKED_DAY + 25),
    "last_break": (332, 340),
    "last_visit": (346, 363),
}
"""Days of the year within which each thing happens."""
_PENDING_DAYS: Final = 25
_REPAIRED: Final = 0.1
_BREAKS: Final = 0.01
_BREAKS_OF_CARELESS: Final = 0.4
_CAUSES: Final = (Cause.CASE_OPENED, Cause.METER_SILENT, Cause.UNSUPERVISED)


def draw_moment(plan: CityPlan, random: Random, name: str) -> int:
    """When something happens."""
    return plan.day(random.uniform(*SPANS[name]))


def visit(life: Life) -> None:
    """The station reads the seal, and says up to where its ledger holds the journal."""
    orders.submit(life)
    orders.acknowledge(life)


def honest_year(plan: CityPlan, random: Random, *, careless: bool = False) -> Year:
    """What happens to a seal whose people are honest. careless: they seal badly."""

    def ahead(day: int) -> Callable[[Life], None]:
        return orders.seal_tariff_ahead(plan.day(day), plan.day(day + _PENDING_DAYS))

    what: dict[str, Callable[[Life], None]] = {
        "install": orders.install,
        "trust": orders.carry_trust(1),
        "spring_ahead": ahead(SPRING_DAY),
        "spring": orders.meter_switches,
        "spring_settled": orders.settle_tariff,
        "first_visit": visit,
        "tyres": orders.change_tyres(),
        "verification": orders.verify_yearly,
        "second_visit": visit,
        "autumn_ahead": ahead(AUTUMN_DAY),
        "autumn": orders.meter_switches,
        "autumn_settled": orders.settle_tariff,
        "second_trust": orders.carry_trust(2),
        "last_visit": orders.submit,
    }
    if random.random() < _REPAIRED:
        what["repair"] = orders.repair()
    for name in ("first_break", "last_break"):
        if random.random() < (_BREAKS_OF_CARELESS if careless else _BREAKS):
            what[name] = orders.break_and_clear(random.choice(_CAUSES))
    return {name: Step(draw_moment(plan, random, name), do) for name, do in what.items()}

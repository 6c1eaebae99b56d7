"""A seal's connector breaks; another seal takes its place on the same vehicle and names it as its
predecessor. The dead one can take no order any more, so nothing in its own log says that it ended.
"""

from __future__ import annotations

from sealkit.wire.registry import Purpose
from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Life, Step, Year
from sealkit_simulator.city.plan import DAY_S, YEAR_DAYS
from sealkit_simulator.city.scene import Outcome, Planted, Scene
from sealkit_simulator.city.year import honest_year, visit

SEALS = 2
_DIED_DAY = 240
_MORE_VISITS = (35, 80, 142, 200), (243, 257, 277, 285, 312, 325)
"""Days on which each is visited beside: such a pair is looked after closely. So each of the two
has as many orders as a seal that lives through the whole year."""


def play(scene: Scene) -> Outcome:
    """The first seal dies after its second visit, the second one is born then."""
    first = scene.begin(0)
    died = scene.plan.day(_DIED_DAY)
    first.records = first.records * YEAR_DAYS // _DIED_DAY + 1
    first.run(scene.year(first) | _visits(scene, _MORE_VISITS[0]), died)
    second = scene.begin(1, first.car)
    second.seal.time = first.seal.time

    def install(life: Life) -> None:
        orders.install(life, purpose=Purpose.ACTIVATION, replaces=first.seal.number)

    year = honest_year(scene.plan, scene.dice("second year"))
    year = {name: step for name, step in year.items() if step.at > died + 3 * DAY_S}
    year["install"] = Step(died + DAY_S, install)
    year["trust"] = Step(died + 2 * DAY_S, orders.carry_trust(1))
    second.run(year | _visits(scene, _MORE_VISITS[1]))
    return Outcome(
        [*first.brought, *second.brought],
        Planted(
            "seal-replaced",
            (scene.number(0), scene.number(1)),
            (),
            "the second seal names the first as its predecessor",
        ),
    )


def _visits(scene: Scene, days: tuple[int, ...]) -> Year:
    return {f"visit of day {day}": Step(scene.plan.day(day), visit) for day in days}

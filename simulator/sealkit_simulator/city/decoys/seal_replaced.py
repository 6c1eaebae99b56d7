"""A seal's connector breaks; another seal takes its place on the same vehicle and names it as its
predecessor. The dead one can take no order any more, so nothing in its own log says that it ended.
"""

from __future__ import annotations

from sealkit.wire.registry import Purpose
from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Life, Step
from sealkit_simulator.city.plan import DAY_S
from sealkit_simulator.city.scene import Outcome, Planted, Scene
from sealkit_simulator.city.year import honest_year

SEALS = 2
_DIED_DAY = 240


def play(scene: Scene) -> Outcome:
    """The first seal dies after its second visit, the second one is born then."""
    first = scene.begin(0)
    died = scene.plan.day(_DIED_DAY)
    first.run(scene.year(first), died)
    second = scene.begin(1, first.car)
    second.seal.time = first.seal.time

    def install(life: Life) -> None:
        orders.install(life, purpose=Purpose.ACTIVATION, replaces=first.seal.number)

    year = honest_year(scene.plan, scene.dice("second year"))
    year = {name: step for name, step in year.items() if step.at > died + 3 * DAY_S}
    year["install"] = Step(died + DAY_S, install)
    year["trust"] = Step(died + 2 * DAY_S, orders.carry_trust(1))
    second.run(year)
    return Outcome(
        [*first.brought, *second.brought],
        Planted(
            "seal-replaced",
            (scene.number(0), scene.number(1)),
            (),
            "the second seal names the first as its predecessor",
        ),
    )

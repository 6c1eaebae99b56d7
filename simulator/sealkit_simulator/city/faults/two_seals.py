"""The owner has a second seal sealed to the same taxi, at another station: one for the road, one to
be shown.
"""

from __future__ import annotations

from sealkit_simulator.city.scene import Outcome, Planted, Scene
from sealkit_simulator.city.year import honest_year

SEALS = 2


def play(scene: Scene) -> Outcome:
    """Two whole lives on one vehicle."""
    first = scene.begin(0)
    first.run(scene.year(first))
    second = scene.begin(1, scene.car())
    second.run(honest_year(scene.plan, scene.dice("second year")))
    numbers = (scene.number(0), scene.number(1))
    return Outcome(
        [*first.brought, *second.brought],
        Planted("two-seals", numbers, ("VEHICLE_TWO_SEALS",), "both sealed all the year"),
    )

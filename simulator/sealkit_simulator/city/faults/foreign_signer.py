"""A seal whose firmware forgets to look at regions takes the order of a technician whose card is
for another city.
"""

from __future__ import annotations

from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Life, Step
from sealkit_simulator.city.scene import Outcome, Planted, Scene
from sealkit_simulator.city.year import draw_moment


def play(scene: Scene) -> Outcome:
    """A repair by the technician of another city."""
    life = scene.begin()
    year = scene.year(life)

    def foreign_repair(life: Life) -> None:
        life.seal.forgets_scope = True
        orders.repair(scene.people.foreigner)(life)

    moment = draw_moment(scene.plan, scene.dice("repair"), "repair")
    year["repair"] = Step(moment, foreign_repair)
    life.run(year)
    return Outcome(
        life.brought,
        Planted(
            "foreign-signer",
            (scene.number(),),
            ("ORDER_CREDENTIAL",),
            f"repaired by {scene.people.foreigner.name}",
        ),
    )

"""A technician whose card was revoked goes on working at seals to which nobody has yet carried the
statement that says so.
"""

from __future__ import annotations

from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Step
from sealkit_simulator.city.scene import Outcome, Planted, Scene
from sealkit_simulator.city.year import draw_moment


def play(scene: Scene) -> Outcome:
    """A repair after the revocation, instead of the second statement."""
    life = scene.begin()
    year = scene.year(life)
    del year["second_trust"]
    year.pop("last_break", None)  # whoever sealed it anew would have put his work right
    moment = draw_moment(scene.plan, scene.dice("repair"), "second_trust")
    year["late_repair"] = Step(moment, orders.repair(scene.people.revoked))
    life.run(year)
    return Outcome(
        life.brought,
        Planted(
            "revoked-signer",
            (scene.number(),),
            ("ORDER_AFTER_REVOCATION",),
            f"repaired by {scene.people.revoked.name}",
        ),
    )

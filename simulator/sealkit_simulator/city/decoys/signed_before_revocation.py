"""A technician worked on the seal long before his card was revoked, and the ledger had the record
of it before. Whoever has the last export alone cannot know that the order is not from a stolen key.
"""

from __future__ import annotations

from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Step
from sealkit_simulator.city.scene import Outcome, Planted, Scene


def play(scene: Scene) -> Outcome:
    """His work are the tyres; nobody opens the seal after him."""
    life = scene.begin()
    year = scene.year(life)
    for name in ("repair", "last_break"):
        year.pop(name, None)
    year["tyres"] = Step(year["tyres"].at, orders.change_tyres(scene.people.revoked))
    life.run(year)
    return Outcome(
        life.brought,
        Planted(
            "signed-before-revocation",
            (scene.number(),),
            (),
            f"tyres by {scene.people.revoked.name}, before his card was revoked",
        ),
    )

"""A copy of the seal that has not yet written anything of its own is shown in a distant city, hours
after the seal was read here.
"""

from __future__ import annotations

from sealkit_simulator.city.places import FAR
from sealkit_simulator.city.scene import Outcome, Planted, Scene


def play(scene: Scene) -> Outcome:
    """The last visit has an echo more than 1,200 km away, within four hours."""
    life = scene.begin()
    life.run(scene.year(life))
    far = FAR[scene.variant % len(FAR)]
    life.seal.work_until(life.seal.time + life.random.randint(3_600, 4 * 3_600))
    life.submit(place=far)
    return Outcome(
        life.brought,
        Planted("two-places", (scene.number(),), ("SEAL_TWO_PLACES",), f"also in {far.name}"),
    )

"""Somebody gets at the seal's key and makes a copy of the whole seal. From then on two taxis drive
with one number, each with records and orders of its own; by turns the one or the other is shown.

Every other time the copy is sealed, with a bribed technician, for the plate of the second taxi.
"""

from __future__ import annotations

from collections.abc import Callable

from sealkit.wire.registry import Purpose, Reason
from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Life, Step
from sealkit_simulator.city.plan import DAY_S
from sealkit_simulator.city.scene import Outcome, Planted, Scene
from sealkit_simulator.city.year import honest_year

_COPIED_DAY = 235


def play(scene: Scene) -> Outcome:
    """Both come to the last visit of the year."""
    original = scene.begin()
    year = scene.year(original)
    copied = scene.plan.day(_COPIED_DAY)
    original.run(year, copied)
    clone = original.copy(scene.dice("clone"))
    own_year = honest_year(scene.plan, scene.dice("clone's year"))
    if scene.variant % 2:
        own_year["repair"] = Step(own_year["autumn_ahead"].at - 10 * DAY_S, _to_second_taxi(scene))
    original.run(year)
    clone.run(own_year)
    return Outcome(
        [*original.brought, *clone.brought],
        Planted("fork", (scene.number(),), ("HISTORY_FORKED",), "copied after the second visit"),
    )


def _to_second_taxi(scene: Scene) -> Callable[[Life], None]:
    def do(life: Life) -> None:
        orders.open_seal(life, Reason.REPAIR, "display replaced")
        life.car = scene.other_car(life.car)
        contents = orders.of_vehicle(life) | orders.calibration(life, Purpose.AFTER_REPAIR)
        orders.seal_again(life, contents)

    return do

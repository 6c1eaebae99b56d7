"""The seal goes from one taxi to another, so that one verification serves two.

By turns a technician writes the new vehicle into an order that speaks of tyres; or nobody writes
anything, and the station's clerk reads another plate on the vehicle than is sealed.
"""

from __future__ import annotations

from dataclasses import replace

from sealkit.wire.registry import Purpose, Reason
from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Life, Step
from sealkit_simulator.city.scene import Outcome, Planted, Scene


def play(scene: Scene) -> Outcome:
    """From the tyres, or from the last visit on, it is on another vehicle."""
    life = scene.begin()
    year = scene.year(life)

    def move(life: Life) -> None:
        orders.open_seal(life, Reason.TYRE_CHANGE, "new tyres")
        life.car = scene.other_car(life.car).with_new_tyres(1.002)
        contents = orders.of_tyres(life) | orders.of_vehicle(life)
        orders.seal_again(life, contents | orders.calibration(life, Purpose.AFTER_REPAIR))

    by_order = scene.variant % 2 == 0
    if by_order:
        year["tyres"] = Step(year["tyres"].at, move)
    life.run(year)
    if not by_order:
        seen = scene.other_car(life.car).plate
        life.brought[-1] = replace(life.brought[-1], plate_seen=seen)
    what = "moved by an order about tyres" if by_order else "seen on another vehicle"
    return Outcome(
        life.brought,
        Planted("two-vehicles", (scene.number(),), ("SEAL_TWO_VEHICLES",), what),
    )

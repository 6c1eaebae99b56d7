"""The owner buys another taxi: seal and meter move into it, and the order says so."""

from __future__ import annotations

from sealkit.wire.registry import Purpose, Reason
from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Life, Step
from sealkit_simulator.city.scene import Outcome, Planted, Scene


def play(scene: Scene) -> Outcome:
    """The new vehicle instead of new tyres."""
    life = scene.begin()
    year = scene.year(life)

    def move(life: Life) -> None:
        orders.open_seal(life, Reason.VEHICLE_REPLACED, "new vehicle")
        life.car = scene.other_car(life.car).with_new_tyres(1.002)
        contents = orders.of_tyres(life) | orders.of_vehicle(life)
        orders.seal_again(life, contents | orders.calibration(life, Purpose.INSTALLATION))

    year["tyres"] = Step(year["tyres"].at, move)
    life.run(year)
    return Outcome(
        life.brought,
        Planted("vehicle-replaced", (scene.number(),), (), "moved to a new vehicle by an order"),
    )

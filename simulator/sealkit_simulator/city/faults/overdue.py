"""The owner never comes to the yearly verification. By turns the seal was read last before the date
had passed, so that only whoever remembers the date can find it, or afterwards.
"""

from __future__ import annotations

from sealkit.wire.registry import Purpose, Reason
from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Life, Step
from sealkit_simulator.city.plan import DAY_S
from sealkit_simulator.city.scene import Outcome, Planted, Scene


def play(scene: Scene) -> Outcome:
    """What was verified at the beginning holds until some day around the last visit."""
    life = scene.begin()
    year = scene.year(life)
    for name in ("verification", "repair", "first_break", "last_break"):
        year.pop(name, None)
    last = year["last_visit"].at
    until = last + DAY_S if scene.variant % 2 == 0 else last - 5 * DAY_S

    def install(life: Life) -> None:
        orders.install(life, valid_until=until)

    def tyres(life: Life) -> None:
        orders.open_seal(life, Reason.TYRE_CHANGE, "new tyres")
        life.car = life.car.with_new_tyres(0.998)
        verified = orders.calibration(life, Purpose.AFTER_REPAIR, valid_until=until)
        orders.seal_again(life, orders.of_tyres(life) | verified)

    year["install"] = Step(year["install"].at, install)
    year["tyres"] = Step(year["tyres"].at, tyres)
    life.run(year)
    return Outcome(
        life.brought,
        Planted(
            "overdue",
            (scene.number(),),
            ("VERIFICATION_OVERDUE",),
            "the verification ended before the end of the year",
        ),
    )

"""Somebody reads the seal's flash out, lets the seal be verified, and afterwards writes the old
content back: what was recorded in between is gone, from the log and from the counters.

Every other time the seal is read at the roadside soon afterwards, before it has grown past what it
had said already.
"""

from __future__ import annotations

from sealkit_simulator.city.plan import DAY_S
from sealkit_simulator.city.scene import Outcome, Planted, Scene

_BACKUP_DAY = 200
_RESTORED_DAY = 236


def play(scene: Scene) -> Outcome:
    """A backup from before the verification is put back after the second visit."""
    life = scene.begin()
    year = scene.year(life)
    life.run(year, scene.plan.day(_BACKUP_DAY))
    backup = life.seal.copy(life.random)
    life.run(year, scene.plan.day(_RESTORED_DAY))
    back = life.seal.time
    lost = life.seal.sequence - backup.sequence
    life.seal = backup
    life.seal.boot(back)
    if scene.variant % 2 == 0:
        life.seal.work_until(back + DAY_S // 4)
        life.submit()
    life.run(year)
    return Outcome(
        life.brought,
        Planted(
            "rollback",
            (scene.number(),),
            ("HISTORY_ROLLED_BACK", "HISTORY_FORKED"),
            f"{lost} records back after the second visit",
        ),
    )

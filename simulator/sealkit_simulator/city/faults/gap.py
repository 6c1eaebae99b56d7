"""Somebody opens the seal for a repair that nobody should see, and cuts the records that tell of it
out of the export that is handed in.
"""

from __future__ import annotations

from sealkit.wire.export import build_export, parse_export
from sealkit_simulator.city import orders
from sealkit_simulator.city.life import Life, Step
from sealkit_simulator.city.scene import Outcome, Planted, Scene
from sealkit_simulator.city.year import draw_moment


def play(scene: Scene) -> Outcome:
    """The last export lacks the two control records of the repair."""
    life = scene.begin()
    year = scene.year(life)
    hidden: list[bytes] = []

    def secret_repair(life: Life) -> None:
        before = len(life.seal.control)
        orders.repair()(life)
        hidden.extend(life.seal.control[before:])

    def hand_in(life: Life) -> None:
        life.submit(data=_without(life, hidden))

    year["repair"] = Step(draw_moment(scene.plan, scene.dice("repair"), "repair"), secret_repair)
    year["last_visit"] = Step(year["last_visit"].at, hand_in)
    life.run(year)
    return Outcome(
        life.brought,
        Planted("gap", (scene.number(),), ("HISTORY_GAP",), "the records of a repair are cut out"),
    )


def _without(life: Life, hidden: list[bytes]) -> bytes:
    export = parse_export(life.seal.export(life.car.look))
    assert export.evidence is not None
    return build_export(
        export.suite,
        life.seal.suite.digest,
        evidence=export.evidence,
        seal_credential=export.seal_credential,
        checkpoint=export.checkpoint,
        groups=export.groups,
        control=tuple(raw for raw in export.control if raw not in hidden),
        journal=export.journal,
    )

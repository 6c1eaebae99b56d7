"""How small a fraud a seal still catches: curves, printed and drawn into docs/detection.svg.

    python tools/maintain/detection_curves.py [--seeds 20] [--shifts 3]

Thresholds were tuned on other seeds than these.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import Final

from curve_plot import Curve, draw

from sealkit_tools.sim.drive_commands import REPORTED_SEEDS, in_parallel
from sealkit_tools.sim.drive_outcome import Outcome, play

PLOT: Final = Path(__file__).parents[2] / "docs" / "detection.svg"
_PERCENTS: Final = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
_FRAUDS: Final = {
    "k-hidden": "K changed",
    "injector-smooth": "injector, smooth",
    "injector-hired": "injector, only when hired",
    "injector-fast": "injector, only above 50 km/h",
    "injector-constant": "injector, constant",
    "tyres-4": "smaller tyres",
}


def _play(task: tuple[str, float, int, int]) -> Outcome:
    name, percent, seed, shifts = task
    return play(name, shifts, seed, percent=percent, audit=False)


def curves(seeds: int, shifts: int) -> tuple[list[Curve], float]:
    """Of 100 runs, how many were caught at each strength; and the kilometres of a run that was
    not caught."""
    each = range(REPORTED_SEEDS, REPORTED_SEEDS + seeds)
    tasks = [(*rest, seed, shifts) for *rest, seed in product(_FRAUDS, _PERCENTS, each)]
    outcomes = dict(zip(tasks, in_parallel(_play, tasks), strict=True))
    drawn = []
    for name, label in _FRAUDS.items():
        caught = [
            100 * sum(outcomes[name, percent, seed, shifts].detected for seed in each) / seeds
            for percent in _PERCENTS
        ]
        drawn.append(Curve(label, tuple(zip(_PERCENTS, caught, strict=True))))
    whole = [o.travelled_m / 1000 for o in outcomes.values() if not o.detected]
    return drawn, sum(whole) / len(whole) if whole else 0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=20)
    arguments.add_argument("--shifts", type=int, default=3)
    given = arguments.parse_args()
    drawn, whole_km = curves(given.seeds, given.shifts)
    print("of 100 runs caught, at" + "".join(f"{percent:6.1f} %" for percent in _PERCENTS))
    for curve in drawn:
        print(f"{curve.label:<30}" + "".join(f"{y:6.0f}  " for _, y in curve.points))
        least = next(
            (
                x
                for i, (x, _) in enumerate(curve.points)
                if all(y >= 99 for _, y in curve.points[i:])
            ),
            None,
        )
        print(f"{'':<30}smallest that is always caught: {least or '-'} %")
    title = (
        f"Caught within {given.shifts} shifts of ten hours ({whole_km:.0f} km), {given.seeds} seeds"
    )
    PLOT.write_text(draw(title, drawn), encoding="utf-8")
    print(f"written: {PLOT}")


if __name__ == "__main__":
    main()

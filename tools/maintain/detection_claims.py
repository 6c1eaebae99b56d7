"""What the seal is promised to notice, tried: prints the table that stands in README.md.

    python tools/maintain/detection_claims.py [--seeds 100] [--vehicles 50] [--shifts 20] [--write]

A claim holds when the fraud was recorded in at least 99 of 100 runs, each within its limit.
Thresholds were tuned on other seeds than these.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealkit_tools.drive_commands import REPORTED_SEEDS, closest_of, in_parallel
from sealkit_tools.drive_outcome import Outcome, play
from sealkit_tools.honest_drives import HonestRun, drive_honestly

README: Final = Path(__file__).parents[2] / "README.md"
_BEGIN: Final = "<!-- detection -->\n"
_END: Final = "<!-- end of detection -->\n"
_SHIFTS: Final = 4
_LOOK_S: Final = 5
"""How often the simulated seal looks at its meter; a look is promised to be judged in 10 s."""

Limit = Callable[[Outcome], bool]


def _within_km(most: int) -> Limit:
    return lambda outcome: outcome.after_m is not None and outcome.after_m <= 1_000 * most


def _at_the_next_look(outcome: Outcome) -> bool:
    return outcome.after_s is not None and outcome.after_s <= _LOOK_S + 10


def _at_the_next_start(outcome: Outcome) -> bool:
    """A meter tells its time nowhere before a trip starts."""
    return outcome.after_trips == 0 and (outcome.after_start_s or 0) <= 10


def _by_trip(most: int) -> Limit:
    """Before the trip after the most'th has ended."""
    return lambda outcome: outcome.after_trips is not None and outcome.after_trips <= most


def _at_all(outcome: Outcome) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Claim:
    """percent None: as the fraud's file says. within: how a detection that counts came."""

    fraud: str
    percent: float | None
    promise: str
    within: Limit

    def holds(self, outcome: Outcome) -> bool:
        return outcome.detected and self.within(outcome)


_INJECTOR: Final = "by the second source"
CLAIMS: Final = (
    Claim("k-changed", 2, "within 200 km", _within_km(200)),
    Claim("k-changed-back", 2, "within 200 km", _within_km(200)),
    Claim("k-hidden", 2, "within 200 km", _within_km(200)),
    Claim("k-hidden", 1.5, "within 500 km", _within_km(500)),
    Claim("injector-constant", 3, _INJECTOR, _at_all),
    Claim("injector-proportional", 3, _INJECTOR, _at_all),
    Claim("injector-smooth", 3, _INJECTOR, _at_all),
    Claim("injector-hired", 3, _INJECTOR, _at_all),
    Claim("injector-fast", 3, _INJECTOR, _at_all),
    Claim("injector-burst", 3, _INJECTOR, _at_all),
    Claim("injector-coupled", 3, _INJECTOR, _at_all),
    Claim("injector-standing", None, _INJECTOR, _at_all),
    Claim("injector-behind-tap", 3, "by the trips", _at_all),
    Claim("sensor-dummy", None, "at all", _at_all),
    Claim("gear-swapped", None, "at all", _at_all),
    Claim("seal-deafened", None, "at all", _at_all),
    Claim("tyres-4", 4, "within 500 km", _within_km(500)),
    Claim("tyres-8", 8, "within 500 km", _within_km(500)),
    *(
        Claim(fraud, None, "10 s after the next look", _at_the_next_look)
        for fraud in (
            "price-raised",
            "price-raised-and-back",
            "flag-fall-raised",
            "waiting-price-raised",
            "night-tariff-by-day",
            "meter-replaced",
            "meter-software-changed",
        )
    ),
    Claim("clock-forward", None, "10 s after the next trip starts", _at_the_next_start),
    Claim("clock-back", None, "10 s after the next trip starts", _at_the_next_start),
    Claim("trips-altered", None, "by the next trip", _by_trip(1)),
    Claim("trips-doubled", None, "by the next trip", _by_trip(1)),
    # Every third trip is hidden, so the first that is may be the third.
    Claim("trips-hidden", None, "by the next trip", _by_trip(3)),
    Claim("meter-line-cut", None, "at all", _at_all),
    Claim("seal-unplugged", None, "at all", _at_all),
    Claim("seal-case-opened", None, "at all", _at_all),
    Claim("power-cut-while-recording", None, "at all", _at_all),
    Claim("man-in-the-middle", None, "at the visit, meter asked", _at_all),
    Claim("seal-cloned", None, "at the visit, earlier evidence at hand", _at_all),
    Claim("log-rolled-back", None, "at the visit, earlier evidence at hand", _at_all),
)


def _play(task: tuple[int, int]) -> Outcome:
    claim = CLAIMS[task[0]]
    return play(claim.fraud, _SHIFTS, task[1], percent=claim.percent, audit=False)


def _honest(task: tuple[int, int]) -> HonestRun:
    return drive_honestly(*task)


def claims_table(seeds: int) -> tuple[list[str], bool]:
    """The lines of the table, and whether every claim holds."""
    each = range(REPORTED_SEEDS, REPORTED_SEEDS + seeds)
    tasks = [(number, seed) for number in range(len(CLAIMS)) for seed in each]
    outcomes = in_parallel(_play, tasks)
    lines = [
        "| fraud | strength | promised | found | after km, half and all | how |",
        "|---|---|---|---|---|---|",
    ]
    good = True
    for claim in CLAIMS:
        runs = [next(outcomes) for _ in each]
        held = sum(claim.holds(outcome) for outcome in runs)
        good = good and 100 * held >= 99 * seeds
        lines.append(_line(claim, runs, held))
        print(lines[-1], file=sys.stderr, flush=True)
    return lines, good


def _line(claim: Claim, runs: Sequence[Outcome], held: int) -> str:
    strength = "" if claim.percent is None else f"{claim.percent:g} %"
    metres = sorted(o.after_m for o in runs if claim.holds(o) and o.after_m is not None)
    when = f"{metres[len(metres) // 2] / 1000:.1f}, {metres[-1] / 1000:.1f}" if metres else ""
    codes = sorted({code for outcome in runs for code in outcome.findings[:1]})
    how = ", ".join(f"`{code}`" for code in codes)
    return f"| {claim.fraud} | {strength} | {claim.promise} | {held}/{len(runs)} | {when} | {how} |"


def honest_lines(vehicles: int, shifts: int) -> tuple[list[str], bool]:
    """What honest taxis came to, and whether there was no false alarm."""
    first = REPORTED_SEEDS
    runs = list(in_parallel(_honest, [(seed, shifts) for seed in range(first, first + vehicles)]))
    alarms = [run for run in runs if run.findings or run.audit]
    closest = ", ".join(f"{name} {c['share']:.0%}" for name, c in closest_of(runs).items())
    return [
        f"Honest driving, {vehicles * shifts:,} shifts of {vehicles} vehicles,"
        f" {sum(run.travelled_m for run in runs) // 1000:,} km:"
        f" {len(alarms)} false alarms. Nearest to each limit: {closest}.",
    ], not alarms


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=100)
    arguments.add_argument("--vehicles", type=int, default=50)
    arguments.add_argument("--shifts", type=int, default=20)
    arguments.add_argument("--write", action="store_true", help="into README.md")
    given = arguments.parse_args()
    claimed, good = claims_table(given.seeds)
    driven, quiet = honest_lines(given.vehicles, given.shifts)
    text = "\n".join([*claimed, "", *driven, ""])
    print(text)
    if given.write:
        before, rest = README.read_text(encoding="utf-8").split(_BEGIN)
        _, after = rest.split(_END)
        README.write_text(before + _BEGIN + text + _END + after, encoding="utf-8")
    sys.exit(0 if good and quiet else 1)


if __name__ == "__main__":
    main()

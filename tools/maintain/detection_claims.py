"""What the seal is promised to notice, tried: the table in README.md, and all of it in docs/.

    python tools/maintain/detection_claims.py [--seeds 100] [--vehicles 50] [--shifts 20] [--write]

A claim holds when the fraud was recorded in at least 99 of 100 runs, each within its limit.
Thresholds were tuned on other seeds than these. Exit status 1 if a claim does not hold.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealkit_simulator.frauds import known_frauds
from sealkit_tools.sim.drive_commands import REPORTED_SEEDS, closest_of, honest_runs, in_parallel
from sealkit_tools.sim.drive_outcome import Outcome, nearly_all, play
from sealkit_tools.sim.honest_drives import HonestRun

README: Final = Path(__file__).parents[2] / "README.md"
WHOLE: Final = Path(__file__).parents[2] / "docs" / "detection.md"
_BEGIN: Final = "<!-- detection -->\n"
_END: Final = "<!-- end of detection -->\n"
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
    """A fraud, how strong, and which detections count. percent None: as the fraud's file says.
    shifts: how long it goes on at most."""

    fraud: str
    percent: float | None = None
    within: Limit = _at_all
    shifts: int = 4

    def holds(self, outcome: Outcome) -> bool:
        return outcome.detected and self.within(outcome)


@dataclass(frozen=True, slots=True)
class Promise:
    """A line of the short table: claims of one kind."""

    what: str
    when: str
    claims: tuple[Claim, ...]


PROMISES: Final = (
    Promise(
        "K changed by 2 %: kept, put back before the visit, hidden by the meter",
        "within 200 km",
        tuple(
            Claim(fraud, 2, _within_km(200))
            for fraud in ("k-changed", "k-changed-back", "k-hidden")
        ),
    ),
    Promise("K changed by 1.5 %", "within 500 km", (Claim("k-hidden", 1.5, _within_km(500)),)),
    Promise(
        "injector of 3 %, eight kinds, with a second source",
        "at all",
        (
            *(
                Claim(f"injector-{kind}", 3)
                for kind in (
                    "constant",
                    "proportional",
                    "smooth",
                    "hired",
                    "fast",
                    "burst",
                    "coupled",
                )
            ),
            Claim("injector-standing"),
        ),
    ),
    Promise(
        "injector of 3 % that the seal's pulse input does not see",
        "at all",
        (Claim("injector-behind-tap", 3),),
    ),
    Promise(
        "sensor or gear exchanged, seal's pulse input weakened",
        "at all",
        (Claim("sensor-dummy"), Claim("gear-swapped"), Claim("seal-deafened")),
    ),
    Promise(
        "tyres smaller by 4 and 8 %",
        "within 500 km",
        (Claim("tyres-4", 4, _within_km(500)), Claim("tyres-8", 8, _within_km(500))),
    ),
    Promise(
        "price, flag-fall, waiting price, night tariff, identity, software of the meter",
        "10 s after the seal's next look",
        tuple(
            Claim(fraud, None, _at_the_next_look)
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
    ),
    Promise(
        "meter's clock forward or back",
        "10 s after the next trip starts, where a meter first tells its time",
        tuple(Claim(fraud, None, _at_the_next_start) for fraud in ("clock-forward", "clock-back")),
    ),
    Promise(
        "trips altered, doubled, hidden",
        "by the next trip",
        (
            Claim("trips-altered", None, _by_trip(1)),
            Claim("trips-doubled", None, _by_trip(1)),
            # Every third trip is hidden, so the first that is may be the third.
            Claim("trips-hidden", None, _by_trip(3)),
        ),
    ),
    Promise(
        "meter's line cut, seal unplugged, opened, its power cut while it records",
        "at all",
        (
            Claim("meter-line-cut"),
            Claim("seal-unplugged"),
            Claim("seal-case-opened"),
            Claim("power-cut-while-recording"),
        ),
    ),
    Promise(
        "man in the middle of the meter's line",
        "at the visit, the meter asked directly",
        (Claim("man-in-the-middle", shifts=1),),
    ),
    Promise(
        "seal cloned, its log set back",
        "at the visit, with an earlier evidence",
        (Claim("seal-cloned", shifts=1), Claim("log-rolled-back", shifts=1)),
    ),
)
_CLAIMS: Final = tuple(claim for promise in PROMISES for claim in promise.claims)


def _play(task: tuple[int, int]) -> Outcome:
    claim = _CLAIMS[task[0]]
    return play(claim.fraud, claim.shifts, task[1], percent=claim.percent, audit=False)


@dataclass(slots=True)
class Tried:
    """A claim with the outcomes of its runs."""

    claim: Claim
    runs: Sequence[Outcome]

    @property
    def held(self) -> int:
        return sum(map(self.claim.holds, self.runs))

    @property
    def good(self) -> bool:
        return nearly_all(self.held, len(self.runs))

    @property
    def metres(self) -> list[int]:
        """How far the fraud went on each time, the shortest first."""
        return sorted(o.after_m for o in self.runs if self.claim.holds(o) and o.after_m is not None)

    def line(self) -> str:
        percent = self.claim.percent
        codes = sorted({code for outcome in self.runs for code in outcome.findings[:1]})
        cells = (
            self.claim.fraud,
            "" if percent is None else f"{percent:g} %",
            f"{self.held}/{len(self.runs)}",
            _kilometres(self.metres),
            ", ".join(f"`{code}`" for code in codes),
        )
        return _row(cells)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _kilometres(metres: Sequence[int]) -> str:
    return f"{metres[len(metres) // 2] / 1000:.1f}, {metres[-1] / 1000:.1f}" if metres else ""


def try_claims(seeds: int) -> dict[Claim, Tried]:
    """Every claim with every seed; a line on stderr for each as it is done."""
    each = range(REPORTED_SEEDS, REPORTED_SEEDS + seeds)
    outcomes = in_parallel(_play, [(n, seed) for n in range(len(_CLAIMS)) for seed in each])
    tried = {}
    for claim in _CLAIMS:
        tried[claim] = Tried(claim, [next(outcomes) for _ in each])
        print(tried[claim].line(), file=sys.stderr, flush=True)
    return tried


def short_table(tried: Mapping[Claim, Tried]) -> list[str]:
    """The lines of README's table: a promise each."""
    lines = [_row(("what is done", "noticed", "found", "km: half, all")), "|---|---|---|---|"]
    for promise in PROMISES:
        parts = [tried[claim] for claim in promise.claims]
        held, runs = sum(part.held for part in parts), sum(len(part.runs) for part in parts)
        metres = sorted(m for part in parts for m in part.metres)
        lines.append(_row((promise.what, promise.when, f"{held}/{runs}", _kilometres(metres))))
    return lines


def honest_line(runs: Sequence[HonestRun], shifts: int) -> str:
    alarms = sum(bool(run.findings or run.audit) for run in runs)
    closest = ", ".join(f"{name} {c['share']:.0%}" for name, c in closest_of(runs).items())
    return (
        f"Honest driving, {len(runs) * shifts:,} shifts of {len(runs)} vehicles,"
        f" {sum(run.travelled_m for run in runs) // 1000:,} km: {alarms} false alarms."
        f" How much of each limit was used at most: {closest}."
    )


def whole_page(tried: Mapping[Claim, Tried], honest: str) -> list[str]:
    """The lines of docs/detection.md."""
    hidden = {name: kind.undetectable for name, kind in known_frauds().items() if kind.undetectable}
    return [
        "# What the seal notices",
        "",
        "Made by `python tools/maintain/detection_claims.py --write`; what each fraud is says"
        " `sealkit sim drive --list`.",
        "A run is one simulated taxi with one seed; it counts if the seal recorded the fraud in"
        " time. Time counts from the fraud's beginning, also where the car's battery was off then:"
        " the seal looks again when it has power.",
        "",
        _row(("fraud", "strength", "found", "after km: half, all", "finding")),
        "|---|---|---|---|---|",
        *(part.line() for part in tried.values()),
        "",
        honest,
        "",
        "## How small a fraud may be",
        "",
        "![Share of runs caught by strength](detection.svg)",
        "",
        "## What it cannot notice",
        "",
        *(f"- **{name}**: {reason}" for name, reason in hidden.items()),
    ]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=100)
    arguments.add_argument("--vehicles", type=int, default=50)
    arguments.add_argument("--shifts", type=int, default=20)
    arguments.add_argument("--write", action="store_true", help="into README.md and docs/")
    given = arguments.parse_args()
    tried = try_claims(given.seeds)
    runs = honest_runs(given.vehicles, given.shifts)
    honest = honest_line(runs, given.shifts)
    short = "\n".join([*short_table(tried), "", honest, ""])
    print(short)
    if given.write:
        before, rest = README.read_text(encoding="utf-8").split(_BEGIN)
        _, after = rest.split(_END)
        README.write_text(before + _BEGIN + short + _END + after, encoding="utf-8")
        WHOLE.write_text("\n".join([*whole_page(tried, honest), ""]), encoding="utf-8")
    quiet = not any(run.findings or run.audit for run in runs)
    sys.exit(0 if quiet and all(part.good for part in tried.values()) else 1)


if __name__ == "__main__":
    main()

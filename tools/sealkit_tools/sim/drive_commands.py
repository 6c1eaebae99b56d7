"""`sealkit sim drive`, `frauds`, `honest`: simulated taxis that cheat, and that do not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from sealkit.errors import ExitStatus
from sealkit_tools.terminal.encoding import json_text
from sealkit_tools.terminal.options import json_option
from sealkit_tools.terminal.output import print_facts, print_json, print_table
from sealkit_tools.terminal.progress import reading
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit_tools.sim.drive_outcome import Outcome, Row
    from sealkit_tools.sim.honest_drives import HonestRun

REPORTED_SEEDS: Final = 10_000
"""Seeds from here on are reported; thresholds were tuned on smaller ones."""

Argument = TypeVar("Argument")
Result = TypeVar("Result")

_shifts = click.option(
    "--shifts",
    type=click.IntRange(1, 1_000),
    default=5,
    show_default=True,
    help="Shifts of ten hours; a run ends when the seal has recorded the fraud.",
)
_percent = click.option(
    "--percent",
    type=click.FloatRange(0, 50),
    help="How strong it is, instead of what its file says, where there is more and less of it.",
)


@click.command("drive", cls=Command)
@click.option("--fraud", default="honest", show_default=True, help="Which; `--list` names all.")
@click.option("--list", "listed", is_flag=True, help="List the frauds with how they are done.")
@_shifts
@click.option("--seed", type=click.IntRange(0), default=REPORTED_SEEDS, show_default=True)
@_percent
@json_option
def drive(
    fraud: str, listed: bool, shifts: int, seed: int, percent: float | None, as_json: bool
) -> None:
    """Play one fraud in a simulated taxi, then have its seal verified."""
    from sealkit_simulator.frauds import fraud_named, known_frauds, words_of
    from sealkit_tools.sim.drive_outcome import play

    if listed:
        _list({name: words_of(kind) for name, kind in known_frauds().items()}, as_json)
        return
    kind = fraud_named(fraud)
    outcome = play(fraud, shifts, seed, percent=percent)
    if as_json:
        print_json("sealkit.sim.drive/1", **outcome.to_dict(), undetectable=kind.undetectable)
        return
    click.echo(words_of(kind) + "\n")
    print_facts(
        fraud,
        {
            "verdict": outcome.verdict,
            "findings": outcome.findings,
            "recorded": _after(outcome),
            "trip audit": outcome.audit,
            "driven": say("{:.1f} km in {} min").format(
                outcome.travelled_m / 1000, outcome.seconds // 60
            ),
            "undetectable": say(kind.undetectable) or None,
        }.items(),
    )


@click.command("frauds", cls=Command)
@_shifts
@click.option("--seeds", type=click.IntRange(1, 1_000), default=3, show_default=True)
@click.option("--fraud", "only", multiple=True, help="Only this one; may be given again.")
@_percent
@json_option
def frauds(
    shifts: int, seeds: int, only: tuple[str, ...], percent: float | None, as_json: bool
) -> None:
    """Play every fraud with several seeds and print what the seal makes of it.

    Exit status 8 if one that ought to be detected was not in 99 of 100 runs.
    """
    from sealkit_simulator.frauds import HONEST, fraud_named, known_frauds

    for name in only:
        fraud_named(name)
    names = only or tuple(name for name in known_frauds() if name != HONEST)
    done = table_of(names, shifts, range(REPORTED_SEEDS, REPORTED_SEEDS + seeds), percent)
    if as_json:
        click.echo(json_text([row.to_dict() for row in done]))
    else:
        _show(done)
    if any(not row.detected and not row.undetectable for row in done):
        raise click.exceptions.Exit(ExitStatus.SOME_FAILED)


@click.command("honest", cls=Command)
@click.option("--vehicles", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--shifts", type=click.IntRange(1, 1_000), default=20, show_default=True)
@json_option
def honest(vehicles: int, shifts: int, as_json: bool) -> None:
    """Drive honestly, through all that honest taxis meet: no seal may break.

    Worn and new tyres, noisy satellites, tunnels, ferries, car washes, towing, workshops, battery
    changes. Exit status 7 after a false alarm; what came closest to one is printed.
    """
    runs = honest_runs(vehicles, shifts)
    closest = closest_of(runs)
    alarms = [run for run in runs if run.findings or run.audit]
    if as_json:
        print_json(
            "sealkit.sim.honest/1",
            vehicles=vehicles,
            shifts=vehicles * shifts,
            driven_km=sum(run.travelled_m for run in runs) // 1000,
            false_alarms=[run.to_dict() for run in alarms],
            closest=closest,
        )
    else:
        print_facts(
            "Honest driving",
            {
                "vehicles": vehicles,
                "shifts": vehicles * shifts,
                "driven": f"{sum(run.travelled_m for run in runs) // 1000} km",
                "false alarms": [f"{r.vehicle}: {', '.join(r.findings + r.audit)}" for r in alarms]
                or 0,
            }.items(),
        )
        print_table(
            "What came closest to an alarm",
            ["Check", "Share of its limit", "Vehicle"],
            [[name, f"{c['share']:.0%}", str(c["vehicle"])] for name, c in closest.items()],
        )
    if alarms:
        raise click.exceptions.Exit(ExitStatus.BROKEN)


def table_of(
    names: Iterable[str], shifts: int, seeds: Sequence[int], percent: float | None = None
) -> list[Row]:
    """A row for each fraud, played with every seed."""
    from sealkit_tools.sim.drive_outcome import Row

    tasks = [(name, shifts, seed, percent) for name in names for seed in seeds]
    outcomes = list(in_parallel(_play, tasks))
    return [Row(name, [o for o in outcomes if o.fraud == name]) for name in names]


def honest_runs(vehicles: int, shifts: int) -> list[HonestRun]:
    """So many vehicles, each through its shifts."""
    seeds = range(REPORTED_SEEDS, REPORTED_SEEDS + vehicles)
    return list(in_parallel(_honest, [(seed, shifts) for seed in seeds]))


def closest_of(runs: Iterable[HonestRun]) -> dict[str, dict[str, Any]]:
    """By check, the largest share of its limit, and the vehicle that reached it."""
    closest: dict[str, dict[str, Any]] = {}
    for run in runs:
        for name, share in run.closest.items():
            if name not in closest or share > closest[name]["share"]:
                closest[name] = {"share": round(share, 3), "vehicle": run.vehicle}
    return dict(sorted(closest.items(), key=lambda item: -item[1]["share"]))


def in_parallel(work: Callable[[Argument], Result], tasks: Sequence[Argument]) -> Iterator[Result]:
    """Results in the order of tasks, made on all processors; a person sees how many are done."""
    from concurrent.futures import ProcessPoolExecutor

    workers = min(os.cpu_count() or 1, len(tasks))
    if workers < 2:
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(workers) as pool:
        results = pool.map(work, tasks)  # forked before the thread of the progress bar is there
        with reading(say("Driving")) as report:
            for done, result in enumerate(results, 1):
                if report is not None:
                    report(done, len(tasks))
                yield result


def _play(task: tuple[str, int, int, float | None]) -> Outcome:
    from sealkit_tools.sim.drive_outcome import play

    name, shifts, seed, percent = task
    return play(name, shifts, seed, percent=percent)


def _honest(task: tuple[int, int]) -> HonestRun:
    from sealkit_tools.sim.honest_drives import drive_honestly

    return drive_honestly(*task)


def _list(words: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json(
            "sealkit.sim.fraud-list/1", frauds=[{"fraud": n, "words": w} for n, w in words.items()]
        )
        return
    print_table("Frauds", ["Fraud", "How it is done"], words.items())


def _show(done: Sequence[Row]) -> None:
    print_table(
        "Frauds",
        ["Fraud", "Detected", "How", "After km", "After min", "Trip audit"],
        [
            [
                row.fraud,
                f"{row.caught}/{len(row.outcomes)}",
                ", ".join(row.findings) or "-",
                _range(row, "after_m", 1000),
                _range(row, "after_s", 60),
                ", ".join(row.audit) or "-",
            ]
            for row in done
        ],
    )
    reasons = [[row.fraud, say(row.undetectable)] for row in done if row.undetectable]
    if reasons:
        print_table("What the seal cannot detect", ["Fraud", "Why"], reasons)


def _range(row: Row, name: str, unit: int) -> str:
    """Median and most; a dash where the seal recorded nothing, but the visit may have found it."""
    median, most = row.quantile(name, 50), row.quantile(name, 100)
    if median is None or most is None:
        return say("at the visit") if row.caught else "-"
    return f"{median / unit:.1f} - {most / unit:.1f}" if most > median else f"{median / unit:.1f}"


def _after(outcome: Outcome) -> str | None:
    if outcome.after_m is None or outcome.after_s is None:
        return say("at the visit") if outcome.detected else None
    return say("after {:.1f} km, {:.1f} min").format(outcome.after_m / 1000, outcome.after_s / 60)

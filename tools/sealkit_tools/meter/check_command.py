"""`sealkit meter check`: what a verification bench measured, judged, and written on a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sealkit.errors import ExitStatus, UsageError
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import print_facts, print_json, print_table
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit.meter.calibration import Point, ResultSheet, Tolerance

_SCHEMA: Final = "sealkit.meter.check/1"
_AIM_PPM: Final = -15_000
"""The middle of the tolerance, so that wear of tyres stays within it as long as it can."""

_SIMULATED_BENCH: Final = "simulated roller"
_SIMULATED_TYRE: Final = "195/65R15"


@click.command(cls=Command)
@click.option("--roller", metavar="SPEC", help="A simulated taxi that is put on a roller: sim:DIR.")
@click.option(
    "--entered",
    type=FILE,
    help="A file with the values of a real bench; see --template.",
)
@click.option("--template", is_flag=True, help="Print such a file, to be filled in.")
@click.option(
    "--runs",
    type=click.IntRange(1, 20),
    default=3,
    show_default=True,
    help="Runs on the roller; each of them hires the meter.",
)
@click.option(
    "--jumps",
    type=click.IntRange(1, 10),
    default=3,
    show_default=True,
    help="Jumps of the display in a run on the roller, each of them a point.",
)
@click.option(
    "--suite",
    type=click.Choice(["p256", "sm2"]),
    default="p256",
    show_default=True,
    help="The seal's suite, whose digest the sheet has.",
)
@click.option(
    "--out",
    type=FILE,
    help="Keep the sheet here: the bytes that have the digest.",
)
@json_option
@click.pass_context
def check(
    context: click.Context,
    roller: str | None,
    entered: Path | None,
    template: bool,
    runs: int,
    jumps: int,
    suite: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Check a taximeter's calibration (JJG 517): distance from -4.0 % to +1.0 %, waiting time.

    The job of SEAL or CONFIRM names the sheet by its digest. Exit status: 0 passed, 7 out of
    tolerance.
    """
    from sealkit.crypto import get_suite
    from sealkit.keys.files import write_whole

    if (roller is not None) + (entered is not None) + template != 1:
        raise UsageError(
            "USAGE", "Give one of --roller, --entered and --template.", "See the command's --help."
        )
    if template:
        from sealkit.meter.bench_entry import TEMPLATE

        click.echo(TEMPLATE, nl=False)
        return
    sheet = _entered(entered) if entered else _rolled(str(roller), runs, jumps)
    digest = get_suite(suite).digest(sheet.canonical()).hex()
    if out is not None:
        write_whole(out, sheet.canonical())
    if as_json:
        print_json(
            _SCHEMA,
            passed=sheet.passed,
            suite=suite,
            result_digest=digest,
            suggested_k_pulses_per_km=sheet.k_for(_AIM_PPM),
            sheet=sheet.to_dict(),
        )
    else:
        _show(sheet, digest)
    context.exit(ExitStatus.DONE if sheet.passed else ExitStatus.BROKEN)


def _entered(path: Path) -> ResultSheet:
    from sealkit.keys.files import read_bounded
    from sealkit.meter.bench_entry import ENTRY_MAX, sheet_of_entry

    return sheet_of_entry(read_bounded(path, ENTRY_MAX), now=now())


def _rolled(spec: str, runs: int, jumps: int) -> ResultSheet:
    """The sheet of so many runs on the roller, and as many stands for the waiting time."""
    from datetime import datetime

    from sealkit.meter.calibration import (
        ResultSheet,
        Subject,
        distance_marks_mm,
        waiting_marks_ms,
    )
    from sealkit.meter.client import MeterClient
    from sealkit.transport import open_transport
    from sealkit_tools.devices.control import tell

    with open_transport(spec, line="meter") as transport:
        client = MeterClient(transport)
        status = client.status(datetime.now())
        fare = client.fare_parameters().parameters
    distances: list[list[int]] = []
    waits: list[list[int]] = []
    for run in range(runs):
        distances.append(tell(spec, "roll_to_jumps", jumps=jumps, seed=run)["distances_mm"])
        waits.append(tell(spec, "stand_to_jumps", jumps=jumps)["waits_ms"])
    return ResultSheet(
        Subject(
            meter_device=status.device_number,
            plate=status.plate,
            k_pulses_per_km=tell(spec, "state")["meter"]["k_pulses_per_km"],
            tyre_size=_SIMULATED_TYRE,
            bench=_SIMULATED_BENCH,
            time=now(),
        ),
        _points(distance_marks_mm(fare, jumps), distances),
        _points(waiting_marks_ms(fare, jumps), waits),
    )


def _points(marks: list[int], runs: list[list[int]]) -> tuple[Point, ...]:
    from sealkit.meter.calibration import Point

    by_mark = zip(*runs, strict=True)
    return tuple(Point(mark, tuple(read)) for mark, read in zip(marks, by_mark, strict=True))


def _show(sheet: ResultSheet, digest: str) -> None:
    from sealkit.meter.calibration import DISTANCE_TOLERANCE

    subject = sheet.subject
    facts: list[tuple[str, object]] = [
        ("Meter", subject.meter_device),
        ("Plate", subject.plate),
        ("K", say("{} pulses/km").format(subject.k_pulses_per_km)),
        ("Tyre", subject.tyre_size),
        ("Bench", subject.bench),
    ]
    print_facts("Calibration check", facts)
    _show_points(say("Distance"), _rows(sheet.distance, DISTANCE_TOLERANCE, 1_000_000, "km"))
    if sheet.waiting:
        waiting = _rows(sheet.waiting, sheet.waiting_tolerance, 1_000, "s")
        _show_points(say("Waiting time"), waiting)
    result: list[tuple[str, object]] = [
        ("Result", say("passed") if sheet.passed else say("out of tolerance")),
        ("Tolerance of distance", _range(DISTANCE_TOLERANCE)),
        (
            "Tolerance of waiting time",
            _range(sheet.waiting_tolerance) if sheet.waiting else say("not checked"),
        ),
        ("result_digest", digest),
    ]
    if not sheet.passed:
        suggested = say("{} would err by {}").format(sheet.k_for(_AIM_PPM), _percent(_AIM_PPM))
        result.append(("K", suggested))
    print_facts("Result sheet", result)


def _show_points(title: str, rows: Iterator[tuple[str, ...]]) -> None:
    columns = ("Display", "Measured", "Errors", "Mean error", "Spread", "Within")
    print_table(title, columns, rows)


def _rows(
    points: tuple[Point, ...], tolerance: Tolerance, unit_size: int, unit: str
) -> Iterator[tuple[str, ...]]:
    for point in points:
        yield (
            f"{_decimal(point.shown, unit_size)} {unit}",
            "\n".join(f"{_decimal(value, unit_size)} {unit}" for value in point.measured),
            "\n".join(map(_percent, point.errors_ppm)),
            _percent(point.mean_error_ppm),
            _percent(point.spread_ppm, signed=False),
            say("yes") if point.within(tolerance) else say("no"),
        )


def _decimal(value: int, unit_size: int) -> str:
    """Thousandths of the unit, as benches show them."""
    thousandths = value * 1_000 // unit_size
    return f"{thousandths // 1_000}.{thousandths % 1_000:03}"


def _percent(ppm: int, *, signed: bool = True) -> str:
    sign = ("-" if ppm < 0 else "+") if signed else ""
    hundredths = (abs(ppm) + 50) // 100
    return f"{sign}{hundredths // 100}.{hundredths % 100:02} %"


def _range(tolerance: Tolerance) -> str:
    return f"{_percent(tolerance.low_ppm)} … {_percent(tolerance.high_ppm)}"

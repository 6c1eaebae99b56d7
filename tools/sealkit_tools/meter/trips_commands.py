"""`sealkit meter trips`: the trip records that a taximeter holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sealkit.errors import UsageError
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import print_facts, print_json, print_table, stderr
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit.meter.bodies import TripRecord
    from sealkit.meter.client import MeterClient

# Behind so many empty answers in a row, the meter's store is taken to have begun.
_MISSING_MAX: Final = 20
_TRIPS_MAX: Final = 100_000

csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV for spreadsheets.")


@click.command(cls=Command)
@click.argument("spec")
@click.option(
    "--from", "first", type=click.IntRange(0, 0xFFFF_FFFF), help="First trip number to ask for."
)
@click.option(
    "--out",
    type=FILE,
    help="Write the records to this file.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@csv_option
@json_option
def trips(
    spec: str, first: int | None, out: Path | None, force: bool, as_csv: bool, as_json: bool
) -> None:
    """Collect the trip records of the taximeter at SPEC, the last one first asked for.

    Without --from, until 20 numbers in a row are empty. --out writes JSON, or CSV with --csv, for
    `sealkit audit trips`.
    """
    import json
    from datetime import datetime

    from sealkit.keys.files import write_whole
    from sealkit.meter.client import MeterClient
    from sealkit.meter.decode import body_as_json
    from sealkit.meter.trip_file import SCHEMA, csv_text, trip_row
    from sealkit.transport import open_transport

    with open_transport(spec, line="meter") as transport:
        client = MeterClient(transport)
        status = client.status(datetime.now())  # the meter's time is local and has no zone
        fare = client.fare_parameters()
        records, missing = _collect(client, status.total_trips, first)
    rows = [trip_row(record) for record in records]
    told = {
        "spec": spec,
        "status": body_as_json(status),
        "fare_raw": fare.raw.hex(),
        "missing": missing,
        "trips": rows,
    }
    if out is not None:
        text = csv_text(rows) if as_csv else json.dumps({"schema": SCHEMA, **told}) + "\n"
        write_whole(out, text.encode(), overwrite=force)
    if as_json:
        print_json(SCHEMA, **told)
    elif out is not None:
        facts = [("File", out), ("Trips", len(records)), ("Missing", _ranges(missing))]
        print_facts("Trips collected", facts)
    elif as_csv:
        click.echo(csv_text(rows), nl=False)
    else:
        print_table("Trips", TRIP_COLUMNS, map(trip_cells, records))
        if missing:
            warn("The meter holds no trip of these numbers:", _ranges(missing))


def _collect(
    client: MeterClient, newest: int, first: int | None
) -> tuple[list[TripRecord], list[int]]:
    """The records, oldest first, and the numbers between them that the meter has no record of."""
    if first is not None and newest - first >= _TRIPS_MAX:
        raise UsageError(
            "TRIPS_TOO_MANY",
            f"From {first} to {newest} are more than {_TRIPS_MAX} trips.",
            "Give a later --from.",
        )
    records: list[TripRecord] = []
    empty: list[int] = []
    missing: list[int] = []
    for number in range(newest, -1 if first is None else first - 1, -1):
        record = client.trip_record(number)
        if record is None:
            empty.append(number)
            if first is None and len(empty) >= _MISSING_MAX:
                break
            continue
        missing += empty
        empty.clear()
        records.append(record)
        if len(records) >= _TRIPS_MAX:
            break
    if first is not None:
        missing += empty
    return records[::-1], missing[::-1]


TRIP_COLUMNS: Final = ["Trip", "From", "To", "km", "Waiting", "Amount"]


def trip_cells(record: TripRecord) -> list[str]:
    """The cells of TRIP_COLUMNS."""
    from sealkit.meter.audit import yuan

    return [
        str(record.trip_number),
        f"{record.on_time:%Y-%m-%d %H:%M}" if record.on_time else "-",
        f"{record.off_time:%H:%M}",
        f"{record.metered_distance_m // 1000}.{record.metered_distance_m % 1000 // 100}",
        f"{record.waiting_minutes // 60}:{record.waiting_minutes % 60:02d}",
        yuan(record.amount_fen),
    ]


def _ranges(numbers: Sequence[int]) -> str:
    """1, 4-7"""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("-".join(map(str, part)) for part in parts) or "-"


def warn(text: str, detail: str) -> None:
    """A line on stderr."""
    from rich.text import Text

    stderr().print(Text(f"{say(text)} {detail}"))

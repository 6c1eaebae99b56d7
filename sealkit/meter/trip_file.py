"""Trip records in a file, as JSON or CSV: readable, and with the bytes that each was read from.

Only these bytes are read back: what stands beside them is for people and spreadsheets.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sealkit.errors import MalformedError
from sealkit.meter import layouts
from sealkit.meter.bodies import FareParameters, TripRecord
from sealkit.meter.decode import body_as_json

SCHEMA: Final = "sealkit.meter.trips/1"
FILE_MAX: Final = 64 << 20
"""Bytes of the largest file that is read: some hundred thousand trips."""

_RAW: Final = "raw"


@dataclass(frozen=True, slots=True)
class TripFile:
    """fare: what the meter itself told with the trips; None in CSV."""

    records: tuple[TripRecord, ...]
    fare: FareParameters | None = None


def trip_row(record: TripRecord) -> dict[str, Any]:
    """The fields of a record as JSON values, and its bytes in hex."""
    return {**body_as_json(record), _RAW: layouts.TRIP_RECORD.build(record).hex()}


def csv_text(rows: Iterable[dict[str, Any]]) -> str:
    """Rows of the same fields as CSV, with a header. No cell is a formula to a spreadsheet."""
    text = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(text, row.keys())
            writer.writeheader()
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return text.getvalue()


def parse_trips(data: bytes) -> TripFile:
    """The records of a file of either form.

    Raises MalformedError TRIPS_MALFORMED, and the codes of `Layout.parse` for a record's bytes.
    """
    try:
        text = data.decode("utf-8-sig")
        if not text.lstrip().startswith("{"):
            return TripFile(tuple(_record(row.get(_RAW)) for row in _csv_rows(text)))
        told = json.loads(text)
        if told["schema"] != SCHEMA:
            raise ValueError(f"its schema is {told['schema']}")
        fare = layouts.FARE_PARAMETERS.parse(bytes.fromhex(told["fare_raw"]))
        return TripFile(tuple(_record(row[_RAW]) for row in told["trips"]), fare)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, csv.Error) as error:
        raise MalformedError(
            "TRIPS_MALFORMED",
            f"This is no file of trip records: {error}.",
            "Collect the trips again, by sealkit meter trips SPEC --out FILE.",
        ) from error


def _record(raw: Any) -> TripRecord:
    if not isinstance(raw, str):
        raise ValueError(f"a trip without its bytes, in {_RAW}")
    return layouts.TRIP_RECORD.parse(bytes.fromhex(raw))


def _csv_rows(text: str) -> Iterable[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text))
    if _RAW not in (reader.fieldnames or ()):
        raise ValueError(f"no column {_RAW}")
    return reader


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@")):
        return f"'{value}"
    return value

"""Files of trip records: what is written reads back, and nothing else is taken."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError, SealkitError
from sealkit.meter import layouts
from sealkit.meter.trip_file import SCHEMA, csv_text, parse_trips, trip_row
from sealkit_simulator.taximeter import SHANGHAI_FARE, STORED_TRIPS

FARE = layouts.FARE_PARAMETERS.build(SHANGHAI_FARE).hex()
ROWS = [trip_row(trip) for trip in STORED_TRIPS]


def as_json(**changes: object) -> bytes:
    return json.dumps({"schema": SCHEMA, "fare_raw": FARE, "trips": ROWS} | changes).encode()


def test_both_forms_read_back() -> None:
    told = parse_trips(as_json())
    assert (told.records, told.fare) == (STORED_TRIPS, SHANGHAI_FARE)
    assert parse_trips(csv_text(ROWS).encode()).records == STORED_TRIPS


def test_no_cell_is_a_formula() -> None:
    trip = replace(STORED_TRIPS[0], plate="=1+1")
    text = csv_text([trip_row(trip)])
    assert "'=1+1" in text
    assert parse_trips(text.encode()).records == (trip,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"plate,amount\nA,1\n",
        b"raw\n\n\x00\n",
        b"raw,b\n",
        b'"' + b"x" * 200_000,
        b"{" * 100_000,
        as_json(schema="other/1"),
        as_json(fare_raw="00"),
        as_json(trips=3),
        as_json(trips=[{}]),
        as_json(trips=[{"raw": 3}]),
        as_json(trips=[{"raw": "zz"}]),
        as_json(trips=[{"raw": "00" * 65}]),
        as_json(trips=[{"raw": "00" * 2000}]),
        # 30 February, hour 25.
        as_json(trips=[{"raw": ROWS[0]["raw"].replace("2506030812", "2502300812")}]),
        as_json(trips=[{"raw": ROWS[0]["raw"].replace("25060308120821", "25060308122521")}]),
    ],
)
def test_what_is_no_file_of_trips(data: bytes) -> None:
    if data == b"raw,b\n":
        assert parse_trips(data).records == ()  # a header alone is a file without trips
        return
    with pytest.raises(MalformedError) as refused:
        parse_trips(data)
    assert refused.value.remedy


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda b: b"raw\n" + b))
def test_any_bytes_are_refused_cleanly_or_read(data: bytes) -> None:
    with suppress(SealkitError):
        parse_trips(data)

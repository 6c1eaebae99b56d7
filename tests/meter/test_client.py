"""The client against a simulated meter and against devices that are none, on a real port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from sealkit.errors import ExitStatus, MalformedError, SealkitError, TimedOutError
from sealkit.meter import layouts
from sealkit.meter.client import MeterClient
from sealkit.meter.frames import Frame, encode_frame
from sealkit.transport import open_transport
from sealkit_simulator.taximeter import SHANGHAI_FARE, STORED_TRIPS, Taximeter

Device = Callable[[bytes], bytes]
Serve = Callable[[Device], str]

NOW = datetime(2025, 6, 3, 12, 0, 0, 123456)
TRIP_END = encode_frame(Frame(2, 1, 0x00E8, layouts.TRIP_RECORD.build(STORED_TRIPS[0])))


@contextmanager
def client(
    serve: Serve, device: Device, timeout_s: float = 5.0, retries: int = 0
) -> Iterator[MeterClient]:
    with open_transport(serve(device), line="meter") as transport:
        yield MeterClient(transport, timeout_s=timeout_s, retries=retries)


def refusal(serve: Serve, device: Device, **settings: Any) -> SealkitError:
    with (
        client(serve, device, **{"timeout_s": 0.15, **settings}) as asking,
        pytest.raises(SealkitError) as refused,
    ):
        asking.fare_parameters()
    assert refused.value.remedy
    return refused.value


def test_it_reads_what_the_meter_holds(serve: Serve) -> None:
    meter = Taximeter()
    with client(serve, meter.terminal_line.receive) as asking:
        assert asking.status(NOW) == meter.status
        fare = asking.fare_parameters()
        assert fare.parameters == SHANGHAI_FARE
        assert fare.raw == layouts.FARE_PARAMETERS.build(SHANGHAI_FARE)
        assert [asking.trip_record(trip.trip_number) for trip in STORED_TRIPS] == [*STORED_TRIPS]
        assert asking.trip_record(1) is None


def test_it_sees_a_tampered_parameter(serve: Serve) -> None:
    meter = Taximeter()
    with client(serve, meter.terminal_line.receive) as asking:
        before = asking.fare_parameters()
        meter.set_parameter("day_one_way_price_fen_per_km", "450")
        after = asking.fare_parameters()
    assert layouts.fare_differences(before.raw, after.raw) == [
        ("day_one_way_price_fen_per_km", 405, 450)
    ]


def test_what_the_meter_says_by_itself_is_passed_over(serve: Serve) -> None:
    meter = Taximeter()

    def talkative(data: bytes) -> bytes:
        answer = meter.terminal_line.receive(data)
        return answer and b"\x55\xaa\x00" + meter.heartbeat() + TRIP_END + answer

    with client(serve, talkative) as asking:
        assert asking.fare_parameters().parameters == SHANGHAI_FARE


def test_its_own_request_echoed_is_no_reply(serve: Serve) -> None:
    meter = Taximeter()
    with client(serve, lambda data: data + meter.terminal_line.receive(data)) as asking:
        assert asking.status(NOW) == meter.status
        assert asking.fare_parameters().parameters == SHANGHAI_FARE
        assert asking.trip_record(1) is None


@dataclass
class Deaf:
    """A meter that misses the first requests."""

    missed: int
    meter: Taximeter = field(default_factory=Taximeter)

    def receive(self, data: bytes) -> bytes:
        answer = self.meter.terminal_line.receive(data)
        if answer and self.missed:
            self.missed -= 1
            return b""
        return answer


def test_it_asks_again(serve: Serve) -> None:
    with client(serve, Deaf(2).receive, timeout_s=0.2, retries=2) as asking:
        assert asking.fare_parameters().parameters == SHANGHAI_FARE


def test_it_asks_no_more_often_than_told(serve: Serve) -> None:
    assert refusal(serve, Deaf(2).receive, retries=1).code == "METER_SILENT"


def test_an_answer_of_which_a_byte_was_flipped_is_asked_for_again(serve: Serve) -> None:
    meter = Taximeter()
    answers = iter([lambda data: data[:20] + b"\x99" + data[21:], lambda data: data])

    def noisy(data: bytes) -> bytes:
        answer = meter.terminal_line.receive(data)
        return next(answers)(answer) if answer else b""

    with client(serve, noisy, timeout_s=0.3, retries=1) as asking:
        assert asking.fare_parameters().parameters == SHANGHAI_FARE


def test_a_silent_device(serve: Serve) -> None:
    error = refusal(serve, lambda data: b"", retries=1)
    assert isinstance(error, TimedOutError)
    assert (error.code, error.exit_status) == ("METER_SILENT", ExitStatus.TIMED_OUT)


def test_a_device_that_speaks_another_protocol(serve: Serve) -> None:
    error = refusal(serve, lambda data: b"ERROR\r\n" * 20)
    assert isinstance(error, MalformedError)
    assert error.code == "METER_BABBLES"


def test_a_device_that_only_echoes_is_no_meter(serve: Serve) -> None:
    assert refusal(serve, lambda data: data).code == "METER_BABBLES"


def test_a_meter_that_talks_and_does_not_answer(serve: Serve) -> None:
    error = refusal(serve, lambda data: Taximeter().heartbeat())
    assert isinstance(error, TimedOutError)
    assert error.code == "METER_NO_REPLY"


@pytest.mark.parametrize(
    ("reply", "code"),
    [(bytes(126), "METER_BAD_LENGTH"), (b"\x20\x24" + b"\xff" * 125, "METER_NOT_BCD")],
)
def test_a_reply_that_is_none_of_the_standard(serve: Serve, reply: bytes, code: str) -> None:
    assert refusal(serve, lambda data: encode_frame(Frame(2, 1, 0x0004, reply))).code == code


def test_another_trip_than_asked_for_is_not_taken(serve: Serve) -> None:
    another = encode_frame(Frame(2, 1, 0x0006, layouts.TRIP_RECORD.build(STORED_TRIPS[0])))
    with client(serve, lambda data: another) as asking, pytest.raises(MalformedError) as refused:
        asking.trip_record(1)
    assert refused.value.code == "METER_WRONG_TRIP"

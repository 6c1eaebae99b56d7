"""The client against a simulated meter and against devices that are none, on a real port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from support.lines import DirectLine

from sealkit.errors import (
    ExitStatus,
    MalformedError,
    RefusedError,
    SealkitError,
    TimedOutError,
    UsageError,
)
from sealkit.meter import bodies, layouts
from sealkit.meter.client import MeterClient
from sealkit.meter.frames import Frame, FrameDecoder, encode_frame
from sealkit.meter.profiles import parse_profile
from sealkit.meter.settings import LineSettings
from sealkit.meter.upgrade import MeterUpgrade
from sealkit.meter.xmodem import MAX_IMAGE_BYTES, XmodemTimes
from sealkit.transport import Deadline, Transport, memory_pair, open_transport
from sealkit_simulator.taximeter import SHANGHAI_FARE, STORED_TRIPS, Taximeter

Device = Callable[[bytes], bytes]
Serve = Callable[[Device], str]

NOW = datetime(2025, 6, 3, 12, 0, 0, 123456)
ACKNOWLEDGED = encode_frame(Frame(2, 1, 0x00E8, b"\x90"))
TRIP_END = encode_frame(Frame(2, 1, 0x00E8, layouts.TRIP_RECORD.build(STORED_TRIPS[0])))


@contextmanager
def client(
    serve: Serve, device: Device, timeout_s: float = 5.0, retries: int = 0
) -> Iterator[MeterClient]:
    with open_transport(serve(device), line="meter") as transport:
        yield MeterClient(transport, LineSettings(timeout_s, retries))


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


class Clock:
    """A terminal's clock, a second further on each time it is read."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def scripted(answers: dict[int, Callable[[bytes], bytes | None]], vendor: int = 1) -> Device:
    """A meter that answers these commands; None is no answer."""
    decoder = FrameDecoder()

    def receive(data: bytes) -> bytes:
        said = b""
        for frame in decoder.feed(data):
            reply = answers[frame.command](frame.data)
            if reply is not None:
                said += encode_frame(Frame(2, vendor, frame.command, reply))
        return said

    return receive


def test_it_sets_the_clock_to_the_time_of_the_attempt(serve: Serve) -> None:
    heard: list[bytes] = []
    meter = scripted({0x0001: lambda data: heard.append(data) or (b"\x90" if heard[1:] else None)})
    with client(serve, meter, timeout_s=0.2, retries=1) as asking:
        asking.set_clock(Clock())
    assert [data.hex() for data in heard] == ["20250603120001", "20250603120002"]


def test_a_meter_may_refuse_to_set_its_clock(serve: Serve) -> None:
    with (
        client(serve, scripted({0x0001: lambda data: b"\xff"})) as asking,
        pytest.raises(RefusedError, match="METER_REFUSED"),
    ):
        asking.set_clock(Clock())


def test_it_sets_the_fare_parameters(serve: Serve) -> None:
    taken: list[bytes] = []

    def take(data: bytes) -> bytes:
        taken.append(data)
        return b"\x00" + data[:5]

    with client(serve, scripted({0x0005: take})) as asking:
        reply = asking.set_fare_parameters(SHANGHAI_FARE)
    assert (reply.result, reply.enable_time) == (0, SHANGHAI_FARE.enable_time)
    assert taken == [layouts.FARE_PARAMETERS.build(SHANGHAI_FARE)]


@pytest.mark.parametrize(("result", "refused"), [(0x02, False), (0x90, False), (0x01, True)])
def test_what_a_meter_says_to_new_fare_parameters(serve: Serve, result: int, refused: bool) -> None:
    meter = scripted({0x0005: lambda data: bytes([result]) + data[:5]})
    with (
        client(serve, meter) as asking,
        pytest.raises(RefusedError, match="METER_REFUSED") if refused else nullcontext(),
    ):
        asking.set_fare_parameters(SHANGHAI_FARE)


VERSION = bodies.UpgradeRequest(vendor=1, hardware_version=3, software_main=2, software_minor=8)
FIRMWARE = bytes(range(256)) * 9
TIMES = XmodemTimes(start_s=0.3, reply_s=5, block_s=0.05, byte_s=0.05, tries=3)


class Upgradable:
    """A meter that takes firmware, until it has some or has refused."""

    def __init__(self, line: Transport, accepts: bool, max_bytes: int) -> None:
        self.installed: list[tuple[bodies.UpgradeRequest, bytes]] = []
        self._line = line
        self._decoder = FrameDecoder()
        self._upgrade = MeterUpgrade(
            lambda version: accepts,
            lambda version, image: self.installed.append((version, image)),
            max_bytes=max_bytes,
            times=TIMES,
        )

    def run(self) -> list[tuple[bodies.UpgradeRequest, bytes]]:
        while not (frames := self._decoder.feed(self._line.read(256, Deadline.after(5)))):
            pass
        self._say(self._upgrade.answer(frames[0], monotonic()))
        while self._upgrade.under_way:
            try:
                came = self._line.read(256, Deadline(self._upgrade.next_due))
            except TimedOutError:
                came = b""
            self._say(self._upgrade.advance(came, monotonic()) or b"")
        return self.installed

    def _say(self, data: bytes) -> None:
        self._line.write(data, Deadline.after(5))


@contextmanager
def upgradable(
    accepts: bool = True, max_bytes: int = 10_000
) -> Iterator[tuple[MeterClient, Future[list[tuple[bodies.UpgradeRequest, bytes]]]]]:
    """A client, and what the meter at the other end will have installed."""
    ours, meters = memory_pair()
    with ours, meters, ThreadPoolExecutor(1) as pool:
        installed = pool.submit(Upgradable(meters, accepts, max_bytes).run)
        yield MeterClient(ours, LineSettings(5, 0)), installed


@pytest.mark.parametrize(("block_bytes", "blocks"), [(128, 18), (1024, 4)])
def test_it_upgrades_the_firmware(block_bytes: int, blocks: int) -> None:
    sent: list[int] = []
    with upgradable() as (asking, installed):
        asking.upgrade(VERSION, FIRMWARE, block_bytes=block_bytes, sent=sent.append)
        assert installed.result(5) == [(VERSION, FIRMWARE)]
    assert sent[-1] == blocks


def test_an_upgrade_that_the_meter_refuses_sends_nothing() -> None:
    with (
        upgradable(accepts=False) as (asking, installed),
        pytest.raises(RefusedError, match="METER_REFUSED"),
    ):
        asking.upgrade(VERSION, FIRMWARE)
    assert installed.result(5) == []


def test_an_upgrade_that_is_broken_off_leaves_the_old_software() -> None:
    with (
        upgradable(max_bytes=256) as (asking, installed),
        pytest.raises(RefusedError, match="METER_UPGRADE_BROKEN_OFF"),
    ):
        asking.upgrade(VERSION, FIRMWARE)
    assert installed.result(5) == []


def test_a_meter_that_never_asks_for_the_firmware(serve: Serve) -> None:
    with (
        client(serve, scripted({0x00FF: lambda data: b"\x90"})) as asking,
        pytest.raises(RefusedError, match="METER_UPGRADE_BROKEN_OFF"),
    ):
        asking.upgrade(VERSION, bytes(1000), times=TIMES)


@pytest.mark.parametrize("image", [b"", bytes(MAX_IMAGE_BYTES + 1)], ids=["none", "too much"])
def test_firmware_that_cannot_be_sent_is_not_announced(serve: Serve, image: bytes) -> None:
    with client(serve, scripted({})) as asking, pytest.raises(UsageError) as refused:
        asking.upgrade(VERSION, image)
    assert refused.value.code == "XMODEM_BAD_IMAGE"


READ_K = parse_profile(b"""
schema = "sealkit.meter.profile/1"
[[command]]
name = "read_k"
vendor = 0x11
command = 0x1001
reply = [{ name = "k", at = 0, size = 2, type = "bcd" }]
""").named("read_k")


def test_it_asks_what_a_profile_describes(serve: Serve) -> None:
    with client(serve, scripted({0x1001: lambda data: b"\x10\x24"}, vendor=0x11)) as asking:
        assert asking.ask_vendor(READ_K, {}).k == 1024
        with pytest.raises(UsageError, match="METER_WRONG_FIELDS"):
            asking.ask_vendor(READ_K, {"k": "1"})


def test_another_makers_answer_is_no_reply(serve: Serve) -> None:
    meter = scripted({0x1001: lambda data: b"\x10\x24"}, vendor=0x12)
    with (
        client(serve, meter, timeout_s=0.15) as asking,
        pytest.raises(TimedOutError, match="METER_NO_REPLY"),
    ):
        asking.ask_vendor(READ_K, {})


def test_what_the_meter_says_by_itself_can_be_answered_meanwhile(serve: Serve) -> None:
    meter, acknowledged = Taximeter(), bytearray()

    def talkative(data: bytes) -> bytes:
        if data == ACKNOWLEDGED:
            acknowledged.extend(data)
            return meter.terminal_line.receive(encode_frame(Frame(2, 0, 0x0004)))
        return TRIP_END

    with open_transport(serve(talkative)) as transport:
        asking = MeterClient(transport, LineSettings(5, 0), unasked=lambda frame: ACKNOWLEDGED)
        assert asking.fare_parameters().parameters == SHANGHAI_FARE
    assert acknowledged == ACKNOWLEDGED


def test_the_rate_is_a_setting() -> None:
    line = DirectLine(lambda data: b"")
    MeterClient(line, LineSettings(baud=115200))
    assert line.rate == 115200


@pytest.mark.parametrize(
    "settings", [{"timeout_s": 0}, {"timeout_s": float("nan")}, {"retries": -1}, {"baud": 7}]
)
def test_settings_out_of_bounds(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="METER_BAD_SETTING"):
        LineSettings(**settings)


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

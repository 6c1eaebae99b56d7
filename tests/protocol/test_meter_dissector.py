"""Wireshark shows the line of a taximeter field by field as our own decoder explains it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from support import needs
from support.dissected import Dissected, Shown, dissect
from support.meter_records import DRIVER, LICENCE, MORNING, PLATE, shift, signed_on, trip

from sealkit.errors import MalformedError
from sealkit.meter import layouts
from sealkit.meter.bodies import Heartbeat
from sealkit.meter.capture import CapturedFrame, CaptureWriter, Piece, frames_of, read_capture
from sealkit.meter.commands import EXCHANGES, Command
from sealkit.meter.commands import Direction as Way
from sealkit.meter.decode import describe
from sealkit.meter.fields import Layout
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder, encode_frame
from sealkit.meter.reporter import MeterReporter
from sealkit.meter.terminal import Driver, Terminal
from sealkit_conformance.pcapng import CapturedPacket, Direction, LinkType
from sealkit_simulator.taximeter import STORED_TRIPS, Taximeter

pytestmark = needs.program("tshark", package="tshark")

LAYOUT_NAMES = {
    id(layout): name.lower() for name, layout in vars(layouts).items() if isinstance(layout, Layout)
}
TO_METER = {Way.TO_METER: Direction.TO_DEVICE, Way.FROM_METER: Direction.FROM_DEVICE}


class Day:
    """A meter's day, captured as `sealkit meter record` does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._now = 0.0
        self._file = path.open("xb")
        self._writer = CaptureWriter(self._file, MORNING)

    def said(self, data: bytes, way: Way) -> bytes:
        """Data in two pieces."""
        for part in (data[:3], data[3:]):
            if part:
                self._writer.add(Piece(int(self._now * 1e6), way, part))
        return data

    def asked(self, meter: Taximeter) -> None:
        """Everything that a terminal asks of a meter."""
        requests = [(Command.STATUS, layouts.CLOCK_TIME), (Command.SET_CLOCK, layouts.CLOCK_TIME)]
        frames = [Frame(TAXIMETER, 0, command, CLOCK) for command, _ in requests]
        fare = layouts.FARE_PARAMETERS.build(meter.fare)
        frames += [Frame(TAXIMETER, 0, Command.READ_FARE)]
        frames += [Frame(TAXIMETER, 0, Command.SET_FARE, fare[:20] + b"\x15" + fare[21:])]
        numbers = [0, *(record.trip_number for record in STORED_TRIPS)]
        frames += [Frame(TAXIMETER, 0, Command.READ_TRIP, n.to_bytes(4, "big")) for n in numbers]
        frames += [Frame(TAXIMETER, 0, Command.UPGRADE, b"\x11\x01\x02\x03")]
        for frame in frames:
            request = self.said(encode_frame(frame), Way.TO_METER)
            self.said(meter.terminal_line.receive(request), Way.FROM_METER)

    def told(self) -> None:
        """Everything that a meter tells by itself: signing on, trips, heartbeats, signing off."""
        reporter = MeterReporter(lambda: Heartbeat(0b10, LICENCE, DRIVER), vendor=0x11)
        until = datetime(2025, 12, 31, 23)
        terminal = Terminal(Driver(LICENCE, DRIVER, PLATE, 3, until, 99), lambda record: None)
        decoder = FrameDecoder()
        events = [
            reporter.sign_on,
            lambda: reporter.signed_on(signed_on(7)),
            lambda: reporter.trip_started(MORNING),
            lambda: reporter.trip_ended(trip(8)),
            lambda: reporter.trip_ended(trip(9, city_data=b"\x01\xfe")),
            reporter.sign_off,
            lambda: reporter.signed_off(shift(9)),
        ]
        for event in events:
            event()
            for tries in range(5):
                self._now = max(self._now + 0.1, min(reporter.next_due, self._now + 30))
                request = self.said(reporter.due(self._now), Way.FROM_METER)
                # What is said first is lost on the way, so that the meter says it once more.
                lost = tries < 2
                moment = MORNING + timedelta(seconds=self._now)
                answer = self.said(b"" if lost else terminal.receive(request, moment), Way.TO_METER)
                for frame in decoder.feed(answer):
                    reporter.take(frame, self._now)

    def frames(self) -> list[CapturedFrame]:
        self._file.close()
        return list(frames_of(read_capture(self._path).pieces))


CLOCK = bytes.fromhex("20250603120000")


def meter_packet(frame: Frame, direction: Direction = Direction.UNKNOWN) -> CapturedPacket:
    return CapturedPacket(1_748_923_200_000_000, LinkType.METER, direction, encode_frame(frame))


def ours(packet: CapturedPacket) -> list[Shown]:
    """The fields of a frame as our decoder explains them, in their order."""
    told = describe(packet.data)
    head, body = told["frame"], told["body"]
    (frame,) = FrameDecoder().feed(packet.data)
    fields = {
        "length": 4 + len(frame.data), "device_type": frame.device_type, "vendor": frame.vendor,
        "command": frame.command, "meaning": head["meaning"], "direction": head["direction"],
    }  # fmt: skip
    layout = ""
    if head["direction"]:
        identified = EXCHANGES[Command(frame.command)].identify(frame.data)
        assert identified is not None
        layout = LAYOUT_NAMES[id(identified[1])]
    elif frame.data:
        fields["data"] = frame.data.hex(":")
    named = {name: value for name, value in body.items() if not name.endswith("_meaning")}
    for name, value in named.items():
        if layout:
            is_bytes = identified[1].places[name].__class__.__name__ in ("Bytes", "GreedyBytes")
            text = bytes.fromhex(value).hex(":") if is_bytes else value
            fields[f"{layout}.{name}"] = "never" if value is None else text
    fields["check"] = packet.data[-3]
    return [(f"jt905.{key}", str(value)) for key, value in fields.items() if value is not None]


def theirs(told: Dissected) -> list[Shown]:
    """Numbers in decimal, without the bits that a number is split into."""
    names = {name for name, _ in told.fields}
    return [
        (name, str(int(value, 16)) if value.startswith("0x") else value)
        for name, value in told.fields
        if name.rpartition(".")[0] not in names
    ]


def compare(packets: Iterable[CapturedPacket], directory: Path) -> list[Dissected]:
    packets = list(packets)
    dissected = dissect(packets, directory)
    for packet, told in zip(packets, dissected, strict=True):
        assert theirs(told) == ours(packet)
        assert told.experts == []
    return dissected


def test_a_meters_day_is_shown_as_our_decoder_explains_it(tmp_path: Path) -> None:
    day = Day(tmp_path / "day.jsonl")
    day.asked(Taximeter())
    day.told()
    frames = day.frames()
    packets = [
        meter_packet(captured.frame, TO_METER[captured.direction or Way.TO_METER])
        for captured in frames
    ]
    commands = {captured.frame.command for captured in frames}
    assert commands >= set(Command) - {Command.SIGNED_OFF_AGAIN}
    told = compare(packets, tmp_path)
    shown = {name for packet in told for name, _ in packet.fields}
    kinds = {name.split(".")[1] for name in shown if name.count(".") > 1}
    assert kinds == set(LAYOUT_NAMES.values()) - {"empty"}


def bodies(random: Random) -> Iterable[Frame]:
    """A frame of each size that a command can have, its data mostly digits."""
    for command, exchange in EXCHANGES.items():
        for layout in (exchange.request, *exchange.replies):
            for size in {layout.sizes[0], min(layout.sizes[-1], layout.sizes[0] + 5)}:
                low = random.choice([0, 0, 0x30])
                data = bytes(random.randrange(10) | low for _ in range(size))
                yield Frame(random.choice([TAXIMETER, 3]), random.randrange(256), command, data)
                yield Frame(TAXIMETER, 0, command, random.randbytes(size))


def test_what_our_decoder_takes_is_shown_and_what_it_refuses_is_marked(tmp_path: Path) -> None:
    random = Random(11)
    packets = [meter_packet(frame) for _ in range(8) for frame in bodies(random)]
    packets += [
        meter_packet(Frame(TAXIMETER, 0, random.choice(list(Command)), random.randbytes(n)))
        for n in range(20)
    ]
    taken = 0
    for packet, told in zip(packets, dissect(packets, tmp_path), strict=True):
        try:
            expected = ours(packet)
        except MalformedError:
            assert any(severity == "warning" for severity, _ in told.experts)
        else:
            taken += 1
            assert theirs(told) == expected
            assert told.experts == []
    assert 50 < taken < len(packets) - 50


def test_what_is_no_frame_is_shown_as_such(tmp_path: Path) -> None:
    random = Random(12)
    good = encode_frame(Frame(TAXIMETER, 0, Command.STATUS, CLOCK))
    spoilt = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in (0, 1, 3, 9, -3, -1)]
    noise = [random.randbytes(random.randrange(1, 40)) for _ in range(100)]
    packets = [
        CapturedPacket(1, LinkType.METER, Direction.UNKNOWN, data)
        for data in [*spoilt, *noise, good[:-1], good + b"\0", good[:5]]
    ]
    for told in dissect(packets, tmp_path):
        assert [name for name, _ in told.fields] == ["jt905.no_frame"]
        assert [severity for severity, _ in told.experts] == ["warning"]

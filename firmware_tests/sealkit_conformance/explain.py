"""Packets in words: a case's exchange, readable line by line and field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sealkit.errors import SealkitError
from sealkit.meter.decode import describe
from sealkit.wire import credentials, evidence, messages, orders, records
from sealkit.wire.codec import Codec
from sealkit.wire.link import FrameDecoder
from sealkit.wire.registry import COMMAND_BODIES, Command, Status, TagType
from sealkit_conformance.expect import shown, status_name
from sealkit_conformance.recording import Packet, RecordedLine

_BODIES: Final[dict[str, Codec[Any]]] = {
    codec.layout: codec
    for module in (messages, evidence, credentials)
    for codec in vars(module).values()
    if isinstance(codec, Codec)
}
_OBJECTS: Final[dict[int, Codec[Any]]] = {
    TagType.CREDENTIAL: credentials.CREDENTIAL,
    TagType.TRUST: credentials.TRUST_STATEMENT,
    TagType.ORDER: orders.ORDER,
    TagType.RECORD: records.RECORD,
}
_TAG_TYPE_AT: Final = 8
_HIDDEN: Final = ("raw",)
_BYTES_SHOWN: Final = 24


def explain(packets: Iterable[Packet]) -> Iterator[str]:
    """Lines of text: a heading for each packet, its fields indented."""
    for packet in packets:
        if packet.case:
            yield f"--- {packet.case}"
        moment = datetime.fromtimestamp(packet.time_s, UTC).strftime("%H:%M:%S.%f")[:-3]
        arrow = "->" if packet.to_device else "<-"
        heading, *details = _packet(packet)
        yield f"{moment} {arrow} {packet.line.name.lower()}: {heading}"
        yield from (f"    {line}" for line in details)


def _packet(packet: Packet) -> list[str]:
    if packet.line is RecordedLine.METER:
        return _meter(packet.data)
    decoder = FrameDecoder()
    payloads = decoder.feed(packet.data + b"\0")
    if len(payloads) != 1 or decoder.dropped:
        return [f"no single frame: {_hex(packet.data)}"]
    return _request(payloads[0]) if packet.to_device else _answer(payloads[0])


def _request(payload: bytes) -> list[str]:
    try:
        request = messages.Request.parse(payload)
    except SealkitError:
        return [f"no request: {_hex(payload)}"]
    heading = f"{_command(request.command)} #{request.sequence}"
    if request.version != 1:
        heading += f" version {request.version}"
    return [heading, *_body(request.command, 0, request.body)]


def _answer(payload: bytes) -> list[str]:
    try:
        answer = messages.Answer.parse(payload)
    except SealkitError:
        return [f"no answer: {_hex(payload)}"]
    heading = f"{_command(answer.command)} #{answer.sequence}: {status_name(answer.status)}"
    done = answer.status in (Status.OK, Status.ALREADY_APPLIED)
    return [heading, *(_body(answer.command, 1, answer.body) if done else [])]


def _command(number: int) -> str:
    try:
        return Command(number).name.lower()
    except ValueError:
        return f"command 0x{number:02x}"


def _body(command: int, side: int, body: bytes) -> list[str]:
    if not body:
        return []
    try:
        layout = COMMAND_BODIES[Command(command)][side]
    except ValueError:
        return [_hex(body)]
    codec = _BODIES.get(layout)
    if codec is None:
        return [_hex(body)]
    try:
        return _fields(codec.parse(body))
    except SealkitError as error:
        return [f"malformed: {error.message}", body.hex(" ")]


def _fields(value: Any) -> list[str]:
    lines = []
    for field in fields(value):
        if field.name in _HIDDEN:
            continue
        inner = getattr(value, field.name)
        items = inner if isinstance(inner, tuple) else (inner,)
        for item in items:
            lines += _field(field.name, item)
    return lines


def _field(name: str, value: Any) -> list[str]:
    if isinstance(value, bytes):
        found = _object(value)
        if found is not None:
            return [f"{name}:", *(f"  {line}" for line in _fields(found))]
        return [f"{name} {_hex(value)}"]
    if is_dataclass(value):
        return [f"{name}:", *(f"  {line}" for line in _fields(value))]
    return [f"{name} {shown(value)}"]


def _object(raw: bytes) -> Any | None:
    """The object with a domain tag that these bytes are, if they are one."""
    codec = _OBJECTS.get(raw[_TAG_TYPE_AT]) if raw.startswith(b"SEALKIT") and raw[8:] else None
    try:
        return None if codec is None else codec.parse(raw)
    except SealkitError:
        return None


def _meter(data: bytes) -> list[str]:
    try:
        told = describe(data)
    except SealkitError as error:
        return [f"no frame of a meter ({error.code}): {_hex(data)}"]
    frame = told["frame"]
    heading = f"{frame['command']} {frame['meaning'] or ''}".rstrip()
    return [heading, *(f"{name} {value}" for name, value in told["body"].items())]


def _hex(data: bytes) -> str:
    text = data[:_BYTES_SHOWN].hex(" ")
    more = " ..." if len(data) > _BYTES_SHOWN else ""
    return f"{text}{more} ({len(data)} bytes)"

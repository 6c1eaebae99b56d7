"""What our own parser reads in frames of a seal, field by field, as tshark is to show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sealkit.errors import MalformedError
from sealkit.wire import credentials, evidence, messages, orders, parameters, records
from sealkit.wire.codec import Codec
from sealkit.wire.registry import (
    COMMAND_BODIES,
    LAYOUTS,
    OPAQUE_MAX,
    ORDERS,
    RECORD_BODIES,
    STATUS_KINDS,
    Group,
    RecordKind,
    Status,
    StatusKind,
)
from support.dissected import Shown

CODECS: dict[str, Codec[Any]] = {
    codec.layout: codec
    for module in (credentials, evidence, messages, orders, records)
    for codec in vars(module).values()
    if isinstance(codec, Codec)
}
PARTS = {
    "enrol_body.authority": "credential",
    "trust_body.statement": "trust_statement",
    "order_record.order": "order",
    "order_record.credentials": "credential",
    "order_request.order": "order",
    "order_request.credentials": "credential",
    "read_log_response.records": "record",
}


def shown(value: int | str | bytes) -> str:
    return value.hex(":") if isinstance(value, bytes) else str(value)


def request_fields(payload: bytes) -> list[Shown]:
    """The fields of a request, in their order. Raises MalformedError."""
    request = messages.Request.parse(payload)
    head = [("version", request.version), ("command", request.command)]
    told = [(f"header_request.{name}", value) for name, value in head]
    told.append(("header_request.sequence", request.sequence))
    layout = COMMAND_BODIES[request.command][0]  # type: ignore[index]
    return _named([*told, ("command", request.command), *_body(layout, request.body, None)])


def answer_fields(payload: bytes, asked: bytes) -> list[Shown]:
    """The fields of an answer to a request. Raises MalformedError."""
    answer = messages.Answer.parse(payload)
    told: list[tuple[str, Any]] = [
        ("header_response.version", answer.version),
        ("header_response.command", payload[1]),
        ("header_response.sequence", answer.sequence),
        ("header_response.status", answer.status),
        ("command", answer.command),
    ]
    if STATUS_KINDS[Status(answer.status)] is StatusKind.DONE:
        layout = COMMAND_BODIES[answer.command][1]  # type: ignore[index]
        told += _body(layout, answer.body, messages.Request.parse(asked).body)
    return _named(told)


def _named(fields: list[tuple[str, Any]]) -> list[Shown]:
    return [(f"sealkit.{name}", shown(value)) for name, value in fields]


def _body(layout: str, body: bytes, asked: bytes | None) -> Iterator[tuple[str, Any]]:
    if layout == "empty":
        if body:
            raise MalformedError("MALFORMED", "a body where none is due")
    elif layout == "opaque":
        if len(body) > OPAQUE_MAX:
            raise MalformedError("MALFORMED", "too long")
        if body:
            yield "opaque", body
    elif layout == "group":
        assert asked is not None
        yield from _group(asked[0], body)
    elif layout == "checkpoint" and len(body) > 200:
        yield from _whole("evidence", body)
    else:
        yield from _whole(layout, body)


def _whole(layout: str, raw: bytes) -> Iterator[tuple[str, Any]]:
    yield from _fields(layout, CODECS[layout].parse(raw), raw)


def _fields(layout: str, value: Any, raw: bytes = b"") -> Iterator[tuple[str, Any]]:
    for name, kind in LAYOUTS[layout]:
        key = f"{layout}.{name}"
        if kind == "tag":
            yield key, raw[:10]
            continue
        field = getattr(value, name)
        if kind.startswith("list8"):
            yield key, len(field)
            for item in field:
                yield from _fields(kind.split(":")[1], item)
        elif kind.startswith("datas8"):
            yield key, len(field)
            for item in field:
                yield f"{key}.item", item
                yield from _whole(PARTS[key], item)
        else:
            yield key, int(field) if isinstance(field, int) else field
            yield from _content(key, value, field)


def _content(key: str, value: Any, raw: Any) -> Iterator[tuple[str, Any]]:
    """What stands in the bytes of a field."""
    if key in PARTS:
        yield from _whole(PARTS[key], raw)
    elif key == "group_item.data":
        yield from _group(value.number, raw)
    elif key == "order.body":
        yield from _fields(ORDERS[value.kind].body, orders.parse_body(value))
    elif key == "record.body":
        body = records.parse_record_body(value)
        if body is not None:
            yield from _fields(RECORD_BODIES[RecordKind(value.kind)], body)


def _group(number: int, raw: bytes) -> Iterator[tuple[str, Any]]:
    content = parameters.parse_group(number, raw)
    yield "group.salt", raw[:16]
    yield "group.content", raw[16:]
    if content is not None:
        yield from _fields(f"{Group(number).name.lower()}_group", content)

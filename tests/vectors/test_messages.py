"""Messages are read and built as the vectors say (chapters 2 and 3)."""

from __future__ import annotations

from typing import Any

import pytest
from support.vectors import each, told

from sealkit.errors import MalformedError
from sealkit.wire import messages as m
from sealkit.wire.codec import Codec
from sealkit.wire.credentials import CREDENTIAL, TRUST_STATEMENT
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE
from sealkit.wire.registry import (
    COMMAND_BODIES,
    PROTOCOL_VERSION,
    STATUS_KINDS,
    Command,
    Status,
    StatusKind,
)

_CODECS: dict[str, Codec[Any]] = {
    codec.layout: codec
    for codec in (
        m.INFO, m.SEAL_STATUS, m.CHALLENGE, m.EVIDENCE_REQUEST, m.ORDER_REQUEST, m.ORDER_ANSWER,
        m.READ_LOG_REQUEST, m.READ_LOG_ANSWER, m.READ_RECORD_REQUEST, m.READ_RECORD_ANSWER,
        m.PARAMETER_DIGESTS, m.READ_GROUP_REQUEST, m.READ_CREDENTIAL_REQUEST, m.OBSERVATION,
        m.SET_BAUD_REQUEST, EVIDENCE, CREDENTIAL, TRUST_STATEMENT, CHECKPOINT,
    )
}  # fmt: skip


def _read(layout: str, body: bytes) -> dict[str, Any]:
    """The fields of a body. What is not a layout is read here as SPEC.md says it in words."""
    if layout == "empty" and body:
        raise MalformedError("MALFORMED", "a body where none is due")
    if layout == "opaque" and len(body) > m.PING_MAX:
        raise MalformedError("MALFORMED", "too long")
    if layout == "empty":
        return {}
    if layout in ("opaque", "group"):
        return {"data": body.hex()}
    value = _CODECS[layout].parse(body)
    assert _CODECS[layout].build(value) == body
    fields: dict[str, Any] = told(value)
    return fields


@pytest.mark.requirement("L-6")
@each("messages", "messages", title="command")
def test_a_message_parses_and_builds(suite_name: str, case: dict[str, Any]) -> None:
    payload, header = bytes.fromhex(case["payload"]), case["header"]
    message: m.Request | m.Answer
    request_layout, answer_layout = COMMAND_BODIES[Command[case["command"].upper()]]
    if case["direction"] == "request":
        message, layout = m.Request.parse(payload), request_layout
        assert message.command == header["command"]
    else:
        message, layout = m.Answer.parse(payload), answer_layout
        assert message.command | m.ANSWER_BIT == header["command"]
        assert message.status == header["status"]
        if STATUS_KINDS[Status(message.status)] is not StatusKind.DONE:
            layout = "empty"
    assert (message.version, message.sequence) == (header["version"], header["sequence"])
    assert message.build() == payload
    if case["command"] == "info" and layout == "info":
        _check_info(message.body, case["fields"])
    assert _read(layout, message.body) == case["fields"]


def _check_info(body: bytes, fields: dict[str, Any]) -> None:
    """`told` leaves out the field suite, which an object with a tag does not have."""
    assert m.INFO.parse(body).suite == fields.pop("suite", m.INFO.parse(body).suite)


@pytest.mark.requirement("L-7")
@each("messages", "bad")
def test_a_bad_message_is_refused(suite_name: str, case: dict[str, Any]) -> None:
    payload = bytes.fromhex(case["payload"])
    outcome = _answer(payload) if case["direction"] == "request" else _accept(payload)
    assert outcome == case["expect"]


def _answer(payload: bytes) -> str:
    """What a seal says to a request, in the order of L-7."""
    try:
        request = m.Request.parse(payload)
    except MalformedError:
        return "dropped"
    if request.version != PROTOCOL_VERSION:
        return "wrong_version"
    if request.command not in set(Command):
        return "unknown_command"
    try:
        _read(COMMAND_BODIES[Command(request.command)][0], request.body)
    except MalformedError as error:
        return error.code.lower()
    return "ok"


def _accept(payload: bytes) -> str:
    """What a client makes of an answer."""
    answer = m.Answer.parse(payload)
    try:
        _read(COMMAND_BODIES[Command(answer.command)][1], answer.body)
    except MalformedError as error:
        return error.code.lower()
    return "ok"

"""The commands of chapter 3, one function each: a request's body in, status and body out."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from sealkit.errors import RefusedError
from sealkit.rules.credentials import judge_seal_credential
from sealkit.rules.orders import read_order_request
from sealkit.rules.parameters import group_digest
from sealkit.rules.refusals import refusal
from sealkit.wire.credentials import CREDENTIAL
from sealkit.wire.messages import (
    CHALLENGE,
    EVIDENCE_REQUEST,
    INFO,
    OBSERVATION,
    ORDER_ANSWER,
    PARAMETER_DIGESTS,
    PING_MAX,
    READ_CREDENTIAL_REQUEST,
    READ_GROUP_REQUEST,
    READ_LOG_ANSWER,
    READ_LOG_REQUEST,
    READ_RECORD_ANSWER,
    READ_RECORD_REQUEST,
    SEAL_STATUS,
    SET_BAUD_REQUEST,
    Challenge,
    GroupDigest,
    Info,
    ParameterDigests,
    ReadLogAnswer,
    ReadRecordAnswer,
)
from sealkit.wire.registry import (
    CHALLENGE_LIFE_MS,
    LINK_FRAME_MAX,
    LINK_PAYLOAD_MAX,
    ORDER_MAX,
    PROTOCOL_VERSION,
    Command,
    CredentialChoice,
    State,
    Status,
)
from sealkit_simulator.applying import apply_order
from sealkit_simulator.device import (
    HARDWARE_VERSION,
    MODEL,
    Device,
    OutstandingChallenge,
)
from sealkit_simulator.evidence import observation, seal_status, sign_evidence

Outcome = tuple[Status, bytes]

_BODY_MAX: Final = LINK_PAYLOAD_MAX - 5
_CHALLENGE_BYTES: Final = 16
_RECORDS_MAX: Final = 255


def _ok(body: bytes = b"") -> Outcome:
    return Status.OK, body


def _no_body(body: bytes) -> None:
    if body:
        raise refusal(Status.MALFORMED, "a body where none is due")


def _alive(device: Device) -> None:
    """A retired seal says so, whether the destruction of its key is done or only due."""
    if device.state is State.RETIRED:
        raise refusal(Status.KEY_DESTROYED)


def _ping(device: Device, body: bytes) -> Outcome:
    if len(body) > PING_MAX:
        raise refusal(Status.MALFORMED)
    return _ok(body)


def _info(device: Device, body: bytes) -> Outcome:
    _no_body(body)
    core, storage = device.core, device.storage
    return _ok(
        INFO.build(
            Info(
                maker=core.number.maker,
                serial=core.number.serial,
                suite=core.suite.id,
                protocol=PROTOCOL_VERSION,
                hardware_version=HARDWARE_VERSION,
                firmware_version=device.firmware_version,
                firmware_digest=device.firmware_digest,
                frame_max=LINK_FRAME_MAX,
                order_max=ORDER_MAX,
                control_capacity=storage.control.capacity,
                journal_capacity=storage.journal.capacity,
                public_key=core.public_key,
                model=MODEL,
            )
        )
    )


def _status(device: Device, body: bytes) -> Outcome:
    _no_body(body)
    return _ok(SEAL_STATUS.build(seal_status(device)))


def _challenge(device: Device, body: bytes) -> Outcome:
    _no_body(body)
    value = secrets.token_bytes(_CHALLENGE_BYTES)
    device.challenge = OutstandingChallenge(value, device.clock.tick_ms)
    return _ok(CHALLENGE.build(Challenge(value, CHALLENGE_LIFE_MS)))


def _evidence(device: Device, body: bytes) -> Outcome:
    request = EVIDENCE_REQUEST.parse(body)
    _alive(device)
    return _ok(sign_evidence(device, request.nonce))


def _order(device: Device, body: bytes) -> Outcome:
    request = read_order_request(body)
    status, answer = apply_order(device, request.order, request.credentials)
    return status, ORDER_ANSWER.build(answer)


def _read_log(device: Device, body: bytes) -> Outcome:
    request = READ_LOG_REQUEST.parse(body)
    room = min(request.limit, _BODY_MAX) - 1
    records: list[bytes] = []
    for place in device.storage.from_sequence(request.chain, request.from_sequence):
        room -= 2 + place.length
        if records and (room < 0 or len(records) == _RECORDS_MAX):
            break
        records.append(device.storage.read(place))
    return _ok(READ_LOG_ANSWER.build(ReadLogAnswer(tuple(records))))


def _read_record(device: Device, body: bytes) -> Outcome:
    request = READ_RECORD_REQUEST.parse(body)
    place = device.storage.find(request.sequence)
    if place is None:
        raise refusal(Status.NOT_FOUND)
    raw = device.storage.read(place)
    length = min(request.length, _BODY_MAX - 2)
    part = raw[request.offset : request.offset + length]
    return _ok(READ_RECORD_ANSWER.build(ReadRecordAnswer(len(raw), part)))


def _read_parameters(device: Device, body: bytes) -> Outcome:
    _no_body(body)
    groups = device.history.groups
    digests = tuple(
        GroupDigest(number, group_digest(device.core.suite, number, groups[number]))
        for number in sorted(groups)
    )
    return _ok(PARAMETER_DIGESTS.build(ParameterDigests(digests)))


def _read_group(device: Device, body: bytes) -> Outcome:
    return _found(device.history.groups.get(READ_GROUP_REQUEST.parse(body).number))


def _read_credential(device: Device, body: bytes) -> Outcome:
    if READ_CREDENTIAL_REQUEST.parse(body).choice is CredentialChoice.SEAL:
        return _found(device.registers.credential)
    authority = device.history.authority
    return _found(None if authority is None else authority.raw)


def _read_trust(device: Device, body: bytes) -> Outcome:
    _no_body(body)
    statement = device.history.statement
    return _found(None if statement is None else statement.raw)


def _read_checkpoint(device: Device, body: bytes) -> Outcome:
    _no_body(body)
    return _found(device.registers.attestation)


def _read_observation(device: Device, body: bytes) -> Outcome:
    _no_body(body)
    return _ok(OBSERVATION.build(observation(device)))


def _install_credential(device: Device, body: bytes) -> Outcome:
    _alive(device)
    install_credential(device, body)
    return _ok()


def _set_baud(device: Device, body: bytes) -> Outcome:
    if not device.baud.ask(SET_BAUD_REQUEST.parse(body).baud):
        raise refusal(Status.MALFORMED, "a rate that this line cannot do")
    return _ok()


def install_credential(device: Device, raw: bytes) -> None:
    """Takes the seal's credential if it binds this number to this key (C-12).

    Raises RefusedError CREDENTIAL_INVALID, WRONG_SUITE; MalformedError.
    """
    core = device.core
    credential = CREDENTIAL.parse(raw)
    if credential.suite != core.suite.id:
        raise refusal(Status.WRONG_SUITE)
    try:
        judge_seal_credential(
            core.suite,
            credential,
            manufacturer=core.manufacturer,
            maker=core.number.maker,
            serial=core.number.serial,
            public_key=core.public_key,
        )
    except RefusedError as error:
        raise refusal(Status.CREDENTIAL_INVALID, error.message) from None
    device.registers.credential = raw
    device.store_registers()


def _found(value: bytes | None) -> Outcome:
    if not value:
        raise refusal(Status.NOT_FOUND)
    return _ok(value)


_COMMANDS: Final[dict[int, Callable[[Device, bytes], Outcome]]] = {
    Command.PING: _ping,
    Command.INFO: _info,
    Command.STATUS: _status,
    Command.CHALLENGE: _challenge,
    Command.EVIDENCE: _evidence,
    Command.ORDER: _order,
    Command.READ_LOG: _read_log,
    Command.READ_RECORD: _read_record,
    Command.READ_PARAMETERS: _read_parameters,
    Command.READ_GROUP: _read_group,
    Command.READ_CREDENTIAL: _read_credential,
    Command.READ_TRUST: _read_trust,
    Command.READ_CHECKPOINT: _read_checkpoint,
    Command.READ_OBSERVATION: _read_observation,
    Command.INSTALL_CREDENTIAL: _install_credential,
    Command.SET_BAUD: _set_baud,
}


def carry_out(device: Device, command: int, body: bytes) -> Outcome:
    """The outcome of a request of this version.

    Raises MalformedError, RefusedError, FlashFault: the answer is the status they name. PowerCut.
    """
    function = _COMMANDS.get(command)
    if function is None:
        raise refusal(Status.UNKNOWN_COMMAND)
    return function(device, body)

"""Requests, answers and the bodies of the commands (SPEC.md 2.1 and 3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from sealkit.errors import MalformedError
from sealkit.wire.codec import Codec
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import (
    OPAQUE_MAX,
    PROTOCOL_VERSION,
    Chain,
    ClockQuality,
    CredentialChoice,
    MeterSeen,
    State,
)

PING_MAX: Final = OPAQUE_MAX
ANSWER_BIT: Final = 0x80
_REQUEST: Final = struct.Struct(">BBH")
_ANSWER: Final = struct.Struct(">BBHB")


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sends. command is a number: an unknown one is answered, not dropped."""

    command: int
    sequence: int
    body: bytes
    version: int = PROTOCOL_VERSION

    def build(self) -> bytes:
        return _REQUEST.pack(self.version, self.command, self.sequence) + self.body

    @classmethod
    def parse(cls, payload: bytes) -> Request:
        """Errors: `MalformedError` MALFORMED for what is dropped without an answer (L-7)."""
        if len(payload) < _REQUEST.size or payload[1] & ANSWER_BIT:
            raise MalformedError("MALFORMED", "The payload is no request.", "Drop it.")
        version, command, sequence = _REQUEST.unpack_from(payload)
        return cls(command, sequence, payload[_REQUEST.size :], version)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a seal sends back. status is a number of the registry, or one of a newer version."""

    command: int
    sequence: int
    status: int
    body: bytes
    version: int = PROTOCOL_VERSION

    def build(self) -> bytes:
        head = _ANSWER.pack(self.version, self.command | ANSWER_BIT, self.sequence, self.status)
        return head + self.body

    @classmethod
    def parse(cls, payload: bytes) -> Answer:
        """Errors: `MalformedError` MALFORMED."""
        if len(payload) < _ANSWER.size or not payload[1] & ANSWER_BIT:
            raise MalformedError("MALFORMED", "The payload is no answer of a seal.", "Ask again.")
        version, command, sequence, status = _ANSWER.unpack_from(payload)
        body = payload[_ANSWER.size :]
        return cls(command & ~ANSWER_BIT, sequence, status, body, version)


@dataclass(frozen=True, slots=True)
class Info:
    """What never changes but with the firmware, and the seal's limits (C-2)."""

    maker: int
    serial: int
    suite: int
    protocol: int
    hardware_version: int
    firmware_version: int
    firmware_digest: bytes
    frame_max: int
    order_max: int
    control_capacity: int
    journal_capacity: int
    public_key: bytes
    model: str

    @property
    def number(self) -> SealNumber:
        return SealNumber(self.maker, self.serial)


@dataclass(frozen=True, slots=True)
class SealStatus:
    """The heads and states that an order is made against; not signed (C-3)."""

    maker: int
    serial: int
    seal_key: bytes
    state: State
    flags: int
    boot: int
    tick_ms: int
    clock: int
    clock_quality: ClockQuality
    clock_floor: int
    control_sequence: int
    control_digest: bytes
    journal_sequence: int
    journal_digest: bytes
    base_sequence: int
    trust_version: int
    parameter_root: bytes
    calibration_counter: int
    configuration_counter: int
    latched_causes: int
    live_causes: int
    control_free: int
    journal_free: int

    @property
    def number(self) -> SealNumber:
        return SealNumber(self.maker, self.serial)


@dataclass(frozen=True, slots=True)
class Challenge:
    """challenge: 16 random bytes; life_ms: ticks (C-4)."""

    challenge: bytes
    life_ms: int


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """nonce: 32 bytes (C-5)."""

    nonce: bytes


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order and the credentials of its signers and their issuers (C-6)."""

    order: bytes
    credentials: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """The order's record; bit i of stored: credential i stands in it."""

    sequence: int
    digest: bytes
    stored: int


@dataclass(frozen=True, slots=True)
class ReadLogRequest:
    """limit: bytes of body (C-7)."""

    chain: Chain
    from_sequence: int
    limit: int


@dataclass(frozen=True, slots=True)
class ReadLogAnswer:
    """Whole records, rising; none left: empty."""

    records: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ReadRecordRequest:
    """A part of one record (C-8)."""

    sequence: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class ReadRecordAnswer:
    """total: the record's length; data: the part."""

    total: int
    data: bytes


@dataclass(frozen=True, slots=True)
class GroupDigest:
    """One group's number and digest (32 bytes)."""

    number: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class ParameterDigests:
    """The groups of the last set, rising (C-9)."""

    groups: tuple[GroupDigest, ...]


@dataclass(frozen=True, slots=True)
class ReadGroupRequest:
    """number: of the group (C-9)."""

    number: int


@dataclass(frozen=True, slots=True)
class ReadCredentialRequest:
    """Which credential (C-10)."""

    choice: CredentialChoice


@dataclass(frozen=True, slots=True)
class Observation:
    """What the seal last saw of the meter (C-11); age in ticks, fare 127 bytes."""

    seen: MeterSeen
    age_ms: int
    device: bytes
    hardware_version: int
    software: bytes
    plate: str
    fare: bytes


@dataclass(frozen=True, slots=True)
class SetBaudRequest:
    """baud: bits per second (L-12)."""

    baud: int


INFO = Codec(Info, "info")
SEAL_STATUS = Codec(SealStatus, "status", enums={"state": State, "clock_quality": ClockQuality})
CHALLENGE = Codec(Challenge, "challenge")
EVIDENCE_REQUEST = Codec(EvidenceRequest, "nonce")
ORDER_REQUEST = Codec(OrderRequest, "order_request")
ORDER_ANSWER = Codec(OrderAnswer, "order_response")
READ_LOG_REQUEST = Codec(ReadLogRequest, "read_log_request", enums={"chain": Chain})
READ_LOG_ANSWER = Codec(ReadLogAnswer, "read_log_response")
READ_RECORD_REQUEST = Codec(ReadRecordRequest, "read_record_request")
READ_RECORD_ANSWER = Codec(ReadRecordAnswer, "read_record_response")
PARAMETER_DIGESTS = Codec(
    ParameterDigests, "parameter_digests", items={"groups": Codec(GroupDigest, "group_digest")}
)
READ_GROUP_REQUEST = Codec(ReadGroupRequest, "read_group_request")
READ_CREDENTIAL_REQUEST = Codec(
    ReadCredentialRequest, "read_credential_request", enums={"choice": CredentialChoice}
)
OBSERVATION = Codec(Observation, "observation", enums={"seen": MeterSeen})
SET_BAUD_REQUEST = Codec(SetBaudRequest, "set_baud_request")

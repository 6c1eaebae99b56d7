"""Orders and their bodies (SPEC.md 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sealkit.wire.codec import Codec
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import OrderKind, SuiteNumber, TagType

NO_SIGNER: Final = bytes(32)
NO_CHALLENGE: Final = bytes(16)


@dataclass(frozen=True, slots=True)
class Order:
    """A signed instruction to one seal, made against one head of its control chain.

    seal_key: key id, 16 bytes. head_digest, first_signer, second_signer: 32 bytes; the signers are
    digests of credentials, zeros for none. challenge: 16 bytes, zeros for none. Window in seconds
    since 1970. signatures: one or two of 64 bytes.
    """

    suite: SuiteNumber
    kind: OrderKind
    maker: int
    serial: int
    seal_key: bytes
    head_sequence: int
    head_digest: bytes
    not_before: int
    not_after: int
    challenge: bytes
    first_signer: bytes
    second_signer: bytes
    body: bytes
    signatures: bytes
    raw: bytes = field(repr=False, compare=False)

    @property
    def number(self) -> SealNumber:
        return SealNumber(self.maker, self.serial)

    @property
    def signers(self) -> tuple[bytes, ...]:
        """The digests of the signers' credentials that are named, in their places."""
        return tuple(s for s in (self.first_signer, self.second_signer) if s != NO_SIGNER)

    @property
    def unsigned_bytes(self) -> bytes:
        """What the signers signed, as received; its digest is the order id."""
        return self.raw[: len(self.raw) - len(self.signatures)]


@dataclass(frozen=True, slots=True)
class EnrolBody:
    """time: seconds since 1970, set if the clock is lost. authority: the endorsed credential."""

    time: int
    authority: bytes


@dataclass(frozen=True, slots=True)
class GroupItem:
    """One parameter group: number, and salt and content in `data`."""

    number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ParametersBody:
    """The groups that SEAL or CONFIRM brings, numbers rising."""

    groups: tuple[GroupItem, ...]


@dataclass(frozen=True, slots=True)
class ReasonBody:
    """Why a seal is opened, cleared or retired (R45).

    reason is a number: one that is not in the table is for the rules to refuse (O-27).
    """

    reason: int
    text: str


@dataclass(frozen=True, slots=True)
class AdjustClockBody:
    """change_s: seconds, signed."""

    change_s: int


@dataclass(frozen=True, slots=True)
class RestoreClockBody:
    """time: seconds since 1970."""

    time: int


@dataclass(frozen=True, slots=True)
class TrustBody:
    """statement: a trust statement, whole."""

    statement: bytes


@dataclass(frozen=True, slots=True)
class AcknowledgeBody:
    """The journal record up to which a ledger holds everything; receipt: its digest, 32 bytes."""

    sequence: int
    digest: bytes
    receipt: bytes


OrderBody = (
    EnrolBody
    | ParametersBody
    | ReasonBody
    | AdjustClockBody
    | RestoreClockBody
    | TrustBody
    | AcknowledgeBody
)

ORDER = Codec(Order, "order", tag=TagType.ORDER, enums={"kind": OrderKind})
ENROL_BODY = Codec(EnrolBody, "enrol_body")
PARAMETERS_BODY = Codec(
    ParametersBody, "parameters_body", items={"groups": Codec(GroupItem, "group_item")}
)
REASON_BODY = Codec(ReasonBody, "reason_body")
ADJUST_CLOCK_BODY = Codec(AdjustClockBody, "adjust_clock_body")
RESTORE_CLOCK_BODY = Codec(RestoreClockBody, "restore_clock_body")
TRUST_BODY = Codec(TrustBody, "trust_body")
ACKNOWLEDGE_BODY = Codec(AcknowledgeBody, "acknowledge_body")

_BODIES: Final[dict[OrderKind, Codec[Any]]] = {
    OrderKind.ENROL: ENROL_BODY,
    OrderKind.SEAL: PARAMETERS_BODY,
    OrderKind.CONFIRM: PARAMETERS_BODY,
    OrderKind.UNSEAL: REASON_BODY,
    OrderKind.CLEAR: REASON_BODY,
    OrderKind.ADJUST_CLOCK: ADJUST_CLOCK_BODY,
    OrderKind.RESTORE_CLOCK: RESTORE_CLOCK_BODY,
    OrderKind.TRUST: TRUST_BODY,
    OrderKind.ACKNOWLEDGE: ACKNOWLEDGE_BODY,
    OrderKind.RETIRE: REASON_BODY,
}


def parse_body(order: Order) -> OrderBody:
    """The body of an order. Errors: `MalformedError` MALFORMED."""
    body: OrderBody = _BODIES[order.kind].parse(order.body)
    return body


def build_body(kind: OrderKind, body: OrderBody) -> bytes:
    """The bytes of a body of this kind of order."""
    return _BODIES[kind].build(body)

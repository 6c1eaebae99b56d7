"""What a seal's log adds up to by SPEC.md, worked out anew: chains, state, counters, parameters.

It stands on nothing that a seal, simulated or not, runs on but parsing and digests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sealkit.crypto import Suite
from sealkit.errors import MalformedError
from sealkit.wire.credentials import TRUST_STATEMENT
from sealkit.wire.orders import (
    ORDER,
    AcknowledgeBody,
    Order,
    ParametersBody,
    TrustBody,
    parse_body,
)
from sealkit.wire.records import (
    NO_DIGEST,
    GenesisRecord,
    OrderRecord,
    Record,
    TamperRecord,
    parse_record_body,
)
from sealkit.wire.registry import GROUPS, ORDERS, Cause, OrderKind, State, TagType
from sealkit.wire.tags import domain_tag
from sealkit_conformance import expect

SALT_BYTES: Final = 16
CALIBRATION: Final = "calibration"
CONFIGURATION: Final = "configuration"


@dataclass(slots=True)
class Fold:
    """The control chain so far. groups: the last sealed set, by number."""

    suite: Suite
    state: State = State.FACTORY
    genesis: GenesisRecord | None = None
    head_sequence: int = 0
    head_digest: bytes = NO_DIGEST
    groups: dict[int, bytes] = field(default_factory=dict)
    calibration_counter: int = 0
    configuration_counter: int = 0
    trust_version: int = 0
    latched_causes: int = 0
    acknowledged: int = 0
    orders: dict[bytes, Record] = field(default_factory=dict)
    """By order id (chapter 6)."""
    credentials: set[bytes] = field(default_factory=set)
    """All that stand in the chain."""

    @property
    def parameter_root(self) -> bytes:
        """P-1."""
        return parameter_root(self.suite, self.groups)

    def add(self, record: Record) -> None:
        """Takes the next control record; fails if it cannot follow."""
        expect.equal(
            "R-2", self.head_digest, record.previous, f"record {record.sequence} names another one"
        )
        body = _body(record)
        expect.true(
            "R-1", body is not None, f"there is no control record of kind {record.kind:#04x}"
        )
        match body:
            case GenesisRecord():
                expect.equal("R-1", 1, record.sequence, "genesis is not the first record")
                self.genesis = body
            case TamperRecord():
                self._tamper(record, body.cause)
            case OrderRecord():
                self._order(record, body)
        expect.equal(
            "R-4", self.state, record.state, f"record {record.sequence} tells another state"
        )
        self.head_sequence = record.sequence
        self.head_digest = self.suite.digest(record.raw)

    def _tamper(self, record: Record, cause: Cause) -> None:
        watched = self.state in (State.SEALED, State.TAMPERED)
        expect.true("Z-1", watched, f"record {record.sequence} latches in {self.state.name}")
        bit = 1 << (cause - 1)
        expect.true("Z-1", not self.latched_causes & bit, f"{cause.name} is latched twice")
        self.latched_causes |= bit
        self.state = State.TAMPERED

    def _order(self, record: Record, stored: OrderRecord) -> None:
        try:
            order = ORDER.parse(stored.order)
            body = parse_body(order)
        except MalformedError as error:
            expect.fail("O-16", f"record {record.sequence} holds no order: {error.message}")
        rule = ORDERS[order.kind]
        expect.true(
            "O-5",
            self.state in rule.from_states,
            f"record {record.sequence} holds {order.kind.name} in {self.state.name}",
        )
        expect.equal(
            "O-7",
            (self.head_sequence, self.head_digest),
            (order.head_sequence, order.head_digest),
            f"record {record.sequence} holds an order for another head",
        )
        for raw in stored.credentials:
            expect.true(
                "O-16", raw not in self.credentials, "a credential is stored for a second time"
            )
            self.credentials.add(raw)
        self._check_signers_stand(record, order)
        match body:
            case ParametersBody():
                self._set(order.kind, {item.number: item.data for item in body.groups})
            case TrustBody():
                self.trust_version = TRUST_STATEMENT.parse(body.statement).version
            case AcknowledgeBody():
                self.acknowledged = body.sequence
        if order.kind is OrderKind.CLEAR:
            self.latched_causes = 0
        self.state = rule.to_state or self.state
        self.orders[self.suite.digest(order.unsigned_bytes)] = record

    def _check_signers_stand(self, record: Record, order: Order) -> None:
        """The chain alone proves who signed (O-16)."""
        held = {self.suite.digest(raw) for raw in self.credentials}
        expect.true(
            "O-16",
            held.issuperset(order.signers),
            f"the credential of a signer of record {record.sequence} stands in no record",
        )

    def _set(self, kind: OrderKind, new: dict[int, bytes]) -> None:
        if kind is OrderKind.SEAL:
            steps = stepped_counters(self.groups, new)
            self.calibration_counter += steps[0]
            self.configuration_counter += steps[1]
        self.groups.update(new)


def stepped_counters(groups: Mapping[int, bytes], new: Mapping[int, bytes]) -> tuple[bool, bool]:
    """Whether a SEAL that brings `new` steps calibration and configuration counter (P-4)."""
    stepped = {
        GROUPS[number].counter  # type: ignore[index]  # a group's number is its key
        for number, data in new.items()
        if number in GROUPS and data[SALT_BYTES:] != groups.get(number, b"")[SALT_BYTES:]
    }
    return CALIBRATION in stepped, CONFIGURATION in stepped


def group_digest(suite: Suite, number: int, data: bytes) -> bytes:
    """P-1."""
    return suite.digest(domain_tag(suite.id, TagType.GROUP) + bytes((number,)) + data)


def parameter_root(suite: Suite, groups: dict[int, bytes]) -> bytes:
    """P-1."""
    if not groups:
        return NO_DIGEST
    items = b"".join(
        bytes((number,)) + group_digest(suite, number, groups[number]) for number in sorted(groups)
    )
    return suite.digest(domain_tag(suite.id, TagType.PARAMETER_SET) + items)


def _body(record: Record) -> object:
    try:
        return parse_record_body(record)
    except MalformedError as error:
        expect.fail("R-1", f"record {record.sequence}: {error.message}")

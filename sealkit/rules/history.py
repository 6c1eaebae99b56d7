"""The fold of the control chain: all that a seal is follows from its control records (R-5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sealkit.crypto.suite import Suite
from sealkit.errors import IntegrityError
from sealkit.rules.chain import EMPTY_CHAIN, Head, head_of
from sealkit.rules.credentials import parse_credential
from sealkit.rules.parameters import changed_groups, counter_steps
from sealkit.wire.credentials import TRUST_STATEMENT, Credential, TrustStatement
from sealkit.wire.orders import (
    ORDER,
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    Order,
    OrderBody,
    ParametersBody,
    TrustBody,
    parse_body,
)
from sealkit.wire.records import (
    GenesisRecord,
    OrderRecord,
    Record,
    TamperRecord,
    parse_record_body,
)
from sealkit.wire.registry import ORDERS, Cause, OrderKind, State


def cause_bit(cause: Cause) -> int:
    """The bit of a cause in latched_causes and live_causes (E-1)."""
    return 1 << (cause - 1)


@dataclass(frozen=True, slots=True)
class AppliedOrder:
    """An order in the chain: its kind, its record's head, the credentials stored with it."""

    kind: OrderKind
    head: Head
    stored: frozenset[bytes]


@dataclass(slots=True)
class History:
    """What the control records so far add up to. `add` takes the next one.

    region: the scope of the station that enrolled the seal. groups: the last sealed set.
    credentials: by digest, all that stand in the chain. adjustments: tick and seconds of every
    ADJUST_CLOCK.
    """

    suite: Suite
    genesis: GenesisRecord | None = None
    state: State = State.FACTORY
    head: Head = EMPTY_CHAIN
    authority: Credential | None = None
    region: int = 0
    statement: TrustStatement | None = None
    groups: dict[int, bytes] = field(default_factory=dict)
    calibration_counter: int = 0
    configuration_counter: int = 0
    latched_causes: int = 0
    acknowledged: Head = EMPTY_CHAIN
    orders: dict[bytes, AppliedOrder] = field(default_factory=dict)
    credentials: dict[bytes, Credential] = field(default_factory=dict)
    adjustments: list[tuple[int, int]] = field(default_factory=list)
    breaks: int = 0

    @property
    def trust_version(self) -> int:
        return 0 if self.statement is None else self.statement.version

    @property
    def ever_sealed(self) -> bool:
        return bool(self.groups)

    def add(self, record: Record) -> None:
        """Takes the next control record.

        Errors: `IntegrityError` HISTORY_IMPOSSIBLE, `MalformedError` MALFORMED: no seal that
        keeps SPEC.md writes such a record.
        """
        body = parse_record_body(record)
        match body:
            case GenesisRecord():
                if self.genesis is not None or record.sequence != 1:
                    raise _impossible(record, "a second beginning")
                self.genesis = body
            case _ if self.genesis is None:
                raise _impossible(record, "a record before the beginning")
            case TamperRecord():
                self._tamper(record, body)
            case OrderRecord():
                self._order(record, body)
            case _:
                raise _impossible(record, f"a control record of unknown kind {record.kind}")
        self.head = head_of(self.suite, record.sequence, record.raw)

    def _tamper(self, record: Record, body: TamperRecord) -> None:
        if self.state not in (State.SEALED, State.TAMPERED):
            raise _impossible(record, f"a break in state {self.state.name.lower()}")
        if self.latched_causes & cause_bit(body.cause):
            raise _impossible(record, "a cause latched twice")
        self.state = State.TAMPERED
        self.latched_causes |= cause_bit(body.cause)
        self.breaks += 1

    def _order(self, record: Record, stored: OrderRecord) -> None:
        order = ORDER.parse(stored.order)
        body = parse_body(order)
        rule = ORDERS[order.kind]
        if self.state not in rule.from_states:
            raise _impossible(record, f"{order.kind.name} in state {self.state.name.lower()}")
        digests = set()
        for raw in stored.credentials:
            digest = self.suite.digest(raw)
            self.credentials[digest] = parse_credential(self.suite, raw)
            digests.add(digest)
        self._apply(record, order, body)
        if rule.to_state is not None:
            self.state = rule.to_state
        self.orders[self.suite.digest(order.unsigned_bytes)] = AppliedOrder(
            order.kind,
            head_of(self.suite, record.sequence, record.raw),
            frozenset(digests),
        )

    def _apply(self, record: Record, order: Order, body: OrderBody) -> None:
        match body:
            case EnrolBody():
                self.authority = parse_credential(self.suite, body.authority)
                station = self.credentials.get(order.first_signer)
                if station is None:
                    raise _impossible(record, "ENROL without its signer's credential")
                self.region = station.scope
            case ParametersBody():
                new = {item.number: item.data for item in body.groups}
                if order.kind is OrderKind.SEAL:
                    calibration, configuration = counter_steps(changed_groups(self.groups, new))
                    self.calibration_counter += calibration
                    self.configuration_counter += configuration
                self.groups.update(new)
            case AdjustClockBody():
                self.adjustments.append((record.tick_ms, abs(body.change_s)))
            case TrustBody():
                self.statement = TRUST_STATEMENT.parse(body.statement)
            case AcknowledgeBody():
                if body.sequence > self.acknowledged.sequence:
                    self.acknowledged = Head(body.sequence, body.digest)
            case _:
                pass
        if order.kind is OrderKind.CLEAR:
            self.latched_causes = 0


def _impossible(record: Record, what: str) -> IntegrityError:
    return IntegrityError(
        "HISTORY_IMPOSSIBLE",
        f"Record {record.sequence} cannot stand in a seal's history: {what}.",
        "The log was altered, or the seal has a fault.",
    )

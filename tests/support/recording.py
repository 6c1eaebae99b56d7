"""Control records of a seal, written one after the other, without a seal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sealkit.rules.chain import EMPTY_CHAIN, Head, head_of
from sealkit.wire.orders import OrderBody
from sealkit.wire.records import (
    RECORD,
    GenesisRecord,
    OrderRecord,
    Record,
    RecordBody,
    TamperRecord,
    build_record_body,
)
from sealkit.wire.registry import Cause, ClockQuality, OrderKind, RecordKind, State
from support.issuing import MAKER, NOW, SERIAL, Family, Person
from support.ordering import Draft, good_order


@dataclass
class Recorder:
    """Writes records as they are told: nothing is judged. `head` is that of the last one."""

    people: Family
    head: Head = EMPTY_CHAIN
    records: list[Record] = field(default_factory=list)

    def write(self, kind: int, body: RecordBody | bytes, **changes: Any) -> Record:
        raw_body = body if isinstance(body, bytes) else build_record_body(RecordKind(kind), body)
        values = {
            "maker": MAKER,
            "serial": SERIAL,
            "sequence": self.head.sequence + 1,
            "kind": kind,
            "state": State.OPEN,
            "flags": 0,
            "boot": 1,
            "tick_ms": 1_000 * (self.head.sequence + 1),
            "clock": NOW,
            "clock_quality": ClockQuality.SET,
            "previous": self.head.digest,
            "body": raw_body,
            **changes,
        }
        record = RECORD.parse(RECORD.unsigned(self.people.suite.id, values, until=""))
        self.head = head_of(self.people.suite, record.sequence, record.raw)
        self.records.append(record)
        return record

    def genesis(self, **changes: Any) -> Record:
        body = GenesisRecord(
            0, bytes(32), self.people.seal.key.public_key, bytes(32),
            self.people.manufacturer.key_id, 1, 1, bytes(32), 7, 1 << 20, 1 << 20,
        )  # fmt: skip
        return self.write(RecordKind.GENESIS, body, **changes)

    def order(
        self,
        kind: OrderKind,
        body: OrderBody | None = None,
        *,
        signers: list[Person | None] | None = None,
        store: bool = True,
        **changes: Any,
    ) -> tuple[Record, Draft]:
        draft = good_order(kind, self.people.suite.name)
        draft.body = draft.body if body is None else body
        draft.signers = draft.signers if signers is None else signers
        draft.fields = {"head_sequence": self.head.sequence, "head_digest": self.head.digest}
        stored = tuple(draft.credentials) if store else ()
        record = OrderRecord(0, bytes(32), draft.order(), stored)
        return self.write(RecordKind.ORDER, record, **changes), draft

    def tamper(self, cause: Cause) -> Record:
        return self.write(RecordKind.TAMPER, TamperRecord(0, bytes(32), cause, b"", b""))

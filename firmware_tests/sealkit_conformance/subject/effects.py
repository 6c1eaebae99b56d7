"""What an order that is applied does to a seal: its record, and all that the seal shows after it.

Worked out from SPEC.md alone: chapters 5 to 9. What no order may change is compared as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sealkit.wire.credentials import TRUST_STATEMENT
from sealkit.wire.evidence import CHECKPOINT
from sealkit.wire.messages import OrderAnswer, OrderRequest
from sealkit.wire.orders import (
    ORDER,
    AdjustClockBody,
    EnrolBody,
    Order,
    OrderBody,
    ParametersBody,
    RestoreClockBody,
    TrustBody,
    parse_body,
)
from sealkit.wire.records import OrderRecord, Record, parse_record_body
from sealkit.wire.registry import (
    ORDERS,
    Chain,
    ClockQuality,
    Flag,
    OrderKind,
    RecordKind,
    State,
)
from sealkit_conformance import expect
from sealkit_conformance.subject.fold import parameter_root, stepped_counters
from sealkit_conformance.subject.shown import COUNTERS, Shown, lasting, look_at

if TYPE_CHECKING:
    from sealkit_conformance.subject.seal import SealUnderTest

_ROOM: Final = int(Flag.STORAGE_NEARLY_FULL | Flag.JOURNAL_FULL | Flag.COUNTER_NEARLY_ENDED)
"""Flags that any record may raise."""
_OF_THEMSELVES: Final = {RecordKind.FLAGS, RecordKind.METER, RecordKind.TARIFF, RecordKind.DRIVEN}
"""Journal records that may come between two moments without a boot."""
_CHANGING: Final = {
    OrderKind.ENROL: {"the authority's credential"},
    OrderKind.SEAL: {"the groups' digests"},
    OrderKind.CONFIRM: {"the groups' digests"},
    OrderKind.TRUST: {"the trust statement"},
}
_CLAUSES_OF_FIELD: Final = {
    "maker": "N-5",
    "serial": "N-5",
    "seal_key": "S-4",
    "boot": "R-4",
    "control_sequence": "C-3",
    "control_digest": "C-3",
    "trust_version": "K-7",
    "parameter_root": "P-1",
    "calibration_counter": "P-4",
    "configuration_counter": "P-4",
    "clock_floor": "E-3",
    "clock_quality": "R-4",
    "latched_causes": "Z-2",
    "groups": "O-22",
}
_CLAUSES_OF_KIND: Final = {
    OrderKind.ENROL: {"clock": "O-20", "clock_quality": "O-20"},
    OrderKind.CONFIRM: dict.fromkeys(
        ("calibration_counter", "configuration_counter", "groups"), "O-26"
    ),
    OrderKind.CLEAR: {"latched_causes": "O-28", "parameter_root": "O-28"},
    OrderKind.UNSEAL: {"parameter_root": "O-28"},
    OrderKind.ADJUST_CLOCK: {"clock": "O-29"},
    OrderKind.RESTORE_CLOCK: {"clock": "O-30", "clock_quality": "O-30"},
    OrderKind.TRUST: {"trust_version": "O-31"},
}
GATHERED: Final = (
    "k_inferred_milli",
    "k_basis_m",
    "pulse_rate_max_hz",
    "standing_m",
    "motion_distance_m",
    "motion_pulses_m",
    "trips_seen",
)
"""What SEAL and CLEAR begin anew (E-5)."""


@dataclass(frozen=True, slots=True)
class Applied:
    """An order and the seal around it. groups: the last sealed set before it."""

    order: Order
    body: OrderBody
    before: Shown
    groups: dict[int, bytes]

    @classmethod
    def prepare(cls, seal: SealUnderTest, request: OrderRequest) -> Applied:
        """Looks at the seal before it gets an order that it has to apply."""
        order = ORDER.parse(request.order)
        sets = order.kind in (OrderKind.SEAL, OrderKind.CONFIRM)
        return cls(order, parse_body(order), look_at(seal), seal.groups() if sets else {})

    def check(self, seal: SealUnderTest, request: OrderRequest, answer: OrderAnswer) -> None:
        """Holds the answer, the record and everything else to what the order has to do."""
        after = look_at(seal)
        record = self._record(seal, answer)
        self._check_record(seal, request, answer, record, after)
        self._check_held(seal, answer, after)
        self._check_status(seal, record, after)
        if self.order.kind is OrderKind.RETIRE:
            self._check_last_evidence(seal, record, after)
        else:
            self._check_evidence(after)

    def _record(self, seal: SealUnderTest, answer: OrderAnswer) -> Record:
        """The order's record; it is the one control record that is new."""
        before = self.before.status
        first = max(before.control_sequence, before.journal_sequence) + 1
        new = seal.log(Chain.BOTH, first)
        control = [record for record in new if record.is_control]
        expect.true("R-1", answer.sequence >= first, "the order's record has a number of before")
        there = answer.sequence in [record.sequence for record in new]
        expect.true("C-7", there, "the log leaves out the record that the answer names")
        expect.equal("O-16", 1, len(control), "the control records that an order makes")
        numbers = list(range(first, first + len(new)))
        expect.equal("R-1", numbers, [record.sequence for record in new], "the new records")
        strange = [RecordKind(r.kind).name for r in new if not self._may_come(r)]
        expect.equal("R-4", [], strange, "journal records that an order does not make")
        digest = seal.suite.digest(control[0].raw)
        expect.equal(
            "C-6", (control[0].sequence, digest), (answer.sequence, answer.digest), "its record"
        )
        return control[0]

    def _may_come(self, record: Record) -> bool:
        leaves_open = self.before.status.state is State.OPEN and record.state is State.OPEN
        had_no_room = bool(self.before.status.flags & Flag.JOURNAL_FULL)
        return (
            record.is_control
            or (record.kind in _OF_THEMSELVES and record.kind != RecordKind.DRIVEN)
            or (record.kind == RecordKind.DRIVEN and leaves_open and self._state is not State.OPEN)
            or (record.kind == RecordKind.COALESCED and had_no_room)
        )

    @property
    def _state(self) -> State:
        return ORDERS[self.order.kind].to_state or self.before.status.state

    def _check_record(
        self,
        seal: SealUnderTest,
        request: OrderRequest,
        answer: OrderAnswer,
        record: Record,
        after: Shown,
    ) -> None:
        before, now = self.before.status, after.status
        flags = now.flags
        if now.journal_sequence > record.sequence:
            # What came behind it may have made room, or taken it.
            flags = flags & ~_ROOM | record.flags & _ROOM
        expect.equal("R-1", RecordKind.ORDER, record.kind, "the kind of the order's record")
        previous = {"previous": before.control_digest}
        expect.fields_of("R-2", record, previous, "the order's record names another one")
        quality = self._due(seal, record)["clock_quality"]
        clause = self._clause_of("clock_quality")
        told = {"clock_quality": quality}
        expect.fields_of(clause, record, told, "the clock's quality in the order's record")
        due = {
            "state": self._state,
            "flags": flags,
            "boot": before.boot,
        }
        expect.fields_of("R-4", record, due, "the order's record")
        in_time = before.tick_ms <= record.tick_ms <= now.tick_ms
        expect.true("R-4", in_time, f"its tick is {record.tick_ms}, not of when it was applied")
        self._check_clock("R-4", record.clock, record.tick_ms, "the clock in its record")
        body = parse_record_body(record)
        stored = body if isinstance(body, OrderRecord) else expect.fail("O-16", "no order record")
        expect.equal("O-16", request.order, stored.order, "the record holds another order")
        sent = list(dict.fromkeys(request.credentials))
        kept = [raw for raw in sent if raw in stored.credentials]
        expect.equal("O-16", kept, list(stored.credentials), "the credentials in the record")
        bits = sum(1 << at for at, raw in enumerate(request.credentials) if raw in kept)
        expect.equal("C-6", bits, answer.stored, "`stored` tells other credentials than the record")

    def _check_clock(self, clause: str, clock: int, tick_ms: int, what: str) -> None:
        """A clock told at a tick is what the order leaves, and the time since."""
        before = self.before.status
        clause = _CLAUSES_OF_KIND.get(self.order.kind, {}).get("clock", clause)
        lost = before.clock_quality is ClockQuality.LOST
        passed = (tick_ms - before.tick_ms) / 1_000
        match self.body:
            case EnrolBody(time=time) | RestoreClockBody(time=time) if lost:
                due = float(time)
            case AdjustClockBody(change_s=change):
                due = before.clock + change + passed
            case _ if lost:
                expect.equal("R-4", before.clock_floor, clock, f"{what}: a lost clock's")
                return
            case _:
                due = before.clock + passed
        expect.true(clause, due - 1 <= clock <= due + 1 + passed, f"{what}: {clock}, not {due:.0f}")

    def _check_status(self, seal: SealUnderTest, record: Record, after: Shown) -> None:
        before, now = self.before.status, after.status
        kind = self.order.kind
        due = self._due(seal, record)
        for name, value in due.items():
            rule = self._clause_of(name)
            if rule == "P-4" and getattr(now, name) > value == getattr(before, name):
                rule = "P-3"  # it steps, though nothing of its own is changed
            expect.fields_of(rule, now, {name: value}, f"after {kind.name}")
        flags = self._flags(before.flags) | (now.flags & _ROOM)
        if kind in (OrderKind.ADJUST_CLOCK, OrderKind.RESTORE_CLOCK, OrderKind.ENROL):
            # Another time may be beyond the seal's own credential.
            flags = flags & ~Flag.CERTIFICATE_EXPIRED | now.flags & Flag.CERTIFICATE_EXPIRED
        expect.equal("R-4", flags, now.flags & ~_ROOM | now.flags & _ROOM, f"flags: {kind.name}")
        if kind in (OrderKind.SEAL, OrderKind.CLEAR):
            new = now.live_causes & ~before.live_causes
            expect.equal("Z-1", 0, new, f"{kind.name} makes a cause live")
        else:
            expect.equal("Z-1", before.live_causes, now.live_causes, "live causes")
        expect.true("C-3", now.control_free <= before.control_free, "control_free rises")
        if kind is not OrderKind.RETIRE:
            self._check_clock("R-4", now.clock, now.tick_ms, "the clock after it")

    def _clause_of(self, name: str) -> str:
        """The rule that says what a field of the status is after this order."""
        special = _CLAUSES_OF_KIND.get(self.order.kind, {})
        return special.get(name) or _CLAUSES_OF_FIELD.get(name, "O-16")

    def _due(self, seal: SealUnderTest, record: Record) -> dict[str, Any]:
        """What the status has to tell."""
        before, body = self.before.status, self.body
        due = lasting(
            before,
            but=(
                "flags",
                "live_causes",
                "control_free",
                "journal_free",
                "journal_sequence",
                "journal_digest",
                "base_sequence",
            ),
        )
        due["state"] = self._state
        due["control_sequence"] = record.sequence
        due["control_digest"] = seal.suite.digest(record.raw)
        due["clock_floor"] = max(before.clock_floor, record.clock)
        match body:
            case EnrolBody(time=time) if before.clock_quality is ClockQuality.LOST:
                due |= {"clock_quality": ClockQuality.SET, "clock_floor": time}
            case RestoreClockBody(time=time):
                due |= {"clock_quality": ClockQuality.RESTORED, "clock_floor": time}
            case TrustBody(statement=raw):
                due["trust_version"] = TRUST_STATEMENT.parse(raw).version
            case ParametersBody():
                due |= self._set(seal, {item.number: item.data for item in body.groups})
        if self.order.kind is OrderKind.CLEAR:
            due["latched_causes"] = 0
        return due

    def _set(self, seal: SealUnderTest, new: Mapping[int, bytes]) -> dict[str, Any]:
        before = self.before.status
        steps = (False, False)
        if self.order.kind is OrderKind.SEAL:
            steps = stepped_counters(self.groups, new)
        return {
            "parameter_root": parameter_root(seal.suite, {**self.groups, **new}),
            "calibration_counter": before.calibration_counter + steps[0],
            "configuration_counter": before.configuration_counter + steps[1],
        }

    def _flags(self, flags: int) -> int:
        """Chapter 7, *flags*, and chapter 9: what an order raises and ends."""
        flags &= ~_ROOM
        match self.order.kind:
            case OrderKind.ENROL:
                flags &= ~Flag.CLOCK_LOST
            case OrderKind.RESTORE_CLOCK:
                flags = flags & ~Flag.CLOCK_LOST | Flag.CLOCK_RESTORED
            case OrderKind.SEAL:
                flags &= ~(Flag.CLOCK_RESTORED | Flag.DRIVEN_WHILE_OPEN)
            case OrderKind.CONFIRM:
                flags &= ~Flag.CLOCK_RESTORED
        return flags

    def _check_held(self, seal: SealUnderTest, answer: OrderAnswer, after: Shown) -> None:
        """What is read by its own command: the new one where there is one, else the old one."""
        kind = self.order.kind
        changing = _CHANGING.get(kind, set()) | {"the checkpoint"}
        for name, held in self.before.held.items():
            if name not in changing:
                expect.equal("O-16", held, after.held[name], f"{kind.name} changed {name}")
        match self.body:
            case EnrolBody(authority=raw):
                authority = after.held["the authority's credential"][1]
                expect.equal("O-20", raw, authority, "another authority is installed")
            case TrustBody(statement=raw):
                expect.equal("O-31", raw, after.held["the trust statement"][1], "taken")
            case ParametersBody(groups=groups):
                new = {item.number: item.data for item in groups}
                clause = self._clause_of("groups")
                expect.equal(clause, {**self.groups, **new}, seal.groups(), "the set after it")
        if kind is not OrderKind.RETIRE:
            checkpoint = CHECKPOINT.parse(after.held["the checkpoint"][1])
            due = {
                "control_sequence": answer.sequence,
                "control_digest": answer.digest,
                "state": self._state,
            }
            expect.fields_of("R-7", checkpoint, due, "the checkpoint is not of the last record")

    def _check_evidence(self, after: Shown) -> None:
        """Evidence is the status's equal (E-1), and tells on what no order changes."""
        before, now = self.before.evidence, after.evidence
        if before is None or now is None:
            expect.fail("C-5", "there is no evidence")
        shared = {
            name: value
            for name, value in lasting(after.status).items()
            if hasattr(now, name) and not name.startswith("journal_")
        }
        expect.fields_of("E-1", now, shared, "the evidence differs from the status")
        gathers = self.order.kind in (OrderKind.SEAL, OrderKind.CLEAR)
        due = lasting(
            before,
            but={
                *shared,
                "journal_sequence",
                "journal_digest",
                "base_digest",
                *(name for name in lasting(before) if name.startswith(("pruned_", "meter_"))),
                *(GATHERED if gathers else ()),
            },
        )
        expect.fields_of("E-1", now, due, f"{self.order.kind.name} changed it in the evidence")
        if gathers:
            due = dict.fromkeys(GATHERED, 0)
            expect.fields_of("E-5", now, due, "what was gathered is not begun anew")
        counted = {name: getattr(before, name) for name in COUNTERS.values()}
        expect.fields_of("O-1", now, counted, "an order that was applied is counted as refused")

    def _check_last_evidence(self, seal: SealUnderTest, record: Record, after: Shown) -> None:
        """RETIRE's (O-34): of the moment after its record."""
        before, now = self.before.evidence, seal.last_evidence()
        if before is None:
            expect.fail("C-5", "there was no evidence")
        shared = {
            name: value
            for name, value in lasting(after.status).items()
            if hasattr(now, name) and name not in ("live_causes", "flags")
        }
        expect.fields_of("O-34", now, shared, "the last evidence differs from the status")
        counted = {name: getattr(before, name) for name in (*COUNTERS.values(), "pulses")}
        expect.fields_of("O-34", now, counted, "the last evidence")
        order_id = seal.suite.digest(self.order.unsigned_bytes)
        expect.equal("O-34", order_id, now.nonce, "the nonce of the last evidence")
        expect.true("O-34", record.tick_ms <= now.tick_ms, "it is older than the record")

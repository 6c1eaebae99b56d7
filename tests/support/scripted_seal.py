"""A small seal in memory: real orders, chains and signatures, no flash, clock or meter."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sealkit.errors import MalformedError, RefusedError
from sealkit.rules.chain import EMPTY_CHAIN, Head, head_of
from sealkit.rules.history import History
from sealkit.rules.orders import SealView, judge_order
from sealkit.rules.parameters import group_digest, parameter_root
from sealkit.rules.refusals import status_of
from sealkit.rules.supervision import MeterLook
from sealkit.wire import messages as m
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE
from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.orders import ORDER
from sealkit.wire.parameters import MeterGroup
from sealkit.wire.records import (
    RECORD,
    BootRecord,
    GenesisRecord,
    OrderRecord,
    Record,
    RecordBody,
    TamperRecord,
    build_record_body,
)
from sealkit.wire.registry import (
    ORDERS,
    BootCause,
    Cause,
    Chain,
    ClockQuality,
    Command,
    CredentialChoice,
    Group,
    MeterSeen,
    OrderKind,
    RecordKind,
    State,
    Status,
)
from support.people import FARE, NOW, NUMBER, Family, parameter_contents, seal_credential

_METER = parameter_contents()[Group.METER]
assert isinstance(_METER, MeterGroup)
_LOOK = MeterLook(_METER.device, _METER.hardware_version, _METER.software, "", FARE)


class ScriptedSeal:
    """Takes bytes, gives bytes. `applied` counts how often an order was carried out."""

    def __init__(self, people: Family) -> None:
        self.people = people
        self.suite = people.suite
        self.key = self.suite.generate()
        self.seal_key = self.suite.key_id(self.key.public_key)
        self.history = History(self.suite)
        self.control: list[bytes] = []
        self.journal: list[bytes] = []
        self.journal_head = EMPTY_CHAIN
        self.sequence = 0
        self.base_sequence = 0
        self.clock = NOW
        self.challenge: bytes | None = None
        self.last_evidence = b""
        self.applied = 0
        self.before_answer: Callable[[Command], None] = lambda command: None
        self._decoder = FrameDecoder()
        self._cache: tuple[bytes, bytes] | None = None
        self.append(
            RecordKind.GENESIS,
            GenesisRecord(
                *(0, bytes(32), self.key.public_key, bytes(32)),
                self.suite.key_id(people.keys["manufacturer"].public_key),
                *(1, 1, bytes(32), 1, 65536, 65536),
            ),
        )

    def receive(self, data: bytes) -> bytes:
        return b"".join(encode_frame(self.answer(p)) for p in self._decoder.feed(data))

    def boot(self) -> None:
        self._cache, self.challenge = None, None
        self.append(RecordKind.BOOT, BootRecord(BootCause.POWER, 5))

    def tamper(self, cause: Cause = Cause.CASE_OPENED) -> None:
        self.append(RecordKind.TAMPER, TamperRecord(*self._journal_head(), cause, b"", b""))

    def answer(self, payload: bytes) -> bytes:
        if self._cache is not None and self._cache[0] == payload:
            return self._cache[1]
        request = m.Request.parse(payload)
        try:
            command = Command(request.command)
            status, body = Status.OK, b""
            result = self._carry_out(command, request.body)
            status, body = result if isinstance(result, tuple) else (Status.OK, result)
            self.before_answer(command)
        except ValueError:
            status = Status.UNKNOWN_COMMAND
        except (RefusedError, MalformedError) as error:
            status, body = status_of(error), b""
        answer = m.Answer(request.command, request.sequence, status, body).build()
        self._cache = (payload, answer)
        return answer

    def append(self, kind: RecordKind, body: RecordBody) -> Head:
        self.sequence += 1
        control = kind < 0x80
        previous = (self.history.head if control else self.journal_head).digest
        state = self._state_after(kind, body)
        unsigned = {
            "maker": NUMBER.maker,
            "serial": NUMBER.serial,
            "sequence": self.sequence,
            "kind": kind,
            "state": state,
            "flags": 0,
            "boot": 1,
            "tick_ms": self.sequence * 1000,
            "clock": self.clock,
            "clock_quality": ClockQuality.SET,
            "previous": previous,
            "body": build_record_body(kind, body),
        }
        raw = RECORD.unsigned(self.suite.id, unsigned, until="")
        record: Record = RECORD.parse(raw)
        if control:
            self.control.append(raw)
            self.history.add(record)
            return self.history.head
        self.journal.append(raw)
        self.journal_head = head_of(self.suite, self.sequence, raw)
        return self.journal_head

    def _state_after(self, kind: RecordKind, body: RecordBody) -> State:
        if kind is RecordKind.TAMPER:
            return State.TAMPERED
        if isinstance(body, OrderRecord):
            return ORDERS[ORDER.parse(body.order).kind].to_state or self.history.state
        return self.history.state

    def _journal_head(self) -> tuple[int, bytes]:
        return self.journal_head.sequence, self.journal_head.digest

    def _carry_out(self, command: Command, body: bytes) -> bytes | tuple[Status, bytes]:
        retired = self.history.state is State.RETIRED
        match command:
            case Command.PING:
                return body
            case Command.INFO:
                return m.INFO.build(
                    m.Info(
                        *(
                            NUMBER.maker,
                            NUMBER.serial,
                            self.suite.id,
                            1,
                            1,
                            1,
                            bytes(32),
                            2048,
                            1300,
                        ),
                        *(65536, 65536, self.key.public_key, "scripted"),
                    )
                )
            case Command.STATUS:
                return m.SEAL_STATUS.build(self._status())
            case Command.CHALLENGE:
                self.challenge = secrets.token_bytes(16)
                return m.CHALLENGE.build(m.Challenge(self.challenge, 600_000))
            case Command.EVIDENCE:
                if retired:
                    raise RefusedError("KEY_DESTROYED", "")
                return self.evidence(m.EVIDENCE_REQUEST.parse(body).nonce)
            case Command.ORDER:
                return self._order(m.ORDER_REQUEST.parse(body))
            case Command.READ_LOG:
                return self._read_log(m.READ_LOG_REQUEST.parse(body))
            case Command.READ_RECORD:
                return self._read_record(m.READ_RECORD_REQUEST.parse(body))
            case Command.READ_PARAMETERS:
                listed = [
                    m.GroupDigest(number, group_digest(self.suite, number, data))
                    for number, data in sorted(self.history.groups.items())
                ]
                return m.PARAMETER_DIGESTS.build(m.ParameterDigests(tuple(listed)))
            case Command.READ_GROUP:
                return self._held(self.history.groups.get(body[0]))
            case Command.READ_CREDENTIAL:
                choice = m.READ_CREDENTIAL_REQUEST.parse(body).choice
                if choice is CredentialChoice.SEAL:
                    return seal_credential(self.people, self.key.public_key).raw
                held = self.history.authority
                return self._held(None if held is None else held.raw)
            case Command.READ_TRUST:
                statement = self.history.statement
                return self._held(None if statement is None else statement.raw)
            case Command.READ_CHECKPOINT:
                return self.last_evidence if retired else self._checkpoint()
            case Command.READ_OBSERVATION:
                return m.OBSERVATION.build(
                    m.Observation(MeterSeen.ANSWERS, 10, b"\x12" * 5, 1, b"\2\3", "A1", FARE)
                )
            case _:
                return b""

    def _held(self, data: bytes | None) -> bytes:
        if data is None:
            raise RefusedError("NOT_FOUND", "")
        return data

    def _status(self) -> m.SealStatus:
        history = self.history
        return m.SealStatus(
            *(NUMBER.maker, NUMBER.serial, self.seal_key, history.state, 0, 1, 1000, self.clock),
            *(ClockQuality.SET, self.clock, history.head.sequence, history.head.digest),
            *(*self._journal_head(), self.base_sequence, history.trust_version),
            parameter_root(self.suite, history.groups),
            *(history.calibration_counter, history.configuration_counter),
            *(history.latched_causes, 0, 100, 65536),
        )

    def evidence(self, nonce: bytes) -> bytes:
        s = self._status()
        values = {name: getattr(s, name) for name in m.SealStatus.__dataclass_fields__}
        values |= dict.fromkeys(
            ["boot", "flags", "tick_ms", "meter_age_ms", "firmware_version"]
            + [f"pruned_{k}" for k in ("boot", "flags", "meter", "tariff", "driven", "coalesced")]
            + [f"refused_{k}" for k in ("malformed", "stale", "authority", "state")]
            + ["pulses", "k_inferred_milli", "k_basis_m", "pulse_rate_max_hz", "standing_m"]
            + ["motion_distance_m", "motion_pulses_m", "trips_seen"],
            0,
        )
        values |= {
            "base_digest": bytes(32),
            "meter_seen": MeterSeen.NEVER,
            "meter_device": bytes(5),
            "meter_software": bytes(2),
            "meter_fare_digest": bytes(32),
            "firmware_digest": bytes(32),
            "nonce": nonce,
        }
        unsigned = EVIDENCE.unsigned(self.suite.id, values)
        return unsigned + self.key.sign(unsigned)

    def _checkpoint(self) -> bytes:
        head = self.history.head
        unsigned = CHECKPOINT.unsigned(
            self.suite.id,
            {
                "maker": NUMBER.maker,
                "serial": NUMBER.serial,
                "seal_key": self.seal_key,
                "control_sequence": head.sequence,
                "control_digest": head.digest,
                "state": self.history.state,
            },
        )
        return unsigned + self.key.sign(unsigned)

    def _order(self, request: m.OrderRequest) -> tuple[Status, bytes]:
        judged = judge_order(self._view(), request.order, request.credentials)
        if judged.applied is not None:
            head, status = judged.applied.head, Status.ALREADY_APPLIED
            stored = judged.applied.stored
        else:
            body = OrderRecord(*self._journal_head(), request.order, judged.store)
            head, status = self.append(RecordKind.ORDER, body), Status.OK
            stored = frozenset(map(self.suite.digest, judged.store))
            self.applied += 1
            self.challenge = None
            if judged.order.kind is OrderKind.RETIRE:
                self.last_evidence = self.evidence(judged.order_id)
        bits = sum(
            1 << i
            for i, credential in enumerate(request.credentials)
            if self.suite.digest(credential) in stored
        )
        return status, m.ORDER_ANSWER.build(m.OrderAnswer(head.sequence, head.digest, bits))

    def _view(self) -> SealView:
        return SealView(
            suite=self.suite,
            maker=NUMBER.maker,
            serial=NUMBER.serial,
            seal_key=self.seal_key,
            manufacturer=self.people.credentials["manufacturer"],
            history=self.history,
            clock=self.clock,
            clock_quality=ClockQuality.SET,
            clock_floor=self.clock,
            tick_ms=1000,
            challenge=self.challenge,
            challenge_age_ms=0,
            look=_LOOK,
            look_age_ms=0,
            live_causes=0,
            pulse_age_ms=None,
            journal_digest=lambda sequence: None,
            next_sequence=self.sequence + 1,
            control_room=65536,
            retire_room=65536,
        )

    def _read_log(self, request: m.ReadLogRequest) -> bytes:
        chains = {Chain.CONTROL: self.control, Chain.JOURNAL: self.journal}
        records = chains.get(request.chain) or sorted(
            self.control + self.journal, key=lambda raw: RECORD.parse(raw).sequence
        )
        taken: list[bytes] = []
        for raw in records:
            if RECORD.parse(raw).sequence < request.from_sequence:
                continue
            if taken and 1 + sum(2 + len(r) for r in [*taken, raw]) > request.limit:
                break
            taken.append(raw)
        return m.READ_LOG_ANSWER.build(m.ReadLogAnswer(tuple(taken)))

    def _read_record(self, request: m.ReadRecordRequest) -> bytes:
        for raw in self.control + self.journal:
            if RECORD.parse(raw).sequence == request.sequence:
                part = raw[request.offset : request.offset + request.length]
                return m.READ_RECORD_ANSWER.build(m.ReadRecordAnswer(len(raw), part))
        raise RefusedError("NOT_FOUND", "")

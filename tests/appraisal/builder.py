"""Writes a seal's log and evidence record by record, honest or not, straight with the codecs."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from sealkit.appraisal.appraise import appraise
from sealkit.appraisal.material import Material
from sealkit.appraisal.policy import DEFAULT_POLICY
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Verdict
from sealkit.crypto import PrivateKey, Suite
from sealkit.keys.issuing import issue_credential, issue_statement
from sealkit.rules.chain import EMPTY_CHAIN, Head
from sealkit.rules.history import History
from sealkit.rules.parameters import parameter_root
from sealkit.rules.supervision import MeterLook
from sealkit.wire.credentials import Credential, Revoked
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE
from sealkit.wire.export import build_export
from sealkit.wire.orders import (
    NO_CHALLENGE,
    NO_SIGNER,
    ORDER,
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    GroupItem,
    OrderBody,
    ParametersBody,
    ReasonBody,
    TrustBody,
    build_body,
)
from sealkit.wire.parameters import (
    CalibrationGroup,
    DistanceGroup,
    MeterGroup,
    SensorGroup,
    SupervisionGroup,
    TariffGroup,
    TyreGroup,
    VehicleGroup,
    build_group,
)
from sealkit.wire.records import (
    RECORD,
    BootRecord,
    GenesisRecord,
    OrderRecord,
    RecordBody,
    TamperRecord,
    build_record_body,
)
from sealkit.wire.registry import (
    LAYOUTS,
    ORDERS,
    BootCause,
    Cause,
    ClockQuality,
    Group,
    KSource,
    MeterSeen,
    OrderKind,
    Purpose,
    Reason,
    RecordKind,
    Role,
    State,
    TagType,
)
from sealkit.wire.tags import domain_tag

NOW = 1_700_000_000
YEAR = 365 * 86_400
MAKER, SERIAL = 500, 23
REGION = 310_000
FARE = bytes.fromhex("2024010100" + "0240" * 8 + "0050" * 4 + "0240" * 2 + "0500" * 2)
FARE = FARE + bytes.fromhex("23000500") + bytes(127 - len(FARE) - 4)
"""Fare parameters of 127 bytes: the day price at bytes 5 and 6."""
MASK = bytes([0xFF] * 5 + [0xF8] + [0] * 10)
DEVICE, SOFTWARE = bytes.fromhex("0102000001"), b"\x01\x02"
LOOK = MeterLook(DEVICE, 1, SOFTWARE, "AB1234", FARE)
SALT = bytes(range(16))
NONCE = bytes([7]) * 32


@dataclass(frozen=True)
class Person:
    """A key, its credential, and its issuers up to but without the anchor."""

    key: PrivateKey
    credential: Credential
    issuers: tuple[Credential, ...] = ()


class World:
    """Authority, maker, station, registry and technician of one suite, and a seal's key."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.serial = SERIAL
        self.authority = self.person(None, Role.AUTHORITY, name="Authority")
        self.maker = self.person(None, Role.MANUFACTURER, scope=MAKER, name="Maker")
        self.endorsed = self.issue(self.maker, Role.AUTHORITY, self.authority.key, name="Authority")
        self.station = self.person(self.authority, Role.STATION, name="Wang")
        self.registry = self.person(self.authority, Role.REGISTRY, name="Registry")
        self.technician = self.person(self.registry, Role.TECHNICIAN, name="Li")
        self.inspector = self.person(self.authority, Role.INSPECTOR, name="Zhao")
        self.seal_key = suite.generate()
        self.seal_credential = self.issue(
            self.maker, Role.SEAL, self.seal_key, scope=MAKER, serial=SERIAL, name="Seal"
        )
        self.trust = TrustBundle(suite, self.authority.credential, (self.maker.credential,), None)

    def with_seal(self, serial: int) -> World:
        """The same people, and another seal."""
        other = copy(self)
        other.serial = serial
        other.seal_key = self.suite.generate()
        other.seal_credential = self.issue(
            self.maker, Role.SEAL, other.seal_key, scope=MAKER, serial=serial, name="Seal"
        )
        return other

    def issue(
        self, issuer: Person | None, role: Role, key: PrivateKey, **changes: Any
    ) -> Credential:
        values: dict[str, Any] = {
            "role": role,
            "scope": REGION,
            "serial": 7,
            "generation": 1,
            "not_before": NOW - YEAR,
            "not_after": NOW + YEAR,
            "public_key": key.public_key,
            "name": role.name.title(),
            **changes,
        }
        signer = key if issuer is None else issuer.key
        return issue_credential(signer, None if issuer is None else issuer.credential, **values)

    def person(self, issuer: Person | None, role: Role, **changes: Any) -> Person:
        key = self.suite.generate()
        issuers: tuple[Credential, ...] = ()
        if issuer is not None and issuer.credential.role is Role.REGISTRY:
            issuers = (issuer.credential,)
        return Person(key, self.issue(issuer, role, key, **changes), issuers)

    def trust_with(self, *revoked: Credential, version: int = 1) -> TrustBundle:
        """The bundle with a statement that revokes these."""
        statement = issue_statement(
            self.authority.key,
            self.authority.credential,
            version=version,
            issued_at=NOW,
            minimums=(),
            revoked=tuple(Revoked(c.issuer, c.serial) for c in revoked),
        )
        return replace(self.trust, statement=statement)


def groups(**changes: Any) -> dict[int, bytes]:
    """A whole parameter set; `changes` are contents by the group's name."""
    contents: dict[str, Any] = {
        "distance": DistanceGroup(1000, KSource.TYPED),
        "tyre": TyreGroup("195/65R15", 1_990_000),
        "tariff": TariffGroup(FARE, MASK, ()),
        "meter": MeterGroup(DEVICE, 1, SOFTWARE, bytes(32), "TX-1"),
        "sensor": SensorGroup(1, "S-1"),
        "vehicle": VehicleGroup("沪A12345", "AB1234", "LSVAA4187C2184841"),
        "supervision": SupervisionGroup(0b111, 5_000, 0),
        "calibration": calibration(),
        **changes,
    }
    return {
        Group[name.upper()]: build_group(Group[name.upper()], SALT, content)
        for name, content in contents.items()
    }


def calibration(valid_until: int = NOW + YEAR) -> CalibrationGroup:
    return CalibrationGroup(
        Purpose.PERIODIC, "Shop", NOW - 10, valid_until, 1, 2, bytes(32), 0, 0, 0, 0
    )


class Log:
    """A seal's two chains as they grow. The fold of rules.history gives what evidence tells."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.suite = world.suite
        self.control: list[bytes] = []
        self.journal: list[bytes] = []
        self.control_head = EMPTY_CHAIN
        self.journal_head = EMPTY_CHAIN
        self.base = EMPTY_CHAIN
        self.pruned = 0
        self.sequence = 0
        self.history = History(world.suite)
        self.clock = NOW - 3_600
        self.quality = ClockQuality.SET
        self.flags = 0
        self.tick_ms = 1_000

    def _record(self, kind: int, body: bytes, state: State, **changes: Any) -> bytes:
        control = kind < 0x80
        self.sequence += 1
        self.clock += 1
        self.tick_ms += 1_000
        head = self.control_head if control else self.journal_head
        values = {
            "tag": domain_tag(self.suite.id, TagType.RECORD),
            "maker": MAKER,
            "serial": self.world.serial,
            "sequence": self.sequence,
            "kind": kind,
            "state": state,
            "flags": self.flags,
            "boot": 1,
            "tick_ms": self.tick_ms,
            "clock": self.clock,
            "clock_quality": self.quality,
            "previous": head.digest,
            "body": body,
            **changes,
        }
        raw = RECORD.assemble(values)
        new = Head(values["sequence"], self.suite.digest(raw))
        if control:
            self.control.append(raw)
            self.control_head = new
        else:
            self.journal.append(raw)
            self.journal_head = new
        return raw

    def control_record(
        self, kind: int, body: RecordBody | bytes, state: State, **changes: Any
    ) -> None:
        """Adds a control record; the fold follows where it can."""
        data = body if isinstance(body, bytes) else build_record_body(RecordKind(kind), body)
        raw = self._record(kind, data, state, **changes)
        if not isinstance(body, bytes):
            self.history.add(RECORD.parse(raw))

    def journal_record(self, kind: int, body: RecordBody | bytes, **changes: Any) -> None:
        """Adds a journal record."""
        data = body if isinstance(body, bytes) else build_record_body(RecordKind(kind), body)
        self._record(kind, data, self.history.state, **changes)

    def boot(self) -> None:
        self.journal_record(RecordKind.BOOT, BootRecord(BootCause.POWER, 3))

    def genesis(self) -> None:
        body = GenesisRecord(
            0,
            bytes(32),
            self.world.seal_key.public_key,
            bytes([9]) * 32,
            self.suite.key_id(self.world.maker.key.public_key),
            1,
            1,
            bytes(32),
            0b111,
            1 << 16,
            1 << 16,
        )
        self.control_record(RecordKind.GENESIS, body, State.FACTORY)

    def order(
        self,
        kind: OrderKind,
        body: OrderBody,
        *signers: Person,
        stored: tuple[bytes, ...] | None = None,
        signatures: bytes | None = None,
        record: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        """An order, signed and applied. `changes` are its fields, `record` its record's."""
        digests = [self.suite.digest(person.credential.raw) for person in signers]
        values = {
            "kind": kind,
            "maker": MAKER,
            "serial": self.world.serial,
            "seal_key": self.suite.key_id(self.world.seal_key.public_key),
            "head_sequence": self.control_head.sequence,
            "head_digest": self.control_head.digest,
            "not_before": self.clock - 60,
            "not_after": self.clock + 3_600,
            "challenge": bytes([5]) * 16 if ORDERS[kind].challenge else NO_CHALLENGE,
            "first_signer": digests[0],
            "second_signer": digests[1] if len(digests) > 1 else NO_SIGNER,
            "body": build_body(kind, body),
            **changes,
        }
        unsigned = ORDER.unsigned(self.suite.id, values, "signatures")
        if signatures is None:
            signatures = b"".join(person.key.sign(unsigned) for person in signers)
        if stored is None:
            chain = [c for p in signers for c in (p.credential, *p.issuers)]
            stored = tuple(
                dict.fromkeys(
                    c.raw for c in chain if self.suite.digest(c.raw) not in self.history.credentials
                )
            )
        head = self.journal_head
        self.control_record(
            RecordKind.ORDER,
            OrderRecord(head.sequence, head.digest, unsigned + signatures, stored),
            **{"state": ORDERS[kind].to_state or self.history.state, **(record or {})},
        )

    def enrol(self, **changes: Any) -> None:
        body = EnrolBody(self.clock, self.world.endorsed.raw)
        self.order(OrderKind.ENROL, body, self.world.station, **changes)

    def seal(self, new: dict[int, bytes] | None = None, **changes: Any) -> None:
        new = groups() if new is None else new
        body = ParametersBody(tuple(GroupItem(n, new[n]) for n in sorted(new)))
        signers = changes.pop("signers", (self.world.technician, self.world.station))
        self.order(OrderKind.SEAL, body, *signers, **changes)

    def clear(self) -> None:
        body = ReasonBody(Reason.TAMPER_INVESTIGATED, "investigated")
        self.order(OrderKind.CLEAR, body, self.world.technician, self.world.station)

    def tamper(self, cause: Cause, before: bytes = b"", after: bytes = b"") -> None:
        head = self.journal_head
        body = TamperRecord(head.sequence, head.digest, cause, before, after)
        self.control_record(RecordKind.TAMPER, body, State.TAMPERED)

    def acknowledge(self) -> None:
        body = AcknowledgeBody(self.journal_head.sequence, self.journal_head.digest, bytes(32))
        self.order(OrderKind.ACKNOWLEDGE, body, self.world.station)

    def trust(self, *revoked: Credential, version: int = 1) -> None:
        statement = self.world.trust_with(*revoked, version=version).statement
        assert statement is not None
        self.order(OrderKind.TRUST, TrustBody(statement.raw), self.world.technician)

    def adjust(self, change_s: int, signer: Person) -> None:
        """Moves the clock; the record tells the new time, outside of the order's window (O-29)."""
        window = {"not_before": self.clock - 10, "not_after": self.clock + 10}
        self.clock += change_s
        self.order(OrderKind.ADJUST_CLOCK, AdjustClockBody(change_s), signer, **window)

    def retire(self) -> None:
        body = ReasonBody(Reason.SEAL_REPLACED, "replaced")
        self.order(OrderKind.RETIRE, body, self.world.station)

    def prune(self, count: int) -> None:
        """Deletes the oldest journal records."""
        last = self.journal[count - 1]
        self.base = Head(int.from_bytes(last[18:22], "big"), self.suite.digest(last))
        self.journal = self.journal[count:]
        self.pruned += count

    def evidence(self, **changes: Any) -> bytes:
        """Signed evidence of what the log comes to."""
        history = self.history
        values: dict[str, Any] = {name: 0 for name, _ in LAYOUTS["evidence"]}
        values |= {
            "maker": MAKER,
            "serial": self.world.serial,
            "seal_key": self.suite.key_id(self.world.seal_key.public_key),
            "state": history.state,
            "flags": self.flags,
            "boot": 1,
            "tick_ms": self.tick_ms + 5,
            "clock": NOW,
            "clock_quality": self.quality,
            "clock_floor": NOW,
            "control_sequence": self.control_head.sequence,
            "control_digest": self.control_head.digest,
            "journal_sequence": self.journal_head.sequence,
            "journal_digest": self.journal_head.digest,
            "base_sequence": self.base.sequence,
            "base_digest": self.base.digest,
            "pruned_boot": self.pruned,
            "trust_version": history.trust_version,
            "parameter_root": parameter_root(self.suite, history.groups),
            "calibration_counter": history.calibration_counter,
            "configuration_counter": history.configuration_counter,
            "latched_causes": history.latched_causes,
            "meter_seen": MeterSeen.ANSWERS,
            "meter_age_ms": 500,
            "meter_device": DEVICE,
            "meter_software": SOFTWARE,
            "meter_fare_digest": self.suite.digest(FARE),
            "firmware_version": 1,
            "firmware_digest": bytes(32),
            "nonce": NONCE,
            **changes,
        }
        unsigned = EVIDENCE.unsigned(self.suite.id, values)
        return unsigned + self.world.seal_key.sign(unsigned)

    def checkpoint(self, **changes: Any) -> bytes:
        values = {
            "maker": MAKER,
            "serial": self.world.serial,
            "seal_key": self.suite.key_id(self.world.seal_key.public_key),
            "control_sequence": self.control_head.sequence,
            "control_digest": self.control_head.digest,
            "state": self.history.state,
            **changes,
        }
        unsigned = CHECKPOINT.unsigned(self.suite.id, values)
        return unsigned + self.world.seal_key.sign(unsigned)

    def material(self, evidence: dict[str, Any] | None = None, **changes: Any) -> Material:
        """Everything, as if read from the seal just now."""
        values: dict[str, Any] = {
            "evidence": self.evidence(**(evidence or {})),
            "nonce": NONCE,
            "seal_credential": self.world.seal_credential.raw,
            "checkpoint": self.checkpoint(),
            "groups": tuple(sorted(self.history.groups.items())),
            "control": tuple(self.control),
            "journal": tuple(self.journal),
            **changes,
        }
        return Material(**values)

    def export(self) -> bytes:
        """The same as a file."""
        material = self.material()
        assert material.evidence is not None
        return build_export(
            self.suite.id,
            self.suite.digest,
            evidence=material.evidence,
            seal_credential=material.seal_credential,
            checkpoint=material.checkpoint,
            groups=material.groups,
            control=material.control,
            journal=material.journal or (),
        )


def sealed(world: World) -> Log:
    """The log of a seal that was enrolled and sealed, with some journal between."""
    log = Log(world)
    log.genesis()
    log.boot()
    log.enrol()
    log.boot()
    log.boot()
    log.seal()
    log.boot()
    return log


def enrolled(world: World) -> Log:
    """The log of a seal that was enrolled and is open."""
    log = Log(world)
    log.genesis()
    log.enrol()
    return log


def judged(material: Material, trust: TrustBundle, now: int = NOW) -> Verdict:
    """The verdict under the default policy."""
    return appraise(material, trust, DEFAULT_POLICY, now)


def codes(verdict: Verdict) -> list[str]:
    return [found.code for found in verdict.findings]


def flip(data: bytes, place: int, mask: int = 1) -> bytes:
    """The bytes with one of them changed."""
    place %= len(data)
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]

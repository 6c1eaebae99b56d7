"""What a seal would write: records of both chains, evidence, checkpoints; and orders against it.

A History does as it is told and judges nothing: what a seal must refuse is for the vectors to say.
"""

from dataclasses import dataclass, field
from typing import Any

from vectors import layouts as layout
from vectors.crypto import Suite
from vectors.family import DAY, MAKER, NOW, SERIALS, Family
from vectors.layouts import CAUSES, GROUPS, ORDERS, RECORDS, STATES, Fields, jsonable
from vectors.parameters import (
    CALIBRATION_GROUPS,
    CONFIGURATION_GROUPS,
    DEVICE,
    PLATE,
    SOFTWARE,
    ZERO,
    content_of,
    fare,
    parameter_contents,
    parameter_root,
)

NO_CHALLENGE = bytes(16)
WITH_CHALLENGE = {"enrol", "unseal", "clear", "restore_clock", "retire"}
CLOCK_LOST, CLOCK_RESTORED, DRIVEN = 1 << 0, 1 << 1, 1 << 5
COUNTER_NEARLY_ENDED, CASE_OPEN = 1 << 8, 1 << 9
FIRMWARE_VERSION = 0x01000200


@dataclass
class Order:
    """An order as it is sent: its fields by name, its bytes, and who signed."""

    name: str
    fields: Fields
    body_fields: Fields | None
    unsigned: bytes
    signatures: bytes
    credentials: list[bytes]

    @property
    def bytes(self) -> bytes:
        return self.unsigned + self.signatures

    @property
    def request(self) -> bytes:
        return layout.order_request({"order": self.bytes, "credentials": self.credentials})


@dataclass
class History:
    """One seal's life so far."""

    family: Family
    name: str = "seal"
    boot_count: int = 1
    tick_ms: int = 1000
    clock: int = NOW - 60 * DAY
    quality: int = 1
    floor: int = NOW - 60 * DAY
    state: str = "factory"
    flags: int = 0
    control_capacity: int = 262_144
    next_sequence: int = 1
    control_head: tuple[int, bytes] = (0, ZERO)
    journal_head: tuple[int, bytes] = (0, ZERO)
    base: tuple[int, bytes] = (0, ZERO)
    records: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[int, bytes] = field(default_factory=dict)
    last_contents: dict[int, bytes] = field(default_factory=dict)
    stored: list[bytes] = field(default_factory=list)
    trust_version: int = 0
    calibration_counter: int = 0
    configuration_counter: int = 0
    latched: int = 0
    live: int = 0
    pulses: int = 0
    challenge: bytes | None = None
    seen: int = 1
    age_ms: int = 800
    meter_fare: bytes = field(default_factory=fare)

    @property
    def suite(self) -> Suite:
        return self.family.suite

    @property
    def serial(self) -> int:
        return SERIALS[self.name]

    @property
    def seal_key(self) -> bytes:
        return self.family.key_id(self.name)

    def wait(self, seconds: int) -> None:
        self.tick_ms += 1000 * seconds
        if self.quality:
            self.clock += seconds

    def lose_clock(self) -> None:
        self.quality, self.clock = 0, self.floor
        self.flags |= CLOCK_LOST

    def write(self, kind: str | int, body_fields: Fields) -> dict[str, Any]:
        """Append a record of this kind and move the heads; of an unknown kind (a number) the
        body's own bytes are in `data`."""
        number = kind if isinstance(kind, int) else RECORDS[kind]
        control = number < 0x80
        if control:
            sequence, digest = self.journal_head
            body_fields = {"journal_sequence": sequence, "journal_digest": digest, **body_fields}
        fields: Fields = {
            "maker": MAKER,
            "serial": self.serial,
            "sequence": self.next_sequence,
            "kind": number,
            "state": STATES[self.state],
            "flags": self.flags,
            "boot": self.boot_count,
            "tick_ms": self.tick_ms,
            "clock": self.clock if self.quality else self.floor,
            "clock_quality": self.quality,
            "previous": (self.control_head if control else self.journal_head)[1],
            "body": (
                (layout.journal_head(body_fields) if control else b"") + body_fields["data"]
                if isinstance(kind, int)
                else layout.RECORD_BODIES[kind](body_fields)
            ),
        }
        data = layout.record(self.suite.number, fields)
        head = (self.next_sequence, self.suite.digest(data))
        if control:
            self.control_head = head
        else:
            self.journal_head = head
        self.next_sequence += 1
        written = {
            "chain": "control" if control else "journal",
            "kind": kind,
            "sequence": head[0],
            "fields": fields,
            "body_fields": body_fields,
            "bytes": data,
            "digest": head[1],
        }
        self.records.append(written)
        return written

    def genesis(self) -> None:
        self.write(
            "genesis",
            {
                "public_key": self.suite.public_key(self.name),
                "random": self.suite.derived(f"genesis of {self.name}", 32),
                "manufacturer": self.family.key_id("manufacturer"),
                "hardware_version": 3,
                "firmware_version": FIRMWARE_VERSION,
                "firmware_digest": self.suite.digest(b"firmware"),
                "attachments": 7,
                "control_capacity": self.control_capacity,
                "journal_capacity": 65_536,
            },
        )

    def start(self, gap_s: int = 60, cause: int = 1) -> None:
        """A boot: the power was away for gap_s."""
        self.boot_count += 1
        self.challenge = None
        if self.quality and gap_s != 0xFFFFFFFF:
            self.clock += gap_s
        self.write("boot", {"cause": cause, "gap_s": gap_s})

    def ask_challenge(self) -> bytes:
        """The challenge that the seal gives out now."""
        label = f"challenge {self.name} {self.boot_count} {self.tick_ms}"
        self.challenge = self.suite.derived(label, 16)
        return self.challenge

    def group(self, name: str, fields: Fields) -> Fields:
        """A group item, salted."""
        content = content_of(name, fields)
        salt = self.suite.derived(f"salt {self.next_sequence} {name} {content.hex()}", 16)
        return {"number": GROUPS[name], "data": salt + content}

    def parameters(self, names: list[str] | None = None, **changes: Fields) -> Fields:
        """The body of SEAL or CONFIRM: the named groups (all if None) with changed fields."""
        contents = parameter_contents()
        chosen = list(contents) if names is None else names
        items = [
            self.group(name, {**contents[name], **changes.get(name, {})})
            for name in sorted(chosen, key=GROUPS.__getitem__)
        ]
        return {"groups": items}

    def order(
        self,
        name: str,
        body: Fields | bytes,
        signers: list[str],
        credentials: list[str | bytes] | None = None,
        sign_with: list[str] | None = None,
        **changes: Any,
    ) -> Order:
        """An order against this seal's head; `changes` are to its fields.

        signers name credentials; sign_with names the keys, the signers' own if None.
        """
        family, suite = self.family, self.suite
        digests = [family.digest(signer) for signer in signers] + [ZERO, ZERO]
        now = self.clock if self.quality else self.floor
        body_bytes = body if isinstance(body, bytes) else layout.ORDER_BODIES[name](body)
        challenge = self.challenge if name in WITH_CHALLENGE else NO_CHALLENGE
        fields: Fields = {
            "kind": ORDERS[name],
            "maker": MAKER,
            "serial": self.serial,
            "seal_key": self.seal_key,
            "head_sequence": self.control_head[0],
            "head_digest": self.control_head[1],
            "not_before": now - 3600,
            "not_after": now + DAY,
            "challenge": challenge or suite.derived("a challenge never given", 16),
            "first_signer": digests[0],
            "second_signer": digests[1],
            "body": body_bytes,
            **changes,
        }
        unsigned = layout.order(suite.number, fields)
        keys = [family.key_name(signer) for signer in signers] if sign_with is None else sign_with
        sent = credentials if credentials is not None else self.chain_of(signers)
        return Order(
            name,
            fields,
            None if isinstance(body, bytes) else body,
            unsigned,
            b"".join(suite.sign(key, unsigned) for key in keys),
            [item if isinstance(item, bytes) else family.bytes[item] for item in sent],
        )

    def chain_of(self, signers: list[str]) -> list[str | bytes]:
        """The signers' credentials, and each technician's registry."""
        sent: list[str | bytes] = []
        for name in signers:
            sent.append(name)
            if name.startswith("technician"):
                issuer = self.family.fields[name]["issuer"]
                sent.append(
                    next(
                        other
                        for other in self.family.fields
                        if self.family.key_id(other) == issuer
                        and self.family.fields[other]["role"] == layout.ROLES["registry"]
                    )
                )
        return sent

    def apply(self, order: Order) -> dict[str, Any]:
        """Do what the order says, whatever it is, and write its record."""
        kind, body = order.name, order.body_fields or {}
        if kind == "enrol":
            self.state = "open"
            if not self.quality:
                self.clock, self.quality = body["time"], 1
                self.flags &= ~CLOCK_LOST
        elif kind in ("seal", "confirm"):
            self._take_groups(body["groups"])
            self.state = "sealed"
        elif kind in ("unseal", "clear"):
            self.state = "open"
            self.latched = 0
        elif kind == "adjust_clock":
            self.clock += body["change_s"]
        elif kind == "restore_clock":
            self.clock, self.quality = body["time"], 2
            self.flags = self.flags & ~CLOCK_LOST | CLOCK_RESTORED
        elif kind == "trust":
            self.trust_version = int.from_bytes(body["statement"][26:30], "big")
        elif kind == "retire":
            self.state = "retired"
        if self.quality:
            self.floor = max(self.floor, self.clock)
        if kind in WITH_CHALLENGE:
            self.challenge = None
        fresh = [data for data in order.credentials if data not in self.stored]
        self.stored += fresh
        return self.write("order", {"order": order.bytes, "credentials": fresh})

    def _take_groups(self, items: list[Fields]) -> None:
        changed = {
            g["number"] for g in items if self.last_contents.get(g["number"]) != g["data"][16:]
        }
        self.calibration_counter += bool(changed & {GROUPS[name] for name in CALIBRATION_GROUPS})
        self.configuration_counter += bool(
            changed & {GROUPS[name] for name in CONFIGURATION_GROUPS}
        )
        for item in items:
            self.groups[item["number"]] = item["data"]
            self.last_contents[item["number"]] = item["data"][16:]

    def tamper(self, cause: str, before: bytes = b"", after: bytes = b"") -> None:
        bit = 1 << (CAUSES[cause] - 1)
        self.latched |= bit
        self.live |= bit
        self.state = "tampered"
        self.write("tamper", {"cause": CAUSES[cause], "before": before, "after": after})

    def evidence_fields(self, nonce: bytes) -> Fields:
        lost = not self.quality
        return {
            "maker": MAKER,
            "serial": self.serial,
            "seal_key": self.seal_key,
            "state": STATES[self.state],
            "flags": self.flags,
            "boot": self.boot_count,
            "tick_ms": self.tick_ms,
            "clock": self.floor if lost else self.clock,
            "clock_quality": self.quality,
            "clock_floor": self.floor,
            "control_sequence": self.control_head[0],
            "control_digest": self.control_head[1],
            "journal_sequence": self.journal_head[0],
            "journal_digest": self.journal_head[1],
            "base_sequence": self.base[0],
            "base_digest": self.base[1],
            "pruned_boot": 0,
            "pruned_flags": 0,
            "pruned_meter": 0,
            "pruned_tariff": 0,
            "pruned_driven": 0,
            "pruned_coalesced": 0,
            "trust_version": self.trust_version,
            "parameter_root": parameter_root(self.suite, self.groups),
            "calibration_counter": self.calibration_counter,
            "configuration_counter": self.configuration_counter,
            "refused_malformed": 0,
            "refused_stale": 0,
            "refused_authority": 1,
            "refused_state": 0,
            "latched_causes": self.latched,
            "live_causes": self.live,
            "pulses": self.pulses,
            "meter_seen": self.seen,
            "meter_age_ms": self.age_ms if self.seen else 0xFFFFFFFF,
            "meter_device": DEVICE if self.seen else bytes(5),
            "meter_software": SOFTWARE if self.seen else bytes(2),
            "meter_fare_digest": self.suite.digest(self.meter_fare) if self.seen else ZERO,
            "k_inferred_milli": 1_000_412 if self.seen else 0,
            "k_basis_m": 83_400 if self.seen else 0,
            "pulse_rate_max_hz": 31,
            "standing_m": 4,
            "motion_distance_m": 91_250,
            "motion_pulses_m": 91_377,
            "trips_seen": 12 if self.seen else 0,
            "firmware_version": FIRMWARE_VERSION,
            "firmware_digest": self.suite.digest(b"firmware"),
            "nonce": nonce,
        }

    def evidence(self, nonce: bytes, **changes: Any) -> tuple[Fields, bytes]:
        fields = {**self.evidence_fields(nonce), **changes}
        unsigned = layout.evidence(self.suite.number, fields)
        signature = self.suite.sign(self.name, unsigned)
        return {**fields, "signature": signature}, unsigned + signature

    def checkpoint(self, **changes: Any) -> tuple[Fields, bytes]:
        fields: Fields = {
            "maker": MAKER,
            "serial": self.serial,
            "seal_key": self.seal_key,
            "control_sequence": self.control_head[0],
            "control_digest": self.control_head[1],
            "state": STATES[self.state],
            **changes,
        }
        unsigned = layout.checkpoint(self.suite.number, fields)
        signature = self.suite.sign(self.name, unsigned)
        return {**fields, "signature": signature}, unsigned + signature

    def chain(self, name: str) -> list[bytes]:
        return [record["bytes"] for record in self.records if record["chain"] == name]

    def setup(self) -> dict[str, Any]:
        """What a test needs to put a seal into this state."""
        return {
            "number": [MAKER, self.serial],
            "scalar": self.suite.scalar(self.name).hex(),
            "manufacturer": self.family.bytes["manufacturer"].hex(),
            "seal_credential": self.family.bytes[self.name].hex(),
            "state": self.state,
            "control": jsonable(self.chain("control")),
            "journal": jsonable(self.chain("journal")),
            "base": [self.base[0], self.base[1].hex()],
            "clock": self.clock if self.quality else self.floor,
            "clock_quality": self.quality,
            "clock_floor": self.floor,
            "tick_ms": self.tick_ms,
            "boot": self.boot_count,
            "challenge": self.challenge.hex() if self.challenge else None,
            "challenge_age_ms": 0,
            "observation": {
                "seen": self.seen,
                "age_ms": self.age_ms,
                "device": (DEVICE if self.seen else bytes(5)).hex(),
                "hardware_version": 2 if self.seen else 0,
                "software": (SOFTWARE if self.seen else bytes(2)).hex(),
                "plate": PLATE if self.seen else "",
                "fare": (self.meter_fare if self.seen else bytes(127)).hex(),
            },
            "live_causes": self.live,
            "last_pulse_age_ms": 3_600_000,
        }

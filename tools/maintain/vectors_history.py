"""What a seal would write: records of both chains, orders, parameter sets, evidence.

A History does as it is told and judges nothing: what a seal must refuse is for the vectors to say.
"""

from dataclasses import dataclass, field
from typing import Any

import vectors_layouts as layout
from vectors_crypto import Suite
from vectors_family import DAY, MAKER, NOW, SERIALS, Family
from vectors_layouts import CAUSES, GROUPS, ORDERS, RECORDS, STATES, Fields, jsonable

ZERO = bytes(32)
NO_CHALLENGE = bytes(16)
WITH_CHALLENGE = {"enrol", "unseal", "clear", "restore_clock", "retire"}
CALIBRATION_GROUPS = {"distance", "tyre", "sensor"}
CONFIGURATION_GROUPS = {"tariff", "meter", "vehicle", "supervision"}
CLOCK_LOST, CLOCK_RESTORED, DRIVEN = 1 << 0, 1 << 1, 1 << 5
COUNTER_NEARLY_ENDED, CASE_OPEN = 1 << 8, 1 << 9
FIRMWARE_VERSION = 0x01000200


def fare(day_price: str = "0250", vendor: str = "00") -> bytes:
    """T2 of JT/T 905.2, 127 bytes, BCD; the vendor area is filled with one byte."""
    text = (
        "2026010100"  # from 2026-01-01 00 h
        "0000" "0000"  # round trip, day and night
        f"{day_price}" "0320"  # one way, yuan/km * 100
        "0375" "0480"  # second empty
        "1400" "1800"  # flag-fall
        "0000" "0300" "1000" "1500"  # continuation, flag-fall, one-way, second-empty distance
        "0060" "0080"  # waiting, day and night
        "0500" "0500"  # free waiting, price increment, mmss
        "2300" "0500"  # the night
    )  # fmt: skip
    return bytes.fromhex(text + "00" * 22 + vendor * 64)


# Bytes 0 to 40 of the fare parameters are watched, the reserved and the vendor's are not.
FARE_MASK = bytes.fromhex("ffffffffff80" + "00" * 10)
DEVICE = bytes.fromhex("4711000815")
SOFTWARE = bytes.fromhex("0301")
PLATE = "AX1234"


def parameter_contents() -> dict[str, Fields]:
    """A parameter set by field, without salts."""
    return {
        "distance": {"k_pulses_per_km": 1000, "source": 2},
        "tyre": {"size": "195/65R15", "circumference_um": 1_986_000},
        "tariff": {"fare": fare(), "mask": FARE_MASK, "pending": []},
        "meter": {
            "device": DEVICE,
            "hardware_version": 2,
            "software": SOFTWARE,
            "software_digest": ZERO,
            "model": "TXM-905",
        },
        "sensor": {"kind": 1, "sensor_serial": "SN-0042"},
        "vehicle": {"plate": "沪AX1234", "meter_plate": PLATE, "vin": "LSVAA49J132047371"},
        "supervision": {"attachments": 7, "look_interval_ms": 5000, "silence_limit_ms": 600_000},
        "calibration": calibration(2),
    }


def calibration(purpose: int, time: int = NOW, **changes: Any) -> Fields:
    fields: Fields = {
        "purpose": purpose,
        "workshop": "计量站 1",
        "time": time,
        "valid_until": time + 365 * DAY,
        "odometer_before_m": 12_345_600,
        "odometer_after_m": 12_347_100,
        "result_digest": ZERO,
        "predecessor_maker": 0,
        "predecessor_serial": 0,
        "predecessor_calibration": 0,
        "predecessor_configuration": 0,
    }
    return {**fields, **changes}


def content_of(name: str, fields: Fields) -> bytes:
    return bytes(layout.GROUP_BUILDERS[name](fields))


def group_digest(suite: Suite, number: int, data: bytes) -> bytes:
    return suite.digest(layout.tag(suite.number, "group") + bytes([number]) + data)


def parameter_root(suite: Suite, groups: dict[int, bytes]) -> bytes:
    if not groups:
        return ZERO
    listed = b"".join(
        bytes([number]) + group_digest(suite, number, groups[number]) for number in sorted(groups)
    )
    return suite.digest(layout.tag(suite.number, "parameter_set") + listed)


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


REASON_PERIODIC = {"reason": 1, "text": "周期检定 periodic"}
REASON_TAMPER = {"reason": 7, "text": "fare changed, meter reset"}
REASON_REPLACED = {"reason": 8, "text": "seal replaced"}
BOTH = ["technician", "station"]


def enrol_body(history: History, authority: str | bytes = "authority endorsed") -> Fields:
    data = authority if isinstance(authority, bytes) else history.family.bytes[authority]
    return {"time": history.clock if history.quality else NOW, "authority": data}


# What a story can do without and still be one.
A_BREAK = frozenset({"tampered", "cleared", "sealed again", "confirmed"})


def story(
    family: Family, until: str, without: frozenset[str] = frozenset(), **start: Any
) -> History:
    """The life of a seal, told up to the stage of this name."""
    seal = History(family, **start)
    stages = {
        "born": _born,
        "enrolled": _enrolled,
        "sealed": _sealed,
        "tampered": _tampered,
        "cleared": _cleared,
        "sealed again": _sealed_again,
        "confirmed": _confirmed,
        "trusted": _trusted,
        "adjusted": _adjusted,
        "unsealed": _unsealed,
        "retired": _retired,
    }
    for name, stage in stages.items():
        if name not in without:
            stage(seal)
            seal.wait(60)
        if name == until:
            return seal
    raise ValueError(f"no stage {until}")


def _born(seal: History) -> None:
    seal.genesis()
    seal.wait(10)
    if seal.quality:
        seal.start(gap_s=60 * DAY - 11)
    else:
        seal.start(gap_s=0xFFFFFFFF)
    seal.wait(30)
    seal.ask_challenge()


def _enrolled(seal: History) -> None:
    changes = {} if seal.quality else {"not_before": NOW - 60, "not_after": NOW + DAY}
    seal.apply(seal.order("enrol", enrol_body(seal), ["station"], **changes))
    seal.wait(20)
    seal.write("meter", {"event": 1})


def _sealed(seal: History) -> None:
    seal.apply(seal.order("seal", seal.parameters(), BOTH))
    seal.wait(600)
    seal.start(gap_s=7200)
    seal.flags |= 1 << 4
    seal.write("flags", {"before": 0, "after": seal.flags})


def _tampered(seal: History) -> None:
    seal.wait(5)
    seal.meter_fare = fare("0290")
    seal.tamper("fare_parameters_changed", fare(), seal.meter_fare)
    seal.wait(5)
    seal.flags |= CASE_OPEN
    seal.tamper("case_opened")


def _cleared(seal: History) -> None:
    seal.live = 0
    seal.flags &= ~CASE_OPEN
    seal.meter_fare = fare()
    seal.ask_challenge()
    seal.apply(seal.order("clear", REASON_TAMPER, BOTH))
    seal.wait(300)
    seal.pulses = 1500
    seal.flags |= DRIVEN
    seal.write("flags", {"before": seal.flags & ~DRIVEN, "after": seal.flags})


def _sealed_again(seal: History) -> None:
    body = seal.parameters(
        ["distance", "tyre", "calibration"],
        distance={"k_pulses_per_km": 1013, "source": 3},
        calibration=calibration(4, seal.clock),
    )
    order = seal.order("seal", body, BOTH)
    seal.write("driven", {"from_pulses": 0, "to_pulses": 1500})
    seal.apply(order)


def _confirmed(seal: History) -> None:
    seal.wait(DAY)
    body = seal.parameters(["calibration"], calibration=calibration(6, seal.clock))
    seal.apply(seal.order("confirm", body, ["inspector"]))


def _trusted(seal: History) -> None:
    statement = seal.family.statement(3, ["technician 2"], {"registry": 2})[1]
    seal.apply(seal.order("trust", {"statement": statement}, ["registry"]))


def _adjusted(seal: History) -> None:
    seal.apply(seal.order("adjust_clock", {"change_s": -100}, ["technician"]))
    sequence, digest = seal.journal_head
    body = {"sequence": sequence, "digest": digest, "receipt": seal.suite.derived("receipt", 32)}
    seal.wait(60)
    seal.apply(seal.order("acknowledge", body, ["station"]))


def _unsealed(seal: History) -> None:
    seal.ask_challenge()
    seal.apply(seal.order("unseal", REASON_PERIODIC, BOTH))


def _retired(seal: History) -> None:
    seal.ask_challenge()
    seal.apply(seal.order("retire", REASON_REPLACED, ["station"]))

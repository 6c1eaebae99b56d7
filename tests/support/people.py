"""A family of keys and credentials, and orders signed with them, for tests against a seal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sealkit.crypto import PrivateKey, Suite, get_suite
from sealkit.keys.issuing import issue_credential, issue_statement
from sealkit.meter import layouts
from sealkit.rules.parameters import watch_mask
from sealkit.wire.credentials import Credential, Revoked, TrustStatement
from sealkit.wire.messages import OrderRequest
from sealkit.wire.numbers import SealNumber
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
    RestoreClockBody,
    TrustBody,
    build_body,
)
from sealkit.wire.parameters import (
    CalibrationGroup,
    DistanceGroup,
    GroupContent,
    MeterGroup,
    SensorGroup,
    SupervisionGroup,
    TariffGroup,
    TyreGroup,
    VehicleGroup,
    build_group,
)
from sealkit.wire.registry import Group, KSource, OrderKind, Purpose, Reason, Role, Rounding
from sealkit_simulator.taximeter import METER_STATUS, SHANGHAI_FARE

NOW = 1_775_000_000  # 2026-03-31
DAY = 86_400
YEAR = 365 * DAY
NUMBER = SealNumber(4711, 1001)
REGION = 310000
FARE = layouts.FARE_PARAMETERS.build(SHANGHAI_FARE)
# The reserved bytes and the vendor's area are not watched.
MASK = watch_mask(i < 41 for i in range(127))


@dataclass(frozen=True)
class Family:
    """One maker, one authority, and the people under it, each with a key."""

    suite: Suite
    keys: dict[str, PrivateKey]
    credentials: dict[str, Credential]

    def statement(self, version: int, revoked: Sequence[str] = ()) -> TrustStatement:
        return issue_statement(
            self.keys["authority"],
            self.credentials["authority"],
            version=version,
            issued_at=NOW,
            minimums=(),
            revoked=tuple(
                Revoked(self.credentials[name].issuer, self.credentials[name].serial)
                for name in revoked
            ),
        )

    def sent(self, signers: Sequence[str]) -> tuple[bytes, ...]:
        """The credentials that go with an order of these signers."""
        names = [*signers]
        if any(name.startswith("technician") for name in signers):
            names.append("registry")
        return tuple(self.credentials[name].raw for name in names)


@cache
def family(suite_name: str = "p256") -> Family:
    """The same keys in every test of a process."""
    suite = get_suite(suite_name)
    names = (
        "manufacturer",
        "authority",
        "station",
        "registry",
        "technician",
        "technician expired",
        "inspector",
    )
    keys = {
        name: suite.private_key(suite.digest(f"sealkit test key {name}".encode())) for name in names
    }
    credentials: dict[str, Credential] = {}

    def issue(name: str, issuer: str | None, role: Role, serial: int, **changes: Any) -> None:
        fields: dict[str, Any] = {
            "role": role,
            "scope": REGION,
            "serial": serial,
            "generation": 1,
            "not_before": NOW - YEAR,
            "not_after": NOW + 10 * YEAR,
            "public_key": keys[name.removesuffix(" endorsed")].public_key,
            "name": name,
        }
        signer = name if issuer is None else issuer
        credentials[name] = issue_credential(
            keys[signer],
            None if issuer is None else credentials[issuer],
            **{**fields, **changes},
        )

    issue("manufacturer", None, Role.MANUFACTURER, 1, scope=NUMBER.maker)
    issue("authority", None, Role.AUTHORITY, 1)
    issue("authority endorsed", "manufacturer", Role.AUTHORITY, 7)
    issue("station", "authority", Role.STATION, 10)
    issue("registry", "authority", Role.REGISTRY, 20)
    issue("inspector", "authority", Role.INSPECTOR, 30)
    issue("technician", "registry", Role.TECHNICIAN, 1)
    issue("technician expired", "registry", Role.TECHNICIAN, 2, not_after=NOW - 1)
    return Family(suite, keys, credentials)


def seal_credential(people: Family, public_key: bytes, number: SealNumber = NUMBER) -> Credential:
    """The maker's credential for a seal."""
    return issue_credential(
        people.keys["manufacturer"],
        people.credentials["manufacturer"],
        role=Role.SEAL,
        scope=number.maker,
        serial=number.serial,
        generation=1,
        not_before=NOW - YEAR,
        not_after=NOW + 10 * YEAR,
        public_key=public_key,
        name=f"seal {number}",
    )


def parameter_contents() -> dict[Group, GroupContent]:
    """A parameter set that fits the simulated taximeter."""
    return {
        Group.DISTANCE: DistanceGroup(1000, KSource.READ),
        Group.TYRE: TyreGroup("195/65R15", 1_986_000),
        Group.TARIFF: TariffGroup(FARE, MASK, ()),
        Group.METER: MeterGroup(
            bytes.fromhex(METER_STATUS.device_number),
            METER_STATUS.hardware_version,
            bytes((METER_STATUS.software_main, METER_STATUS.software_minor)),
            bytes(32),
            "TXM-905",
        ),
        Group.SENSOR: SensorGroup(1, "SN-0042"),
        Group.VEHICLE: VehicleGroup("沪AX7319", METER_STATUS.plate, "LSVAA49J132047371"),
        Group.SUPERVISION: SupervisionGroup(
            attachments=31,
            look_interval_ms=5_000,
            silence_limit_ms=600_000,
            pulse_rate_max_hz=1_000,  # tests drive hundreds of metres at once
            acceleration_max_mm_s2=0,
            k_tolerance_ppm=7_500,
            k_window_m=100_000,
            rounding=Rounding.CUTS,
            standing_limit_m=5_000,
            motion_tolerance_ppm=25_000,
            motion_limit_m=500,
            meter_clock_tolerance_s=180,
        ),
        Group.CALIBRATION: CalibrationGroup(
            purpose=Purpose.INSTALLATION,
            workshop="计量站 1",
            time=NOW,
            valid_until=NOW + YEAR,
            odometer_before_m=12_345_600,
            odometer_after_m=12_347_100,
            result_digest=bytes(32),
            predecessor_maker=0,
            predecessor_serial=0,
            predecessor_calibration=0,
            predecessor_configuration=0,
        ),
    }


def parameters(
    *groups: Group, salt: int = 0, changes: dict[Group, dict[str, Any]] | None = None
) -> ParametersBody:
    """The body of SEAL or CONFIRM: these groups, all if none is named, with changed fields."""
    contents = parameter_contents()
    chosen = sorted(groups or contents)
    return ParametersBody(
        tuple(
            GroupItem(
                group,
                build_group(
                    group,
                    salt.to_bytes(16, "big"),
                    replace(contents[group], **(changes or {}).get(group, {})),
                ),
            )
            for group in chosen
        )
    )


@dataclass(frozen=True)
class Head:
    """What an order is made against: as the seal's status tells it."""

    seal_key: bytes
    sequence: int
    digest: bytes
    clock: int = NOW
    challenge: bytes = NO_CHALLENGE
    number: SealNumber = NUMBER


@dataclass(frozen=True)
class Orders:
    """Orders of a family, against a head."""

    people: Family
    head: Head
    window: tuple[int, int] = field(default=(-3_600, DAY))

    def order(
        self, kind: OrderKind, body: OrderBody, signers: Sequence[str], **changes: Any
    ) -> OrderRequest:
        """`changes` are to the order's fields, before it is signed."""
        suite = self.people.suite
        digests = [suite.digest(self.people.credentials[name].raw) for name in signers]
        fields: dict[str, Any] = {
            "kind": kind,
            "maker": self.head.number.maker,
            "serial": self.head.number.serial,
            "seal_key": self.head.seal_key,
            "head_sequence": self.head.sequence,
            "head_digest": self.head.digest,
            "not_before": max(0, self.head.clock + self.window[0]),
            "not_after": self.head.clock + self.window[1],
            "challenge": self.head.challenge,
            "first_signer": digests[0],
            "second_signer": digests[1] if len(digests) > 1 else NO_SIGNER,
            "body": build_body(kind, body),
            **changes,
        }
        unsigned = ORDER.unsigned(suite.id, fields, until="signatures")
        signatures = b"".join(self.people.keys[name].sign(unsigned) for name in signers)
        return OrderRequest(unsigned + signatures, self.people.sent(signers))

    def enrol(self, **changes: Any) -> OrderRequest:
        body = EnrolBody(self.head.clock, self.people.credentials["authority endorsed"].raw)
        return self.order(OrderKind.ENROL, body, ["station"], **changes)

    def seal(
        self,
        body: ParametersBody | None = None,
        signers: Sequence[str] = ("technician", "station"),
        **changes: Any,
    ) -> OrderRequest:
        return self.order(OrderKind.SEAL, body or parameters(), signers, **changes)

    def confirm(self, **changes: Any) -> OrderRequest:
        body = parameters(Group.CALIBRATION, salt=self.head.sequence)
        return self.order(OrderKind.CONFIRM, body, ["inspector"], **changes)

    def _reason(self, kind: OrderKind, reason: Reason, signers: Sequence[str]) -> OrderRequest:
        return self.order(kind, ReasonBody(reason, "检定 test"), signers)

    def unseal(self) -> OrderRequest:
        return self._reason(
            OrderKind.UNSEAL, Reason.PERIODIC_VERIFICATION, ["technician", "station"]
        )

    def clear(self) -> OrderRequest:
        return self._reason(OrderKind.CLEAR, Reason.TAMPER_INVESTIGATED, ["technician", "station"])

    def retire(self) -> OrderRequest:
        return self._reason(OrderKind.RETIRE, Reason.SEAL_REPLACED, ["station"])

    def adjust_clock(self, change_s: int) -> OrderRequest:
        return self.order(OrderKind.ADJUST_CLOCK, AdjustClockBody(change_s), ["inspector"])

    def restore_clock(self, time: int) -> OrderRequest:
        body = RestoreClockBody(time)
        return self.order(OrderKind.RESTORE_CLOCK, body, ["technician", "station"])

    def trust(self, version: int = 1, revoked: Sequence[str] = ()) -> OrderRequest:
        body = TrustBody(self.people.statement(version, revoked).raw)
        return self.order(OrderKind.TRUST, body, ["station"])

    def acknowledge(self, sequence: int, digest: bytes) -> OrderRequest:
        body = AcknowledgeBody(sequence, digest, bytes(32))
        return self.order(OrderKind.ACKNOWLEDGE, body, ["station"])

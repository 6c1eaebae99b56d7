"""Who has a part in sealing, with keys and credentials of one suite, and what they seal."""

from __future__ import annotations

from dataclasses import dataclass

from sealkit.crypto import PrivateKey, Suite
from sealkit.keys.issuing import issue_credential
from sealkit.wire.credentials import Credential
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
from sealkit.wire.registry import Attachment, Group, KSource, Purpose, Role

NOW = 1_790_000_000
YEAR = 365 * 24 * 3600
SHANGHAI = 310_000
MAKER = 500
FARE = bytes.fromhex("2026010100") + bytes(122)


@dataclass(frozen=True)
class Person:
    """A key with its credential and its issuers' up to but without the authority."""

    key: PrivateKey
    credential: Credential
    chain: tuple[bytes, ...]


class People:
    """One authority with its station, registry, technicians and inspector; one manufacturer."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._serial = 0
        self.manufacturer = self._issue(None, Role.MANUFACTURER, MAKER, "Maker")
        self.authority_key = suite.generate()
        self.authority = self._credential(
            self.manufacturer, Role.AUTHORITY, SHANGHAI, "Authority", self.authority_key.public_key
        )
        top = Person(self.authority_key, self.authority, ())
        self.station = self._issue(top, Role.STATION, SHANGHAI, "Station 1")
        self.registry = self._issue(top, Role.REGISTRY, SHANGHAI, "Registry")
        self.inspector = self._issue(top, Role.INSPECTOR, SHANGHAI, "Inspector")
        self.technician = self._issue(self.registry, Role.TECHNICIAN, SHANGHAI, "Li Lei")
        self.expired = self._issue(
            self.registry, Role.TECHNICIAN, SHANGHAI, "Past", not_after=NOW - 1
        )

    @property
    def both(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """The chains of the two who seal and open."""
        return self.technician.chain, self.station.chain

    def seal_credential(self, serial: int, public_key: bytes) -> Credential:
        self._serial = serial - 1
        return self._credential(self.manufacturer, Role.SEAL, MAKER, "Seal", public_key)

    def _issue(
        self, issuer: Person | None, role: Role, scope: int, name: str, not_after: int = NOW + YEAR
    ) -> Person:
        key = self.suite.generate()
        credential = self._credential(issuer, role, scope, name, key.public_key, not_after, key)
        above = () if issuer is None else issuer.chain
        return Person(key, credential, (credential.raw, *above))

    def _credential(
        self,
        issuer: Person | None,
        role: Role,
        scope: int,
        name: str,
        public_key: bytes,
        not_after: int = NOW + YEAR,
        own: PrivateKey | None = None,
    ) -> Credential:
        self._serial += 1
        signer = own if issuer is None else issuer.key
        assert signer is not None
        return issue_credential(
            signer,
            None if issuer is None else issuer.credential,
            role=role,
            scope=scope,
            serial=self._serial,
            generation=1,
            not_before=NOW - YEAR,
            not_after=not_after,
            public_key=public_key,
            name=name,
        )


def groups(
    fare: bytes = FARE, k: int = 1000, attachments: int = Attachment.OWN_LINE
) -> dict[int, bytes]:
    """A whole parameter set; the same salt everywhere, as only tests may do."""
    contents = {
        Group.DISTANCE: DistanceGroup(k, KSource.READ),
        Group.TYRE: TyreGroup("195/65 R15", 1_970_000),
        Group.TARIFF: TariffGroup(fare, b"\xff" * 13 + bytes(3), ()),
        Group.METER: MeterGroup(b"\x12\x34\x56\x78\x90", 1, b"\x02\x03", bytes(32), "TM-7"),
        Group.SENSOR: SensorGroup(1, "S-1"),
        Group.VEHICLE: VehicleGroup("沪A12345", "A12345", "LSVAA49J132047371"),
        Group.SUPERVISION: SupervisionGroup(attachments, 5000, 0),
        Group.CALIBRATION: CalibrationGroup(
            Purpose.ACTIVATION, "Workshop", NOW, NOW + YEAR, 1000, 1010, bytes(32), 0, 0, 0, 0
        ),
    }
    return {number: build_group(number, bytes(16), content) for number, content in contents.items()}

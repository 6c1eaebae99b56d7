"""A simulated taxi whose seal was enrolled and sealed by a station, drives, and is looked at.

All of it in virtual time and in this process, by the same steps as `sealkit seal` and
`sealkit verify`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from sealkit.appraisal import Material, Policy, Verdict, appraise
from sealkit.crypto import get_suite
from sealkit.keys.issuing import issue_credential
from sealkit.meter.audit import audit_trips
from sealkit.meter.client import MeterClient
from sealkit.meter.resolution import DistanceRounding
from sealkit.meter.tariff import CityRules, Tariff
from sealkit.rules.supervision import MeterLook
from sealkit.seal import SealClient
from sealkit.seal.drafting import draft_order
from sealkit.seal.exchange import Exchange
from sealkit.seal.history import read_history
from sealkit.seal.job import TEMPLATE, groups_of_job, read_job
from sealkit.seal.ordering import give_order
from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import EnrolBody, GroupItem, OrderBody, ParametersBody
from sealkit.wire.records import RECORD
from sealkit.wire.registry import Attachment, OrderKind, RecordKind, Role
from sealkit_simulator.clock import VirtualTime
from sealkit_simulator.crypto_core import make_core
from sealkit_simulator.frauds.parts.scheme import Scheme
from sealkit_simulator.road.car import Car
from sealkit_simulator.road.outing import Outing
from sealkit_simulator.road.taxi import Taxi
from sealkit_simulator.storage import FlashPlan
from sealkit_simulator.taximeter import Taximeter
from sealkit_simulator.vehicle import Vehicle
from sealkit_tools.sim.direct_line import DirectLine
from sealkit_tools.sim.world import MAKER, Cast, Member, make_cast
from sealkit_tools.verify.command import material_of_seal

_CHINA: Final = timedelta(hours=8)
_FIRST_DAY: Final = int(datetime(2026, 1, 5, 6, 50, tzinfo=UTC).timestamp())
_LOOK_INTERVAL_MS: Final = 5_000
_ROUNDING: Final = {DistanceRounding.CUT: "cuts", DistanceRounding.ROUND: "rounds"}
_SETTLE_MS: Final = 12_000
"""In so much time the seal has looked at the meter."""
_ERROR_PPM: Final = 3_000
"""How exactly a station sets K: it is a whole number, and a bench has its own error."""
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Break:
    """The first tamper record since the seal was sealed: when, by the seal's clock."""

    clock: int


class SealedTaxi:
    """car: as it comes to the station. random: draws how exactly K is set there."""

    def __init__(self, car: Car, scheme: Scheme, random: Random, suite: str = "p256") -> None:
        start = _FIRST_DAY - int(_CHINA.total_seconds())
        self.cast: Cast = make_cast(suite, start)
        meter = Taximeter(
            k_pulses_per_km=car.k_for(random.randint(-_ERROR_PPM, _ERROR_PPM)),
            rounding=random.choice(list(DistanceRounding)),
        )
        plan = FlashPlan()
        core = make_core(
            get_suite(suite).generate(),
            SealNumber(MAKER, 1),
            self.cast.manufacturer.credential.raw,
        )
        self._sealed_fare = meter.fare
        self._trips_before = meter.status.total_trips
        self._rounding = meter.rounding
        self.scheme = scheme
        self.vehicle = Vehicle(
            plan.flash(), core, VirtualTime(start * 1_000), plan=plan, taximeter=meter
        )
        self.vehicle.restore_power()
        self.client = SealClient(Exchange(DirectLine(self.vehicle.receive)))
        self._provision(car)
        self.taxi = Taxi(
            self.vehicle,
            car,
            fraud=scheme,
            hear_motion=self.vehicle.hear_motion,
            hear_terminal_line=self.vehicle.hear_terminal_line,
        )
        self.outing = Outing(self.taxi)

    @property
    def broken(self) -> bool:
        """Whether a cause of tamper is latched, as seen from within."""
        seal = self.vehicle.seal
        return seal is not None and bool(seal.device.history.latched_causes)

    def evidence(self) -> bytes:
        """What an inspector on the road takes home."""
        self.vehicle.restore_power()
        return self.client.evidence(secrets.token_bytes(32)).raw

    def verify(self, earlier: Sequence[bytes] = ()) -> tuple[Verdict, Break | None]:
        """The station's look at seal and meter; the scheme is given time to hide first."""
        self.scheme.before_visit(self.taxi)
        self.vehicle.restore_power()
        self.vehicle.advance(_SETTLE_MS)
        material = material_of_seal(self.client)._replace(
            meter_asked=True,
            meter_look=self._look(),
            earlier=tuple(earlier),
        )
        now = self.vehicle.source.chip_ms() // 1_000
        return appraise(material, self.cast.trust, Policy(), now=now), _first_break(material)

    def audit(self) -> tuple[str, ...]:
        """What `sealkit audit trips` finds in the trips since: as stored, and as reported."""
        tariff = Tariff.of(self._sealed_fare, CityRules())
        stored = [t for n, t in self.taxi.meter.trips.items() if n > self._trips_before]
        found = {
            finding.kind.value
            for records in (stored, self.taxi.terminal.trips)
            for audited in audit_trips(records, lambda moment: (tariff,), rounding=self._rounding)
            for finding in audited.findings
        }
        return tuple(sorted(found))

    # At the station.

    def _provision(self, car: Car) -> None:
        info, now = self.client.info(), self._now()
        credential = issue_credential(
            self.cast.manufacturer.key,
            self.cast.manufacturer.credential,
            role=Role.SEAL,
            scope=info.maker,
            serial=info.serial,
            generation=1,
            not_before=now - _DAY_S,
            not_after=now + 3650 * _DAY_S,
            public_key=info.public_key,
            name=f"seal {info.number}",
        )
        self.client.install_credential(credential.raw)
        enrol = EnrolBody(now, self.cast.endorsement.raw)
        self._give(OrderKind.ENROL, enrol, [self.cast.station])
        self.vehicle.advance(_SETTLE_MS)
        groups = groups_of_job(
            self._job(car), self._look(), {}, now=self._now(), salt=secrets.token_bytes
        )
        body = ParametersBody(tuple(GroupItem(number, data) for number, data in groups.items()))
        self._give(OrderKind.SEAL, body, [self.cast.technician, self.cast.station])

    def _job(self, car: Car) -> dict[str, Any]:
        """The template that a technician fills in, with what is attached in this taxi."""
        job = read_job(TEMPLATE.encode())
        job["distance"]["k_pulses_per_km"] = self.vehicle.taximeter.k_pulses_per_km
        job["tyre"] = {
            "size": car.tyre_size,
            "circumference_mm": Decimal(car.wheel.circumference_um) / 1_000,
        }
        job["sensor"]["serial"] = car.sensor.serial
        job["supervision"]["attachments"] = [bit.name.lower() for bit in Attachment if bit.name]
        job["supervision"]["look_interval_ms"] = _LOOK_INTERVAL_MS
        job["supervision"]["rounding"] = _ROUNDING[self.vehicle.taximeter.rounding]
        job["calibration"]["valid_until"] = 0
        return job

    def _give(self, kind: OrderKind, body: OrderBody, members: Sequence[Member]) -> None:
        shown = read_history(self.client)
        chains = [member.chain for member in members]
        draft = draft_order(self.client, shown, kind, body, chains)
        for member in members:
            draft = draft.sign(member.key)
        give_order(self.client, shown, draft)

    def _look(self) -> MeterLook:
        """The technician connects to the meter itself, where the terminal is otherwise."""
        meter = MeterClient(DirectLine(self.vehicle.taximeter.terminal_line.receive))
        status = meter.status(
            (datetime.fromtimestamp(self._now(), UTC) + _CHINA).replace(tzinfo=None)
        )
        return MeterLook(
            bytes.fromhex(status.device_number),
            status.hardware_version,
            bytes((status.software_main, status.software_minor)),
            status.plate,
            meter.fare_parameters().raw,
        )

    def _now(self) -> int:
        return self.vehicle.source.chip_ms() // 1_000


def _first_break(material: Material) -> Break | None:
    """By the seal's own log, as it was read."""
    for raw in material.control:
        record = RECORD.parse(raw)
        if record.kind == RecordKind.TAMPER:
            return Break(record.clock)
    return None

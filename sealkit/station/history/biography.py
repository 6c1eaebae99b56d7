"""A seal's control chain as a life: who did what, and what was sealed from when to when. Pure.

It tells what the records say. Whether they may say it is for the appraisal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sealkit.crypto.suite import Suite
from sealkit.errors import MalformedError, RefusedError
from sealkit.rules.credentials import parse_credential
from sealkit.rules.parameters import changed_groups
from sealkit.wire.credentials import Credential
from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import ORDER, Order, OrderBody, ParametersBody, ReasonBody, parse_body
from sealkit.wire.parameters import (
    CalibrationGroup,
    DistanceGroup,
    MeterGroup,
    TariffGroup,
    TyreGroup,
    VehicleGroup,
    parse_group,
)
from sealkit.wire.records import RECORD, OrderRecord, Record, TamperRecord, parse_record_body
from sealkit.wire.registry import Cause, ClockQuality, OrderKind, Purpose, Reason, State


@dataclass(frozen=True, slots=True)
class SealedFacts:
    """What a parameter set says, as far as lists and comparisons need it.

    meter: device number in hex. fare, mask: 127 and 16 bytes. predecessor: the seal that this one
    replaces, None if it names none. valid_until: seconds since 1970, 0 without an end.
    """

    plate: str = ""
    vin: str = ""
    meter: str = ""
    meter_model: str = ""
    k_pulses_per_km: int | None = None
    circumference_um: int | None = None
    fare: bytes = b""
    mask: bytes = b""
    purpose: Purpose | None = None
    workshop: str = ""
    valid_until: int = 0
    predecessor: SealNumber | None = None


NOTHING_SEALED: Final = SealedFacts()


def facts_of(groups: Mapping[int, bytes]) -> SealedFacts:
    """What a parameter set says; a group that does not fit its layout says nothing."""
    facts = NOTHING_SEALED
    for number, data in groups.items():
        try:
            content = parse_group(number, data)
        except MalformedError:
            continue
        match content:
            case VehicleGroup(plate=plate, vin=vin):
                facts = replace(facts, plate=plate, vin=vin)
            case MeterGroup(device=device, model=model):
                facts = replace(facts, meter=device.hex(), meter_model=model)
            case DistanceGroup(k_pulses_per_km=k):
                facts = replace(facts, k_pulses_per_km=k)
            case TyreGroup(circumference_um=circumference):
                facts = replace(facts, circumference_um=circumference)
            case TariffGroup(fare=fare, mask=mask):
                facts = replace(facts, fare=fare, mask=mask)
            case CalibrationGroup() as told:
                named = SealNumber(told.predecessor_maker, told.predecessor_serial)
                facts = replace(
                    facts,
                    purpose=told.purpose,
                    workshop=told.workshop,
                    valid_until=told.valid_until,
                    predecessor=named if named != SealNumber(0, 0) else None,
                )
            case _:
                pass
    return facts


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter group that an order changed: bytes with their salt, None for none before."""

    number: int
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """One control record. time and clock_quality: of the seal's clock. order and cause: what it
    was, one of them at most. reason: as the order gives it, a number of `Reason` or not. signers:
    None where a credential is not at hand. state: afterwards."""

    sequence: int
    digest: bytes
    time: int
    clock_quality: ClockQuality
    state: State
    order: OrderKind | None = None
    cause: Cause | None = None
    reason: int | None = None
    text: str = ""
    signers: tuple[Credential | None, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Sealing:
    """A time in which a parameter set was sealed to one vehicle, from a SEAL of an open seal on.

    until None: it still is. broken: when it was found tampered with. signers: who sealed it.
    """

    sequence: int
    since: int
    signers: tuple[Credential | None, ...]
    facts: SealedFacts
    broken: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """The seal went to another vehicle with the order of this record, which does not say so."""

    sequence: int
    before: SealedFacts
    after: SealedFacts


@dataclass(slots=True)
class Biography:
    """The life so far. groups: the last sealed set. moves: to another vehicle without an order
    that says so. region: of the station that enrolled the seal (GB/T 2260). credentials: by digest,
    all that stand in the chain."""

    suite: Suite
    events: list[Event] = field(default_factory=list)
    sealings: list[Sealing] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    groups: dict[int, bytes] = field(default_factory=dict)
    credentials: dict[bytes, Credential] = field(default_factory=dict)
    region: int = 0
    _opened_for: int | None = None

    @property
    def facts(self) -> SealedFacts:
        """What is, or was last, sealed."""
        return self.sealings[-1].facts if self.sealings else NOTHING_SEALED

    def facts_at(self, sequence: int, digest: bytes) -> SealedFacts | None:
        """What was, or was last, sealed at a record; None if it is not in this life."""
        if all(event.digest != digest for event in self.events):
            return None
        until = [sealing for sealing in self.sealings if sealing.sequence <= sequence]
        return until[-1].facts if until else NOTHING_SEALED

    def add(self, record: Record) -> None:
        """Takes the next control record. Errors: `MalformedError`."""
        body = parse_record_body(record)
        match body:
            case OrderRecord():
                self._add_order(record, body)
            case TamperRecord():
                self._event(record, cause=body.cause)
                if self._is_sealed and self.sealings[-1].broken is None:
                    self._change_last(broken=record.clock)
            case _:
                self._event(record)

    @property
    def _is_sealed(self) -> bool:
        return bool(self.sealings) and self.sealings[-1].until is None

    def _event(self, record: Record, **more: object) -> None:
        self.events.append(
            Event(
                record.sequence,
                self.suite.digest(record.raw),
                record.clock,
                record.clock_quality,
                record.state,
                **more,  # type: ignore[arg-type]
            )
        )

    def _add_order(self, record: Record, stored: OrderRecord) -> None:
        for raw in stored.credentials:
            try:
                self.credentials[self.suite.digest(raw)] = parse_credential(self.suite, raw)
            except RefusedError:
                continue
        order = ORDER.parse(stored.order)
        body = parse_body(order)
        signers = tuple(self.credentials.get(digest) for digest in order.signers)
        reason = text = None
        changes: tuple[Change, ...] = ()
        if isinstance(body, ReasonBody):
            reason, text = body.reason, body.text
        if isinstance(body, ParametersBody):
            changes = self._take_groups(body)
        self._event(
            record,
            order=order.kind,
            reason=reason,
            text=text or "",
            signers=signers,
            changes=changes,
        )
        self._follow(record, order, body, signers)

    def _take_groups(self, body: ParametersBody) -> tuple[Change, ...]:
        new = {item.number: item.data for item in body.groups}
        changes = tuple(
            Change(number, self.groups.get(number), new[number])
            for number in sorted(changed_groups(self.groups, new))
        )
        self.groups.update(new)
        return changes

    def _follow(
        self,
        record: Record,
        order: Order,
        body: OrderBody,
        signers: tuple[Credential | None, ...],
    ) -> None:
        match order.kind:
            case OrderKind.ENROL if signers and signers[0] is not None:
                self.region = signers[0].scope
            case OrderKind.SEAL | OrderKind.CONFIRM:
                self._seal(record, facts_of(self.groups), signers)
            case OrderKind.UNSEAL | OrderKind.CLEAR | OrderKind.RETIRE:
                if isinstance(body, ReasonBody):
                    self._opened_for = body.reason
                if self._is_sealed:
                    self._change_last(until=record.clock)
            case _:
                pass

    def _seal(
        self, record: Record, facts: SealedFacts, signers: tuple[Credential | None, ...]
    ) -> None:
        if self._is_sealed and same_car(self.facts, facts):
            self._change_last(facts=facts)
            return
        self._look_for_move(record, facts)
        if self._is_sealed:
            self._change_last(until=record.clock)
        self.sealings.append(Sealing(record.sequence, record.clock, signers, facts))
        self._opened_for = None

    def _look_for_move(self, record: Record, facts: SealedFacts) -> None:
        before = self.facts
        says_so = self._opened_for == Reason.VEHICLE_REPLACED or facts.purpose in (
            Purpose.ACTIVATION,
            Purpose.INSTALLATION,
        )
        if self.sealings and not says_so and not same_car(before, facts):
            self.moves.append(Move(record.sequence, before, facts))

    def _change_last(self, **changes: object) -> None:
        self.sealings[-1] = replace(self.sealings[-1], **changes)  # type: ignore[arg-type]


def same_car(one: SealedFacts, other: SealedFacts) -> bool:
    """Whether two sets name the same vehicle: by its VIN, which a new plate does not change; by
    the plate where a VIN is missing."""
    if one.vin and other.vin:
        return one.vin == other.vin
    return one.plate == other.plate


def biography_of(suite: Suite, control: Iterable[bytes]) -> Biography:
    """The life that a control chain tells, up to the first record that cannot be read."""
    life = Biography(suite)
    for raw in control:
        try:
            life.add(RECORD.parse(raw))
        except MalformedError:
            break
    return life

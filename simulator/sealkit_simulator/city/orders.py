"""What people do to a seal in the course of its year, each thing by the orders that it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import (
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    GroupItem,
    OrderBody,
    ParametersBody,
    ReasonBody,
    TrustBody,
)
from sealkit.wire.parameters import (
    SALT_BYTES,
    CalibrationGroup,
    DistanceGroup,
    GroupContent,
    MeterGroup,
    PendingTariff,
    SensorGroup,
    SupervisionGroup,
    TariffGroup,
    TyreGroup,
    VehicleGroup,
    build_group,
)
from sealkit.wire.records import TariffRecord
from sealkit.wire.registry import (
    Attachment,
    Cause,
    Group,
    KSource,
    OrderKind,
    Purpose,
    Reason,
    RecordKind,
)
from sealkit_simulator.city.cars import MASK
from sealkit_simulator.city.life import Life
from sealkit_simulator.city.people import Person
from sealkit_simulator.city.plan import DAY_S, YEAR_DAYS

Contents = dict[Group, GroupContent]

VALID_S: Final = YEAR_DAYS * DAY_S
_NOBODY: Final = SealNumber(0, 0)
_METRES_OF_A_ROLLER: Final = 2_000
_ATTACHMENTS: Final = Attachment.OWN_LINE | Attachment.PULSE_INPUT | Attachment.CASE_SWITCH


def give(life: Life, kind: OrderKind, body: OrderBody, *signers: Person) -> None:
    """An order, some minutes after what was before."""
    life.seal.work_until(life.seal.time + life.random.randint(60, 300))
    life.seal.take(kind, body, life.car.look, *signers)


def give_groups(life: Life, kind: OrderKind, contents: Contents, *signers: Person) -> None:
    """An order that brings parameter groups, each with a new salt."""
    items = tuple(
        GroupItem(group, build_group(group, life.random.randbytes(SALT_BYTES), contents[group]))
        for group in sorted(contents)
    )
    give(life, kind, ParametersBody(items), *signers)


def calibration(
    life: Life, purpose: Purpose, *, valid_until: int | None = None, replaces: SealNumber = _NOBODY
) -> Contents:
    """A verification of now; it holds for a year unless told otherwise."""
    seal = life.seal
    metres = 1_000 * seal.pulses // life.car.k
    return {
        Group.CALIBRATION: CalibrationGroup(
            purpose,
            life.workshop.name,
            seal.clock,
            seal.clock + VALID_S if valid_until is None else valid_until,
            metres,
            metres + _METRES_OF_A_ROLLER,
            life.random.randbytes(32),
            replaces.maker,
            replaces.serial,
            0,
            0,
        )
    }


def of_vehicle(life: Life) -> Contents:
    """Whose parameters are sealed."""
    car = life.car
    return {Group.VEHICLE: VehicleGroup(car.plate, car.meter_plate, car.vin)}


def of_tyres(life: Life) -> Contents:
    """K and tyres."""
    return {
        Group.DISTANCE: DistanceGroup(life.car.k, KSource.MEASURED),
        Group.TYRE: TyreGroup("195/65R15", life.car.circumference_um),
    }


def of_meter(life: Life) -> Contents:
    """Meter, sensor, tariff, and what is watched."""
    model = life.car.model
    return {
        Group.TARIFF: TariffGroup(life.car.fare, MASK, ()),
        Group.METER: MeterGroup(
            life.car.device, model.hardware, model.software, bytes(32), model.name
        ),
        Group.SENSOR: SensorGroup(1, f"S-{life.seal.number.serial}"),
        Group.SUPERVISION: SupervisionGroup(_ATTACHMENTS, 2_000, 0),
    }


def install(
    life: Life,
    *,
    valid_until: int | None = None,
    purpose: Purpose = Purpose.INSTALLATION,
    replaces: SealNumber = _NOBODY,
) -> None:
    """A new seal is enrolled and sealed on its vehicle."""
    station = life.workshop.station
    enrol = EnrolBody(life.seal.clock, life.people.endorsed.raw)
    give(life, OrderKind.ENROL, enrol, station)
    measure(life)
    verification = calibration(life, purpose, valid_until=valid_until, replaces=replaces)
    contents = of_meter(life) | of_tyres(life) | of_vehicle(life) | verification
    give_groups(life, OrderKind.SEAL, contents, life.technician, station)


def measure(life: Life) -> None:
    """The open seal's vehicle turns on the roller."""
    life.seal.work_until(life.seal.time + 1_200)
    life.seal.drive(_METRES_OF_A_ROLLER * life.car.k // 1_000)
    life.seal.work_until(life.seal.time + 300)


def open_seal(life: Life, reason: Reason, text: str, technician: Person | None = None) -> None:
    """UNSEAL, by technician and station."""
    signers = (technician or life.technician, life.workshop.station)
    give(life, OrderKind.UNSEAL, ReasonBody(reason, text), *signers)


def seal_again(life: Life, contents: Contents, technician: Person | None = None) -> None:
    """SEAL of an open seal, by technician and station, after a run on the roller."""
    measure(life)
    signers = (technician or life.technician, life.workshop.station)
    give_groups(life, OrderKind.SEAL, contents, *signers)


def carry_trust(version: int) -> Callable[[Life], None]:
    """The inspector brings a trust statement to the seal, at the roadside."""

    def do(life: Life) -> None:
        statement = life.people.statements[version - 1]
        give(life, OrderKind.TRUST, TrustBody(statement.raw), life.people.inspector)

    return do


def seal_tariff_ahead(valid_from: int, valid_until: int) -> Callable[[Life], None]:
    """The station seals the city's next tariff beside the one that holds."""

    def do(life: Life) -> None:
        car = life.car
        pending = PendingTariff(valid_from, valid_until, car.tariffs[car.shown + 1])
        contents: Contents = {Group.TARIFF: TariffGroup(car.fare, MASK, (pending,))}
        give_groups(life, OrderKind.SEAL, contents, life.workshop.station)

    return do


def meter_switches(life: Life) -> None:
    """The meter shows the new tariff, and the seal notes it."""
    car, digest = life.car, life.seal.suite.digest
    life.car = car.switched()
    life.seal.note(RecordKind.TARIFF, TariffRecord(digest(car.fare), digest(life.car.fare)))


def settle_tariff(life: Life) -> None:
    """The station seals the tariff that now holds alone."""
    contents: Contents = {Group.TARIFF: TariffGroup(life.car.fare, MASK, ())}
    give_groups(life, OrderKind.SEAL, contents, life.workshop.station)


def submit(life: Life) -> None:
    """The seal is read at its workshop."""
    life.submit()


def acknowledge(life: Life) -> None:
    """The station says that it holds the journal."""
    head = life.seal.journal_head
    body = AcknowledgeBody(head.sequence, head.digest, life.random.randbytes(32))
    give(life, OrderKind.ACKNOWLEDGE, body, life.workshop.station)


def verify_yearly(life: Life) -> None:
    """The clock is set right, and the periodic verification confirmed."""
    change = life.random.choice((-1, 1)) * life.random.randint(2, 60)
    give(life, OrderKind.ADJUST_CLOCK, AdjustClockBody(change), life.technician)
    contents = calibration(life, Purpose.PERIODIC)
    give_groups(life, OrderKind.CONFIRM, contents, life.workshop.station)


def change_tyres(technician: Person | None = None) -> Callable[[Life], None]:
    """The seal is opened for new tyres and sealed with what they make of K."""

    def do(life: Life) -> None:
        open_seal(life, Reason.TYRE_CHANGE, "new tyres", technician)
        life.car = life.car.with_new_tyres(life.random.uniform(0.996, 1.004))
        contents = of_tyres(life) | calibration(life, Purpose.AFTER_REPAIR)
        seal_again(life, contents, technician)

    return do


def repair(technician: Person | None = None) -> Callable[[Life], None]:
    """The seal is opened for a repair; nothing but the verification is new."""

    def do(life: Life) -> None:
        open_seal(life, Reason.REPAIR, "display replaced", technician)
        seal_again(life, calibration(life, Purpose.AFTER_REPAIR), technician)

    return do


def break_and_clear(cause: Cause) -> Callable[[Life], None]:
    """The seal breaks, is looked into within two days, cleared and sealed again."""

    def do(life: Life) -> None:
        life.seal.tamper(cause)
        life.seal.boot(life.seal.time + life.random.randint(3_600, 2 * DAY_S))
        body = ReasonBody(Reason.TAMPER_INVESTIGATED, "cable loose, no manipulation")
        give(life, OrderKind.CLEAR, body, life.technician, life.workshop.station)
        seal_again(life, calibration(life, Purpose.AFTER_REPAIR))

    return do

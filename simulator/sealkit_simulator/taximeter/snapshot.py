"""A taximeter's whole state as JSON values, for what survives a restart."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sealkit.errors import MalformedError, SealkitError
from sealkit.meter import layouts
from sealkit.meter.bodies import FareParameters, Record, TripRecord
from sealkit.meter.fares import FareComputer
from sealkit.meter.resolution import DistanceRounding
from sealkit.meter.tariff import CityRules, Tariff, TripKind
from sealkit_simulator.taximeter.engine import MeterEngine, RunningTrip
from sealkit_simulator.taximeter.measuring import MeterClock, PulseScale
from sealkit_simulator.taximeter.totals import Shift, Totalisers

if TYPE_CHECKING:
    from sealkit_simulator.taximeter.device import Taximeter

SCHEMA: Final = "sealkit.simulator.taximeter/2"

_COMPUTER_FIELDS: Final = (
    "hired_at_ms", "distance_mm", "elapsed_ms", "waiting_ms", "charged_millifen",
)  # fmt: skip


def take(meter: Taximeter) -> dict[str, Any]:
    """The state of a meter."""
    return {
        "schema": SCHEMA,
        "status": layouts.STATUS.build(meter.status).hex(),
        "fare": _fare_text(meter.fare),
        "pending_fare": _fare_text(meter.pending_fare),
        "charged_fare": _fare_text(meter.charged_fare),
        "told_k": meter.told_k,
        "trips": [layouts.TRIP_RECORD.build(trip).hex() for trip in meter.trips.values()],
        "unreported": [_record_text(record) for record in meter.unreported],
        "silent": meter.silent,
        "rounding": meter.rounding.value,
        "running_ms": meter.running_ms,
        "engine": _engine_state(meter.engine),
    }


def restore(kind: type[Taximeter], stored: dict[str, Any]) -> Taximeter:
    """The meter of that state. Raises MalformedError METER_BAD_SNAPSHOT."""
    try:
        if stored["schema"] != SCHEMA:
            raise ValueError(stored["schema"])
        meter = kind(
            status=layouts.STATUS.parse(bytes.fromhex(stored["status"])),
            fare=layouts.FARE_PARAMETERS.parse(bytes.fromhex(stored["fare"])),
            trips=tuple(layouts.TRIP_RECORD.parse(bytes.fromhex(trip)) for trip in stored["trips"]),
            silent=bool(stored["silent"]),
            rounding=DistanceRounding(stored["rounding"]),
        )
        meter.pending_fare = _fare(stored["pending_fare"])
        meter.charged_fare = _fare(stored["charged_fare"])
        meter.told_k = stored["told_k"] and int(stored["told_k"])
        meter.running_ms = int(stored["running_ms"])
        meter.report_again(map(_record, stored["unreported"]))
        meter.engine = _engine(stored["engine"])
    except (SealkitError, KeyError, TypeError, ValueError) as error:
        raise MalformedError(
            "METER_BAD_SNAPSHOT",
            f"The stored state of the simulated taximeter cannot be read: {error}.",
            "Start the simulator with another directory.",
        ) from error
    return meter


def _engine_state(engine: MeterEngine) -> dict[str, Any]:
    clock = engine.clock
    return {
        "scale": asdict(engine.scale),
        "clock": [_time_text(clock.set_to), clock.elapsed_ms],
        "totals": asdict(engine.totals),
        "city": asdict(engine.city),
        "shift": engine.shift
        and asdict(engine.shift) | {"on_time": _time_text(engine.shift.on_time)},
        "trip": engine.trip and _trip_state(engine.trip),
        "empty_mm": engine.empty_mm,
        "between_mm": engine.between_mm,
    }


def _engine(stored: dict[str, Any]) -> MeterEngine:
    set_to, elapsed_ms = stored["clock"]
    engine = MeterEngine(
        PulseScale(**stored["scale"]),
        MeterClock(_time(set_to), int(elapsed_ms)),
        Totalisers(**stored["totals"]),
        CityRules(**stored["city"]),
    )
    shift = stored["shift"]
    engine.shift = shift and Shift(**shift | {"on_time": _time(shift["on_time"])})
    engine.trip = stored["trip"] and _trip(stored["trip"], engine.city)
    engine.empty_mm = int(stored["empty_mm"])
    engine.between_mm = int(stored["between_mm"])
    return engine


def _trip_state(trip: RunningTrip) -> dict[str, Any]:
    computer = trip.computer
    return {
        "fare": _fare_text(trip.fare),
        "kind": computer.kind.value,
        "computer": {name: getattr(computer, name) for name in _COMPUTER_FIELDS},
        "hired_at": trip.hired_at.isoformat(),
        "empty_mm": trip.empty_mm,
        "window_mm": trip.window_mm,
        "window_ms": trip.window_ms,
    }


def _trip(stored: dict[str, Any], city: CityRules) -> RunningTrip:
    fare = layouts.FARE_PARAMETERS.parse(bytes.fromhex(stored["fare"]))
    return RunningTrip(
        fare,
        FareComputer(Tariff.of(fare, city), TripKind(stored["kind"]), **stored["computer"]),
        datetime.fromisoformat(stored["hired_at"]),
        int(stored["empty_mm"]),
        int(stored["window_mm"]),
        int(stored["window_ms"]),
    )


def _record_text(record: Record) -> list[str]:
    """Whether it is a trip or a shift, and its bytes."""
    if isinstance(record, TripRecord):
        return ["trip", layouts.TRIP_RECORD.build(record).hex()]
    return ["shift", layouts.SIGNED_OFF.build(record).hex()]


def _record(text: list[str]) -> Record:
    kind, raw = text
    data = bytes.fromhex(raw)
    return layouts.TRIP_RECORD.parse(data) if kind == "trip" else layouts.SIGNED_OFF.parse(data)


def _fare_text(fare: FareParameters | None) -> str | None:
    return None if fare is None else layouts.FARE_PARAMETERS.build(fare).hex()


def _fare(text: str | None) -> FareParameters | None:
    return None if text is None else layouts.FARE_PARAMETERS.parse(bytes.fromhex(text))


def _time_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

"""The vehicles: plate, meter, K, tyres, and the city's tariffs that their meters show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from random import Random
from typing import Final

from sealkit.meter.layouts import FARE_FIELDS, FARE_PARAMETERS
from sealkit.rules.parameters import watch_mask
from sealkit.rules.supervision import MeterLook
from sealkit_simulator.city.plan import AUTUMN_DAY, SPRING_DAY, CityPlan
from sealkit_simulator.taximeter.factory import SHANGHAI_FARE

LOCAL: Final = timezone(timedelta(hours=8))
MASK: Final = watch_mask(
    field.name not in ("reserved", "vendor_area")
    for field in FARE_FIELDS
    for _ in range(field.size)
)
_PRICES_FEN: Final = (260, 270, 280)
"""By day, a kilometre: before spring, until autumn, afterwards."""
_WORN: Final = 0.012
"""How far K of honest vehicles lies from that of their meter's model."""


@dataclass(frozen=True, slots=True)
class Model:
    """A type of meter. code: vendor and type of the device number. k: pulses per kilometre."""

    name: str
    code: str
    hardware: int
    software: bytes
    k: int


MODELS: Final = (
    Model("TX-36", "0102", 3, b"\x02\x07", 1_000),
    Model("TX-40", "0103", 1, b"\x01\x02", 1_200),
    Model("DF-8", "0211", 5, b"\x03\x01", 880),
    Model("QM-905", "0305", 2, b"\x01\x09", 2_400),
)


@dataclass(frozen=True, slots=True)
class Car:
    """A vehicle with its meter. tariffs: the fare parameters of the year, 127 bytes each;
    shown: which of them the meter shows."""

    plate: str
    vin: str
    model: Model
    device: bytes
    k: int
    circumference_um: int
    tariffs: tuple[bytes, ...]
    shown: int = 0

    @property
    def fare(self) -> bytes:
        return self.tariffs[self.shown]

    @property
    def meter_plate(self) -> str:
        """The meter's form of the plate: without the province's character and the dot."""
        return self.plate[1:].replace("·", "")

    @property
    def look(self) -> MeterLook:
        """What the seal sees of the meter."""
        model = self.model
        return MeterLook(self.device, model.hardware, model.software, self.meter_plate, self.fare)

    def switched(self) -> Car:
        """The next tariff holds."""
        return replace(self, shown=self.shown + 1)

    def with_new_tyres(self, factor: float) -> Car:
        """Tyres so much larger, and K as measured anew."""
        return replace(
            self,
            k=round(self.k / factor),
            circumference_um=round(self.circumference_um * factor),
        )

    def with_plate(self, number: int) -> Car:
        """The same meter in another vehicle."""
        return replace(self, plate=_plate(number), vin=_vin(number))


def draw_car(
    plan: CityPlan, random: Random, number: int, *, k_factor: float = 1.0, dearer_fen: int = 0
) -> Car:
    """The vehicle of this number. k_factor and dearer_fen: how K and price are unlike the rest."""
    model = random.choice(MODELS)
    return Car(
        plate=_plate(number),
        vin=_vin(number),
        model=model,
        device=bytes.fromhex(f"{model.code}{number:06d}"),
        k=round(model.k * k_factor * random.uniform(1 - _WORN, 1 + _WORN)),
        circumference_um=random.randint(1_955_000, 1_995_000),
        tariffs=city_tariffs(plan, dearer_fen),
    )


@lru_cache(maxsize=4)
def city_tariffs(plan: CityPlan, dearer_fen: int = 0) -> tuple[bytes, ...]:
    """The fare parameters of the city, as they follow one another in its year."""
    days = (-200, SPRING_DAY, AUTUMN_DAY)
    return tuple(
        _fare(plan.day(day), price + dearer_fen)
        for day, price in zip(days, _PRICES_FEN, strict=True)
    )


def _fare(enabled: int, price_fen: int) -> bytes:
    moment = datetime.fromtimestamp(enabled, LOCAL)
    return FARE_PARAMETERS.build(
        replace(
            SHANGHAI_FARE,
            enable_time=moment.replace(minute=0, second=0, microsecond=0, tzinfo=None),
            day_round_trip_price_fen_per_km=price_fen,
            night_round_trip_price_fen_per_km=price_fen * 13 // 10,
        )
    )


def _plate(number: int) -> str:
    return f"沪{'ABCDEFGH'[number // 100_000 % 8]}·{number % 100_000:05d}"


def _vin(number: int) -> str:
    return f"LSVAA4187E{number:07d}"

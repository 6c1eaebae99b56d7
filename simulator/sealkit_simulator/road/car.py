"""A car: what of a vehicle lasts from one drive to the next. Wheel, sensor, second source."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from sealkit_simulator.road.motion import MotionKind, MotionSource
from sealkit_simulator.road.sensor import PulseSensor
from sealkit_simulator.road.wheel import Wheel, rolling_circumference_um

_WORN_PPM: Final = 8_000
"""How much of its circumference a tyre has lost at most when it is first met: 8 in 1,000."""


@dataclass(slots=True)
class Car:
    """A wheel that turns a sensor, and a source that tells the speed in another way."""

    tyre_size: str
    wheel: Wheel
    sensor: PulseSensor
    motion: MotionSource

    @property
    def pulses_per_1000_km(self) -> int:
        """Pulses in 1,000 km travelled: a thousand times the K that a bench would find now."""
        rolled = self.sensor.pulses_per_1000_km(self.wheel.circumference_um)
        return rolled * 1_000_000 // (1_000_000 - self.wheel.slip_ppm)

    def k_for(self, error_ppm: int) -> int:
        """The K (pulses/km) with which a meter in this car errs by so many millionths now.

        A meter that needs fewer pulses for a kilometre shows more kilometres: error above 0.
        """
        per_km = 1_000 * (1_000_000 + error_ppm)
        return (self.pulses_per_1000_km * 1_000_000 + per_km // 2) // per_km


def draw_car(
    random: Random,
    *,
    k: int = 1_000,
    tyre_size: str = "195/65R15",
    motion: MotionKind = MotionKind.GNSS,
) -> Car:
    """A car as it may be met: a tyre somewhat worn, a sensor that makes about k pulses a km."""
    circumference = rolling_circumference_um(tyre_size)
    sensor = PulseSensor(
        f"S-{random.randrange(1_000_000):06}",
        circumference * k // 1_000,
        jitter_permille=random.randint(5, 20),
        uneven_permille=random.randint(1, 8),
    )
    worn = circumference * random.randrange(_WORN_PPM) // 1_000_000
    wheel = Wheel(circumference - worn, slip_ppm=random.randint(200, 2_000))
    source = MotionSource(
        motion,
        noise_mm_per_s=random.randint(60, 200),
        bias_ppm=random.randint(-2_000, 2_000),
        gaps_per_hour=random.randint(0, 8),
    )
    return Car(tyre_size, wheel, sensor, source)

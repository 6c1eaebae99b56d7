"""Where the city's stations are, and cities that are far from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees, WGS 84."""

    name: str
    latitude: float
    longitude: float


DISTRICTS: Final = (
    Place("Pudong", 31.221, 121.544),
    Place("Minhang", 31.113, 121.382),
    Place("Baoshan", 31.405, 121.489),
    Place("Jiading", 31.375, 121.265),
    Place("Songjiang", 31.032, 121.228),
    Place("Putuo", 31.250, 121.396),
    Place("Xuhui", 31.188, 121.437),
    Place("Yangpu", 31.260, 121.526),
)
FAR: Final = (
    Place("Chengdu", 30.573, 104.066),
    Place("Harbin", 45.803, 126.535),
    Place("Guangzhou", 23.129, 113.264),
)
"""More than 1,200 km away, each of them."""

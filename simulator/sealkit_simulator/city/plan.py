"""How big a city is, and when what happens in its year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.errors import UsageError

DAY_S: Final = 86_400
YEAR_DAYS: Final = 365
SEALS_MAX: Final = 100_000
RECORDS_MIN, RECORDS_MAX = 30, 4_000
_UNTIL_MIN: Final = 2_000_000_000 - 1_000_000_000  # 2001: before that no credential is of now

SPRING_DAY: Final = 85
AUTUMN_DAY: Final = 290
"""When the city's tariffs change."""
REVOKED_DAY: Final = 300
"""When a technician's card is revoked."""


@dataclass(frozen=True, slots=True)
class CityPlan:
    """seals: how many; records: the fewest that a seal writes in its year, both chains together.

    planted: how many faults are played, by turns of every kind. until: when the year ends, seconds
    since 1970.
    """

    seals: int
    seed: int
    until: int
    records: int = 1_000
    planted: int = 40
    suite: str = "p256"

    def __post_init__(self) -> None:
        """Errors: `UsageError` CITY_PLAN."""
        for name, least, most in (
            ("seals", 1, SEALS_MAX),
            ("records", RECORDS_MIN, RECORDS_MAX),
            ("planted", 0, self.seals // 2),
            ("until", _UNTIL_MIN, 1 << 40),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(
                    "CITY_PLAN",
                    f"A city with {name} of {value} cannot be made.",
                    f"Choose {name} from {least} to {most}.",
                )

    @property
    def start(self) -> int:
        """When the year begins, seconds since 1970."""
        return self.until - YEAR_DAYS * DAY_S

    @property
    def revoked_at(self) -> int:
        return self.day(REVOKED_DAY)

    def day(self, number: float) -> int:
        """A moment of the year, seconds since 1970."""
        return self.start + int(number * DAY_S)

    @property
    def careless(self) -> int:
        """How many technicians seal so badly that their seals break unusually often."""
        return max(1, self.seals // 1_000)

    @property
    def outliers(self) -> int:
        """How many seals have a K, and how many a tariff, unlike others of their model."""
        return max(1, self.seals // 250)

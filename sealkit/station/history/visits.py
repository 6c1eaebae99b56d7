"""What is brought to the ledger: evidence and records, and how they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sealkit.errors import UsageError
from sealkit.wire.numbers import SealNumber


@dataclass(frozen=True, slots=True)
class Place:
    """Where a submitter stands, in degrees (WGS 84)."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise UsageError(
                "PLACE_INVALID",
                f"There is no place at {self.latitude}, {self.longitude}.",
                "Give latitude from -90 to 90 and longitude from -180 to 180 degrees.",
            )


class Visit(NamedTuple):
    """How material came: when (seconds since 1970), from whom and where, beside which plate.

    submitter: whoever authenticated; place: the submitter's, not the seal's word. plate_seen: what
    the submitter read on the vehicle, None if nobody looked. seal: which one the submitter says it
    is, None if nobody said.
    """

    received: int
    submitter: str
    place: Place | None = None
    plate_seen: str | None = None
    seal: SealNumber | None = None

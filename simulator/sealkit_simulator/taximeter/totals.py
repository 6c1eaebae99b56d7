"""What a meter adds up: totalisers that never fall, and the sums of a shift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CASH = 0x00


@dataclass(slots=True)
class Totalisers:
    """Over the meter's life. Nothing here is ever reset."""

    distance_mm: int
    hired_mm: int


@dataclass(slots=True)
class Shift:
    """From sign-on to sign-off. before_mm: driven between the last shift and this one."""

    on_time: datetime | None
    before_mm: int = 0
    distance_mm: int = 0
    hired_mm: int = 0
    trips: int = 0
    waiting_ms: int = 0
    amount_fen: int = 0
    card_fen: int = 0
    card_trips: int = 0

    def add_trip(self, waiting_ms: int, amount_fen: int, payment: int) -> None:
        self.trips += 1
        self.waiting_ms += waiting_ms
        self.amount_fen += amount_fen
        if payment != CASH:
            self.card_trips += 1
            self.card_fen += amount_fen

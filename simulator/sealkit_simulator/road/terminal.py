"""The in-car terminal at the other end of the meter's line, with what it was told."""

from __future__ import annotations

from datetime import datetime

from sealkit.meter.bodies import MeterStatus, Record, SignedOff, TripRecord
from sealkit.meter.terminal import Driver, Terminal


class InCarTerminal:
    """trips, shifts: the records that it took, in the order in which they came."""

    def __init__(self, meter: MeterStatus) -> None:
        """meter: who drives by it, which the terminal then agrees to."""
        self.trips: list[TripRecord] = []
        self.shifts: list[SignedOff] = []
        driver = Driver(meter.company_licence, meter.driver_certificate, meter.plate)
        self._terminal = Terminal(driver, self._take)

    def receive(self, data: bytes, now: datetime) -> bytes:
        """What the terminal says to these bytes of the meter. now: local time."""
        return self._terminal.receive(data, now)

    def _take(self, record: Record) -> None:
        if isinstance(record, TripRecord):
            self.trips.append(record)
        else:
            self.shifts.append(record)

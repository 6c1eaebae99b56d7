"""Faults of chapter 11: what is watched, and what is made of it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sealkit.wire.registry import Cause
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)
_SUPERVISION: Final = "sealkit_simulator.supervision"


def _overlooks(patch: pytest.MonkeyPatch, cause: Cause) -> None:
    """The comparison with the meter does not see this cause."""

    def faulty(original: Any, device: Any) -> Any:
        return [found for found in original(device) if found.cause is not cause]

    around(patch, f"{_SUPERVISION}:_differences", faulty)


@fault("W-3", "A changed fare in the meter is not noticed.")
def overlooks_a_changed_fare(patch: pytest.MonkeyPatch) -> None:
    _overlooks(patch, Cause.FARE_PARAMETERS_CHANGED)


@fault("W-3", "Another meter on the line is not noticed.")
def overlooks_another_meter(patch: pytest.MonkeyPatch) -> None:
    _overlooks(patch, Cause.METER_IDENTITY_CHANGED)


@fault("W-3", "A changed software version is not noticed.")
def overlooks_other_software(patch: pytest.MonkeyPatch) -> None:
    _overlooks(patch, Cause.METER_SOFTWARE_CHANGED)


@fault("W-2", "A meter that stays silent is no cause of anything.")
def overlooks_a_silent_meter(patch: pytest.MonkeyPatch) -> None:
    _overlooks(patch, Cause.METER_SILENT)


@fault("W-2", "The flag of a silent meter is raised only after thirty looks.")
def calls_a_meter_silent_too_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.meter_watch._SILENT_AFTER", 30)


@fault("W-1", "The meter is looked at ten times less often than the set says.")
def looks_too_seldom(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, watch: Any, tick: int, clock: int, interval: int) -> Any:
        return original(watch, tick, clock, 10 * interval)

    around(patch, "sealkit_simulator.meter_watch:MeterWatch.poll", faulty)


@fault("W-4", "A change that a look shows is recorded at the next look only.")
def records_changes_at_the_next_look(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> Any:
        if device.clock.tick_ms - device.watch.looked_at < 20_000:
            return [f for f in original(device) if f.cause is Cause.CASE_OPENED]
        return original(device)

    around(patch, f"{_SUPERVISION}:_differences", faulty)


@fault("W-10", "Pulses come faster than a car can drive, and nobody minds.")
def overlooks_an_injector(patch: pytest.MonkeyPatch) -> None:
    _overlooks(patch, Cause.PULSE_RATE)


@fault("W-12", "Pulses while the second source stands still are not noticed.")
def overlooks_pulses_while_standing(patch: pytest.MonkeyPatch) -> None:
    _overlooks(patch, Cause.STANDING_MOTION)


@fault("W-7", "A K that does not fit the trips is not noticed.")
def overlooks_another_k(patch: pytest.MonkeyPatch) -> None:
    _overlooks(patch, Cause.K_MISMATCH)


@fault("W-15", "Trips that are missing are not noticed.")
def overlooks_missing_trips(patch: pytest.MonkeyPatch) -> None:
    _overlooks(patch, Cause.TRIPS_MISSING)


@fault("M-1", "A request of the greatest size does not fit into its buffers.", also=("L-2",))
def has_too_small_a_buffer(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, seal: Any, payload: bytes) -> Any:
        return None if len(payload) > 1024 else original(seal, payload)

    around(patch, "sealkit_simulator.seal:SimulatedSeal.handle", faulty)

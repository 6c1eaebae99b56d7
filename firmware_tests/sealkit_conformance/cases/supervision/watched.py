"""A seal that watches the suite's own meter, with the one check that a case is about."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from sealkit.meter.commands import Command
from sealkit.wire.records import TamperRecord, parse_record_body
from sealkit.wire.registry import Attachment, Cause, Chain, OrderKind, Rounding, State
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend
from sealkit_conformance.bench.meter import ConformanceMeter, Trip, trip_ended
from sealkit_conformance.subject.seal import SealUnderTest

K: Final = 1_000
"""Pulses per km of these cases: one pulse is one metre."""
LOOK_MS: Final = 1_000
ALL: Final = sum(Attachment)
NOTHING: Final[dict[str, Any]] = {
    "attachments": ALL,
    "look_interval_ms": LOOK_MS,
    "silence_limit_ms": 0,
    "pulse_rate_max_hz": 0,
    "acceleration_max_mm_s2": 0,
    "k_tolerance_ppm": 0,
    "k_window_m": 0,
    "rounding": Rounding.ROUNDS,
    "standing_limit_m": 0,
    "motion_tolerance_ppm": 0,
    "motion_limit_m": 0,
    "meter_clock_tolerance_s": 0,
    "k_pulses_per_km": K,
}
"""A set of which every check is off that can be."""


class Watched:
    """The seal was open. It is sealed with NOTHING, changed by `fields`.

    meter: on the seal's own line.
    """

    def __init__(self, seal: SealUnderTest, bench: Backend, **fields: Any) -> None:
        self.seal = seal
        self.bench = bench
        self.meter = ConformanceMeter(bench.meter())
        bench.script_meter(self.meter.answer)
        seal.see_meter()
        self.seal_again(**fields)
        if fields.get("attachments", ALL) & Attachment.OWN_LINE:
            self.look(limit_ms=100_000)  # from here on trips are counted

    def seal_again(self, **fields: Any) -> None:
        """SEAL by two people, with all groups."""
        body = self.seal.orders().set_body(**{**NOTHING, **fields})
        self.seal.give(OrderKind.SEAL, body=body)

    # What happens.

    def look(self, times: int = 1, limit_ms: int = 20_000) -> None:
        """Waits until the seal has looked at the meter so many times more."""
        due = self.meter.asked[Command.READ_FARE] + times
        if not self.seal.wait_until(lambda: self.meter.asked[Command.READ_FARE] >= due, limit_ms):
            expect.fail("W-1", f"the seal does not look {times} times in {limit_ms} ms")
        self.bench.pass_time(100)

    def drive_trip(self, trip: Trip, pulses: int) -> None:
        """Pulses, and a trip that the meter tells afterwards, on the own line."""
        self.bench.pulses(pulses)
        self.meter.tell(trip)
        self.look()

    def tap_trip(self, trip: Trip, pulses: int) -> None:
        """The same on the terminal's line."""
        self.bench.pulses(pulses)
        self.bench.say_to_terminal(trip_ended(trip))
        self.bench.pass_time(250)

    def trips(self, metered_m: int, empty_m: int = 0) -> Iterator[Trip]:
        """Trips that follow one another, with the clock right, each another than the one before."""
        for number in count(self.meter.total_trips + 1):
            now = self.bench.now()
            yield Trip(number, metered_m, empty_m, now - 600, now, 1_000 + number % 500 * 10)

    # What the seal makes of it.

    @property
    def causes(self) -> set[Cause]:
        """Latched."""
        latched = self.seal.status().latched_causes
        return {cause for cause in Cause if latched & 1 << (cause - 1)}

    @property
    def live(self) -> set[Cause]:
        live = self.seal.status().live_causes
        return {cause for cause in Cause if live & 1 << (cause - 1)}

    def calm(self, clause: str, what: str) -> None:
        """Nothing is found."""
        status = self.seal.status()
        told = (status.state, status.latched_causes, status.live_causes)
        if told != (State.SEALED, 0, 0):
            names = ", ".join(sorted(c.name.lower() for c in self.causes | self.live)) or "nothing"
            expect.fail(clause, f"{what}: the seal is {status.state.name} and has found {names}")

    def alarm(self, clause: str, cause: Cause, what: str) -> TamperRecord:
        """This cause alone is live and latched by one record; gives that."""
        status = self.seal.status()
        bit = 1 << (cause - 1)
        due = {"state": State.TAMPERED, "latched_causes": bit}
        expect.fields_of(clause, status, due, f"{what}: {cause.name.lower()} is due")
        found = [body for body in self.tampers() if body.cause is cause]
        expect.equal("Z-1", 1, len(found), f"records of {cause.name.lower()}")
        return found[0]

    def tampers(self) -> list[TamperRecord]:
        """The tamper records of the seal's life."""
        bodies = [parse_record_body(record) for record in self.seal.log(Chain.CONTROL)]
        return [body for body in bodies if isinstance(body, TamperRecord)]


def u32s(data: bytes) -> tuple[int, ...]:
    """Numbers of four bytes each."""
    return tuple(int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4))

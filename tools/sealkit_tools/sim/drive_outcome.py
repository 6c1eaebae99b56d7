"""One fraud with one seed, from the seal's sealing to the verdict; and its row of the table."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from sealkit.appraisal import Conclusion
from sealkit.wire.registry import Severity
from sealkit_simulator.frauds import fraud_named
from sealkit_simulator.road.car import draw_car
from sealkit_simulator.road.motion import MotionKind
from sealkit_tools.sim.sealed_taxi import SealedTaxi

_FEWER: Final = "STATE_TAMPERED"
"""Says only that another finding was latched."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one fraud.

    findings: codes of what broke the seal or its evidence. after_m, after_s: how far and how long
    the fraud went on until the seal recorded it, None where only the visit found it. after_trips:
    how many trips had ended then; after_start_s: seconds since the start of the last trip, None
    before the first. audit: codes of what the audit of trips finds afterwards. travelled_m,
    seconds: the whole outing.
    """

    fraud: str
    seed: int
    verdict: str
    findings: tuple[str, ...]
    after_m: int | None
    after_s: int | None
    after_trips: int | None
    after_start_s: int | None
    audit: tuple[str, ...]
    travelled_m: int
    seconds: int

    @property
    def detected(self) -> bool:
        return self.verdict == Conclusion.BROKEN.value

    def to_dict(self) -> dict[str, Any]:
        return {
            "fraud": self.fraud,
            "seed": self.seed,
            "detected": self.detected,
            "verdict": self.verdict,
            "findings": list(self.findings),
            "after_km": None if self.after_m is None else self.after_m / 1000,
            "after_minutes": None if self.after_s is None else round(self.after_s / 60, 1),
            "after_trips": self.after_trips,
            "audit": list(self.audit),
            "driven_km": self.travelled_m / 1000,
            "driven_minutes": self.seconds // 60,
        }


def play(
    name: str,
    shifts: int,
    seed: int,
    *,
    percent: float | None = None,
    motion: MotionKind = MotionKind.GNSS,
    to_the_end: bool = False,
    audit: bool = True,
) -> Outcome:
    """Plays a fraud until the seal has recorded it, or to_the_end of so many shifts.

    percent: how strong it is, None: as its file says. On the road, before the taxi comes to the
    station, an inspector keeps evidence. Raises UsageError NO_SUCH_FRAUD.
    """
    random = Random(seed)
    scheme = fraud_named(name)(Random(-1 - seed), percent)
    taxi = SealedTaxi(draw_car(random, motion=motion), scheme, random)
    outing = taxi.outing
    outing.drive(shifts, random, until=lambda: taxi.broken and not to_the_end)
    earlier = taxi.evidence()
    verdict, first = taxi.verify([earlier])
    codes = dict.fromkeys(
        found.code
        for found in verdict.findings
        if found.severity is Severity.BROKEN and found.code != _FEWER
    )
    after_s = None if first is None else max(0, first.clock - outing.started_at)
    return Outcome(
        fraud=name,
        seed=seed,
        verdict=verdict.conclusion.value,
        findings=tuple(codes),
        after_m=None if first is None else outing.travelled_m_at(first.clock),
        after_s=after_s,
        after_trips=None if after_s is None else bisect_right(outing.trip_ends, after_s),
        after_start_s=_since_last(outing.trip_starts, after_s),
        audit=taxi.audit() if audit else (),
        travelled_m=outing.travelled_m,
        seconds=outing.seconds,
    )


def _since_last(moments: Sequence[int], now: int | None) -> int | None:
    """Seconds from the last of some moments, in order, to now."""
    before = 0 if now is None else bisect_right(moments, now)
    return now - moments[before - 1] if now is not None and before else None


def nearly_all(caught: int, runs: int) -> bool:
    """At least 99 of 100: what counts as detected."""
    return 100 * caught >= 99 * runs


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of frauds: the outcomes of one fraud with many seeds."""

    fraud: str
    outcomes: Sequence[Outcome]

    @property
    def caught(self) -> int:
        return sum(outcome.detected for outcome in self.outcomes)

    @property
    def detected(self) -> bool:
        """In nearly all runs."""
        return nearly_all(self.caught, len(self.outcomes))

    @property
    def undetectable(self) -> str:
        """Why it is not, by its file; empty where it should be."""
        return fraud_named(self.fraud).undetectable

    @property
    def findings(self) -> tuple[str, ...]:
        """Codes, the most frequent first."""
        return _frequent(outcome.findings for outcome in self.outcomes)

    @property
    def audit(self) -> tuple[str, ...]:
        return _frequent(outcome.audit for outcome in self.outcomes)

    def quantile(self, name: str, of_100: int) -> float | None:
        """So many of 100 detections came no later: after_m or after_s."""
        values = sorted(v for o in self.outcomes if (v := getattr(o, name)) is not None)
        return values[(len(values) - 1) * of_100 // 100] if values else None

    def to_dict(self) -> dict[str, Any]:
        def scaled(name: str, of_100: int, unit: int) -> float | None:
            value = self.quantile(name, of_100)
            return None if value is None else round(value / unit, 2)

        return {
            "fraud": self.fraud,
            "detected": self.detected,
            "findings": list(self.findings),
            "runs": len(self.outcomes),
            "caught": self.caught,
            "after_km_median": scaled("after_m", 50, 1000),
            "after_km_most": scaled("after_m", 100, 1000),
            "after_minutes_median": scaled("after_s", 50, 60),
            "after_minutes_most": scaled("after_s", 100, 60),
            "audit": list(self.audit),
            "undetectable": self.undetectable,
        }


def _frequent(codes: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    counted = Counter(code for some in codes for code in some)
    return tuple(code for code, _ in counted.most_common())

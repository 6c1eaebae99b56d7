"""K, by the seal's own pulses against what the meter charges (W-6 to W-9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Final

import pytest

from sealkit.wire.records import TamperRecord
from sealkit.wire.registry import Attachment, Cause, Rounding
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.bench.meter import SIGNED_OFF, SIGNED_ON, Trip, signed_off, trip_ended
from sealkit_conformance.cases.supervision.watched import ALL, K, Watched, u32s
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.model.excess import BothWays
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = needs(Capability.METER_SCRIPTED, Capability.TIME, Capability.PULSES)
TOLERANCE_PPM: Final = 10_000
WINDOW_M: Final = 20_000
LIMIT_M: Final = Fraction(WINDOW_M * TOLERANCE_PPM, 1_000_000)
JUDGED: Final[dict[str, Any]] = {"k_tolerance_ppm": TOLERANCE_PPM, "k_window_m": WINDOW_M}
TAP: Final = needs(Capability.TERMINAL_TAP)
LINES: Final = ["own line", pytest.param("tap", marks=TAP)]
CUT_M: Final = 50


class Meter:
    """A meter on one of its lines whose trips are judged against pulses.

    Each trip is told in multiples of 100 m, and `pulses` are what the seal counted meanwhile.
    """

    def __init__(self, seal: SealUnderTest, bench: Backend, line: str, **fields: Any) -> None:
        attachments = ALL & ~(
            Attachment.TERMINAL_TAP if line == "own line" else Attachment.OWN_LINE
        )
        self.watched = Watched(seal, bench, **{**JUDGED, "attachments": attachments, **fields})
        self.cuts = fields.get("rounding") is Rounding.CUTS
        self.k = fields.get("k_pulses_per_km", K)
        self._drive = self.watched.drive_trip if line == "own line" else self.watched.tap_trip
        self._trips = self.watched.trips(0)
        self.excess = BothWays(TOLERANCE_PPM, LIMIT_M)
        self.metres = self.pulses = self.told = 0

    def trip(self, metered_m: int, pulses: int, empty_m: int = 0) -> Fraction:
        """One trip; gives the greater excess as a part of the limit."""
        plain = next(self._trips)
        trip = Trip(plain.number, metered_m, empty_m, plain.began, plain.ended, plain.amount_fen)
        self._drive(trip, pulses)
        self.told += 1
        if self.told > 1:  # where the first began is not known
            parts = [part + CUT_M * self.cuts for part in (metered_m, empty_m) if part]
            self.excess.add(sum(parts), Fraction(pulses * 1_000, self.k))
            self.metres += sum(parts)
            self.pulses += pulses
        return self.excess.share

    def unheard_trip(self, pulses: int, *, spoilt: bool) -> None:
        """A trip of which the seal hears nothing on the tap, or bytes that it cannot read."""
        told = trip_ended(next(self._trips))
        bench = self.watched.bench
        bench.pulses(pulses)
        if spoilt:
            bench.say_to_terminal(told[:20] + b"\xff" + told[25:])
        bench.pass_time(6_000)  # until it is stored what was counted

    def first_trip(self) -> None:
        """Its end is where counting begins."""
        self.trip(5_000, 17)

    def until_found(self, trips: Iterable[tuple[int, int]], clause: str, what: str) -> TamperRecord:
        """Drives trips (metres told, pulses) until e is over the limit; nothing is found before."""
        for metered_m, pulses in trips:
            if self.trip(metered_m, pulses) > 1:
                return self.watched.alarm(clause, Cause.K_MISMATCH, what)
            self.watched.calm(clause, f"{what}, at {float(self.excess.share):.2f} of the limit")
        return expect.fail(clause, "the case drives too little")


@clause("W-7", "W-6", "R02")
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("pulses", [9_920, 10_080], ids=["less", "more"])
def test_within_the_tolerance_nothing_is_ever_found(
    opened: SealUnderTest, bench: Backend, line: str, pulses: int
) -> None:
    meter = Meter(opened, bench, line)
    meter.first_trip()
    for _ in range(20):
        meter.trip(10_000, pulses)
    meter.watched.calm("W-7", "0.8 % over 200 km, with a tolerance of 1 %")


@clause("W-6", "W-7", "R02", "R46")
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("pulses", [9_800, 10_210, 9_000, 11_200, 9_880])
def test_a_lasting_excess_is_found_as_soon_as_it_is_over_the_limit(
    opened: SealUnderTest, bench: Backend, line: str, pulses: int
) -> None:
    meter = Meter(opened, bench, line)
    meter.first_trip()
    body = meter.until_found([(10_000, pulses)] * 150, "W-6", f"{pulses} pulses for 10 km told")
    (sealed,), (inferred, basis) = u32s(body.before), u32s(body.after)
    expect.equal("W-7", K * 1_000, sealed, "the sealed K in the record, in thousandths")
    expect.equal("W-7", pulses * 100, inferred, "the K inferred, in thousandths")
    expect.equal("W-7", meter.metres, basis, "the metres that it rests on")


@clause("W-6", "W-7")
@pytest.mark.parametrize("line", LINES)
def test_noise_adds_up_to_nothing(opened: SealUnderTest, bench: Backend, line: str) -> None:
    meter = Meter(opened, bench, line)
    meter.first_trip()
    for off in (150, -150, 180, -170, -100, 160, 40, -160, 190, -190) * 2:
        meter.trip(10_000, 10_000 + off)
    meter.watched.calm("W-6", "up to 1.9 % to and fro")


@clause("W-6", "W-7")
@pytest.mark.parametrize("way", [1, -1], ids=["more", "less"])
def test_what_was_too_little_before_excuses_nothing(
    opened: SealUnderTest, bench: Backend, way: int
) -> None:
    """e begins from 0: a long stretch the other way is not set off against it."""
    meter = Meter(opened, bench, "own line")
    meter.first_trip()
    for _ in range(12):
        meter.trip(10_000, 10_000 - way * 90)
    body = meter.until_found(
        [(10_000, 10_000 + way * 220)] * 4, "W-6", "after 120 km the other way"
    )
    due = meter.excess.stretches
    metres = min(due) if way > 0 else max(due)
    expect.equal("W-6", metres, u32s(body.after)[1], "the stretches since e was last 0")


@clause("W-6", "W-7")
def test_the_record_tells_the_stretches_since_the_excess_began(
    opened: SealUnderTest, bench: Backend
) -> None:
    meter = Meter(opened, bench, "own line")
    meter.first_trip()
    for pulses in (10_000, 9_870, 10_190):
        meter.trip(10_000, pulses)
    trips = [(10_000, 9_750), (8_000, 7_700), (10_000, 9_700)]
    body = meter.until_found(trips, "W-6", "too much is charged")
    metres, driven = meter.excess.stretches
    inferred, basis = u32s(body.after)
    expect.equal("W-6", metres, basis, "the metres that K rests on")
    expect.equal("W-6", int(driven * 1_000 * K / metres), inferred, "K inferred, in thousandths")


@clause("W-7")
@pytest.mark.parametrize("k", [500, 3_337, 65_535])
def test_pulses_are_taken_by_the_sealed_k(opened: SealUnderTest, bench: Backend, k: int) -> None:
    meter = Meter(opened, bench, "own line", k_pulses_per_km=k)
    meter.first_trip()
    for _ in range(8):
        meter.trip(9_000, 9 * k)
    meter.watched.calm("W-7", f"honest trips with K {k}")
    meter.until_found([(9_000, 9 * k * 97 // 100)] * 4, "W-7", f"3 % more is charged, K {k}")


@clause("W-7")
@pytest.mark.parametrize("line", LINES)
def test_empty_distance_counts_as_well(opened: SealUnderTest, bench: Backend, line: str) -> None:
    """m is metered and empty distance."""
    meter = Meter(opened, bench, line)
    meter.first_trip()
    for _ in range(6):
        meter.trip(6_000, 10_000, empty_m=4_000)
    meter.watched.calm("W-7", "metered and empty distance together are what was driven")


@clause("W-7", "W-8", "P-11")
@pytest.mark.parametrize("line", LINES)
def test_to_a_meter_that_cuts_fifty_metres_are_added_for_each_part(
    opened: SealUnderTest, bench: Backend, line: str
) -> None:
    meter = Meter(opened, bench, line, rounding=Rounding.CUTS)
    meter.first_trip()
    for _ in range(15):
        meter.trip(1_200, 2_100, empty_m=800)
        meter.trip(2_000, 2_050)
        meter.trip(0, 850, empty_m=800)
    meter.watched.calm("W-8", "50 m for each part that is not zero")
    meter.until_found([(2_000, 2_000)] * 30, "W-8", "told what was driven, by a meter that cuts")


@clause("W-8", "W-7", "P-11")
def test_to_a_meter_that_rounds_nothing_is_added(opened: SealUnderTest, bench: Backend) -> None:
    meter = Meter(opened, bench, "own line", rounding=Rounding.ROUNDS)
    meter.first_trip()
    meter.until_found([(2_000, 2_050)] * 30, "W-8", "50 m more are driven than told in each trip")


@clause("P-11", "W-7")
@pytest.mark.parametrize("off", JUDGED)
def test_k_needs_both_of_its_thresholds(opened: SealUnderTest, bench: Backend, off: str) -> None:
    meter = Meter(opened, bench, "own line", **{off: 0})
    meter.first_trip()
    for _ in range(4):
        meter.trip(10_000, 14_000)
    meter.watched.calm("P-11", f"40 % over 40 km, and {off} is 0")


@clause("W-7")
def test_where_the_first_trip_began_is_not_known(opened: SealUnderTest, bench: Backend) -> None:
    meter = Meter(opened, bench, "own line")
    meter.trip(5_000, 400_000)
    meter.watched.calm("W-7", "the end of the first trip after SEAL")
    told = opened.evidence()
    expect.equal("E-5", (0, 0), (told.k_basis_m, told.k_inferred_milli), "nothing is known yet")
    expect.equal("E-5", 1, told.trips_seen, "the trips told")


@clause("E-5", "W-7")
@pytest.mark.parametrize("line", LINES)
def test_evidence_tells_k_as_inferred(opened: SealUnderTest, bench: Backend, line: str) -> None:
    """And halves what it rests on when that reaches twice the window."""
    meter = Meter(opened, bench, line)
    meter.first_trip()
    basis = pulses = 0
    for number, driven in enumerate((10_050, 9_960, 10_010, 9_990, 10_040, 10_020), start=2):
        meter.trip(10_000, driven)
        basis, pulses = basis + 10_000, pulses + driven
        if basis >= 2 * WINDOW_M:
            basis, pulses = basis // 2, pulses // 2
        due = {
            "k_basis_m": basis,
            "k_inferred_milli": pulses * 1_000_000 // basis,
            "trips_seen": number,
        }
        expect.fields_of("E-5", opened.evidence(), due, f"after trip {number}")


# What starts at the next end anew.


def _signed_off(meter: Meter) -> None:
    meter.watched.meter.work_state = SIGNED_OFF
    meter.watched.look(2)
    meter.watched.bench.pulses(7_000)
    meter.watched.meter.work_state = SIGNED_ON
    meter.watched.look(2)
    meter.trip(3_000, 3_000)


def _forced_off(meter: Meter) -> None:
    meter.watched.meter.work_state = 0x11
    meter.watched.look(2)
    meter.watched.bench.pulses(7_000)
    meter.watched.meter.work_state = 0x10
    meter.watched.look(2)
    meter.trip(3_000, 3_000)


def _empty_end(meter: Meter) -> None:
    meter.trip(3_000, 900_000, empty_m=999_900)


def _bytes_lost(meter: Meter) -> None:
    meter.unheard_trip(7_000, spoilt=True)
    meter.trip(3_000, 3_000)


def _power_away(meter: Meter) -> None:
    meter.unheard_trip(7_000, spoilt=False)
    meter.watched.seal.restart(600)
    meter.trip(3_000, 3_000)


UNHEARD: Final = {"lost bytes": _bytes_lost, "a power cut": _power_away}
ANEW: Final = {
    "signed off": _signed_off,
    "forced off": _forced_off,
    "an empty distance of 999.9": _empty_end,
}


@clause("W-7")
@pytest.mark.parametrize("what", ANEW)
def test_what_is_not_counted_starts_at_the_next_end_anew(
    opened: SealUnderTest, bench: Backend, what: str
) -> None:
    starts_anew(Meter(opened, bench, "own line"), ANEW[what], what)


@clause("W-7", "W-15")
@TAP
@pytest.mark.parametrize(
    "what", ["lost bytes", pytest.param("a power cut", marks=needs(Capability.POWER))]
)
def test_k_is_not_compared_over_a_trip_that_was_not_heard(
    opened: SealUnderTest, bench: Backend, what: str
) -> None:
    """Its pulses were counted, its distance was told to nobody; and none is missing (W-15)."""
    starts_anew(Meter(opened, bench, "tap"), UNHEARD[what], what)


def starts_anew(meter: Meter, happen: Callable[[Meter], None], what: str) -> None:
    """What happens is not counted, whatever was counted before stays, and the next trip counts."""
    seal = meter.watched.seal
    meter.first_trip()
    meter.trip(10_000, 10_000)
    basis = seal.evidence().k_basis_m
    for _ in range(3):
        happen(meter)
    meter.watched.calm("W-7", f"after {what}")
    expect.equal("W-7", basis, seal.evidence().k_basis_m, f"what K rests on after {what}")
    meter.trip(10_000, 10_000)
    expect.equal("W-7", basis + 10_000, seal.evidence().k_basis_m, "the next trip counts again")
    meter.excess = BothWays(TOLERANCE_PPM, LIMIT_M)
    meter.until_found([(10_000, 9_500)] * 4, "W-7", f"a fraud after {what}")


@clause("W-7", "W-15")
@TAP
def test_a_trip_that_is_told_again_counts_once(opened: SealUnderTest, bench: Backend) -> None:
    """By either line, or both."""
    watched = Watched(opened, bench, **JUDGED)
    trips = watched.trips(10_000)
    for _ in range(6):
        trip = next(trips)
        watched.meter.tell(trip)
        watched.tap_trip(trip, 10_000)
        bench.say_to_terminal(trip_ended(trip, again=True))
        watched.look(2)
    watched.calm("W-7", "each trip was heard three times")
    told = opened.evidence()  # 50 km, of which 20 were taken off at twice the window
    expect.equal("E-5", (30_000, 6), (told.k_basis_m, told.trips_seen), "counted")


@clause("W-7")
def test_two_trips_between_two_looks_are_judged_together(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench, look_interval_ms=5_000, **JUDGED)
    trips = watched.trips(6_000)
    watched.drive_trip(next(trips), 17)
    for pulses in (12_000, 12_050, 11_950, 12_000):
        watched.meter.tell(next(trips))
        watched.drive_trip(next(trips), pulses)
        watched.look(3, limit_ms=60_000)
    watched.calm("W-7", "two trips of 6 km in each 12 km")
    expect.equal("E-5", 9, opened.evidence().trips_seen, "the trips told")


# W-9.


@clause("W-9", "R02")
@TAP
@pytest.mark.parametrize("again", [False, True], ids=["00E4", "00F1"])
@pytest.mark.parametrize("told", [K - 1, K + 1, K // 2, 9_999])
def test_k_in_t6_has_to_be_the_sealed_one(
    opened: SealUnderTest, bench: Backend, told: int, again: bool
) -> None:
    watched = Watched(opened, bench, **JUDGED)
    for k in (K, told):
        bench.say_to_terminal(signed_off(k, 5_000_000, bench.now(), again=again))
        bench.pass_time(500)
        if k == K:
            watched.calm("W-9", "T6 tells the sealed K")
    body = watched.alarm("W-9", Cause.K_MISMATCH, f"T6 tells {told}")
    expect.equal("W-9", (K * 1_000,), u32s(body.before), "the sealed K in the record")
    expect.equal("W-9", (told * 1_000, 0), u32s(body.after), "K as T6 tells it, and no metres")


@clause("W-9")
@TAP
@pytest.mark.parametrize("k", [10_000, 65_535])
def test_a_k_of_five_digits_is_not_judged_by_t6(
    opened: SealUnderTest, bench: Backend, k: int
) -> None:
    watched = Watched(opened, bench, k_pulses_per_km=k, **JUDGED)
    for told in (k % 10_000, 1_000, 9_999):
        bench.say_to_terminal(signed_off(told, 5_000_000, bench.now()))
    bench.pass_time(500)
    watched.calm("W-9", f"the sealed K is {k}")


def shifts(watched: Watched, distances: Iterable[tuple[int, int]]) -> bool:
    """Sign-offs after so many metres of the meter's life and so many pulses; whether W-6 is met."""
    excess = BothWays(TOLERANCE_PPM, LIMIT_M)
    lifetime = 5_000_000
    watched.bench.say_to_terminal(signed_off(K, lifetime, watched.bench.now()))
    for metres, pulses in distances:
        watched.bench.pulses(pulses)
        lifetime += metres
        watched.bench.say_to_terminal(signed_off(K, lifetime, watched.bench.now()))
        watched.bench.pass_time(500)
        excess.add(metres, Fraction(pulses * 1_000, K))
        if excess.share > 1:
            return True
        watched.calm("W-9", f"at {float(excess.share):.2f} of the limit")
    return False


@clause("W-9", "W-6", "R02")
@TAP
@pytest.mark.parametrize("pulses", [9_700, 10_400, 9_860])
def test_lifetime_distances_are_compared_with_pulses(
    opened: SealUnderTest, bench: Backend, pulses: int
) -> None:
    watched = Watched(opened, bench, **JUDGED)
    expect.true("W-9", shifts(watched, [(10_000, pulses)] * 80), "the case drives enough")
    body = watched.alarm("W-9", Cause.K_MISMATCH, f"{pulses} pulses for 10 km of life")
    expect.equal("W-9", pulses * 100, u32s(body.after)[0], "K inferred, in thousandths")


@clause("W-9", "W-6")
@TAP
def test_honest_shifts_find_nothing(opened: SealUnderTest, bench: Backend) -> None:
    """Sent again (00F1, or the same once more) a sign-off is no end of another shift."""
    watched = Watched(opened, bench, **JUDGED)
    lifetime = 5_000_000
    for pulses in (17, 99_500, 100_400, 99_300, 100_700, 100_000):
        bench.pulses(pulses)
        lifetime += 100_000
        bench.say_to_terminal(signed_off(K, lifetime, bench.now()))
        bench.pulses(300)
        bench.say_to_terminal(signed_off(K, lifetime, bench.now()))
        bench.say_to_terminal(signed_off(K, lifetime, bench.now(), again=True))
        bench.pass_time(500)
        bench.say_to_terminal(signed_off(K, lifetime - 400_000, bench.now(), again=True))
        bench.pass_time(500)
    watched.calm("W-9", "up to 0.7 % to and fro, and sign-offs sent again")


@clause("W-9", "W-7")
@TAP
def test_shifts_and_trips_are_gathered_apart(opened: SealUnderTest, bench: Backend) -> None:
    """Each has two thirds of an excess: together they would be found, alone neither is."""
    watched = Watched(opened, bench, **JUDGED)
    trips = watched.trips(10_000)
    lifetime = 5_000_000
    for pulses in (17, 9_815, 9_815):  # 2 * (10,000 - 9,815 * 1.01) = 174 of 200 m
        watched.tap_trip(next(trips), pulses)
    for pulses in (0, 9_815, 9_815):
        bench.pulses(pulses)
        lifetime += 10_000 if pulses else 0
        bench.say_to_terminal(signed_off(K, lifetime, bench.now()))
        bench.pass_time(500)
    watched.calm("W-9", "87 % of the limit by trips, and as much by shifts")

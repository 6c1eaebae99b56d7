"""Each fraud is played on a short ride and does what its words say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

import pytest
from support.bench import Bench

from sealkit.errors import UsageError
from sealkit.meter.bodies import TripRecord
from sealkit.wire.registry import State
from sealkit_simulator.frauds import HONEST, fraud_named, known_frauds, words_of
from sealkit_simulator.frauds.parts.backup import image_of, solder_in
from sealkit_simulator.frauds.parts.scheme import Scheme
from sealkit_simulator.road.car import draw_car
from sealkit_simulator.road.drive import Step
from sealkit_simulator.road.sensor import PulseTrain
from sealkit_simulator.road.shift import Leg
from sealkit_simulator.road.situations import Situation
from sealkit_simulator.road.taxi import Taxi

_DAY_S = 86_400
_MORNING_S = (7 - 8) * 3_600  # of a day in UTC; seven o'clock in China
RIDE = (
    Leg(Situation.PARKED, 10, on_duty=False),
    Leg(Situation.CITY, 120),
    Leg(Situation.CITY, 300, hired=True),
    Leg(Situation.JAM, 600, hired=True),
    Leg(Situation.MOTORWAY, 300, hired=True),
    Leg(Situation.IDLE, 60),
    Leg(Situation.CITY, 300, hired=True),
    Leg(Situation.IDLE, 60),
    Leg(Situation.CITY, 300, hired=True),
    Leg(Situation.IDLE, 60),
    Leg(Situation.PARKED, 10, on_duty=False),
)


@pytest.fixture(scope="module")
def sealed() -> Bench:
    made = Bench()
    made.install_credential()
    made.seal_it()
    made.restart(_until_morning_s(made))
    return made


def _until_morning_s(bench: Bench) -> int:
    return (_MORNING_S - bench.time.chip_ms() // 1_000) % _DAY_S


class Heard:
    """What came in at the seal's inputs."""

    def __init__(self, bench: Bench) -> None:
        self.pulses = 0
        self.motion: list[int | None] = []
        self.tap = b""
        self._count = bench.vehicle.count_pulses

    def hear_pulses(self, train: PulseTrain) -> None:
        assert 0 <= train.uneven <= train.edges
        self.pulses += train.edges
        self._count(train.edges)

    def hear_tap(self, data: bytes) -> None:
        self.tap += data


@dataclass(frozen=True)
class Ride:
    """What came of a ride."""

    taxi: Taxi
    bench: Bench
    heard: Heard
    steps: list[Step]

    def hide(self) -> None:
        """What the fraud does before a visit."""
        assert isinstance(self.taxi.fraud, Scheme)
        self.taxi.fraud.before_visit(self.taxi)

    @property
    def made(self) -> int:
        return sum(step.pulses.edges for step in self.steps)

    @property
    def charged_m(self) -> int:
        return sum(trip.metered_distance_m for trip in self.stored)

    @property
    def stored(self) -> list[TripRecord]:
        return [t for n, t in self.taxi.meter.trips.items() if n > 18_403]

    @property
    def charged_fen(self) -> int:
        return sum(trip.amount_fen for trip in self.stored)

    @property
    def driven_m(self) -> int:
        return (self.taxi.meter.engine.totals.distance_mm - 312_405_700_000) // 1_000


def ride(sealed: Bench, name: str, percent: float | None = None) -> Ride:
    bench = sealed.copy()
    random, heard = Random(4), Heard(bench)
    taxi = Taxi(
        bench.vehicle,
        draw_car(random),
        fraud=fraud_named(name)(Random(2), percent),
        hear_pulses=heard.hear_pulses,
        hear_motion=heard.motion.append,
        hear_terminal_line=heard.hear_tap,
    )
    return Ride(taxi, bench, heard, list(taxi.drive(RIDE, random)))


@pytest.fixture(scope="module")
def honest(sealed: Bench) -> Ride:
    return ride(sealed, HONEST)


def test_there_are_many_and_each_is_told_in_words() -> None:
    assert len(known_frauds()) > 40
    assert len(set(known_frauds().values())) == len(known_frauds())
    for name, kind in known_frauds().items():
        assert words_of(kind), name
        assert kind.undetectable == "" or kind.undetectable.endswith("."), name


def test_nobody_knows_this_one() -> None:
    with pytest.raises(UsageError, match="magic"):
        fraud_named("magic")


def test_an_honest_ride_shows_nothing(honest: Ride) -> None:
    assert honest.made == honest.heard.pulses
    assert honest.bench.state() is State.SEALED
    assert len(honest.taxi.terminal.trips) == 3


@pytest.mark.parametrize("name", [n for n in known_frauds() if n.startswith("injector")])
def test_injectors_charge_more_kilometres(sealed: Bench, honest: Ride, name: str) -> None:
    played = ride(sealed, name)
    assert played.driven_m > honest.driven_m + 50
    assert played.charged_m > honest.charged_m
    if name != "injector-behind-tap":
        assert played.heard.pulses > played.made
    else:
        assert played.heard.pulses == played.made


@pytest.mark.parametrize("name", ["injector-proportional", "injector-smooth", "injector-burst"])
@pytest.mark.parametrize("percent", [3, 10])
def test_an_injector_adds_as_much_as_it_is_told(sealed: Bench, name: str, percent: int) -> None:
    played = ride(sealed, name, percent)
    assert played.heard.pulses / played.made == pytest.approx(1 + percent / 100, abs=0.012)


def test_choosy_injectors_are_choosy(sealed: Bench) -> None:
    for name, holds in _CHOOSY.items():
        scheme = fraud_named(name)(Random(2), 10)
        assert any(_extra(scheme, step) for step in _steps() if holds(step)), name
        assert not any(_extra(scheme, step) for step in _steps() if not holds(step)), name


_CHOOSY: dict[str, Callable[[Step], bool]] = {
    "injector-hired": lambda step: step.hired,
    "injector-coupled": lambda step: step.hired,
    "injector-smooth": lambda step: step.pulses.edges > 0,
}


def _steps() -> Iterable[Step]:
    for hired in (False, True):
        for edges in (0, 8, 25):
            yield Step(
                *(1_000, edges * 1_000, edges * 1_000, PulseTrain(edges, 0, 50_000), edges * 1_000),
                *(True, True, hired, Situation.CITY, ()),
            )


def _extra(scheme: Scheme, step: Step) -> float:
    return scheme.extra(step.pulses, step)  # type: ignore[attr-defined,no-any-return]


def test_a_deafened_seal_counts_nothing(sealed: Bench, honest: Ride) -> None:
    played = ride(sealed, "seal-deafened")
    assert played.heard.pulses == 0
    assert played.driven_m > 1.15 * honest.driven_m


def test_the_second_source_is_told_the_same_lie_or_nothing(sealed: Bench, honest: Ride) -> None:
    spoofed = ride(sealed, "injector-with-gnss-spoofed")
    true, told = (sum(filter(None, r.heard.motion)) for r in (honest, spoofed))
    assert told / true == pytest.approx(1.03, abs=0.005)
    assert set(ride(sealed, "injector-with-gnss-jammed").heard.motion) == {None}


@pytest.mark.parametrize("name", ["k-changed", "k-hidden", "k-changed-back"])
def test_k_makes_the_meter_charge_more_than_the_seal_counts(
    sealed: Bench, honest: Ride, name: str
) -> None:
    played = ride(sealed, name, 5)
    assert played.heard.pulses == honest.heard.pulses
    assert played.driven_m / honest.driven_m == pytest.approx(1.05, abs=0.005)
    (shift,) = played.taxi.terminal.shifts
    assert (shift.k_pulses_per_km == 1_000) == (name != "k-changed")
    played.hide()
    assert (played.taxi.meter.k_pulses_per_km == 1_000) == (name == "k-changed-back")


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("tyres-2", 2.04),
        ("tyres-4", 4.17),
        ("tyres-8", 8.7),
        ("gear-swapped", 6.67),
        ("sensor-dummy", 5),
    ],
)
def test_what_turns_faster_makes_more_pulses(
    sealed: Bench, honest: Ride, name: str, more: float
) -> None:
    played = ride(sealed, name)
    assert played.heard.pulses == played.made
    per_km, before = (r.made / sum(step.rolled_mm for step in r.steps) for r in (played, honest))
    assert 100 * per_km / before - 100 == pytest.approx(more, abs=0.1)


@pytest.mark.parametrize(
    "name",
    [
        "price-raised",
        "price-raised-and-back",
        "flag-fall-raised",
        "meter-software-hidden",
        "man-in-the-middle",
        "man-in-the-middle-and-back",
        "meter-line-cut",
        "power-cuts",
        "power-cut-while-recording",
        "seal-unplugged",
        "log-rolled-back",
        "clock-forward",
        "clock-back",
        "waiting-price-raised",
        "night-tariff-by-day",
    ],
)
def test_fares_are_higher(sealed: Bench, honest: Ride, name: str) -> None:
    assert ride(sealed, name).charged_fen > honest.charged_fen


@pytest.mark.parametrize("name", ["man-in-the-middle", "man-in-the-middle-and-back"])
def test_a_man_in_the_middle_is_believed(sealed: Bench, name: str) -> None:
    assert ride(sealed, name).bench.state() is State.SEALED


@pytest.mark.parametrize(
    "name", ["price-raised-and-back", "man-in-the-middle-and-back", "meter-line-cut"]
)
def test_before_the_visit_the_meter_is_as_it_was(sealed: Bench, honest: Ride, name: str) -> None:
    played = ride(sealed, name)
    assert played.taxi.meter.fare != honest.taxi.meter.fare
    played.hide()
    assert played.taxi.meter.fare == honest.taxi.meter.fare


def test_trips_are_hidden_doubled_and_altered(sealed: Bench, honest: Ride) -> None:
    told = honest.taxi.terminal.trips
    assert len(ride(sealed, "trips-hidden").taxi.terminal.trips) == 2
    doubled = ride(sealed, "trips-doubled").taxi.terminal.trips
    assert [trip.trip_number - 18_403 for trip in doubled] == [1, 2, 3, 4, 5, 6]
    for name in ("trips-altered", "trips-altered-behind-tap"):
        played = ride(sealed, name)
        altered = played.taxi.terminal.trips
        assert played.stored == honest.stored
        assert [t.amount_fen for t in altered] == [t.amount_fen // 20 * 10 for t in told]
        assert (played.heard.tap == honest.heard.tap) == (name == "trips-altered-behind-tap")


def test_meter_and_software_are_others(sealed: Bench, honest: Ride) -> None:
    before = honest.taxi.meter.status
    assert ride(sealed, "meter-replaced").taxi.meter.status.device_number != before.device_number
    changed = ride(sealed, "meter-software-changed").taxi.meter.status
    assert changed.software_minor < before.software_minor


@pytest.mark.parametrize(
    "name",
    [
        "seal-case-opened",
        "seal-unplugged",
        "power-cut-while-recording",
        "meter-replaced",
        "meter-software-changed",
        "night-tariff-by-day",
        "price-raised-and-back",
        "meter-line-cut",
    ],
)
def test_these_break_the_seal(sealed: Bench, name: str) -> None:
    assert ride(sealed, name).bench.state() is State.TAMPERED


def test_a_flash_that_was_soldered_in_tells_the_old_story(sealed: Bench) -> None:
    bench = sealed.copy()
    image, head = image_of(bench.vehicle), bench.status().control_digest
    bench.tamper()
    solder_in(bench.vehicle, image)
    assert bench.state() is State.SEALED
    assert bench.status().control_digest == head


def test_a_clone_and_a_rolled_back_seal_look_intact(sealed: Bench) -> None:
    for name in ("seal-cloned", "log-rolled-back"):
        played = ride(sealed, name)
        before = played.bench.status()
        played.hide()
        after = played.bench.status()
        assert after.state is State.SEALED
        assert after.journal_digest != before.journal_digest
        assert (after.control_sequence < before.control_sequence) == (name == "log-rolled-back")


def test_power_cuts_stand_in_the_log(sealed: Bench, honest: Ride) -> None:
    played = ride(sealed, "power-cuts")
    boots = [r.bench.seal.device.registers.boot for r in (honest, played)]
    assert boots[1] == boots[0] + 3
    assert played.bench.state() is State.SEALED

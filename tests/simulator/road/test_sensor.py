"""The pulse sensor: pulses follow the distance rolled, within jitter and rounding."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sealkit_simulator.road.sensor import NO_PULSES, PulseSensor

CIRCUMFERENCE_UM = 2_000_000


def sensor(k: int, **figures: int) -> PulseSensor:
    return PulseSensor("S-0001", CIRCUMFERENCE_UM * k // 1_000, **figures)


@given(
    st.integers(500, 65_535),
    st.lists(st.integers(0, 40_000), max_size=100),
    st.integers(0, 50),
    st.integers(0, 2**32),
)
def test_the_count_is_within_a_pulse_and_its_jitter_of_the_distance(
    k: int, rolled: list[int], jitter: int, seed: int
) -> None:
    made, random = sensor(k, jitter_permille=jitter), Random(seed)
    distance = edges = 0
    for mm in rolled:
        train = made.roll(mm, CIRCUMFERENCE_UM, 0, 1_000, random)
        distance, edges = distance + mm, edges + train.edges
        assert 0 <= train.uneven <= train.edges
        assert (train.shortest_us > 0) == (train.edges > 0)
        assert abs(edges * 1_000_000 - distance * k) <= 1_000_000 + 1_000 * jitter


def test_creeping_over_an_edge_counts_it_once() -> None:
    creeping, random = sensor(1_000, jitter_permille=50), Random(2)
    edges = sum(creeping.roll(1, CIRCUMFERENCE_UM, 0, 1_000, random).edges for _ in range(20_000))
    assert abs(edges - 20) <= 1


def test_standing_makes_no_pulses() -> None:
    assert sensor(1_000).roll(0, CIRCUMFERENCE_UM, 0, 1_000, Random(1)) == NO_PULSES


def test_the_true_k_follows_the_circumference() -> None:
    assert sensor(1_000).pulses_per_1000_km(CIRCUMFERENCE_UM) == 1_000_000
    # 2 % less circumference: 1/0.98 of the pulses.
    assert sensor(1_000).pulses_per_1000_km(CIRCUMFERENCE_UM * 98 // 100) == 1_020_408


def test_edges_are_uneven_in_hard_acceleration_and_seldom_at_a_steady_speed() -> None:
    steady, pulling = sensor(1_000), sensor(1_000)
    random = Random(3)
    even = [steady.roll(20_000, CIRCUMFERENCE_UM, 0, 1_000, random) for _ in range(500)]
    assert 0 < sum(t.uneven for t in even) < 0.02 * sum(t.edges for t in even)
    # From 0 to 4 m/s in a second, one pulse a metre: each interval is much shorter than the last.
    train = pulling.roll(2_000, CIRCUMFERENCE_UM, 4_000, 1_000, random)
    assert train.uneven == train.edges


def test_the_shortest_interval_is_that_of_the_highest_speed() -> None:
    train = sensor(1_000).roll(20_000, CIRCUMFERENCE_UM, 2_000, 1_000, Random(1))
    # 1 m between pulses, 21 m/s at most.
    assert train.shortest_us == 47_616

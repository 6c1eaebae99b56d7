"""How fast a vehicle is: from rest to rest, never faster than its traffic, reproducible."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit_simulator.road.profiles import speeds
from sealkit_simulator.road.situations import CONDITIONS, Situation

seeds = st.integers(0, 2**32)


@given(st.sampled_from(Situation), st.integers(1, 1_500), seeds)
def test_a_leg_begins_and_ends_at_rest_and_keeps_to_its_traffic(
    situation: Situation, seconds: int, seed: int
) -> None:
    profile = speeds(situation, seconds, Random(seed))
    assert len(profile) == seconds + 1
    assert profile[0] == profile[-1] == 0
    traffic = CONDITIONS[situation].traffic
    assert min(profile) >= 0
    assert max(profile) <= (traffic.cruise[1] if traffic else 0)
    # Brakes and engines of everyday cars.
    assert all(-2_601 <= after - before <= 2_250 for before, after in pairwise(profile))


@pytest.mark.parametrize("situation", [s for s in Situation if CONDITIONS[s].traffic])
def test_what_moves_gets_somewhere(situation: Situation) -> None:
    assert sum(speeds(situation, 600, Random(1))) > 0


@given(seeds)
def test_a_seed_tells_it_again(seed: int) -> None:
    first, again = (speeds(Situation.CITY, 300, Random(seed)) for _ in range(2))
    assert first == again

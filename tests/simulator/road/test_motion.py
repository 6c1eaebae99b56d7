"""The second source: speed with noise, bias and gaps."""

from __future__ import annotations

from random import Random

import pytest

from sealkit_simulator.road.motion import MotionKind, MotionSource


def told(source: MotionSource, *, sky: bool = True, travelled: int = 10_000) -> list[int | None]:
    random = Random(5)
    return [source.tell(travelled, 10_000, sky, 1_000, random) for _ in range(20_000)]


def test_noise_averages_out_and_bias_stays() -> None:
    heard = [v for v in told(MotionSource(bias_ppm=20_000)) if v is not None]
    assert sum(heard) / len(heard) == pytest.approx(10_200, rel=0.001)
    assert len(set(heard)) > 100


def test_gaps_come_now_and_then() -> None:
    gaps = told(MotionSource(gaps_per_hour=6)).count(None)
    # 33 in 20,000 s, of 21 s on average.
    assert 200 < gaps < 1_500
    assert told(MotionSource(gaps_per_hour=0)).count(None) == 0


def test_satellites_need_a_sky_and_the_bus_does_not() -> None:
    assert set(told(MotionSource(MotionKind.GNSS), sky=False)) == {None}
    assert told(MotionSource(MotionKind.CAN, gaps_per_hour=0), sky=False).count(None) == 0


def test_satellites_tell_travel_and_the_bus_tells_wheels() -> None:
    quiet = {"noise_mm_per_s": 0, "gaps_per_hour": 0}
    assert set(told(MotionSource(MotionKind.GNSS, **quiet), travelled=0)) == {0}
    assert set(told(MotionSource(MotionKind.CAN, **quiet), travelled=0)) == {10_000}


def test_no_speed_is_negative() -> None:
    assert min(v for v in told(MotionSource(), travelled=0) if v is not None) == 0

"""The calibration check: errors worked by hand, tolerances at their edges, the sheet's bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import UsageError
from sealkit.meter.bench_entry import TEMPLATE, sheet_of_entry
from sealkit.meter.calibration import (
    DISTANCE_TOLERANCE,
    MARK_MAX,
    Point,
    ResultSheet,
    Subject,
    Tolerance,
    distance_marks_mm,
    waiting_marks_ms,
)
from sealkit_simulator.taximeter import SHANGHAI_FARE

SUBJECT = Subject("0102004711", "A12345", 1_000, "195/65R15", "roller 3", 1_795_000_000)


@pytest.mark.parametrize(
    ("shown_m", "measured_mm", "error_ppm"),
    [
        (1_000, 1_000_000, 0),
        # The display has 1,000 m and the roller 974 m: 26/974 too much.
        (1_000, 974_000, 26_694),
        # 3.000 km shown after 3.045 km: 45/3045 too little.
        (3_000, 3_045_000, -14_778),
        (1_000, 2_000_000, -500_000),
    ],
)
def test_the_error_is_shown_less_driven_over_driven(
    shown_m: int, measured_mm: int, error_ppm: int
) -> None:
    assert Point(shown_m * 1_000, (measured_mm,)).errors_ppm == (error_ppm,)


@pytest.mark.requirement("R60")
@pytest.mark.parametrize(
    ("measured_mm", "within"),
    [
        # -4.0 % of 1,250,000 mm is 50,000 mm: the display has 1,200,000.
        (1_250_000, True),
        (1_250_001, False),
    ],
)
def test_the_lower_edge_of_the_tolerance(measured_mm: int, within: bool) -> None:
    assert Point(1_200_000, (measured_mm,)).within(DISTANCE_TOLERANCE) is within


@pytest.mark.requirement("R60")
@pytest.mark.parametrize(
    ("measured_mm", "within"),
    [
        # +1.0 % of 1,000,000 mm is 10,000 mm: the display has 1,010,000.
        (1_000_000, True),
        (999_999, False),
    ],
)
def test_the_upper_edge_of_the_tolerance(measured_mm: int, within: bool) -> None:
    assert Point(1_010_000, (measured_mm,)).within(DISTANCE_TOLERANCE) is within


def test_the_edge_is_exact_where_the_rounded_error_is_not() -> None:
    # 10,000.49 ppm: it rounds to the limit, and is beyond it.
    point = Point(MARK_MAX, (990_098_529,))
    assert point.errors_ppm == (10_000,)
    assert not point.within(DISTANCE_TOLERANCE)


def test_repeated_runs() -> None:
    # -0.990 %, -1.478 %, -1.961 %
    point = Point(3_000_000, (3_030_000, 3_045_000, 3_060_000))
    assert point.errors_ppm == (-9_901, -14_778, -19_608)
    assert point.mean_error_ppm == -14_762
    assert point.spread_ppm == 9_707


def test_one_bad_run_is_not_excused_by_the_mean() -> None:
    sheet = ResultSheet(SUBJECT, (Point(1_000_000, (1_015_000, 1_015_000, 985_000)),))
    assert DISTANCE_TOLERANCE.low_ppm < sheet.distance[0].mean_error_ppm < 0
    assert not sheet.passed


def test_waiting_is_judged_by_its_own_tolerance() -> None:
    good = Point(3_000_000, (3_045_000,))
    slow = Point(240_000, (243_000,))  # -1.235 %
    assert not ResultSheet(SUBJECT, (good,), (slow,)).passed
    assert ResultSheet(SUBJECT, (good,), (slow,), Tolerance(-20_000, 20_000)).passed
    assert ResultSheet(SUBJECT, (good,)).passed


def test_the_k_that_would_be_right() -> None:
    sheet = ResultSheet(SUBJECT, (Point(1_000_000, (974_000,)),))
    # 1,000 pulses in 974 m are 1026.69 a km; to show 1.5 % less, 1026.69 / 0.985 = 1042.3.
    assert sheet.k_for(0) == 1_027
    assert sheet.k_for(-15_000) == 1_042


@given(st.lists(st.integers(1, MARK_MAX), min_size=1, max_size=8), st.integers(1, MARK_MAX))
def test_what_is_within_has_an_error_within(measured: list[int], shown: int) -> None:
    point = Point(shown, tuple(measured))
    low, high = DISTANCE_TOLERANCE.low_ppm, DISTANCE_TOLERANCE.high_ppm
    if point.within(DISTANCE_TOLERANCE):
        assert all(low <= error <= high for error in point.errors_ppm)
    elif all(low < error < high for error in point.errors_ppm):
        pytest.fail("every error is inside, and the point is not within")
    assert min(point.errors_ppm) <= point.mean_error_ppm <= max(point.errors_ppm)


def test_where_the_display_jumps() -> None:
    # Shanghai's manner: 3 km, then each 500 m; 4 minutes.
    assert distance_marks_mm(SHANGHAI_FARE, 3) == [3_000_000, 3_500_000, 4_000_000]
    assert waiting_marks_ms(SHANGHAI_FARE, 2) == [240_000, 480_000]
    free = replace(SHANGHAI_FARE, free_waiting_s=60)
    assert waiting_marks_ms(free, 1) == [300_000]


def test_the_sheet_is_canonical_json() -> None:
    sheet = ResultSheet(
        replace(SUBJECT, plate="沪A12345"),
        (Point(3_000_000, (3_045_000, 3_030_000)),),
        (Point(240_000, (240_000,)),),
    )
    written = (
        '{"bench":"roller 3",'
        '"distance":{"points":[{"errors_ppm":[-14778,-9901],"mean_error_ppm":-12340,'
        '"measured_mm":[3045000,3030000],"shown_mm":3000000,"spread_ppm":4877,"within":true}],'
        '"tolerance_ppm":[-40000,10000]},'
        '"k_pulses_per_km":1000,"meter_device":"0102004711","passed":true,"plate":"沪A12345",'
        '"schema":"sealkit.meter.result_sheet/1","time":1795000000,"tyre_size":"195/65R15",'
        '"waiting":{"points":[{"errors_ppm":[0],"mean_error_ppm":0,'
        '"measured_ms":[240000],"shown_ms":240000,"spread_ppm":0,"within":true}],'
        '"tolerance_ppm":[-10000,10000]}}'
    )
    assert sheet.canonical() == written.encode()
    changed = replace(sheet, distance=(Point(3_000_000, (3_045_001, 3_030_000)),))
    digests = {hashlib.sha256(made.canonical()).digest() for made in (sheet, changed)}
    assert len(digests) == 2


# What people enter.


def test_the_template_is_a_check_that_passes() -> None:
    sheet = sheet_of_entry(TEMPLATE.encode(), now=1_795_000_000)
    assert sheet.passed
    assert sheet.subject == SUBJECT
    assert [point.shown for point in sheet.distance] == [3_000_000, 5_000_000]
    assert sheet.distance[0].measured == (3_046_000, 3_045_000, 3_047_000)
    assert sheet.waiting == (Point(240_000, (240_100, 239_900, 240_000)),)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('meter_device = "0102004711"', 'meter_device = "010200471"'),
        ('meter_device = "0102004711"', 'meter_device = "٠102004711"'),
        ('plate = "A12345"', 'plate = ""'),
        ('plate = "A12345"', f'plate = "{"A" * 65}"'),
        ("k_pulses_per_km = 1000", "k_pulses_per_km = 499"),
        ("k_pulses_per_km = 1000", "k_pulses_per_km = 65536"),
        ("k_pulses_per_km = 1000", "k_pulses_per_km = 1000.0"),
        ('bench = "roller 3"', "bench = 3"),
        ('bench = "roller 3"', ""),
        ('bench = "roller 3"', 'bench = "roller 3"\nwheel = 1'),
        ("# waiting_tolerance_percent = 1.0", "waiting_tolerance_percent = 0"),
        ("# waiting_tolerance_percent = 1.0", "waiting_tolerance_percent = 10.1"),
        ("# waiting_tolerance_percent = 1.0", "waiting_tolerance_percent = nan"),
        ("shown_km = 3.0", "shown_km = 0"),
        ("shown_km = 3.0", "shown_km = -3.0"),
        ("shown_km = 3.0", "shown_km = 1000.000001"),
        ("shown_km = 3.0", "shown_km = 3.0000001"),
        ("shown_km = 3.0", "shown_km = inf"),
        ("shown_km = 3.0", "shown_km = 1e999999999"),
        ("shown_km = 3.0", "shown_km = true"),
        ("shown_km = 3.0", 'shown_km = "3.0"'),
        ("shown_km = 3.0", "shown_m = 3000"),
        ("shown_km = 3.0", "shown_km = 3.0\nodometer = 1"),
        ("[3.046, 3.045, 3.047]", "[]"),
        ("[3.046, 3.045, 3.047]", "3.046"),
        ("[3.046, 3.045, 3.047]", str([3.046] * 33)),
        ("[[waiting]]", "[waiting]"),
        ("[[waiting]]", "[["),
    ],
)
def test_what_cannot_have_been_measured(old: str, new: str) -> None:
    assert old in TEMPLATE
    with pytest.raises(UsageError) as refused:
        sheet_of_entry(TEMPLATE.replace(old, new, 1).encode(), now=0)
    assert refused.value.code == "CHECK_MALFORMED"
    assert refused.value.remedy


def test_without_a_distance_nothing_was_checked() -> None:
    entered = TEMPLATE[: TEMPLATE.index("[[distance]]")] + TEMPLATE[TEMPLATE.index("[[waiting]]") :]
    with pytest.raises(UsageError) as refused:
        sheet_of_entry(entered.encode(), now=0)
    assert refused.value.code == "CHECK_INCOMPLETE"


def test_too_many_points() -> None:
    entered = TEMPLATE + "[[waiting]]\nshown_s = 1\nmeasured_s = [1]\n" * 32
    with pytest.raises(UsageError) as refused:
        sheet_of_entry(entered.encode(), now=0)
    assert refused.value.code == "CHECK_MALFORMED"


@pytest.mark.parametrize("data", [b"a = " + b"9" * 5_000, b"a = " + b"[" * 20_000])
def test_numbers_and_depths_that_no_parser_takes(data: bytes) -> None:
    with pytest.raises(UsageError) as refused:
        sheet_of_entry(data, now=0)
    assert refused.value.code == "CHECK_MALFORMED"


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_cleanly(data: bytes) -> None:
    with pytest.raises(UsageError):
        sheet_of_entry(data, now=0)

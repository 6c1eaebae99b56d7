"""What a look at the meter means, and when a pending tariff counts (chapter 5, W-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.parameter_sets import CONTENTS, FARE, LOOK, NEW_FARE, WATCHED, group, whole_set

from sealkit.rules.supervision import Difference, accepted_fares, compare, fare_is_accepted
from sealkit.wire.parameters import PendingTariff
from sealkit.wire.registry import Cause, Group

START, END = 1_000, 2_000
TARIFF = replace(CONTENTS[Group.TARIFF], pending=(PendingTariff(START, END, NEW_FARE),))
OTHER_FARE = bytes(127)


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(
    ("clock", "old", "new"),
    [
        (0, True, False),
        (START - 1, True, False),
        (START, True, True),
        (END - 1, True, True),
        (END, False, True),
        (END + 1, False, True),
    ],
)
def test_before_in_and_after_the_window_of_a_pending_tariff(
    clock: int, old: bool, new: bool
) -> None:
    assert fare_is_accepted(TARIFF, FARE, clock) is old
    assert fare_is_accepted(TARIFF, NEW_FARE, clock) is new
    assert not fare_is_accepted(TARIFF, OTHER_FARE, clock)
    assert accepted_fares(TARIFF, clock) == [FARE] * old + [NEW_FARE] * new


@given(st.integers(0, (1 << 64) - 1))
def test_without_a_pending_tariff_the_sealed_one_counts_for_ever(clock: int) -> None:
    assert accepted_fares(CONTENTS[Group.TARIFF], clock) == [FARE]


@pytest.mark.requirement("W-3")
@given(st.integers(0, 126), st.integers(1, 255), st.sampled_from([FARE, NEW_FARE]))
def test_a_byte_that_is_not_watched_may_differ(place: int, flip: int, fare: bytes) -> None:
    seen = fare[:place] + bytes((fare[place] ^ flip,)) + fare[place + 1 :]
    assert fare_is_accepted(TARIFF, seen, START) is (place >= WATCHED)


@pytest.mark.requirement("W-3")
def test_each_difference_is_a_cause_with_what_was_before_and_after() -> None:
    assert compare(whole_set(), LOOK, 0) == []
    assert compare(whole_set(), replace(LOOK, plate="other"), 0) == []
    assert compare({}, replace(LOOK, fare=OTHER_FARE), 0) == []
    fare = Difference(Cause.FARE_PARAMETERS_CHANGED, FARE, OTHER_FARE)
    assert compare(whole_set(), replace(LOOK, fare=OTHER_FARE), 0) == [fare]
    device = LOOK.device + b"\x02"
    for look, after in (
        (replace(LOOK, device=bytes(5)), bytes(5) + b"\x02"),
        (replace(LOOK, hardware_version=3), LOOK.device + b"\x03"),
    ):
        identity = Difference(Cause.METER_IDENTITY_CHANGED, device, after)
        assert compare(whole_set(), look, 0) == [identity]
    software = Difference(Cause.METER_SOFTWARE_CHANGED, b"\x03\x01", b"\x03\x02")
    assert compare(whole_set(), replace(LOOK, software=b"\x03\x02"), 0) == [software]
    all_of_it = replace(LOOK, fare=OTHER_FARE, device=bytes(5), software=b"\x03\x02")
    causes = [difference.cause for difference in compare(whole_set(), all_of_it, 0)]
    assert causes == sorted(causes)
    assert len(causes) == 3


@pytest.mark.requirement("W-3")
def test_the_clock_decides_which_fare_the_meter_has_to_show() -> None:
    groups = whole_set() | {Group.TARIFF: group(Group.TARIFF, pending=TARIFF.pending)}
    changed = [(clock, fare) for clock in (START - 1, START, END) for fare in (FARE, NEW_FARE)
               if compare(groups, replace(LOOK, fare=fare), clock)]  # fmt: skip
    assert changed == [(START - 1, NEW_FARE), (END, FARE)]
    # What was before is the tariff that was due.
    for clock, due in ((START - 1, FARE), (START, FARE), (END, NEW_FARE)):
        (difference,) = compare(groups, replace(LOOK, fare=OTHER_FARE), clock)
        assert difference.before == due

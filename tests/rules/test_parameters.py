"""Digests, root, ranges, changes and counters of a parameter set (P-1 to P-4)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.parameter_sets import CONTENTS, FARE, MASK, NEW_FARE, WATCHED, group, whole_set

from sealkit.crypto import get_suite
from sealkit.errors import RefusedError
from sealkit.rules import parameters as p
from sealkit.wire.parameters import PendingTariff, build_group
from sealkit.wire.registry import Group, KSource, Purpose

P256 = get_suite("p256")
_TAG = b"SEALKIT\x01"
_SETS = st.dictionaries(st.integers(0, 255), st.binary(min_size=16, max_size=40), max_size=6)


def _refusal(groups: dict[int, bytes]) -> str:
    try:
        p.judge_groups(groups)
    except RefusedError as refused:
        return refused.code
    return "OK"


@pytest.mark.requirement("P-1")
@given(_SETS)
def test_digest_and_root_by_hand(groups: dict[int, bytes]) -> None:
    leaves = b""
    for number in sorted(groups):
        digest = hashlib.sha256(_TAG + b"\x07\x01" + bytes((number,)) + groups[number]).digest()
        assert p.group_digest(P256, number, groups[number]) == digest
        leaves += bytes((number,)) + digest
    root = hashlib.sha256(_TAG + b"\x08\x01" + leaves).digest() if groups else bytes(32)
    assert p.parameter_root(P256, groups) == root
    assert p.parameter_root(P256, dict(reversed(groups.items()))) == root


@pytest.mark.requirement("P-1")
def test_a_digest_of_the_other_suite_is_sm3() -> None:
    sm2 = get_suite("sm2")
    data = hashlib.new("sm3", b"SEALKIT\x02\x07\x01\x03" + bytes(16)).digest()
    assert p.group_digest(sm2, 3, bytes(16)) == data
    root = hashlib.new("sm3", b"SEALKIT\x02\x08\x01\x03" + data).digest()
    assert p.parameter_root(sm2, {3: bytes(16)}) == root


@pytest.mark.requirement("P-3")
@given(_SETS, _SETS, st.binary(min_size=16, max_size=16))
def test_a_group_is_changed_when_its_content_is(
    sealed: dict[int, bytes], new: dict[int, bytes], salt: bytes
) -> None:
    expected = {n for n in new if n not in sealed or sealed[n][16:] != new[n][16:]}
    assert p.changed_groups(sealed, new) == expected
    salted = {number: salt + data[16:] for number, data in sealed.items()}
    assert p.changed_groups(sealed, salted) == set()
    assert p.changed_groups({}, new) == new.keys()


@pytest.mark.requirement("P-4")
@pytest.mark.requirement("R14")
@given(st.sets(st.integers(0, 255)))
def test_each_counter_steps_once_for_its_own_groups(changed: set[int]) -> None:
    calibration = {1, 2, 5}  # distance, tyre, sensor
    configuration = {3, 4, 6, 7}  # tariff, meter, vehicle, supervision
    steps = (int(bool(changed & calibration)), int(bool(changed & configuration)))
    assert p.counter_steps(changed) == steps


@pytest.mark.requirement("O-22")
@given(st.sets(st.sampled_from([*Group, 9, 200])))
def test_every_group_of_the_table_is_mandatory(present: set[int]) -> None:
    missing = p.missing_groups(dict.fromkeys(present, b""))
    assert missing == [number for number in Group if number not in present]


def _pending(start: int, end: int) -> dict[str, Any]:
    return {"pending": (PendingTariff(start, end, NEW_FARE),)}


@pytest.mark.requirement("R02")
@pytest.mark.requirement("O-22")
@pytest.mark.parametrize(
    ("number", "changes", "good"),
    [
        (Group.DISTANCE, {"k_pulses_per_km": 499}, False),
        (Group.DISTANCE, {"k_pulses_per_km": 500}, True),
        (Group.DISTANCE, {"k_pulses_per_km": 65_535}, True),
        (Group.DISTANCE, {"k_pulses_per_km": 65_536}, False),
        *((Group.DISTANCE, {"source": source}, True) for source in KSource),
        (Group.DISTANCE, {"source": 0}, False),
        (Group.DISTANCE, {"source": 4}, False),
        (Group.TYRE, {"circumference_um": 499_999}, False),
        (Group.TYRE, {"circumference_um": 500_000}, True),
        (Group.TYRE, {"circumference_um": 5_000_000}, True),
        (Group.TYRE, {"circumference_um": 5_000_001}, False),
        (Group.TARIFF, {"mask": bytes(16)}, True),
        (Group.TARIFF, {"mask": b"\xff" * 15 + b"\xfe"}, True),
        (Group.TARIFF, {"mask": b"\xff" * 16}, False),
        (Group.TARIFF, {"mask": bytes(15) + b"\x01"}, False),
        (Group.TARIFF, _pending(5, 6), True),
        (Group.TARIFF, _pending(5, 5), False),
        (Group.TARIFF, _pending(6, 5), False),
        (Group.SENSOR, {"kind": 0}, False),
        (Group.SENSOR, {"kind": 1}, True),
        (Group.SENSOR, {"kind": 2}, True),
        (Group.SENSOR, {"kind": 3}, False),
        (Group.SUPERVISION, {"attachments": 0}, True),
        (Group.SUPERVISION, {"attachments": 31}, True),
        (Group.SUPERVISION, {"attachments": 32}, False),
        (Group.SUPERVISION, {"attachments": 0x80}, False),
        (Group.SUPERVISION, {"look_interval_ms": 499}, False),
        (Group.SUPERVISION, {"look_interval_ms": 500}, True),
        (Group.SUPERVISION, {"look_interval_ms": 60_000}, True),
        (Group.SUPERVISION, {"look_interval_ms": 60_001}, False),
        (Group.SUPERVISION, {"silence_limit_ms": 0}, True),
        (Group.SUPERVISION, {"silence_limit_ms": 0xFFFFFFFF}, True),
        (Group.SUPERVISION, {"k_tolerance_ppm": 200_000, "k_window_m": 1_000_000}, True),
        (Group.SUPERVISION, {"k_tolerance_ppm": 200_001}, False),
        (Group.SUPERVISION, {"k_window_m": 1_000_001}, False),
        (Group.SUPERVISION, {"motion_tolerance_ppm": 200_000, "motion_limit_m": 65_535}, True),
        (Group.SUPERVISION, {"motion_tolerance_ppm": 200_001}, False),
        *((Group.CALIBRATION, {"purpose": purpose}, True) for purpose in Purpose),
        (Group.CALIBRATION, {"purpose": 0}, False),
        (Group.CALIBRATION, {"purpose": 7}, False),
        (Group.CALIBRATION, {"time": 10, "valid_until": 0}, True),
        (Group.CALIBRATION, {"time": 10, "valid_until": 11}, True),
        (Group.CALIBRATION, {"time": 10, "valid_until": 10}, False),
        (Group.CALIBRATION, {"time": 10, "valid_until": 9}, False),
    ],
)
def test_values_have_their_ranges(number: Group, changes: dict[str, Any], good: bool) -> None:
    data = build_group(number, bytes(16), replace(CONTENTS[number], **changes))
    assert _refusal(whole_set() | {number: data}) == ("OK" if good else "BODY_INVALID")


@pytest.mark.requirement("P-2")
@pytest.mark.parametrize("number", [*range(11), 126, 127, 128, 129, 254, 255])
def test_unknown_groups_are_kept_from_128_on(number: int) -> None:
    known = number in set(Group)
    data = group(Group(number)) if known else bytes(16)
    expected = "OK" if known or number >= 128 else "GROUP_UNKNOWN"
    assert _refusal({number: data}) == expected
    for short in (b"", bytes(15), bytes(513)):
        assert _refusal({number: short}) == "BODY_INVALID"


@pytest.mark.requirement("O-22")
def test_a_set_of_1024_bytes_is_the_largest() -> None:
    assert _refusal({200: bytes(512), 201: bytes(512)}) == "OK"
    assert _refusal({200: bytes(512), 201: bytes(496), 202: bytes(17)}) == "TOO_LONG"
    bad = group(Group.DISTANCE, k_pulses_per_km=1)
    assert _refusal({1: bad, 200: bytes(512), 201: bytes(512)}) == "BODY_INVALID"
    assert _refusal({1: bad, 9: bytes(16)}) == "GROUP_UNKNOWN"
    assert _refusal({1: bytes(15), 9: bytes(16)}) == "BODY_INVALID"


@pytest.mark.requirement("R05")
@given(
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=127, max_size=127),
    st.dictionaries(st.integers(0, 126), st.integers(1, 255)),
)
def test_only_a_watched_byte_makes_a_difference(
    mask: bytes, sealed: bytes, flips: dict[int, int]
) -> None:
    seen = bytes(byte ^ flips.get(place, 0) for place, byte in enumerate(sealed))
    watched = {place for place in range(127) if mask[place // 8] >> (7 - place % 8) & 1}
    assert p.watched_bytes_differ(mask, sealed, seen) is bool(watched & flips.keys())


@pytest.mark.requirement("R05")
def test_each_byte_has_its_own_bit() -> None:
    for place in range(127):
        seen = FARE[:place] + bytes((FARE[place] ^ 0xFF,)) + FARE[place + 1 :]
        assert p.watched_bytes_differ(MASK, FARE, seen) is (place < WATCHED)
        one = bytearray(16)
        one[place // 8] = 0x80 >> place % 8
        for other in (0, place, 126):
            assert p.watched_bytes_differ(bytes(one), FARE, NEW_FARE)
            seen = FARE[:other] + b"\xfe" + FARE[other + 1 :]
            assert p.watched_bytes_differ(bytes(one), FARE, seen) is (other == place)


def test_the_groups_of_a_set_are_found() -> None:
    groups = whole_set()
    assert p.tariff_of(groups) == CONTENTS[Group.TARIFF]
    assert p.meter_of(groups) == CONTENTS[Group.METER]
    assert p.supervision_of(groups) == CONTENTS[Group.SUPERVISION]
    for find in (p.tariff_of, p.meter_of, p.supervision_of):
        assert find({}) is None
    assert p.known_content(groups, Group.SENSOR) == CONTENTS[Group.SENSOR]

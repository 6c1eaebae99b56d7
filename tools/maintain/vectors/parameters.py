"""parameters.json, and the parameter sets that the other files use (chapter 5)."""

from typing import Any

from vectors import layouts as layout
from vectors.crypto import Suite
from vectors.family import DAY, NOW, Family, with_byte
from vectors.layouts import GROUPS, Fields, jsonable

ZERO = bytes(32)
CALIBRATION_GROUPS = {"distance", "tyre", "sensor"}
CONFIGURATION_GROUPS = {"tariff", "meter", "vehicle", "supervision"}


def fare(day_price: str = "0250", vendor: str = "00") -> bytes:
    """T2 of JT/T 905.2, 127 bytes, BCD; the vendor area is filled with one byte."""
    text = (
        "2026010100"  # from 2026-01-01 00 h
        "0000" "0000"  # round trip, day and night
        f"{day_price}" "0320"  # one way, yuan/km * 100
        "0375" "0480"  # second empty
        "1400" "1800"  # flag-fall
        "0000" "0300" "1000" "1500"  # continuation, flag-fall, one-way, second-empty distance
        "0060" "0080"  # waiting, day and night
        "0500" "0500"  # free waiting, price increment, mmss
        "2300" "0500"  # the night
    )  # fmt: skip
    return bytes.fromhex(text + "00" * 22 + vendor * 64)


# Bytes 0 to 40 of the fare parameters are watched, the reserved and the vendor's are not.
FARE_MASK = bytes.fromhex("ffffffffff80" + "00" * 10)
DEVICE = bytes.fromhex("4711000815")
SOFTWARE = bytes.fromhex("0301")
PLATE = "AX1234"


def parameter_contents() -> dict[str, Fields]:
    """A parameter set by field, without salts."""
    return {
        "distance": {"k_pulses_per_km": 1000, "source": 2},
        "tyre": {"size": "195/65R15", "circumference_um": 1_986_000},
        "tariff": {"fare": fare(), "mask": FARE_MASK, "pending": []},
        "meter": {
            "device": DEVICE,
            "hardware_version": 2,
            "software": SOFTWARE,
            "software_digest": ZERO,
            "model": "TXM-905",
        },
        "sensor": {"kind": 1, "sensor_serial": "SN-0042"},
        "vehicle": {"plate": "沪AX1234", "meter_plate": PLATE, "vin": "LSVAA49J132047371"},
        "supervision": {
            "attachments": 7,
            "look_interval_ms": 5000,
            "silence_limit_ms": 600_000,
            "pulse_rate_max_hz": 70,
            "acceleration_max_mm_s2": 8_000,
            "k_tolerance_ppm": 7_500,
            "k_window_m": 100_000,
            "rounding": 0,
            "standing_limit_m": 5_000,
            "motion_tolerance_ppm": 25_000,
            "motion_limit_m": 500,
            "meter_clock_tolerance_s": 180,
        },
        "calibration": calibration(2),
    }


def calibration(purpose: int, time: int = NOW, **changes: Any) -> Fields:
    fields: Fields = {
        "purpose": purpose,
        "workshop": "计量站 1",
        "time": time,
        "valid_until": time + 365 * DAY,
        "odometer_before_m": 12_345_600,
        "odometer_after_m": 12_347_100,
        "result_digest": ZERO,
        "predecessor_maker": 0,
        "predecessor_serial": 0,
        "predecessor_calibration": 0,
        "predecessor_configuration": 0,
    }
    return {**fields, **changes}


def content_of(name: str, fields: Fields) -> bytes:
    return bytes(layout.GROUP_BUILDERS[name](fields))


def group_digest(suite: Suite, number: int, data: bytes) -> bytes:
    return suite.digest(layout.tag(suite.number, "group") + bytes([number]) + data)


def parameter_root(suite: Suite, groups: dict[int, bytes]) -> bytes:
    if not groups:
        return ZERO
    listed = b"".join(
        bytes([number]) + group_digest(suite, number, groups[number]) for number in sorted(groups)
    )
    return suite.digest(layout.tag(suite.number, "parameter_set") + listed)


# fmt: off
def make(family: Family) -> dict[str, Any]:
    suite = family.suite
    groups: list[dict[str, Any]] = []
    sets: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []

    def add(name: str, what: str, fields: Fields) -> bytes:
        salt = suite.derived(f"salt of {what}", 16)
        data = salt + content_of(name, fields)
        groups.append({"name": what, "number": GROUPS[name], "salt": salt.hex(),
            "fields": jsonable(fields), "bytes": data.hex(), "digest": group_digest(suite,
            GROUPS[name], data).hex()})
        return data

    contents = parameter_contents()
    made = {name: add(name, name, fields) for name, fields in contents.items()}
    pending = {"valid_from": NOW, "valid_until": NOW + 86_400, "fare": fare("0260")}
    with_pending = add("tariff", "tariff with a pending one", {**contents["tariff"],
        "pending": [pending]})
    made_again = add("distance", "distance with the least K", {"k_pulses_per_km": 500, "source": 1})
    add("distance", "distance with the greatest K", {"k_pulses_per_km": 65_535, "source": 3})
    add("supervision", "supervision by everything that can be attached, of a meter that cuts",
        {**contents["supervision"], "attachments": 31, "rounding": 1})
    add("supervision", "supervision with every check by distance or pulses switched off",
        {**contents["supervision"], **dict.fromkeys(list(contents["supervision"])[3:], 0)})
    add("calibration", "calibration of a seal that replaces another", {
        **contents["calibration"], "predecessor_maker": 4711, "predecessor_serial": 900,
        "predecessor_calibration": 12, "predecessor_configuration": 34, "valid_until": 0,
    })  # fmt: skip
    vendor = suite.derived("salt of a vendor's group", 16) + b"\x01anything"

    def root(what: str, data: dict[int, bytes]) -> None:
        listed = [{"number": number, "digest": group_digest(suite, number, data[number]).hex()}
            for number in sorted(data)]
        sets.append({"what": what, "groups": listed, "root": parameter_root(suite, data).hex()})

    whole = {GROUPS[name]: data for name, data in made.items()}
    root("empty", {})
    root("one group", {1: whole[1]})
    root("all eight", whole)
    root("a pending tariff", {**whole, 3: with_pending})
    root("another distance", {**whole, 1: made_again})
    root("a vendor's group besides", {**whole, 200: vendor})

    def refuse(name: str, rule: str, what: str, changes: Fields, expect: str) -> None:
        salt = suite.derived(f"salt of {what}", 16)
        fields = {**contents[name], **changes}
        bad.append({"group": name, "number": GROUPS[name], "rule": rule, "what": what,
            "fields": jsonable(fields), "bytes": (salt + content_of(name, fields)).hex(),
            "expect": expect})

    def refuse_bytes(number: int, what: str, data: bytes, expect: str) -> None:
        name = next((n for n, value in GROUPS.items() if value == number), None)
        bad.append({"group": name, "number": number, "rule": "P-2" if number > 8 else "P-1",
            "what": what, "fields": None, "bytes": data.hex(), "expect": expect})

    invalid = "body_invalid"
    refuse("distance", "R02", "K below 500", {"k_pulses_per_km": 499}, invalid)
    refuse("distance", "R02", "K above 65,535", {"k_pulses_per_km": 65_536}, invalid)
    refuse("distance", "R02", "K zero", {"k_pulses_per_km": 0}, invalid)
    refuse("distance", "N-3", "a source that is not in the table", {"source": 4}, invalid)
    refuse("tyre", "R12", "circumference too small", {"circumference_um": 499_999}, invalid)
    refuse("tyre", "R12", "circumference too great", {"circumference_um": 5_000_001}, invalid)
    mask = FARE_MASK[:-1] + b"\x01"
    refuse("tariff", "O-22", "the last bit of mask set", {"mask": mask}, invalid)
    for what, changes in (("a pending tariff that ends before it begins", {"valid_until": NOW - 1}),
        ("a pending tariff of no length", {"valid_until": NOW})):
        refuse("tariff", "O-22", what, {"pending": [{**pending, **changes}]}, invalid)
    refuse("tariff", "N-3", "two pending tariffs", {"pending": [pending, pending]}, invalid)
    refuse("sensor", "N-3", "a kind that is not told", {"kind": 3}, invalid)
    refuse("supervision", "O-22", "looks too often", {"look_interval_ms": 499}, invalid)
    refuse("supervision", "O-22", "looks too seldom", {"look_interval_ms": 60_001}, invalid)
    refuse("supervision", "O-22", "an attachment that nobody knows", {"attachments": 39}, invalid)
    refuse("supervision", "N-3", "a rounding that is not in the table", {"rounding": 2}, invalid)
    refuse("supervision", "O-22", "K's tolerance too wide", {"k_tolerance_ppm": 200_001}, invalid)
    refuse("supervision", "O-22", "K's window too long", {"k_window_m": 1_000_001}, invalid)
    refuse("supervision", "O-22", "the second source's tolerance too wide",
        {"motion_tolerance_ppm": 200_001}, invalid)
    refuse("calibration", "N-3", "a purpose that is not in the table", {"purpose": 7}, invalid)
    refuse_bytes(1, "a byte too many", made["distance"] + b"\x00", invalid)
    refuse_bytes(1, "a byte too few", made["distance"][:-1], invalid)
    refuse_bytes(1, "a salt and nothing else", bytes(16), invalid)
    refuse_bytes(1, "shorter than a salt", bytes(15), invalid)
    vehicle = made["vehicle"]
    refuse_bytes(6, "a plate that is not UTF-8", with_byte(vehicle, 17, 0xFF), invalid)
    refuse_bytes(6, "a VIN with a byte after a 00", vehicle[:-2] + b"\x00A", invalid)
    refuse_bytes(9, "a group that a seal must know and does not", bytes(20), "group_unknown")
    refuse_bytes(127, "the last of those", bytes(20), "group_unknown")
    return {"groups": groups, "sets": sets, "bad": bad}

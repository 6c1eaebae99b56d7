"""parameters.json and records.json: parameter sets, and the two chains of a seal's whole life."""

from typing import Any

import vectors_layouts as layout
from vectors_family import NOW, Family, flip, other_family_bytes, with_byte
from vectors_history import (
    FARE_MASK,
    History,
    content_of,
    fare,
    group_digest,
    parameter_contents,
    parameter_root,
    story,
)
from vectors_layouts import GROUPS, Fields, jsonable

# A bit near the end of a record, but not in an order record's count of credentials.
LATE_BIT = -11


def make_parameters(family: Family) -> dict[str, Any]:
    suite = family.suite
    groups: list[dict[str, Any]] = []
    sets: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []

    def add(name: str, what: str, fields: Fields) -> bytes:
        salt = suite.derived(f"salt of {what}", 16)
        data = salt + content_of(name, fields)
        groups.append(
            {
                "name": what,
                "number": GROUPS[name],
                "salt": salt.hex(),
                "fields": jsonable(fields),
                "bytes": data.hex(),
                "digest": group_digest(suite, GROUPS[name], data).hex(),
            }
        )
        return data

    contents = parameter_contents()
    made = {name: add(name, name, fields) for name, fields in contents.items()}
    pending = {"valid_from": NOW, "valid_until": NOW + 86_400, "fare": fare("0260")}
    with_pending = add(
        "tariff", "tariff with a pending one", {**contents["tariff"], "pending": [pending]}
    )
    made_again = add("distance", "distance with the least K", {"k_pulses_per_km": 500, "source": 1})
    add("distance", "distance with the greatest K", {"k_pulses_per_km": 65_535, "source": 3})
    add("calibration", "calibration of a seal that replaces another", {
        **contents["calibration"], "predecessor_maker": 4711, "predecessor_serial": 900,
        "predecessor_calibration": 12, "predecessor_configuration": 34, "valid_until": 0,
    })  # fmt: skip
    vendor = suite.derived("salt of a vendor's group", 16) + b"\x01anything"

    def root(what: str, data: dict[int, bytes]) -> None:
        listed = [
            {"number": number, "digest": group_digest(suite, number, data[number]).hex()}
            for number in sorted(data)
        ]
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
        bad.append(
            {
                "group": name,
                "number": GROUPS[name],
                "rule": rule,
                "what": what,
                "fields": jsonable(fields),
                "bytes": (salt + content_of(name, fields)).hex(),
                "expect": expect,
            }
        )

    def refuse_bytes(number: int, what: str, data: bytes, expect: str) -> None:
        name = next((n for n, value in GROUPS.items() if value == number), None)
        bad.append(
            {
                "group": name,
                "number": number,
                "rule": "P-2" if number > 8 else "P-1",
                "what": what,
                "fields": None,
                "bytes": data.hex(),
                "expect": expect,
            }
        )

    invalid = "body_invalid"
    refuse("distance", "R02", "K below 500", {"k_pulses_per_km": 499}, invalid)
    refuse("distance", "R02", "K above 65,535", {"k_pulses_per_km": 65_536}, invalid)
    refuse("distance", "R02", "K zero", {"k_pulses_per_km": 0}, invalid)
    refuse("distance", "N-3", "a source that is not in the table", {"source": 4}, invalid)
    refuse("tyre", "R12", "circumference too small", {"circumference_um": 499_999}, invalid)
    refuse("tyre", "R12", "circumference too great", {"circumference_um": 5_000_001}, invalid)
    mask = FARE_MASK[:-1] + b"\x01"
    refuse("tariff", "O-22", "the last bit of mask set", {"mask": mask}, invalid)
    for what, changes in (
        ("a pending tariff that ends before it begins", {"valid_until": NOW - 1}),
        ("a pending tariff of no length", {"valid_until": NOW}),
    ):
        refuse("tariff", "O-22", what, {"pending": [{**pending, **changes}]}, invalid)
    refuse("tariff", "N-3", "two pending tariffs", {"pending": [pending, pending]}, invalid)
    refuse("sensor", "N-3", "a kind that is not told", {"kind": 3}, invalid)
    refuse("supervision", "O-22", "looks too often", {"look_interval_ms": 499}, invalid)
    refuse("supervision", "O-22", "looks too seldom", {"look_interval_ms": 60_001}, invalid)
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
    refuse_bytes(0, "group 0", bytes(20), "group_unknown")
    return {"groups": groups, "sets": sets, "bad": bad}


def make_records(family: Family) -> dict[str, Any]:
    seal = story(family, "retired")
    before_end = story(family, "unsealed")
    listed = [jsonable(record) for record in seal.records]
    checkpoint_fields, checkpoint = before_end.checkpoint()
    nonce = family.suite.derived("nonce of the records", 32)
    evidence = before_end.evidence(nonce)[1]
    return {
        "seal": {
            "number": seal.setup()["number"],
            "scalar": seal.setup()["scalar"],
            "public_key": family.suite.public_key(seal.name).hex(),
            "key_id": seal.seal_key.hex(),
        },
        "records": listed,
        "checkpoint": {
            "after": before_end.next_sequence - 1,
            "fields": jsonable(checkpoint_fields),
            "bytes": checkpoint.hex(),
        },
        "other_kinds": other_kinds(family),
        "bad_records": bad_records(seal),
        "logs": {"evidence": evidence.hex(), "nonce": nonce.hex(), "cases": logs(family)},
    }


def other_kinds(family: Family) -> list[dict[str, Any]]:
    """Records that the life of this seal does not have."""
    other = story(family, "born", name="other seal")
    digest = family.suite.digest
    written = [
        other.write("tariff", {"before": digest(fare()), "after": digest(fare("0260"))}),
        other.write(
            "coalesced", {"items": [{"kind": 0x81, "count": 12}, {"kind": 0x82, "count": 3}]}
        ),
        other.write("driven", {"from_pulses": 1, "to_pulses": 2**64 - 1}),
    ]
    return [jsonable(record) for record in written]


def bad_records(seal: History) -> list[dict[str, Any]]:
    suite = seal.suite
    boot, genesis = seal.records[1]["bytes"], seal.records[0]["bytes"]
    flags = seal.records[6]["fields"]
    cases = [
        ("a byte too many", boot + b"\x00", "malformed"),
        ("a byte too few", boot[:-1], "malformed"),
        ("a state that is not in the table", with_byte(boot, 23, 6), "malformed"),
        ("a clock quality that is not in the table", with_byte(boot, 46, 3), "malformed"),
        ("a body shorter than its length says", with_byte(boot, 80, 6), "malformed"),
        ("a boot cause that is not in the table", with_byte(boot, 81, 3), "malformed"),
        ("another suite's tag", other_family_bytes(suite, boot), "wrong_suite"),
        ("another version's tag", with_byte(boot, 9, 2), "wrong_version"),
        ("another type's tag", with_byte(boot, 8, 3), "malformed"),
        ("genesis with a short body",
         layout.record(suite.number, {**seal.records[0]["fields"],
                                      "body": seal.records[0]["fields"]["body"][:-1]}),
         "malformed"),
        ("flags with a long body",
         layout.record(suite.number, {**flags, "body": flags["body"] + b"\x00"}), "malformed"),
        ("empty", b"", "malformed"),
        ("only a tag", genesis[:10], "malformed"),
    ]  # fmt: skip
    return [{"what": what, "bytes": data.hex(), "expect": expect} for what, data, expect in cases]


def logs(family: Family) -> list[dict[str, Any]]:
    """Whole logs, as a verifier gets them beside the evidence: unchanged records by sequence."""
    seal = story(family, "unsealed")
    cases: list[dict[str, Any]] = []
    control = [r["sequence"] for r in seal.records if r["chain"] == "control"]
    journal = [r["sequence"] for r in seal.records if r["chain"] == "journal"]
    data = {record["sequence"]: record["bytes"] for record in seal.records}

    def case(
        what: str,
        expect: list[str],
        new_control: list[int | bytes] | None = None,
        new_journal: list[int | bytes] | None = None,
        evidence: bytes | None = None,
    ) -> None:
        cases.append(
            {
                "id": f"log-{len(cases) + 1:02}",
                "what": what,
                "control": jsonable(control if new_control is None else new_control),
                "journal": jsonable(journal if new_journal is None else new_journal),
                "evidence": jsonable(evidence),
                "expect_one_of": expect,
            }
        )

    def replaced(chain: list[int], sequence: int, by: bytes) -> list[int | bytes]:
        return [by if item == sequence else item for item in chain]

    def without(chain: list[int], sequence: int) -> list[int | bytes]:
        return [item for item in chain if item != sequence]

    def exchanged(chain: list[int], at: int) -> list[int | bytes]:
        return [*chain[:at], chain[at + 1], chain[at], *chain[at + 2 :]]

    case("whole", [])
    for sequence in (1, 5, 8, 13):
        case(
            f"a bit of control record {sequence} changed",
            ["CHAIN_BROKEN"],
            replaced(control, sequence, flip(data[sequence], LATE_BIT)),
        )
    case(
        "a bit of the last control record changed",
        ["HEAD_MISMATCH"],
        replaced(control, control[-1], flip(data[control[-1]], LATE_BIT)),
    )
    case(
        "a bit of a journal record changed",
        ["CHAIN_BROKEN"],
        None,
        replaced(journal, 4, flip(data[4], 25 * 8)),
    )
    case(
        "a bit of the last journal record changed",
        ["HEAD_MISMATCH"],
        None,
        replaced(journal, journal[-1], flip(data[journal[-1]], LATE_BIT)),
    )
    case("control record 8 missing", ["RECORD_MISSING"], without(control, 8))
    case("genesis missing", ["RECORD_MISSING"], without(control, 1))
    case("journal record 6 missing", ["RECORD_MISSING"], None, without(journal, 6))
    case("the last control record missing", ["HEAD_MISMATCH"], without(control, control[-1]))
    case("the last journal record missing", ["HEAD_MISMATCH", "RECORD_MISSING"], None, journal[:-1])
    case("two control records exchanged", ["RECORD_ORDER"], exchanged(control, 2))
    case("two journal records exchanged", ["RECORD_ORDER"], None, exchanged(journal, 1))
    case("a control record twice", ["RECORD_ORDER"], [*control[:3], control[2], *control[3:]])
    case("a control record cut short", ["RECORD_MALFORMED"], replaced(control, 8, data[8][:-1]))
    case(
        "a byte after a journal record",
        ["RECORD_MALFORMED"],
        None,
        replaced(journal, 6, data[6] + b"\x00"),
    )
    other = story(family, "sealed", name="other seal").records
    case(
        "another seal's control record",
        ["RECORD_OTHER_SEAL"],
        replaced(control, 3, other[2]["bytes"]),
    )
    case(
        "another seal's journal record",
        ["RECORD_OTHER_SEAL"],
        None,
        replaced(journal, 2, other[1]["bytes"]),
    )
    case("no control records", ["LOG_MISSING"], [])
    case("no journal records", ["JOURNAL_MISSING"], None, [])
    for what, head in (
        ("a control record carries another journal digest", (7, bytes(32))),
        ("a control record carries an older journal head", (4, family.suite.digest(data[4]))),
        ("a control record says that there is no journal", (0, bytes(32))),
    ):
        crafted = story(family, "sealed")
        true_head = crafted.journal_head
        crafted.journal_head = head
        crafted.tamper("case_opened")
        crafted.journal_head = true_head
        evidence = crafted.evidence(family.suite.derived("nonce of the records", 32))[1]
        changed = {record["sequence"]: record["bytes"] for record in crafted.records}
        case(
            what,
            ["CHAIN_BROKEN", "RECORD_MISSING"],
            [1, 3, 5, changed[8]],
            [2, 4, 6, 7],
            evidence,
        )
    return cases

"""records.json: the two chains of a seal's whole life, and logs that were altered."""

from typing import Any

from vectors import layouts as layout
from vectors.family import Family, flip, other_family_bytes, with_byte
from vectors.history import History
from vectors.layouts import jsonable
from vectors.parameters import fare
from vectors.story import story

# A bit near the end of a record, but not in an order record's count of credentials.
LATE_BIT = -11


def make(family: Family) -> dict[str, Any]:
    seal = story(family, "retired")
    before_end = story(family, "unsealed")
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
        "records": [jsonable(record) for record in seal.records],
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


# fmt: off
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
        cases.append({"id": f"log-{len(cases) + 1:02}", "what": what, "control": jsonable(control
            if new_control is None else new_control), "journal": jsonable(journal
            if new_journal is None else new_journal), "evidence": jsonable(evidence),
            "expect_one_of": expect})

    def replaced(chain: list[int], sequence: int, by: bytes) -> list[int | bytes]:
        return [by if item == sequence else item for item in chain]

    def without(chain: list[int], sequence: int) -> list[int | bytes]:
        return [item for item in chain if item != sequence]

    def exchanged(chain: list[int], at: int) -> list[int | bytes]:
        return [*chain[:at], chain[at + 1], chain[at], *chain[at + 2 :]]

    case("whole", [])
    for sequence in (1, 5, 8, 13):
        case(f"a bit of control record {sequence} changed", ["CHAIN_BROKEN"], replaced(control,
            sequence, flip(data[sequence], LATE_BIT)))
    case("a bit of the last control record changed", ["HEAD_MISMATCH"], replaced(control,
        control[-1], flip(data[control[-1]], LATE_BIT)))
    case("a bit of a journal record changed", ["CHAIN_BROKEN"], None, replaced(journal, 4,
        flip(data[4], 25 * 8)))
    case("a bit of the last journal record changed", ["HEAD_MISMATCH"], None, replaced(journal,
        journal[-1], flip(data[journal[-1]], LATE_BIT)))
    case("control record 8 missing", ["RECORD_MISSING"], without(control, 8))
    case("genesis missing", ["RECORD_MISSING"], without(control, 1))
    case("journal record 6 missing", ["RECORD_MISSING"], None, without(journal, 6))
    case("the last control record missing", ["HEAD_MISMATCH"], without(control, control[-1]))
    case("the last journal record missing", ["HEAD_MISMATCH", "RECORD_MISSING"], None, journal[:-1])
    case("two control records exchanged", ["RECORD_ORDER"], exchanged(control, 2))
    case("two journal records exchanged", ["RECORD_ORDER"], None, exchanged(journal, 1))
    case("a control record twice", ["RECORD_ORDER"], [*control[:3], control[2], *control[3:]])
    case("a control record cut short", ["RECORD_MALFORMED"], replaced(control, 8, data[8][:-1]))
    case("a byte after a journal record", ["RECORD_MALFORMED"], None, replaced(journal, 6, data[6]
        + b"\x00"))
    other = story(family, "sealed", name="other seal").records
    case("another seal's control record", ["RECORD_OTHER_SEAL"], replaced(control, 3,
        other[2]["bytes"]))
    case("another seal's journal record", ["RECORD_OTHER_SEAL"], None, replaced(journal, 2,
        other[1]["bytes"]))
    case("no control records", ["LOG_MISSING"], [])
    case("no journal records", ["JOURNAL_MISSING"], None, [])
    for what, head in (("a control record carries another journal digest", (7, bytes(32))),
        ("a control record carries an older journal head", (4, family.suite.digest(data[4]))),
        ("a control record says that there is no journal", (0, bytes(32)))):
        crafted = story(family, "sealed")
        true_head = crafted.journal_head
        crafted.journal_head = head
        crafted.tamper("case_opened")
        crafted.journal_head = true_head
        evidence = crafted.evidence(family.suite.derived("nonce of the records", 32))[1]
        changed = {record["sequence"]: record["bytes"] for record in crafted.records}
        case(what, ["CHAIN_BROKEN", "RECORD_MISSING"], [1, 3, 5, changed[8]], [2, 4, 6, 7],
            evidence)
    return cases

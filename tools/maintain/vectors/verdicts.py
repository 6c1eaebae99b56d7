"""evidence.json and exports.json: what a verifier concludes (chapters 9, 12 and 13)."""

from collections.abc import Iterable
from typing import Any

from vectors import layouts as layout
from vectors.family import DAY, Family, flip, other_family_bytes, with_byte
from vectors.history import History
from vectors.layouts import Fields, jsonable
from vectors.parameters import ZERO, calibration
from vectors.story import (
    A_BREAK,
    BOTH,
    REASON_PERIODIC,
    REASON_TAMPER,
    near_the_end,
    story,
    with_lost_clock,
)

KINDS = {
    "evidence": 1,
    "seal_credential": 2,
    "control_record": 3,
    "journal_record": 4,
    "group": 5,
    "checkpoint": 6,
}
ANCHORS = ("manufacturer", "authority")
Items = list[tuple[int, bytes]]


# fmt: off
def make_evidence(family: Family) -> dict[str, Any]:
    suite = family.suite
    nonce = suite.derived("the verifier's nonce", 32)
    seals = {"factory": story(family, "born"), "open": story(family, "enrolled"),
        "sealed": story(family, "sealed"), "tampered": story(family, "tampered"),
        "open after a break": story(family, "cleared"), "sealed again": story(family, "adjusted"),
        "tampered, clock lost": with_lost_clock(story(family, "sealed")),
        "at the end of its numbers": near_the_end(story(family, "tampered"), 279),
        "sealed, meter never seen": story(family, "sealed")}
    seals["sealed, meter never seen"].seen = 0
    good = []
    for name, seal in seals.items():
        fields, data = seal.evidence(nonce)
        good.append({"what": name, "fields": jsonable(fields), "bytes": data.hex(),
                     "digest": suite.digest(data).hex()})
    seal = seals["sealed"]
    data = seal.evidence(nonce)[1]
    bad: list[dict[str, Any]] = []

    def refuse(what: str, evidence: bytes, finding: str) -> None:
        bad.append({"what": what, "bytes": evidence.hex(), "expect": finding})

    for offset, field in ((13, "maker"), (17, "serial"), (36, "flags"), (48, "tick_ms"), (56,
        "clock"), (69, "control_sequence"), (70, "control_digest"), (106, "journal_digest"), (201,
        "trust_version"), (202, "parameter_root"), (237, "calibration_counter"), (253,
        "live_causes"), (309, "k_inferred_milli"), (336, "firmware_digest")):
        refuse(f"a bit of {field} flipped", flip(data, 8 * offset + 7), "EVIDENCE_SIGNATURE")
    refuse("a bit of r flipped", flip(data, 8 * 400), "EVIDENCE_SIGNATURE")
    refuse("the last bit of s flipped", flip(data, -1), "EVIDENCE_SIGNATURE")
    refuse("a signature of zeros", data[:-64] + bytes(64), "EVIDENCE_SIGNATURE")
    refuse("signed by another seal's key", data[:-64] + suite.sign("other seal", data[:-64]),
           "EVIDENCE_SIGNATURE")
    refuse("signed by the station's key", data[:-64] + suite.sign("station", data[:-64]),
           "EVIDENCE_SIGNATURE")
    refuse("the answer to another nonce", seal.evidence(suite.derived("another nonce", 32))[1],
           "EVIDENCE_NONCE")
    refuse("the answer to a nonce of zeros", seal.evidence(ZERO)[1], "EVIDENCE_NONCE")
    refuse("a byte missing", data[:-1], "EVIDENCE_MALFORMED")
    refuse("a byte too many", data + b"\x00", "EVIDENCE_MALFORMED")
    refuse("empty", b"", "EVIDENCE_MALFORMED")
    refuse("a checkpoint's tag", with_byte(data, 8, 5), "EVIDENCE_MALFORMED")
    refuse("another prefix", with_byte(data, 0, 0x73), "EVIDENCE_MALFORMED")
    refuse("a checkpoint instead", seal.checkpoint()[1], "EVIDENCE_MALFORMED")
    refuse("a state that is not in the table", seal.evidence(nonce, state=6)[1],
           "EVIDENCE_MALFORMED")
    refuse("a clock quality that is not in the table", seal.evidence(nonce, clock_quality=3)[1],
           "EVIDENCE_MALFORMED")
    refuse("a meter_seen that is not in the table", seal.evidence(nonce, meter_seen=3)[1],
           "EVIDENCE_MALFORMED")
    refuse("another suite's tag", other_family_bytes(suite, data), "SUITE_UNKNOWN")
    refuse("a suite that does not exist", with_byte(data, 7, 3), "SUITE_UNKNOWN")
    refuse("another version's tag", with_byte(data, 9, 2), "SUITE_UNKNOWN")
    return {"public_key": suite.public_key("seal").hex(),
        "seal_credential": family.bytes["seal"].hex(), "nonce": nonce.hex(), "good": good,
        "bad": bad}


def items_of(seal: History, **parts: Any) -> Items:
    """What X-2 lists, in its order; each part can be given otherwise (None: left out)."""
    nonce = seal.suite.derived("the exporter's nonce", 32)

    def part(name: str, usual: Any) -> Iterable[bytes]:
        data = parts.get(name, usual)
        if data is None:
            return []
        return [data] if isinstance(data, bytes) else list(data)

    groups = [bytes([number]) + seal.groups[number] for number in sorted(seal.groups)]
    listed = (("seal_credential", seal.family.bytes[seal.name]), ("evidence",
        seal.evidence(nonce)[1]), ("checkpoint", seal.checkpoint()[1]), ("group", groups),
        ("control_record", seal.chain("control")), ("journal_record", seal.chain("journal")))
    return [(KINDS[name], data) for name, usual in listed for data in part(name, usual)]


class Exports:
    """Collects the cases of exports.json."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.suite = family.suite
        self.sealed = story(family, "sealed")
        self.listed: list[dict[str, Any]] = []

    def file(self, items: Items) -> bytes:
        return layout.export_file(self.suite.number, items, self.suite.digest)

    def add(
        self,
        what: str,
        verdict: str,
        findings: list[str],
        export: Items | bytes,
        anchors: tuple[str, ...] = ANCHORS,
        statement: bytes | None = None,
    ) -> None:
        data = export if isinstance(export, bytes) else self.file(export)
        self.listed.append({"id": f"export-{len(self.listed) + 1:02}", "what": what,
            "anchors": list(anchors), "statement": jsonable(statement), "export": data.hex(),
            "verdict": verdict, "findings": findings})

    def states(self) -> None:
        family, add = self.family, self.add
        held = family.statement(3, ["technician 2"], {"registry": 2})[1]
        add("sealed", "intact", ["AS_OF", "BATTERY_LOW"], items_of(self.sealed))
        add("never enrolled", "undetermined", ["NEVER_SEALED"], items_of(story(family, "born")))
        add("never sealed", "undetermined", ["NEVER_SEALED", "STATE_OPEN"],
            items_of(story(family, "enrolled")))
        add("tampered", "broken", ["STATE_TAMPERED", "FARE_PARAMETERS_CHANGED", "CASE_OPENED"],
            items_of(story(family, "tampered")))
        add("open after a break", "undetermined", ["STATE_OPEN"],
            items_of(story(family, "cleared")))
        adjusted = story(family, "adjusted")
        add("sealed again", "intact", ["BROKEN_BEFORE", "AS_OF"], items_of(adjusted),
            statement=held)
        retired = story(family, "unsealed")
        retired.ask_challenge()
        order = retired.order("retire", {"reason": 8, "text": "seal replaced"}, ["station"])
        retired.apply(order)
        last = retired.evidence(self.suite.digest(order.unsigned))[1]
        add("retired", "undetermined", ["STATE_RETIRED"],
            items_of(retired, evidence=last, checkpoint=None), statement=held)
        lost = with_lost_clock(story(family, "sealed"))
        add("its clock lost while it was sealed", "broken", ["UNSUPERVISED", "STATE_TAMPERED",
            "CLOCK_LOST"], items_of(lost))
        body = {"time": lost.floor + DAY}
        lost.ask_challenge()
        window = {"not_before": body["time"] - 60, "not_after": body["time"] + 60}
        lost.apply(lost.order("restore_clock", body, BOTH, **window))
        lost.wait(10)
        lost.ask_challenge()
        lost.apply(lost.order("clear", REASON_TAMPER, BOTH))
        lost.wait(10)
        renewed = lost.parameters(["calibration"], calibration=calibration(4, lost.clock))
        lost.apply(lost.order("seal", renewed, BOTH))
        add("sealed after its clock was restored", "intact", ["CLOCK_RESTORED", "BROKEN_BEFORE"],
            items_of(lost))
        overdue = story(family, "sealed")
        overdue.wait(366 * DAY)
        add("the date of the next verification has passed", "undetermined",
            ["VERIFICATION_OVERDUE"], items_of(overdue))
        silent = story(family, "sealed")
        silent.seen = 0
        add("the meter was never seen", "undetermined", ["METER_NOT_SEEN"], items_of(silent))
        pruned = story(family, "adjusted")
        base = pruned.records[3]
        nonce = self.suite.derived("the exporter's nonce", 32)
        evidence = pruned.evidence(nonce, base_sequence=base["sequence"],
                                   base_digest=base["digest"], pruned_boot=1, pruned_meter=1)[1]
        add("acknowledged journal records pruned", "intact", ["JOURNAL_PRUNED"], items_of(pruned,
            evidence=evidence, journal_record=pruned.chain("journal")[2:]), statement=held)

    def parts(self) -> None:
        """Parts that are absent."""
        seal, add = self.sealed, self.add
        add("without control records", "undetermined", ["LOG_MISSING"],
            items_of(seal, control_record=None, checkpoint=None))
        add("without journal records", "intact", ["JOURNAL_MISSING"],
            items_of(seal, journal_record=None))
        add("without the seal's credential", "undetermined", ["SEAL_CREDENTIAL_MISSING"],
            items_of(seal, seal_credential=None))
        add("without checkpoint and groups", "intact", ["AS_OF"],
            items_of(seal, checkpoint=None, group=None))
        add("without evidence", "undetermined", ["EVIDENCE_MISSING"], items_of(seal, evidence=None))

    def trust(self) -> None:
        """What the verifier trusts."""
        family, add = self.family, self.add
        items = items_of(self.sealed, group=None)
        add("another manufacturer's anchor", "undetermined", ["SEAL_CREDENTIAL_UNTRUSTED"], items,
            ("other manufacturer", "authority"))
        add("another authority's anchor", "undetermined", ["OTHER_AUTHORITY"], items,
            ("manufacturer", "other authority"))
        add("the technician was revoked later", "undetermined", ["ORDER_SIGNER_REVOKED",
            "TRUST_BEHIND"], items, statement=family.statement(5, ["technician"], {})[1])
        add("the seal's credential was revoked", "broken", ["SEAL_CREDENTIAL_REVOKED"], items,
            statement=family.statement(5, ["seal"], {})[1])
        add("another technician was revoked", "intact", ["TRUST_BEHIND"], items,
            statement=family.statement(5, ["technician 2"], {})[1])
        add("the seal knows a newer statement", "undetermined", ["TRUST_AHEAD"],
            items_of(story(family, "trusted", A_BREAK)), statement=family.statement(2, [], {})[1])

    def altered_file(self) -> None:
        """X-1 and X-3: the file itself."""
        add = self.add
        items = items_of(story(self.family, "enrolled"))
        whole = self.file(items)
        for what, size in (("a byte missing at the end", len(whole) - 1), ("the end missing",
            len(whole) - 37), ("half of it", len(whole) // 2), ("only its first item", 300),
            ("only its header", 10), ("half a header", 5), ("nothing", 0)):
            add(what, "broken", ["EXPORT_TRUNCATED"], whole[:size])
        add("a byte after the end", "broken", ["EXPORT_TRUNCATED"], whole + b"\x00")
        evidence_at = 10 + 3 + len(items[0][1]) + 3
        for what, bit in (("evidence", 8 * (evidence_at + 60)), ("the last record", -8 * 40 - 1),
                          ("the closing digest", -1)):
            add(f"a bit of {what} flipped", "broken", ["EXPORT_ALTERED"], flip(whole, bit))
        add("journal before control records, and a closing digest that fits", "broken", [],
            [item for item in items if item[0] != 3] + [item for item in items if item[0] == 3])
        add("two evidences, and a closing digest that fits", "broken", [], [*items[:2], *items[1:]])

    def altered_parts(self) -> None:
        """The file fits its digest, but not what the seal signed."""
        seal, add, suite = self.sealed, self.add, self.suite
        control, journal = seal.chain("control"), seal.chain("journal")
        own, evidence = self.family.bytes["seal"], items_of(seal)[1][1]
        add("a bit of the seal's credential flipped", "broken", ["SEAL_CREDENTIAL_INVALID"],
            items_of(seal, seal_credential=flip(own, -1)))
        add("another seal's credential", "broken", ["SEAL_CREDENTIAL_INVALID"],
            items_of(seal, seal_credential=self.family.bytes["other seal"]))
        add("a bit of the evidence's clock flipped", "broken", ["EVIDENCE_SIGNATURE"],
            items_of(seal, evidence=flip(evidence, 8 * 56)))
        add("a bit of the checkpoint flipped", "broken", ["CHECKPOINT_INVALID"],
            items_of(seal, checkpoint=flip(seal.checkpoint()[1], -1)))
        add("a checkpoint of a record that the log does not hold", "broken", ["CHECKPOINT_INVALID"],
            items_of(seal, checkpoint=seal.checkpoint(control_digest=ZERO)[1]))
        groups = [data for kind, data in items_of(seal) if kind == KINDS["group"]]
        add("a bit of K flipped", "broken", ["PARAMETERS_ALTERED"],
            items_of(seal, group=[flip(groups[0], 8 * 20 + 6), *groups[1:]]))
        add("a bit of a salt flipped", "broken", ["PARAMETERS_ALTERED"],
            items_of(seal, group=[flip(groups[0], 8 * 2), *groups[1:]]))
        tampered = story(self.family, "tampered")
        chain = tampered.chain("control")
        add("the last control record missing", "broken", ["HEAD_MISMATCH"],
            items_of(tampered, control_record=chain[:-1]))
        add("a break missing", "broken", ["RECORD_MISSING"],
            items_of(tampered, control_record=[*chain[:3], chain[4]]))
        add("two control records exchanged", "broken", ["RECORD_ORDER"],
            items_of(seal, control_record=[control[0], control[2], control[1]]))
        add("a journal record missing", "broken", ["RECORD_MISSING"],
            items_of(seal, journal_record=[journal[0], *journal[2:]]))
        add("a bit of a journal record flipped", "broken", ["CHAIN_BROKEN"],
            items_of(seal, journal_record=[flip(journal[0], 8 * 40), *journal[1:]]))
        add("a bit of genesis flipped", "broken", ["CHAIN_BROKEN"],
            items_of(seal, control_record=[flip(control[0], -1), *control[1:]]))
        add("a control record cut short", "broken", ["RECORD_MALFORMED"],
            items_of(seal, control_record=[*control[:2], control[2][:-1]]))
        other = story(self.family, "sealed", name="other seal")
        add("another seal's records", "broken", ["RECORD_OTHER_SEAL"], items_of(seal,
            control_record=other.chain("control"), journal_record=other.chain("journal")))
        add("another seal's evidence beside this seal's records", "broken", ["RECORD_OTHER_SEAL"],
            items_of(seal, evidence=other.evidence(suite.derived("the exporter's nonce", 32))[1],
                     seal_credential=self.family.bytes["other seal"], checkpoint=None))

    def false_seal(self) -> None:
        """What only a seal whose key is in other hands, or whose firmware errs, can have signed."""
        family, add = self.family, self.add
        nonce = self.suite.derived("the exporter's nonce", 32)
        opened = story(family, "sealed")
        opened.ask_challenge()
        opened.apply(opened.order("unseal", REASON_PERIODIC, BOTH))
        for what, changes in (("says sealed, its log ends open", {"state": 3}),
            ("a calibration counter that the log does not lead to", {"calibration_counter": 7}),
            ("a trust version that the log does not lead to", {"trust_version": 9})):
            add(what, "broken", ["STATE_CONTRADICTS_LOG"],
                items_of(opened, evidence=opened.evidence(nonce, **changes)[1]))
        root = self.sealed.evidence(nonce, parameter_root=ZERO)[1]
        add("a parameter root that the log does not lead to", "broken", ["PARAMETERS_ALTERED"],
            items_of(self.sealed, evidence=root))

        def applied(what: str, finding: str, name: str, body: Fields, signers: list[str],
                    stage: str = "sealed", **more: Any) -> None:
            seal = story(family, stage)
            seal.ask_challenge()
            seal.apply(seal.order(name, body, signers, **more))
            add(what, "broken", [finding], items_of(seal, group=None))

        applied("an order with a signature of another key", "ORDER_SIGNATURE", "unseal",
                REASON_PERIODIC, BOTH, sign_with=["technician 2", "station"])
        applied("an order of an expired technician", "ORDER_CREDENTIAL", "unseal",
                REASON_PERIODIC, ["technician expired", "station"])
        applied("an order of another authority's station", "ORDER_CREDENTIAL", "confirm",
            {"groups": self.sealed.parameters(["calibration"])["groups"]}, ["other station"])
        applied("an order of a technician alone", "ORDER_NOT_ALLOWED", "unseal",
                REASON_PERIODIC, ["technician"])
        applied("an order against another head", "ORDER_NOT_ALLOWED", "unseal",
                REASON_PERIODIC, BOTH, head_digest=ZERO)
        applied("an order for another seal", "ORDER_NOT_ALLOWED", "unseal",
                REASON_PERIODIC, BOTH, serial=1002)
        applied("an order outside its window", "ORDER_NOT_ALLOWED", "unseal",
                REASON_PERIODIC, BOTH, not_before=1, not_after=2)
        applied("an order in the wrong state", "ORDER_NOT_ALLOWED", "unseal", REASON_PERIODIC,
                BOTH, stage="tampered")
        unknown = story(family, "sealed")
        unknown.write(0x04, {"data": b"what a later version has"})
        add("a control record of an unknown kind", "undetermined", ["RECORD_UNKNOWN"],
            items_of(unknown))
        journal = story(family, "sealed")
        journal.write(0x90, {"data": b"what a later version has"})
        add("a journal record of an unknown kind", "intact", ["AS_OF"], items_of(journal))
        headless = story(family, "sealed")
        true_head, headless.journal_head = headless.journal_head, (7, ZERO)
        headless.apply(headless.order("adjust_clock", {"change_s": 5}, ["technician"]))
        headless.journal_head = true_head
        add("a control record with another journal digest", "broken", ["CHAIN_BROKEN"],
            items_of(headless))


def make_exports(family: Family) -> dict[str, Any]:
    exports = Exports(family)
    exports.states()
    exports.parts()
    exports.trust()
    exports.altered_file()
    exports.altered_parts()
    exports.false_seal()
    return {"cases": exports.listed}

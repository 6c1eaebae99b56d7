"""witness.json: a ledger's leaves, tree, heads, attestations, and bundles (chapters 16 and 17)."""

import json
from collections.abc import Callable
from typing import Any

from vectors import layouts as layout
from vectors.family import DAY, Family, flip, other_family_bytes, with_byte
from vectors.history import History
from vectors.layouts import Fields, jsonable
from vectors.parameters import ZERO
from vectors.story import story
from vectors.verdicts import ANCHORS

KINDS = {
    "evidence": 1,
    "seal_credential": 2,
    "control_record": 3,
    "journal_record": 4,
    "group": 5,
    "checkpoint": 6,
    "group_digest": 7,
    "earlier_evidence": 8,
    "credential": 9,
    "verdict": 10,
    "ledger_leaf": 11,
    "inclusion": 12,
    "tree_head": 13,
}
PLACES = (2, 1, 6, 5, 7, 3, 4, 8, 9, 10, 11, 12, 13)
CONCLUSIONS = {"not_judged": 0, "intact": 1, "broken": 2, "undetermined": 3}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LEAVES = 7
OWN = 4  # the leaf of the bundles

H = Callable[[bytes], bytes]


# RFC 9162, 2.1, as it is defined there.


def split(count: int) -> int:
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def root(h: H, leaves: list[bytes]) -> bytes:
    if not leaves:
        return h(b"")
    if len(leaves) == 1:
        return h(b"\x00" + leaves[0])
    k = split(len(leaves))
    return h(b"\x01" + root(h, leaves[:k]) + root(h, leaves[k:]))


def inclusion(h: H, index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*inclusion(h, index, leaves[:k]), root(h, leaves[k:])]
    return [*inclusion(h, index - k, leaves[k:]), root(h, leaves[:k])]


def consistency(h: H, first: int, leaves: list[bytes], known: bool = True) -> list[bytes]:
    if first == len(leaves):
        return [] if known else [root(h, leaves)]
    k = split(len(leaves))
    if first <= k:
        return [*consistency(h, first, leaves[:k], known), root(h, leaves[k:])]
    return [*consistency(h, first - k, leaves[k:], False), root(h, leaves[:k])]


def base45(data: bytes) -> str:
    text = ""
    for at in range(0, len(data), 2):
        piece = data[at : at + 2]
        value = int.from_bytes(piece, "big")
        for _ in range(len(piece) + 1):
            text += ALPHABET[value % 45]
            value //= 45
    return text


# fmt: off
class Witness:
    """A station that took some evidence, that of `seal` among it."""

    def __init__(self, family: Family) -> None:
        self.family, self.suite = family, family.suite
        self.seal = story(family, "sealed")
        self.nonce = self.suite.derived("the station's nonce", 32)
        self.evidence_fields, self.evidence = self.seal.evidence(self.nonce)
        self.now = self.seal.clock
        self.told = self.verdict("intact", [["AS_OF", "note"], ["BATTERY_LOW", "warning"]])
        self.leaf_fields = [self._other(number) for number in range(LEAVES)]
        self.leaf_fields[OWN] = self.leaf(self.evidence_fields, self.evidence, "intact", self.told)
        self.leaves = [layout.ledger_leaf(self.suite.number, f) for f in self.leaf_fields]

    def verdict(self, conclusion: str, findings: list[list[str]]) -> bytes:
        content = {"schema": "sealkit.station.verdict/1", "judged_at": self.now,
            "trust": {"authority": self.family.key_id("authority").hex(), "version": 0,
                "statement": ZERO.hex()},
            "verdict": conclusion, "layers": {"cryptographic": "intact", "semantic": "intact",
                "policy": "intact"},
            "findings": [{"code": code, "severity": severity, "records": []}
                for code, severity in findings]}
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()

    def leaf(self, evidence: Fields, raw: bytes, conclusion: str, told: bytes | None) -> Fields:
        names = ("maker", "serial", "seal_key", "control_sequence", "control_digest",
            "journal_sequence", "journal_digest", "base_sequence", "calibration_counter",
            "configuration_counter", "parameter_root")
        return {"received_at": self.now + 5, **{name: evidence[name] for name in names},
            "evidence_digest": self.suite.digest(raw), "conclusion": CONCLUSIONS[conclusion],
            "verdict_digest": ZERO if told is None else self.suite.digest(told),
            "place_digest": self.suite.digest(self.suite.derived("a place's salt", 16)
                + "上海 4".encode())}

    def _other(self, number: int) -> Fields:
        """A leaf of evidence that is not in the vectors."""
        conclusion = list(CONCLUSIONS)[number % 4]
        told = None if number % 4 == 0 else b"{}"
        fields = self.leaf({**self.evidence_fields, "serial": 2000 + number},
            b"evidence %d" % number, conclusion, told)
        return {**fields, "place_digest": ZERO}

    def head(self, size: int = LEAVES, signer: str = "station", **changes: Any) -> tuple[
            Fields, bytes]:
        fields = {"station": self.family.digest("station"), "size": size,
            "root": root(self.suite.digest, self.leaves[:size]), "time": self.now + 60, **changes}
        unsigned = layout.tree_head(self.suite.number, fields)
        signature = self.suite.sign(signer, unsigned)
        return {**fields, "signature": signature}, unsigned + signature

    def attestation(self, signer: str = "station", **changes: Any) -> tuple[Fields, bytes]:
        e = self.evidence_fields
        fields = {"maker": e["maker"], "serial": e["serial"], "plate": "沪A12345",
            "evidence_time": e["clock"], "evidence_digest": self.suite.digest(self.evidence),
            "calibration_counter": e["calibration_counter"],
            "configuration_counter": e["configuration_counter"], "leaf_index": OWN,
            "issued_at": self.now + 60, "valid_until": self.now + 90 * DAY,
            "station": self.family.digest("station"), **changes}
        unsigned = layout.attestation(self.suite.number, fields)
        signature = self.suite.sign(signer, unsigned)
        return {**fields, "signature": signature}, unsigned + signature


def make_tree(witness: Witness) -> dict[str, Any]:
    h = witness.suite.digest
    leaves = witness.leaves
    return {
        "leaves": [{"fields": jsonable(f), "bytes": leaf.hex(), "hash": h(b"\x00" + leaf).hex()}
            for f, leaf in zip(witness.leaf_fields, leaves, strict=True)],
        "roots": [root(h, leaves[:size]).hex() for size in range(LEAVES + 1)],
        "inclusions": [{"index": index, "size": size,
            "path": jsonable(inclusion(h, index, leaves[:size]))}
            for size in range(1, LEAVES + 1) for index in range(size)],
        "consistencies": [{"first": first, "second": second,
            "path": jsonable(consistency(h, first, leaves[:second]))}
            for second in range(1, LEAVES + 1) for first in range(1, second + 1)],
    }


def make_heads(witness: Witness) -> dict[str, Any]:
    family, suite = witness.family, witness.suite
    good = [{"what": f"{size} leaves", "fields": jsonable(fields), "bytes": data.hex()}
        for size in (0, 1, LEAVES) for fields, data in [witness.head(size)]]
    data = witness.head()[1]
    bad: list[dict[str, Any]] = []

    def refuse(what: str, head: bytes, finding: str, credentials: tuple[str, ...] = ("station",),
            statement: bytes | None = None) -> None:
        bad.append({"what": what, "bytes": head.hex(), "credentials": list(credentials),
            "statement": jsonable(statement), "expect": finding})

    for offset, field in ((49, "size"), (50, "root"), (89, "time")):
        refuse(f"a bit of {field} flipped", flip(data, 8 * offset + 7), "TREE_HEAD_INVALID")
    refuse("the last bit of s flipped", flip(data, -1), "TREE_HEAD_INVALID")
    refuse("a signature of zeros", data[:-64] + bytes(64), "TREE_HEAD_INVALID")
    refuse("signed by the technician's key", witness.head(signer="technician")[1],
        "TREE_HEAD_INVALID")
    refuse("a byte missing", data[:-1], "TREE_HEAD_INVALID")
    refuse("a byte too many", data + b"\x00", "TREE_HEAD_INVALID")
    refuse("an attestation's tag", with_byte(data, 8, 11), "TREE_HEAD_INVALID")
    refuse("another suite's tag", other_family_bytes(suite, data), "SUITE_UNKNOWN")
    refuse("the credential is not at hand", data, "STATION_UNTRUSTED", ("inspector",))
    refuse("an inspector's head", witness.head(signer="inspector",
        station=family.digest("inspector"))[1], "STATION_UNTRUSTED", ("inspector",))
    refuse("a station by the registry", witness.head(signer="station 4",
        station=family.digest("station by the registry"))[1], "STATION_UNTRUSTED",
        ("station by the registry", "registry"))
    refuse("signed before the credential was valid", witness.head(time=1)[1], "STATION_UNTRUSTED")
    refuse("the station was revoked", data, "STATION_UNTRUSTED", ("station",),
        family.statement(5, ["station"], {})[1])
    return {"good": good, "bad": bad}


def make_attestations(witness: Witness) -> dict[str, Any]:
    family, suite = witness.family, witness.suite
    good = [{"what": what, "fields": jsonable(fields), "bytes": data.hex(),
        "text": "SEALKIT1:" + base45(data), "text_with_credential": "SEALKIT1:" + base45(data +
        family.bytes["station"])} for what, (fields, data) in (
        ("usual", witness.attestation()), ("the longest", witness.attestation(plate="x" * 16)),
        ("without a plate", witness.attestation(plate="")))]
    data = witness.attestation()[1]
    bad: list[dict[str, Any]] = []

    def refuse(what: str, attestation: bytes, finding: str, **case: Any) -> None:
        bad.append({"what": what, "bytes": attestation.hex(), "at": case.get("at",
            witness.now + 60), "plate": case.get("plate"), "statement":
            jsonable(case.get("statement")), "expect": finding})

    for offset, field in ((17, "serial"), (20, "plate"), (40, "evidence_digest")):
        refuse(f"a bit of {field} flipped", flip(data, 8 * offset + 7), "ATTESTATION_INVALID")
    refuse("the last bit of s flipped", flip(data, -1), "ATTESTATION_INVALID")
    refuse("signed by the inspector's key", witness.attestation("inspector")[1],
        "ATTESTATION_INVALID")
    refuse("a byte missing", data[:-1], "ATTESTATION_INVALID")
    refuse("a byte too many", data + b"\x00", "ATTESTATION_INVALID")
    refuse("a tree head's tag", with_byte(data, 8, 10), "ATTESTATION_INVALID")
    refuse("another suite's tag", other_family_bytes(suite, data), "SUITE_UNKNOWN")
    refuse("a second before it begins", data, "ATTESTATION_EXPIRED", at=witness.now + 59)
    refuse("a second after it ends", data, "ATTESTATION_EXPIRED", at=witness.now + 90 * DAY + 1)
    refuse("another vehicle", data, "ATTESTATION_OTHER_PLATE", plate="沪A12346")
    refuse("the station was revoked", data, "STATION_UNTRUSTED",
        statement=family.statement(5, ["station"], {})[1])
    bad_texts = [{"what": what, "text": "SEALKIT1:" + base45(bytes_), "expect": finding}
        for what, bytes_, finding in (
        ("no credential, and none at hand", data, "STATION_UNTRUSTED"),
        ("another's credential", data + family.bytes["inspector"], "ATTESTATION_INVALID"),
        ("a byte after the credential", data + family.bytes["station"] + b"\x00",
            "ATTESTATION_INVALID"),
        ("half a credential", data + family.bytes["station"][:100], "ATTESTATION_INVALID"),
        ("its own bytes twice", data + data, "ATTESTATION_INVALID"))]
    return {"good": good, "bad": bad, "bad_texts": bad_texts}


class Bundles:
    """Collects the cases."""

    def __init__(self, witness: Witness) -> None:
        self.witness, self.listed = witness, list[dict[str, Any]]()

    def items(self, seal: History, evidence: bytes, **parts: Any) -> list[tuple[int, bytes]]:
        """What B-1 lists, in its order; each part can be given otherwise (None: left out)."""
        w = self.witness
        groups = [bytes([number]) + seal.groups[number] for number in sorted(seal.groups)]
        path = inclusion(w.suite.digest, OWN, w.leaves)
        usual: dict[str, Any] = {"evidence": evidence, "seal_credential":
            w.family.bytes[seal.name], "checkpoint": seal.checkpoint()[1], "group": groups,
            "control_record": seal.chain("control"), "journal_record": seal.chain("journal"),
            "credential": w.family.bytes["station"], "verdict": w.told,
            "ledger_leaf": w.leaves[OWN], "inclusion": OWN.to_bytes(8, "big") + b"".join(path),
            "tree_head": w.head()[1], **parts}
        found = []
        for name, value in usual.items():
            several = [] if value is None else [value] if isinstance(value, bytes) else value
            found += [(KINDS[name], data) for data in several]
        return sorted(found, key=lambda item: PLACES.index(item[0]))

    def add(self, what: str, comes_to: str, findings: list[str], data: bytes | None = None,
            anchors: tuple[str, ...] = ANCHORS, statement: bytes | None = None,
            **parts: Any) -> None:
        if data is None:
            data = self.file(**parts)
        self.listed.append({"id": f"bundle-{len(self.listed) + 1:02}", "what": what,
            "anchors": list(anchors), "statement": jsonable(statement), "bundle": data.hex(),
            "verdict": comes_to, "findings": findings})

    def file(self, **parts: Any) -> bytes:
        w = self.witness
        items = self.items(w.seal, w.evidence, **parts)
        return layout.bundle_file(w.suite.number, items, w.suite.digest)


def withheld(witness: Witness, shown: tuple[int, ...]) -> dict[str, Any]:
    groups, suite = witness.seal.groups, witness.suite
    digests = [bytes([n]) + suite.digest(layout.tag(suite.number, "group") + bytes([n]) + groups[n])
        for n in sorted(groups) if n not in shown]
    return {"group": [bytes([n]) + groups[n] for n in shown], "group_digest": digests,
        "control_record": None, "journal_record": None, "checkpoint": None}


def make_bundles(witness: Witness) -> list[dict[str, Any]]:
    family, suite, h = witness.family, witness.suite, witness.suite.digest
    bundles = Bundles(witness)
    add = bundles.add
    whole = bundles.file()
    add("sealed", "intact", ["AS_OF", "BATTERY_LOW"])
    add("K and tariff shown, the rest withheld", "undetermined", ["LOG_WITHHELD"],
        **withheld(witness, (1, 3)))
    shown = withheld(witness, (1, 3))
    add("a digest exchanged", "broken", ["PARAMETERS_ALTERED"], **{**shown,
        "group_digest": [flip(shown["group_digest"][0], -1), *shown["group_digest"][1:]]})
    add("a digest missing", "broken", ["PARAMETERS_ALTERED"], **{**shown,
        "group_digest": shown["group_digest"][1:]})
    add("a group both shown and withheld", "broken", ["BUNDLE_ALTERED"], **{**shown,
        "group_digest": [b"\x01" + ZERO, *shown["group_digest"]]})
    add("a log beside what is withheld", "broken", ["BUNDLE_ALTERED"], **{**shown,
        "control_record": witness.seal.chain("control")})

    for name, what in (("ledger_leaf", "the ledger's entry"), ("inclusion", "the proof"),
                       ("tree_head", "the tree head")):
        add(f"without {what}", "undetermined", ["LEDGER_ENTRY_MISSING"],
            bundles.file(**{name: None}))
    add("without the station's verdict", "intact", ["AS_OF"], verdict=None)
    add("without the station's credential", "undetermined", ["STATION_UNTRUSTED"], credential=None)
    add("another entry of the ledger", "broken", ["LEDGER_ENTRY_INVALID"],
        ledger_leaf=witness.leaves[1], inclusion=(1).to_bytes(8, "big") + b"".join(
        inclusion(h, 1, witness.leaves)))
    path = inclusion(h, OWN, witness.leaves)
    for what, index, hashes in (("another index", OWN - 1, path),
            ("an index past the end", LEAVES, path),
            ("a path too short", OWN, path[:-1]), ("a path too long", OWN, [*path, ZERO]),
            ("a path in another order", OWN, path[::-1]), ("half a hash", OWN, [*path, bytes(16)])):
        add(f"a proof with {what}", "broken", ["INCLUSION_INVALID"],
            inclusion=index.to_bytes(8, "big") + b"".join(hashes))
    add("a proof of three bytes", "broken", ["INCLUSION_INVALID"], inclusion=bytes(3))
    add("the head of a smaller tree", "broken", ["INCLUSION_INVALID"],
        tree_head=witness.head(OWN)[1])
    add("a bit of the head's root flipped", "broken", ["TREE_HEAD_INVALID"],
        tree_head=flip(witness.head()[1], 8 * 60))
    add("another verdict than the entry names", "broken", ["STATION_VERDICT_INVALID"],
        verdict=witness.verdict("intact", []))
    for what, told in (("no JSON", b"no"), ("a list", b"[]"), ("a verdict of a wrong type",
            witness.told.replace(b'"verdict":"intact"', b'"verdict":7'))):
        add(f"the verdict is {what}", "broken", ["STATION_VERDICT_INVALID"], verdict=told)
    add("a bundle in the verdict's place", "broken", ["STATION_VERDICT_INVALID"],
        verdict=whole[:20_000])
    later = witness.family.statement(5, [], {})[1]
    add("the verifier has a newer statement", "intact", ["STATION_OTHER_TRUST", "TRUST_BEHIND"],
        statement=later)
    add("another authority's anchor", "undetermined", ["OTHER_AUTHORITY", "STATION_UNTRUSTED",
        "STATION_OTHER_TRUST"], anchors=("manufacturer", "other authority"))
    add("the station was revoked", "undetermined", ["STATION_UNTRUSTED"],
        statement=family.statement(5, ["station"], {})[1])

    before = story(family, "enrolled")
    add("earlier evidence that it follows", "intact", ["AS_OF"],
        earlier_evidence=before.evidence(witness.nonce)[1])
    after = story(family, "tampered")
    add("later evidence beside it", "intact", ["AS_OF"],
        earlier_evidence=after.evidence(witness.nonce)[1])
    add("evidence that said more, an hour before", "broken", ["HISTORY_ROLLED_BACK"],
        earlier_evidence=after.evidence(witness.nonce, clock=witness.now - 3_600)[1])
    add("evidence of another life", "broken", ["HISTORY_FORKED"], earlier_evidence=
        witness.seal.evidence(witness.nonce, control_digest=suite.derived("a copy", 32))[1])
    add("evidence of another seal", "undetermined", ["EARLIER_UNUSABLE"], earlier_evidence=
        story(family, "sealed", name="other seal").evidence(witness.nonce)[1])

    for what, size in (("a byte missing", len(whole) - 1), ("the end missing", len(whole) - 37),
            ("half of it", len(whole) // 2), ("only its header", 10), ("half a header", 5)):
        add(what, "broken", ["BUNDLE_TRUNCATED"], whole[:size])
    add("a byte after the end", "broken", ["BUNDLE_TRUNCATED"], whole + b"\x00")
    add("a bit of the evidence flipped", "broken", ["BUNDLE_ALTERED"], flip(whole, 8 * 600))
    add("a bit of the closing digest flipped", "broken", ["BUNDLE_ALTERED"], flip(whole, -1))
    add("17 earlier evidences", "broken", ["BUNDLE_ALTERED"], earlier_evidence=[b"e"] * 17)
    return bundles.listed


def make(family: Family) -> dict[str, Any]:
    witness = Witness(family)
    return {"now": witness.now, "station": family.bytes["station"].hex(),
        "verdict": witness.told.hex(), "evidence": witness.evidence.hex(),
        "tree": make_tree(witness), "tree_heads": make_heads(witness),
        "attestations": make_attestations(witness), "bundles": make_bundles(witness)}

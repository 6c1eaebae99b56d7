"""What a bundle's station says, against what the verifier found itself (B-4 to B-6)."""

from __future__ import annotations

from typing import Final

from sealkit.appraisal.material import Vouched
from sealkit.appraisal.station import credential_named, judge_tree_head
from sealkit.appraisal.station_verdict import (
    StationVerdict,
    TrustReference,
    deciding_codes,
    parse_station_verdict,
)
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import (
    Conclusion,
    Detail,
    Findings,
    ProvenEntry,
    conclude,
    finding,
)
from sealkit.appraisal.words import refusal_detail, same
from sealkit.crypto.suite import Suite
from sealkit.errors import MalformedError
from sealkit.rules.credentials import parse_credential
from sealkit.rules.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from sealkit.wire.bundle import INCLUSION
from sealkit.wire.evidence import Evidence
from sealkit.wire.registry import RecordedConclusion
from sealkit.wire.witness import LEDGER_LEAF, NO_VERDICT, LedgerLeaf

_OF_THE_BUNDLE: Final = "LOG_WITHHELD"
"""The finding that the station, who had everything, could not have."""

_RECORDED: Final = {
    RecordedConclusion.INTACT: Conclusion.INTACT,
    RecordedConclusion.BROKEN: Conclusion.BROKEN,
    RecordedConclusion.UNDETERMINED: Conclusion.UNDETERMINED,
}

_LIKE_THE_EVIDENCE: Final = (
    "maker",
    "serial",
    "seal_key",
    "control_sequence",
    "control_digest",
    "journal_sequence",
    "journal_digest",
    "base_sequence",
    "calibration_counter",
    "configuration_counter",
    "parameter_root",
)


def judge_vouched(
    vouched: Vouched,
    trust: TrustBundle,
    evidence: Evidence,
    region: int | None,
    findings: Findings,
) -> ProvenEntry | None:
    """Compares; `findings` are those that the verifier came to without the station. Answers where
    the station's ledger holds the evidence, None unless that is proven."""
    own = tuple(f for f in findings.listed() if f.code != _OF_THE_BUNDLE)
    leaf = _judge_leaf(vouched, trust.suite, evidence, findings)
    entry = _judge_proof(vouched, trust, leaf, region, findings)
    verdict = _judge_verdict(vouched, trust, leaf, findings)
    recorded = None if leaf is None else _RECORDED.get(leaf.conclusion)
    conclusion = conclude(own)[0]
    deciding = deciding_codes(own)
    told = recorded if verdict is None else verdict.conclusion
    codes = deciding if verdict is None else verdict.deciding
    if told is not None and (told, codes) != (conclusion, deciding):
        findings.add(
            finding(
                "STATION_VERDICT_DIFFERS",
                _difference(told, conclusion, ", ".join(sorted(codes ^ deciding))),
            )
        )
    return entry


def _difference(told: Conclusion, here: Conclusion, only: str) -> Detail:
    """What the station and the verifier do not have in common. only: codes of one of them."""
    if told is here:
        return Detail(
            f"Both say {told.value}; found by one alone: {only}.",
            f"双方均为 {told.value}；仅一方发现：{only}。",
        )
    return Detail(
        f"It said {told.value}, here it is {here.value}; not in both: {only}.",
        f"检定站为 {told.value}，此处为 {here.value}；仅一方有：{only}。",
    )


def _judge_leaf(
    vouched: Vouched, suite: Suite, evidence: Evidence, findings: Findings
) -> LedgerLeaf | None:
    """The ledger's entry, if it is that of the evidence."""
    if vouched.leaf is None:
        findings.add(finding("LEDGER_ENTRY_MISSING"))
        return None
    try:
        leaf = LEDGER_LEAF.parse(vouched.leaf)
    except MalformedError as error:
        findings.add(finding("LEDGER_ENTRY_INVALID", refusal_detail(error)))
        return None
    differing = [
        name
        for name in ("suite", *_LIKE_THE_EVIDENCE)
        if getattr(leaf, name) != getattr(evidence, name)
    ]
    if leaf.evidence_digest != suite.digest(evidence.raw):
        differing.append("evidence_digest")
    if (leaf.verdict_digest == NO_VERDICT) != (leaf.conclusion is RecordedConclusion.NOT_JUDGED):
        differing.append("conclusion")
    if differing:
        findings.add(finding("LEDGER_ENTRY_INVALID", same(", ".join(differing))))
        return None
    return leaf


def _judge_proof(
    vouched: Vouched,
    trust: TrustBundle,
    leaf: LedgerLeaf | None,
    region: int | None,
    findings: Findings,
) -> ProvenEntry | None:
    """The entry's place in a tree whose head a trusted station signed."""
    if vouched.tree_head is None or vouched.inclusion is None:
        findings.add(finding("LEDGER_ENTRY_MISSING"))
    if vouched.tree_head is None:
        return None
    head, found = judge_tree_head(trust, vouched.tree_head, vouched.credentials, region)
    for one in found:
        findings.add(one)
    if head is None or leaf is None or vouched.inclusion is None:
        return None
    try:
        inclusion = INCLUSION.parse(vouched.inclusion)
    except MalformedError as error:
        findings.add(finding("INCLUSION_INVALID", refusal_detail(error)))
        return None
    path = [
        inclusion.path[at : at + HASH_BYTES] for at in range(0, len(inclusion.path), HASH_BYTES)
    ]
    digest = trust.suite.digest
    hashed = leaf_hash(digest, leaf.raw)
    if not verify_inclusion(digest, hashed, inclusion.index, head.size, path, head.root):
        where = Detail(
            f"Entry {inclusion.index} of {head.size}.", f"条目 {inclusion.index}，共 {head.size}。"
        )
        findings.add(finding("INCLUSION_INVALID", where))
        return None
    station = credential_named(trust.suite, head.station, vouched.credentials)
    if found or station is None:
        return None
    name = parse_credential(trust.suite, station).name
    return ProvenEntry(inclusion.index, head.size, head.time, name)


def _judge_verdict(
    vouched: Vouched, trust: TrustBundle, leaf: LedgerLeaf | None, findings: Findings
) -> StationVerdict | None:
    """What the station said, if the ledger's entry names it."""
    if vouched.verdict is None:
        return None
    try:
        verdict = parse_station_verdict(vouched.verdict)
    except MalformedError as error:
        findings.add(finding("STATION_VERDICT_INVALID", refusal_detail(error)))
        return None
    if leaf is not None and leaf.conclusion is not RecordedConclusion.NOT_JUDGED:
        committed = (leaf.verdict_digest, _RECORDED[leaf.conclusion])
        if committed != (trust.suite.digest(vouched.verdict), verdict.conclusion):
            findings.add(finding("STATION_VERDICT_INVALID"))
            return None
    own = TrustReference.of(trust)
    if verdict.trust != own:
        findings.add(
            finding(
                "STATION_OTHER_TRUST",
                Detail(
                    f"The station had version {verdict.trust.version} of authority"
                    f" {verdict.trust.authority.hex()}, the verifier {own.version} of"
                    f" {own.authority.hex()}.",
                    f"检定站为主管机构 {verdict.trust.authority.hex()} 的版本"
                    f" {verdict.trust.version}，验证方为 {own.authority.hex()} 的版本"
                    f" {own.version}。",
                ),
            )
        )
    return verdict

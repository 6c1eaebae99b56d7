"""What a seal signed about itself, and the credential of its key (V-1, V-2)."""

from __future__ import annotations

from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Detail, Finding, finding
from sealkit.appraisal.words import refusal_detail, same
from sealkit.crypto.suite import Suite
from sealkit.errors import MalformedError, RefusedError
from sealkit.rules.chain import Head
from sealkit.rules.credentials import judge_seal_credential, parse_credential
from sealkit.wire.credentials import Credential
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE, Evidence
from sealkit.wire.registry import TagType
from sealkit.wire.tags import check_tag

_UNKNOWN_HERE = ("WRONG_SUITE", "WRONG_VERSION")


def of_another_suite(suite: Suite, raw: bytes) -> Finding | None:
    """The finding that evidence is of another suite or version, which nothing here can judge."""
    try:
        other = check_tag(raw, TagType.EVIDENCE)
    except MalformedError as error:
        if error.code not in _UNKNOWN_HERE:
            return None
        return finding("SUITE_UNKNOWN", refusal_detail(error))
    return None if other == suite.id else finding("SUITE_UNKNOWN", same(other.name.lower()))


def read_evidence(suite: Suite, raw: bytes) -> tuple[Evidence | None, list[Finding]]:
    """Evidence of this suite, its signature not yet checked."""
    try:
        evidence = EVIDENCE.parse(raw)
    except MalformedError as error:
        other = of_another_suite(suite, raw)
        return None, [other or finding("EVIDENCE_MALFORMED", refusal_detail(error))]
    if evidence.suite != suite.id:
        return None, [finding("SUITE_UNKNOWN", same(evidence.suite.name.lower()))]
    return evidence, []


def check_evidence(
    suite: Suite, raw: bytes, *, public_key: bytes, nonce: bytes | None
) -> tuple[Evidence | None, list[Finding]]:
    """Evidence that answers the nonce (32 bytes) and is signed with the seal's key (65 bytes).

    nonce None: none was asked, as of an export. That the key is the seal's is for its credential
    to show. Without findings the evidence is good; never an exception.
    """
    evidence, findings = read_evidence(suite, raw)
    if evidence is None:
        return None, findings
    if nonce is not None and evidence.nonce != nonce:
        findings.append(finding("EVIDENCE_NONCE"))
    if not suite.verify(public_key, evidence.signed_bytes, evidence.signature):
        findings.append(finding("EVIDENCE_SIGNATURE"))
    return evidence, findings


def check_seal_credential(
    trust: TrustBundle, credential: Credential, evidence: Evidence
) -> list[Finding]:
    """Whether the maker's credential binds the number in the evidence to the key (K-2, R27)."""
    suite = trust.credentials_suite
    if suite.key_id(credential.public_key) != evidence.seal_key:
        return [
            finding(
                "SEAL_CREDENTIAL_INVALID",
                Detail("The evidence names another key.", "证据所述为另一密钥。"),
            )
        ]
    manufacturer = trust.manufacturer(credential.issuer)
    if manufacturer is None:
        return [finding("SEAL_CREDENTIAL_UNTRUSTED", same(credential.issuer.hex()))]
    try:
        judge_seal_credential(
            suite,
            credential,
            manufacturer=manufacturer,
            maker=evidence.maker,
            serial=evidence.serial,
            public_key=credential.public_key,
        )
    except RefusedError as error:
        return [finding("SEAL_CREDENTIAL_INVALID", refusal_detail(error))]
    return []


def read_seal_credential(
    trust: TrustBundle, raw: bytes | None
) -> tuple[Credential | None, list[Finding]]:
    """The seal's credential, if it is at hand and has its layout."""
    if raw is None:
        return None, [finding("SEAL_CREDENTIAL_MISSING")]
    try:
        return parse_credential(trust.suite, raw), []
    except RefusedError as error:
        return None, [finding("SEAL_CREDENTIAL_INVALID", refusal_detail(error))]


def check_checkpoint(
    suite: Suite, raw: bytes, *, public_key: bytes, evidence: Evidence, end: Head
) -> list[Finding]:
    """Whether the checkpoint is signed by the seal and tells the end of its control chain (E-4).

    A retired seal gives its last evidence in the checkpoint's place (C-10).
    """
    if raw == evidence.raw:
        return []
    try:
        checkpoint = CHECKPOINT.parse(raw)
    except MalformedError as error:
        return [finding("CHECKPOINT_INVALID", refusal_detail(error))]
    own = (suite.id, evidence.maker, evidence.serial, evidence.seal_key)
    if (checkpoint.suite, checkpoint.maker, checkpoint.serial, checkpoint.seal_key) != own:
        what = Detail("It is another seal's.", "属于另一枚封印。")
    elif not suite.verify(public_key, checkpoint.signed_bytes, checkpoint.signature):
        what = Detail("Its signature does not verify.", "签名验证失败。")
    elif Head(checkpoint.control_sequence, checkpoint.control_digest) != end:
        what = Detail(
            f"It tells record {checkpoint.control_sequence}, the log ends at {end.sequence}.",
            f"检查点为记录 {checkpoint.control_sequence}，日志止于 {end.sequence}。",
        )
    elif checkpoint.state != evidence.state:
        what = Detail("It tells another state.", "状态不同。")
    else:
        return []
    return [finding("CHECKPOINT_INVALID", what)]

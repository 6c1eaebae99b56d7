"""The policy layer: what the verifier demands beyond what the seal has to prove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Detail, Findings, finding
from sealkit.appraisal.words import moment_text, same
from sealkit.rules.credentials import is_revoked
from sealkit.wire.credentials import Credential
from sealkit.wire.evidence import Evidence
from sealkit.wire.parameters import CalibrationGroup
from sealkit.wire.registry import ClockQuality, Flag, Severity


@dataclass(frozen=True, slots=True)
class Policy:
    """max_clock_difference_s: seconds between the seal's clock and the verifier's (R36).
    require_journal: without the journal the verdict is undetermined."""

    max_clock_difference_s: int = 3
    require_journal: bool = False


DEFAULT_POLICY: Final = Policy()

_FLAG_FINDINGS: Final = {
    Flag.STORAGE_NEARLY_FULL: "STORAGE_NEARLY_FULL",
    Flag.JOURNAL_FULL: "STORAGE_NEARLY_FULL",
    Flag.COUNTER_NEARLY_ENDED: "STORAGE_NEARLY_FULL",
    Flag.BATTERY_LOW: "BATTERY_LOW",
    Flag.DRIVEN_WHILE_OPEN: "DRIVEN_WHILE_OPEN",
}


def judge_policy(
    evidence: Evidence,
    credential: Credential | None,
    calibration: CalibrationGroup | None,
    trust: TrustBundle,
    policy: Policy,
    *,
    journal_read: bool,
    as_of: bool,
    now: int,
    findings: Findings,
) -> None:
    """Everything of the policy layer that evidence, credential and trust decide."""
    time = evidence.clock if as_of else now
    for flag, code in _FLAG_FINDINGS.items():
        if evidence.flags & flag:
            findings.add(finding(code, same(flag.name.lower() if flag.name else "")))
    _judge_clock(evidence, policy, None if as_of else now, findings)
    _judge_trust(evidence, trust, findings)
    if credential is not None and is_revoked(credential, trust.statement):
        findings.add(finding("SEAL_CREDENTIAL_REVOKED"))
    if credential is not None and time > credential.not_after:
        findings.add(finding("SEAL_CREDENTIAL_EXPIRED", same(moment_text(credential.not_after))))
    if calibration is not None and 0 < calibration.valid_until < time:
        findings.add(finding("VERIFICATION_OVERDUE", same(moment_text(calibration.valid_until))))
    if not journal_read:
        severity = Severity.UNDETERMINED if policy.require_journal else None
        findings.add(finding("JOURNAL_MISSING", severity=severity))
    if evidence.base_sequence:
        findings.add(finding("JOURNAL_PRUNED", same(f"≤ {evidence.base_sequence}")))
    if as_of:
        findings.add(finding("AS_OF", same(moment_text(evidence.clock))))


def _judge_clock(evidence: Evidence, policy: Policy, now: int | None, findings: Findings) -> None:
    if evidence.clock_quality is ClockQuality.LOST:
        findings.add(finding("CLOCK_LOST"))
        return
    if evidence.clock_quality is ClockQuality.RESTORED:
        findings.add(finding("CLOCK_RESTORED"))
    if now is not None and abs(evidence.clock - now) > policy.max_clock_difference_s:
        findings.add(finding("CLOCK_DIFFERS", same(f"{evidence.clock - now:+d} s")))


def _judge_trust(evidence: Evidence, trust: TrustBundle, findings: Findings) -> None:
    if evidence.trust_version == trust.version:
        return
    code = "TRUST_BEHIND" if evidence.trust_version < trust.version else "TRUST_AHEAD"
    findings.add(
        finding(
            code,
            Detail(
                f"The seal has version {evidence.trust_version}, the verifier {trust.version}.",
                f"封印为版本 {evidence.trust_version}，验证方为 {trust.version}。",
            ),
        )
    )

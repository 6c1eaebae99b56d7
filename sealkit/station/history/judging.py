"""All that is held about a seal becomes a verdict: the appraisal's, with what the ledger knows.

Pure: what is judged is read before, the time is an argument.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sealkit.appraisal.appraise import appraise
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Detail, Finding, Verdict, conclude, finding
from sealkit.station.history.biography import SealedFacts
from sealkit.station.history.dossier import Dossier
from sealkit.station.history.findings import (
    LedgerPolicy,
    Neighbour,
    Revocation,
    history_findings,
    neighbour_findings,
    overdue_findings,
    place_findings,
    revocation_findings,
    vehicle_findings,
    witnessed_before,
)
from sealkit.wire.registry import Severity


def judge(
    dossier: Dossier,
    neighbours: Sequence[Neighbour],
    trust: TrustBundle,
    revocations: Sequence[Revocation],
    policy: LedgerPolicy,
    now: int,
) -> tuple[Verdict, SealedFacts]:
    """The verdict on a seal, and what is sealed."""
    life = dossier.biography()
    found = (
        *history_findings(dossier),
        *vehicle_findings(dossier, life),
        *neighbour_findings(dossier.number, life, neighbours),
        *place_findings(dossier, policy),
        *overdue_findings(dossier, life, now),
        *revocation_findings(life, revocations),
    )
    verdict = appraise(dossier.material(found=found), trust, policy.appraisal, now)
    witnessed = witnessed_before(dossier, life, revocations)
    return _eased(verdict, witnessed), life.facts


def _eased(verdict: Verdict, witnessed: frozenset[int]) -> Verdict:
    """An order that the ledger held before its signer was revoked is only noted."""
    findings = tuple(
        replace(one, severity=Severity.NOTE)
        if one.code == "ORDER_SIGNER_REVOKED" and one.record in witnessed
        else one
        for one in verdict.findings
    )
    conclusion, layers = conclude(findings)
    return replace(verdict, findings=findings, conclusion=conclusion, layers=layers)


def policy_text(policy: LedgerPolicy) -> str:
    """A policy as it is kept beside a verdict."""
    return json.dumps(asdict(policy), sort_keys=True)


def findings_text(findings: Sequence[Finding]) -> str:
    """Findings as they are kept."""
    return json.dumps(
        [
            {
                "code": one.code,
                "severity": one.severity.value,
                "record": one.record,
                "en": one.detail.en,
                "zh": one.detail.zh,
            }
            for one in findings
        ],
        ensure_ascii=False,
    ).replace("\0", "")


def read_findings(text: str) -> tuple[Finding, ...]:
    """Findings that were kept."""
    listed: list[dict[str, Any]] = json.loads(text)
    return tuple(
        finding(
            one["code"],
            Detail(one["en"], one["zh"]),
            record=one["record"],
            severity=Severity(one["severity"]),
        )
        for one in listed
    )

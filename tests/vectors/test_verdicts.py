"""Evidence, logs and export files come to the verdicts that the vectors tell (chapter 13)."""

from __future__ import annotations

from typing import Any

import pytest
from support.vectors import each, load, told

from sealkit.appraisal.appraise import appraise
from sealkit.appraisal.material import Material, from_export
from sealkit.appraisal.policy import Policy
from sealkit.appraisal.trust import TrustBundle
from sealkit.crypto import get_suite
from sealkit.wire.credentials import CREDENTIAL, TRUST_STATEMENT
from sealkit.wire.evidence import EVIDENCE
from sealkit.wire.registry import FINDINGS, Severity

EVIDENCE_NOW = 1_775_001_600
_NEVER_READ = 1 << 40
"""A verifier's clock that only a verdict of today would look at."""


def _trust(
    suite_name: str, manufacturer: str, authority: str, statement: str | None
) -> TrustBundle:
    listed = {c["name"]: c["bytes"] for c in load(suite_name, "credentials")["credentials"]}
    return TrustBundle(
        get_suite(suite_name),
        CREDENTIAL.parse(bytes.fromhex(listed[authority])),
        (CREDENTIAL.parse(bytes.fromhex(listed[manufacturer])),),
        None if statement is None else TRUST_STATEMENT.parse(bytes.fromhex(statement)),
    )


@pytest.mark.requirement("E-1")
@each("evidence", "good")
def test_good_evidence_parses_and_builds(suite_name: str, case: dict[str, Any]) -> None:
    raw, suite = bytes.fromhex(case["bytes"]), get_suite(suite_name)
    evidence = EVIDENCE.parse(raw)
    assert told(evidence) == case["fields"]
    assert EVIDENCE.build(evidence) == raw
    assert suite.digest(raw).hex() == case["digest"]
    key = bytes.fromhex(load(suite_name, "evidence")["public_key"])
    assert suite.verify(key, evidence.signed_bytes, evidence.signature)


def _findings_of_evidence(suite_name: str, raw: bytes) -> set[str]:
    vectors = load(suite_name, "evidence")
    material = Material(
        evidence=raw,
        nonce=bytes.fromhex(vectors["nonce"]),
        seal_credential=bytes.fromhex(vectors["seal_credential"]),
    )
    trust = _trust(suite_name, "manufacturer", "authority", None)
    return {f.code for f in appraise(material, trust, Policy(), EVIDENCE_NOW).findings}


@pytest.mark.requirement("V-2")
@each("evidence", "good")
def test_good_evidence_is_not_broken_by_itself(suite_name: str, case: dict[str, Any]) -> None:
    codes = _findings_of_evidence(suite_name, bytes.fromhex(case["bytes"]))
    assert not [code for code in codes if code.startswith(("EVIDENCE", "SUITE", "SEAL_CRED"))]


@pytest.mark.requirement("V-2")
@each("evidence", "bad")
def test_bad_evidence_leads_to_its_finding(suite_name: str, case: dict[str, Any]) -> None:
    assert case["expect"] in _findings_of_evidence(suite_name, bytes.fromhex(case["bytes"]))


def _log_cases(name: str) -> list[Any]:
    return [
        pytest.param(suite, case, id=f"{suite}-{case['id']}-{case['what']}")
        for suite in ("p256", "sm2")
        for case in load(suite, name)["logs"]["cases"]
    ]


@pytest.mark.requirement("V-3")
@pytest.mark.requirement("R33")
@pytest.mark.parametrize(("suite_name", "case"), _log_cases("records"))
def test_a_log_leads_to_one_of_its_findings(suite_name: str, case: dict[str, Any]) -> None:
    vectors = load(suite_name, "records")
    whole = {record["sequence"]: record["bytes"] for record in vectors["records"]}

    def records(listed: list[int | str]) -> tuple[bytes, ...]:
        return tuple(bytes.fromhex(whole[r] if isinstance(r, int) else r) for r in listed)

    seal = next(
        credential["bytes"]
        for credential in load(suite_name, "credentials")["credentials"]
        if credential["name"] == "seal"
    )
    material = Material(
        evidence=bytes.fromhex(case.get("evidence") or vectors["logs"]["evidence"]),
        nonce=bytes.fromhex(vectors["logs"]["nonce"]),
        seal_credential=bytes.fromhex(seal),
        control=records(case["control"]),
        journal=records(case["journal"]) or None,
    )
    trust = _trust(suite_name, "manufacturer", "authority", None)
    verdict = appraise(material, trust, Policy(), EVIDENCE_NOW)
    codes = {found.code for found in verdict.findings}
    if case["expect_one_of"]:
        assert codes & set(case["expect_one_of"])
    else:
        cryptographic = {c for c in codes if FINDINGS[c].layer.name == "CRYPTOGRAPHIC"}
        assert not [c for c in cryptographic if FINDINGS[c].severity is Severity.BROKEN]


@pytest.mark.requirement("X-1")
@pytest.mark.requirement("V-4")
@each("exports", "cases")
def test_an_export_comes_to_its_verdict(suite_name: str, case: dict[str, Any]) -> None:
    trust = _trust(suite_name, *case["anchors"], case["statement"])
    verdict = appraise(from_export(bytes.fromhex(case["export"])), trust, Policy(), _NEVER_READ)
    codes = {found.code for found in verdict.findings}
    assert set(case["findings"]) <= codes
    assert verdict.conclusion.value == case["verdict"], codes

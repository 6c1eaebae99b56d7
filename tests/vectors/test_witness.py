"""A ledger's tree, heads and attestations, and bundles, come to what the vectors tell."""

from __future__ import annotations

from typing import Any

import pytest
from support.tree import KeptTree
from support.vectors import SUITES, load, told

from sealkit.appraisal.appraise import appraise
from sealkit.appraisal.attestation import AttestationConclusion, judge_attestation_text
from sealkit.appraisal.bundle import from_bundle
from sealkit.appraisal.policy import Policy
from sealkit.appraisal.station import judge_attestation, judge_tree_head
from sealkit.appraisal.trust import TrustBundle
from sealkit.crypto import get_suite
from sealkit.rules.merkle import verify_consistency, verify_inclusion
from sealkit.station.tree.leaves import leaf_bytes
from sealkit.station.tree.merkle import consistency_proof, inclusion_proof, root_at
from sealkit.wire.credentials import CREDENTIAL, TRUST_STATEMENT
from sealkit.wire.evidence import EVIDENCE
from sealkit.wire.registry import RecordedConclusion
from sealkit.wire.witness import (
    ATTESTATION,
    LEDGER_LEAF,
    TREE_HEAD,
    attestation_parts,
    attestation_text,
)

_NEVER_READ = 1 << 40
each_suite = pytest.mark.parametrize("suite_name", SUITES)


def _cases(*path: str) -> pytest.MarkDecorator:
    listed = []
    for suite in SUITES:
        table = load(suite, "witness")
        for name in path:
            table = table[name]
        listed += [pytest.param(suite, case, id=f"{suite}-{case['what']}") for case in table]
    return pytest.mark.parametrize(("suite_name", "case"), listed)


def _credential(suite_name: str, name: str) -> bytes:
    listed = {c["name"]: c["bytes"] for c in load(suite_name, "credentials")["credentials"]}
    return bytes.fromhex(listed[name])


def _trust(
    suite_name: str,
    statement: str | None,
    anchors: tuple[str, str] = ("manufacturer", "authority"),
) -> TrustBundle:
    manufacturer, authority = (CREDENTIAL.parse(_credential(suite_name, n)) for n in anchors)
    return TrustBundle(
        get_suite(suite_name),
        authority,
        (manufacturer,),
        None if statement is None else TRUST_STATEMENT.parse(bytes.fromhex(statement)),
    )


@pytest.mark.requirement("G-1")
@each_suite
def test_the_tree_and_its_proofs(suite_name: str) -> None:
    tree, digest = load(suite_name, "witness")["tree"], get_suite(suite_name).digest
    grown = KeptTree(digest)
    for leaf in tree["leaves"]:
        index = grown.add(bytes.fromhex(leaf["bytes"]))
        assert grown.kept[0, index].hex() == leaf["hash"]

    roots = [bytes.fromhex(root) for root in tree["roots"]]
    assert [root_at(digest, size, grown.hashes) for size in range(len(roots))] == roots
    for case in tree["inclusions"]:
        index, size = case["index"], case["size"]
        path = tuple(map(bytes.fromhex, case["path"]))
        assert inclusion_proof(digest, index, size, grown.hashes) == path
        assert verify_inclusion(digest, grown.kept[0, index], index, size, path, roots[size])
    for case in tree["consistencies"]:
        first, second = case["first"], case["second"]
        path = tuple(map(bytes.fromhex, case["path"]))
        assert consistency_proof(digest, first, second, grown.hashes) == path
        assert verify_consistency(digest, first, second, path, roots[first], roots[second])


@pytest.mark.requirement("G-2")
@each_suite
def test_leaves_parse_and_are_made(suite_name: str) -> None:
    vectors = load(suite_name, "witness")
    for leaf in vectors["tree"]["leaves"]:
        parsed = LEDGER_LEAF.parse(bytes.fromhex(leaf["bytes"]))
        assert told(parsed) == leaf["fields"]
        assert LEDGER_LEAF.build(parsed).hex() == leaf["bytes"]
    own = vectors["tree"]["leaves"][4]
    suite, evidence = get_suite(suite_name), EVIDENCE.parse(bytes.fromhex(vectors["evidence"]))
    made = leaf_bytes(
        suite,
        evidence,
        suite.digest(evidence.raw),
        received_at=own["fields"]["received_at"],
        conclusion=RecordedConclusion.INTACT,
        verdict=bytes.fromhex(vectors["verdict"]),
        place_digest=bytes.fromhex(own["fields"]["place_digest"]),
    )
    assert made.hex() == own["bytes"]


@pytest.mark.requirement("G-4")
@_cases("tree_heads", "good")
def test_good_heads(suite_name: str, case: dict[str, Any]) -> None:
    raw = bytes.fromhex(case["bytes"])
    head, found = judge_tree_head(
        _trust(suite_name, None), raw, [_credential(suite_name, "station")]
    )
    assert found == []
    assert head is not None
    assert told(head) == case["fields"]
    assert TREE_HEAD.build(head) == raw


@pytest.mark.requirement("G-4")
@_cases("tree_heads", "bad")
def test_bad_heads(suite_name: str, case: dict[str, Any]) -> None:
    credentials = [_credential(suite_name, name) for name in case["credentials"]]
    trust = _trust(suite_name, case["statement"])
    found = judge_tree_head(trust, bytes.fromhex(case["bytes"]), credentials)[1]
    assert case["expect"] in [one.code for one in found]


@pytest.mark.requirement("G-7")
@_cases("attestations", "good")
def test_good_attestations(suite_name: str, case: dict[str, Any]) -> None:
    raw, now = bytes.fromhex(case["bytes"]), case["fields"]["issued_at"]
    trust, station = _trust(suite_name, None), _credential(suite_name, "station")
    attestation, found = judge_attestation(trust, raw, [station], now, case["fields"]["plate"])
    assert found == []
    assert attestation is not None
    assert told(attestation) == case["fields"]
    assert ATTESTATION.build(attestation) == raw
    assert attestation_text(raw) == case["text"]
    assert attestation_parts(case["text"]) == (raw, b"")
    assert attestation_text(raw, station) == case["text_with_credential"]
    judged = judge_attestation_text(trust, case["text_with_credential"], (), now)
    assert (judged.conclusion, judged.attestation) == (AttestationConclusion.HOLDS, attestation)


@pytest.mark.requirement("G-6")
@_cases("attestations", "bad")
def test_bad_attestations(suite_name: str, case: dict[str, Any]) -> None:
    trust, station = _trust(suite_name, case["statement"]), _credential(suite_name, "station")
    raw = bytes.fromhex(case["bytes"])
    found = judge_attestation(trust, raw, [station], case["at"], case["plate"])[1]
    assert case["expect"] in [one.code for one in found]


@pytest.mark.requirement("G-7")
@_cases("attestations", "bad_texts")
def test_bad_texts_of_attestations(suite_name: str, case: dict[str, Any]) -> None:
    trust = _trust(suite_name, None)
    issued_at = load(suite_name, "witness")["attestations"]["good"][0]["fields"]["issued_at"]
    judged = judge_attestation_text(trust, case["text"], (), issued_at)
    assert case["expect"] in [one.code for one in judged.findings]
    assert (judged.attestation, judged.station) == (None, None)


@pytest.mark.requirement("B-6")
@_cases("bundles")
def test_a_bundle_comes_to_its_verdict(suite_name: str, case: dict[str, Any]) -> None:
    trust = _trust(suite_name, case["statement"], tuple(case["anchors"]))
    verdict = appraise(from_bundle(bytes.fromhex(case["bundle"])), trust, Policy(), _NEVER_READ)
    codes = {found.code for found in verdict.findings}
    assert set(case["findings"]) <= codes
    assert verdict.conclusion.value == case["verdict"], codes

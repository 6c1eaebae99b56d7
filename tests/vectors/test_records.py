"""Records, checkpoint and the fold of the chain are as the vectors say (R-1 to R-5)."""

from __future__ import annotations

from typing import Any

import pytest
from support.vectors import SUITES, each, load, told

from sealkit.crypto import get_suite
from sealkit.errors import MalformedError
from sealkit.rules.history import History
from sealkit.rules.parameters import parameter_root
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE
from sealkit.wire.records import RECORD, build_record_body, parse_record_body
from sealkit.wire.registry import RecordKind


def _check_record(suite_name: str, case: dict[str, Any]) -> None:
    raw = bytes.fromhex(case["bytes"])
    record = RECORD.parse(raw)
    assert told(record) == case["fields"]
    assert RECORD.build(record) == raw
    assert record.kind == RecordKind[case["kind"].upper()]
    assert record.is_control is (case["chain"] == "control")
    body = parse_record_body(record)
    assert body is not None
    assert told(body) == case["body_fields"]
    assert build_record_body(RecordKind(record.kind), body) == record.body
    assert get_suite(suite_name).digest(raw).hex() == case["digest"]


@pytest.mark.requirement("R-1")
@each("records", "records", title="sequence")
def test_a_record_of_the_life_parses_and_builds(suite_name: str, case: dict[str, Any]) -> None:
    _check_record(suite_name, case)


@pytest.mark.requirement("R-1")
@each("records", "other_kinds", title="kind")
def test_a_record_of_another_kind_parses_and_builds(suite_name: str, case: dict[str, Any]) -> None:
    _check_record(suite_name, case)


@pytest.mark.requirement("N-3")
@each("records", "bad_records")
def test_a_bad_record_is_refused(suite_name: str, case: dict[str, Any]) -> None:
    try:
        record = RECORD.parse(bytes.fromhex(case["bytes"]))
        assert record.suite == get_suite(suite_name).id, "wrong_suite"
        parse_record_body(record)
        outcome = "ok"
    except MalformedError as error:
        outcome = error.code.lower()
    except AssertionError as error:
        outcome = str(error).splitlines()[0]
    assert outcome == case["expect"]


@pytest.mark.requirement("R-5")
@pytest.mark.parametrize("suite_name", SUITES)
def test_the_fold_of_the_life_is_what_its_evidence_says(suite_name: str) -> None:
    suite, vectors = get_suite(suite_name), load(suite_name, "records")
    evidence = EVIDENCE.parse(bytes.fromhex(vectors["logs"]["evidence"]))
    assert suite.verify(
        bytes.fromhex(vectors["seal"]["public_key"]), evidence.signed_bytes, evidence.signature
    )
    history = History(suite)
    for case in vectors["records"]:
        record = RECORD.parse(bytes.fromhex(case["bytes"]))
        if record.is_control and record.sequence <= evidence.control_sequence:
            history.add(record)
            assert history.state is record.state
    assert history.state is evidence.state
    assert history.head.sequence == evidence.control_sequence
    assert history.head.digest == evidence.control_digest
    assert history.trust_version == evidence.trust_version
    assert history.calibration_counter == evidence.calibration_counter
    assert history.configuration_counter == evidence.configuration_counter
    assert history.latched_causes == evidence.latched_causes
    assert parameter_root(suite, history.groups) == evidence.parameter_root


@pytest.mark.requirement("R-7")
@pytest.mark.parametrize("suite_name", SUITES)
def test_the_checkpoint(suite_name: str) -> None:
    vectors = load(suite_name, "records")
    raw = bytes.fromhex(vectors["checkpoint"]["bytes"])
    checkpoint = CHECKPOINT.parse(raw)
    assert told(checkpoint) == vectors["checkpoint"]["fields"]
    assert CHECKPOINT.build(checkpoint) == raw
    assert get_suite(suite_name).verify(
        bytes.fromhex(vectors["seal"]["public_key"]), checkpoint.signed_bytes, checkpoint.signature
    )

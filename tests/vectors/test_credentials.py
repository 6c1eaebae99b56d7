"""Credentials and trust statements parse and are judged as the vectors say (K-1 to K-7)."""

from __future__ import annotations

from typing import Any

import pytest
from support.vectors import each, load, told

from sealkit.crypto import get_suite
from sealkit.errors import RefusedError
from sealkit.rules.credentials import (
    Moment,
    covers,
    judge_credential,
    judge_statement,
    parse_credential,
)
from sealkit.wire.credentials import CREDENTIAL, TRUST_STATEMENT


def _bytes_of(suite_name: str, name_or_hex: str) -> bytes:
    """A credential that a vector names, or gives as hex where it was altered."""
    for credential in load(suite_name, "credentials")["credentials"]:
        if credential["name"] == name_or_hex:
            return bytes.fromhex(credential["bytes"])
    return bytes.fromhex(name_or_hex)


@pytest.mark.requirement("K-2")
@each("credentials", "credentials", title="name")
def test_a_credential_parses_and_builds(suite_name: str, case: dict[str, Any]) -> None:
    suite = get_suite(suite_name)
    raw = bytes.fromhex(case["bytes"])
    credential = CREDENTIAL.parse(raw)
    assert told(credential) == case["fields"]
    assert CREDENTIAL.build(credential) == raw
    assert suite.digest(raw).hex() == case["digest"]
    assert suite.key_id(credential.public_key).hex() == case["key_id"]
    assert suite.private_key(bytes.fromhex(case["scalar"])).public_key == credential.public_key


@pytest.mark.requirement("K-1")
@each("credentials", "covers", title="scope")
def test_a_region_covers_another_as_told(suite_name: str, case: dict[str, Any]) -> None:
    assert covers(case["scope"], case["region"]) is case["covers"]


@pytest.mark.requirement("K-5")
@each("credentials", "judgements")
def test_a_credential_holds_as_told(suite_name: str, case: dict[str, Any]) -> None:
    suite = get_suite(suite_name)
    outcome = "ok"
    try:
        statement = case["statement"]
        judge_credential(
            suite,
            parse_credential(suite, _bytes_of(suite_name, case["credential"])),
            pool=[parse_credential(suite, _bytes_of(suite_name, name)) for name in case["pool"]],
            anchor=CREDENTIAL.parse(_bytes_of(suite_name, case["anchor"])),
            statement=statement and TRUST_STATEMENT.parse(bytes.fromhex(statement)),
            moment=Moment(case["at"]),
        )
    except RefusedError as refused:
        outcome = refused.code.lower()
    assert outcome == case["expect"]


@pytest.mark.requirement("K-7")
@each("trust", "good")
def test_a_good_statement_is_taken(suite_name: str, case: dict[str, Any]) -> None:
    suite = get_suite(suite_name)
    raw = bytes.fromhex(case["bytes"])
    authority = CREDENTIAL.parse(_bytes_of(suite_name, "authority"))
    statement = judge_statement(suite, raw, authority=authority, above_version=case["held_version"])
    assert told(statement) == case["fields"]
    assert TRUST_STATEMENT.build(statement) == raw
    assert suite.digest(raw).hex() == case["digest"]


@pytest.mark.requirement("K-7")
@each("trust", "bad")
def test_a_bad_statement_is_refused(suite_name: str, case: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as refused:
        judge_statement(
            get_suite(suite_name),
            bytes.fromhex(case["bytes"]),
            authority=CREDENTIAL.parse(_bytes_of(suite_name, "authority")),
            above_version=case["held_version"],
        )
    assert refused.value.code.lower() == case["expect"]

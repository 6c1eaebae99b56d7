"""Credentials and statements are issued as K-3 and K-7 allow, and refused before a signature."""

from __future__ import annotations

from typing import Any

import pytest

from sealkit.crypto import PrivateKey, Suite, get_suite
from sealkit.errors import UsageError
from sealkit.keys.issuing import issue_credential, issue_statement
from sealkit.rules.credentials import Moment, judge_anchor, judge_credential, judge_statement
from sealkit.wire.credentials import Credential, Minimum, Revoked
from sealkit.wire.registry import ISSUERS, Role

_SCOPES = {Role.MANUFACTURER: 500, Role.SEAL: 500}
_BEGIN, _END = 1_000, 2_000


@pytest.fixture(params=["p256", "sm2"], scope="module")
def suite(request: pytest.FixtureRequest) -> Suite:
    return get_suite(request.param)


def _issue(signer: PrivateKey, issuer: Credential | None, role: Role, **changes: Any) -> Credential:
    values: dict[str, Any] = {
        "role": role,
        "scope": _SCOPES.get(role, 310000),
        "serial": 7,
        "generation": 1,
        "not_before": _BEGIN,
        "not_after": _END,
        "public_key": signer.public_key,
        "name": role.name.title(),
        **changes,
    }
    return issue_credential(signer, issuer, **values)


@pytest.mark.requirement("K-3")
def test_everybody_issues_whom_the_table_says_and_nobody_else(suite: Suite) -> None:
    keys = {role: suite.generate() for role in Role}
    holders = {role: _issue(keys[role], None, role) for role in (Role.AUTHORITY, Role.MANUFACTURER)}
    for role, issuer in (
        (Role.STATION, Role.AUTHORITY),
        (Role.REGISTRY, Role.AUTHORITY),
        (Role.INSPECTOR, Role.AUTHORITY),
        (Role.TECHNICIAN, Role.REGISTRY),
        (Role.SEAL, Role.MANUFACTURER),
    ):
        holders[role] = _issue(
            keys[issuer], holders[issuer], role, public_key=keys[role].public_key
        )
    for role in Role:
        for issuer_role, issuer in holders.items():
            allowed = issuer_role.name.lower() in ISSUERS[role]
            if allowed:
                _issue(keys[issuer_role], issuer, role, public_key=keys[role].public_key)
            else:
                with pytest.raises(UsageError) as caught:
                    _issue(keys[issuer_role], issuer, role, public_key=keys[role].public_key)
                assert caught.value.code == "ISSUING_NOT_ALLOWED"
    judge_anchor(suite, holders[Role.AUTHORITY].raw, Role.AUTHORITY)
    judge_credential(
        suite,
        holders[Role.TECHNICIAN],
        pool=[holders[Role.REGISTRY]],
        anchor=holders[Role.AUTHORITY],
        statement=None,
        moment=Moment(_BEGIN),
    )


@pytest.mark.requirement("K-3")
def test_only_anchors_sign_themselves(suite: Suite) -> None:
    key = suite.generate()
    for role in set(Role) - {Role.AUTHORITY, Role.MANUFACTURER}:
        with pytest.raises(UsageError) as caught:
            _issue(key, None, role)
        assert caught.value.code == "ISSUING_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("issuer", "role", "changes", "code"),
    [
        (Role.AUTHORITY, Role.STATION, {"scope": 320000}, "ISSUING_NOT_ALLOWED"),
        (Role.MANUFACTURER, Role.SEAL, {"scope": 501}, "ISSUING_NOT_ALLOWED"),
        (Role.AUTHORITY, Role.STATION, {"not_after": _BEGIN - 1}, "VALIDITY_EMPTY"),
        (Role.AUTHORITY, Role.STATION, {"name": "x" * 49}, "VALUE_OUT_OF_RANGE"),
        (Role.AUTHORITY, Role.STATION, {"public_key": b"\4"}, "VALUE_OUT_OF_RANGE"),
        (Role.AUTHORITY, Role.STATION, {"serial": 1 << 32}, "VALUE_OUT_OF_RANGE"),
    ],
)
def test_what_no_seal_would_take_is_not_signed(
    issuer: Role, role: Role, changes: dict[str, Any], code: str
) -> None:
    suite = get_suite("p256")
    key = suite.generate()
    anchor = _issue(key, None, issuer)
    with pytest.raises(UsageError) as caught:
        _issue(key, anchor, role, **changes)
    assert caught.value.code == code
    assert caught.value.remedy


def test_nobody_signs_with_another_key_than_the_issuers(suite: Suite) -> None:
    key, other = suite.generate(), suite.generate()
    anchor = _issue(key, None, Role.AUTHORITY)
    for attempt in (
        lambda: _issue(other, anchor, Role.STATION),
        lambda: _issue(key, None, Role.AUTHORITY, public_key=other.public_key),
        lambda: issue_statement(other, anchor, version=1, issued_at=0, minimums=(), revoked=()),
    ):
        with pytest.raises(UsageError) as caught:
            attempt()
        assert caught.value.code == "ISSUER_KEY_DIFFERS"


@pytest.mark.requirement("K-7")
def test_a_statement_is_the_authoritys(suite: Suite) -> None:
    key = suite.generate()
    anchor = _issue(key, None, Role.AUTHORITY)
    statement = issue_statement(
        key,
        anchor,
        version=3,
        issued_at=_BEGIN,
        minimums=(Minimum(bytes(16), 2),),
        revoked=(Revoked(bytes(16), 9),),
    )
    assert judge_statement(suite, statement.raw, authority=anchor, above_version=2) == statement
    maker = _issue(key, None, Role.MANUFACTURER)
    for authority, version, code in (
        (maker, 1, "ISSUING_NOT_ALLOWED"),
        (anchor, 0, "STATEMENT_VERSION_ZERO"),
        (anchor, 1 << 32, "VALUE_OUT_OF_RANGE"),
    ):
        with pytest.raises(UsageError) as caught:
            issue_statement(key, authority, version=version, issued_at=0, minimums=(), revoked=())
        assert caught.value.code == code

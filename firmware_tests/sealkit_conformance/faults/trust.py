"""Faults of chapter 4: credentials and trust."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from sealkit.rules import credentials
from sealkit.wire.credentials import TRUST_STATEMENT
from sealkit.wire.registry import ISSUERS, Role
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)
_RULES: Final = "sealkit.rules.credentials"
_ORDERS: Final = "sealkit.rules.orders"


def _with_subject(patch: pytest.MonkeyPatch, **fields: int) -> None:
    """The credential itself is judged as if these fields were in it."""

    def faulty(original: Any, suite: Any, credential: Any, **named: Any) -> None:
        links = credentials._chain

        def chain(*args: Any) -> Any:
            return [(_Altered(subject, fields), issuer) for subject, issuer in links(*args)]

        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(credentials, "_chain", chain)
            original(suite, credential, **named)

    around(patch, f"{_ORDERS}:judge_credential", faulty)


class _Altered:
    """A credential of which some fields are not looked at."""

    def __init__(self, credential: Any, fields: dict[str, int]) -> None:
        self._credential = credential
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        return self._fields[name] if name in self._fields else getattr(self._credential, name)


@fault("K-5", "The end of a credential's validity is not looked at.")
def accepts_an_expired_credential(patch: pytest.MonkeyPatch) -> None:
    _with_subject(patch, not_after=0xFFFF_FFFF_FFFF)


@fault("K-5", "The beginning of a credential's validity is not looked at.")
def accepts_a_credential_of_the_future(patch: pytest.MonkeyPatch) -> None:
    _with_subject(patch, not_before=0)


@fault("K-5", "Only the last credential's signature is verified, not its issuers'.")
def verifies_only_the_last_credential(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, credential: Any, **named: Any) -> None:
        class OnlyFirst:
            def __getattr__(self, name: str) -> Any:
                return getattr(suite, name)

            def verify(self, key: bytes, data: bytes, signature: bytes) -> bool:
                return data != credential.signed_bytes or bool(suite.verify(key, data, signature))

        original(OnlyFirst(), credential, **named)

    around(patch, f"{_ORDERS}:judge_credential", faulty)


@fault("K-5", "Signatures of credentials are not verified at all.")
def trusts_every_credential_that_names_its_issuer(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, credential: Any, **named: Any) -> None:
        class Trusting:
            def __getattr__(self, name: str) -> Any:
                return getattr(suite, name)

            def verify(self, *args: bytes) -> bool:
                return True

        original(Trusting(), credential, **named)

    around(patch, f"{_ORDERS}:judge_credential", faulty)


@fault("K-5", "The list of revoked credentials is stored and never looked at.")
def ignores_revoked_credentials(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, credential: Any, statement: Any) -> Any:
        return original(credential, statement and replace(statement, revoked=()))

    around(patch, f"{_RULES}:is_revoked", faulty)


@fault("K-5", "The minimum generations are stored and never looked at.")
def ignores_minimum_generations(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, credential: Any, statement: Any) -> Any:
        return original(credential, statement and replace(statement, minimums=()))

    around(patch, f"{_RULES}:is_revoked", faulty)


@fault("K-3", "Whether an issuer's region covers what it issues is not asked.")
def lets_issuers_leave_their_region(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, issuer: Any, role: Role, scope: int) -> Any:
        return issuer.role.name.lower() in ISSUERS[role]

    around(patch, f"{_RULES}:may_issue", faulty)


@fault("K-3", "Whoever holds a credential may issue any other.")
def lets_anybody_issue(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, issuer: Any, role: Role, scope: int) -> Any:
        return issuer.role is Role.MANUFACTURER or credentials.covers(issuer.scope, scope)

    around(patch, f"{_RULES}:may_issue", faulty)


@fault("K-1", "Regions are compared by their province alone.")
def compares_regions_by_province(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, scope: int, region: int) -> Any:
        return scope == 0 or scope // 10_000 == region // 10_000

    around(patch, f"{_RULES}:covers", faulty)
    around(patch, f"{_ORDERS}:covers", faulty)


@fault("K-1", "The two zeros that stand for all districts of a city are not known.")
def takes_regions_literally(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, scope: int, region: int) -> Any:
        return scope in (0, region)

    around(patch, f"{_RULES}:covers", faulty)
    around(patch, f"{_ORDERS}:covers", faulty)


@fault("K-7", "A trust statement of an older version is taken.")
def takes_an_older_statement(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, raw: bytes, **named: Any) -> Any:
        return original(suite, raw, **{**named, "above_version": -1})

    around(patch, f"{_ORDERS}:judge_statement", faulty)


@fault("K-7", "A trust statement's signature is not verified.", also=("O-31",))
def takes_an_unsigned_statement(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, raw: bytes, **named: Any) -> Any:
        try:
            return original(suite, raw, **named)
        except Exception as error:
            if "signature" not in str(error):
                raise
            return TRUST_STATEMENT.parse(raw)

    around(patch, f"{_ORDERS}:judge_statement", faulty)


def _remembering(patch: pytest.MonkeyPatch, name: Callable[[Any], object]) -> None:
    """A credential that has held once is not judged again; it is known by its `name`."""
    held: set[object] = set()

    def faulty(original: Any, suite: Any, credential: Any, **named: Any) -> None:
        if name(credential) not in held:
            original(suite, credential, **named)
            held.add(name(credential))

    around(patch, f"{_ORDERS}:judge_credential", faulty)


@fault("K-5", "Whom it has found good once it takes for good ever after.", also=("K-7",))
def judges_a_credential_once(patch: pytest.MonkeyPatch) -> None:
    _remembering(patch, lambda credential: credential.raw)


@fault("K-5", "Whom it has found good once it knows again by issuer and serial number.")
def knows_credentials_by_their_number(patch: pytest.MonkeyPatch) -> None:
    _remembering(patch, lambda credential: (credential.issuer, credential.serial))

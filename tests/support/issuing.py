"""Credentials by anyone for anyone, those that nobody may issue too; keys made from names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from sealkit.crypto import PrivateKey, Suite, get_suite
from sealkit.wire.credentials import CREDENTIAL, TRUST_STATEMENT, Credential, TrustStatement
from sealkit.wire.registry import Role

NOW = 1_775_000_000
DAY = 86_400
MAKER, SERIAL = 500, 23
PROVINCE, CITY, OTHER_CITY, OTHER_PROVINCE = 310000, 310100, 310200, 320000
_SCOPES = {Role.MANUFACTURER: MAKER, Role.SEAL: MAKER, Role.STATION: CITY, Role.TECHNICIAN: CITY}


@dataclass(frozen=True)
class Person:
    """A key and the credential that goes with it."""

    key: PrivateKey
    credential: Credential

    @property
    def digest(self) -> bytes:
        """The digest of the credential, by which an order names its signer."""
        return self.key.suite.digest(self.credential.raw)

    @property
    def key_id(self) -> bytes:
        return self.key.suite.key_id(self.key.public_key)


@cache
def key(suite_name: str, name: str) -> PrivateKey:
    return get_suite(suite_name).private_key(hashlib.sha256(name.encode()).digest())


def issue(suite: Suite, issuer: Person | None, role: Role, name: str, **changes: Any) -> Person:
    """A credential by anyone for anyone: nothing is checked here. issuer None: by itself.

    changes: fields of the credential; `key`: the holder's key; `sign_with`: another signer's.
    """
    own: PrivateKey = changes.pop("key", None) or key(suite.name, name)
    by = own if issuer is None else issuer.key
    sign_with: PrivateKey = changes.pop("sign_with", by)
    values = {
        "issuer": suite.key_id(by.public_key),
        "serial": sum(name.encode()),
        "generation": 1,
        "role": role,
        "scope": _SCOPES.get(role, PROVINCE),
        "not_before": NOW - 100 * DAY,
        "not_after": NOW + 100 * DAY,
        "public_key": own.public_key,
        "name": name,
        **changes,
    }
    unsigned = CREDENTIAL.unsigned(suite.id, values)
    return Person(own, CREDENTIAL.parse(unsigned + sign_with.sign(unsigned)))


def statement(suite: Suite, authority: Person, version: int, **changes: Any) -> TrustStatement:
    """A trust statement; changes: its fields, and `sign_with`."""
    sign_with: PrivateKey = changes.pop("sign_with", authority.key)
    values = {
        "authority": authority.key_id,
        "version": version,
        "issued_at": NOW,
        "minimums": (),
        "revoked": (),
        **changes,
    }
    unsigned = TRUST_STATEMENT.unsigned(suite.id, values)
    return TRUST_STATEMENT.parse(unsigned + sign_with.sign(unsigned))


@dataclass(frozen=True)
class Family:
    """One of everybody, and a second one of those who sign orders."""

    suite: Suite
    manufacturer: Person
    authority: Person
    endorsed: Person
    station: Person
    registry: Person
    technician: Person
    inspector: Person
    seal: Person
    others: dict[Role, Person]

    def of(self, role: Role) -> Person:
        person: Person = getattr(self, role.name.lower())
        return person


@cache
def family(suite_name: str) -> Family:
    suite = get_suite(suite_name)
    manufacturer = issue(suite, None, Role.MANUFACTURER, "manufacturer")
    authority = issue(suite, None, Role.AUTHORITY, "authority")
    registry = issue(suite, authority, Role.REGISTRY, "registry")
    issuers = {
        Role.STATION: authority,
        Role.REGISTRY: authority,
        Role.INSPECTOR: authority,
        Role.TECHNICIAN: registry,
        Role.SEAL: manufacturer,
        Role.AUTHORITY: None,
        Role.MANUFACTURER: None,
    }
    return Family(
        suite=suite,
        manufacturer=manufacturer,
        authority=authority,
        endorsed=issue(suite, manufacturer, Role.AUTHORITY, "authority"),
        station=issue(suite, authority, Role.STATION, "station"),
        registry=registry,
        technician=issue(suite, registry, Role.TECHNICIAN, "technician"),
        inspector=issue(suite, authority, Role.INSPECTOR, "inspector"),
        seal=issue(suite, manufacturer, Role.SEAL, "seal", serial=SERIAL),
        others={
            role: issue(suite, issuer, role, f"other {role.name.lower()}")
            for role, issuer in issuers.items()
        },
    )

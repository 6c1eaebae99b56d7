"""The people of the test: keys and credentials, good ones and such as nobody may issue.

All is made anew in each run from the test anchor, but the authority on hardware, which a seal that
was enrolled by an earlier run still knows.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from sealkit.crypto import PrivateKey, Suite
from sealkit.wire.credentials import (
    CREDENTIAL,
    TRUST_STATEMENT,
    Credential,
    Minimum,
    Revoked,
    TrustStatement,
)
from sealkit.wire.registry import Role
from sealkit_conformance.bench.backend import Maker

REGION: Final = 310000
CITY: Final = 310100
OTHER_PROVINCE: Final = 320000
DAY: Final = 86_400
YEAR: Final = 365 * DAY


@dataclass(frozen=True)
class Person:
    """A key, its credential, and the issuers between it and the anchor that go with an order."""

    key: PrivateKey
    credential: Credential
    issuers: tuple[Credential, ...] = ()

    @property
    def digest(self) -> bytes:
        """By which an order names its signer (chapter 6)."""
        return self.key.suite.digest(self.credential.raw)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """What is sent with an order: the own credential and those of the issuers."""
        return (self.credential.raw, *(issuer.raw for issuer in self.issuers))


class People:
    """One of everybody who may sign, by role in lower case: `people["station"]`.

    `made` is the time around which they are valid, seconds since 1970.
    """

    def __init__(self, suite: Suite, maker: Maker, now: int, authority: PrivateKey | None) -> None:
        self.suite = suite
        self.made = now
        self.maker = Person(maker.key, maker.credential)
        key = authority or suite.generate()
        self.authority = self.issue(None, Role.AUTHORITY, key=key, serial=1)
        """Self-signed, as an anchor stands in a trust file."""
        self.endorsed = self.issue(self.maker, Role.AUTHORITY, key=key, serial=2)
        """The same key, endorsed by the maker: what ENROL brings."""
        registry = self.issue(self.authority, Role.REGISTRY, serial=20)
        self._people = {
            "station": self.issue(self.authority, Role.STATION, serial=10),
            "registry": registry,
            "inspector": self.issue(self.authority, Role.INSPECTOR, serial=30),
            "technician": self.issue(registry, Role.TECHNICIAN, serial=40),
            "authority": self.authority,
        }
        # A seal on a bench may have been told of those of an earlier run that they are revoked.
        self._serial = secrets.randbelow(1 << 31)

    def __getitem__(self, name: str) -> Person:
        return self._people[name]

    def of(self, role: Role) -> Person:
        """The good person of a role; for manufacturer and seal whoever has that role."""
        if role is Role.MANUFACTURER:
            return self.maker
        if role is Role.SEAL:
            return self.seal()
        return self._people[role.name.lower()]

    def another(self, role: Role, **changes: Any) -> Person:
        """A person like the good one of this role, with a key and credential of their own."""
        issuer = self._people["registry"] if role is Role.TECHNICIAN else self.authority
        self._serial += 1
        return self.issue(issuer, role, **{"serial": self._serial, **changes})

    def seal(self, serial: int = 1, public_key: bytes | None = None, **changes: Any) -> Person:
        """A seal's credential by the maker, as C-12 asks for."""
        scope = self.maker.credential.scope
        given = {} if public_key is None else {"public_key": public_key}
        return self.issue(
            self.maker, Role.SEAL, **{"serial": serial, "scope": scope, **given, **changes}
        )

    def issue(self, issuer: Person | None, role: Role, **changes: Any) -> Person:
        """A credential by anyone for anyone: nothing is checked here. issuer None: by itself.

        changes: fields of the credential; `key`: the holder's; `sign_with`: another key that
        signs; `suite_number`: another suite in the tag.
        """
        own: PrivateKey = changes.pop("key", None) or self.suite.generate()
        by = own if issuer is None else issuer.key
        sign_with: PrivateKey = changes.pop("sign_with", by)
        suite_number: int = changes.pop("suite_number", self.suite.id)
        values = {
            "issuer": self.suite.key_id(by.public_key),
            "serial": 1,
            "generation": 5,
            "role": role,
            "scope": REGION,
            "not_before": self.made - YEAR,
            "not_after": self.made + 10 * YEAR,
            "public_key": own.public_key,
            "name": f"test {role.name.lower()}",
            **changes,
        }
        unsigned = CREDENTIAL.unsigned(suite_number, values)
        raw = unsigned + sign_with.sign(unsigned)
        issuers: tuple[Credential, ...] = ()
        anchors = (Role.AUTHORITY, Role.MANUFACTURER)
        if issuer is not None and issuer.credential.role not in anchors:
            issuers = (issuer.credential, *issuer.issuers)
        return Person(own, CREDENTIAL.parse(raw), issuers)

    def statement(self, version: int, **changes: Any) -> TrustStatement:
        """A trust statement of the authority; changes: fields, `sign_with`, `suite_number`."""
        sign_with: PrivateKey = changes.pop("sign_with", self.authority.key)
        suite_number: int = changes.pop("suite_number", self.suite.id)
        values = {
            "authority": self.suite.key_id(self.authority.key.public_key),
            "version": version,
            "issued_at": self.made,
            "minimums": (),
            "revoked": (),
            **changes,
        }
        unsigned = TRUST_STATEMENT.unsigned(suite_number, values)
        return TRUST_STATEMENT.parse(unsigned + sign_with.sign(unsigned))


def revoked(person: Person) -> Revoked:
    """A person's entry in a statement's list."""
    return Revoked(person.credential.issuer, person.credential.serial)


def minimum(issuer: Person, generation: int) -> Minimum:
    """The lowest generation that is accepted from an issuer."""
    return Minimum(issuer.key.suite.key_id(issuer.key.public_key), generation)

"""Everybody with a key in the city: they, and all keys of its seals, are drawn from its seed.

Whoever knows the seed has every private key, as it should be with a city that is not real.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from sealkit.crypto import PrivateKey, Suite, get_suite
from sealkit.keys.issuing import issue_credential, issue_statement
from sealkit.wire.credentials import Credential, Revoked, TrustStatement
from sealkit.wire.registry import Role
from sealkit_simulator.city.places import DISTRICTS, FAR, Place
from sealkit_simulator.city.plan import DAY_S, CityPlan

MAKER: Final = 500
REGION: Final = 310_000
OTHER_REGION: Final = 320_500
_WHOLE_COUNTRY: Final = 0
_SEALS_PER_TECHNICIAN: Final = 50
_SURNAMES: Final = ("Zhang", "Li", "Wang", "Chen", "Liu", "Yang", "Huang", "Zhao", "Wu", "Zhou")
_NAMES: Final = ("Wei", "Na", "Fang", "Min", "Jing", "Lei", "Yan", "Jun")


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever signs: a credential with its issuers, and the key's scalar, 32 bytes."""

    suite: str
    credential: Credential
    scalar: bytes = field(repr=False)
    issuers: tuple[Credential, ...] = ()

    @property
    def name(self) -> str:
        return self.credential.name

    @property
    def chain(self) -> tuple[bytes, ...]:
        """What an order brings for this signer, up to but without the anchor."""
        return (self.credential.raw, *(issuer.raw for issuer in self.issuers))

    def sign(self, message: bytes) -> bytes:
        """The signature of a message, 64 bytes."""
        return _key(self.suite, self.scalar).sign(message)


@dataclass(frozen=True, slots=True)
class Workshop:
    """A verification station, where it is, and who works at the vehicles there."""

    name: str
    place: Place
    station: Person
    technicians: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class People:
    """endorsed: the authority under the maker's signature, which ENROL brings.

    revoked: a technician whose card the second statement revokes. foreigner: a technician of
    another city. careless: technicians whose seals break unusually often. statements: what was
    carried to the seals, the last of them being in force at the end.
    """

    suite: str
    authority: Person
    maker: Person
    endorsed: Credential
    inspector: Person
    workshops: tuple[Workshop, ...]
    revoked: Person
    foreigner: Person
    careless: tuple[Person, ...]
    statements: tuple[TrustStatement, ...]


@lru_cache(maxsize=256)
def _key(suite: str, scalar: bytes) -> PrivateKey:
    return get_suite(suite).private_key(scalar)


def drawn_key(suite: Suite, seed: int, name: str) -> PrivateKey:
    """The key of whoever has this name in the city of this seed."""
    drawn = hashlib.sha512(f"sealkit city/{seed}/{name}".encode()).digest()
    scalar = 1 + int.from_bytes(drawn, "big") % suite.largest_scalar
    return suite.private_key(scalar.to_bytes(32, "big"))


class _Registrar:
    """Issues credentials, one serial number after the other."""

    def __init__(self, plan: CityPlan) -> None:
        self._plan = plan
        self._suite = get_suite(plan.suite)
        self._serial = 0

    def person(
        self, role: Role, name: str, issuer: Person | None, scope: int = REGION, known_as: str = ""
    ) -> Person:
        """Somebody new. known_as: what the key is drawn for, if names may repeat."""
        key = drawn_key(self._suite, self._plan.seed, known_as or name)
        credential = self.issue(issuer, role, key, name, scope)
        issuers: tuple[Credential, ...] = ()
        if issuer is not None and issuer.credential.role is Role.REGISTRY:
            issuers = (issuer.credential,)
        return Person(self._plan.suite, credential, key.scalar, issuers)

    def issue(
        self, issuer: Person | None, role: Role, key: PrivateKey, name: str, scope: int
    ) -> Credential:
        """A credential for a key."""
        self._serial += 1
        signer = key if issuer is None else self._suite.private_key(issuer.scalar)
        return issue_credential(
            signer,
            None if issuer is None else issuer.credential,
            role=role,
            scope=scope,
            serial=self._serial,
            generation=1,
            not_before=self._plan.start - 90 * DAY_S,
            not_after=self._plan.until + 3 * 365 * DAY_S,
            public_key=key.public_key,
            name=name,
        )


def make_people(plan: CityPlan) -> People:
    """The people of a city: so many technicians that each has some fifty seals."""
    registrar, suite = _Registrar(plan), get_suite(plan.suite)
    authority = registrar.person(Role.AUTHORITY, "National metrology", None, _WHOLE_COUNTRY)
    maker = registrar.person(Role.MANUFACTURER, "Seal maker", None, MAKER)
    key = suite.private_key(authority.scalar)
    endorsed = registrar.issue(maker, Role.AUTHORITY, key, authority.name, _WHOLE_COUNTRY)
    registry = registrar.person(Role.REGISTRY, "Technicians' registry", authority)
    other = registrar.person(Role.REGISTRY, f"Registry of {FAR[0].name}", authority, OTHER_REGION)

    def technician(number: int) -> Person:
        surname = _SURNAMES[number % len(_SURNAMES)]
        name = _NAMES[number // len(_SURNAMES) % len(_NAMES)]
        text = f"{surname} {name} ({number})"
        return registrar.person(Role.TECHNICIAN, text, registry)

    count = max(2 * len(DISTRICTS), plan.seals // _SEALS_PER_TECHNICIAN)
    technicians = [technician(number) for number in range(count)]
    workshops = tuple(
        Workshop(
            f"{place.name} station",
            place,
            registrar.person(Role.STATION, f"{place.name} station", authority),
            tuple(technicians[number :: len(DISTRICTS)]),
        )
        for number, place in enumerate(DISTRICTS)
    )
    revoked = registrar.person(Role.TECHNICIAN, "Sun Qiang", registry)
    foreigner = registrar.person(Role.TECHNICIAN, "Xu Bo", other, OTHER_REGION)
    return People(
        suite=plan.suite,
        authority=authority,
        maker=maker,
        endorsed=endorsed,
        inspector=registrar.person(Role.INSPECTOR, "Roadside inspection", authority),
        workshops=workshops,
        revoked=revoked,
        foreigner=foreigner,
        careless=tuple(technicians[:: max(1, count // plan.careless)][: plan.careless]),
        statements=(
            _statement(authority, suite, 1, plan.start, ()),
            _statement(authority, suite, 2, plan.revoked_at, (revoked.credential,)),
        ),
    )


def _statement(
    authority: Person, suite: Suite, version: int, time: int, revoked: tuple[Credential, ...]
) -> TrustStatement:
    return issue_statement(
        suite.private_key(authority.scalar),
        authority.credential,
        version=version,
        issued_at=time,
        minimums=(),
        revoked=tuple(Revoked(one.issuer, one.serial) for one in revoked),
    )

"""Credentials and trust statements (SPEC.md 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sealkit.wire.codec import Codec
from sealkit.wire.registry import Role, SuiteNumber, TagType
from sealkit.wire.signed import Signed


@dataclass(frozen=True, slots=True)
class Credential(Signed):
    """Who holds a key, and what for; signed by the issuer.

    issuer: key id, 16 bytes. serial: the issuer's numbering; for role seal the seal's serial
    number. scope: region (GB/T 2260), or the maker's number. Times in seconds since 1970.
    """

    suite: SuiteNumber
    issuer: bytes
    serial: int
    generation: int
    role: Role
    scope: int
    not_before: int
    not_after: int
    public_key: bytes
    name: str
    signature: bytes
    raw: bytes = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Minimum:
    """The lowest generation that is accepted from an issuer (key id, 16 bytes)."""

    issuer: bytes
    generation: int


@dataclass(frozen=True, slots=True)
class Revoked:
    """One revoked credential: issuer's key id (16 bytes) and serial."""

    issuer: bytes
    serial: int


@dataclass(frozen=True, slots=True)
class TrustStatement(Signed):
    """What an authority says to its whole fleet: minimum generations, revoked credentials."""

    suite: SuiteNumber
    authority: bytes
    version: int
    issued_at: int
    minimums: tuple[Minimum, ...]
    revoked: tuple[Revoked, ...]
    signature: bytes
    raw: bytes = field(repr=False, compare=False)


CREDENTIAL = Codec(
    Credential, "credential", tag=TagType.CREDENTIAL, enums={"role": Role}, remembered=1024
)
"""The same few people sign everywhere, in a fleet of thousands."""
TRUST_STATEMENT = Codec(
    TrustStatement,
    "trust_statement",
    tag=TagType.TRUST,
    items={"minimums": Codec(Minimum, "minimum"), "revoked": Codec(Revoked, "revoked")},
)

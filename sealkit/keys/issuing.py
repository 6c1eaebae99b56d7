"""Credentials and trust statements are made and signed here (SPEC.md 4).

What no seal would accept is refused before it is signed: a signature cannot be taken back.
"""

from __future__ import annotations

from sealkit.crypto import Signer
from sealkit.errors import UsageError
from sealkit.rules.credentials import may_issue
from sealkit.wire.credentials import (
    CREDENTIAL,
    TRUST_STATEMENT,
    Credential,
    Minimum,
    Revoked,
    TrustStatement,
)
from sealkit.wire.registry import ISSUERS, Role


def issue_credential(
    signer: Signer,
    issuer: Credential | None,
    *,
    role: Role,
    scope: int,
    serial: int,
    generation: int,
    not_before: int,
    not_after: int,
    public_key: bytes,
    name: str,
) -> Credential:
    """A credential for `public_key` (65 bytes), signed by the issuer; by itself for None.

    scope: region, or the maker's number for manufacturers and seals (K-1); for a seal, serial is
    its serial number (K-2). Times in seconds since 1970.

    Raises UsageError: ISSUER_KEY_DIFFERS; ISSUING_NOT_ALLOWED (K-3); VALIDITY_EMPTY;
    VALUE_OUT_OF_RANGE.
    """
    _judge_key(signer, public_key if issuer is None else issuer.public_key)
    if issuer is None:
        allowed, who = "self" in ISSUERS[role], "Its holder"
    else:
        allowed = issuer.suite == signer.suite.id and may_issue(issuer, role, scope)
        who = issuer.name
    if not allowed:
        raise UsageError(
            "ISSUING_NOT_ALLOWED",
            f"{who} may not issue a credential of role {role.name.lower()} and scope {scope}.",
            "An authority issues stations, registries and inspectors, a registry technicians, a"
            " manufacturer its own seals and any authority; all within the issuer's scope.",
        )
    if not_before > not_after:
        raise UsageError(
            "VALIDITY_EMPTY",
            f"A credential cannot end ({not_after}) before it begins ({not_before}).",
            "Give an end after the beginning.",
        )
    unsigned = CREDENTIAL.unsigned(
        signer.suite.id,
        {
            "issuer": signer.suite.key_id(signer.public_key),
            "serial": serial,
            "generation": generation,
            "role": role,
            "scope": scope,
            "not_before": not_before,
            "not_after": not_after,
            "public_key": public_key,
            "name": name,
        },
    )
    return CREDENTIAL.parse(unsigned + signer.sign(unsigned))


def issue_statement(
    signer: Signer,
    authority: Credential,
    *,
    version: int,
    issued_at: int,
    minimums: tuple[Minimum, ...],
    revoked: tuple[Revoked, ...],
) -> TrustStatement:
    """What an authority says to its whole fleet (K-7). issued_at: seconds since 1970.

    Raises UsageError: ISSUER_KEY_DIFFERS; ISSUING_NOT_ALLOWED; STATEMENT_VERSION_ZERO;
    VALUE_OUT_OF_RANGE.
    """
    _judge_key(signer, authority.public_key)
    if authority.role is not Role.AUTHORITY:
        raise UsageError(
            "ISSUING_NOT_ALLOWED",
            f"{authority.name} is of role {authority.role.name.lower()}; a trust statement is"
            " signed by the authority.",
            "Sign it with the authority's key.",
        )
    if version == 0:
        raise UsageError(
            "STATEMENT_VERSION_ZERO",
            "Version 0 stands for no statement at all.",
            "Versions start at 1 and only go up.",
        )
    unsigned = TRUST_STATEMENT.unsigned(
        signer.suite.id,
        {
            "authority": signer.suite.key_id(signer.public_key),
            "version": version,
            "issued_at": issued_at,
            "minimums": minimums,
            "revoked": revoked,
        },
    )
    return TRUST_STATEMENT.parse(unsigned + signer.sign(unsigned))


def _judge_key(signer: Signer, expected: bytes) -> None:
    if signer.public_key != expected:
        raise UsageError(
            "ISSUER_KEY_DIFFERS",
            "The key that would sign is not the issuer's.",
            "Sign with the key that belongs to the issuer's credential.",
        )

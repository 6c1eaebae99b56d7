"""Whether a credential holds: the chain to an anchor, at a time, under a statement (K-1 to K-7).

The steps of K-5, in its order; within each the chain is judged from the credential upwards:
1. every issuer is at hand                        credential_missing
2. every layout is good                           credential_invalid
3. every role and scope may be issued             credential_untrusted
4. every signature is valid                       credential_invalid
5. the time lies in every validity                credential_not_yet_valid, credential_expired
6. none is revoked or below a minimum generation  credential_revoked
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sealkit.crypto.suite import Suite
from sealkit.errors import MalformedError
from sealkit.rules.refusals import refusal, status_of
from sealkit.wire.credentials import CREDENTIAL, TRUST_STATEMENT, Credential, TrustStatement
from sealkit.wire.registry import ISSUERS, Role, Status

CHAIN_MAX: Final = 3
"""Steps from a credential to its anchor: technician, registry, authority."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is judged: seconds since 1970, or only a bound that time has passed."""

    time: int
    floor_only: bool = False


def parse_credential(suite: Suite, raw: bytes) -> Credential:
    """A credential of this suite. Errors: `RefusedError` CREDENTIAL_INVALID, WRONG_SUITE,
    WRONG_VERSION."""
    try:
        credential = CREDENTIAL.parse(raw)
    except MalformedError as error:
        status = status_of(error)
        raise refusal(
            Status.CREDENTIAL_INVALID if status is Status.MALFORMED else status, error.message
        ) from None
    if credential.suite != suite.id:
        raise refusal(Status.WRONG_SUITE)
    return credential


def covers(scope: int, region: int) -> bool:
    """Whether a region code covers another (K-1)."""
    return (
        scope in (0, region)
        or (scope % 100 == 0 and scope // 100 == region // 100)
        or (scope % 10_000 == 0 and scope // 10_000 == region // 10_000)
    )


def may_issue(issuer: Credential, role: Role, scope: int) -> bool:
    """Whether the holder of a credential may issue one of this role and scope (K-3)."""
    if issuer.role.name.lower() not in ISSUERS[role]:
        return False
    if role is Role.SEAL:
        return issuer.scope == scope
    return issuer.role is Role.MANUFACTURER or covers(issuer.scope, scope)


def _chain(
    suite: Suite, credential: Credential, pool: Sequence[Credential], anchor: Credential
) -> list[tuple[Credential, Credential]]:
    """Each credential with its issuer, up to the anchor."""
    anchor_key = suite.key_id(anchor.public_key)
    links: list[tuple[Credential, Credential]] = []
    current = credential
    while len(links) < CHAIN_MAX:
        if current.issuer == anchor_key:
            return [*links, (current, anchor)]
        if suite.key_id(current.public_key) == current.issuer:
            raise refusal(Status.CREDENTIAL_UNTRUSTED, f"{current.name} is self-signed")
        issuer = next((c for c in pool if suite.key_id(c.public_key) == current.issuer), None)
        if issuer is None:
            raise refusal(Status.CREDENTIAL_MISSING, f"the issuer of {current.name}")
        links.append((current, issuer))
        current = issuer
    raise refusal(Status.CREDENTIAL_UNTRUSTED, f"{CHAIN_MAX} steps do not reach the anchor")


def is_revoked(credential: Credential, statement: TrustStatement | None) -> bool:
    """Whether a statement revokes this one credential, by id or by generation (K-5)."""
    if statement is None:
        return False
    return any(
        entry.issuer == credential.issuer and entry.serial == credential.serial
        for entry in statement.revoked
    ) or any(
        minimum.issuer == credential.issuer and credential.generation < minimum.generation
        for minimum in statement.minimums
    )


def judge_credential(
    suite: Suite,
    credential: Credential,
    *,
    pool: Sequence[Credential],
    anchor: Credential,
    statement: TrustStatement | None,
    moment: Moment | None,
) -> None:
    """Refuses a credential that does not hold (K-5).

    pool: where issuers are looked for. moment None: validity in time is not judged.
    Errors: `RefusedError` with the status of the first step that fails.
    """
    links = _chain(suite, credential, pool, anchor)
    for subject, issuer in links:
        if not may_issue(issuer, subject.role, subject.scope):
            raise refusal(
                Status.CREDENTIAL_UNTRUSTED,
                f"{issuer.name} may not issue {subject.name} as {subject.role.name.lower()}",
            )
    for subject, issuer in links:
        if not suite.verify(issuer.public_key, subject.signed_bytes, subject.signature):
            raise refusal(Status.CREDENTIAL_INVALID, f"the signature of {subject.name}")
    if moment is not None:
        for subject, _ in links:
            if moment.time < subject.not_before and not moment.floor_only:
                raise refusal(Status.CREDENTIAL_NOT_YET_VALID, subject.name)
            if moment.time > subject.not_after:
                raise refusal(Status.CREDENTIAL_EXPIRED, subject.name)
    for subject, _ in links:
        if is_revoked(subject, statement):
            raise refusal(Status.CREDENTIAL_REVOKED, subject.name)


def judge_anchor(suite: Suite, raw: bytes, role: Role) -> Credential:
    """A self-signed credential of role authority or manufacturer (K-4).

    Errors: `RefusedError` CREDENTIAL_INVALID, CREDENTIAL_UNTRUSTED, WRONG_SUITE, WRONG_VERSION.
    """
    credential = parse_credential(suite, raw)
    if credential.role is not role or suite.key_id(credential.public_key) != credential.issuer:
        raise refusal(Status.CREDENTIAL_UNTRUSTED, f"no self-signed {role.name.lower()}")
    if not suite.verify(credential.public_key, credential.signed_bytes, credential.signature):
        raise refusal(Status.CREDENTIAL_INVALID, f"the signature of {credential.name}")
    return credential


def judge_seal_credential(
    suite: Suite,
    credential: Credential,
    *,
    manufacturer: Credential,
    maker: int,
    serial: int,
    public_key: bytes,
) -> None:
    """Refuses a credential that does not bind this number to this key (K-2, R27).

    Its validity in time is not judged here (K-6).
    """
    if credential.role is not Role.SEAL:
        raise refusal(Status.CREDENTIAL_INVALID, f"of role {credential.role.name.lower()}")
    if (credential.scope, credential.serial) != (maker, serial):
        raise refusal(
            Status.CREDENTIAL_INVALID,
            f"for seal {credential.scope}-{credential.serial}, not {maker}-{serial}",
        )
    if credential.public_key != public_key:
        raise refusal(Status.CREDENTIAL_INVALID, "for another key")
    judge_credential(suite, credential, pool=(), anchor=manufacturer, statement=None, moment=None)


def judge_statement(
    suite: Suite, raw: bytes, *, authority: Credential, above_version: int
) -> TrustStatement:
    """A statement of this authority with a higher version (K-7).

    Errors: `RefusedError` MALFORMED, WRONG_SUITE, WRONG_VERSION, TRUST_INVALID, TRUST_VERSION.
    """
    try:
        statement = TRUST_STATEMENT.parse(raw)
    except MalformedError as error:
        raise refusal(status_of(error), error.message) from None
    if statement.suite != suite.id:
        raise refusal(Status.WRONG_SUITE)
    if statement.authority != suite.key_id(authority.public_key):
        raise refusal(Status.TRUST_INVALID, "of another authority")
    if not suite.verify(authority.public_key, statement.signed_bytes, statement.signature):
        raise refusal(Status.TRUST_INVALID, "its signature")
    if statement.version <= above_version:
        raise refusal(Status.TRUST_VERSION, f"{statement.version} after {above_version}")
    return statement

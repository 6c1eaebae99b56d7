"""Credentials and trust statements in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sealkit_tools.terminal.output import Verbatim

if TYPE_CHECKING:
    from sealkit.wire.credentials import Credential, TrustStatement


def _day(seconds: int) -> str:
    from sealkit.seal.words import time_words

    return time_words(seconds)


def credential_facts(credential: Credential) -> dict[str, Any]:
    """What a credential says, and the ids of its key and issuer."""
    from sealkit.crypto import get_suite

    suite = get_suite(credential.suite)
    return {
        "name": Verbatim(credential.name),
        "role": credential.role.name.lower(),
        "suite": suite.name,
        "scope": credential.scope,
        "serial": credential.serial,
        "generation": credential.generation,
        "not_before": _day(credential.not_before),
        "not_after": _day(credential.not_after),
        "key_id": suite.key_id(credential.public_key).hex(),
        "issuer": credential.issuer.hex(),
    }


def statement_facts(signed: TrustStatement) -> dict[str, Any]:
    """What a trust statement says."""
    return {
        "authority": signed.authority.hex(),
        "version": signed.version,
        "issued_at": _day(signed.issued_at),
        "minimums": [
            {"issuer": entry.issuer.hex(), "generation": entry.generation}
            for entry in signed.minimums
        ],
        "revoked": [
            {"issuer": entry.issuer.hex(), "serial": entry.serial} for entry in signed.revoked
        ],
    }

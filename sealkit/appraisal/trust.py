"""The verifier's own trust: anchors and statement, and the file that carries them (K-4, K-8)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from sealkit.appraisal.remembering import RememberingSuite
from sealkit.crypto import SUITE_IDS, Suite, get_suite
from sealkit.errors import RefusedError, UsageError
from sealkit.rules.credentials import judge_anchor, judge_statement
from sealkit.wire.credentials import Credential, TrustStatement
from sealkit.wire.registry import CREDENTIAL_MAX, Role

SCHEMA: Final = "sealkit.trust/1"
TRUST_FILE_MAX: Final = 256 * 1024
MANUFACTURERS_MAX: Final = 256
_STATEMENT_MAX: Final = 896


@dataclass(frozen=True, slots=True)
class TrustBundle:
    """Whom a verifier believes: one authority, manufacturers, the authority's statement.

    authority, manufacturers: anchors, self-signed. statement None: nothing is revoked, version 0.
    credentials_suite: the suite, remembering the signatures of credentials that it has checked.
    """

    suite: Suite
    authority: Credential
    manufacturers: tuple[Credential, ...]
    statement: TrustStatement | None
    credentials_suite: Suite = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "credentials_suite", RememberingSuite(self.suite))

    @property
    def version(self) -> int:
        """The version of the statement; 0 without one (K-7)."""
        return 0 if self.statement is None else self.statement.version

    def manufacturer(self, key_id: bytes) -> Credential | None:
        """The manufacturer with this key id (16 bytes), if it is trusted."""
        return next((m for m in self.manufacturers if m.issuer == key_id), None)

    def to_json(self) -> bytes:
        """The trust file."""
        content = {
            "schema": SCHEMA,
            "suite": self.suite.name,
            "authority": self.authority.raw.hex(),
            "manufacturers": [manufacturer.raw.hex() for manufacturer in self.manufacturers],
            "statement": None if self.statement is None else self.statement.raw.hex(),
        }
        return json.dumps(content, indent=2).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> TrustBundle:
        """The trust in a file, every signature in it verified.

        Errors: `UsageError` TRUST_FILE_EMPTY, TRUST_FILE_MALFORMED, TRUST_FILE_INVALID,
        SUITE_UNAVAILABLE.
        """
        content = _content(data)
        suite = get_suite(_suite_name(content))
        authority = _hex(content.get("authority"), "authority", CREDENTIAL_MAX)
        manufacturers = [
            _hex(text, "manufacturers", CREDENTIAL_MAX) for text in _manufacturers(content)
        ]
        statement = content.get("statement")
        raw = None if statement is None else _hex(statement, "statement", _STATEMENT_MAX)
        try:
            anchor = judge_anchor(suite, authority, Role.AUTHORITY)
            return cls(
                suite,
                anchor,
                tuple(judge_anchor(suite, one, Role.MANUFACTURER) for one in manufacturers),
                None
                if raw is None
                else judge_statement(suite, raw, authority=anchor, above_version=0),
            )
        except RefusedError as error:
            raise UsageError(
                "TRUST_FILE_INVALID",
                f"What the trust file holds does not verify: {error.message}",
                "Get the trust file again from the authority, by a way that you trust.",
            ) from error


def _malformed(what: str) -> UsageError:
    return UsageError(
        "TRUST_FILE_MALFORMED",
        f"This is no trust file: {what}.",
        "Make one with `sealkit keys trust`, or get it again from the authority.",
    )


def _content(data: bytes) -> dict[str, Any]:
    if not data.strip():
        raise UsageError(
            "TRUST_FILE_EMPTY",
            "The trust file is empty.",
            "Make one with `sealkit keys trust`, or get it again from the authority.",
        )
    if len(data) > TRUST_FILE_MAX:
        raise _malformed(f"it is longer than {TRUST_FILE_MAX} bytes")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise _malformed("it is not JSON") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise _malformed(f"its schema is not {SCHEMA}")
    return content


def _suite_name(content: dict[str, Any]) -> str:
    name = content.get("suite")
    if not isinstance(name, str) or name not in SUITE_IDS:
        raise _malformed("it names no suite that is known here")
    return name


def _manufacturers(content: dict[str, Any]) -> list[Any]:
    texts = content.get("manufacturers")
    if not isinstance(texts, list) or not 0 < len(texts) <= MANUFACTURERS_MAX:
        raise _malformed(f"it does not list 1 to {MANUFACTURERS_MAX} manufacturers")
    return texts


def _hex(text: object, name: str, most: int) -> bytes:
    if not isinstance(text, str) or len(text) > 2 * most:
        raise _malformed(f"{name} is missing or too long")
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise _malformed(f"{name} is not in hexadecimal digits") from None

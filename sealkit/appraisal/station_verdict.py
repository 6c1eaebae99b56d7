"""A station's verdict as it stood, in a bundle: JSON, never believed, compared (B-4)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Conclusion, Finding, Verdict
from sealkit.errors import MalformedError
from sealkit.wire.registry import STATION_VERDICT_MAX, Severity

SCHEMA: Final = "sealkit.station.verdict/1"
NO_STATEMENT: Final = bytes(32)
_DECIDING: Final = (Severity.BROKEN, Severity.UNDETERMINED)


@dataclass(frozen=True, slots=True)
class TrustReference:
    """Under what a verdict was reached: the authority's key id (16 bytes), version and digest (32
    bytes, zeros for none) of its trust statement."""

    authority: bytes
    version: int
    statement: bytes

    @classmethod
    def of(cls, trust: TrustBundle) -> TrustReference:
        """The reference of a verifier's own trust."""
        suite, statement = trust.suite, trust.statement
        return cls(
            suite.key_id(trust.authority.public_key),
            trust.version,
            NO_STATEMENT if statement is None else suite.digest(statement.raw),
        )


@dataclass(frozen=True, slots=True)
class StationVerdict:
    """What a station concluded. judged_at: seconds since 1970 by its clock. deciding: the codes of
    the findings that decided."""

    judged_at: int
    trust: TrustReference
    conclusion: Conclusion
    deciding: frozenset[str]


def deciding_codes(findings: Iterable[Finding]) -> frozenset[str]:
    """The codes of the findings that decide a layer."""
    return frozenset(found.code for found in findings if found.severity in _DECIDING)


def build_station_verdict(verdict: Verdict, trust: TrustBundle, judged_at: int) -> bytes:
    """The verdict for a bundle, whose digest the ledger's leaf carries. The same verdict gives
    the same bytes. A finding is told once with all its records, without its words."""
    reference = TrustReference.of(trust)
    records: dict[tuple[str, str], list[int]] = {}
    for found in verdict.findings:
        listed = records.setdefault((found.code, found.severity.value), [])
        if found.record is not None:
            listed.append(found.record)
    content = {
        "schema": SCHEMA,
        "judged_at": judged_at,
        "trust": {
            "authority": reference.authority.hex(),
            "version": reference.version,
            "statement": reference.statement.hex(),
        },
        "verdict": verdict.conclusion.value,
        "layers": {layer.value: conclusion.value for layer, conclusion in verdict.layers.items()},
        "findings": [
            {"code": code, "severity": severity, "records": numbers}
            for (code, severity), numbers in records.items()
        ],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def parse_station_verdict(data: bytes) -> StationVerdict:
    """What a station says. Errors: `MalformedError` MALFORMED, whatever the bytes are."""
    if len(data) > STATION_VERDICT_MAX:
        raise _malformed(f"it is longer than {STATION_VERDICT_MAX} bytes")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise _malformed("it is not JSON") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise _malformed(f"its schema is not {SCHEMA}")
    trust, findings = content.get("trust"), content.get("findings")
    if not isinstance(trust, dict):
        raise _malformed("it names no trust")
    if not isinstance(findings, list):
        raise _malformed("it lists no findings")
    return StationVerdict(
        _whole(content, "judged_at", 64),
        TrustReference(
            _hex(trust, "authority", 16), _whole(trust, "version", 32), _hex(trust, "statement", 32)
        ),
        _conclusion(content.get("verdict")),
        frozenset(code for one in findings if (code := _deciding(one)) is not None),
    )


def _deciding(found: Any) -> str | None:
    """The code of a finding, if it decides; a code that is not known here counts as well."""
    if not isinstance(found, dict) or not isinstance(found.get("code"), str):
        raise _malformed("a finding has no code")
    severity = found.get("severity")
    if severity not in [one.value for one in Severity]:
        raise _malformed("a finding has no severity")
    return found["code"] if severity in [one.value for one in _DECIDING] else None


def _conclusion(value: object) -> Conclusion:
    for conclusion in Conclusion:
        if value == conclusion.value:
            return conclusion
    raise _malformed("its verdict is none")


def _whole(content: dict[str, Any], name: str, bits: int) -> int:
    value = content.get(name)
    if type(value) is not int or not 0 <= value < 1 << bits:
        raise _malformed(f"{name} is no whole number in its range")
    return value


def _hex(content: dict[str, Any], name: str, size: int) -> bytes:
    text = content.get(name)
    try:
        value = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        value = b""
    if len(value) != size:
        raise _malformed(f"{name} is not {size} bytes in hexadecimal digits")
    return value


def _malformed(what: str) -> MalformedError:
    return MalformedError(
        "MALFORMED",
        f"This is no verdict of a station: {what}.",
        "Ask the station for the bundle again.",
    )

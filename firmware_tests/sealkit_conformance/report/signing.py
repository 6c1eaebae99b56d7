"""A report signed by whoever ran the bench: a small JSON file beside it."""

from __future__ import annotations

import json
from typing import Any, Final

from sealkit.crypto import Signer, get_suite
from sealkit.errors import IntegrityError

SCHEMA: Final = "sealkit.conformance.signature/1"
_PREFIX: Final = b"sealkit conformance report 1\0"


def sign_report(signer: Signer, report: bytes) -> bytes:
    """The signature file of a report's bytes."""
    told = {
        "schema": SCHEMA,
        "suite": signer.suite.name,
        "public_key": signer.public_key.hex(),
        "signature": signer.sign(_PREFIX + report).hex(),
    }
    return (json.dumps(told) + "\n").encode()


def check_report(report: bytes, signature: bytes) -> dict[str, Any]:
    """Who signed: suite and public key (hex). Errors: `IntegrityError` REPORT_SIGNATURE."""
    try:
        told = json.loads(signature)
        suite = get_suite(told["suite"])
        key, value = bytes.fromhex(told["public_key"]), bytes.fromhex(told["signature"])
        good = told["schema"] == SCHEMA and suite.verify(key, _PREFIX + report, value)
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good:
        raise IntegrityError(
            "REPORT_SIGNATURE",
            "The report is not the one that was signed.",
            "Ask whoever ran the bench for the report and its signature again.",
        )
    return {"suite": told["suite"], "public_key": told["public_key"]}

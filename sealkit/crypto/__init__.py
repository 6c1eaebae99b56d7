"""The cryptographic suites: digest, verify and sign, the same meaning in each.

A suite is one module of this package and one line of the table below. Its module is imported when
it is first asked for, so that nobody pays for, or must install, a suite they do not use.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from sealkit.crypto.suite import (
    PRIVATE_KEY_BYTES,
    PUBLIC_KEY_BYTES,
    SIGNATURE_BYTES,
    PrivateKey,
    Signer,
    Suite,
)
from sealkit.errors import UsageError

__all__ = [
    "PRIVATE_KEY_BYTES",
    "PUBLIC_KEY_BYTES",
    "SIGNATURE_BYTES",
    "SUITE_IDS",
    "PrivateKey",
    "Signer",
    "Suite",
    "get_suite",
]

# Name, number on the wire.
SUITE_IDS = {"p256": 1, "sm2": 2}


@cache
def get_suite(name: str | int) -> Suite:
    """The suite called `name` ("p256", "sm2"), or with that number on the wire (1, 2).

    Raises UsageError: SUITE_UNKNOWN; SUITE_UNAVAILABLE when a library that it needs is missing.
    """
    for known, number in SUITE_IDS.items():
        if name in (known, number):
            break
    else:
        raise UsageError(
            "SUITE_UNKNOWN",
            f"There is no cryptographic suite {name!r}.",
            f"Use one of: {', '.join(SUITE_IDS)}.",
        )
    try:
        suite: Suite = import_module(f"sealkit.crypto.{known}").SUITE
    except ImportError as error:
        raise UsageError(
            "SUITE_UNAVAILABLE",
            f"The suite {known} cannot be used here: {error}.",
            "Install the extra `gm`: pip install 'sealkit[gm]'.",
        ) from error
    return suite

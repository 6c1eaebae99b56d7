"""A suite that remembers signatures: the credentials of a fleet are few, its orders many."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from sealkit.crypto.suite import Suite

REMEMBERED: Final = 4_096
"""How many signatures are remembered: some 400 bytes each."""


class RememberingSuite(Suite):
    """Another suite, each of whose verifications is done once. For credentials only: an order or
    evidence is signed once, and remembering it would only push credentials out."""

    def __init__(self, suite: Suite) -> None:
        self.name = suite.name
        self.id = suite.id
        self.curve_oid = suite.curve_oid
        self.largest_scalar = suite.largest_scalar
        self._suite = suite
        self._verify = lru_cache(maxsize=REMEMBERED)(suite.verify)

    def digest(self, data: bytes) -> bytes:
        return self._suite.digest(data)

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        return self._verify(public_key, message, signature)

    def _load(self, scalar: bytes) -> tuple[bytes, Callable[[bytes], bytes]]:
        return self._suite._load(scalar)

"""What every suite offers, and what holds a key of one."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sealkit.errors import UsageError

PUBLIC_KEY_BYTES = 65
"""An uncompressed point: 0x04, x and y of 32 bytes each, big-endian."""

SIGNATURE_BYTES = 64
"""r and s, 32 bytes each, big-endian."""

PRIVATE_KEY_BYTES = 32
KEY_ID_BYTES = 16


class Signer(Protocol):
    """Whoever can sign with one key: a `PrivateKey` in memory, or a token that keeps its key."""

    @property
    def suite(self) -> Suite: ...

    @property
    def public_key(self) -> bytes:
        """The uncompressed point, 65 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature r‖s over `message`, 64 bytes."""
        ...


class Suite(ABC):
    """A signature scheme with its digest. It has no state; there is one instance of each.

    name and id: what it is called, and its number on the wire. curve_oid: the curve in key files.
    largest_scalar: private keys are whole numbers from 1 to this one.
    """

    name: str
    id: int
    curve_oid: str
    largest_scalar: int

    @abstractmethod
    def digest(self, data: bytes) -> bytes:
        """The suite's hash of `data`, 32 bytes."""

    @abstractmethod
    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (r‖s, 64 bytes) over `message` is of `public_key` (65 bytes).

        Strict, and never an exception: what has a wrong type or length, an r or s of zero or not
        below the order, or a point that is not one of the curve's, is False. A high s is valid.
        """

    @abstractmethod
    def _load(self, scalar: bytes) -> tuple[bytes, Callable[[bytes], bytes]]:
        """The public key of a scalar already checked, and the function that signs with it."""

    def key_id(self, public_key: bytes) -> bytes:
        """The first 16 bytes of the digest of the public key."""
        return self.digest(public_key)[:KEY_ID_BYTES]

    def generate(self) -> PrivateKey:
        """A new private key, from the system's randomness."""
        scalar = 1 + secrets.randbelow(self.largest_scalar)
        return self.private_key(scalar.to_bytes(PRIVATE_KEY_BYTES, "big"))

    def private_key(self, scalar: bytes) -> PrivateKey:
        """The private key with this scalar: 32 bytes, big-endian.

        Raises UsageError KEY_MALFORMED if there is no such key.
        """
        if len(scalar) != PRIVATE_KEY_BYTES or not (
            1 <= int.from_bytes(scalar, "big") <= self.largest_scalar
        ):
            raise UsageError(
                "KEY_MALFORMED",
                f"These bytes are not a private key of the suite {self.name}.",
                "Use a key that this suite generated.",
            )
        public_key, sign = self._load(scalar)
        return PrivateKey(self, public_key, scalar, sign)

    def __repr__(self) -> str:
        return f"<suite {self.name}>"


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key in memory. Made by its suite; a `Signer`.

    public_key: 65 bytes. scalar: the secret, 32 bytes, for encrypted storage only; it is kept out
    of the repr, so that no log or traceback shows it.
    """

    suite: Suite
    public_key: bytes
    scalar: bytes = field(repr=False)
    _sign: Callable[[bytes], bytes] = field(repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """The signature r‖s over `message`, 64 bytes."""
        return self._sign(message)

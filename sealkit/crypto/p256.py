"""The suite p256: ECDSA over NIST P-256 with SHA-256 (FIPS 186-5), by `cryptography`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sealkit.crypto.suite import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, Suite

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_CURVE = ec.SECP256R1()
_ECDSA = ec.ECDSA(SHA256())
_ECDSA_OF_DIGEST = ec.ECDSA(Prehashed(SHA256()))


@lru_cache(maxsize=256)
def _point(public_key: bytes) -> ec.EllipticCurvePublicKey | None:
    """The point, or None if it is not one of the curve's.

    Kept, since loading a key takes a good part of the time of a verification.
    """
    # The library would also take compressed points; the protocol has one form only.
    if len(public_key) != PUBLIC_KEY_BYTES or public_key[0] != 4:
        return None
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key)
    except ValueError:
        return None


class _P256(Suite):
    name = "p256"
    id = 1
    curve_oid = "1.2.840.10045.3.1.7"
    largest_scalar = ORDER - 1

    def digest(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        if not type(public_key) is type(message) is type(signature) is bytes:
            return False
        if len(signature) != SIGNATURE_BYTES:
            return False
        # The library checks much of this as well; what is accepted is not left to its versions.
        point = _point(public_key)
        r = int.from_bytes(signature[:32], "big")
        s = int.from_bytes(signature[32:], "big")
        if point is None or not (0 < r < ORDER and 0 < s < ORDER):
            return False
        try:
            # The library's own digest is slower than that of `hashlib`.
            point.verify(encode_dss_signature(r, s), self.digest(message), _ECDSA_OF_DIGEST)
        except InvalidSignature:
            return False
        return True

    def _load(self, scalar: bytes) -> tuple[bytes, Callable[[bytes], bytes]]:
        key = ec.derive_private_key(int.from_bytes(scalar, "big"), _CURVE)
        public_key = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

        def sign(message: bytes) -> bytes:
            r, s = decode_dss_signature(key.sign(message, _ECDSA))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")

        return public_key, sign


SUITE: Suite = _P256()

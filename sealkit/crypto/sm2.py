"""The suite sm2: SM2 signatures (GB/T 32918.2, curve of 32918.5) with SM3 (GB/T 32905).

The signer's id is always the default of GM/T 0009. Signing and verifying are done by gmssl_pyx;
what it does not offer or gets wrong is done here, in integers. For every signature that does not
hold, gmssl_pyx also writes lines to the standard error of the process, and cannot be told not to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache

import gmssl_pyx
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from sealkit.crypto.suite import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, Suite

if "sm3" not in hashlib.algorithms_available:
    raise ImportError("this Python's hashlib has no sm3")

SIGNER_ID = b"1234567812345678"

# GB/T 32918.5: y^2 = x^3 - 3x + B modulo PRIME, of prime order ORDER with the generator (GX, GY).
PRIME = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0

# A point in projective coordinates (X, Y, Z): x = X/Z, y = Y/Z; Z = 0 is the point at infinity.
_Point = tuple[int, int, int]
_INFINITY: _Point = (0, 1, 0)
_GENERATOR: _Point = (GX, GY, 1)


def signer_digest(public_key: bytes) -> bytes:
    """Z of GB/T 32918.2 clause 5.5: the digest of signer id, curve and key, hashed before M."""
    data = (len(SIGNER_ID) * 8).to_bytes(2, "big") + SIGNER_ID
    for number in (PRIME - 3, B, GX, GY):
        data += number.to_bytes(32, "big")
    return _sm3(data + public_key[1:])


@lru_cache(maxsize=256)
def _known_signer_digest(public_key: bytes) -> bytes | None:
    """Z of a public key, or None if it is not a point of the curve. Kept, as it is the same."""
    if len(public_key) != PUBLIC_KEY_BYTES or public_key[0] != 4:
        return None
    x, y, _ = _parse(public_key)
    # The order is prime, so every point of the curve but infinity, which this form cannot say,
    # generates the whole group: no further check is needed.
    if x >= PRIME or y >= PRIME or (y * y - x * x * x + 3 * x - B) % PRIME:
        return None
    return signer_digest(public_key)


class _Sm2(Suite):
    name = "sm2"
    id = 2
    curve_oid = "1.2.156.10197.1.301"
    largest_scalar = ORDER - 2  # 1 + d must have an inverse

    def digest(self, data: bytes) -> bytes:
        return _sm3(data)

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        if not type(public_key) is type(message) is type(signature) is bytes:
            return False
        if len(signature) != SIGNATURE_BYTES:
            return False
        # The library checks much of this as well; what is accepted is not left to its versions.
        z = _known_signer_digest(public_key)
        r = int.from_bytes(signature[:32], "big")
        s = int.from_bytes(signature[32:], "big")
        if z is None or not (0 < r < ORDER and 0 < s < ORDER) or r + s == ORDER:
            return False
        e = _sm3(z + message)
        if not gmssl_pyx.sm2_verify_sm3_digest(public_key[1:], e, encode_dss_signature(r, s)):
            return False
        # gmssl_pyx takes the x of the point at infinity for 0, and so accepts signatures that the
        # holder of a key can make with r = e. Only then is the sum worth a second look.
        return r != int.from_bytes(e, "big") % ORDER or not _sum_is_infinity(s, r + s, public_key)

    def _load(self, scalar: bytes) -> tuple[bytes, Callable[[bytes], bytes]]:
        # gmssl_pyx does not tell the public key of a given private key. Our own multiplication
        # does the same operations whatever the scalar, but Python's integers do not take constant
        # time: it runs once when a key is made or opened, never while one is in use.
        x, y = _affine(_multiply(int.from_bytes(scalar, "big"), _GENERATOR))
        public_key = b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
        z = signer_digest(public_key)

        def sign(message: bytes) -> bytes:
            r, s = decode_dss_signature(gmssl_pyx.sm2_sign_sm3_digest(scalar, _sm3(z + message)))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")

        return public_key, sign


def _sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _parse(public_key: bytes) -> _Point:
    return int.from_bytes(public_key[1:33], "big"), int.from_bytes(public_key[33:], "big"), 1


def _sum_is_infinity(s: int, t: int, public_key: bytes) -> bool:
    """Whether [s]G + [t]P, from which a verification takes its x, is the point at infinity."""
    total = _add(_multiply(s, _GENERATOR), _multiply(t % ORDER, _parse(public_key)))
    return total[2] == 0


def _multiply(scalar: int, point: _Point) -> _Point:
    """[scalar]point, 0 <= scalar < 2^256, by the Montgomery ladder."""
    low, high = _INFINITY, point  # always: high = low + point
    for bit in reversed(range(256)):
        if scalar >> bit & 1:
            low, high = _add(low, high), _add(high, high)
        else:
            low, high = _add(low, low), _add(low, high)
    return low


def _add(p: _Point, q: _Point) -> _Point:
    """p + q by the complete formulas of Renes, Costello and Batina (2016) for a = -3.

    They hold for every pair of points, equal, opposite or infinite: there is no case to forget.
    """
    (x1, y1, z1), (x2, y2, z2) = p, q
    xx, yy, zz = x1 * x2, y1 * y2, z1 * z2 % PRIME
    xy = (x1 * y2 + x2 * y1) % PRIME
    yz = (y1 * z2 + y2 * z1) % PRIME
    xz = (x1 * z2 + x2 * z1) % PRIME
    k = 3 * (xx - zz) % PRIME
    m = 3 * (B * zz - xz) % PRIME
    n = 3 * (B * xz - xx - 3 * zz) % PRIME
    return (
        (xy * (yy - m) - yz * n) % PRIME,
        (k * n + (yy + m) * (yy - m)) % PRIME,
        (yz * (yy + m) + xy * k) % PRIME,
    )


def _affine(point: _Point) -> tuple[int, int]:
    """x and y of a point that is not at infinity."""
    inverse = pow(point[2], -1, PRIME)
    return point[0] * inverse % PRIME, point[1] * inverse % PRIME


SUITE: Suite = _Sm2()

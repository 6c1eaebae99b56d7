"""SM2 against the worked example of its standard, and where the library under it is too lax."""

from __future__ import annotations

import secrets

import gmssl_pyx
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sealkit.crypto import get_suite, sm2

SUITE = get_suite("sm2")

# GB/T 32918.5-2017 annex A.2.
SCALAR = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
X = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
Y = "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
Z = "B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3"
E = "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"
R = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
S = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
MESSAGE = b"message digest"

PUBLIC_KEY = bytes.fromhex("04" + X + Y)


@pytest.mark.requirement("R35")
def test_the_worked_example_of_the_standard() -> None:
    key = SUITE.private_key(bytes.fromhex(SCALAR))
    assert key.public_key == PUBLIC_KEY
    assert sm2.signer_digest(PUBLIC_KEY) == bytes.fromhex(Z)
    assert SUITE.digest(bytes.fromhex(Z) + MESSAGE) == bytes.fromhex(E)
    assert SUITE.verify(PUBLIC_KEY, MESSAGE, bytes.fromhex(R + S))
    assert not SUITE.verify(PUBLIC_KEY, MESSAGE, bytes.fromhex(S + R))
    assert SUITE.verify(PUBLIC_KEY, MESSAGE, key.sign(MESSAGE))


def test_r_plus_s_is_not_zero_modulo_the_order() -> None:
    r = int(R, 16)
    s = sm2.ORDER - r
    assert not SUITE.verify(PUBLIC_KEY, MESSAGE, r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_the_point_at_infinity_is_no_signature() -> None:
    """Whoever holds a key can make r and s for which [s]G + [r+s]P is infinity and r is e."""
    d, e = int(SCALAR, 16), int(E, 16) % sm2.ORDER
    s = -e * d * pow(1 + d, -1, sm2.ORDER) % sm2.ORDER
    forged = e.to_bytes(32, "big") + s.to_bytes(32, "big")

    # If this fails, gmssl_pyx no longer needs the second look that sm2.py takes.
    encoded = encode_dss_signature(e, s)
    assert gmssl_pyx.sm2_verify_sm3_digest(PUBLIC_KEY[1:], bytes.fromhex(E), encoded)
    assert not SUITE.verify(PUBLIC_KEY, MESSAGE, forged)


def test_our_multiplication_agrees_with_the_library() -> None:
    for _ in range(5):
        point, scalar = gmssl_pyx.sm2_key_generate()
        assert SUITE.private_key(scalar).public_key == b"\x04" + point


def test_the_group_law_has_no_exceptions() -> None:
    g, order = sm2._GENERATOR, sm2.ORDER
    k = secrets.randbelow(order - 2) + 1
    point = sm2._multiply(k, g)
    opposite = sm2._multiply(order - k, g)
    assert sm2._add(point, opposite)[2] == 0
    assert sm2._multiply(order, g)[2] == 0
    assert sm2._multiply(0, g)[2] == 0
    assert sm2._add(sm2._INFINITY, sm2._INFINITY)[2] == 0
    assert sm2._affine(sm2._add(point, sm2._INFINITY)) == sm2._affine(point)
    assert sm2._affine(sm2._add(point, point)) == sm2._affine(sm2._multiply(2 * k % order, g))
    assert sm2._affine(sm2._multiply(order + 1, g)) == (sm2.GX, sm2.GY)

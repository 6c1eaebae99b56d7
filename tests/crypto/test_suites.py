"""What holds for every suite."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.crypto import SUITE_IDS, PrivateKey, Signer, Suite, get_suite
from sealkit.errors import UsageError

if TYPE_CHECKING:
    from conftest import OpenSSL

MESSAGE = b"what the seal states"

PARAMETERS = {  # prime, b, order of y^2 = x^3 - 3x + b
    "p256": (
        0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    ),
    "sm2": (
        0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
        0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
        0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
    ),
}


@dataclass(frozen=True)
class Signed:
    """A message with a signature that holds, and its numbers."""

    suite: Suite
    key: PrivateKey
    signature: bytes

    @property
    def r(self) -> int:
        return int.from_bytes(self.signature[:32], "big")

    @property
    def s(self) -> int:
        return int.from_bytes(self.signature[32:], "big")

    def holds(
        self,
        public_key: object = None,
        message: object = MESSAGE,
        r: int | None = None,
        s: int | None = None,
        signature: object = None,
    ) -> bool:
        """What verify says when one of its arguments is replaced."""
        if signature is None:
            r, s = (self.r if r is None else r), (self.s if s is None else s)
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        public_key = self.key.public_key if public_key is None else public_key
        return self.suite.verify(public_key, message, signature)  # type: ignore[arg-type]


@pytest.fixture
def signed(suite: Suite) -> Signed:
    key = suite.generate()
    return Signed(suite, key, key.sign(MESSAGE))


def test_a_signature_holds_for_its_key_and_message_only(signed: Signed) -> None:
    assert signed.holds()
    assert not signed.holds(message=MESSAGE + b"!")
    assert not signed.holds(public_key=signed.suite.generate().public_key)
    for bit in (0, 255, 256, 511):
        number = int.from_bytes(signed.signature, "big") ^ 1 << bit
        assert not signed.holds(signature=number.to_bytes(64, "big"))


def test_r_and_s_lie_between_zero_and_the_order(signed: Signed) -> None:
    order = PARAMETERS[signed.suite.name][2]
    for out_of_range in (0, order, order + 1, 2**256 - 1):
        assert not signed.holds(r=out_of_range)
        assert not signed.holds(s=out_of_range)
    assert not signed.holds(r=0, s=0)
    assert not signed.holds(r=order, s=order)


def test_s_plus_the_order_is_not_the_same_signature() -> None:
    """The sum fits in 32 bytes only for a small s, so a key is made for which s is 1."""
    suite, order = get_suite("p256"), PARAMETERS["p256"][2]
    k = 0x1234567890ABCDEF
    r = int.from_bytes(suite.private_key(k.to_bytes(32, "big")).public_key[1:33], "big") % order
    e = int.from_bytes(suite.digest(MESSAGE), "big")
    d = (k - e) * pow(r, -1, order) % order  # from s = (e + r d) / k = 1
    public_key = suite.private_key(d.to_bytes(32, "big")).public_key
    head = r.to_bytes(32, "big")
    assert suite.verify(public_key, MESSAGE, head + (1).to_bytes(32, "big"))
    assert not suite.verify(public_key, MESSAGE, head + (1 + order).to_bytes(32, "big"))


def test_a_high_s_is_valid_as_ecdsa_has_it() -> None:
    suite = get_suite("p256")
    key = suite.generate()
    signature = key.sign(MESSAGE)
    order = PARAMETERS["p256"][2]
    s = int.from_bytes(signature[32:], "big")
    mirrored = signature[:32] + (order - s).to_bytes(32, "big")
    assert suite.verify(key.public_key, MESSAGE, signature)
    assert suite.verify(key.public_key, MESSAGE, mirrored)


def test_a_signature_has_64_bytes(signed: Signed) -> None:
    whole = signed.signature
    same_numbers = whole[:32] + b"\0" + whole[32:]
    lengths = (b"", whole[:32], whole[:63], whole + b"\0", b"\0" + whole, whole + whole)
    for wrong in (same_numbers, *lengths):
        assert not signed.holds(signature=wrong)


def test_a_public_key_is_an_uncompressed_point(signed: Signed) -> None:
    point = signed.key.public_key
    x, odd = point[1:33], point[64] & 1
    compressed = bytes([2 + odd]) + x
    hybrid = bytes([6 + odd]) + point[1:]
    for wrong in (b"", b"\0", point[:64], point + b"\0", point[1:], compressed, hybrid):
        assert not signed.holds(public_key=wrong)
    for prefix in (0, 1, 2, 3, 5, 6, 7, 0x84, 0xFF):
        assert not signed.holds(public_key=bytes([prefix]) + point[1:])


def test_a_point_off_the_curve_is_no_key(signed: Signed) -> None:
    point = signed.key.public_key
    for position in (1, 32, 33, 64):
        moved = point[:position] + bytes([point[position] ^ 1]) + point[position + 1 :]
        assert not signed.holds(public_key=moved)
    for filler in (b"\0", b"\xff"):
        assert not signed.holds(public_key=b"\x04" + filler * 64)


def test_a_coordinate_is_below_the_prime(signed: Signed) -> None:
    """A point with a small x, written with x + p, would be the same point to a lax reader."""
    prime, b, _ = PARAMETERS[signed.suite.name]
    x = y = 0
    while (y * y - (x**3 - 3 * x + b)) % prime:  # primes here are 3 modulo 4
        x += 1
        y = pow(x**3 - 3 * x + b, (prime + 1) // 4, prime)
    point = b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    written_high = b"\x04" + (x + prime).to_bytes(32, "big") + y.to_bytes(32, "big")

    # Nobody knows its private key, so it is the check of the point itself that is asked.
    assert _is_a_key(signed.suite, point)
    assert not _is_a_key(signed.suite, written_high)
    assert not signed.holds(public_key=written_high)


def _is_a_key(suite: Suite, public_key: bytes) -> bool:
    """What the suite's own check of a point says, before any signature is looked at."""
    if suite.name == "p256":
        from sealkit.crypto import p256

        return p256._point(public_key) is not None
    from sealkit.crypto import sm2

    return sm2._known_signer_digest(public_key) is not None


def test_what_is_not_bytes_is_false(signed: Signed) -> None:
    for wrong in (None, 7, "text", bytearray(64), memoryview(b"1"), [4] * 65, object()):
        assert not signed.suite.verify(wrong, MESSAGE, signed.signature)  # type: ignore[arg-type]
        assert not signed.holds(message=wrong)
        assert not signed.suite.verify(signed.key.public_key, MESSAGE, wrong)  # type: ignore[arg-type]


KEYS = {name: get_suite(name).private_key(bytes(31) + b"\x07") for name in SUITE_IDS}
SIGNATURES = {name: key.sign(MESSAGE) for name, key in KEYS.items()}


@given(
    name=st.sampled_from(sorted(SUITE_IDS)),
    public_key=st.binary(max_size=70) | st.binary(min_size=64, max_size=64).map(b"\x04".__add__),
    message=st.binary(max_size=200),
    signature=st.binary(max_size=80) | st.binary(min_size=64, max_size=64),
)
def test_any_bytes_give_a_bool(
    name: str, public_key: bytes, message: bytes, signature: bytes
) -> None:
    suite, key = get_suite(name), KEYS[name]
    assert suite.verify(public_key, message, signature) is False
    assert suite.verify(key.public_key, message, signature) is False
    assert suite.verify(public_key, MESSAGE, SIGNATURES[name]) is False


@given(name=st.sampled_from(sorted(SUITE_IDS)), message=st.binary(max_size=3000))
def test_what_is_signed_verifies(name: str, message: bytes) -> None:
    key = KEYS[name]
    signature = key.sign(message)
    assert len(signature) == 64
    assert key.suite.verify(key.public_key, message, signature) is True


@pytest.mark.requirement("R35")
def test_openssl_verifies_what_we_sign(suite: Suite, openssl: OpenSSL) -> None:
    key = suite.generate()
    for message in (b"1", b"what the seal states" * 100):
        signature = key.sign(message)
        assert openssl.verifies(key.public_key, message, signature)
        assert not openssl.verifies(key.public_key, message + b"!", signature)


@pytest.mark.requirement("R35")
def test_we_verify_what_openssl_signs(suite: Suite, openssl: OpenSSL) -> None:
    scalar, point, path = openssl.generate()
    for message in (b"1", b"what the seal states" * 100):
        signature = openssl.sign(path, message)
        assert suite.verify(point, message, signature)
        assert not suite.verify(point, message + b"!", signature)
    assert suite.private_key(scalar).public_key == point


def test_a_private_key_is_in_range(suite: Suite) -> None:
    for scalar in (1, 2, suite.largest_scalar - 1, suite.largest_scalar):
        key = suite.private_key(scalar.to_bytes(32, "big"))
        assert suite.verify(key.public_key, MESSAGE, key.sign(MESSAGE))
    for scalar in (0, suite.largest_scalar + 1, PARAMETERS[suite.name][2], 2**256 - 1):
        with pytest.raises(UsageError) as caught:
            suite.private_key(scalar.to_bytes(32, "big"))
        assert caught.value.code == "KEY_MALFORMED"
    for length in (0, 31, 33):
        with pytest.raises(UsageError) as caught:
            suite.private_key(b"\1" * length)
        assert caught.value.code == "KEY_MALFORMED"


def test_a_private_key_is_a_signer_that_shows_no_secret(suite: Suite) -> None:
    key = suite.generate()
    signer: Signer = key
    assert suite.verify(signer.public_key, MESSAGE, signer.sign(MESSAGE))
    for shown in (repr(key), str(key), f"{key}"):
        assert key.scalar.hex() not in shown
        assert repr(key.scalar)[2:-1] not in shown
        assert str(int.from_bytes(key.scalar, "big")) not in shown
    assert suite.generate() != key


def test_a_key_id_is_the_head_of_the_digest(suite: Suite) -> None:
    public_key = suite.generate().public_key
    assert suite.key_id(public_key) == suite.digest(public_key)[:16]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("p256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),  # FIPS 180
        ("sm2", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),  # GB/T 32905
    ],
)
def test_the_digest_of_abc_is_the_published_one(name: str, expected: str) -> None:
    assert get_suite(name).digest(b"abc").hex() == expected


def test_a_suite_is_found_by_name_and_by_number() -> None:
    for name, number in SUITE_IDS.items():
        assert get_suite(name) is get_suite(number)
        assert (get_suite(name).name, get_suite(name).id) == (name, number)
    for unknown in ("rsa", "P256", "", 0, 3, -1):
        with pytest.raises(UsageError) as caught:
            get_suite(unknown)
        assert caught.value.code == "SUITE_UNKNOWN"
        assert "p256, sm2" in caught.value.remedy


def test_without_gmssl_only_sm2_is_missing() -> None:
    program = """
import sys
sys.modules["gmssl_pyx"] = None  # as if it were not installed
from sealkit.crypto import get_suite
from sealkit.errors import UsageError
get_suite("p256").generate()
try:
    get_suite("sm2")
except UsageError as error:
    print(error.code, error.remedy)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.startswith("SUITE_UNAVAILABLE")
    assert "sealkit[gm]" in done.stdout

"""Private keys as PKCS#8 (RFC 5958), encrypted by PBES2 (RFC 8018): DER bytes in and out.

`cryptography` has no SM2 keys, so one writer and one reader of our own serve both suites. One
scheme is written and read: PBKDF2 with HMAC-SHA-256, then AES-256-CBC; `openssl` reads and writes
the same.
"""

from __future__ import annotations

import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from sealkit.crypto import (
    PRIVATE_KEY_BYTES,
    PUBLIC_KEY_BYTES,
    SUITE_IDS,
    PrivateKey,
    Suite,
    get_suite,
)
from sealkit.errors import UsageError
from sealkit.keys import der

WRITTEN_ITERATIONS = 600_000
# A file may come from a stranger: this many take seconds, more could hang us.
MOST_ITERATIONS = 5_000_000

_SALT_BYTES = 16
_MOST_SALT_BYTES = 64
_IV_BYTES = 16
_AES_KEY_BYTES = 32

_EC_PUBLIC_KEY = der.object_identifier("1.2.840.10045.2.1")
_PBES2 = der.object_identifier("1.2.840.113549.1.5.13")
_PBKDF2 = der.object_identifier("1.2.840.113549.1.5.12")
_AES_256_CBC = der.object_identifier("2.16.840.1.101.3.4.1.42")
_HMAC_SHA_256 = der.element(
    der.SEQUENCE, der.object_identifier("1.2.840.113549.2.9"), der.element(der.NULL)
)


def encrypt(key: PrivateKey, passphrase: bytes) -> bytes:
    """EncryptedPrivateKeyInfo (RFC 5958 clause 3) of `key`, with a fresh salt and IV."""
    salt = secrets.token_bytes(_SALT_BYTES)
    iv = secrets.token_bytes(_IV_BYTES)
    padder = PKCS7(128).padder()
    plain = padder.update(_private_key_info(key)) + padder.finalize()
    encryptor = _cipher(passphrase, salt, WRITTEN_ITERATIONS, iv).encryptor()
    derivation = der.element(
        der.SEQUENCE,
        _PBKDF2,
        der.element(
            der.SEQUENCE,
            der.element(der.OCTET_STRING, salt),
            der.integer(WRITTEN_ITERATIONS),
            _HMAC_SHA_256,
        ),
    )
    encryption = der.element(der.SEQUENCE, _AES_256_CBC, der.element(der.OCTET_STRING, iv))
    return der.element(
        der.SEQUENCE,
        der.element(der.SEQUENCE, _PBES2, der.element(der.SEQUENCE, derivation, encryption)),
        der.element(der.OCTET_STRING, encryptor.update(plain) + encryptor.finalize()),
    )


def decrypt(data: bytes, passphrase: bytes) -> PrivateKey:
    """The key in an EncryptedPrivateKeyInfo of the scheme above.

    Raises UsageError: KEY_MALFORMED; PASSPHRASE_WRONG; SUITE_UNAVAILABLE.
    """
    try:
        salt, iterations, iv, encrypted = _parse_encrypted(data)
    except ValueError as error:
        raise malformed(str(error)) from error
    decryptor = _cipher(passphrase, salt, iterations, iv).decryptor()
    padded = decryptor.update(encrypted) + decryptor.finalize()
    try:
        unpadder = PKCS7(128).unpadder()
        plain = unpadder.update(padded) + unpadder.finalize()
        whole = der.Reader(plain)
        info = whole.enter()
        whole.end()
    except ValueError as error:
        # Nothing else tells a wrong key from a right one: PBES2 has no check of its own.
        raise UsageError(
            "PASSPHRASE_WRONG",
            "The passphrase does not open the key file.",
            "Try again; if you are sure of it, the file is damaged: take a copy.",
        ) from error
    try:
        return _parse_private_key_info(info)
    except ValueError as error:
        raise malformed(str(error)) from error


def malformed(reason: str) -> UsageError:
    """The error for what is not a key file that we can read."""
    return UsageError(
        "KEY_MALFORMED",
        f"Not a key file of sealkit: {reason}.",
        "Take a key made by `sealkit keys`, or convert one with: openssl pkcs8 -topk8"
        " -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000 -in OLD -out NEW.",
    )


def _cipher(passphrase: bytes, salt: bytes, iterations: int, iv: bytes) -> Cipher[modes.CBC]:
    aes_key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, iterations, _AES_KEY_BYTES)
    return Cipher(algorithms.AES(aes_key), modes.CBC(iv))


def _parse_encrypted(data: bytes) -> tuple[bytes, int, bytes, bytes]:
    """Salt, iterations, IV and ciphertext of an EncryptedPrivateKeyInfo."""
    whole = der.Reader(data)
    info = whole.enter()
    whole.end()
    algorithm = info.enter()
    algorithm.expect(_PBES2)
    parameters = algorithm.enter()
    algorithm.end()

    derivation = parameters.enter()
    derivation.expect(_PBKDF2)
    pbkdf2 = derivation.enter()
    derivation.end()
    salt = pbkdf2.take(der.OCTET_STRING)
    iterations = pbkdf2.take_integer()
    if pbkdf2.next_tag == der.INTEGER and pbkdf2.take_integer() != _AES_KEY_BYTES:
        raise ValueError("a derived key that is not 32 bytes long")
    pbkdf2.expect(_HMAC_SHA_256)
    pbkdf2.end()
    if not 1 <= len(salt) <= _MOST_SALT_BYTES or not 1 <= iterations <= MOST_ITERATIONS:
        raise ValueError(f"a salt of {len(salt)} bytes, or {iterations} iterations")

    encryption = parameters.enter()
    parameters.end()
    encryption.expect(_AES_256_CBC)
    iv = encryption.take(der.OCTET_STRING)
    encryption.end()
    encrypted = info.take(der.OCTET_STRING)
    info.end()
    if len(iv) != _IV_BYTES or not encrypted or len(encrypted) % 16:
        raise ValueError("an IV or a ciphertext of a length that AES-CBC does not have")
    return salt, iterations, iv, encrypted


def _private_key_info(key: PrivateKey) -> bytes:
    """PrivateKeyInfo around an ECPrivateKey (RFC 5915) with its public key."""
    ec_private_key = der.element(
        der.SEQUENCE,
        der.integer(1),
        der.element(der.OCTET_STRING, key.scalar),
        der.element(der.CONTEXT_1, der.element(der.BIT_STRING, b"\0", key.public_key)),
    )
    return der.element(
        der.SEQUENCE,
        der.integer(0),
        der.element(der.SEQUENCE, _EC_PUBLIC_KEY, der.object_identifier(key.suite.curve_oid)),
        der.element(der.OCTET_STRING, ec_private_key),
    )


def _parse_private_key_info(info: der.Reader) -> PrivateKey:
    info.expect(der.integer(0))
    algorithm = info.enter()
    algorithm.expect(_EC_PUBLIC_KEY)
    curve = der.element(der.OBJECT_IDENTIFIER, algorithm.take(der.OBJECT_IDENTIFIER))
    algorithm.end()
    outer = der.Reader(info.take(der.OCTET_STRING))
    info.end()

    ec_private_key = outer.enter()
    outer.end()
    ec_private_key.expect(der.integer(1))
    scalar = ec_private_key.take(der.OCTET_STRING)
    if len(scalar) != PRIVATE_KEY_BYTES:
        raise ValueError("a private key that is not 32 bytes long")
    if ec_private_key.next_tag == der.CONTEXT_0:
        ec_private_key.expect(der.element(der.CONTEXT_0, curve))
    public_key = None
    if ec_private_key.next_tag == der.CONTEXT_1:
        public_key = ec_private_key.enter(der.CONTEXT_1).take(der.BIT_STRING)
        if len(public_key) != 1 + PUBLIC_KEY_BYTES:
            raise ValueError("a public key that is not 65 bytes long")
    ec_private_key.end()

    key = _suite_of_curve(curve).private_key(scalar)
    if public_key not in (None, b"\0" + key.public_key):
        raise ValueError("a public key that is not the private key's")
    return key


def _suite_of_curve(curve: bytes) -> Suite:
    for name in SUITE_IDS:
        suite = get_suite(name)
        if der.object_identifier(suite.curve_oid) == curve:
            return suite
    raise ValueError("a curve of no suite")

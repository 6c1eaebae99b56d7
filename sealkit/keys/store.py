"""Private keys in encrypted PEM files, for both suites; also readable with `openssl pkey`."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path

from sealkit.crypto import PrivateKey
from sealkit.errors import UsageError
from sealkit.keys import pkcs8
from sealkit.keys.files import read_bounded, write_whole

MOST_FILE_BYTES = 16 * 1024
_LINE_CHARACTERS = 64

_BEGIN = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_END = b"-----END ENCRYPTED PRIVATE KEY-----"
_ENCRYPTED = re.compile(re.escape(_BEGIN) + rb"([A-Za-z0-9+/=\s]*)" + re.escape(_END))
_UNENCRYPTED = re.compile(rb"-----BEGIN (?!ENCRYPTED)(?:[A-Z0-9]+ )?PRIVATE KEY-----")


def save_key(path: str | Path, key: PrivateKey, passphrase: bytes) -> None:
    """Writes `key`, encrypted, to a new file that only its owner may read.

    Raises UsageError: PASSPHRASE_EMPTY; KEY_EXISTS; AccessError: DISK_FULL, WRITE_FAILED.
    """
    if not passphrase:
        raise UsageError(
            "PASSPHRASE_EMPTY",
            "A private key is not stored without a passphrase.",
            "Choose a passphrase.",
        )
    text = base64.b64encode(pkcs8.encrypt(key, passphrase))
    lines = [text[i : i + _LINE_CHARACTERS] for i in range(0, len(text), _LINE_CHARACTERS)]
    try:
        write_whole(path, b"\n".join([_BEGIN, *lines, _END, b""]), mode=0o600, overwrite=False)
    except UsageError as error:
        raise UsageError(
            "KEY_EXISTS",
            f"{path} exists already, and a key file is never overwritten.",
            "Choose another name; remove the file only if nobody needs its key any more.",
        ) from error


def load_key(path: str | Path, passphrase: bytes) -> PrivateKey:
    """The private key in a file, of whichever suite it is.

    Raises UsageError: KEY_NOT_FOUND; KEY_NOT_ENCRYPTED; KEY_MALFORMED (also for a file of more
    than 16 KiB, or one that asks for too many iterations); PASSPHRASE_WRONG; SUITE_UNAVAILABLE;
    AccessError: FILE_NOT_READABLE.
    """
    return pkcs8.decrypt(_read_pem(path), passphrase)


def _read_pem(path: str | Path) -> bytes:
    """The DER bytes of the encrypted key in a PEM file."""
    try:
        text = read_bounded(path, MOST_FILE_BYTES)
    except UsageError as error:
        if error.code == "FILE_TOO_LARGE":
            raise pkcs8.malformed(error.message.rstrip(".")) from error
        raise UsageError(
            "KEY_NOT_FOUND",
            f"There is no key file {path}.",
            "Check the name, or make a key with `sealkit keys`.",
        ) from error
    found = _ENCRYPTED.search(text)
    if found is None:
        if _UNENCRYPTED.search(text):
            raise UsageError(
                "KEY_NOT_ENCRYPTED",
                f"The private key in {path} is not encrypted as PKCS#8.",
                "Encrypt it, and destroy the old file: openssl pkcs8 -topk8 -v2 aes-256-cbc"
                " -v2prf hmacWithSHA256 -iter 600000 -in OLD -out NEW.",
            )
        raise pkcs8.malformed(f"{path} holds no encrypted private key")
    try:
        return base64.b64decode(b"".join(found[1].split()), validate=True)
    except binascii.Error as error:
        raise pkcs8.malformed(f"{path} is not base64 between its marks") from error

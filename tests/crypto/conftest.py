"""Both suites, and the `openssl` command as a second opinion on each."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from sealkit.crypto import Suite, get_suite

# SubjectPublicKeyInfo up to the point: id-ecPublicKey, the curve, the head of the BIT STRING.
_SPKI_HEAD = {
    "p256": "3059301306072a8648ce3d020106082a8648ce3d030107034200",
    "sm2": "3059301306072a8648ce3d020106082a811ccf5501822d034200",
}
_GENERATE = {
    "p256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "sm2": ["-algorithm", "SM2"],
}
_MESSAGE_OPTIONS = {
    "p256": ["-rawin", "-digest", "sha256"],
    "sm2": ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"],
}


def _run(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True).stdout


@dataclass(frozen=True)
class OpenSSL:
    suite: Suite
    directory: Path

    def generate(self) -> tuple[bytes, bytes, Path]:
        """A new key: scalar, point, and the file that holds it."""
        path = self.directory / "key.der"
        _run("genpkey", *_GENERATE[self.suite.name], "-outform", "DER", "-out", path)
        encoded = path.read_bytes()
        # ECPrivateKey: INTEGER 1, OCTET STRING of 32 bytes.
        start = encoded.index(bytes.fromhex("0201010420")) + 5
        public = _run("pkey", "-inform", "DER", "-in", path, "-pubout", "-outform", "DER")
        return encoded[start : start + 32], public[-65:], path

    def sign(self, key: Path, message: bytes) -> bytes:
        """r‖s, whose DER form is taken apart here, without the library."""
        data = self.directory / "message"
        data.write_bytes(message)
        options = _MESSAGE_OPTIONS[self.suite.name]
        encoded = _run("pkeyutl", "-sign", "-keyform", "DER", "-inkey", key, "-in", data, *options)
        r_length = encoded[3]
        r = int.from_bytes(encoded[4 : 4 + r_length], "big")
        s = int.from_bytes(encoded[4 + r_length + 2 :], "big")
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def verifies(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        key, data, sig = (self.directory / name for name in ("pub.der", "message", "signature"))
        key.write_bytes(bytes.fromhex(_SPKI_HEAD[self.suite.name]) + public_key)
        data.write_bytes(message)
        integers = b""
        for part in (signature[:32], signature[32:]):
            number = int.from_bytes(part, "big")
            content = number.to_bytes(number.bit_length() // 8 + 1, "big")
            integers += bytes([2, len(content)]) + content
        sig.write_bytes(bytes([0x30, len(integers)]) + integers)
        options = _MESSAGE_OPTIONS[self.suite.name]
        command = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key]
        done = subprocess.run(
            ["openssl", *map(str, command), "-in", data, "-sigfile", sig, *options],
            capture_output=True,
        )
        return done.returncode == 0


@pytest.fixture(params=["p256", "sm2"])
def suite(request: pytest.FixtureRequest) -> Suite:
    return get_suite(request.param)


@pytest.fixture
def openssl(suite: Suite, tmp_path: Path) -> OpenSSL:
    return OpenSSL(suite, tmp_path)

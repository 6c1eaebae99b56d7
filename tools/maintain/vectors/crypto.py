"""Digests by hashlib, keys and signatures by the `openssl` command: nothing of the library's.

Keys are made from published names, so that anyone can make them again. Signatures are random, so
they are written down in a book (`made.json`), by which `--check` makes all vectors a second time,
byte for byte, and lets openssl judge each signature in the book.
"""

import hashlib
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

SIGNER_ID = "1234567812345678"


@dataclass(frozen=True)
class Curve:
    """What openssl must be told of a curve, and the numbers that edge cases are built around."""

    number: int
    digest: str
    oid: str
    p: int
    n: int
    a: int
    b: int


CURVES = {
    "p256": Curve(
        number=1,
        digest="sha256",
        oid="06082a8648ce3d030107",
        p=0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        a=-3,
        b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    ),
    "sm2": Curve(
        number=2,
        digest="sm3",
        oid="06082a811ccf5501822d",
        p=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
        n=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
        a=-3,
        b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    ),
}


def der(kind: int, content: bytes) -> bytes:
    """One DER value; lengths up to 255 are enough here."""
    size = len(content)
    return bytes([kind]) + (bytes([size]) if size < 128 else bytes([0x81, size])) + content


def der_signature(signature: bytes) -> bytes:
    def integer(value: int) -> bytes:
        return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))

    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    return der(0x30, integer(r) + integer(s))


def raw_signature(encoded: bytes) -> bytes:
    """r ‖ s out of SEQUENCE { INTEGER r, INTEGER s }, always short enough for one length byte."""
    r_size = encoded[3]
    s_at = 4 + r_size
    r = int.from_bytes(encoded[4:s_at], "big")
    s = int.from_bytes(encoded[s_at + 2 :], "big")
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def run_openssl(arguments: list[str], data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)


@dataclass
class Suite:
    """One suite's digest, keys and signatures; collects what openssl has still to judge."""

    name: str
    book: dict[str, str] | None = None  # None: sign anew
    completing: bool = False  # sign what the book lacks
    made: dict[str, str] = field(default_factory=dict)
    to_judge: dict[tuple[bytes, bytes, bytes], bool] = field(default_factory=dict)
    keys: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    key_files: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.curve = CURVES[self.name]
        self.number = self.curve.number
        self._directory = tempfile.TemporaryDirectory()
        self._path = Path(self._directory.name)

    def digest(self, data: bytes) -> bytes:
        return hashlib.new(self.curve.digest, data).digest()

    def key_id(self, public_key: bytes) -> bytes:
        return self.digest(public_key)[:16]

    def derived(self, name: str, size: int) -> bytes:
        """Bytes that play the part of random ones: the same in every run."""
        return self.digest(f"sealkit vector bytes {name}".encode())[:size]

    def scalar(self, name: str) -> bytes:
        return self.keys[name][0] if name in self.keys else self._make_key(name)[0]

    def public_key(self, name: str) -> bytes:
        return self.keys[name][1] if name in self.keys else self._make_key(name)[1]

    def _make_key(self, name: str) -> tuple[bytes, bytes]:
        return self.add_key(name, self.digest(f"sealkit vector key {name}".encode()))

    def add_key(self, name: str, scalar: bytes) -> tuple[bytes, bytes]:
        """Take a scalar as the key `name`; openssl computes the public key."""
        private = der(
            0x30,
            der(2, b"\x01") + der(4, scalar) + der(0xA0, bytes.fromhex(self.curve.oid)),
        )
        algorithm = der(0x30, bytes.fromhex("06072a8648ce3d0201" + self.curve.oid))
        wrapped = der(0x30, der(2, b"\x00") + algorithm + der(4, private))
        file = self._path / f"{len(self.keys)}.key"
        file.write_bytes(wrapped)
        done = run_openssl(
            ["pkey", "-inform", "DER", "-in", str(file), "-pubout", "-outform", "DER"]
        )
        if done.returncode:
            raise ValueError(f"openssl takes no key {name}: {done.stderr.decode()}")
        self.keys[name] = (scalar, done.stdout[-65:])
        self.key_files[name] = file
        return self.keys[name]

    def sign(self, name: str, message: bytes) -> bytes:
        """The signature of key `name`: out of the book, or a new one that goes into it."""
        public_key = self.public_key(name)
        entry = f"{name} {self.digest(message).hex()[:32]}"
        if entry not in self.made:
            if self.book is not None and entry in self.book:
                self.made[entry] = self.book[entry]
            elif self.book is None or self.completing:
                self.made[entry] = self._sign_anew(name, message).hex()
            else:
                raise ValueError(f"{self.name}: nothing in the book for {entry}: make the vectors")
        signature = bytes.fromhex(self.made[entry])
        self.expect(public_key, message, signature, True)
        return signature

    def _sign_anew(self, name: str, message: bytes) -> bytes:
        source = self._path / "message"
        source.write_bytes(message)
        key = ["-keyform", "DER", str(self.key_files[name])]
        if self.name == "p256":
            arguments = ["dgst", "-sha256", *key[:2], "-sign", key[2], str(source)]
        else:
            arguments = ["pkeyutl", "-sign", *key[:2], "-inkey", key[2], *self._sm2(source)]
        done = run_openssl(arguments)
        if done.returncode:
            raise ValueError(f"openssl does not sign with {name}: {done.stderr.decode()}")
        return raw_signature(done.stdout)

    def _sm2(self, source: Path) -> list[str]:
        options = ["-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{SIGNER_ID}"]
        return [*options, "-in", str(source)]

    def expect(self, public_key: bytes, message: bytes, signature: bytes, valid: bool) -> None:
        """Remember that openssl must find this signature valid or not."""
        self.to_judge[public_key, message, signature] = valid

    def judge_all(self) -> list[str]:
        """Let openssl judge every signature that is remembered; what it sees otherwise."""
        asked = list(self.to_judge.items())
        with ThreadPoolExecutor(2) as pool:
            verdicts = list(pool.map(self._judge, range(len(asked)), (key for key, _ in asked)))
        return [
            f"{self.name}: openssl says {verdict} of {signature.hex()} under {key.hex()}"
            for ((key, _, signature), valid), verdict in zip(asked, verdicts, strict=True)
            if verdict != valid
        ]

    def _judge(self, index: int, case: tuple[bytes, bytes, bytes]) -> bool:
        public_key, message, signature = case
        if len(signature) != 64:
            return False
        algorithm = der(0x30, bytes.fromhex("06072a8648ce3d0201" + self.curve.oid))
        key_file, source, signature_file = (
            self._path / f"{index}.{suffix}" for suffix in ("public", "message", "signature")
        )
        key_file.write_bytes(der(0x30, algorithm + der(3, b"\x00" + public_key)))
        source.write_bytes(message)
        signature_file.write_bytes(der_signature(signature))
        if self.name == "p256":
            arguments = ["dgst", "-sha256", "-keyform", "DER", "-verify", str(key_file)]
            arguments += ["-signature", str(signature_file), str(source)]
        else:
            arguments = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", str(key_file)]
            arguments += ["-sigfile", str(signature_file), *self._sm2(source)]
        return run_openssl(arguments).returncode == 0

"""Key files: what is written, what opens them, and what is refused."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.crypto import PrivateKey, get_suite
from sealkit.errors import AccessError, UsageError
from sealkit.keys import der, load_key, pkcs8, save_key

PASSPHRASE = "pass phrase, 口令".encode()
SUITES = ["p256", "sm2"]


def _openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True).stdout


def _pem(data: bytes, label: str = "ENCRYPTED PRIVATE KEY") -> bytes:
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n".encode()


def _code(path: Path, passphrase: bytes = PASSPHRASE) -> str:
    """The code of the error that loading gives."""
    with pytest.raises(UsageError) as caught:
        load_key(path, passphrase)
    assert caught.value.remedy
    return caught.value.code


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few iterations, where a test is not about them."""
    monkeypatch.setattr(pkcs8, "WRITTEN_ITERATIONS", 10)


@pytest.fixture(params=SUITES)
def key(request: pytest.FixtureRequest) -> PrivateKey:
    return get_suite(request.param).generate()


def test_a_key_file_opens_with_its_passphrase_only(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "key.pem"
    save_key(path, key, PASSPHRASE)
    loaded = load_key(path, PASSPHRASE)
    assert loaded == key
    assert loaded.suite is key.suite
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for wrong in (b"", PASSPHRASE + b" ", PASSPHRASE.upper()):
        assert _code(path, wrong) == "PASSPHRASE_WRONG"


def test_a_key_file_does_not_hold_the_key_in_the_open(
    tmp_path: Path, key: PrivateKey, quick: None
) -> None:
    path = tmp_path / "key.pem"
    save_key(path, key, PASSPHRASE)
    decoded = base64.b64decode(b"".join(path.read_bytes().splitlines()[1:-1]))
    assert key.scalar not in decoded
    assert key.scalar not in path.read_bytes()
    other = tmp_path / "other.pem"
    save_key(other, key, PASSPHRASE)
    assert other.read_bytes() != path.read_bytes()  # a salt and an IV of its own


def test_openssl_opens_our_key_files(tmp_path: Path, key: PrivateKey) -> None:
    path, passphrase = tmp_path / "key.pem", tmp_path / "passphrase"
    save_key(path, key, PASSPHRASE)
    passphrase.write_bytes(PASSPHRASE)
    public = _openssl(
        "pkey", "-in", path, "-passin", f"file:{passphrase}", "-pubout", "-outform", "DER"
    )
    assert public.endswith(key.public_key)


def test_the_iterations_written_are_what_we_promise(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    save_key(path, get_suite("p256").generate(), PASSPHRASE)
    assert b":0927C0" in _openssl("asn1parse", "-in", path)  # 600,000


@pytest.mark.parametrize(
    "algorithm", [["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["SM2"]], ids=SUITES
)
def test_we_open_the_key_files_of_openssl(tmp_path: Path, algorithm: list[str]) -> None:
    plain, path = tmp_path / "plain.pem", tmp_path / "key.pem"
    _openssl("genpkey", "-algorithm", *algorithm, "-out", plain)
    scheme = ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "1000"]
    _openssl("pkcs8", "-topk8", *scheme, "-in", plain, "-out", path, "-passout", "pass:secret")
    key = load_key(path, b"secret")
    public = _openssl("pkey", "-in", plain, "-pubout", "-outform", "DER")
    assert public.endswith(key.public_key)
    assert _code(plain) == "KEY_NOT_ENCRYPTED"

    other_cipher = tmp_path / "other.pem"
    _openssl(
        "pkcs8", "-topk8", "-v2", "aes-128-cbc", "-in", plain, "-out", other_cipher,
        "-passout", "pass:secret",
    )  # fmt: skip
    assert _code(other_cipher, b"secret") == "KEY_MALFORMED"


def test_a_key_of_another_curve_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    _openssl(
        "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-aes-256-cbc",
        "-pass", "pass:secret", "-out", path,
    )  # fmt: skip
    assert _code(path, b"secret") == "KEY_MALFORMED"


def test_a_key_is_not_stored_without_a_passphrase(tmp_path: Path, key: PrivateKey) -> None:
    with pytest.raises(UsageError) as caught:
        save_key(tmp_path / "key.pem", key, b"")
    assert caught.value.code == "PASSPHRASE_EMPTY"
    assert os.listdir(tmp_path) == []


def test_a_key_file_is_never_overwritten(tmp_path: Path, key: PrivateKey, quick: None) -> None:
    path = tmp_path / "key.pem"
    save_key(path, key, PASSPHRASE)
    before = path.read_bytes()
    with pytest.raises(UsageError) as caught:
        save_key(path, get_suite("p256").generate(), PASSPHRASE)
    assert caught.value.code == "KEY_EXISTS"
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["key.pem"]


def test_a_full_disk_leaves_no_half_of_a_key(
    tmp_path: Path, key: PrivateKey, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AccessError) as caught:
        save_key(tmp_path / "key.pem", key, PASSPHRASE)
    assert caught.value.code == "DISK_FULL"
    assert os.listdir(tmp_path) == []


def test_what_is_no_key_file_is_refused(tmp_path: Path) -> None:
    assert _code(tmp_path / "missing.pem") == "KEY_NOT_FOUND"
    path = tmp_path / "key.pem"
    for content in (
        b"",
        b"\xff" * 100,
        b"x" * 20_000,  # over 16 KiB
        _pem(b""),
        _pem(b"\x30\x82\xff\xff"),
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nA===\n-----END ENCRYPTED PRIVATE KEY-----\n",
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ):
        path.write_bytes(content)
        assert _code(path) == "KEY_MALFORMED"
    for label in ("PRIVATE KEY", "EC PRIVATE KEY", "SM2 PRIVATE KEY"):
        path.write_bytes(_pem(b"123", label))
        assert _code(path) == "KEY_NOT_ENCRYPTED"


def test_a_file_that_asks_for_too_much_work_is_refused(tmp_path: Path, quick: None) -> None:
    encrypted = pkcs8.encrypt(get_suite("p256").generate(), PASSPHRASE)
    path = tmp_path / "key.pem"
    asked = der.integer(10)
    assert encrypted.count(asked) == 1
    for iterations in (0, pkcs8.MOST_ITERATIONS + 1, 2**31 - 1, 2**63):
        path.write_bytes(_pem(_with_iterations(encrypted, iterations)))
        assert _code(path) == "KEY_MALFORMED"


def _with_iterations(encrypted: bytes, iterations: int) -> bytes:
    """The same file with another number of iterations; all lengths around it set right."""
    info = der.Reader(encrypted).enter()
    algorithm = info.enter()
    ciphertext = info.take(der.OCTET_STRING)
    pbes2 = der.element(der.OBJECT_IDENTIFIER, algorithm.take(der.OBJECT_IDENTIFIER))
    parameters = algorithm.enter()
    derivation, encryption = parameters.enter(), parameters.take(der.SEQUENCE)
    pbkdf2 = der.element(der.OBJECT_IDENTIFIER, derivation.take(der.OBJECT_IDENTIFIER))
    values = derivation.enter()
    salt = values.take(der.OCTET_STRING)
    values.take_integer()
    prf = values.take(der.SEQUENCE)

    def sequence(*parts: bytes) -> bytes:
        return der.element(der.SEQUENCE, *parts)

    return sequence(
        sequence(
            pbes2,
            sequence(
                sequence(
                    pbkdf2,
                    sequence(
                        der.element(der.OCTET_STRING, salt),
                        der.integer(iterations),
                        sequence(prf),
                    ),
                ),
                sequence(encryption),
            ),
        ),
        der.element(der.OCTET_STRING, ciphertext),
    )


def test_a_public_key_that_is_not_the_keys_own_is_refused(key: PrivateKey, quick: None) -> None:
    other = key.suite.generate()
    mixed = PrivateKey(key.suite, other.public_key, key.scalar, key.sign)
    with pytest.raises(UsageError) as caught:
        pkcs8.decrypt(pkcs8.encrypt(mixed, PASSPHRASE), PASSPHRASE)
    assert caught.value.code == "KEY_MALFORMED"
    assert key.scalar.hex() not in str(caught.value)


@given(data=st.data())
def test_a_damaged_file_is_refused_and_never_crashes(data: st.DataObject) -> None:
    encrypted = bytearray(ENCRYPTED)
    position = data.draw(st.integers(0, len(encrypted) - 1))
    encrypted[position] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(encrypted)))
    for damaged in (bytes(encrypted), bytes(encrypted[:cut])):
        try:
            outcome: PrivateKey | str = pkcs8.decrypt(damaged, PASSPHRASE)
        except UsageError as error:
            outcome = error.code
        assert outcome in (KEY, "KEY_MALFORMED", "PASSPHRASE_WRONG")  # never another key


def _encrypted_quickly(key: PrivateKey) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pkcs8, "WRITTEN_ITERATIONS", 10)
        return pkcs8.encrypt(key, PASSPHRASE)


KEY = get_suite("p256").generate()
ENCRYPTED = _encrypted_quickly(KEY)

"""Keys in real tokens of SoftHSM2: found, used, made, and refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, MechanismFlag, TokenFlag
from pkcs11.util.ec import encode_named_curve_parameters
from support.softhsm import PIN, SoftHsm, needs_softhsm

from sealkit.crypto import get_suite
from sealkit.errors import SealkitError
from sealkit.keys import save_key
from sealkit.keys.token.failures import explained
from sealkit.keys.token.finding import MODULE_VARIABLE, find_token
from sealkit.keys.token.key import TokenKey, making_key, open_key, read_public_key
from sealkit.keys.token.session import log_in
from sealkit.keys.token.uri import parse_token_uri

pytestmark = needs_softhsm

P256 = encode_named_curve_parameters("secp256r1")
SIGN = "pkcs11:token=Zhang;object=sign"
MESSAGE = b"an order"


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftHsm]:
    """A SoftHSM with one token, Zhang; loaded anew for each test."""
    hsm = SoftHsm(tmp_path)
    for name, value in hsm.environment.items():
        monkeypatch.setenv(name, value)
    hsm.add_token("Zhang")
    yield hsm
    for path in list(pkcs11._loaded):
        pkcs11.unload(path)


def pin(token: str) -> str:
    return PIN


def no_pin(token: str) -> str:
    raise AssertionError("nobody should be asked for the PIN")


def opened(uri: str, ask: Callable[[str], str] = pin) -> TokenKey:
    return open_key(parse_token_uri(uri), ask)


def make(uri: str) -> bytes:
    """Makes a key and gives its public key."""
    with making_key(parse_token_uri(uri), pin) as key:
        return key.public_key


def session() -> Any:
    """The token as anybody sees it who uses the wrapper."""
    return find_token(parse_token_uri("pkcs11:token=Zhang")).open(rw=True, user_pin=PIN)


def generate(curve: bytes = P256, **options: Any) -> None:
    with session() as raw:
        domain = raw.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: curve}, local=True)
        options = {"capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY, **options}
        domain.generate_keypair(**{"store": True, "label": "sign", "id": b"\1", **options})


def refused(code: str, call: Callable[[], object]) -> SealkitError:
    with pytest.raises(SealkitError) as caught:
        call()
    assert caught.value.code == code, caught.value
    assert caught.value.remedy
    return caught.value


def test_a_key_is_made_and_signs(hsm: SoftHsm) -> None:
    asked: list[str] = []
    public_key = make(SIGN)
    with opened(SIGN, lambda token: asked.append(token) or PIN) as key:
        signature = key.sign(MESSAGE)
        assert len(signature) == 64
        assert key.suite is get_suite("p256")
        assert key.suite.verify(public_key, MESSAGE, signature)
        assert key.public_key == public_key
    assert asked == ["Zhang"]


def test_the_token_never_gives_it_out(hsm: SoftHsm) -> None:
    make(SIGN)
    with session() as raw:
        (key,) = raw.get_objects({Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY})
        assert key[Attribute.SENSITIVE]
        assert key[Attribute.NEVER_EXTRACTABLE]
        assert key[Attribute.LOCAL]
        assert not key[Attribute.DERIVE]
        with pytest.raises(pkcs11.AttributeSensitive):
            key[Attribute.VALUE]


def test_a_key_from_a_file_that_was_imported(hsm: SoftHsm, tmp_path: Path) -> None:
    key = get_suite("p256").generate()
    save_key(tmp_path / "key.pem", key, b"secret")
    hsm.run("--import", str(tmp_path / "key.pem"), "--file-pin", "secret", "--token", "Zhang",
            "--label", "sign", "--id", "07", "--pin", PIN)  # fmt: skip
    with opened("pkcs11:token=Zhang;id=%07") as found:
        assert found.public_key == key.public_key
        assert found.suite.verify(key.public_key, MESSAGE, found.sign(MESSAGE))


def test_the_public_key_needs_no_pin(hsm: SoftHsm) -> None:
    made = make(SIGN)
    assert read_public_key(parse_token_uri(SIGN)) == made


def test_a_key_that_wants_the_pin_for_every_signature(hsm: SoftHsm) -> None:
    generate(private_template={Attribute.ALWAYS_AUTHENTICATE: True})
    with opened(SIGN) as key:
        for message in (b"one", b"two"):
            assert key.suite.verify(key.public_key, message, key.sign(message))


def test_two_keys_of_one_token(hsm: SoftHsm) -> None:
    make(SIGN)
    make("pkcs11:token=Zhang;object=other")
    with opened(SIGN) as one, opened("pkcs11:token=Zhang;object=other") as two:
        assert one.public_key != two.public_key
        for key in (one, two, one):
            assert key.suite.verify(key.public_key, MESSAGE, key.sign(MESSAGE))


def test_a_pin_in_a_file(hsm: SoftHsm, tmp_path: Path) -> None:
    make(SIGN)
    file = tmp_path / "pin"
    file.write_text(f"{PIN}\nanything\n")
    with opened(f"{SIGN}?pin-source=file:{file}", no_pin) as key:
        assert key.sign(MESSAGE)
    file.write_text("\n")
    refused("TOKEN_PIN_MALFORMED", lambda: opened(f"{SIGN}?pin-source={file}", no_pin))
    file.write_text("1" * 1000)
    refused("FILE_TOO_LARGE", lambda: opened(f"{SIGN}?pin-source={file}", no_pin))
    file.unlink()
    refused("FILE_NOT_FOUND", lambda: opened(f"{SIGN}?pin-source={file}", no_pin))


@pytest.mark.parametrize("typed", ["", "1\0", "\ufffd", "9" * 256])
def test_what_is_no_pin_is_never_sent(hsm: SoftHsm, typed: str) -> None:
    make(SIGN)
    refused("TOKEN_PIN_MALFORMED", lambda: opened(SIGN, lambda token: typed))
    flags = find_token(parse_token_uri(SIGN)).flags
    assert TokenFlag.USER_PIN_COUNT_LOW not in flags


def test_a_wrong_pin_is_sent_once(hsm: SoftHsm) -> None:
    make(SIGN)
    asked: list[str] = []
    error = refused("TOKEN_PIN_WRONG", lambda: opened(SIGN, lambda token: asked.append("") or "0"))
    assert "Wrong tries are counted" in error.message
    assert len(asked) == 1
    assert opened(SIGN).sign(MESSAGE)


def test_a_locked_token_is_not_asked(hsm: SoftHsm) -> None:
    locked = cast(pkcs11.Token, SimpleNamespace(label="Zhang", flags=TokenFlag.USER_PIN_LOCKED))
    refused("TOKEN_PIN_LOCKED", lambda: log_in(locked, parse_token_uri(SIGN), no_pin))


def test_tokens_that_do_not_fit(hsm: SoftHsm) -> None:
    assert refused("TOKEN_NOT_FOUND", lambda: opened("pkcs11:token=Li", no_pin)).exit_status == 3
    for wrong in ("serial=1", "manufacturer=Li", "model=1"):
        refused("TOKEN_NOT_FOUND", lambda text=wrong: opened(f"pkcs11:{text}", no_pin))


def test_two_tokens_of_one_name(hsm: SoftHsm) -> None:
    hsm.add_token("Zhang")
    error = refused("TOKEN_AMBIGUOUS", lambda: opened(SIGN, no_pin))
    assert error.message.count("serial") == 2


def test_modules(hsm: SoftHsm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_library = tmp_path / "library.so"
    no_library.write_text("not a library")
    for path, code in (
        (tmp_path / "none.so", "TOKEN_MODULE_NOT_FOUND"),
        (tmp_path, "TOKEN_MODULE_NOT_FOUND"),
        (no_library, "TOKEN_MODULE_UNUSABLE"),
        (Path(pkcs11._pkcs11.__file__), "TOKEN_MODULE_UNUSABLE"),
    ):
        monkeypatch.delenv(MODULE_VARIABLE, raising=False)
        uri = f"pkcs11:token=Zhang?module-path={path}"
        refused(code, lambda text=uri: opened(text, no_pin))
        monkeypatch.setenv(MODULE_VARIABLE, str(path))
        refused(code, lambda: opened(SIGN, no_pin))
    monkeypatch.delenv(MODULE_VARIABLE)
    monkeypatch.setattr("sealkit.keys.token.finding._WELL_KNOWN", (str(tmp_path / "*.none"),))
    refused("TOKEN_MODULE_NOT_FOUND", lambda: opened(SIGN, no_pin))
    monkeypatch.setattr("sealkit.keys.token.finding._WELL_KNOWN", (str(no_library),))
    refused("TOKEN_NOT_FOUND", lambda: opened(SIGN, no_pin))


def test_keys_that_do_not_fit(hsm: SoftHsm) -> None:
    refused("TOKEN_KEY_NOT_FOUND", lambda: opened(SIGN))
    refused("TOKEN_KEY_NOT_FOUND", lambda: read_public_key(parse_token_uri(SIGN)))
    generate(encode_named_curve_parameters("secp384r1"), label="P-384", id=b"\2")
    generate(label="verify", id=b"\3", capabilities=MechanismFlag.VERIFY)
    generate(id=b"\4")
    generate(id=b"\5")
    with session() as raw:
        raw.generate_keypair(KeyType.RSA, 2048, store=True, label="RSA", id=b"\6")
        for attributes in (
            {Attribute.ID: b"\5", Attribute.CLASS: pkcs11.ObjectClass.PUBLIC_KEY},
            {Attribute.LABEL: "verify", Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY},
        ):
            (found,) = raw.get_objects(attributes)
            found.destroy()
    error = refused("TOKEN_KEY_AMBIGUOUS", lambda: opened(SIGN))
    assert "id=%04" in error.message
    for which in ("object=P-384", "object=RSA", "object=verify", "id=%05"):
        refused("TOKEN_KEY_UNSUITABLE", lambda text=which: opened(f"pkcs11:{text}"))
    refused("TOKEN_KEY_UNSUITABLE", lambda: read_public_key(parse_token_uri("pkcs11:object=RSA")))


def test_a_key_that_may_not_sign(hsm: SoftHsm) -> None:
    generate(capabilities=MechanismFlag.VERIFY)
    assert "not made for signing" in refused("TOKEN_KEY_UNSUITABLE", lambda: opened(SIGN)).message


def test_a_token_pulled_out_before_it_signs(hsm: SoftHsm) -> None:
    make(SIGN)
    with opened(SIGN) as key:
        hsm.pull_out()
        assert refused("TOKEN_GONE", lambda: key.sign(MESSAGE)).exit_status == 3


def test_a_token_pulled_out_while_the_pin_is_typed(hsm: SoftHsm) -> None:
    make(SIGN)
    refused("TOKEN_GONE", lambda: opened(SIGN, lambda token: hsm.pull_out() or PIN))


def test_a_key_that_somebody_else_destroyed(hsm: SoftHsm) -> None:
    make(SIGN)
    with opened(SIGN) as key:
        raw = find_token(parse_token_uri(SIGN)).open(rw=True)
        for part in raw.get_objects({Attribute.LABEL: "sign"}):
            part.destroy()
        refused("TOKEN_FAILED", lambda: key.sign(MESSAGE))


def test_a_signature_is_verified_before_it_is_given_out(hsm: SoftHsm) -> None:
    make(SIGN)
    with opened(SIGN) as key:
        key.public_key = get_suite("p256").generate().public_key
        refused("TOKEN_SIGNATURE_WRONG", lambda: key.sign(MESSAGE))


def test_a_key_needs_a_name_that_is_free(hsm: SoftHsm) -> None:
    make(f"{SIGN};id=%01")
    refused("TOKEN_KEY_UNNAMED", lambda: make("pkcs11:token=Zhang"))
    for taken in ("object=sign", "id=%01", "object=other;id=%01", "object=sign;id=%02"):
        refused("TOKEN_KEY_EXISTS", lambda text=taken: make(f"pkcs11:token=Zhang;{text}"))


def test_a_key_is_destroyed_when_what_needed_it_fails(hsm: SoftHsm) -> None:
    make("pkcs11:token=Zhang;object=other")

    def fail() -> None:
        with making_key(parse_token_uri(SIGN), pin):
            raise SealkitError("STOPPED", "Stopped.", "Again.")

    refused("STOPPED", fail)
    refused("TOKEN_KEY_NOT_FOUND", lambda: opened(SIGN))
    with opened("pkcs11:token=Zhang;object=other") as key:
        assert key.sign(MESSAGE)


@pytest.mark.parametrize(
    ("raised", "code", "status"),
    [
        (pkcs11.DeviceRemoved, "TOKEN_GONE", 3),
        (pkcs11.TokenNotPresent, "TOKEN_GONE", 3),
        (pkcs11.SessionHandleInvalid, "TOKEN_GONE", 3),
        (pkcs11.PinLocked, "TOKEN_PIN_LOCKED", 4),
        (pkcs11.PinExpired, "TOKEN_PIN_UNUSABLE", 4),
        (pkcs11.UserPinNotInitialized, "TOKEN_PIN_UNUSABLE", 4),
        (pkcs11.PinLenRange, "TOKEN_PIN_WRONG", 2),
        (pkcs11.MechanismInvalid, "TOKEN_FAILED", 6),
        (ValueError, "TOKEN_FAILED", 6),
    ],
)
def test_what_tokens_say(raised: type[Exception], code: str, status: int) -> None:
    def fail() -> None:
        with explained("Zhang", lambda: "One try is left."):
            raise raised

    error = refused(code, fail)
    assert error.exit_status == status
    assert ("One try is left." in error.message) == (code == "TOKEN_PIN_WRONG")

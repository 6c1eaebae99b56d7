"""PKCS#11 URIs are read as RFC 7512 writes them, and nothing in them is ignored."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import UsageError
from sealkit.keys.token.uri import URI_MAX, TokenUri, is_token_uri, parse_token_uri

NAMES = st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=32
)


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse_token_uri(text)
    return caught.value


@given(NAMES, NAMES, st.binary(min_size=1, max_size=32), NAMES)
def test_whatever_is_encoded_comes_back(
    token: str, label: str, identifier: bytes, file: str
) -> None:
    text = (
        f"pkcs11:token={quote(token, safe='')};object={quote(label, safe='')};"
        f"id={quote(identifier, safe='')}?pin-source=file:/{quote(file)}"
    )
    uri = parse_token_uri(text)
    assert (uri.token, uri.label, uri.id) == (token, label, identifier)
    assert uri.pin_source == Path("/" + file)
    assert str(uri) == text


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert parse_token_uri("pkcs11:" + text).text == "pkcs11:" + text


def test_what_p11tool_prints() -> None:
    uri = parse_token_uri(
        "pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=06cdbcad3e72d7f8;"
        "token=Pudong%20%E7%AB%99;id=%01%AB;object=sign;type=private"
        "?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/run/pin"
    )
    assert uri == TokenUri(
        uri.text,
        token="Pudong 站",  # noqa: S106  (a name)
        manufacturer="SoftHSM project",
        serial="06cdbcad3e72d7f8",
        model="SoftHSM v2",
        label="sign",
        id=b"\x01\xab",
        module_path=Path("/usr/lib/softhsm/libsofthsm2.so"),
        pin_source=Path("/run/pin"),
    )


def test_a_uri_that_names_nothing_fits_everything() -> None:
    assert parse_token_uri("pkcs11:") == TokenUri("pkcs11:")
    assert is_token_uri("PKCS11:token=a")
    assert not is_token_uri("keys/pkcs11")


@pytest.mark.parametrize(
    "text",
    [
        "keys/zhang",
        "pkcs11:token",
        "pkcs11:token=",
        "pkcs11:token=a;token=b",
        "pkcs11:token=a;",
        "pkcs11:token=two words",
        "pkcs11:token=a%2",
        "pkcs11:token=%ff",
        "pkcs11:token=a%00",
        "pkcs11:token=a/b",
        "pkcs11:token=站",
        "pkcs11:slot-id=0",
        "pkcs11:token=a;x-vendor=1",
        "pkcs11:object=a;type=cert",
        "pkcs11:token=a?module-name=softhsm2",
        "pkcs11:token=a?pin-source=pin.txt",
        "pkcs11:token=a?pin-source=|ask",
        "pkcs11:token=a?module-path=softhsm.so",
        "pkcs11:token=a?module-path=/a&module-path=/b",
        "pkcs11:token=" + "a" * URI_MAX,
    ],
)
def test_malformed(text: str) -> None:
    assert refused(text).code == "TOKEN_URI_MALFORMED"


@pytest.mark.parametrize("where", ["?pin-value=", ";pin-value=", "?pin-source=/a&pin-value="])
def test_a_pin_is_never_taken_and_never_repeated(where: str) -> None:
    error = refused(f"pkcs11:token=a{where}271828")
    assert error.code == "PIN_IN_URI"
    assert "271828" not in str(error)
    assert "pin-source" in error.remedy

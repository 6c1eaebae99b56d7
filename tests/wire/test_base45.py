"""Base45 against the examples of RFC 9285, and against itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError
from sealkit.wire.base45 import decode_base45, encode_base45


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
        (b"\xff\xff", "FGW"),
    ],
)
def test_the_examples_of_the_standard(data: bytes, text: str) -> None:
    assert encode_base45(data) == text
    assert decode_base45(text) == data


@given(st.binary(max_size=300))
def test_bytes_come_back(data: bytes) -> None:
    assert decode_base45(encode_base45(data)) == data


@pytest.mark.requirement("G-7")
@pytest.mark.parametrize("text", ["A", "AAAA", "GGW", "FGX", ":::", "::", "ab", "é00", "0\n0", "0"])
def test_what_nobody_encodes_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        decode_base45(text)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=30))
def test_there_is_one_text_for_bytes(text: str) -> None:
    try:
        data = decode_base45(text)
    except MalformedError:
        return
    assert encode_base45(data) == text

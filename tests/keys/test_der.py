"""The DER writer and reader agree, and the reader takes nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.keys import der


@given(st.binary(max_size=35_000))
def test_an_element_parses_back(content: bytes) -> None:
    reader = der.Reader(der.element(der.OCTET_STRING, content))
    assert reader.take(der.OCTET_STRING) == content
    reader.end()


@given(st.integers(min_value=0, max_value=2**300))
def test_an_integer_parses_back(value: int) -> None:
    reader = der.Reader(der.integer(value))
    assert reader.take_integer() == value
    reader.end()


@pytest.mark.parametrize("length", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF])
def test_every_form_of_length(length: int) -> None:
    encoded = der.element(der.OCTET_STRING, bytes(length))
    assert der.Reader(encoded).take(der.OCTET_STRING) == bytes(length)
    for cut in {0, 1, 2, 3, len(encoded) - 1} & set(range(len(encoded))):
        with pytest.raises(ValueError, match=r"expected|cut short|too long"):
            der.Reader(encoded[:cut]).take(der.OCTET_STRING)


@pytest.mark.parametrize(
    "encoded",
    [
        "0480",  # indefinite
        "04810100",  # short form would do
        "04820080" + "00" * 128,  # one octet would do
        "0483000001ff",
        "04ff",
        "0484ffffffff",  # far more than there is
        "0482ffff00",
    ],
)
def test_a_length_has_its_shortest_form_and_lies_within(encoded: str) -> None:
    with pytest.raises(ValueError, match=r"shortest form|cut short"):
        der.Reader(bytes.fromhex(encoded)).take(der.OCTET_STRING)


@pytest.mark.parametrize("encoded", ["0200", "0201ff", "02020001", "020180"])
def test_an_integer_is_not_negative_and_has_its_shortest_form(encoded: str) -> None:
    with pytest.raises(ValueError, match="integer"):
        der.Reader(bytes.fromhex(encoded)).take_integer()


def test_an_object_identifier_has_its_published_form() -> None:
    assert der.object_identifier("1.2.840.10045.3.1.7").hex() == "06082a8648ce3d030107"
    assert der.object_identifier("1.2.156.10197.1.301").hex() == "06082a811ccf5501822d"


def test_nothing_may_follow() -> None:
    reader = der.Reader(der.integer(1) + b"\0")
    reader.take_integer()
    with pytest.raises(ValueError, match="after"):
        reader.end()


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    reader = der.Reader(data)
    try:
        while (tag := reader.next_tag) is not None:
            reader.take(tag)
    except ValueError:
        pass

"""Every layout of the registry: built as SPEC.md says, parsed back, and nothing else accepted."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.layouts import (
    BY_HAND,
    CODECS,
    INTEGERS,
    ITEMS,
    TAGS,
    encoded,
    enums_of,
    extreme,
    field_values,
    kinds_of,
)

from sealkit.errors import MalformedError, UsageError
from sealkit.wire.codec import Codec
from sealkit.wire.orders import ParametersBody
from sealkit.wire.registry import LAYOUTS, SuiteNumber, TagType
from sealkit.wire.tags import TAG_BYTES, check_tag, domain_tag

each_layout = pytest.mark.parametrize("layout", sorted(CODECS))
each_tagged = pytest.mark.parametrize("layout", sorted(TAGS))


def _fields(layout: str, value: Any) -> dict[str, Any]:
    """What an object holds, by the layout's names."""
    values = {name: getattr(value, name) for name in kinds_of(layout) if name != "tag"}
    if "tag" in kinds_of(layout):
        values["tag"] = domain_tag(value.suite, TAGS[layout])
    return values


def _refused(layout: str, raw: bytes) -> str:
    with pytest.raises(MalformedError) as refused:
        CODECS[layout].parse(raw)
    assert refused.value.message
    assert refused.value.remedy
    return refused.value.code


def test_every_layout_of_the_registry_has_a_codec() -> None:
    assert CODECS.keys() | BY_HAND | ITEMS.keys() == LAYOUTS.keys()
    assert {name for name, fields in LAYOUTS.items() if ("tag", "tag") in fields} == TAGS.keys()


@pytest.mark.requirement("N-2")
@each_layout
@settings(max_examples=30)
@given(data=st.data())
def test_what_is_built_has_the_layout_and_parses_back_to_itself(
    layout: str, data: st.DataObject
) -> None:
    values = data.draw(field_values(layout))
    raw = encoded(layout, values)
    parsed = CODECS[layout].parse(raw)
    assert _fields(layout, parsed) == values
    assert CODECS[layout].build(parsed) == raw
    assert CODECS[layout].assemble(values) == raw


@pytest.mark.requirement("N-3")
@each_layout
@settings(max_examples=30)
@given(data=st.data())
def test_any_bytes_parse_to_themselves_or_are_malformed(layout: str, data: st.DataObject) -> None:
    raw = bytearray(encoded(layout, data.draw(field_values(layout))))
    for place, byte in data.draw(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)))):
        if place < len(raw):
            raw[place] = byte
    tag = encoded(layout, extreme(layout, False))[:TAG_BYTES] if layout in TAGS else b""
    for candidate in (bytes(raw), tag + data.draw(st.binary()), data.draw(st.binary())):
        with suppress(MalformedError):
            assert CODECS[layout].build(CODECS[layout].parse(candidate)) == candidate


@pytest.mark.requirement("N-3")
@each_layout
@pytest.mark.parametrize("greatest", [False, True])
def test_a_byte_missing_or_left_over_is_refused(layout: str, greatest: bool) -> None:
    raw = encoded(layout, extreme(layout, greatest))
    assert CODECS[layout].build(CODECS[layout].parse(raw)) == raw
    for size in range(len(raw)):
        assert _refused(layout, raw[:size]) == "MALFORMED"
    if "rest" not in kinds_of(layout).values():
        for more in (b"\0", b"\xff", bytes(300)):
            assert _refused(layout, raw + more) == "MALFORMED"


_LIMITED = [
    (layout, name)
    for layout in sorted(CODECS)
    for name, kind in LAYOUTS[layout]
    if kind.startswith(("text8", "data16", "list8", "datas8"))
]


@pytest.mark.requirement("N-3")
@pytest.mark.parametrize(("layout", "name"), _LIMITED)
def test_a_length_or_count_over_its_limit_is_refused(layout: str, name: str) -> None:
    values = extreme(layout, True)
    kind = kinds_of(layout)[name]
    limit = int(kind.split(":")[-1])
    if limit == 255:
        return  # no count byte can say more
    one_more = extreme(layout, True)[name]
    one_more += {str: "x", bytes: b"x"}.get(type(one_more), one_more[:1])
    assert _refused(layout, encoded(layout, {**values, name: one_more})) == "MALFORMED"
    with pytest.raises(UsageError) as refused:
        CODECS[layout].assemble({**values, name: one_more})
    assert refused.value.code == "VALUE_OUT_OF_RANGE"
    assert name in refused.value.message


@pytest.mark.requirement("N-2")
@each_layout
def test_a_value_that_does_not_fit_its_field_is_not_built(layout: str) -> None:
    values = extreme(layout, True)
    for name, kind in LAYOUTS[layout]:
        word = kind.split(":")[0]
        if word in INTEGERS:
            wrong: list[Any] = [-1 if word[0] == "u" else -(1 << 15) - 1, values[name] + (1 << 64)]
        elif word == "bytes":
            wrong = [values[name] + b"\0", values[name][:-1]]
        elif word == "ascii":
            wrong = ["\x1f", "\x7f", "é", "a\0b", values[name] + "x"]
        else:
            continue
        for value in wrong:
            with pytest.raises(UsageError) as refused:
                CODECS[layout].assemble({**values, name: value})
            assert refused.value.code == "VALUE_OUT_OF_RANGE"


_TEXTS = [
    (layout, name, kind)
    for layout in sorted(CODECS)
    for name, kind in LAYOUTS[layout]
    if kind.startswith(("ascii", "text8"))
]


@pytest.mark.requirement("N-2")
@pytest.mark.parametrize(("layout", "name", "kind"), _TEXTS)
def test_text_is_padded_and_encoded_as_its_type_says(layout: str, name: str, kind: str) -> None:
    values = extreme(layout, False)
    raw = encoded(layout, {**values, name: "AB"})
    place = raw.index(b"AB")

    def with_text(text: bytes) -> bytes:
        return raw[:place] + text + raw[place + 2 :]

    assert getattr(CODECS[layout].parse(with_text(b" ~")), name) == " ~"
    if kind.startswith("ascii"):
        assert getattr(CODECS[layout].parse(with_text(b"A\0")), name) == "A"
        assert getattr(CODECS[layout].parse(with_text(b"\0\0")), name) == ""
        for bad in (b"\0B", b"A\x1f", b"A\x7f", b"A\x80", b"\xc3\xa9"):
            assert _refused(layout, with_text(bad)) == "MALFORMED"
    else:
        assert getattr(CODECS[layout].parse(with_text("é".encode())), name) == "é"
        assert getattr(CODECS[layout].parse(with_text(b"A\0")), name) == "A\0"
        for bad in (b"A\xff", b"\xc3A", b"\xed\xa0"):
            assert _refused(layout, with_text(bad)) == "MALFORMED"


_ENUMERATED = [(layout, name) for layout in sorted(CODECS) for name in sorted(enums_of(layout))]


@pytest.mark.requirement("N-3")
@pytest.mark.parametrize(("layout", "name"), _ENUMERATED)
def test_a_value_that_is_not_in_its_table_is_refused(layout: str, name: str) -> None:
    table = enums_of(layout)[name]
    values = extreme(layout, False)
    for number in range(256):
        raw = encoded(layout, {**values, name: number})
        if number in set(table):
            assert getattr(CODECS[layout].parse(raw), name) is table(number)
        else:
            assert _refused(layout, raw) == "MALFORMED"


@pytest.mark.requirement("T-1")
@each_tagged
def test_an_object_keeps_its_bytes_and_what_was_signed(layout: str) -> None:
    values = extreme(layout, True)
    for suite in SuiteNumber:
        raw = encoded(layout, {**values, "tag": domain_tag(suite, TAGS[layout])})
        raw += bytes(128) if layout == "order" else b""
        parsed = CODECS[layout].parse(raw)
        assert parsed.suite is suite
        assert parsed.raw == raw
        assert raw.startswith(b"SEALKIT" + bytes((suite, TAGS[layout], 1)))
        if hasattr(parsed, "signed_bytes"):
            assert parsed.signed_bytes == raw[:-64]
            assert CODECS[layout].unsigned(suite, values) == raw[:-64]
        if hasattr(parsed, "unsigned_bytes"):
            assert parsed.unsigned_bytes == raw[:-128]
            assert CODECS[layout].unsigned(suite, values, until="signatures") == raw[:-128]


@pytest.mark.requirement("T-2")
@each_tagged
def test_a_tag_is_compared_first(layout: str) -> None:
    raw = encoded(layout, extreme(layout, False))

    def with_byte(place: int, byte: int) -> bytes:
        return raw[:place] + bytes((byte,)) + raw[place + 1 :]

    for place in range(7):
        assert _refused(layout, with_byte(place, raw[place] ^ 0x20)) == "MALFORMED"
    for suite in (0, 3, 255):
        assert _refused(layout, with_byte(7, suite)) == "WRONG_SUITE"
        assert _refused(layout, with_byte(7, suite)[:9] + b"\x02" + raw[10:]) == "WRONG_SUITE"
        assert _refused(layout, with_byte(7, suite)[:TAG_BYTES]) == "WRONG_SUITE"
    for kind in {*range(10), 255} - {TAGS[layout]}:
        assert _refused(layout, with_byte(8, kind)) == "MALFORMED"
    for version in (0, 2, 255):
        assert _refused(layout, with_byte(9, version)) == "WRONG_VERSION"
        assert _refused(layout, with_byte(9, version) + b"\0") == "WRONG_VERSION"


@pytest.mark.requirement("T-2")
@given(st.binary(max_size=12))
def test_check_tag_takes_only_tags(data: bytes) -> None:
    for kind in TagType:
        with pytest.raises(MalformedError):
            check_tag(data, kind)
        for suite in SuiteNumber:
            assert check_tag(domain_tag(suite, kind) + data, kind) is suite


def test_a_layout_without_a_tag_is_never_signed() -> None:
    with pytest.raises(TypeError):
        CODECS["status"].unsigned(SuiteNumber.P256, {})


def test_a_list_needs_to_know_its_items() -> None:
    with pytest.raises(TypeError, match="needs a codec for its items"):
        Codec(ParametersBody, "parameters_body")

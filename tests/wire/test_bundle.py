"""Bundles as files: built in one order, read back, and neither cut nor altered unnoticed."""

from __future__ import annotations

import hashlib
import struct
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError, UsageError
from sealkit.wire import bundle as module
from sealkit.wire.bundle import Bundle, build_bundle, is_bundle, parse_bundle

_ITEM = st.binary(max_size=30)
_MAYBE = st.none() | _ITEM
_ITEMS = st.lists(_ITEM, max_size=4).map(tuple)
_NUMBERED = st.dictionaries(st.integers(0, 127), _ITEM, max_size=4)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _parse(data: bytes) -> Bundle:
    return parse_bundle(data, lambda suite: _digest)


def _file(*items: tuple[int, bytes]) -> bytes:
    """A file by chapter 17, made without the library; its closing digest holds."""
    body = b"SEALKITB\x01\x01"
    body += b"".join(struct.pack(">BH", kind, len(data)) + data for kind, data in items)
    body += struct.pack(">BI", 255, len(items))
    return body + _digest(body)


ORDER = (2, 1, 6, 5, 7, 3, 4, 8, 9, 10, 11, 12, 13)
ONCE = {1, 2, 6, 10, 11, 12, 13}


@pytest.mark.requirement("B-1")
@given(st.data())
def test_what_is_built_parses_back(data: st.DataObject) -> None:
    names = ["evidence", "seal_credential", "checkpoint", "verdict", "leaf", "inclusion"]
    digests = data.draw(st.dictionaries(st.integers(128, 255), st.binary(min_size=32, max_size=32)))
    bundle = Bundle(
        suite=data.draw(st.integers(0, 255)),
        **{name: data.draw(_MAYBE) for name in [*names, "tree_head"]},
        groups=tuple(sorted(data.draw(_NUMBERED).items())),
        group_digests=tuple(sorted(digests.items())),
        control=() if digests else data.draw(_ITEMS),
        journal=() if digests else data.draw(_ITEMS),
        earlier=data.draw(_ITEMS),
        credentials=data.draw(_ITEMS),
    )
    raw = build_bundle(_digest, bundle)
    assert is_bundle(raw)
    assert _parse(raw) == bundle


@pytest.mark.requirement("B-1")
@given(st.lists(st.tuples(st.sampled_from([*ORDER, 0, 14, 254]), _ITEM), max_size=5))
def test_items_stand_in_their_order_and_number(items: list[tuple[int, bytes]]) -> None:
    kinds = [kind for kind, _ in items]
    ordered = all(kind in ORDER for kind in kinds) and kinds == sorted(kinds, key=ORDER.index)
    repeated = any(kinds.count(kind) > 1 for kind in ONCE)
    with suppress(MalformedError):
        _parse(_file(*items))
        assert ordered
        assert not repeated


@pytest.mark.parametrize(
    "items",
    [
        [(8, b"e")] * 17,
        [(9, b"c")] * 17,
        [(1, bytes(2049))],
        [(10, bytes(32_769))],
        [(5, b"")],
        [(7, b"\x01" + bytes(31))],
        [(5, b"\x01"), (7, b"\x01" + bytes(32))],
        [(7, b"\x01" + bytes(32)), (3, b"record")],
        [(5, b"\x02"), (5, b"\x01")],
    ],
)
def test_what_no_bundle_holds_is_altered(items: list[tuple[int, bytes]]) -> None:
    with pytest.raises(MalformedError) as refused:
        _parse(_file(*items))
    assert refused.value.code == "BUNDLE_ALTERED"


def test_a_bundle_larger_than_any_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = _file((1, b"evidence"), (2, b""))[:-1]
    monkeypatch.setattr(module, "_FORM", replace(module._FORM, bytes_max=len(whole) - 1))
    with pytest.raises(MalformedError, match="larger than a bundle can be"):
        _parse(whole)


def test_an_item_that_is_too_long_is_not_built() -> None:
    with pytest.raises(UsageError) as refused:
        build_bundle(_digest, Bundle(1, evidence=bytes(2049)))
    assert refused.value.code == "VALUE_OUT_OF_RANGE"


@pytest.mark.requirement("X-3")
@given(st.binary(max_size=80))
def test_any_bytes_are_a_bundle_or_malformed(data: bytes) -> None:
    for start in (b"", b"SEALKITB\x01\x01"):
        with suppress(MalformedError):
            _parse(start + data)

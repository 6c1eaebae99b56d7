"""Export files: built in one order, read back, and neither cut nor altered unnoticed."""

from __future__ import annotations

import hashlib
import struct
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError
from sealkit.wire.export import EXPORT_MAX, build_export, is_export, may_be_export, parse_export

_EVIDENCE, _CREDENTIAL, _CONTROL, _JOURNAL, _GROUP, _CHECKPOINT, _END = 1, 2, 3, 4, 5, 6, 255
_ITEM = st.binary(max_size=30)
_GROUPS = st.dictionaries(st.integers(0, 255), _ITEM, max_size=4)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _file(*items: tuple[int, bytes], count: int | None = None, version: int = 1) -> bytes:
    """A file by chapter 12, made without the library; its closing digest holds."""
    body = b"SEALKITX" + bytes((version, 1))
    body += b"".join(struct.pack(">BH", kind, len(data)) + data for kind, data in items)
    body += struct.pack(">BI", _END, len(items) if count is None else count)
    return body + _digest(body)


WHOLE = _file(
    (_CREDENTIAL, b"credential"),
    (_EVIDENCE, b"evidence"),
    (_CHECKPOINT, b"checkpoint"),
    (_GROUP, b"\x01distance"),
    (_GROUP, b"\xc8vendor"),
    (_CONTROL, b"control 1"),
    (_CONTROL, b"control 2"),
    (_JOURNAL, b"journal 3"),
)


def _refused(data: bytes) -> MalformedError:
    with pytest.raises(MalformedError) as refused:
        parse_export(data)
    assert refused.value.remedy
    return refused.value


@pytest.mark.requirement("X-2")
@given(
    st.sampled_from([1, 2, 7]), _ITEM, st.none() | _ITEM, st.none() | _ITEM, _GROUPS,
    st.lists(_ITEM, max_size=4), st.lists(_ITEM, max_size=4),
)  # fmt: skip
def test_what_is_built_is_as_told_and_parses_back(
    suite: int,
    evidence: bytes,
    credential: bytes | None,
    checkpoint: bytes | None,
    groups: dict[int, bytes],
    control: list[bytes],
    journal: list[bytes],
) -> None:
    parts: dict[str, Any] = {
        "seal_credential": credential,
        "evidence": evidence,
        "checkpoint": checkpoint,
        "groups": tuple(sorted(groups.items())),
        "control": tuple(control),
        "journal": tuple(journal),
    }
    data = build_export(suite, _digest, **parts)
    assert is_export(data)
    export = parse_export(data)
    assert {name: getattr(export, name) for name in parts} == parts
    assert export.suite == suite
    assert export.closing_digest == _digest(data[: export.digested]) == data[-32:]
    assert export.digested == len(data) - 32


@pytest.mark.requirement("X-2")
def test_a_whole_file_has_its_items_in_their_order() -> None:
    export = parse_export(WHOLE)
    built = build_export(
        1,
        _digest,
        evidence=b"evidence",
        seal_credential=b"credential",
        checkpoint=b"checkpoint",
        groups=((1, b"distance"), (200, b"vendor")),
        control=(b"control 1", b"control 2"),
        journal=(b"journal 3",),
    )
    assert built == WHOLE
    export = parse_export(_file((_EVIDENCE, b"e")))
    assert (export.evidence, export.digested) == (b"e", 19)
    assert export.seal_credential is export.checkpoint is None
    assert export.groups == export.control == export.journal == ()


@pytest.mark.requirement("X-3")
def test_a_file_that_is_cut_anywhere_is_truncated() -> None:
    for size in range(len(WHOLE)):
        assert _refused(WHOLE[:size]).code == "EXPORT_TRUNCATED", size


@pytest.mark.requirement("X-3")
def test_bytes_after_the_end_are_told_as_such() -> None:
    for more in (b"\0", b"\xff", bytes(37), b"\xff" * 37, bytes(5000)):
        assert _refused(WHOLE + more).code == "EXPORT_TRUNCATED"


@pytest.mark.requirement("X-3")
def test_any_byte_changed_is_noticed_and_never_called_a_cut() -> None:
    for place in range(len(WHOLE)):
        for change in (0x01, 0x80, 0xFF):
            data = bytearray(WHOLE)
            data[place] ^= change
            try:
                export = parse_export(bytes(data))
            except MalformedError as error:
                code = error.code
            else:
                same = export.closing_digest == _digest(bytes(data[: export.digested]))
                code = "" if same else "EXPORT_ALTERED"
            if place == 8:
                assert code == "WRONG_VERSION"
            elif len(WHOLE) - 37 <= place < len(WHOLE) - 32:
                # Without its end a file cannot be told from one that was cut.
                assert code in ("EXPORT_ALTERED", "EXPORT_TRUNCATED")
            else:
                assert code == "EXPORT_ALTERED", (place, change)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_an_export_or_malformed(data: bytes, headed: bool) -> None:
    data = b"SEALKITX\x01\x01" + data if headed else data
    with suppress(MalformedError):
        assert parse_export(data).digested == len(data) - 32


@pytest.mark.requirement("X-2")
@pytest.mark.parametrize(
    ("items", "what"),
    [
        ([(_EVIDENCE, b"e"), (_EVIDENCE, b"e")], "only once"),
        ([(_CREDENTIAL, b"c"), (_CREDENTIAL, b"c"), (_EVIDENCE, b"e")], "only once"),
        ([(_EVIDENCE, b"e"), (_CHECKPOINT, b"c"), (_CHECKPOINT, b"c")], "only once"),
        ([(_EVIDENCE, b"e"), (_CREDENTIAL, b"c")], "out of its place"),
        ([(_CHECKPOINT, b"c"), (_EVIDENCE, b"e")], "out of its place"),
        ([(_EVIDENCE, b"e"), (_GROUP, b"\1"), (_CHECKPOINT, b"c")], "out of its place"),
        ([(_EVIDENCE, b"e"), (_CONTROL, b"c"), (_GROUP, b"\1")], "out of its place"),
        ([(_EVIDENCE, b"e"), (_JOURNAL, b"j"), (_CONTROL, b"c")], "out of its place"),
        ([(_EVIDENCE, b"e"), (_GROUP, b"\2"), (_GROUP, b"\1")], "out of its place"),
        ([(_EVIDENCE, b"e"), (_GROUP, b"\1"), (_GROUP, b"\1x")], "out of its place"),
        ([(_EVIDENCE, b"e"), (_GROUP, b"")], "empty"),
        ([(_EVIDENCE, b"e"), (0, b"")], "unknown kind 0"),
        ([(_EVIDENCE, b"e"), (7, b"")], "unknown kind 7"),
        ([(_EVIDENCE, b"e"), (254, b"")], "unknown kind 254"),
        ([(_EVIDENCE, bytes(2049))], "over 2048"),
    ],
)
def test_a_file_with_its_items_wrong_is_altered(items: list[tuple[int, bytes]], what: str) -> None:
    error = _refused(_file(*items))
    assert error.code == "EXPORT_ALTERED"
    assert what in error.message


@pytest.mark.requirement("X-2")
def test_a_file_without_evidence_is_read_for_the_verdict_to_tell() -> None:
    for items in ([], [(_CONTROL, b"c"), (_JOURNAL, b"j")]):
        assert parse_export(_file(*items)).evidence is None


@pytest.mark.requirement("X-1")
def test_the_count_is_compared() -> None:
    for count in (0, 2, 1 << 24):
        error = _refused(_file((_EVIDENCE, b"e"), count=count))
        assert error.code == "EXPORT_ALTERED"
        assert f"{count} items told, 1 found" in error.message


@pytest.mark.requirement("X-3")
def test_the_longest_item_is_taken() -> None:
    assert parse_export(_file((_EVIDENCE, bytes(2048)))).evidence == bytes(2048)


@pytest.mark.requirement("X-3")
def test_a_file_larger_than_any_export_is_refused_unread() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return EXPORT_MAX + 1

    assert _refused(Huge(WHOLE)).code == "EXPORT_ALTERED"


def test_another_version_is_told() -> None:
    for version in (0, 2):
        assert _refused(_file((_EVIDENCE, b"e"), version=version)).code == "WRONG_VERSION"


def test_what_an_export_begins_with_may_be_one() -> None:
    for size in range(len(WHOLE) + 1):
        assert may_be_export(WHOLE[:size])


def test_what_is_no_export_is_not_taken_for_one() -> None:
    for data in (b"SEALKIT\0", b"X", b"sealkitx\x01\x01", b"\x7fELF" + bytes(100)):
        assert not is_export(data)
        assert not may_be_export(data)
        assert _refused(data).code == "EXPORT_ALTERED"

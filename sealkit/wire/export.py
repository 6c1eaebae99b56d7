"""The export file: what a verifier needs, offline (SPEC.md 12)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sealkit.errors import MalformedError
from sealkit.wire.registry import ExportItemKind

MAGIC: Final = b"SEALKITX"
VERSION: Final = 1
EXPORT_MAX: Final = 1 << 30
"""Bytes of the largest file that is read: some four million records."""
_HEADER: Final = struct.Struct(">8sBB")
_ITEM: Final = struct.Struct(">BH")
_END: Final = struct.Struct(">BI32s")
_ITEM_MAX: Final = 2048
_REMEDY: Final = "Copy the file again from where it was written, or export the log again."


@dataclass(frozen=True, slots=True)
class Export:
    """The items of a file. `digested` is how many of its bytes `closing_digest` covers.

    evidence None: a file without one can be read, but there is nothing to judge (X-2).
    """

    suite: int
    seal_credential: bytes | None
    evidence: bytes | None
    checkpoint: bytes | None
    groups: tuple[tuple[int, bytes], ...]
    control: tuple[bytes, ...]
    journal: tuple[bytes, ...]
    digested: int
    closing_digest: bytes


def build_export(
    suite: int,
    digest: Callable[[bytes], bytes],
    *,
    evidence: bytes,
    seal_credential: bytes | None = None,
    checkpoint: bytes | None = None,
    groups: tuple[tuple[int, bytes], ...] = (),
    control: tuple[bytes, ...] = (),
    journal: tuple[bytes, ...] = (),
) -> bytes:
    """The file. `digest` is the suite's; items keep the order of X-2."""
    items: list[tuple[ExportItemKind, bytes]] = []
    if seal_credential is not None:
        items.append((ExportItemKind.SEAL_CREDENTIAL, seal_credential))
    items.append((ExportItemKind.EVIDENCE, evidence))
    if checkpoint is not None:
        items.append((ExportItemKind.CHECKPOINT, checkpoint))
    items += [(ExportItemKind.GROUP, bytes((number,)) + data) for number, data in groups]
    items += [(ExportItemKind.CONTROL_RECORD, record) for record in control]
    items += [(ExportItemKind.JOURNAL_RECORD, record) for record in journal]
    parts = [_HEADER.pack(MAGIC, VERSION, suite)]
    for kind, data in items:
        parts.append(_ITEM.pack(kind, len(data)))
        parts.append(data)
    parts.append(struct.pack(">BI", ExportItemKind.END, len(items)))
    body = b"".join(parts)
    return body + digest(body)


def is_export(data: bytes) -> bool:
    """Whether a file claims to be an export."""
    return data.startswith(MAGIC)


def _altered(where: int, what: str) -> MalformedError:
    return MalformedError("EXPORT_ALTERED", f"At byte {where} of the file: {what}.", _REMEDY)


def _cut_or_altered(data: bytes, where: int, what: str) -> MalformedError:
    """A file that still ends in an end was not cut: what led past it was altered (X-3)."""
    end = len(data) - _END.size
    if end >= _HEADER.size:
        kind, count, _ = _END.unpack_from(data, end)
        if kind == ExportItemKind.END and count * _ITEM.size <= end:
            return _altered(where, what)
    return MalformedError(
        "EXPORT_TRUNCATED", f"The file ends after {len(data)} bytes, {what}.", _REMEDY
    )


def _items(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Offset, kind and bytes of each item, the end last with its fields unread."""
    offset = _HEADER.size
    while True:
        if offset >= len(data):
            raise _cut_or_altered(data, offset, "before its closing item")
        if data[offset] == ExportItemKind.END:
            yield offset, ExportItemKind.END, data[offset:]
            return
        if offset + _ITEM.size > len(data):
            raise _cut_or_altered(data, offset, "inside the head of an item")
        kind, length = _ITEM.unpack_from(data, offset)
        if length > _ITEM_MAX:
            raise _altered(offset, f"an item of {length} bytes, over {_ITEM_MAX}")
        start = offset + _ITEM.size
        if start + length > len(data):
            raise _cut_or_altered(data, offset, "inside an item")
        yield offset, kind, data[start : start + length]
        offset = start + length


def parse_export(data: bytes) -> Export:
    """The items of a whole file; its digest is for the caller to check, who knows the suite.

    Errors: `MalformedError` EXPORT_TRUNCATED, EXPORT_ALTERED (with the offset), WRONG_VERSION.
    """
    if len(data) > EXPORT_MAX:
        raise _altered(EXPORT_MAX, "larger than any export")
    if not is_export(data) and not MAGIC.startswith(data):
        raise _altered(0, "not the first bytes of an export")
    if len(data) < _HEADER.size:
        raise _cut_or_altered(data, 0, "inside its head")
    _, version, suite = _HEADER.unpack_from(data)
    if version != VERSION:
        raise MalformedError(
            "WRONG_VERSION", f"The export is of version {version}.", "Update sealkit."
        )
    order = {
        ExportItemKind.SEAL_CREDENTIAL: 0,
        ExportItemKind.EVIDENCE: 1,
        ExportItemKind.CHECKPOINT: 2,
        ExportItemKind.GROUP: 3,
        ExportItemKind.CONTROL_RECORD: 4,
        ExportItemKind.JOURNAL_RECORD: 5,
    }
    found: list[list[bytes]] = [[] for _ in order]
    reached, count = 0, 0
    for offset, kind, item in _items(data):
        if kind == ExportItemKind.END:
            if len(item) < _END.size:
                raise _cut_or_altered(data, offset, "inside its closing item")
            if len(item) > _END.size:
                raise _cut_or_altered(data, offset, "with more after its closing item")
            _, told, closing = _END.unpack(item)
            if told != count:
                raise _altered(offset, f"{told} items told, {count} found")
            return Export(
                suite,
                found[0][0] if found[0] else None,
                found[1][0] if found[1] else None,
                found[2][0] if found[2] else None,
                tuple((group[0], group[1:]) for group in found[3]),
                tuple(found[4]),
                tuple(found[5]),
                offset + _END.size - 32,
                closing,
            )
        place = order.get(kind)  # type: ignore[call-overload]
        if place is None:
            raise _altered(offset, f"an item of unknown kind {kind}")
        if place < reached:
            raise _altered(offset, "an item out of its place")
        if place <= 2 and found[place]:
            raise _altered(offset, "an item that may stand only once")
        if place == 3 and not item:
            raise _altered(offset, "an empty parameter group")
        if place == 3 and found[3] and item[0] <= found[3][-1][0]:
            raise _altered(offset, "a parameter group out of its place")
        found[place].append(item)
        reached, count = place, count + 1
    raise AssertionError("the items end with the closing item")

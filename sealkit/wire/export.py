"""The export file: what a verifier needs, offline (SPEC.md 12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sealkit.wire.items import Form, ItemFile, ItemRule
from sealkit.wire.registry import ExportItemKind

EXPORT_MAX: Final = 1 << 30
"""Bytes of the largest file that is read: some four million records."""
_FORM: Final = Form(
    "an export",
    "EXPORT",
    b"SEALKITX",
    (
        ItemRule(ExportItemKind.SEAL_CREDENTIAL, 1),
        ItemRule(ExportItemKind.EVIDENCE, 1),
        ItemRule(ExportItemKind.CHECKPOINT, 1),
        ItemRule(ExportItemKind.GROUP, numbered=True),
        ItemRule(ExportItemKind.CONTROL_RECORD),
        ItemRule(ExportItemKind.JOURNAL_RECORD),
    ),
    EXPORT_MAX,
    "Copy the file again from where it was written, or export the log again.",
)


class Export(ItemFile):
    """A file read by the names of its items.

    evidence None: a file without one can be read, but there is nothing to judge (X-2).
    """

    __slots__ = ()

    @property
    def seal_credential(self) -> bytes | None:
        return self.only(ExportItemKind.SEAL_CREDENTIAL)

    @property
    def evidence(self) -> bytes | None:
        return self.only(ExportItemKind.EVIDENCE)

    @property
    def checkpoint(self) -> bytes | None:
        return self.only(ExportItemKind.CHECKPOINT)

    @property
    def groups(self) -> tuple[tuple[int, bytes], ...]:
        """Number and bytes of each."""
        return self.numbered(ExportItemKind.GROUP)

    @property
    def control(self) -> tuple[bytes, ...]:
        return self.all(ExportItemKind.CONTROL_RECORD)

    @property
    def journal(self) -> tuple[bytes, ...]:
        return self.all(ExportItemKind.JOURNAL_RECORD)


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
    items: list[tuple[int, bytes]] = []
    if seal_credential is not None:
        items.append((ExportItemKind.SEAL_CREDENTIAL, seal_credential))
    items.append((ExportItemKind.EVIDENCE, evidence))
    if checkpoint is not None:
        items.append((ExportItemKind.CHECKPOINT, checkpoint))
    items += [(ExportItemKind.GROUP, bytes((number,)) + data) for number, data in groups]
    items += [(ExportItemKind.CONTROL_RECORD, record) for record in control]
    items += [(ExportItemKind.JOURNAL_RECORD, record) for record in journal]
    return _FORM.build(suite, digest, items)


def is_export(data: bytes) -> bool:
    """Whether a file claims to be an export."""
    return _FORM.is_one(data)


def may_be_export(start: bytes) -> bool:
    """Whether a file that begins so is an export, or was until it was cut in its first 8 bytes."""
    return _FORM.may_be_one(start)


def parse_export(data: bytes) -> Export:
    """The items of a whole file; its digest is for the caller to check, who knows the suite.

    Errors: `MalformedError` EXPORT_TRUNCATED, EXPORT_ALTERED (with the offset), WRONG_VERSION.
    """
    return _FORM.parse(data, Export)

"""The evidence bundle: one file that convinces a third party, offline (SPEC.md 17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sealkit.wire.codec import Codec
from sealkit.wire.items import Form, ItemFile, ItemRule
from sealkit.wire.registry import STATION_VERDICT_MAX, BundleItemKind

BUNDLE_MAX: Final = 64 << 20
"""Bytes of the largest bundle that is read: some 300,000 records."""

EARLIER_MAX: Final = 16
CREDENTIALS_MAX: Final = 16
_KIND = BundleItemKind
_FORM: Final = Form(
    "a bundle",
    "BUNDLE",
    b"SEALKITB",
    (
        ItemRule(_KIND.SEAL_CREDENTIAL, 1),
        ItemRule(_KIND.EVIDENCE, 1),
        ItemRule(_KIND.CHECKPOINT, 1),
        ItemRule(_KIND.GROUP, numbered=True),
        ItemRule(_KIND.GROUP_DIGEST, numbered=True),
        ItemRule(_KIND.CONTROL_RECORD),
        ItemRule(_KIND.JOURNAL_RECORD),
        ItemRule(_KIND.EARLIER_EVIDENCE, EARLIER_MAX),
        ItemRule(_KIND.CREDENTIAL, CREDENTIALS_MAX),
        ItemRule(_KIND.VERDICT, 1, STATION_VERDICT_MAX),
        ItemRule(_KIND.LEDGER_LEAF, 1),
        ItemRule(_KIND.INCLUSION, 1, 8 + 64 * 32),
        ItemRule(_KIND.TREE_HEAD, 1),
    ),
    BUNDLE_MAX,
    "Copy the file again, or ask the station for the bundle again.",
)
_GROUP_DIGEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A proof of inclusion: index of the leaf, and the path, hash after hash (G-1)."""

    index: int
    path: bytes


INCLUSION = Codec(Inclusion, "bundle_inclusion")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The items of a bundle, as bytes; None or empty for what it does not hold.

    groups: number and bytes of those shown. group_digests: number and digest (32 bytes) of the
    others. earlier: evidence to compare with. credentials: of the station and its issuers. verdict:
    the station's, JSON. inclusion: index and path of the proof.
    """

    suite: int
    evidence: bytes | None = None
    seal_credential: bytes | None = None
    checkpoint: bytes | None = None
    groups: tuple[tuple[int, bytes], ...] = ()
    group_digests: tuple[tuple[int, bytes], ...] = ()
    control: tuple[bytes, ...] = ()
    journal: tuple[bytes, ...] = ()
    earlier: tuple[bytes, ...] = ()
    credentials: tuple[bytes, ...] = ()
    verdict: bytes | None = None
    leaf: bytes | None = None
    inclusion: bytes | None = None
    tree_head: bytes | None = None


def build_bundle(digest: Callable[[bytes], bytes], bundle: Bundle) -> bytes:
    """The file. `digest` is the suite's. Items keep the order of B-1."""
    contents: dict[BundleItemKind, tuple[bytes, ...]] = {
        _KIND.SEAL_CREDENTIAL: _at_most_one(bundle.seal_credential),
        _KIND.EVIDENCE: _at_most_one(bundle.evidence),
        _KIND.CHECKPOINT: _at_most_one(bundle.checkpoint),
        _KIND.GROUP: tuple(bytes((number,)) + data for number, data in bundle.groups),
        _KIND.GROUP_DIGEST: tuple(bytes((number,)) + data for number, data in bundle.group_digests),
        _KIND.CONTROL_RECORD: bundle.control,
        _KIND.JOURNAL_RECORD: bundle.journal,
        _KIND.EARLIER_EVIDENCE: bundle.earlier,
        _KIND.CREDENTIAL: bundle.credentials,
        _KIND.VERDICT: _at_most_one(bundle.verdict),
        _KIND.LEDGER_LEAF: _at_most_one(bundle.leaf),
        _KIND.INCLUSION: _at_most_one(bundle.inclusion),
        _KIND.TREE_HEAD: _at_most_one(bundle.tree_head),
    }
    items = ((kind, data) for kind, several in contents.items() for data in several)
    return _FORM.build(bundle.suite, digest, items)


def is_bundle(data: bytes) -> bool:
    """Whether a file claims to be an evidence bundle."""
    return _FORM.is_one(data)


def may_be_bundle(start: bytes) -> bool:
    """Whether a file that begins so is a bundle, or was until it was cut in its first 8 bytes."""
    return _FORM.may_be_one(start)


def parse_bundle(data: bytes, digest: Callable[[int], Callable[[bytes], bytes]]) -> Bundle:
    """The items of a whole file, whose closing digest holds.

    digest: gives the suite's by its number. Errors: `MalformedError` BUNDLE_TRUNCATED,
    BUNDLE_ALTERED, WRONG_VERSION, and those of `digest`.
    """
    file = _FORM.parse(data, ItemFile)
    if digest(file.suite)(data[: file.digested]) != file.closing_digest:
        raise _FORM.altered(file.digested, "a closing digest that does not fit")
    group_digests = file.numbered(_KIND.GROUP_DIGEST)
    groups = file.numbered(_KIND.GROUP)
    if any(len(value) != _GROUP_DIGEST_BYTES for _, value in group_digests):
        raise _FORM.altered(0, f"a group's digest that has not {_GROUP_DIGEST_BYTES} bytes")
    if dict(groups).keys() & dict(group_digests).keys():
        raise _FORM.altered(0, "a parameter group both shown and withheld")
    control, journal = file.all(_KIND.CONTROL_RECORD), file.all(_KIND.JOURNAL_RECORD)
    if group_digests and (control or journal):
        raise _FORM.altered(0, "a log beside parameter groups that are withheld")
    return Bundle(
        suite=file.suite,
        evidence=file.only(_KIND.EVIDENCE),
        seal_credential=file.only(_KIND.SEAL_CREDENTIAL),
        checkpoint=file.only(_KIND.CHECKPOINT),
        groups=groups,
        group_digests=group_digests,
        control=control,
        journal=journal,
        earlier=file.all(_KIND.EARLIER_EVIDENCE),
        credentials=file.all(_KIND.CREDENTIAL),
        verdict=file.only(_KIND.VERDICT),
        leaf=file.only(_KIND.LEDGER_LEAF),
        inclusion=file.only(_KIND.INCLUSION),
        tree_head=file.only(_KIND.TREE_HEAD),
    )


def _at_most_one(data: bytes | None) -> tuple[bytes, ...]:
    return () if data is None else (data,)

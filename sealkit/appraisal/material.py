"""What there is to judge, from a seal's answers or from an export file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sealkit.appraisal.verdict import Detail, Finding, finding
from sealkit.appraisal.words import same
from sealkit.crypto import get_suite
from sealkit.errors import MalformedError, UsageError
from sealkit.rules.supervision import MeterLook
from sealkit.wire.export import Export, parse_export
from sealkit.wire.tags import TAG_BYTES

_SUITE_OFFSET_FILE = 9
_SUITE_OFFSET_TAG = 7


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a bundle holds beside the seal's own: the ledger's entry and its proof, the station's
    verdict, the credentials of its signers, and other evidence of the same seal (B-4 to B-6).
    None of it is believed; it is compared with what the verifier finds itself."""

    others: tuple[bytes, ...] = ()
    credentials: tuple[bytes, ...] = ()
    verdict: bytes | None = None
    leaf: bytes | None = None
    inclusion: bytes | None = None
    tree_head: bytes | None = None


class Material(NamedTuple):
    """Bytes as they were received; None for what was not read.

    nonce: what the evidence has to answer, 32 bytes; None where none was asked. groups: numbers
    and bytes of the sealed set. meter_look: what the meter said when it was asked directly, None
    for no answer if meter_asked. as_of: the verdict holds as of the evidence's time. earlier:
    evidence of the same seal that was kept from before. group_digests: number and digest of groups
    that were withheld, and the log with them (B-3). vouched: what a station adds. found: what the
    reading itself brought to light.
    """

    evidence: bytes | None = None
    nonce: bytes | None = None
    seal_credential: bytes | None = None
    checkpoint: bytes | None = None
    groups: tuple[tuple[int, bytes], ...] = ()
    control: tuple[bytes, ...] = ()
    journal: tuple[bytes, ...] | None = None
    meter_asked: bool = False
    meter_look: MeterLook | None = None
    as_of: bool = False
    earlier: tuple[bytes, ...] = ()
    group_digests: tuple[tuple[int, bytes], ...] = ()
    vouched: Vouched | None = None
    found: tuple[Finding, ...] = ()

    @property
    def holds_as_of(self) -> bool:
        """Whether a verdict can hold only as of the evidence's time: also where no nonce was
        asked, since such evidence may be of any time (V-2)."""
        return self.as_of or self.nonce is None


def from_export(data: bytes) -> Material:
    """The material in an export file; what is wrong with the file is among its findings.

    A journal without records counts as read only if the evidence, too, tells of none.
    """
    try:
        export = parse_export(data)
    except MalformedError as error:
        code = error.code if error.code == "EXPORT_TRUNCATED" else "EXPORT_ALTERED"
        if error.code == "WRONG_VERSION":
            code = "SUITE_UNKNOWN"
        return Material(as_of=True, found=(finding(code, same(error.message)),))
    return Material(
        evidence=export.evidence,
        seal_credential=export.seal_credential,
        checkpoint=export.checkpoint,
        groups=export.groups,
        control=export.control,
        journal=export.journal or None,
        as_of=True,
        found=_check_closing(export, data),
    )


def _check_closing(export: Export, data: bytes) -> tuple[Finding, ...]:
    evidence = export.evidence or b""
    if len(evidence) >= TAG_BYTES and evidence[_SUITE_OFFSET_TAG] != export.suite:
        what = Detail(
            f"At byte {_SUITE_OFFSET_FILE}: the file says suite {export.suite}, its evidence"
            f" {evidence[_SUITE_OFFSET_TAG]}.",
            f"字节 {_SUITE_OFFSET_FILE}：文件套件 {export.suite} 与证据不符。",
        )
        return (finding("EXPORT_ALTERED", what),)
    try:
        suite = get_suite(export.suite)
    except UsageError as error:
        return (finding("SUITE_UNKNOWN", same(error.message)),)
    if suite.digest(data[: export.digested]) == export.closing_digest:
        return ()
    what = Detail(
        "The other findings say where; if there is none, it is in the closing digest, the last 32"
        f" bytes, from byte {export.digested}.",
        f"位置见其他结论；若无，则在自字节 {export.digested} 起的结尾摘要中。",
    )
    return (finding("EXPORT_ALTERED", what),)

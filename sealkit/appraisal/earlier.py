"""An earlier evidence of the same seal against what it says now: rolled back, or two histories.

One evidence says that a seal is well now; only a memory says that it is the same seal with the
same history. Here the memory is the evidence that a verifier kept (V-7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sealkit.appraisal.evidence import check_evidence
from sealkit.appraisal.log import Journal
from sealkit.appraisal.rising import fallen
from sealkit.appraisal.verdict import Detail, Findings, finding
from sealkit.crypto.suite import Suite
from sealkit.wire.evidence import Evidence
from sealkit.wire.records import RECORD_HEADER
from sealkit.wire.registry import CLOCK_ADJUST_MAX_S, ClockQuality

_SEQUENCE_FIELD: Final = 3  # of RECORD_HEADER


@dataclass(frozen=True, slots=True)
class Now:
    """What the seal says now: evidence, its key (65 bytes), and the log as far as it is here."""

    evidence: Evidence
    public_key: bytes
    control: Sequence[bytes]
    journal: Journal | None


def judge_earlier(suite: Suite, earlier: bytes, now: Now, findings: Findings) -> None:
    """Compares one earlier evidence with now.

    Of two evidences the later is the one with more records; where it is the earlier one that has
    more, the seal has gone back.
    """
    before, found = check_evidence(suite, earlier, public_key=now.public_key, nonce=None)
    if before is None or found or before.number != now.evidence.number:
        findings.add(finding("EARLIER_UNUSABLE"))
        return
    for fall in fallen(before, now.evidence):
        findings.add(finding("HISTORY_ROLLED_BACK", fall.told))
    for sequence, digest, now_digest in (
        (before.control_sequence, before.control_digest, _control_digest(suite, now, before)),
        (before.journal_sequence, before.journal_digest, _journal_digest(suite, now, before)),
    ):
        if now_digest is not None and now_digest != digest:
            what = Detail("It is another than it was.", "该记录与此前不同。")
            findings.add(finding("HISTORY_FORKED", what, record=sequence))


def judge_other(suite: Suite, other: bytes, now: Now, findings: Findings) -> None:
    """Compares evidence that somebody else put beside this one (B-5).

    Which is the earlier is not for them to say: whoever chose the order could else make an honest
    seal look set back.
    """
    found, wrong = check_evidence(suite, other, public_key=now.public_key, nonce=None)
    if found is None or wrong or _began(found, now.evidence):
        judge_earlier(suite, other, now, findings)
    else:
        later = Now(found, now.public_key, (), None)
        judge_earlier(suite, now.evidence.raw, later, findings)


def _began(one: Evidence, other: Evidence) -> bool:
    """Whether `one` is to be taken as the earlier of the two.

    It is if nothing in it is higher, since an honest seal only rises. But a seal that was set back
    goes on from there: what is lower in it has a clock that is ahead by more than orders can have
    moved it in between. Two of which neither is the lower contradict each other either way.
    """
    higher, lower = bool(fallen(one, other)), bool(fallen(other, one))
    if higher and lower:
        return one.clock <= other.clock
    ahead = one.clock - other.clock if lower else other.clock - one.clock
    is_known = one.clock_quality is other.clock_quality is ClockQuality.SET
    set_back = (higher or lower) and is_known and ahead > CLOCK_ADJUST_MAX_S
    return higher if set_back else not higher


_NOT_THERE: Final = b""


def _control_digest(suite: Suite, now: Now, before: Evidence) -> bytes | None:
    """What stands now where the control chain ended before; None if that is not known."""
    sequence = before.control_sequence
    if sequence == now.evidence.control_sequence:
        return now.evidence.control_digest
    if not now.control or sequence > now.evidence.control_sequence:
        return None
    held = (suite.digest(raw) for raw in now.control if _sequence(raw) == sequence)
    return next(held, _NOT_THERE)


def _journal_digest(suite: Suite, now: Now, before: Evidence) -> bytes | None:
    """What stands now where the journal ended before; None if that is not known."""
    sequence = before.journal_sequence
    if sequence == now.evidence.journal_sequence:
        return now.evidence.journal_digest
    held_after = now.evidence.base_sequence
    if now.journal is None or not held_after <= sequence < now.evidence.journal_sequence:
        return None
    if sequence == 0:
        return bytes(32)
    return now.journal.digest_of(suite, sequence) or _NOT_THERE


def _sequence(raw: bytes) -> int | None:
    if len(raw) < RECORD_HEADER.size:
        return None
    number: int = RECORD_HEADER.unpack_from(raw)[_SEQUENCE_FIELD]
    return number

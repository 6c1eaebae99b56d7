"""All that the ledger holds about one seal, as it was read at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sealkit.appraisal.material import Material
from sealkit.appraisal.verdict import Finding
from sealkit.crypto.suite import Suite
from sealkit.errors import UsageError
from sealkit.rules.parameters import parameter_root
from sealkit.station.history.biography import Biography, biography_of
from sealkit.station.history.comparing import Chain, Fork, all_forks, set_back
from sealkit.station.history.visits import Place
from sealkit.wire.evidence import Evidence
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import ClockQuality


@dataclass(frozen=True, slots=True)
class HeldEvidence:
    """An evidence in the ledger, and how it came. leaf: its place in the tree. fresh: it answered
    a nonce that was asked just then. credential, checkpoint: bytes that came with it."""

    leaf: int
    evidence: Evidence
    received: int
    submitter: str
    place: Place | None
    plate_seen: str | None
    fresh: bool
    credential: bytes
    checkpoint: bytes | None

    @property
    def moment(self) -> int | None:
        """When the seal said it, seconds since 1970: when it was received if it was asked for
        just then, else by the seal's clock; None if that was lost."""
        if self.fresh:
            return self.received
        lost = self.evidence.clock_quality is ClockQuality.LOST
        return None if lost else self.evidence.clock


@dataclass(frozen=True)
class Dossier:
    """seal: its row in the ledger. evidences: in the order of their leaves, at least one.

    control, journal: the graphs of all records, whose bytes stand in `contents` by digest;
    first_leaf: which evidence brought a control record first, by digest. groups: what was shown,
    by number, the newest last.
    """

    suite: Suite
    number: SealNumber
    seal: int
    evidences: tuple[HeldEvidence, ...]
    control: Chain
    journal: Chain
    contents: Mapping[bytes, bytes]
    first_leaf: Mapping[bytes, int]
    groups: tuple[tuple[int, bytes], ...]

    @property
    def latest(self) -> HeldEvidence:
        """The evidence that tells of now: the last by time, or by progress where times are lost
        or equal."""
        return self._by_time[-1]

    @cached_property
    def _by_time(self) -> list[HeldEvidence]:
        return sorted(
            self.evidences,
            key=lambda held: (
                held.moment if held.moment is not None else held.evidence.clock_floor,
                held.evidence.control_sequence,
                held.evidence.journal_sequence,
                held.evidence.pulses,
                held.leaf,
            ),
        )

    @cached_property
    def forks(self) -> tuple[Fork, ...]:
        """Where the seal's history parts."""
        told = [held.evidence for held in self.evidences]
        return tuple(all_forks(self.control, self.journal, told))

    def of_leaf(self, leaf: int) -> HeldEvidence:
        """The evidence at a leaf. Errors: `UsageError` EVIDENCE_UNKNOWN."""
        for held in self.evidences:
            if held.leaf == leaf:
                return held
        raise UsageError(
            "EVIDENCE_UNKNOWN",
            f"Seal {self.number} has no evidence at leaf {leaf}.",
            "List the seal's history.",
        )

    def whole_control(self, held: HeldEvidence) -> tuple[bytes, ...] | None:
        """The control chain from genesis to the head that this evidence signs; None if some of it
        is not here."""
        links, whole = self.control.back_from(held.evidence.control_digest)
        return tuple(self.contents[link.digest] for link in links) if whole else None

    def whole_journal(self, held: HeldEvidence) -> tuple[bytes, ...] | None:
        """The journal after the base that this evidence signs, likewise."""
        links, whole = self.journal.back_from(
            held.evidence.journal_digest, until=held.evidence.base_digest
        )
        return tuple(self.contents[link.digest] for link in links) if whole else None

    def biography(self, held: HeldEvidence | None = None) -> Biography:
        """The seal's life up to an evidence, by default the latest whose whole chain is here; as
        far as it is here without a gap."""
        held = held or next(filter(self._is_whole, reversed(self._by_time)), self.latest)
        head = held.evidence.control_digest
        if head not in self._lives:
            links, _ = self.control.back_from(head)
            told = (self.contents[link.digest] for link in links)
            self._lives[head] = biography_of(self.suite, told)
        return self._lives[head]

    @cached_property
    def _lives(self) -> dict[bytes, Biography]:
        return {}

    def _is_whole(self, held: HeldEvidence) -> bool:
        return self.control.back_from(held.evidence.control_digest)[1]

    def material(
        self, held: HeldEvidence | None = None, found: tuple[Finding, ...] = ()
    ) -> Material:
        """What there is to judge about an evidence, by default the latest. found: what the ledger
        found already."""
        held = held or self.latest
        control = self.whole_control(held)
        checkpoint = held.checkpoint if control is not None else None
        return Material(
            evidence=held.evidence.raw,
            seal_credential=held.credential,
            checkpoint=checkpoint,
            groups=self.signed_groups(held),
            control=control or (),
            journal=self.whole_journal(held),
            as_of=True,
            found=found,
        )

    def signed_groups(self, held: HeldEvidence | None = None) -> tuple[tuple[int, bytes], ...]:
        """The whole set that an evidence signs, by default the latest: from the log, or as it was
        shown; empty if it is not at hand."""
        held = held or self.latest
        for groups in (self.biography(held).groups, dict(self.groups)):
            if parameter_root(self.suite, groups) == held.evidence.parameter_root:
                return tuple(sorted(groups.items()))
        return ()

    def contradicting(self, held: HeldEvidence | None = None) -> tuple[HeldEvidence, ...]:
        """The other evidences that cannot stand in one life with this one, by default the latest:
        beside it in a bundle they prove the copy, or the memory that was set back (SPEC.md B-5)."""
        held = held or self.latest
        return tuple(
            other for other in self.evidences if other is not held and self._part(other, held)
        )

    def _part(self, one: HeldEvidence, other: HeldEvidence) -> bool:
        mine, theirs = one.evidence, other.evidence
        return (
            bool(set_back([mine, theirs]))
            or self.control.part(mine.control_digest, theirs.control_digest)
            or self.journal.part(mine.journal_digest, theirs.journal_digest)
        )
